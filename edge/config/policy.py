"""The chief's policy: a TOML text of its own, checked as a whole before it may count.

    name = "Nights"
    timezone = "Asia/Ho_Chi_Minh"

    [rows.assigned]
    otherwise = "as_is"
    [[rows.assigned.when]]
    verdict = "refer"
    lanes = ["out1"]
    days = ["sat", "sun"]
    from = "22:00"
    to = "05:00"

    [referral]
    four_eyes = ["watch_list"]

    [second_key]
    weight = "shown"
    issuers = ["platform"]

A row that is named is covered whole: by its `when` rules, or by `otherwise` for all else.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError

from edge.config.reading import ConfigError, in_source, problem_lines
from edge.config.section import Name, Section
from edge.config.text import NotText, text_of
from edge.domain.policy import KeyWeight, Policy, ReferralRules, SecondKey
from edge.domain.reason import Reason, Verdict
from edge.domain.ruling import DAY, DAYS, Rule, Rulings, Window, faults
from edge.system.causes import Cause, cause, of_phrase

LARGEST_BYTES = 32_000
"""More than any policy needs; it is kept, sent and hashed whole."""

WHOLE = cause("policy.whole")
"""What to call the text where it is no file."""

PLACE = re.compile(r"line (\d+), column (\d+)\)")
"""Where the parser stopped, in its words."""

TOML: Mapping[str, Callable[[], Cause]] = {
    "Invalid value": lambda: cause("toml.value"),
    "Unterminated": lambda: cause("toml.string"),
    "Cannot": lambda: cause("toml.twice"),
    "Expected '='": lambda: cause("toml.line"),
    "Expected newline": lambda: cause("toml.line"),
    "Invalid statement": lambda: cause("toml.line"),
    "Unclosed": lambda: cause("toml.bracket"),
    "Expected ']": lambda: cause("toml.bracket"),
    "Illegal": lambda: cause("toml.character"),
    "Unescaped": lambda: cause("toml.character"),
}
"""How the parser (tomllib) begins to say what it found."""

AS_IS = "as_is"
"""As the gate decides by itself."""

CONTENT_LENGTH = 12
"""Hexadecimal digits of a policy's hash, as of a lane's version."""

Say = Literal["allow", "refer", "refuse", "as_is"]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(cause("policy.no_zone")) from None
    return name


class WhenSection(Section):
    """Where a row gets `verdict`: in these lanes, for these kinds, on these days, between these
    hours of the day. What is not named is not asked. A window over midnight belongs to the day on
    which it begins; two equal hours are the whole day."""

    verdict: Say
    lanes: tuple[Name, ...] = ()
    kinds: tuple[Literal["car", "motorcycle", "bus", "truck"], ...] = ()
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    begins: Hour = Field("00:00", alias="from")
    ends: Hour = Field("00:00", alias="to")


class RowSection(Section):
    """One row: `when` rules, and `otherwise` where none of them holds."""

    when: tuple[WhenSection, ...] = Field((), max_length=100)
    otherwise: Say | None = None


class ReferralSection(Section):
    """See domain.policy.ReferralRules."""

    claim_s: float = Field(120.0, ge=10, le=3600)
    escalate_s: float = Field(0.0, ge=0, le=86_400)
    expire_s: float = Field(1800.0, ge=30, le=86_400)
    four_eyes: tuple[Reason, ...] = ()


class SecondKeySection(Section):
    """See domain.policy.SecondKey."""

    weight: KeyWeight = KeyWeight.SHOWN
    issuers: tuple[Name, ...] = ()
    lanes: tuple[Name, ...] = ()


class PolicyFile(Section):
    """The whole text."""

    name: str = Field("", max_length=100)
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Ho_Chi_Minh"
    rows: dict[Reason, RowSection] = {}
    referral: ReferralSection = ReferralSection()
    second_key: SecondKeySection = SecondKeySection()


def read_policy(file: Path, lanes: Collection[str], issuers: Collection[str]) -> Policy:
    """The policy in a file. Raises ConfigError."""
    try:
        text = text_of(file, LARGEST_BYTES)
    except (OSError, NotText) as error:
        why = str(error.strerror if isinstance(error, OSError) else error)
        raise ConfigError(file, [f"{file}: cannot be read: {why}"]) from None
    return parse_policy(text, lanes, issuers, str(file))


def parse_policy(
    text: str, lanes: Collection[str], issuers: Collection[str], source: str = WHOLE
) -> Policy:
    """The policy, for a gate with these lanes, whose settings name these issuers of keys. Raises
    ConfigError with every mistake and its place; `source`: what to call the text."""
    try:
        if len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
            raise _wrong(source, [cause("policy.too_large", bytes=LARGEST_BYTES)])
        raw = tomllib.loads(text)
        given = PolicyFile.model_validate(raw)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(source, [_no_toml(error)]) from None
    except ValidationError as error:
        raise ConfigError(Path(source), problem_lines(source, error)) from None
    rules = tuple(_rules(given))
    problems = [*_strange(given, lanes, issuers), *map(of_phrase, faults(rules, lanes))]
    if problems:
        raise _wrong(source, problems)
    referral, key = given.referral, given.second_key
    return Policy(
        content=hashlib.sha256(given.model_dump_json().encode()).hexdigest()[:CONTENT_LENGTH],
        name=given.name,
        rulings=Rulings(rules, ZoneInfo(given.timezone)),
        referral=ReferralRules(
            referral.claim_s, referral.escalate_s, referral.expire_s, frozenset(referral.four_eyes)
        ),
        second_key=SecondKey(key.weight, frozenset(key.issuers), frozenset(key.lanes)),
    )


def _wrong(source: str, problems: Iterable[Cause]) -> ConfigError:
    return ConfigError(Path(source), [in_source(source, problem) for problem in problems])


def _no_toml(error: Exception) -> Cause:
    """What the parser found, and where it stopped; its own words are English."""
    if isinstance(error, RecursionError):
        return cause("policy.too_deep")
    words, _, where = str(error).rpartition(" (at ")
    why = next((why() for begin, why in TOML.items() if words.startswith(begin)), None)
    why = why or cause("toml.other")
    if (found := PLACE.fullmatch(where)) is None:
        return cause("policy.no_toml_end", why=why)
    line, column = (int(part) for part in found.groups())
    return cause("policy.no_toml_at", why=why, line=line, column=column)


def _rules(given: PolicyFile) -> Iterator[Rule]:
    for row, section in given.rows.items():
        for number, when in enumerate(section.when):
            place = f"rows.{row.value}.when.{number}"
            yield Rule(
                place,
                row,
                _verdict(when.verdict),
                frozenset(when.lanes),
                frozenset(when.kinds),
                _window(when),
            )
        if section.otherwise is not None:
            place = f"rows.{row.value}.otherwise"
            yield Rule(place, row, _verdict(section.otherwise), otherwise=True)


def _verdict(said: str) -> Verdict | None:
    return None if said == AS_IS else Verdict(said)


def _window(when: WhenSection) -> Window:
    days = tuple(sorted({DAYS.index(day) for day in when.days})) or Window().days
    begins, ends = _minute(when.begins), _minute(when.ends)
    return Window(days, begins, (ends - begins) % DAY or DAY)


def _minute(hour: str) -> int:
    hours, minutes = hour.split(":")
    return int(hours) * 60 + int(minutes)


def _strange(
    given: PolicyFile, lanes: Collection[str], issuers: Collection[str]
) -> Iterator[Cause]:
    """Names that nothing has, and rows that say nothing."""
    for row, section in given.rows.items():
        if not section.when and section.otherwise is None:
            yield cause("at", place=f"rows.{row.value}", why=cause("policy.empty_row"))
    key = given.second_key
    for strange in sorted(set(key.lanes) - set(lanes)):
        why = cause("policy.no_lane", lane=repr(strange), known=", ".join(sorted(lanes)))
        yield cause("at", place="second_key.lanes", why=why)
    for strange in sorted(set(key.issuers) - set(issuers)):
        known = ", ".join(sorted(issuers)) or "-"
        why = cause("policy.no_issuer", issuer=repr(strange), known=known)
        yield cause("at", place="second_key.issuers", why=why)
    if key.weight is KeyWeight.ADMITS and not key.issuers:
        yield cause("at", place="second_key", why=cause("policy.nobody_issues"))
    if given.referral.escalate_s >= given.referral.expire_s:
        yield cause("at", place="referral.escalate_s", why=cause("policy.ends_before"))
