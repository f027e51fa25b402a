"""The gate's settings: one frozen class per section, units in the names, unknown keys refused.

Read from one TOML file. Relative paths are relative to that file's folder, except `data_folder`'s
children. Every mistake is told with file, key and cure, all at once (`ConfigError`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
"""Site, gate, lane and consumer names: they stand in MQTT topics and file names."""


class ConfigError(Exception):
    """The file cannot be used; `problems` holds one line per mistake."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.file = file
        self.problems = problems


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CameraConfig(Section):
    """`source`: an http(s):// MJPEG or rtsp:// address, or a video file. `zone`: the part of the
    picture that belongs to this lane, [x1, y1, x2, y2] as fractions 0..1; vehicles whose box centre
    lies outside are not this lane's. `stop_line`: where a vehicle's lower edge (fraction of the
    height) counts as being at the barrier. `loop`: play a file again and again."""

    source: str
    zone: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    stop_line: float = Field(0.5, ge=0, le=1)
    max_frames_per_s: float = Field(10.0, gt=0, le=60)
    stall_after_s: float = Field(5.0, gt=0)
    loop: bool = True

    @model_validator(mode="after")
    def _zone_in_picture(self) -> CameraConfig:
        x1, y1, x2, y2 = self.zone
        if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
            raise ValueError(
                "zone must be [x1, y1, x2, y2] with 0 <= x1 < x2 <= 1 and the same for y"
            )
        return self


class VisionConfig(Section):
    """`accept`: the probability from which a reading counts as sure (None: the shipped threshold).
    `detector`/`reader`: own weights instead of the shipped ones."""

    detector: Path | None = None
    reader: Path | None = None
    accept: float | None = Field(None, gt=0, lt=1)
    threads: int = Field(2, ge=1, le=16)
    evidence_days: int = Field(30, ge=1)


class SerialWire(Section):
    """A serial line with Modbus RTU boards."""

    kind: Literal["serial"] = "serial"
    port: str
    baud: int = Field(9600, ge=1200, le=115200)


class TcpWire(Section):
    """Modbus TCP."""

    kind: Literal["tcp"]
    host: str
    port: int = Field(502, ge=1, le=65535)


class LcusWire(Section):
    """A USB relay that speaks LCUS (CH340): no answer, no pulse of its own, no inputs. For the
    bench only: its lane must say `bench = true`."""

    kind: Literal["lcus"]
    port: str
    baud: int = Field(9600, ge=1200, le=115200)


class MqttWire(Section):
    """The site's broker with covers (Home Assistant, ESPHome) or Tasmota relays on it."""

    kind: Literal["mqtt"]
    host: str
    port: int = Field(1883, ge=1, le=65535)
    username: str = ""
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None


class IsapiWire(Section):
    """A Hikvision camera or controller that drives barriers, one a `channel`.
    `answer_s`: must be below the lanes' `fresh_s`."""

    kind: Literal["isapi"]
    url: str = Field(pattern=r"^https?://")
    username: str = "admin"
    password_file: Path
    ca_file: Path | None = None
    answer_s: float = Field(0.4, ge=0.1, le=5)


class GpioWire(Section):
    """Dry contacts on this computer's own pins; channels are line offsets of the chip."""

    kind: Literal["gpio"]
    chip: str = "/dev/gpiochip0"


Wire = Annotated[
    SerialWire | TcpWire | LcusWire | MqttWire | IsapiWire | GpioWire, Field(discriminator="kind")
]

OUTPUTS = ("open", "close", "stop", "green", "red", "siren")
INPUTS = (
    "entry_loop",
    "safety_loop",
    "photocell",
    "limit_open",
    "limit_closed",
    "stop",
    "fire",
    "manual_open",
    "mute",
)


class CoverConfig(Section):
    """An MQTT cover's topics and payloads. Its states open and closed stand in for limit switches
    that `inputs` does not name."""

    command: str
    state: str
    availability: str
    open: str = "OPEN"
    close: str = "CLOSE"
    stop: str = "STOP"
    online: str = "online"


class TasmotaConfig(Section):
    """A Tasmota device by its topic; `outputs` are its relays (POWER1 is 1)."""

    topic: str = Field(pattern=r"^[^/#+]+$")


class BarrierConfig(Section):
    """`wire` names an entry of [wires]. `board`: a profile in edge/barrier/boards or a file's path.
    `outputs`/`inputs`: which channel (from 1) does what; outputs: open, close, stop, green, red,
    siren; inputs: entry_loop, safety_loop, photocell, limit_open, limit_closed, stop, fire,
    manual_open, mute.
    `inputs_wire`: where the inputs (and the lamps of a cover or a camera) are, when `wire` has
    none. `channel`: the barrier of an ISAPI device. `inverted`: inputs that are normally closed.
    `bench`: consent to a wire that is only for the bench. `never_closes`: the gate opens and
    somebody else closes (no safety input). `siren_s`: how long the siren sounds at most. `trace`:
    record the wire into this file. Times in seconds."""

    wire: str
    board: str = "waveshare"
    address: int = Field(1, ge=0, le=255)
    outputs: dict[str, int] = Field(
        default_factory=lambda: {"open": 1, "close": 2, "green": 3, "red": 4}
    )
    inputs: dict[str, int] = Field(
        default_factory=lambda: {
            "entry_loop": 1,
            "safety_loop": 2,
            "photocell": 3,
            "limit_open": 4,
            "limit_closed": 5,
            "stop": 6,
        }
    )
    inverted: tuple[str, ...] = ("stop",)
    pulse_s: float = Field(0.5, ge=0.2, le=1.0)
    dead_time_s: float = Field(0.5, ge=0.1, le=10)
    travel_s: float = Field(3.0, ge=0.5, le=20)
    travel_margin_s: float = Field(3.0, ge=0.5, le=20)
    fresh_s: float = Field(0.5, ge=0.1, le=5)
    quiet_gap_s: float = Field(0.3, ge=0.05, le=2)
    clear_before_close_s: float = Field(2.0, ge=0.2, le=60)
    entry_timeout_s: float = Field(60.0, ge=5, le=3600)
    retries: int = Field(1, ge=0, le=3)
    watchdog_s: float = Field(2.0, ge=0.5, le=30)
    open_on_fire: bool = True
    inputs_wire: str = ""
    channel: int = Field(1, ge=1)
    bench: bool = False
    never_closes: bool = False
    cover: CoverConfig | None = None
    tasmota: TasmotaConfig | None = None
    siren_s: float = Field(10.0, ge=1, le=120)
    trace: Path | None = None

    @model_validator(mode="after")
    def _channels(self) -> BarrierConfig:
        for key, known, given in (
            ("outputs", OUTPUTS, self.outputs),
            ("inputs", INPUTS, self.inputs),
        ):
            strange = [name for name in given if name not in known]
            if strange:
                raise ValueError(f"{key}: no {strange[0]!r}; known: {', '.join(known)}")
            twice = _twice(given)
            if twice:
                raise ValueError(f"{key}: {twice} share a channel; give each its own")
        strange = [name for name in self.inverted if name not in INPUTS]
        if strange:
            raise ValueError(f"inverted: no input {strange[0]!r}; known: {', '.join(INPUTS)}")
        return self


class AlphaDisplay(Section):
    """An LED sign that speaks the Alpha protocol, on a serial port of its own."""

    kind: Literal["alpha"]
    port: str
    baud: int = Field(9600, ge=1200, le=115200)
    language: Literal["vi", "en", "zh"] = "vi"


class MqttDisplay(Section):
    """A text topic at the broker that `wire` names."""

    kind: Literal["mqtt"]
    wire: str
    topic: str = Field(pattern=r"^[^#+]+$")
    language: Literal["vi", "en", "zh"] = "vi"


Display = Annotated[AlphaDisplay | MqttDisplay, Field(discriminator="kind")]


def _twice(channels: dict[str, int]) -> str:
    """Two names on one channel, or ""."""
    seen: dict[int, str] = {}
    for name, channel in channels.items():
        if channel in seen:
            return f"{seen[channel]} and {name}"
        seen[channel] = name
    return ""


class LaneConfig(Section):
    """`offline_hold_s`: how long the last fetched assignments may decide without the platform.
    `read_wait_s`: how long a vehicle at the barrier may stay unread before a person is asked."""

    name: str = ""
    direction: Literal["export", "import"]
    camera: CameraConfig
    barrier: BarrierConfig
    display: Display | None = None
    read_wait_s: float = Field(6.0, gt=0)
    offline_hold_s: float = Field(4 * 3600.0, ge=0)
    clearances_needed: tuple[str, ...] | None = None


class ConsumerConfig(Section):
    """A receiver of events. `acknowledges`: "application" (by `.../ack`) or "broker" (PUBACK)."""

    name: Name
    acknowledges: Literal["application", "broker"] = "application"


class CustomsConfig(Section):
    """The MQTT broker of customs. `version` auto falls back to 3.1.1 where the broker refuses 5.
    `dots_in_topics` false writes `plate-read` for `plate.read` (NATS before 2.10 allows no dot)."""

    host: str
    port: int = Field(1883, ge=1, le=65535)
    version: Literal["5", "3.1.1", "auto"] = "auto"
    dots_in_topics: bool = True
    username: str = ""
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    consumers: tuple[ConsumerConfig, ...] = (ConsumerConfig(name="customs"),)
    window: int = Field(100, ge=1, le=2000)
    ack_timeout_s: float = Field(10.0, gt=0)


class OAuthConfig(Section):
    token_url: str
    client_id: str
    client_secret_file: Path
    scope: str = ""


class PlatformConfig(Section):
    """The digital border-gate platform, over HTTP."""

    kind: Literal["http"] = "http"
    url: str = Field(pattern=r"^https?://")
    wait_s: int = Field(25, ge=0, le=60)
    poll_pause_s: float = Field(1.0, ge=0)
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    oauth: OAuthConfig | None = None


class FolderPlatformConfig(Section):
    """A platform that is only a folder: `assignments.json` or `.csv` in it, passages out of it.
    A new list is taken up when it has not changed for `settle_s`."""

    kind: Literal["folder"]
    folder: Path
    look_every_s: float = Field(5.0, ge=0.1, le=300)
    settle_s: float = Field(3.0, ge=0.0, le=60)


def _platform_kind(value: object) -> str:
    """Without a word it is HTTP."""
    if isinstance(value, dict):
        return str(value.get("kind", "http"))
    return str(getattr(value, "kind", "http"))


Platform = Annotated[
    Annotated[PlatformConfig, Tag("http")] | Annotated[FolderPlatformConfig, Tag("folder")],
    Discriminator(_platform_kind),
]


class JournalConfig(Section):
    """`max_mb` caps the database below the disk; `ballast_mb` is freed when the disk is full."""

    max_mb: int = Field(2048, ge=8)
    ballast_mb: int = Field(32, ge=0)
    keep_days: int = Field(365, ge=1)


class ConsoleConfig(Section):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    cert_file: Path | None = None
    key_file: Path | None = None
    session_hours: float = Field(12.0, gt=0)
    language: Literal["vi", "en", "zh"] = "vi"


class IssuerConfig(Section):
    """Who may send signed commands, and which."""

    name: Name
    actions: tuple[Literal["open", "close", "hold_open", "release", "lock", "unlock"], ...]
    lanes: tuple[str, ...] = ()


def wiring_problems(wires: dict[str, Wire], barriers: dict[str, BarrierConfig]) -> Iterator[str]:
    """What cannot be as wired, each with its key and cure."""
    known = ", ".join(wires) or "none"
    used: dict[tuple[str, int, str, int], str] = {}
    for lane, barrier in barriers.items():
        key = f"lanes.{lane}.barrier"
        missing = False
        for name, where in (("wire", barrier.wire), ("inputs_wire", barrier.inputs_wire)):
            if where not in wires and (where or name == "wire"):
                yield f"{key}.{name}: no wire {where!r} under [wires]; known: {known}"
                missing = True
        if missing:
            continue
        wire = wires[barrier.wire]
        yield from (f"{key}{problem}" for problem in _lane_problems(wire, barrier, wires))
        named = isinstance(wire, MqttWire | IsapiWire)
        board = barrier.inputs_wire if named else barrier.wire
        taken = [("input", barrier.inputs_wire or barrier.wire, c) for c in barrier.inputs.values()]
        taken += [
            ("output", board, c)
            for n, c in barrier.outputs.items()
            if not (named and n in ("open", "close", "stop"))
        ]
        for kind, place, channel in taken:
            slot = (place, barrier.address, kind, channel)
            other = used.setdefault(slot, lane)
            if other != lane and place and isinstance(wires[place], SerialWire | TcpWire):
                yield (
                    f"{key}.address: board {barrier.address} at {place}: {kind} {channel} already "
                    f"belongs to lane {other}; give it another address or channel"
                )
                break


def _lane_problems(wire: Wire, barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[str]:
    if isinstance(wire, LcusWire) and not barrier.bench:
        yield (
            ".bench: an LCUS relay keeps its contact closed when the gate dies; it is for the "
            "bench only: write bench = true there, or wire a board with flash-on"
        )
    if isinstance(wire, MqttWire) and (barrier.cover is None) == (barrier.tasmota is None):
        yield ": an MQTT wire needs either a [cover] or a [tasmota] section below the barrier"
    if isinstance(wire, IsapiWire) and wire.answer_s >= barrier.fresh_s:
        yield f".fresh_s: must be more than the wire's answer_s ({wire.answer_s:g} s)"
    if barrier.inputs_wire:
        where = wires[barrier.inputs_wire]
        if not isinstance(where, SerialWire | TcpWire | GpioWire):
            yield f".inputs_wire: a {where.kind} wire has no inputs; use serial, tcp or gpio"
    sensed = barrier.inputs_wire or isinstance(wire, SerialWire | TcpWire | GpioWire)
    safe = sensed and {"safety_loop", "photocell"} & set(barrier.inputs)
    drives = isinstance(wire, MqttWire | IsapiWire) or "close" in barrier.outputs
    if drives and not safe and not barrier.never_closes:
        yield (
            ".inputs: close is wired without a safety input; wire safety_loop or photocell (on "
            "inputs_wire where the wire has no inputs), or say never_closes = true"
        )


class Settings(Section):
    """The whole file."""

    site: Name
    gate: Name
    data_folder: Path = Path("data")
    authorities: tuple[str, ...] = ("border_guard", "customs", "quarantine", "yard")
    wires: dict[str, Wire]
    lanes: dict[Name, LaneConfig]
    vision: VisionConfig = VisionConfig()
    customs: CustomsConfig | None = None
    platform: Platform | None = None
    journal: JournalConfig = JournalConfig()
    console: ConsoleConfig = ConsoleConfig()
    issuers: tuple[IssuerConfig, ...] = ()

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Settings:
        if not self.lanes:
            raise ValueError("at least one lane is needed: [lanes.<name>]")
        problems = list(wiring_problems(self.wires, {n: c.barrier for n, c in self.lanes.items()}))
        for name, lane in self.lanes.items():
            shown = lane.display
            named = self.wires.get(shown.wire) if isinstance(shown, MqttDisplay) else None
            if isinstance(shown, MqttDisplay) and not isinstance(named, MqttWire):
                problems.append(
                    f"lanes.{name}.display.wire: {shown.wire!r} is no mqtt wire under [wires]"
                )
        if problems:
            raise ValueError("; ".join(problems))
        return self


def load(file: Path) -> Settings:
    """Reads and checks the file; raises ConfigError with every mistake found."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            file, [f"{file}: no such file; copy config/site.example.toml and adapt it"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(file, [f"{file}: cannot be read: {error}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, [f"{file}: not valid TOML: {error}"]) from None
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(file, [_line(file, problem) for problem in error.errors()]) from None
    return _anchored(settings, file.resolve().parent)


def _line(file: Path, problem: object) -> str:
    """One mistake as `file: key: reason (cure)`."""
    assert isinstance(problem, dict)
    place = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
    kind, given = problem["type"], problem.get("input")
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        reason = "unknown key; remove it or correct its spelling (`gate config keys` lists all)"
    elif kind == "missing":
        reason = "missing; add it"
    elif not isinstance(given, dict | list):
        reason = f"{reason} (found {given!r})"
    return f"{file}: {place}: {reason}"


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with every relative path made absolute from the file's folder."""

    def walk(value: object) -> object:
        if isinstance(value, Path):
            return value if value.is_absolute() else folder / value
        if isinstance(value, BaseModel):
            changed = {name: walk(getattr(value, name)) for name in type(value).model_fields}
            return value.model_copy(update=changed)
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(walk(item) for item in value)
        return value

    anchored = walk(settings)
    assert isinstance(anchored, Settings)
    lanes = {}
    for name, lane in anchored.lanes.items():
        source = lane.camera.source
        if "://" not in source and not Path(source).is_absolute():
            camera = lane.camera.model_copy(update={"source": str(folder / source)})
            lane = lane.model_copy(update={"camera": camera})
        lanes[name] = lane
    return anchored.model_copy(update={"lanes": lanes})
