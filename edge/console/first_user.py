"""The first administrator of a new gate."""

from __future__ import annotations

import logging
import secrets

from edge.console.users import UserError, UserStore
from edge.gate.alarm_texts import RECORDED_IN, phrase_text
from edge.gate.monitors.data import Kept, users_lost

log = logging.getLogger(__name__)


def first_administrator(users: UserStore, journal: Kept) -> tuple[str, str] | None:
    """Name and random password of an administrator, made where there is no user at all and the gate
    is new; else None, with a word in the log where nobody can sign in."""
    lost = users_lost(lambda: len(users.all()), journal)
    if lost:
        log.error("nobody can sign in to the console: %s", phrase_text(RECORDED_IN, lost))
        return None
    try:
        if users.all():
            return None
        password = secrets.token_urlsafe(9)
        users.add("admin", "administrator", password)
    except (UserError, OSError) as error:
        log.error("nobody can sign in to the console: %s", error)
        return None
    return "admin", password
