"""A channel that is not there is refused, on every kind of wire: what lies beside the boards own is
another contact, or another command of the board.
"""

import pytest

from edge.config import ConfigError, load
from tests.support.builders import a_configuration
from tests.support.command_line import gate

DRIVEN = "outputs = { open = 4, close = 5 }"
SAFE = "inputs = { entry_loop = 1, safety_loop = 2 }"

WIRES = """
[wires.tcp]
kind = "tcp"
host = "10.0.0.9"
[wires.usb]
kind = "lcus"
port = "/dev/absent-lcus"
[wires.pins]
kind = "gpio"
timing_relays = true
lines = 8
[wires.cam]
kind = "isapi"
url = "http://10.0.0.8"
password_file = "p"
[wires.site]
kind = "mqtt"
host = "10.0.0.7"
"""
COVER = '[lanes.out1.barrier.cover]\ncommand = "c"\nstate = "s"\navailability = "a"\n'
TASMOTA = '[lanes.out1.barrier.tasmota]\ntopic = "t"\n'

KINDS = {
    "modbus rtu": ('wire = "bus"', ""),
    "modbus tcp": ('wire = "tcp"', ""),
    "generic profile": ('wire = "bus"\nboard = "generic"\nbench = true', ""),
    "r421a": ('wire = "bus"\nboard = "r421a"\npulse_s = 1.0', ""),
    "gpio": ('wire = "pins"\nbench = true', ""),
    "lcus": ('wire = "usb"\nbench = true\ninputs_wire = "bus"', ""),
    "tasmota": ('wire = "site"\ninputs_wire = "bus"', TASMOTA),
    "a camera's lamps and inputs": ('wire = "cam"\ninputs_wire = "bus"\nfresh_s = 1.0', ""),
    "a cover's lamps and inputs": ('wire = "site"\ninputs_wire = "pins"', COVER),
    "inputs on another board": ('wire = "bus"\ninputs_wire = "tcp"', ""),
}


def problems(tmp_path, text):
    file = tmp_path / "gate.toml"
    file.write_text(text, encoding="utf-8")
    try:
        load(file)
    except ConfigError as error:
        return [problem.removeprefix(f"{file}: ") for problem in error.problems]
    return []


def lane(barrier, more=""):
    text = a_configuration(WIRES + more).replace('wire = "bus"\n', "")
    return text.replace("[lanes.out1.barrier]\n", f"[lanes.out1.barrier]\n{barrier}\n")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channel", [0, -1, 9, 70000, "true", '"1"', "1.0"])
@pytest.mark.parametrize("what", ["safety_loop", "open", "siren"])
def test_a_channel_that_is_not_there_is_refused(tmp_path, kind, channel, what):
    wire, more = KINDS[kind]
    if what == "safety_loop":
        wiring = f"{DRIVEN}\ninputs = {{ entry_loop = 1, safety_loop = {channel} }}"
    elif what == "siren":
        wiring = f"outputs = {{ open = 4, close = 5, siren = {channel} }}\n{SAFE}"
    else:
        wiring = f"outputs = {{ open = {channel}, close = 5 }}\n{SAFE}"
    reported = problems(tmp_path, lane(f"{wire}\n{wiring}", more))
    by_name = what == "open" and kind.startswith("a ")
    if by_name and channel in (0, 9):
        assert not reported, "a cover and a camera open without a contact"
        return
    assert len(reported) == 1
    assert (
        f"lanes.out1.barrier.{'inputs' if what == 'safety_loop' else 'outputs'}.{what}"
        in reported[0]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_that_is_there_is_taken(tmp_path, kind):
    wire, more = KINDS[kind]
    last = 7 if wire.count("pins") else 8
    outputs = f"outputs = {{ open = 4, close = 5, siren = {last} }}"
    assert not problems(tmp_path, lane(f"{wire}\n{outputs}\n{SAFE}", more))


def test_the_cure_names_the_count_that_a_profile_of_ones_own_says(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'name = "x"\nboard_ends_pulses = false\n[inputs]\ncount = 4\n[switch]\ncount = 16\n'
    )
    wiring = 'wire = "bus"\nbench = true\nboard = "own.toml"\noutputs = { open = 16, close = 2 }\n'
    assert not problems(tmp_path, lane(f"{wiring}inputs = {{ safety_loop = 4 }}"))
    (reported,) = problems(tmp_path, lane(f"{wiring}inputs = {{ safety_loop = 5 }}"))
    assert "there: 1 to 4" in reported
    assert str(own) in reported


def test_a_boards_file_is_looked_for_beside_the_configuration(tmp_path, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    (site / "own.toml").write_text('name = "x"\nboard_ends_pulses = false\n[inputs]\n')
    monkeypatch.chdir(tmp_path)
    text = lane(f'wire = "bus"\nbench = true\nboard = "own.toml"\n{SAFE}')
    assert not problems(site, text)
    (reported,) = problems(tmp_path, text)
    assert f"no board profile '{tmp_path / 'own.toml'}'" in reported


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("[inputs]\ncount = 0", "inputs.count"),
        ("[inputs]\ncount = 2001", "inputs.count"),
        ("[inputs]\nstart = 65530", "65537"),
        ("[inputs]\nstart = -1", "inputs.start"),
        ("[switch]\ncount = 0", "switch.count"),
        ("[switch]\non = 65536", "switch.on"),
        ("[pulse]\nunit_ms = 0", "pulse.unit_ms"),
        ("[pulse]\nstep = 0", "pulse.step"),
        ("[pulse]\nfirst = 65530", "65537"),
        ("[pulse]\nfixed_ms = 4000\nvalue = 1", "lasts 4.0 s"),
        ("[switch]\non = true", "switch.on"),
        ("[inputs]", "board_ends_pulses without [pulse]"),
    ],
)
def test_a_profile_that_no_board_can_have_is_refused(tmp_path, profile, words):
    (tmp_path / "own.toml").write_text(f'name = "x"\nboard_ends_pulses = true\n{profile}\n')
    reported = problems(tmp_path, lane(f'wire = "bus"\nbench = true\nboard = "own.toml"\n{SAFE}'))
    assert any("lanes.out1.barrier" in t and words in t for t in reported), reported


def test_a_board_without_inputs_has_none_to_be_safe_by(tmp_path):
    (tmp_path / "own.toml").write_text('name = "x"\nboard_ends_pulses = false\n')
    reported = problems(tmp_path, lane(f'wire = "bus"\nbench = true\nboard = "own.toml"\n{SAFE}'))
    assert any("there: none" in t for t in reported)


def test_the_address_of_all_boards_is_none_boards_own(tmp_path):
    (reported,) = problems(tmp_path, lane(f'wire = "bus"\naddress = 0\n{SAFE}'))
    assert "lanes.out1.barrier.address" in reported
    assert not problems(tmp_path, lane(f'wire = "tcp"\naddress = 0\n{SAFE}'))


def test_line_0_of_a_chip_is_a_contact_where_the_wire_says_so(tmp_path):
    text = lane('wire = "pins"\noutputs = { open = 0, close = 5 }\ninputs = { safety_loop = 1 }')
    assert problems(tmp_path, text)
    assert not problems(tmp_path, text.replace("lines = 8", "lines = 8\nfirst_line = 0"))


def test_a_line_of_a_chip_is_either_an_input_or_an_output(tmp_path):
    text = lane('wire = "pins"\noutputs = { open = 3, close = 5 }\ninputs = { safety_loop = 3 }')
    (reported,) = problems(tmp_path, text)
    assert "line 3" in reported


SECOND = '[lanes.in1]\ndirection = "import"\n[lanes.in1.camera]\nsource = "rtsp://h/s"\n[lanes.in1.barrier]\n'


@pytest.mark.parametrize(
    ("first", "second", "sections"),
    [
        ('wire = "bus"', 'wire = "bus"', ("", "")),
        (
            'wire = "bus"',
            'wire = "bus"\nbench = true\nboard = "generic"\ninputs = { safety_loop = 8 }\n'
            "outputs = { open = 7, close = 8 }",
            ("", ""),
        ),
        ('wire = "pins"\noutputs = { open = 1, close = 2 }\ninputs = { safety_loop = 3 }',
         'wire = "pins"\noutputs = { open = 3, close = 4 }\ninputs = { safety_loop = 5 }',
         ("", "")),
        ('wire = "usb"\nbench = true\nnever_closes = true\noutputs = { open = 1 }',
         'wire = "usb"\nbench = true\nnever_closes = true\noutputs = { open = 1 }', ("", "")),
        ('wire = "cam"\nnever_closes = true', 'wire = "cam"\nnever_closes = true', ("", "")),
        ('wire = "site"\nnever_closes = true', 'wire = "site"\nnever_closes = true',
         (COVER, COVER)),
        ('wire = "site"\nnever_closes = true', 'wire = "site"\nnever_closes = true',
         (TASMOTA, TASMOTA)),
    ],
)  # fmt: skip
def test_two_lanes_that_move_or_read_the_same_are_refused(tmp_path, first, second, sections):
    its = sections[1].replace("lanes.out1", "lanes.in1")
    text = lane(first, sections[0]) + SECOND + second + "\n" + its
    reported = problems(tmp_path, text)
    assert any("lanes.in1.barrier" in t and "out1" in t for t in reported), reported


@pytest.mark.parametrize(
    "again",
    [
        '[wires.two]\nkind = "serial"\nport = "PORT"\n',
        '[wires.two]\nkind = "lcus"\nport = "LINK"\n',
        '[lanes.out1.display]\nkind = "alpha"\nport = "LINK"\n',
        '[wires.two]\nkind = "tcp"\nhost = "10.0.0.9"\nport = 502\n',
        '[wires.two]\nkind = "gpio"\nchip = "/dev/../dev/gpiochip0"\n',
        '[wires.two]\nkind = "isapi"\nurl = "http://10.0.0.8:80/"\npassword_file = "p"\n',
    ],
)
def test_one_device_under_two_names_is_refused(tmp_path, again):
    port, link = tmp_path / "ttyUSB0", tmp_path / "by-id"
    port.touch()
    link.symlink_to(port)
    more = WIRES + again.replace("PORT", str(port)).replace("LINK", str(link))
    text = a_configuration(more, port=str(port))
    (reported,) = problems(tmp_path, text)
    assert "already wires." in reported


def test_check_doctor_run_and_watch_all_refuse_it(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(lane('wire = "bus"\ninputs = { safety_loop = 9 }'), encoding="utf-8")
    for command in (
        ["config", "check", file],
        ["doctor", "--config", file],
        ["run", "--config", file],
        ["barrier", "watch", "out1", "--config", file],
    ):
        done = gate(*command)
        assert done.returncode == 2, command
        assert "lanes.out1.barrier.inputs.safety_loop" in done.stderr
        assert "Traceback" not in done.stderr


SITES = (
    '[wires.s2]\nkind = "mqtt"\nhost = "10.0.0.7"\nport = 8883\nusername = "other"\n',
    '[wires.s2]\nkind = "mqtt"\nhost = "::ffff:10.0.0.7"\n',
)


@pytest.mark.parametrize("site", SITES)
def test_one_covers_topic_is_nobody_elses_by_whichever_door_of_the_broker(tmp_path, site):
    its = COVER.replace("out1", "in1")
    text = lane('wire = "site"\nnever_closes = true', COVER) + site + SECOND
    text += f'wire = "s2"\nnever_closes = true\n{its}'
    assert any("cover.command" in t and "out1" in t for t in problems(tmp_path, text))


def test_two_arms_are_not_judged_by_one_state(tmp_path):
    its = '[lanes.in1.barrier.cover]\ncommand = "c2"\nstate = "s"\navailability = "a"\n'
    text = lane('wire = "site"\nnever_closes = true', COVER) + SECOND
    text += f'wire = "site"\nnever_closes = true\n{its}'
    assert any("in1.barrier.cover.state" in t for t in problems(tmp_path, text))
    assert not problems(tmp_path, text.replace('c2"\nstate = "s"', 'c2"\nstate = "s2"'))


@pytest.mark.parametrize(
    "line",
    [
        'open = "X"\nclose = "X"',
        'stop = "CLOSE"',
        'stop = "OPEN"',
        'open = ""',
        'online = ""',
        'command = "#"',
        'command = "a/+/b"',
        'command = ""',
        'command = "c "',
        f'command = "{"x" * 70000}"',
        'command = "s"',
        'command = "a"',
        'state = "a/#"',
        'availability = "+"',
    ],
)
def test_a_cover_must_be_told_apart_what_to_do_and_by_whom(tmp_path, line):
    key = line.split(" ")[0]
    rest = "".join(f"{x}\n" for x in COVER.splitlines() if not x.startswith(f"{key} "))
    more = f"{rest}{line}\n"
    (reported,) = problems(tmp_path, lane(f'wire = "site"\ninputs_wire = "bus"\n{SAFE}', more))
    assert "lanes.out1.barrier.cover" in reported


@pytest.mark.parametrize("section", [COVER, TASMOTA])
def test_a_section_of_mqtt_below_another_wire_is_refused(tmp_path, section):
    (reported,) = problems(tmp_path, lane(f'wire = "bus"\n{SAFE}', section))
    assert "'bus' is a serial wire" in reported


@pytest.mark.parametrize("outputs", ["close = 2", "close = 2, stop = 5"])
@pytest.mark.parametrize("kind", ["modbus rtu", "modbus tcp", "gpio", "lcus", "tasmota"])
def test_an_arm_that_cannot_be_turned_is_not_closed(tmp_path, kind, outputs):
    wire, more = KINDS[kind]
    inputs = SAFE.replace("entry_loop = 1, safety_loop = 2", "safety_loop = 3")
    text = lane(f"{wire}\noutputs = {{ {outputs} }}\n{inputs}", more)
    (reported,) = problems(tmp_path, text)
    assert "close is wired without open" in reported


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("localhost", "127.0.0.1"),
        ("::1", "0:0:0:0:0:0:0:1"),
        ("127.0.0.1", "127.1"),
        ("10.0.0.4", "167772164"),
        ("10.0.0.4", "::ffff:10.0.0.4"),
        ("gw.example", "GW.example."),
    ],
)
def test_one_gateway_spelled_in_two_ways_is_one_device(tmp_path, one, other):
    text = "".join(
        f'[wires.{n}]\nkind = "tcp"\nhost = "{h}"\n' for n, h in (("x", one), ("y", other))
    )
    (reported,) = problems(tmp_path, a_configuration(text))
    assert reported.startswith("wires.y: ")


@pytest.mark.parametrize("line", ["bench = 1", 'bench = "yes"', 'never_closes = "on"'])
def test_consent_is_true_and_nothing_else(tmp_path, line):
    (reported,) = problems(tmp_path, lane(f'wire = "bus"\n{SAFE}\n{line}'))
    assert f"lanes.out1.barrier.{line.split()[0]}: " in reported


@pytest.mark.parametrize("barrier", ['wire = "pins"', 'wire = "bus"\nboard = "generic"'])
def test_a_pulse_that_only_the_gate_ends_is_for_the_bench_or_has_a_timing_relay(tmp_path, barrier):
    contacts = "outputs = { open = 1, close = 2 }\ninputs = { safety_loop = 5 }"
    timed = lane(f"{barrier}\n{contacts}")
    bare = timed.replace("timing_relays = true\n", "")
    reported = problems(tmp_path, bare)
    assert [r.partition(":")[0] for r in reported] == [
        "lanes.out1.barrier.outputs.open",
        "lanes.out1.barrier.outputs.close",
    ]
    assert "bench = true" in reported[0]
    assert problems(tmp_path, bare.replace(barrier, f"{barrier}\nbench = true")) == []
    assert bool(problems(tmp_path, timed)) == ("generic" in barrier)


def test_a_permit_that_would_outlive_the_gate_is_none(tmp_path):
    contacts = "outputs = { open = 1, close = 2, permit = 7 }\ninputs = { safety_loop = 5 }"
    bare = lane(f'wire = "pins"\nbench = true\n{contacts}').replace("timing_relays = true\n", "")
    (reported,) = problems(tmp_path, bare)
    assert reported.startswith("lanes.out1.barrier.outputs.permit: ")
    assert problems(tmp_path, lane(f'wire = "bus"\n{contacts}')) == []


def test_inputs_in_registers_end_where_one_answer_ends(tmp_path):
    file = tmp_path / "own.toml"
    for inputs, bad in (
        ("function = 3\ncount = 2000", ""),
        ('function = 4\ncount = 125\npacking = "each"', ""),
        ('function = 4\ncount = 126\npacking = "each"', "one answer holds 125"),
        ('function = 2\npacking = "each"', "needs function 3 or 4"),
    ):
        file.write_text(f'name = "x"\nboard_ends_pulses = false\n[inputs]\n{inputs}\n')
        reported = problems(tmp_path, lane(f'wire = "bus"\nbench = true\nboard = "{file}"'))
        assert bool(reported) == bool(bad), reported
        assert bad in "".join(reported)


def test_a_shelly_of_the_first_generation_times_whole_seconds(tmp_path):
    wire = '[wires.relay]\nkind = "shelly"\nurl = "http://10.0.0.9"\ngeneration = 1\n'
    outputs = "outputs = { open = 1, close = 2 }"
    barrier = f'wire = "relay"\ninputs_wire = "bus"\n{outputs}'
    (reported,) = problems(tmp_path, lane(barrier, wire))
    assert reported.startswith("lanes.out1.barrier.pulse_s: generation 1")
    assert problems(tmp_path, lane(f"{barrier}\npulse_s = 1.0", wire)) == []
    assert problems(tmp_path, lane(barrier, wire.replace("generation = 1\n", ""))) == []


def test_relays_behind_http_have_no_inputs_of_their_own(tmp_path):
    for kind in ("shelly", "controlbyweb", "onvif"):
        wire = f'[wires.relay]\nkind = "{kind}"\nurl = "http://10.0.0.9"\nrelays = 2\n'
        reported = problems(
            tmp_path, lane('wire = "relay"\noutputs = { open = 1, close = 3 }', wire)
        )
        assert any("lanes.out1.barrier.inputs: close is wired" in r for r in reported), reported
        barrier = 'wire = "relay"\ninputs_wire = "bus"\noutputs = { open = 1, close = 3 }'
        (reported,) = problems(tmp_path, lane(barrier, wire))
        assert reported.startswith("lanes.out1.barrier.outputs.close: no output 3")
