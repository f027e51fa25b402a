"""The settings for a command, or a clear end."""

from __future__ import annotations

from pathlib import Path

import typer

from edge.config import ConfigError, Settings, load
from edge.system.owner import become_owner


def settings_of(config: Path) -> Settings:
    """Reads the file; with mistakes every one is printed and the command ends with 2."""
    try:
        return load(config)
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None


def settings_for_data(config: Path) -> Settings:
    """The same for a command that touches the data folder: root becomes its owner first, so that
    nothing is left there which the service cannot read or write."""
    settings = settings_of(config)
    try:
        become_owner(settings.data_folder)
    except OSError as error:
        typer.echo(f"{settings.data_folder}: its owner cannot be taken on: {error}", err=True)
        raise typer.Exit(1) from None
    return settings
