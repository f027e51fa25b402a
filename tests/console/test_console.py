"""The console's doors: sessions, roles, tokens; and what its pages show and do."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from edge.console import access
from edge.console.app import create_app
from edge.console.catalogue import LANGUAGES, catalogue
from edge.console.snapshot import PIECE, json_pieces
from edge.console.users import ROLES, UserError, UserStore
from edge.domain.plate import ALPHABET
from edge.domain.reason import Reason
from edge.gate.alarm_texts import texts
from edge.sync.port import Unread
from edge.system.timings import Figure, Timings
from edge.system.unhandled import UNHANDLED
from tests.support.operations_twin import PASSWORD, a_lane
from tests.support.waiting import wait_for

PAGES = [p for p in access.GET_ROLES if "{" not in p and p != "/live"]


@pytest.mark.parametrize("path", [*PAGES, "/live", "/picture/out1", "/evidence/x"])
def test_nothing_is_shown_without_a_session(client, path):
    answer = client.get(path)
    assert answer.status_code in (303, 401)


@pytest.mark.parametrize("role", list(ROLES))
@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_for_its_roles_only(client, signed_in, role, path):
    signed_in(role)
    wanted = 200 if ROLES[role] >= access.GET_ROLES[path] else 403
    assert client.get(path).status_code == wanted


def test_an_operator_lets_one_vehicle_pass_and_keeps_no_lane_open_or_shut():
    allowed = {a for a, needs in access.ACTION_ROLES.items() if ROLES["operator"] >= needs}
    assert allowed == {"open", "close", "stop"}


@pytest.mark.parametrize("role", list(ROLES))
@pytest.mark.parametrize("action", list(access.ACTION_ROLES))
def test_each_action_is_for_its_roles_only(client, signed_in, operations, role, action):
    token = signed_in(role)
    body = {"lane": "out1", "action": action, "reason": "why"}
    answer = client.post("/api/order", json=body, headers=token)
    allowed = ROLES[role] >= access.ACTION_ROLES[action]
    assert (answer.status_code == 200) == allowed
    assert (("out1", action, "why", role) in operations.asked) == allowed


@pytest.mark.parametrize("path", list(access.POST_ROLES))
def test_no_post_without_the_sessions_token(client, signed_in, operations, path):
    signed_in()
    before = list(operations.asked)
    assert client.post(path, data={"csrf": "wrong"}).status_code == 403
    assert client.post(path, json={}).status_code == 403
    assert operations.asked == before


def test_every_route_of_the_application_is_in_the_table(app):
    known = access.PUBLIC | set(access.GET_ROLES) | set(access.POST_ROLES) | {"/static"}
    assert {route.path for route in app.routes} <= known


def test_no_get_orders_anything(client, signed_in, operations):
    signed_in()
    before = [a for a in operations.asked if a[-1] != "sign_in"]
    for path in PAGES:
        client.get(path + "?lane=out1&action=open&reason=x")
    assert [a for a in operations.asked if a[-1] != "sign_in"] == before


def test_a_signed_out_cookie_is_refused(client, signed_in):
    token = signed_in()
    assert client.get("/api/gate").status_code == 200
    cookie = client.cookies.get("gate_session")
    client.post("/sign-out", headers=token)
    client.cookies.set("gate_session", cookie)
    assert client.get("/api/gate").status_code == 401


def test_guessing_is_slowed_down(client):
    for _ in range(5):
        wrong = {"user": "viewer", "password": "wrong-one"}
        assert client.post("/api/session", json=wrong).status_code == 403
    right = {"user": "viewer", "password": PASSWORD}
    answer = client.post("/api/session", json=right)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_an_order_without_a_reason_is_refused_but_a_stop_is_not(client, signed_in):
    token = signed_in()
    body = {"lane": "out1", "action": "open", "reason": " "}
    assert client.post("/api/order", json=body, headers=token).status_code == 409
    body = {"lane": "out1", "action": "stop", "reason": ""}
    assert client.post("/api/order", json=body, headers=token).status_code == 200


def test_the_guards_refusal_reaches_the_person(client, signed_in, operations):
    token = signed_in()
    operations.refuse = "a vehicle is, or may be, under the arm"
    body = {"lane": "out1", "action": "close", "reason": "x"}
    answer = client.post("/api/order", json=body, headers=token)
    assert answer.status_code == 409
    assert "under the arm" in answer.json()["error"]


def test_a_page_form_settles_a_waiting_vehicle(client, signed_in, operations):
    token = signed_in("operator")["X-CSRF-Token"]
    form = {
        "csrf": token, "lane": "out1", "passage": "p1", "choice": "admit",
        "plate": "24c-123.45", "reason": "seen",
    }  # fmt: skip
    assert client.post("/decide", data=form).status_code == 303
    assert ("out1", "p1", True, "24C12345", "seen", "operator") in operations.asked


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_every_language(client, signed_in, language):
    token = signed_in()["X-CSRF-Token"]
    client.post("/language", data={"csrf": token, "language": language})
    for path in (p for p in PAGES if not p.startswith("/api")):
        text = client.get(path).text
        assert f'lang="{language}"' in text
        assert "reason_" not in text.replace('"reason_', "")


def test_all_languages_have_the_same_keys():
    first = set(catalogue("vi"))
    assert all(set(catalogue(language)) == first for language in LANGUAGES)


def test_the_shipped_chinese_face_has_every_character_the_console_may_show():
    folder = Path(access.__file__).parent / "static"
    has = set((folder / "fonts" / "characters.txt").read_text(encoding="utf-8"))
    shown = "".join([*catalogue("zh").values(), *texts("zh").values(), ALPHABET])
    assert {c for c in shown if ord(c) >= 0x2E80} <= has
    assert (folder / "fonts" / "chinese.woff2").read_bytes()[:4] == b"wOF2"


def test_every_alarm_that_has_a_name_says_what_to_do():
    for language in LANGUAGES:
        known = catalogue(language)
        alarms = [key.removeprefix("alarm_") for key in known if key.startswith("alarm_")]
        assert all(known.get(f"cure_{code}") for code in alarms)


def test_the_person_who_decides_sees_goods_priority_and_who_has_cleared(client, signed_in):
    signed_in("operator")
    page = client.get("/exceptions").text
    for shown in ("Thanh long", "Ưu tiên 5", "Hải quan: xong", "Biên phòng: đang chờ"):
        assert shown in page
    # Asked of nobody in this lane, and still to be seen.
    assert "port: đang chờ (làn này không cần)" in page
    listed = client.get("/assignments").text
    assert "Thanh long" in listed
    (lane,) = client.get("/api/gate").json()["lanes"]
    assert (lane["declared"]["goods"], lane["declared"]["priority"]) == ("Thanh long", 5)


def test_the_site_may_name_its_authorities(operations, users, settings):
    settings = settings.model_copy(update={"authority_names": {"port": "Cảng vụ"}})
    with TestClient(create_app(operations, users, settings), follow_redirects=False) as client:
        client.post("/api/session", json={"user": "operator", "password": PASSWORD})
        assert "Cảng vụ: đang chờ" in client.get("/exceptions").text
        assert "Cảng vụ: đang chờ" in client.get("/assignments").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_too_old_is_told_apart_from_an_unknown_vehicle(
    client, signed_in, operations, language
):
    token = signed_in("operator")["X-CSRF-Token"]
    client.post("/language", data={"csrf": token, "language": language})
    reported = {}
    for reason in ("not_declared", "assignments_stale", "no_assignments"):
        operations.lanes = (a_lane(reason=reason, declared=None),)
        page = client.get("/exceptions").text
        reported[reason] = [catalogue(language)[key + reason] for key in ("reason_", "do_")]
        assert all(text in page for text in reported[reason])
        assert (catalogue(language)["as_of"] in page) == (reason != "not_declared")
    assert len({text for texts in reported.values() for text in texts}) == 6


def test_every_reason_has_a_name_and_every_one_that_stops_a_vehicle_says_what_to_do():
    for language in LANGUAGES:
        known = catalogue(language)
        assert all(f"reason_{reason}" in known for reason in Reason)
        lets = {Reason.ASSIGNED, Reason.TWO_WAY, Reason.OPERATOR}
        lets |= {Reason.FREE_FLOW, Reason.SECOND_KEY}
        stops = set(Reason) - lets
        assert all(known.get(f"do_{reason}") for reason in stops)


def test_what_pages_show_programs_may_ask_for(client, signed_in):
    signed_in()
    assert client.get("/api/barriers").json()["out1"]["arm"] == "closed"
    assert client.get("/api/exceptions").json()[0]["reason"] == "unsure_reading"
    assert client.get("/api/statistics").json()["lanes"] == [{"label": "out1", "count": 12}]
    assert client.get("/api/system").json()["links"][0]["name"] == "customs"
    assert {u["name"] for u in client.get("/api/users").json()} == set(ROLES)
    assert "hash" not in client.get("/api/users").text
    assert client.get("/api/audit").json() == []


def test_a_supervisor_tries_a_passage_again_or_settles_it_with_a_reason(
    client, signed_in, operations
):
    token = signed_in("supervisor")
    (parked,) = client.get("/api/set-aside").json()
    assert (parked["sequence"], parked["passage"]["plate"]) == (9, "24C99999")
    page = client.get("/system").text
    assert "24C99999" in page
    assert "trả lời 500" in page
    form = {"csrf": token["X-CSRF-Token"], "sequence": 9, "what": "again"}
    location = client.post("/set-aside", data=form).headers["location"]
    # What became of it waits in the session; an address that anybody may write shows nothing.
    assert location == "/system"
    assert catalogue("vi")["done"] in client.get(location).text
    body = {"sequence": 9, "what": "settle", "reason": " "}
    assert client.post("/api/set-aside", json=body, headers=token).status_code == 409
    body["reason"] = "by telephone"
    assert client.post("/api/set-aside", json=body, headers=token).status_code == 200
    assert operations.asked[-2:] == [
        (9, "again", "supervisor"),
        (9, "settle", "by telephone", "supervisor"),
    ]


def test_a_program_may_change_users_as_an_administrator_may(client, signed_in, users):
    token = signed_in()
    body = {"what": "add", "name": "mai", "role": "viewer", "password": "short"}
    assert client.post("/api/users", json=body, headers=token).status_code == 409
    body["password"] = "long-enough-for-it"
    assert client.post("/api/users", json=body, headers=token).status_code == 200
    assert users.find("mai").role == "viewer"
    body["what"] = "disable"
    assert client.post("/api/users", json=body, headers=token).status_code == 200
    assert users.find("mai").disabled


def test_nothing_is_loaded_from_elsewhere():
    folder = Path(access.__file__).parent
    for file in [
        *folder.glob("templates/*.html"),
        *folder.glob("static/*.js"),
        *folder.glob("static/*.css"),
    ]:
        text = file.read_text(encoding="utf-8")
        assert "https://" not in text
        assert "http://" not in text.replace("http://www.w3.org", "")


@pytest.mark.unhandled
def test_health_and_metrics_need_no_session(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    reported = {"wires": {"out1": True}, "links": {"customs": True}, "errors": {}}
    assert ready.json() == {"ready": True, **reported}
    UNHANDLED.guarded("a test", lambda: 1 / 0)()
    text = client.get("/metrics").text
    assert "gate_link_waiting" in text
    assert 'gate_unhandled_errors_total{where="a test"} 1.0' in text


def test_every_metric_stands_on_the_page(client):
    page = (Path(__file__).parents[2] / "docs" / "console.md").read_text(encoding="utf-8")
    page = page.partition("## Figures for Prometheus")[2]
    families = [*text_string_to_metric_families(client.get("/metrics").text)]
    # The library's own: when a counter was begun.
    names = [f.name for f in families if not f.name.endswith("_created")]
    assert len(names) > 20
    assert [name for name in names if not re.search(rf"`{name}(_total)?[`{{]", page)] == []


def test_prometheus_reads_the_figures_that_we_promise(client, operations):
    timings = Timings()
    for ms in (12, 49, 51, 9000):
        timings.note(Figure.STOP_FRAME, "out1", 10.0, 10.0 + ms / 1000)
    timings.note(Figure.ACKNOWLEDGEMENT, "customs", 0.0, 0.4)
    operations.timings = timings.all
    families = {f.name: f for f in text_string_to_metric_families(client.get("/metrics").text)}
    assert {f.value for f in Figure} <= families.keys()
    samples = families["gate_stop_frame_seconds"].samples
    assert all(s.labels["lane"] == "out1" for s in samples)
    within = {s.labels["le"]: s.value for s in samples if s.name.endswith("_bucket")}
    assert (within["0.015"], within["0.05"], within["0.075"], within["+Inf"]) == (1, 2, 3, 4)
    count, total = ([s.value for s in samples if s.name.endswith(e)] for e in ("_count", "_sum"))
    assert (count, round(total[0], 3)) == ([4], 9.112)
    (alarm,) = families["gate_alarm_standing"].samples
    assert alarm.labels == {"code": "camera", "lane": "out1", "severity": ""}


def test_the_api_describes_itself(client, signed_in):
    signed_in()
    assert "/api/order" in client.get("/api/openapi.json").json()["paths"]


def test_user_names_roles_and_passwords_are_checked(tmp_path):
    store = UserStore(tmp_path)
    for name, role, password in (
        ("Big Name", "viewer", "long-enough-for-it"),
        ("lan", "king", "long-enough-for-it"),
        ("lan", "viewer", "short"),
    ):
        with pytest.raises(UserError):
            store.add(name, role, password)
    store.add("lan", "administrator", "long-enough-for-it")
    with pytest.raises(UserError, match="last administrator"):
        store.disable("lan")
    assert "long-enough-for-it" not in json.dumps((tmp_path / "users.json").read_text())


def test_a_journal_that_cannot_be_read_hides_no_stop(client, signed_in, operations):
    token = signed_in("operator")

    def broken(**_):
        raise Unread("the journal cannot be read: disk I/O error")

    operations.recent = broken
    page = client.get("/")
    assert (page.status_code, 'data-order="stop"' in page.text) == (200, True)
    assert client.get("/passages").status_code == 503
    assert "cannot be read" in client.get("/api/events").json()["error"]
    body = {"lane": "out1", "action": "stop"}
    assert client.post("/api/order", json=body, headers=token).status_code == 200


@pytest.mark.timeout(120)
def test_pages_that_hang_hold_up_no_stop(server, operations):
    free, hang = threading.Event(), []

    def picture(lane):
        hang.append(lane)
        assert free.wait(90)
        return b""

    operations.picture = picture
    with httpx.Client(base_url=server.url, timeout=60) as one, ThreadPoolExecutor(60) as many:
        answer = one.post("/api/session", json={"user": "operator", "password": PASSWORD})
        head = {
            "X-CSRF-Token": answer.json()["csrf"],
            "Cookie": f"gate_session={one.cookies['gate_session']}",
        }
        one.cookies.clear()
        with httpx.Client(base_url=server.url, timeout=90, headers=head, limits=MANY) as other:
            hanging = [many.submit(other.get, "/picture/out1") for _ in range(50)]
            try:
                # More than the server has threads for pages.
                wait_for(lambda: len(hang) == 40)
                for path, body in (
                    ("/api/order", {"json": {"lane": "out1", "action": "stop"}}),
                    ("/order", {"data": {"lane": "out1", "action": "stop"}}),
                ):
                    answer = one.post(path, headers=head, **body)
                    assert answer.status_code in (200, 303)
            finally:
                free.set()
            assert {h.result().status_code for h in hanging} == {200}
    assert [asked[1] for asked in operations.asked if asked[0] == "out1"] == ["stop", "stop"]


MANY = httpx.Limits(max_connections=60)


def test_a_long_list_is_written_in_pieces_and_whole():
    for count in (0, 1, PIECE, PIECE + 1, 3 * PIECE):
        pieces = list(json_pieces(range(count), lambda n: {"n": n}))
        assert json.loads("".join(pieces)) == [{"n": n} for n in range(count)]
        assert max(piece.count("{") for piece in pieces) <= PIECE


def test_a_page_form_sends_the_version_that_was_seen_and_the_assignment_that_was_chosen(
    client, signed_in, operations
):
    token = signed_in("operator")["X-CSRF-Token"]
    form = {
        "csrf": token, "lane": "out1", "passage": "p1", "choice": "admit", "reason": "seen",
        "version": "3", "assignment": "A2",
    }  # fmt: skip
    assert client.post("/decide", data=form).status_code == 303
    assert operations.decided == (3, "A2")


def test_the_card_names_what_the_camera_itself_has_read(client, signed_in, operations):
    signed_in("operator")
    assert "data-second" not in client.get("/exceptions").text
    (lane,) = operations.lanes
    said = {"reason": "second_reader_differs", "detail": "24C12845"}
    operations.lanes = (replace(lane, second="24C12845", second_confidence=0.92, **said),)
    page = client.get("/exceptions").text
    assert "Camera tự đọc: <span" in page
    assert "24C12845</span>" in page
    assert "92 %" in page
    assert "camera tự đọc ra biển số khác <small>24C12845</small>" in page
    assert client.get("/api/exceptions").json()[0]["second"] == "24C12845"


def test_the_page_of_exceptions_carries_version_and_choices(client, signed_in, operations):
    signed_in("operator")
    operations.lanes = (a_lane(version=7, choices=("A1", "A2"), detail="customs"),)
    page = client.get("/exceptions").text
    assert 'name="version" value="7"' in page
    assert "<option>A2</option>" in page
    assert "<small>customs</small>" in page
