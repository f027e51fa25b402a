"""The report's tables in the words of who reads them; HTML, PDF and CSV show the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.console.catalogue import catalogue
from edge.console.readers_words import local_time
from edge.console.report.figures import Handling, Shift


@dataclass(frozen=True, slots=True)
class Table:
    """`name`: its key for programs. Each row has as many cells as `heads`; numbers stand right."""

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str | int | float, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    about: tuple[str, ...]
    tables: tuple[Table, ...]


def report(
    shift: Shift, site: str, gate: str, lane_names: Mapping[str, str], language: str
) -> Report:
    """All of it; `lane_names` as people call the lanes."""
    known = catalogue(language)

    def say(key: str) -> str:
        return known.get(key, key)

    def of(prefix: str, code: str) -> str:
        return known.get(f"{prefix}_{code}", code) if code else known["report_unknown"]

    about = (
        f"{site} / {gate}",
        f"{local_time(shift.since)} - {local_time(shift.until)}",
    )
    tables = (
        _passed(shift, say, of),
        _ends(shift, say, of),
        _handling(shift, say, of),
        _by_hand(shift, say, of),
        _referrals(shift, say, of),
        *([_shadow(shift, say, of)] if shift.shadow else []),
        _still_open(shift, lane_names, say, of),
    )
    return Report(say("report_shift"), about, tables)


Say = Callable[[str], str]
Of = Callable[[str, str], str]


def _passed(shift: Shift, say: Say, of: Of) -> Table:
    ways = sorted({way for _, way in shift.passed}) or ["export", "import"]
    kinds = sorted({kind for kind, _ in shift.passed})
    rows: list[tuple[str | int | float, ...]] = []
    for kind in kinds:
        counts = [shift.passed.get((kind, way), 0) for way in ways]
        rows.append((of("kind", kind), *counts, sum(counts)))
    sums = [sum(n for (_, w), n in shift.passed.items() if w == way) for way in ways]
    rows.append((say("report_all"), *sums, sum(sums)))
    heads = (say("kind"), *(say(way) if way else say("report_unknown") for way in ways))
    return Table("passed", say("report_passed"), (*heads, say("report_all")), tuple(rows))


def _ends(shift: Shift, say: Say, of: Of) -> Table:
    rows = tuple(
        (of("outcome", outcome), of("reason", reason), count)
        for (outcome, reason), count in sorted(shift.ends.items(), key=lambda item: -item[1])
    )
    heads = (say("report_outcome"), say("reason"), say("report_count"))
    return Table("ends", say("report_ends"), heads, rows)


def _handling(shift: Shift, say: Say, of: Of) -> Table:
    rows = tuple(
        (say(way) if way else say("report_unknown"), one.count, *_seconds(one))
        for way, one in sorted(shift.handling.items())
    )
    heads = (say("direction"), say("report_count"), say("report_mean"), say("report_p95"))
    return Table("handling", say("report_handling"), heads, rows, say("report_handling_note"))


def _seconds(one: Handling) -> tuple[float | str, float | str]:
    if one.mean_s is None or one.p95_s is None:
        return "", ""
    return round(one.mean_s, 1), round(one.p95_s, 1)


def _by_hand(shift: Shift, say: Say, of: Of) -> Table:
    rows = tuple(
        (user, of("action", action), of("done", outcome), count)
        for (user, action, outcome), count in sorted(shift.by_hand.items())
    )
    heads = (say("user"), say("action"), say("report_outcome"), say("report_count"))
    return Table("by_hand", say("report_by_hand"), heads, rows)


def _referrals(shift: Shift, say: Say, of: Of) -> Table:
    rows = tuple((of("referral", end), n) for end, n in sorted(shift.referrals.items()))
    heads = (say("report_outcome"), say("report_count"))
    return Table("referrals", say("report_referrals"), heads, rows)


def _shadow(shift: Shift, say: Say, of: Of) -> Table:
    rows = tuple(
        (of("verdict", verdict or "none"), say("report_went" if went else "report_turned"), count)
        for (verdict, went), count in sorted(shift.shadow.items())
    )
    heads = (say("report_ours"), say("report_theirs"), say("report_count"))
    alike = sum(n for (v, went), n in shift.shadow.items() if (v == "allow") is went)
    whole = sum(shift.shadow.values())
    note = say("report_shadow_note").format(alike=alike, whole=whole)
    return Table("shadow", say("report_shadow"), heads, rows, note)


def _still_open(shift: Shift, lane_names: Mapping[str, str], say: Say, of: Of) -> Table:
    prefix = {"alarm": "alarm", "referral": "referral", "mode": "mode"}
    rows = tuple(
        (
            say(f"report_{one.what}"),
            lane_names.get(one.lane, one.lane),
            of(prefix[one.what], one.code),
            one.plate or one.by,
            local_time(one.since),
        )
        for one in shift.still_open
    )
    heads = ("", say("lane"), say("report_state"), say("report_who"), say("report_since"))
    return Table("still_open", say("report_still_open"), heads, rows)
