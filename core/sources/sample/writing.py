"""Writes the sample shop into a SQLite file, once, whoever else does so at the same time."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from core.errors import StoreError
from core.sources.sample.shop import GENERATION, chunks, schema_sql

# Marks the file as ours ("LVDA"), so that a file of somebody else is never written over.
APPLICATION_ID = 0x4C564441


def ensure(path: Path) -> Path:
    """Return *path*, a SQLite database with the sample shop, written first if it isn't there (some seconds).

    Raises StoreError when the file can't be written, or when *path* is something else.
    """
    if _is_current(path):
        return path
    stale = path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".partial", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _unwritable(path, error) from error
    partial = Path(name)
    try:
        write(partial)
        if stale or not _claim(partial, path):
            partial.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise _unwritable(path, error) from error
    finally:
        partial.unlink(missing_ok=True)
    return path


def write(path: Path) -> None:
    """Write the sample shop into the empty file *path*."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # Nothing reads the file before it is whole, so it needs no journal on the way.
        database.executescript("PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA cache_size = -65536;")
        tables, indexes = schema_sql().split("CREATE INDEX", 1)
        database.executescript(tables)
        database.execute("BEGIN")
        for chunk in chunks():
            for table, rows in chunk.items():
                marks = ", ".join("?" * len(rows[0]))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own names
        database.execute("COMMIT")
        database.executescript(f"CREATE INDEX{indexes}; ANALYZE; PRAGMA application_id = {APPLICATION_ID};")
        _spread(database)
        database.execute(f"PRAGMA user_version = {GENERATION}")
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _spread(database: sqlite3.Connection) -> None:
    """Have customers counted by country over all countries, though only some have any.

    Else SQLite before 3.41 takes an index that it would build itself for better, and joins Germany with all products.
    """
    customers, countries = (
        database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
        for table in ("customers", "countries")
    )
    database.execute(
        "UPDATE sqlite_stat1 SET stat = ? WHERE idx = 'customers_by_country'",
        (f"{customers} {customers // countries}",),
    )


def _is_current(path: Path) -> bool:
    """Tell whether *path* holds this generation of the shop."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            application = database.execute("PRAGMA application_id").fetchone()[0]
            generation = database.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error:
        application = generation = 0
    if application != APPLICATION_ID:
        raise StoreError(
            f"{path} exists and is not the sample data, so it was left alone; give another path for the sample data."
        )
    return generation == GENERATION


def _claim(partial: Path, path: Path) -> bool:
    """Give *partial* its real name unless another process was first; False where neither could be done."""
    try:
        os.link(partial, path)
    except FileExistsError:
        return path.stat().st_size > 0
    except OSError:
        return False
    return True


def _unwritable(path: Path, error: Exception) -> StoreError:
    return StoreError(f"The sample data can't be written to {path} ({error}); free some space or give another path.")
