"""`gate camera`: what the running service believes of its cameras."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from edge.cli.barrier_wire import Config
from edge.cli.settings import settings_of
from edge.system.local_socket import NoLocalAnswer, ask

app = typer.Typer(
    no_args_is_help=True, help="The cameras of the running gate.", rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    """Keeps `confirm` a command of its own."""


@app.command()
def confirm(
    lane: str,
    config: Config,
    reason: Annotated[str, typer.Option(help="Why it looks elsewhere.")] = "turned on purpose",
) -> None:
    """The camera looks where it should: what it shows now is learned as its view, and the alarm
    that it was moved ends. It is recorded who said so.

    Example: gate camera confirm out1 --reason "new mast" --config /etc/gate/gate.toml
    """
    folder = settings_of(config).data_folder
    question = {"do": "confirm", "lane": lane, "reason": reason, "user": getpass.getuser()}
    try:
        said = ask(folder, question)
    except NoLocalAnswer as error:
        said = {"error": str(error)}
    if said is None:
        said = {"error": "the service does not run: start it, then confirm"}
    if "error" in said:
        typer.echo(f"gate camera confirm: {said['error']}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{lane}: the view is learned anew, in some twenty seconds")
