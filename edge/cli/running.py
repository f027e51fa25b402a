"""The service that runs on this configuration now, by its own figures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

ANSWERS_S = 5.0


@dataclass(frozen=True, slots=True)
class RunningService:
    """`wires`: lane -> whether its board answers; `links`: link -> whether it is up."""

    wires: dict[str, bool]
    links: dict[str, bool]


def running_service(folder: Path) -> RunningService | None:
    """None where no gate answers at the address that it left in its data folder."""
    try:
        url = json.loads((folder / "console.json").read_text(encoding="utf-8"))["url"]
        # Its own certificate may be one that nobody has signed.
        answer = httpx.get(f"{url}/metrics", timeout=ANSWERS_S, verify=False)
        answer.raise_for_status()
        families = {f.name: f for f in text_string_to_metric_families(answer.text)}
        wires = {s.labels["lane"]: s.value == 1 for s in families["gate_barrier_wire_ok"].samples}
        links = {s.labels["link"]: s.value == 1 for s in families["gate_link_connected"].samples}
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError, httpx.InvalidURL):
        return None
    return RunningService(wires, links)
