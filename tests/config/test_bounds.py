"""Every number has both ends, and no date runs over within them; a file is text, and of a size."""

import contextlib
import os
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from edge.barrier.boards.registry import board
from edge.barrier.wires.port import WireGone
from edge.barrier.wires.serial import SerialLine
from edge.cli import doctor_lanes
from edge.config import ConfigError, JournalConfig, Settings, load, refusals
from edge.config.board import BoardProfile
from edge.config.secret import SecretError, secret_of
from edge.domain.assignment import AssignmentBook
from edge.domain.conditions import not_trusted
from edge.lane.policy import policy_of
from edge.sync.journal.journal import open_journal
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_configuration, an_assignment


def numbers(part, definitions, place):
    """Each schema of a number below this one, with its place."""
    if isinstance(part, list):
        for inner in part:
            yield from numbers(inner, definitions, place)
    elif isinstance(part, dict):
        if part.get("type") in ("integer", "number"):
            yield place, part
        for key, inner in part.items():
            if key in ("properties", "$defs"):
                for name, about in inner.items():
                    yield from numbers(about, definitions, f"{place}.{name}")
            elif key not in ("default", "examples"):
                yield from numbers(inner, definitions, place)


@pytest.mark.parametrize("model", [Settings, BoardProfile])
def test_every_number_has_both_ends(model):
    schema = model.model_json_schema()
    found = list(numbers(schema, schema.get("$defs", {}), ""))
    assert len(found) >= 10
    for place, part in found:
        known = "enum" in part or "const" in part
        assert known or ("minimum" in part and "maximum" in part), place


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e15", "1e400"])
def test_what_is_no_number_of_seconds_is_refused(tmp_path, value):
    file = tmp_path / "gate.toml"
    text = a_configuration(barrier="travel_s = 3").replace(
        '"export"', f'"export"\noffline_hold_s = {value}'
    )
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"lanes\.out1\.offline_hold_s"):
        load(file)


@pytest.mark.parametrize("line", ["keep_days = 1000000", "max_mb = 99999999999999999999"])
def test_a_number_beyond_its_end_is_refused_and_not_met_later(tmp_path, line):
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration(f"[journal]\n{line}\n"))
    with pytest.raises(ConfigError, match=r"journal\."):
        load(file)


MOMENTS = [datetime(1970, 1, 1, tzinfo=UTC), NOON, datetime(2100, 1, 1, tzinfo=UTC)]
"""A clock without a battery, today, and a clock that has run away."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_longest_times_run_over_no_date(tmp_path, moment):
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration().replace('"export"', '"export"\noffline_hold_s = 31622400'))
    settings = load(file)
    with pytest.raises(ValidationError):
        JournalConfig(keep_days=36_501)
    assert moment - timedelta(days=36_500) > datetime.min.replace(tzinfo=UTC)
    journal = open_journal(
        tmp_path / "data", JournalConfig(max_mb=8, ballast_mb=0, keep_days=36_500), "/s/g",
        ManualClock(moment), lambda: True,
    )  # fmt: skip
    with contextlib.closing(journal):
        assert journal.health()
    policy = policy_of(settings, "out1", settings.lanes["out1"])
    book = AssignmentBook((an_assignment(),), moment)
    assert not_trusted(book, policy, moment) is None


LETTERS = a_configuration().replace(
    'direction = "export"', 'name = "Làn xuất 1"\ndirection = "export"'
)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_bytes(LETTERS.encode("utf-8-sig"))
    assert load(file).lanes["out1"].name == "Làn xuất 1"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (LETTERS.encode("utf-16"), "UTF-16"),
        (LETTERS.encode("utf-16-be"), "UTF-16"),
        (LETTERS.encode("utf-32"), "UTF-32"),
        (LETTERS.encode("latin-1", "replace"), "line 9 is not UTF-8"),
        (b"#" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"x = " + b"[" * 5000, "not valid TOML"),
        (b'site = "a\\u0000b"', "site"),
    ],
)
def test_what_is_no_text_of_ours_is_told_as_what_it_is(tmp_path, data, words):
    file = tmp_path / "gate.toml"
    file.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert any(words in problem for problem in caught.value.problems), caught.value.problems


def test_a_file_of_another_program_is_not_told_line_by_line(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text("\n".join(f"key{n} = {n}" for n in range(5000)))
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert len(caught.value.problems) < 60
    assert "more" in caught.value.problems[-1]


def test_a_folder_or_a_file_that_may_not_be_read_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("framing", "parity", "stop_bits"), [("8E1", "even", 1), ("8O1", "odd", 1), ("8N2", "none", 2)]
)
def test_parity_and_stop_bits_reach_the_port(tmp_path, framing, parity, stop_bits):
    master, slave = os.openpty()
    more = f'parity = "{parity}"\nstop_bits = {stop_bits}\n[lanes.out1]'
    text = a_configuration(port=os.ttyname(slave)).replace("[lanes.out1]", more, 1)
    file = tmp_path / "gate.toml"
    file.write_text(text)
    settings = load(file)
    assert settings.wires["bus"].framing == f"9600 {framing}"
    line, _ = board(settings, "out1")
    try:
        line.open()
        opened = line._serial
        assert (opened.parity, opened.stopbits) == (framing[1], stop_bits)
        line.close()
        (found,) = doctor_lanes.barrier(settings, "out1", None)
        assert framing in found.found
    finally:
        line.close()
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("file", ["/dev/null", "/etc/passwd"])
def test_what_is_no_serial_port_is_told_with_its_cure(file):
    with pytest.raises(WireGone, match="no serial port; correct port"):
        SerialLine(file, 9600, 0.3).open()


@pytest.mark.parametrize("as_password", [False, True])
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path, as_password):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if as_password:
        with pytest.raises(SecretError, match="pipe"):
            secret_of(pipe)
    else:
        with pytest.raises(ConfigError, match="pipe"):
            load(pipe)


@pytest.mark.parametrize(
    "line", ["a" + ".a" * 20_000 + " = 1", "a = " + "[" * 50_000, "a = " + "{ a = " * 5_000]
)
def test_a_key_without_end_is_told_and_ends_nothing(tmp_path, line):
    file = tmp_path / "gate.toml"
    file.write_text(f"{line}\n{a_configuration()}")
    with pytest.raises(ConfigError):
        load(file)


@pytest.mark.parametrize("url", ["http://[::1", "http://h:99999", "http://h:x", "https://[x]/"])
def test_an_address_that_is_none_is_told_and_ends_nothing(tmp_path, url):
    file = tmp_path / "gate.toml"
    wire = f'[wires.c]\nkind = "isapi"\nurl = "{url}"\npassword_file = "gate.toml"\n'
    file.write_text(a_configuration(wire))
    assert any(problem.key == "wires.c.url" for problem in refusals(load(file)))


@pytest.mark.parametrize("value", ["true", "false", '"1"', '"1_0"'])
@pytest.mark.parametrize("key", ["fresh_s", "retries", "siren_s"])
def test_what_is_no_number_is_taken_for_none(tmp_path, key, value):
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration(barrier=f"{key} = {value}"))
    with pytest.raises(ConfigError, match=rf"lanes\.out1\.barrier\.{key}: a number is expected"):
        load(file)


@pytest.mark.parametrize("section", ["journal]\nmax_mb", "console]\nport", "platform]\nwait_s"])
def test_no_section_takes_a_yes_for_a_number(tmp_path, section):
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration(f"[{section} = true\n"))
    with pytest.raises(ConfigError, match="a number is expected"):
        load(file)
