"""Queries over the small world as the planner writes them, put together by chance: the same for the same number."""

import random
from collections.abc import Sequence

LINKS = {
    "orders": "orders.customer_id = customers.id",
    "events": "events.customer_id = customers.id",
    "reviews": "reviews.customer_id = customers.id",
}
CONDITIONS = {
    "customers": (
        "customers.country = 'PT'",
        "customers.age > 30",
        "NOT customers.age > 30",
        "customers.age IS NULL",
        "customers.country IN ('PT', 'DE')",
        "customers.id IN (SELECT customer_id FROM orders WHERE total > 50)",
        "customers.id NOT IN (SELECT customer_id FROM events WHERE kind = 'buy' AND customer_id IS NOT NULL)",
        "customers.id IN (SELECT customers.id FROM customers JOIN events ON events.customer_id = customers.id)",
        "customers.age > (SELECT AVG(age) FROM customers)",
        "(customers.country = 'DE' OR customers.age < 40)",
    ),
    "orders": (
        "orders.total > 50",
        "orders.placed >= '2024-02-01' AND orders.placed < '2024-03-01'",
        "orders.total > (SELECT AVG(stars) * 15 FROM reviews)",
        "CAST(DATE_TRUNC('month', orders.placed) AS DATE) = '2024-02-01'",
    ),
    "events": (
        "events.kind ILIKE 'B%'",
        "NOT events.kind LIKE '%u%'",
        "events.at BETWEEN '2024-01-10' AND '2024-02-20'",
    ),
    "reviews": ("reviews.stars >= 3", "reviews.stars <> 2"),
}
KEYS = {
    "customers": ("customers.country", "customers.id", "customers.name"),
    "orders": ("CAST(DATE_TRUNC('month', orders.placed) AS DATE)", "CAST(EXTRACT(YEAR FROM orders.placed) AS INTEGER)"),
    "events": ("events.kind", "CAST(DATE_TRUNC('day', events.at) AS DATE)"),
    "reviews": ("reviews.stars",),
}
FIGURES = {
    "customers": ("AVG(customers.age)", "COUNT(DISTINCT customers.id)", "MAX(customers.age)"),
    "orders": ("SUM(orders.total)", "AVG(orders.total)", "MIN(orders.total)", "COUNT(orders.total)"),
    "events": ("COUNT(DISTINCT events.event_id)", "SUM(CASE WHEN events.kind = 'buy' THEN 1 ELSE 0 END)"),
    "reviews": ("AVG(reviews.stars)", "SUM(reviews.stars) - MIN(reviews.stars)"),
}
ANY_FIGURES = ("COUNT(*)", "100.0 * COUNT(*) / SUM(COUNT(*)) OVER ()")


def _some(any_: random.Random, of: Sequence[str], least: int, most: int) -> list[str]:
    return any_.sample(of, min(len(of), any_.randint(least, most)))


def _from(any_: random.Random) -> tuple[list[str], str]:
    """Return tables and how they are joined."""
    others = _some(any_, sorted(LINKS), 0, 3)
    if len(others) == 1 and any_.random() < 0.3:
        return others, f"FROM {others[0]}"
    text = "FROM customers"
    for other in others:
        text += f" {any_.choice(('JOIN', 'JOIN', 'LEFT JOIN'))} {other} ON {LINKS[other]}"
    return ["customers", *others], text


def select(any_: random.Random) -> str:
    tables, source = _from(any_)
    conditions = _some(any_, [one for table in tables for one in CONDITIONS[table]], 0, 2)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    keys = [key for table in tables for key in KEYS[table]]
    figures = [*ANY_FIGURES, *(figure for table in tables for figure in FIGURES[table])]
    kind = any_.choice(("rows", "groups", "groups", "total", "count"))
    if kind == "rows":
        return f"SELECT {any_.choice(('', 'DISTINCT '))}{', '.join(_some(any_, keys, 1, 3))} {source}{where}"
    if kind == "count":
        return f"SELECT COUNT(*) FROM (SELECT DISTINCT {any_.choice(keys)} {source}{where}) AS matches"
    wanted = _some(any_, figures, 1, 2)
    if kind == "total":
        return f"SELECT {', '.join(wanted)} {source}{where}"
    by = _some(any_, keys, 1, 2)
    compared = any_.choice(("1", "(SELECT AVG(stars) FROM reviews)"))
    having = any_.choice(("", f" HAVING {any_.choice(figures[2:])} > {compared}", " HAVING COUNT(*) > 1"))
    return f"SELECT {', '.join([*by, *wanted])} {source}{where} GROUP BY {', '.join(by)}{having}"


def query(any_: random.Random) -> str:
    """Return a query, sometimes of two that are put together."""
    if any_.random() < 0.9:
        return select(any_)
    first = any_.choice(("SELECT id FROM customers", "SELECT id FROM customers WHERE age > 20"))
    second = any_.choice(("SELECT customer_id FROM events", "SELECT customer_id FROM orders WHERE total > 20"))
    return f"{first} {any_.choice(('INTERSECT', 'EXCEPT', 'UNION'))} {second}"
