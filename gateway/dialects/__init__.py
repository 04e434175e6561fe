"""The dialects by name, the native one first; a new one is a file or folder here and a line below."""

from gateway.dialects.base import Dialect, Frame
from gateway.dialects.native import Native
from gateway.dialects.query import Query
from gateway.dialects.steps import Steps

DIALECTS: dict[str, type[Dialect]] = {dialect.name: dialect for dialect in (Native, Steps, Query)}

__all__ = ["DIALECTS", "Dialect", "Frame", "Native", "Query", "Steps"]
