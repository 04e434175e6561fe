"""Results of steps as JSON and back, and how steps failed: readable by people, and by a newer version of the code."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from inspect import unwrap
from typing import Any, get_args, get_type_hints

from google.protobuf import json_format
from google.protobuf.message import Message
from pydantic import BaseModel, TypeAdapter, ValidationError

from core.errors import LevadaError

# What a failure that stands begins with, and no JSON.
FAILED = "!"


class Unreadable(Exception):
    """The checkpoint was written by code whose result looked different; the step has to be done again."""


def _declared(fn: Callable[..., Any]) -> Any:
    return _returned(unwrap(fn))


@cache
def _returned(fn: Callable[..., Any]) -> Any:
    return get_type_hints(fn)["return"]


def _message_type(kind: Any) -> type[Message] | None:
    """Return the proto message that *kind* is or may be ("Schema | None")."""
    for part in (kind, *get_args(kind)):
        if isinstance(part, type) and issubclass(part, Message):
            return part
    return None


def dump(fn: Callable[..., Any], result: Any) -> str:
    if isinstance(result, Message):
        return json_format.MessageToJson(result, indent=None)
    if isinstance(result, BaseModel):
        return result.model_dump_json(round_trip=True)
    return "null" if result is None else TypeAdapter(_declared(fn)).dump_json(result).decode()


def dump_failure(error: LevadaError) -> str:
    return FAILED + json.dumps({"kind": type(error).__name__, "said": vars(error)}, default=str)


def _kinds(kind: type[LevadaError]) -> Iterator[type[LevadaError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _kinds(one)


def _failure(text: str) -> LevadaError:
    told = json.loads(text.removeprefix(FAILED))
    kind = next((one for one in _kinds(LevadaError) if one.__name__ == told["kind"]), LevadaError)
    # Each kind is made in its own way; what it says of itself is all that there is to it.
    error = kind.__new__(kind, told["said"]["message"])
    vars(error).update({name: tuple(said) if isinstance(said, list) else said for name, said in told["said"].items()})
    return error


def load(fn: Callable[..., Any], text: str) -> Any:
    """Return the result of *fn* that *text* holds, of the type that *fn* declares.

    Raises Unreadable, or the error that *fn* failed with if that is what *text* holds.
    """
    if text.startswith(FAILED):
        raise _failure(text)
    if text == "null":
        return None
    kind = _declared(fn)
    message = _message_type(kind)
    try:
        return json_format.Parse(text, message()) if message else TypeAdapter(kind).validate_json(text)
    except (ValidationError, json_format.ParseError) as error:
        raise Unreadable from error
