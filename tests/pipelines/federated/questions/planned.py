"""Plans for questions that take a language model, as one would write them, and how their answers are counted."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from core.models.plans import Operation, Plan
from tests.pipelines.federated import world
from tests.pipelines.federated.questions.answers import Answer


class Planned(NamedTuple):
    plan: Plan
    answer: Answer


def plan(*operations: Operation, sql: str) -> Plan:
    """Return what asks *operations*, then joins what they gave."""
    return world.plan(*operations, world.joins(sql))


def shop(name: str, query: str, **values: str) -> Operation:
    return world.asks(name, "shop", query, *_needed(values), **values)


def money(name: str, query: str, **values: str) -> Operation:
    return world.asks(name, "rates", query, *_needed(values), **values)


def web(name: str, collection: str, *stages: dict[str, Any], **values: str) -> Operation:
    return _document(name, "web", "mongodb", {"collection": collection, "pipeline": list(stages)}, values)


def points(name: str, fields: Iterable[str], *conditions: dict[str, Any], **values: str) -> Operation:
    params = {"collection": "feedback", "fields": list(fields)}
    return _document(
        name, "reviews", "vector", params | ({"filter": {"must": conditions}} if conditions else {}), values
    )


def talk(name: str, method: str, fields: Iterable[str], **params: Any) -> Operation:
    return _document(name, "talk", "slack", {"method": method, "fields": list(fields), **params}, {})


def among(key: str, value: str) -> dict[str, Any]:
    """Return the condition that a point's *key* is among the values named *value*."""
    return {"key": key, "match": {"any": {"$value": value}}}


def match(key: str, value: Any) -> dict[str, Any]:
    return {"key": key, "match": {"value": value}}


def _document(name: str, source: str, kind: str, params: dict[str, Any], values: dict[str, str]) -> Operation:
    bound = {**params, "values": values} if values else params
    return Operation(id=name, source=source, kind=kind, params=bound, depends_on=_needed(values))


def _needed(values: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(place.partition(".")[0] for place in values.values()))


LATE_TEXTS = points("late", ("feedback_id", "customer_id", "product_id"), match("topic", "late delivery"))
MEMBERS = talk("members", "users", ("id", "email"))
LATE_TALK = talk("said", "search", ("author_id", "text"), query="late", channels="deliveries")
LANDS = "SELECT customer_id, countries.name AS country FROM customers JOIN countries USING (country_id)"
GOODS = (
    "SELECT product_id, products.name, categories.name AS category, department, suppliers.name AS supplier "
    "FROM products JOIN categories USING (category_id) JOIN suppliers USING (supplier_id)"
)
OWN = (
    "SELECT customer_id, email, countries.name AS country FROM customers JOIN countries USING (country_id) "
    "WHERE email IN (:emails)"
)
