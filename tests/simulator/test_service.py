"""The real service as the tests start it."""

import pytest

from edge.system.unhandled import THREAD_ENDED
from simulator.service import Service


@pytest.mark.parametrize("sign", [THREAD_ENDED, "Exception in thread Thread-7 (_speak)"])
def test_a_service_in_which_a_thread_has_died_does_not_stop_without_a_word(tmp_path, sign):
    service = Service(tmp_path / "gate.toml")
    service.stop()
    service.log.write_text("ready\nstopping\n")
    service.stop()
    service.log.write_text(f"ready\n{sign}: relay\nTraceback ...\n")
    with pytest.raises(RuntimeError, match=r"relay|_speak"):
        service.stop()
