"""The guard over the SQL that joins: it reads what the operations gave and nothing else."""

from core.sources import guard
from core.sources.base import CheckedQuery
from levada.v1.catalog_pb2 import Schema


def checked_join(sql: str, outputs: Schema, rows: int) -> CheckedQuery:
    """Return *sql* as it may run over *outputs*, the operations by their ids. Raises QueryRefused."""
    return guard.check(sql, dialect="duckdb", readable=guard.Readable.of(outputs, outputs), row_limit=rows)
