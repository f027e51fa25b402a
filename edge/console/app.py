"""The console's application: one gatekeeper before every page (html.py) and call (api.py).

Every request needs a session and the role that the table (access.py) asks for; every POST also the
session's CSRF token. No GET changes anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from edge.config import Settings
from edge.console import access, actions, api, first_page, html, refusals
from edge.console.browsers import Browsers
from edge.console.failed_sign_ins import FailedSignIns
from edge.console.first_user import FirstUser
from edge.console.headers import Headers
from edge.console.kept_sessions import KeptSessions
from edge.console.limits import Limits
from edge.console.page import HERE, Pages
from edge.console.rates import Rates
from edge.console.refusals import Refusal
from edge.console.refused_log import RefusedLog
from edge.console.reports_api import add_reports
from edge.console.sessions import COOKIE, Sessions, same
from edge.console.shelf import Shelf
from edge.console.signing_in import SigningIn
from edge.console.users import UserError, UserStore
from edge.gate.port import GateOperations
from edge.system.causes import cause, cause_of


def create_app(
    operations: GateOperations,
    users: UserStore,
    settings: Settings,
    rates: Rates | None = None,
    first: FirstUser | None = None,
) -> FastAPI:
    """The application over one running gate. `first`: who offers the first administrator's link."""
    app = FastAPI(
        title="Border gate", version="1", docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json", redirect_slashes=False, responses=refusals.DESCRIBED,
    )  # fmt: skip
    console = settings.console
    sessions = Sessions(
        users,
        console.session_hours,
        console.language,
        60 * console.idle_minutes,
        KeptSessions(settings.data_folder),
    )
    failures = FailedSignIns(operations, users)
    signing_in = SigningIn(users, sessions, Browsers(settings.data_folder), failures)
    page = Pages(settings)
    shelf = Shelf(operations, settings.data_folder)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")

    refusal, note = refusals.add(app, console.language), RefusedLog()

    @app.middleware("http")
    async def gatekeeper(
        request: Request, go_on: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        try:
            refused = await _admitted(request, sessions, page, refusal, note)
            answer = refused or await go_on(request)
        except UserError as error:
            answer = refusal(request, 503, cause_of(error))
        except HTTPException as error:
            answer = refusal(request, error.status_code, error.detail, error.detail)
            answer.headers.update(error.headers or {})
        return answer

    html.add_pages(app, operations, users, settings, sessions, signing_in, page, shelf)
    first_page.add(app, first or FirstUser(users), page)
    api.add_calls(app, operations, users, sessions, signing_in, shelf, refusal)
    add_reports(app, operations, settings)
    app.add_middleware(
        Limits, rates=rates or Rates(), session=sessions.known, at_once=access.ORDERS,
        language=console.language,
    )  # fmt: skip
    app.add_middleware(Headers)
    return app


async def _admitted(
    request: Request, sessions: Sessions, page: Pages, refusal: Refusal, note: RefusedLog
) -> Response | None:
    """None to let the request through, else the refusal. `note`: is told what lacked a right."""
    path = request.url.path
    reads = request.method in ("GET", "HEAD")
    if not reads and request.headers.get("sec-fetch-site") in access.FOREIGN:
        note(request, "", "a page of another site")
        return refusal(request, 403, "a page of another site may send nothing here")
    if path in access.PUBLIC or path.startswith("/static/"):
        return None
    found = sessions.find(request.cookies.get(COOKIE, ""))
    if found is None:
        if path.startswith("/api/") or not (reads or path in access.POST_ROLES):
            return refusal(request, 401, "sign in first (POST /api/session)")
        again = "" if reads or path == "/sign-out" else "?again=1"
        return RedirectResponse(f"/sign-in{again}", 303)
    request.state.session, request.state.user = found
    table = access.GET_ROLES if reads else access.POST_ROLES
    needed = table.get(_pattern(path))
    if needed is None:
        return refusal(request, 404, "no such page")
    if found[1].rank < needed:
        note(request, found[1].name, f"the role {found[1].role}")
        if path in access.PAGES:
            # A person reads it, who has come by a link or after another has signed in.
            name = needed.name.lower()
            return await run_sync(lambda: page(request, "refused", 403, needed=name))
        why = cause("refused.role", role=cause(f"role.{needed.name.lower()}"))
        return refusal(request, 403, why)
    request.state.idle = sessions.idle(found[0])
    if not reads and not await _token_fits(request, found[0].csrf):
        note(request, found[1].name, "no token of the session")
        why = cause("refused.old_page")
        if path.startswith("/api/"):
            return refusal(request, 403, why)
        back = access.PAGE_OF.get(path, "/")
        return await run_sync(lambda: page(request, "refused", 403, why=why, back=back))
    # What a page asks for by itself is no sign of a person.
    if (path in access.PAGES or not reads) and "x-by-itself" not in request.headers:
        sessions.active(found[0])
    if request.state.idle and not reads and path not in access.WHILE_IDLE:
        return refusal(request, 401, actions.IDLE)
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
