"""What every source does, one body over all of them."""

import asyncio
from decimal import Decimal

import pytest

from core.errors import QueryFailed, QueryTimeout, SourceUnavailable
from core.sources.base import Limits
from core.sources.rows import encode
from levada.v1 import event_pb2 as events
from tests.pace import pace
from tests.sources.conftest import Database


async def test_a_description_tells_tables_columns_types_and_samples(shop: Database):
    schema = await shop.open().describe()

    tables = {table.name: table for table in schema.tables}
    assert list(tables) == ["customers", "digits", "orders"]
    assert (schema.source, schema.dialect) == ("data", shop.dialect)
    columns = {column.name: column for column in tables["orders"].columns}
    assert list(columns) == ["id", "customer_id", "amount", "note"]
    assert columns["id"].type == events.COLUMN_TYPE_INTEGER
    assert columns["note"].nullable
    names = next(column for column in tables["customers"].columns if column.name == "name")
    assert names.type == events.COLUMN_TYPE_TEXT
    assert set(names.samples) == {"Ada", "Žofie", "Émile"}
    assert next(c for c in tables["customers"].columns if c.name == "born").type == events.COLUMN_TYPE_DATE
    assert not schema.problems


async def test_a_description_tells_about_how_many_rows_there_are(shop: Database):
    tables = {table.name: table.row_estimate for table in (await shop.open().describe()).tables}

    assert tables["customers"] == 3
    assert 500 <= tables["orders"] <= 2_000


async def test_a_description_tells_keys(shop: Database):
    if not shop.keys:
        pytest.skip("files and catalogues of Trino have no keys")
    tables = {table.name: table for table in (await shop.open().describe()).tables}

    assert list(tables["orders"].primary_key) == ["id"]
    assert {column.name for column in tables["orders"].columns if column.unique} == {"id"}
    assert not tables["customers"].columns[1].nullable
    (key,) = tables["orders"].foreign_keys
    assert (list(key.columns), key.referenced_table, list(key.referenced_columns)) == (
        ["customer_id"],
        "customers",
        ["id"],
    )


async def test_views_are_told_as_views(shop: Database):
    if shop.kind == "files":
        pytest.skip("files have no views")
    shop.run("CREATE VIEW big_orders AS SELECT id, amount FROM orders WHERE amount > 100")
    tables = {table.name: table for table in (await shop.open().describe()).tables}

    assert tables["big_orders"].is_view
    assert not tables["orders"].is_view
    assert [column.name for column in tables["big_orders"].columns] == ["id", "amount"]


async def test_configured_comments_and_definitions_are_in_the_description(shop: Database):
    source = shop.open(comments={"orders": "What was bought", "orders.amount": "In euros"})
    tables = {table.name: table for table in (await source.describe()).tables}

    assert tables["orders"].comment == "What was bought"
    assert tables["orders"].columns[2].comment == "In euros"


async def test_rows_come_in_batches_of_which_the_first_is_small(shop: Database):
    batches = await shop.batches(shop.open(), "SELECT id, customer_id FROM orders ORDER BY id", batch_rows=300)

    assert batches[0].row_count <= 50
    assert max(batch.row_count for batch in batches) <= 300
    assert [number for batch in batches for number in batch.columns[0]] == list(range(1000))


async def test_values_keep_their_kind_and_null_is_none(shop: Database):
    sql = "SELECT o.id, o.amount, o.note, c.born FROM orders o JOIN customers c ON c.id = o.customer_id"
    rows = await shop.rows(f"{sql} WHERE o.id IN (1, 4, 3) ORDER BY o.id")

    assert [(row[0], row[2]) for row in rows] == [(1, None), (3, None), (4, "even")]
    assert [float(row[1]) for row in rows] == [0.25, 0.75, 1.0]
    assert [row[3] and row[3].isoformat() for row in rows] == [None, "1815-12-10", None]
    if shop.kind != "files":
        assert rows[0][1] == Decimal("0.25")
        assert isinstance(rows[0][1], Decimal)


async def test_a_result_is_encoded_with_its_nulls_marked(shop: Database):
    source = shop.open()
    async with source.query(shop.checked("SELECT id, note FROM orders ORDER BY id"), Limits(batch_rows=20)) as rows:
        batch = await anext(aiter(rows))
        said = encode(batch, rows.columns)

    assert list(said.columns[0].ints.values) == list(range(20))
    assert list(said.columns[1].texts.values)[:3] == ["even", "", "even"]
    assert said.columns[1].nulls == bytes([0b10101010, 0b10101010, 0b1010])


async def test_columns_are_known_when_there_are_no_rows(shop: Database):
    async with shop.open().query(shop.checked("SELECT id, name FROM customers WHERE id < 0"), Limits()) as rows:
        assert [column.name for column in rows.columns] == ["id", "name"]
        assert [batch async for batch in rows] == []


async def test_a_wrong_query_fails_with_the_databases_own_words(shop: Database):
    with pytest.raises(QueryFailed, match="no_such_column"):
        await shop.rows("SELECT no_such_column FROM orders")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO customers VALUES (9, 'Mallory', NULL)",
        "UPDATE customers SET name = 'Mallory'",
        "DELETE FROM customers",
        "DROP TABLE customers",
        "CREATE TABLE mine (i INTEGER)",
        "SELECT 1; DELETE FROM customers",
    ],
)
async def test_nothing_can_be_changed_even_without_the_guard(shop: Database, sql: str):
    with pytest.raises(QueryFailed):
        await shop.rows(sql)

    assert await shop.rows("SELECT count(*) FROM customers") == [(3,)]
    assert len((await shop.open().describe()).tables) == 3


async def test_a_query_that_takes_too_long_is_stopped(shop: Database):
    with pace() as since:
        with pytest.raises(QueryTimeout, match="too long"):
            await shop.rows(shop.endless, seconds=0.5)
        assert since.seconds < 10
    assert await shop.rows("SELECT count(*) FROM customers") == [(3,)]


async def test_cancelling_stops_the_query_at_once(shop: Database):
    source = shop.open()
    task = asyncio.create_task(shop.batches(source, shop.endless))
    await asyncio.wait([task], timeout=0.3)
    with pace() as since:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert since.seconds < 10
    assert [batch.row_count for batch in await shop.batches(source, "SELECT 1")] == [1]


async def test_leaving_in_the_middle_leaves_the_source_in_order(shop: Database):
    source = shop.open()
    for _ in range(20):
        async with source.query(shop.checked("SELECT a.id FROM orders a, orders b"), Limits()) as rows:
            assert 0 < (await anext(aiter(rows))).row_count <= 50  # fewer, when the machine is busy

    assert [batch.row_count for batch in await shop.batches(source, "SELECT 1")] == [1]


async def test_slow_queries_do_not_hold_up_quick_ones(shop: Database):
    source = shop.open()
    slow = [asyncio.create_task(shop.batches(source, shop.endless)) for _ in range(3)]
    await asyncio.wait(slow, timeout=0.2)
    with pace() as since:
        answers = await asyncio.gather(*(shop.batches(source, "SELECT count(*) FROM orders") for _ in range(10)))
        assert since.seconds < 15
    assert {batches[0].columns[0][0] for batches in answers} == {1000}
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_odd_names_come_back_as_they_are(database: Database):
    # The server's own file names, or ours, set the limits of what a table may be called.
    table = 'order "lines" of ' + ("Zürich" if database.kind == "files" else "Zürich; select")
    columns = ["group", "two words", 'quo"te', "back`tick", "ünï 数", "Upper", "semi;colon", "100%"]
    listed = ", ".join(f"{database.quoted(name)} INTEGER" for name in columns)
    database.run(
        f"CREATE TABLE {database.quoted(table)} ({listed})",
        f"INSERT INTO {database.quoted(table)} VALUES (1, 2, 3, 4, 5, 6, 7, 8)",
    )
    schema = await database.open().describe()

    assert [found.name for found in schema.tables] == [table]
    assert [column.name for column in schema.tables[0].columns] == columns
    assert [list(column.samples) for column in schema.tables[0].columns] == [[str(n)] for n in range(1, 9)]
    chosen = ", ".join(map(database.quoted, columns))
    assert await database.rows(f"SELECT {chosen} FROM {database.quoted(table)}") == [(1, 2, 3, 4, 5, 6, 7, 8)]


async def test_an_empty_database_is_described_as_empty(database: Database):
    if database.kind == "files":
        with pytest.raises(SourceUnavailable, match="no CSV, Parquet or JSON file"):
            await database.open().describe()
        return
    schema = await database.open().describe()

    assert not schema.tables
    assert not schema.problems


async def test_five_hundred_tables_are_described_while_one_waits(database: Database):
    if database.kind == "files":
        pytest.skip("a table is a file there, and five hundred files are sniffed one by one")
    ten = ", ".join(f"c{n} VARCHAR(20)" for n in range(9))
    create = [f"CREATE TABLE table_{n:03d} (id INTEGER PRIMARY KEY, {ten})" for n in range(500)]
    database.run(*create, *(f"INSERT INTO table_{n:03d} (id, c0) VALUES ({n}, 'word')" for n in range(0, 500, 5)))
    with pace() as since:
        schema = await database.open().describe()
        assert since.seconds < 15
    assert len(schema.tables) == 500
    assert {len(table.columns) for table in schema.tables} == {10}


async def test_a_source_that_answers_a_ping_is_there(shop: Database):
    await shop.open().ping()
