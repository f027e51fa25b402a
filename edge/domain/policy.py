"""PURE. The gate's policy: what its chief has set, beside the settings of the lanes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge.domain.reason import Reason
from edge.domain.ruling import AS_IT_STANDS, Rulings


class KeyWeight(StrEnum):
    """What a second key (a code) may do where no plate can be read."""

    OFF = "off"
    """codes are not looked at"""
    SHOWN = "shown"
    """the person who decides sees it"""
    ADMITS = "admits"
    """it stands for the plate, and the list decides"""


@dataclass(frozen=True, slots=True)
class ReferralRules:
    """`claim_s`: how long a person has a vehicle to himself; `escalate_s`: unsettled so long it
    goes to a supervisor (0: only when told); `expire_s`: so long it ends undecided. `four_eyes`:
    reasons for which two people admit."""

    claim_s: float = 120.0
    escalate_s: float = 0.0
    expire_s: float = 1800.0
    four_eyes: frozenset[Reason] = frozenset()


@dataclass(frozen=True, slots=True)
class SecondKey:
    """`issuers`: whose codes count; `lanes`: where (none named: everywhere)."""

    weight: KeyWeight = KeyWeight.SHOWN
    issuers: frozenset[str] = frozenset()
    lanes: frozenset[str] = frozenset()

    def weighs(self, lane: str) -> KeyWeight:
        return self.weight if not self.lanes or lane in self.lanes else KeyWeight.OFF


REFERRAL = ReferralRules()
SECOND_KEY = SecondKey()


@dataclass(frozen=True, slots=True)
class Policy:
    """`number`: rises with each that was made to count; 0: none was. `content`: hash of its
    meaning, hexadecimal."""

    number: int = 0
    content: str = ""
    name: str = ""
    rulings: Rulings = AS_IT_STANDS
    referral: ReferralRules = REFERRAL
    second_key: SecondKey = SECOND_KEY


BUILT_IN = Policy()
"""Where nothing was set."""
