"""Queries over the small world such as the planner writes them, in all their combinations, for property tests."""

from hypothesis import strategies as st

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


@st.composite
def _from(draw: st.DrawFn) -> tuple[list[str], str]:
    """Return tables and how they are joined."""
    others = draw(st.lists(st.sampled_from(sorted(LINKS)), unique=True, max_size=3))
    if len(others) == 1 and draw(st.booleans()):
        return others, f"FROM {others[0]}"
    text = "FROM customers"
    for other in others:
        way = draw(st.sampled_from(("JOIN", "JOIN", "JOIN", "LEFT JOIN")))
        text += f" {way} {other} ON {LINKS[other]}"
    return ["customers", *others], text


@st.composite
def selects(draw: st.DrawFn) -> str:
    tables, source = draw(_from())
    conditions = draw(st.lists(st.sampled_from([c for t in tables for c in CONDITIONS[t]]), unique=True, max_size=2))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    keys = [key for table in tables for key in KEYS[table]]
    figures = [*ANY_FIGURES, *(figure for table in tables for figure in FIGURES[table])]
    kind = draw(st.sampled_from(("rows", "groups", "groups", "total", "count")))
    if kind == "rows":
        shown = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=3, unique=True))
        return f"SELECT {draw(st.sampled_from(('', 'DISTINCT ')))}{', '.join(shown)} {source}{where}"
    if kind == "count":
        key = draw(st.sampled_from(keys))
        return f"SELECT COUNT(*) FROM (SELECT DISTINCT {key} {source}{where}) AS matches"
    wanted = draw(st.lists(st.sampled_from(figures), min_size=1, max_size=3, unique=True))
    if kind == "total":
        return f"SELECT {', '.join(wanted)} {source}{where}"
    by = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=2, unique=True))
    having = draw(
        st.sampled_from(("", " HAVING COUNT(*) > 1", f" HAVING {figures[-1]} > (SELECT AVG(stars) FROM reviews)"))
    )
    return f"SELECT {', '.join([*by, *wanted])} {source}{where} GROUP BY {', '.join(by)}{having}"


@st.composite
def queries(draw: st.DrawFn) -> str:
    """Return a query, sometimes of two that are put together."""
    if draw(st.integers(0, 5)):
        return draw(selects())
    operator = draw(st.sampled_from(("INTERSECT", "EXCEPT", "UNION")))
    first = draw(st.sampled_from(("SELECT id FROM customers", "SELECT id FROM customers WHERE age > 20")))
    second = draw(
        st.sampled_from(("SELECT customer_id FROM events", "SELECT customer_id FROM orders WHERE total > 20"))
    )
    return f"{first} {operator} {second}"
