"""Answers of a board that are lost, late, doubled or another's, on a wire in memory."""

from simulator.barrier.bad_wires import checksum
from tests.support.barrier.lane_truth import CONFIG

OPEN, CLOSE, STOP = 0, 1, 4
TIMES = CONFIG.model_copy(
    update={
        "pulse_s": 0.5,
        "dead_time_s": 0.5,
        "travel_s": 3.5,
        "travel_margin_s": 3.0,
        "clear_before_close_s": 1.0,
    }
)
TRAVEL_S = 3.0


def sealed(body):
    return [(0.0, body + checksum(body))]


def another_board(answer, read):
    return sealed(bytes([answer[0] ^ 1]) + answer[1:-2])


def another_function(answer, read):
    return sealed(bytes([answer[0], 6]) + answer[2:-2])


def another_write(answer, read):
    return sealed(bytes([answer[0], 5, 0, 3, 0, 0]))


def a_reading(answer, read):
    """The answer to a question about the inputs, from before."""
    return sealed(read)


def refused(answer, read):
    return sealed(bytes([answer[0], answer[1] | 0x80, 4]))


def nothing(answer, read):
    return []


def late(answer, read):
    return [(0.35, answer)]


def doubled(answer, read):
    return [(0.0, answer), (0.0, answer)]


FOREIGN = [nothing, a_reading, another_board, another_function, another_write, refused]
"""What may come where the board has heard nothing."""


class Spoilt:
    """In the board's place: of its next `n` answers to such a write nothing comes but `kind`;
    `lost`: nor has it heard the question."""

    def __init__(self, site, board, kind, n, lost, writes):
        self.board, self.kind, self.left, self.lost, self.writes = board, kind, n, lost, writes
        self.read, self.hit = b"", False
        site.port.boards[1] = self
        site.spoil(self)

    def __getattr__(self, name):
        return getattr(self.board, name)

    def handle(self, pdu):
        pulse = pdu[0] == 5 and pdu[1] == 2
        self.hit = self.left > 0 and (pdu[2] in self.writes if pulse else self._release(pdu))
        self.left -= self.hit
        return bytes(pdu) if self.hit and self.lost else self.board.handle(pdu)

    def _release(self, pdu):
        return pdu[0] == 5 and "release" in self.writes and pdu[2] in (OPEN, CLOSE)

    def __call__(self, answer, rng):
        if not self.hit:
            self.read = answer[:-2] if answer[1] == 2 else self.read
            return [(0.0, answer)]
        return self.kind(answer, self.read)


def noted(lane):
    """The moments at which a contact turns or stops the arm, from now on."""
    moments, drive = [], lane.drive

    def drives(output, on):
        falls = lane.arm.direction < 0
        drive(output, on)
        if falls and lane.arm.direction >= 0:
            moments.append(lane.clock.mono)

    lane.drive = drives
    return moments
