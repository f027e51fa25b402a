"""Who was admitted and who was told of, against the truth: the figures of every report."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from edge.domain.moment import iso
from simulator.fast.outcome import told_by_a_span
from simulator.judging import Said, judge, of_nobody, said
from simulator.world import Crossing

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def a_crossing(plate="A", entered=0.0, assigned=True, order=1):
    return Crossing(
        plate, "truck", 1, assigned, "", None, None, entered, entered + 6, 1, order, True
    )


def a_record(entered=0.0, verdict="allow", by="gate", passage="p1"):
    when = iso(at(entered)) if entered is not None else ""
    data = {"verdict": verdict, "by": by, "passage": passage, "entered_at": when}
    return Said("passage.completed", "out1", at((entered or 0) + 7), data)


def an_alarm(code, seconds):
    return Said("alarm.raised", "out1", at(seconds), {"code": code})


def acted(action, seconds):
    return Said("operator.acted", "out1", at(seconds), {"action": action})


def of(crossings, *events):
    return judge(crossings, events, at)


def test_one_admission_admits_the_one_who_entered_when_the_record_says():
    first, second = of([a_crossing(), a_crossing("B", 8.0)], a_record(0.3))
    assert (first.admitted_by, first.passage) == ("gate", "p1")
    assert second.unadmitted
    assert second.untold


def test_one_told_as_he_is_half_way_through_is_not_the_next_one_close_behind_him():
    two = [a_crossing("A", 0.0), replace(a_crossing("B", 6.5), number=2)]
    records = (a_record(4.8, "", "", "p1"), a_record(11.3, "", "", "p2"))
    assert [one.passage for one in of(two, *records)] == ["p1", "p2"]


def test_a_record_that_names_nobody_is_of_whom_its_pictures_show():
    """The service was away: the admitted one was through, and another is under the arm."""
    two = [a_crossing(""), replace(a_crossing("B", 8.0), number=2)]
    data = {"verdict": "allow", "by": "operator:lan", "passage": "p1", "plate": ""}
    shown = {**data, "observed": False, "evidence": ["6-105.jpg"]}
    record = Said("passage.completed", "out1", at(45.0), shown)
    first, second = judge(two, [record], at, {"6-105.jpg": 1})
    assert (first.admitted_by, second.admitted_by) == ("operator:lan", "")
    nobody, last = judge(two, [record], at)
    assert (nobody.admitted_by, last.admitted_by) == ("", "operator:lan")


def test_an_alarm_tells_of_one_vehicle_alone():
    two = [a_crossing(), a_crossing("B", 2.0), a_crossing("C", 4.0)]
    _, second, third = of(two, a_record(), an_alarm("tailgate", 3.0))
    assert (second.told_by, second.untold) == ("tailgate", False)
    assert third.untold


def test_an_alarm_beside_a_record_of_the_same_vehicle_tells_of_no_other():
    two = [a_crossing(), a_crossing("B", 8.0)]
    unidentified = a_record(0.2, verdict="")
    first, second = of(two, unidentified, an_alarm("passage_unidentified", 7.0))
    assert first.told_by == "passage.completed"
    assert second.untold


def test_an_alarm_that_comes_long_after_a_record_tells_of_the_next_one():
    """Half a minute later at the same lane another alarm is another vehicle's."""
    two = [a_crossing(), a_crossing("B", 12.0)]
    alarms = (an_alarm("passed_unadmitted", 7.0), an_alarm("tailgate", 20.0))
    first, second = of(two, a_record(0.2, verdict="refuse"), *alarms)
    assert (first.told_by, second.told_by) == ("passage.completed", "tailgate")


def test_a_record_without_an_admission_tells_and_admits_nobody():
    (one,) = of([a_crossing()], a_record(verdict="refuse"))
    assert one.unadmitted
    assert not one.untold


def test_what_only_asks_a_person_to_look_names_nobody():
    (one,) = of([a_crossing()], an_alarm("passage_unfinished", 3.0), an_alarm("left_open", 3.0))
    assert one.untold


def test_the_gates_own_decision_is_wrong_where_the_truth_says_no_and_a_persons_is_not_the_gates():
    wrong, right = a_crossing(assigned=False), a_crossing("B", 20.0, assigned=False)
    first, second = of([wrong, right], a_record(), a_record(20.0, by="operator:lan", passage="p2"))
    assert first.wrongly_opened
    assert not second.wrongly_opened
    assert not second.unadmitted


def test_of_two_who_go_through_at_once_the_record_admits_the_one_it_names():
    both = [a_crossing("RIDER", 0.2, assigned=False), a_crossing("A", 3.0)]
    record = a_record(0.3)
    named = Said(record.type, record.lane, record.at, {**record.data, "plate": "A"})
    first, second = of(both, named, an_alarm("tailgate", 3.5))
    assert first.told_by == "tailgate"
    assert second.admitted_by == "gate"


def test_a_crossing_that_nobody_watched_belongs_to_the_record_that_follows_it():
    (one,) = of([a_crossing()], a_record(None))
    assert one.admitted_by == "gate"


def test_an_alarm_that_the_gate_was_away_tells_of_all_who_passed_meanwhile():
    three = [a_crossing(), a_crossing("B", 8.0), a_crossing("C", 12.0)]
    first, second, third = of(three, a_record(0.1), an_alarm("passage_unobserved", 20.0))
    assert first.admitted_by == "gate"
    assert second.told_by == third.told_by == "passage_unobserved"


def test_a_persons_order_admits_one_and_a_hold_admits_all():
    three = [a_crossing("A", 5.0), a_crossing("B", 15.0), a_crossing("C", 25.0)]
    assert [j.admitted_by for j in of(three, acted("open", 0))] == ["order", "", ""]
    held = of(three, acted("hold_open", 0), acted("release", 20))
    assert [j.admitted_by for j in held] == ["order", "order", ""]
    assert [j.admitted_by for j in of(three, acted("hold_open", 10))] == ["", "order", "order"]


def test_the_record_of_one_who_came_in_on_a_persons_order_is_his():
    """The gate would have kept him out, and says so; a person opened, and the figure is his."""
    records = [a_record(0.2, verdict="refuse")]
    judged = of([a_crossing()], acted("open", -4), *records)
    assert [(j.admitted_by, j.by_order, j.passage) for j in judged] == [("order", True, "p1")]
    assert of_nobody(judged, records) == []


def test_behind_one_on_a_persons_order_a_tailgater_has_a_record_of_his_own():
    records = [a_record(0.2, verdict="refuse"), a_record(3.0, verdict="", passage="p2")]
    first, second = of([a_crossing(), a_crossing("B", 3.0)], acted("open", -4), *records)
    assert (first.admitted_by, first.passage) == ("order", "p1")
    assert (second.admitted_by, second.passage, second.untold) == ("", "p2", False)


def test_a_command_from_outside_that_was_carried_out_is_an_order_and_a_refused_one_is_none():
    def handled(outcome, issuer="platform"):
        data = {"action": "open", "outcome": outcome, "issuer": issuer}
        return Said("command.handled", "out1", at(-1), data)

    assert [j.admitted_by for j in of([a_crossing()], handled("done"))] == ["order"]
    assert of([a_crossing()], handled("refused"))[0].unadmitted
    both = [a_crossing(), a_crossing("B", 3.0)]
    once = of(both, acted("open", -1), handled("done", "operator:lan"))
    assert [j.admitted_by for j in once] == ["order", ""]


def test_a_record_of_a_passage_that_nobody_made_is_found():
    records = [a_record(0.2), a_record(30.0, verdict="", passage="p2")]
    judged = of([a_crossing()], *records)
    assert [r.data["passage"] for r in of_nobody(judged, records)] == ["p2"]


def test_cloud_events_are_understood():
    (event,) = said(
        [{
            "type": "bordergate.alarm.raised.v1", "subject": "out1", "time": iso(NOON),
            "data": {"code": "x"},
        }]
    )  # fmt: skip
    assert event == Said("alarm.raised", "out1", NOON, {"code": "x"})


def test_a_tailgater_who_is_recorded_when_the_first_is_through_is_told():
    """Bumper to bumper he is half way by then."""
    (one,) = of([a_crossing()], a_record(5.0, verdict=""))
    assert one.told_by == "passage.completed"


def test_an_admission_is_nobodys_who_came_under_the_arm_long_before_it():
    (one,) = of([a_crossing()], a_record(5.0))
    assert one.untold


def away(since, until, before="open", found="closed", lane="out1"):
    data = {
        "device": "service", "state": "live", "away_since": iso(at(since)),
        "away_until": iso(at(until)), "arm_before": before, "arm": found,
    }  # fmt: skip
    return Said("device.state", lane, at(until), data)


def test_who_passes_while_the_service_is_away_is_told_by_the_span_if_the_arm_was_not_down():
    one = [a_crossing()]
    assert of(one, away(-3.0, 9.0))[0].told_by == "device.state"
    assert of(one, away(-3.0, 9.0, "closed", "open"))[0].told_by == "device.state"
    assert of(one, away(-3.0, 9.0, "closed", "closed"))[0].untold
    assert of(one, away(1.0, 9.0))[0].untold
    assert of(one, away(-9.0, -1.0))[0].untold


def test_who_entered_before_the_service_went_is_not_told_by_the_span():
    (one,) = of([a_crossing()], away(-3.0, 9.0))
    assert told_by_a_span(one, nobody_saw=True) == one
    assert told_by_a_span(one, nobody_saw=False).untold
    (told,) = of([a_crossing()], a_record(verdict="refuse"))
    assert told_by_a_span(told, nobody_saw=False) == told


def test_a_camera_that_is_live_again_tells_of_nobody():
    live = Said("device.state", "out1", at(1.0), {"device": "camera", "state": "live", "why": ""})
    assert of([a_crossing()], live)[0].untold


def test_a_record_is_not_of_who_drives_under_the_arm_only_after_it():
    """He who came under the arm over a start and went back comes again."""
    before = a_record(None, passage="p0")
    unseen = Said(
        before.type, before.lane, at(-9), {**before.data, "plate": "A", "observed": False}
    )
    mine = a_record(0.1)
    named = Said(mine.type, mine.lane, mine.at, {**mine.data, "plate": "A"})
    (one,) = of([a_crossing()], unseen, named)
    assert one.passage == "p1"


def named(plate, record):
    return Said(record.type, record.lane, record.at, {**record.data, "plate": plate})


def test_a_record_that_names_its_vehicle_is_not_lost_to_one_that_names_nobody():
    """The first of two tailgaters is told when the one before him is through: near the second."""
    both = [a_crossing("B"), a_crossing("C", 6.0)]
    first = a_record(3.8, verdict="", passage="p1")
    second = named("C", a_record(6.3, verdict="refuse", passage="p2"))
    told = of(both, first, second)
    assert [one.passage for one in told] == ["p1", "p2"]
    assert of_nobody(told, [first, second]) == []


def test_a_record_within_a_crossing_that_names_another_is_not_his():
    (one,) = of([a_crossing("24C12345")], named("29C11111", a_record(5.0, verdict="")))
    assert one.untold
    for read in ("24C12346", ""):
        (one,) = of([a_crossing("24C12345")], named(read, a_record(5.0, verdict="")))
        assert one.told_by == "passage.completed"


def test_a_record_whose_plate_is_misread_by_a_character_is_of_that_vehicle_and_not_of_the_next():
    """The first of two tailgaters is told when the one before him is through: near the second."""
    both = [a_crossing("24C12345"), a_crossing("29H67890", 6.0)]
    first = named("24C12346", a_record(3.8, verdict="", passage="p1"))
    second = named("29H67890", a_record(6.3, verdict="refuse", passage="p2"))
    assert [one.passage for one in of(both, first, second)] == ["p1", "p2"]
    (told, untold) = of(both, first)
    assert (told.passage, untold.untold) == ("p1", True)


def test_a_plate_misread_as_much_of_two_vehicles_leaves_it_to_the_time():
    both = [a_crossing("24C12345"), a_crossing("24C12347", 6.0)]
    between = named("24C12346", a_record(5.0, verdict=""))
    assert [one.told_by for one in of(both, between)] == ["", "passage.completed"]
    nearer = named("24C12348", a_record(3.8, verdict=""))
    assert [one.told_by for one in of([both[0], a_crossing("24C12399", 6.0)], nearer)] == [
        "passage.completed", "",
    ]  # fmt: skip


def test_a_misread_plate_is_not_his_whose_own_record_names_him():
    both = [a_crossing("24C12345"), a_crossing("24C12346", 6.0)]
    right = named("24C12346", a_record(6.3, verdict="refuse", passage="p2"))
    wrong = named("24C12347", a_record(0.3, verdict="", passage="p1"))
    assert [one.passage for one in of(both, wrong, right)] == ["p1", "p2"]
