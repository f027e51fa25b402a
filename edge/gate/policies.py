"""The policy and the modes that count: kept with the journal's states, asked by every lane.

A policy that the settings no longer fit (a lane that it names is gone) admits nobody by itself
until another is made to count.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from edge.config import ConfigError, Settings, parse_policy, read_policy
from edge.domain.mode import LaneMode
from edge.domain.moment import iso
from edge.domain.policy import BUILT_IN, Policy
from edge.domain.question import LanePolicy
from edge.domain.reason import Reason, Verdict
from edge.domain.ruling import Rule, Rulings
from edge.lane.policy import policy_of
from edge.sync.journal.restoring import POLICY
from edge.system.causes import together

ACTIVE = POLICY
"""The state of the policy that counts: its text, who made it count, when and why."""

MODE = "mode:"
"""States under this prefix: a lane's mode, who set it, when and why."""

UNUSABLE = replace(
    BUILT_IN,
    rulings=Rulings(
        tuple(
            Rule("the policy cannot be used", row, Verdict.REFER)
            for row in (Reason.ASSIGNED, Reason.TWO_WAY)
        )
    ),
)

log = logging.getLogger(__name__)


class States(Protocol):
    """What of the journal is used."""

    def state(self, key: str) -> dict[str, Any] | None: ...

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]: ...


class Policies:
    """Any thread. `take_policy` and `take_mode` follow the commit of what `kept_policy` and
    `kept_mode` give. `shadowed`: lanes that are noted beside the journal as in shadow mode."""

    def __init__(
        self, settings: Settings, kept: States, shadowed: Collection[str] = frozenset()
    ) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self.fault = ""
        """Why the policy that counts cannot be used; "": it can."""
        self.about: Mapping[str, Any] = kept.state(ACTIVE) or {}
        """The state of the policy that counts; empty where none was made to count."""
        self.modes_about: Mapping[str, Mapping[str, Any]] = {
            key.removeprefix(MODE): state for key, state in kept.states_under(MODE).items()
        }
        """By lane: the state of its mode."""
        # Of lanes that are gone, too: they may come back.
        self._modes = {lane: _mode(state) for lane, state in self.modes_about.items()}
        self.noted = {lane for lane in settings.lanes if lane in shadowed} - self._modes.keys()
        """Lanes whose mode the journal does not know, as one that is lost: another controller may
        move their arms."""
        self._modes |= dict.fromkeys(self.noted, LaneMode.SHADOW)
        self.policy = self._revived()
        self._of = self._built()

    @property
    def lanes(self) -> Collection[str]:
        return self._of

    def of(self, lane: str) -> LanePolicy:
        """What the lane asks now."""
        return self._of[lane]

    def mode(self, lane: str) -> LaneMode:
        return self._modes.get(lane, LaneMode.AUTOMATIC)

    def parse(self, text: str) -> Policy:
        """A policy that might count here. Raises ConfigError with every mistake."""
        return parse_policy(text, self._settings.lanes, [i.name for i in self._settings.issuers])

    def read(self, file: Path) -> Policy:
        """The same, of a file."""
        return read_policy(file, self._settings.lanes, [i.name for i in self._settings.issuers])

    def lane_policy(self, lane: str, policy: Policy) -> LanePolicy:
        """What the lane would ask by another policy."""
        return policy_of(self._settings, lane, self._settings.lanes[lane], policy, self.mode(lane))

    # --- changes ---

    def kept_policy(
        self, text: str, policy: Policy, user: str, reason: str, at: datetime
    ) -> dict[str, Any]:
        """The state to commit for it; it carries the next number."""
        return {
            "number": self.policy.number + 1,
            "content": policy.content,
            "name": policy.name,
            "text": text,
            "by": user,
            "reason": reason,
            "at": iso(at),
        }

    def take_policy(self, state: Mapping[str, Any]) -> None:
        """It counts from now on."""
        with self._lock:
            policy = self.parse(str(state["text"]))
            self.about, self.fault = dict(state), ""
            self.policy = replace(policy, number=int(state["number"]))
            self._of = self._built()

    @staticmethod
    def kept_mode(mode: LaneMode, user: str, reason: str, at: datetime) -> dict[str, Any]:
        return {"mode": mode.value, "by": user, "reason": reason, "at": iso(at)}

    def take_mode(self, lane: str, state: Mapping[str, Any]) -> None:
        with self._lock:
            self.modes_about = {**self.modes_about, lane: dict(state)}
            self._modes = {**self._modes, lane: _mode(state)}
            self.noted.discard(lane)
            self._of = self._built()

    def _built(self) -> dict[str, LanePolicy]:
        return {name: self.lane_policy(name, self.policy) for name in self._settings.lanes}

    def _revived(self) -> Policy:
        if not self.about:
            return BUILT_IN
        number = int(self.about.get("number", 0))
        try:
            return replace(self.parse(str(self.about.get("text", ""))), number=number)
        except ConfigError as error:
            self.fault = together(error.problems)
            log.error("the policy cannot be used, nobody is admitted by it: %s", self.fault)
            content = str(self.about.get("content", ""))
            return replace(UNUSABLE, number=number, content=content)


def _mode(state: Mapping[str, Any]) -> LaneMode:
    """One that is not understood is of a newer version: a person confirms each opening."""
    try:
        return LaneMode(str(state.get("mode", "")))
    except ValueError:
        log.error("the mode %r is not known here: attended", state.get("mode"))
        return LaneMode.ATTENDED
