"""What the operations gave, as tables of a DuckDB database that can read nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from core.pipelines.federated.operations import scratch
from core.pipelines.federated.results import Kept
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table

_DIGITS = 38
_NATIVE: dict[int, str] = {
    events.COLUMN_TYPE_BOOLEAN: "BOOLEAN",
    events.COLUMN_TYPE_INTEGER: "BIGINT",
    events.COLUMN_TYPE_DOUBLE: "DOUBLE",
    events.COLUMN_TYPE_BINARY: "BLOB",
    events.COLUMN_TYPE_DATE: "DATE",
    events.COLUMN_TYPE_TIME: "TIME",
    events.COLUMN_TYPE_TIMESTAMP: "TIMESTAMP",
    events.COLUMN_TYPE_TIMESTAMP_ZONED: "TIMESTAMPTZ",
    events.COLUMN_TYPE_UUID: "UUID",
}
# Kept as text, and of these types only once they are read.
_READ = (events.COLUMN_TYPE_DECIMAL, events.COLUMN_TYPE_UUID)


@dataclass(frozen=True)
class Tables:
    """Tables by name: those *kept* in *folder*, and *empty* ones with only the names of their columns.

    Joining them takes at most *memory* bytes; what needs more is put on disk, at most *disk* bytes.
    """

    folder: Path
    kept: Mapping[str, Kept]
    empty: Mapping[str, Sequence[str]] = field(default_factory=dict)
    memory: int = 2**29
    disk: int = 2**32

    def schema(self) -> Schema:
        """Return the tables as the guard knows them."""
        tables = [
            Table(
                name=name,
                row_estimate=kept.rows,
                columns=[
                    Column(name=one.name, type=one.type, native_type=native(one, kept), unit=one.unit, nullable=True)
                    for one in kept.columns
                ],
            )
            for name, kept in self.kept.items()
        ]
        tables += [
            Table(name=name, row_estimate=0, columns=[Column(name=column, nullable=True) for column in columns])
            for name, columns in self.empty.items()
        ]
        return Schema(dialect="duckdb", tables=tables)

    def open(self) -> duckdb.DuckDBPyConnection:
        """Open the database. Blocks. Raises duckdb.Error, OSError."""
        connection = duckdb.connect(":memory:", config=self._config())
        for name, kept in self.kept.items():
            connection.register(_rows(name), scratch.read(self.folder / kept.file))
            columns = ", ".join(_read(one, kept) for one in kept.columns)
            connection.execute(f"CREATE VIEW {_quoted(name)} AS SELECT {columns} FROM {_quoted(_rows(name))}")  # noqa: S608
        for name, names in self.empty.items():
            nothing = ", ".join(f"NULL AS {_quoted(column)}" for column in names or ("nothing",))
            connection.execute(f"CREATE VIEW {_quoted(name)} AS SELECT {nothing} WHERE false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        return {
            "python_enable_replacements": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "memory_limit": f"{self.memory}B",
            "temp_directory": str(self.folder / "spill"),
            "max_temp_directory_size": f"{self.disk}B",
            # With several, rows that no ORDER BY tells apart and sums of doubles differ from one run to the next.
            "threads": "1",
        }


def native(column: events.ResultColumn, kept: Kept) -> str:
    """Return DuckDB's type for *column*."""
    if column.type == events.COLUMN_TYPE_DECIMAL:
        before, after = kept.decimals.get(column.name, (1, 0))
        return f"DECIMAL({before + after}, {after})" if before + after <= _DIGITS else "DOUBLE"
    return _NATIVE.get(column.type, "VARCHAR")


def _read(column: events.ResultColumn, kept: Kept) -> str:
    name = _quoted(column.name)
    return f"TRY_CAST({name} AS {native(column, kept)}) AS {name}" if column.type in _READ else name


def _rows(name: str) -> str:
    return f"rows of {name}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
