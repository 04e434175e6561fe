"""Reading requests: bodies into messages, numbers and cursors; whatever is wrong becomes a problem that names it."""

import asyncio
import re
from typing import Any, TypeVar

import orjson
from google.protobuf import json_format
from google.protobuf.message import Message
from starlette.requests import Request

from gateway.problems import Problem, invalid

MOST_BYTES = 2**20
# A body is at most MOST_BYTES: whoever needs longer holds a connection for nothing.
BODY_SECONDS = 10.0
MOST = 2**63 - 1
WITHIN = re.compile(r"Failed to parse (\w+) field:? ?")
UNKNOWN = re.compile(r'has no field named "([^"]{1,100})"')

AnyMessage = TypeVar("AnyMessage", bound=Message)


async def json_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body; an empty body is an empty object."""
    body = await limited_body(request)
    try:
        value = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise invalid("body", f"The body is not JSON in UTF-8: {error}.") from None
    if not isinstance(value, dict):
        raise invalid("body", "The body must be a JSON object.")
    return value


async def limited_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_BYTES:
                    detail = f"The body is larger than {MOST_BYTES:,} bytes. Send a smaller one."
                    raise Problem(413, "INVALID_REQUEST", detail)
    except TimeoutError:
        detail = f"The body did not arrive within {BODY_SECONDS:g} seconds, so nothing was done. Send it again, whole."
        raise Problem(408, "INVALID_REQUEST", detail, headers={"Connection": "close"}) from None
    return bytes(body)


async def read(request: Request, message: AnyMessage) -> AnyMessage:
    """Return *message* with the body's JSON merged into it; names may be lowerCamelCase or snake_case."""
    return filled(await json_object(request), message)


def filled(value: dict[str, Any], message: AnyMessage) -> AnyMessage:
    """Return *message* with the members of *value* merged into it. Raises Problem."""
    try:
        return json_format.ParseDict(value, message)
    except (json_format.ParseError, RecursionError) as error:
        raise mistaken(str(error)) from None


def mistaken(error: str) -> Problem:
    """Return the problem for what json_format says, with the field that it names."""
    first = error.splitlines()[0] if error else "The body does not fit"
    path = WITHIN.findall(first)
    if unknown := UNKNOWN.search(first):
        field = ".".join([*path, unknown.group(1)])
        return invalid(field, f'There is no field "{field}" here; /openapi.json lists those that there are.')
    field = ".".join(path) or "body"
    return invalid(field, f"{field} does not fit: {WITHIN.sub('', first)[:300].strip(' :.')}.")


def number(request: Request, name: str, default: int = 0) -> int:
    """Return a whole number, 0 or more, of the query string."""
    return parsed(said(request, name), name, default)


def said(request: Request, name: str, default: str = "") -> str:
    """Return what the query string says for *name*; most streams have none, and need not have it parsed."""
    return request.query_params.get(name, default) if request.scope["query_string"] else default


def parsed(text: str, name: str, default: int = 0) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= MOST and len(text) < 20):
        raise invalid(name, f"{name} must be a whole number, 0 or more.")
    return int(text)


def cursor(request: Request, within: str = "") -> int:
    """Return the number to go on after: Last-Event-ID, which browsers send when they come back, before ?after=.

    An id may name the run *within* which it counts.
    """
    last = request.headers.get("last-event-id", "").removeprefix(f"{within}:")
    return parsed(last, "Last-Event-ID") if last else number(request, "after")


def text(value: dict[str, Any], name: str, *, needed: bool = False) -> str:
    """Return a text of a JSON object."""
    found = value.get(name, "")
    if not isinstance(found, str):
        raise invalid(name, f"{name} must be a text.")
    if needed and not found.strip():
        raise invalid(name, f"{name} is missing or empty.")
    return found
