"""Says in a source's own language what the planner wrote in SQL, where that language has the words."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from core.models.offline.native.faults import CannotSay
from levada.v1.catalog_pb2 import Schema

__all__ = ["CannotSay", "document"]


def document(query: exp.Query, schema: Schema) -> dict[str, Any]:
    """Return *query*, over the tables of *schema*, in the language of its source. Raises CannotSay."""
    return _translation(schema.dialect)(query, schema)


def _translation(dialect: str) -> Callable[[exp.Query, Schema], dict[str, Any]]:
    if dialect == "mongodb":
        from core.models.offline.native.mongo import document as translate
    elif dialect == "qdrant":
        from core.models.offline.native.vector import document as translate
    elif dialect == "slack":
        from core.models.offline.native.slack import document as translate
    elif dialect == "knowledge":
        raise CannotSay("documents are searched for what they are about, not listed, counted or joined")
    else:
        raise CannotSay(f"nothing is known about the language of {dialect}")
    return translate
