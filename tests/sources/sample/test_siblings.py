"""The sample shop's siblings fit the shop, are the same every time, and hold what the generator meant."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.errors import StoreError
from core.sources import open_source
from core.sources.sample.siblings import clicks, community, feedback, rates, searches, writing
from core.sources.sample.siblings.feedback import LATE


def asked(shop: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(shop)) as connection:
        return connection.execute(sql).fetchall()


def test_feedback_and_clicks_are_of_customers_and_products_that_the_shop_knows(shop_file: Path):
    customers = {key for (key,) in asked(shop_file, "SELECT customer_id FROM customers")}
    products = {key for (key,) in asked(shop_file, "SELECT product_id FROM products")}
    told = [*feedback(shop_file), *clicks(shop_file)]
    assert {one.customer_id for one in told} <= customers
    assert {one.product_id for one in told} <= products
    assert {one.customer_id for one in searches(shop_file)} <= customers


def test_whatever_was_clicked_to_be_bought_was_ordered(shop_file: Path):
    lines = "SELECT order_id, customer_id, product_id FROM orders JOIN order_items USING (order_id)"
    ordered = set(asked(shop_file, lines))
    bought = [(one.order_id, one.customer_id, one.product_id) for one in clicks(shop_file) if one.action == "purchase"]
    assert len(bought) > 500
    assert set(bought) <= ordered


def test_customers_of_the_community_write_from_their_own_addresses_about_their_own_orders(shop_file: Path):
    owners = dict(asked(shop_file, "SELECT order_id, email FROM orders JOIN customers USING (customer_id)"))
    talk = community(shop_file)
    emails = {user["id"]: user["profile"]["email"] for user in talk.users}
    said = [message for messages in talk.messages.values() for message in messages]
    about = [(message, int(message["text"].split("order ")[1].split()[0].strip(".,"))) for message in said
             if "order " in message["text"] and "part of" not in message["text"]]  # fmt: skip
    assert len(about) > 100
    assert all(owners[order] == emails[message["user"]] for message, order in about if order in owners)


def test_german_customers_complain_most_of_late_deliveries_and_of_what_a_supplier_failed_to_bring(shop_file: Path):
    lands = dict(asked(shop_file, "SELECT customer_id, n.name FROM customers JOIN countries n USING (country_id)"))
    goods = dict(asked(shop_file, "SELECT product_id, c.name FROM products JOIN categories c USING (category_id)"))
    late = [one for one in feedback(shop_file) if one.topic == LATE]
    assert Counter(lands[one.customer_id] for one in late).most_common(1)[0][0] == "Germany"
    assert Counter(goods[one.product_id] for one in late).most_common(1)[0][0] == "Espresso machines"


def test_they_are_the_same_every_time(shop_file: Path):
    assert list(rates()) == list(rates())
    assert feedback(shop_file) == feedback(shop_file)
    assert clicks(shop_file) == clicks(shop_file)
    assert community(shop_file) == community(shop_file)


async def test_rates_and_feedback_can_be_asked_from_their_folder(shop_file: Path, tmp_path: Path):
    folder = writing.ensure(tmp_path / "siblings", shop_file)
    for name, url, tables in (
        ("rates", f"{folder}/rates", {"exchange_rates", "legal_tender"}),
        ("reviews", f"qdrant:///{folder}/feedback", {"feedback"}),
    ):
        source = open_source(name, url)
        assert {table.name for table in (await source.describe()).tables} == tables
        await source.close()


def test_they_are_written_once_and_again_when_their_generator_changed(
    shop_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = writing.ensure(tmp_path / "siblings", shop_file)
    kept = folder / "kept"
    kept.touch()
    writing.ensure(folder, shop_file)
    assert kept.exists()
    monkeypatch.setattr(writing, "GENERATION", "next")
    writing.ensure(folder, shop_file)
    assert not kept.exists()
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_of_somebody_else_is_left_alone(shop_file: Path, tmp_path: Path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(StoreError, match="left alone"):
        writing.ensure(tmp_path, shop_file)
    assert (tmp_path / "mine.txt").exists()
