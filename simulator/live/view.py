"""What the live page shows: the truth of each lane, and beside it what the controller says.

Plain data. What the controller says is known from customs' receiver and the platform alone, and
what it does from its contacts, so that it is told of any controller.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.faults.catalogue import FAULTS, Choice, Fault, Number
from simulator.judging import ABANDONED, ALARM, COMPLETED, Judged, Said, judge, said
from simulator.rig import LanePlan, Rig
from simulator.scenario.by_hand import ByHand
from simulator.scenario.model import Vehicle
from simulator.world import CAMERA_AT, STOP_AT, LaneWorld
from simulator.world.places import ENTRY_LOOP, EXIT_LOOP, PHOTOCELL, SAFETY_LOOP

LAST = 6
"""So many of those who crossed, and of the things that were said, are shown of each lane."""

JUDGED = 12
"""So many of those who crossed last are judged: what was heard of them is still at hand."""

RATE_S = 2.0
"""Questions on a wire are counted over so long."""

SHOWN = {
    "plate.read": "reading",
    "passage.decided": "decision",
    COMPLETED: "record",
    ABANDONED: "record",
    ALARM: "alarm",
    "alarm.cleared": "cleared",
    "operator.acted": "person",
}


def fixed(hand: ByHand, scenario: str, about: str) -> dict[str, Any]:
    """What does not change while it is served."""
    kinds = Vehicle.model_json_schema()["properties"]["vehicle"]["enum"]
    return {
        "scenario": scenario,
        "about": about,
        "places": {
            "entry_loop": ENTRY_LOOP, "safety_loop": SAFETY_LOOP, "exit_loop": EXIT_LOOP,
            "photocell": PHOTOCELL, "stop": STOP_AT, "camera": CAMERA_AT,
        },
        "lanes": [
            {"lane": p.name, "title": p.title, "direction": p.direction} for p in hand.rig.lanes
        ],
        "vehicles": kinds,
        "faults": [_fault(FAULTS[name]) for name in hand.possible],
    }  # fmt: skip


def _fault(fault: Fault) -> dict[str, Any]:
    takes: dict[str, Any] | None = None
    if isinstance(fault.takes, Number):
        n = fault.takes
        takes = {"what": n.what, "least": n.least, "most": n.most, "usual": n.usual}
    elif isinstance(fault.takes, Choice):
        takes = {"what": fault.takes.what, "of": fault.takes.of, "usual": fault.takes.usual}
    return {
        "name": fault.name, "group": fault.group.name.lower(), "happens": fault.happens,
        "good": fault.good, "takes": takes, "of_lane": fault.of_lane, "instant": fault.instant,
    }  # fmt: skip


def view(hand: ByHand) -> dict[str, Any]:
    """As everything is now."""
    rig = hand.rig
    heard = said(rig.customs.newest())
    guided = rig.platform.guided()
    return {
        "at": datetime.now(UTC).isoformat(),
        "lanes": [_lane(rig, plan, heard, guided) for plan in rig.lanes],
        "gate": [_said(e) for e in heard if e.lane == "gate" and e.type in SHOWN][-LAST:],
        "wires": list(_wires(rig)),
        "faults": hand.lasting(),
        "service": hand.service_runs,
    }


def _lane(
    rig: Rig, plan: LanePlan, heard: list[Said], guided: list[dict[str, Any]]
) -> dict[str, Any]:
    world = rig.worlds[plan.name]
    sensed, truth = world.sense(), world.truth
    mine = [e for e in heard if e.lane == plan.name]
    return {
        "lane": plan.name,
        "arm": round(world.arm.position, 3),
        "torn_off": world.arm.torn_off,
        "green": world.green,
        "inputs": sensed,
        "sign": rig.signs[plan.name].text,
        "vehicles": [
            {
                "number": v.look.seed,
                "plate": v.look.plate,
                "colour": v.look.colour,
                "kind": v.look.kind,
                "paint": "#{2:02x}{1:02x}{0:02x}".format(*v.look.paint),
                "front_m": round(v.front, 2),
                "parts": [(p.front, p.rear, p.high, p.metal) for p in v.shape],
                "may_pass": v.assigned,
                "mood": v.mood.value,
                "around": not v.under_arm,
            }
            for v in list(world.vehicles)
        ],
        "crossed": len(truth.crossings) + truth.walked,
        "turned_away": len(truth.turned_away),
        "violations": len(truth.violations),
        "touches": len(truth.touches),
        "last": [_crossed(one) for one in reversed(_judged(world, mine))][:LAST],
        "believed": rig.customs.states.get(plan.name),
        "said": [_said(e) for e in mine if e.type in SHOWN][-LAST:],
        "guided": [_guided(one) for one in guided if one.get("lane") == plan.name][-LAST:],
    }


def _guided(one: Mapping[str, Any]) -> dict[str, str]:
    """A vehicle that the platform was told is sent to another lane; a foreign controller may leave
    out anything."""
    told = {key: one.get(key) for key in ("at", "plate", "to", "reason")}
    return {key: value if isinstance(value, str) else "" for key, value in told.items()}


def _judged(world: LaneWorld, heard: list[Said]) -> list[Judged]:
    now, mono = datetime.now(UTC), time.monotonic()
    newest = list(world.truth.crossings)[-JUDGED:]
    return judge(newest, heard, lambda at: now - timedelta(seconds=mono - at))


def _crossed(one: Judged) -> dict[str, Any]:
    return {
        "plate": one.crossing.plate,
        "kind": one.crossing.kind,
        "may_pass": one.crossing.assigned,
        "at": one.left.isoformat(),
        "admitted_by": one.admitted_by.partition(":")[0],
        "told_by": one.told_by,
    }


def _said(event: Said) -> dict[str, Any]:
    data: Mapping[str, Any] = event.data
    way = data.get("outcome") or data.get("why", "")
    what = {
        "reading": data.get("accepted"),
        "decision": data.get("verdict"),
        "record": way if isinstance(way, str) else "",
        "alarm": data.get("code"),
        "cleared": data.get("code"),
        "person": data.get("action"),
    }[SHOWN[event.type]]
    return {
        "kind": SHOWN[event.type],
        "at": event.at.isoformat(),
        "what": what,
        "reason": data.get("reason", ""),
        "plate": data.get("plate") or data.get("text") or "",
    }


def _wires(rig: Rig) -> Iterator[dict[str, Any]]:
    """Of each wire what is told of it: figures by their names, and whether it is well."""
    now = time.monotonic()
    questions = list(rig.boards.seen[-1000:])
    for number, plan in enumerate(rig.lanes, 1):
        source = rig.rtsp if plan.rtsp else rig.cameras
        served = source.served[plan.name]
        fault = source.faults[plan.name]
        well = not (fault.dark or fault.frozen or fault.cut or fault.spoiling.fault)
        yield {"what": "camera", "lane": plan.name, "well": well, "pictures": served}
        asked = [at for at, address, _ in questions if address == number and now - at < RATE_S]
        yield {
            "what": "board", "lane": plan.name, "kind": plan.barrier,
            "well": bool(asked) and not rig.boards.silent and number not in rig.boards.cut,
            "per_s": round(len(asked) / RATE_S, 1), "spoilt": rig.boards.spoilt[number],
            "unanswered": rig.boards.unanswered[number],
        }  # fmt: skip
    yield {"what": "broker", "lane": "", "well": rig.broker.running}
    counts = rig.customs.counts
    yield {
        "what": "customs", "lane": "", "well": not (rig.customs.deaf or counts.broken),
        "through": rig.customs.through, "again": counts.repeated, "broken": len(counts.broken),
    }  # fmt: skip
    platform = rig.platform
    down = platform.down or platform.failing or platform.forbidding or bool(platform.answers)
    yield {
        "what": "platform", "lane": "", "well": not down, "asked": platform.asked,
        "passages": len(platform.posted), "turned_down": platform.refused,
        "guided": len(platform.guided()),
    }  # fmt: skip
