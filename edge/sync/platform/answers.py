"""PURE. Whether a platform's JSON has one meaning, and whether it reports an error.

Some systems report an error in a body under a status code of success. Such an answer counts as an
error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ERRORS = ("error", "errors")
YES_OR_NO = ("accepted", "success", "ok")
NO = ("false", "no", "0", "none")
FAILED = ("error", "failed", "failure", "fail", "rejected", "refused", "denied", "invalid")
LOWEST_ERROR_CODE = 400


class Doubled(dict[str, Any]):
    """An object in which a name stands twice: readers differ in which of the two they take."""


def parsed(text: str | bytes) -> Any:
    """The value. Raises ValueError, RecursionError, and ValueError where a name stands twice in the
    outermost object; those within are `Doubled`."""
    value = json.loads(text, object_pairs_hook=_object)
    if isinstance(value, Doubled):
        raise ValueError("a name stands twice in it")
    return value


def doubled(item: Mapping[Any, Any]) -> bool:
    """Whether a name stands twice in it, or in an object of one of its lists."""
    return isinstance(item, Doubled) or any(
        isinstance(part, Doubled)
        for value in item.values()
        if isinstance(value, list)
        for part in value
    )


def speaks_of_error(said: Mapping[Any, Any]) -> bool:
    """Whether an answer reports an error, in any of the usual words."""
    words = {str(key).lower(): value for key, value in said.items() if value is not None}
    return (
        any(words.get(name) for name in ERRORS)
        or any(_no(words.get(name, True)) for name in YES_OR_NO)
        or _failed(words.get("status", ""))
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Doubled(made)


def _no(value: object) -> bool:
    return value.strip().lower() in NO if isinstance(value, str) else not value


def _failed(status: object) -> bool:
    if isinstance(status, str):
        return status.strip().lower() in FAILED
    return isinstance(status, int) and status >= LOWEST_ERROR_CODE
