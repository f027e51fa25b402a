"""What a lane asks of a vehicle, from its settings."""

import pytest

from edge.config import ConfigError, load
from edge.lane.policy import policy_of
from tests.support.builders import a_configuration


def policy(tmp_path, lane="", top=""):
    text = a_configuration().replace('"export"', f'"export"\n{lane}')
    file = tmp_path / "gate.toml"
    file.write_text(f"{top}\n{text}")
    settings = load(file)
    return policy_of(settings, "out1", settings.lanes["out1"])


def test_watched_plates_are_taken_as_people_write_them(tmp_path):
    top = 'watch_list = ["24C-123.45", "云G·12345"]'
    assert policy(tmp_path, top=top).watched == {"24C12345", "云G12345"}


def test_what_is_no_plate_is_not_watched_for_but_refused(tmp_path):
    with pytest.raises(ConfigError, match="watch_list"):
        policy(tmp_path, top='watch_list = ["the red one"]')


def test_a_policy_has_a_version_that_changes_with_what_it_asks(tmp_path):
    ordinary = policy(tmp_path)
    assert policy(tmp_path).version == ordinary.version
    others = [
        policy(tmp_path, "two_way = false"),
        policy(tmp_path, "journey_s = 60"),
        policy(tmp_path, 'clearances_needed = ["customs"]'),
        policy(tmp_path, "offline_hold_s = 60"),
        policy(tmp_path, "trailer_needed = true"),
        policy(tmp_path, top='watch_list = ["24C-123.45"]'),
    ]
    assert len({ordinary.version, *(p.version for p in others)}) == 7
