"""What is known of a failed query before a model is asked to mend it."""

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process, utils

from core.pipelines.query.repair import trouble
from core.pipelines.query.repair.names import NEAR
from core.pipelines.query.repair.trouble import Kind
from levada.v1.catalog_pb2 import Schema

MOST = 5


def known(message: str, schema: Schema) -> list[str]:
    """Return what rules can tell of the database's or the guard's *message* where none of them mends it."""
    found = trouble.read(message)
    if found is None:
        return []
    match found.kind:
        case Kind.TABLE:
            return list(_like(found.name, "table", [table.name for table in schema.tables]))
        case Kind.COLUMN if found.name:
            owners = [t.name for t in schema.tables if any(c.name.lower() == found.name.lower() for c in t.columns)]
            if owners:
                return [f"The column {found.name} is one of: {', '.join(owners[:MOST])}."]
            return list(
                _like(found.name, "column", [column.name for table in schema.tables for column in table.columns])
            )
        case Kind.FUNCTION | Kind.SYNTAX:
            return [f"It may be written for another database than {schema.dialect}."]
    return []


def _like(name: str, what: str, names: Sequence[str]) -> Iterator[str]:
    near = process.extract(
        name,
        list(dict.fromkeys(names)),
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=MOST,
        score_cutoff=NEAR,
    )
    alike = f"alike are {', '.join(found for found, *_ in near)}" if near else "and none is named like it"
    yield f"There is no {what} {name}; {alike}."
