"""An MQTT cover by the conventions of Home Assistant and ESPHome.

The cover reports its state (open, opening, closed, closing, stopped) and its availability. The age
of a state is unknown if it was retained before we connected, or reported before the device last
came back: the arm is then at neither end. The cover has no safety input; without another wire that
has one, the guard never closes it. It does not answer commands: its state shows that the arm moves.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.barrier.boards.lane_part import LanePart
from edge.barrier.wires.mqtt import MqttLine
from edge.barrier.wires.port import Answered, NoAnswer
from edge.config import BarrierConfig, CoverConfig, MqttWire
from edge.system.causes import cause

LONGEST_WORD = 40
"""Maximum characters of the device's own text that are shown to people."""

STATES = {"limit_open": "open", "limit_closed": "closed"}


class MqttCover:
    """Implements port.BoardDriver."""

    def __init__(self, line: MqttLine, cover: CoverConfig) -> None:
        self._line = line
        self._cover = cover
        self._words = {"open": cover.open, "close": cover.close, "stop": cover.stop}
        line.listen(cover.state)
        line.listen(cover.availability)

    def __repr__(self) -> str:
        return f"<MqttCover {self._cover.command} at {self._line.place}>"

    @property
    def asked_at(self) -> None:
        return None

    def read_inputs(self) -> dict[str, bool]:
        back_at = self._present()
        heard = self._line.newest(self._cover.state)
        current = heard is not None and not heard.retained and heard.at >= back_at
        state = heard.text if heard is not None and current else ""
        return {name: state == word for name, word in STATES.items()}

    def read_outputs(self) -> dict[str, bool]:
        return {}

    def pulse(self, output: str, seconds: float) -> bool:
        self._present()
        self._line.publish(self._cover.command, self._words[output])
        return True

    def set(self, output: str, on: bool) -> bool:
        """A cover's commands end when they are sent: there is nothing to release."""
        return True

    def tend(self, now: float) -> Sequence[Answered]:
        return ()

    def _present(self) -> float:
        """Since when the device is there (0: before we came). Raises NoAnswer or WireGone."""
        self._line.check()
        reported = self._line.newest(self._cover.availability)
        if reported is None or reported.text != self._cover.online:
            word = cause("nothing") if reported is None else repr(reported.text[:LONGEST_WORD])
            raise NoAnswer(
                cause(
                    "wire.cover_absent",
                    place=self._line.place,
                    topic=self._cover.availability,
                    word=word,
                    online=repr(self._cover.online),
                )
            )
        return 0.0 if reported.retained else reported.since


def line(wire: MqttWire, lanes: Sequence[BarrierConfig]) -> MqttLine:
    return MqttLine(wire.host, wire.port, wire.username, wire.password_file, wire.tls, wire.ca_file)


def board(line: MqttLine, part: LanePart) -> MqttCover:
    assert part.barrier.cover is not None
    return MqttCover(line, part.barrier.cover)
