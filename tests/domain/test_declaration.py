"""What a person is shown of the assignment before a lane."""

from edge.domain.declaration import Cleared, declared
from tests.support.builders import a_book, an_assignment

NEEDED = ("border_guard", "customs")


def test_the_assignment_decided_by_is_shown_before_another_of_the_same_plate():
    book = a_book(an_assignment(id="A1"), an_assignment(id="A2", goods="durian", priority=3))
    assert declared(book, "A2", "24C12345", NEEDED).goods == "durian"
    assert declared(book, "", "24C12345", NEEDED).assignment == "A2"


def test_a_plate_that_nobody_named_shows_nothing():
    assert declared(a_book(), "", "29C99999", NEEDED) is None
    assert declared(a_book(), "", "", NEEDED) is None
    # The assignment may have left the list since.
    assert declared(a_book(), "gone", "24C12345", NEEDED).assignment == "A1"


def test_whoever_is_needed_and_has_not_spoken_is_pending_and_the_worst_word_counts():
    said = [("customs", "done"), ("customs", "refused"), ("yard", "done")]
    shown = declared(a_book(an_assignment(clearances=said)), "A1", "", NEEDED)
    assert shown.clearances == (
        Cleared("border_guard", "pending", True),
        Cleared("customs", "refused", True),
        Cleared("yard", "done", False),
    )
