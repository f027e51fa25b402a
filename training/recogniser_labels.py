"""Texts for the Vietnamese crops that nobody verified: what two of three readers agree on.

Two weak readings come with the pictures; the shipped recogniser is the third. A Vietnamese text
must fit the grammar; of foreign plates (Croatian ones) both weak readings must say the same.

Example: python -m training.recogniser_labels --data ../shared/data --out /tmp/plates/labels.csv
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from pathlib import Path

import cv2

from edge.domain.plate import StrangePlate, canonical, parse
from edge.vision.recogniser import OpenVinoPlateReader

FOREIGN = re.compile(r"^[A-Z]{1,3}[0-9A-Z]{3,6}$")
"""Begins with letters, as no Vietnamese plate does, the military's apart."""

SURE = 0.5
"""The recogniser's vote counts from this confidence."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    folder = args.data / "vn_crops"
    reader = OpenVinoPlateReader()
    rows = []
    with (folder / "unverified.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            picture = cv2.imread(str(folder / "unverified" / row["file"]))
            reading = reader.read(picture)
            votes = [_vote(row["weak_text_a"]), _vote(row["weak_text_b"])]
            if (
                votes[0]
                and votes[0] == votes[1]
                and FOREIGN.match(votes[0])
                and not parse(votes[0])
            ):
                rows.append((row["file"], votes[0], "foreign"))
                continue
            if reading is not None and reading.confidence >= SURE:
                votes.append(reading.text)
            text, count = Counter(votes).most_common(1)[0]
            known = parse(text)
            if count >= 2 and known is not None and known.country == "VN":
                rows.append((row["file"], text, "vn-weak"))
    with args.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "text", "source"))
        writer.writerows(rows)
    print(Counter(source for _, _, source in rows), "written to", args.out)


def _vote(text: str) -> str:
    """What a machine read, or "" where it holds what stands on no plate."""
    try:
        return canonical(text)
    except StrangePlate:
        return ""


if __name__ == "__main__":
    main()
