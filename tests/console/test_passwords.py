"""Passwords that may be chosen, and how they are kept."""

import hashlib
import json

import pytest

from edge.console import passwords
from edge.console.sessions import Sessions
from edge.console.users import UserError, UserStore
from tests.support.operations_twin import PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "x" * 129,
        "Password1234",
        "P@ssw0rd2026",
        "matkhau123456",
        "Mật khẩu 2026!",
        "123456789012",
        "210987654321",
        "qwertyuiopqwerty",
        "aaaaaaaaaaaa",
        "abababababab",
        "admin-admin-admin",
        "CuaKhau-2026!",
        "anhyeuem1999",
        "abcdefghijkl",
        "\ud800" * 12,
        "lan-thi-nguyen",
        "Lan.Thi.Nguyen1",
    ],
)
def test_what_is_first_guessed_may_not_be_chosen(tmp_path, password):
    with pytest.raises(UserError):
        UserStore(tmp_path).add("lan.thi.nguyen", "viewer", password)


@pytest.mark.parametrize(
    "password",
    ["mưa rơi trên bến sông", "correct horse battery staple", "k7#Vd2!qLw9z", "x1x1x1y2z3q4r5"],
)
def test_a_phrase_of_ones_own_may_be_chosen(tmp_path, password):
    store = UserStore(tmp_path)
    store.add("lan", "viewer", password)
    assert store.verify("lan", password).name == "lan"
    assert store.verify("lan", password + "x") is None
    assert store.verify("lan", password.upper()) is None


def test_a_hash_tells_how_it_was_made_and_no_two_are_the_same(tmp_path):
    store = UserStore(tmp_path)
    for name in ("lan", "mai"):
        store.add(name, "viewer", PASSWORD)
    one, other = (user.hash for user in store.all())
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other


def of_before(store, folder):
    """The file as the version with scrypt wrote it."""
    salt = b"0123456789abcdef"
    found = hashlib.scrypt("dài tám".encode(), salt=salt, **passwords.SCRYPT).hex()
    row = {"name": "thu", "role": "viewer", "salt": salt.hex(), "hash": found, "disabled": False}
    (folder / "users.json").write_text(json.dumps([row]))


def test_a_password_of_before_counts_and_is_kept_anew_at_its_sign_in(tmp_path):
    store = UserStore(tmp_path)
    of_before(store, tmp_path)
    sessions = Sessions(store, 1.0, "vi")
    token, _ = sessions.begin(store.find("thu"))
    assert store.verify("thu", "dài chín") is None
    assert not store.find("thu").hash.startswith("$argon2id$")
    assert store.verify("thu", "dài tám").name == "thu"
    assert store.find("thu").hash.startswith("$argon2id$")
    assert store.verify("thu", "dài tám").name == "thu"
    # No session ends by that.
    assert sessions.find(token) is not None


def test_weaker_parameters_of_before_are_replaced(tmp_path):
    store = UserStore(tmp_path)
    store.add("lan", "viewer", PASSWORD)
    (row,) = json.loads((tmp_path / "users.json").read_text())
    row["hash"] = passwords.PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    (tmp_path / "users.json").write_text(json.dumps([row]))
    assert store.verify("lan", PASSWORD) is not None
    assert "m=19456" in store.find("lan").hash


@pytest.mark.parametrize("kept", ["", "$argon2id$", "$argon2id$v=19$m=1", "00" * 64])
def test_a_damaged_hash_lets_nobody_in(tmp_path, kept):
    store = UserStore(tmp_path)
    store.add("lan", "viewer", PASSWORD)
    (row,) = json.loads((tmp_path / "users.json").read_text())
    (tmp_path / "users.json").write_text(json.dumps([{**row, "hash": kept}]))
    assert store.verify("lan", PASSWORD) is None
