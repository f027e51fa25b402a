"""The file of a backup: sealed or not, whole or refused, and put nowhere else."""

import contextlib
import json
import os
import shutil
import tarfile
from datetime import UTC, datetime

import pytest

from edge.backup.archive import BadBackup, Member, read_first, unpack, write_archive
from edge.backup.contents import CONFIG
from edge.backup.sealing import CHUNK
from edge.cli.backup import COPY, _copied_at
from edge.config import load
from edge.console.users import UserStore
from edge.domain.assignment import AssignmentState
from edge.domain.events import PLATE_READ, Event
from edge.sync.customs.keyring import Keyring
from edge.sync.journal.journal import open_journal
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_configuration, an_assignment
from tests.support.command_line import gate

FAR = datetime(2099, 1, 1, tzinfo=UTC)
CAMERA = 'source = "rtsp://gate:p/w@rd@10.0.0.2/1"'
MORE = """
[customs]
host = "127.0.0.1"
password_file = "secrets/broker"
ca_file = "ca.pem"
tls = true
username = "gate"
"""


class Place:
    """A gate's configuration, data and secrets; no service."""

    def __init__(self, folder, name="g"):
        folder.mkdir()
        self.config = folder / "gate.toml"
        self.config.write_text(a_configuration(MORE, gate=name, camera=CAMERA))
        (folder / "secrets").mkdir()
        (folder / "secrets" / "broker").write_text("mat-khau")
        (folder / "ca.pem").write_text("a certificate")
        self.data = folder / "data"
        journal = open_journal(self.data, load(self.config).journal, "/s/g", ManualClock(NOON))
        journal.record([Event(PLATE_READ, "out1", NOON, {"plate": f"{n}"}) for n in range(600)])
        journal.close()
        UserStore(self.data).add("lan", "administrator", "mat-khau-dai")
        Keyring(self.data / "keys").make("customs")
        (self.data / "evidence" / "20260101").mkdir(parents=True)
        (self.data / "evidence" / "20260101" / "a.jpg").write_bytes(b"x")


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "one")


def backed_up(place, target, *more):
    done = gate("backup", target, *more, "--config", place.config)
    assert done.returncode == 0, done.stderr
    return target


def unpacked(file, passphrase=""):
    return [m["name"] for m in read_first(file, passphrase)[0]["members"]]


def test_a_backup_holds_the_gate_without_secrets_unless_they_are_asked_for(place, tmp_path):
    bare = backed_up(place, tmp_path / "bare")
    manifest, text = read_first(bare, "")
    assert {m["place"] for m in manifest["members"]} == {"", "ca.pem"}
    assert b"w@rd" not in text
    assert b"rtsp://gate:***@10.0.0.2/1" in text
    names = unpacked(bare)
    assert names[0] == CONFIG
    wanted = {"data/keys/gate.pem", "data/keys/issuers.json", "data/users.json", "data/journal.db"}
    assert wanted < set(names)
    assert not any("evidence" in name or "ballast" in name for name in names)
    full = backed_up(place, tmp_path / "full", "--secrets")
    manifest, text = read_first(full, "")
    assert {m["place"] for m in manifest["members"]} == {"", "ca.pem", "secrets/broker"}
    assert CAMERA.encode() in text


def test_what_a_backup_holds_stands_on_another_computer(place, tmp_path):
    word = tmp_path / "word"
    word.write_text("một câu dài\n")
    file = backed_up(place, tmp_path / "b", "--secrets", "--passphrase-file", word)
    assert b"mat-khau" not in file.read_bytes()
    other = tmp_path / "two" / "gate.toml"
    done = gate("restore", file, "--passphrase-file", word, "--config", other)
    assert done.returncode == 0, done.stderr
    assert other.read_text() == place.config.read_text()
    assert (other.parent / "secrets" / "broker").read_text() == "mat-khau"
    assert (other.parent / "secrets" / "broker").stat().st_mode & 0o077 == 0
    for name in ("keys/gate.pem", "keys/issuers.json", "users.json"):
        assert (other.parent / "data" / name).read_bytes() == (place.data / name).read_bytes()
    assert (other.parent / "data" / "keys" / "gate.pem").stat().st_mode & 0o077 == 0
    assert gate("journal", "verify", "--config", other).returncode == 0
    # Nothing of the work is left behind.
    assert [f.name for f in (other.parent / "data").iterdir() if f.name.startswith(".r")] == []


def test_the_list_goes_along_whole_while_it_is_written_and_nothing_older_spoils_it(place, tmp_path):
    kept = AssignmentCache(place.data)
    kept.merge(
        [an_assignment(f"24C{n:05d}", id=f"A{n}", valid_to=FAR) for n in range(900)],
        True,
        "7",
        NOON,
    )
    kept.spend("A7")
    kept.flush()
    # The service still has it open, so that most of it stands in the log beside the file.
    file = backed_up(place, tmp_path / "b")
    other = Place(tmp_path / "two")
    there = AssignmentCache(other.data)
    there.merge([an_assignment("29C11111", id="B1", valid_to=FAR)], True, "9", NOON)
    log = (other.data / "assignments.db-wal").read_bytes()
    there.close()
    (other.data / "assignments.db-wal").write_bytes(log)
    done = gate("restore", file, "--config", other.config)
    assert done.returncode == 0, done.stderr
    again = AssignmentCache(other.data)
    assert (again.current.count, again.cursor) == (900, "7")
    assert again.current.about((), {"A7"}).items[0].state is AssignmentState.USED
    again.close()
    kept.close()


@pytest.mark.parametrize(
    "how", ["another passphrase", "cut", "cut by one byte", "changed", "swapped", "no backup"]
)
def test_a_backup_that_is_not_whole_replaces_nothing(place, tmp_path, how):
    word = tmp_path / "word"
    word.write_text("a long sentence")
    (place.data / "large.json").write_bytes(bytes(range(256)) * 12_000)
    sealed = how in ("another passphrase", "swapped")
    more = ("--passphrase-file", word) if sealed else ()
    file = backed_up(place, tmp_path / "b", *more)
    data = bytearray(file.read_bytes())
    match how:
        case "another passphrase":
            word.write_text("a long sentense")
        case "cut":
            del data[-200:]
        case "cut by one byte":
            del data[-1:]
        case "changed":
            data[len(data) // 2] ^= 1
        case "swapped":
            data[-40:-20] = data[-20:]
        case "no backup":
            data = bytearray(b"a shopping list")
    file.write_bytes(data)
    before = {f: f.read_bytes() for f in place.data.rglob("*") if f.is_file()}
    done = gate("restore", file, *more, "--config", place.config)
    assert done.returncode == 1
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr
    after = {f: f.read_bytes() for f in place.data.rglob("*") if f.is_file()}
    assert {f: d for f, d in after.items() if f.name != ".lock"} == before


def test_a_sealed_backup_without_a_passphrase_says_how_to_give_one(place, tmp_path):
    word = tmp_path / "word"
    word.write_text("a long sentence")
    file = backed_up(place, tmp_path / "b", "--passphrase-file", word)
    done = gate("restore", file, "--config", place.config)
    assert done.returncode == 2
    assert "--passphrase-file" in done.stderr


def test_chunks_are_bound_to_their_place_and_their_end(tmp_path):
    member = Member(CONFIG, bytes(range(256)) * (3 * CHUNK // 256))
    write_archive(tmp_path / "b", {}, [member], "word")
    unpack(tmp_path / "b", "word", tmp_path / "out")
    assert (tmp_path / "out" / CONFIG).read_bytes() == member.source


def test_the_configuration_that_is_there_stays_and_what_is_replaced_is_kept(place, tmp_path):
    file = backed_up(place, tmp_path / "b")
    changed = place.config.read_text().replace("10.0.0.2", "10.0.0.9")
    place.config.write_text(changed)
    (place.data / "users.json").write_text("[]")
    done = gate("restore", file, "--json", "--config", place.config)
    assert done.returncode == 0, done.stderr
    reported = json.loads(done.stdout)
    assert place.config.read_text() == changed
    assert any("gate.toml.from-backup" in word for word in reported["told"])
    assert (place.data / "users.json.before-restore-1").read_text() == "[]"
    assert (place.data / "journal-before-restore-1.db").exists()
    assert len(UserStore(place.data).all()) == 1


def test_the_backup_of_one_gate_does_not_become_another(place, tmp_path):
    file = backed_up(place, tmp_path / "b")
    other = Place(tmp_path / "two", name="other")
    done = gate("restore", file, "--config", other.config)
    assert done.returncode == 1
    assert "of another" in done.stderr


@pytest.mark.parametrize("name", ["data/../../evil", "/etc/evil", "data/.ssh", "other/x"])
def test_a_member_that_belongs_nowhere_is_refused(tmp_path, name):
    write_archive(tmp_path / "b", {}, [Member(name, b"x")], "")
    with pytest.raises(BadBackup, match="name that none may have"):
        unpack(tmp_path / "b", "", tmp_path / "out")


def test_a_file_is_put_nowhere_but_beside_the_configuration(place, tmp_path):
    text = place.config.read_bytes()
    members = [
        Member(CONFIG, text),
        Member("files/1", b"evil", 0o777, "../../evil"),
        Member("files/2", b"evil", 0o777, str(tmp_path / "evil")),
    ]
    journal = (place.data / "journal.db").read_bytes()
    about = {"site": "s", "gate": "g", "made": "", "last_sequence": 0}
    write_archive(tmp_path / "b", about, [*members, Member("data/journal.db", journal)], "")
    other = tmp_path / "deep" / "two" / "gate.toml"
    done = gate("restore", tmp_path / "b", "--config", other)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "evil").exists()
    assert (other.parent / "from-backup" / "evil").read_bytes() == b"evil"


def test_a_backup_that_finds_no_room_leaves_nothing_behind(place, tmp_path):
    from tests.support.small_disk import a_small_disk

    (place.data / "large.json").write_bytes(tarfile.open.__doc__.encode() * 3000)
    with a_small_disk(tmp_path / "disk") as disk:
        (disk / "glutton").write_bytes(bytes(7_700_000))
        done = gate("backup", disk / "b", "--config", place.config)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert [f.name for f in disk.iterdir()] == ["glutton"]


@pytest.mark.parametrize("how", ["read-only", "full"])
def test_a_stopped_gate_is_copied_whole_from_a_disk_that_takes_nothing(place, tmp_path, how):
    from tests.support.small_disk import a_small_disk, remounted

    kept = AssignmentCache(place.data)
    kept.merge([an_assignment("29C11111", id="B1", valid_to=FAR)], True, "9", NOON)
    kept.close()
    with a_small_disk(tmp_path / "disk") as disk:
        (place.data / "ballast").unlink()
        shutil.copytree(place.data, disk / "data")
        (disk / "gate.toml").write_text(
            place.config.read_text().replace('"data"', f'"{disk / "data"}"')
        )
        if how == "full":
            with contextlib.suppress(OSError), (disk / "glutton").open("wb") as glutton:
                while True:
                    glutton.write(bytes(4096))
                    glutton.flush()
        else:
            remounted(disk, "ro")
        shutil.rmtree(place.data)
        verified = gate("journal", "verify", "--config", disk / "gate.toml")
        assert verified.returncode == 0, verified.stderr
        exported = gate("journal", "export", "--config", disk / "gate.toml")
        assert len(exported.stdout.splitlines()) == 600
        done = gate("backup", tmp_path / "b", "--config", disk / "gate.toml")
        assert done.returncode == 0, done.stderr
        assert {"data/journal.db", "data/assignments.db", "data/users.json"} <= set(
            unpacked(tmp_path / "b")
        )


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_is_not_led_out_of_the_data_folder_and_says_whose_it_is(place, tmp_path):
    file = backed_up(place, tmp_path / "b")
    shutil.rmtree(place.data)
    place.data.mkdir()
    (tmp_path / "etc").mkdir()
    (place.data / "keys").symlink_to(tmp_path / "etc")
    done = gate("restore", file, "--config", place.config)
    assert done.returncode == 1
    assert "is a link" in done.stderr
    assert list((tmp_path / "etc").iterdir()) == []
    (place.data / "keys").unlink()
    done = gate("restore", file, "--config", place.config)
    assert done.returncode == 0, done.stderr
    assert f"{place.data} belongs to root" in done.stdout


def test_what_a_killed_backup_or_restoring_left_is_removed_by_the_next(place, tmp_path):
    old, young = tmp_path / ".gate-backup-old", tmp_path / ".gate-backup-young"
    for left in (old, young, place.data / ".restore-old"):
        left.mkdir()
        (left / "journal.db").write_bytes(b"events")
    os.utime(old, (0, 0))
    file = backed_up(place, tmp_path / "b")
    assert not old.exists()
    assert young.exists()
    done = gate("restore", file, "--config", place.config)
    assert done.returncode == 0, done.stderr
    assert not (place.data / ".restore-old").exists()


def test_what_is_only_linked_goes_along_and_never_what_is_somebody_elses(place, tmp_path):
    users = place.data / "users.json"
    text = users.read_bytes()
    users.replace(tmp_path / "elsewhere.json")
    users.symlink_to(tmp_path / "elsewhere.json")
    file = backed_up(place, tmp_path / "b")
    unpack(file, "", tmp_path / "out")
    assert (tmp_path / "out" / "data" / "users.json").read_bytes() == text
    if os.geteuid() != 0:
        return
    os.chown(tmp_path / "elsewhere.json", 12345, 12345)
    done = gate("backup", tmp_path / "c", "--config", place.config)
    assert done.returncode == 1
    assert "users.json is a link" in done.stderr
    assert not (tmp_path / "c").exists()


def test_a_restoring_waits_for_no_pipe(place, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = gate("restore", tmp_path / "pipe", "--config", place.config)
    assert done.returncode == 2
    assert "is no file" in done.stderr


def test_a_small_backup_has_a_size(place, tmp_path):
    done = gate("backup", tmp_path / "b", "--config", place.config)
    assert " kB, up to event 600" in done.stdout, done.stdout


def test_the_copy_of_a_sealed_backup_lies_beside_the_journal(place, tmp_path):
    """What is killed in the middle leaves nothing unsealed on the disk it was for."""
    disk = tmp_path / "disk"
    disk.mkdir()
    assert _copied_at(disk, place.data, sealed=True) == place.data
    assert _copied_at(disk, place.data, sealed=False) == disk
    assert _copied_at(disk, tmp_path / "none", sealed=True) == disk
    (tmp_path / "word").write_text("một câu dài")
    backed_up(place, disk / "b", "--passphrase-file", tmp_path / "word")
    assert [f.name for f in disk.iterdir()] == ["b"]
    assert [f.name for f in place.data.iterdir() if f.name.startswith(COPY)] == []
