"""The book of assignments."""

import random

from hypothesis import given
from hypothesis import strategies as st

from edge.domain.assignment import NEAR, AssignmentState, apart
from edge.domain.plate import ALPHABET
from simulator.plates import invent
from tests.support.builders import a_book, an_assignment


def test_a_used_assignment_is_known_as_used():
    book = a_book().used({"A1"})
    assert book.items[0].state is AssignmentState.USED


def test_what_is_about_some_plates_or_ids_is_all_that_names_them():
    book = a_book(
        an_assignment("24C00001", id="A1", trailers=["51R00001"]),
        an_assignment("24C00002", id="A2"),
        an_assignment("24C00003", id="A3"),
    )
    about = book.about({"51R00001"}, {"A3"})
    assert [a.assignment_id for a in about.items] == ["A1", "A3"]
    assert about.as_of == book.as_of
    assert book.about(set()).items == ()


def test_a_list_is_shown_page_by_page():
    book = a_book(*(an_assignment(f"24C{n:05d}", id=f"A{n}") for n in range(10)))
    first = book.find("24C", most=4).items
    then = book.find("24C", first[-1].assignment_id, most=4).items
    assert [a.assignment_id for a in first + then] == [f"A{n}" for n in range(8)]
    assert [a.assignment_id for a in book.find("0007").items] == ["A7"]


def test_characters_added_dropped_and_changed_set_plates_apart():
    assert apart("34A36837", "34A36837") == 0
    assert apart("34A36837", "34A3683") == 1
    assert apart("34A36837", "34B3683") == 2
    assert apart("34A36837", "59X1") == NEAR + 1


@given(st.integers(0, 2**31))
def test_a_plate_that_differs_in_two_characters_is_near(seed):
    rng = random.Random(seed)
    plate = invent(rng).text
    read = list(plate)
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(read))
        rng.choice(
            (
                read.pop,
                lambda at: read.insert(at, rng.choice(ALPHABET)),
                lambda at: read.__setitem__(at, rng.choice(ALPHABET)),
            )
        )(at)
    far = plate[:2] + plate[2:][::-1] + "777"
    book = a_book(an_assignment(plate, id="A1"), an_assignment(far, id="A2"))
    assert [a.assignment_id for a in book.near("".join(read)).items] == ["A1"]
