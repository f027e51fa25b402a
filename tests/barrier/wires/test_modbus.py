"""Modbus frames, byte for byte as the boards' makers print them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU

from edge.barrier.wires import modbus


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (modbus.write_coil(0, 0xFF00), "01 05 00 00 FF 00 8C 3A"),
        (modbus.write_coil(0, 0), "01 05 00 00 00 00 CD CA"),
        (modbus.write_coil(0x0200, 5), "01 05 02 00 00 05 0C 71"),
        (modbus.write_coil(0x0200, 7), "01 05 02 00 00 07 8D B0"),
        (modbus.read_bits(1, 0, 8), "01 01 00 00 00 08 3D CC"),
        (modbus.read_bits(2, 0, 8), "01 02 00 00 00 08 79 CC"),
    ],
)
def test_requests_are_the_makers_bytes(request_, wanted):
    assert modbus.rtu(1, request_) == bytes.fromhex(wanted)


@given(st.binary(min_size=1, max_size=64))
def test_the_checksum_agrees_with_an_independent_library(data):
    assert int.from_bytes(modbus.crc16(data)) == FramerRTU.compute_CRC(data)


def test_an_answer_with_a_bad_checksum_does_not_count():
    with pytest.raises(modbus.BadFrame, match="checksum"):
        modbus.rtu_answer(1, modbus.read_bits(2, 0, 8), bytes.fromhex("01 02 01 00 A1 89"))


def test_an_answer_of_another_board_names_both():
    body = bytes([2, 2, 1, 0])
    with pytest.raises(modbus.BadFrame, match="board 2 answers for board 1"):
        modbus.rtu_answer(1, modbus.read_bits(2, 0, 8), body + modbus.crc16(body))


def test_an_exception_answer_is_told():
    body = bytes([1, 0x82, 2])
    with pytest.raises(modbus.BadFrame, match="exception 2"):
        modbus.rtu_answer(1, modbus.read_bits(2, 0, 8), body + modbus.crc16(body))


def test_a_write_must_be_repeated_exactly():
    request = modbus.write_coil(0, 0xFF00)
    body = bytes([1, 5, 0, 1, 0xFF, 0])
    with pytest.raises(modbus.BadFrame, match="repeat"):
        modbus.rtu_answer(1, request, body + modbus.crc16(body))


@given(st.binary(max_size=40))
def test_no_bytes_whatever_are_more_than_a_bad_frame(data):
    request = modbus.read_bits(2, 0, 8)
    try:
        modbus.rtu_answer(1, request, data)
    except modbus.BadFrame:
        return
    assert len(data) == 6


def test_bits_come_lowest_first():
    assert modbus.bits(bytes([1, 0b101]), 8)[:3] == [True, False, True]
