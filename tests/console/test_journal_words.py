"""What the system page tells of the journal has a name in every language."""

import json
from pathlib import Path

import pytest

from edge.config import JournalConfig
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock

CATALOGUES = Path(__file__).parents[2] / "edge" / "console" / "static"


@pytest.mark.parametrize("language", ["vi", "en", "zh"])
def test_every_figure_of_the_journal_has_a_name(tmp_path, language):
    journal = open_journal(tmp_path, JournalConfig(), "/s/g", SystemClock(), lambda: True)
    try:
        catalogue = json.loads((CATALOGUES / f"catalogue-{language}.json").read_text("utf-8"))
        assert [k for k in journal.health() if f"journal_{k}" not in catalogue] == []
    finally:
        journal.close()
