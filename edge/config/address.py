"""Addresses with a secret in them: shown without it; only the connection itself gets the whole.

A password may stand before the host, in the query or, with some cameras, in the path
(`/user=admin_password=...`). Where it is not clear what is password and what is address, more is
hidden rather than less.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from edge.system.causes import Cause, cause

HIDDEN = "***"

SECRET = re.compile(r"(?i)(pass|pwd|pw|psw|secret|token|key|auth|user|usr|login)[a-z_]*[=:][^/]*")
"""A part of a path that names a secret or whose it is."""

SPOKEN = ("rtsp", "rtsps", "http", "https")
"""Schemes of cameras; what has none is a file."""

USB = re.compile(r"usb:(?:(\d{1,3})|(/.+))")
DEVICE = re.compile(r"/dev/(video\d{1,3}|v4l/.+)")
"""A USB camera: by number, by the path of its device, or that path alone."""

UNRESERVED = "-._~!$&'()*+,;="
"""Characters that may stand before the host as they are (RFC 3986), beside letters and digits."""


def masked(address: str) -> str:
    """The address for messages and logs: without user, password and query."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        # A path, or an address whose scheme was forgotten.
        return HIDDEN if "@" in address else address
    authority, path, query = _parts(rest)
    place = authority.rpartition("@")[2]
    if not _is_place(place) or "@" in path or (authority == place and "@" in query):
        # The "@" may end a password with a "/" or "?" in it.
        return f"{scheme}://{HIDDEN}"
    user = f"{HIDDEN}@" if place != authority else ""
    return f"{scheme}://{user}{place}{SECRET.sub(HIDDEN, path)}{f'?{HIDDEN}' if query else ''}"


_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
LABELS = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
"""A name in DNS: labels of 1 to 63 letters; other scripts in their form xn--."""

LONGEST_HOST = 253

HERE = ("127.0.0.1", "::1", "0.0.0.0", "::")
"""Hosts that reach this computer like `localhost`."""

NUMERIC = re.compile(r"(?i)(^|\.)(\d+|0x[0-9a-f]*)\.?$")
"""Matches a host that ends in a number."""


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """A camera's address, or a video file. `str` hides its secrets; `whole` has them."""

    whole: str

    def __str__(self) -> str:
        return masked(self.whole)

    def __repr__(self) -> str:
        return f"<Source {self}>"

    @property
    def scheme(self) -> str:
        """In lower case; "" for a file."""
        scheme, mark, _ = self.whole.partition("://")
        return scheme.lower() if mark else ""

    @property
    def device(self) -> str:
        """The path of a USB camera's device; "" for any other source."""
        if found := USB.fullmatch(self.whole):
            return f"/dev/video{found[1]}" if found[1] else found[2]
        return self.whole if DEVICE.fullmatch(self.whole) else ""

    def mistake(self) -> Cause | None:
        """Why no address can be made of it, without telling what stands there; None if one can."""
        if not self.scheme:
            return None
        if self.scheme not in SPOKEN:
            return cause("address.scheme", scheme=repr(self.scheme), known=", ".join(SPOKEN))
        authority, path, query = _parts(self.whole.partition("://")[2])
        if "@" in path + query and ("@" in authority or not _is_place(authority)):
            return cause("address.unencoded")
        if not _is_place(authority.rpartition("@")[2]):
            return cause("address.place")
        return None

    def unencoded(self) -> bool:
        """Whether a character that must be encoded stands in user or password as it is."""
        authority, path, query = _parts(self.whole.partition("://")[2])
        if self.mistake() or "@" in path + query:
            return True
        user = authority.rpartition("@")[0]
        return bool(re.search(r"[^A-Za-z0-9%:" + re.escape(UNRESERVED) + r"]", user)) or (
            user.count(":") > 1 or bool(re.search(r"%(?![0-9A-Fa-f]{2})", user))
        )

    @property
    def camera(self) -> str:
        """A key that is equal for two addresses of one picture, whichever user signs in there."""
        authority, path, query = _parts(self.whole.partition("://")[2])
        if not self.scheme or self.mistake():
            return self.whole
        split = urlsplit(f"//{authority.rpartition('@')[2]}")
        usual = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}[self.scheme]
        return (
            f"{self.scheme}://{same_host(split.hostname or '')}:{split.port or usual}{path}{query}"
        )

    @property
    def signs_in(self) -> bool:
        """Whether a user stands in it."""
        return "@" in _parts(self.whole.partition("://")[2])[0]

    def signed(self, username: str, password: str) -> Source:
        """With that user instead of the one that it may name."""
        scheme, _, rest = self.whole.partition("://")
        authority = _parts(rest)[0]
        place = authority.rpartition("@")[2] + rest[len(authority) :]
        return Source(f"{scheme}://{quote(username, safe='')}:{quote(password, safe='')}@{place}")

    def opened(self) -> str:
        """The whole address for opening it: user and password encoded as they must be."""
        scheme, mark, rest = self.whole.partition("://")
        authority = _parts(rest)[0]
        user, at, place = authority.rpartition("@")
        if not mark or not at:
            return self.whole
        name, colon, word = user.partition(":")
        kept = f"{quote(unquote(name), safe='')}{colon}{quote(unquote(word), safe='')}"
        return f"{scheme}://{kept}@{place}{rest[len(authority) :]}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _source,
            serialization=core_schema.plain_serializer_function_ser_schema(str),
            json_schema_input_schema=core_schema.str_schema(),
        )


def _source(given: object) -> Source:
    if isinstance(given, Source):
        return given
    if not isinstance(given, str) or not given:
        raise ValueError("write an address or the path of a video file")
    return Source(given)


def _parts(rest: str) -> tuple[str, str, str]:
    """The parts after the scheme: authority, path, and query with fragment."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = re.split(r"[?#]", rest[len(authority) :], maxsplit=1)[0]
    return authority, path, rest[len(authority) + len(path) :]


def is_host(host: str) -> bool:
    """Whether it is a name, or an address (IPv6 without brackets). What ends in a number is meant
    as an address: `10.0.0.256` and `010.0.0.1` are none."""
    if LABELS.fullmatch(host) and len(host) <= LONGEST_HOST and not NUMERIC.search(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def same_host(host: str) -> str:
    """Equal for two spellings of one host; names are not asked for."""
    plain = host.strip("[]").lower().rstrip(".")
    with contextlib.suppress(OSError, ValueError):
        plain = socket.inet_ntoa(socket.inet_aton(plain))
    try:
        found = ipaddress.ip_address(plain)
    except ValueError:
        return plain
    found = getattr(found, "ipv4_mapped", None) or found
    return "localhost" if str(found) in HERE else str(found)


def _is_place(authority: str) -> bool:
    """Whether it is host[:port]."""
    if "@" in authority:
        return False
    try:
        split = urlsplit(f"//{authority}")
        return is_host(split.hostname or "") and split.port != 0 and split.netloc == authority
    except ValueError:
        return False
