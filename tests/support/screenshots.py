"""Pictures of every page of the console, in both themes, three languages and two sizes.

`python -m tests.support.screenshots FOLDER` writes them, and one sheet for each language, theme and
size, into FOLDER (docs/screenshots).
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from edge.config import load
from edge.console.app import create_app
from edge.console.server import ConsoleServer
from edge.console.users import UserStore
from tests.support.browser import CHROMIUM, OPTIONS
from tests.support.operations_twin import CONFIG, PASSWORD
from tests.support.rich_gate import RichGate

PAGES = (
    "/", "/exceptions", "/barriers", "/passages", "/assignments", "/alarms", "/statistics",
    "/system", "/audit", "/users",
)  # fmt: skip
SIZES = {"1366x768": (1366, 768, False), "1280x800-touch": (1280, 800, True)}
LANGUAGES = ("vi", "en", "zh")
THEMES = ("dark", "light")
ACROSS = 3
SHEET_WIDTH = 640
"""Pixels of one page on a sheet."""


def taken(playwright, url):
    """(language, theme, size, page, PNG) of each."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
    for language in LANGUAGES:
        for theme in THEMES:
            for size, (width, height, touch) in SIZES.items():
                page = browser.new_page(
                    viewport={"width": width, "height": height},
                    has_touch=touch,
                    color_scheme=theme,
                )
                page.goto(f"{url}/sign-in?language={language}")
                yield language, theme, size, "sign-in", page.screenshot()
                page.fill("[name=user]", "administrator")
                page.fill("[name=password]", PASSWORD)
                with page.expect_navigation():
                    page.click("button.primary")
                for path in PAGES:
                    page.goto(url + path)
                    page.wait_for_selector("#status span")
                    page.evaluate("document.fonts.ready")
                    page.wait_for_load_state("load")
                    yield language, theme, size, path.strip("/") or "live", page.screenshot()
                page.close()
    browser.close()


def sheet(pictures):
    """All of them, small, on one picture."""
    small = []
    for picture in pictures:
        high = round(picture.shape[0] * SHEET_WIDTH / picture.shape[1])
        small.append(cv2.resize(picture, (SHEET_WIDTH, high), interpolation=cv2.INTER_AREA))
    while len(small) % ACROSS:
        small.append(np.zeros_like(small[0]))
    rows = [np.hstack(small[at : at + ACROSS]) for at in range(0, len(small), ACROSS)]
    return np.vstack(rows)


def main(folder):
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    users = UserStore(Path(tempfile.mkdtemp()))
    users.add("administrator", "administrator", PASSWORD)
    settings = load(CONFIG).model_copy(update={"data_folder": Path(tempfile.mkdtemp())})
    server = ConsoleServer(create_app(RichGate(), users, settings), "127.0.0.1", 0)
    server.start()
    sheets = {}
    try:
        with sync_playwright() as playwright:
            for language, theme, size, name, png in taken(playwright, server.url):
                picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
                (folder / f"{name}-{language}-{theme}-{size}.png").write_bytes(png)
                sheets.setdefault(f"{language}-{theme}-{size}", []).append(picture)
    finally:
        server.stop()
    for name, pictures in sheets.items():
        cv2.imwrite(
            str(folder / f"all-{name}.jpg"), sheet(pictures), [cv2.IMWRITE_JPEG_QUALITY, 72]
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
