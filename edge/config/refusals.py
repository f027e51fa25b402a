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
from edge.config.problem import Problem
from edge.config.secret import SecretError, secret_of
from edge.config.settings import Settings
from edge.config.wires import Device, Wire
from edge.system.causes import Cause, cause, cause_of

MADE_BY_US = frozenset({"data_folder", "folder", "trace"})
"""Paths that need not be there: the service makes them, or waits for them."""

NO_DISK = ("/proc", "/sys", "/dev", "/run")
"""Folders whose content is the kernel's, or is gone after a restart."""

SECRETS = frozenset({"password_file", "client_secret_file"})

FOLDERS = frozenset({"detector", "reader"})
"""Paths that may be folders: networks in several files."""


def refusals(settings: Settings) -> Iterator[Problem]:
    """Each with a cause in the sense of system.causes."""
    yield from _missing(settings, "")
    yield from _nowhere(settings.data_folder)
    yield from _links(settings)
    for name, lane in settings.lanes.items():
        for camera, config in lane.all_cameras.items():
            yield from _camera(camera_key(name, camera), config)
        trace = lane.barrier.trace
        if trace is not None and not _can_be_written(trace):
            yield Problem(f"lanes.{name}.barrier.trace", cause("config.trace", file=trace))
    yield from _displays(settings)
    yield from _issuers(settings)


def _nowhere(folder: Path) -> Iterator[Problem]:
    """Finds a folder in which nothing can be made, or nothing is kept over a restart of the
    computer. The service moves no arm without its data folder and tries again, as for a disk that
    comes later."""
    place = folder.resolve()
    if any(place.is_relative_to(kernel) for kernel in NO_DISK):
        yield Problem("data_folder", cause("config.no_disk", folder=folder))
    elif (file := next(p for p in (place, *place.parents) if p.exists())).is_file():
        yield Problem("data_folder", cause("config.no_folder", file=file))


def _missing(section: BaseModel, key: str) -> Iterator[Problem]:
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


def _file(file: Path, key: str, may_be_folder: bool) -> Iterator[Problem]:
    try:
        if file.is_file() or (may_be_folder and file.is_dir()):
            with open(file, "rb") if file.is_file() else open("/dev/null", "rb"):
                yield from _content(file, key)
                return
        why = cause("config.is_folder") if file.is_dir() else cause("config.no_file")
    except OSError as error:
        why = cause("config.unreadable", error=error.strerror)
    yield Problem(key, cause("config.path", file=file, why=why))


def _content(file: Path, key: str) -> Iterator[Problem]:
    """Finds a file that exists and holds no password, or no authority of certificates."""
    name = key.rpartition(".")[2]
    try:
        if name in SECRETS:
            secret_of(file)
        elif name == "ca_file":
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except SecretError as error:
        yield Problem(key, cause_of(error))
    except (ssl.SSLError, ValueError) as error:
        reported = getattr(error, "reason", None) or cause("not_readable")
        yield Problem(key, cause("config.no_pem", file=file, why=reported))


def _can_be_written(file: Path) -> bool:
    """Whether it could be made or written now."""
    if file.exists():
        return file.is_file() and os.access(file, os.W_OK)
    there = next(p for p in file.parents if p.exists())
    return there.is_dir() and os.access(there, os.W_OK)


def _links(settings: Settings) -> Iterator[Problem]:
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
    if (partners := settings.partners) is not None:
        yield from _host("partners", partners.host)
        yield from _pair("partners", partners.cert_file, partners.key_file)
    if console.cert_file is not None and console.insecure:
        yield Problem("console.insecure", cause("config.insecure"))


def _reached(key: str, wire: Wire) -> Iterator[Problem]:
    """Whether the address and what goes with it can be used, by the keys that a wire has."""
    if (host := getattr(wire, "host", None)) is not None:
        yield from _host(key, host)
    if (url := getattr(wire, "url", None)) is not None:
        yield from _web(key, "url", url, getattr(wire, "ca_file", None))
    if hasattr(wire, "tls"):
        yield from _protected(key, wire)


def _broker(key: str, broker: CustomsConfig) -> Iterator[Problem]:
    yield from _host(key, broker.host)
    yield from _protected(key, broker)


def _protected(key: str, broker: CustomsConfig | Wire) -> Iterator[Problem]:
    """Files and passwords that `tls` and `username` make use of."""
    files = [n for n in ("ca_file", "cert_file", "key_file") if getattr(broker, n, None)]
    if files and not getattr(broker, "tls", False):
        yield Problem(f"{key}.{files[0]}", cause("config.without_tls"))
    if getattr(broker, "password_file", None) and not getattr(broker, "username", ""):
        yield Problem(f"{key}.password_file", cause("config.without_username"))


def _host(key: str, host: str) -> Iterator[Problem]:
    if is_host(host):
        return
    if "://" in host:
        why = cause("config.host_with_scheme")
    elif re.match(r"^\[?[^/]+\]?:\d+$", host):
        why = cause("config.host_with_port")
    else:
        why = cause("config.no_host")
    yield Problem(f"{key}.host", why)


def _web(key: str, name: str, url: str, files: Path | None) -> Iterator[Problem]:
    found = re.fullmatch(r"https?://(?:\[([^]]+)\]|([^/:@?#]+))(:\d{1,5})?([/?][^@#]*)?", url)
    if (
        found is None
        or not is_host(found[1] or found[2])
        or (found[1] and ":" not in found[1])
        or not 0 < int((found[3] or ":1")[1:]) <= 65535
    ):
        yield Problem(f"{key}.{name}", cause("config.no_address"))
    if files is not None and url.startswith("http://"):
        yield Problem(f"{key}.{name}", cause("config.plain_http"))


def _pair(key: str, cert: Path | None, own_key: Path | None) -> Iterator[Problem]:
    """A certificate with its key, as they must fit each other."""
    if cert is None and own_key is not None:
        yield Problem(f"{key}.key_file", cause("config.without_cert"))
    if cert is None or not all(f is None or f.is_file() for f in (cert, own_key)):
        return
    try:
        # An encrypted key would be asked for at a terminal that nobody looks at.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, own_key, lambda: "")
    except (ssl.SSLError, ValueError, OSError) as error:
        reported = getattr(error, "reason", None) or getattr(error, "strerror", None)
        why = reported or cause("not_readable")
        named = own_key or cause("no_key_file")
        yield Problem(f"{key}.cert_file", cause("config.pair", cert=cert, key=named, why=why))


def _camera(key: str, camera: CameraConfig) -> Iterator[Problem]:
    source = camera.source
    if mistake := source.mistake():
        yield Problem(f"{key}.source", mistake)
    elif source.unencoded():
        yield Problem(f"{key}.source", cause("config.unencoded"))
    if source.device and not Path(source.device).exists():
        yield Problem(f"{key}.source", cause("camera.no_device", place=source))
    elif not source.scheme and not source.device and not Path(source.whole).is_file():
        yield Problem(f"{key}.source", cause("config.no_video", file=source))
    if camera.password_file is not None and not camera.username:
        yield Problem(f"{key}.password_file", cause("config.without_username"))


def _displays(settings: Settings) -> Iterator[Problem]:
    """A text for drivers must not reach what moves an arm, nor another lane's sign."""
    taken: dict[tuple[Device, str], Cause] = {}
    for name, lane in settings.lanes.items():
        barrier = lane.barrier
        for topic in (barrier.cover.command, barrier.cover.state) if barrier.cover else ():
            device = settings.wires[barrier.wire].device
            taken[device, topic] = cause("config.barrier_of", lane=name)
    for name, lane in settings.lanes.items():
        if isinstance(lane.display, MqttDisplay):
            place = (settings.wires[lane.display.wire].device, lane.display.topic)
            own = cause("config.display_of", lane=name)
            if (first := taken.setdefault(place, own)) != own:
                yield Problem(
                    f"lanes.{name}.display.topic", cause("config.topic_taken", first=first)
                )


def _issuers(settings: Settings) -> Iterator[Problem]:
    names = [issuer.name for issuer in settings.issuers]
    for number, issuer in enumerate(settings.issuers):
        key = f"issuers.{number}"
        if names.index(issuer.name) != number:
            yield Problem(f"{key}.name", cause("config.issuer_twice", name=repr(issuer.name)))
        for lane in issuer.lanes:
            if lane not in settings.lanes:
                known = ", ".join(settings.lanes)
                yield Problem(f"{key}.lanes", cause("config.no_lane", lane=repr(lane), known=known))
