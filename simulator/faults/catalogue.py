"""The faults by name: what happens, what a good controller does, what may be told of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

INPUTS = (
    "entry_loop",
    "safety_loop",
    "photocell",
    "limit_open",
    "limit_closed",
    "exit_loop",
    "stop",
)
LOOPS = ("entry_loop", "safety_loop", "exit_loop")
CAMERAS = ("front", "rear")
OUTPUTS = ("open", "close", "green", "red", "stop")


class Group(StrEnum):
    CAMERA = "Camera"
    WIRE = "Wire and board"
    INPUT = "Loops, beam and switches"
    ARM = "Relays and arm"
    SERVICE = "Service"
    RECEIVER = "Broker and receiver"
    PLATFORM = "Platform"


@dataclass(frozen=True, slots=True)
class Number:
    """`value` of a fault: `what` it is, in which bounds, and what it is where none is told."""

    what: str
    least: float
    most: float
    usual: float


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` of a fault: one of several names."""

    what: str
    of: tuple[str, ...]
    usual: str


Value = float | str
Takes = Number | Choice | None


@dataclass(frozen=True, slots=True)
class Fault:
    """`happens` and `good`: sentences for testers; `takes`: the value that it may be given;
    `of_lane`: it happens to one lane (or else to the whole gate); `instant`: it is over at once,
    and nothing is there to be ended."""

    name: str
    group: Group
    happens: str
    good: str
    takes: Takes = None
    of_lane: bool = True
    instant: bool = False


def _share(usual: float = 0.3) -> Number:
    return Number("share of the answers", 0.0, 1.0, usual)


_HEALS = (
    "asks again, keeps the newest good answer for a moment only, holds or stops a moving arm when "
    "it is too old, raises a wire alarm when it lasts, and goes on by itself"
)

_ALL = (
    Fault("camera_dark", Group.CAMERA, "The camera refuses every connection.",
        "raises a camera alarm, admits nobody whom it has not read, asks a person about whoever "
        "stands on the loop, and connects again by itself", Choice("camera", CAMERAS, "front")),
    Fault("camera_hangs", Group.CAMERA, "The stream stays open and sends nothing any more.",
        "notices within seconds that no frame comes, raises a camera alarm and connects anew"),
    Fault("camera_cut", Group.CAMERA, "Every picture is cut off in its middle.",
        "reads nothing from pictures that are not whole, and raises a camera alarm"),
    Fault("camera_sees_nobody", Group.CAMERA, "Pictures come, and nobody is found in them.",
        "tells by the loop that somebody stands there, and asks a person"),
    Fault("camera_clock", Group.CAMERA, "The camera's own clock is off.",
        "stamps what it sees with its own clock, and tells that the camera's is off",
        Number("seconds ahead", -86400 * 365, 86400 * 365, 3600)),
    Fault("camera_still", Group.CAMERA, "The same picture comes again and again.",
        "finds it by what the camera did before, tells it, reads nothing from such pictures"),
    Fault("camera_black", Group.CAMERA, "The pictures are black.",
        "tells it within seconds, and asks a person about whoever stands on the loop"),
    Fault("camera_blinded", Group.CAMERA, "The pictures are white: the sun, or headlights.",
        "tells it within seconds, and asks a person about whoever stands on the loop"),
    Fault("camera_blurred", Group.CAMERA, "The pictures are out of focus.",
        "tells it, and does not take what it can no longer read surely for read"),
    Fault("camera_covered", Group.CAMERA, "The lower half of the pictures shows nothing.",
        "tells it, and asks a person about whoever it cannot read"),
    Fault("camera_moved", Group.CAMERA, "The camera was pushed aside.",
        "tells it, and reads nothing of another lane's vehicles"),
    Fault("camera_garbled", Group.CAMERA, "Bytes come as pictures that are none.",
        "reads nothing from them, does not fall, raises a camera alarm"),
    Fault("wire_silent", Group.WIRE, "The lane's board answers nothing; its relays stay.", _HEALS),
    Fault("wire_noise", Group.WIRE, "One bit of an answer is turned.", _HEALS, _share(), False),
    Fault("wire_loss", Group.WIRE, "Answers do not come.", _HEALS, _share(), False),
    Fault("wire_late", Group.WIRE, "Answers come when nobody waits for them any more.",
        "never takes a late answer for that of the next question; else as for a silent board",
        _share(), False),
    Fault("wire_doubled", Group.WIRE, "Answers come twice.",
        "takes the second for no answer to the next question", _share(), False),
    Fault("wire_foreign", Group.WIRE, "Another board answers in place of the one that was asked.",
        "looks at the address of every answer, and takes it for none", _share(), False),
    Fault("wire_stray", Group.WIRE, "Bytes come that nobody asked for.", _HEALS, _share(), False),
    Fault("wire_truncated", Group.WIRE, "The end of answers is missing.", _HEALS, _share(), False),
    Fault("wire_refusals", Group.WIRE, "The board answers with an exception.", _HEALS, _share(),
        False),
    Fault("wire_garbage", Group.WIRE, "What a line with another baud rate looks like.",
        "raises a wire alarm, and moves nothing meanwhile", _share(), False),
    Fault("wire_byte_by_byte", Group.WIRE, "Answers come one byte at a time.",
        "waits for the whole of an answer", None, False),
    Fault("board_power_cut", Group.WIRE, "The board has no power: its relays fall, it is silent.",
        "as for a silent board; afterwards it writes the lamps anew and orders no motion that "
        "nobody asked for since"),
    Fault("input_stuck_on", Group.INPUT, "An input says yes whatever is true.",
        "takes a sensor that is occupied for occupied: the arm stays up; tells when it lasts, and "
        "asks a person", Choice("input", INPUTS, "safety_loop")),
    Fault("input_stuck_off", Group.INPUT, "An input says no whatever is true.",
        "finds by the others that it is silent, tells so, and relies on those that are left",
        Choice("input", INPUTS, "entry_loop")),
    Fault("input_inverted", Group.INPUT, "A contact is wired the wrong way round.",
        "finds that the inputs contradict each other, tells it, and moves no arm on what it cannot "
        "believe", Choice("input", INPUTS, "limit_closed")),
    Fault("input_glitches", Group.INPUT, "An input is turned for a moment, every second.",
        "takes occupied at once and free only after several samples, so that no glitch ends a "
        "passage or brings the arm down", Choice("input", INPUTS, "safety_loop")),
    Fault("loop_drops", Group.INPUT,
        "A loop no longer notices a vehicle that stands on it for so long (its limited presence).",
        "does not take the vehicle for gone while the camera sees it, and lets nobody in on its "
        "word but by a person", Number("seconds", 0.5, 3600, 4.0)),
    Fault("loop_dead", Group.INPUT, "A loop notices nobody.",
        "relies on beam and camera, keeps the arm up over whoever may be under it, tells of the "
        "silent sensor", Choice("loop", LOOPS, "entry_loop")),
    Fault("beam_blinded", Group.INPUT, "The photocell's beam is broken by dirt or sun, for good.",
        "keeps the arm up, tells that the photocell is faulty"),
    Fault("limits_between", Group.INPUT, "Neither limit switch shows: as if the arm hung half way.",
        "tells that the motion does not end, and orders none that it cannot watch"),
    Fault("relay_stuck", Group.ARM, "An output's contact no longer changes.",
        "sees that the arm does not do what was ordered, tells it and does not try for ever",
        Choice("output", OUTPUTS, "open")),
    Fault("relay_welded", Group.ARM, "The contact that opens stays closed: the arm goes up.",
        "tells of an arm that moves by itself or stays open; whoever passes meanwhile is recorded"),
    Fault("arm_slow", Group.ARM, "The arm takes so many times as long.",
        "tells that its travel drifts; does not take it for open or closed before it is",
        Number("times", 1.0, 20.0, 3.0)),
    Fault("arm_blocked", Group.ARM, "The arm does not move, whatever is ordered.",
        "tells that the motion does not end, and goes on when it is free again"),
    Fault("arm_torn_off", Group.ARM,
        "The arm is torn off; its drive still turns, and its limit switches show as ever.",
        "tells of whoever passes a lane that it holds for closed; nothing on such a barrier tells "
        "the missing arm itself, but where a contact for it is wired (arm_off) it is told at once, "
        "and no motion is ordered"),
    Fault("arm_falls", Group.ARM, "The arm comes down by itself, once.",
        "opens at once where somebody may be under it, and tells that it moves by itself",
        instant=True),
    Fault("arm_rises", Group.ARM, "The arm goes up by itself, once: a remote control.",
        "tells it, shows red, records whoever passes as one whom nobody admitted", instant=True),
    Fault("arm_raised_by_hand", Group.ARM, "Somebody lifts the arm to its end.",
        "tells it, shows red, records whoever passes as one whom nobody admitted", instant=True),
    Fault("arm_closes_alone", Group.ARM, "The barrier's own timer closes an arm that is up.",
        "tells that the barrier closes by itself, and opens again where somebody is under it",
        Number("seconds", 1.0, 600.0, 10.0)),
    Fault("service_killed", Group.SERVICE,
        "The service is killed (SIGKILL, a power cut) and is back after so long.",
        "has lost nothing that was committed, moves no arm by its start, reads anew whoever stands "
        "there, and tells that somebody may have passed meanwhile",
        Number("seconds", 1.0, 600.0, 8.0), False, True),
    Fault("service_frozen", Group.SERVICE, "The service's process is stopped (SIGSTOP).",
        "goes on afterwards without acting on what is no longer true", None, False),
    Fault("service_ended", Group.SERVICE, "The service is ended (SIGTERM) and started again.",
        "stops a moving arm or leaves it to its own end, writes everything, ends with 0",
        None, False, True),
    Fault("vision_killed", Group.SERVICE, "The process that reads the plates is killed.",
        "starts it anew within seconds, tells that the cameras see nothing meanwhile, and lets no "
        "guard notice it", None, False, True),
    Fault("clock_jump", Group.SERVICE, "The computer's clock jumps.",
        "moves no arm by it, gives no number twice and loses no event, and asks a person about an "
        "assignment whose validity begins or ends near a moment that it does not trust",
        Number("seconds ahead", -86400 * 365, 86400 * 365, -3600), False, True),
    Fault("disk_full", Group.SERVICE,
        "The disk is full: no file grows any more.",
        "makes room by what is acknowledged and by its reserve, keeps what matters most, tells it, "
        "and admits nobody of whom it can keep no record", None, False),
    Fault("disk_slow", Group.SERVICE, "Every commit takes so many seconds.",
        "lets no guard wait for the disk: an arm that comes down stops as fast as ever; decisions "
        "come later", Number("seconds", 0.05, 10.0, 2.0), False),
    Fault("disk_read_only", Group.SERVICE,
        "The disk may no longer be written, as after an error of its file system.",
        "tells it, admits nobody of whom it can keep no record, keeps its guards at work, and goes "
        "on by itself afterwards", None, False),
    Fault("broker_down", Group.RECEIVER, "The broker is gone.",
        "goes on without it, keeps every event, sends all when it is back", None, False),
    Fault("broker_refusing", Group.RECEIVER,
        "The broker lets nobody in: a password or a certificate no longer counts.",
        "as for one that is gone, and does not knock without a pause", None, False),
    Fault("broker_loses_store", Group.RECEIVER,
        "The broker falls and is back after so long without anything that it had stored.",
        "connects again, says again what must be retained, and sends what no receiver has "
        "acknowledged, whatever the broker had taken from it",
        Number("seconds", 0.0, 600.0, 3.0), False, True),
    Fault("customs_deaf", Group.RECEIVER, "The receiver acknowledges nothing.",
        "keeps what is not acknowledged, tells that the receiver is silent", None, False),
    Fault("platform_down", Group.PLATFORM, "The platform answers nobody.",
        "goes on with the list that it has as long as that is fresh enough; then asks a person; "
        "keeps the passages that it has to hand over", None, False),
    Fault("platform_failing", Group.PLATFORM, "The platform answers everything with 500.",
        "as for one that is away", None, False),
    Fault("platform_forbidding", Group.PLATFORM, "The platform answers everything with 403.",
        "as for one that is away, and tells that its key is refused", None, False),
    Fault("platform_long_away", Group.PLATFORM,
        "The platform has answered nobody for so long already, and still does not.",
        "does not decide by a list that is older than it may be: it asks a person about "
        "everybody, and tells it", Number("seconds", 60.0, 864_000.0, 100_000.0), False),
    Fault("platform_stale", Group.PLATFORM,
        "The platform answers as ever, and nothing that changes there is in its answers.",
        "cannot know it: by what it is told the list is fresh; it admits nobody twice on it",
        None, False),
    Fault("platform_restarts", Group.PLATFORM,
        "The platform is as after a restart: it knows no place in its list that it has named, and "
        "sends the whole list anew, each assignment in the revision that it had.",
        "takes the whole list for what is valid now: what is no longer in it counts no more, and "
        "what was used at this gate stays used", None, False, True),
    Fault("platform_slow", Group.PLATFORM, "Each answer of the platform takes so long.",
        "lets no vehicle wait for it: decides by the list that it has, gives up a question in "
        "time and asks again", Number("seconds", 0.1, 120.0, 15.0), False),
    Fault("platform_wrong", Group.PLATFORM,
        "The platform answers with 200 and a page of a portal in place of its list.",
        "takes nothing of it for a list, keeps the one that it has, tells it", None, False),
    Fault("platform_flooding", Group.PLATFORM,
        "The platform answers every question at once with so many changed assignments.",
        "takes them up without keeping a guard or a vehicle waiting, within its memory",
        Number("assignments", 100.0, 60_000.0, 5000.0), False),
    Fault("platform_refuses_passages", Group.PLATFORM, "Passages are answered with 422.",
        "sets them aside, tells it, and goes on with the next", None, False),
)  # fmt: skip

FAULTS = {fault.name: fault for fault in _ALL}


def by_group() -> Iterator[tuple[Group, list[Fault]]]:
    for group in Group:
        yield group, [fault for fault in _ALL if fault.group is group]


def value_of(fault: Fault, value: Value | None) -> Value:
    """The value, or the usual one. Raises ValueError with what may be told."""
    takes = fault.takes
    if takes is None:
        if value is not None:
            raise ValueError(f"{fault.name} takes no value")
        return ""
    if value is None:
        return takes.usual
    if isinstance(takes, Choice):
        if value not in takes.of:
            raise ValueError(f"{value!r} is no {takes.what}; known: {', '.join(takes.of)}")
        return value
    if isinstance(value, str) or not takes.least <= value <= takes.most:
        raise ValueError(f"{value!r} is no {takes.what} from {takes.least:g} to {takes.most:g}")
    return value
