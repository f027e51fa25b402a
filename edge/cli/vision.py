"""`gate vision`: what an installer needs to point cameras and to draw where vehicles drive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.row_output import printable
from edge.cli.settings import settings_of
from edge.config import CameraConfig, Settings
from edge.config.lane import camera_key

if TYPE_CHECKING:
    from edge.vision.reading import Picture

app = typer.Typer(no_args_is_help=True, help="The cameras' pictures.", rich_markup_mode=None)

GRID = 10
"""Parts of the grid by which an installer reads off the fractions of a point."""


@app.callback()
def vision() -> None:
    """The cameras' pictures."""


@app.command()
def zones(
    config: Annotated[Path, typer.Option(help="The gate's configuration file.")],
    out: Annotated[Path, typer.Option(help="The folder for the pictures.")] = Path(),
    lane: Annotated[str | None, typer.Option(help="Only this lane.")] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="A photograph instead of the camera's picture now; with --lane."),
    ] = None,
    grid: Annotated[bool, typer.Option(help="With a grid of tenths to read points off.")] = True,
) -> None:
    """Write a picture of each camera with its zone, stop line, areas, travel and lines drawn in.

    Take a picture, read the corners of your lane off its grid, write them under
    [lanes.<name>.camera.ways], and run it again until they lie on the road where they should.

    Examples: gate vision zones --config /etc/gate/gate.toml --out /tmp;
    gate vision zones --config gate.toml --lane out1 --picture lane.jpg
    """
    settings = settings_of(config)
    if lane is not None and lane not in settings.lanes:
        _refuse(f"there is no lane {printable(lane)!r}; there are: {', '.join(settings.lanes)}")
    if picture is not None and lane is None:
        _refuse("--picture needs --lane: which lane's ways shall be drawn into it?")
    failed = False
    for name, view, camera in _cameras(settings, lane):
        try:
            seen = _photograph(picture) if picture is not None else _now(camera)
            file = out / f"zones-{view}.jpg"
            _write(file, seen, camera, grid)
        except (OSError, ValueError) as error:
            failed = True
            typer.echo(f"gate vision: {name}: {printable(str(error))}", err=True)
            continue
        typer.echo(f"{file}: {seen.shape[1]}x{seen.shape[0]}, {name}: {_description(camera)}")
    if failed:
        raise typer.Exit(1)


def _cameras(settings: Settings, lane: str | None) -> list[tuple[str, str, CameraConfig]]:
    """Key, name of the view, settings."""
    from edge.vision.port import view_of

    return [
        (camera_key(name, camera), view_of(name, camera), config)
        for name, about in settings.lanes.items()
        if lane in (None, name)
        for camera, config in about.all_cameras.items()
    ]


def _photograph(file: Path) -> Picture:
    from edge.vision.codec import picture_of

    return picture_of(file.read_bytes())


def _now(camera: CameraConfig) -> Picture:
    """The camera's next picture. Raises ValueError with what to do."""
    from edge.config.secret import SecretError
    from edge.vision.capture import CameraError, frames

    try:
        for seen in frames(camera.signed(), False, True, camera.snapshots_per_s):
            return seen
    except (CameraError, SecretError) as error:
        raise ValueError(f"{error}; is its power on, its cable in, the source right?") from None
    raise ValueError(f"{camera.source} gives no picture; is this the right source?")


def _write(file: Path, seen: Picture, camera: CameraConfig, grid: bool) -> None:
    from edge.vision.codec import encode
    from edge.vision.drawn_ways import draw_grid, draw_ways

    drawn = seen.copy()
    if grid:
        draw_grid(drawn, GRID)
    draw_ways(drawn, camera, named=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(encode(drawn))


def _description(camera: CameraConfig) -> str:
    """What is drawn, in words."""
    ways = camera.ways
    parts = [*ways.areas, *(["travel"] if ways.travel else []), *(f"line {n}" for n in ways.lines)]
    return ", ".join(parts) or "no ways; its zone and stop line decide"


def _refuse(why: str) -> None:
    typer.echo(f"gate vision: {why}", err=True)
    raise typer.Exit(2)
