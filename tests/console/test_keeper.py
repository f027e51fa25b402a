"""The console listens as soon as it can, never in clear on a network; while not, it is told."""

import hashlib
import json
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from edge.config import ConsoleConfig
from edge.console.certificate import FILE, fingerprint, own_certificate, until
from edge.console.keeper import ConsoleKeeper
from tests.support.authority import Authority
from tests.support.waiting import wait_for

NOW = datetime.now(UTC)


class Told:
    def __init__(self):
        self.up, self.down = [], []


@pytest.fixture
def keep(tmp_path):
    made = []

    def make(config, now=lambda: datetime.now(UTC)):
        app = FastAPI()
        app.get("/healthz")(lambda: {"ok": True})
        reported = Told()
        keeper = ConsoleKeeper(
            app, config, tmp_path, now, reported.up.append, reported.down.append, again_s=0.05
        )
        keeper.start()
        made.append(keeper)
        return reported

    yield make
    for keeper in made:
        keeper.stop()
    assert not [t for t in threading.enumerate() if t.name == "console keeper"]


def taken():
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.listen()
    return held


def test_a_port_in_use_is_told_and_tried_again(keep, tmp_path):
    with taken() as held:
        port = held.getsockname()[1]
        reported = keep(ConsoleConfig(port=port))
        wait_for(lambda: len(reported.down) > 2)
        assert f"127.0.0.1:{port}" in reported.down[0]
        assert not reported.up
        assert not (tmp_path / "console.json").exists()
    where = wait_for(lambda: reported.up)[0]
    assert where.url == f"http://127.0.0.1:{port}"
    assert httpx.get(f"{where.url}/healthz").status_code == 200
    assert json.loads((tmp_path / "console.json").read_text())["url"] == where.url


def test_an_address_that_this_computer_has_not_is_told(keep):
    reported = keep(ConsoleConfig(host="203.0.113.9", insecure=True, port=0))
    assert "203.0.113.9" in wait_for(lambda: reported.down)[0]
    none = keep(ConsoleConfig(host="a..b", insecure=True))
    assert "a..b" in wait_for(lambda: none.down)[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_on_a_network_it_speaks_tls_with_a_certificate_of_its_own(keep, tmp_path, host):
    reported = keep(ConsoleConfig(host=host, port=0))
    where = wait_for(lambda: reported.up or reported.down)[0]
    assert where.url.startswith("https://127.0.0.1:")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    # Whoever trusts just this certificate is spoken to, by name and address.
    trust = ssl.create_default_context(cafile=tmp_path / FILE)
    for name in (where.url, where.url.replace("127.0.0.1", "localhost")):
        assert httpx.get(f"{name}/healthz", verify=trust).status_code == 200
    port = int(where.url.rpartition(":")[2])
    shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port)))
    assert hashlib.sha256(shown).hexdigest().upper() == where.fingerprint.replace(":", "")
    with pytest.raises(httpx.HTTPError):
        httpx.get(where.url.replace("https", "http"))


def test_in_clear_on_a_network_only_where_that_is_said(keep):
    reported = keep(ConsoleConfig(host="0.0.0.0", port=0, insecure=True))
    assert wait_for(lambda: reported.up)[0].url.startswith("http://")


def test_a_certificate_that_is_gone_keeps_the_console_down_until_it_is_back(keep, tmp_path):
    cert, key = Authority(tmp_path / "ca", "ours").issue("gate")
    away = cert.rename(cert.with_suffix(".away"))
    reported = keep(ConsoleConfig(port=0, cert_file=cert, key_file=key))
    assert str(cert) in wait_for(lambda: reported.down)[0]
    cert.write_text("no certificate")
    wait_for(lambda: "PEM" in reported.down[-1])
    assert not reported.up
    cert.unlink()
    away.rename(cert)
    assert wait_for(lambda: reported.up)[0].url.startswith("https://")


def test_a_key_that_wants_a_password_asks_nobody(keep, tmp_path):
    from cryptography.hazmat.primitives import serialization

    cert, key = Authority(tmp_path / "ca", "ours").issue("gate")
    plain = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        plain.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"x"),
        )
    )
    reported = keep(ConsoleConfig(port=0, cert_file=cert, key_file=key))
    assert "without a password" in wait_for(lambda: reported.down)[0]


def test_its_own_certificate_is_kept_and_made_anew_in_time(tmp_path):
    first = fingerprint(own_certificate(tmp_path, "", NOW))
    assert fingerprint(own_certificate(tmp_path, "", NOW + timedelta(days=1000))) == first
    late = until(tmp_path / FILE) - timedelta(days=29)
    assert fingerprint(own_certificate(tmp_path, "", late)) != first
    assert until(tmp_path / FILE) > late + timedelta(days=3000)


@pytest.mark.parametrize("damage", [b"", b"nonsense", "half"])
def test_a_damaged_one_is_made_anew(tmp_path, damage):
    file = own_certificate(tmp_path, "", NOW)
    file.write_bytes(file.read_bytes()[:700] if damage == "half" else damage)
    assert not (damage != "half" and fingerprint(file))
    ssl.create_default_context(cafile=own_certificate(tmp_path, "", NOW))


def test_one_that_a_gate_without_a_battery_made_counts_when_its_clock_is_set(tmp_path):
    file = own_certificate(tmp_path, "", datetime(1970, 1, 1, tzinfo=UTC))
    made = file.read_bytes()
    assert own_certificate(tmp_path, "", NOW).read_bytes() == made


def test_while_it_listens_it_is_renewed_and_goes_on(keep, tmp_path):
    moment = [NOW]
    reported = keep(ConsoleConfig(host="0.0.0.0", port=0), lambda: moment[0])
    first = wait_for(lambda: reported.up)[0]
    moment[0] = until(tmp_path / FILE) - timedelta(days=1)
    wait_for(lambda: len(reported.up) > 1)
    assert reported.up[1].fingerprint != first.fingerprint
    assert not reported.down
