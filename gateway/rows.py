"""Batches of rows as JSON objects that keep every value: what a double can't hold is a text."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

from gateway.proto_json import double
from levada.batches import texts
from levada.v1 import event_pb2 as pb

MOST_EXACT = 2**53 - 1


def names(columns: Sequence[pb.ResultColumn]) -> list[str]:
    """Return a key for each column: its name, numbered where another has the same."""
    taken: list[str] = []
    for column in columns:
        name, number = column.name, 1
        while name in taken:
            number += 1
            name = f"{column.name}_{number}"
        taken.append(name)
    return taken


def objects(batch: pb.TableRows, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of *batch* as objects with these *keys*."""
    converters = [CONVERTERS.get(column.WhichOneof("values") or "", same) for column in batch.columns]
    return [
        {
            key: None if value is None else convert(value)
            for key, value, convert in zip(keys, row, converters, strict=True)
        }
        for row in texts(batch)
    ]


def same(value: Any) -> Any:
    return value


def integer(value: int) -> int | str:
    return value if -MOST_EXACT <= value <= MOST_EXACT else str(value)


def binary(value: bytes) -> str:
    return base64.b64encode(value).decode()


CONVERTERS: dict[str, Callable[[Any], Any]] = {"ints": integer, "doubles": double, "binaries": binary}
