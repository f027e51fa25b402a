"""Settings: every mistake with its place and cure."""

import tomllib
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from edge.config import ConfigError, CoverConfig, TasmotaConfig, Wire, load
from edge.lane.policy import policy_of

GOOD = """
site = "kim-thanh"
gate = "dev"
data_folder = "../data"

[wires.bus1]
kind = "serial"
port = "/tmp/gate-sim/bus1"
baud = 9600

[lanes.out1]
name = "Làn xuất 1"
direction = "export"
read_wait_s = 6.0

[lanes.out1.camera]
source = "http://127.0.0.1:8554/out1.mjpeg"
stop_line = 0.62

[lanes.out1.barrier]
wire = "bus1"
board = "waveshare"
address = 1

[customs]
host = "127.0.0.1"
port = 1883

[platform]
url = "http://127.0.0.1:8090"

[console]
port = 8080
"""


def problems(tmp_path, text):
    file = tmp_path / "gate.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(file)
    return raised.value.problems


@pytest.mark.parametrize("name", ["gate.toml", "site.example.toml"])
def test_the_shipped_configurations_are_valid(name):
    assert load(Path(__file__).parents[2] / "config" / name).lanes


def test_an_unknown_key_is_named_with_its_cure(tmp_path):
    (problem,) = problems(tmp_path, GOOD.replace("read_wait_s", "read_weit_s"))
    assert "lanes.out1.read_weit_s" in problem
    assert "unknown key" in problem


def test_a_wrong_type_is_named_with_what_was_found(tmp_path):
    (problem,) = problems(tmp_path, GOOD.replace("baud = 9600", 'baud = "fast"'))
    assert "wires.bus1" in problem
    assert "fast" in problem


def test_a_value_out_of_range_is_named(tmp_path):
    (problem,) = problems(tmp_path, GOOD.replace("stop_line = 0.62", "stop_line = 62"))
    assert "stop_line" in problem


def test_every_mistake_is_told_at_once(tmp_path):
    text = GOOD.replace("stop_line = 0.62", "stop_line = 62").replace("port = 1883", "port = 0")
    assert len(problems(tmp_path, text)) == 2


@pytest.mark.parametrize(
    ("names", "word"), [([], "at least one"), (["platform"], "own"), (["a", "a"], "each")]
)
def test_receivers_need_names_of_their_own(tmp_path, names, word):
    consumers = ", ".join(f'{{ name = "{name}" }}' for name in names)
    text = GOOD.replace("[customs]\n", f"[customs]\nconsumers = [{consumers}]\n")
    (problem,) = problems(tmp_path, text)
    assert "customs.consumers" in problem
    assert word in problem


def test_a_lane_on_a_wire_that_is_not_there_is_named(tmp_path):
    (problem,) = problems(tmp_path, GOOD.replace('wire = "bus1"', 'wire = "bus9"'))
    assert "bus9" in problem
    assert "bus1" in problem


def test_broken_toml_and_missing_files_are_told(tmp_path):
    assert "not valid TOML" in problems(tmp_path, "site = ")[0]
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "absent.toml")


def test_paths_are_taken_from_the_files_folder(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert load(file).data_folder == tmp_path / "../data"


ISAPI_WIRE = '[wires.cam]\nkind = "isapi"\nurl = "http://192.168.1.9"\npassword_file = "p"\n'


def with_barrier(barrier, wires=""):
    return GOOD.replace("[lanes.out1]\n", wires + "\n[lanes.out1]\n").replace(
        'wire = "bus1"\nboard = "waveshare"\naddress = 1\n', barrier
    )


@pytest.mark.parametrize(
    ("barrier", "wires", "words"),
    [
        ('wire = "usb"', '[wires.usb]\nkind = "lcus"\nport = "/dev/x"\n', "bench = true"),
        ('wire = "bus1"\noutputs = { open = 1, close = 1 }', "", "share a channel"),
        ('wire = "bus1"\noutputs = { opne = 1 }', "", "no 'opne'"),
        ('wire = "bus1"\ninputs = { saftey_loop = 1 }', "", "no 'saftey_loop'"),
        ('wire = "bus1"\ninputs = { stop = 1 }', "", "without a safety input"),
        ('wire = "cam"\nfresh_s = 1.0', ISAPI_WIRE, "without a safety input"),
        ('wire = "m"', '[wires.m]\nkind = "mqtt"\nhost = "h"\n', "[cover] or a [tasmota]"),
        ('wire = "bus1"\ninputs_wire = "cam"', ISAPI_WIRE, "has no inputs"),
        ('wire = "bus1"\ninputs_wire = "none"', "", "no wire 'none'"),
    ],
)
def test_a_wiring_that_cannot_be_is_told_with_its_cure(tmp_path, barrier, wires, words):
    reported = problems(tmp_path, with_barrier(barrier + "\n", wires))
    assert all("lanes.out1.barrier" in problem for problem in reported)
    assert any(words in problem for problem in reported)


def test_two_lanes_on_one_boards_channels_are_told(tmp_path):
    second = (
        '[lanes.in1]\ndirection = "import"\n[lanes.in1.camera]\nsource = "rtsp://h/s"\n'
        '[lanes.in1.barrier]\nwire = "bus1"\naddress = 1\n\n[customs]\n'
    )
    (problem,) = problems(tmp_path, GOOD.replace("[customs]\n", second))
    assert "already belongs to lane out1" in problem


def test_a_gate_that_never_closes_needs_no_safety_input(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(with_barrier('wire = "cam"\nnever_closes = true\n', ISAPI_WIRE))
    assert load(file).lanes["out1"].barrier.never_closes


def test_the_example_shows_every_kind_of_wire_as_it_must_be_written():
    text = (Path(__file__).parents[2] / "config" / "site.example.toml").read_text(encoding="utf-8")
    shown = text[text.index("# [wires.gateway]") : text.index("\n[lanes.out1]\n")]
    raw = tomllib.loads("\n".join(line.removeprefix("# ") for line in shown.splitlines()))
    wires = TypeAdapter(dict[str, Wire]).validate_python(raw["wires"])
    assert {w.kind for w in wires.values()} == {"tcp", "isapi", "mqtt", "gpio", "lcus", "shelly"}
    sections = raw["lanes"]["out1"]["barrier"]
    assert CoverConfig.model_validate(sections["cover"]).open == "OPEN"
    assert TasmotaConfig.model_validate(sections["tasmota"]).topic == "barrier-out1"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("read_wait_s", 'clearances_needed = ["custom"]\nread_wait_s', "clearances_needed"),
        ('site = "', 'authority_names = { police = "x" }\nsite = "', "authority_names"),
        ("[console]", '[platform.words]\nauthorities = { X = "cusoms" }\n[console]', "words"),
    ],
)
def test_an_authority_that_is_not_there_is_named(tmp_path, old, new, words):
    (problem,) = problems(tmp_path, GOOD.replace(old, new, 1))
    assert words in problem
    assert "known: border_guard, customs, quarantine, yard" in problem


def test_a_platforms_word_must_mean_one_of_ours(tmp_path):
    text = GOOD.replace("[console]", '[platform.words]\nstates = { ok = "yes" }\n[console]')
    (problem,) = problems(tmp_path, text)
    assert "platform.http.words.states.ok" in problem
    assert "'active', 'held', 'cancelled', 'used'" in problem


def test_authorities_of_the_sites_own_are_asked_of_each_lane(tmp_path):
    file = tmp_path / "gate.toml"
    own = 'authorities = ["port", "police"]\nauthority_names = { port = "Cảng vụ" }\nsite = "'
    file.write_text(GOOD.replace('site = "', own, 1), encoding="utf-8")
    settings = load(file)
    assert policy_of(settings, "out1", settings.lanes["out1"]).clearances == ("port", "police")
