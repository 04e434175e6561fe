"""What every interceptor is: something that stands around a call. The cost is per call, never per message."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import grpc

from grpc_server.handlers import KINDS, Behavior


@dataclass(frozen=True)
class Call:
    """One call: *method* as in "levada.v1.RunService/GetRun"; *streams* when its answers are a stream."""

    method: str
    streams: bool
    context: grpc.aio.ServicerContext


class Interceptor(grpc.aio.ServerInterceptor):
    """Stands around each call of Levada's own services; health and reflection pass untouched."""

    @abstractmethod
    def around(self, call: Call) -> AbstractAsyncContextManager[None]:
        """Return what is entered before the call and left after it, with its exception if there is one."""

    async def intercept_service(self, continuation, handler_call_details):
        handler = await continuation(handler_call_details)
        method = handler_call_details.method.lstrip("/")
        if handler is None or not method.startswith("levada."):
            return handler
        kind, make = KINDS[handler.request_streaming, handler.response_streaming]
        behavior: Behavior = getattr(handler, kind)

        async def surrounded(request: Any, context: grpc.aio.ServicerContext) -> Any:
            async with self.around(Call(method, handler.response_streaming, context)):
                return await behavior(request, context)

        return make(surrounded, handler.request_deserializer, handler.response_serializer)
