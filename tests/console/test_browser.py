"""A real browser signs in, sees the lane, opens the barrier and settles a waiting vehicle."""

import pytest

from edge.gate.port import Unanswered
from edge.system.causes import cause
from tests.support.browser import a_page, hold, needs_chromium, sign_in, speak
from tests.support.operations_twin import PASSWORD

pytestmark = [pytest.mark.timeout(300), needs_chromium]


def test_an_operator_signs_in_and_opens_the_barrier(server, operations):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        page.wait_for_selector("[data-arm]:has-text('Đã hạ')")
        page.click("[data-order=open]")
        page.click("dialog [data-fill=reason] >> nth=0")
        hold(page, "dialog [data-hold]")
        page.wait_for_selector("#said .good")
    assert any(asked[:2] == ("out1", "open") for asked in operations.asked)


def test_an_operator_settles_a_waiting_vehicle_without_typing(server, operations):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.click("nav a[href='/exceptions']")
        page.click("[data-fill=plate]:has-text('24C12346')")
        page.click("[data-fill=reason] >> nth=0")
        hold(page, "button[value=admit]")
        page.wait_for_selector("#said .good")
    assert ("out1", "p1", True, "24C12346") in {asked[:4] for asked in operations.asked}


def test_chinese_is_drawn_though_the_computer_has_no_chinese_face(server):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        speak(page, "zh")
        page.wait_for_selector("nav a[href='/alarms']:has-text('警报')")
        page.wait_for_timeout(500)
        # A character of a Chinese face is as wide as it is high; the box for an unknown one is not.
        ems = page.evaluate(
            """() => [...document.querySelectorAll("nav a, h2 > span, button.small")]
            .map((at) => [at.firstChild, parseFloat(getComputedStyle(at).fontSize)])
            .filter(([text]) => text && /^[\\u4e00-\\u9fff]+$/.test(text.textContent.trim()))
            .map(([text, size]) => {
                const range = document.createRange();
                range.selectNodeContents(text);
                return range.getBoundingClientRect().width / size / text.textContent.trim().length;
            })"""
        )
        assert len(ems) > 5
        assert all(0.95 < em < 1.05 for em in ems)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_text_stands_out_from_its_ground_in_both_schemes(server, scheme):
    with a_page() as page:
        page.emulate_media(color_scheme=scheme)
        sign_in(page, server.url, "operator", PASSWORD)
        for path in ("/", "/exceptions", "/assignments", "/alarms", "/barriers"):
            page.goto(server.url + path)
            page.wait_for_selector(".card")
            weak = page.evaluate(CONTRAST)
            assert weak == [], f"{path} in {scheme}"


CONTRAST = """() => {
    const parse = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (at) => {
        for (; at; at = at.parentElement) {
            const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
            if (a > 0.5) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const weak = [];
    for (const at of document.querySelectorAll("body *")) {
        const said = [...at.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        if (!said || !at.offsetParent || at.closest(".picture, option")) continue;
        const [a, b] = [light(parse(getComputedStyle(at).color)), light(ground(at))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) weak.push([at.textContent.trim().slice(0, 30), at.className, ratio]);
    }
    return weak;
}"""
"""WCAG's contrast ratio of every text and its ground; the ones below 4.5."""


def test_a_stop_stays_on_its_page_and_goes_again_where_its_connection_breaks(server, operations):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        broken = []

        def breaks(route):
            broken.append(route.request.method)
            if len(broken) <= 2:
                route.abort("connectionreset")
            else:
                route.continue_()

        page.route("**/api/order", breaks)
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .good:has-text('Làn xuất 1 · Dừng')")
        assert len(broken) == 3
        assert page.url.rstrip("/") == server.url.rstrip("/")
        assert [asked[:2] for asked in operations.asked].count(("out1", "stop")) == 1


def test_a_stop_that_the_barrier_refuses_is_told_at_once(server, operations):
    def refused(*_):
        raise Unanswered(cause("refused.unanswered"))

    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        operations.order = refused
        page.click("[data-order=stop]")
        page.wait_for_selector("#said .bad:has-text('CHƯA DỪNG ĐƯỢC')")
        assert "barie chưa trả lời" in page.text_content("#said")
