"""The shipped weights, checked by SHA-256 before they are loaded (weights.json lists them)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from edge.system.causes import Cause, cause

SHIPPED = Path(__file__).parent
LIST = "weights.json"


class WeightsError(Exception):
    """Weights are missing or changed; the cause names file and cure."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)


def checked(folder: Path, name: str) -> Path:
    """The file, after its checksum held, and that of the files that belong to it: those of the
    same stem, or all of its own folder.

    A folder without a list holds a user's own weights: those are not checked.
    """
    file = folder / name
    if not file.exists():
        raise WeightsError(cause("weights.missing_own", file=file))
    listed = folder / LIST
    if not listed.exists():
        return file
    sums: dict[str, str] = json.loads(listed.read_text())
    for path, wanted in sums.items():
        own_folder = "/" in name and Path(path).parent == Path(name).parent
        if not own_folder and Path(path).with_suffix("") != Path(name).with_suffix(""):
            continue
        part = folder / path
        if not part.exists():
            raise WeightsError(cause("weights.missing", file=part))
        if hashlib.sha256(part.read_bytes()).hexdigest() != wanted:
            raise WeightsError(cause("weights.damaged", file=part))
    return file
