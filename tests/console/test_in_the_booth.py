"""In a real browser: gloves that tap twice, many tabs, a clock that is set back, a large zoom, a
slow network. Nobody acts on another vehicle by it, no stop is lost and no alarm hidden."""

import dataclasses
import time

import pytest

from edge.console.app import create_app
from edge.console.catalogue import translate
from edge.console.server import ConsoleServer
from edge.gate.port import AlarmView, Unanswered
from edge.system.causes import cause
from tests.support.browser import a_page, card, hold, needs_chromium, sign_in
from tests.support.operations_twin import NOW, PASSWORD, a_lane
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.timeout(300), needs_chromium]

LIVES = "#status span"
STOP = "[data-order=stop]"
REASON = "[data-fill=reason] >> nth=0"
TAILGATE = AlarmView("tailgate", "out1", "a vehicle followed", NOW, severity="high")
AN_HOUR_BACK = "() => { const real = Date.now.bind(Date); Date.now = () => real() - 3600e3; }"
IN_REACH = """() => [...document.querySelectorAll("[data-order=stop]")].every((at) => {
    const box = at.getBoundingClientRect();
    const on_top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return box.y >= 0 && box.bottom <= innerHeight && at.contains(on_top);
})"""


def opened(page, url, path="/", role="operator"):
    sign_in(page, url, role, PASSWORD)
    page.wait_for_selector(LIVES)
    if path != "/":
        page.goto(url + path)
        page.wait_for_selector(LIVES)


def tabs(page, count):
    """Of one browser: they share its cookies and its connections."""
    context = page.context.browser.new_context()
    context.set_default_timeout(60_000)
    return [context.new_page() for _ in range(count)]


def decided(operations):
    return [asked[1] for asked in operations.asked if asked[2:3] in ((True,), (False,))]


def said(page):
    return page.eval_on_selector_all("#said .banner", "all => all.map(at => at.textContent)")


# --- the vehicle that the keys mean ---


def test_keys_mean_the_vehicle_that_was_touched_last_and_it_is_marked(server, two_lanes):
    with a_page() as page:
        opened(page, server.url, "/exceptions")
        page.fill(f"{card('p1')} [name=reason]", "đang xem")
        page.click(f"{card('q1')} {REASON}")
        page.evaluate("document.activeElement.blur()")
        assert page.get_attribute(card("q1"), "aria-current") == "true"
        assert page.get_attribute(card("p1"), "aria-current") is None
        page.keyboard.press("n")
        page.wait_for_selector("#said .good")
        assert decided(two_lanes) == ["q1"]


def test_keys_mean_nobody_once_the_marked_vehicle_no_longer_waits(server, two_lanes):
    with a_page() as page:
        opened(page, server.url, "/exceptions")
        page.fill(f"{card('q1')} [name=reason]", "đang xem")
        page.click(f"{card('p1')} {REASON}")
        out, inward = two_lanes.lanes
        two_lanes.lanes = (
            dataclasses.replace(out, waiting=False, state="empty", passage=None),
            inward,
        )
        page.wait_for_selector(f"{card('p1')} [data-ended]:visible")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("n")
        page.keyboard.press("F1")
        page.wait_for_selector("#said .good:has-text('Dừng')")
        assert decided(two_lanes) == []


# --- gloves ---


def test_a_decision_tapped_twice_is_sent_once_and_told_as_done(server, operations):
    with a_page() as page:
        opened(page, server.url, "/exceptions")
        asked, decide = [], operations.decide

        def once(*given, **more):
            asked.append(given)
            if len(asked) > 1:
                raise Unanswered(cause("refused.waits_no_more"))
            return decide(*given, **more)

        operations.decide = once
        page.click(f"{card('p1')} {REASON}")
        page.dblclick("button[value=reject]")
        page.wait_for_selector("#said .good:has-text('Từ chối')")
        page.click(STOP)
        page.wait_for_selector("#said .good:has-text('Dừng')")
        assert len(asked) == 1
        assert page.query_selector("#said .bad") is None


def test_an_alarm_acknowledged_twice_is_told_as_done(server, operations):
    def once(code, lane, user):
        operations.asked.append((code, lane, user))
        if operations.asked.count((code, lane, user)) > 1:
            raise Unanswered(cause("refused.stands_no_more"))

    operations.acknowledge_alarm = once
    with a_page() as page:
        opened(page, server.url, "/alarms")
        page.dblclick("form[data-api='/api/acknowledge'] button")
        page.wait_for_selector("#said .good")
        page.click(STOP)
        page.wait_for_selector("#said .good:has-text('Dừng')")
        assert page.query_selector("#said .bad") is None


def test_a_key_that_is_held_down_stops_once(server, operations):
    with a_page() as page:
        opened(page, server.url)
        for _ in range(30):
            page.keyboard.down("F1")
        page.keyboard.up("F1")
        page.wait_for_selector("#said .good:has-text('Dừng')")
        page.keyboard.press("F2")
        page.wait_for_selector("#said .good:has-text('Làn nhập 1')")
    assert [asked[1] for asked in operations.asked].count("stop") == 2


# --- stops that arrive ---


def test_a_stop_arrives_though_somebody_has_just_signed_in_in_another_tab(server, operations):
    with a_page() as any_page:
        page, other = tabs(any_page, 2)
        opened(page, server.url)
        # Until the page asks whose it is, its token is of a session before.
        page.route("**/api/session", lambda route: time.sleep(0.1) or route.abort())
        opened(other, f"{server.url}/sign-in")
        page.unroute("**/api/session")
        page.click(STOP)
        page.wait_for_selector("#said .good:has-text('Dừng')")
    assert ("out1", "stop", "", "operator") in operations.asked


def test_a_stop_arrives_however_many_tabs_are_open(server, operations):
    with a_page() as any_page:
        page, *others = tabs(any_page, 8)
        opened(page, server.url)
        for other in others:
            other.goto(f"{server.url}/alarms", wait_until="commit")
            other.wait_for_selector(LIVES)
        page.click(STOP)
        page.wait_for_selector("#said .good:has-text('Dừng')", timeout=15_000)
        # Touched, it is told again.
        (lane,) = operations.lanes
        operations.lanes = (dataclasses.replace(lane, name="Làn xuất 1", sign="ĐÃ THẤY"),)
        page.wait_for_selector("[data-driver-sign]:has-text('ĐÃ THẤY')")
        assert page.is_hidden("#lost")


def test_a_stop_waits_for_no_picture(server, operations):
    names = [f"l{n}" for n in range(8)]
    operations.lanes = tuple(a_lane(lane=name, name=name, passage=name) for name in names)
    asked = []

    def hangs(lane):
        asked.append(lane)
        time.sleep(4)

    operations.picture = hangs
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        wait_for(lambda: page.evaluate("1") and len(asked) >= 2)
        before = len(asked)
        page.click(STOP)
        page.wait_for_selector("#said .good:has-text('Dừng')", timeout=15_000)
        # Whatever hangs leaves room: no picture had to end first.
        assert len(asked) == before


@pytest.mark.parametrize("asked", ["sheet", "password", "messages"])
def test_every_stop_is_in_reach_at_twice_the_size(server, two_lanes, asked):
    with a_page(viewport={"width": 683, "height": 384}, device_scale_factor=2) as page:
        opened(page, server.url, "/exceptions")
        if asked == "sheet":
            page.click("[data-order=open] >> nth=0")
            page.wait_for_selector("#confirm[open]")
        if asked == "password":
            page.click("[data-order=open] >> nth=0")
            page.context.clear_cookies(name="gate_session")
            page.wait_for_selector("#again[open]")
        if asked == "messages":
            two_lanes.refuse = cause("refused.same_mode")
            page.evaluate(
                """async () => {
                    const acts = await import("/static/acts.js");
                    for (let n = 0; n < 30; n++) acts.say(`act ${n}`, "bad", `act ${n}`);
                }"""
            )
            assert page.locator("#said .banner").count() <= 6
            assert "act 29" in said(page)[-1]
        assert page.evaluate(IN_REACH)
        if asked != "messages":
            # All of it can be scrolled to.
            field = "#again [type=password]" if asked == "password" else "#confirm [name=reason]"
            page.locator(field).scroll_into_view_if_needed()
            box = page.locator(field).bounding_box()
            assert 0 <= box["y"] < 384 - box["height"]
            assert page.evaluate(IN_REACH)


@pytest.mark.parametrize("size", [(683, 384), (640, 400)])
@pytest.mark.parametrize("gloves", [False, True])
def test_every_stop_of_eight_lanes_is_in_reach_at_twice_the_size(
    operations, users, settings, size, gloves
):
    """1366x768 and 1280x800 at 200 %."""
    one = next(iter(settings.lanes.values()))
    lanes = {f"out{n}": one.model_copy(update={"name": f"Làn {n}"}) for n in range(1, 9)}
    operations.lanes = tuple(a_lane(lane=lane, name=lane, passage=lane) for lane in lanes)
    eight = settings.model_copy(update={"lanes": lanes})
    server = ConsoleServer(create_app(operations, users, eight), "127.0.0.1", 0)
    server.start()
    try:
        width, height = size
        with a_page(viewport={"width": width, "height": height}, device_scale_factor=2) as page:
            opened(page, server.url)
            if gloves:
                page.click("button[name=size]")
                page.wait_for_selector("html[data-size=glove]")
                page.wait_for_selector(LIVES)
            assert page.locator("[data-order=stop]").count() == 8
            assert page.evaluate(IN_REACH)
            page.click("[data-order=open] >> nth=0")
            page.wait_for_selector("#confirm[open]")
            assert page.evaluate(IN_REACH)
    finally:
        server.stop()


# --- clocks ---


def test_a_clock_that_is_set_back_hides_no_lost_connection_and_no_sound(server, operations):
    with a_page() as page:
        opened(page, server.url)
        page.wait_for_selector("#mute[data-last=waiting]")
        page.evaluate(AN_HOUR_BACK)
        page.evaluate("document.getElementById('mute').removeAttribute('data-last')")
        page.wait_for_selector("#mute[data-last=waiting]", timeout=30_000)
        page.route("**/live", lambda route: None)
        page.context.set_offline(True)
        server.stop()
        page.wait_for_selector("#lost:visible", timeout=15_000)
        page.unroute_all(behavior="ignoreErrors")


# --- alarms that cannot be hidden ---


def test_a_new_alarm_is_listed_though_a_reason_is_being_typed_at_another(server, operations):
    with a_page() as page:
        opened(page, server.url, "/alarms", "supervisor")
        page.fill(".alarm [name=reason]", "đang sửa")
        operations.alarms = (*operations.alarms, TAILGATE)
        page.wait_for_selector(".alarm.high", timeout=20_000)
        assert page.input_value(".alarm:not(.high) [name=reason]") == "đang sửa"
        assert page.evaluate("document.activeElement.name") == "reason"
        assert page.locator("section.alarm").count() == 2


def test_an_alarm_that_comes_while_the_page_loads_is_listed(server, operations):
    with a_page() as page:
        opened(page, server.url)
        held = []
        page.route("**/live", lambda route: held.append(route))
        page.goto(f"{server.url}/alarms", wait_until="domcontentloaded")
        wait_for(lambda: page.evaluate("1") and held)
        operations.alarms = (*operations.alarms, TAILGATE)
        held[0].continue_()
        page.wait_for_selector(".alarm.high", timeout=20_000)


# --- what was typed ---


def test_what_was_typed_outlives_a_switch_and_the_way_back_with_its_own_vehicle(server, two_lanes):
    with a_page() as page:
        opened(page, server.url, "/exceptions")
        page.fill(f"{card('p1')} [name=reason]", "cho xe thứ nhất")
        page.fill(f"{card('q1')} [name=plate]", "51R99999")
        page.click("button[name=size]")
        page.wait_for_selector("html[data-size=glove]")
        page.wait_for_selector(LIVES)
        assert page.input_value(f"{card('p1')} [name=reason]") == "cho xe thứ nhất"
        page.goto(f"{server.url}/alarms")
        out, inward = two_lanes.lanes
        two_lanes.lanes = (dataclasses.replace(out, passage="p2"), inward)
        page.go_back()
        page.wait_for_selector(card("p2"))
        page.wait_for_selector(LIVES)
        assert page.input_value(f"{card('q1')} [name=plate]") == "51R99999"
        assert page.input_value(f"{card('p2')} [name=reason]") == ""
        assert page.query_selector(card("p1")) is None


# --- a slow network ---


def test_nobody_opens_for_whom_the_page_has_not_seen(server, operations):
    with a_page() as page:
        opened(page, server.url)
        page.route("**/live", lambda route: None)
        page.goto(f"{server.url}/", wait_until="domcontentloaded")
        page.wait_for_selector("html[data-ready]")
        page.click("[data-order=open]")
        page.click(f"#confirm {REASON}")
        hold(page, "#confirm [data-hold]")
        page.wait_for_selector(f"#said .bad:has-text('{translate('vi', 'no_state_yet')}')")
        page.click(STOP)
        page.wait_for_selector("#said .good:has-text('Dừng')")
        page.unroute_all(behavior="ignoreErrors")
    assert "open" not in [asked[1] for asked in operations.asked]


# --- the reader's language ---


def test_no_refusal_is_told_in_english(server, operations, users):
    with a_page() as page:
        opened(page, server.url, "/exceptions")
        answers = page.evaluate(
            """async () => {
                const csrf = document.querySelector("meta[name=csrf]").content;
                const bodies = [
                    ["/api/order", {lane: "out1", action: "open", reason: "a\\u202eb"}],
                    ["/api/order", {lane: "out1", action: "open", reason: "x".repeat(501)}],
                    ["/api/order", {lane: "out1", action: "lock", reason: "x"}],
                    ["/api/shelve", {lane: "out1", code: "camera", reason: "x"}],
                ];
                const found = [];
                for (const [path, body] of bodies) {
                    const headers = {"Content-Type": "application/json", "X-CSRF-Token": csrf};
                    const about = {method: "POST", headers, body: JSON.stringify(body)};
                    const answer = await fetch(path, about);
                    found.push([answer.status, (await answer.json()).says ?? ""]);
                }
                return found;
            }"""
        )
        assert [status for status, _ in answers] == [422, 422, 409, 403]
        for _, says in answers[:1] + answers[2:]:
            assert says
            assert not {"lock", "character", "role", "needs"} & set(says.split())
        # A gate that says nothing in the reader's language is told by what kind of answer it was.
        page.route("**/api/decide", lambda route: route.fulfill(status=503, json={"error": "no"}))
        page.click(f"{card('p1')} {REASON}")
        page.click("button[value=reject]")
        page.wait_for_selector(f"#said .bad:has-text('{translate('vi', 'answer_5xx')}')")
