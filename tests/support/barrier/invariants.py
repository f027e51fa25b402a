"""What must hold on every step of the walk: the safety invariants, and that the work is done.

Each is a function of explorer.Seen, true where it holds. They are stated in what is physically true
(the samples, the arm, the frames) and in the guard's phase, not in its own predicates, so that a
mistake in those cannot excuse itself.
"""

from __future__ import annotations

from edge.barrier.core.outputs import Pulse, Set
from edge.barrier.core.state import CloseWish, Drive, Exit, OpenedBy, Way
from edge.barrier.core.table import ArmAction, Phase
from edge.barrier.core.travel import PLAUSIBLE
from tests.support.barrier.explorer import AGAIN, CLEAR_LONG, LIMITS, MOVING, PROOF, WATCHED

CLEAR = ("safety_loop", "photocell")


def fresh(seen):
    """Every wired input has been read, and within the freshness time; at the first look a limit
    switch that is on has proved it."""
    s = seen.b.input_state
    read = s.read_at is not None and seen.now - s.read_at < LIMITS.fresh_s
    ends = [n for n in ("limit_open", "limit_closed") if n in s.on_runs or s.believed.get(n)]
    first = seen.was.phase is Phase.UNREAD and any(s.on_runs.get(n, 0) < PROOF for n in ends)
    return read and all(s.believed.get(n) is not None for n in s.wired) and not first


def on(seen, name):
    """Believed on; a limit switch only after it has been on often enough in a row."""
    s = seen.b.input_state
    if name.startswith("limit"):
        return s.on_runs.get(name, 0) >= PROOF
    return s.believed.get(name) is True


def early(seen):
    """Whether an arm that comes down cannot be down yet."""
    since = seen.b.motion.falls_from
    return since is not None and seen.now - since < PLAUSIBLE * LIMITS.travel_s


def last_said_open(b):
    """Whether the last good sample said that the arm is up."""
    s = b.input_state
    return s.believed.get("limit_open") is True and s.clear_runs.get("limit_open", 0) == 0


def off(seen, name):
    return seen.b.input_state.believed.get(name) is False


def calm(seen):
    """Fresh, the limits agree, no stop, in service: the arm may be asked to move."""
    conflict = on(seen, "limit_open") and on(seen, "limit_closed")
    return fresh(seen) and not conflict and not on(seen, "stop") and seen.b.modes.in_service


def waits_to_turn(seen):
    """Only the dead time of the closing pulse keeps the turning one back."""
    return seen.after.outputs.waiting == "open" and "stop" not in seen.wiring.outputs


def coming_down(seen):
    """By our doing, or seen to come down on something when the inputs are known."""
    down = seen.after.arm.way < 0 and seen.after.arm.at > 0
    something = fresh(seen) and seen.occupied() and seen.sample
    torn = seen.after.torn and "stop" not in seen.wiring.outputs
    excused = (seen.after.found or torn) and not something
    return down and not excused and not seen.after.alone


def retried(seen):
    same = seen.b.phase is seen.was.phase and seen.b.phase in MOVING
    return same and seen.b.motion.retries == seen.was.motion.retries - 1


def starts_close(seen):
    return seen.drove(ArmAction.CLOSE) and not retried(seen)


# --- the invariants of hardware and safety, by their numbers ---


def close_only_when_all_is_fresh_and_clear(seen):
    if not seen.pulsed("close"):
        return True
    b = seen.b
    claims = (
        b.crossing.inside or b.modes.held_open or b.claim.authorisation or on(seen, "manual_open")
    )
    clear = all(off(seen, n) for n in CLEAR if n in seen.wiring.free)
    return calm(seen) and clear and not claims and not on(seen, "fire")


def clear_takes_two_samples_and_the_set_time(seen):
    return not seen.pulsed("close") or seen.after.clear == CLEAR_LONG


def unknown_counts_as_occupied(seen):
    unknown = seen.now and seen.sample is None and not (seen.event == "silence" and fresh(seen))
    return not (unknown and coming_down(seen) and not waits_to_turn(seen))


def nothing_read_before_a_failed_reading_counts(seen):
    return seen.event != "missed" or not any(seen.b.input_state.clear_runs.values())


def occupied_while_closing_turns_or_stops_at_once(seen):
    occupied = seen.sample is not None and any(seen.sample.get(n) for n in CLEAR)
    return not (occupied and coming_down(seen)) or waits_to_turn(seen)


def no_arm_comes_down_unwatched(seen):
    watched = seen.b.phase is Phase.CLOSING or waits_to_turn(seen)
    return not coming_down(seen) or watched


def an_arm_that_comes_down_by_itself_is_turned_on_what_is_seen(seen):
    """As soon as its upper switch is believed off."""
    after = seen.after
    down = after.alone == WATCHED and after.arm.way < 0 and after.arm.at > 0
    something = calm(seen) and seen.sample is not None and seen.occupied()
    return not (down and something and off(seen, "limit_open"))


def a_vehicle_still_on_the_entry_loop_has_not_passed(seen):
    """Clear under the arm is not passed: it may be a gap in it."""
    crossed = any(type(f).__name__ == "VehicleCrossed" for f in seen.facts)
    still = seen.before.kept and seen.after.entry_clear < 2
    left = Exit.PASSED in (seen.before.exit, seen.after.exit)
    left = left or seen.before.line is Way.FORWARD
    return not (crossed and still) or left or seen.event in ("close", "authorise", "line forward")


def whom_vision_saw_go_back_has_not_crossed(seen):
    """But where the next one comes under the arm, or a person closes it."""
    crossed = any(type(f).__name__ == "VehicleCrossed" for f in seen.facts)
    back = seen.before.line is Way.BACK and seen.event not in ("close", "line forward")
    return not (crossed and back) or seen.b.crossing.inside


def a_bed_between_the_loops_may_stand_under_the_arm(seen):
    """Who came to the exit loop, or so close behind another that it has had no break, or may not
    have come there yet and has somebody on the entry loop, has not passed before it is left."""
    crossed = any(type(f).__name__ == "VehicleCrossed" for f in seen.facts)
    told = "exit_loop" in seen.wiring.free and crossed and not seen.b.crossing.inside
    # Of one under a closed arm the exit loop tells as soon as he is there.
    told = told and seen.was.crossing.inside
    waits = seen.before.entry_clear < 2 and seen.after.entry_clear == 0
    occupied = seen.before.exit in (Exit.BEFORE, Exit.ON)
    waits = occupied or (seen.before.exit is Exit.NO and waits)
    known = seen.before.line is Way.FORWARD or seen.event in ("close", "line forward")
    return not (told and waits) or known


def no_motion_is_left_to_itself(seen):
    """What ends our watch of a motion stops it."""
    left = seen.was.phase in MOVING and seen.b.phase in (
        Phase.STOPPED,
        Phase.FAULT,
        Phase.OUT_OF_SERVICE,
    )
    blind = seen.was.phase is Phase.CLOSING and seen.b.phase is Phase.UNREAD
    back = (seen.was.phase, seen.b.phase) in (
        (Phase.OPENING, Phase.CLOSED),
        (Phase.CLOSING, Phase.OPEN),
    )
    ended = seen.drove(ArmAction.HALT) or seen.drove(ArmAction.STOP)
    return not (left or blind or back) or ended or (back and seen.drove(ArmAction.OPEN))


def a_motion_begins_with_its_pulse(seen):
    begun = seen.b.phase in MOVING and seen.b.phase is not seen.was.phase
    action = ArmAction.OPEN if seen.b.phase is Phase.OPENING else ArmAction.CLOSE
    return not begun or seen.drove(action)


def never_both_contacts(seen):
    open_until = {n: end for n, end in seen.before.outputs.ends.items() if end > seen.now}
    for write in seen.writes:
        if isinstance(write, Set) and not write.on:
            open_until.pop(write.output, None)
        elif isinstance(write, Pulse):
            other = {"open": "close", "close": "open"}.get(write.output)
            ended = seen.before.outputs.ends.get(other)
            if other in open_until or (ended is not None and ended <= seen.now < ended + 1.0):
                return False
            open_until[write.output] = seen.now + write.seconds
    return True


def pulses_keep_their_bounds(seen):
    return all(0.2 <= w.seconds <= 1.0 for w in seen.writes if isinstance(w, Pulse))


def one_wish_is_one_pulse(seen):
    if not seen.drove(ArmAction.OPEN):
        return True
    turned = seen.was.phase is Phase.CLOSING
    wished = seen.was.claim.open_wish is not OpenedBy.NOBODY or seen.event in (
        "authorise",
        "open",
        "hold_open",
    )
    wished = wished or (on(seen, "manual_open") and off_before(seen, "manual_open"))
    spent = seen.b.claim.open_wish is OpenedBy.NOBODY
    once = seen.effects.count(Drive(ArmAction.OPEN)) == 1
    wished = wished or saved_from_falling(seen)
    return once and spent and (turned or wished or retried(seen) or on(seen, "fire"))


def saved_from_falling(seen):
    """The arm was up, is not any more without our doing, and something is seen under it."""
    something = any(on(seen, n) for n in CLEAR)
    upper = seen.was.motion.upper or seen.was.motion.touched
    return off(seen, "limit_open") and upper and something


def a_closing_arm_gets_no_second_pulse(seen):
    return not (seen.was.phase is Phase.CLOSING and seen.drove(ArmAction.CLOSE)) or retried(seen)


def off_before(seen, name):
    return seen.was.input_state.believed.get(name) is False


def the_same_authorisation_again_does_nothing(seen):
    again = seen.event == "authorise" and seen.was.claim.authorisation == "a"
    return not again or not seen.writes


def stop_beats_everything(seen):
    pressed = seen.sample is not None and seen.sample.get("stop")
    # A falling arm that nothing else can keep off what is seen under it is opened all the same.
    turns = "stop" not in seen.wiring.outputs and seen.before.outputs.fall.falling
    something = seen.occupied() or any(on(seen, n) for n in CLEAR)
    turns = turns and (something or seen.before.outputs.waiting == "open")
    moved = seen.pulsed("close") or (seen.pulsed("open") and not turns)
    return not pressed or (not moved and seen.b.phase not in MOVING)


def a_stop_order_ends_the_motion(seen):
    if seen.event != "stop":
        return True
    stopping = seen.pulsed("stop") or "stop" not in seen.wiring.outputs
    return seen.b.phase not in MOVING and stopping and not seen.b.modes.stop_ordered


def fire_and_button_beat_a_close(seen):
    kept_up = on(seen, "fire") or on(seen, "manual_open")
    turned = seen.b.phase is not Phase.CLOSING
    pressed = on(seen, "manual_open") and off_before(seen, "manual_open")
    must_turn = calm(seen) and (on(seen, "fire") or pressed)
    return not (kept_up and seen.pulsed("close")) and (turned or not must_turn)


def a_locked_arm_opens_for_nobody(seen):
    if not (seen.was.modes.locked and seen.b.modes.locked and seen.drove(ArmAction.OPEN)):
        return True
    turned = seen.was.phase is Phase.CLOSING or saved_from_falling(seen)
    return turned or retried(seen) or on(seen, "fire")


def no_motion_before_the_inputs_are_read(seen):
    moved = seen.pulsed("open") or seen.pulsed("close")
    turning = seen.was.phase is Phase.CLOSING or seen.before.outputs.waiting == "open"
    return not moved or fresh(seen) or (turning and not seen.pulsed("close"))


def both_limits_are_a_fault(seen):
    conflict = fresh(seen) and on(seen, "limit_open") and on(seen, "limit_closed")
    if not conflict:
        return seen.b.phase is not Phase.FAULT
    turning = seen.was.phase is Phase.CLOSING or seen.before.outputs.waiting == "open"
    still = not seen.pulsed("close") and (turning or not seen.pulsed("open"))
    return seen.b.phase is Phase.FAULT and still


def a_late_motion_is_retried_a_bounded_number_of_times(seen):
    b, was = seen.b, seen.was
    allowed = LIMITS.travel_s + LIMITS.travel_margin_s + LIMITS.start_s
    late = seen.now - was.motion.moved_at > allowed
    # By a reading: what is asked in between, or only time, says not that it has not arrived.
    looked = seen.event.startswith("sees")
    if looked and b.phase in MOVING and fresh(seen) and seen.now - b.motion.moved_at > allowed:
        return False
    if not 0 <= b.motion.retries <= LIMITS.retries or (retried(seen) and not late):
        return False
    if retried(seen):
        opening = b.phase is Phase.OPENING
        return seen.effects[-1:] == (Drive(ArmAction.OPEN if opening else ArmAction.CLOSE),)
    gave_up = b.modes.failed and not was.modes.failed
    return not gave_up or (late and was.motion.retries == 0 and was.phase in MOVING)


def nothing_is_done_against_a_hand(seen):
    """What was opened by hand, button or order is closed by a passage or an order only."""
    by_person = seen.b.claim.opened_by is not OpenedBy.AUTHORISATION
    if starts_close(seen) and by_person and seen.b.claim.close_wish is CloseWish.UNUSED:
        return False
    lost_at = seen.was.motion.lost_at
    flickers = lost_at is not None and seen.now - lost_at <= AGAIN
    flickers = flickers or (seen.was.phase is Phase.UNREAD and not seen.was.gone)
    ours = seen.was.phase in (Phase.OPEN, Phase.OPENING) or flickers
    opened_by_hand = seen.b.phase is Phase.OPEN and not ours
    return not opened_by_hand or seen.b.claim.close_wish is CloseWish.NO


def a_motion_turned_by_hand_is_given_up(seen):
    b = seen.b
    if not calm(seen) or not b.motion.left_limit:
        return True
    down = b.phase is Phase.CLOSING and on(seen, "limit_open")
    up = b.phase is Phase.OPENING and on(seen, "limit_closed")
    return not down and not up


def closes_only_behind_entry_loop_clear_in_order(seen):
    newly = (
        seen.b.claim.close_wish is CloseWish.PASSAGE
        and seen.was.claim.close_wish is not CloseWish.PASSAGE
    )
    if not newly:
        return True
    crossed = any(type(f).__name__ == "VehicleCrossed" for f in seen.facts)
    ordered = "entry_loop" not in seen.wiring.free or seen.before.under
    seen_to_go = seen.before.line is Way.FORWARD or seen.event == "line forward"
    return crossed and (ordered or seen_to_go)


def a_close_always_has_a_reason(seen):
    return (
        not starts_close(seen)
        or seen.was.claim.close_wish is not CloseWish.NO
        or (seen.event == "close" or bool(seen.facts))
    )


def came_under_a_closed_arm(seen):
    """How many are told now to have come under an arm that was said to be down, as they passed or
    as the next one came: they follow nobody who was admitted."""
    told = [getattr(f, "code", type(f).__name__) for f in seen.facts]
    passed = ["VehicleEntered", "VehicleCrossed", "passed_closed"]
    then = (told[i : i + 3] for i in range(len(told)))
    next_one = ["VehicleEntered", "VehicleArrived"]
    slipped = seen.was.crossing.slipping
    return sum(three == passed or (slipped and three[:2] == next_one) for three in then)


def one_authorisation_admits_one(seen):
    entered = [f for f in seen.facts if type(f).__name__ == "VehicleEntered"]
    tails = [f for f in seen.facts if type(f).__name__ == "TailgateSeen"]
    unadmitted = [f for f in entered if f.authorisation is None]
    used = [f for f in entered if f.authorisation is not None]
    admitted = seen.was.claim.authorisation or seen.event == "authorise"
    if used and (not admitted or seen.b.claim.authorisation):
        return False
    ours = {
        b.claim.opened_by is OpenedBy.AUTHORISATION and b.modes.in_service
        for b in (seen.was, seen.b)
    }
    due = len(unadmitted) > came_under_a_closed_arm(seen)
    right = len(ours) == 2 or bool(tails) == (due and ours == {True})
    return len(entered) <= 1 and right


def green_only_under_a_fully_open_arm(seen):
    b = seen.b
    agree = seen.after.outputs.lamps.green == b.green
    seen_open = seen.sample is None or seen.sample.get("limit_open", False)
    right = b.phase is Phase.OPEN and last_said_open(b) and seen_open
    return agree and (not b.green or right)


def red_before_the_arm_comes_down(seen):
    return not (seen.pulsed("close") and seen.after.outputs.lamps.green)


def a_stalled_guard_releases_its_outputs_and_tells(seen):
    if seen.event != "stalled":
        return True
    cut = Set("open", False) in seen.writes and not seen.pulsed("stop")
    cut = cut and seen.was.phase is not Phase.CLOSING
    reported = seen.was.reported.lost or any(
        getattr(f, "code", "") == "stalled" for f in seen.facts
    )
    return not cut and Set("close", False) in seen.writes and bool(reported)


# --- that it does its work ---


def where_the_switches_say(seen):
    if not calm(seen) or not seen.wiring.limits:
        return True
    phase = seen.b.phase
    if on(seen, "limit_open"):
        begins = phase is Phase.OPENING and seen.now - seen.b.motion.moved_at < LIMITS.start_s
        return phase in (Phase.OPEN, Phase.CLOSING) or begins
    if on(seen, "limit_closed"):
        return phase in (Phase.CLOSED, Phase.OPENING) or early(seen)
    if not (off(seen, "limit_open") and off(seen, "limit_closed")):
        return True
    return phase in (Phase.OPENING, Phase.CLOSING, Phase.STOPPED)


def unread_exactly_while_the_inputs_are_not_known(seen):
    return (seen.b.phase is Phase.UNREAD) == (not fresh(seen))


def stopped_while_the_stop_is_pressed(seen):
    conflict = on(seen, "limit_open") and on(seen, "limit_closed")
    if not fresh(seen) or conflict or not on(seen, "stop"):
        return True
    return seen.b.phase in (Phase.STOPPED, Phase.OUT_OF_SERVICE)


def out_of_service_is_what_it_says(seen):
    conflict = on(seen, "limit_open") and on(seen, "limit_closed")
    if not fresh(seen) or conflict or on(seen, "stop"):
        return True
    return (seen.b.phase is Phase.OUT_OF_SERVICE) == (not seen.b.modes.in_service)


def a_wish_to_open_is_granted_at_once(seen):
    b = seen.b
    if b.claim.open_wish is not OpenedBy.NOBODY:
        return b.phase is Phase.UNREAD
    asked = seen.event in ("authorise", "open", "hold_open") and not seen.was.modes.locked
    if seen.event == "authorise" and seen.was.claim.authorisation == "a":
        return True
    at_rest = seen.was.phase in (Phase.CLOSED, Phase.STOPPED, Phase.CLOSING)
    return not (asked and at_rest and calm(seen)) or seen.drove(ArmAction.OPEN)


def a_wish_to_close_is_granted_when_the_way_is_clear(seen):
    b = seen.b
    free = not (b.crossing.inside or b.modes.held_open or b.claim.authorisation)
    free = free and not on(seen, "manual_open") and not on(seen, "fire")
    # A front on the entry loop, which may be a rear, begins the clear time anew.
    anew = b.clear_since is not None and seen.now - b.clear_since < LIMITS.clear_before_close_s
    ripe = seen.after.clear == CLEAR_LONG and not anew
    waiting = b.claim.close_wish is not CloseWish.NO and b.phase in (Phase.OPEN, Phase.STOPPED)
    # By a reading: what is asked in between, or only time, sends no arm down.
    looked = seen.event.startswith("sees")
    return not (looked and waiting and calm(seen) and free and ripe)


def an_ordered_close_is_never_kept(seen):
    b = seen.b
    waits = b.claim.close_wish is CloseWish.ORDER and b.phase in (Phase.OPEN, Phase.STOPPED)
    disturbed = (
        b.crossing.inside or b.modes.held_open or b.claim.authorisation or seen.after.clear == 0
    )
    return not waits or not (disturbed or on(seen, "fire") or on(seen, "manual_open"))


def fire_opens(seen):
    shut = seen.b.phase in (Phase.CLOSED, Phase.STOPPED, Phase.CLOSING)
    return not (calm(seen) and on(seen, "fire") and shut)


def an_obstructed_close_is_an_opening(seen):
    closing = seen.was.phase is Phase.CLOSING and seen.now and calm(seen)
    occupied = closing and seen.after.clear == 0
    return not occupied or seen.b.phase in (Phase.OPENING, Phase.OPEN)


def a_vehicle_under_the_arm_is_seen_until_it_is_clear(seen):
    b = seen.b
    loop = "safety_loop" if "safety_loop" in seen.wiring.free else "photocell"
    clear = seen.after.clear >= 2
    c = b.crossing
    rear = c.released_at is not None and seen.now - c.released_at < 2.0
    rear = rear or (c.gap_since is not None and seen.now - c.gap_since < 0.3)
    if "exit_loop" in seen.wiring.free:
        bed = seen.after.entry_clear < 2 and seen.before.exit is Exit.NO
        bed = bed or seen.before.exit in (Exit.BEFORE, Exit.ON)
        rear = rear or bed or seen.now - (c.gap_since or 0.0) < 2.0
    if c.inside and seen.now:
        return not (fresh(seen) and clear) or seen.after.kept or rear
    up = seen.was.phase in (Phase.OPENING, Phase.OPEN, Phase.CLOSING)
    here = seen.sample is not None and seen.sample[loop]
    return not (fresh(seen) and up and here)


def nobody_under_the_arm_is_forgotten(seen):
    """Whoever leaves the entry loop over the safety loop is watched, whatever the arm does, until
    he is told as gone or as turned back."""
    was, now = seen.was.crossing, seen.b.crossing
    left = was.arrived and not now.arrived and seen.sample and seen.sample["safety_loop"]
    if left and not (now.inside or now.slipping):
        return False
    told = [type(f).__name__ for f in seen.facts if getattr(f, "code", "") in ("", "turned_back")]
    gone = was.slipping and not (now.slipping or now.inside)
    if was.slipping and was.behind and now.slipping and not now.behind:
        # The next one is in his place.
        return "VehicleCrossed" in told
    return not gone or any(t in told for t in ("VehicleEntered", "VehicleCrossed", "GuardAlarm"))


def an_unused_authorisation_ends(seen):
    b = seen.b
    waits = b.claim.authorisation is not None and b.phase is not Phase.OPENING
    kept = (
        waits
        and seen.was.phase is not Phase.OPENING
        and seen.now - b.claim.asked_at >= LIMITS.entry_timeout_s
    )
    return not kept


def what_we_opened_for_nobody_comes_down(seen):
    ended = (
        seen.was.claim.authorisation
        and not seen.b.claim.authorisation
        and seen.event != "authorise"
    )
    unused = ended and not any(type(f).__name__ == "VehicleEntered" for f in seen.facts)
    ours = seen.was.claim.opened_by is OpenedBy.AUTHORISATION and seen.b.phase is Phase.OPEN
    if not (unused and ours and seen.was.phase is Phase.OPEN) or seen.was.crossing.inside:
        return True
    person = seen.was.modes.held_open or seen.event == "stop" or on(seen, "manual_open")
    return seen.b.claim.close_wish is not CloseWish.NO or person


def green_for_whom_may_go(seen):
    b = seen.b
    goes = b.crossing.inside_by is not None and b.crossing.gap_since is None
    may = b.claim.authorisation is not None or goes or b.modes.held_open
    up = b.phase is Phase.OPEN and last_said_open(b)
    return not (up and may) or b.green


def stop_takes_every_wish(seen):
    b = seen.b
    ended = b.phase in (Phase.FAULT, Phase.OUT_OF_SERVICE) or seen.event == "stop"
    ended = ended or (fresh(seen) and on(seen, "stop") and b.phase is Phase.STOPPED)
    entered = ended and (seen.was.phase is not b.phase or seen.event == "stop")
    return not entered or (
        b.claim.authorisation is None
        and b.claim.open_wish is OpenedBy.NOBODY
        and b.claim.close_wish is CloseWish.NO
        and not b.modes.held_open
    )


def nothing_is_due_while_stopped_or_after_it(seen):
    """Whoever was under the arm when it was stopped, and whoever passes while the stop is pressed,
    makes no arm come down."""
    b = seen.b
    pressed = fresh(seen) and on(seen, "stop")
    ended = b.phase in (Phase.FAULT, Phase.OUT_OF_SERVICE) or pressed or seen.before.stopped
    return not ended or b.claim.close_wish is not CloseWish.PASSAGE


def nothing_is_due_of_a_closed_arm(seen):
    return seen.b.phase is not Phase.CLOSED or seen.b.claim.close_wish is CloseWish.NO


def too_many_turns_keep_the_arm_up(seen):
    return seen.b.motion.reversals <= 4 and not (
        seen.b.motion.reversals == 4
        and seen.b.phase is Phase.CLOSING
        and seen.b.claim.close_wish == "passage"
        and seen.was.phase is not Phase.CLOSING
        and seen.was.claim.close_wish is CloseWish.PASSAGE
    )


def what_was_due_is_not_done_after_a_loss(seen):
    """But where no more than readings have failed, and not for long."""
    unread = seen.b.phase is Phase.UNREAD
    since = seen.was.unread_since if seen.was.phase is Phase.UNREAD else None
    long = seen.event == "missed" and since is not None and seen.now - since > AGAIN
    ordered = seen.b.claim.close_wish is CloseWish.ORDER
    due = unread and (seen.b.gone or long or ordered)
    return not due or seen.b.claim.close_wish is CloseWish.NO


def a_lost_opening_is_not_done_late(seen):
    """Nor where the arm has left its lower end."""
    lost_at = seen.was.motion.lost_at
    if seen.was.phase is not Phase.UNREAD or lost_at is None or not seen.pulsed("open"):
        return True
    asked = seen.event in ("authorise", "open", "hold_open") or on(seen, "fire")
    asked = asked or seen.was.claim.close_wish is not CloseWish.NO
    asked = asked or seen.before.outputs.waiting == "open" or saved_from_falling(seen)
    return asked or (seen.now - lost_at <= AGAIN and on(seen, "limit_closed"))


SAFETY = {
    1: [close_only_when_all_is_fresh_and_clear, a_close_always_has_a_reason],
    2: [clear_takes_two_samples_and_the_set_time, an_obstructed_close_is_an_opening],
    3: [unknown_counts_as_occupied, no_arm_comes_down_unwatched],
    4: [nothing_read_before_a_failed_reading_counts],
    5: [occupied_while_closing_turns_or_stops_at_once, no_motion_is_left_to_itself],
    29: [an_arm_that_comes_down_by_itself_is_turned_on_what_is_seen],
    6: [never_both_contacts],
    7: [pulses_keep_their_bounds],
    8: [
        one_wish_is_one_pulse,
        a_closing_arm_gets_no_second_pulse,
        the_same_authorisation_again_does_nothing,
    ],
    9: [
        stop_beats_everything,
        a_stop_order_ends_the_motion,
        fire_and_button_beat_a_close,
        a_locked_arm_opens_for_nobody,
        stop_takes_every_wish,
        nothing_is_due_while_stopped_or_after_it,
    ],
    10: [
        no_motion_before_the_inputs_are_read,
        what_was_due_is_not_done_after_a_loss,
        a_lost_opening_is_not_done_late,
    ],
    11: [both_limits_are_a_fault, a_late_motion_is_retried_a_bounded_number_of_times],
    12: [nothing_is_done_against_a_hand, a_motion_turned_by_hand_is_given_up],
    13: [
        closes_only_behind_entry_loop_clear_in_order,
        a_vehicle_still_on_the_entry_loop_has_not_passed,
        whom_vision_saw_go_back_has_not_crossed,
        a_bed_between_the_loops_may_stand_under_the_arm,
    ],
    14: [one_authorisation_admits_one],
    15: [green_only_under_a_fully_open_arm, red_before_the_arm_comes_down],
    16: [a_stalled_guard_releases_its_outputs_and_tells],
}
"""The numbers are those of the list in docs/barrier.md."""


def without_switches_a_motion_ends_by_time(seen):
    if seen.wiring.limits or not calm(seen):
        return True
    b, was = seen.b, seen.was
    closing = Phase.CLOSING in (was.phase, b.phase)
    time = LIMITS.travel_s + LIMITS.start_s + (LIMITS.travel_margin_s if closing else 0.0)
    if b.phase in MOVING and seen.now - b.motion.moved_at >= time:
        return False
    arrived = (was.phase, b.phase) in (
        (Phase.OPENING, Phase.OPEN),
        (Phase.CLOSING, Phase.CLOSED),
    )
    return not arrived or seen.now - was.motion.moved_at >= time


WORK = [
    a_motion_begins_with_its_pulse,
    where_the_switches_say,
    unread_exactly_while_the_inputs_are_not_known,
    stopped_while_the_stop_is_pressed,
    out_of_service_is_what_it_says,
    a_wish_to_open_is_granted_at_once,
    a_wish_to_close_is_granted_when_the_way_is_clear,
    an_ordered_close_is_never_kept,
    fire_opens,
    a_vehicle_under_the_arm_is_seen_until_it_is_clear,
    nobody_under_the_arm_is_forgotten,
    an_unused_authorisation_ends,
    what_we_opened_for_nobody_comes_down,
    green_for_whom_may_go,
    nothing_is_due_of_a_closed_arm,
    too_many_turns_keep_the_arm_up,
    without_switches_a_motion_ends_by_time,
]

ALL = {f.__name__: f for group in SAFETY.values() for f in group} | {f.__name__: f for f in WORK}
