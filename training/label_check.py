"""No source of labels may contradict the others systematically.

A reader that takes every N for an M agrees with itself, and with whoever was taught by it. So the
texts of one source are held against all others: a character that it never says although the
others say it often, a character that it leaves out or says another for too often where both name
the same picture, and a place in the text where it often differs, whatever stands there. Such a
source is refused before anything is trained on it.

Example: python -m training.label_check --data ../shared/data
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
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
    """What one source does to `character`: writes `instead` of it, leaves it out (""), or never
    says it (None). Where there is a `place`, 1 for the first of a text and -1 for the last, it is
    what stands there, whatever it is."""

    source: str
    character: str
    instead: str | None
    cases: int
    place: int = 0

    def __str__(self) -> str:
        if self.place:
            end = "" if self.place > 0 else " from the end"
            where = f"character {abs(self.place)}{end}"
            return f"{self.source} differs from the others in {where}, {self.cases} times"
        if self.instead is None:
            return f"{self.source} never says {self.character}; {self.cases} were to be expected"
        if not self.instead:
            return f"{self.source} leaves {self.character} out, {self.cases} times"
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
            yield Contradiction(name, character, None, round(expected))


def _habits(name: str, texts: Texts, others: Mapping[str, Texts]) -> Iterable[Contradiction]:
    seen: Counter[str] = Counter()
    changed: Counter[tuple[str, str]] = Counter()
    held: Counter[int] = Counter()
    differs: Counter[int] = Counter()
    for other in others.values():
        for picture, text in texts.items():
            truth = other.get(picture)
            if truth is None:
                continue
            said = _said_for(truth, text)
            seen.update(truth)
            changed.update((t, m) for t, m in zip(truth, said, strict=True) if t != m)
            for at, (true, mine) in enumerate(zip(truth, said, strict=True)):
                for place in (at + 1, at - len(truth)):
                    held[place] += 1
                    differs[place] += true != mine
    for (character, instead), times in changed.items():
        if times >= CASES and times > HABIT * seen[character]:
            yield Contradiction(name, character, instead, times)
    for place, times in differs.items():
        if times >= CASES and times > HABIT * held[place]:
            yield Contradiction(name, "", None, times, place)


def _said_for(truth: str, text: str) -> list[str]:
    """What the text says for each character of the truth; "" where it leaves it out."""
    said = list(truth)
    matched = SequenceMatcher(None, truth, text, autojunk=False)
    for kind, first, end, at, last in matched.get_opcodes():
        if kind in ("replace", "delete"):
            rest = [*text[at:last], *[""] * (end - first)]
            said[first:end] = rest[: end - first]
    return said


def _letters(texts: Iterable[str]) -> Counter[str]:
    return Counter(c for text in texts for c in text if "A" <= c <= "Z")


def one_apart(held_out: Iterable[str], learnt: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of a held-out and a learnt text of which one character differs or is missing: two
    vehicles of a town, or pictures of one plate with a wrong label among them, so that a held-out
    plate is learnt after all. Their pictures are to be looked at."""
    taught = sorted(set(learnt))
    return [(h, t) for h in sorted(set(held_out)) for t in taught if _apart_by_one(h, t)]


def _apart_by_one(a: str, b: str) -> bool:
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


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
