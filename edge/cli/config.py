"""`gate config`: check a configuration, list its keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.cli.settings import settings_of
from edge.config import Settings, refusals, warnings
from edge.config.board import BoardProfile

app = typer.Typer(no_args_is_help=True, help="The configuration file.", rich_markup_mode=None)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="The file to check.")]) -> None:
    """Check a file: every mistake with its key and its cure; unusual settings are listed too.

    Ends with 2 where something must be corrected. `gate run` ends with 2 only for what leaves a
    motion unsafe or unknown, and starts with an alarm for the rest.

    Example: gate config check /etc/gate/gate.toml
    """
    settings = settings_of(file)
    for warning in warnings(settings):
        typer.echo(f"warning: {file}: {warning}", err=True)
    refused = list(refusals(settings))
    for problem in refused:
        typer.echo(f"{file}: {problem}", err=True)
    if refused:
        raise typer.Exit(2)
    typer.echo(f"{file}: good; {len(settings.lanes)} lanes: {', '.join(settings.lanes)}")


@app.command()
def keys(
    as_json: Annotated[bool, typer.Option("--json", help="The JSON schema instead.")] = False,
    board: Annotated[bool, typer.Option("--board", help="Those of a board profile.")] = False,
) -> None:
    """List every key with its type and default.

    Example: gate config keys --board
    """
    schema = (BoardProfile if board else Settings).model_json_schema()
    if as_json:
        typer.echo(json.dumps(schema, ensure_ascii=False))
        return
    _print(schema, schema["$defs"], "")


def _print(part: dict[str, Any], definitions: dict[str, Any], prefix: str) -> None:
    for name, about in part.get("properties", {}).items():
        default = f" = {json.dumps(about['default'])}" if "default" in about else " (required)"
        inner = about.get("additionalProperties", about)
        found = json.dumps(inner)
        references = [key for key in definitions if f'"#/$defs/{key}"' in found]
        if not references:
            typer.echo(f"{prefix}{name}: {_type(about)}{default}")
            continue
        named = {"additionalProperties", "patternProperties"} & about.keys()
        below = f"{prefix}{name}." + ("<name>." if named else "")
        for reference in references:
            text = definitions[reference].get("description", "").replace("\n", " ")
            typer.echo(f"\n[{below.rstrip('.')}] {text}")
            _print(definitions[reference], definitions, below)


def _type(about: dict[str, Any]) -> str:
    """The type in words; where only some values are allowed, these."""
    allowed = [about["const"]] if "const" in about else about.get("enum", [])
    return " | ".join(json.dumps(v) for v in allowed) or about.get("type", "see docs")
