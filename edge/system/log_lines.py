"""The log's lines, the same of every process of the gate."""

from __future__ import annotations

import logging

LOUD = ("httpx", "httpcore", "uvicorn", "asyncio")
"""Libraries that tell each exchange."""


def set_up(level: int) -> None:
    """Of this process, on standard error."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
