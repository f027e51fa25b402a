"""The report's tables in the words of who reads them; HTML, PDF and CSV show the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from edge.console.catalogue import catalogue
from edge.console.local_format import local_time
from edge.console.reason_display import translated_why
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

    def translate(key: str) -> str:
        return known.get(key, key)

    def of(prefix: str, code: str) -> str:
        return known.get(f"{prefix}_{code}", code) if code else known["report_unknown"]

    def local(moment: datetime) -> str:
        return local_time(moment, language)

    about = (f"{site} / {gate}", f"{local(shift.since)} - {local(shift.until)}")
    tables = (
        _passed(shift, translate, of),
        _ends(shift, translate, of),
        _lanes(shift, lane_names, translate),
        *([_guided(shift, lane_names, translate)] if shift.guided else []),
        _handling(shift, translate, of),
        _by_hand(shift, translate, of),
        _changes(shift, lane_names, translate, of, local),
        _referrals(shift, translate, of, partial(translated_why, language)),
        *([_codes(shift, translate, of)] if shift.codes else []),
        *([_shadow(shift, translate, of)] if shift.shadow else []),
        _still_open(shift, lane_names, translate, of, local),
    )
    return Report(translate("report_shift"), about, tables)


Translate = Callable[[str], str]
Of = Callable[[str, str], str]
Local = Callable[[datetime], str]


def _passed(shift: Shift, translate: Translate, of: Of) -> Table:
    ways = sorted({way for _, way in shift.passed}) or ["export", "import"]
    kinds = sorted({kind for kind, _ in shift.passed})
    rows: list[tuple[str | int | float, ...]] = []
    for kind in kinds:
        counts = [shift.passed.get((kind, way), 0) for way in ways]
        rows.append((of("kind", kind), *counts, sum(counts)))
    sums = [sum(n for (_, w), n in shift.passed.items() if w == way) for way in ways]
    rows.append((translate("report_all"), *sums, sum(sums)))
    heads = (
        translate("kind"),
        *(translate(way) if way else translate("report_unknown") for way in ways),
    )
    return Table(
        "passed", translate("report_passed"), (*heads, translate("report_all")), tuple(rows)
    )


def _ends(shift: Shift, translate: Translate, of: Of) -> Table:
    rows = tuple(
        (of("outcome", outcome), of("reason", reason), count)
        for (outcome, reason), count in sorted(shift.ends.items(), key=lambda item: -item[1])
    )
    heads = (translate("report_outcome"), translate("reason"), translate("report_count"))
    return Table("ends", translate("report_ends"), heads, rows)


def _handling(shift: Shift, translate: Translate, of: Of) -> Table:
    rows = tuple(
        (translate(way) if way else translate("report_unknown"), one.count, *_seconds(one))
        for way, one in sorted(shift.handling.items())
    )
    heads = (
        translate("direction"),
        translate("report_count"),
        translate("report_mean"),
        translate("report_p95"),
    )
    return Table(
        "handling", translate("report_handling"), heads, rows, translate("report_handling_note")
    )


def _seconds(one: Handling) -> tuple[float | str, float | str]:
    if one.mean_s is None or one.p95_s is None:
        return "", ""
    return round(one.mean_s, 1), round(one.p95_s, 1)


def _by_hand(shift: Shift, translate: Translate, of: Of) -> Table:
    rows = tuple(
        (_who(user, translate), of("action", action), of("done", outcome), count)
        for (user, action, outcome), count in sorted(shift.by_hand.items())
    )
    heads = (
        translate("user"),
        translate("action"),
        translate("report_outcome"),
        translate("report_count"),
    )
    return Table("by_hand", translate("report_by_hand"), heads, rows)


def _who(user: str, translate: Translate) -> str:
    remote, colon, name = user.partition(":")
    return translate("by_remote") + name if colon and remote == "remote" else user


def _referrals(shift: Shift, translate: Translate, of: Of, why_text: Callable[[str], str]) -> Table:
    rows = tuple(
        (of("referral", end), why_text(why), n) for (end, why), n in sorted(shift.referrals.items())
    )
    heads = (translate("report_outcome"), translate("reason"), translate("report_count"))
    return Table("referrals", translate("report_referrals"), heads, rows)


def _shadow(shift: Shift, translate: Translate, of: Of) -> Table:
    rows = tuple(
        (
            of("verdict", verdict or "none"),
            translate("report_went" if went else "report_turned"),
            count,
        )
        for (verdict, went), count in sorted(shift.shadow.items())
    )
    heads = (translate("report_ours"), translate("report_theirs"), translate("report_count"))
    alike = sum(n for (v, went), n in shift.shadow.items() if (v == "allow") is went)
    whole = sum(shift.shadow.values())
    note = translate("report_shadow_note").format(alike=alike, whole=whole)
    return Table("shadow", translate("report_shadow"), heads, rows, note)


def _lanes(shift: Shift, lane_names: Mapping[str, str], translate: Translate) -> Table:
    rows = tuple(
        (
            lane_names.get(lane, lane),
            one.passed,
            one.turned,
            one.misled,
            "" if one.queue_mean is None else round(one.queue_mean, 1),
            "" if one.queue_most is None else one.queue_most,
        )
        for lane, one in shift.lanes.items()
    )
    columns = ("lane_passed", "lane_turned", "lane_misled", "queue_mean", "queue_most")
    heads = (translate("lane"), *(translate(f"report_{column}") for column in columns))
    return Table("lanes", translate("report_lanes"), heads, rows, translate("report_lanes_note"))


def _guided(shift: Shift, lane_names: Mapping[str, str], translate: Translate) -> Table:
    rows = tuple(
        (lane_names.get(lane, lane), lane_names.get(to, to), *counts)
        for (lane, to), counts in sorted(shift.guided.items())
    )
    columns = ("guided_from", "guided_to", "count", "guided_there")
    heads = tuple(translate(f"report_{column}") for column in columns)
    return Table("guided", translate("report_guided"), heads, rows)


def _changes(
    shift: Shift, lane_names: Mapping[str, str], translate: Translate, of: Of, local: Local
) -> Table:
    rows = tuple(
        (
            local(one.at),
            one.by,
            lane_names.get(one.lane, one.lane),
            of("mode", one.value)
            if one.action == "set_mode"
            else f"{translate('policy')} {one.value}",
            one.why,
        )
        for one in shift.changes
    )
    heads = ("time", "user", "lane", "report_change", "reason")
    return Table(
        "changes", translate("report_changes"), tuple(translate(head) for head in heads), rows
    )


def _codes(shift: Shift, translate: Translate, of: Of) -> Table:
    rows = tuple(
        (of("code", why or outcome), count)
        for (outcome, why), count in sorted(shift.codes.items(), key=lambda item: -item[1])
    )
    heads = (translate("report_outcome"), translate("report_count"))
    return Table("codes", translate("report_codes"), heads, rows)


def _still_open(
    shift: Shift, lane_names: Mapping[str, str], translate: Translate, of: Of, local: Local
) -> Table:
    prefix = {"alarm": "alarm", "referral": "referral", "mode": "mode"}
    rows = tuple(
        (
            translate(f"report_{one.what}"),
            lane_names.get(one.lane, one.lane),
            of(prefix[one.what], one.code),
            one.plate or one.by,
            local(one.since),
        )
        for one in shift.still_open
    )
    heads = (
        "",
        translate("lane"),
        translate("report_state"),
        translate("report_who"),
        translate("report_since"),
    )
    return Table("still_open", translate("report_still_open"), heads, rows)
