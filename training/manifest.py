"""Writes weights.json: the SHA-256 of every weight file that ships.

Example: python -m training.manifest
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "edge" / "vision" / "weights"
KINDS = {".xml", ".bin", ".json", ".yaml"}


def main() -> None:
    files = sorted(f for f in FOLDER.rglob("*") if f.suffix in KINDS and f.name != "weights.json")
    sums = {str(f.relative_to(FOLDER)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
    (FOLDER / "weights.json").write_text(json.dumps(sums, indent=1) + "\n")
    print(f"{len(sums)} files listed")


if __name__ == "__main__":
    main()
