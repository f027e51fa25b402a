"""A scenario's file, read: the scenario, or every mistake with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edge.system.refused_values import reason_of
from simulator.scenario.lines import line_of, lines_of
from simulator.scenario.model import Scenario
from simulator.scenario.references import mistakes

LARGEST = 1 << 20
"""Bytes of a scenario's file."""


@dataclass(frozen=True, slots=True)
class Mistake:
    line: int
    place: str
    text: str

    def __str__(self) -> str:
        return (
            f"{self.line}: {self.place}: {self.text}" if self.place else f"{self.line}: {self.text}"
        )


class NoScenario(ValueError):
    """A file that is none; `mistakes` in the order of its lines."""

    def __init__(self, file: Path, mistakes: list[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda m: (m.line, m.place))
        super().__init__("\n".join(f"{file}:{m}" for m in self.mistakes))


def read(file: Path) -> Scenario:
    """Raises NoScenario with every mistake; OSError where there is no file."""
    data = file.read_bytes()
    if len(data) > LARGEST:
        raise NoScenario(file, [Mistake(1, "", f"larger than {LARGEST} bytes")])
    try:
        text = data.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise NoScenario(file, [Mistake(line, "", "no UTF-8 text")]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NoScenario(file, [_syntax(error, text)]) from None
    try:
        scenario = Scenario.model_validate(raw)
        found = list(_references(raw, text))
    except ValidationError as error:
        found = [*_fields(error, text), *_references(raw, text)]
    if found:
        raise NoScenario(file, found)
    return scenario


def _syntax(error: Exception, text: str) -> Mistake:
    told = str(error)
    line = int(told.rpartition("at line ")[2].partition(",")[0]) if "at line " in told else 0
    return Mistake(line or text.count("\n") + 1, "", told)


def _fields(error: ValidationError, text: str) -> Iterator[Mistake]:
    lines = lines_of(text)
    for one in error.errors(include_url=False):
        place = tuple(one["loc"])
        yield Mistake(line_of(place, lines), _shown(place), _said(dict(one)))


def _references(raw: dict[str, Any], text: str) -> Iterator[Mistake]:
    lines = lines_of(text)
    for place, told in mistakes(raw):
        yield Mistake(line_of(place, lines), _shown(place), told)


def _shown(place: tuple[str | int, ...]) -> str:
    """traffic[2].plate, counted from 1 as people do."""
    return "".join(
        f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place
    ).removeprefix(".")


def _said(one: dict[str, Any]) -> str:
    if one["type"] == "extra_forbidden":
        return "no such key"
    text = reason_of(one).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
