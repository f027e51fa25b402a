"""A scenario as its file says it: who comes, what goes wrong, what must hold.

The JSON Schema that editors complete by (simulator/scenarios/scenario.schema.json) is made from
these sections; each field's description is its help there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from simulator.scenario.expectation import Expectation
from simulator.scenario.named import (
    DAY_S,
    BarrierName,
    FaultName,
    Name,
    Plate,
    ReasonName,
    Seconds,
    Section,
    WayName,
    When,
    known,
)
from simulator.weather import Weather

LANE = "lane"
"""The only lane of a scenario that names none."""


class Mix(Section):
    """Shares of what comes while traffic flows by itself, 0 to 1; the rest is in order."""

    undeclared: float = Field(0.0, ge=0, le=1, description="Nobody has declared them.")
    wrong_lane: float = Field(0.0, ge=0, le=1, description="Assigned to another lane.")
    held: float = Field(0.0, ge=0, le=1, description="Held by the platform.")
    tailgates: float = Field(0.0, ge=0, le=1, description="They follow closely.")
    backs_off: float = Field(0.0, ge=0, le=1, description="They turn back at the line.")
    unreadable: float = Field(0.0, ge=0, le=1, description="Vehicles without a plate.")


class Lane(Section):
    direction: Literal["export", "import"] = "export"
    title: str = Field("", description="What people call it.")
    barrier: BarrierName = Field("serial", description="How the arm is wired; in real time.")
    night: bool = Field(False, description="Pictures of the night; in real time.")
    weather: Weather = Field(
        "clear", description="What the camera's pictures suffer from; in real time."
    )
    rtsp: bool = Field(False, description="The camera speaks RTSP in place of MJPEG; in real time.")
    exit_loop: bool | None = Field(
        None,
        description="Whether a loop behind the arm is wired. Else one is in virtual time, none in "
        "real time.",
    )
    rear_camera: bool = Field(
        False, description="A second camera sees the rears of the vehicles and their plates."
    )
    arm_line: bool = Field(
        False,
        description="A camera beside the arm counts who goes over a line under it, and over one "
        "on the way; in virtual time.",
    )
    flows: Mix | None = Field(
        None,
        description="Traffic that flows by itself for `seconds`, drawn by the seed; in real time.",
    )


class Driver(Section):
    """How he drives; places are of his vehicle's front in metres from the arm."""

    follows_m: float = Field(6.0, ge=0.3, le=50, description="The gap that he keeps.")
    ignores_light: bool = Field(False, description="He drives through whatever arm stands open.")
    patience_s: float | None = Field(None, ge=0, le=3600, description="Waiting, then he gives up.")
    turns_back_s: float | None = Field(None, ge=0, le=3600, description="Then he turns back.")
    makes_way_s: float | None = Field(
        None, ge=0, le=3600, description="Then he leaves to the side, for who stands behind him."
    )
    reaction_s: float = Field(0.6, ge=0, le=600, description="From green to his start.")
    stops_at_m: float | None = Field(None, ge=-40, le=20, description="Where he halts on his way.")
    stops_s: float = Field(25.0, ge=0, le=3600, description="So long he halts there.")
    turns_back_at_m: float | None = Field(
        None, ge=-40, le=20, description="Where he, once let in, reverses out."
    )
    breaks_through_s: float | None = Field(
        None, ge=0, le=3600, description="Waiting, then he drives through the closed arm."
    )
    against: bool = Field(False, description="He comes from the other side.")


class Declaration(Section):
    """How his assignment on the platform is; left out: cleared, for this lane and valid now."""

    state: Literal["active", "held", "cancelled", "used"] = "active"
    direction: Literal["this", "other"] = "this"
    lanes: list[str] | None = Field(None, description="Named in place of his lane.")
    kind: Literal["truck", "bus", "car", "motorcycle"] | None = Field(
        None, description="Where it is not what comes."
    )
    tractor: Literal["this", "another", "another or this"] = Field(
        "this", description="Whose plate is named as the tractor's."
    )
    trailer: Literal["this", "another", "none"] = Field(
        "this", description="Whose plate is named as the trailer's, where he has one that is seen."
    )
    valid_from_s: float = Field(-3600, ge=-864000, le=864000, description="Seconds from now.")
    valid_to_s: float = Field(43200, ge=-864000, le=864000, description="Seconds from now.")
    clearances: dict[
        Literal["border_guard", "customs", "quarantine", "yard"],
        Literal["pending", "done", "refused"],
    ] = Field(default_factory=dict, description="States of authorities that have not cleared it.")
    later: bool = Field(False, description='Not before a change says `to = "declared"`.')


Vehicles = Literal[
    "truck", "bus", "car", "motorcycle", "pedestrian", "drawbar truck", "long drawbar truck",
    "semi-trailer", "bare semi-trailer",
]  # fmt: skip
Reading = Literal["by chance", "sure", "two texts", "unsure", "wrong", "never"]


class Vehicle(Section):
    """One who comes, in the order of the file."""

    who: Name = Field("", description="His name here; else first, second, ...")
    lane: str = Field("", description="Only where the scenario has several.")
    vehicle: Vehicles = "truck"
    plate: Plate | None = Field(
        None, description='Drawn by the seed where it is not told; "": none.'
    )
    country: Literal["VN", "CN"] | None = None
    same_plate_as: str = Field("", description="Of whom it is a copy.")
    trailer_plate: bool = Field(False, description="His trailer has a plate that can be seen.")
    read: Reading = Field("by chance", description="What is read of his plate; in virtual time.")
    trailer_read: Reading = "sure"
    declared: bool = Field(True, description="Whether the platform has an assignment for him.")
    declaration: Declaration = Declaration()
    assignment_of: str = Field("", description="He comes again, on the assignment of this one.")
    must: Literal["pass", "stay", "anything"] | None = Field(
        None,
        description="What a good gate must reach: he crosses, admitted; nobody admits him (and if "
        "he crosses all the same, that is recorded); or his driver decides. Else as declared.",
    )
    may_pass: bool | None = Field(
        None, description="Whether the gate by itself may admit him; else as he is declared."
    )
    person: Literal["admits", "rejects"] | None = Field(
        None,
        description="What the person in the booth says if asked; else what is right. In real time "
        "somebody sits there where this is told of anybody.",
    )
    driver: Driver = Driver()
    beside_the_arm: bool = Field(False, description="He goes around the arm and not under it.")
    beside_the_beam: bool = Field(False, description="The photocell does not see him.")
    at_s: float | None = Field(
        None, ge=0, le=DAY_S, description="He comes so long after the start."
    )
    when: When | None = None
    after_s: Seconds = 0.0
    in_place_of: str = Field("", description="He stands where this one stood, who is gone.")
    recorded: list[WayName] = Field(
        default_factory=list, description="Under which names he may be recorded; else by `must`."
    )


class Change(Section):
    """What the platform says otherwise."""

    of: str
    to: Literal["cancelled", "held", "active", "declared", "dropped", "as first said"] = Field(
        description="dropped: it is no longer in the list, and only a whole list shows that. as "
        "first said: an older answer comes late, with the revision of then; in virtual time."
    )
    at_s: float | None = Field(None, ge=0, le=DAY_S)
    when: When | None = None
    after_s: Seconds = 0.0


ORDERS = (
    "open", "close", "stop", "hold_open", "release", "lock", "unlock", "out_of_service",
    "in_service", "admit", "reject", "escalate",
)  # fmt: skip


class Outside(Section):
    """A signed command from outside; in virtual time."""

    valid_s: float = Field(60.0, gt=0, le=600, description="So long it is valid from its issue.")
    late_s: float = Field(0.0, ge=0, le=3600, description="So long after its issue it arrives.")


class Order(Section):
    """What a person at the console orders, beside the one in the booth who answers questions."""

    action: Annotated[
        str, AfterValidator(known(ORDERS, "order")), WithJsonSchema({"enum": [*ORDERS]})
    ]
    lane: str = Field("", description="Only where the scenario has several.")
    seen: str = Field(
        "",
        description="For whom: the page showed him when he waited, whoever stands there by then. "
        "Else it is for whoever stands there.",
    )
    by: Name = Field("lan", min_length=1, description="Which of the people at the console.")
    outside: Outside | None = Field(
        None, description="It is no person's at the console: customs or the platform sends it."
    )
    must: Literal["done", "refused", "asks another"] | None = Field(
        None,
        description="What must become of it. asks another: a second person has to say so too, "
        "and nothing has happened yet.",
    )
    at_s: float | None = Field(None, ge=0, le=DAY_S)
    when: When | None = None
    after_s: Seconds = 0.0


class FaultAt(Section):
    """What goes wrong, and when. Without an end it lasts to the scenario's end."""

    name: FaultName
    lane: str = Field("", description="Only where the scenario has several.")
    value: float | str | None = Field(None, description="See `gate-sim faults NAME`.")
    at_s: float | None = Field(None, ge=0, le=DAY_S, description="So long after the start.")
    when: When | None = None
    after_s: Seconds = Field(0.0, description="So long after `when`.")
    for_s: float | None = Field(None, gt=0, le=3600)
    until: When | None = None


class Scenario(Section):
    """What comes to a gate, what goes wrong there, and what must hold in the end."""

    about: str = Field(min_length=10, description="A sentence or two for people.")
    clocks: list[Literal["fast", "real"]] = Field(
        ["fast"], min_length=1,
        description="fast: in virtual time, over wires in memory, readings drawn; real: in real "
        "time, on real wires, with real pictures.",
    )  # fmt: skip
    seconds: float = Field(45.0, gt=0, le=3600, description="So long traffic flows; in real time.")
    no_sensor_tells: str = Field(
        "",
        description="Why no sensor of a lane tells this apart; its failures are counted apart.",
    )
    two_people_admit: list[ReasonName] = Field(
        default_factory=list,
        description="Reasons for which the gate's policy asks for two people; in virtual time.",
    )
    lanes: dict[str, Lane] = Field(default_factory=dict)
    traffic: list[Vehicle] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    faults: list[FaultAt] = Field(default_factory=list)
    orders: list[Order] = Field(default_factory=list)
    expect: list[Expectation] = Field(default_factory=list)

    @property
    def last_s(self) -> float:
        """When the last thing happens whose moment is told."""
        at = [vehicle.at_s for vehicle in self.traffic]
        at += [change.at_s for change in self.changes]
        at += [fault.at_s for fault in self.faults]
        at += [order.at_s for order in self.orders]
        return max((second or 0.0 for second in at), default=0.0)

    @property
    def names(self) -> list[str]:
        """Of the traffic, in order."""
        return names_of(v.who for v in self.traffic)


ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


def names_of(told: Iterable[str]) -> list[str]:
    """Each one's name: as it is told, or else which one he is."""
    return [
        who or (ORDINALS[n] if n < len(ORDINALS) else f"number{n + 1}")
        for n, who in enumerate(told)
    ]
