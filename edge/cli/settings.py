"""The settings for a command, or a clear end."""

from __future__ import annotations

from pathlib import Path

import typer

from edge.config import ConfigError, Settings, load


def settings_of(config: Path) -> Settings:
    """Reads the file; with mistakes every one is printed and the command ends with 2."""
    try:
        return load(config)
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None
