"""Whose files the data folder holds: a command that root runs must leave none that the service
cannot write."""

from __future__ import annotations

import contextlib
import os
import pwd
from pathlib import Path


def become_owner(folder: Path) -> None:
    """Root becomes the owner of the folder, for good, with that user's groups; anybody else stays
    who they are. Of a folder that is not there yet, the one above counts. Raises OSError."""
    if os.geteuid() != 0:
        return
    user, group = _owner(folder)
    if user == 0:
        return
    try:
        os.initgroups(pwd.getpwuid(user).pw_name, group)
    except KeyError:
        os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def give_to_owner(path: Path, folder: Path) -> None:
    """Gives what root has made to the folder's owner, as far as this user may."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.chown(path, *_owner(folder), follow_symlinks=False)


def _owner(folder: Path) -> tuple[int, int]:
    at = folder.absolute()
    found = next(place for place in (at, *at.parents) if place.exists()).stat()
    return found.st_uid, found.st_gid
