"""What the console's process and the service say to each other, over one local socket.

The console asks in JSON, bounded and checked against the signatures of the port itself: what speaks
with a network is believed no more than a browser. The service answers in pickles, which keep causes
and dataclasses as they are; the console believes who started it. Both are of one version, or the
console does not begin: an installation may be renewed while the service runs.
"""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from edge import __version__
from edge.gate.port import GateOperations
from edge.system.supervision import Stage

VERSION = f"1 of {__version__}"
"""Of this protocol; raised with what is said in it."""

MOST_SAID = 1024 * 1024
"""Bytes of one message of the console: a request has at most 64 kB, and texts grow in JSON."""

MOST_ANSWERED = 64 * 1024 * 1024
"""Bytes of one answer."""

MOST_ASKED = 256
"""Questions that may wait for their answers; the console has fewer threads than that."""

ADDRESS = "console.json"
"""In the data folder while it listens: where, for tools on this computer."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where. `fingerprint`: of a certificate that the gate has made for itself, or ""."""

    url: str
    fingerprint: str = ""


class GateFailed(Exception):
    """The service failed at a question, which is in its log."""


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hello(Said):
    kind: Literal["hello"] = "hello"
    version: str


class Ask(Said):
    """`given`: by the names of the port's parameters."""

    kind: Literal["ask"] = "ask"
    number: int
    call: str
    given: dict[str, Any]


class Alive(Said):
    """See supervision.Beat."""

    kind: Literal["alive"] = "alive"
    stage: Stage
    busy_s: float = Field(ge=0, allow_inf_nan=False)


class Up(Said):
    kind: Literal["up"] = "up"
    url: str
    fingerprint: str


class Down(Said):
    """`phrase`: of the cause `why`, see causes.kept."""

    kind: Literal["down"] = "down"
    why: str
    phrase: dict[str, Any] | None


class ThreadEnded(Said):
    kind: Literal["thread_ended"] = "thread_ended"
    name: str


_SAID: TypeAdapter[Hello | Ask | Alive | Up | Down | ThreadEnded] = TypeAdapter(
    Annotated[Hello | Ask | Alive | Up | Down | ThreadEnded, Field(discriminator="kind")]
)


def understood(message: bytes) -> Hello | Ask | Alive | Up | Down | ThreadEnded:
    """Raises ValueError."""
    return _SAID.validate_json(message)


# --- questions ---

QUERIES = frozenset({
    "view", "assignments", "assignments_near", "assignments_not_understood", "picture", "parked",
    "policy", "check_policy", "explain", "timings", "unhandled",
})  # fmt: skip
"""What changes nothing and waits for no disk."""

ORDERS = frozenset({"order"})
"""What may be a stop."""

ACTIONS = frozenset({
    "decide", "show_code", "claim", "release", "escalate", "settled", "acknowledge_alarm",
    "hand_over_again", "settle_passage", "activate_policy", "set_mode", "audit",
})  # fmt: skip
"""What is recorded first, or waits for an arm."""


def _question(name: str) -> type[BaseModel]:
    method = getattr(GateOperations, name)
    hints = get_type_hints(method)
    parameters = [*inspect.signature(method).parameters.values()][1:]
    fields: dict[str, Any] = {
        one.name: (hints[one.name], ... if one.default is one.empty else one.default)
        for one in parameters
    }
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


QUESTIONS: Mapping[str, type[BaseModel]] = {
    name: _question(name) for name in sorted(QUERIES | ORDERS | ACTIONS)
}
"""What each takes, as the port has it."""


def given(call: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a question, each of its type. Raises KeyError, ValueError."""
    checked = QUESTIONS[call].model_validate(values)
    return {name: getattr(checked, name) for name in QUESTIONS[call].model_fields}


# --- answers ---


@dataclass(frozen=True, slots=True)
class Answer:
    """`failed`: what was raised in place of a value."""

    number: int
    value: Any = None
    failed: Exception | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The console shall come to an orderly end."""


def packed(message: Answer | End) -> bytes:
    return pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)


def unpacked(message: bytes) -> Answer | End:
    """Of the service alone."""
    found: Answer | End = pickle.loads(message)
    return found
