"""The same shop in other databases."""

from decimal import Decimal

import duckdb
import pytest

from core.errors import InvalidRequest
from core.sources.sample.copy import copy_to
from tests.postgres import PostgresDatabase

REVENUE = """
    SELECT sum(quantity * unit_price) FROM order_items JOIN orders USING (order_id) WHERE status <> 'cancelled'
"""


async def test_duckdb_gets_the_same_shop(tmp_path, facts):
    await copy_to(f"duckdb:///{tmp_path}/shop.duckdb")
    with duckdb.connect(f"{tmp_path}/shop.duckdb") as database:
        assert database.execute(REVENUE).fetchone() == (Decimal(facts.revenue) / 100,)
        assert database.execute("SELECT count(*) FROM customers WHERE phone IS NULL").fetchone()[0] > 1000


@pytest.mark.postgres
async def test_postgres_gets_the_same_shop_with_its_comments(postgres_database: PostgresDatabase, facts):
    await copy_to(postgres_database.admin_url)
    assert postgres_database.run(REVENUE) == [(Decimal(facts.revenue) / 100,)]
    assert postgres_database.run("SELECT obj_description('reviews'::regclass) IS NOT NULL") == [(True,)]


async def test_another_kind_of_database_is_refused():
    with pytest.raises(InvalidRequest, match="not to oracle"):
        await copy_to("oracle://somewhere")
