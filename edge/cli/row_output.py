"""Results on standard output, whatever that can take: any encoding, a pipe that is closed, a full
disk."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import typer


def speak_as_it_can() -> None:
    """A terminal or a pipe that has not every letter gets the others escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def print_line(text: str) -> None:
    """Ends the command where its output is closed."""
    try:
        print(text, flush=True)
    except OSError as error:
        # What is left in the buffer must not be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not isinstance(error, BrokenPipeError):
            typer.echo(f"the results cannot be written: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def json_line(row: Mapping[str, Any]) -> str:
    """In UTF-8 as it is, elsewhere and for names that are none in ASCII."""
    text = json.dumps(dict(row), ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(dict(row))
    encoding = getattr(sys.stdout, "encoding", None) or ""
    utf8 = encoding.lower().replace("-", "") == "utf8"
    return text if utf8 else json.dumps(dict(row))


def printable(text: str) -> str:
    """On one line, and without what commands a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
