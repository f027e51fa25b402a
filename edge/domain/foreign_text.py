"""PURE. Words of strangers, as far as they may stand in a log, an alarm or a page."""

from __future__ import annotations

SHOWN = 60
"""Characters of a stranger's word that are worth showing."""


def shown(value: object, most: int = SHOWN) -> str:
    """Quoted, at most `most` characters of it, every one of them printable; what is no text or
    number is only named by its type, however large it is."""
    if isinstance(value, str):
        return repr(value[:most]) + (" ..." if len(value) > most else "")
    if (
        value is None
        or isinstance(value, bool | float)
        or (isinstance(value, int) and _short(value))
    ):
        return repr(value)
    return f"a {type(value).__name__}"


def _short(number: int) -> bool:
    return number.bit_length() < 128
