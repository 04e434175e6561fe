"""How a plan over several sources is laid out: what each does itself, what waits for what, what is said of it."""

from typing import Any

import pytest

from core.models.offline.cross.joint import Joint
from core.models.offline.cross.split import split
from core.models.plans import Operation
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Definition, Schema, Table
from tests.models.offline.cross.asking import World
from tests.models.offline.cross.standing_in import HOMES, joint

TEXT, INTEGER = events.COLUMN_TYPE_TEXT, events.COLUMN_TYPE_INTEGER


def _operations(sql: str, rows: dict[str, int] | None = None) -> dict[str, Operation]:
    many = {name: range((rows or {}).get(name, 1000)) for name in HOMES}
    operations, _ = split(sql, joint(HOMES, many))  # type: ignore[arg-type]
    return {operation.id: operation for operation in operations}


def test_what_is_joined_in_one_source_is_joined_there_and_only_what_is_needed_is_fetched() -> None:
    found = _operations(
        "SELECT customers.country, orders.total, events.kind FROM customers JOIN orders ON orders.customer_id ="
        " customers.id JOIN events ON events.customer_id = customers.id WHERE orders.total > 5"
    )
    assert list(found) == ["customers", "events"]
    assert " ".join(found["customers"].params["query"].split()) == (
        "SELECT customers.country, orders.total, customers.id FROM customers JOIN orders"
        " ON orders.customer_id = customers.id WHERE orders.total > 5"
    )


def test_a_source_counts_before_anything_is_joined() -> None:
    found = _operations(
        "SELECT customers.country, COUNT(*) FROM events JOIN customers ON events.customer_id = customers.id"
        " GROUP BY customers.country"
    )
    assert "COUNT(*) AS count" in found["events"].params["query"]
    assert "GROUP BY" in found["events"].params["query"]


def test_the_few_keys_found_first_narrow_what_is_read_elsewhere() -> None:
    found = _operations(
        "SELECT kind FROM events JOIN customers ON events.customer_id = customers.id WHERE customers.name = 'Ana'"
    )
    assert found["events"].depends_on == ["customers"]
    assert found["events"].params["values"] == {"customers_id": "customers.id"}
    assert "customer_id IN (:customers_id)" in found["events"].params["query"]
    assert found["customers"].depends_on == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT kind FROM events JOIN customers ON events.customer_id = customers.id",
        "SELECT kind FROM customers LEFT JOIN events ON events.customer_id = customers.id WHERE events.kind = 'buy'",
        "SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM events WHERE kind = 'buy')",
        "SELECT stars FROM reviews JOIN customers ON reviews.customer_id = customers.id WHERE customers.name = 'Ana'",
    ],
    ids=["nothing is narrowed", "rows must stay", "what is not among them", "keys of another type"],
)
def test_nothing_is_narrowed_where_that_would_lose_rows_or_save_nothing(sql: str) -> None:
    assert all(not operation.depends_on for operation in _operations(sql).values())


def test_where_the_keys_may_turn_out_too_many_there_is_a_query_without_them() -> None:
    found = _operations(
        "SELECT kind FROM events JOIN customers ON events.customer_id = customers.id WHERE customers.name = 'Ana'"
    )
    assert found["events"].params["otherwise"] == {"query": "SELECT\n  kind,\n  customer_id\nFROM events"}
    assert "otherwise" not in found["customers"].params


def test_too_many_keys_are_not_sent_around() -> None:
    sql = "SELECT kind FROM events JOIN customers ON events.customer_id = customers.id WHERE customers.age > 3"
    assert not _operations(sql, {"customers": 90_000, "events": 200_000})["events"].depends_on


def _table(name: str, *columns: str, **more: Any) -> Table:
    shown = [Column(name=column, type=TEXT if column in ("name", "email") else INTEGER) for column in columns]
    return Table(name=name, columns=shown, primary_key=columns[:1], **more)


def test_tables_of_one_name_in_two_sources_are_told_apart() -> None:
    schemas = {
        "shop": Schema(source="shop", dialect="sqlite", tables=[_table("users", "id", "name")]),
        "old-shop": Schema(
            source="old-shop", dialect="postgres", tables=[_table("Users", "id", "name", namespace="a")]
        ),
    }
    both = Joint(schemas, dict.fromkeys(schemas, "sql"))
    assert [table.name for table in both.schema.tables] == ["users", "old_shop_Users"]
    operations, _ = split("SELECT users.name, old_shop_Users.name FROM users JOIN old_shop_Users ON users.id ="
                          " old_shop_Users.id", both)  # fmt: skip
    assert [operation.source for operation in operations] == ["shop", "old-shop"]
    assert 'FROM a."Users"' in " ".join(operations[1].params["query"].split())


def test_keys_between_sources_are_found_by_names_and_by_values_that_both_have() -> None:
    people = _table("customers", "id", "email")
    people.columns[1].unique = True
    people.columns[1].samples.extend(["ana@x.example"])
    talk = _table("users", "key", "email", "customer_id", "colour")
    talk.columns[1].samples.extend(["Ana@x.example"])
    schemas = {"shop": Schema(dialect="sqlite", tables=[people]), "chat": Schema(dialect="slack", tables=[talk])}
    keys = Joint(schemas, {"shop": "sql", "chat": "slack"}).schema.tables[1].foreign_keys
    assert {(key.columns[0], key.referenced_table, key.referenced_columns[0]) for key in keys} == {
        ("email", "customers", "email"),
        ("customer_id", "customers", "id"),
    }
    assert all(key.inferred for key in keys)


def test_figures_of_the_business_are_known_across_sources() -> None:
    income = Definition(name="income", expression="sum(`order`.total)", target="")
    shop = Schema(dialect="mysql", tables=[_table("order", "id", "total")], definitions=[income])
    other = Schema(dialect="sqlite", tables=[_table("Order", "id", "total")])
    both = Joint({"other": other, "shop": shop}, {"other": "sql", "shop": "sql"})
    assert [definition.expression for definition in both.schema.definitions] == ["SUM(shop_order.total)"]


async def test_a_plan_says_what_it_does_and_how_the_question_was_read(fleet: World) -> None:
    plan = await fleet.plan("total litres by depot")
    assert plan.description == "Asks people and fuel, then joins what they give."
    assert plan.explanation == "The total of litres of refuels for each depot of drivers."
    assert [operation.description for operation in plan.operations] == [
        "Fetch drivers of people.",
        "Summarise refuels of fuel.",
        "Join what drivers and refuels gave.",
    ]
    assert plan.operations[-1].id == plan.operations[-1].kind == "combine"
    assert 'AS "total litres"' in plan.operations[-1].params["sql"]


async def test_the_same_question_gets_the_same_plan(fleet: World) -> None:
    assert await fleet.plan("total litres by depot") == await fleet.plan("total litres by depot")


async def test_a_plan_that_failed_is_not_offered_again(fleet: World) -> None:
    question = "total litres by depot"
    failed = await fleet.plan(question)
    other = await fleet.model.replan(await fleet.asked(question), failed, ["depot is unknown"])
    assert other is None or other.operations != failed.operations


async def test_all_texts_about_something_are_looked_for_where_they_are_joined(shop: World) -> None:
    plan = await shop.plan("which customers from Portugal complain about late delivery")
    found = {operation.id: operation for operation in plan.operations}
    assert found["reviews"].params["every"], "not the nearest few"
    assert "limit" not in found["reviews"].params
    assert (await shop.plan("reviews about late delivery")).operations[0].params["every"]
    assert "every" not in (await shop.draft("reviews about late delivery", "reviews")).sql, (
        "alone, the nearest are shown"
    )
    assert await shop.carried_out(plan) == []
    rows = await shop.answer("which customers from Germany complain about late delivery")
    assert sorted(rows) == [("Ben",), ("Cleo",)]


async def test_what_both_parts_of_a_question_need_is_asked_once(shop: World) -> None:
    plan = await shop.plan("which customers complain about late delivery, and what did they buy?")
    assert [operation.id for operation in plan.operations if operation.source == "reviews"] == ["reviews"]
    assert "Beside each stands the product with the highest number of orders." in plan.explanation


def test_trino_is_told_what_is_a_time() -> None:
    found = joint()
    for home in found.homes.values():
        home.schema.dialect = "trino" if home.source == "clicks" else "duckdb"
    days = "events.at BETWEEN '2024-01-01' AND '2024-01-02 03:00:00' AND events.kind ILIKE 'b%'"
    (operation,), _ = split(f"SELECT kind FROM events WHERE {days}", found)
    text = " ".join(operation.params["query"].split())
    assert "at BETWEEN CAST('2024-01-01' AS DATE) AND CAST('2024-01-02 03:00:00' AS TIMESTAMP)" in text
    assert "LOWER(kind) LIKE LOWER('b%')" in text


async def test_words_that_are_looked_for_stay_words(shop: World) -> None:
    plan = await shop.plan('reviews about "x\') OR 1=1 --"')
    assert plan.operations[0].params["text"] == "x') OR 1=1 --"
