"""From a URL or path to a source; its driver is imported only then."""

import importlib
import os
from collections.abc import Mapping, Sequence
from glob import glob  # pathlib's takes no absolute patterns
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from core.errors import SourceUnavailable
from core.sources.base import Source
from levada.v1.catalog_pb2 import Definition

_SCHEMES = {
    "postgresql": ("core.sources.postgres", "PostgresSource"),
    "postgres": ("core.sources.postgres", "PostgresSource"),
    "mysql": ("core.sources.mysql", "MySQLSource"),
    "mariadb": ("core.sources.mysql", "MySQLSource"),
    "trino": ("core.sources.trino", "TrinoSource"),
    "mongodb": ("core.sources.mongodb", "MongoSource"),
    "slack": ("core.sources.slack", "SlackSource"),
    "qdrant": ("core.sources.qdrant", "QdrantSource"),
    "qdrants": ("core.sources.qdrant", "QdrantSource"),
    "knowledge": ("core.sources.knowledge.folder", "FolderSource"),
}
_DATABASE_FILES = {
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
    ".ddb": "duckdb",
}
_TABLE_FILES = (".csv", ".tsv", ".parquet", ".json", ".ndjson", ".jsonl")
_EXTRAS = {
    "asyncmy": "mysql",
    "bson": "mongodb",
    "pymongo": "mongodb",
    "qdrant_client": "qdrant",
    "slack_sdk": "slack",
    "aiohttp": "slack",
    "pypdf": "knowledge",
    "numpy": "embeddings",
    "trino": "trino",
}


def open_source(
    name: str,
    url: str,
    *,
    description: str = "",
    definitions: Sequence[Definition] = (),
    comments: Mapping[str, str] | None = None,
    embedder: str = "",
) -> Source:
    """Return the source that *url* names; nothing is connected yet.

    *url* is sqlite:///PATH, duckdb:///PATH, postgresql://…, mysql://… or mariadb://…,
    trino://HOST:PORT/CATALOG/SCHEMA, mongodb://HOST/DATABASE, slack://WORKSPACE, knowledge:///FOLDER, file://PATH, or a
    plain path or glob: a database file, or CSV, Parquet and JSON files, each of which is a table. As in SQLAlchemy,
    three slashes begin a relative path and four an absolute one. *comments* has names of tables and table.column.
    *embedder* is what turns texts into vectors for qdrant:///FOLDER, qdrant://HOST:PORT, qdrants://HOST:PORT and
    knowledge:///FOLDER.

    Raises SourceUnavailable when *url* is none of these or the driver is not installed. A database that is down, or a
    file that is missing, is told when it is asked.
    """
    more: dict[str, Any] = {"description": description, "definitions": definitions, "comments": comments}
    scheme, separator, rest = url.partition("://")
    scheme = scheme.partition("+")[0].lower()
    if embedder and not scheme.startswith(("qdrant", "knowledge")):
        raise SourceUnavailable(
            f"Source {name} searches no vectors, so that `embedder` means nothing there; remove it."
        )
    if embedder:
        more["embedder"] = embedder
    if not separator or scheme == "file":
        return _open_path(name, unquote(rest) if separator else url, more)
    if scheme in ("sqlite", "duckdb"):
        return _open_database_file(name, scheme, _path_of(name, scheme, rest), more)
    if scheme not in _SCHEMES:
        known = "sqlite, duckdb, postgresql, mysql, mariadb, trino, mongodb, slack, qdrant, knowledge, file"
        raise SourceUnavailable(f"Source {name} has a URL of unknown scheme {scheme!r}; known are {known}.")
    return _load(name, *_SCHEMES[scheme])(name, url, **more)


def _path_of(name: str, scheme: str, rest: str) -> Path:
    path = unquote(rest.partition("?")[0])
    if not path.startswith("/") or path == "/":
        raise SourceUnavailable(f"Source {name} needs a path: {scheme}:///relative.db or {scheme}:////absolute.db.")
    return Path(path[1:])


def _open_path(name: str, text: str, more: dict[str, Any]) -> Source:
    path = Path(text or os.devnull).expanduser()  # an empty path would be the working directory
    if path.suffix.lower() in _DATABASE_FILES and not glob_marks(text):
        return _open_database_file(name, _DATABASE_FILES[path.suffix.lower()], path, more)
    files = _files(path, text)
    databases = [file for file in files if file.suffix.lower() in _DATABASE_FILES]
    if len(files) == 1 and databases:
        return _open_database_file(name, _DATABASE_FILES[files[0].suffix.lower()], files[0], more)
    if databases:
        raise SourceUnavailable(
            f"Source {name} names several files with a database among them ({databases[0].name}); make each database"
            " a source of its own."
        )
    if files or glob_marks(text) or path.is_dir() or path.suffix.lower() in _TABLE_FILES:
        return _load(name, "core.sources.duckdb", "FilesSource")(name, str(path), **more)
    raise SourceUnavailable(
        f"Source {name} is not a URL, and not a path where there are files that can be read"
        f" ({', '.join([*_TABLE_FILES, *_DATABASE_FILES])})."
    )


def glob_marks(text: str) -> bool:
    return any(mark in text for mark in "*?[")


def _files(path: Path, text: str) -> list[Path]:
    found = sorted(path.iterdir()) if path.is_dir() else sorted(map(Path, glob(str(path))))  # noqa: PTH207
    return [file for file in found if file.suffix.lower() in (*_TABLE_FILES, *_DATABASE_FILES)]


def _open_database_file(name: str, kind: str, path: Path, more: dict[str, Any]) -> Source:
    return _load(name, f"core.sources.{kind}", {"sqlite": "SqliteSource", "duckdb": "DuckDBSource"}[kind])(
        name, path, **more
    )


def _load(name: str, module: str, attribute: str) -> Any:
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        extra = _EXTRAS.get(missing.partition(".")[0])
        how = f'pip install "levada-service[{extra}]"' if extra else f"pip install {missing}"
        raise SourceUnavailable(f"Source {name} needs the driver {missing}, which is not installed: {how}") from error
