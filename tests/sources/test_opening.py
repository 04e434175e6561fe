"""From a URL to a source: schemes, paths, globs, and drivers that are missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import SourceUnavailable
from core.sources import open_source


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:///shop.db", "sqlite"),
        ("sqlite:////var/data/shop.db", "sqlite"),
        ("duckdb:///shop.duckdb", "duckdb"),
        ("postgresql://user@host/shop", "postgres"),
        ("postgres://user@host/shop", "postgres"),
        ("postgresql+asyncpg://user@host/shop", "postgres"),
        ("mysql://user@host/shop", "mysql"),
        ("mariadb+asyncmy://user@host/shop", "mysql"),
        ("mongodb://user@one,two:27018/shop?replicaSet=rs", "mongodb"),
        ("mongodb+srv://user@host/shop", "mongodb"),
        ("slack://acme?channels=support", "slack"),
        ("shop.sqlite3", "sqlite"),
        ("file:///var/data/shop.duckdb", "duckdb"),
        ("data/*.csv", "duckdb"),
        ("orders.parquet", "duckdb"),
        ("events.ndjson", "duckdb"),
        ("trino://user@host:8080/lake/sales", "trino"),
    ],
)
async def test_the_scheme_or_the_ending_chooses(url: str, kind: str):
    source = open_source("shop", url, description="What we sell")
    assert (source.kind, source.name, source.description) == (kind, "shop", "What we sell")
    await source.close()


async def test_a_folder_of_one_database_is_that_database(tmp_path: Path, opened):
    (tmp_path / "shop.db").touch()
    (tmp_path / "read me.txt").touch()

    assert opened("shop", str(tmp_path)).kind == "sqlite"


def test_a_folder_with_a_database_among_files_is_refused(tmp_path: Path):
    for name in ("shop.db", "orders.csv"):
        (tmp_path / name).touch()
    with pytest.raises(SourceUnavailable, match=r"shop\.db.*source of its own"):
        open_source("shop", str(tmp_path))


@pytest.mark.parametrize("url", ["oracle://host/db", "notes.txt", "", "sqlite://shop.db", "duckdb:///"])
def test_what_can_not_be_read_is_refused_with_what_can(url: str):
    with pytest.raises(SourceUnavailable, match=r"known are|can be read|needs a path"):
        open_source("shop", url)


def test_a_missing_driver_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch):
    for module in [name for name in sys.modules if name.startswith(("core.sources.mysql", "asyncmy"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "asyncmy", None)
    with pytest.raises(SourceUnavailable, match=r"asyncmy.*not installed: pip install"):
        open_source("shop", "mysql://user@host/shop")


def test_no_driver_is_imported_before_it_is_needed():
    drivers = "{'asyncpg', 'asyncmy', 'bson', 'pymongo', 'duckdb', 'sqlite3', 'pyarrow', 'slack_sdk'}"
    program = f"import sys, core.sources, core.sources.rows; print({drivers} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "url",
    [
        *("mongodb://u:s3cret@host:port/shop", "mongodb://u:s3cret@[::1/shop", "mongodb://u:s3cret@host:99999/shop"),
        *("qdrant://:s3cret@[::1", "qdrant://:s3cret@host:port", "trino://u:s3cret@host:port/lake"),
    ],
)
async def test_a_url_that_can_not_be_read_is_told_as_such_and_not_repeated(url: str):
    with pytest.raises(SourceUnavailable, match="can't be read") as refused:
        await open_source("shop", url).ping()
    assert "s3cret" not in refused.value.message
