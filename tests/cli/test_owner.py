"""Commands that root runs leave nothing that the service, which is not root, cannot write."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from edge.cli.doctor_links import journal as journal_of
from edge.config import JournalConfig, load
from edge.domain.events import PLATE_READ, Event
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock
from tests.support.builders import NOON, a_configuration
from tests.support.command_line import gate

SERVICE = 65534
"""A user of its own; it need not have a name."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def place():
    """A data folder of the service's, where every user may pass."""
    folder = Path(tempfile.mkdtemp(prefix="gate-owner-"))
    folder.chmod(0o755)
    (folder / "gate.toml").write_text(
        a_configuration('[[issuers]]\nname = "customs"\nactions = ["open"]\n')
    )
    data = folder / "data"
    data.mkdir()
    os.chown(data, SERVICE, SERVICE)
    yield folder
    shutil.rmtree(folder)


def as_service(does):
    """What `does` gives, done by the service's user: a fork, for that user need not be able to
    start this Python."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = "failed"
        try:
            os.setgroups([])
            os.setgid(SERVICE)
            os.setuid(SERVICE)
            said = str(does())
        except BaseException as error:
            said = repr(error)
        finally:
            os.write(write, said.encode())
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as reported:
        return reported.read()


def recorded(folder):
    """One more event; its number."""
    config = JournalConfig(max_mb=20, ballast_mb=1)
    journal = open_journal(folder / "data", config, "/s/g", SystemClock())
    (event,) = journal.record([Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})])
    journal.close()
    return event.sequence


def found(settings):
    """What the doctor says of the journal."""
    return [(f.good, f.cure) for f in journal_of(settings)]


def strangers(folder):
    return [str(f) for f in (folder / "data").rglob("*") if f.stat().st_uid != SERVICE]


def done_by_root(folder, *command, stdin=""):
    done = gate(*command, "--config", folder / "gate.toml", stdin=stdin)
    assert done.returncode == 0, (command, done.stderr)
    assert strangers(folder) == [], command
    return done.stdout


def test_whatever_root_does_the_service_can_go_on(place):
    done_by_root(place, "journal", "above", "1000")
    assert as_service(lambda: recorded(place)) == "1001"
    done_by_root(place, "users", "add", "lan", "--password-stdin", stdin="mat-khau-dai\n")
    done_by_root(place, "keys", "new", "customs")
    done_by_root(place, "journal", "verify")
    done_by_root(place, "journal", "export")
    done_by_root(place, "journal", "set-aside", "list")
    done_by_root(place, "journal", "backup", place / "copy.db")
    done_by_root(place, "backup", place / "gate.backup")
    assert as_service(lambda: recorded(place)) == "1002"
    done_by_root(place, "journal", "restore", place / "copy.db")
    assert as_service(lambda: recorded(place)) == "1003"
    done_by_root(place, "restore", place / "gate.backup")
    assert as_service(lambda: recorded(place)) == "1004"


def test_a_gate_put_on_a_new_computer_by_root_is_the_services(place):
    assert as_service(lambda: recorded(place)) == "1"
    done_by_root(place, "users", "add", "lan", "--password-stdin", stdin="mat-khau-dai\n")
    done_by_root(place, "backup", place / "gate.backup", "--secrets")
    shutil.rmtree(place / "data")
    (place / "data").mkdir()
    os.chown(place / "data", SERVICE, SERVICE)
    (place / "gate.toml").unlink()
    done_by_root(place, "restore", place / "gate.backup")
    assert as_service(lambda: recorded(place)) == "2"


def test_a_journal_that_is_not_the_services_own_is_found_by_writing_to_it(place):
    assert as_service(lambda: recorded(place)) == "1"
    settings = load(place / "gate.toml")
    assert as_service(lambda: found(settings)) == "[(True, '')]"
    with closing(sqlite3.connect(place / "data" / "journal.db")) as db:
        assert db.execute("SELECT count(*) FROM events").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM states WHERE key = 'doctor'").fetchone() == (0,)
    os.chown(place / "data" / "journal.db", 0, 0)
    (place / "data" / "journal.db").chmod(0o644)
    reported = as_service(lambda: found(settings))
    assert "False" in reported
    assert "chown" in reported
