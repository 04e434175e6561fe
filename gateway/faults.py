"""The gateway's door: whatever goes wrong while a request is answered leaves as a problem."""

import logging
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import Problem

log = logging.getLogger(__name__)

DETAILS = {
    404: "There is nothing at this address; /openapi.json lists what there is.",
    405: "This address does not take that method; the Allow header says which it takes.",
}


class Faults:
    """Answers with the problem in place of what was raised, unless an answer has begun: then the connection is cut."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        def noting(message: Message) -> Any:
            nonlocal begun
            begun = True
            return send(message)

        scope["app"] = self  # so that the router raises what it has no route for
        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if begun:
                raise
            await response(scope, error)(scope, receive, send)


def response(scope: Scope, error: Exception) -> Response:
    """Return the answer that says *error*."""
    if isinstance(error, Problem):
        return error.response()
    if isinstance(error, HTTPException):
        detail = DETAILS.get(error.status_code, error.detail)
        return Problem(error.status_code, "INVALID_REQUEST", detail, headers=error.headers).response()
    if isinstance(error, ClientDisconnect):
        return Problem(499, "INVALID_REQUEST", "The client left before all was said, so nothing was done.").response()
    log.error("unexpected error at %s", scope["path"], exc_info=error)
    detail = "Something failed in the gateway that should not have; the request was right. Its log says more."
    return Problem(500, "INTERNAL", detail).response()
