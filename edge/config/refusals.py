"""What `gate config check` refuses although it leaves no motion unsafe or unknown.

The service starts with it, with an alarm: the part concerned is down, and tried again. Files are
checked too, so the result may differ a minute later.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from edge.config.address import is_host
from edge.config.camera import CameraConfig
from edge.config.lane import MqttDisplay, camera_key
from edge.config.links import CustomsConfig, PlatformConfig
from edge.config.secret import SecretError, secret_of
from edge.config.settings import Settings
from edge.config.wires import Device, Wire

MADE_BY_US = frozenset({"data_folder", "folder", "trace"})
"""Paths that need not be there: the service makes them, or waits for them."""

NO_DISK = ("/proc", "/sys", "/dev", "/run")
"""Folders whose content is the kernel's, or is gone after a restart."""

SECRETS = frozenset({"password_file", "client_secret_file"})

FOLDERS = frozenset({"detector", "reader"})
"""Paths that may be folders: networks in several files."""


def refusals(settings: Settings) -> Iterator[str]:
    """Each as `key: reason and cure`."""
    yield from _missing(settings, "")
    yield from _nowhere(settings.data_folder)
    yield from _links(settings)
    for name, lane in settings.lanes.items():
        for camera, config in lane.all_cameras.items():
            yield from _camera(camera_key(name, camera), config)
        trace = lane.barrier.trace
        if trace is not None and not _can_be_written(trace):
            yield (
                f"lanes.{name}.barrier.trace: {trace} cannot be written, and the wire is not "
                "recorded; correct the path, or its owner"
            )
    yield from _displays(settings)
    yield from _issuers(settings)


def _nowhere(folder: Path) -> Iterator[str]:
    """Finds a folder in which nothing can be made, or nothing is kept over a restart of the
    computer. The service moves no arm without its data folder and tries again, as for a disk that
    comes later."""
    place = folder.resolve()
    if any(place.is_relative_to(kernel) for kernel in NO_DISK):
        yield f"data_folder: {folder} is on no disk and keeps nothing; name a folder on a disk"
    elif (file := next(p for p in (place, *place.parents) if p.exists())).is_file():
        yield f"data_folder: {file} is a file; name a folder"


def _missing(section: BaseModel, key: str) -> Iterator[str]:
    """Files that are named and not there."""
    for name in type(section).model_fields:
        value, place = getattr(section, name), f"{key}.{name}".lstrip(".")
        if isinstance(value, BaseModel):
            yield from _missing(value, place)
        elif isinstance(value, dict):
            for inner, one in value.items():
                if isinstance(one, BaseModel):
                    yield from _missing(one, f"{place}.{inner}")
        elif isinstance(value, Path) and name not in MADE_BY_US:
            yield from _file(value, place, name in FOLDERS)


def _file(file: Path, key: str, may_be_folder: bool) -> Iterator[str]:
    try:
        if file.is_file() or (may_be_folder and file.is_dir()):
            with open(file, "rb") if file.is_file() else open("/dev/null", "rb"):
                yield from _content(file, key)
                return
        why = "is a folder" if file.is_dir() else "there is no such file"
    except OSError as error:
        why = f"cannot be read ({error.strerror}); whose is it?"
    yield f"{key}: {file}: {why}; correct the path, or put it there"


def _content(file: Path, key: str) -> Iterator[str]:
    """Finds a file that exists and holds no password, or no authority of certificates."""
    name = key.rpartition(".")[2]
    try:
        if name in SECRETS:
            secret_of(file)
        elif name == "ca_file":
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except SecretError as error:
        yield f"{key}: {error}"
    except (ssl.SSLError, ValueError) as error:
        why = getattr(error, "reason", None) or "not readable"
        yield f"{key}: {file} holds no certificate in PEM ({why}); put the authority's there"


def _can_be_written(file: Path) -> bool:
    """Whether it could be made or written now."""
    if file.exists():
        return file.is_file() and os.access(file, os.W_OK)
    there = next(p for p in file.parents if p.exists())
    return there.is_dir() and os.access(there, os.W_OK)


def _links(settings: Settings) -> Iterator[str]:
    customs, platform, console = settings.customs, settings.platform, settings.console
    if customs is not None:
        yield from _broker("customs", customs)
        yield from _pair("customs", customs.cert_file, customs.key_file)
    for name, wire in settings.wires.items():
        yield from _reached(f"wires.{name}", wire)
    if isinstance(platform, PlatformConfig):
        files = platform.ca_file or platform.cert_file
        yield from _web("platform", "url", platform.url, files)
        yield from _pair("platform", platform.cert_file, platform.key_file)
        if platform.oauth is not None:
            yield from _web("platform.oauth", "token_url", platform.oauth.token_url, None)
    if console.host:
        yield from _host("console", console.host)
    yield from _pair("console", console.cert_file, console.key_file)
    if console.cert_file is not None and console.insecure:
        yield "console.insecure: there is a cert_file too; remove one of them"


def _reached(key: str, wire: Wire) -> Iterator[str]:
    """Whether the address and what goes with it can be used, by the keys that a wire has."""
    if (host := getattr(wire, "host", None)) is not None:
        yield from _host(key, host)
    if (url := getattr(wire, "url", None)) is not None:
        yield from _web(key, "url", url, getattr(wire, "ca_file", None))
    if hasattr(wire, "tls"):
        yield from _protected(key, wire)


def _broker(key: str, broker: CustomsConfig) -> Iterator[str]:
    yield from _host(key, broker.host)
    yield from _protected(key, broker)


def _protected(key: str, broker: CustomsConfig | Wire) -> Iterator[str]:
    """Files and passwords that `tls` and `username` make use of."""
    files = [n for n in ("ca_file", "cert_file", "key_file") if getattr(broker, n, None)]
    if files and not getattr(broker, "tls", False):
        yield f"{key}.{files[0]}: without tls it is not used; write tls = true, or remove it"
    if getattr(broker, "password_file", None) and not getattr(broker, "username", ""):
        yield f"{key}.password_file: without username it is not used; add it"


def _host(key: str, host: str) -> Iterator[str]:
    if is_host(host):
        return
    if "://" in host:
        cure = "write the name or address alone; TLS is tls = true"
    elif re.match(r"^\[?[^/]+\]?:\d+$", host):
        cure = "write the name or address alone, the port as port"
    else:
        cure = "write a name or an address"
    yield f"{key}.host: no host; {cure}"


def _web(key: str, name: str, url: str, files: Path | None) -> Iterator[str]:
    found = re.fullmatch(r"https?://(?:\[([^]]+)\]|([^/:@?#]+))(:\d{1,5})?([/?][^@#]*)?", url)
    if (
        found is None
        or not is_host(found[1] or found[2])
        or (found[1] and ":" not in found[1])
        or not 0 < int((found[3] or ":1")[1:]) <= 65535
    ):
        cure = "write https://host:port/path; user and password have keys of their own"
        yield f"{key}.{name}: no address; {cure}"
    if files is not None and url.startswith("http://"):
        yield f"{key}.{name}: a certificate is named, but http:// uses none; write https://"


def _pair(key: str, cert: Path | None, own_key: Path | None) -> Iterator[str]:
    """A certificate with its key, as they must fit each other."""
    if cert is None and own_key is not None:
        yield f"{key}.key_file: without cert_file it is not used; name the certificate too"
    if cert is None or not all(f is None or f.is_file() for f in (cert, own_key)):
        return
    try:
        # An encrypted key would be asked for at a terminal that nobody looks at.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, own_key, lambda: "")
    except (ssl.SSLError, ValueError, OSError) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or "not readable"
        yield (
            f"{key}.cert_file: {cert} with {own_key or 'no key_file'} is no certificate with its "
            f"key, in PEM and without a password ({why})"
        )


def _camera(key: str, camera: CameraConfig) -> Iterator[str]:
    source = camera.source
    if mistake := source.mistake():
        yield f"{key}.source: {mistake}"
    elif source.unencoded():
        yield (
            f"{key}.source: a character is not encoded as it must be: write %40 for @, %3A for : "
            "and %25 for % in user, password and path, or use username and password_file"
        )
    if not source.scheme and not Path(source.whole).is_file():
        yield f"{key}.source: {source}: no such video file; correct it, or write rtsp://..."
    if camera.password_file is not None and not camera.username:
        yield f"{key}.password_file: without username it is not used; add it"


def _displays(settings: Settings) -> Iterator[str]:
    """A text for drivers must not reach what moves an arm, nor another lane's sign."""
    taken: dict[tuple[Device, str], str] = {}
    for name, lane in settings.lanes.items():
        barrier = lane.barrier
        for topic in (barrier.cover.command, barrier.cover.state) if barrier.cover else ():
            taken[settings.wires[barrier.wire].device, topic] = f"the barrier of lane {name}"
    for name, lane in settings.lanes.items():
        if isinstance(lane.display, MqttDisplay):
            place = (settings.wires[lane.display.wire].device, lane.display.topic)
            first = taken.setdefault(place, f"the display of lane {name}")
            if first != f"the display of lane {name}":
                yield f"lanes.{name}.display.topic: is that of {first}; give it one of its own"


def _issuers(settings: Settings) -> Iterator[str]:
    names = [issuer.name for issuer in settings.issuers]
    for number, issuer in enumerate(settings.issuers):
        key = f"issuers.{number}"
        if names.index(issuer.name) != number:
            yield (
                f"{key}.name: {issuer.name!r} is there twice, and none of them counts; write one, "
                "with all its actions and lanes"
            )
        for lane in issuer.lanes:
            if lane not in settings.lanes:
                known = ", ".join(settings.lanes)
                yield f"{key}.lanes: no lane {lane!r}; known: {known}"
