"""The certificate that the console makes for itself: no password crosses a network in clear.

No authority has signed it, so a browser warns once. The person there compares its fingerprint with
the one that the gate shows. It is made anew before it expires.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.system.atomic_file import write_atomic
from edge.system.causes import cause
from edge.system.clock import CREDIBLE_FROM

FILE = "console-own.pem"
LASTS = dt.timedelta(days=3650)
AHEAD = dt.timedelta(days=30)
"""Time before its expiry at which it is made anew."""


def own_certificate(folder: Path, host: str, now: dt.datetime) -> Path:
    """The file with certificate and key; made where there is none that is good. Raises OSError."""
    file = folder / FILE
    if until(file) - AHEAD < now or not _fits(file):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(file, _made(host, now), mode=0o600)
    return file


def until(file: Path) -> dt.datetime:
    """When a certificate expires; long ago where it cannot be read."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return dt.datetime.min.replace(tzinfo=dt.UTC) + AHEAD


def fingerprint(file: Path) -> str:
    """As browsers show it: SHA-256 in pairs; "" where it cannot be read."""
    try:
        digest = x509.load_pem_x509_certificate(file.read_bytes()).fingerprint(hashes.SHA256())
    except (OSError, ValueError):
        return ""
    return digest.hex(":").upper()


def usable(cert: Path, key: Path | None) -> None:
    """Raises OSError naming the file and what to do where a server cannot use them."""
    try:
        # An encrypted key would be asked for at a terminal that nobody looks at.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, lambda: "")
    except (ssl.SSLError, ValueError) as error:
        why = getattr(error, "reason", None) or cause("not_readable")
        raise OSError(
            cause("console.no_certificate", cert=cert, key=key or cause("no_key_file"), why=why)
        ) from None
    except OSError as error:
        raise OSError(
            cause(
                "console.no_file",
                cert=cert,
                key=key or cause("no_key_file"),
                error=error.strerror,
            )
        ) from None


def _fits(file: Path) -> bool:
    try:
        usable(file, None)
    except OSError:
        return False
    return True


def _made(host: str, now: dt.datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    names = {"localhost", socket.gethostname()} | ({host} if host else set())
    names |= {a.address for of in psutil.net_if_addrs().values() for a in of}
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "border gate console")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A gate whose clock has lost its battery still makes one that counts when it is set.
        .not_valid_before(min(now, CREDIBLE_FROM) - dt.timedelta(days=1))
        .not_valid_after(max(now, CREDIBLE_FROM) + LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _alternatives(names: set[str]) -> list[x509.GeneralName]:
    """Addresses as such, the rest as names; hardware addresses are neither."""
    found: list[x509.GeneralName] = []
    for name in sorted(names):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name.partition("%")[0])))
        except ValueError:
            if name.isascii() and ":" not in name:
                found.append(x509.DNSName(name))
    return found
