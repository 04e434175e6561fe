"""The sample shop in the words of its business: figures, synonyms, comments, and questions to start with."""

import re
from functools import cache
from typing import Any

from core.sources.sample.shop import schema_sql
from levada.v1.catalog_pb2 import Definition

REVENUE = "sum(order_items.quantity * order_items.unit_price)"
NOT_CANCELLED = "orders.status <> 'cancelled'"

FIGURES = (
    Definition(
        name="revenue",
        synonyms=["sales", "turnover", "income"],
        expression=REVENUE,
        condition=NOT_CANCELLED,
        unit="EUR",
        description="Value of the order lines of all orders that were not cancelled, without shipping.",
    ),
    Definition(
        name="average order value",
        synonyms=["AOV", "average basket", "basket value", "average order size"],
        expression=f"{REVENUE} * 1.0 / count(DISTINCT orders.order_id)",
        condition=NOT_CANCELLED,
        unit="EUR",
        description="Revenue per order that was not cancelled.",
    ),
    Definition(
        name="units sold",
        synonyms=["pieces sold", "items sold", "sold units"],
        expression="sum(order_items.quantity)",
        condition=NOT_CANCELLED,
        description="Pieces in orders that were not cancelled.",
    ),
    Definition(
        name="gross profit",
        synonyms=["profit", "margin in euros"],
        expression="sum(order_items.quantity * (order_items.unit_price - products.cost))",
        condition=NOT_CANCELLED,
        unit="EUR",
        description="Revenue less what the products cost us.",
    ),
    Definition(
        name="return rate",
        synonyms=["share of returns", "returns rate", "percentage returned"],
        expression="100.0 * count(DISTINCT returns.order_item_id) / count(DISTINCT order_items.order_item_id)",
        unit="%",
        description="Order lines of which something was sent back, in percent of all order lines.",
    ),
    Definition(
        name="cancellation rate",
        synonyms=["share of cancelled orders"],
        expression="100.0 * count(DISTINCT CASE WHEN orders.status = 'cancelled' THEN orders.order_id END)"
        " / count(DISTINCT orders.order_id)",
        unit="%",
        description="Cancelled orders in percent of all orders.",
    ),
    Definition(
        name="average rating",
        synonyms=["mean rating", "average stars", "customer satisfaction"],
        expression="avg(reviews.rating)",
        description="Mean of the stars in reviews, 1 to 5.",
    ),
)

_TARGETS = {
    "customers": ("clients", "buyers", "shoppers", "people", "users", "accounts"),
    "orders": ("purchases", "sales orders"),
    "order_items": ("order lines", "line items", "positions"),
    "products": ("articles", "goods", "items"),
    "categories": ("product lines", "product categories", "kinds of product"),
    "suppliers": ("vendors", "manufacturers"),
    "shipments": ("parcels", "packages"),
    "returns": ("returned items", "sent back"),
    "reviews": ("ratings", "opinions"),
    "supply_deliveries": ("supplier deliveries", "inbound deliveries", "deliveries from suppliers", "supplies"),
    "payments.method": ("payment method", "paid by", "way of payment"),
    "products.price": ("list price",),
    "orders.device": ("ordered on", "placed on"),
}
SYNONYMS = tuple(
    Definition(name=target.replace("_", " ").replace(".", " "), synonyms=words, target=target)
    for target, words in _TARGETS.items()
)

DEFINITIONS = FIGURES + SYNONYMS

UNITS = {
    "products.price": "EUR",
    "products.cost": "EUR",
    "products.weight_kg": "kg",
    "countries.vat_rate": "%",
    "campaigns.budget": "EUR",
    "campaigns.discount_percent": "%",
    "orders.shipping_fee": "EUR",
    "order_items.unit_price": "EUR",
    "payments.amount": "EUR",
    "returns.refund": "EUR",
}

QUESTIONS = (
    "What was revenue last month?",
    "Revenue by month",
    "Revenue by country this year",
    "Top 10 products by revenue",
    "How many customers never ordered?",
    "Revenue of espresso machines in Germany by month",
    "How many supplier deliveries failed by supplier?",
    "Average rating by category",
    "How many orders were paid by card in March 2025?",
    "Which customers placed more than 50 orders?",
)


def in_settings() -> dict[str, Any]:
    """Return figures and synonyms as settings name them, for a shop that is no file of ours."""
    metrics = {
        one.name: {
            "expression": one.expression,
            "synonyms": list(one.synonyms),
            "condition": one.condition,
            "unit": one.unit,
            "description": one.description,
        }
        for one in FIGURES
    }
    words = {target: [target.replace("_", " ").replace(".", " "), *said] for target, said in _TARGETS.items()}
    return {"metrics": metrics, "synonyms": words}


@cache
def comments() -> dict[str, str]:
    """Comments by "table" and "table.column", from the remarks in the schema; SQLite has no COMMENT of its own."""
    found, table = {}, ""
    for line in schema_sql().splitlines():
        code, _, remark = line.partition(" -- ")
        if created := re.match(r"CREATE TABLE (\w+)", code):
            table = created[1]
        if remark:
            found[table if created else f"{table}.{code.split()[0]}"] = remark
    return found
