"""The guard of queries over vectors: lets a query pass that only reads what its caller may read, and not without end.

What runs is never the document that came in, but one written anew from what was checked.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from pydantic import ValidationError

from core.errors import QueryRefused
from core.sources.base import CheckedQuery, Parameters
from core.sources.qdrant.filters import Filters
from core.sources.qdrant.payload import SCORE
from core.sources.qdrant.query import DEFAULT_HITS, MOST_HITS, Bound, VectorQuery
from levada.v1.catalog_pb2 import Column, Schema, Table

LANGUAGE = "vector"
DIALECT = "qdrant"

_LONGEST = 1_000_000
_LONGEST_TEXT = 10_000


def check(text: str, readable: Schema, rows: int, parameters: Parameters, *, embeds: bool) -> CheckedQuery:
    """Return the query written anew, for at most *rows* rows. *embeds* says whether texts can be turned into vectors.

    Raises QueryRefused with the rule that refused and what to do about it; nothing else.
    """
    query = _read(text)
    columns = _columns(query, readable)
    if query.filter is not None:
        query.filter = Filters(columns, parameters).checked(query.filter)
    query.fields = _fields(query, columns)
    alike = _require_likeness(query, parameters, embeds=embeds)
    if alike and not query.every:
        query.limit = min(query.limit or DEFAULT_HITS, MOST_HITS, rows)
    else:
        query.limit = min(query.limit or rows + 1, rows + 1)
    written = query.model_dump_json(exclude_defaults=True, by_alias=True)
    return CheckedQuery(written, DIALECT, rows, (query.collection,), LANGUAGE)


def _read(text: str) -> VectorQuery:
    if len(text) > _LONGEST:
        raise QueryRefused("too-long", f"The query has {len(text):,} characters; at most {_LONGEST:,} are allowed.")
    try:
        return VectorQuery.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = f"The query is not of the form of a search in vectors{f' at {where}' if where else ''}: {first['msg']}."
        raise QueryRefused("form", f"{said} Correct it there.") from None


def _columns(query: VectorQuery, readable: Schema) -> Mapping[str, Column]:
    tables: dict[str, Table] = {table.name: table for table in readable.tables}
    if query.collection not in tables:
        near = get_close_matches(query.collection, tables, 1)
        hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(list(tables)[:20])}."
        raise QueryRefused("unreadable-table", f'There is no collection "{query.collection}" that you may read. {hint}')
    return {column.name: column for column in tables[query.collection].columns}


def _fields(query: VectorQuery, columns: Mapping[str, Column]) -> list[str]:
    """Return the columns to give: those asked for, else all; there is no score where nothing is compared."""
    for field in query.fields or ():
        if field not in columns:
            raise QueryRefused("unknown-column", unknown(field, columns))
    searched = query.text is not None or query.vector is not None
    return [field for field in dict.fromkeys(query.fields or columns) if searched or field != SCORE]


def unknown(field: str, columns: Mapping[str, Column]) -> str:
    """Say that *field* is none of *columns*, and what may have been meant."""
    near = get_close_matches(field, columns, 1)
    hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(list(columns)[:30])}."
    return f'There is no field "{field}" that you may read here. {hint}'


def _require_likeness(query: VectorQuery, parameters: Parameters, *, embeds: bool) -> bool:
    """Say whether *query* searches by likeness, and put in the text that it may take from elsewhere."""
    if query.text is not None and query.vector is not None:
        raise QueryRefused("form", "The query has a text and a vector to look for. Give one of them.")
    if query.text is not None:
        query.text = _text(query.text, parameters)
        if not embeds:
            raise QueryRefused(
                "no-embedder",
                "The query looks for a text by its meaning, and nothing here turns texts into vectors. Set `embedder`"
                " of this source to the one its points were made with, or ask with a `filter` only.",
            )
    alike = query.text is not None or query.vector is not None
    if not alike and (query.score_threshold is not None or query.using is not None or query.every):
        said = "`every`, `score_threshold` and `using` need a `text` or a `vector` to compare with."
        raise QueryRefused("form", f"{said} Without one all points come that the filter lets pass.")
    return alike


def _text(text: str | Bound, parameters: Parameters) -> str:
    if isinstance(text, Bound):
        values = parameters.get(text.name, ())
        if len(values) != 1:
            raise QueryRefused("values", f"`text` takes one value, and {text.name} has {len(values):,}.")
        text = str(values[0])
    if not text.strip() or len(text) > _LONGEST_TEXT:
        raise QueryRefused("text", f"The text to look for is empty or longer than {_LONGEST_TEXT:,} characters.")
    return text
