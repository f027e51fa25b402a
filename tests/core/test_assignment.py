"""The book of assignments."""

from builders import NOON, a_book, an_assignment

from edge.assignment import AssignmentState


def test_a_full_answer_replaces_everything():
    book = a_book(an_assignment(id="old")).merged([an_assignment(id="new")], True, NOON)
    assert [a.assignment_id for a in book.items] == ["new"]


def test_a_difference_keeps_the_rest_and_the_higher_revision_wins():
    book = a_book(an_assignment(id="A1", revision=3), an_assignment(id="A2"))
    book = book.merged([an_assignment(id="A1", revision=2, state="cancelled")], False, NOON)
    assert {a.assignment_id: a.revision for a in book.items} == {"A1": 3, "A2": 1}


def test_a_used_assignment_is_known_as_used():
    book = a_book().used({"A1"})
    assert book.items[0].state is AssignmentState.USED
