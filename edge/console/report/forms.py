"""The report as a page, as paper and as a spreadsheet's rows."""

from __future__ import annotations

import base64
import csv
import io
import logging
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from edge.console.local_format import DECIMAL_COMMA
from edge.console.report.tables import Report, Table

FONT = Path(__file__).parent / "report.otf"
"""A subset of Noto Sans CJK SC with Latin, Vietnamese and the characters of GB 2312."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet computes; one set to Chinese takes the wide forms as well."""

MARGIN_MM, TITLE_PT, HEAD_PT, TEXT_PT = 14, 17, 12, 9

TOGETHER_MM = 30
"""A table's title, note, head and first row: they stand on one page."""

PADDING_MM = 2.4
"""What a column needs beside its text."""

FOOT_MM, FOOT_PT = 10, 7
"""The line at the foot of each page: its middle above the edge."""

LINE = 1.6 * 25.4 / 72
"""Height of a line, mm per point of its letters: marks above and below have room."""

DARK, PALE = (17, 34, 51), (85, 102, 119)

FACES = Path(__file__).parents[1] / "static" / "fonts"
"""For a computer without Chinese letters, within the page itself: the face of our own texts and of
plates, and beside it that of GB 2312 where names, lanes or reasons have more."""

CHINESE = "\u2e80"
"""From here on a character is none of a Latin face."""

STYLE = """
body{margin:2rem auto;max-width:60rem;color:#123;
font:15px/1.45 system-ui,gate,gate-common,sans-serif}
table{border-collapse:collapse;width:100%;margin:.4rem 0 1.6rem}
th,td{border-bottom:1px solid #cdd;padding:.3rem .5rem;text-align:left}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:0}p{margin:.2rem 0;color:#567}
td,th{overflow-wrap:anywhere;min-width:5.5em}td.n,th.n{min-width:3em}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}h2,h2+p{break-after:avoid}}
"""


def as_html(report: Report, language: str, none: str) -> str:
    """One page that needs nothing else; `none`: for a table without rows."""
    parts = [
        f"<h1>{escape(report.title)}</h1>",
        *(f"<p>{escape(line)}</p>" for line in report.about),
    ]
    for table in report.tables:
        parts.append(f"<h2>{escape(table.title)}</h2>")
        if table.note:
            parts.append(f"<p>{escape(table.note)}</p>")
        parts += _html_rows(table) if table.rows else [f"<p>{escape(none)}</p>"]
    body = "\n".join([*parts, "</html>", ""])
    head = f'<!doctype html><html lang="{language}"><meta charset="utf-8">\n<title>'
    head += f"{escape(report.title)}</title><style>{_faces(body)}{STYLE}</style>\n"
    return head + body


def _faces(text: str) -> str:
    """Those that the text needs."""
    own = (FACES / "characters.txt").read_text(encoding="utf-8")
    more = any(char >= CHINESE and char not in own for char in text)
    wanted = {"gate": "chinese.woff2", **({"gate-common": "chinese-common.woff2"} if more else {})}
    return "".join(
        f"@font-face{{font-family:{name};src:url(data:font/woff2;base64,"
        f"{base64.b64encode((FACES / file).read_bytes()).decode()})}}"
        for name, file in wanted.items()
    )


def _html_rows(table: Table) -> list[str]:
    right = _right(table)
    heads = "".join(
        f'<th class="{"n" if n in right else ""}">{escape(head)}</th>'
        for n, head in enumerate(table.heads)
    )
    rows = [
        "<tr>"
        + "".join(
            f'<td class="{"n" if n in right else ""}">{escape(str(cell))}</td>'
            for n, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.rows
    ]
    return [f"<table><thead><tr>{heads}</tr></thead><tbody>", *rows, "</tbody></table>"]


def as_csv(report: Report, language: str) -> str:
    """Each table under its name, with a byte order mark for spreadsheets, and with the marks of the
    language: a spreadsheet set to Vietnamese has all of a line with commas in one cell, and takes
    30.5 for a day of May."""
    out = io.StringIO()
    comma = language in DECIMAL_COMMA
    rows = csv.writer(out, delimiter=";" if comma else ",")

    def cell_of(cell: str | int | float) -> str | int | float:
        return str(cell).replace(".", ",") if comma and isinstance(cell, float) else cell

    rows.writerow([report.title, *report.about])
    for table in report.tables:
        rows.writerow([])
        rows.writerow([table.name, table.title, table.note])
        rows.writerow(table.heads)
        rows.writerows([cell_of(_harmless(cell)) for cell in row] for row in table.rows)
    return "\ufeff" + out.getvalue()


def _harmless(cell: str | int | float) -> str | int | float:
    """A text that a spreadsheet would take for a formula is none."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def as_pdf(report: Report, none: str) -> bytes:
    """A4, with the face that Vietnamese and Chinese need within it."""
    from fpdf import FPDF
    from fpdf.enums import TableCellFillMode
    from fpdf.fonts import FontFace

    # It tells of every glyph that it leaves out of the file.
    logging.getLogger("fontTools").setLevel(logging.ERROR)

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-FOOT_MM)
            self.set_font("report", size=FOOT_PT)
            self.set_text_color(*PALE)
            self.cell(0, 0, " · ".join((report.title, *report.about)))
            self.set_x(self.l_margin)
            self.cell(0, 0, f"{self.page_no()}/{{nb}}", align="R")

    page = Paper(format="A4")
    page.set_margin(MARGIN_MM)
    page.set_auto_page_break(True, MARGIN_MM)
    page.add_font("report", fname=FONT)
    page.set_title(report.title)
    page.set_draw_color(200, 212, 216)

    def write(text: str, points: float, color: tuple[int, int, int]) -> None:
        page.set_font("report", size=points)
        page.set_text_color(*color)
        page.multi_cell(0, LINE * points, text, new_x="LMARGIN", new_y="NEXT")

    page.add_page()
    write(report.title, TITLE_PT, DARK)
    for line in report.about:
        write(line, TEXT_PT, PALE)
    for table in report.tables:
        page.ln(4)
        if page.will_page_break(TOGETHER_MM):
            page.add_page()
        write(table.title, HEAD_PT, DARK)
        if table.note or not table.rows:
            write(table.note or none, TEXT_PT, PALE)
        if not table.rows:
            continue
        page.set_font("report", size=TEXT_PT)
        page.set_text_color(*DARK)
        right = _right(table)
        with page.table(
            width=page.epw,
            col_widths=_widths(table, page.get_string_width, page.epw),
            text_align=tuple("RIGHT" if n in right else "LEFT" for n in range(len(table.heads))),
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(fill_color=(226, 234, 238)),
            cell_fill_mode=TableCellFillMode.NONE,
            line_height=LINE * TEXT_PT,
            padding=0.6,
        ) as grid:
            grid.row(table.heads)
            for row in table.rows:
                grid.row([str(cell) for cell in row])
    return bytes(page.output())


def _widths(table: Table, width_of: Callable[[str], float], room: float) -> list[float]:
    """How wide the columns are, mm: as their longest text where all have room; else the narrow ones
    keep that, and the wide ones share what is left, their texts in several lines."""
    columns = zip(table.heads, *table.rows, strict=True)
    widths = [max(width_of(str(cell)) for cell in column) + PADDING_MM for column in columns]
    for done, n in enumerate(sorted(range(len(widths)), key=widths.__getitem__)):
        widths[n] = min(widths[n], room / (len(widths) - done))
        room -= widths[n]
    return widths


def _right(table: Table) -> Sequence[int]:
    """Columns of numbers."""
    columns = range(len(table.heads))
    rows = table.rows
    return [n for n in columns if rows and all(isinstance(row[n], int | float) for row in rows)]
