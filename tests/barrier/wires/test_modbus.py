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


@pytest.mark.parametrize("body", [b"\x01", b"\x01\x02", b""])
def test_a_frame_with_a_good_checksum_and_nothing_in_it_is_a_bad_one(body):
    with pytest.raises(modbus.BadFrame):
        modbus.rtu_answer(1, modbus.read_bits(2, 0, 8), body + modbus.crc16(body))


READ, HELD = modbus.read_bits(2, 0, 8), modbus.read_registers(3, 0, 2)
SIX, SIXTEEN = modbus.write_register(7, 9), modbus.write_registers(3, [4, 5])


@pytest.mark.parametrize(
    ("request_", "pdu"),
    [
        (READ, b"\x02\x01\x05"),
        (HELD, b"\x03\x04\x00\x01\x00\x02"),
        (SIX, b"\x06\x00\x07\x00\x09"),
        (SIXTEEN, b"\x10\x00\x03\x00\x02"),
    ],
)
def test_an_answer_that_fits_its_request_is_taken(request_, pdu):
    assert modbus.answer(request_, pdu) == pdu[1:]


@pytest.mark.parametrize(
    ("request_", "pdu", "why"),
    [
        (READ, b"\x01\x01\x05", "not fit"),
        (READ, b"\x02\x01\x05\x00", "not fit"),
        (READ, b"\x02\x01", "not fit"),
        (READ, b"\x82", "not fit"),
        (READ, b"\x82\x02\x00", "not fit"),
        (SIX, b"\x06\x00\x07\x00\x08", "repeat"),
        (SIX, b"\x06\x00\x08\x00\x09", "repeat"),
        (SIXTEEN, b"\x10\x00\x03\x00\x01", "repeat"),
        (SIXTEEN, b"\x10\x00\x04\x00\x02", "repeat"),
    ],
)
def test_an_answer_that_does_not_fit_its_request_is_none(request_, pdu, why):
    with pytest.raises(modbus.BadFrame, match=why):
        modbus.answer(request_, pdu)


def test_a_byte_count_that_is_not_that_of_the_bytes_is_told():
    with pytest.raises(modbus.BadFrame, match="byte count"):
        modbus.bits(b"\x02\x05", 8)
    for data in (b"\x04\x00\x01", b"\x03\x00\x01\x02", b"\x02\x00\x01\x00"):
        with pytest.raises(modbus.BadFrame, match="byte count"):
            modbus.registers(data)
    assert modbus.registers(b"\x04\x00\x01\x01\x00") == [1, 256]


@pytest.mark.parametrize(("function", "count"), [(3, 8), (1, 0), (2, 2001)])
def test_bits_are_read_by_their_functions_and_within_their_bounds(function, count):
    with pytest.raises(ValueError, match="1 to 2000"):
        modbus.read_bits(function, 0, count)
    assert modbus.read_bits(1, 0, 2000).answer_size == 252


@pytest.mark.parametrize(("function", "count"), [(2, 8), (3, 0), (4, 126)])
def test_registers_are_read_by_their_functions_and_within_their_bounds(function, count):
    with pytest.raises(ValueError, match="1 to 125"):
        modbus.read_registers(function, 0, count)
    assert modbus.read_registers(4, 0, 125).answer_size == 252


def test_bits_come_lowest_first():
    assert modbus.bits(bytes([1, 0b101]), 8)[:3] == [True, False, True]
