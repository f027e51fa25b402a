"""In a real browser: people see what is, in their language, and hear what needs them."""

import dataclasses

import pytest

from edge.domain.decision_rows import ROWS
from edge.domain.facts import Arm
from edge.gate.port import AlarmView, ReferralView
from edge.sync.port import LinkStatus
from tests.support.browser import a_page, hold, needs_chromium, press, sign_in
from tests.support.operations_twin import NOW, PASSWORD, a_lane
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.timeout(300), needs_chromium]

TILE = ".tile[data-lane-card=out1]"


def live(page, url, role="operator"):
    sign_in(page, url, role, PASSWORD)
    page.wait_for_selector("[data-plate]:has-text('24C-123.45')")


def changed(lane, **barrier):
    return dataclasses.replace(lane, barrier=dataclasses.replace(lane.barrier, **barrier))


def test_the_arm_is_drawn_as_it_stands_with_what_holds_it(server, operations):
    with a_page() as page:
        live(page, server.url, "viewer")
        page.wait_for_selector(f"{TILE} [data-arm]:has-text('Đã hạ')")
        drawn = f"document.querySelector('{TILE} [data-arm-drawn]').getAttribute('transform')"
        down = page.evaluate(drawn)
        (lane,) = operations.lanes
        lane = dataclasses.replace(lane, mode="attended", sign="24C-123.45 XIN CHỜ", waiting=False)
        operations.lanes = (
            changed(lane, arm=Arm.OPENING, locked=True, held_open=True, in_service=False),
        )
        page.wait_for_selector(f"{TILE} [data-arm]:has-text('Đang nâng')")
        assert page.evaluate(drawn) != down
        chips = page.text_content(f"{TILE} [data-modes]")
        for word in ("Có người xác nhận", "Đã khóa", "Giữ mở", "Ngừng hoạt động"):
            assert word in chips
        assert page.text_content(f"{TILE} [data-driver-sign]") == "24C-123.45 XIN CHỜ"


def test_the_row_that_decided_stands_beside_what_to_do(server, operations):
    (lane,) = operations.lanes
    operations.lanes = (dataclasses.replace(lane, row="unsure_reading"),)
    with a_page() as page:
        live(page, server.url, "viewer")
        number = 1 + [row.reason.value for row in ROWS].index("unsure_reading")
        page.wait_for_selector(f"[data-row]:text-is('Dòng quyết định: {number}')")
        # A row that the policy has made to say otherwise is named, with the rule.
        by_rule = {"reason": "policy", "row": "assigned", "rule": "rows.assigned.when.0"}
        operations.lanes = (dataclasses.replace(lane, **by_rule),)
        page.wait_for_selector("[data-row]:has-text('đã phân luồng')")
        assert "Quy tắc: rows.assigned.when.0" in page.text_content("[data-row]")


def test_who_may_not_pass_before_an_arm_that_is_up_is_loud(server, operations):
    with a_page() as page:
        live(page, server.url)
        assert page.is_hidden(f"{TILE} [data-loud]")
        (lane,) = operations.lanes
        operations.lanes = (changed(lane, arm=Arm.OPEN),)
        page.wait_for_selector(f"{TILE} [data-loud]:visible")
        assert "CẦN ĐANG MỞ" in page.text_content(f"{TILE} [data-loud]")
        page.wait_for_selector("#mute[data-last=loud]")


def test_each_kind_of_what_needs_a_person_has_its_sound_and_a_mute_is_shown(server, operations):
    with a_page() as page:
        live(page, server.url)
        page.wait_for_selector("#mute[data-last=waiting]")
        operations.alarms = (
            AlarmView("tailgate", "out1", "a vehicle followed", NOW, severity="high"),
        )
        page.wait_for_selector("#mute[data-last=alarm]")
        page.click("h2 >> nth=0")
        page.wait_for_selector("#mute:has-text('Âm thanh: bật')")
        page.keyboard.press("m")
        page.wait_for_selector("#mute.muted:has-text('ĐÃ TẮT ÂM')")
        page.reload()
        page.wait_for_selector("#mute.muted:has-text('ĐÃ TẮT ÂM')")


def test_what_is_wrong_with_the_gate_is_seen_by_everybody_within_seconds(server, operations):
    with a_page() as page:
        live(page, server.url, "viewer")
        page.wait_for_selector("#status:has-text('Hải quan')")
        assert page.query_selector("#status .bad") is None
        (lane,) = operations.lanes
        camera = dataclasses.replace(lane.camera, state="failed")
        operations.lanes = (changed(dataclasses.replace(lane, camera=camera), wire_ok=False),)
        operations.links = (
            LinkStatus("customs", False, "", 3, NOW), LinkStatus("platform", False, "", 0, NOW),
        )  # fmt: skip
        page.wait_for_selector("#status .bad:has-text('Hải quan: Mất kết nối')", timeout=5000)
        bad = page.eval_on_selector_all("#status .bad", "all => all.map(at => at.textContent)")
        assert len(bad) == 4


def test_a_sensor_that_is_not_wired_is_not_shown(server, operations):
    with a_page() as page:
        live(page, server.url)
        (lane,) = operations.lanes
        operations.lanes = (changed(dataclasses.replace(lane, sign="KHÔNG CÓ"), exit_loop=None),)
        page.wait_for_selector(f"{TILE} [data-driver-sign]:has-text('KHÔNG CÓ')")
        page.reload()
        page.wait_for_selector("[data-sign=entry_loop]:visible")
        assert page.is_hidden("[data-sign=exit_loop]")
        # One that was read and can be read no more is, with a question mark.
        operations.lanes = (changed(lane, entry_loop=None, exit_loop=None, wire_ok=False),)
        page.wait_for_selector("[data-sign=entry_loop].unknown:visible")
        assert page.is_hidden("[data-sign=exit_loop]")


def test_a_referred_vehicle_is_decided_by_keys_alone_in_three(server, operations):
    with a_page() as page:
        live(page, server.url)
        page.keyboard.press("x")
        page.wait_for_selector("[data-passage=p1]")
        page.wait_for_selector("#status:has-text('Hải quan')")
        page.keyboard.press("1")
        wait_for(lambda: page.input_value("[data-passage=p1] [name=reason]"))
        page.keyboard.down("y")
        page.wait_for_selector("#said .good:has-text('Cho qua')")
        page.keyboard.up("y")
    assert ("out1", "p1", True, "24C12345") in {asked[:4] for asked in operations.asked}


def test_a_key_stops_a_lane_whatever_has_the_focus_and_help_tells_so(server, operations):
    with a_page() as page:
        live(page, server.url)
        page.keyboard.press("?")
        page.wait_for_selector("#help[open]:has-text('F1')")
        page.keyboard.press("Escape")
        page.wait_for_selector("#help", state="hidden")
        page.click("[data-order=open]")
        page.fill("#confirm [name=reason]", "x")
        page.press("#confirm [name=reason]", "F2")
        page.wait_for_selector("#said .good:has-text('Làn nhập 1 · Dừng')")
    assert ("in1", "stop", "", "operator") in operations.asked


def test_an_order_is_for_the_vehicle_that_the_page_showed(server, operations):
    with a_page() as page:
        live(page, server.url)
        page.click("[data-order=open]")
        page.click("dialog [data-fill=reason] >> nth=0")
        operations.lanes = (a_lane(passage="p2", version=4, plate_display="24C-999.99"),)
        page.wait_for_selector("[data-plate]:has-text('24C-999.99')")
        hold(page, "#confirm [data-hold]")
        page.wait_for_selector("#said .good")
    (order,) = [asked for asked in operations.asked if asked[1] == "open"]
    assert (order[4].passage, order[4].version) == ("p1", 0)


def test_who_deals_with_a_vehicle_is_told_to_others_and_one_touch_claims_it(server, operations):
    (lane,) = operations.lanes
    with a_page() as page:
        live(page, server.url)
        page.click("nav a[href='/exceptions']")
        page.focus("[name=reason]:visible")
        wait_for(lambda: ("claim", "out1", "p1", "operator") in operations.asked)
        held = ReferralView("p1", "pending", "", 600.0, "binh", "", "mai", True, "")
        operations.lanes = (dataclasses.replace(lane, referral=held),)
        page.wait_for_selector("[data-holder].other:has-text('binh')")
        assert "mai" in page.text_content("[data-holder]")
        assert "Cần người thứ hai" in page.text_content("[data-holder]")


def test_an_admission_that_needs_a_second_person_says_so(server, operations):
    operations.state = "second"
    with a_page() as page:
        live(page, server.url)
        page.click("nav a[href='/exceptions']")
        page.click("[data-fill=reason] >> nth=0")
        hold(page, "button[value=admit]")
        page.wait_for_selector("#said :text('Cần người thứ hai cho qua')")
        assert page.query_selector("#said .good") is None


SHELVE = """
fetch("/api/shelve", {
  method: "POST",
  headers: {
    "Content-Type": "application/json",
    "X-CSRF-Token": document.querySelector("meta[name=csrf]").content,
  },
  body: JSON.stringify({ lane: "out1", code: "tailgate", reason: "không" }),
}).then((answer) => answer.json())
"""


def test_a_badge_counts_what_nobody_has_seen_and_nothing_that_is_shelved(server, operations):
    alarms = [AlarmView("camera", "out1", "no picture", NOW, severity="medium")]
    alarms.append(AlarmView("tailgate", "out1", "followed", NOW, severity="high"))
    operations.alarms = tuple(alarms)
    with a_page() as page:
        live(page, server.url, "supervisor")
        page.wait_for_selector("[data-count='/alarms']:has-text('2')")
        page.click("nav a[href='/alarms']")
        assert page.locator(".alarm").first.text_content().strip().startswith("Xử lý ngay")
        page.fill(".alarm.medium [name=reason]", "đang sửa")
        page.click(".alarm.medium [name=minutes]")
        page.wait_for_selector(".alarm.shelved:has-text('gác đến')")
        page.wait_for_selector("[data-count='/alarms']:has-text('1')")
        # What must be done at once has no such button, and a program is refused.
        assert page.locator(".alarm.high [name=minutes]").count() == 0
        assert "không được gác" in page.evaluate(SHELVE)["says"]
    assert ("supervisor", "shelve_alarm") in operations.asked


def test_targets_are_large_enough_for_fingers_and_larger_for_gloves(server):
    small = """(least) => [...document.querySelectorAll("button, .button, nav a, input, select")]
        .filter((at) => at.offsetParent && at.type !== "hidden" && at.type !== "checkbox")
        .map((at) => [at.textContent.trim().slice(0, 20), at.getBoundingClientRect().height])
        .filter(([, high]) => high < least - 0.5)"""
    with a_page(viewport={"width": 1280, "height": 800}, has_touch=True) as page:
        live(page, server.url)
        assert page.evaluate(small, 48) == []
        page.click("button[name=size]")
        page.wait_for_selector("html[data-size=glove]")
        assert page.evaluate(small, 64) == []


def test_night_and_day_are_switched_by_hand_and_kept(server):
    ground = "getComputedStyle(document.body).backgroundColor"
    with a_page(color_scheme="light") as page:
        live(page, server.url)
        day = page.evaluate(ground)
        page.click("button[name=theme]")
        page.wait_for_selector("html[data-theme=night]")
        night = page.evaluate(ground)
        assert night != day
        page.goto(f"{server.url}/alarms")
        assert page.evaluate(ground) == night


def test_a_hold_ends_with_the_finger(server, operations):
    with a_page() as page:
        live(page, server.url)
        page.click("[data-order=open]")
        page.click("dialog [data-fill=reason] >> nth=0")
        press(page, "#confirm [data-hold]")
        page.mouse.move(5, 5)
        page.wait_for_selector(".holding", state="detached")
        page.mouse.up()
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .good")
    assert [asked[1] for asked in operations.asked if asked[-1] != "sign_in"] == ["stop"]


def test_a_browser_that_reduces_motion_gets_none(server, operations):
    (lane,) = operations.lanes
    operations.lanes = (changed(lane, arm=Arm.OPEN),)
    with a_page(reduced_motion="reduce") as page:
        live(page, server.url)
        page.wait_for_selector(f"{TILE} [data-loud]:visible")
        name = f"getComputedStyle(document.querySelector('{TILE} [data-loud]')).animationName"
        assert page.evaluate(name) == "none"


@pytest.mark.parametrize(
    "lacks",
    ["delete AbortSignal.timeout", "delete Element.prototype.replaceChildren"],
)
def test_a_browser_that_is_too_old_is_told_and_still_stops(server, operations, lacks):
    with a_page() as page:
        page.add_init_script(lacks)
        page.goto(server.url)
        page.wait_for_selector("#too-old:has-text('Trình duyệt')")
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("#too-old:has-text('Trình duyệt')")
        assert not page.evaluate("'ready' in document.documentElement.dataset")
        page.click("[data-order=stop]")
        wait_for(lambda: ("out1", "stop", "", "operator") in operations.asked)


def test_a_browser_of_today_is_not_told_that_it_is_too_old(server, operations):
    with a_page() as page:
        live(page, server.url)
        assert page.is_hidden("#too-old")
