"""`gate doctor` checks the port for other systems: its certificates, its port, who may ask."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.cli.finding import Finding
from edge.cli.running import RunningService
from edge.config import PartnersConfig, Settings

SOON = timedelta(days=21)
"""A certificate that ends within this time is told."""

ANSWER_S = 5.0


def partners(settings: Settings, service: RunningService | None) -> Iterator[Finding]:
    from edge.sync.partners.server import server_context

    config = settings.partners
    assert config is not None
    try:
        server_context(config)
    except (OSError, ssl.SSLError) as error:
        cure = "cert_file, key_file and ca_file are PEM files that the service may read, the first "
        cure += "two of one pair"
        yield Finding("partners", False, str(error), cure)
        return
    for name, file in (("cert_file", config.cert_file), ("ca_file", config.ca_file)):
        yield _lasts(name, file)
    who = ", ".join(f"{client.name} ({', '.join(client.may)})" for client in config.clients)
    cure = "" if who else "nobody may ask for anything: name them under [[partners.clients]]"
    yield Finding("partners may", bool(who), who, cure)
    yield _answers(config) if service is not None else _free(config)


def _lasts(name: str, file: Path) -> Finding:
    certificates = x509.load_pem_x509_certificates(file.read_bytes())
    ends = min(certificate.not_valid_after_utc for certificate in certificates)
    now = datetime.now(UTC)
    cure = "put the new one in its place; the service takes it up" if ends < now + SOON else ""
    found = f"{'ended' if ends < now else 'valid until'} {ends:%Y-%m-%d %H:%M} UTC"
    return Finding(f"partners.{name}", not cure, found, cure)


def _free(config: PartnersConfig) -> Finding:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    place = f"{config.host}:{config.port}"
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            cure = (
                "another program has it, or this computer has no such address: partners.port, host"
            )
            return Finding("partners port", False, f"{place}: {error.strerror}", cure)
    return Finding("partners port", True, f"{place} is free; the service takes it")


def _answers(config: PartnersConfig) -> Finding:
    """The running service, over TLS; it is asked for nothing."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)
    place = f"{config.host}:{config.port}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, config.port), ANSWER_S) as plain,
            context.wrap_socket(plain) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
    except OSError as error:
        cure = "see journalctl -u gate for the reason (partners: cannot answer)"
        return Finding("partners port", False, f"{place}: {error}", cure)
    own = x509.load_pem_x509_certificates(config.cert_file.read_bytes())[0]
    if shown != own.public_bytes(Encoding.DER):
        cure = "restart the service if the configuration names other files than before; else "
        cure += "another program answers, or journalctl -u gate says why the new one is not taken"
        return Finding("partners port", False, f"{place}: another certificate", cure)
    return Finding("partners port", True, f"{place} answers with the certificate of this file")
