"""Of the declared vehicles, those that an unsure reading may be."""

from edge.console.plate_suggestions import suggestions
from tests.support.builders import a_book, an_assignment


def book(*plates):
    return a_book(*(an_assignment(p, id=f"A{n}") for n, p in enumerate(plates)))


def test_the_nearest_comes_first_and_far_ones_not_at_all():
    found = suggestions("24C12345", book("24C12346", "24C99999", "24C12345", "24C1234"), "out1")
    assert found == ["24C12345", "24C1234", "24C12346"]


def test_vehicles_of_this_lane_come_before_others():
    here = an_assignment("24C12346", id="A1")
    there = an_assignment("24C12344", id="A2", lanes=("in9",))
    assert suggestions("24C12345", a_book(there, here), "out1") == ["24C12346", "24C12344"]


def test_a_cancelled_assignment_is_not_suggested():
    assert (
        suggestions("24C12345", a_book(an_assignment("24C12346", state="cancelled")), "out1") == []
    )


def test_an_unread_plate_suggests_nobody():
    assert suggestions("", book("24C12345"), "out1") == []
