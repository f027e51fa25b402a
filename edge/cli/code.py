"""`gate code`: makes the codes that drivers show where no plate can be read, and looks at one."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.cli.settings import settings_for_data
from edge.domain.moment import iso
from edge.domain.second_key import Code, parse_code, signed_text
from edge.gate.second_keys import unsigned
from edge.sync.customs.keyring import Keyring, KeyringError
from edge.system.atomic_file import write_atomic

app = typer.Typer(
    no_args_is_help=True,
    help="Codes for drivers whose plate may not be read (second keys).",
    rich_markup_mode=None,
)
LONGEST_H = 24 * 31
"""Hours for which the command makes a code at most: one that is lost counts until then."""

NONCE_BYTES = 8
DOTS = 10
"""Pixels of the picture per dot of the code: 5 cm wide at 300 dots per inch."""


@dataclass(frozen=True, slots=True)
class Signer:
    issuer: str
    key: str
    private: Ed25519PrivateKey

    def code(self, assignment: str, expires: datetime) -> str:
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        text = signed_text(assignment, expires, nonce, self.issuer, self.key)
        signature = base64.urlsafe_b64encode(self.private.sign(text.encode())).decode()
        return f"{text}:{signature.rstrip('=')}"


@app.command()
def issue(
    assignment: Annotated[str, typer.Argument(help="The assignment's id, as the list has it.")],
    key_file: Annotated[Path, typer.Option(help="What `gate keys new ISSUER` has printed.")],
    hours: Annotated[float, typer.Option(help="So long it counts.", min=0.02, max=LONGEST_H)] = 12,
    picture: Annotated[
        Path | None, typer.Option(help="A QR code of it besides, for paper or a phone (.png).")
    ] = None,
) -> None:
    """Make a code for the driver of one assignment; it admits one vehicle, once. Needs no gate: run
    it where assignments are made, and keep the key's file there alone.

    Example: gate keys new drivers --config /etc/gate/gate.toml > drivers.key

    Example: gate code issue A-17 --key-file drivers.key --hours 12 --picture a17.png
    """
    try:
        signer = _signer(key_file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"is no key as `gate keys new` prints it: {error}"
        typer.echo(f"gate code issue: {key_file} {why}", err=True)
        raise typer.Exit(2) from None
    text = signer.code(assignment, datetime.now(UTC) + timedelta(hours=hours))
    if parse_code(text) is None:
        allowed = "letters, digits, '.', '_' and '-', 64 at most"
        typer.echo(f"gate code issue: {assignment!r} cannot stand in a code: {allowed}", err=True)
        raise typer.Exit(2)
    if picture is not None:
        try:
            write_atomic(picture.absolute(), _drawn(text))
        except OSError as error:
            typer.echo(f"gate code issue: {picture} cannot be written: {error}", err=True)
            raise typer.Exit(1) from None
    typer.echo(text)


@app.command()
def check(
    code: Annotated[str, typer.Argument(help="The code, or a photograph of it.")],
    config: Annotated[Path, typer.Option("--config", help="The gate's configuration file.")],
) -> None:
    """What the gate makes of a code: its parts, whether its key is known and signed it, whether it
    has expired. Whether the list lets its vehicle pass is asked at the lane. Ends with 1 where it
    does not count.

    Example: gate code check a17.png --config /etc/gate/gate.toml
    """
    text = _read(code)
    found = parse_code(text)
    if found is None:
        typer.echo(f"no code of ours: {text[:80]!r}" if text else "no code is read there", err=True)
        raise typer.Exit(1)
    for name, value in _parts(found):
        typer.echo(f"{name:11} {value}")
    try:
        ring = Keyring(settings_for_data(config).data_folder / "keys")
        refusal = unsigned(found, ring.find(found.issuer, found.key))
    except KeyringError as error:
        typer.echo(f"gate code check: {error}", err=True)
        raise typer.Exit(1) from None
    why = refusal.value if refusal else "expired" if found.expired(datetime.now(UTC)) else ""
    typer.echo(f"{'counts':11} {'no: ' + why if why else 'yes'}")
    if why:
        raise typer.Exit(1)


def _parts(code: Code) -> list[tuple[str, str]]:
    return [
        ("assignment", code.assignment),
        ("expires", iso(code.expires)),
        ("issuer", code.issuer),
        ("key", code.key),
    ]


def _signer(file: Path) -> Signer:
    """Raises OSError, ValueError, KeyError and TypeError."""
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    private = base64.b64decode(kept["private"], validate=True)
    return Signer(kept["issuer"], kept["key"], Ed25519PrivateKey.from_private_bytes(private))


def _drawn(text: str) -> bytes:
    """A PNG. A quarter of the code may be covered (correction Q)."""
    import cv2
    import numpy as np
    import zxingcpp

    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    picture = np.array(made.to_image(scale=DOTS, add_quiet_zones=True))
    return bytes(cv2.imencode(".png", picture)[1])


def _read(given: str) -> str:
    """The code in the photograph of that name, or what was given."""
    if len(given) > 255 or not Path(given).is_file():
        return given
    import cv2

    from edge.vision.codes import codes_in

    picture = cv2.imread(given)
    return next(iter(codes_in(picture)), "") if picture is not None else ""
