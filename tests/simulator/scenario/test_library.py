"""Every scenario of the library that can be played in virtual time, against our service.

OPEN are those that the product does not stand yet; each is deleted when it does.
"""

import pytest

from simulator.scenario import fast
from simulator.scenario.library import LIBRARY, library
from tools import draw_scenarios

OPEN: dict[str, str] = {}
"""By name: what the product does. Seen with seed 1."""

ENTRIES = library()
FAST = [entry for entry in ENTRIES if "fast" in entry.scenario.clocks]


@pytest.mark.parametrize("entry", FAST, ids=lambda entry: entry.name)
def test_a_scenario_ends_as_it_expects(entry):
    played = fast.play(entry, 1)
    assert played.figures["events"] > 0
    if entry.name in OPEN and played.failures:
        pytest.xfail(OPEN[entry.name])
    assert played.failures == []


def test_what_no_sensor_tells_is_counted_apart_and_not_left_out():
    unseen = [entry for entry in FAST if entry.scenario.no_sensor_tells]
    assert unseen
    assert any(fast.play(entry, 1).unseen for entry in unseen)


def test_the_library_is_large_and_every_scenario_expects_something():
    assert len(FAST) >= 60
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    for entry in ENTRIES:
        assert entry.scenario.expect, entry.name


def test_every_scenario_names_the_schema_that_editors_complete_by():
    for entry in ENTRIES:
        first = entry.file.read_text(encoding="utf-8").splitlines()[0]
        assert first == "#:schema ../scenario.schema.json", entry.name
        assert (entry.file.parent / "../scenario.schema.json").resolve().parent == LIBRARY


@pytest.mark.parametrize(
    ("file", "made"),
    [(draw_scenarios.SCHEMA, draw_scenarios.schema), (draw_scenarios.PAGE, draw_scenarios.page)],
)
def test_what_is_drawn_from_the_sections_and_the_catalogue_is_current(file, made):
    assert file.read_text(encoding="utf-8") == made(), "run: python -m tools.draw_scenarios"
