"""Single points of docs/security.md that no other test of the console holds."""

import re
import socket
import ssl
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.console.certificate import own_certificate
from edge.console.headers import POLICY
from edge.console.refused_log import MOST_A_MINUTE
from edge.console.server import ConsoleServer
from tests.support.operations_twin import PASSWORD

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
LEVEL_1 = """
1.2.1-5 1.3.1-2 1.5.1-1 2.1.1-1 2.2.1-2 2.3.1-1 3.2.1-2 3.3.1-1 3.4.1-2 3.5.1-3 4.1.1-1 4.4.1-1
5.2.1-2 5.3.1-2 6.1.1-1 6.2.1-8 6.3.1-2 6.4.1-2 7.2.1-4 7.4.1-2 8.1.1-1 8.2.1-2 8.3.1-1 9.1.1-3
9.2.1-1 10.4.1-5 11.3.1-2 11.4.1-1 12.1.1-1 12.2.1-2 13.4.1-1 14.2.1-1 14.3.1-1 15.1.1-1 15.2.1-1
15.3.1-1
"""
LEVEL_2 = """
6.1.2-3 6.2.9-12 6.3.3-4 6.4.3-4 6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 7.3.1-2 7.4.3-5 7.5.1-2 7.6.1-2
16.1.1-1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3
"""
"""Of sessions, authentication and logging."""


def numbers(ranges):
    for one in ranges.split():
        first, _, last = one.partition("-")
        section, _, number = first.rpartition(".")
        yield from (f"{section}.{n}" for n in range(int(number), int(last) + 1))


REQUIRED = {*numbers(LEVEL_1), *numbers(LEVEL_2)}


def test_what_lacks_a_right_is_in_the_log_and_a_flood_of_it_is_a_figure(client, signed_in, caplog):
    signed_in("viewer")
    client.get("/users")
    client.post("/api/mode", json={})
    client.post("/sign-out", headers={"sec-fetch-site": "cross-site"})
    lines = [r.getMessage() for r in caplog.records if r.name == "edge.console.refused_log"]
    assert [line.partition(":")[0] for line in lines] == ["refused"] * 3
    assert "'/users' of viewer" in lines[0]
    assert "'/api/mode' of viewer" in lines[1]
    assert "another site" in lines[2]
    for _ in range(2 * MOST_A_MINUTE):
        client.get("/users")
    lines = [r for r in caplog.records if r.name == "edge.console.refused_log"]
    assert len(lines) == MOST_A_MINUTE


def test_no_other_origin_is_let_in_and_no_token_stands_in_an_address(client, signed_in):
    signed_in("administrator")
    token = client.cookies["gate_session"]
    for path in ("/", "/api/gate", "/users", "/static/console.js"):
        answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert token not in answer.text
    assert "object-src 'none'" in POLICY


def test_each_sign_in_has_a_session_of_its_own(client, signed_in):
    signed_in("viewer")
    first = client.cookies["gate_session"]
    signed_in("viewer")
    assert client.cookies["gate_session"] != first
    assert len(first) >= 43


def spoken(server, version):
    """The version of TLS that a client gets who speaks no later one."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    plain = socket.create_connection(("127.0.0.1", server.port), 60)
    with plain, context.wrap_socket(plain) as secured:
        return secured.version()


def test_tls_is_1_2_at_least(app, tmp_path):
    cert = own_certificate(tmp_path, "127.0.0.1", datetime.now(UTC))
    server = ConsoleServer(app, "127.0.0.1", 0, cert)
    server.start()
    try:
        assert spoken(server, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        assert spoken(server, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        with pytest.raises(ssl.SSLError) as refused:
            spoken(server, ssl.TLSVersion.TLSv1_1)
        # By the server, and not because this client has no such version.
        assert "no protocols" not in str(refused.value).lower()
    finally:
        server.stop()


def test_passwords_are_typed_masked_and_may_come_from_a_store():
    for file in (ROOT / "edge/console/templates").glob("*.html"):
        for field in re.findall(r"<input[^>]*name=\"password\"[^>]*>", file.read_text("utf-8")):
            assert 'type="password"' in field
            assert re.search(r'autocomplete="(current|new)-password"', field), file
    for file in (ROOT / "edge/console/static").glob("*.js"):
        assert "paste" not in file.read_text("utf-8")


def test_every_requirement_stands_on_the_page():
    assert len(list(numbers(LEVEL_1))) == 70
    named = set(re.findall(r"\b\d{1,2}\.\d\.\d{1,2}\b", PAGE))
    assert REQUIRED - named == set()


def test_every_test_that_the_page_names_is_there():
    for name in re.findall(r"`(?:tests/)?([a-z_/]*test_[a-z_]+\.py(?:::test_[a-z_0-9]+)?)`", PAGE):
        file, _, test = name.partition("::")
        at = ROOT / "tests" / file if "/" in file else ROOT / "tests/console" / file
        assert at.is_file(), name
        assert not test or f"def {test}(" in at.read_text("utf-8"), name


def test_a_user_can_be_signed_in_only_with_his_password(client):
    assert client.post("/api/session", json={"user": "viewer", "password": ""}).status_code == 403
    answer = client.post("/api/session", json={"user": "viewer", "password": PASSWORD + " "})
    assert answer.status_code == 403
