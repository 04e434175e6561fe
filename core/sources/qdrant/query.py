"""The form of a query over vectors, as models, planners and people write it: one JSON document.

Filters are Qdrant's own, cut down to what asks about fields and ids.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, FiniteFloat, StrictBool, StrictInt, StrictStr, Tag

DEFAULT_HITS = 10
MOST_HITS = 20
"""How many points a search by similarity returns, unless it wants every one that is near enough."""


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Bound(Form):
    """Stands for values that an earlier operation found; {"$value": "name"}."""

    name: str = Field(alias="$value")


Literal = StrictBool | StrictInt | StrictStr


class Match(Form):
    """What a field holds; exactly one of these. Of a field that holds a list, one element is enough."""

    value: Literal | Bound | None = Field(None, description="Exactly this text, integer or boolean.")
    any: list[Literal] | Bound | None = Field(None, description="One of these.")
    except_: list[Literal] | Bound | None = Field(None, alias="except", description="Something, and none of these.")
    text: StrictStr | Bound | None = Field(None, description="A text with all of these words, in any order.")
    prefix: StrictStr | None = Field(None, description="A text that begins so.")
    substring: StrictStr | None = Field(None, description="A text with this in it.")


Edge = Annotated[StrictInt | FiniteFloat | StrictStr | Bound | None, Field(union_mode="left_to_right")]


class Range(Form):
    """Bounds of a number, or of a date in ISO 8601."""

    gt: Edge = None
    gte: Edge = None
    lt: Edge = None
    lte: Edge = None


class FieldCondition(Form):
    """Asks about the field *key*, by `match` or by `range`."""

    key: str
    match: Match | None = None
    range: Range | None = None


class HasId(Form):
    """The point has one of these ids."""

    has_id: list[StrictInt | StrictStr] | Bound


class Key(Form):
    key: str


class IsEmpty(Form):
    """The field is missing, null or an empty list."""

    is_empty: Key


class IsNull(Form):
    """The field is null."""

    is_null: Key


class Inner(Form):
    key: str
    filter: "Filter"


class Nested(Form):
    """One element of the list of objects *key* meets the whole *filter*, whose keys are the element's."""

    nested: Inner


def _kind(value: Any) -> str:
    """Name the kind of condition by its telling field, so that what is wrong with it is told of that kind only."""
    has = value.__contains__ if isinstance(value, dict) else lambda name: hasattr(value, name)
    return next((name for name in ("key", "has_id", "is_empty", "is_null", "nested") if has(name)), "filter")


Condition = Annotated[
    Annotated[FieldCondition, Tag("key")]
    | Annotated[HasId, Tag("has_id")]
    | Annotated[IsEmpty, Tag("is_empty")]
    | Annotated[IsNull, Tag("is_null")]
    | Annotated[Nested, Tag("nested")]
    | Annotated["Filter", Tag("filter")],
    Discriminator(_kind),
]


class Filter(Form):
    """All of `must`, at least one of `should`, none of `must_not`."""

    must: list[Condition] | None = None
    should: list[Condition] | None = None
    must_not: list[Condition] | None = None


class VectorQuery(Form):
    """Points of a collection: those most like `text` or `vector`, or, with neither, those that meet `filter`."""

    collection: str = Field(description="The collection to read.")
    text: StrictStr | Bound | None = Field(None, description="Words whose meaning is looked for.")
    vector: list[FiniteFloat] | None = Field(None, description="A vector to look for instead of text.")
    using: str | None = Field(None, description="Name of the vectors to compare, where points have several.")
    filter: Filter | None = None
    limit: int | None = Field(
        None,
        ge=1,
        description=f"Most points to return: by similarity {DEFAULT_HITS} unless said, at most {MOST_HITS}.",
    )
    every: bool = Field(
        False,
        description="All points that are about the text, not only the most similar: to count, join or summarise them. "
        "Those are as similar as `score_threshold` says, else as the embedder takes for being about the same.",
    )
    score_threshold: FiniteFloat | None = Field(None, description="Leave out points less similar than this.")
    fields: list[str] | None = Field(None, description="Columns to return, all unless said.")


FORM = VectorQuery.model_json_schema(by_alias=True)
