"""TLS to a real Mosquitto with certificates made here; each failure names its cure."""

import ssl
import threading

import pytest

from edge.config import CustomsConfig
from edge.sync.customs.mqtt_link import LinkDown, MqttLink
from simulator.broker import Mosquitto, free_port
from tests.support.authority import Authority

pytestmark = pytest.mark.skipif(
    not Mosquitto.installed(), reason="Mosquitto is not installed (apt install mosquitto)"
)


class Site:
    """Two authorities and a broker with a TLS listener that asks gates for certificates."""

    def __init__(self, folder, strict=True):
        self.ours = Authority(folder / "ca", "ours", strict)
        self.strangers = Authority(folder / "x", "x")
        self.gate = self.ours.issue("gate")
        self.folder, self.broker, self.port = folder, None, free_port()

    def serve(self, days=30):
        certificate, key = self.ours.issue("broker", days)
        extra = (
            f"listener {self.port} 127.0.0.1\ncafile {self.ours.file}\ncertfile {certificate}\n"
            f"keyfile {key}\nrequire_certificate true\n"
        )
        self.broker = Mosquitto(self.folder / "broker", extra=extra)
        self.broker.start()

    def link(self, **settings):
        asked = {
            "host": "127.0.0.1",
            "port": self.port,
            "version": "5",
            "tls": True,
            "ca_file": self.ours.file,
            "cert_file": self.gate[0],
            "key_file": self.gate[1],
        }
        return MqttLink(CustomsConfig(**(asked | settings)), "gate", "status", b"{}")

    def refusal(self, **settings):
        link = self.link(**settings)
        try:
            with pytest.raises(LinkDown) as caught:
                link.connect(["ack"])
        finally:
            link.close()
        return str(caught.value)


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    if made.broker is not None:
        made.broker.stop()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_gate_with_a_certificate_is_heard(site, version):
    site.serve()
    link, heard = site.link(version=version), threading.Event()
    link.on_message = lambda message: heard.set()
    link.connect(["ack"])
    link.publish("ack", b"{}")
    assert heard.wait(30)
    link.close()


def test_a_broker_of_another_authority_is_not_trusted(site):
    site.serve()
    assert "check ca_file" in site.refusal(ca_file=site.strangers.file)


def test_an_expired_broker_is_told_as_such(site):
    site.serve(days=-1)
    assert "expired" in site.refusal()


def test_a_missing_expired_or_foreign_client_certificate_is_told_with_its_cure(site):
    site.serve()
    assert "cert_file" in site.refusal(cert_file=None, key_file=None)
    for certificate, key in (site.ours.issue("old", -1), site.strangers.issue("gate")):
        assert "cert_file" in site.refusal(cert_file=certificate, key_file=key)


def test_tls_to_a_plain_port_and_a_closed_port_are_told_apart(site):
    site.serve()
    assert "check port and tls" in site.refusal(port=site.broker.port)
    assert "is the broker running" in site.refusal(port=free_port())


@pytest.mark.parametrize("key", ["ca_file", "cert_file", "key_file"])
def test_a_file_that_lacks_or_is_no_certificate_is_named(site, tmp_path, key):
    lacking, wrong = tmp_path / "lacking.pem", tmp_path / "wrong.pem"
    wrong.write_text("not a certificate")
    assert str(lacking) in site.refusal(**{key: lacking})
    assert str(wrong) in site.refusal(**{key: wrong})


def test_a_password_file_that_lacks_is_named(site, tmp_path):
    lacking = tmp_path / "password"
    assert str(lacking) in site.refusal(username="gate", password_file=lacking)


def test_an_authority_made_at_home_is_trusted_under_every_python(tmp_path, monkeypatch):
    """Python 3.13 asks for the identifier of the authority's key, which this one does not write."""
    usual = ssl.create_default_context

    def of_3_13(*given, **named):
        context = usual(*given, **named)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", of_3_13)
    site = Site(tmp_path, strict=False)
    site.serve()
    try:
        link = site.link()
        link.connect(["ack"])
        link.close()
    finally:
        site.broker.stop()
