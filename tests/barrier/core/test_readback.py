"""A relay that is on although nobody wants it is told, and switched off."""

from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.core.readback import AGAIN_S, EVERY_S, Readback
from edge.barrier.wires.port import Set
from edge.config.barrier import WiredBarrier
from edge.config.board import profile
from edge.domain.alarm_codes import AlarmCode
from tests.support.barrier.lane_truth import CONFIG
from tests.support.barrier.memory_wire import Site


def test_it_is_asked_for_seldom_and_sooner_where_one_was_on():
    back = Readback("x")
    assert back.due(0.0)
    back, _, _ = back.read({"open": False}, 10.0)
    assert not back.due(10.0 + EVERY_S - 0.1)
    assert back.due(10.0 + EVERY_S)
    back, _, _ = back.read({"open": True}, 20.0)
    assert not back.due(20.0 + AGAIN_S - 0.1)
    assert back.due(20.0 + AGAIN_S)
    assert not back.missed(30.0).due(30.5)


def test_one_that_was_on_twice_is_told_and_switched_off_until_it_is_off():
    back, facts, writes = Readback("x").read({"close": True, "red": True}, 0.0)
    assert (facts, writes) == ([], [])
    back, facts, writes = back.read({"close": True, "open": True}, 1.0)
    assert writes == [Set("close", False)]
    assert [(f.code, f.active, f.params) for f in facts] == [
        (AlarmCode.OUTPUT_STUCK, True, {"outputs": ("close",)})
    ]
    back, facts, writes = back.read({"close": True}, 2.0)
    assert facts == []
    assert writes == [Set("close", False)]
    back, facts, writes = back.read({"close": False}, 3.0)
    assert [(f.code, f.active, f.params) for f in facts] == [(AlarmCode.OUTPUT_STUCK, False, {})]
    assert writes == []


def test_what_is_told_stands_while_any_relay_is_on():
    back, _, _ = Readback("x").read({"close": True}, 0.0)
    back, _, _ = back.read({"close": True}, 1.0)
    back, facts, writes = back.read({"close": False, "open": True}, 2.0)
    assert (facts, writes) == ([], [])
    back, facts, _ = back.read({"open": False}, 3.0)
    assert [f.active for f in facts] == [False]


def test_the_end_of_a_pulse_is_no_welded_relay():
    back, _, _ = Readback("x").read({"open": True}, 0.0)
    back, facts, writes = back.read({"open": False, "close": True}, 1.0)
    assert (facts, writes) == ([], [])


def test_on_a_wire_a_second_masters_relay_is_found_and_released_and_a_closing_is_not_disturbed():
    site = Site(1, config=WiredBarrier(**CONFIG.model_dump(), reads_back=True))
    site.run_until(lambda: site.guard.status().arm == "closed")
    site.run_until(lambda: any(pdu[0] == 1 for _, _, pdu in site.heard))
    board = site.port.boards[1]
    board.relays[2] = True
    site.run_until(lambda: any(getattr(f, "code", "") == "output_stuck" for f in site.facts))
    site.run_until(lambda: not board.relays[2])
    site.run_until(lambda: site.facts[-1].code == "output_stuck" and not site.facts[-1].active)


def test_the_board_tells_its_relays_by_the_lanes_names():
    class Wire:
        place, asked_at = "paper", 0.0

        def ask(self, address, request):
            assert request.pdu.hex() == "0100000008"
            return b"\x01\x02"

    board = ModbusBoard(Wire(), 1, profile("waveshare"), {"open": 1, "close": 2}, {}, ())
    assert board.read_outputs() == {"open": False, "close": True}
