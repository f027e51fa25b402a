"""Putting a copy back in place of the journal, without ever giving a number twice."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlite_utils

from edge.config import PLATFORM
from edge.sync.journal import highwater, sql
from edge.sync.journal.opening import SUFFIXES, Ballast, emptied, opened
from edge.sync.journal.reading import SERIES
from edge.system.atomic_file import sync_folder

SMALL_MB = 2048
"""Nothing but a number is written."""

RESTORED = "restored"
"""The state of a journal of which nobody knows which numbers were given after it was copied."""

COPY = "copy"
"""The state of a journal that was put back: what its gate did after it was copied is not known.
`policy`: the number of the policy that counted then."""

AFTERWARDS = (
    "policy and modes are those of the copy (gate policy show), and drivers' codes are for a "
    "person until a policy is made to count (gate policy activate)"
)
"""For whoever put a copy back."""

POLICY = "policy"
"""The state of the policy that counts; `number` rises with each."""

log = logging.getLogger(__name__)


def restore(source: Path, file: Path, *, take: bool = False) -> Path | None:
    """The copy at `source`, checked by the caller, becomes the journal `file`; `take`: the source
    may be moved. The old journal is kept; its new place is returned. The service must be stopped.
    Where the old journal does not show which numbers were given after the copy was made, the
    service asks the receivers before it gives the first (learning.py)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    last, unasked = _last_given(file)
    fresh = file.with_name(f"{file.name}.new")
    for suffix in SUFFIXES:
        # Of a restoring that was killed: its log would be played into this copy.
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    if take:
        source.replace(fresh)
    else:
        shutil.copyfile(source, fresh)
    with closing(sqlite3.connect(fresh)) as db, db:
        (known,) = db.execute(sql.LAST_SEQ).fetchone()
        above = highwater.above(file.parent) if last is None else last
        db.execute(sql.FORGET_LAST_SEQ)
        db.execute(sql.SET_LAST_SEQ, (max(known, above),))
        # Who stood in the lanes when the copy was made is no longer there.
        db.execute(sql.FORGET_LANES)
        db.execute(sql.PUT_STATE, (COPY, json.dumps({"policy": _policy_of(db)})))
        if last is None or last < known or unasked:
            db.execute(sql.PUT_STATE, (RESTORED, "{}"))
    with fresh.open("rb") as copied:
        os.fsync(copied.fileno())
    kept = _moved_away(file)
    fresh.replace(file)
    sync_folder(file.parent)
    return kept


def go_on_above(file: Path, number: int) -> int:
    """The journal `file`, made if there is none, gives no number up to this one, nor one that it
    gave already, and begins a new series: receivers hold others under the numbers that it gave by
    now, and are not sent those again. The number above which it goes on. Raises Unrecorded where it
    cannot be opened, ValueError for a number that no gate can have given."""
    if not 0 < number <= highwater.HIGHEST_CLAIM:
        raise ValueError(
            f"{number} is no number that a receiver can hold (1 to {highwater.HIGHEST_CLAIM})"
        )
    emptied(file, key=False)
    db, _ = opened(file, max_mb=SMALL_MB, ballast=Ballast(file.parent / "ballast", 0))
    with closing(db.conn), db.conn:
        last = int(db.execute(sql.LAST_SEQ).fetchone()[0])
        # One number is left out at least: a series that goes on has none.
        above = max(last + 1, number) if last else number
        receivers = [name for name, _ in db.execute(sql.CONSUMERS) if name != PLATFORM]
        series = {"first": above + 1, "for": receivers}
        db.execute(sql.FORGET_LAST_SEQ)
        db.execute(sql.SET_LAST_SEQ, (above,))
        db.execute(sql.SKIP, (last, PLATFORM))
        db.execute(sql.PUT_STATE, (SERIES, json.dumps(series)))
    highwater.note(file.parent, above)
    return above


def ask_where_no_number_is_known(db: sqlite_utils.Database) -> None:
    """A journal that has given no number although its gate has recorded before, and without the
    note beside it: which numbers were given, only the receivers know, as after a restoring."""
    if not db.execute(sql.LAST_SEQ).fetchone()[0]:
        log.error("the last number that was given is lost with the journal; the receivers know it")
        with db.conn:
            db.execute(sql.PUT_STATE, (RESTORED, "{}"))


def _policy_of(db: sqlite3.Connection) -> int:
    """The number of the policy that counts in it; 0: none was made to count."""
    found = db.execute(sql.STATE, (POLICY,)).fetchone()
    return int(json.loads(found[0])["number"]) if found else 0


def _last_given(file: Path) -> tuple[int | None, bool]:
    """The last number that the present journal gave, None where it is unknown; and whether it is
    itself a restored copy about which the receivers were not asked yet."""
    if file.exists():
        try:
            with closing(sqlite3.connect(file)) as db:
                last = int(db.execute(sql.LAST_SEQ).fetchone()[0]) or None
                return last, db.execute(sql.STATE, (RESTORED,)).fetchone() is not None
        except sqlite3.DatabaseError:
            pass
    return None, False


def _moved_away(file: Path) -> Path | None:
    """The log too, and if it is there alone: SQLite would play it into the copy."""
    parts = [file.with_name(file.name + suffix) for suffix in SUFFIXES]
    if not any(part.exists() for part in parts):
        return None
    number = 1
    while any(
        file.with_name(f"journal-before-restore-{number}.db{suffix}").exists()
        for suffix in SUFFIXES
    ):
        number += 1
    kept = [file.with_name(f"journal-before-restore-{number}.db{suffix}") for suffix in SUFFIXES]
    for part, place in zip(parts, kept, strict=True):
        if part.exists():
            part.replace(place)
    return next((place for place in kept[:2] if place.exists()), None)
