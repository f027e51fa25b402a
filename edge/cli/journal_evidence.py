"""The kept files that events name: whether they are as the events say, and copies of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from edge.domain.evidence import parsed
from edge.vision.evidence_files import is_name, load

MOST_REPORTED = 20
SUMS = "SHA256SUMS"
"""Names and hashes as `sha256sum -c` reads them."""

INDEX = "INDEX.csv"
INDEX_COLUMNS = ("time", "lane", "plate", "kind", "file", "passage", "sequence", "type")
"""For people: whose picture each file is, by the last event that names it."""


def named_in(event: str) -> Iterator[str]:
    """The files that an event (its JSON) names; those of before they had a hash in it as well."""
    for name in json.loads(event).get("data", {}).get("evidence") or ():
        if isinstance(name, str) and is_name(name):
            yield name


class EvidenceCheck:
    """`over` passes events through and gathers what they name; then `faults` looks at the files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._named: dict[str, int] = {}
        self.whole = self.gone = 0

    def over(self, rows: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
        for row in rows:
            for name in named_in(row[2]):
                if parsed(name) is not None:
                    self._named.setdefault(name, row[0])
            yield row

    def faults(self) -> list[str]:
        """One for each file that was changed. Files go after their days, which is no fault."""
        found: list[str] = []
        for name, sequence in self._named.items():
            data = load(self._folder, name)
            if data is None:
                self.gone += 1
            elif not _is(name, data):
                found.append(f"event {sequence}: the file {name} was changed")
            else:
                self.whole += 1
        if len(found) > MOST_REPORTED:
            rest = len(found) - MOST_REPORTED
            return [*found[:MOST_REPORTED], f"and {rest} more files were changed"]
        return found


class EvidenceExport:
    """Copies the files that exported events name into `target`, with their hashes."""

    def __init__(self, folder: Path, target: Path) -> None:
        """Raises OSError."""
        target.mkdir(parents=True, exist_ok=True)
        self._folder, self._target = folder, target
        self._done: dict[str, str] = {}
        """The hash of each, "" for one that is gone."""
        self._rows: dict[str, tuple[str, ...]] = {}

    def take(self, event: str) -> None:
        """Raises OSError."""
        for name in named_in(event):
            self._rows[name] = _row(name, json.loads(event))
            if name in self._done:
                continue
            data = load(self._folder, name)
            self._done[name] = "" if data is None else sha256(data).hexdigest()
            if data is not None:
                (self._target / name).write_bytes(data)

    def finish(self) -> str:
        """Writes the hashes and the index; what was done, for people. Raises OSError."""
        copied = sorted((name, is_so) for name, is_so in self._done.items() if is_so)
        lines = "".join(f"{is_so}  {name}\n" for name, is_so in copied)
        (self._target / SUMS).write_text(lines, encoding="ascii")
        # With its mark at the beginning spreadsheets take it for UTF-8.
        with (self._target / INDEX).open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(INDEX_COLUMNS)
            rows.writerows(sorted(self._rows[name] for name, _ in copied))
        gone = len(self._done) - len(copied)
        return f"{len(copied)} files in {self._target}, {gone} are no longer kept"


def _row(name: str, event: dict[str, Any]) -> tuple[str, ...]:
    data = event["data"]
    known = (event.get("time"), event.get("subject"), data.get("plate"))
    of = (data.get("passage"), event.get("sequence"), event.get("type"))
    kind = name.rpartition("-")[2].partition(".")[0]
    return tuple(str(value or "") for value in (*known, kind, name, *of))


def _is(name: str, data: bytes) -> bool:
    return sha256(data).hexdigest() == _hash(name)


def _hash(name: str) -> str:
    file = parsed(name)
    assert file is not None
    return file.sha256
