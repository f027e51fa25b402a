"""What vision says is checked by the service against the types of the facts; nothing of it is
carried out."""

import json
from dataclasses import fields
from typing import get_args

import numpy as np
import pytest

from edge.domain.alarm_codes import AlarmCode, Phrase
from edge.domain.facts import (
    CameraChanged,
    CodeSeen,
    Heading,
    LinePassed,
    PicturesJudged,
    QueueChanged,
    VehicleLost,
    VehicleSeen,
)
from edge.system.causes import cause
from edge.system.supervision import Beat, Stage
from edge.vision.channel import (
    MOST_SAID,
    Asked,
    Fault,
    LivePicture,
    Said,
    ThreadEnded,
    Word,
    packed,
    packed_word,
    unpacked,
    unpacked_word,
)
from edge.vision.port import CameraStatus
from tests.support.builders import a_plate_view

WHY = cause("camera.process_silent", seconds=4.0)

EVERY = (
    VehicleSeen("out1", "t1", "truck", a_plate_view(), 7, True, ("a.jpg", "b.mp4"), 12.5, "rear",
                "rear", "waiting", Heading.REVERSING, 3.25),
    VehicleSeen("out1", "t2", "", None, 0, False),
    VehicleLost("out1", "t1"),
    LinePassed("out1", "t1", "arm", True, False, 0.75, 3, 12.5),
    QueueChanged("out1", 4, "rear"),
    CameraChanged("out1", False, WHY, "rear"),
    CameraChanged("out1", True),
    PicturesJudged("out1", frozenset({AlarmCode.CAMERA_BLACK, AlarmCode.CAMERA_CLOCK}), "", -9.5),
    CodeSeen("out1", 'a code with " and \n and 越南', "camera"),
    CameraStatus("out1.rear", "failed", WHY, 9.5, None),
    CameraStatus("out1", "live", "", 10.0, 31.5, 2.5),
    Beat(Stage.WORKING, 0.25),
    LivePicture("out1", b"\xff\xd8 any byte, \n and \x80\x00 too \xff\xd9"),
    LivePicture("out1", b""),
    Fault(WHY),
    Fault("in words of a library"),
    ThreadEnded("camera out1"),
)  # fmt: skip


@pytest.mark.parametrize("said", EVERY, ids=lambda said: type(said).__name__)
def test_what_vision_says_arrives_as_it_was(said):
    arrived = unpacked(packed(said))
    assert arrived == said
    assert type(arrived) is type(said)
    assert len(packed(said)) < MOST_SAID


def test_here_is_one_of_everything_that_vision_says():
    assert {type(said) for said in EVERY} == set(get_args(Said))


@pytest.mark.parametrize("said", [EVERY[5], EVERY[9], EVERY[14]], ids=lambda s: type(s).__name__)
def test_a_cause_is_still_one_in_every_language(said):
    assert unpacked(packed(said)).why.phrase == Phrase(
        "cause.camera.process_silent", {"seconds": 4.0}
    )


@pytest.mark.parametrize("word", Word)
def test_the_services_word_arrives_as_it_was(word):
    assert unpacked_word(packed_word(Asked(word, "out1"))) == Asked(word, "out1")


def test_numbers_of_numpy_are_numbers():
    line = LinePassed("out1", "t", "arm", np.bool_(True), False, np.float32(0.5), np.int64(2), 1.0)
    assert unpacked(packed(line)) == LinePassed("out1", "t", "arm", True, False, 0.5, 2, 1.0)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_none_cannot_be_said(number):
    with pytest.raises(ValueError, match="JSON"):
        packed(PicturesJudged("out1", frozenset(), "", number))


def test_half_a_character_keeps_nobody_from_being_heard():
    assert unpacked(packed(CodeSeen("out1", "a\udc80b", "camera"))).text == "a?b"


GOOD = json.loads(packed(EVERY[0]))


def changed(**values):
    return json.dumps({**GOOD, "body": {**GOOD["body"], **values}}).encode() + b"\n"


@pytest.mark.parametrize("name", [field.name for field in fields(VehicleSeen)])
def test_no_field_may_be_of_another_kind(name):
    assert unpacked(changed()) == EVERY[0]
    for wrong in ([{}], {"a": 1}):
        with pytest.raises(ValueError, match=name):
            unpacked(changed(**{name: wrong}))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x80\x04\x95 a pickle",
        b"[]\n",
        b'{"kind": "Exit", "body": {}, "phrase": null}\n',
        b'{"kind": "Fault", "body": {}, "phrase": null}\n',
        b'{"kind": "Fault", "body": {"why": "x"}}\n',
        b'{"kind": ["Fault"], "body": {"why": "x"}, "phrase": null}\n',
        b'{"kind": "LivePicture", "body": {"lane": 1}, "phrase": null}\nabc',
        packed(EVERY[0]) + b"a picture",
        changed(more=1),
        changed(frames_read="7"),
        changed(at_barrier=1),
        changed(heading="sideways"),
        changed(dwell_s=1).replace(b'"dwell_s": 1', b'"dwell_s": NaN'),
        changed(dwell_s=1).replace(b'"dwell_s": 1', b'"dwell_s": 1e999'),
        changed(lane=None),
    ],
    ids=repr,
)
def test_what_is_not_understood_is_refused(message):
    with pytest.raises(ValueError, match=r"."):
        unpacked(message)
