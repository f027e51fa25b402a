"""The scenarios that come with the simulator, by theme; and those of a tester's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulator.scenario.model import Scenario
from simulator.scenario.reading import read

LIBRARY = (Path(__file__).parents[1] / "scenarios").resolve()
SCHEMA = LIBRARY / "scenario.schema.json"
SUFFIX = ".toml"


class Unknown(ValueError):
    """Neither a name nor a theme of the library, nor a file."""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    theme: str
    file: Path

    @property
    def called(self) -> str:
        """What `gate-sim run` finds it by: its name, or its file."""
        return self.name if self.file.is_relative_to(LIBRARY) else str(self.file)

    @property
    def scenario(self) -> Scenario:
        """Raises NoScenario, OSError."""
        return _read(self.file)


@cache
def _read(file: Path) -> Scenario:
    return read(file)


def library() -> list[Entry]:
    """In the order of themes and names."""
    return sorted(_entries(LIBRARY), key=lambda entry: (entry.theme, entry.name))


def themes() -> list[str]:
    return sorted({entry.theme for entry in library()})


def found(wanted: Sequence[str]) -> list[Entry]:
    """By names, themes, files and folders; each once. Raises Unknown."""
    known = library()
    entries: dict[Path, Entry] = {}
    for name in wanted:
        path = Path(name)
        if path.suffix == SUFFIX or path.is_dir():
            if not path.exists():
                raise Unknown(f"there is no file {name}")
            some = list(_entries(path)) if path.is_dir() else [_entry(path)]
        else:
            some = [e for e in known if name in (e.name, e.theme)]
        if not some:
            raise Unknown(f"no scenario {name!r}; `gate-sim list` shows them")
        entries |= {entry.file: entry for entry in some}
    return list(entries.values())


def _entries(folder: Path) -> Iterator[Entry]:
    for file in sorted(folder.rglob(f"*{SUFFIX}")):
        yield _entry(file)


def _entry(file: Path) -> Entry:
    file = file.resolve()
    return Entry(file.stem, file.parent.name, file)
