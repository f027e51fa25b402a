"""In a real browser: people act on what they see, and hear what became of it."""

import dataclasses

import cv2
import numpy as np
import pytest

from edge.console.app import create_app
from edge.console.catalogue import translate
from edge.console.server import ConsoleServer
from edge.domain.guard_refusal import GuardRefusal
from edge.gate.port import AlarmView, ReferralView, Unanswered
from edge.gate.refusal_texts import guard_said
from edge.system.causes import cause
from tests.support.browser import a_page, card, hold, needs_chromium, press, sign_in
from tests.support.operations_twin import NOW, PASSWORD, a_lane
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.timeout(300), needs_chromium]

ADMIT = "button[value=admit]"


def acts(operations):
    """What was ordered and decided."""
    asked = [one for one in operations.asked if one[-1] != "sign_in" and one[0] != "claim"]
    return [one[1] for one in asked]


def exceptions(page, url):
    sign_in(page, url, "operator", PASSWORD)
    page.click("nav a[href='/exceptions']")
    page.wait_for_selector(card("p1"))
    # The server writes the card; the page lives once its words and a first state have come.
    page.wait_for_selector("#status span")


def test_what_is_typed_on_a_card_stays_when_another_lane_changes(server, two_lanes):
    with a_page() as page:
        exceptions(page, server.url)
        page.fill(f"{card('q1')} [name=reason]", "giấy tờ đủ")
        page.fill(f"{card('q1')} [name=plate]", "51R99999")
        page.evaluate("document.documentElement.dataset.same = 'page'")
        out, inward = two_lanes.lanes
        two_lanes.lanes = (
            dataclasses.replace(out, waiting=False, state="empty", passage=None),
            inward,
        )
        page.wait_for_selector(f"{card('p1')} [data-ended]:visible")
        assert page.input_value(f"{card('q1')} [name=reason]") == "giấy tờ đủ"
        assert page.input_value(f"{card('q1')} [name=plate]") == "51R99999"
        assert page.evaluate("document.activeElement.name") == "plate"
        # It closes itself, and no page was loaded.
        page.wait_for_selector(card("p1"), state="detached")
        assert page.get_attribute("html", "data-same") == "page"
        assert page.input_value(f"{card('q1')} [name=reason]") == "giấy tờ đủ"


def test_a_new_vehicle_comes_at_the_end_and_moves_no_button_of_another(server, operations):
    with a_page() as page:
        exceptions(page, server.url)
        before = page.locator(f"{card('p1')} {ADMIT}").bounding_box()
        newer = a_lane(lane="in1", name="Làn nhập 1", passage="q1")
        operations.lanes = (newer, *operations.lanes)
        page.wait_for_selector(card("q1"))
        order = page.eval_on_selector_all(
            "[data-passage]", "all => all.map(at => at.dataset.passage)"
        )
        assert order == ["p1", "q1"]
        assert page.locator(f"{card('p1')} {ADMIT}").bounding_box() == before


def test_pictures_that_come_late_move_no_button(server, two_lanes):
    two_lanes.lanes = tuple(
        dataclasses.replace(lane, evidence=(f"{lane.passage}-front.jpg",))
        for lane in two_lanes.lanes
    )
    drawn = cv2.imencode(".jpg", np.zeros((480, 640, 3), np.uint8))[1].tobytes()
    with a_page() as page:
        late = []
        page.route("**/evidence/**", lambda route: late.append(route))
        exceptions(page, server.url)
        wait_for(lambda: page.evaluate("1") and len(late) == 2)
        before = page.locator(f"{card('q1')} {ADMIT}").bounding_box()
        for route in late:
            route.fulfill(body=drawn, content_type="image/jpeg")
        page.wait_for_function(
            "[...document.querySelectorAll('.pictures img')].every((at) => at.naturalWidth)"
        )
        assert page.locator(f"{card('q1')} {ADMIT}").bounding_box() == before


def test_no_button_moves_when_somebody_begins_to_deal_with_a_vehicle(server, two_lanes):
    every = "all => all.map((at) => JSON.stringify(at.getBoundingClientRect()))"
    with a_page() as page:
        exceptions(page, server.url)
        before = page.eval_on_selector_all("[data-act], [data-referral=escalate]", every)
        for passage, holder in (("p1", "operator"), ("q1", "binh")):
            (at,) = (n for n, lane in enumerate(two_lanes.lanes) if lane.passage == passage)
            held = ReferralView(passage, "pending", "", 600.0, holder, "", "", False, "")
            lanes = list(two_lanes.lanes)
            lanes[at] = dataclasses.replace(lanes[at], referral=held)
            two_lanes.lanes = tuple(lanes)
            page.wait_for_selector(f"{card(passage)} [data-holder]:visible")
            assert page.is_visible(f"{card(passage)} [data-referral=release]") == (passage == "p1")
        after = page.eval_on_selector_all("[data-act], [data-referral=escalate]", every)
        assert after == before


def test_the_next_vehicle_of_a_lane_is_another_card(server, operations):
    with a_page() as page:
        exceptions(page, server.url)
        page.fill(f"{card('p1')} [name=reason]", "cho xe thứ nhất")
        operations.lanes = (a_lane(passage="p2", plate="24C99999"),)
        page.wait_for_selector(card("p2"))
        assert page.input_value(f"{card('p2')} [name=reason]") == ""
        assert page.is_visible(f"{card('p1')} [data-ended]")
        assert page.eval_on_selector(f"{card('p1')} form", "form => form.inert")


def test_a_decision_carries_what_was_seen_and_says_when_it_has_changed(server, operations):
    with a_page() as page:
        exceptions(page, server.url)
        page.fill(f"{card('p1')} [name=reason]", "đã xem")
        (lane,) = operations.lanes
        operations.lanes = (
            dataclasses.replace(lane, version=5, reason="watch_list", plate="24C12399"),
        )
        page.wait_for_selector(f"{card('p1')} [data-changed]:visible")
        assert "theo dõi" in page.text_content(f"{card('p1')} [data-seen]")
        assert page.input_value(f"{card('p1')} [name=plate]") == "24C12399"
        assert page.input_value(f"{card('p1')} [name=reason]") == "đã xem"
        hold(page, ADMIT)
        page.wait_for_selector("#said .good")
    assert operations.decided == (5, "")
    assert operations.settling == ("out1", "p1", True, 5, "operator")


def test_a_change_under_the_finger_lets_nobody_pass(server, operations):
    with a_page() as page:
        exceptions(page, server.url)
        page.fill(f"{card('p1')} [name=reason]", "đã xem")
        press(page, ADMIT)
        (lane,) = operations.lanes
        operations.lanes = (dataclasses.replace(lane, version=5),)
        page.wait_for_selector(f"{card('p1')} [data-changed]:visible")
        page.mouse.up()
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .good:has-text('Dừng')")
    # Nothing was sent, or what was seen when the finger came down: then the gate refuses it.
    assert getattr(operations, "decided", (0, "")) == (0, "")


def test_an_admission_that_the_barrier_refuses_is_never_told_as_done(server, operations):
    operations.not_settled = guard_said(GuardRefusal.STOP_PRESSED.value)
    with a_page() as page:
        exceptions(page, server.url)
        page.click("[data-fill=reason] >> nth=0")
        hold(page, ADMIT)
        page.wait_for_selector("#said .bad")
        said = page.text_content("#said .bad")
        assert page.query_selector("#said .good") is None
    assert "Làn xuất 1 · Cho qua" in said
    assert "nút dừng tại chỗ đang được nhấn" in said


def test_enter_in_the_plate_field_decides_nothing(server, operations):
    with a_page() as page:
        exceptions(page, server.url)
        page.click("[data-fill=reason] >> nth=0")
        page.fill("[name=plate]", "24C12346")
        page.press("[name=plate]", "Enter")
        page.press("[name=reason]:visible", "Enter")
        # Whatever the page would send has been sent before this.
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .good")
    assert acts(operations) == ["stop"]


def test_a_touch_admits_nobody_and_opens_nothing(server, operations):
    with a_page() as page:
        exceptions(page, server.url)
        page.click("[data-fill=reason] >> nth=0")
        page.click(ADMIT)
        page.click("[data-order=open]")
        page.click("dialog [data-fill=reason] >> nth=0")
        page.click("dialog [data-hold]")
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .good")
    assert acts(operations) == ["stop"]


def without_its_scripts(page, url, role, path):
    """A page whose scripts have not come; the requests for them, to be answered when they shall."""
    held = []
    sign_in(page, url, role, PASSWORD)
    page.wait_for_selector("#status span")
    page.route("**/static/console.js", lambda route: held.append(route))
    page.goto(f"{url}{path}", wait_until="commit")
    page.fill("[name=reason]:visible", "x")
    return held


def test_before_its_scripts_have_come_a_page_admits_nobody_but_stops(server, operations):
    with a_page() as page:
        held = without_its_scripts(page, server.url, "operator", "/exceptions")
        page.click(ADMIT, force=True)
        page.focus(ADMIT)
        page.keyboard.press("Enter")
        page.focus("[name=reason]")
        # Whatever was pressed before this has been sent; then the scripts come.
        wait_for(lambda: page.evaluate("1") and held)
        assert acts(operations) == []
        assert ("claim", "out1", "p1", "operator") not in operations.asked
        held[0].continue_()
        page.wait_for_selector("#status span")
        wait_for(lambda: ("claim", "out1", "p1", "operator") in operations.asked)
        page.goto(f"{server.url}/exceptions", wait_until="commit")
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .good")
        page.unroute("**/static/console.js")
    assert acts(operations) == ["stop"]


def test_before_its_scripts_have_come_what_only_they_can_send_takes_no_touch(server, operations):
    operations.alarms = (AlarmView("camera", "out1", "no picture", NOW, severity="medium"),)
    with a_page() as page:
        held = without_its_scripts(page, server.url, "supervisor", "/alarms")
        wait_for(lambda: page.evaluate("1") and held)
        page.click(".alarm [name=minutes]", force=True)
        assert page.input_value(".alarm [name=reason]") == "x"
        held[0].continue_()
        page.click(".alarm [name=minutes]")
        wait_for(lambda: page.evaluate("1") and acts(operations) == ["shelve_alarm"])


def test_an_order_says_lane_act_and_outcome_where_it_was_given(server, two_lanes):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.click("nav a[href='/alarms']")
        page.wait_for_selector(".card")
        two_lanes.refuse = guard_said(GuardRefusal.OCCUPIED.value)
        page.click("[data-lane-card=in1] [data-order=close]")
        page.click("dialog [data-fill=reason] >> nth=0")
        hold(page, "dialog [data-hold]")
        page.wait_for_selector("#said .bad:has-text('có hoặc có thể có xe dưới cần')")
        assert "in1" not in page.text_content("#said .bad")
        assert "Làn nhập 1 · Hạ" in page.text_content("#said .bad")
        assert page.url == f"{server.url}/alarms"
        two_lanes.refuse = ""
        page.click("[data-lane-card=in1] [data-order=open]")
        page.click("dialog [data-fill=reason] >> nth=1")
        hold(page, "dialog [data-hold]")
        page.wait_for_selector("#said .good:has-text('Làn nhập 1 · Nâng')")
        assert page.url == f"{server.url}/alarms"


def test_an_order_whose_answer_is_lost_is_not_told_as_done_nor_sent_again(server, operations):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        tries = []

        def breaks(route):
            tries.append(route.request.post_data)
            route.abort("connectionreset")

        page.route("**/api/order", breaks)
        page.click("[data-order=open]")
        page.click("dialog [data-fill=reason] >> nth=0")
        hold(page, "dialog [data-hold]")
        page.wait_for_selector("#said .bad:has-text('Chưa rõ đã thực hiện')")
    assert len(tries) == 1


SIZES = {
    "1366x768": {"viewport": {"width": 1366, "height": 768}},
    "1280x800 touch": {"viewport": {"width": 1280, "height": 800}, "has_touch": True},
}


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("path", ["/", "/exceptions", "/barriers", "/alarms", "/passages"])
def test_every_stop_is_in_reach_without_scrolling(server, two_lanes, path, size):
    with a_page(**SIZES[size]) as page:
        sign_in(page, server.url, "supervisor", PASSWORD)
        page.goto(server.url + path)
        page.wait_for_selector("[data-order=stop]")
        for at in ("0", "document.body.scrollHeight"):
            page.evaluate(f"window.scrollTo(0, {at})")
            stops = page.evaluate(
                """() => [...document.querySelectorAll("[data-order]")].map((at) => {
                    const b = at.getBoundingClientRect();
                    const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);
                    return [at.dataset.order, at.dataset.lane, at.contains(top), b.height,
                            at.disabled, b.y >= 0 && b.bottom <= innerHeight];
                }).filter((at) => at[0] === "stop" || at[0] === "open" || at[0] === "close")"""
            )
            assert len([one for one in stops if one[0] == "stop"]) == 2
            assert [one for one in stops if not one[2] or one[3] < 48 or one[4] or not one[5]] == []


def test_a_stop_is_in_reach_while_a_reason_is_asked(server, operations):
    with a_page(**SIZES["1366x768"]) as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.click("[data-order=open]")
        page.wait_for_selector("dialog[open]")
        page.click("[data-lane-card=in1] [data-order=stop]")
        page.wait_for_selector("#said .good:has-text('Làn nhập 1')")
    assert ("in1", "stop", "", "operator") in operations.asked


# --- sessions, restarts and connections that break ---


@pytest.fixture
def restartable(operations, users, settings):
    """A server that can be ended and made anew at its port, as by a restart of the service."""

    class Restartable:
        def __init__(self):
            self.server = ConsoleServer(create_app(operations, users, settings), "127.0.0.1", 0)
            self.server.start()
            self.url, self.port = self.server.url, self.server.port

        def stop(self):
            self.server.stop()

        def start(self):
            app = create_app(operations, users, settings)
            self.server = ConsoleServer(app, "127.0.0.1", self.port)
            self.server.start()

    made = Restartable()
    yield made
    made.stop()


def test_a_page_lives_through_a_restart_with_its_session_and_what_was_typed(
    restartable, operations
):
    with a_page() as page:
        exceptions(page, restartable.url)
        page.fill("[name=reason]:visible", "đang gõ dở")
        restartable.stop()
        page.wait_for_selector("#lost:visible")
        assert "Mất kết nối từ" in page.text_content("#lost")
        (lane,) = operations.lanes
        operations.lanes = (dataclasses.replace(lane, version=2, reason="unread"),)
        restartable.start()
        page.wait_for_selector("#lost", state="hidden")
        page.wait_for_selector("[data-seen]:has-text('không đọc được biển số')")
        assert page.input_value("[name=reason]:visible") == "đang gõ dở"
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .good")
        assert page.url == f"{restartable.url}/exceptions"
    assert ("out1", "stop", "", "operator") in operations.asked


def test_a_session_that_ends_while_somebody_types_is_taken_up_over_the_page(
    restartable, operations, settings
):
    with a_page() as page:
        exceptions(page, restartable.url)
        page.fill("[name=reason]:visible", "đang gõ dở")
        restartable.stop()
        (settings.data_folder / "sessions.json").write_text("{}")
        restartable.start()
        page.wait_for_selector("#again[open]")
        # A stop without a session is told as what it is.
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .bad:has-text('CHƯA DỪNG ĐƯỢC')")
        page.fill("#again [name=password]", "sai mật khẩu")
        page.press("#again [name=password]", "Enter")
        page.wait_for_selector("#again [data-why]:visible")
        page.fill("#again [name=password]", PASSWORD)
        page.press("#again [name=password]", "Enter")
        page.wait_for_selector("#again", state="hidden")
        page.wait_for_selector("#lost", state="hidden")
        assert page.input_value("[name=reason]:visible") == "đang gõ dở"
        hold(page, ADMIT)
        page.wait_for_selector("#said .good:has-text('Cho qua')")
    assert ("out1", "p1", True) in {asked[:3] for asked in operations.asked}


def test_a_stream_that_hangs_without_a_word_is_taken_up_again(server, operations):
    with a_page() as page:
        streams = []

        def hangs(route):
            streams.append(route)
            if len(streams) > 1:
                route.continue_()

        page.route("**/live", hangs)
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("#lost:visible")
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        page.wait_for_selector("#lost", state="hidden")
    assert len(streams) == 2


@pytest.mark.parametrize("lost", [lambda route: route.abort(), lambda route: None])
def test_a_page_whose_words_are_lost_on_the_way_lives_and_fetches_them_again(
    server, operations, lost
):
    (lane,) = operations.lanes
    camera = dataclasses.replace(lane.camera, state="stalled")
    operations.lanes = (dataclasses.replace(lane, camera=camera),)
    with a_page() as page:
        page.route("**/static/catalogue-*.json", lost)
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("[data-modes] .pill:has-text('camera_stalled')")
        page.unroute("**/static/catalogue-*.json")
        page.wait_for_selector(
            f"[data-modes] .pill:has-text('{translate('vi', 'camera_stalled')}')"
        )
        page.click("[data-order=stop]")
        page.wait_for_selector(f"#said .good:has-text('{translate('vi', 'stop_done')}')")


def test_a_picture_that_is_no_longer_of_now_is_grey_and_tells_its_age(server, operations):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        assert page.text_content("[data-picture-age]") == ""
        (lane,) = operations.lanes
        camera = dataclasses.replace(lane.camera, state="stalled")
        operations.lanes = (dataclasses.replace(lane, camera=camera),)
        page.wait_for_selector("[data-picture-age]:has-text('Hình cũ')")
        look = page.evaluate("getComputedStyle(document.querySelector('.picture img')).filter")
        assert "grayscale" in look


def test_an_order_is_not_given_by_who_was_away_for_long_but_a_stop_is(operations, users, settings):
    console = settings.console.model_copy(update={"idle_minutes": 3.0 / 60})
    away = settings.model_copy(update={"console": console})
    server = ConsoleServer(create_app(operations, users, away), "127.0.0.1", 0)
    server.start()
    try:
        with a_page() as page:
            sign_in(page, server.url, "operator", PASSWORD)
            page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
            idle = "async () => (await (await fetch('/api/session')).json()).idle"
            wait_for(lambda: page.evaluate(idle), every=0.3)
            page.click("[data-order=stop]")
            page.wait_for_selector("#said .good")
            page.click("[data-order=open]")
            page.click("dialog [data-fill=reason] >> nth=0")
            hold(page, "dialog [data-hold]")
            page.wait_for_selector("#again[open]")
            assert acts(operations) == ["stop"]
            page.fill("#again [name=password]", PASSWORD)
            page.press("#again [name=password]", "Enter")
            page.wait_for_selector("#again", state="hidden")
    finally:
        server.stop()


def test_a_failed_answer_of_the_gate_is_told_as_text_of_the_reader(server, operations):
    def refused(*_):
        raise Unanswered(cause("refused.not_recorded", why="the disk is full"))

    with a_page() as page:
        exceptions(page, server.url)
        operations.decide = refused
        page.click("[data-fill=reason] >> nth=0")
        page.click("button[value=reject]")
        page.wait_for_selector("#said .bad:has-text('không ghi được nên không thực hiện')")
