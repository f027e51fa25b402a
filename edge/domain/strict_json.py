"""PURE. JSON from others: of bounded length, and with one meaning for every reader."""

from __future__ import annotations

import json
import math
from typing import Any


def strict_json(payload: bytes, largest: int) -> Any:
    """The value. Raises ValueError for more than `largest` bytes, for what is not UTF-8, for a name
    that stands twice in an object, for numbers that are none or too large to be one, for lone
    surrogates and for what is nested too deeply."""
    if len(payload) > largest:
        raise ValueError(f"more than {largest} bytes")
    text = payload.decode("utf-8")
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return made


def _no_number(text: str) -> Any:
    raise ValueError("a number that is none")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("a number that is too large")
    return number
