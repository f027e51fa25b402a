"""Codes that are held to the camera, through the real vision process: they are looked for while a
vehicle is there, as drivers hold them, by day and by night."""

from contextlib import closing

import pytest

from tests.support.codes import Issuer
from tests.support.held_codes import HELD, Booth
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)

ISSUER = Issuer()


@pytest.mark.parametrize("night", [False, True], ids=["by day", "by night"])
def test_the_vision_process_reads_what_a_driver_holds_out(tmp_path, night):
    with closing(Booth(tmp_path, night)) as booth:
        wait_for(booth.sees_the_truck, 60.0)
        shown = []
        for number, way in enumerate(("printed", "on a phone", "mirrored")):
            text = ISSUER.code(nonce=f"n{number:04}")
            shown.append(text)
            booth.hold(text, HELD[way])
            wait_for(lambda text=text: booth.read(text), 40.0)
        assert set(booth.codes()) == set(shown)


def test_no_code_is_looked_for_while_no_vehicle_is_there(tmp_path):
    with closing(Booth(tmp_path, truck=False)) as booth:
        booth.hold(ISSUER.code())
        before = wait_for(booth.sent, 60.0)
        wait_for(lambda: booth.sent() > before + 20, 60.0)
        assert booth.codes() == []
