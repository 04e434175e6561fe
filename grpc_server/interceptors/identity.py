"""Who calls. An Authenticate plugs in here; until one is configured everybody is `local`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from core.identity import LOCAL, Principal
from grpc_server.interceptors.base import Call, Interceptor

# From the authorization metadata (empty when absent) to the caller. Raises NotAllowed (UNAUTHENTICATED).
Authenticate = Callable[[str], Awaitable[Principal]]

_caller: ContextVar[Principal] = ContextVar("caller")


async def everybody_is_local(authorization: str) -> Principal:
    """Take anyone in: the server is bound to loopback then."""
    return LOCAL


def caller() -> Principal:
    """Return who makes the current call."""
    return _caller.get()


class Identity(Interceptor):
    """Finds out who calls before anything is done for them."""

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        authorization = ""
        for key, value in call.context.invocation_metadata() or ():
            if key == "authorization":
                authorization = str(value)
        _caller.set(await self._authenticate(authorization))
        yield
