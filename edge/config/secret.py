"""Passwords and secrets in files of their own; errors are reported without the content."""

from __future__ import annotations

from pathlib import Path

from edge.config.text import NotText, text_of
from edge.system.causes import Cause, cause

LARGEST_BYTES = 4096


class SecretError(ValueError):
    """The secret cannot be had; the cause names the file and what to do."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)


def secret_of(file: Path) -> str:
    """The file's only line, without the white space around it. Raises SecretError."""
    try:
        secret = text_of(file, LARGEST_BYTES).strip()
    except NotText as error:
        raise SecretError(cause("secret.no_text", file=file, why=error)) from None
    except OSError as error:
        raise SecretError(cause("secret.unreadable", file=file, error=error.strerror)) from None
    if not secret:
        raise SecretError(cause("secret.empty", file=file))
    if not secret.isprintable():
        raise SecretError(cause("secret.strange", file=file))
    return secret
