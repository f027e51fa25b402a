"""Texts of the foreign plates among the Vietnamese crops: what both weak readings say alike.

Croatian plates mostly. They teach what other countries' plates look like; the grammar then refuses
them. Neither weak reading is a source for Vietnamese plates: one of them never says N or R
(training/label_check.py); those texts are in best.csv.

Example: python -m training.recogniser_labels --data ../shared/data --out /tmp/plates/labels.csv
"""

from __future__ import annotations

import argparse
import csv
import re
from pathlib import Path

from edge.domain.plate import StrangePlate, canonical, parse
from training.recogniser_real import rows_of

FOREIGN = re.compile(r"^[A-Z]{1,3}[0-9A-Z]{3,6}$")
"""Begins with letters, as no Vietnamese plate does, the military's apart."""


def canonical_or_none(text: str) -> str | None:
    """None where the text has a character that stands on no plate."""
    try:
        return canonical(text)
    except StrangePlate:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows = []
    for row in rows_of(args.data / "vn_crops" / "unverified.csv"):
        text, other = (canonical_or_none(row[c]) for c in ("weak_text_a", "weak_text_b"))
        if text is not None and text == other and FOREIGN.match(text) and not parse(text):
            rows.append((row["file"], text, "foreign"))
    with args.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "text", "source"))
        writer.writerows(rows)
    print(f"{len(rows)} foreign plates, written to {args.out}")


if __name__ == "__main__":
    main()
