"""`gate keys`: who may send signed commands, and the gate's own public key."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.settings import settings_for_data, settings_of
from edge.domain.moment import iso
from edge.sync.customs.envelope import sign as signed
from edge.sync.customs.keyring import Keyring, KeyringError
from edge.sync.journal.signing import GateKey, UnusableKey
from edge.system.causes import cause

app = typer.Typer(no_args_is_help=True, help="Keys of command issuers.", rich_markup_mode=None)
Config = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]


@app.command()
def gate(
    config: Config,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print the gate's own public key and its fingerprint, for a receiver of its events.

    Hand them over in writing: a key that came over the network may be anybody's.

    Example: gate keys gate --config /etc/gate/gate.toml
    """
    settings = settings_for_data(config)
    try:
        key = GateKey.kept(settings.data_folder / "keys")
    except FileNotFoundError as error:
        why = f"{error.filename} is missing; the service makes it when it starts for the first time"
        typer.echo(f"gate keys: {why}", err=True)
        raise typer.Exit(1) from None
    except (OSError, UnusableKey) as error:
        typer.echo(f"gate keys: {error}", err=True)
        raise typer.Exit(1) from None
    source = f"/{settings.site}/{settings.gate}"
    if as_json:
        fields = {"source": source, "public": key.public, "fingerprint": key.fingerprint}
        typer.echo(json.dumps(fields))
        return
    typer.echo(f"gate         {source}")
    typer.echo(f"public key   {key.public}")
    typer.echo(f"fingerprint  {key.fingerprint}")


@app.command()
def new(issuer: str, config: Config) -> None:
    """Make a key for an issuer; its private half is printed once and kept nowhere.

    Example: gate keys new platform --config /etc/gate/gate.toml
    """

    def make(ring: Keyring) -> None:
        key, private = ring.make(issuer)
        typer.echo(json.dumps({"key": key.key, "issuer": issuer, "private": private}))

    _do(config, make)


@app.command()
def add(issuer: str, public: str, config: Config) -> None:
    """Take up an issuer's public key (base64 of 32 bytes), whose private half it keeps to itself.

    Example: gate keys add customs BASE64 --config /etc/gate/gate.toml
    """
    _do(config, lambda ring: typer.echo(ring.add(issuer, public).key))


@app.command("list")
def list_(config: Config) -> None:
    """List the keys.

    Example: gate keys list --config /etc/gate/gate.toml
    """

    def show(ring: Keyring) -> None:
        for k in ring.all():
            state = f"revoked {k.revoked}" if k.revoked else "valid"
            typer.echo(f"{k.key}  {k.issuer:16} made {k.made}  {state}")

    _do(config, show)


@app.command()
def rotate(issuer: str, config: Config) -> None:
    """Make a second key; the old one stays valid until you revoke it.

    Example: gate keys rotate platform --config /etc/gate/gate.toml
    """
    new(issuer, config)


@app.command()
def revoke(key: str, config: Config) -> None:
    """Revoke a key at once.

    Example: gate keys revoke 1f0c22aa90b1 --config /etc/gate/gate.toml
    """

    def act(ring: Keyring) -> None:
        if not ring.revoke(key):
            raise KeyringError(cause("keys.none", key=repr(key)))

    _do(config, act)
    typer.echo(f"{key} is revoked")


@app.command()
def sign(
    lane: str,
    action: str,
    config: Config,
    key: Annotated[str, typer.Option(help="The key's id.")],
    issuer: Annotated[str, typer.Option(help="The issuer's name.")],
    private_file: Annotated[Path, typer.Option(help="File with the private half.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "test",
) -> None:
    """Sign one command and print its envelope, to test a receiver.

    Example: gate keys sign out1 open --key ID --issuer platform --private-file k --config gate.toml
    """
    now = datetime.now(UTC)
    body = {
        "id": uuid.uuid4().hex,
        "gate": settings_of(config).gate,
        "lane": lane,
        "action": action,
        "reason": reason,
        "issued_at": iso(now),
        "expires_at": iso(now + timedelta(seconds=30)),
        "issuer": issuer,
        "counter": time.time_ns() // 1_000_000,
        "key": key,
    }
    try:
        private = private_file.read_text(encoding="utf-8").strip()
        typer.echo(json.dumps(signed(body, private)))
    except (OSError, ValueError) as error:
        typer.echo(f"gate keys: {private_file} has no private key: {error}", err=True)
        raise typer.Exit(1) from None


def _do(config: Path, act: Callable[[Keyring], None]) -> None:
    try:
        act(Keyring(settings_for_data(config).data_folder / "keys"))
    except KeyringError as error:
        typer.echo(f"gate keys: {error}", err=True)
        raise typer.Exit(1) from None
