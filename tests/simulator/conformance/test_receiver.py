"""The kit for receivers passes the examples, and finds each of the wrong ones: the Python example
with one mistake planted in it."""

import json
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.__main__ import app
from simulator.broker import Mosquitto
from simulator.conformance.receiver import STEPS
from simulator.conformance.report import State
from tests.support.conformance import judged

pytestmark = pytest.mark.timeout(300)
DOCS = Path(__file__).parents[3] / "docs"
SCRIPT = DOCS / "customs_receiver.py"

WRONG = {
    "believes anybody": (
        "unsigned",
        '    bare = {k: said[k] for k in said if k not in ("hash", "replayed", "signature")}\n',
        "    return True\n",
    ),
    "keeps nothing": ("killed", "connect(file,", 'connect(":memory:",'),
    "acknowledges what it sees": (
        "early",
        'tell(client, "ack", through=through)',
        'tell(client, "ack", through=int(said["sequence"]))',
    ),
    "dies of nonsense": (
        "poison",
        "except (ValueError, KeyError, TypeError, AttributeError, RecursionError)",
        "except ZeroDivisionError",
    ),
    "obeys anybody's answer": (
        "forged-result",
        'if not genuine(said):\n                person("a replay',
        'if False:\n                person("a replay',
    ),
    "begins anybody's series": (
        "forged-series",
        "if not signed or",
        'if not (signed or said["previoushash"] == start) or',
    ),
    "never checks a hash": (
        "changed",
        ' or said["hash"] != sha256(rfc8785.dumps(bare)).hexdigest()',
        "",
    ),
    "leaves messages behind": ("retained", "qos=1)", "qos=1, retain=True)"),
    "speaks under another name": ("asks", '{"consumer": "example"', '{"consumer": "other"'),
    "asks for nothing": (
        "asks",
        'away\n            tell(client, "replay", after=through, hash=before)',
        "away\n            pass",
    ),
    "acknowledges each but once": (
        "doubled",
        'tell(client, "ack", through=through)  #',
        'number = int(said["sequence"])\n'
        '            tell(client, "ack", through=through) if number > wanted else 0\n'
        "            wanted = max(wanted, number)  #",
    ),
    "knows all types": (
        "grows",
        'number = int(said["sequence"])\n    signed',
        'number = int(said["sequence"])\n    assert said["type"] == "bordergate.plate.read.v1"\n'
        "    signed",
    ),
    "counts in 32 bits": (
        "new-series",
        'number = int(said["sequence"])\n    signed',
        'number = int(said["sequence"]) & 0xFFFFFFFF\n    signed',
    ),
    "waits for what is gone": (
        "gap",
        'skip(said["first"], said["previoushash"])  #',
        "pass  #",
    ),
    "reads typed objects": (
        "canonical",
        "said = json.loads(message.payload)",
        "said = json.loads(message.payload, parse_float=lambda text: round(float(text), 3))",
    ),
    "commits one late": (
        "killed",
        '        db.execute(\n            "INSERT INTO events',
        '        db.execute("COMMIT") if db.in_transaction else 0\n'
        '        db.execute("BEGIN")\n'
        '        db.execute(\n            "INSERT INTO events',
    ),
    "believes the key of the birth": (
        "another-key",
        'if kind == "status" and said["state"] == "online":',
        'if kind == "status" and said["state"] == "online" and not keys.append('
        'Ed25519PublicKey.from_public_bytes(b64decode(said["public_key"]))):',
    ),
    "begins a series at once": (
        "series-in-its-place",
        'if said["previoushash"] == start and number == through + 1:',
        'if said["previoushash"] == start:',
    ),
    "stops at what an earlier history left": (
        "early-of-before",
        "# of an earlier history, or of another: the answer says\n            return ",
        "\n            sys.exit()\n            return ",
    ),
    "takes a number again": (
        "given-twice",
        '        person(f"number {number} was given twice: the gate has lost its journal")',
        "        through = number - 1",
    ),
}


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Mosquitto(tmp_path_factory.mktemp("kit") / "broker")
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize("kind", ["example", "node", "customs"])
def test_the_examples_conform(broker, kind, tmp_path):
    if kind == "node" and not shutil.which("node"):
        pytest.skip("Node is not installed (apt install nodejs)")
    run = {
        "example": str(SCRIPT),
        "node": "-m tests.support.node_receiver",
        "customs": "-m simulator.customs",
    }[kind]
    file = shlex.quote(str(tmp_path / "receiver.db"))
    command = f"{sys.executable} {run} {{host}} {{port}} {{site}} {{gate}} {file} {{key}}"
    consumer = "customs" if kind == "customs" else "example"
    report = judged(broker, command, kind, consumer)
    assert report.good, report.text()
    assert [check.state for check in report.checks] == [State.PASSED] * len(STEPS), report.text()


def test_one_written_in_a_third_language_from_the_documents_alone_conforms(broker, tmp_path):
    """Java has types for everything: it reads into plain maps and writes RFC 8785 by itself."""
    if not shutil.which("javac"):
        pytest.skip("no Java compiler is installed (apt install default-jdk-headless)")
    source = Path(__file__).parents[2] / "support" / "java" / "Receiver.java"
    subprocess.run(["javac", "-d", str(tmp_path), str(source)], check=True)
    file = shlex.quote(str(tmp_path / "receiver.jsonl"))
    command = f"env RECEIVER_CLASSES={tmp_path} {sys.executable} -m tests.support.java_receiver "
    command += f"{{host}} {{port}} {{site}} {{gate}} {file} {{key}}"
    report = judged(broker, command, "java")
    assert report.good, report.text()
    assert [check.state for check in report.checks] == [State.PASSED] * len(STEPS), report.text()


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_receiver_is_found(broker, mistake, tmp_path):
    step, old, new = WRONG[mistake]
    source = SCRIPT.read_text(encoding="utf-8")
    assert old in source
    source = source.replace(old, new)
    if "wanted" in new:
        head = "def received(client, data, message):\n"
        source = source.replace(head, f"{head}    global wanted\n")
    if mistake == "takes a number again":
        source = source.replace("INSERT INTO events", "INSERT OR REPLACE INTO events").replace(
            "elif number > through", "if number > through"
        )
        head = "def event(client, said):\n"
        source = source.replace(head, f"{head}    global through\n")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(source, encoding="utf-8")
    file = shlex.quote(str(tmp_path / "wrong.db"))
    command = f"{sys.executable} {shlex.quote(str(wrong))} "
    command += f"{{host}} {{port}} {{site}} {{gate}} {file} {{key}}"
    steps = ("asks", "acknowledges", step)
    gate = mistake.replace(" ", "-").replace("'", "")
    report = judged(broker, command, gate, "example", steps, 8.0, lambda: False)
    assert step in report.failed(), report.text()
    # What it does right is not held against it.
    assert report.failed() == [step]


def test_the_command_writes_a_report_for_people_for_programs_and_for_ci(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    wrong = tmp_path / "wrong.py"
    step, old, new = WRONG["believes anybody"]
    wrong.write_text(SCRIPT.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    start = f"{sys.executable} {wrong} {{host}} {{port}} {{site}} {{gate}} {tmp_path}/w.db {{key}}"
    files = ["--report", str(tmp_path / "r.json"), "--junit", str(tmp_path / "r.xml")]
    run = CliRunner().invoke(
        app,
        ["check-receiver", "--consumer", "example", "--patience", "8", "--start", start, *files],
    )
    assert run.exit_code == 1
    assert f"FAILED ({step}" in run.stdout
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert not report["good"]
    assert [check["name"] for check in report["checks"]] == list(STEPS)
    suite = ElementTree.parse(tmp_path / "r.xml").getroot()
    assert int(suite.get("tests")) == len(STEPS)
    assert suite.find(f"testcase[@name='{step}']/failure") is not None
    asked = CliRunner().invoke(app, ["check-receiver", "--list"])
    assert all(line.split()[0] in STEPS for line in asked.stdout.splitlines())
    assert CliRunner().invoke(app, ["check-receiver", "--broker", "nowhere"]).exit_code == 2
