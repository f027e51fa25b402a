"""Whatever is sent to any route of the application, it is answered: no fault of ours, no word of
the sender's in a place where it could lead people astray.

Routes and their parameters are read from the application itself; one that is added is tried too.
"""

import json
import random
from urllib.parse import quote, urlencode

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from edge.console import access
from edge.console.app import create_app
from edge.console.rates import Rate, Rates
from edge.console.users import ROLES, UserStore
from edge.domain.alarm_codes import AlarmCode
from edge.domain.events import Event
from edge.domain.recordable import LEFT_OUT
from edge.gate.alarm_texts import said
from edge.system.causes import cause
from tests.support.operations_twin import PASSWORD
from tests.support.real_operations import RealDesk

pytestmark = pytest.mark.timeout(300)

ENDLESS = {"/live"}
"""Streams; they take no parameter."""

NUMBERS = [0, -1, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 10**4000, 1.5]
TEXTS = [
    "", " ", "\x00", "a\nb\r\nX-Injected: 1", "\ufffe", "\u202e", "đ\u0301", "\U0010ffff",
    "😀" * 40, "x" * 65, "x" * 20_000, "' OR 1=1 --", "%", "_", "\\", "{{7*7}}", "{seconds}",
    "%s%n", "<script>alert(1)</script>", "../../etc/passwd", "..", "//elsewhere",
    "http://elsewhere/", "javascript:alert(1)", "null", "true", "NaN", "-0", "0x10", "１２",
    "1e999", "0001-01-01", "9999-12-31", "2026-02-30", "10000-01-01", "2026-01-15", "-2026-01-15",
    "34A-３68.37", "粤BＡ1234挂", "----", "ß", "ŉ", "out1", "stop", "admit", "again", "settle",
    "add",
]  # fmt: skip
RAW = [
    "null", "true", "[]", "{}", "[[[]]]", '{"a": 1}', '"\\ud800"', '"a\\udfffb"', "NaN", "Infinity",
    "-Infinity", "1e999", "-0.0", "1" * 5000, "[" * 20_000 + "]" * 20_000,
    '{"a":' * 9000 + "1" + "}" * 9000, '"\\u0000"',
]  # fmt: skip
"""JSON as no program of ours would write it."""

ORDINARY = {
    "lane": "out1", "action": "open", "reason": "why", "back": "/", "passage": "p1",
    "choice": "admit", "admit": True, "plate": "24C12345", "code": "tailgate", "sequence": 1,
    "what": "again", "name": "viewer", "role": "viewer", "password": PASSWORD, "user": "operator",
    "language": "vi", "day": "2026-01-15", "before": 5, "limit": 5, "type": "alarm.raised",
    "after": "A1", "version": 0, "assignment": "A1", "all": True,
    "theme": "night", "size": "glove", "lanes": "out1", "minutes": 30, "token": "x",
    "text": "name = 'x'", "kind": "truck", "mode": "attended", "at": "2026-01-15T08:00:00Z",
    "country": "VN", "since": "2026-01-15T00:00:00Z", "until": "2026-01-16T00:00:00Z",
    "form": "csv",
}  # fmt: skip


@pytest.fixture
def real(settings):
    made = RealDesk(settings)
    now = made.clock.now().wall
    data = {"passage": "p0", "plate": "24C54321", "verdict": "allow", "evidence": []}
    made.journal.record([Event("passage.completed", "out1", now, data)])
    made.alarms.raise_alarm(AlarmCode.TAILGATE, "out1")
    yield made
    made.close()


@pytest.fixture
def place(real, settings):
    """(app, client) with all users, over the real operations."""
    store = UserStore(settings.data_folder)
    for role in ROLES:
        store.add(role, role, PASSWORD)
    swift = Rate(1e6, 10**6)
    app = create_app(real.operations, store, settings, Rates(swift, swift, swift, swift))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield app, client


def sign_in(client, role="administrator"):
    # The browser stays known: what is tried here are strangers' sign-ins too.
    client.cookies.delete("gate_session") if "gate_session" in client.cookies else None
    answer = client.post("/api/session", json={"user": role, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"X-CSRF-Token": answer.json()["csrf"]}


def routes(app):
    return [r for r in app.routes if isinstance(r, APIRoute) and r.path not in ENDLESS]


def fields(route):
    """(where, name) of every parameter: in the path, the query, a form or a JSON body."""
    dependant = route.dependant
    for param in dependant.path_params:
        yield "path", param.alias
    for param in dependant.query_params:
        yield "query", param.alias
    for param in dependant.body_params:
        where = "form" if type(param.field_info).__name__ == "Form" else "json"
        inside = getattr(param.field_info.annotation, "model_fields", None)
        for name in inside or [param.alias]:
            yield where, name


def send(client, route, values, token, raw=None):
    """One request with these values by (where, name); `raw`: (name, JSON text) of one of them."""
    method = next(iter(route.methods))

    def of(kind):
        return {name: v for (where, name), v in values.items() if where == kind}

    path = route.path
    for name, value in of("path").items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    query = urlencode({n: str(v) for n, v in of("query").items()}, errors="replace")
    body, head = b"", dict(token)
    if of("json"):
        head["Content-Type"] = "application/json"
        parts = {name: json.dumps(value) for name, value in of("json").items()}
        if raw is not None:
            parts[raw[0]] = raw[1]
        body = ("{" + ",".join(f"{json.dumps(n)}:{v}" for n, v in parts.items()) + "}").encode()
    elif of("form"):
        head["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({n: str(v) for n, v in of("form").items()}, errors="replace").encode()
    return client.request(method, f"{path}?{query}" if query else path, content=body, headers=head)


def fault(answer, what):
    """What is wrong with an answer, whatever was asked."""
    location = answer.headers.get("location", "/")
    if answer.status_code >= 500:
        return f"{answer.status_code} for {what}: {answer.text[:300]}"
    if (
        not location.startswith("/")
        or location.startswith(("//", "/\\"))
        or "elsewhere" in location
    ):
        return f"sent to {location} by {what}"
    if "x-injected" in answer.headers:
        return f"a header was put in by {what}"
    if "html" in answer.headers.get("content-type", "") and "<script>alert" in answer.text:
        return f"a script was put in by {what}"
    return ""


def test_no_value_of_any_parameter_is_too_strange_for_any_route(place):
    app, client = place
    tried, faults = 0, []
    for route in routes(app):
        params = list(fields(route))
        ordinary = {(where, name): ORDINARY[name] for where, name in params}
        token = sign_in(client)
        for where, name in params:
            cases = [({**ordinary, (where, name): v}, None, v) for v in (*NUMBERS, *TEXTS)]
            cases.append(
                ({k: v for k, v in ordinary.items() if k != (where, name)}, None, "nothing")
            )
            if where == "json":
                cases += [(ordinary, (name, raw), raw) for raw in RAW]
            for values, raw, shown in cases:
                if where == "json" and isinstance(shown, int) and shown > 10**3000:
                    continue
                answer = send(client, route, values, token, raw)
                tried += 1
                if answer.status_code == 401:
                    token = sign_in(client)
                what = f"{route.path} {name}={str(shown)[:60]!r}"
                faults += [found] if (found := fault(answer, what)) else []
    assert faults == []
    assert tried > 1500


def test_strange_values_together_are_no_stranger(place):
    app, client = place
    dice = random.Random(11)
    faults = []
    for route in routes(app):
        params = list(fields(route))
        token = sign_in(client)
        for _ in range(6 if params else 0):
            values = {key: dice.choice([*NUMBERS[:7], *TEXTS]) for key in params}
            answer = send(client, route, values, token)
            if answer.status_code == 401:
                token = sign_in(client)
            faults += [found] if (found := fault(answer, f"{route.path} {values}"[:300])) else []
    assert faults == []


BODIES = [
    b"", b"\x00", b"\xff\xfe\x00", b"null", b"[]", b'"text"', b"{", b"{}", b'{"lane": "out1"', b"%",
    b"lane=out1&lane=in1&action=stop", b"&&&=&=", b"csrf=\xff", b"[" * 60_000, b"a=b&" * 10_000,
    b"--b\r\nContent-Disposition: form-data; name=\"lane\"\r\n\r\nout1\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name=\"lane\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\nutf-7\r\n"
    b"--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\n+2AA-\r\n--b--\r\n",
    b"--b\r\nno header at all",
]  # fmt: skip
KINDS = [
    "application/json", "application/json; charset=utf-16", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b", "multipart/form-data; boundary=b; charset=utf-7",
    ";;;",
]  # fmt: skip


def test_no_body_of_any_kind_is_too_strange_for_any_route(place):
    app, client = place
    faults = []
    for route in routes(app):
        if "POST" not in route.methods:
            continue
        token = sign_in(client)
        for kind in KINDS:
            for body in BODIES:
                head = {**token, "Content-Type": kind.encode("latin-1")}
                answer = client.post(route.path, content=body, headers=head)
                if answer.status_code == 401:
                    token = sign_in(client)
                what = f"{route.path} {kind} {body[:40]!r}"
                faults += [found] if (found := fault(answer, what)) else []
    assert faults == []


@pytest.mark.parametrize("signed", [False, True])
def test_no_method_path_or_header_is_too_strange(place, signed):
    app, client = place
    token = sign_in(client) if signed else {}
    paths = [route.path for route in routes(app)] + [
        "/picture/..%2f", "/picture/%2e%2e/", "/evidence/..%2f..%2fusers.json",
        "/static/..%2fapp.py", "/static/%00", "/static/" + "a" * 3000, "/static", "/picture/",
        "/evidence//elsewhere", "/%ff", "/\u202e", "/sign-in/", "/api/", "//elsewhere/", "/;/",
        "/?note=<script>alert(1)</script>",
    ]  # fmt: skip
    headers = [
        {}, {"Host": "elsewhere"}, {"Host": ""}, {"Host": "[::"}, {"Host": "elsewhere:99999999"},
        {"Referer": "http://elsewhere/users"}, {"Referer": "//elsewhere"}, {"Referer": "http://[::"},
        {"X-Forwarded-Host": "elsewhere", "X-Forwarded-Proto": "https"},
        {"Cookie": "gate_session=\xff"}, {"Cookie": "gate_browser=\xff.\xff"},
        {"Cookie": "=;;; gate_session"}, {"X-CSRF-Token": "\xff\xfe"},
        {"Accept-Language": "\xff" * 99},
        {"Range": "bytes=9-1"}, {"If-Modified-Since": "yesterday"}, {"Content-Length": "0"},
    ]  # fmt: skip
    faults = []
    for path in paths:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "XYZ"):
            some = headers if method == "GET" or path == "/language" else headers[:2]
            for head in some:
                more = {k: v.encode("latin-1") for k, v in {**token, **head}.items()}
                answer = client.request(method, path, headers=more)
                if signed and answer.status_code == 303 and path == "/sign-out":
                    token = sign_in(client)
                what = f"{method} {path} {head}"
                faults += [found] if (found := fault(answer, what)) else []
                if "elsewhere" in answer.text and "elsewhere" not in path:
                    faults.append(f"the host given is shown by {what}")
    assert faults == []


def test_going_back_from_the_language_leads_to_pages_of_the_console_only(place):
    _, client = place
    token = sign_in(client)
    for back, wanted in (
        ("/alarms", "/alarms"),
        ("http://gate/alarms", "/"),
        ("/passages?plate=1", "/"),
        ("//elsewhere/alarms", "/"),
        ("/live", "/"),
    ):
        head = {**token, "Referer": "http://elsewhere/alarms"}
        answer = client.post("/language", data={"language": "en", "back": back}, headers=head)
        assert (answer.status_code, answer.headers["location"]) == (303, wanted)


def test_a_banner_says_what_the_gate_said_and_nothing_that_stands_in_an_address(place):
    _, client = place
    token = sign_in(client)
    for key in ("error", "done", "note", "notice"):
        page = client.get(f"/?{key}=Call+0123+456+at+once").text
        assert "Call" not in page
        assert "banner good" not in page
        assert 'class="banner bad" role="alert">C' not in page
    form = {"lane": "out1", "action": "open", "reason": " "}
    back = client.post("/order", data=form, headers=token).headers["location"]
    assert said("vi", cause("refused.reason_needed")) in client.get(back).text
    # Another one's session does not show it.
    sign_in(client, "viewer")
    assert "a reason is needed" not in client.get(back).text


def test_a_form_that_is_not_understood_goes_back_to_its_page_and_says_why(place, real):
    _, client = place
    token = sign_in(client)
    form = {"lane": "out1", "action": "open", "reason": "x" * 501}
    answer = client.post("/order", data=form, headers=token)
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert said("vi", cause("text.too_long", longest=500)) in page
    assert real.barriers.orders == []


@pytest.mark.parametrize(
    "reason", ['"\\ud800"', '"x\\u0000"', f'"{"x" * 20_000}"', "null", "12345", '["why"]', '"ok"']
)
def test_a_stop_over_the_api_is_done_and_recorded_whatever_its_reason(place, real, reason):
    _, client = place
    head = {**sign_in(client, "operator"), "Content-Type": "application/json"}
    body = '{"lane": "out1", "action": "stop", "reason": ' + reason + "}"
    answer = client.post("/api/order", content=body, headers=head)
    assert answer.status_code == 200, answer.text
    assert [order.action.value for order in real.barriers.orders] == ["stop"]
    (data,) = [data for data in real.acted() if data["action"] == "stop"]
    assert data["reason"] == ("ok" if reason == '"ok"' else LEFT_OUT)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-32"])
def test_a_stop_in_another_encoding_is_done(place, real, encoding):
    _, client = place
    head = {**sign_in(client, "operator"), "Content-Type": "application/json"}
    body = json.dumps(
        {"lane": "out1", "action": "stop", "reason": "ngã đổ"[:3]}, ensure_ascii=False
    )
    answer = client.post("/api/order", content=body.encode(encoding), headers=head)
    assert answer.status_code == 200, answer.text
    (data,) = [data for data in real.acted() if data["action"] == "stop"]
    assert data["reason"] == (LEFT_OUT if encoding == "latin-1" else "ngã")
    body = body.replace("stop", "open")
    answer = client.post("/api/order", content=body.encode("latin-1"), headers=head)
    assert answer.status_code == 422
    assert [order.action.value for order in real.barriers.orders] == ["stop"]


def test_nothing_but_a_stop_is_done_with_a_reason_that_cannot_be_recorded(place, real):
    _, client = place
    head = {**sign_in(client), "Content-Type": "application/json"}
    before = len(real.acted())
    for action in access.ACTION_ROLES:
        if action != "stop":
            body = '{"lane": "out1", "action": "' + action + '", "reason": "\\ud800"}'
            assert client.post("/api/order", content=body, headers=head).status_code == 422
    form = {"lane": "out1", "action": "open", "reason": "x" * 60_000}
    head["Content-Type"] = "application/x-www-form-urlencoded"
    assert client.post("/order", data=form, headers=head).status_code == 303
    assert (real.barriers.orders, len(real.acted())) == ([], before)


def test_an_alarm_that_does_not_stand_enters_no_record(place, real):
    _, client = place
    token = sign_in(client)
    before = len(real.acted())
    for code in ("nothing", "x" * 64, "x" * 60_000, "\ud800"):
        body = json.dumps({"lane": "out1", "code": code})
        head = {**token, "Content-Type": "application/json"}
        answer = client.post("/api/acknowledge", content=body, headers=head)
        assert answer.status_code in (409, 422)
    assert len(real.acted()) == before
    body = {"lane": "out1", "code": "tailgate"}
    assert client.post("/api/acknowledge", json=body, headers=token).status_code == 200
    assert real.acted()[-1]["action"] == "acknowledge_alarm"
