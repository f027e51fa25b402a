"""The door for other systems, over real TLS: who gets what, and nothing else."""

import json
import random
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import httpx
import jsonschema
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from edge.config import JournalConfig, Partner, PartnersConfig
from edge.domain.events import PLATE_READ, Event
from edge.domain.evidence import Kind, name_of
from edge.sync.journal.chain import GENESIS, checkpoint_part, digest
from edge.sync.journal.journal import open_journal
from edge.sync.journal.signing import verifies
from edge.sync.partners.answers import MOST_EVENTS, Answers, Receiver
from edge.sync.partners.server import (
    MOST_CONNECTIONS,
    MOST_OF_ONE,
    Connections,
    PartnerServer,
    Rates,
)
from edge.system.backoff import Backoff, Retries
from edge.system.clock import SystemClock
from edge.vision.evidence_files import KeptFiles
from tests.support.authority import Authority
from tests.support.builders import NOON
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(120)
DESCRIPTION = Path(__file__).parents[3] / "docs" / "partners.openapi.yaml"
PICTURE = b"\xff\xd8" + bytes(range(256)) * 40 + b"\xff\xd9"
KEPT = {"pictures_days": 90, "pictures_mb": 1000, "history_days": 365, "history_mb": 2048}


class Place:
    """The door, a journal with events, a folder with one picture."""

    def __init__(self, folder, clients):
        self.ours = Authority(folder / "ca", "ours")
        self._folder = folder
        self.journal = open_journal(
            folder / "j", JournalConfig(max_mb=20, ballast_mb=0), "/s/g", SystemClock()
        )
        self.name = name_of("20260115", "out1", NOON, PICTURE, Kind.PLATE)
        (folder / "evidence" / "20260115").mkdir(parents=True)
        (folder / "evidence" / "20260115" / self.name).write_bytes(PICTURE)
        self.cert, self.key = self.ours.issue("gate")
        self.ca = folder / "partners.pem"
        self.ca.write_bytes(self.ours.file.read_bytes())
        config = PartnersConfig(
            port=0, cert_file=self.cert, key_file=self.key, ca_file=self.ca, clients=clients
        )
        files = KeptFiles(folder / "evidence")
        receivers = lambda: [Receiver("customs", 2, NOON), Receiver("port", 0, None)]  # noqa: E731
        answers = Answers(self.journal, files, receivers, KEPT, lambda: datetime.now(UTC))
        self.server = PartnerServer(config, answers, Backoff(Retries(0.1, 1.0), random.Random()))
        self.server.start()
        wait_for(lambda: self.server.port)

    def record(self, count):
        events = [Event(PLATE_READ, "out1", NOON, {"plate": f"24C{n:05d}"}) for n in range(count)]
        self.journal.record(events)

    def client(self, name, authority=None):
        context = ssl.create_default_context(cafile=str(self.ours.file))
        if name:
            context.load_cert_chain(*(authority or self.ours).issue(name))
        return httpx.Client(base_url=f"https://127.0.0.1:{self.server.port}", verify=context)

    def close(self):
        self.server.stop()
        self.journal.close()


@pytest.fixture
def place(tmp_path):
    made = Place(
        tmp_path,
        (
            Partner(name="customs", may=("pictures", "history", "receivers")),
            Partner(name="viewer", may=("pictures",), per_minute=3),
        ),
    )
    yield made
    made.close()


def test_certificates_that_are_replaced_count_from_the_next_connection_on(place, tmp_path):
    """Of the gate, and of who signs the partners'; with half a pair the one of before goes on."""
    theirs = Authority(tmp_path / "theirs", "theirs")

    def shown():
        with place.client("customs") as client, client.stream("GET", "/v1/kept") as answer:
            assert answer.status_code == 200
            secured = answer.extensions["network_stream"].get_extra_info("ssl_object")
            return secured.getpeercert()["serialNumber"]

    def answered(authority):
        try:
            with place.client("customs", authority) as client:
                return client.get("/v1/kept").status_code
        except httpx.TransportError:
            return "not let in"

    before = shown()
    assert answered(theirs) == "not let in"
    cert, key = place.ours.issue("the next one")
    place.cert.write_bytes(cert.read_bytes())
    assert shown() == before
    place.key.write_bytes(key.read_bytes())
    assert shown() != before
    place.ca.write_bytes(place.ours.file.read_bytes() + theirs.file.read_bytes())
    assert [answered(place.ours), answered(theirs)] == [200, 200]
    place.ca.write_bytes(theirs.file.read_bytes())
    assert [answered(place.ours), answered(theirs)] == ["not let in", 200]


def test_a_picture_is_fetched_by_its_name_or_hash_whole_and_in_parts(place):
    hash = place.name.split("-")[-3]
    with place.client("customs") as client:
        for path in (place.name, hash, hash.upper(), f"{hash}?day=20260115"):
            answer = client.get(f"/v1/pictures/{path}")
            assert (answer.status_code, answer.content) == (200, PICTURE)
            assert answer.headers["Content-Type"] == "image/jpeg"
            assert answer.headers["ETag"] == f'"{hash}"'
        size = len(PICTURE)
        for asked, part in (
            ("bytes=0-99", PICTURE[:100]),
            ("bytes=100-", PICTURE[100:]),
            ("bytes=-7", PICTURE[-7:]),
            (f"bytes={size - 1}-{size + 50}", PICTURE[-1:]),
        ):
            answer = client.get(f"/v1/pictures/{hash}", headers={"Range": asked})
            assert (answer.status_code, answer.content) == (206, part), asked
            assert answer.headers["Content-Range"].endswith(f"/{size}")
        beyond = client.get(f"/v1/pictures/{hash}", headers={"Range": f"bytes={size}-"})
        assert beyond.status_code == 416
        for tags in (f'"{hash}"', f'W/"x", "{hash}"', f'W/"{hash}"', "*"):
            again = client.get(f"/v1/pictures/{hash}", headers={"If-None-Match": tags})
            assert (again.status_code, again.content) == (304, b"")
        assert client.get(f"/v1/pictures/{hash}", headers={"If-None-Match": '"x"'}).content
        head = client.head(f"/v1/pictures/{hash}")
        assert (head.status_code, head.headers["Content-Length"]) == (200, str(size))


@pytest.mark.parametrize(
    "name", ["f" * 64, "..%2f..%2fkeys%2fgate.pem", "gate.pem", "%00", "x" * 5000]
)
def test_nothing_else_lies_behind_the_door(place, name):
    with place.client("customs") as client:
        assert client.get(f"/v1/pictures/{name}").status_code == 404
        assert client.get(f"/v1/{name}").status_code == 404
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            answer = client.request(method, "/v1/history")
            assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
            assert answer.json() == {"error": "nothing can be changed here"}


def test_a_client_without_a_certificate_of_ours_gets_no_connection(place, tmp_path):
    strangers = Authority(tmp_path / "x", "x")
    for name, authority in (("", None), ("customs", strangers)):
        with place.client(name, authority) as client, pytest.raises(httpx.TransportError):
            client.get("/v1/kept")
    with place.client("somebody") as client:
        answer = client.get("/v1/kept")
        assert (answer.status_code, "partners.clients" in answer.text) == (403, True)


def test_each_gets_what_its_role_allows_as_often_as_it_may(place):
    with place.client("viewer") as client:
        assert client.get(f"/v1/pictures/{place.name}").status_code == 200
        assert client.get("/v1/history").status_code == 403
        assert client.get("/v1/receivers").status_code == 403
        answer = client.get("/v1/kept")
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 20
    with place.client("customs") as client:
        assert client.get("/v1/kept").json() == KEPT


def test_a_rate_comes_back_with_time():
    now = [0.0]
    rates, partner = Rates(lambda: now[0]), Partner(name="x", may=(), per_minute=60)
    assert [rates.wait_s(partner) for _ in range(60)] == [0.0] * 60
    assert rates.wait_s(partner) == 1.0
    now[0] += 2.0
    assert [rates.wait_s(partner) > 0 for _ in range(3)] == [False, False, True]


def test_the_history_is_what_was_sent_in_a_whole_signed_chain_with_its_checkpoints(place):
    place.record(700)
    key = place.journal.key.public
    with place.client("customs") as client:
        answer = client.get("/v1/history", params={"after": 0})
        events = [json.loads(line) for line in answer.text.splitlines()]
        assert [int(event["sequence"]) for event in events] == list(range(1, 701))
        before = GENESIS
        for event in events:
            assert (event["previoushash"], event["hash"]) == (before, digest(event))
            before = event["hash"]
        told = [answer.headers[f"Gate-{name}"] for name in ("First", "Previous-Hash", "Last")]
        assert told == ["1", GENESIS, "700"]
        part = client.get("/v1/history", params={"after": 10, "through": 20}).text.splitlines()
        assert [int(json.loads(line)["sequence"]) for line in part] == list(range(11, 21))
        assert client.get("/v1/history", params={"after": "x"}).status_code == 400
        assert client.get("/v1/history", params={"after": 700}).text == ""
        lines = client.get("/v1/history/checkpoints").text.splitlines()
        last = json.loads(lines[-1])
        assert (last["sequence"], last["hash"]) == ("700", events[-1]["hash"])
        for line in lines:
            said = json.loads(line)
            signed = checkpoint_part(said["sequence"], said["hash"], said["time"])
            assert verifies(key, signed, said["signature"])


def test_the_history_of_a_time_is_found_without_its_numbers(place):
    for hour in range(24):
        at = NOON.replace(hour=hour)
        place.journal.record([Event(PLATE_READ, "out1", at, {"plate": "24C12345"})] * 30)
    # A clock that was wrong: one of another day among them.
    place.journal.record([Event(PLATE_READ, "out1", NOON.replace(month=2), {})])
    place.journal.record([Event(PLATE_READ, "out1", NOON.replace(hour=9), {})])
    day = NOON.strftime("%Y-%m-%d")
    with place.client("customs") as client:

        def asked(**query):
            answer = client.get("/v1/history", params=query)
            events = [json.loads(line) for line in answer.text.splitlines()]
            return answer, [int(event["sequence"]) for event in events]

        # As Vietnam writes it: seven hours ahead.
        nine = {"since": f"{day}T16:00:00+07:00", "until": f"{day}T17:00:00+07:00"}
        answer, numbers = asked(**nine)
        assert numbers == [*range(9 * 30 + 1, 10 * 30 + 1), 722]
        assert answer.headers["Gate-Through"] == "722"
        assert asked(after=722, **nine)[1] == []
        assert asked(after=280, through=285, **nine)[1] == list(range(281, 286))
        assert asked(since=f"{day}T23:00:00Z")[1][0] == 23 * 30 + 1
        assert asked(until=f"{day}T00:00:00Z")[1] == []
        assert asked(since="9999-12-31T23:59:59Z", until="0001-01-01T00:00:00+14:00")[1] == []
        for wrong in ("yesterday", f"{day}T07:00:00", "2026-13-01T00:00:00Z"):
            assert client.get("/v1/history", params={"since": wrong}).status_code == 400


def test_an_answer_that_was_cut_off_is_seen_to_be(place):
    place.record(10)
    with place.client("customs") as client:
        answer = client.get("/v1/history")
        assert int(answer.headers["Content-Length"]) == len(answer.content) > 1000
        assert answer.headers["Gate-Through"] == "10"


def test_who_only_connects_keeps_nobody_out(place):
    idle = []
    try:
        for _ in range(MOST_OF_ONE - 1):
            idle.append(socket.create_connection(("127.0.0.1", place.server.port)))
        with place.client("customs") as client:
            assert client.get("/v1/kept").json() == KEPT
    finally:
        for one in idle:
            one.close()


def test_one_address_has_its_share_and_gets_it_back():
    connections = Connections()
    assert [connections.enter("10.0.0.1") for _ in range(MOST_OF_ONE + 1)].count(
        True
    ) == MOST_OF_ONE
    assert connections.enter("10.0.0.2")
    connections.leave("10.0.0.1")
    assert connections.enter("10.0.0.1")
    for n in range(MOST_CONNECTIONS):
        connections.enter(f"10.0.1.{n}")
    assert not connections.enter("10.0.2.1")


def test_a_long_history_comes_in_pieces(place):
    place.record(MOST_EVENTS + 3)
    with place.client("customs") as client:
        found, after = 0, 0
        while lines := client.get("/v1/history", params={"after": after}).text.splitlines():
            assert len(lines) <= MOST_EVENTS
            found, after = found + len(lines), int(json.loads(lines[-1])["sequence"])
    assert found == MOST_EVENTS + 3


def test_it_says_how_far_each_receiver_is(place):
    place.record(5)
    description = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    with place.client("customs") as client:
        said = client.get("/v1/receivers").json()
        jsonschema.validate(said, {"$ref": "#/components/schemas/Receivers", **description})
        jsonschema.validate(
            client.get("/v1/kept").json(), {"$ref": "#/components/schemas/Kept", **description}
        )
    assert [(r["receiver"], r["through"], r["lacks"]) for r in said["receivers"]] == [
        ("customs", 2, 3),
        ("port", 0, 5),
    ]
    assert said["receivers"][0]["acknowledged_at"].startswith("2026-01-15")
    assert said["receivers"][1]["acknowledged_at"] is None


def test_the_description_is_valid_openapi():
    described = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    faults = OpenAPIV31SpecValidator(described).iter_errors()
    assert [f"{list(fault.path)}: {fault.message}" for fault in faults] == []
