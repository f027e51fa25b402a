"""The reliability curve as a picture: what the confidence says against what was found."""

from __future__ import annotations

from collections.abc import Sequence

SIDE, EDGE = 320, 46


def drawn(rows: Sequence[dict[str, float]], accept: float) -> str:
    """SVG; each row has `said`, `found` and `n`. The dashed line is the acceptance threshold."""
    whole = SIDE + 2 * EDGE

    def at(said: float, found: float) -> tuple[float, float]:
        return round(EDGE + said * SIDE, 1), round(EDGE + (1 - found) * SIDE, 1)

    most = max(row["n"] for row in rows)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{whole}" height="{whole}" fill="white"/>',
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = at(share, share)
        out.append(f'<text x="{x}" y="{whole - EDGE + 16}" text-anchor="middle">{share:g}</text>')
        out.append(f'<text x="{EDGE - 6}" y="{y + 4}" text-anchor="end">{share:g}</text>')
    (x1, y1), (x2, y2) = at(0, 0), at(1, 1)
    out.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#bbb"/>')
    x, _ = at(accept, 0)
    out.append(
        f'<line x1="{x}" y1="{EDGE}" x2="{x}" y2="{EDGE + SIDE}" stroke="#c33" '
        'stroke-dasharray="4 3"/>'
    )
    points = [at(row["said"], row["found"]) for row in rows]
    path = " ".join(f"{x},{y}" for x, y in points)
    out.append(f'<polyline points="{path}" fill="none" stroke="#246" stroke-width="2"/>')
    for (x, y), row in zip(points, rows, strict=True):
        radius = 3 + 7 * (row["n"] / most) ** 0.5
        out.append(
            f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="#246" fill-opacity="0.6">'
            f"<title>said {row['said']:.3f}, found {row['found']:.3f}, {row['n']:.0f}</title>"
            "</circle>"
        )
    middle = EDGE + SIDE / 2
    out.append(f'<text x="{middle}" y="{whole - 10}" text-anchor="middle">confidence said</text>')
    out.append(
        f'<text x="14" y="{middle}" text-anchor="middle" '
        f'transform="rotate(-90 14 {middle})">share found right</text>'
    )
    return "\n".join([*out, "</svg>", ""])
