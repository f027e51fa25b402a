"""A code in place of a plate that cannot be read: never more than the policy says, and refused with
its reason where it does not count."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from edge.domain.facts import CodeSeen, VehicleArrived, VehicleCrossed, VehicleEntered, VehicleLost
from edge.domain.second_key import CodeRefusal
from edge.gate import second_keys
from edge.sync.journal.journal import FILE
from edge.sync.journal.restoring import restore
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.codes import Issuer
from tests.support.gate_twins import AUTHORITIES
from tests.support.governed_gate import GovernedGate

ADMITS = "[second_key]\nweight = 'admits'\nissuers = ['platform']\n"
SHOWN = "[second_key]\nweight = 'shown'\nissuers = ['platform']\n"
OFF = "[second_key]\nweight = 'off'\nissuers = ['platform']\n"


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def place(tmp_path, issuer):
    with closing(GovernedGate(tmp_path, find_key=issuer.find, issuers=["platform"])) as made:
        made.policy(ADMITS)
        yield made


def shows(place, code, source="scanner"):
    place.report(CodeSeen("out1", code, source))


def comes_unread(place):
    """Until a person would be asked."""
    place.guard.loop = True
    place.report(VehicleArrived("out1"), a_vehicle_seen(None))
    place.tick(6.5)
    place.report(a_vehicle_seen(None))


def told(place):
    return [(e["outcome"], e["why"]) for e in place.events("code.presented")]


def test_a_code_stands_for_a_plate_that_is_not_read_and_the_list_decides(place, issuer):
    comes_unread(place)
    assert place.lane.reason == "unread"
    shows(place, issuer.code())
    lane = place.lane
    assert (lane.verdict, lane.reason, lane.assignment) == ("allow", "second_key", "A1")
    assert place.authorised == ["authorise"]
    place.passes(lane.passage)
    (done,) = place.events("passage.completed")
    assert (done["plate"], done["assignment"], done["row"]) == ("", "A1", "assigned")
    assert (done["code"]["source"], done["code"]["refused"]) == ("scanner", "")
    assert told(place) == [("accepted", "")]


def test_a_plate_that_may_be_read_yet_has_its_time_first(place, issuer):
    place.guard.loop = True
    place.report(VehicleArrived("out1"), a_vehicle_seen(None))
    shows(place, issuer.code())
    assert place.authorised == []
    place.report(a_vehicle_seen(a_plate_view("29C99999")))
    assert (place.lane.verdict, place.lane.reason) == ("refuse", "not_declared")


@pytest.mark.parametrize("policy", [SHOWN, OFF])
def test_it_weighs_no_more_than_the_policy_says(place, issuer, policy):
    place.policy(policy)
    comes_unread(place)
    shows(place, issuer.code())
    assert (place.lane.reason, place.authorised) == ("unread", [])
    assert place.lane.code.refused == ("" if policy is SHOWN else "off")


def test_what_the_list_does_not_let_pass_a_code_does_not_either(place, issuer):
    place.assignment(state="held")
    comes_unread(place)
    shows(place, issuer.code())
    assert (place.lane.verdict, place.lane.reason) == ("refuse", "held")
    assert place.authorised == []


def test_it_says_nothing_against_a_row_that_the_chief_has_set(place, issuer):
    place.policy(ADMITS + "[rows.unread]\notherwise = 'refuse'\n")
    comes_unread(place)
    shows(place, issuer.code())
    assert (place.lane.verdict, place.lane.reason) == ("refuse", "unread")


def test_a_code_of_another_vehicle_than_the_plate_that_is_read_is_refused(place, issuer):
    place.comes("29C99999")
    shows(place, issuer.code())
    assert told(place) == [("refused", "other_vehicle")]
    assert (place.lane.reason, place.lane.code.refused) == ("not_declared", "other_vehicle")


def test_an_unsure_reading_that_is_likely_speaks_against_a_code_too(place, issuer):
    place.guard.loop = True
    likely = replace(a_plate_view("29C99999"), confidence=0.7, accepted=False)
    place.report(VehicleArrived("out1"), a_vehicle_seen(likely))
    place.tick(6.5)
    place.report(a_vehicle_seen(likely))
    shows(place, issuer.code())
    assert told(place) == [("refused", "other_vehicle")]
    assert place.authorised == []


def test_a_code_that_was_shown_before_the_other_plate_was_read_counts_no_more(place, issuer):
    comes_unread(place)
    shows(place, issuer.code())
    assert place.authorised == ["authorise"]
    place.report(a_vehicle_seen(a_plate_view("29C99999")))
    assert (place.lane.verdict, place.lane.reason) == ("refuse", "not_declared")
    assert "revoke" in [what for what, _ in place.guard.asked]


def test_one_that_has_admitted_a_vehicle_is_a_replay_for_the_next_also_after_a_restart(
    place, issuer
):
    code = issuer.code()
    comes_unread(place)
    shows(place, code)
    place.passes(place.lane.passage)
    place.tick(10)
    place.again()
    comes_unread(place)
    shows(place, code)
    assert told(place)[-1] == ("refused", "replayed")
    assert place.authorised == []


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda issuer: issuer.code(expires_in_s=-60), CodeRefusal.EXPIRED),
        (lambda issuer: issuer.code()[:-3] + "AAA", CodeRefusal.BAD_SIGNATURE),
        (lambda issuer: issuer.code().replace(":A1:", ":A2:"), CodeRefusal.BAD_SIGNATURE),
        (lambda issuer: issuer.code(issuer="somebody"), CodeRefusal.UNKNOWN_ISSUER),
        (lambda issuer: issuer.code(key="k9"), CodeRefusal.UNKNOWN_KEY),
        (lambda issuer: issuer.code("A9"), CodeRefusal.NOT_DECLARED),
        (lambda issuer: "8934567000123", CodeRefusal.MALFORMED),
        (lambda issuer: issuer.code() + "x" * 500, CodeRefusal.MALFORMED),
    ],
)
def test_what_does_not_count_is_refused_with_its_reason(place, issuer, made, why):
    comes_unread(place)
    shows(place, made(issuer))
    assert told(place) == [("refused", why.value)]
    assert (place.lane.code.refused, place.authorised) == (why.value, [])


def test_a_revoked_key_and_an_empty_lane(place, issuer):
    shows(place, issuer.code())
    assert told(place) == [("refused", "nobody")]
    issuer.revoked = "2026-01-15T07:00:00Z"
    comes_unread(place)
    shows(place, issuer.code(nonce="n0002"))
    assert told(place)[-1] == ("refused", "unknown_key")


def test_a_scanner_that_repeats_itself_is_heard_once(place, issuer):
    comes_unread(place)
    for _ in range(5):
        shows(place, issuer.code(expires_in_s=-60))
    assert told(place) == [("refused", "expired")]


def test_an_attendant_may_show_it_and_that_is_recorded(place, issuer):
    comes_unread(place)
    place.operations.show_code("out1", issuer.code(), "an")
    place.shell.gate.round()
    assert place.lane.code.source == "attendant"
    assert place.events("operator.acted")[-1]["action"] == "show_code"
    assert place.authorised == ["authorise"]


def altered(code):
    """The same signature, written with other bits where no byte needs them."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return code[:-1] + letters[letters.index(code[-1]) ^ 1]


def test_a_used_code_whose_signature_is_written_otherwise_is_no_new_one(place, issuer):
    comes_unread(place)
    code = issuer.code()
    shows(place, code)
    place.leaves()
    place.tick(10)
    comes_unread(place)
    shows(place, altered(code))
    assert told(place)[-1] == ("refused", "malformed")
    assert place.authorised == ["authorise"]


def test_a_used_code_is_a_replay_also_just_after_it_has_expired(place, issuer):
    """Within what the issuer's clock may differ it would count."""
    comes_unread(place)
    first = issuer.code(expires_in_s=30)
    shows(place, first)
    place.leaves()
    place.tick(10)
    place.clock.advance(25)
    comes_unread(place)
    shows(place, issuer.code(nonce="n0002"))
    place.leaves()
    place.tick(1)
    comes_unread(place)
    shows(place, first)
    assert told(place)[-1] == ("refused", "replayed")


DAY_S = 24 * 3600


@pytest.fixture
def held(tmp_path, issuer):
    """A gate whose clock a time server holds, wrongly at times."""
    with closing(
        GovernedGate(tmp_path, find_key=issuer.find, issuers=["platform"], trusted=lambda: True)
    ) as place:
        place.policy(ADMITS)
        yield place


def stands_there(place, code):
    """A vehicle that may pass, by a list of just now."""
    now, years = place.clock.now().wall, timedelta(days=1000)
    revision = place.book.items[0].revision + 1
    place.assignment(revision=revision, valid_from=now - years, valid_to=now + years)
    place.book = replace(place.book, as_of=now)
    comes_unread(place)
    shows(place, code)


def uses(place, code):
    stands_there(place, code)
    assert told(place)[-1] == ("accepted", "")
    assert place.lane.verdict == "allow"
    place.passes(place.lane.passage)
    place.tick(10)


@pytest.mark.parametrize(
    "jumps",
    [
        (30 * DAY_S, -30 * DAY_S),
        (-30 * DAY_S, 30 * DAY_S),
        (-600, 0),
        (30 * DAY_S, -60),
        (2 * DAY_S, -2 * DAY_S),
    ],
)
@pytest.mark.parametrize("restarts", ["", "far", "back", "far and back"])
@pytest.mark.parametrize("most", [0, 2, 10_000])
def test_a_used_code_stays_used_however_the_clock_is_set(
    held, issuer, monkeypatch, jumps, restarts, most
):
    """While it is far away other codes are used, and what is long past is forgotten."""
    monkeypatch.setattr(second_keys, "MOST_KEPT", most)
    first = issuer.code(expires_in_s=DAY_S)
    uses(held, first)
    for jump, name in zip(jumps, ("far", "back"), strict=True):
        held.clock.jump_wall(jump)
        if name in restarts:
            held.again()
        for n in range(3):
            now = held.clock.now().wall
            uses(held, issuer.code(nonce=f"{name}-{n}", expires_in_s=2 * DAY_S + n, now=now))
    stands_there(held, first)
    assert told(held)[-1] in (("refused", "replayed"), ("refused", "expired"))
    assert held.lane.verdict != "allow"


def test_after_a_clock_that_was_far_ahead_a_code_of_today_counts(held, issuer):
    uses(held, issuer.code(expires_in_s=DAY_S))
    held.clock.jump_wall(30 * DAY_S)
    for n in range(3):
        uses(held, issuer.code(nonce=f"far-{n}", now=held.clock.now().wall))
    held.clock.jump_wall(-30 * DAY_S)
    uses(held, issuer.code(nonce="today"))


def test_of_many_used_codes_those_of_long_ago_are_forgotten(held, issuer, monkeypatch):
    monkeypatch.setattr(second_keys, "MOST_KEPT", 2)
    for n in range(6):
        uses(held, issuer.code(nonce=f"n-{n:04d}", now=held.clock.now().wall))
        held.clock.advance(8 * DAY_S)
    held.again()
    uses(held, issuer.code(nonce="last", now=held.clock.now().wall))
    assert len(held.journal.states_under("code:")) == 3


def test_a_code_that_did_not_count_is_looked_at_again_when_it_is_shown_again(place, issuer):
    code = issuer.code("A2")
    comes_unread(place)
    shows(place, code)
    assert told(place) == [("refused", "not_declared")]
    place.assignment(id="A2")
    place.tick(second_keys.AGAIN_S + 1)
    shows(place, code)
    assert told(place)[1:] == [("accepted", "")]
    assert (place.lane.verdict, place.lane.assignment) == ("allow", "A2")
    # What counts already says nothing anew.
    place.tick(second_keys.AGAIN_S + 1)
    shows(place, code)
    assert len(told(place)) == 2


def test_one_that_is_refused_for_another_reason_by_now_is_told_with_that(place, issuer):
    code = issuer.code("A2", expires_in_s=60)
    comes_unread(place)
    for later, why in ((0, "not_declared"), (100, "expired"), (10, "expired")):
        place.tick(later)
        shows(place, code)
        assert told(place)[-1] == ("refused", why)
        assert place.lane.code.refused == why
    assert place.authorised == []


@pytest.mark.parametrize("disk", ["the same", "a new one"])
def test_after_an_older_backup_a_code_is_for_a_person_until_a_policy_is_made_to_count(
    place, issuer, disk
):
    file, copy = place.folder / FILE, place.folder / "copy.db"
    place.journal.backup(copy)
    code = issuer.code()
    uses(place, code)
    place.journal.close()
    if disk == "a new one":
        file.unlink()
    restore(copy, file)
    place.open()
    for _ in range(2):
        stands_there(place, code)
        assert told(place)[-1] == ("refused", "restored")
        assert (place.lane.reason, place.lane.code.refused) == ("unread", "restored")
        assert place.authorised == []
        place.leaves()
        place.tick(10)
        place.again()
    place.policy(ADMITS)
    uses(place, issuer.code(nonce="n0002"))
    place.again()
    uses(place, issuer.code(nonce="n0003"))


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda issuer: issuer.code(expires_in_s=-60), CodeRefusal.EXPIRED),
        (lambda issuer: issuer.code("A9"), CodeRefusal.NOT_DECLARED),
    ],
)
def test_after_a_backup_what_does_not_count_anyhow_says_so(place, issuer, made, why):
    copy = place.folder / "copy.db"
    place.journal.backup(copy)
    place.journal.close()
    restore(copy, place.folder / FILE)
    place.open()
    comes_unread(place)
    shows(place, made(issuer))
    assert told(place)[-1] == ("refused", why)


def test_a_code_that_does_not_count_takes_nothing_from_one_that_does(place, issuer):
    comes_unread(place)
    shows(place, issuer.code())
    assert place.lane.verdict == "allow"
    for bad in ("8934567000123", issuer.code(expires_in_s=-60), issuer.code("A9")):
        shows(place, bad)
    assert (place.lane.verdict, place.lane.code.assignment) == ("allow", "A1")
    assert [what for what, _ in place.guard.asked if what == "revoke"] == []
    assert [why for _, why in told(place)] == ["", "malformed", "expired", "not_declared"]


def test_a_copied_code_does_not_count_while_its_vehicle_stands_in_another_lane(tmp_path, issuer):
    with closing(GovernedGate(tmp_path, issuer.find, ["platform"], {"out2": "Lane 2"})) as place:
        place.policy(ADMITS)
        place.comes(lane="out2")
        comes_unread(place)
        shows(place, issuer.code())
        assert told(place) == [("refused", "elsewhere")]
        assert place.lane.verdict == "refer"


def declares_two(place):
    cleared = {"clearances": [(a, "done") for a in AUTHORITIES]}
    place.book = a_book(an_assignment(**cleared), an_assignment("29C11111", id="A2", **cleared))


def test_two_codes_of_different_assignments_at_one_vehicle_are_a_doubt_for_a_person(place, issuer):
    declares_two(place)
    comes_unread(place)
    shows(place, issuer.code())
    assert place.authorised == ["authorise"]
    shows(place, issuer.code("A2", nonce="n0002"))
    lane = place.lane
    assert (lane.verdict, lane.reason, lane.detail) == ("refer", "several_codes", "A1, A2")
    assert (lane.waiting, lane.code.assignment, lane.code.other) == (True, "A1", "A2")
    assert [what for what, _ in place.guard.asked] == ["authorise", "revoke"]
    assert told(place) == [("accepted", ""), ("accepted", "")]
    decided = place.events("passage.decided")[-1]
    assert (decided["code"]["assignment"], decided["code"]["other"]) == ("A1", "A2")
    # To show the first one once more settles nothing; a plate that is surely read does.
    shows(place, issuer.code())
    assert place.lane.reason == "several_codes"
    place.report(a_vehicle_seen(a_plate_view()))
    assert (place.lane.verdict, place.lane.reason) == ("allow", "assigned")


def test_two_codes_of_one_assignment_are_no_doubt(place, issuer):
    comes_unread(place)
    shows(place, issuer.code())
    shows(place, issuer.code(nonce="n0002"))
    assert (place.lane.verdict, place.lane.code.other) == ("allow", "")
    assert [what for what, _ in place.guard.asked] == ["authorise"]


def test_a_code_that_is_shown_while_one_passes_is_not_his_and_counts_once_the_next_stands_there(
    place, issuer
):
    declares_two(place)
    comes_unread(place)
    shows(place, issuer.code())
    first = place.lane.passage
    place.report(VehicleEntered("out1", first), VehicleLost("out1", "t1"))
    second = issuer.code("A2", nonce="n0002")
    shows(place, second)
    assert told(place)[-1] == ("refused", "nobody")
    assert place.events("code.presented")[-1]["passage"] == ""
    place.report(VehicleCrossed("out1", first))
    (done,) = place.events("passage.completed")
    assert (done["assignment"], done["code"]["assignment"]) == ("A1", "A1")
    place.report(VehicleArrived("out1"), a_vehicle_seen(None, track="t2"))
    shows(place, second)
    assert told(place)[-1] == ("accepted", "")


def test_a_code_is_not_that_of_the_track_which_takes_the_place_of_its_vehicle(place, issuer):
    comes_unread(place)
    shows(place, issuer.code())
    assert place.lane.verdict == "allow"
    place.report(VehicleLost("out1", "t1"), a_vehicle_seen(None, track="t2"))
    assert (place.lane.verdict, place.lane.code) == ("", None)
    assert [what for what, _ in place.guard.asked] == ["authorise", "revoke"]
    # Who is the same all the same shows it once more.
    place.tick(6.5)
    shows(place, issuer.code())
    assert place.lane.reason == "second_key"
