"""A gate's own plates: how well the shipped reader reads them, and a better one, if it is.

`--site` is a folder that `gate learn export` made. The reader is measured on the site's plates and
on the public sets, trained on from the shipped weights with both, calibrated and measured again on
plates that it never learnt. Only weights that read the site better and nothing else worse are
kept, in WORK/weights, for `vision.reader` of that gate's configuration. A stage whose result is
there already is not repeated. Two cores take some three hours.

Examples: python -m training.site --data ../shared/data --site kim-thanh --work /tmp/site
  --measure alone says how well the shipped reader does, in a minute
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.vision.reading import PlateReader
from edge.vision.weights import SHIPPED
from training import stage
from training.recogniser_batch import CROPS
from training.recogniser_real import SITE, Sample, of_site, real
from training.recogniser_train import MARGINS
from training.recogniser_view import boxed

FEW = 30
"""Held-out plates below which a site's figures show little."""


@dataclass(frozen=True, slots=True)
class Score:
    """Numbers of plates: all, read exactly, accepted as sure, and sure but wrong."""

    plates: int = 0
    exact: int = 0
    sure: int = 0
    wrong: int = 0

    def __str__(self) -> str:
        counts = f"{self.exact} exact, {self.sure} sure, {self.wrong} sure but wrong"
        return f"{self.plates} plates: {counts}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the public sets")
    parser.add_argument("--site", type=Path, required=True, help="made by gate learn export")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--measure", action="store_true", help="measure the shipped reader alone")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    try:
        held_out = [*real(args.data, "val"), *of_site(args.site, "val")]
        taught = list(of_site(args.site, "train"))
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"training.site: {error}")
    print(f"the site: {len(taught)} plates to learn, {_count(held_out)} held out", flush=True)
    if _count(held_out) < FEW:
        print(f"fewer than {FEW} held out show little: gather more", flush=True)
    before = _measured(SHIPPED, held_out)
    if args.measure:
        return
    if not taught or not _count(held_out):
        sys.exit("training.site: no plates with a text on both sides; gather more")
    weights = args.work / "weights"
    _train(args, weights)
    against = worse(before, _measured(weights, held_out))
    if against:
        shutil.rmtree(weights)
        print("not kept:", *against, sep="\n  ")
        sys.exit(1)
    print(f'kept: copy {weights} to the gate and set [vision] reader = "..." to it')


def _count(samples: Iterable[Sample]) -> int:
    return sum(s.source == SITE for s in samples)


def _train(args: argparse.Namespace, weights: Path) -> None:
    data, work, run = ("--data", args.data), args.work, args.work / "run"
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "surroundings.npy").exists():
        stage.run("recogniser_data", *data, "--out", work)
    if not (work / "labels.csv").exists():
        stage.run("recogniser_labels", *data, "--out", work / "labels.csv")
    if not (work / "start.pt").exists():
        stage.run("recogniser_recover", "--cache", work, "--out", work / "start.pt")
    if not (run / "last.pt").exists():
        stage.run(
            "recogniser_train", *data, "--cache", work, "--out", run, "--site", args.site,
            "--weights", work / "start.pt", "--steps", args.steps, "--threads", args.threads,
        )  # fmt: skip
    weights.mkdir(exist_ok=True)
    # The reader wants a calibration before its own is fitted.
    shutil.copy(SHIPPED / "calibration.json", weights)
    stage.run("recogniser_export", "--weights", run / "last.pt", "--out", weights)
    stage.run(
        "calibrate", *data, "--weights", weights, "--labels", work / "labels.csv",
        "--out", weights / "calibration.json",
    )  # fmt: skip


def _measured(weights: Path, samples: Iterable[Sample]) -> dict[str, Score]:
    from edge.vision.recogniser import OpenVinoPlateReader

    scores = measured(OpenVinoPlateReader(weights), samples)
    print(f"== {weights}")
    for source, score in sorted(scores.items()):
        print(f"{source:>20}: {score}", flush=True)
    return scores


def measured(reader: PlateReader, samples: Iterable[Sample]) -> dict[str, Score]:
    """By source; each plate as a perfect detector boxes it, as at run time."""
    scores: dict[str, Score] = {}
    for s in samples:
        tight = s.source in CROPS
        reading = reader.read(s.picture if tight else boxed(s.picture, s.quad, MARGINS))
        right = reading is not None and reading.text == s.text
        sure = reading is not None and reading.accepted
        old = scores.get(s.source, Score())
        scores[s.source] = Score(
            old.plates + 1, old.exact + right, old.sure + sure, old.wrong + (sure and not right)
        )
    return scores


def worse(before: Mapping[str, Score], after: Mapping[str, Score]) -> list[str]:
    """What speaks against the new weights; nothing where they may be kept. A set may lose one plate
    by chance, all public ones together none; nothing more may be sure but wrong."""
    own, new = before[SITE], after[SITE]
    found = []
    if (new.exact, new.sure, -new.wrong) <= (own.exact, own.sure, -own.wrong):
        found.append(f"the site is read no better: {own}; now {new}")
    if new.wrong > own.wrong:
        found.append(f"more of the site is sure but wrong: {own}; now {new}")
    others = [(source, before[source], after[source]) for source in before if source != SITE]
    for source, old, now in others:
        if now.exact < old.exact - 1:
            found.append(f"{source} is read worse: {old}; now {now}")
    if sum(now.exact for _, _, now in others) < sum(old.exact for _, old, _ in others):
        found.append("fewer plates of the public sets are read exactly")
    if sum(now.wrong for _, _, now in others) > sum(old.wrong for _, old, _ in others):
        found.append("more plates of the public sets are sure but wrong")
    return found


if __name__ == "__main__":
    main()
