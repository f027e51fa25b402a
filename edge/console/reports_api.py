"""The shift's report for programs, and for a person who prints it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import AwareDatetime

from edge.config import Settings
from edge.console.catalogue import translate
from edge.console.report.figures import shift
from edge.console.report.forms import as_csv, as_html, as_pdf
from edge.console.report.tables import report
from edge.gate.port import GateOperations

SHIFT = timedelta(hours=8)
FIRST, LAST = 2000, 9000
"""Years between which a gate may have seen something; nearer the ends of all dates none is added
to or taken from."""

KINDS = ("text/html", "application/pdf", "text/csv")

LONGEST = timedelta(days=31)
"""A longer one is asked for by the command, which hinders nobody."""


WHOLE_IN_ITSELF = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'none'"
    )
}
"""Its style and its face stand in the page, and nothing else may."""


def add_reports(app: FastAPI, operations: GateOperations, settings: Settings) -> None:
    """All calls."""
    directions = {name: lane.direction for name, lane in settings.lanes.items()}
    names = {name: lane.name or name for name, lane in settings.lanes.items()}

    @app.get(
        "/api/report/shift",
        response_class=Response,
        responses={200: {"content": {kind: {} for kind in KINDS}, "description": "The report"}},
    )
    def shift_report(
        request: Request,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        form: Literal["html", "pdf", "csv"] = "html",
    ) -> Response:
        """The report of a shift, otherwise of the last eight hours, in the language of the session;
        422 where it ends before it begins, or is longer than a month."""
        try:
            end = until or operations.view().now
            begin = since or end - SHIFT
            fits = timedelta() < end - begin <= LONGEST and FIRST < begin.year < LAST
        except OverflowError:
            fits = False
        if not fits:
            raise HTTPException(422, "it ends before it begins, or is longer than a month")
        language = request.state.session.language
        figures = shift(operations, directions, begin, end)
        made = report(figures, settings.site, settings.gate, names, language)
        none = translate(language, "report_none")
        match form:
            case "html":
                page = as_html(made, language, none)
                return Response(page, media_type="text/html", headers=WHOLE_IN_ITSELF)
            case "pdf":
                return _file(as_pdf(made, none), "application/pdf", "shift.pdf")
            case _:
                rows = as_csv(made, language).encode()
                return _file(rows, "text/csv; charset=utf-8", "shift.csv")


def _file(data: bytes, kind: str, name: str) -> Response:
    shown = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=kind, headers=shown)
