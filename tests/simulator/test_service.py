"""The real service as the tests start it."""

import pytest

from edge.gate.local_commands import LocalCommands
from edge.system.local_socket import LocalServer
from edge.system.unhandled import UNHANDLED
from simulator.service import Service


@pytest.fixture
def service(tmp_path):
    """One that answers on this computer, as the running one does, with a process to end."""
    service = Service(tmp_path / "gate.toml")
    service.data.mkdir()
    server = LocalServer(service.data, LocalCommands(None, None, (), None).answer)
    server.start()
    # It ends at once with 2, for the file is not there: whom `stop` asks is the server above.
    service.start()
    service.alive = lambda: True
    yield service
    server.stop()


def test_a_service_in_which_a_thread_has_died_does_not_stop_without_a_word(service, monkeypatch):
    monkeypatch.setattr(UNHANDLED, "counts", lambda: {"a command on this computer": 3})
    service.stop()
    monkeypatch.setattr(UNHANDLED, "counts", lambda: {"thread relay": 1, "thread x of vision": 2})
    with pytest.raises(RuntimeError, match=r"thread relay.*thread x of vision"):
        service.stop()


def test_one_that_cannot_be_asked_says_nothing_and_is_ended(tmp_path):
    assert Service(tmp_path / "gate.toml").died() == []
