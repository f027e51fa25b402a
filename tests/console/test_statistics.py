"""Days and hours are those of the gate's place, whatever the computer is set to."""

import os
import time
from datetime import UTC, datetime

import pytest

from edge.console.local_format import day_shown, day_typed, local_time
from edge.console.statistics import StrangeDay, charts, search

LATE = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
"""Half past midnight of the next day in Vietnam."""


class Journal:
    """Keeps what it was asked; `counts`: passages by hour."""

    def __init__(self, counts=()):
        self.asked, self._counts = {}, counts

    def recent(self, **asked):
        self.asked = asked
        return []

    def counts_by_hour(self, type, since):
        return self._counts


@pytest.fixture(params=["UTC", "America/New_York"])
def _elsewhere(request):
    """The computer is set to another zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("_elsewhere")
def test_a_moment_is_shown_as_the_clock_at_the_gate_shows_it():
    assert local_time(LATE) == "02/03/2026 00:30:00"
    assert local_time("2026-03-01T17:30:00.000Z") == "02/03/2026 00:30:00"
    assert local_time("") == ""


@pytest.mark.usefixtures("_elsewhere")
def test_a_day_is_searched_from_midnight_to_midnight_at_the_gate():
    journal = Journal()
    search(journal, "", "", "2026-03-02", None)
    assert journal.asked["since"] == datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert journal.asked["until"] == datetime(2026, 3, 2, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed", ["31/12/2026", "31.12.2026", "31-12-2026", " 31122026 ", "2026-12-31", "31 12 2026"]
)
def test_a_day_is_typed_as_people_write_it(typed):
    assert day_typed(typed) == "2026-12-31"


@pytest.mark.parametrize("typed", ["", "12/2026", "31/12/26", "1/1/20260", "a", "٣١/12/2026"])
def test_what_is_no_day_stays_as_it_was_typed(typed):
    assert day_typed(typed) == typed
    assert day_shown("vi", typed) == typed


def test_a_day_is_shown_as_its_reader_types_it():
    shown = {language: day_shown(language, "2026-03-01") for language in ("vi", "en", "zh")}
    assert shown == {"vi": "01/03/2026", "en": "2026-03-01", "zh": "2026-03-01"}
    assert {day_typed(one) for one in shown.values()} == {"2026-03-01"}


@pytest.mark.parametrize("day", ["today", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_what_is_no_day_of_a_gate_is_told(day):
    with pytest.raises(StrangeDay):
        search(Journal(), "", "", day, None)


def test_a_chart_counts_a_passage_on_the_day_that_it_was_at_the_gate():
    hour = LATE.replace(minute=0)
    shown = charts(Journal([(hour, "out1", 3)]), LATE)
    assert {bar.label: bar.value for bar in shown["days"]}["02/03"] == 3
    assert (shown["hours"][-1].label, shown["hours"][-1].value) == ("00", 3)
