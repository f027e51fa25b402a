"""A tracker over a road, with the truth of each of its tracks."""

from __future__ import annotations

from collections import defaultdict

from edge.config import CameraConfig
from edge.vision.tracking import Tracker
from edge.vision.ways import Ways
from tests.support.vision.road import HEIGHT, WIDTH


class Watching:
    """`of_track`: the vehicles' texts that each track has been; `of_vehicle`: the tracks of each
    vehicle; `crossed`: what was crossed, by vehicle."""

    def __init__(self, detecting, **ways):
        self.detecting, self.now = detecting, 0.0
        self.tracker = Tracker()
        self.ways = Ways(CameraConfig(source="x", ways=ways))
        self.of_track, self.of_vehicle = defaultdict(set), defaultdict(list)
        self.crossed, self.headings = [], defaultdict(list)
        self.lost = []

    def see(self, vehicles, step=0.2):
        self.now += step
        result, truth = self.detecting.result(vehicles)
        seen, lost = self.tracker.update(result, self.now)
        self.lost += lost
        over = self.ways.update(seen, self.tracker.tracks, self.now, WIDTH, HEIGHT)
        named = {}
        for track in seen:
            vehicle = truth.get(track.box)
            if vehicle is None:
                continue
            named[track.number] = vehicle.text
            self.of_track[track.number].add(vehicle.text)
            if track.number not in self.of_vehicle[vehicle.text]:
                self.of_vehicle[vehicle.text].append(track.number)
            heading = self.ways.of(track).heading
            if not self.headings[vehicle.text] or self.headings[vehicle.text][-1] != heading:
                self.headings[vehicle.text].append(heading)
        self.crossed += [(named.get(track.number), one) for track, one in over]
        return seen

    def still(self, vehicles, seconds, step=0.2):
        for _ in range(round(seconds / step)):
            self.see(vehicles, step)

    def drive(self, vehicles, moved, by, speed=3.0, step=0.2):
        """The vehicles `moved`, of all that are there, go on by so many metres."""
        steps = max(1, round(abs(by) / speed / step))
        for _ in range(steps):
            for vehicle in moved:
                vehicle.front += by / steps
            self.see(vehicles, step)

    @property
    def mixed(self):
        """Tracks that have been more than one vehicle."""
        return {number: texts for number, texts in self.of_track.items() if len(texts) > 1}
