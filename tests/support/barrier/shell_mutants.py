"""Small mistakes in what lies around the guard's core, each judged by the tests of its module.

`python -m tests.support.barrier.shell_mutants [MODULE ...]` plants them one at a time and prints
those that no test notices; it takes long, so `make mutants` runs it and no other target does.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys

import pytest

from tests.support.barrier import mutants

CORE, GUARD, WIRES = "tests/barrier/core/", "tests/barrier/guard/", "tests/barrier/wires/"
LATE, BOARDS = "tests/contract/test_late_delivery.py", "tests/contract/test_boards.py"

HELD = "test_what_a_serial_adapter_still_holds_of_an_unanswered_command_is_thrown_away"
LOST = "test_so_many_lost_turning_frames_cost_so_much"
LAY = "test_an_answer_that_lay_in_the_buffer_while_the_computer_stood_still_is_none"

JUDGED = {
    "edge.barrier.wires.serial": [f"{WIRES}test_serial_line.py", f"{LATE}::{HELD}",
                                  f"{LATE}::{LAY}"],
    "edge.barrier.wires.tcp": [f"{WIRES}test_tcp_line.py"],
    "edge.barrier.wires.modbus": [f"{WIRES}test_modbus.py"],
    "edge.barrier.wires.reconnecting": [f"{WIRES}test_reconnecting.py"],
    "edge.barrier.boards.modbus": [BOARDS],
    "edge.barrier.boards.composite": [f"{GUARD}test_settings.py", "tests/contract/test_drivers.py"],
    "edge.barrier.core.safety": [f"{CORE}test_seeing.py", f"{CORE}test_outage.py",
                                 f"{CORE}test_safety.py",
                                 f"{CORE}test_second_world.py", f"{CORE}test_crossing.py",
                                 f"{CORE}test_foreign_world.py", f"{CORE}test_motion.py",
                                 f"{CORE}test_fronts.py", f"{CORE}test_requests.py"],
    "edge.barrier.core.travel": [f"{CORE}test_travel.py", f"{CORE}test_motion.py"],
    "edge.barrier.core.polling": [f"{CORE}test_polling.py"],
    "edge.barrier.guard.guard": [f"{GUARD}test_settings.py", f"{GUARD}test_status.py"],
    "edge.barrier.guard.link": [f"{GUARD}test_link.py"],
    "edge.barrier.guard.lane_loop": [f"{GUARD}test_settings.py", f"{GUARD}test_bad_answers.py",
                                     f"{GUARD}test_faulty_wires.py", f"{GUARD}test_site.py",
                                     f"{GUARD}test_lost_turns.py::{LOST}"],
    "edge.barrier.guard.wire_loop": [f"{GUARD}test_settings.py", f"{GUARD}test_faulty_wires.py"],
    "edge.barrier.commissioning": ["tests/barrier/test_commissioning.py"],
}  # fmt: skip
"""Module -> the files of tests, or single tests, that know it."""


AT_IMPORT = "its table is made when the module is read; the vendors' bytes hold it"
ONCE_MORE = "a move more or less in one step: the next input makes it, some milliseconds later"
NO_MORE = "one more look at a port that has nothing, at no cost"
STOPS = "the stop takes every wish by itself"

SAME = "done.barrier.phase is before.phase"
AGAIN = "not before.modes.stop_ordered"
EXPLAINED = {
    "modbus._crc_of always 'byte >> 1 ^ 40961'": AT_IMPORT,
    "modbus._crc_of always 'byte >> 1'": AT_IMPORT,
    f"safety.step never '{SAME} and ({AGAIN})'": ONCE_MORE,
    f"safety.step without '{SAME}'": ONCE_MORE,
    f"safety.step without '{AGAIN}'": ONCE_MORE,
    f"safety.step without {AGAIN[:3]} '{AGAIN[4:]}'": ONCE_MORE,
    "safety.step turned round": ONCE_MORE,
    "serial._receive without 'not more'": NO_MORE,
    "serial._receive without 'left == 0.0'": NO_MORE,
    "serial._why without 'len(sent) != len(frame)'": "an answer of that length that begins so fits",
    "safety._see without 'b.phase is Phase.UNREAD'": STOPS,
    "safety._pressed without 'b.input_state.on('stop')'": STOPS,
}
"""What may be left out, and why that changes nothing that anybody relies on."""


HANGS_S = 120
"""A mistake may make a test wait for ever; so long is longer than any of them takes."""


def noticed(files: list[str]) -> bool:
    """Whether one of the tests fails."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        given = ["-x", "-q", "-p", "no:cacheprovider", f"--timeout={HANGS_S}"]
        return pytest.main([*given, *files]) != 0


def main(names: list[str]) -> int:
    survivors = 0
    for name in names or JUDGED:
        if noticed(JUDGED[name]):
            print(f"{name}: its tests fail without any mistake", flush=True)
            return 2
        for mutant in mutants.of(importlib.import_module(name)):
            with mutants.planted(mutant):
                if mutant.what not in EXPLAINED and not noticed(JUDGED[name]):
                    survivors += 1
                    print(f"unnoticed: {mutant.what}, line {mutant.line}", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
