"""From the file to the settings, or to every mistake in it.

Relative paths are relative to the file's folder, except `data_folder`'s children.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ValidationError

from edge.config.address import Source, masked
from edge.config.camera import CameraConfig
from edge.config.channels import channel_problems
from edge.config.devices import shared_devices
from edge.config.settings import Settings
from edge.config.text import NotText, text_of
from edge.system.causes import Cause, cause
from edge.system.refused_values import reason_of

LARGEST_BYTES = 1_000_000
"""A gate's file has some kilobytes; what is larger is another file."""

MOST_PROBLEMS = 50
"""More mistakes than these are only counted: a file of another program has thousands."""

SHOWN = 80
"""Maximum characters of a wrong value that are shown."""


class ConfigError(Exception):
    """The file cannot be used; `problems` holds one line per mistake."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.file = file
        self.problems = problems


def load(file: Path) -> Settings:
    """Reads and checks the file; raises ConfigError with every mistake that leaves it unknown what
    the gate would do. `refusals` and `warnings` report what else is wrong."""
    try:
        raw = tomllib.loads(text_of(file, LARGEST_BYTES))
    except FileNotFoundError:
        raise ConfigError(
            file, [f"{file}: no such file; copy config/site.example.toml and adapt it"]
        ) from None
    except (OSError, NotText) as error:
        why = str(error.strerror if isinstance(error, OSError) else error)
        raise ConfigError(file, [f"{file}: cannot be read: {why}"]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "nested too deeply"
        raise ConfigError(file, [f"{file}: not valid TOML: {why}"]) from None
    try:
        if strange := next(_zeros(raw, ""), None):
            raise ConfigError(file, [f"{file}: {strange}: holds a zero character; remove it"])
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(file, problem_lines(str(file), error)) from None
    except RecursionError:
        raise ConfigError(file, [f"{file}: not valid TOML: nested too deeply"]) from None
    settings = _anchored(settings, file.resolve().parent)
    if problems := [f"{file}: {problem}" for problem in _misused(settings)]:
        raise ConfigError(file, problems)
    return settings


def problem_lines(source: str, error: ValidationError) -> list[str]:
    """Every mistake with its place, for people; `source`: what to call the text."""
    found = [line for problem in error.errors() for line in _lines(problem)]
    if len(found) > MOST_PROBLEMS:
        found[MOST_PROBLEMS:] = [cause("value.more", count=len(found) - MOST_PROBLEMS)]
    return [in_source(source, line) for line in found]


def in_source(source: str, problem: str) -> str:
    """The mistake with the text it is in. A cause stays one, and so it can be translated."""
    if isinstance(problem, Cause):
        return cause("at", place=source, why=problem)
    return f"{source}: {problem}"


def _zeros(value: object, place: str) -> Iterator[str]:
    """Finds texts with a character that no file name, address or topic may have."""
    if isinstance(value, str) and "\0" in value:
        yield place
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _zeros(inner, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _zeros(inner, f"{place}.{number}")


def _misused(settings: Settings) -> Iterator[str]:
    """Wires and boards that are not what the lanes take them for."""
    yield from shared_devices(settings.wires, settings.lanes)
    for name, lane in settings.lanes.items():
        for problem in channel_problems(lane.barrier, settings.wires):
            yield f"lanes.{name}.barrier{problem}"


def _lines(problem: object) -> Iterator[str]:
    """One mistake as `key: reason (cure)`; those that settings.py found together, each."""
    assert isinstance(problem, dict)
    place = ".".join(str(part) for part in problem["loc"])
    kind, given = problem["type"], problem.get("input")
    reason = reason_of(problem)
    if kind == "missing":
        reason = cause("value.missing")
    elif kind == "extra_forbidden":
        reason = cause("config.unknown_key")
    elif not isinstance(given, dict | list):
        # Whatever a wrong value is, a password in it is not told.
        shown = masked(given) if isinstance(given, str) else given
        reason = cause("value.found", why=reason, found=repr(shown)[:SHOWN])
    if not place:
        yield from [reason] if isinstance(reason, Cause) else reason.splitlines()
    else:
        yield cause("at", place=place, why=reason)


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with every relative path made absolute from the file's folder."""

    def walk(value: object) -> object:
        if isinstance(value, Path):
            return value if value.is_absolute() else folder / value
        if isinstance(value, BaseModel):
            changed = {name: walk(getattr(value, name)) for name in type(value).model_fields}
            return value.model_copy(update=changed)
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(walk(item) for item in value)
        return value

    anchored = walk(settings)
    assert isinstance(anchored, Settings)
    lanes = {}
    for name, lane in anchored.lanes.items():
        board = lane.barrier.board
        eyes = {camera: _found(config, folder) for camera, config in lane.all_cameras.items()}
        lane = lane.model_copy(update={"camera": eyes.pop(""), "cameras": eyes})
        if board.endswith(".toml") and not Path(board).is_absolute():
            barrier = lane.barrier.model_copy(update={"board": str(folder / board)})
            lane = lane.model_copy(update={"barrier": barrier})
        lanes[name] = lane
    return anchored.model_copy(update={"lanes": lanes})


def _found(camera: CameraConfig, folder: Path) -> CameraConfig:
    """The camera; a recording that is named relatively lies in the folder."""
    source = camera.source
    if source.scheme or source.device or Path(source.whole).is_absolute():
        return camera
    return camera.model_copy(update={"source": Source(str(folder / source.whole))})
