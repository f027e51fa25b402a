"""What was learned of each camera's pictures, kept over a restart: `views/<lane>.npz`."""

from __future__ import annotations

import io
import logging
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.system.atomic_file import write_atomic

Learned = dict[str, NDArray[np.generic]]

LARGEST_BYTES = 2_000_000
"""Of a file; ours have some 130,000."""

log = logging.getLogger(__name__)


def kept(folder: Path, name: str) -> Learned:
    """Empty where there is none, or none that can be read: it is learned anew."""
    file = folder / f"{name}.npz"
    try:
        if file.stat().st_size > LARGEST_BYTES:
            return {}
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("%s cannot be read, the camera's view is learned anew: %s", file, error)
        return {}


def keep(folder: Path, name: str, learned: Learned) -> None:
    """Nothing where nothing is learned. Raises nothing: a full disk costs a view."""
    if not learned:
        return
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **learned)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / f"{name}.npz", out.getvalue())
    except OSError as error:
        log.warning("the view of %s cannot be kept: %s", name, error)


def forget(folder: Path, name: str) -> None:
    try:
        (folder / f"{name}.npz").unlink(missing_ok=True)
    except OSError as error:
        log.warning("the view of %s cannot be forgotten: %s", name, error)
