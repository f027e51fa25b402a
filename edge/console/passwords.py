"""Passwords: which may be chosen, and how they are kept. Argon2id with the parameters that OWASP's
Password Storage Cheat Sheet gives first; they stand in each hash. Hashes of before (scrypt) are
still verified, and made anew at the next sign-in.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from edge.system.causes import Cause, cause

SHORTEST = 12
LONGEST = 128
"""Characters of a password that is chosen."""

LONGEST_TRIED = 256
"""Characters of one that is verified; more is no password but work for the computer."""

SCRYPT = {"n": 2**14, "r": 8, "p": 1}
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MB and some 40 ms for each try."""

KEYS = (
    "0123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
)
COMMON = frozenset((Path(__file__).parent / "common_words.txt").read_text().split())
"""Words that most guesses begin with, ours among them. With figures after them they are none
better."""

LEET = str.maketrans("013457@$", "oieastas")


def unfit(password: str, name: str) -> Cause | None:
    """Why it may not be chosen by who is called so; None where it may."""
    if not SHORTEST <= len(password) <= LONGEST:
        return cause("users.password", shortest=SHORTEST, longest=LONGEST)
    try:
        password.encode()
    except UnicodeEncodeError:
        return cause("users.no_character")
    plain = _plain(password)
    letters = re.sub(r"[^a-z]", "", plain)
    middle = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password)
    leet = _plain(middle.translate(LEET))
    if len(set(plain)) < 5 or _is_common(letters) or _is_common(leet):
        return cause("users.common")
    if any(plain in keys * 3 or plain[::-1] in keys * 3 for keys in KEYS):
        return cause("users.common")
    if name and letters == re.sub(r"[^a-z]", "", _plain(name)):
        return cause("users.own_name")
    return None


def hashed(password: str) -> str:
    return HASHER.hash(password)


def matches(password: str, kept: str, salt: str) -> bool:
    """Whether it is the one; `salt`: of a hash of before, in hex."""
    if len(password) > LONGEST_TRIED:
        password = password[:LONGEST_TRIED] + "\0"
    given = password.encode("utf-8", "surrogatepass")
    if not kept.startswith("$argon2id$"):
        found = hashlib.scrypt(given, salt=bytes.fromhex(salt), **SCRYPT).hex()
        return hmac.compare_digest(found, kept)
    with contextlib.suppress(VerificationError, InvalidHashError):
        return HASHER.verify(kept, given)
    return False


def outdated(kept: str) -> bool:
    """Whether it is to be made anew: another kind, or weaker parameters than today's."""
    return not kept.startswith("$argon2id$") or HASHER.check_needs_rehash(kept)


NOBODYS = HASHER.hash(os.urandom(16))
"""Verified for names that nobody has, so that time tells nothing."""


def _plain(text: str) -> str:
    """Small letters and figures alone, without marks."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(c for c in apart if c.isalnum() and c.isascii())


def _is_common(letters: str) -> bool:
    """One such word, or the same again and again."""
    sizes = (n for n in range(3, len(letters) + 1) if len(letters) % n == 0)
    return any(
        letters == letters[:n] * (len(letters) // n) and letters[:n] in COMMON for n in sizes
    )
