"""The live page in a real browser, over a real rig: its picture, its buttons, its languages."""

import json
import re

import httpx
import pytest

from simulator.faults.catalogue import FAULTS
from simulator.faults.real import SERVED
from simulator.live.page import STATIC, words
from simulator.report import report
from tests.support.browser import a_page, needs_chromium
from tests.support.waiting import wait_for

LANGUAGES = ("vi", "en", "zh")
BELIEVED = {
    "state": "admitted", "plate": "24C12345", "verdict": "allow", "reason": "assigned",
    "arm": "open", "light": "green", "camera": "live",
}  # fmt: skip
SIZE = {"viewport": {"width": 1366, "height": 768}}


def opened(page, served, language="en"):
    page.goto(f"{served}/?language={language}")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_selector("#wires li")


@needs_chromium
def test_a_fault_begins_at_a_press_lasts_in_its_lane_and_ends_at_another(rig, served):
    with a_page(**SIZE) as page:
        opened(page, served)
        page.select_option(".fault:has([data-fault=input_stuck_on]) select", "safety_loop")
        page.click("[data-fault=input_stuck_on]")
        wait_for(lambda: rig.worlds["out1"].inputs()["safety_loop"])
        page.wait_for_selector("[data-fault=input_stuck_on][aria-pressed=true]")
        assert not rig.worlds["in1"].inputs()["safety_loop"]
        assert "takes a sensor that is occupied for occupied" in page.inner_text("#good")
        page.click("#of-lane [data-lane=in1]")
        page.wait_for_selector("[data-fault=input_stuck_on][aria-pressed=false]")
        page.click("#of-lane [data-lane=out1]")
        page.click("[data-fault=input_stuck_on]")
        wait_for(lambda: not rig.worlds["out1"].inputs()["safety_loop"])
        page.click("[data-fault=platform_down]")
        page.click("[data-fault=camera_dark]")
        page.wait_for_selector("[data-wire='camera out1'].bad")
        page.wait_for_selector("[data-wire=platform].bad")
        page.wait_for_selector("[data-lane=out1] .eye p:visible")
        page.click("#all-well")
        page.wait_for_selector("[data-wire=platform]:not(.bad)")
        assert not rig.platform.down
        page.fill(".fault:has([data-fault=arm_slow]) input", "99")
        page.click("[data-fault=arm_slow]")
        page.wait_for_selector("#said.bad:has-text('99.0 is no times from 1 to 20')")


@needs_chromium
def test_a_vehicle_with_a_plate_of_ones_choice_comes_at_a_click_and_is_seen_to_drive(rig, served):
    with a_page(**SIZE) as page:
        opened(page, served)
        page.fill("[name=plate]", "24c-123.45")
        page.select_option("[name=declared]", "held")
        page.select_option("[name=driver]", "tailgates")
        page.click("#vehicle button")
        page.wait_for_selector("#said.good:has-text('24C12345 is on its way')")
        page.wait_for_selector("[data-lane=out1] .vehicle.may-not text:has-text('24C12345')")
        (vehicle,) = rig.worlds["out1"].vehicles
        assert (vehicle.look.plate, vehicle.driver.ignores_light) == ("24C12345", True)
        item = httpx.get(f"{rig.platform.url}/v1/gates/kt/assignments").json()["items"][0]
        assert (item["state"], item["plates"][0]["text"]) == ("held", "24C12345")
        where = "document.querySelector('[data-lane=out1] .vehicle').style.transform"
        before = page.evaluate(where)
        wait_for(lambda: page.evaluate(where) != before)
        page.wait_for_selector("[data-lane=out1] .truth dd:has-text('24C12345')")
        page.wait_for_selector("[data-lane=out1] .loop.on")
        page.select_option("[name=lane]", "in1")
        page.fill("[name=plate]", "no plate!")
        page.click("#vehicle button")
        page.wait_for_selector("#said.bad")
        assert rig.worlds["in1"].vehicles == []


@needs_chromium
def test_what_the_controller_believes_stands_beside_the_truth_and_differs_visibly(rig, served):
    with a_page(**SIZE) as page:
        opened(page, served)
        page.wait_for_selector("[data-lane=out1] .belief:has-text('It says nothing over MQTT')")
        rig.customs.states["out1"] = BELIEVED
        page.wait_for_selector("[data-lane=out1] .belief:has-text('Admitted')")
        page.wait_for_selector("[data-lane=out1] .belief .differs:has-text('Up')")
        rig.customs.states["out1"] = {**BELIEVED, "arm": "closed"}
        page.wait_for_selector("[data-lane=out1] .belief .differs", state="detached")
        rig.worlds["out1"].drive("open", True)
        page.wait_for_selector("[data-lane=out1] .truth dd:has-text('Up')")
        boom = "document.querySelector('[data-lane=out1] .boom').getAttribute('y2')"
        assert float(page.evaluate(boom)) < 0


GUIDED = {
    "lane": "out1", "passage": "p1", "plate": "24C12345", "assignment": "A1", "to": "out2",
    "reason": "wrong_lane", "at": "2026-01-15T08:00:00Z",
}  # fmt: skip


def told_of(rig, key, body):
    headers = {"Idempotency-Key": key}
    place = f"{rig.platform.url}/v1/gates/kt/guidance"
    assert httpx.post(place, json=body, headers=headers).status_code == 201


def test_what_the_platform_was_told_of_those_in_the_wrong_lane_is_state_and_figure(rig, served):
    for key, body in (("p1:out2", GUIDED), ("p1:out2", GUIDED), ("p1:out3", GUIDED), ("?", {})):
        told_of(rig, key, body)
    said = httpx.get(f"{served}/state").json()["platform"]
    assert (said["guided"], said["guided_last"][0]) == (3, GUIDED)
    assert report(rig, 1.0, 0)["guided"] == 1


@needs_chromium
def test_who_is_sent_to_another_lane_stands_on_the_page_in_his_lane(rig, served):
    told_of(rig, "p1:out2", GUIDED)
    with a_page(**SIZE) as page:
        for language, word in zip(
            LANGUAGES, ("sang làn out2", "to lane out2", "到车道 out2"), strict=True
        ):
            opened(page, served, language)
            page.wait_for_selector(f"[data-lane=out1] .last li:has-text('24C12345 {word}')")
            assert page.locator(f"[data-lane=in1] li:has-text('{word}')").count() == 0
            page.wait_for_selector("[data-wire=platform]:has-text('1')")


@needs_chromium
def test_each_language_names_everything_and_all_of_it_fits_on_a_small_screen(served):
    with a_page(**SIZE) as page:
        for language in LANGUAGES:
            opened(page, served, language)
            shown = page.inner_text("body") + " ".join(page.locator("option").all_inner_texts())
            assert re.findall(r"\b(?:sim|fault|good|arm|state)_\w+", shown) == []
            labels = page.locator("[data-fault]").all_inner_texts()
            assert len(labels) == len(SERVED)
            assert all(label.strip() for label in labels)
            assert page.evaluate("document.documentElement.scrollWidth") <= 1366
        page.click("[data-language=en]")
        page.wait_for_selector("h1:has-text('Simulated gate')")
        page.click("#theme")
        assert page.evaluate("document.documentElement.dataset.theme") == "night"


@needs_chromium
def test_on_a_telephone_the_road_and_what_is_told_of_it_can_be_read(rig, served):
    with a_page(viewport={"width": 360, "height": 640}) as page:
        for language in LANGUAGES:
            opened(page, served, language)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert page.evaluate("document.querySelector('.scene svg').clientWidth") >= 280
            cut = "[...document.querySelectorAll('.truth dd')]"
            cut += ".filter(d => d.scrollWidth > d.clientWidth).length"
            assert page.evaluate(cut) == 0
            assert page.evaluate("document.querySelector('#groups').clientHeight") >= 200


@needs_chromium
def test_the_values_of_a_fault_have_names_of_their_own(served):
    with a_page(**SIZE) as page:
        for language, word in zip(LANGUAGES, ("đóng", "close", "关"), strict=True):
            opened(page, served, language)
            texts = page.locator("[data-fault=relay_stuck] + select option").all_inner_texts()
            assert word in " ".join(texts).lower()
            assert max(map(len, texts)) <= 12


@needs_chromium
def test_before_its_scripts_have_come_no_button_can_be_pressed(rig, served):
    held = []
    with a_page(**SIZE) as page:
        page.route("**/static/page.js", lambda route: held.append(route))
        page.goto(served, wait_until="commit")
        page.wait_for_selector("#all-well", state="attached")
        wait_for(lambda: page.evaluate("1") and held)
        assert page.is_disabled("[name=plate]")
        untouchable = "getComputedStyle(document.querySelector('#vehicle button')).pointerEvents"
        assert page.evaluate(untouchable) == "none"
        assert page.url.rstrip("/") == served
        held[0].continue_()
        page.wait_for_selector("html[data-ready]")
        page.unroute("**/static/page.js")
    assert rig.worlds["out1"].vehicles == []


def test_a_page_of_another_site_presses_nothing(rig, served):
    strange = {"Origin": "http://evil.example"}
    body = {"lane": "out1"}
    assert httpx.post(f"{served}/faults/arm_rises", json=body, headers=strange).status_code == 403
    assert httpx.delete(f"{served}/faults", headers=strange).status_code == 403
    assert rig.worlds["out1"].arm.direction == 0
    own = {"Origin": served}
    assert httpx.post(f"{served}/faults/arm_rises", json=body, headers=own).status_code == 201


def test_nothing_comes_from_elsewhere(served):
    policy = httpx.get(served).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for file in STATIC.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(?:https?:)?//[a-z]", text.split("\n// ")[0].replace("// ", "")), (
            file
        )
    assert httpx.get(f"{served}/words/fr.json").status_code == 404
    assert httpx.get(f"{served}/pictures/out9.jpg").status_code == 404


def test_the_stream_says_how_things_stand(served):
    with httpx.stream("GET", f"{served}/live") as answer:
        line = next(line for line in answer.iter_lines() if line)
    view = json.loads(line.removeprefix("data: "))
    assert [lane["lane"] for lane in view["lanes"]] == ["out1", "in1"]
    assert {wire["what"] for wire in view["wires"]} == {
        "camera", "board", "broker", "customs", "platform",
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_a_name_and_what_a_good_controller_does_in_each_language(language):
    told = words(language)
    for name in FAULTS:
        assert told[f"fault_{name}"]
        assert language == "en" or told[f"good_{name}"]


def test_the_three_languages_have_the_same_texts_in_characters_that_the_face_has():
    texts = {
        language: json.loads((STATIC / f"words-{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }
    said = {key for key in texts["vi"] if not key.startswith("good_")}
    assert said == set(texts["en"])
    assert set(texts["vi"]) == set(texts["zh"])
    for text in texts["zh"].values():
        "".join(c for c in text if ord(c) >= 0x2E80).encode("gb2312")
    for key, text in texts["vi"].items():
        gaps = set(re.findall(r"\{(\w+)\}", text))
        assert all(set(re.findall(r"\{(\w+)\}", texts[o].get(key, text))) == gaps for o in texts)
