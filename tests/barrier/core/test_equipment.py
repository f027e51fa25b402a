"""What a site has besides the guard's inputs: a fault stops or opens, and never closes."""

from edge.barrier.core.equipment import CONTRADICTS_S, PAIRED, Equipment
from edge.barrier.core.self_test import AGAIN_S, NOTICE_S, SETTLE_S, TEST, SelfTest
from edge.barrier.wires.port import Set
from edge.config import INPUTS
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import GuardAlarm, VehicleArrived


def an_equipment(*inputs):
    return Equipment("x", frozenset(inputs))


def codes(facts):
    return [(fact.code, fact.active) for fact in facts]


def test_what_the_core_knows_goes_through_as_it_is():
    plain = an_equipment("safety_loop", "stop", "limit_open")
    sample = {"safety_loop": True, "stop": False, "limit_open": True}
    assert plain.guarded == frozenset(sample)
    assert plain.read(sample, 1.0) == (plain, sample, [])


def test_every_input_that_may_be_named_has_its_meaning():
    known = an_equipment(*INPUTS).guarded
    assert known == {*PAIRED, "exit_loop", "fire", "manual_open", "mute"}


def test_a_pair_that_contradicts_itself_as_it_must_says_what_its_first_contact_says():
    pair = an_equipment("photocell", "photocell_nc", "limit_closed", "limit_closed_nc")
    for on in (False, True):
        sample = {"photocell": on, "photocell_nc": not on}
        sample |= {"limit_closed": on, "limit_closed_nc": not on}
        _, inputs, facts = pair.read(sample, 1.0)
        assert inputs == {"photocell": on, "limit_closed": on}
        assert facts == []


def test_a_pair_whose_contacts_agree_is_occupied_pressed_or_not_reached_at_once_and_told_later():
    names = ("safety_loop", "stop", "limit_closed", "limit_open")
    pair = an_equipment(*names, *(f"{n}_nc" for n in names))
    for both in (False, True):
        sample = {f"{n}{end}": both for n in names for end in ("", "_nc")}
        after, inputs, facts = pair.read(sample, 1.0)
        assert inputs == {
            "safety_loop": True, "stop": True, "limit_closed": False, "limit_open": False,
        }  # fmt: skip
        assert facts == []
        after, _, facts = after.read(sample, 1.0 + CONTRADICTS_S)
        assert codes(facts) == [(AlarmCode.INPUT_CONTRADICTS, True)]
        assert facts[0].params == {"inputs": tuple(sorted(names))}
        good = {n: on for n in names for n, on in ((n, False), (f"{n}_nc", True))}
        _, _, facts = after.read(good, 2.0)
        assert codes(facts) == [(AlarmCode.INPUT_CONTRADICTS, False)]


def test_a_torn_arm_and_a_fault_of_the_drive_halt_it_and_are_told_by_their_names():
    for name, code in (("arm_off", AlarmCode.ARM_OFF), ("drive_fault", AlarmCode.DRIVE_FAULT)):
        site = an_equipment("safety_loop", name)
        assert "stop" in site.guarded
        after, inputs, facts = site.read({"safety_loop": False, name: True}, 1.0)
        assert inputs == {"safety_loop": False, "stop": True}
        assert codes(facts) == [(code, True)]
        after, inputs, facts = after.read({"safety_loop": False, name: False}, 2.0)
        assert inputs["stop"] is False
        assert codes(facts) == [(code, False)]


def test_the_cabinet_and_the_mains_move_nothing():
    site = an_equipment("cabinet_open", "mains_off")
    _, inputs, facts = site.read({"cabinet_open": True, "mains_off": True}, 1.0)
    assert inputs == {}
    assert codes(facts) == [(AlarmCode.CABINET_OPEN, True), (AlarmCode.MAINS_OFF, True)]


def test_a_fault_that_halts_is_not_called_the_local_stop():
    stop = GuardAlarm("x", AlarmCode.STOP_PRESSED, True)
    site, _, _ = an_equipment("stop", "drive_fault").read({"stop": False, "drive_fault": True}, 1.0)
    assert site.misnames(stop)
    assert not site.misnames(GuardAlarm("x", AlarmCode.STOP_PRESSED, False))
    assert not site.misnames(GuardAlarm("x", AlarmCode.BOTH_LIMITS, True))
    assert not site.misnames(VehicleArrived("x"))
    pressed, _, _ = site.read({"stop": True, "drive_fault": True}, 2.0)
    assert not pressed.misnames(stop)


# --- the photocell's self-test ---


class Cell:
    """A photocell under test; `dead`: its receiver notices nothing, `stuck`: it stays so."""

    def __init__(self, dead=False, stuck=False):
        self.test = SelfTest("x", wired=True)
        self.dead, self.stuck = dead, stuck
        self.dark = False
        self.now = 0.0
        self.log, self.facts, self.given = [], [], []

    def run(self, seconds, down=True, blocked=False):
        end = self.now + seconds
        while self.now < end:
            on = blocked or (self.dark and not self.dead) or (self.stuck and bool(self.log))
            self.test, inputs, facts, writes = self.test.read({"photocell": on}, down, self.now)
            self.given.append(inputs["photocell"])
            self.facts += facts
            for write in writes:
                self.log.append(write)
                self.dark = write.on
            self.now += 0.1
        return self


def test_a_photocell_is_tested_once_in_each_cycle_while_the_arm_is_down():
    cell = Cell().run(5.0)
    assert cell.log == [Set(TEST, True), Set(TEST, False)]
    assert not any(cell.given)
    cell.run(3.0, down=False).run(5.0)
    assert len(cell.log) == 4
    assert cell.facts == []


def test_it_is_not_tested_before_the_arm_has_been_down_and_the_beam_free_for_a_moment():
    assert Cell().run(SETTLE_S - 0.2).log == []
    assert Cell().run(5.0, blocked=True).log == []
    assert Cell().run(5.0, down=False).log == []


def test_a_receiver_that_notices_nothing_counts_as_occupied_until_a_test_succeeds():
    cell = Cell(dead=True).run(5.0)
    assert codes(cell.facts) == [(AlarmCode.PHOTOCELL_FAULT, True)]
    assert cell.given[-1]
    assert cell.run(3.0, down=False).given[-1]
    cell.dead = False
    cell.run(AGAIN_S + 5.0)
    assert codes(cell.facts)[-1] == (AlarmCode.PHOTOCELL_FAULT, False)
    assert not cell.given[-1]


def test_a_receiver_that_does_not_come_back_counts_as_occupied():
    cell = Cell(stuck=True).run(2 * NOTICE_S + 2.0)
    assert codes(cell.facts) == [(AlarmCode.PHOTOCELL_FAULT, True)]
    assert cell.given[-1]


def test_an_arm_that_opens_in_a_test_has_its_light_back_at_once():
    cell = Cell()
    while not cell.log:
        cell.run(0.05)
    assert cell.log == [Set(TEST, True)]
    cell.run(0.2, down=False)
    assert cell.log == [Set(TEST, True), Set(TEST, False)]
    assert cell.facts == []


def test_without_the_output_or_the_photocell_nothing_is_tested():
    for test, inputs in (
        (SelfTest("x"), {"photocell": True}),
        (SelfTest("x", True), {"stop": True}),
    ):
        for now in (0.0, 10.0, 20.0):
            assert test.read(inputs, True, now) == (test, inputs, [], [])


def test_a_good_photocell_is_through_in_a_moment_and_left_alone_until_the_next_cycle():
    cell = Cell().run(SETTLE_S + 0.45)
    assert cell.log == [Set(TEST, True), Set(TEST, False)]
    cell.run(1.0)
    # What comes into the beam of a closed arm is seen again at once.
    assert cell.run(0.1, blocked=True).given[-1]
    assert len(cell.run(2 * AGAIN_S).log) == 2


def test_a_failed_test_is_repeated_after_a_while_and_not_before():
    cell = Cell(dead=True).run(SETTLE_S + NOTICE_S + AGAIN_S - 1.0)
    assert len(cell.log) == 2
    cell.run(3.0)
    assert len(cell.log) == 3


def test_each_cycle_waits_for_its_own_settling():
    cell = Cell().run(5.0).run(3.0, down=False).run(SETTLE_S - 0.2)
    assert len(cell.log) == 2
    cell.run(0.5)
    assert len(cell.log) > 2


def test_a_beam_that_was_broken_a_moment_ago_is_no_free_one():
    cell = Cell().run(3.0, blocked=True).run(SETTLE_S - 0.2)
    assert cell.log == []
