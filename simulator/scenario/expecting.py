"""What a scenario expects, against what the gate said and the truth; on any clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.judging import ALARM, CLEARED, Heard, Judged, Said
from simulator.scenario.expectation import Expectation
from simulator.scenario.model import Scenario

DECIDED = "passage.decided"


@dataclass(frozen=True, slots=True)
class People:
    """`numbers`: of those who come, by their names; `lanes`: the gate's name of each lane of the
    scenario; `happened`: when the moments were that expectations name."""

    numbers: Mapping[str, int]
    lanes: Mapping[str, str]
    began: datetime
    happened: Mapping[str, datetime]

    def at(self, moment: datetime) -> str:
        """Since the start, as the report's timeline has it, and by the clock, as logs have it."""
        return f"{(moment - self.began).total_seconds():.1f} s ({moment:%H:%M:%S})"


def failures(scenario: Scenario, people: People, heard: Heard) -> list[str]:
    """What was expected and what was, of all but the report's figures."""
    return [text for e in scenario.expect for text in _Asked(people, heard).failures(e)]


def wrong_figures(scenario: Scenario, figures: Mapping[str, Any]) -> list[str]:
    """The same of the report's figures."""
    return [text for e in scenario.expect if e.figure for text in _figure(e, figures)]


def _figure(e: Expectation, figures: Mapping[str, Any]) -> Iterator[str]:
    value = figures.get(e.figure or "")
    if not isinstance(value, (int, float)):
        known = ", ".join(name for name, v in figures.items() if isinstance(v, (int, float)))
        yield f"the report has no figure {e.figure!r}; it has {known}"
    elif e.at_least is not None and value < e.at_least:
        yield f"{e.figure} is {value}, expected at least {e.at_least:g}"
    elif e.at_most is not None and value > e.at_most:
        yield f"{e.figure} is {value}, expected at most {e.at_most:g}"


@dataclass(frozen=True, slots=True)
class _Asked:
    people: People
    heard: Heard

    def failures(self, e: Expectation) -> Iterator[str]:
        if e.alarm is not None:
            yield from self._alarm(e, e.alarm)
        elif e.no_alarm is not None:
            raised = self._alarms(ALARM, e.no_alarm, e.lane, self.people.began)
            if raised:
                at = self.people.at(raised[0].at)
                yield f"expected no alarm {e.no_alarm}, and it came at {at}"
        elif e.recorded is not None:
            yield from self._recorded(e, e.recorded)
        elif e.crosses is not None:
            yield from self._crosses(e)
        elif e.admitted_by is not None:
            yield from self._admitted(e)
        elif e.never_opens_for is not None:
            one = self._judged(e.never_opens_for)
            if one is not None and one.admitted_by:
                yield f"expected that it never opens for {e.never_opens_for}; {self._became(one)}"
        elif e.reason is not None:
            reasons = self._reasons(e.who)
            if e.reason not in reasons:
                yield f"expected the reason {e.reason} for {e.who}, got {_listed(reasons)}"
        elif e.guided_to is not None:
            lanes = self._guided(e.who)
            if lanes != [self.people.lanes[e.guided_to]]:
                yield f"expected {e.who} to be sent to {e.guided_to}, he was to {_listed(lanes)}"
        elif e.customs is not None and self.heard.lacking:
            yield f"expected that customs holds all; it lacks {self.heard.lacking} events"
        elif e.nobody_crosses_unrecorded:
            for one in self.heard.by_number.values():
                if one.untold:
                    at = self.people.at(one.left)
                    who = f"{one.crossing.plate or 'no plate'} did at {at}"
                    yield f"expected that nobody crosses unrecorded; {who}"

    def _alarm(self, e: Expectation, code: str) -> Iterator[str]:
        start = self.people.began
        if e.after is not None:
            if e.after not in self.people.happened:
                yield f"expected the alarm {code} after {e.after!r}, which never was"
                return
            start = self.people.happened[e.after]
        if e.stands is not None:
            yield from self._stands(e, code, e.stands)
            return
        raised = self._alarms(ALARM, code, e.lane, start)
        within = timedelta(seconds=e.within_s) if e.within_s is not None else None
        if raised and (within is None or raised[0].at - start <= within):
            return
        since = f" after {e.after!r}" if e.after else ""
        in_time = f" within {e.within_s:g} s" if e.within_s is not None else ""
        got = sorted({str(a.data["code"]) for a in self._events(ALARM, e.lane, start)})
        late = f"; it came after {(raised[0].at - start).total_seconds():.1f} s" if raised else ""
        yield f"expected the alarm {code}{in_time}{since}; raised: {_listed(got)}{late}"

    def _stands(self, e: Expectation, code: str, moment: str) -> Iterator[str]:
        """Whether it was raised before that moment, and not cleared between."""
        at = self.people.happened.get(moment)
        if at is None:
            yield f"expected that the alarm {code} stands as {moment!r}, which never was"
            return
        began = self.people.began
        raised, cleared = (
            [a.at for a in self._alarms(type, code, e.lane, began) if a.at <= at]
            for type in (ALARM, CLEARED)
        )
        if not raised or (cleared and cleared[-1] >= raised[-1]):
            was = f"; cleared at {self.people.at(cleared[-1])}" if cleared else ""
            yield f"expected that the alarm {code} stands as {moment!r}; it did not{was}"

    def _alarms(self, type: str, code: str, lane: str, start: datetime) -> list[Said]:
        """Raised ones, or cleared ones."""
        return [a for a in self._events(type, lane, start) if a.data["code"] == code]

    def _events(self, type: str, lane: str, start: datetime) -> list[Said]:
        lanes = [self.people.lanes[lane]] if lane else list(self.people.lanes.values())
        return [
            e for e in self.heard.events
            if e.type == type and e.at >= start and (e.lane in lanes or e.lane == "gate")
        ]  # fmt: skip

    def _judged(self, who: str) -> Judged | None:
        return self.heard.by_number.get(self.people.numbers[who])

    def _recorded(self, e: Expectation, ways: list[str]) -> Iterator[str]:
        found = self.heard.ways.get(self.people.numbers[e.who], {})
        if not found.keys() & set(ways) or found.keys() - set(ways):
            got = _listed(sorted(found))
            yield f"expected {e.who} to be recorded as {_listed(ways)}, got {got}"

    def _crosses(self, e: Expectation) -> Iterator[str]:
        one = self._judged(e.who)
        if (one is not None) is not e.crosses:
            does = "crosses" if e.crosses else "does not cross"
            yield f"expected that {e.who} {does}; {self._became(one)}"
        elif one is not None and e.within_s is not None:
            took = (one.left - self.people.began).total_seconds()
            if took > e.within_s:
                yield f"expected {e.who} to cross within {e.within_s:g} s; it took {took:.1f} s"

    def _admitted(self, e: Expectation) -> Iterator[str]:
        one = self._judged(e.who)
        by = "nobody" if one is None or not one.admitted_by else (
            "gate" if one.admitted_by == "gate" else "person"
        )  # fmt: skip
        if by != e.admitted_by:
            yield f"expected {e.who} to be admitted by {e.admitted_by}; {self._became(one)}"

    def _reasons(self, who: str) -> list[str]:
        return list(dict.fromkeys(str(d.data["reason"]) for d in self._decisions(who)))

    def _guided(self, who: str) -> list[str]:
        """The lanes, as the gate calls them, to which he was sent."""
        lanes = [str(d.data.get("guided_to") or "") for d in self._decisions(who)]
        return list(dict.fromkeys(lane for lane in lanes if lane))

    def _decisions(self, who: str) -> list[Said]:
        """About him, by his pictures."""
        number = self.people.numbers[who]
        return [d for d in self.heard.events if d.type == DECIDED and number in self.heard.shown(d)]

    def _became(self, one: Judged | None) -> str:
        if one is None:
            return "he did not cross"
        at = self.people.at(one.left)
        if one.admitted_by:
            return f"he crossed at {at}, admitted by {one.admitted_by}"
        return f"he crossed at {at}, told by {one.told_by or 'nobody'}"


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "nothing"
