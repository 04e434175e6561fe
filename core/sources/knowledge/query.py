"""The form of a search in documents, and its guard: what it reads is written anew from what was checked."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from core.errors import QueryRefused
from core.sources.base import CheckedQuery, Parameters
from levada.v1.catalog_pb2 import Schema

LANGUAGE = DIALECT = "knowledge"
TABLE = "passages"
MOST = 50
DEFAULT = 6
_LONGEST = 10_000
_LONGEST_QUERY = 100_000


class KnowledgeQuery(BaseModel):
    """Passages of documents about a text, the best first."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST)] = Field(
        description="What the passages are to be about: a question, or words."
    )
    limit: int = Field(DEFAULT, ge=1, le=MOST, description="Most passages to return.")
    file: str = Field("", max_length=255, description="Only documents of this name; * stands for anything. Empty: all.")


def check(text: str, readable: Schema, rows: int, parameters: Parameters) -> CheckedQuery:
    """Return the search as it may run over what *readable* names. Raises QueryRefused."""
    if TABLE not in {table.name for table in readable.tables}:
        raise QueryRefused("unreadable-table", "There are no documents here that you may read. Add some first.")
    if parameters:
        raise QueryRefused("parameters", "A search in documents takes no values of other sources; put them in words.")
    asked = _read(text)
    asked.limit = min(asked.limit, rows)
    return CheckedQuery(asked.model_dump_json(exclude_defaults=True), DIALECT, rows, (TABLE,), LANGUAGE)


def _read(text: str) -> KnowledgeQuery:
    if len(text) > _LONGEST_QUERY:
        raise QueryRefused("too-long", f"The search has {len(text):,} characters; at most {_LONGEST:,} are allowed.")
    try:
        return KnowledgeQuery.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = f"The query is not of the form of a search in documents{f' at {where}' if where else ''}"
        raise QueryRefused("form", f"{said}: {first['msg']}. Correct it there.") from None
