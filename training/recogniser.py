"""The plate recogniser from data to shipped weights, by one command.

Pictures and labels, then training from the shipped weights (or from nothing), export, calibration,
list of checksums, accuracy page. `--work` keeps what is large and none of the project's; a stage
whose result is there already is not repeated.

Example: python -m training.recogniser --data ../shared/data --work /tmp/plates
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training import stage

WEIGHTS = Path("edge/vision/weights")
PAGE = Path("docs/accuracy.md")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--start", choices=("shipped", "nothing"), default="shipped")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--minutes", type=float, help="trains by the clock instead of by steps")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument(
        "--ship", choices=("last", "middle"), default="last",
        help="after a short training from the shipped weights the middle may read better",
    )  # fmt: skip
    args = parser.parse_args()
    data, work = ("--data", str(args.data)), args.work
    labels, start, run = work / "labels.csv", work / "start.pt", work / "run"
    stage.run("label_check", *data)
    if not (work / "surroundings.npy").exists():
        stage.run("recogniser_data", *data, "--out", work)
    if not labels.exists():
        stage.run("recogniser_labels", *data, "--out", labels)
    begin = []
    if args.start == "shipped":
        if not start.exists():
            stage.run("recogniser_recover", "--cache", work, "--out", start)
        begin = ["--weights", start]
    stage.run(
        "recogniser_train", *data, "--cache", work, "--out", run, *begin,
        *(("--minutes", args.minutes) if args.minutes else ("--steps", args.steps)),
        "--threads", args.threads, "--seed", args.seed,
    )  # fmt: skip
    stage.run("recogniser_export", "--weights", run / f"{args.ship}.pt", "--out", WEIGHTS)
    stage.run("manifest")
    stage.run("calibrate", *data, "--labels", labels, "--out", WEIGHTS / "calibration.json")
    stage.run("accuracy", *data, "--work", args.work / "accuracy", "--out", PAGE)


if __name__ == "__main__":
    main()
