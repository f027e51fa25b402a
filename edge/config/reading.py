"""From the file to the settings, or to every mistake in it.

Relative paths are relative to the file's folder, except `data_folder`'s children.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from edge.config.settings import Settings


class ConfigError(Exception):
    """The file cannot be used; `problems` holds one line per mistake."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.file = file
        self.problems = problems


def load(file: Path) -> Settings:
    """Reads and checks the file; raises ConfigError with every mistake found."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            file, [f"{file}: no such file; copy config/site.example.toml and adapt it"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(file, [f"{file}: cannot be read: {error}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, [f"{file}: not valid TOML: {error}"]) from None
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(file, [_line(file, problem) for problem in error.errors()]) from None
    return _anchored(settings, file.resolve().parent)


def _line(file: Path, problem: object) -> str:
    """One mistake as `file: key: reason (cure)`."""
    assert isinstance(problem, dict)
    place = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
    kind, given = problem["type"], problem.get("input")
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        reason = "unknown key; remove it or correct its spelling (`gate config keys` lists all)"
    elif kind == "missing":
        reason = "missing; add it"
    elif not isinstance(given, dict | list):
        reason = f"{reason} (found {given!r})"
    return f"{file}: {place}: {reason}"


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
        source = lane.camera.source
        if "://" not in source and not Path(source).is_absolute():
            camera = lane.camera.model_copy(update={"source": str(folder / source)})
            lane = lane.model_copy(update={"camera": camera})
        lanes[name] = lane
    return anchored.model_copy(update={"lanes": lanes})
