"""What is likelier wrong than right: it stands for nobody's plate, and decides about nobody's."""

from edge.domain.facts import (
    OperatorDecided,
    Ticked,
    VehicleArrived,
    VehicleCrossed,
    VehicleEntered,
)
from edge.lane.effects import Record, Remember, Spend
from tests.support.builders import a_plate_view, a_vehicle_seen
from tests.support.lane_play import Play


def hardly_read(confidence):
    """A vehicle that waits for a person, read as the declared one and hardly so."""
    play = Play()
    view = a_plate_view(confidence=confidence, accepted=False)
    play(VehicleArrived("out1"), a_vehicle_seen(view))
    play(Ticked(), after=7)
    return play


def admits(play, plate="", version=None):
    seen = play.lane.passage.version if version is None else version
    return play(OperatorDecided("out1", "p1", True, plate, "papers checked", "lan", seen))


def passes(play):
    return play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))


def test_a_person_who_types_no_plate_spends_no_assignment_of_a_text_that_is_likely_wrong():
    play = hardly_read(0.01)
    admits(play)
    effects = passes(play)
    (done,) = play.recorded("passage.completed")
    assert (done["plate"], done["assignment"]) == ("", "")
    assert not [e for e in effects if isinstance(e, Spend | Remember)]


def test_a_person_who_types_the_plate_spends_its_assignment():
    play = hardly_read(0.01)
    admits(play, plate="24C12345")
    effects = passes(play)
    assert Spend("A1") in effects
    assert Remember(("24C12345",), "export") in effects


def test_a_likely_text_that_the_person_saw_counts_as_he_saw_it():
    play = hardly_read(0.6)
    admits(play)
    assert Spend("A1") in passes(play)


def test_who_passed_unadmitted_and_hardly_read_is_no_journey_of_the_declared_vehicle():
    play = hardly_read(0.01)
    effects = play(VehicleEntered("out1", None), VehicleCrossed("out1", None))
    assert not [e for e in effects if isinstance(e, Remember)]


def test_a_reading_below_a_fifth_is_told_nowhere():
    play = hardly_read(0.01)
    told = [e.data for e in play.effects if isinstance(e, Record)]
    assert told
    assert "24C12345" not in repr(told)


def test_a_doubtful_reading_is_told_with_how_sure_it_is():
    assert hardly_read(0.3).recorded("plate.read")[-1]["confidence"] == 0.3


def test_a_persons_word_stands_while_texts_that_he_is_not_shown_change():
    play = hardly_read(0.3)
    seen = play.lane.passage.version
    for n in range(10):
        other = a_plate_view("24C1234" + "58"[n % 2], confidence=0.3, accepted=False)
        play(a_vehicle_seen(other), after=0.2)
    admits(play, plate="24C12345", version=seen)
    assert Spend("A1") in passes(play)


def test_a_persons_word_falls_when_the_text_that_he_is_shown_changes():
    play = hardly_read(0.6)
    seen = play.lane.passage.version
    play(a_vehicle_seen(a_plate_view("24C12348", confidence=0.6, accepted=False)))
    assert admits(play, version=seen) == []
