"""PURE. Every alarm of the gate: its kind, its severity, whether the siren sounds, and whether
people at customs should hear of it.

The code is stored and sent: it never changes. What an alarm says is a text with gaps, named by the
code and a variant, in each language (edge/gate/texts/); here are no sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    CONDITION = "condition"
    """stands until it is over"""
    OCCURRENCE = "occurrence"
    """stands until a person acknowledges it"""


class Severity(StrEnum):
    """How soon a person must act."""

    LOW = "low"
    """at the next service"""
    MEDIUM = "medium"
    """this shift"""
    HIGH = "high"
    """at once: vehicles, the arm or the records are concerned"""


_CONDITION, _OCCURRENCE = Kind.CONDITION, Kind.OCCURRENCE
_LOW, _MEDIUM, _HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH


class AlarmCode(StrEnum):
    """`siren`: it sounds at the barrier, a pulse. `for_customs`: people at customs should see it;
    the events of the others reach the receivers too, for their numbers have no gap."""

    kind: Kind
    severity: Severity
    siren: bool
    for_customs: bool

    def __new__(
        cls,
        code: str,
        kind: Kind,
        severity: Severity,
        siren: bool = False,
        for_customs: bool = False,
    ) -> AlarmCode:
        made = str.__new__(cls, code)
        made._value_ = code
        made.kind, made.severity = kind, severity
        made.siren, made.for_customs = siren, for_customs
        return made

    # --- passages ---
    TAILGATE = ("tailgate", _OCCURRENCE, _HIGH, True, True)
    PASSAGE_UNOBSERVED = ("passage_unobserved", _OCCURRENCE, _HIGH, False, True)
    PASSAGE_UNIDENTIFIED = ("passage_unidentified", _OCCURRENCE, _HIGH, False, True)
    PASSED_UNADMITTED = ("passed_unadmitted", _OCCURRENCE, _HIGH, True, True)
    WRONG_WAY = ("wrong_way", _OCCURRENCE, _HIGH, True, True)
    WRONG_WAY_SEEN = ("wrong_way_seen", _OCCURRENCE, _MEDIUM, False, True)
    REVERSING_SEEN = ("reversing_seen", _OCCURRENCE, _MEDIUM, False, True)
    PASSED_CLOSED = ("passed_closed", _OCCURRENCE, _HIGH, True, True)
    TURNED_BACK = ("turned_back", _OCCURRENCE, _MEDIUM, False, True)
    LANE_FAILED = ("lane_failed", _OCCURRENCE, _HIGH)
    CAMERA = ("camera", _CONDITION, _MEDIUM)
    CAMERA_FROZEN = ("camera_frozen", _CONDITION, _MEDIUM)
    CAMERA_BLACK = ("camera_black", _CONDITION, _MEDIUM)
    CAMERA_BLINDED = ("camera_blinded", _CONDITION, _MEDIUM)
    CAMERA_BLURRED = ("camera_blurred", _CONDITION, _MEDIUM)
    CAMERA_COVERED = ("camera_covered", _CONDITION, _MEDIUM)
    CAMERA_MOVED = ("camera_moved", _CONDITION, _MEDIUM)
    CAMERA_CLOCK = ("camera_clock", _CONDITION, _LOW)
    CAMERA_READER = ("camera_reader", _CONDITION, _LOW)
    # --- the barrier ---
    WIRE_LOST = ("wire_lost", _CONDITION, _HIGH)
    STALLED = ("stalled", _CONDITION, _HIGH)
    STOP_PRESSED = ("stop_pressed", _CONDITION, _MEDIUM)
    BOTH_LIMITS = ("both_limits", _CONDITION, _HIGH, True)
    TRAVEL_TIMEOUT = ("travel_timeout", _CONDITION, _HIGH, True)
    MOVES_BY_ITSELF = ("moves_by_itself", _CONDITION, _HIGH, True)
    LEFT_OPEN = ("left_open", _CONDITION, _HIGH, True, True)
    OPENING_LOST = ("opening_lost", _CONDITION, _HIGH)
    SENSOR_SILENT = ("sensor_silent", _CONDITION, _MEDIUM)
    PASSAGE_UNFINISHED = ("passage_unfinished", _CONDITION, _MEDIUM)
    CLOSE_OVERDUE = ("close_overdue", _CONDITION, _MEDIUM)
    HELD_LONG = ("held_long", _CONDITION, _LOW)
    OCCUPIED_LONG = ("occupied_long", _CONDITION, _MEDIUM)
    TRAVEL_DRIFT_OPEN = ("travel_drift_open", _CONDITION, _LOW)
    TRAVEL_DRIFT_CLOSE = ("travel_drift_close", _CONDITION, _LOW)
    ARM_OFF = ("arm_off", _CONDITION, _HIGH, True)
    DRIVE_FAULT = ("drive_fault", _CONDITION, _HIGH)
    CABINET_OPEN = ("cabinet_open", _CONDITION, _MEDIUM)
    MAINS_OFF = ("mains_off", _CONDITION, _HIGH)
    INPUT_CONTRADICTS = ("input_contradicts", _CONDITION, _HIGH)
    PHOTOCELL_FAULT = ("photocell_fault", _CONDITION, _HIGH)
    OUTPUT_STUCK = ("output_stuck", _CONDITION, _HIGH, True)
    SITE_FIRE = ("site_fire", _CONDITION, _HIGH, False, True)
    FREE_FLOW = ("free_flow", _CONDITION, _MEDIUM, False, True)
    # --- the records ---
    JOURNAL_STUCK = ("journal_stuck", _CONDITION, _HIGH, False, True)
    JOURNAL_QUARANTINED = ("journal_quarantined", _CONDITION, _HIGH, False, True)
    JOURNAL_DROPPED = ("journal_dropped", _OCCURRENCE, _HIGH, False, True)
    JOURNAL_SHORTENED = ("journal_shortened", _CONDITION, _MEDIUM)
    JOURNAL_HELD = ("journal_held", _CONDITION, _MEDIUM)
    DATA_LOST = ("data_lost", _OCCURRENCE, _HIGH, False, True)
    DISK_LOW = ("disk_low", _CONDITION, _MEDIUM)
    # --- receivers, platform, the console ---
    CONSUMER_REMOVED = ("consumer_removed", _CONDITION, _MEDIUM, False, True)
    RECEIVER_AHEAD = ("receiver_ahead", _CONDITION, _HIGH, False, True)
    RECEIVER_SILENT = ("receiver_silent", _CONDITION, _MEDIUM, False, True)
    GATE_ID_TAKEN = ("gate_id_taken", _CONDITION, _MEDIUM, False, True)
    ASSIGNMENTS_STALE = ("assignments_stale", _CONDITION, _HIGH)
    PASSAGES_PARKED = ("passages_set_aside", _CONDITION, _MEDIUM)
    CONSOLE_DOWN = ("console_down", _CONDITION, _HIGH)
    CONFIGURATION_WRONG = ("configuration_wrong", _CONDITION, _MEDIUM)
    POLICY_UNUSABLE = ("policy_unusable", _CONDITION, _HIGH)


_BY_CODE = {code.value: code for code in AlarmCode}


def known(code: str) -> AlarmCode | None:
    """None: a code of another version, as it stands in an older or newer data folder."""
    return _BY_CODE.get(code)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text within another: its key in the catalogue, and what stands in its gaps."""

    key: str
    params: Mapping[str, str | int | float | Phrase] = field(default_factory=dict)


Param = str | int | float | Phrase | tuple[str | Phrase, ...]
"""A word of somebody else's (an address, an error of a library), a figure, a phrase, or a list; in
a list a word that the catalogue knows as a term is translated."""

Params = Mapping[str, Param]

OVER = "over"
"""The variant that says why an alarm stands no more."""
