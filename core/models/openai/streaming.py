"""One request over the SDK: the JSON of each event as it comes, and nothing but our errors. Leaving closes at once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

from openai import AsyncAPIResponse, AsyncStream, OpenAIError

from core.models.language import Piece
from core.models.openai.api import Failed, Reading, Sending, Unfinished
from core.models.openai.problems import broken, complaint, garbled, not_a_stream, unreachable
from core.models.openai.server import Server

_REST_SECONDS = 0.1  # after the last event; what ends properly can serve the next request


async def pieces(sending: Sending, reading: Reading, server: Server) -> AsyncGenerator[Piece, None]:
    """Send a request and yield what *reading* makes of its answer, a Finish last. Raises ModelError."""
    begun = False
    try:
        async with sending as response:
            _expect_events(response, server)
            begun = True
            stream: AsyncStream[object] = await response.parse(to=AsyncStream[object])
            async for event in stream:
                for piece in reading.take(event):
                    yield piece
                if reading.over:
                    await _rest(stream)
                    break
        yield reading.finish()
    except OpenAIError as error:
        raise unreachable(error, server, begun) from None
    except Failed as error:
        raise complaint(error.body, server) from None
    except Unfinished:
        raise broken(server) from None
    except (ValueError, RecursionError):  # no UTF-8, no JSON, not of the API's form, nested without end
        raise garbled(server) from None


def _expect_events(response: AsyncAPIResponse[Any], server: Server) -> None:
    """Raise ModelRejected for a page or a whole answer: something else than an API that streams is there."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {"text/html", "text/plain", "application/json"}:
        raise not_a_stream(kind, server)


async def _rest(stream: AsyncStream[object]) -> None:
    with suppress(OpenAIError, ValueError, TimeoutError):
        async with asyncio.timeout(_REST_SECONDS):
            async for _ in stream:
                pass
