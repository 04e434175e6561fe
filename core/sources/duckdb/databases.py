"""DuckDB databases that can do nothing but read: a file of its own, or CSV, Parquet and JSON files as its tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from glob import glob  # pathlib's takes no absolute patterns
from pathlib import Path

import duckdb

from core.errors import SourceUnavailable
from core.sources.duckdb.faults import words

_LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "memory_limit": "2GB",
    "threads": "4",
    "temp_directory": "",  # what does not fit into memory fails, rather than fill the disk
}
# What is nested in JSON becomes a STRUCT or a list, which results show as JSON again.
_READERS = {
    ".csv": "read_csv({})",
    ".tsv": "read_csv({})",
    ".parquet": "read_parquet({})",
    ".json": "read_json({})",
    ".ndjson": "read_json({}, format = 'newline_delimited')",
    ".jsonl": "read_json({}, format = 'newline_delimited')",
}
_LINES = (".ndjson", ".jsonl")
_LINES_FROM = 64 * 1024

Open = Callable[[], duckdb.DuckDBPyConnection]


def open_file(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a database file: 10 ms, or 0.2 while another query has it open. In between it is free for writers."""
    more: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    return duckdb.connect(str(path), read_only=True, config=_LOCKED | more)


@dataclass(frozen=True)
class FileTable:
    """A file and the table that it is. *rows* is None where it can't be told."""

    name: str
    path: Path
    rows: int | None


@dataclass
class Files:
    """A database in memory whose tables are views of *tables*; *problems* says which files could not be read."""

    connection: duckdb.DuckDBPyConnection
    mark: tuple
    tables: list[FileTable] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class OpenFiles:
    """Opens the files that *pattern* names, a folder, a glob or one file; again when one has changed."""

    def __init__(self, name: str, pattern: str) -> None:
        self._name, self._pattern = name, pattern
        self._files: Files | None = None

    def get(self) -> Files:
        """Return the files as they are now. Blocks. Raises SourceUnavailable."""
        paths = self._find()
        mark = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
        if self._files is None or self._files.mark != mark:
            self._files = _open_files(paths, mark)
        return self._files

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection for one query."""
        return self.get().connection.cursor()

    def _find(self) -> list[Path]:
        path = Path(self._pattern)
        found = path.iterdir() if path.is_dir() else map(Path, glob(self._pattern))  # noqa: PTH207
        paths = sorted(path.absolute() for path in found if path.suffix.lower() in _READERS)
        if not paths:
            raise SourceUnavailable(
                f"Source {self._name} has no CSV, Parquet or JSON file at its path; check the settings."
            )
        return paths


def _open_files(paths: Sequence[Path], mark: tuple) -> Files:
    files = Files(duckdb.connect(":memory:", config=_LOCKED), mark)
    for path, name in zip(paths, _table_names(paths), strict=True):
        try:
            _add_view(files.connection, path, name)
            rows = _rows_of(files.connection, path)
        except (duckdb.Error, OSError) as error:
            files.problems.append(f"{path.name} could not be read: {words(error)}")
        else:
            files.tables.append(FileTable(name, path, rows))
    allowed = ", ".join(_literal(str(path)) for path in paths)
    files.connection.execute(f"SET allowed_paths = [{allowed}]")
    files.connection.execute("SET enable_external_access = false")
    files.connection.execute("SET lock_configuration = true")
    return files


def _table_names(paths: Sequence[Path]) -> list[str]:
    """Return each file's name without ending, or with it where two would be the same."""
    stems = [path.stem.casefold() for path in paths]
    return [path.stem if stems.count(path.stem.casefold()) == 1 else path.name.replace(".", "_") for path in paths]


def _add_view(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    rows = _READERS[path.suffix.lower()].format(_literal(str(path)))
    quoted = '"' + name.replace('"', '""') + '"'
    connection.execute(f"CREATE VIEW {quoted} AS SELECT * FROM {rows}")  # noqa: S608


def _rows_of(connection: duckdb.DuckDBPyConnection, path: Path) -> int | None:
    """A Parquet file says how many rows it has; where a row is a line they are guessed from size and first lines."""
    kind = path.suffix.lower()
    if kind == ".json":
        return None
    if kind == ".parquet":
        found = connection.execute(f"SELECT num_rows FROM parquet_file_metadata({_literal(str(path))})")  # noqa: S608
        return found.fetchall()[0][0]
    with path.open("rb") as file:
        start = file.read(_LINES_FROM)
    lines = start.count(b"\n") + (not start.endswith(b"\n"))
    heading = kind not in _LINES
    return max(0, round(path.stat().st_size * lines / len(start)) - heading) if start else 0


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
