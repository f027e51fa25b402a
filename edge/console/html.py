"""The console's pages and forms, for people. api.py has the same for programs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from edge.assignment import MOST_FOUND, AssignmentState
from edge.config import Settings
from edge.console import access, acts
from edge.console.figures import charts, search
from edge.console.likely import likely
from edge.console.page import Pages
from edge.console.sessions import COOKIE, Sessions, set_cookie
from edge.console.snapshot import view_json
from edge.console.users import UserError, UserStore
from edge.console.words import LANGUAGES
from edge.gate_view import GateDesk, Unanswered
from edge.plate import StrangePlate, canonical

LIVE_EVERY_S = 0.5
MOST_SHOWN = 500
"""Rows of a table that may be long."""


def add_pages(
    app: FastAPI, desk: GateDesk, users: UserStore, settings: Settings, sessions: Sessions
) -> None:
    """All pages."""
    page = Pages(settings)
    _signing_in(app, desk, sessions, page, secure=bool(settings.console.cert_file))
    _pages(app, desk, users, settings, page)
    _pictures(app, desk)
    _forms(app, desk, users)


def _signing_in(
    app: FastAPI, desk: GateDesk, sessions: Sessions, page: Pages, secure: bool
) -> None:
    """`secure`: the cookie only goes over HTTPS."""

    @app.get("/sign-in", response_class=HTMLResponse, include_in_schema=False)
    def sign_in_page(request: Request) -> Response:
        return page(request, "sign_in")

    @app.post("/sign-in", include_in_schema=False)
    def sign_in(
        request: Request, user: Annotated[str, Form()], password: Annotated[str, Form()]
    ) -> Response:
        made = sessions.sign_in(user, password)
        if made is None:
            return page(request, "sign_in", 403, wrong=True)
        answer = RedirectResponse("/", 303)
        set_cookie(answer, made[0], secure)
        acts.audit_quietly(desk, user, "sign_in")
        return answer

    @app.post("/sign-out", include_in_schema=False)
    def sign_out(request: Request) -> Response:
        sessions.sign_out(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    @app.post("/language", include_in_schema=False)
    def language(request: Request, language: Annotated[str, Form()]) -> Response:
        if language in LANGUAGES:
            request.state.session.language = language
        return RedirectResponse(request.headers.get("referer", "/"), 303)


def _pages(app: FastAPI, desk: GateDesk, users: UserStore, settings: Settings, page: Pages) -> None:
    """What people look at."""

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def live_page(request: Request) -> Response:
        completed = desk.journal().recent(types=["passage.completed"], limit=8)
        return page(request, "live", view=desk.view(), completed=completed)

    @app.get("/passages", response_class=HTMLResponse, include_in_schema=False)
    def passages_page(
        request: Request, plate: str = "", lane: str = "", day: str = "", before: int | None = None
    ) -> Response:
        strange = ""
        try:
            found = search(desk.journal(), plate, lane, day, before)
        except StrangePlate as error:
            found, strange = [], str(error)
        return page(
            request, "passages", found=found, plate=plate, lane=lane, day=day, strange=strange,
            lanes=settings.lanes, more=urlencode({"plate": plate, "lane": lane, "day": day}),
        )  # fmt: skip

    @app.get("/exceptions", response_class=HTMLResponse, include_in_schema=False)
    def exceptions_page(request: Request) -> Response:
        view, book = desk.view(), desk.book()
        near = {lane.lane: likely(lane.plate, book, lane.lane) for lane in view.lanes}
        return page(request, "exceptions", view=view, likely=near, as_of=book.as_of)

    @app.get("/assignments", response_class=HTMLResponse, include_in_schema=False)
    def assignments_page(request: Request, plate: str = "", after: str = "") -> Response:
        book = desk.book()
        strange, items = "", []
        try:
            items = list(book.find(canonical(plate), after).items)
        except StrangePlate as error:
            strange = str(error)
        more = ""
        if len(items) == MOST_FOUND:
            more = urlencode({"plate": plate, "after": items[-1].assignment_id})
        items.sort(key=lambda a: (a.state is not AssignmentState.ACTIVE, -a.priority))
        return page(
            request, "assignments", book=book, items=items, plate=plate, strange=strange, more=more
        )

    @app.get("/barriers", response_class=HTMLResponse, include_in_schema=False)
    def barriers_page(request: Request) -> Response:
        return page(request, "barriers", view=desk.view(), actions=list(access.ACTION_ROLES))

    @app.get("/alarms", response_class=HTMLResponse, include_in_schema=False)
    def alarms_page(request: Request) -> Response:
        past = desk.journal().recent(types=["alarm.raised", "alarm.cleared"], limit=50)
        return page(request, "alarms", view=desk.view(), past=past)

    @app.get("/statistics", response_class=HTMLResponse, include_in_schema=False)
    def statistics_page(request: Request) -> Response:
        return page(request, "statistics", charts=charts(desk.journal(), desk.view().now))

    @app.get("/system", response_class=HTMLResponse, include_in_schema=False)
    def system_page(request: Request) -> Response:
        return page(request, "system", view=desk.view(), aside=desk.set_aside()[:MOST_SHOWN])

    @app.get("/users", response_class=HTMLResponse, include_in_schema=False)
    def users_page(request: Request) -> Response:
        return page(request, "users", users=users.all())

    @app.get("/audit", response_class=HTMLResponse, include_in_schema=False)
    def audit_page(request: Request) -> Response:
        rows = desk.journal().recent(types=["operator.acted", "command.handled"], limit=200)
        return page(request, "audit", rows=rows)

    @app.get("/api/docs", response_class=HTMLResponse, include_in_schema=False)
    def docs(request: Request) -> Response:
        return page(request, "api", paths=app.openapi()["paths"])


def _pictures(app: FastAPI, desk: GateDesk) -> None:
    """Live state, live pictures and evidence."""

    @app.get("/live", include_in_schema=False)
    async def live(request: Request) -> Response:
        return StreamingResponse(_stream(request, desk), media_type="text/event-stream")

    @app.get("/picture/{lane}", include_in_schema=False)
    def picture(lane: str) -> Response:
        data = desk.picture(lane)
        if data is None:
            return Response(status_code=404)
        return Response(data, media_type="image/jpeg")

    @app.get("/evidence/{name}", include_in_schema=False)
    def evidence(name: str) -> Response:
        data = desk.evidence(name)
        if data is None:
            return Response(status_code=404)
        return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private"})


def _forms(app: FastAPI, desk: GateDesk, users: UserStore) -> None:
    """What people do."""

    def acted(back: str, act: Callable[[], object]) -> Response:
        """Does it and goes back, with what went wrong if it did."""
        try:
            act()
        except (Unanswered, UserError) as error:
            return RedirectResponse(f"{back}?{urlencode({'error': str(error)})}", 303)
        return RedirectResponse(f"{back}?done=1", 303)

    @app.post("/order", include_in_schema=False)
    def order(
        request: Request,
        lane: Annotated[str, Form()],
        action: Annotated[str, Form()],
        reason: Annotated[str, Form()] = "",
        back: Annotated[str, Form()] = "/",
    ) -> Response:
        body = acts.OrderBody(lane=lane, action=action, reason=reason)
        return acted(_own(back), lambda: acts.order(desk, request.state.user, body))

    @app.post("/decide", include_in_schema=False)
    def decide(
        request: Request,
        lane: Annotated[str, Form()],
        passage: Annotated[str, Form()],
        choice: Annotated[str, Form()],
        plate: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
    ) -> Response:
        body = acts.DecideBody(
            lane=lane, passage=passage, admit=choice == "admit", plate=plate, reason=reason
        )
        return acted("/exceptions", lambda: acts.decide(desk, request.state.user, body))

    @app.post("/acknowledge", include_in_schema=False)
    def acknowledge(
        request: Request, lane: Annotated[str, Form()], code: Annotated[str, Form()]
    ) -> Response:
        user = request.state.user.name
        return acted("/alarms", lambda: desk.acknowledge_alarm(code, lane, user))

    @app.post("/set-aside", include_in_schema=False)
    def set_aside(
        request: Request,
        sequence: Annotated[int, Form()],
        what: Annotated[str, Form()],
        reason: Annotated[str, Form()] = "",
    ) -> Response:
        body = acts.SetAsideBody(sequence=sequence, what=what, reason=reason)
        return acted("/system", lambda: acts.set_aside(desk, request.state.user, body))

    @app.post("/users", include_in_schema=False)
    def change_users(
        request: Request,
        what: Annotated[str, Form()],
        name: Annotated[str, Form()],
        role: Annotated[str, Form()] = "viewer",
        password: Annotated[str, Form()] = "",
    ) -> Response:
        body = acts.UserBody(what=what, name=name, role=role, password=password)
        return acted("/users", lambda: acts.change_user(desk, users, request.state.user, body))


def _own(back: str) -> str:
    """Only pages of this console may be gone back to."""
    return back if back in access.GET_ROLES else "/"


async def _stream(request: Request, desk: GateDesk) -> AsyncIterator[bytes]:
    """Server-sent events: the state, twice a second."""
    while not await request.is_disconnected():
        view = await run_in_threadpool(desk.view)
        yield f"data: {json.dumps(view_json(view))}\n\n".encode()
        await asyncio.sleep(LIVE_EVERY_S)
