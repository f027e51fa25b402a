"""The console: pages for people, the same under /api for programs.

Every request passes one gatekeeper: a session, the role the table asks for, and for every POST the
session's CSRF token. No GET changes anything.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from edge.config import Settings
from edge.console import access, metrics, pages
from edge.console.sessions import COOKIE, Session, Sessions, same
from edge.console.snapshot import event_json, view_json
from edge.console.users import User, UserError, UserStore
from edge.console.words import LANGUAGES, say
from edge.gate_view import GateDesk, Unanswered
from edge.sync.assignments_wire import write_item

HERE = Path(__file__).parent
LIVE_EVERY_S = 0.5
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class OrderBody(BaseModel):
    lane: str
    action: str
    reason: str


class DecideBody(BaseModel):
    lane: str
    passage: str
    admit: bool
    plate: str = ""
    reason: str


class AcknowledgeBody(BaseModel):
    lane: str
    code: str


class SignInBody(BaseModel):
    user: str
    password: str


def create_app(desk: GateDesk, users: UserStore, settings: Settings) -> FastAPI:
    """The application over one running gate."""
    app = FastAPI(
        title="Border gate", version="1", docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json",
    )  # fmt: skip
    console = settings.console
    sessions = Sessions(users, console.session_hours, console.language)
    templates = Jinja2Templates(HERE / "templates")
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")

    @app.middleware("http")
    async def gatekeeper(
        request: Request, go_on: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        answer = await _admitted(request, sessions, desk) or await go_on(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    def page(request: Request, name: str, status: int = 200, **more: Any) -> Response:
        """One page with what all pages need."""
        session: Session | None = getattr(request.state, "session", None)
        user: User | None = getattr(request.state, "user", None)
        language = session.language if session else console.language
        context = {
            "t": lambda key: say(language, key),
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
            "error": request.query_params.get("error", ""),
            "done": request.query_params.get("done", ""),
            "local": pages.local_time,
            **more,
        }
        return templates.TemplateResponse(request, f"{name}.html", context, status_code=status)

    # --- signing in ---

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
        _set_cookie(answer, made[0], bool(console.cert_file))
        _audit(desk, user, "sign_in")
        return answer

    @app.post("/api/session")
    def sign_in_api(body: SignInBody, response: Response) -> dict[str, str]:
        """Signs a program in: the cookie, and the token for X-CSRF-Token."""
        made = sessions.sign_in(body.user, body.password)
        if made is None:
            response.status_code = 403
            return {"error": "wrong name or password, or locked for a minute"}
        _set_cookie(response, made[0], bool(console.cert_file))
        _audit(desk, body.user, "sign_in")
        return {"user": body.user, "csrf": made[1].csrf}

    @app.get("/api/session")
    def session_api(request: Request, response: Response) -> dict[str, str]:
        found = sessions.find(request.cookies.get(COOKIE, ""))
        if found is None:
            response.status_code = 401
            return {"error": "not signed in"}
        return {"user": found[1].name, "role": found[1].role, "csrf": found[0].csrf}

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

    # --- pages ---

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def live_page(request: Request) -> Response:
        completed = desk.journal().recent(types=["passage.completed"], limit=8)
        return page(request, "live", view=desk.view(), completed=completed)

    @app.get("/passages", response_class=HTMLResponse, include_in_schema=False)
    def passages_page(
        request: Request, plate: str = "", lane: str = "", day: str = "", before: int | None = None
    ) -> Response:
        found = pages.search(desk.journal(), plate, lane, day, before)
        return page(
            request, "passages", found=found, plate=plate, lane=lane, day=day,
            lanes=settings.lanes, more=urlencode({"plate": plate, "lane": lane, "day": day}),
        )  # fmt: skip

    @app.get("/exceptions", response_class=HTMLResponse, include_in_schema=False)
    def exceptions_page(request: Request) -> Response:
        return page(request, "exceptions", view=desk.view())

    @app.get("/assignments", response_class=HTMLResponse, include_in_schema=False)
    def assignments_page(request: Request, plate: str = "") -> Response:
        book = desk.book()
        items = [a for a in book.items if any(plate.upper() in p.text for p in a.plates)]
        return page(request, "assignments", book=book, items=items[:500], plate=plate)

    @app.get("/barriers", response_class=HTMLResponse, include_in_schema=False)
    def barriers_page(request: Request) -> Response:
        return page(request, "barriers", view=desk.view(), actions=list(access.ACTION_ROLES))

    @app.get("/alarms", response_class=HTMLResponse, include_in_schema=False)
    def alarms_page(request: Request) -> Response:
        past = desk.journal().recent(types=["alarm.raised", "alarm.cleared"], limit=50)
        return page(request, "alarms", view=desk.view(), past=past)

    @app.get("/statistics", response_class=HTMLResponse, include_in_schema=False)
    def statistics_page(request: Request) -> Response:
        return page(request, "statistics", charts=pages.charts(desk.journal(), desk.view().now))

    @app.get("/system", response_class=HTMLResponse, include_in_schema=False)
    def system_page(request: Request) -> Response:
        return page(request, "system", view=desk.view())

    @app.get("/users", response_class=HTMLResponse, include_in_schema=False)
    def users_page(request: Request) -> Response:
        return page(request, "users", users=users.all())

    @app.get("/audit", response_class=HTMLResponse, include_in_schema=False)
    def audit_page(request: Request) -> Response:
        rows = desk.journal().recent(types=["operator.acted", "command.handled"], limit=200)
        return page(request, "audit", rows=rows)

    # --- live pictures and state ---

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

    # --- what people do ---

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
        return acted(_own(back), lambda: _order(desk, request, lane, action, reason))

    @app.post("/decide", include_in_schema=False)
    def decide(
        request: Request,
        lane: Annotated[str, Form()],
        passage: Annotated[str, Form()],
        choice: Annotated[str, Form()],
        plate: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
    ) -> Response:
        body = DecideBody(
            lane=lane, passage=passage, admit=choice == "admit", plate=plate, reason=reason
        )
        return acted("/exceptions", lambda: _decide(desk, request, body))

    @app.post("/acknowledge", include_in_schema=False)
    def acknowledge(
        request: Request, lane: Annotated[str, Form()], code: Annotated[str, Form()]
    ) -> Response:
        user = request.state.user.name
        return acted("/alarms", lambda: desk.acknowledge_alarm(code, lane, user))

    @app.post("/users", include_in_schema=False)
    def change_users(
        request: Request,
        what: Annotated[str, Form()],
        name: Annotated[str, Form()],
        role: Annotated[str, Form()] = "viewer",
        password: Annotated[str, Form()] = "",
    ) -> Response:
        def act() -> None:
            if what == "add":
                users.add(name, role, password)
            elif what == "passwd":
                users.passwd(name, password)
            elif what in ("disable", "enable"):
                users.disable(name, what == "disable")
            else:
                raise UserError(f"unknown: {what}")
            desk.audit(request.state.user.name, f"user_{what}", {"name": name, "role": role})

        return acted("/users", act)

    # --- for programs ---

    @app.get("/api/gate")
    def gate_api() -> dict[str, Any]:
        """The whole state of the gate."""
        return view_json(desk.view())

    @app.get("/api/passages")
    def passages_api(
        plate: str = "", lane: str = "", day: str = "", before: int | None = None
    ) -> list[dict[str, Any]]:
        """Completed passages, newest first; `before`: a sequence to page on."""
        return [event_json(r) for r in pages.search(desk.journal(), plate, lane, day, before)]

    @app.get("/api/events")
    def events_api(
        type: str = "", lane: str = "", before: int | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Events of the journal, newest first."""
        rows = desk.journal().recent(
            types=[type] if type else (), lane=lane or None, before=before, limit=min(limit, 1000)
        )
        return [event_json(r) for r in rows]

    @app.get("/api/assignments")
    def assignments_api() -> list[dict[str, Any]]:
        return [write_item(a) for a in desk.book().items]

    @app.get("/api/alarms")
    def alarms_api() -> list[dict[str, Any]]:
        alarms: list[dict[str, Any]] = view_json(desk.view())["alarms"]
        return alarms

    @app.post("/api/order")
    def order_api(request: Request, body: OrderBody) -> Response:
        """Gives a barrier order; 409 with the reason if it was refused."""
        return _answered(lambda: _order(desk, request, body.lane, body.action, body.reason))

    @app.post("/api/decide")
    def decide_api(request: Request, body: DecideBody) -> Response:
        """Settles a waiting vehicle; 409 if it no longer waits."""
        return _answered(lambda: _decide(desk, request, body))

    @app.post("/api/acknowledge")
    def acknowledge_api(request: Request, body: AcknowledgeBody) -> Response:
        user = request.state.user.name
        return _answered(lambda: desk.acknowledge_alarm(body.code, body.lane, user))

    @app.get("/api/docs", response_class=HTMLResponse, include_in_schema=False)
    def docs(request: Request) -> Response:
        return page(request, "api", paths=app.openapi()["paths"])

    # --- health ---

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, bool]:
        ready = desk.view().ready
        response.status_code = 200 if ready else 503
        return {"ready": ready}

    @app.get("/metrics")
    def metrics_text() -> Response:
        return Response(metrics.render(desk), media_type="text/plain; version=0.0.4")

    return app


async def _admitted(request: Request, sessions: Sessions, desk: GateDesk) -> Response | None:
    """None to let the request through, else the refusal."""
    path = request.url.path
    if path in access.PUBLIC or path.startswith("/static/"):
        return None
    found = sessions.find(request.cookies.get(COOKIE, ""))
    if found is None:
        if path.startswith("/api/") or request.method != "GET":
            return JSONResponse({"error": "sign in first (POST /api/session)"}, 401)
        return RedirectResponse("/sign-in", 303)
    request.state.session, request.state.user = found
    table = access.GET_ROLES if request.method in ("GET", "HEAD") else access.POST_ROLES
    needed = table.get(_pattern(path))
    if needed is None:
        return JSONResponse({"error": "no such page"}, 404)
    if found[1].rank < needed:
        return JSONResponse({"error": f"this needs the role {needed.name.lower()}"}, 403)
    if request.method not in ("GET", "HEAD") and not await _token_fits(request, found[0].csrf):
        return JSONResponse({"error": "the page is too old; load it again"}, 403)
    return None


async def _token_fits(request: Request, csrf: str) -> bool:
    """The token in the header, or in the form of a page."""
    given = request.headers.get("x-csrf-token", "")
    kind = request.headers.get("content-type", "")
    if not given and kind.startswith("application/x-www-form-urlencoded"):
        # The body is read whole first, so that the page's own handler still finds it.
        await request.body()
        form = await request.form()
        given = str(form.get("csrf", ""))
    return same(given, csrf)


def _pattern(path: str) -> str:
    """The path as the table has it."""
    for prefix, pattern in (("/picture/", "/picture/{lane}"), ("/evidence/", "/evidence/{name}")):
        if path.startswith(prefix):
            return pattern
    return path


def _set_cookie(answer: Response, token: str, secure: bool) -> None:
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)


def _own(back: str) -> str:
    """Only pages of this console may be gone back to."""
    return back if back in access.GET_ROLES else "/"


def _audit(desk: GateDesk, user: str, action: str) -> None:
    try:
        desk.audit(user, action, {})
    except Unanswered:
        return


def _order(desk: GateDesk, request: Request, lane: str, action: str, reason: str) -> None:
    user: User = request.state.user
    needed = access.ACTION_ROLES.get(action)
    if needed is None or user.rank < needed:
        raise Unanswered(f"{user.name} may not {action}")
    if not reason.strip() and action != "stop":
        raise Unanswered("a reason is needed")
    desk.order(lane, action, reason.strip(), user.name)


def _decide(desk: GateDesk, request: Request, body: DecideBody) -> None:
    from edge.plate import canonical

    if not body.reason.strip():
        raise Unanswered("a reason is needed")
    user: User = request.state.user
    plate = canonical(body.plate)
    desk.decide(body.lane, body.passage, body.admit, plate, body.reason.strip(), user.name)


def _answered(act: Callable[[], object]) -> Response:
    try:
        act()
    except Unanswered as error:
        return JSONResponse({"error": str(error)}, 409)
    return JSONResponse({"done": True})


async def _stream(request: Request, desk: GateDesk) -> AsyncIterator[bytes]:
    """Server-sent events: the state, twice a second."""
    while not await request.is_disconnected():
        view = await run_in_threadpool(desk.view)
        yield f"data: {json.dumps(view_json(view))}\n\n".encode()
        await asyncio.sleep(LIVE_EVERY_S)


__all__ = ["create_app", "timedelta"]
