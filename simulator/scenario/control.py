"""What may be done by hand, over HTTP: `gate-sim serve` answers, a page or `gate-sim fault` asks.

GET /state, GET /faults, POST and DELETE /faults/{name}, DELETE /faults, POST /vehicles (as one
[[traffic]]); with a page also what simulator/live/page.py names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from edge.domain.plate import StrangePlate
from edge.system.refused_values import reason_of
from simulator.faults.catalogue import FAULTS
from simulator.http_server import HttpServer
from simulator.live import page as live
from simulator.scenario.by_hand import ByHand, NotPossible
from simulator.scenario.model import Vehicle


class Begin(BaseModel):
    model_config = ConfigDict(extra="forbid")

    lane: str = ""
    value: float | str | None = None
    for_s: float | None = Field(None, gt=0, le=3600)


class Control:
    """The server of one rig. `page`: of which scenario (its name, what it is about) there is a live
    page too."""

    def __init__(self, by_hand: ByHand, port: int = 0, page: tuple[str, str] | None = None) -> None:
        self._by_hand = by_hand
        app = self._app()
        if page is not None:
            live.add(app, by_hand, *page)
        self._server = HttpServer(app, port)

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._by_hand.closing.set()
        self._by_hand.end_all()
        self._server.stop()

    def _app(self) -> FastAPI:
        app = FastAPI(title="gate-sim, by hand")
        hand = self._by_hand

        @app.exception_handler(RequestValidationError)
        def wrong(request: Request, error: Exception) -> Response:
            """Each mistake in words, and as a phrase where a page has it in its languages."""
            assert isinstance(error, RequestValidationError)
            return JSONResponse({"detail": [_told(one) for one in error.errors()]}, 422)

        @app.get("/state")
        def state() -> dict[str, Any]:
            return hand.state()

        @app.get("/faults")
        def faults() -> list[dict[str, Any]]:
            return [
                {"name": f.name, "group": f.group.value, "happens": f.happens, "good": f.good,
                 "of_lane": f.of_lane, "instant": f.instant}
                for f in FAULTS.values() if f.name in hand.possible
            ]  # fmt: skip

        @app.post("/faults/{name}", status_code=201)
        def begin(name: str, told: Begin) -> dict[str, str]:
            try:
                hand.begin(name, told.lane, told.value, told.for_s)
            except NotPossible as error:
                raise HTTPException(422, str(error)) from None
            return {"begun": name}

        @app.delete("/faults")
        def end_all() -> dict[str, str]:
            hand.end_all()
            return {"ended": "all"}

        @app.delete("/faults/{name}")
        def end(name: str, lane: str = "") -> dict[str, str]:
            try:
                hand.end(name, lane)
            except NotPossible as error:
                raise HTTPException(404, str(error)) from None
            return {"ended": name}

        @app.post("/vehicles", status_code=201)
        def vehicles(vehicle: Vehicle) -> dict[str, str]:
            try:
                return {"plate": hand.send(vehicle)}
            except NotPossible as error:
                raise HTTPException(422, str(error)) from None

        return app


def _told(problem: Mapping[str, Any]) -> dict[str, Any]:
    ours = problem.get("ctx", {}).get("error")
    msg = reason_of(problem).removeprefix("Value error, ")
    told: dict[str, Any] = {"loc": list(problem["loc"]), "msg": msg}
    if isinstance(ours, StrangePlate):
        told["phrase"] = {"key": ours.phrase.key, "params": dict(ours.phrase.params)}
    return told
