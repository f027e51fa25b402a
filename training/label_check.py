"""No source of labels may contradict the others systematically.

A reader that takes every N for an M agrees with itself, and with whoever was taught by it. So the
texts of one source are held against all others: a character that it never says although the
others say it often, and a character that it says in another's place too often where both name the
same picture. Such a source is refused before anything is trained on it.

Example: python -m training.label_check --data ../shared/data
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from edge.domain.plate import canonical
from training.recogniser_labels import canonical_or_none

Texts = Mapping[str, str]
"""Text by picture."""

EXPECTED = 20.0
"""Occurrences that chance would give a character which a source never says; fewer prove nothing:
cars of one town share a few series letters."""

CASES = 8
"""Pictures in which a source writes one character for another before that counts as a habit."""

HABIT = 0.2
"""Share of a character's occurrences, by the other sources, that a source may write otherwise."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What one source does to `character`: writes `instead` of it, or never says it ("")."""

    source: str
    character: str
    instead: str
    cases: int

    def __str__(self) -> str:
        if not self.instead:
            return f"{self.source} never says {self.character}; {self.cases} were to be expected"
        return f"{self.source} says {self.instead} for {self.character}, {self.cases} times"


def contradictions(
    sources: Mapping[str, Texts], judged: Mapping[str, Texts] | None = None
) -> list[Contradiction]:
    """Every systematic contradiction between sources of one country, worst first; of `judged`
    ones, where given, against the trusted `sources`."""
    found: list[Contradiction] = []
    for name, texts in (sources if judged is None else {**sources, **judged}).items():
        others = {k: v for k, v in sources.items() if k != name}
        found += _never_said(name, texts, others)
        found += _habits(name, texts, others)
    return sorted(found, key=lambda c: -c.cases)


def _never_said(name: str, texts: Texts, others: Mapping[str, Texts]) -> Iterable[Contradiction]:
    """Letters only: a source of one province rightly never says another's."""
    mine = _letters(texts.values())
    theirs = _letters(chain.from_iterable(t.values() for t in others.values()))
    total = sum(theirs.values())
    for character, times in theirs.items():
        expected = times / total * sum(mine.values())
        if not mine[character] and expected >= EXPECTED:
            yield Contradiction(name, character, "", round(expected))


def _habits(name: str, texts: Texts, others: Mapping[str, Texts]) -> Iterable[Contradiction]:
    seen: Counter[str] = Counter()
    changed: Counter[tuple[str, str]] = Counter()
    for other in others.values():
        for picture, text in texts.items():
            truth = other.get(picture)
            if truth is None or len(truth) != len(text):
                continue
            seen.update(truth)
            changed.update((t, m) for t, m in zip(truth, text, strict=True) if t != m)
    for (character, instead), times in changed.items():
        if times >= CASES and times > HABIT * seen[character]:
            yield Contradiction(name, character, instead, times)


def _letters(texts: Iterable[str]) -> Counter[str]:
    return Counter(c for text in texts for c in text if "A" <= c <= "Z")


def trained_on(data: Path) -> dict[str, dict[str, str]]:
    """The sources of Vietnamese texts that training takes, by what names the picture: the garage's
    pictures are those that crops of the same name were cut from."""
    crops = data / "vn_crops"
    found = {
        "best.csv": _texts(crops / "best.csv"),
        "verified.csv": _texts(crops / "verified.csv"),
        "relabel.csv": {
            r["file"]: canonical(r["text"])
            for r in _rows(crops / "relabel.csv")
            if r["verdict"] == "verified"
        },
    }
    for name in ("vn_garage_moto", "vn_moto_outdoor", "vn_barrier_cars", "vn_crops_new"):
        found[name] = _texts(data / name / "truth.csv")
    return found


def _texts(file: Path, column: str = "text") -> dict[str, str]:
    read = {r["file"]: canonical_or_none(r[column]) for r in _rows(file) if r[column]}
    return {file: text for file, text in read.items() if text}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--also", type=Path, action="append", default=[],
        help="a CSV file of labels to be judged: `file` and, in every other column, a text",
    )  # fmt: skip
    args = parser.parse_args()
    sources = trained_on(args.data)
    judged: dict[str, dict[str, str]] = {}
    for file in args.also:
        columns = [c for c in _rows(file)[0] if c not in ("file", "lines", "source", "verdict")]
        judged |= {f"{file.name}, {c}": _texts(file, c) for c in columns}
    for name, texts in {**sources, **judged}.items():
        print(f"{name}: {len(texts)} texts")
    found = contradictions(sources, judged)
    for contradiction in found:
        print(f"  {contradiction}")
    if found:
        sys.exit("labels: the sources above contradict the others; not to be trained on")
    print("no source contradicts the others systematically")


if __name__ == "__main__":
    main()
