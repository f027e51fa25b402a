"""Whom a connection of the gate trusts: one answer for every client."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi


def client_context(ca_file: Path | str | None = None) -> ssl.SSLContext:
    """Checks a server's chain, name and dates by `ca_file`, or by the authorities of the system and
    of certifi. Raises OSError (also ssl.SSLError, which is one) for a file that is none.

    Python 3.13 refuses certificates that lack what RFC 5280 asks for beyond that, first of all the
    identifier of the authority's key, which most authorities made at home do not write. A gate
    would lose customs and the platform by an upgrade of its system, and gain no security.
    """
    context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    if ca_file is None:
        context.load_verify_locations(certifi.where())
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
