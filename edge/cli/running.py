"""The service that runs on this configuration now, by its own word (`/readyz`)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import TypeAdapter

ANSWERS_S = 5.0


@dataclass(frozen=True, slots=True)
class RunningService:
    """`wires`: lane -> whether its board answers; `errors`: the failed share of its last exchanges;
    `links`: link -> whether it is up."""

    wires: dict[str, bool]
    links: dict[str, bool]
    errors: dict[str, float] = field(default_factory=dict)


_SERVICE = TypeAdapter(RunningService)


def running_service(folder: Path) -> RunningService | None:
    """None where no gate answers at the address that it left in its data folder."""
    try:
        url = json.loads((folder / "console.json").read_text(encoding="utf-8"))["url"]
        # Its own certificate may be one that nobody has signed.
        said = httpx.get(f"{url}/readyz", timeout=ANSWERS_S, verify=False).json()
        return _SERVICE.validate_python(said)
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError, httpx.InvalidURL):
        return None
