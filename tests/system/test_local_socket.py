"""The door for commands on this computer: a socket in the service's data folder."""

import json
import os
import socket

import pytest

from edge.system import local_socket
from edge.system.local_socket import FILE, LONGEST, LocalServer, NoLocalAnswer, ask
from edge.system.unhandled import UNHANDLED

STRANGER = 47_114


@pytest.fixture
def served(tmp_path):
    """Says back what it is asked, in a folder too deep for a socket's plain name."""
    folder = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6)
    folder.mkdir(parents=True)
    server = LocalServer(folder, lambda question: {"heard": question})
    server.start()
    yield folder
    server.stop()


def raw(folder, data):
    """The answer to bytes."""
    with socket.socket(socket.AF_UNIX) as asking, local_socket._address(folder) as address:
        asking.settimeout(60)
        asking.connect(address)
        asking.sendall(data)
        asking.shutdown(socket.SHUT_WR)
        return json.loads(local_socket._line(asking))


def test_a_question_is_answered_however_deep_the_folder_lies(served):
    assert len(str(served / FILE)) > 108
    for n in range(3):
        assert ask(served, {"n": n, "text": "Kim Thành"}) == {
            "heard": {"n": n, "text": "Kim Thành"}
        }
    assert (served / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "data", [b"", b"nonsense\n", b"[]\n", b'{"a":1}', b"[" * 50_000 + b"\n", b"x" * LONGEST * 2]
)
def test_what_is_no_question_is_told_so_and_the_next_is_answered(served, data):
    try:
        assert "not understood" in raw(served, data)["error"]
    except (OSError, ValueError):
        # Too much: the server has hung up before all was sent.
        assert len(data) > LONGEST
    assert ask(served, {}) == {"heard": {}}


def test_one_who_connects_and_says_nothing_holds_up_nobody_for_long(served):
    with socket.socket(socket.AF_UNIX) as silent, local_socket._address(served) as address:
        silent.connect(address)
        assert ask(served, {}) == {"heard": {}}


@pytest.mark.unhandled
def test_an_answer_that_fails_is_told_and_counted(tmp_path):
    server = LocalServer(tmp_path, lambda question: {"n": 1 // question["by"]})
    server.start()
    before = UNHANDLED.counts().get("a command on this computer", 0)
    assert "see its log" in ask(tmp_path, {"by": 0})["error"]
    assert ask(tmp_path, {"by": 1}) == {"n": 1}
    assert UNHANDLED.counts()["a command on this computer"] == before + 1
    server.stop()


def test_where_no_service_listens_there_is_no_answer_and_a_new_one_takes_the_place(tmp_path):
    assert ask(tmp_path / "gone", {}) is None
    assert ask(tmp_path, {}) is None
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / FILE))
    # A service that was killed has left it.
    assert ask(tmp_path, {}) is None
    server = LocalServer(tmp_path, lambda question: {})
    server.start()
    assert ask(tmp_path, {}) == {}
    server.stop()
    assert not (tmp_path / FILE).exists()
    assert ask(tmp_path, {}) is None


def test_a_folder_that_takes_no_socket_is_logged_and_the_service_goes_on(tmp_path, caplog):
    (tmp_path / FILE).mkdir()
    server = LocalServer(tmp_path, lambda question: {})
    server.start()
    server.stop()
    assert "no commands from this computer" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
@pytest.mark.parametrize("mode", [0o600, 0o666])
def test_another_user_is_refused_by_the_file_and_by_the_service(tmp_path, mode):
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    server = LocalServer(tmp_path, lambda question: {"done": True})
    server.start()
    (tmp_path / FILE).chmod(mode)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            os.setuid(STRANGER)
            said = str(ask(tmp_path, {}))
        except NoLocalAnswer as error:
            said = str(error)
        finally:
            os.write(write, said.encode())
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as reported:
        assert "use sudo" in reported.read()
    server.stop()
