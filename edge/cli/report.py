"""`gate report`: what a shift did, for who hands over and for who takes over."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.journal_file import open_journal_file
from edge.cli.moments import typed
from edge.cli.settings import settings_for_data
from edge.console.catalogue import translate
from edge.console.report.figures import shift as figures_of
from edge.console.report.forms import as_csv, as_html, as_pdf
from edge.console.report.tables import report
from edge.sync.journal.journal import FILE
from edge.sync.journal.reading import JournalReading
from edge.sync.port import Unread
from edge.system.atomic_file import write_atomic
from edge.system.clock import SystemClock

app = typer.Typer(no_args_is_help=True, help="Reports from the journal.", rich_markup_mode=None)

SHIFT = timedelta(hours=8)


class Form(StrEnum):
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"


class Language(StrEnum):
    VI = "vi"
    EN = "en"
    ZH = "zh"


@app.callback()
def _group() -> None:
    """Reports from the journal."""


@app.command()
def shift(
    config: Annotated[Path, typer.Option("--config", help="The gate's configuration file.")],
    target: Annotated[Path, typer.Argument(help="The file to write: .html, .pdf or .csv.")],
    begins: Annotated[
        datetime | None, typer.Option("--from", help="Its begin (the gate's clock).")
    ] = None,
    ends: Annotated[datetime | None, typer.Option("--to", help="Its end; otherwise now.")] = None,
    language: Annotated[
        Language | None, typer.Option(help="vi, en or zh; otherwise the console's.")
    ] = None,
) -> None:
    """The report of a shift (the last eight hours): vehicles by kind, direction, outcome and
    reason; handling times; what people did by hand and what became of it; what is still open. Also
    while the service runs.

    Example: gate report shift shift.pdf --from "2026-11-30 06:00" --config /etc/gate/gate.toml
    """
    try:
        form = Form(target.suffix.removeprefix(".").lower())
    except ValueError:
        typer.echo(f"gate report shift: {target}: name it .html, .pdf or .csv", err=True)
        raise typer.Exit(2) from None
    if not target.absolute().parent.is_dir():
        typer.echo(f"gate report shift: there is no folder {target.absolute().parent}", err=True)
        raise typer.Exit(2)
    settings = settings_for_data(config)
    until = typed(ends) if ends else SystemClock().now().wall
    since = typed(begins) if begins else until - SHIFT
    if since >= until or until.year < 2000:
        typer.echo("gate report shift: it ends before it begins", err=True)
        raise typer.Exit(2)
    file = settings.data_folder / FILE
    open_journal_file(file).close()
    said = language.value if language else settings.console.language
    directions = {name: lane.direction for name, lane in settings.lanes.items()}
    names = {name: lane.name or name for name, lane in settings.lanes.items()}
    try:
        with closing(_Reading(file)) as past:
            figures = figures_of(past, directions, since, until)
        made = report(figures, settings.site, settings.gate, names, said)
        none = translate(said, "report_none")
        match form:
            case Form.HTML:
                data = as_html(made, said, none).encode()
            case Form.PDF:
                data = as_pdf(made, none)
            case Form.CSV:
                data = as_csv(made, said).encode()
        write_atomic(target.absolute(), data)
    except (Unread, OSError) as error:
        typer.echo(f"gate report shift: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"written to {target}")


class _Reading(JournalReading):
    def close(self) -> None:
        self.close_readers()
