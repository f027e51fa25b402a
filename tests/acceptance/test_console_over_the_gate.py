"""What people see and do at the console, in real Chromium, over the real service and the
simulator's wires: board, cameras, broker, platform. The same points over a twin, and more of them,
stand in tests/console/."""

import contextlib
import time

import pytest

from simulator.broker import Mosquitto
from simulator.service import USER
from simulator.world import Driver
from tests.support.booth import Booth
from tests.support.browser import CHROMIUM, OPTIONS, card, hold, needs_chromium
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.timeout(600), needs_chromium]

ADMIT, REJECT = "button[value=admit]", "button[value=reject]"
STOP_OF_OUT = "[data-lane-card=out1] [data-order=stop]"
SIZES = {
    "1366x768": {"viewport": {"width": 1366, "height": 768}},
    "1280x800": {"viewport": {"width": 1280, "height": 800}, "has_touch": True},
}
IN_REACH = """() => [...document.querySelectorAll("[data-order=stop]")].map((at) => {
    const box = at.getBoundingClientRect();
    const on_top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return box.y >= 0 && box.bottom <= innerHeight && at.contains(on_top) && !at.disabled;
})"""
NOTES_THE_ARM = """() => {
    const at = document.querySelector(".tile[data-lane-card=out1] [data-arm]");
    const seen = (window.seen = [at.textContent]);
    new MutationObserver(() => { if (seen.at(-1) !== at.textContent) seen.push(at.textContent); })
        .observe(at, { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Booth(tmp_path_factory.mktemp("booth"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def booth(running):
    wait_for(lambda: all(lane["camera"]["state"] == "live" for lane in running.lanes()), every=0.2)
    yield running
    running.clear()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield made
        made.close()


@pytest.fixture
def seat(browser):
    """Makes a page of a browser of its own; what goes wrong in its scripts fails the test."""
    with contextlib.ExitStack() as open_pages:
        errors = []

        def made(**more):
            page = open_pages.enter_context(browser.new_context(**more)).new_page()
            page.set_default_timeout(120_000)
            page.on("pageerror", lambda error: errors.append(str(error)))
            return page

        yield made
    assert errors == []


def gives_a_reason(page, place):
    page.click(f"{place} [data-fill=reason] >> nth=0")


def test_what_is_typed_on_a_card_stays_while_another_lane_changes(booth, seat):
    page = seat()
    booth.comes("out1")
    mine = card(booth.waits("out1")["passage"])
    booth.sign_in(page, "lan", "/exceptions")
    page.fill(f"{mine} [name=reason]", "đã xem giấy tờ")
    page.fill(f"{mine} [name=plate]", "51R99999")
    page.evaluate("document.documentElement.dataset.same = 'page'")
    page.wait_for_selector(f"{mine} [data-holder]:visible")
    before = page.locator(f"{mine} {ADMIT}").bounding_box()
    other, _ = booth.comes("in1")
    his = card(booth.waits("in1")["passage"])
    page.wait_for_selector(his)
    order = "all => all.map(at => at.dataset.lane)"
    assert page.eval_on_selector_all("#waiting [data-passage]", order) == ["out1", "in1"]
    assert page.locator(f"{mine} {ADMIT}").bounding_box() == before
    other.driver = Driver(patience_s=0.0)
    page.wait_for_selector(f"{his} [data-ended]:has-text('không còn chờ'):visible")
    page.wait_for_selector(his, state="detached")
    assert page.input_value(f"{mine} [name=reason]") == "đã xem giấy tờ"
    assert page.input_value(f"{mine} [name=plate]") == "51R99999"
    assert page.evaluate("document.activeElement.name") == "plate"
    assert page.get_attribute("html", "data-same") == "page"


def test_enter_and_a_touch_decide_nothing_and_a_hold_opens_the_real_arm(booth, seat):
    page, world = seat(), booth.rig.worlds["out1"]
    vehicle, _ = booth.comes("out1")
    mine = card(booth.waits("out1")["passage"])
    before = len(world.truth.crossed)
    booth.sign_in(page, "lan", "/exceptions")
    gives_a_reason(page, mine)
    page.fill(f"{mine} [name=plate]", vehicle.look.plate)
    page.press(f"{mine} [name=plate]", "Enter")
    page.press(f"{mine} [name=reason]", "Enter")
    page.click(f"{mine} {ADMIT}")
    # Whatever the page would send has been sent before this.
    page.click(STOP_OF_OUT)
    page.wait_for_selector("#said .good:has-text('Làn xuất 1 · Dừng')")
    assert booth.lane("out1")["waiting"]
    assert booth.told("command.handled", "admit") == []
    hold(page, f"{mine} {ADMIT}")
    page.wait_for_selector("#said .good:has-text('Làn xuất 1 · Cho qua')")
    # Told as done once the arm rises, not when it was asked for.
    assert vehicle.opened_at is not None or world.arm.position > 0
    wait_for(lambda: len(world.truth.crossed) == before + 1)
    assert world.truth.violations == []


def test_an_order_that_the_guard_refuses_is_told_and_recorded_with_the_reason(booth, seat):
    page = seat()
    why = "nút dừng tại chỗ đang được nhấn"
    booth.sign_in(page, "lan")
    booth.rig.worlds["out1"].overrides["stop"] = True
    wait_for(lambda: "stop_pressed" in booth.alarms(), every=0.2)
    page.click("[data-lane-card=out1] [data-order=open]")
    gives_a_reason(page, "#confirm")
    hold(page, "#confirm [data-hold]")
    page.wait_for_selector(f"#said .bad:has-text('Làn xuất 1 · Nâng'):has-text('{why}')")
    assert page.query_selector("#said .good") is None
    assert "?" not in page.url
    assert booth.rig.worlds["out1"].arm.position == 0
    (outcome,) = wait_for(lambda: booth.told("command.handled", "open"))
    assert (outcome["issuer"], outcome["outcome"]) == ("operator:lan", "refused")
    chief = seat()
    booth.sign_in(chief, USER, "/audit")
    row = chief.text_content(f"tr:has-text('lan'):has-text('{why}')")
    assert "Làn xuất 1" in row
    assert "Nâng" in row


def test_of_two_operators_one_has_the_vehicle_and_nobody_decides_on_what_he_has_not_seen(
    booth, seat
):
    first, second = seat(), seat()
    _, item = booth.comes("out1")
    lane = booth.waits("out1")
    mine = card(lane["passage"])
    booth.sign_in(second, "minh", "/exceptions")
    booth.sign_in(first, "lan")
    # Its state no longer comes, as on a network that hangs.
    first.route("**/live", lambda route: None)
    first.goto(f"{booth.service.url}/exceptions")
    first.wait_for_selector("html[data-ready]")
    gives_a_reason(first, mine)
    first.focus(f"{mine} [name=reason]")
    second.wait_for_selector(f"{mine} [data-holder].other:has-text('lan')")
    gives_a_reason(second, mine)
    second.click(f"{mine} {REJECT}")
    second.wait_for_selector("#said .bad:has-text('lan')")
    booth.rig.platform.put({**item, "state": "held"})
    second.wait_for_selector(f"{mine} [data-changed]:visible")
    first.click(f"{mine} {REJECT}")
    first.wait_for_selector("#said .bad:has-text('đã thay đổi trong lúc đó')")
    assert booth.lane("out1")["waiting"]
    # The state comes again: the card shows what has changed, and the decision is of that.
    first.unroute("**/live")
    first.wait_for_selector(f"{mine} [data-seen]:has-text('tạm giữ')")

    def rejected():
        """What is pressed while the card has just moved is not taken, and is pressed again."""
        first.evaluate("at => document.querySelector(at)?.click()", f"{mine} {REJECT}")
        return first.query_selector("#said .good:has-text('Làn xuất 1 · Từ chối')")

    wait_for(rejected, every=0.5)


def test_a_declared_vehicle_is_watched_from_its_plate_to_the_list_of_passages(booth, seat):
    page = seat()
    booth.sign_in(page, "lan")
    page.evaluate(NOTES_THE_ARM)
    plate = booth.rig.send("out1")
    lane = ".card[data-lane-card=out1]"
    page.wait_for_selector(f"{lane} [data-verdict].allow")
    shown = page.text_content(f"{lane} [data-plate]")
    assert "".join(c for c in shown if c.isalnum()) == plate
    page.wait_for_selector(f"[data-part=passages] tr:has-text('{plate}')")
    page.wait_for_selector(".tile[data-lane-card=out1] [data-arm]:text-is('Đã hạ')")
    seen = page.evaluate("window.seen")
    assert "Đã nâng" in seen
    assert set(seen) <= {"Đã hạ", "Đang nâng", "Đã nâng", "Đang hạ"}
    assert booth.rig.worlds["out1"].truth.violations == []


@pytest.mark.parametrize("size", SIZES)
def test_every_stop_is_in_reach_on_every_page_without_scrolling(booth, seat, size):
    page = seat(**SIZES[size])
    booth.sign_in(page, USER)
    for path in ("/", "/exceptions", "/barriers", "/passages", "/alarms", "/system", "/users"):
        page.goto(booth.service.url + path)
        page.wait_for_selector("#status span")
        for at in ("0", "document.body.scrollHeight"):
            page.evaluate(f"window.scrollTo(0, {at})")
            assert page.evaluate(IN_REACH) == [True, True], (path, at)


def test_a_page_says_how_old_it_is_while_the_service_is_killed_and_goes_on_with_it(booth, seat):
    page = seat()
    booth.comes("out1")
    booth.waits("out1")
    booth.sign_in(page, "lan", "/exceptions")
    page.fill("[name=reason]:visible", "đang gõ dở")
    booth.service.kill()
    page.wait_for_selector("#lost:has-text('Mất kết nối từ'):visible")
    page.click(STOP_OF_OUT)
    page.wait_for_selector("#said .bad:has-text('CHƯA DỪNG ĐƯỢC')")
    assert page.url == f"{booth.service.url}/exceptions"
    booth.service.start()
    booth.service.wait_ready()
    page.wait_for_selector("#lost", state="hidden")
    assert page.is_hidden("#again")
    page.click(STOP_OF_OUT)
    page.wait_for_selector("#said .good:has-text('Làn xuất 1 · Dừng')")
    assert page.input_value("[name=reason]:visible") == "đang gõ dở"
    assert page.url == f"{booth.service.url}/exceptions"


def test_who_is_signed_out_in_the_middle_of_a_word_goes_on_after_the_password(booth, seat):
    page = seat()
    booth.comes("out1")
    mine = card(booth.waits("out1")["passage"])
    booth.sign_in(page, "lan", "/exceptions")
    page.fill(f"{mine} [name=reason]", "đang gõ dở")
    booth.new_password("lan")
    page.wait_for_selector("#again[open]")
    page.click(STOP_OF_OUT)
    page.wait_for_selector("#said .bad:has-text('CHƯA DỪNG ĐƯỢC')")
    page.fill("#again [name=password]", "sai mật khẩu")
    page.press("#again [name=password]", "Enter")
    page.wait_for_selector("#again [data-why]:visible")
    page.fill("#again [name=password]", booth.passwords["lan"])
    page.press("#again [name=password]", "Enter")
    page.wait_for_selector("#again", state="hidden")
    assert page.input_value(f"{mine} [name=reason]") == "đang gõ dở"
    page.click(f"{mine} {REJECT}")
    page.wait_for_selector("#said .good:has-text('Làn xuất 1 · Từ chối')")


def test_an_outage_of_broker_camera_and_platform_is_seen_on_live(booth, seat, record_property):
    """The last one: the platform's port is not had again."""
    page = seat()
    booth.sign_in(page, "lan")
    links = ("Hải quan", "Camera", "Nền tảng cửa khẩu số")

    def well():
        for name in links:
            page.wait_for_selector(f"#status span:has-text('{name}: '):not(.bad)")

    def seen(name, breaks, shown):
        well()
        begun = time.monotonic()
        breaks()
        page.wait_for_selector(f"#status .bad:has-text('{name}: {shown}')")
        record_property(name, round(time.monotonic() - begun, 1))

    seen("Hải quan", booth.rig.broker.kill, "Mất kết nối")
    booth.rig.broker.start()
    camera = booth.rig.cameras.faults["out1"]
    seen("Camera", lambda: setattr(camera, "frozen", True), "Làn xuất 1")
    page.wait_for_selector(".card[data-lane-card=out1] .picture.old")
    camera.frozen = False
    seen("Nền tảng cửa khẩu số", booth.rig.platform.stop, "Mất kết nối")
