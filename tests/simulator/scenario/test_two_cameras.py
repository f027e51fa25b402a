"""The library's lane with a camera before and one behind: one passage for each vehicle."""

import json

from simulator.scenario.fast import play
from simulator.scenario.library import library

NAMES = {entry.name: entry for entry in library()}


def completed(played):
    lines = [line.split(" ", 3) for line in played.history.splitlines()]
    return [json.loads(line[3]) for line in lines if line[2:3] == ["passage.completed"]]


def test_a_tractor_before_and_its_trailer_behind_are_one_passage_and_the_next_has_its_own():
    for seed in (1, 2, 3):
        played = play(NAMES["front_and_rear_tractor_and_trailer"], seed)
        assert played.failures == []
        first, second = completed(played)
        (trailer,) = first["trailers"]
        assert {r["text"] for r in first["reads"]} == {first["plate"], trailer["text"]}
        assert {r["text"] for r in second["reads"]} == {second["plate"]}
