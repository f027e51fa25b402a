"""The doctor before the port for other systems: each fault is told with its cure."""

import random
import socket

import pytest

from edge.cli.doctor_partners import partners
from edge.cli.running import RunningService
from edge.config import load
from edge.sync.partners.server import PartnerServer
from edge.system.backoff import Backoff, Retries
from simulator.broker import free_port
from tests.support.authority import Authority
from tests.support.builders import a_configuration
from tests.support.waiting import wait_for

CLIENT = '[[partners.clients]]\nname = "customs"\nmay = ["history"]\n'
SERVICE = RunningService({}, {})


class Site:
    def __init__(self, folder):
        self.folder, self.authority = folder, Authority(folder / "ca", "ours")
        self.cert, self.key = self.authority.issue("gate", 90)
        self.port = free_port()

    def found(self, service=None, clients=CLIENT, **files):
        named = {"cert_file": self.cert, "key_file": self.key, "ca_file": self.authority.file}
        lines = "".join(f'{name} = "{file}"\n' for name, file in {**named, **files}.items())
        file = self.folder / "gate.toml"
        file.write_text(a_configuration(f"[partners]\nport = {self.port}\n{lines}{clients}"))
        self.settings = load(file)
        return {f.what: f for f in partners(self.settings, service)}


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_a_port_that_is_as_it_should_be_is_good(site):
    found = site.found()
    assert all(finding.good for finding in found.values()), found
    assert found["partners may"].found == "customs (history)"


@pytest.mark.parametrize("file", ["cert_file", "key_file", "ca_file"])
def test_a_file_that_is_gone_or_of_another_pair_is_told(site, file, tmp_path):
    gone = site.found(**{file: tmp_path / "gone.pem"})["partners"]
    assert not gone.good
    assert "PEM" in gone.cure
    _, other = site.authority.issue("other")
    assert file != "key_file" or not site.found(key_file=other)["partners"].good


def test_a_certificate_that_ends_soon_or_has_ended_is_told(site):
    for days, word in ((10, "valid until"), (-1, "ended")):
        site.cert, site.key = site.authority.issue("gate", days)
        found = site.found()["partners.cert_file"]
        assert not found.good
        assert found.found.startswith(word)


def test_nobody_who_may_ask_is_told(site):
    assert "[[partners.clients]]" in site.found(clients="")["partners may"].cure


def test_a_port_that_another_program_has_is_told(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", site.port))
        taken.listen()
        assert "another program" in site.found()["partners port"].cure


def test_a_service_that_does_not_answer_or_shows_the_certificate_of_before_is_told(site):
    assert "journalctl" in site.found(SERVICE)["partners port"].cure
    backoff = Backoff(Retries(0.1, 1.0), random.Random())
    server = PartnerServer(site.settings.partners, None, backoff)
    server.start()
    try:
        wait_for(lambda: server.port)
        assert site.found(SERVICE)["partners port"].good
        site.cert, site.key = site.authority.issue("the next one", 90)
        assert "restart the service" in site.found(SERVICE)["partners port"].cure
    finally:
        server.stop()
