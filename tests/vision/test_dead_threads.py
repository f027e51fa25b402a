"""A thread that dies in the vision process is logged there, and counted where it can be asked."""

import logging
import queue
import threading
from functools import partial

import pytest

from edge.config import load
from edge.system.unhandled import UNHANDLED
from edge.vision.child import _thread_ended
from edge.vision.process import VisionProcess
from tests.support.builders import a_configuration


def fail():
    raise ValueError("a picture without an end")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_in_the_vision_process_is_counted_in_the_service(
    tmp_path, caplog, monkeypatch
):
    out = queue.Queue(10)
    # Here both processes are one: the child's own count is put aside.
    monkeypatch.setattr(UNHANDLED, "_counts", type(UNHANDLED._counts)())
    monkeypatch.setattr(threading, "excepthook", partial(_thread_ended, out))
    thread = threading.Thread(target=fail, name="camera out1")
    thread.start()
    thread.join()
    (record,) = caplog.records
    assert record.levelno == logging.CRITICAL
    assert "a picture without an end" in record.exc_text
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration(), encoding="utf-8")
    VisionProcess(load(file))._take(out.get_nowait())
    assert UNHANDLED.counts()["thread camera out1 of vision"] == 1
