"""The page where the first administrator is made; there is none where the link does not count."""

from __future__ import annotations

from typing import Annotated

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from edge.console.first_user import PATH, FirstUser
from edge.console.page import Pages
from edge.console.users import UserError
from edge.system.causes import cause_of


def add(app: FastAPI, first: FirstUser, page: Pages) -> None:
    one = CapacityLimiter(1)
    """A hash is work for the computer, and a first administrator is made once."""

    @app.get(PATH, response_class=HTMLResponse, include_in_schema=False)
    def ask(request: Request, token: str = "") -> Response:
        counts = first.fits(token)
        return page(request, "first", 200 if counts else 404, counts=counts, token=token)

    @app.post(PATH, include_in_schema=False)
    async def make(
        request: Request,
        token: Annotated[str, Form()] = "",
        user: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
    ) -> Response:
        def act() -> Response:
            try:
                if first.make(token, user, password):
                    return RedirectResponse("/sign-in", 303)
            except UserError as error:
                why = cause_of(error)
                return page(request, "first", 409, counts=True, token=token, why=why, wanted=user)
            return page(request, "first", 404, counts=False)

        return await run_sync(act, limiter=one)
