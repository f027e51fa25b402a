"""The kit for platforms passes the simulator's, and finds each of the wrong ones: the simulator's
platform behind somebody who changes its answers."""

import asyncio
import json

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from typer.testing import CliRunner

from edge.config import OAuthConfig, PlatformConfig
from simulator.__main__ import app
from simulator.conformance.platform import STEPS, PlatformKit
from simulator.conformance.report import State, played
from simulator.http_server import HttpServer
from simulator.platform import Platform
from tests.support.platform_items import an_item

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def platform():
    made = Platform()
    made.start()
    for n in range(3):
        made.put(an_item(f"A{n}", f"24C0000{n}"))
    yield made
    made.stop()


def judged(url, steps=STEPS, **settings):
    kit = PlatformKit(PlatformConfig(url=url, **settings), "g")
    try:
        asked = [step for step in kit.steps() if step.name in steps]
        return played("platform", asked, kit.goes_on)
    finally:
        kit.close()


def test_the_simulators_platform_conforms(platform):
    report = judged(platform.url)
    assert report.good, report.text()
    not_reached = [c.name for c in report.checks if c.state is State.NOT_REACHED]
    assert not_reached == ["stranger"]


def test_one_with_tokens_conforms_and_lets_no_stranger_in(tmp_path):
    platform = Platform(client=("gate", "secret"))
    platform.start()
    file = tmp_path / "secret"
    file.write_text("secret")
    file.chmod(0o600)
    token = OAuthConfig(
        token_url=f"{platform.url}/oauth/token", client_id="gate", client_secret_file=file
    )
    try:
        report = judged(platform.url, oauth=token)
        assert report.good, report.text()
        assert {check.state for check in report.checks} == {State.PASSED}
        platform._fault = lambda request: None
        assert judged(platform.url, oauth=token).failed() == ["stranger"]
    finally:
        platform.stop()


class Between:
    """Hands on what is asked, and lets `wrong` change it: it gets the request, its body and a
    function that asks the real platform, and gives the answer."""

    def __init__(self, url, wrong):
        self._url, self._wrong = url, wrong
        made = FastAPI()
        made.api_route("/{path:path}", methods=["GET", "POST"])(self.answer)
        self.server = HttpServer(made)
        self.server.start()

    async def answer(self, request: Request) -> Response:
        body = await request.body()

        async def real(query=None):
            async with httpx.AsyncClient() as client:
                said = await client.request(
                    request.method,
                    f"{self._url}{request.url.path}",
                    params=dict(request.query_params) if query is None else query,
                    content=body,
                    headers={
                        k: v
                        for k, v in request.headers.items()
                        if k in ("idempotency-key", "content-type")
                    },
                    timeout=60,
                )
            return Response(said.content, said.status_code, media_type="application/json")

        return await self._wrong(request, body, real)


def changed(real_body, **fields):
    return Response(json.dumps({**json.loads(real_body), **fields}), 200)


async def never_whole(request, body, real):
    said = await real()
    return said if request.method == "POST" else changed(said.body, full=False)


async def without_revisions(request, body, real):
    said = await real()
    if request.method == "POST":
        return said
    items = [
        {k: v for k, v in item.items() if k != "revision"}
        for item in json.loads(said.body)["items"]
    ]
    return changed(said.body, items=items)


async def answers_at_once(request, body, real):
    return await real({**request.query_params, "wait": "0"})


async def without_zones(request, body, real):
    said = await real()
    if request.method == "POST":
        return said
    items = json.loads(said.body)["items"]
    return changed(said.body, items=[{**i, "valid_to": "2099-01-01T07:00:00"} for i in items])


async def forgets_cursors(request, body, real):
    if request.method == "GET":
        return await real({"wait": "0"})
    return await real()


async def fails_on_a_strange_cursor(request, body, real):
    cursor = request.query_params.get("cursor", "")
    return Response("", 500) if cursor and not cursor.isdigit() else await real()


async def knows_all_parameters(request, body, real):
    return Response("", 400) if "later" in request.query_params else await real()


async def a_sign_in_page(request, body, real):
    if request.method == "GET":
        return await real()
    return Response("<html>Sign in</html>", 200, media_type="text/html")


async def takes_it_back(request, body, real):
    said = await real()
    return Response('{"accepted": false}', 201) if said.status_code == 201 else said


def refuses_the_second():
    seen = set()

    async def wrong(request, body, real):
        key = request.headers.get("idempotency-key")
        if request.method == "POST" and key in seen:
            return Response("", 409)
        seen.add(key)
        return await real()

    return wrong


async def knows_all_fields(request, body, real):
    return Response("", 422) if b'"later"' in body else await real()


async def ascii_alone(request, body, real):
    try:
        json.dumps(json.loads(body or b"{}"), ensure_ascii=False).encode("ascii")
    except UnicodeEncodeError:
        return Response("", 500)
    except ValueError:
        pass
    return await real()


async def fails_on_nonsense(request, body, real):
    said = await real()
    return Response("", 500) if said.status_code in (400, 422) and not body else said


async def needs_no_key(request, body, real):
    keyless = request.method == "POST" and "idempotency-key" not in request.headers
    return Response("", 201) if keyless else await real()


async def is_no_json(request, body, real):
    return Response("<list/>", 200) if request.method == "GET" else await real()


async def turned_away_is_an_error(request, body, real):
    return Response("", 500) if request.url.path.endswith("turned-away") else await real()


async def guidance_is_an_error(request, body, real):
    return Response("", 500) if request.url.path.endswith("guidance") else await real()


def one_at_a_time():
    busy = []

    async def wrong(request, body, real):
        if request.method == "POST":
            while busy:
                await asyncio.sleep(0.05)
            return await real()
        busy.append(1)
        try:
            return await real()
        finally:
            busy.pop()

    return wrong


WRONG = {
    "whole-list": [never_whole, is_no_json],
    "items": [without_zones, without_revisions],
    "cursor": [forgets_cursors],
    "long-poll": [answers_at_once],
    "lost-cursor": [fails_on_a_strange_cursor],
    "unknown-parameter": [knows_all_parameters],
    "passage": [a_sign_in_page, takes_it_back],
    "repeated": [refuses_the_second()],
    "while-polling": [one_at_a_time()],
    "grows": [knows_all_fields],
    "any-text": [ascii_alone],
    "wrong-passage": [fails_on_nonsense],
    "no-key": [needs_no_key],
    "turned-away": [turned_away_is_an_error],
    "guidance": [guidance_is_an_error],
}


@pytest.mark.parametrize(
    ("step", "wrong"),
    [(step, wrong) for step, several in WRONG.items() for wrong in several],
    ids=lambda one: one if isinstance(one, str) else one.__qualname__.split(".")[0],
)
def test_a_wrong_platform_is_found(platform, step, wrong):
    between = Between(platform.url, wrong)
    try:
        steps = [step] if step in STEPS[:1] else ["whole-list", step]
        assert step in judged(between.server.url, steps).failed()
    finally:
        between.server.stop()


def test_the_command_says_what_is_wrong_and_needs_a_platform(platform, tmp_path):
    good = CliRunner().invoke(app, ["check-platform", "--url", platform.url])
    assert good.exit_code == 0, good.output
    assert "conforms" in good.stdout
    assert platform.posted
    platform.down = True
    bad = CliRunner().invoke(
        app, ["check-platform", "--url", platform.url, "--junit", str(tmp_path / "p.xml")]
    )
    assert bad.exit_code == 1
    assert "answers 503" in bad.stdout
    assert (tmp_path / "p.xml").read_bytes().startswith(b"<?xml")
    assert CliRunner().invoke(app, ["check-platform"]).exit_code == 2
    assert CliRunner().invoke(app, ["check-platform", "--url", "ftp://x"]).exit_code == 2
    listed = CliRunner().invoke(app, ["check-platform", "--list"]).stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(STEPS)
