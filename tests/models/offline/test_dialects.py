"""The same questions get the same answers from PostgreSQL, MySQL, DuckDB and Trino."""

import datetime
import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from core.lookup import SourceLookup
from core.models.base import Ask, Draft
from core.models.offline import Offline
from core.sources import guard, open_source
from core.sources.base import Limits, Source
from tests.models.offline.house import INCOME, SQL, TODAY
from tests.models.offline.test_answers import QUESTIONS
from tests.trino_server import TrinoServer, serving


def _statements(dialect: str) -> list[str]:
    """Return the library's SQL as *dialect* wants it."""
    sql = re.sub(r"REFERENCES (\w+)", "" if dialect == "mysql" else r"REFERENCES \1", SQL)
    if dialect == "postgres":
        sql = sql.replace("firstName", '"firstName"').replace("lastName", '"lastName"')
        sql = re.sub(r"'([123])','(novel|reference|poetry)'", r"\1,'\2'", sql)
    sql = sql.replace("TEXT", "VARCHAR(80)") if dialect == "mysql" else sql
    for reader in ("'ida@example.org',1", "NULL,1", "'kim@example.org',0"):
        value, flag = reader.rsplit(",", 1)
        sql = sql.replace(reader, f"{value},{'TRUE' if flag == '1' else 'FALSE'}")
    return [statement.strip() for statement in sql.split(";") if statement.strip()]


@pytest.fixture
def trino() -> Iterator[TrinoServer]:
    with serving() as server:
        server.run(*_statements("duckdb"))
        yield server


@pytest.fixture(params=["postgres", "duckdb", "mysql", "trino"])
async def library(request: pytest.FixtureRequest, tmp_path) -> AsyncIterator[Source]:
    dialect = request.param
    if dialect == "duckdb":
        with duckdb.connect(tmp_path / "library.duckdb") as connection:
            for statement in _statements(dialect):
                connection.execute(statement)
        url = f"duckdb:///{tmp_path}/library.duckdb"
    elif dialect == "trino":
        url = request.getfixturevalue("trino").url
    else:
        database = request.getfixturevalue(f"{dialect}_database")
        database.run(*_statements(dialect))
        url = database.url
    source = open_source("library", url, definitions=[INCOME])
    yield source
    await source.close()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


async def _rows(source: Source, sql: str) -> list[tuple[Any, ...]]:
    readable = guard.Readable.of(await source.describe())
    checked = guard.check(sql, dialect=source.dialect, readable=readable, row_limit=100)
    found: list[tuple[Any, ...]] = []
    async with source.query(checked, Limits()) as rows:
        async for batch in rows:
            found += [tuple(map(_plain, row)) for row in zip(*batch.columns, strict=True)]
    return found


async def test_answers_do_not_depend_on_the_database(library: Source) -> None:
    model, lookup = Offline(), SourceLookup(library)
    await lookup.indexed()
    wrong = []
    for question, expected in {**QUESTIONS, "What was income last month?": [(1.5,)]}.items():
        ask = Ask(question=question, schema=await library.describe(), lookup=lookup, today=TODAY)
        pieces = [piece async for piece in model.draft(ask)]
        draft = pieces[-1]
        assert isinstance(draft, Draft)
        if sorted(await _rows(library, draft.sql)) != sorted(expected):
            wrong.append((question, draft.sql, await _rows(library, draft.sql)))
    await lookup.close()
    assert wrong == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Top 1 doctor by number of visits", [("Reis",)]),
        ("Number of visits by doctor", [("Costa", 2), ("Costa", 2), ("Reis", 3)]),
        ("How many doctors had planned visits?", [(2,)]),
    ],
)
async def test_people_of_one_name_are_told_apart_in_files_which_declare_no_keys(tmp_path, question, expected) -> None:
    (tmp_path / "doctors.csv").write_text("doctor_id,name\n1,Costa\n2,Costa\n3,Reis\n")
    visits = ["1,1,planned", "2,1,planned", "3,2,planned", "4,2,urgent", "5,3,urgent", "6,3,urgent", "7,3,urgent"]
    (tmp_path / "visits.csv").write_text("\n".join(["visit_id,doctor_id,kind", *visits, ""]))
    source = open_source("hospital", f"{tmp_path}/*.csv")
    lookup = SourceLookup(source)
    await lookup.indexed()
    ask = Ask(question=question, schema=await source.describe(), lookup=lookup, today=TODAY)
    draft = [piece async for piece in Offline().draft(ask)][-1]
    assert isinstance(draft, Draft)
    assert sorted(await _rows(source, draft.sql)) == expected, draft.sql
    await lookup.close()
    await source.close()
