"""`gate users`: who may use the console."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.settings import settings_for_data
from edge.console.users import UserError, UserStore

app = typer.Typer(
    no_args_is_help=True, help="Console users and their roles.", rich_markup_mode=None
)

Config = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Take the password from stdin.")]


@app.command()
def add(
    name: str,
    config: Config,
    role: Annotated[
        str, typer.Option(help="viewer, operator, supervisor or administrator.")
    ] = "operator",
    lane: Annotated[
        list[str] | None, typer.Option(help="A lane in which alone the user may act; repeatable.")
    ] = None,
    password_stdin: Stdin = False,
) -> None:
    """Add a user. The password has 12 to 128 characters.

    Example: gate users add lan --role operator --lane out1 --config /etc/gate/gate.toml
    """
    lanes = _lanes(config, lane or [])
    _do(config, lambda users: users.add(name, role, _password(password_stdin), lanes=lanes))
    typer.echo(f"added {name} ({role})")


@app.command("list")
def list_(config: Config) -> None:
    """List the users.

    Example: gate users list --config /etc/gate/gate.toml
    """

    def show(users: UserStore) -> None:
        for user in users.all():
            typer.echo(f"{user.name:20} {user.role:14} {'disabled' if user.disabled else ''}")

    _do(config, show)


@app.command()
def passwd(name: str, config: Config, password_stdin: Stdin = False) -> None:
    """Set a user's password.

    Example: gate users passwd admin --config /etc/gate/gate.toml
    """
    _do(config, lambda users: users.passwd(name, _password(password_stdin)))
    typer.echo(f"the password of {name} is changed")


@app.command()
def disable(
    name: str,
    config: Config,
    enable: Annotated[bool, typer.Option("--enable", help="Let the user in again.")] = False,
) -> None:
    """Lock a user out (or in again).

    Example: gate users disable lan --config /etc/gate/gate.toml
    """
    _do(config, lambda users: users.disable(name, not enable))
    typer.echo(f"{name} is {'enabled' if enable else 'disabled'}")


def _lanes(config: Path, lanes: list[str]) -> list[str]:
    known = settings_for_data(config).lanes
    if strange := [lane for lane in lanes if lane not in known]:
        typer.echo(f"gate users: no lane {strange[0]!r}; lanes: {', '.join(known)}", err=True)
        raise typer.Exit(2)
    return lanes


def _do(config: Path, act: Callable[[UserStore], None]) -> None:
    try:
        act(UserStore(settings_for_data(config).data_folder))
    except UserError as error:
        typer.echo(f"gate users: {error}", err=True)
        raise typer.Exit(1) from None


def _password(stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("password", hide_input=True, confirmation_prompt=True))
