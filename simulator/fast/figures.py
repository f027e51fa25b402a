"""The figures of a fast run: what the contract's report counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from edge.sync.journal.verify import verify_chain
from simulator.fast.cases import ORDINARY
from simulator.fast.day import Day
from simulator.fast.unseen import wrongly_opened
from simulator.judging import COMPLETED, Judged, Said, of_nobody, share_of


def figures_of(day: Day, judged: Mapping[str, list[Judged]], events: list[Said]) -> dict[str, Any]:
    """The contract's report."""
    truths = [world.truth for world in day.worlds.values()]
    everybody = [one for lane in judged.values() for one in lane]
    decided = [e.data for e in events if e.type == "passage.decided"]
    allowed = {d["passage"] for d in decided if d["verdict"] == "allow"}
    refused = {d["passage"] for d in decided if d["verdict"] != "allow"} - allowed
    used = Counter(
        e.data["assignment"]
        for e in events
        if e.type == COMPLETED and e.data["verdict"] == "allow" and e.data["assignment"]
    )
    handled = _handling(everybody)
    plates = [
        (day.guest_of(one.crossing.number).vehicle.look.plate, str(e.data["read_plate"]))
        for one in everybody
        if one.passage
        for e in events
        if e.type == COMPLETED and e.data["passage"] == one.passage
    ]
    _, faults = _chain(day)
    missing = _missing(day)
    last = day.house.journal.last_sequence()
    return {
        "vehicles": sum(len(v.guests) for v in day.played.visits),
        "passages": len(everybody),
        "opened": len(allowed),
        "refused": len(refused),
        "wrongly_opened": sum(wrongly_opened(day, one) for one in everybody),
        "wrongly_refused": sum(len(t.left_assigned) for t in truths),
        "tailgates": sum(t.tailgates for t in truths),
        "let_in_by_order": sum(one.by_order for one in everybody),
        "crossed_unadmitted": sum(one.unadmitted for one in everybody),
        "untold": sum(one.untold for one in everybody),
        "events": last,
        "acknowledged": day.customs.through,
        "lost": missing + len(faults) + last - day.customs.through,
        "duplicates": len(day.customs.faults),
        "sent_again": day.customs.received - day.customs.through,
        "customs_waited_s": round(day.customs.waited_s, 1),
        "recorded_nobody": sum(
            bool(record.data["observed"])
            for lane, everybody in judged.items()
            for record in of_nobody(everybody, [e for e in events if e.lane == lane])
        ),
        "concluded_wrongly": sum(
            not record.data["observed"]
            for lane, everybody in judged.items()
            for record in of_nobody(everybody, [e for e in events if e.lane == lane])
        ),
        "used_twice": sum(1 for n in used.values() if n > 1),
        "safety_violations": sum(len(t.violations) for t in truths),
        "touched_by_the_arm": sum(t.fell for truth in truths for t in truth.touches),
        "drove_into_the_arm": sum(not t.fell for truth in truths for t in truth.touches),
        "arm_turned": sum(truth.turned for truth in truths),
        "handling_s": {
            "vehicles": len(handled),
            "mean": round(sum(handled) / len(handled), 2) if handled else 0.0,
            "p50": share_of(handled, 0.5),
            "p99": share_of(handled, 0.99),
        },
        "plate_reads": {
            "right": sum(1 for real, read in plates if read and read == real),
            "wrong": sum(1 for real, read in plates if read and read != real),
            "none": sum(1 for _, read in plates if not read),
        },
        "asked_a_person": day.booth.decided,
        "seconds": round(day.now - day.began, 1),
    }


def _missing(day: Day) -> int:
    """How many numbers the journal gave and holds no more; on a full disk what customs has
    acknowledged makes way first."""
    held = {int(body["sequence"]) for body in day.house.events()}
    gone = set(range(1, day.house.journal.last_sequence() + 1)) - held
    return len(gone - day.customs.events.keys() if day.house.was_full else gone)


def _chain(day: Day) -> tuple[int, list[str]]:
    """How many events the journal holds, and what is wrong with its chain."""
    journal = day.house.journal
    rows = ((int(b["sequence"]), str(b["hash"]), json.dumps(b)) for b in day.house.events())
    return verify_chain(rows, journal.checkpoints(), journal.key.public)


def _handling(everybody: list[Judged]) -> list[float]:
    """Seconds from the line to the free safety loop, of those with whom nothing is wrong and whom
    the gate admitted by itself."""
    return [
        one.crossing.left_at - one.crossing.arrived_at
        for one in everybody
        if one.crossing.case in ORDINARY
        and one.admitted_by == "gate"
        and one.crossing.arrived_at is not None
    ]
