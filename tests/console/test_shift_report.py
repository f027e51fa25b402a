"""The report of a shift: what it counts, and that paper, page and spreadsheet say the same."""

import csv
import io
import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from shutil import which
from subprocess import run

import pytest

from edge.config import JournalConfig
from edge.console.catalogue import LANGUAGES, translate
from edge.console.reason_display import translated_why
from edge.console.report.figures import handling, shift
from edge.console.report.forms import FONT, PADDING_MM, _widths, as_csv, as_html, as_pdf
from edge.console.report.tables import Report, Table, report
from edge.domain.events import Event
from edge.domain.moment import iso
from edge.domain.referral import ReferralWhy
from edge.sync.journal.journal import open_journal
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_configuration
from tests.support.command_line import gate

BEGIN, END = NOON, NOON + timedelta(hours=8)


def passage(minute, kind="truck", took_s=60, lane="out1", type="passage.completed", **more):
    at = NOON + timedelta(minutes=minute)
    data = {
        "passage": f"p{minute}", "plate": "24C12345", "kind": kind, "verdict": "allow",
        "reason": "assigned", "outcome": "admitted", "observed": True, "evidence": [],
        "arrived_at": iso(at - timedelta(seconds=took_s)), "completed_at": iso(at), **more,
    }  # fmt: skip
    return Event(type, lane, at, data)


def acted(minute, action, user, lane="out1", reason="", **data):
    said = {"action": action, "user": user, "reason": reason, "data": data}
    return Event("operator.acted", lane, NOON + timedelta(minutes=minute), said)


def code(minute, outcome, why=""):
    at = NOON + timedelta(minutes=minute)
    return Event("code.presented", "out1", at, {"outcome": outcome, "why": why, "issuer": "yard"})


def by_hand(minute, user, action, outcome, issuer=""):
    data = {
        "command": f"c{minute}", "issuer": issuer or f"operator:{user}", "action": action,
        "outcome": outcome, "why": "", "count": 1,
    }  # fmt: skip
    return Event("command.handled", "out1", NOON + timedelta(minutes=minute), data)


def referral(minute, state, **more):
    at = NOON + timedelta(minutes=minute)
    data = {"referral": "r", "state": state, "plate": "云G12345", "opened_at": iso(at), **more}
    return Event("referral.changed", "out1", at, data)


def alarm(minute, type, code):
    return Event(f"alarm.{type}", "out1", NOON + timedelta(minutes=minute), {"code": code})


A_SHIFT = [
    alarm(-90, "raised", "camera"),
    alarm(-80, "raised", "disk_low"),
    passage(-1),
    *(passage(n, took_s=n) for n in range(1, 101)),
    passage(110, "bus", 30, "in1"),
    passage(120, "truck", 40, type="passage.abandoned", outcome="refused", reason="not_declared"),
    passage(130, "truck", 9999, observed=False, outcome="resumed"),
    passage(140, mode="shadow", verdict="refuse", reason="expired", outcome="passed_unadmitted"),
    passage(150, mode="shadow"),
    by_hand(160, "an", "open", "done"),
    by_hand(170, "an", "open", "refused"),
    by_hand(180, "binh", "admit", "done"),
    Event("command.handled", "out1", NOON + timedelta(hours=3), {"issuer": "customs"}),
    referral(190, "approved"),
    referral(191, "refused", why="locked"),
    referral(200, "escalated"),
    alarm(210, "cleared", "disk_low"),
    Event(
        "operator.acted", "out1", NOON + timedelta(hours=4),
        {"action": "set_mode", "user": "lan", "data": {"mode": "attended"}},
    ),
    by_hand(250, "an", "open", "done", issuer="customs"),
    acted(251, "admit_first", "binh", "gate"),
    acted(252, "set_mode", "lan", mode="closed", reason="=cmd|' /C calc'!A0"),
    acted(252.5, "set_mode", "lan", mode="attended", reason="bão qua"),
    acted(253, "activate_policy", "chief", "gate", number=3, name="Weekends", reason="order 12"),
    code(254, "accepted"),
    code(255, "refused", "replayed"),
    code(256, "refused", "replayed"),
    passage(260, queue=4, lane="in1"),
    passage(
        261, queue=7, lane="in1", type="passage.abandoned", outcome="wrong_way", reason="wrong_lane"
    ),
    passage(
        262, type="passage.abandoned", outcome="refused", reason="wrong_lane", guided_to="out2",
        plate="24C00001", took_s=20,
    ),
    passage(263, type="passage.abandoned", outcome="refused", reason="wrong_lane", guided_to="out2",
        plate="24C00002", took_s=20),
    passage(264, lane="out2", plate="24C00002"),
    passage(481),
]  # fmt: skip


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shift")
    (folder / "gate.toml").write_text(a_configuration(), encoding="utf-8")
    clock = ManualClock(NOON)
    config = JournalConfig(ballast_mb=0)
    with closing(open_journal(folder / "data", config, "/s/g", clock)) as made:
        made.record(A_SHIFT)
        yield made


@pytest.fixture
def figures(journal):
    return shift(journal, {"out1": "export", "in1": "import"}, BEGIN, END)


def test_vehicles_are_counted_by_kind_and_direction_within_the_shift(figures):
    assert figures.passed == {
        ("truck", "export"): 103,
        ("bus", "import"): 1,
        ("truck", "import"): 1,
        ("truck", ""): 1,
    }


def test_every_passage_is_counted_by_outcome_and_reason(figures):
    assert figures.ends["refused", "not_declared"] == 1
    assert figures.ends["resumed", "assigned"] == 1
    assert sum(figures.ends.values()) == 110


def test_the_handling_time_is_of_those_whom_somebody_saw_pass():
    assert handling([]).mean_s is None
    hundred = handling([float(n) for n in range(1, 101)])
    assert (hundred.count, hundred.mean_s, hundred.p95_s) == (100, 50.5, 95.0)


def test_an_unseen_passage_has_no_time(figures):
    assert figures.handling["export"].count == 102


def test_what_people_did_is_told_with_what_became_of_it(figures):
    assert figures.by_hand == {
        ("an", "open", "done"): 1, ("an", "open", "refused"): 1, ("binh", "admit", "done"): 1,
        ("remote:customs", "open", "done"): 1, ("binh", "admit_first", "done"): 1,
    }  # fmt: skip


def test_what_is_open_at_hand_over_is_told_whenever_it_began(figures):
    told = {(one.what, one.code, one.by or one.plate) for one in figures.still_open}
    assert told == {
        ("alarm", "camera", ""), ("referral", "escalated", "云G12345"), ("mode", "attended", "lan"),
    }  # fmt: skip
    assert figures.referrals == {("approved", ""): 1, ("refused", "locked"): 1}


def test_each_change_of_a_mode_or_the_policy_is_told_with_who_and_why(figures):
    told = [(c.action, c.lane, c.value, c.by, c.why) for c in figures.changes]
    assert told == [
        ("set_mode", "out1", "attended", "lan", ""),
        ("set_mode", "out1", "closed", "lan", "=cmd|' /C calc'!A0"),
        ("set_mode", "out1", "attended", "lan", "bão qua"),
        ("activate_policy", "", "3 Weekends", "chief", "order 12"),
    ]
    for language in LANGUAGES:
        written = as_csv(report(figures, "s", "g", {}, language), language)
        assert "'=cmd" in written
        assert not re.search('[,;]"?=cmd', written)


def test_each_lane_is_told_with_who_belonged_elsewhere_and_how_many_waited(figures):
    one = figures.lanes["in1"]
    assert (one.passed, one.turned, one.misled) == (2, 1, 1)
    assert (one.queue_mean, one.queue_most) == (5.5, 7)
    assert figures.lanes["out1"].queue_mean is None


def test_who_was_sent_to_another_lane_is_told_with_how_many_passed_there(figures):
    assert figures.guided == {("out1", "out2"): (2, 1)}
    made = report(figures, "s", "g", {"out2": "Làn xuất 2"}, "en")
    (table,) = [t for t in made.tables if t.name == "guided"]
    assert table.rows == (("out1", "Làn xuất 2", 2, 1),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_referral_ended_is_said_in_the_readers_language(figures, language):
    made = report(figures, "s", "g", {}, language)
    (table,) = [t for t in made.tables if t.name == "referrals"]
    (why,) = [row[1] for row in table.rows if row[1]]
    assert (why == "locked") is (language == "en")
    for one in ReferralWhy:
        assert translated_why(language, one) != one


def test_a_referral_of_a_journal_from_before_the_codes_is_counted_with_the_others(tmp_path):
    """Its why were words."""
    pairs = {"settled by the list": "settled_by_list", "taken back": "taken_back",
             "passed without admission": "passed_unadmitted",
             "nobody has settled it in time": "not_in_time"}  # fmt: skip
    clock = ManualClock(NOON)
    with closing(open_journal(tmp_path, JournalConfig(ballast_mb=0), "/s/g", clock)) as journal:
        journal.record(
            [referral(n, "withdrawn", why=why) for n, why in enumerate((*pairs, *pairs.values()))]
        )
        counted = shift(journal, {}, BEGIN, END).referrals
    assert counted == {("withdrawn", code): 2 for code in pairs.values()}


def test_codes_are_told_with_why_they_did_not_count(figures):
    assert figures.codes == {("accepted", ""): 1, ("refused", "replayed"): 2}


def test_a_reader_of_another_language_has_the_days_as_he_writes_them(figures):
    assert report(figures, "s", "g", {}, "en").about[1].startswith("15 Jan 2026 15:00:00")
    assert report(figures, "s", "g", {}, "zh").about[1].startswith("2026-01-15 15:00:00")


def test_a_shift_in_which_nothing_happened_is_told_as_well(journal):
    none = shift(journal, {"out1": "export"}, END + timedelta(days=90), END + timedelta(days=91))
    for language in LANGUAGES:
        made = report(none, "s", "g", {}, language)
        assert as_pdf(made, translate(language, "report_none")).startswith(b"%PDF")
        assert as_html(made, language, "-")
        assert as_csv(made, language)


def test_shadow_is_compared_with_the_other_controller(figures):
    assert figures.shadow == {("refuse", True): 1, ("allow", True): 1}
    made = report(figures, "s", "g", {}, "en")
    (table,) = [t for t in made.tables if t.name == "shadow"]
    assert table.note == "Alike in 1 of 2 passages."


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_paper_and_spreadsheet_say_the_same_in_every_language(figures, language):
    made = report(figures, "kim-thanh", "b1", {"out1": "Làn xuất 1"}, language)
    none = translate(language, "report_none")
    page = as_html(made, language, none)
    comma = language == "vi"
    text = as_csv(made, language).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if comma else ","))

    def as_written(cell):
        return str(cell).replace(".", ",") if comma and isinstance(cell, float) else str(cell)

    for table in made.tables:
        assert f"<h2>{table.title}" in page
        begin = next(n for n, row in enumerate(rows) if row[:1] == [table.name])
        assert rows[begin + 1] == list(table.heads)
        written = rows[begin + 2 : begin + 2 + len(table.rows)]
        assert [[cell.removeprefix("'") for cell in row] for row in written] == [
            [as_written(cell) for cell in row] for row in table.rows
        ]
        # No code of ours reaches a reader.
        words = [c for row in table.rows for c in row if isinstance(c, str)]
        assert not [w for w in words if "_" in w]
    assert "report_" not in page
    paper = as_pdf(made, none)
    assert paper.startswith(b"%PDF")
    assert len(paper) < 400_000


def test_the_face_of_the_paper_has_what_people_write():
    from fontTools.ttLib import TTFont

    has = TTFont(FONT).getBestCmap()
    assert {ord(c) for c in "ữệợĐơư…–“”₫ 云挂警港澳货车师傅您走"} - {0x20AB} <= set(has)


def test_a_page_brings_the_chinese_letters_that_a_name_or_a_reason_needs():
    """Also to a computer that has none; the larger face only where it is needed."""

    def page(*cells):
        return as_html(Report("r", (), (Table("t", "t", ("a",), (cells,)),)), "vi", "-")

    assert "font-family:gate-common;" not in page("云G12345")
    assert "font-family:gate-common;" in page("王小明")


def test_on_paper_short_columns_keep_their_line_and_long_texts_share_the_rest():
    rows = (("15:00", "a" * 64, "drill"), ("15:05", "lan", "b" * 200))
    table = Table("t", "t", ("at", "who", "why"), rows)
    time, who, why = _widths(table, len, 100)
    assert (time, who, why) == (5 + PADDING_MM, pytest.approx(46.3), pytest.approx(46.3))
    assert sum(_widths(table, len, 300)) < 300


@pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sheet_of_paper_says_of_which_report_it_is_and_its_number(figures, language):
    made = report(figures, "kim-thanh", "b1", {}, language)
    many = replace(made, tables=made.tables * 4)
    told = run(["pdftotext", "-", "-"], input=as_pdf(many, "-"), capture_output=True, check=True)
    pages = told.stdout.decode().split("\f")[:-1]
    assert len(pages) > 2
    for number, foot in enumerate(pages, 1):
        assert f"{number}/{len(pages)}" in foot
        assert "kim-thanh / b1" in foot


def test_a_text_that_a_spreadsheet_would_compute_is_a_text(figures):
    made = Report("r", (), (Table("t", "t", ("a",), (("=1+1",), (-1,))),))
    assert "'=1+1" in as_csv(made, "vi")
    assert "\n-1" in as_csv(made, "vi")


@pytest.mark.parametrize("form", ["html", "pdf", "csv"])
def test_the_command_writes_each_form(journal, form, tmp_path):
    folder = journal.file.parent.parent
    target = tmp_path / f"shift.{form}"
    done = gate(
        "report", "shift", target, "--config", folder / "gate.toml",
        "--from", "2026-01-15T15:00:00", "--to", "2026-01-15T23:00:00",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert target.stat().st_size > 500


def test_a_folder_that_there_is_not_is_told(journal, tmp_path):
    folder = journal.file.parent.parent
    target = tmp_path / "none" / "shift.pdf"
    done = gate("report", "shift", target, "--config", folder / "gate.toml")
    assert done.returncode == 2
    assert f"there is no folder {target.parent}" in done.stderr


def test_a_form_that_there_is_not_is_refused(journal, tmp_path):
    folder = journal.file.parent.parent
    done = gate("report", "shift", tmp_path / "x.doc", "--config", folder / "gate.toml")
    assert done.returncode == 2
    assert "name it .html, .pdf or .csv" in done.stderr


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("0001-01-02T00:00:00Z", "0001-01-03T00:00:00Z"),
        ("9999-12-30T00:00:00Z", "9999-12-31T00:00:00Z"),
        ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"),
    ],
)
def test_a_time_that_is_no_shift_is_refused(client, signed_in, since, until):
    signed_in("operator")
    asked = {"since": since, "until": until}
    assert client.get("/api/report/shift", params=asked).status_code == 422


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_what_would_happen_at_the_ends_of_all_dates_is_not_asked(client, signed_in, at):
    token = signed_in("operator")
    body = {"lane": "out1", "plate": "24C12345", "at": at}
    assert client.post("/api/policy/explain", json=body, headers=token).status_code == 422
