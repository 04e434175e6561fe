"""The guard of MongoDB's language: lets a pipeline pass that only reads what its caller may read.

It opens no connection. Every stage and operator at every depth is one that is known; what runs is written anew, with
what may be read chosen before anything else sees a document.
"""

from dataclasses import dataclass

from core.errors import QueryRefused
from core.sources.base import CheckedQuery, Parameters
from core.sources.guard.text import require_plain
from core.sources.mongodb.guard.budget import Budget
from core.sources.mongodb.guard.scope import Scope
from core.sources.mongodb.guard.shape import Shape
from core.sources.mongodb.guard.stages import Walk
from core.sources.mongodb.query import MongoQuery, read, written
from levada.v1.catalog_pb2 import Schema

LANGUAGE = "mongodb"


@dataclass(frozen=True)
class CheckedPipeline(CheckedQuery):
    """A checked query that knows its *columns*: (path, type in MongoDB's words). None: its documents tell."""

    columns: tuple[tuple[str, str], ...] | None = None


def check(text: str, readable: Schema, row_limit: int, parameters: Parameters) -> CheckedPipeline:
    """Return the query written anew, asking for at most *row_limit* + 1 documents. Raises QueryRefused."""
    require_plain(text, LANGUAGE)
    query = read(text)
    walk = Walk({table.name: table for table in readable.tables})
    scope = Scope(Shape(None), parameters, Budget())
    try:
        stages, shape = walk.over_collection(query.collection, query.pipeline, scope)
        done = written(MongoQuery(collection=query.collection, pipeline=limited(stages, row_limit + 1)))
    except RecursionError:
        raise QueryRefused("nesting", "The query is nested too deep. Simplify it.") from None
    columns = tuple((path, (shape.paths or {}).get(path, "")) for path in shape.columns)
    return CheckedPipeline(
        text=done,
        dialect=LANGUAGE,
        row_limit=row_limit,
        tables=tuple(walk.read),
        language=LANGUAGE,
        columns=columns if shape.paths is not None else None,
    )


def limited(stages: list[dict], most: int) -> list[dict]:
    """Return *stages* that end in a $limit of *most* at most."""
    if stages and "$limit" in stages[-1]:
        return [*stages[:-1], {"$limit": min(most, stages[-1]["$limit"])}]
    return [*stages, {"$limit": most}]
