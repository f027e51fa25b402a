"""A scanner on a serial port: its lines become codes, whatever else comes over the wire."""

import os
import pty
import tty

import pytest

from edge.domain.facts import CodeSeen
from edge.scanner.lines import LONGEST, Lines
from edge.scanner.scanners import Scanner
from tests.support.codes import Issuer
from tests.support.waiting import wait_for


def lines(*pieces):
    state, found = Lines(), []
    for piece in pieces:
        state, more = state.after(piece)
        found += more
    return found


def test_a_line_ends_with_cr_or_lf_and_empty_ones_are_none():
    assert lines(b"a\r\n\r\nb\nc\r") == ["a", "b", "c"]


def test_a_line_may_come_a_byte_at_a_time():
    assert lines(*(bytes((byte,)) for byte in b"BG1:A1\r")) == ["BG1:A1"]


def test_noise_without_an_end_is_bounded_and_the_next_line_is_read():
    state, found = Lines().after(b"x" * 100_000)
    assert (len(state.kept), found) == (LONGEST, [])
    assert state.after(b"\rgood\r")[1] == ["good"]


def test_what_is_no_text_is_no_stranger():
    assert lines(b"\xff\xfe\x00\r") == ["\ufffd\ufffd\x00"]


@pytest.fixture
def wire():
    """(the scanner's end, the name of the gate's end)."""
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    for end in (ours, theirs):
        os.close(end)


def test_a_code_that_is_scanned_reaches_the_gate(wire):
    ours, port = wire
    heard, code = [], Issuer().code()
    scanner = Scanner("out1", port, 9600, heard.append)
    scanner.start()
    try:
        # A port that is opened forgets what came before.
        wait_for(lambda: os.write(ours, b"noise\r") and heard, every=0.1)
        os.write(ours, code.encode()[:40])
        os.write(ours, code.encode()[40:] + b"\r\n")
        wait_for(lambda: CodeSeen("out1", code, "scanner") in heard)
    finally:
        scanner.stop()
    assert {fact.text for fact in heard} == {"noise", code}


def test_a_scanner_that_is_not_there_ends_at_once_when_it_shall(tmp_path):
    scanner = Scanner("out1", str(tmp_path / "absent"), 9600, lambda fact: None)
    scanner.start()
    scanner.stop()
    assert not scanner.running


def test_a_scanner_that_is_not_there_is_told_once_and_read_when_it_comes(tmp_path, wire, caplog):
    ours, port = wire
    path, heard = tmp_path / "scanner", []
    scanner = Scanner("out1", str(path), 9600, heard.append, reopen_s=0.01)
    with caplog.at_level("INFO"):
        scanner.start()
        try:
            wait_for(lambda: "scanner of lane out1" in caplog.text)
            path.symlink_to(port)
            wait_for(lambda: "it works again" in caplog.text)
            wait_for(lambda: os.write(ours, b"A1\r") and heard, every=0.1)
        finally:
            scanner.stop()
    assert caplog.text.count("tried again every") == 1
