"""The sample shop holds what it promises; what is true of it was counted apart from the database."""

import json
import sqlite3
from pathlib import Path

import pytest

from core.sources import sample

GOLDEN = json.loads(Path("tests/golden/shop_questions.json").read_text("utf-8"))
REVENUE = """
    SELECT {part}, sum(quantity * CAST(round(unit_price * 100) AS INTEGER))
    FROM order_items
    JOIN orders USING (order_id) JOIN products USING (product_id) JOIN customers USING (customer_id)
    JOIN countries USING (country_id) JOIN categories USING (category_id)
    WHERE orders.status <> 'cancelled' GROUP BY 1
"""


def one(database: sqlite3.Connection, sql: str):
    return database.execute(sql).fetchone()[0]


def test_every_table_has_the_rows_that_were_generated(database, facts):
    counted = {table: one(database, f"SELECT count(*) FROM {table}") for table in facts.rows}
    assert counted == facts.rows
    assert counted["order_items"] == 200_000
    assert len(counted) >= 8


def test_sales_of_a_country_are_not_joined_with_every_product_first(database):
    """SQLite before 3.41 would, by what ANALYZE alone says, and take minutes."""
    plan = database.execute(
        "EXPLAIN QUERY PLAN SELECT substr(orders.ordered_at, 1, 7), categories.name, sum(order_items.quantity) "
        "FROM orders JOIN order_items ON order_items.order_id = orders.order_id "
        "JOIN products ON order_items.product_id = products.product_id "
        "JOIN categories ON products.category_id = categories.category_id "
        "JOIN customers ON orders.customer_id = customers.customer_id "
        "JOIN countries ON customers.country_id = countries.country_id "
        "WHERE countries.name = 'Germany' AND orders.status <> 'cancelled' GROUP BY 1, categories.category_id"
    ).fetchall()
    assert not [row[3] for row in plan if "SCAN products" in row[3] or "AUTOMATIC" in row[3]]


def test_every_foreign_key_is_declared_and_holds(database, facts):
    keys = sum(len(database.execute(f"PRAGMA foreign_key_list({table})").fetchall()) for table in facts.rows)
    assert keys == 18
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize(
    ("part", "fact"),
    [
        ("substr(ordered_at, 1, 7)", "revenue_by_month"),
        ("countries.name", "revenue_by_country"),
        ("categories.name", "revenue_by_category"),
    ],
)
def test_revenue_in_the_database_is_what_the_generator_counted(database, facts, part, fact):
    assert dict(database.execute(REVENUE.format(part=part))) == getattr(facts, fact)


def test_it_covers_three_years_that_grow_and_have_seasons(facts):
    months = facts.revenue_by_month
    assert len(months) == 36
    years = [sum(list(months.values())[start : start + 12]) for start in (0, 12, 24)]
    assert years[0] * 1.1 < years[1] < years[2] / 1.1
    assert all(months[f"{year}-12"] > 2 * months[f"{year}-08"] for year in (2023, 2024, 2025))


def test_the_drop_is_dramatic_and_its_cause_can_be_traced(database, facts):
    trouble = facts.trouble
    assert facts.trouble_drop > 0.8
    failed = f"""
        SELECT suppliers.name, warehouses.city, problem, min(due_on), max(due_on), count(*) AS failures
        FROM supply_deliveries JOIN suppliers USING (supplier_id) JOIN warehouses USING (warehouse_id)
        WHERE status = 'failed' AND due_on BETWEEN '{trouble.first_day}' AND '{trouble.last_day}'
        GROUP BY 1, 2, 3 ORDER BY failures DESC
    """
    supplier, city, problem, first, last, failures = database.execute(failed).fetchone()
    assert (supplier, city, problem) == (trouble.supplier, trouble.warehouse, trouble.problem)
    assert failures > 20
    assert str(trouble.first_day) <= first < last <= str(trouble.last_day)


def test_other_countries_kept_their_machines(database, facts):
    sold = f"""
        SELECT sum(ordered_at BETWEEN '{facts.trouble.first_day}' AND '{facts.trouble.last_day}'),
               sum(ordered_at BETWEEN '2024-09-08' AND '2024-11-16')
        FROM order_items JOIN orders USING (order_id) JOIN products USING (product_id)
        JOIN categories USING (category_id) JOIN customers USING (customer_id) JOIN countries USING (country_id)
        WHERE categories.name = '{facts.trouble.category}' AND countries.name = 'France'
    """
    during, year_before = database.execute(sold).fetchone()
    assert during > year_before


def test_an_order_falls_on_the_same_day_whatever_the_zone(database):
    assert one(database, "SELECT count(*) FROM orders WHERE date(ordered_at) <> substr(ordered_at, 1, 10)") == 0
    offsets = {row[0] for row in database.execute("SELECT DISTINCT substr(ordered_at, -6) FROM orders")}
    assert offsets == {"+00:00", "+01:00", "+02:00"}


@pytest.mark.parametrize(
    "impossible",
    [
        "SELECT count(*) FROM shipments WHERE julianday(delivered_at) <= julianday(shipped_at)",
        "SELECT count(*) FROM shipments JOIN orders USING (order_id) WHERE date(shipped_at) < date(ordered_at)",
        "SELECT count(*) FROM orders JOIN customers USING (customer_id) WHERE ordered_at < registered_at",
        "SELECT count(*) FROM order_items NATURAL JOIN orders NATURAL JOIN products WHERE ordered_at < launched_on",
        "SELECT count(*) FROM payments WHERE (status IN ('paid', 'refunded')) <> (paid_at IS NOT NULL)",
        "SELECT count(*) FROM returns r JOIN order_items i USING (order_item_id) WHERE r.quantity > i.quantity",
        "SELECT count(*) FROM products WHERE cost >= price",
        "SELECT count(*) FROM shipments WHERE date(delivered_at) > '2026-06-30'",
        "SELECT count(*) FROM returns WHERE returned_on > '2026-06-30'",
    ],
)
def test_nothing_impossible_happens(database, impossible):
    assert one(database, impossible) == 0


def test_payments_are_what_the_order_cost(database):
    wrong = """
        SELECT count(*) FROM payments JOIN orders USING (order_id) JOIN (
            SELECT order_id, sum(quantity * unit_price) AS total FROM order_items GROUP BY order_id) USING (order_id)
        WHERE abs(amount - total - shipping_fee) > 0.001
    """
    assert one(database, wrong) == 0


def test_every_foreign_key_has_an_index_without_which_sqlite_joins_for_a_minute(database, facts):
    for table in facts.rows:
        indexes = [row[1] for row in database.execute(f"PRAGMA index_list({table})")]
        indexed = {row[2] for index in indexes for row in database.execute(f"PRAGMA index_info({index})")}
        assert {row[3] for row in database.execute(f"PRAGMA foreign_key_list({table})")} <= indexed


def test_comments_and_units_name_what_is_there(database):
    columns = {
        f"{table}.{row[1]}"
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for row in database.execute(f"PRAGMA table_info({table})")
    }
    tables = {column.split(".")[0] for column in columns}
    assert set(sample.COMMENTS) <= columns | tables
    assert set(sample.UNITS) <= columns
    assert all(definition.target in columns | tables for definition in sample.DEFINITIONS if definition.target)


def test_there_are_sixty_questions_and_every_reference_answers(database):
    assert len({entry["question"] for entry in GOLDEN}) == 60
    empty = [entry["question"] for entry in GOLDEN if not database.execute(entry["sql"]).fetchall()]
    assert empty == []
