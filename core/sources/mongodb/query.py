"""The form of a query to MongoDB, and its text: JSON with MongoDB's own notation for what JSON has no word for."""

import datetime
from typing import Any

from bson import json_util
from bson.binary import UuidRepresentation
from bson.errors import BSONError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import QueryRefused

MAX_NESTING = 40

_OPTIONS = json_util.RELAXED_JSON_OPTIONS.with_options(
    uuid_representation=UuidRepresentation.STANDARD, tz_aware=True, tzinfo=datetime.UTC
)
# Among MongoDB's notations these are values; those for code and pointers to documents are not read at all.
_VALUES = {"$oid", "$date", "$numberDecimal", "$numberLong", "$numberInt", "$numberDouble", "$uuid", "$binary"}
LARGEST = 2**63


class MongoQuery(BaseModel):
    """An aggregation pipeline that only reads, over one collection."""

    model_config = ConfigDict(extra="forbid", title="MongoQuery")

    collection: str = Field(description="Name of the collection.")
    pipeline: list[dict[str, Any]] = Field(
        description=(
            "Stages that read: $match, $project, $set, $unset, $unwind, $group, $bucket, $sort, $limit, $skip, $count,"
            " $lookup, $unionWith, $facet, $replaceRoot, $sortByCount, $sample, $setWindowFields. Without [] in fields:"
            ' items[].sku is "items.sku". A date is {"$date": "2026-01-31T00:00:00Z"}, an ObjectId {"$oid": "…"}. Name'
            " what is to be shown in a last $project; a key of $group is called _id, its parts _id.part. Values of"
            ' earlier operations are {"$value": "name"}: a list after $in, else one value.'
        )
    )


def read(text: str) -> MongoQuery:
    """Return the query that *text* is, with BSON's values in it. Raises QueryRefused."""
    try:
        query = MongoQuery.model_validate_json(text)
    except ValidationError as error:
        raise QueryRefused("syntax", _said(error)) from error
    query.pipeline = _decoded(query.pipeline)
    return query


def written(query: MongoQuery) -> str:
    """Return the text of *query*, which reads back as the same query."""
    document = {"collection": query.collection, "pipeline": query.pipeline}
    return json_util.dumps(document, json_options=_OPTIONS, ensure_ascii=False)


def _said(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f'The query is not of the form {{"collection": …, "pipeline": […]}}: {place or "it"}: {first["msg"]}.'


def _decoded(value: Any, depth: int = 0) -> Any:
    if depth > MAX_NESTING:
        raise QueryRefused("nesting", f"The query is nested more than {MAX_NESTING} levels deep. Simplify it.")
    if isinstance(value, list):
        return [_decoded(item, depth + 1) for item in value]
    if isinstance(value, dict):
        inner = {key: _decoded(item, depth + 1) for key, item in value.items()}
        return _value(inner) if len(inner) == 1 and inner.keys() <= _VALUES else inner
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        raise QueryRefused("literal", f"The number {value} is larger than MongoDB's. Use a smaller one.")
    return value


def _value(notation: dict[str, Any]) -> Any:
    try:
        if isinstance(text := notation.get("$date"), str):
            return moment(text)
        return json_util.object_hook(notation, _OPTIONS)
    except (BSONError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise QueryRefused("literal", f"{str(notation)[:100]} is no value: {error}. Correct it.") from error


def moment(text: str) -> datetime.datetime:
    """Return the instant that ISO text names, in UTC where it names no zone. Raises ValueError."""
    found = datetime.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
