"""The console's pages and forms, for people. api.py has the same for programs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import urlencode

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from edge.config import Settings
from edge.console import access, actions, appearance
from edge.console.alarm_display import urgent_first
from edge.console.catalogue import LANGUAGES
from edge.console.given import Before, Id, Plate, Reason
from edge.console.live import Live
from edge.console.local_format import ZONE, day_typed
from edge.console.page import Pages
from edge.console.plate_suggestions import suggestions
from edge.console.sessions import COOKIE, Notice, Sessions
from edge.console.shelf import Shelf
from edge.console.signing_in import NotSignedIn, SigningIn
from edge.console.statistics import ENDED, StrangeDay, charts, search
from edge.console.users import UserError, UserStore
from edge.domain.assignment import MOST_FOUND, AssignmentState
from edge.domain.decision_rows import ROWS
from edge.domain.plate import StrangePlate, canonical
from edge.gate.port import GateOperations, Unanswered
from edge.sync.port import Unread
from edge.system.causes import cause, cause_of

KINDS = {"jpg": "image/jpeg", "mp4": "video/mp4", "json": "application/json"}
"""Media types of kept files, by their ending."""

NUMBERS = {row.reason.value: number for number, row in enumerate(ROWS, 1)}
"""Of the rows of the decision, as docs/lane.md has them."""

PRIVATE = {"Cache-Control": "private"}

log = logging.getLogger(__name__)


class OrderForm(actions.OrderBody):
    back: str = "/"


class AppearanceForm(BaseModel):
    """How a browser shows the console, whoever signs in on it. "": as it was."""

    language: str = ""
    theme: str = ""
    size: str = ""
    back: str = "/"


class DecideForm(BaseModel):
    lane: Id
    passage: Id
    choice: Literal["admit", "reject"]
    plate: Plate = ""
    reason: Reason = ""
    version: int | None = Field(None, ge=0)
    assignment: Id = ""


def add_pages(
    app: FastAPI,
    operations: GateOperations,
    users: UserStore,
    settings: Settings,
    sessions: Sessions,
    signing_in: SigningIn,
    page: Pages,
    shelf: Shelf,
) -> None:
    """All pages."""
    _signing_in(app, operations, sessions, signing_in, page)
    _pages(app, operations, users, settings, page, shelf)
    _pictures(app, operations, sessions, shelf)
    _forms(app, operations, users)


def _signing_in(
    app: FastAPI, operations: GateOperations, sessions: Sessions, signing_in: SigningIn, page: Pages
) -> None:
    @app.get("/sign-in", response_class=HTMLResponse, include_in_schema=False)
    def sign_in_page(request: Request) -> Response:
        return page(request, "sign_in", again="again" in request.query_params)

    @app.post("/sign-in", include_in_schema=False)
    async def sign_in(
        request: Request,
        user: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        language: Annotated[str, Form()] = "",
    ) -> Response:
        language = language if language in LANGUAGES else ""
        request.state.language = language
        made = await signing_in(request, user, password, language)
        if isinstance(made, NotSignedIn):
            status = 429 if made.wait_s else 403
            return await run_sync(lambda: page(request, "sign_in", status, refused=made))
        answer = RedirectResponse("/", 303)
        made.hand_over(answer, request.url.scheme == "https")
        if language:
            appearance.keep(answer, {appearance.LANGUAGE: language})
        await run_sync(actions.audit_sign_in, operations, user)
        return answer

    @app.post("/sign-out", include_in_schema=False)
    def sign_out(request: Request) -> Response:
        sessions.sign_out(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    @app.post("/language", include_in_schema=False)
    def change_appearance(request: Request, form: Annotated[AppearanceForm, Form()]) -> Response:
        answer = RedirectResponse(_own(form.back), 303)
        if form.language in LANGUAGES:
            request.state.session.language = form.language
            sessions.keep()
        appearance.keep(answer, form.model_dump())
        return answer

    @app.post("/active", include_in_schema=False)
    def active() -> Response:
        """Somebody touches the page; the gatekeeper has noted it."""
        return Response(status_code=204)


def _pages(
    app: FastAPI,
    operations: GateOperations,
    users: UserStore,
    settings: Settings,
    page: Pages,
    shelf: Shelf,
) -> None:
    """The pages."""

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def live_page(request: Request) -> Response:
        try:
            completed = operations.recent(types=ENDED, limit=8)
        except Unread as error:
            # The stop is on this page: it is shown whatever the journal does.
            log.error("the last passages cannot be shown: %s", error)
            completed = []
        view = operations.view()
        alarms = urgent_first(view.alarms)
        return page(request, "live", view=view, completed=completed, alarms=alarms, rows=NUMBERS)

    @app.get("/passages", response_class=HTMLResponse, include_in_schema=False)
    def passages_page(
        request: Request, plate: str = "", lane: str = "", day: str = "", before: Before = None
    ) -> Response:
        strange, no_day, day = "", False, day_typed(day)
        try:
            found = search(operations, plate, lane, day, before, ENDED)
        except StrangePlate as error:
            found, strange = [], cause_of(error)
        except StrangeDay:
            found, no_day = [], True
        today = operations.view().now.astimezone(ZONE).date()
        return page(
            request, "passages", found=found, plate=plate, lane=lane, day=day, strange=strange,
            no_day=no_day, lanes=settings.lanes, today=today,
            more=urlencode({"plate": plate, "lane": lane, "day": day}),
        )  # fmt: skip

    @app.get("/exceptions", response_class=HTMLResponse, include_in_schema=False)
    def exceptions_page(request: Request) -> Response:
        view = operations.view()
        near = {
            lane.lane: suggestions(lane.plate, operations.assignments_near(lane.plate), lane.lane)
            for lane in view.lanes
        }
        as_of = operations.assignments(most=1).as_of
        return page(request, "exceptions", view=view, suggestions=near, as_of=as_of)

    @app.get("/assignments", response_class=HTMLResponse, include_in_schema=False)
    def assignments_page(request: Request, plate: str = "", after: str = "") -> Response:
        strange, part = "", ""
        try:
            part = canonical(plate)
        except StrangePlate as error:
            strange = cause_of(error)
        book = operations.assignments(part, after)
        items = [] if strange else list(book.items)
        more = ""
        if len(items) == MOST_FOUND:
            more = urlencode({"plate": plate, "after": items[-1].assignment_id})
        items.sort(key=lambda a: (a.state is not AssignmentState.ACTIVE, -a.priority))
        return page(
            request,
            "assignments",
            book=book,
            items=items,
            plate=plate,
            strange=strange,
            more=more,
            garbled=operations.assignments_not_understood().items,
        )

    @app.get("/barriers", response_class=HTMLResponse, include_in_schema=False)
    def barriers_page(request: Request) -> Response:
        return page(request, "barriers", view=operations.view(), actions=list(access.ACTION_ROLES))

    @app.get("/alarms", response_class=HTMLResponse, include_in_schema=False)
    def alarms_page(request: Request) -> Response:
        past = operations.recent(types=["alarm.raised", "alarm.cleared"], limit=50)
        alarms = urgent_first(operations.view().alarms)
        return page(request, "alarms", alarms=alarms, past=past, shelved=shelf.of(alarms))

    @app.get("/statistics", response_class=HTMLResponse, include_in_schema=False)
    def statistics_page(request: Request) -> Response:
        return page(request, "statistics", charts=charts(operations, operations.view().now))

    @app.get("/system", response_class=HTMLResponse, include_in_schema=False)
    def system_page(request: Request) -> Response:
        return page(request, "system", view=operations.view(), aside=operations.parked())

    @app.get("/users", response_class=HTMLResponse, include_in_schema=False)
    def users_page(request: Request) -> Response:
        return page(request, "users", users=users.all())

    @app.get("/audit", response_class=HTMLResponse, include_in_schema=False)
    def audit_page(request: Request) -> Response:
        rows = operations.recent(types=["operator.acted", "command.handled"], limit=200)
        return page(request, "audit", rows=rows)

    @app.get("/api/docs", response_class=HTMLResponse, include_in_schema=False)
    def docs(request: Request) -> Response:
        return page(request, "api", paths=app.openapi()["paths"])


def _pictures(app: FastAPI, operations: GateOperations, sessions: Sessions, shelf: Shelf) -> None:
    """Live state, live pictures and evidence."""
    streams = Live(operations, sessions, shelf)

    @app.get("/live", include_in_schema=False)
    async def live(request: Request) -> Response:
        user = request.state.user.name
        if not streams.room_for(user):
            raise HTTPException(429, cause("refused.many_pages"))
        return streams.answer(request, user, request.cookies.get(COOKIE, ""))

    @app.get("/picture/{lane}", include_in_schema=False)
    def picture(request: Request, lane: str) -> Response:
        data = operations.picture(lane)
        if data is None:
            return Response(status_code=404)
        tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(data, media_type="image/jpeg", headers={"ETag": tag})

    @app.get("/evidence/{name}", include_in_schema=False)
    def evidence(name: str) -> Response:
        data = operations.evidence(name)
        if data is None:
            return Response(status_code=404)
        return Response(data, media_type=KINDS[name.rpartition(".")[2]], headers=PRIVATE)


def _forms(app: FastAPI, operations: GateOperations, users: UserStore) -> None:
    """The forms."""

    orders = CapacityLimiter(actions.ORDERS_AT_ONCE)
    decisions = CapacityLimiter(actions.DECISIONS_AT_ONCE)

    def acted(request: Request, back: str, act: Callable[[], object], *about: str) -> Response:
        """Does it and goes back, with what became of it."""
        notice = Notice("", about)
        try:
            act()
        except (Unanswered, UserError) as error:
            notice = Notice(cause_of(error), about)
        except actions.Idle:
            return RedirectResponse("/sign-in?again=1", 303)
        request.state.session.notify(notice)
        return RedirectResponse(back, 303)

    @app.post("/order", include_in_schema=False)
    async def order(request: Request, form: Annotated[OrderForm, Form()]) -> Response:
        def act() -> Response:
            user, idle = request.state.user, request.state.idle
            return acted(
                request,
                _own(form.back),
                lambda: actions.order(operations, user, form, idle),
                form.lane,
                form.action,
            )

        return await run_sync(act, limiter=orders)

    @app.post("/decide", include_in_schema=False)
    async def decide(request: Request, form: Annotated[DecideForm, Form()]) -> Response:
        body = actions.DecideBody(
            lane=form.lane,
            passage=form.passage,
            admit=form.choice == "admit",
            plate=form.plate,
            reason=form.reason,
            version=form.version,
            assignment=form.assignment,
        )
        user = request.state.user

        def act() -> Response:
            return acted(
                request,
                "/exceptions",
                lambda: actions.decide(operations, users, user, body),
                form.lane,
                form.choice,
            )

        return await run_sync(act, limiter=decisions)

    @app.post("/acknowledge", include_in_schema=False)
    def acknowledge(request: Request, form: Annotated[actions.AcknowledgeBody, Form()]) -> Response:
        user = request.state.user
        return acted(request, "/alarms", lambda: actions.acknowledge(operations, user, form))

    @app.post("/set-aside", include_in_schema=False)
    def parked(request: Request, form: Annotated[actions.ParkedBody, Form()]) -> Response:
        user = request.state.user
        return acted(request, "/system", lambda: actions.parked(operations, user, form))

    @app.post("/users", include_in_schema=False)
    def change_users(request: Request, form: Annotated[actions.UserBody, Form()]) -> Response:
        user = request.state.user
        return acted(request, "/users", lambda: actions.change_user(operations, users, user, form))


def _own(back: str) -> str:
    """Only pages of this console may be gone back to."""
    return back if back in access.PAGES else "/"
