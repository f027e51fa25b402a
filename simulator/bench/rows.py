"""Rows for benches of a large journal."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from edge.domain.events import PASSAGE_COMPLETED, PLATE_READ
from edge.domain.moment import iso
from edge.sync.journal import sql
from edge.system.clock import SystemClock

PLATES = 100_000
"""Different vehicles among a million rows."""

CLOCK = SystemClock()


def fill(file: Path, rows: int, note: int = 300) -> None:
    """So many rows as the journal writes them, one each ten seconds until now, written straight
    into the file after those that it has; each carries `note` bytes that mean nothing."""
    db = sqlite3.connect(file)
    now = CLOCK.now().wall
    types = (PASSAGE_COMPLETED, PLATE_READ, "barrier.moved", "passage.decided")
    (last,) = db.execute("SELECT ifnull(max(seq), 0) FROM events").fetchone()

    def row(n: int) -> tuple[Any, ...]:
        time, number = iso(now - timedelta(seconds=10 * (rows - n))), last + n + 1
        v = n // 4 * 7919 % PLATES
        plate = "" if n % 4 == 2 else f"{11 + v % 89}C{v:05d}"
        body = {
            "id": f"filled{number}", "type": f"bordergate.{types[n % 4]}.v1",
            "subject": f"lane{n % 3}",
            "time": time, "sequence": str(number), "previoushash": "", "hash": "",
            "data": {"plate": plate, "note": "x" * note},
        }  # fmt: skip
        return (
            number,
            f"filled{number}",
            types[n % 4],
            f"lane{n % 3}",
            time,
            plate,
            "",
            json.dumps(body),
        )

    with db:
        db.executemany(sql.INSERT_EVENT, (row(n) for n in range(rows)))
        db.executescript(
            "INSERT OR IGNORE INTO plates SELECT plate FROM events WHERE plate <> '';"
            "INSERT OR IGNORE INTO hours SELECT substr(time, 1, 13), type, lane, count(*) "
            "FROM events GROUP BY 1, 2, 3;"
        )
    db.close()
