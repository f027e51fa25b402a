"""The record of each vehicle, for people: how it ended, and what the gate knew; also of those that
did not pass."""

from datetime import timedelta

import pytest

from edge.console.catalogue import LANGUAGES, catalogue
from edge.console.reason_display import translated_detail
from edge.domain.events import Event
from edge.lane.vocabulary import Outcome
from edge.sync.journal.port import Recorded
from edge.system.causes import cause
from tests.support.operations_twin import NOW

RECORD = {
    "passage": "p5", "plate": "24C77777", "country": "VN", "kind": "truck", "verdict": "refuse",
    "reason": "clearance_pending", "detail": "border_guard", "assignment": "A5", "by": "gate",
    "read_plate": "24C77777", "trailers": [], "evidence": [], "outcome": "refused",
    "policy": "abc123", "arrived_at": "2026-01-15T07:58:00.000Z",
    "decided_at": "2026-01-15T07:58:02.000Z", "entered_at": "",
    "ended_at": "2026-01-15T08:00:00.000Z", "why": "backed_off",
    "reads": [{"text": "24C77777", "country": "VN", "confidence": 0.987, "accepted": True}],
    "motions": [{"arm": "stopped", "cause": "local", "at": "2026-01-15T07:59:00.000Z"}],
}  # fmt: skip


@pytest.fixture
def passages(client, signed_in, operations):
    """The page with one more record than those of the twin, in a language."""

    def page(language="vi", type="passage.abandoned", **changes):
        event = Event(type, "out1", NOW + timedelta(minutes=1), {**RECORD, **changes})
        operations._journal.rows.insert(0, Recorded(8, "id8", event, "0", "1"))
        token = signed_in()["X-CSRF-Token"]
        client.post("/language", data={"csrf": token, "language": language})
        return client.get("/passages").text

    return page


def test_every_way_out_has_a_name_in_every_language():
    for language in LANGUAGES:
        assert all(f"outcome_{outcome}" in catalogue(language) for outcome in Outcome)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_was_refused_and_left_stands_among_the_passages(passages, language):
    page = passages(language)
    assert "24C77777" in page
    assert catalogue(language)["outcome_refused"] in page
    # Nobody says that what did not happen was not observed.
    assert catalogue(language)["not_observed"] not in page


def test_who_passed_unadmitted_is_told_apart_from_who_is_not_decided_yet(passages):
    page = passages(type="passage.completed", outcome="tailgated", verdict="", reason="")
    assert f'<span class="pill refuse">{catalogue("vi")["outcome_tailgated"]}' in page


def test_the_record_can_be_opened(passages):
    page = passages()
    for shown in ("99 %", "15/01/2026 14:58:00", "abc123", "Biên phòng", "Dừng giữa chừng", "A5"):
        assert shown in page, shown


def test_a_record_of_before_there_were_outcomes_is_shown(client, signed_in):
    signed_in()
    assert "24C54321" in client.get("/passages").text


def test_programs_may_ask_for_those_that_did_not_pass(client, signed_in, passages):
    passages()
    plates = [p["data"]["plate"] for p in client.get("/api/passages").json()]
    assert plates == ["24C54321"]
    ended = client.get("/api/passages", params={"all": True}).json()
    assert [p["data"]["plate"] for p in ended] == ["24C77777", "24C54321"]


def authority(code):
    return {"customs": "Hải quan", "border_guard": "Biên phòng"}.get(code, code)


@pytest.mark.parametrize(
    ("reason", "detail", "says"),
    [
        ("clearance_pending", "border_guard, customs", "Biên phòng, Hải quan"),
        ("clearance_refused", "port", "port"),
        ("wrong_direction", "import", "Nhập"),
        ("expired", "2026-01-15T07:00:00.000Z", "15/01/2026 14:00:00"),
        ("not_yet_valid", "2026-01-15T18:00:00.000Z", "16/01/2026 01:00:00"),
        ("not_yet_valid", "tomorrow", "tomorrow"),
        ("wrong_lane", "out2, out3", "out2, out3"),
        ("implausible_kind", "motorcycle, declared truck", "Xe máy; khai báo: Xe tải"),
        ("implausible_kind", "truck, declared moped", "Xe tải; khai báo: moped"),
        ("barrier_refused", "locked", "đang khóa"),
        ("several_assignments", "A1, A2", "A1, A2"),
        ("not_understood", cause("item.missing"), "bị thiếu"),
        ("not_understood", "as an older gate wrote it", "as an older gate wrote it"),
        ("assigned", "", ""),
    ],
)
def test_what_a_reason_is_about_is_told_in_the_words_of_the_reader(reason, detail, says):
    assert translated_detail("vi", authority, reason, detail) == says


def test_a_clip_is_saved_and_not_shown_by_the_browser_which_cannot_play_it(passages):
    page = passages(evidence=["d-out1-x-plate.jpg", "d-out1-x-clip.mp4", "d-out1-x-reads.json"])
    assert '<a href="/evidence/d-out1-x-clip.mp4" download>' in page
    assert '<a href="/evidence/d-out1-x-reads.json">' in page
