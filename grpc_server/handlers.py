"""A service's methods as gRPC handlers, read off its descriptor: every method of the proto has one.

Streams of answers are coroutines that write: nothing is made per message but the message.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from core.errors import LevadaError, NotImplementedYet
from grpc_server.requests import parser

Behavior = Callable[[Any, grpc.aio.ServicerContext], Awaitable[Any]]
Serializer = Callable[[Any], bytes]

# By whether requests and answers stream: the handler's attribute that holds the behavior, and what makes one.
KINDS = {
    (False, False): ("unary_unary", grpc.unary_unary_rpc_method_handler),
    (False, True): ("unary_stream", grpc.unary_stream_rpc_method_handler),
    (True, False): ("stream_unary", grpc.stream_unary_rpc_method_handler),
    (True, True): ("stream_stream", grpc.stream_stream_rpc_method_handler),
}


def generic(
    service: ServiceDescriptor, servicer: object, serializers: Mapping[str, Serializer]
) -> grpc.GenericRpcHandler:
    """Return the handlers of *service*: for GetRun the method get_run of *servicer*, and so on.

    A method that *servicer* lacks answers UNIMPLEMENTED. *serializers* are for methods that write something else than
    messages.
    """
    handlers = {m.name: _handler(m, servicer, serializers.get(m.name, _serialize)) for m in service.methods}
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def _handler(method: MethodDescriptor, servicer: object, serializer: Serializer) -> grpc.RpcMethodHandler:
    behavior = getattr(servicer, _snake_case(method.name), None) or _not_implemented(method.name)
    _, make = KINDS[method.client_streaming, method.server_streaming]
    checked = _checked_stream(behavior) if method.client_streaming else _checked(behavior)
    return make(checked, request_deserializer=parser(method.input_type), response_serializer=serializer)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()


def _not_implemented(name: str) -> Behavior:
    async def answer(request: Any, context: grpc.aio.ServicerContext) -> None:
        raise NotImplementedYet(f"This version of the server can't do that yet ({name}). Nothing was changed.")

    return answer


def _checked(behavior: Behavior) -> Behavior:
    async def call(request: Any, context: grpc.aio.ServicerContext) -> Any:
        if isinstance(request, LevadaError):
            raise request
        return await behavior(request, context)

    return call


def _checked_stream(behavior: Behavior) -> Behavior:
    async def call(requests: AsyncIterator[Any], context: grpc.aio.ServicerContext) -> Any:
        return await behavior(_well_formed(requests), context)

    return call


async def _well_formed(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        if isinstance(request, LevadaError):
            raise request
        yield request
