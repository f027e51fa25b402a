"""Passwords and secrets in files of their own; errors are reported without the content."""

from __future__ import annotations

from pathlib import Path

from edge.config.text import NotText, text_of

LARGEST_BYTES = 4096


class SecretError(ValueError):
    """The secret cannot be had; the text names the file and what to do."""


def secret_of(file: Path) -> str:
    """The file's only line, without the white space around it. Raises SecretError."""
    try:
        secret = text_of(file, LARGEST_BYTES).strip()
    except NotText as error:
        raise SecretError(f"{file} is no text: {error}") from None
    except OSError as error:
        raise SecretError(
            f"{file} cannot be read: {error.strerror}; see its path and owner"
        ) from None
    if not secret:
        raise SecretError(f"{file} is empty; write the password into it")
    if not secret.isprintable():
        raise SecretError(f"{file} has several lines, or characters that no password has")
    return secret
