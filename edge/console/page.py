"""One page of the console: its template with what all pages need."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates

from edge.config import Settings
from edge.console import access, appearance
from edge.console.alarm_display import translated_alarm
from edge.console.catalogue import LANGUAGES, translate
from edge.console.local_format import day_shown, local_time, number, plain, who
from edge.console.reason_display import translated_detail
from edge.console.sessions import Session
from edge.console.users import User
from edge.gate.alarm_texts import said
from edge.gate.refusal_texts import guard_said

HERE = Path(__file__).parent


class Pages:
    """Call it with the request and the template's name; `more` goes to the template."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._templates = Jinja2Templates(HERE / "templates")

    def __call__(self, request: Request, name: str, status: int = 200, **more: Any) -> Response:
        settings = self._settings
        session: Session | None = getattr(request.state, "session", None)
        user: User | None = getattr(request.state, "user", None)
        language = session.language if session else _language(request, settings)
        notices = session.take_notices() if session else []

        def authority(code: str) -> str:
            named = translate(language, f"authority_{code}").removeprefix("authority_")
            return settings.authority_names.get(code, named)

        def lane_name(code: str) -> str:
            lane = settings.lanes.get(code)
            return lane.name or code if lane else translate(language, f"lane_{code}")

        context = {
            "t": lambda key: translate(language, key),
            "t_or": lambda key, other: (
                other if translate(language, key) == key else translate(language, key)
            ),
            "colon": translate(language, "colon"),
            "language": language,
            "languages": LANGUAGES,
            "session": session,
            "user": user,
            "rank": int(user.rank) if user else 0,
            "may": lambda path: user is not None and user.rank >= access.GET_ROLES[path],
            "may_order": lambda action: (
                user is not None and user.rank >= access.ACTION_ROLES[action]
            ),
            "path": request.url.path,
            "site": settings.site,
            "gate": settings.gate,
            "notices": notices,
            "lane_names": {key: lane.name or key for key, lane in settings.lanes.items()},
            "theme": appearance.chosen(request, appearance.THEME, "auto"),
            "size": appearance.chosen(request, appearance.SIZE, "plain"),
            "translated_alarm": partial(translated_alarm, language),
            "said": partial(said, language),
            "local": partial(local_time, language=language),
            "number": partial(number, language),
            "day_shown": partial(day_shown, language),
            "plain": partial(plain, language),
            "lane_name": lane_name,
            "lane_list": lambda lanes: ", ".join(lane_name(lane) for lane in lanes),
            "who": partial(who, language),
            "guard_says": lambda why: said(language, guard_said(why)) if why else "",
            "authority_names": settings.authority_names,
            "authority": authority,
            "translated_detail": partial(translated_detail, language, authority),
            **more,
        }
        return self._templates.TemplateResponse(
            request, f"{name}.html", context, status_code=status
        )


def _language(request: Request, settings: Settings) -> str:
    """Before anybody has signed in: as the address says, else as it was on this browser."""
    posted = getattr(request.state, "language", "")
    asked = posted or request.query_params.get("language", "")
    if asked in LANGUAGES:
        return asked
    return appearance.chosen(request, appearance.LANGUAGE, settings.console.language)
