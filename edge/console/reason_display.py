"""What a decision's reason is about, in the words of who reads it.

Events carry it for programs: codes of authorities, a moment in UTC, kinds of vehicles.
"""

from __future__ import annotations

from collections.abc import Callable

from edge.console.catalogue import catalogue, translate
from edge.console.local_format import local_time
from edge.domain.reason import Reason
from edge.domain.referral import OLDER, ReferralWhy
from edge.gate.alarm_texts import said
from edge.gate.refusal_texts import guard_said


def translated_detail(
    language: str, authority: Callable[[str], str], reason: str, detail: str
) -> str:
    """`authority` gives the name of one by its code. What is not understood stays as it is."""
    match reason:
        case Reason.CLEARANCE_PENDING | Reason.CLEARANCE_REFUSED:
            return ", ".join(authority(code) for code in detail.split(", "))
        case Reason.WRONG_DIRECTION:
            return translate(language, detail)
        case Reason.EXPIRED | Reason.NOT_YET_VALID:
            return _moment(language, detail)
        case Reason.IMPLAUSIBLE_KIND:
            return _kinds(language, detail)
        case Reason.NOT_UNDERSTOOD:
            return said(language, detail)
        case Reason.BARRIER_REFUSED:
            return said(language, guard_said(detail))
        case _:
            return detail


def translated_why(language: str, why: str) -> str:
    """Why a referral ended so; of another version as it was said."""
    if not why:
        return ""
    why = OLDER.get(why, why)
    if why in set(ReferralWhy):
        return translate(language, f"referral_why_{why}")
    return said(language, guard_said(why))


def _moment(language: str, detail: str) -> str:
    try:
        return local_time(detail, language)
    except ValueError:
        return detail


def _kinds(language: str, detail: str) -> str:
    seen, declared, kind = detail.partition(", declared ")
    known = catalogue(language)
    name = known.get(f"kind_{seen}", seen)
    if not declared:
        return name
    return f"{name}; {known['declared_as']}: {known.get(f'kind_{kind}', kind)}"
