"""How a caller stands with the limits on new runs, told in the initial metadata of the calls that make one.

The fields are those of draft-ietf-httpapi-ratelimit-headers and the older X-RateLimit-*, of the limit that is nearest;
X-RateLimit-Reset is in seconds since 1970. A gateway passes them on as they are.
"""

import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import grpc

from core import rates
from core.errors import LevadaError
from core.rates import Standing
from grpc_server.interceptors.base import Call, Interceptor

MAKING = {"levada.v1.QueryService/RunQuery", "levada.v1.RunService/CreateRun", "levada.v1.RunService/ForkRun"}


class Rates(Interceptor):
    """Tells the caller before the answer or the refusal. The innermost, so that an error's status comes after."""

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        if call.method not in MAKING:
            yield
            return
        with rates.hearing():
            try:
                yield
            except LevadaError:
                await tell(call.context)
                raise
            await tell(call.context)


async def tell(context: grpc.aio.ServicerContext) -> None:
    """Send what was heard of the caller's standing, once."""
    standings = rates.heard()
    if standings:
        metadata = fields(standings)
        standings.clear()
        await context.send_initial_metadata(metadata)


def fields(standings: Sequence[Standing]) -> list[tuple[str, str]]:
    nearest = min(standings, key=lambda standing: standing.remaining)
    return [
        ("ratelimit-policy", ", ".join(f'"{s.scope}";q={s.limit};w={s.window}' for s in standings)),
        ("ratelimit", ", ".join(f'"{s.scope}";r={s.remaining};t={math.ceil(s.reset)}' for s in standings)),
        ("x-ratelimit-limit", str(nearest.limit)),
        ("x-ratelimit-remaining", str(nearest.remaining)),
        ("x-ratelimit-reset", str(math.ceil(time.time() + nearest.reset))),
    ]
