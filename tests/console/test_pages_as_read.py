"""Every page is in its reader's language, drawn whole, and usable by everybody: in a real browser,
over a gate with something of everything to show."""

import json
import re
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe

from edge.console.app import create_app
from edge.console.catalogue import catalogue
from edge.console.server import ConsoleServer
from edge.system.causes import texts as causes
from tests.support.browser import a_page, needs_chromium
from tests.support.operations_twin import PASSWORD
from tests.support.rich_gate import GOODS, RichGate
from tests.support.screenshots import PAGES, SIZES

pytestmark = [pytest.mark.timeout(480), needs_chromium]

ROOT = Path(__file__).parents[2]
OURS = {
    "administrator", "operator", "supervisor", "viewer", "kim-thanh", "demo", "customs", "binh",
    "platform", "http", "metrics", "english", "camera", "email",
}  # fmt: skip
"""Names of people and systems here, and words that all languages have."""

CODE = re.compile(
    r"\b(?:reason|verdict|action|outcome|alarm|camera|mode|arm|state|kind|role|severity|lane|cure|"
    r"do|link|clearance|assignment|journal|light|status|by)_[a-z_]+|operator:|remote:|\b(?:out|in)1\b"
)


@pytest.fixture
def rich(users, settings):
    made = ConsoleServer(create_app(RichGate(), users, settings), "127.0.0.1", 0)
    made.start()
    yield made
    made.stop()


def signed_in(page, url, language):
    page.goto(f"{url}/sign-in?language={language}")
    page.fill("[name=user]", "administrator")
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.wait_for_selector("#status span")


def words(language):
    """Every word of four letters or more that the product says in a language."""
    alarms = json.loads((ROOT / f"edge/gate/texts/alarms-{language}.json").read_text("utf-8"))
    said = [*catalogue(language).values(), *causes(language).values(), *alarms.values()]
    return {word for text in said for word in re.findall(r"[a-z]{4,}", text.lower())}


SAID = """() => {
    const said = [document.body.innerText];
    for (const at of document.querySelectorAll("[title], [placeholder], [aria-label], img[alt]"))
        for (const name of ["title", "placeholder", "aria-label", "alt"])
            if (at.getAttribute(name)) said.push(at.getAttribute(name));
    return said.join("\\n");
}"""


@pytest.mark.parametrize("language", ["vi", "zh"])
def test_no_page_says_anything_in_english_or_in_code(rich, language):
    english = words("en") - words(language) - OURS
    assert {"barrier", "camera", "vehicle"} & words("en")
    found = {}
    with a_page() as page:
        signed_in(page, rich.url, language)
        for path in PAGES:
            page.goto(rich.url + path)
            page.wait_for_selector("#status span")
            text = page.evaluate(SAID)
            strange = sorted(set(re.findall(r"[a-z]{4,}", text.lower())) & english)
            strange += sorted(set(CODE.findall(text)))
            if language == "vi":
                strange += re.findall(r"\d{4}-\d\d-\d\d \d\d:|\d+\.\d+ (?:s|%|/s|GB)\b", text)
            else:
                strange += re.findall(r"\d\d/\d\d/\d{4}|[\u4e00-\u9fff]: ", text)
            if strange:
                found[path] = strange
    assert found == {}


def test_goods_are_drawn_though_no_text_of_ours_has_their_characters(rich):
    ours = (ROOT / "edge/console/static/fonts/characters.txt").read_text(encoding="utf-8")
    assert any(c not in ours for c in GOODS if c != " ")
    with a_page() as page:
        signed_in(page, rich.url, "vi")
        page.goto(f"{rich.url}/assignments")
        page.evaluate("document.fonts.ready")
        ems = page.evaluate(
            """async (goods) => {
                await document.fonts.load('16px "Gate Chinese Common"', goods);
                const at = document.createElement("span");
                at.style.fontSize = "100px";
                at.textContent = goods.replaceAll(" ", "");
                document.querySelector("main p").append(at);
                return at.getBoundingClientRect().width / 100 / at.textContent.length;
            }""",
            GOODS,
        )
    assert 0.95 < ems < 1.05


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", list(SIZES))
def test_axe_finds_nothing_on_any_page(rich, scheme, size):
    width, height, touch = SIZES[size]
    more = {"viewport": {"width": width, "height": height}, "has_touch": touch}
    found = {}
    with a_page(color_scheme=scheme, **more) as page:
        page.goto(f"{rich.url}/sign-in")
        found["/sign-in"] = violations(page)
        signed_in(page, rich.url, "vi")
        for path in PAGES:
            page.goto(rich.url + path)
            page.wait_for_selector("#status span")
            found[path] = violations(page)
    assert {path: what for path, what in found.items() if what} == {}


def violations(page):
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in Axe().run(page)["violations"]
    ]
