"""`gate doctor` checks the configuration: what is refused, what is unusual, and the console's
address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from edge.cli.finding import Finding
from edge.cli.running import RunningService
from edge.config import Settings, refusals, warnings

WARNED = timedelta(days=30)


def configuration(settings: Settings) -> Iterator[Finding]:
    """One finding for each; a good one where there is nothing to report."""
    reported = [Finding("configuration", False, p.key, p.why) for p in refusals(settings)]
    reported += [Finding("configuration", True, p.key, p.why) for p in warnings(settings)]
    yield from reported or [Finding("configuration", True, "nothing to correct")]


def console(settings: Settings, service: RunningService | None) -> Iterator[Finding]:
    """The console's address and certificate."""
    from edge.console.certificate import FILE, fingerprint, until

    config = settings.console
    own = settings.data_folder / FILE
    cert = config.cert_file or (own if own.exists() and not config.insecure else None)
    where = f"{config.host}:{config.port}"
    if service is not None:
        where = f"answers at {where}"
    elif problem := _taken(config.host, config.port):
        yield Finding("console", False, where, problem)
        return
    if cert is None:
        yield Finding("console", True, where)
        return
    ends = until(cert)
    cure = ""
    if config.cert_file is not None and ends - WARNED < datetime.now(UTC):
        cure = "its certificate has expired, or soon does: renew it and restart the service"
    whose = "own certificate" if config.cert_file is None else "certificate"
    found = f"{where}, {whose} until {ends:%Y-%m-%d}, SHA-256 {fingerprint(cert)}"
    yield Finding("console", not cure, found, cure)


def _taken(host: str, port: int) -> str:
    """Why nothing could listen there, or ""."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "no host"
            return f"{why}; change console.host or port, or stop what uses it"
    return ""
