"""`gate barrier` as a technician uses it: the real command line on a real pty with a twin board."""

import json
import os
import pty
import subprocess
import sys
import threading
import time

import pytest

from simulator.barrier.hardware import OUTPUTS
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.rig import INPUTS
from simulator.world import LaneWorld
from tests.support.builders import a_configuration
from tests.support.command_line import gate
from tests.support.waiting import wait_for


@pytest.fixture
def site(tmp_path):
    world = LaneWorld("out1", time.monotonic, 0.8)
    boards = SerialBoards({1: Board(world, OUTPUTS, INPUTS, ("stop",))})
    boards.start()
    world.boards = boards
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration(port=boards.port))
    world_and_file = type("Site", (), {"world": world, "config": file, "boards": boards})
    yield world_and_file
    boards.stop()


def barrier(*arguments, stdin=""):
    return gate("barrier", *arguments, stdin=stdin)


def test_a_technician_is_walked_through_and_gets_the_travel_time(site, tmp_path):
    found = tmp_path / "found.toml"
    # No inputs one by one; open, close, green (lit: yes), red (no).
    done = barrier(
        "test", "out1", "--config", site.config, "--write", found, stdin="n\ny\ny\ny\ny\nn\n"
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert "limit_open after" in done.stdout
    assert "limit_closed after" in done.stdout
    text = found.read_text()
    assert text in done.stdout
    assert "[lanes.out1.barrier]" in text
    seconds = float(text.split("travel_s = ")[1])
    assert seconds >= 0.8
    assert "open = 1, close = 2, green = 3" in text


def test_enter_alone_moves_nothing(site):
    done = barrier("test", "out1", "--config", site.config, stdin="\n" * 12)
    assert done.returncode == 0
    assert site.world.arm.pulses == 0
    assert all(pdu[0] == 2 for _, _, pdu in site.boards.seen)


def test_an_arm_with_something_under_it_is_not_closed(site):
    site.world.arm.position = 1.0
    site.world.overrides["photocell"] = True
    done = barrier("test", "out1", "--config", site.config, stdin="n\nn\ny\nn\nn\n")
    assert "not done: something is, or may be, under the arm" in done.stdout
    assert site.world.arm.position == 1.0


def test_an_arm_that_comes_down_on_something_is_turned(site):
    site.world.arm.position = 1.0
    site.world.arm.travel_s = 4.0

    def comes_under():
        wait_for(lambda: site.world.arm.closing, every=0.01)
        site.world.overrides["safety_loop"] = True

    threading.Thread(target=comes_under, daemon=True).start()
    done = barrier("test", "out1", "--config", site.config, stdin="n\nn\ny\nn\nn\n")
    assert "turned" in done.stdout, done.stdout + done.stderr
    assert site.world.arm.direction == 1 or site.world.arm.position > 0.5


def test_watch_tells_changes_as_json(site):
    def toggles():
        # Once it has surely shown what was there before.
        wait_for(lambda: len(site.boards.seen) > 5, every=0.01)
        site.world.overrides["entry_loop"] = True

    threading.Thread(target=toggles, daemon=True).start()
    done = barrier("watch", "out1", "--config", site.config, "--seconds", 3, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["inputs"]["entry_loop"] for line in lines] == [False, True]
    assert lines[0]["inputs"]["limit_closed"] is True


def test_watch_goes_on_when_the_board_does_not_answer(site):
    site.boards.silent = True
    done = barrier("watch", "out1", "--config", site.config, "--seconds", 1)
    assert done.returncode == 0
    assert "does not answer" in done.stdout


def test_watch_shows_a_live_table_on_a_terminal(site):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "edge", "barrier", "watch", "out1", "--config"]
    process = subprocess.Popen(
        [*command, str(site.config), "--seconds", "1"], stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 4096):
            text += piece
    except OSError:
        # The terminal's other end is closed.
        pass
    os.close(ours)
    assert process.wait(60) == 0
    assert b"safety_loop" in text
    assert b"changes" in text


def test_a_recorded_wire_is_replayed_with_the_guards_decisions(site, tmp_path):
    trace = tmp_path / "out1.jsonl"

    def drives_through():
        wait_for(lambda: site.boards.seen, every=0.01)
        for name, seconds in (("limit_closed", 0.5), ("limit_open", 1.0)):
            site.world.overrides = {
                "limit_open": name == "limit_open",
                "limit_closed": name == "limit_closed",
            }
            time.sleep(seconds)

    threading.Thread(target=drives_through, daemon=True).start()
    done = barrier(
        "trace", "record", "out1", "--config", site.config, "--file", trace, "--seconds", 2.5
    )
    assert done.returncode == 0, done.stderr
    recorded = [json.loads(line) for line in trace.read_text().splitlines()]
    assert recorded[0]["lane"] == "out1"
    assert any(entry.get("asked") == "0200000008" for entry in recorded)
    shown = barrier("trace", "replay", trace, "--config", site.config, "--json")
    arms = [json.loads(line).get("phase") for line in shown.stdout.splitlines()]
    assert [arm for arm in arms if arm] == ["closed", "stopped", "open"]


def test_a_trace_that_is_none_is_told_with_its_line(site, tmp_path):
    trace = tmp_path / "bad.jsonl"
    trace.write_text('{"t": 0, "lane": "out1"}\nnonsense\n{"t": 1}\n')
    done = barrier("trace", "replay", trace, "--config", site.config)
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_port_is_told_with_lane_and_cure(site):
    site.config.write_text(site.config.read_text().replace(site.boards.port, "/dev/ttyNONE"))
    done = barrier("watch", "out1", "--config", site.config, "--seconds", 1)
    assert done.returncode == 1
    assert "lane out1" in done.stderr
    assert "adapter" in done.stderr


PERMITTED = OUTPUTS | {"permit": 5}


@pytest.fixture(params=["in series", "not wired"])
def permitted(request, tmp_path):
    """A board with a permit relay, which is in series with the barrier's close, or is not."""
    world = LaneWorld("out1", time.monotonic, 3.0)
    world.arm.position = 1.0
    outputs = PERMITTED if request.param == "in series" else OUTPUTS
    boards = SerialBoards({1: Board(world, outputs, INPUTS, ("stop",))})
    boards.start()
    file = tmp_path / "gate.toml"
    wired = ", ".join(f"{name} = {channel}" for name, channel in PERMITTED.items())
    lines = f"travel_s = 3.5\ntravel_margin_s = 0.5\noutputs = {{ {wired} }}"
    file.write_text(a_configuration(port=boards.port, barrier=lines))
    yield type("Site", (), {"world": world, "config": file, "wired": outputs is PERMITTED})
    boards.stop()


def test_commissioning_proves_that_the_close_is_cut_when_nobody_renews_the_permit(permitted):
    # No inputs one by one; neither open, close, green nor red; the permit.
    done = barrier("test", "out1", "--config", permitted.config, stdin="n\nn\nn\nn\nn\ny\n")
    assert done.returncode == 0, done.stderr + done.stdout
    if permitted.wired:
        assert "cut: the arm stopped on its way" in done.stdout, done.stdout
        wait_for(lambda: permitted.world.arm.move(time.monotonic()) == 1.0)
    else:
        assert "NOT cut" in done.stdout, done.stdout


def test_the_keys_of_a_board_profile_are_listed():
    done = gate("config", "keys", "--board")
    assert done.returncode == 0
    assert "board_ends_pulses: boolean (required)" in done.stdout
    assert "inputs.function: 1 | 2 | 3 | 4 = 2" in done.stdout
    assert "[watchdog]" in done.stdout


class Beam(LaneWorld):
    """Its photocell has a test input."""

    blind = False

    def drive(self, output, on):
        super().drive(output, on)
        if output == "photocell_test":
            self.overrides["photocell"] = on and not self.blind


@pytest.mark.parametrize("blind", [False, True])
def test_commissioning_tries_the_photocells_test(blind, tmp_path):
    world = Beam("out1", time.monotonic, 0.8)
    world.blind = blind
    outputs = {"open": 1, "close": 2, "photocell_test": 5}
    boards = SerialBoards({1: Board(world, outputs, INPUTS, ("stop",))})
    boards.start()
    file = tmp_path / "gate.toml"
    wired = ", ".join(f"{name} = {channel}" for name, channel in outputs.items())
    file.write_text(a_configuration(port=boards.port, barrier=f"outputs = {{ {wired} }}"))
    # No inputs one by one; neither open nor close; the test, which worked or not.
    done = barrier("test", "out1", "--config", file, stdin="n\nn\nn\ny\nn\n")
    boards.stop()
    assert done.returncode == 0, done.stderr + done.stdout
    assert f"photocell: {'noticed NOTHING' if blind else 'noticed it'}" in done.stdout
    assert world.overrides["photocell"] is False


WATCHED = """
name = "with a watchdog"
board_ends_pulses = false
[inputs]
[switch]
reads_back = READS
[watchdog]
after_ms = 600
writes = [[0x1120, 600]]
"""


class Asleep(Board):
    """Its watchdog takes the time, and does nothing."""

    def tick(self):
        self.after_s = 0.0
        super().tick()


@pytest.mark.parametrize(
    ("make", "reads", "says"),
    [(Board, "true", ""), (Board, "false", "y\n"), (Asleep, "true", ""), (Asleep, "false", "n\n")],
)
def test_commissioning_proves_that_a_boards_watchdog_releases_its_relays(
    make, reads, says, tmp_path
):
    """A board that does not report its relays is looked at by a person."""
    world = LaneWorld("out1", time.monotonic, 0.8)
    board = make(world, OUTPUTS, INPUTS, ("stop",), watchdog=0x1120)
    boards = SerialBoards({1: board})
    boards.start()
    (tmp_path / "watched.toml").write_text(WATCHED.replace("READS", reads))
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration(port=boards.port, barrier='board = "watched.toml"'))
    # No inputs one by one; neither open, close, green nor red; the watchdog.
    done = barrier("test", "out1", "--config", file, stdin="n\nn\nn\nn\nn\ny\n" + says)
    boards.stop()
    assert done.returncode == 0, done.stderr + done.stdout
    released = "the board's watchdog releases its relays"
    assert (released if make is Board else "NOT released") in done.stdout
    assert not any(board.relays.values())
    assert world.arm.pulses == 0


def test_a_recorded_fault_of_the_drive_stops_the_arm_in_the_replay_too(tmp_path):
    file = tmp_path / "gate.toml"
    inputs = "inputs = { safety_loop = 1, limit_open = 2, limit_closed = 3, drive_fault = 4 }"
    file.write_text(a_configuration(barrier=inputs))
    rest = {"safety_loop": False, "limit_open": False, "limit_closed": True, "drive_fault": False}
    moves = {**rest, "limit_closed": False}
    lines = [{"t": n / 10, "lane": "out1", "inputs": rest} for n in range(10)]
    lines += [{"t": 1.0, "pulse": "open", "s": 0.5}]
    lines += [{"t": 1.1 + n / 10, "inputs": moves} for n in range(5)]
    lines += [{"t": 1.7 + n / 10, "inputs": {**moves, "drive_fault": True}} for n in range(3)]
    recorded = tmp_path / "trace.jsonl"
    recorded.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = barrier("trace", "replay", recorded, "--config", file, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(line.get("code") == "drive_fault" for line in told)
    assert any(line.get("phase") == "stopped" and line["t"] >= 1.7 for line in told), told
