"""The recipe for a push over HTTPS: a receiver like any other, and what it posts."""

import json
import shlex
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edge.config import ConsumerConfig
from edge.domain.events import PASSAGE_COMPLETED, Event
from edge.sync.journal.chain import GENESIS, cloud_event
from simulator.broker import Mosquitto
from simulator.conformance.process import Process
from simulator.conformance.receiver import STEPS
from tests.support.builders import NOON
from tests.support.conformance import judged
from tests.support.delivery_line import Line
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
DOCS = Path(__file__).parents[3] / "docs"
SCRIPT = DOCS / "https_forwarder.py"
MAP = DOCS / "rest_gateway_map.json"


class Sink:
    """Where it posts to. `fails`: so many posts are answered with `code` first; 302 leads to a page
    that is answered with 200."""

    def __init__(self, fails=0, code=500):
        self.had, self.fails = [], fails
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                good = sink.fails <= 0
                sink.fails -= 1
                if good:
                    sink.had.append((self.headers["Idempotency-Key"], body))
                self.send_response(201 if good else code)
                if not good and code == 302:
                    self.send_header("Location", "/signin")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/events"


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.server.shutdown()


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Mosquitto(tmp_path_factory.mktemp("push") / "broker")
    made.start()
    yield made
    made.stop()


def command(file, url, more=""):
    place = f"{{host}} {{port}} {{site}} {{gate}} {shlex.quote(str(file))} {url} {{key}} {more}"
    return f"{sys.executable} {SCRIPT} {place}"


def test_the_forwarder_is_a_receiver_that_conforms(broker, sink, tmp_path):
    report = judged(broker, command(tmp_path / "p.json", sink.url), "push", "push", STEPS)
    assert report.good, report.text()
    numbers = [int(body["sequence"]) for _, body in sink.had]
    # In order; more than once only under the same key.
    assert sorted(set(numbers)) == list(dict.fromkeys(numbers))
    assert len({key for key, _ in sink.had}) == len(set(numbers))


@pytest.mark.parametrize("code", [500, 302])
def test_what_is_not_taken_comes_again_and_the_map_gives_its_names(broker, tmp_path, code):
    sink = Sink(3, code)
    consumers = (ConsumerConfig(name="push"),)
    place = Line(tmp_path, Mosquitto(tmp_path / "b"), receiver=False, consumers=consumers)
    try:
        process = Process(
            command(tmp_path / "p.json", sink.url, f"'' {MAP}"),
            host=place.broker.host, port=place.broker.port, site="s", gate="g",
            key=place.journal.key.public,
        )  # fmt: skip
        process.start()
        place.record(2)
        data = {"passage": "p1", "plate": "24C12345", "country": "VN", "verdict": "allow"}
        place.journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, data)])
        place.relay.wake()
        wait_for(lambda: place.journal.through("push") == 3)
        ((_, body),) = sink.had
        assert (body["bienSoXe"], body["ketQuaKiemTra"], body["maLan"]) == (
            "24C12345",
            "allow",
            "out1",
        )
        assert body["soThuTu"] == "3"
        assert sink.fails < 0
    finally:
        process.kill()
        place.close()
        sink.server.shutdown()


def test_the_map_names_fields_that_there_are():
    envelope = cloud_event(
        Event(PASSAGE_COMPLETED, "out1", NOON, {}), 1, "i", "/s/g", GENESIS, 0.0, "b", True, str
    )
    for type, fields in json.loads(MAP.read_text(encoding="utf-8")).items():
        schema = json.loads((DOCS / "schemas" / f"{type}.json").read_text(encoding="utf-8"))
        known = {*envelope, *(f"data.{name}" for name in schema["properties"])}
        assert set(fields.values()) <= known


def test_the_recipe_is_as_short_as_it_says():
    lines = [line for line in SCRIPT.read_text(encoding="utf-8").splitlines() if line]
    assert f"{len(lines)} lines" in (DOCS / "recipes.md").read_text(encoding="utf-8")
