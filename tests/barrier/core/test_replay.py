"""A recorded wire goes before the core as it went before the guard's."""

from dataclasses import replace

import pytest

from edge.barrier.core.replay import decisions
from tests.support.barrier import lane_play

WIRED = frozenset({"safety_loop", "limit_open", "limit_closed"})
CLOSED = {"safety_loop": False, "limit_open": False, "limit_closed": True}
EVERY_S = 0.08

LIMITS = replace(lane_play.LIMITS, fresh_s=0.45)


def reading(asked, at, beside):
    """One reading; beside a guard with the step that its core took."""
    step = {"t": at, "step": "read", "asked": asked}
    return [{"t": at, "inputs": CLOSED}, *([step] if beside else [])]


def phases(entries):
    lines = decisions(entries, "out1", LIMITS, WIRED)
    return [line["phase"] for line in lines if "phase" in line]


def recorded(answered_s, beside):
    """An arm that is down, one answer that takes so long, and good ones again."""
    entries = [e for n in range(1, 21) for e in reading(n * EVERY_S, n * EVERY_S, beside)]
    asked, at = 21 * EVERY_S, 21 * EVERY_S + answered_s
    entries += reading(asked, at, beside)
    for n in range(1, 11):
        entries += reading(at + n * EVERY_S, at + n * EVERY_S, beside)
    return entries


def test_a_guard_that_waited_for_an_answer_did_nothing_meanwhile():
    nearly = LIMITS.fresh_s - 0.01
    assert phases(recorded(nearly, beside=True)) == ["closed"]
    assert phases(recorded(nearly, beside=False))[:2] == ["closed", "unread"]


def test_an_answer_that_was_too_old_for_the_guard_is_so_in_the_replay():
    assert phases(recorded(LIMITS.fresh_s + 0.01, beside=True))[:2] == ["closed", "unread"]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"step": "lost"}, ["wire_lost"]),
        ({"step": "stalled", "stood": 2.0}, ["stalled"]),
        ({"step": "missed"}, []),
        ({"step": "time"}, []),
    ],
    ids=["lost", "stalled", "missed", "time"],
)
def test_each_step_of_the_guard_is_taken_in_the_replay(step, told):
    entries = recorded(0.0, beside=True)
    entries += [{"t": 4.0, "missed": "no answer"}, {"t": 4.0, **step}]
    lines = list(decisions(entries, "out1", LIMITS, WIRED))
    alarms = [line for line in lines if line.get("told") == "GuardAlarm" and line["active"]]
    assert [line["code"] for line in alarms] == told
    if step["step"] == "lost":
        assert alarms[0]["params"] == {"why": "no answer"}
    assert phases(entries) == ["closed", "unread"]
