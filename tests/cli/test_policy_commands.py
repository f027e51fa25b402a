"""`gate policy`: what would be decided and why, and what another policy would have decided."""

import json
import time
from contextlib import closing
from datetime import timedelta

import pytest

from edge.config import JournalConfig
from edge.domain.events import PASSAGE_DECIDED, Event
from edge.sync.journal.journal import open_journal
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.system.clock import SystemClock
from tests.support.builders import NOON, a_configuration, an_assignment
from tests.support.command_line import gate

pytestmark = pytest.mark.timeout(300)

PASSAGES = 10_000

NIGHTS = """
name = "Weekends"
[rows.assigned]
otherwise = "as_is"
[[rows.assigned.when]]
verdict = "refer"
days = ["thu"]
from = "20:00"
to = "21:00"
[rows.not_declared]
otherwise = "refer"
"""


def a_decision(number):
    """Every tenth is not declared, one at a time, half a minute apart."""
    verdict, reason = ("refuse", "not_declared") if number % 10 == 0 else ("allow", "assigned")
    return {
        "passage": f"p{number}", "plate": f"24C{number:05}", "kind": "truck", "by": "gate",
        "verdict": verdict, "reason": reason, "row": reason if number % 2 else "",
        "mode": "automatic", "evidence": [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """10,000 passages, half of them from before rows were recorded; a list; a policy to try."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "gate.toml").write_text(a_configuration(), encoding="utf-8")
    (folder / "nights.toml").write_text(NIGHTS, encoding="utf-8")
    data = folder / "data"
    with closing(open_journal(data, JournalConfig(ballast_mb=0), "/s/g", SystemClock())) as journal:
        for first in range(0, PASSAGES, 500):
            journal.record(
                [
                    Event(PASSAGE_DECIDED, "out1", NOON + timedelta(seconds=30 * n), a_decision(n))
                    for n in range(first, first + 500)
                ]
            )
    ours = an_assignment(
        valid_from=NOON, valid_to=NOON + timedelta(days=9),
        clearances=[(a, "done") for a in ("border_guard", "customs", "quarantine", "yard")],
    )  # fmt: skip
    data.mkdir(exist_ok=True)
    with closing(AssignmentCache(data)) as cache:
        cache.merge([ours], True, "c", NOON)
    return folder


def policy(site, command, *more):
    return gate("policy", command, "--config", site / "gate.toml", *more)


def test_a_replay_names_each_passage_that_would_be_decided_otherwise_and_by_which_row(site):
    began = time.monotonic()
    done = policy(
        site, "replay", "--since", "2026-01-01", "--policy", site / "nights.toml", "--json"
    )
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert took < 60
    told = [json.loads(line) for line in done.stdout.splitlines()]
    by_row = {row: [t for t in told if t["row"] == row] for row in ("not_declared", "assigned")}
    # NOON is a Thursday, 15:00 at the gate; 20:00 to 21:00 are passages 600 to 719.
    assert {t["passage"] for t in by_row["not_declared"]} == {f"p{n}" for n in range(0, 10_000, 10)}
    assert {t["passage"] for t in by_row["assigned"]} == {
        f"p{n}" for n in range(600, 720) if n % 10
    }
    one = next(t for t in told if t["passage"] == "p601")
    assert one["was"] == {"verdict": "allow", "reason": "assigned"}
    assert one["would"] == {"verdict": "refer", "reason": "policy"}
    assert (one["plate"], one["rule"]) == ("24C00601", "rows.assigned.when.0")
    assert f"{PASSAGES} passages, {len(told)} of them" in done.stderr


def test_a_replay_begins_where_it_is_told(site):
    # As people at the gate write it, whatever the computer's own zone is.
    done = policy(site, "replay", "--since", "2026-01-18T10:00", "--policy", site / "nights.toml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2026-01-18T10:00:00+07:00  out1  24C08040")
    assert "refuse (not_declared) -> refer (not_declared), row not_declared" in done.stdout


def test_what_would_happen_is_told_with_row_rule_and_assignment(site):
    asked = ("--lane", "out1", "--plate", "24C-123.45", "--json")
    at = ("--at", "2026-01-15T20:30:00")
    said = json.loads(policy(site, "explain", *asked, *at).stdout)
    assert (said["verdict"], said["reason"], said["assignment"]) == ("allow", "assigned", "A1")
    tried = policy(site, "explain", *asked, *at, "--policy", site / "nights.toml")
    said = json.loads(tried.stdout)
    assert (said["verdict"], said["reason"]) == ("refer", "policy")
    assert said["held"][0]["rule"] == "rows.assigned.when.0"


def test_it_is_told_in_words_as_well(site):
    done = policy(
        site, "explain", "--lane", "out1", "--plate", "29C99999", "--at", "2026-01-15T12:00:00"
    )
    assert " at 2026-01-15T12:00:00+07:00: refuse, not_declared" in done.stdout
    assert ": no assignment names the plate: refuse\n" in done.stdout
    assert "by list, watch list and settings as they are now" in done.stdout


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--lane", "out9", "--plate", "24C12345"), "there is no such lane"),
        (("--lane", "out1", "--plate", "the red one"), "the plate is not understood"),
    ],
)
def test_what_cannot_be_explained_is_told_without_a_traceback(site, asked, told):
    done = policy(site, "explain", *asked)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_policy_is_refused_with_every_place(site):
    wrong = site / "wrong.toml"
    wrong.write_text("[rows.wrong_lane]\notherwise='allow'\n[rows.held]\n", encoding="utf-8")
    done = policy(site, "check", wrong)
    assert done.returncode == 2
    assert f"{wrong}: rows.wrong_lane.otherwise: wrong_lane may not be made to allow" in done.stderr
    assert f"{wrong}: rows.held: a hole" in done.stderr
    assert "whole; 3 rules" in policy(site, "check", site / "nights.toml").stdout


def test_nothing_counts_where_no_service_runs(site):
    done = policy(site, "activate", site / "nights.toml", "--reason", "order 12")
    assert done.returncode == 1
    assert "no service runs" in done.stderr
    assert "no policy was made to count" in policy(site, "show").stdout
