"""What sources that speak SQL share: the guard of that language."""

from collections.abc import Mapping
from typing import Any, cast

from core.sources import guard
from core.sources.base import NOTHING, SQL, CheckedQuery, Parameters
from levada.v1.catalog_pb2 import Schema


class Relational:
    """A source whose queries are SQL of its *dialect*."""

    language = SQL
    form: Mapping[str, Any] | None = None
    dialect: str

    def check(self, text: str, readable: Schema, rows: int, parameters: Parameters = NOTHING) -> CheckedQuery:
        """Return *text* as it may run over what *readable* names. Raises QueryRefused."""
        return guard.check(
            text,
            dialect=cast("guard.SqlDialect", self.dialect),
            readable=guard.Readable.of(readable),
            row_limit=rows,
            parameters=parameters,
        )
