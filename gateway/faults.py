"""The gateway's door: whatever goes wrong while a request is answered leaves as a problem."""

import logging
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.problems import Problem

log = logging.getLogger(__name__)

DETAILS = {
    404: "There is nothing at this address; /openapi.json lists what there is.",
    405: "This address does not take that method; the Allow header says which it takes.",
}


async def told(request: Request, problem: Problem) -> Response:
    return problem.response()


async def of_http(request: Request, error: HTTPException) -> Response:
    detail = DETAILS.get(error.status_code, error.detail)
    return Problem(error.status_code, "INVALID_REQUEST", detail, headers=error.headers).response()


async def unforeseen(request: Request, error: Exception) -> Response:
    log.error("unexpected error at %s", request.url.path, exc_info=error)
    detail = "Something failed in the gateway that should not have; the request was right. Its log says more."
    return Problem(500, "INTERNAL", detail).response()


HANDLERS: Mapping[Any, Any] = {Problem: told, HTTPException: of_http, Exception: unforeseen}
