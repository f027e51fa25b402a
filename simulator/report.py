"""The contract's report: every figure counted, from the worlds and from customs, none assumed."""

from __future__ import annotations

from typing import Any

from simulator.judging import Judged, judge, said, share_of
from simulator.rig import Rig


def report(rig: Rig, seconds: float, last_sequence: int) -> dict[str, Any]:
    """`last_sequence`: the service's own last number; what customs lacks below it is lost."""
    truths = [world.truth for world in rig.worlds.values()]
    events = rig.customs.events()
    decided = [e["data"] for e in events if e["type"] == "bordergate.passage.decided.v1"]
    completed = [e["data"] for e in events if e["type"] == "bordergate.passage.completed.v1"]
    allowed = {d["passage"] for d in decided if d["verdict"] == "allow"}
    refused = {d["passage"] for d in decided if d["verdict"] != "allow"} - allowed
    crossed = [plate for t in truths for plate in t.crossed]
    ids = [e["id"] for e in events]
    reads = _reads(completed, crossed)
    judged = judged_of(rig, events)
    waits = [wait for t in truths for wait in t.waits_ms]
    return {
        "vehicles": rig.sent,
        "passages": len(crossed),
        "opened": len(allowed),
        "refused": len(refused),
        "wrongly_opened": sum(one.wrongly_opened for one in judged),
        "wrongly_refused": sum(len(t.left_assigned) for t in truths),
        "guided": len({str(one["passage"]) for one in rig.platform.guided() if one.get("passage")}),
        "tailgates": sum(t.tailgates for t in truths),
        "let_in_by_order": sum(one.by_order for one in judged),
        "crossed_unadmitted": sum(one.unadmitted for one in judged),
        "untold": sum(one.untold for one in judged),
        "events": last_sequence,
        "acknowledged": rig.customs.through,
        "lost": max(0, last_sequence - len(events)) + len(rig.customs.counts.broken),
        "platform_lacks": platform_lacks(rig, events),
        "duplicates": (len(ids) - len(set(ids))) + rig.platform_duplicates(),
        "safety_violations": sum(len(t.violations) for t in truths),
        "latency_ms": {
            "p50": share_of(waits, 0.5),
            "p99": share_of(waits, 0.99),
            "max": share_of(waits, 1),
        },
        "plate_reads": reads,
        "seconds": round(seconds, 1),
    }


def platform_lacks(rig: Rig, events: list[dict[str, Any]]) -> int:
    """Completed passages, as customs has them, of which the platform was never told. One that it
    has refused is none of these only where it is taken later."""
    ours = (e["data"] for e in events if e["type"] == "bordergate.passage.completed.v1")
    done = {str(d["passage"]) for d in ours if d.get("mode") != "shadow"}
    return len(done - {str(body.get("passage")) for body in rig.platform.posted.values()})


def failures(figures: dict[str, Any]) -> list[str]:
    """What must be zero and is not."""
    zero = ("lost", "duplicates", "safety_violations", "wrongly_opened", "untold")
    return [f"{name} is {figures[name]}, must be 0" for name in zero if figures[name]]


def judged_of(rig: Rig, events: list[dict[str, Any]]) -> list[Judged]:
    """Everybody who crossed, with what the gate said of him."""
    heard = said(events)
    return [
        one
        for lane, world in rig.worlds.items()
        for one in judge(
            world.truth.crossings,
            [e for e in heard if e.lane == lane],
            rig.wall,
        )
    ]


def _reads(completed: list[dict[str, Any]], crossed: list[str]) -> dict[str, int]:
    """What was read of those who crossed, against their real plates."""
    real = set(crossed)
    read = [d["read_plate"] for d in completed]
    return {
        "right": sum(1 for plate in read if plate in real and plate),
        "wrong": sum(1 for plate in read if plate and plate not in real),
        "none": sum(1 for plate in read if not plate),
    }
