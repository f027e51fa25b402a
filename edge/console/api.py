"""The console for programs: the same as its pages under /api, and health for supervision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel

from edge.console import actions, metrics
from edge.console.actions import DECISIONS_AT_ONCE, ORDERS_AT_ONCE
from edge.console.given import Before, Limit
from edge.console.refusals import Refusal
from edge.console.sessions import COOKIE, Sessions
from edge.console.shelf import Shelf
from edge.console.signing_in import NotSignedIn, SigningIn
from edge.console.snapshot import (
    chart_json,
    event_json,
    guidance_json,
    json_pieces,
    lane_json,
    parked_json,
    view_json,
    waiting_first,
)
from edge.console.statistics import COMPLETED, ENDED, StrangeDay, charts, search
from edge.console.users import UserError, UserStore
from edge.domain.assignment import MOST_FOUND
from edge.domain.plate import StrangePlate, canonical
from edge.gate.alarm_texts import said
from edge.gate.port import GateOperations, Unanswered
from edge.sync.platform.items import write_item
from edge.sync.platform.port import ParkedPassage
from edge.system.causes import cause, cause_of

MOST_EVENTS = 1000
AUDITED = ("operator.acted", "command.handled")


class SignInBody(BaseModel):
    user: str
    password: str


def add_calls(
    app: FastAPI,
    operations: GateOperations,
    users: UserStore,
    sessions: Sessions,
    signing_in: SigningIn,
    shelf: Shelf,
    refusal: Refusal,
) -> None:
    """All calls."""
    orders = CapacityLimiter(ORDERS_AT_ONCE)
    decisions = CapacityLimiter(DECISIONS_AT_ONCE)

    # --- signing in ---

    @app.post("/api/session", response_model=dict[str, str])
    async def sign_in(
        request: Request, body: SignInBody, response: Response
    ) -> dict[str, str] | Response:
        """Signs a program in: the cookie, and the token for X-CSRF-Token. 429 after too many wrong
        passwords, with Retry-After."""
        made = await signing_in(request, body.user, body.password)
        if isinstance(made, NotSignedIn) and made.wait_s:
            answer = refusal(request, 429, cause("sign_in.wait", seconds=made.wait_s))
            answer.headers["Retry-After"] = str(made.wait_s)
            return answer
        if isinstance(made, NotSignedIn):
            return refusal(request, 403, cause("sign_in.wrong"))
        made.hand_over(response, request.url.scheme == "https")
        await run_sync(actions.audit_sign_in, operations, body.user)
        return {"user": body.user, "csrf": made.session.csrf}

    @app.get("/api/session", response_model=dict[str, Any])
    def session(request: Request) -> dict[str, Any] | Response:
        """The user who is signed in. `idle`: nobody was there for long, and the password is asked
        for all but a stop."""
        found = sessions.find(request.cookies.get(COOKIE, ""))
        if found is None:
            return refusal(request, 401, "not signed in")
        session, user = found
        return {
            "user": user.name,
            "role": user.role,
            "csrf": session.csrf,
            "idle": sessions.idle(session),
        }

    # --- looking ---

    @app.get("/api/gate")
    def gate() -> dict[str, Any]:
        """The whole state of the gate."""
        return view_json(operations.view())

    @app.get("/api/barriers")
    def barriers() -> dict[str, Any]:
        """Each lane's barrier: arm, inputs, their age, modes and faults."""
        return {lane["lane"]: lane["barrier"] for lane in view_json(operations.view())["lanes"]}

    @app.get("/api/exceptions")
    def exceptions() -> list[dict[str, Any]]:
        """The lanes where a vehicle waits for a person, with reading and reason."""
        return [lane_json(lane) for lane in waiting_first(operations.view())]

    @app.get("/api/guidance")
    def guidance() -> dict[str, Any]:
        """Queues, how even they are, and which vehicles are sent to which lane."""
        return guidance_json(operations.view())

    @app.get("/api/passages")
    def passages(
        plate: str = "", lane: str = "", day: str = "", before: Before = None, all: bool = False
    ) -> list[dict[str, Any]]:
        """Completed passages, newest first, with `all` also those that ended otherwise; `before`: a
        sequence to page on; `plate`: any part of one, 422 where that or `day` is not understood."""
        try:
            found = search(operations, plate, lane, day, before, ENDED if all else COMPLETED)
        except (StrangePlate, StrangeDay) as error:
            raise HTTPException(422, cause_of(error)) from None
        return [event_json(r) for r in found]

    @app.get("/api/events")
    def events(
        type: str = "", lane: str = "", before: Before = None, limit: Limit = 100
    ) -> list[dict[str, Any]]:
        """Events of the journal, newest first."""
        rows = operations.recent(
            types=[type] if type else (),
            lane=lane or None,
            before=before,
            limit=max(1, min(limit, MOST_EVENTS)),
        )
        return [event_json(r) for r in rows]

    @app.get("/api/assignments")
    def assignments(
        plate: str = "", after: str = "", limit: Limit = MOST_FOUND
    ) -> list[dict[str, Any]]:
        """The assignments as last fetched from the platform, in pages of at most 500. `after`: the
        last id of the page before; `plate`: any part of one, 422 where it is not understood."""
        try:
            part = canonical(plate)
        except StrangePlate as error:
            raise HTTPException(422, cause_of(error)) from None
        found = operations.assignments(part, after, max(1, min(limit, MOST_FOUND)))
        return [write_item(a) for a in found.items]

    @app.get("/api/assignments/not-understood")
    def assignments_not_understood() -> list[dict[str, Any]]:
        """What the platform has sent and nobody here understands, with what can be read of it;
        `trouble` says why. A vehicle of these is for a person."""
        return [write_item(a) for a in operations.assignments_not_understood().items]

    @app.get("/api/alarms")
    def alarms() -> list[dict[str, Any]]:
        """The alarms that stand."""
        found: list[dict[str, Any]] = view_json(operations.view())["alarms"]
        return found

    @app.get("/api/statistics")
    def statistics() -> dict[str, Any]:
        """Passages per hour of the last day, per day of the last month, and per lane."""
        return chart_json(charts(operations, operations.view().now))

    @app.get("/api/system")
    def system() -> dict[str, Any]:
        """Links, cameras, journal, clock and version."""
        view = view_json(operations.view())
        keys = ("version", "started", "now", "clock_trusted", "ready", "links", "journal")
        cameras = [lane["camera"] for lane in view["lanes"]]
        return {**{key: view[key] for key in keys}, "cameras": cameras}

    @app.get("/api/set-aside", response_model=list[dict[str, Any]])
    def parked() -> Response:
        """The passages that the platform does not take, with its last answer."""
        pieces = json_pieces(_all_parked(operations), parked_json)
        return StreamingResponse(pieces, media_type="application/json")

    @app.get("/api/users")
    def people() -> list[dict[str, Any]]:
        """The console's users; no password, no hash."""
        return [{"name": u.name, "role": u.role, "disabled": u.disabled} for u in users.all()]

    @app.get("/api/audit")
    def audit(before: Before = None, limit: Limit = 200) -> list[dict[str, Any]]:
        """The actions of people and other systems, newest first."""
        most = max(1, min(limit, MOST_EVENTS))
        rows = operations.recent(types=AUDITED, before=before, limit=most)
        return [event_json(r) for r in rows]

    # --- acting ---

    @app.post("/api/order")
    async def order(request: Request, body: actions.OrderBody) -> Response:
        """Gives a barrier order; 409 with the reason if it was refused."""
        user, idle = request.state.user, request.state.idle
        return await run_sync(
            lambda: _answered(request, lambda: actions.order(operations, user, body, idle)),
            limiter=orders,
        )

    @app.post("/api/decide")
    async def decide(request: Request, body: actions.DecideBody) -> Response:
        """Settles a waiting vehicle, and waits for the arm; 409 with the reason if it no longer
        waits, is another by now, somebody else has it, or the arm does not rise. `state`:
        "ordered", "rejected", or "second": another person has to admit it too."""
        user = request.state.user
        return await run_sync(
            lambda: _answered_with(
                request,
                lambda: {"done": True, "state": actions.decide(operations, users, user, body)},
            ),
            limiter=decisions,
        )

    @app.post("/api/referral")
    def referral(request: Request, body: actions.ReferralBody) -> Response:
        """Claims a waiting vehicle, gives it back, or passes it on to a supervisor; 409 with the
        reason, as who has it."""
        return _answered(request, lambda: actions.referral(operations, request.state.user, body))

    @app.post("/api/code")
    def code(request: Request, body: actions.CodeBody) -> Response:
        """A code that the attendant has looked at; what it counts for stands in the lane."""
        return _answered(request, lambda: actions.code(operations, request.state.user, body))

    @app.get("/api/policy")
    def policy() -> dict[str, Any]:
        """The policy that counts, and who made it count; number 0: none was."""
        return asdict(operations.policy())

    @app.post("/api/policy")
    def change_policy(request: Request, body: actions.PolicyBody) -> Response:
        """Checks a policy, or makes it count; 409 with every mistake and its place."""
        return _answered_with(request, lambda: actions.policy(operations, request.state.user, body))

    @app.post("/api/policy/explain")
    def explain(request: Request, body: actions.ExplainBody) -> Response:
        """What would happen to a plate in a lane, and why; by another policy where one is given."""
        return _answered_with(
            request,
            lambda: asdict(
                operations.explain(body.lane, body.plate, body.kind, body.at, body.text)
            ),
        )

    @app.post("/api/mode")
    def mode(request: Request, body: actions.ModeBody) -> Response:
        """Sets a lane's mode; 409 with the reason if that may not be."""
        user = request.state.user
        return _answered(request, lambda: actions.set_mode(operations, user, body))

    @app.post("/api/acknowledge")
    def acknowledge(request: Request, body: actions.AcknowledgeBody) -> Response:
        """Says that an alarm has been seen."""
        user = request.state.user
        return _answered(request, lambda: actions.acknowledge(operations, user, body))

    @app.post("/api/shelve")
    def shelve(request: Request, body: actions.ShelveBody) -> Response:
        """Puts an alarm on the shelf; 409 where it must be done at once or does not stand."""
        return _answered(
            request, lambda: actions.shelve(operations, shelf, request.state.user, body)
        )

    @app.post("/api/set-aside")
    def settle(request: Request, body: actions.ParkedBody) -> Response:
        """Tries such a passage again now, or settles it with a reason; 409 if it is not there."""
        return _answered(request, lambda: actions.parked(operations, request.state.user, body))

    @app.post("/api/users")
    def change_user(request: Request, body: actions.UserBody) -> Response:
        """Makes or changes a console user; 409 with the reason if that cannot be."""
        return _answered(
            request, lambda: actions.change_user(operations, users, request.state.user, body)
        )

    # --- health ---

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok"}

    @app.get("/readyz", responses={503: {"model": dict[str, Any], "description": "Not now"}})
    def readyz(response: Response) -> dict[str, Any]:
        """Vehicles can be served. `wires`: lanes, whether their board answers; `errors`: the failed
        share of the last exchanges with it; `links`: whether they are up."""
        view = operations.view()
        response.status_code = 200 if view.ready else 503
        wires = {lane.lane: lane.barrier.wire_ok for lane in view.lanes}
        links = {link.name: link.connected for link in view.links}
        rates = {lane.lane: lane.barrier.error_rate for lane in view.lanes}
        errors = {lane: rate for lane, rate in rates.items() if rate is not None}
        return {"ready": view.ready, "wires": wires, "links": links, "errors": errors}

    @app.get("/metrics", response_class=PlainTextResponse)
    def metrics_text() -> Response:
        """Prometheus' text format."""
        return Response(metrics.render(operations), media_type="text/plain; version=0.0.4")


def _all_parked(operations: GateOperations) -> Iterator[ParkedPassage]:
    """A page at a time."""
    after = 0
    while found := operations.parked(after):
        yield from found
        after = found[-1].passage.sequence


def _answered_with(request: Request, ask: Callable[[], dict[str, Any]]) -> Response:
    """What was asked for; `says`: why not, in the language of the session."""
    answer: dict[str, Any] = {}
    refused = _answered(request, lambda: answer.update(ask()))
    return JSONResponse(answer) if refused.status_code == 200 else refused


def _answered(request: Request, act: Callable[[], object]) -> Response:
    """`says`: the error in the language of the session."""
    try:
        act()
    except (Unanswered, UserError) as error:
        why = cause_of(error)
        return JSONResponse({"error": why, "says": said(request.state.session.language, why)}, 409)
    return JSONResponse({"done": True})
