"""Faults that are a value of a twin: of several at once the newest counts, none stays behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

NOTHING = object()
"""Rests where an entry of a dictionary is not there."""


@dataclass(slots=True)
class _Place:
    """`rest`: the value where no fault is; `lasting`: a box of its own each, newest last."""

    of: object
    name: Hashable
    rest: object
    lasting: list[list[object]] = field(default_factory=list)


class Switches:
    """The lasting ones of one rig or day. `lock`: held while something is begun or ended that takes
    more than one step."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._places: list[_Place] = []
        self._broker: list[str] = []

    def on(self, of: object, name: str, value: object) -> Callable[[], None]:
        """It has this value from now on; what ends it."""
        return self._lasts(of, name, value, getattr(of, name), partial(setattr, of, name))

    def entry(self, of: dict[str, Any], name: str, value: object) -> Callable[[], None]:
        """The same of an entry of a dictionary."""

        def put(now: object) -> None:
            of.pop(name, None)
            if now is not NOTHING:
                of[name] = now

        return self._lasts(of, name, value, of.get(name, NOTHING), put)

    def member(self, of: set[Any], one: Hashable) -> Callable[[], None]:
        """It is in the set while any such fault lasts."""

        def put(there: object) -> None:
            (of.add if there else of.discard)(one)

        return self._lasts(of, one, True, one in of, put)

    def called(
        self, of: object, name: Hashable, value: object, rest: object, put: Callable[[Any], None]
    ) -> Callable[[], None]:
        """The same of what a call changes."""
        return self._lasts(of, name, value, rest, put)

    def _lasts(
        self, of: object, name: Hashable, value: object, rest: object, put: Callable[[Any], None]
    ) -> Callable[[], None]:
        with self.lock:
            place = self._place(of, name, rest)
            mine = [value]
            place.lasting.append(mine)
            put(value)

        def end() -> None:
            with self.lock:
                place.lasting = [other for other in place.lasting if other is not mine]
                put(place.lasting[-1][0] if place.lasting else place.rest)

        return end

    def broker(self, broker: Any, ails: str) -> Callable[[], None]:
        """It is "down" or "refusing" too; what ends that. It is down while anything says so."""
        with self.lock:
            self._broker.append(ails)
            self.settle(broker)

        def end() -> None:
            with self.lock:
                self._broker.remove(ails)
                self.settle(broker)

        return end

    def settle(self, broker: Any) -> None:
        """Makes the broker as the faults that last say."""
        with self.lock:
            down, refusing = "down" in self._broker, "refusing" in self._broker
            if broker.running and not down and broker.refusing == refusing:
                return
            broker.kill()
            if not down:
                broker.start(refusing=refusing)

    def _place(self, of: object, name: Hashable, rest: object) -> _Place:
        for place in self._places:
            if place.of is of and place.name == name:
                if not place.lasting:
                    place.rest = rest
                return place
        place = _Place(of, name, rest)
        self._places.append(place)
        return place
