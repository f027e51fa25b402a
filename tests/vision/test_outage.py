"""When it is told why a camera gives no pictures."""

from edge.system.causes import cause
from edge.vision.outage import ANEW, Outage


def quiet(seconds):
    return cause("camera.quiet", place="rtsp://192.0.2.7/1", seconds=seconds)


def answers(code):
    why = cause("camera.answers", code=code)
    return cause("at", place="http://192.0.2.7/1", why=why)


def test_it_is_told_as_it_begins_and_as_it_ends():
    outage = Outage()
    assert [outage.due("", 0.0), outage.due("", 1.0), outage.due(quiet(5.0), 6.0)] == [
        True,
        False,
        True,
    ]
    assert [outage.due("", 7.0), outage.due(quiet(5.0), 8.0)] == [True, True]


def test_the_same_cause_is_told_once_however_long_it_lasts():
    outage = Outage()
    assert [outage.due(quiet(5.0 + n), float(n)) for n in range(1000)].count(True) == 1


def test_another_cause_is_told_after_ten_seconds():
    """The cable is mended, and the camera answers 401."""
    outage = Outage()
    outage.due(quiet(5.0), 0.0)
    assert not outage.due(answers(401), 9.9)
    assert outage.due(answers(401), 10.0)
    assert outage.reported == answers(401)
    assert outage.due(answers(404), 40.0)


def test_a_camera_that_fails_in_turns_is_told_ever_more_seldom():
    outage = Outage()
    causes = [answers(401), answers(404)]
    times = [n for n in range(86_400) if outage.due(causes[n % 7 % 2], float(n))]
    assert len(times) < 86_400 / ANEW.most_s + 20
    assert outage.due("", 86_400.0)
    assert outage.due(answers(404), 86_401.0)
    assert outage.due(answers(401), 86_411.0), "the next outage begins anew"
