"""A small business whose data is spread: customers in SQLite, their orders in DuckDB, their tickets in SQLite again.

Keys are of different types on purpose: a customer's id is a whole number here, text there.
"""

import sqlite3
from pathlib import Path

import duckdb

from core.models.plans import Operation, Plan

CUSTOMERS = [(1, "Ada", "Norway"), (2, "Bo", "Norway"), (3, "Cleo", "Japan"), (4, "Dai", "Japan"), (5, "Eve", "Peru")]
ORDERS = [
    (10, "1", "100.50", "2026-01-05"),
    (11, "1", "20.25", "2026-02-05"),
    (12, "2", "5.00", "2026-02-06"),
    (13, "3", "70.00", "2026-02-07"),
    (14, "9", "1.00", "2026-02-08"),
]
TICKETS = [(1, 1, "late"), (2, 3, "late"), (3, 3, "broken"), (4, 4, "late")]


def write(folder: Path) -> dict[str, str]:
    """Write the three databases; return their URLs by the sources' names."""
    with sqlite3.connect(folder / "crm.db") as crm:
        crm.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT)")
        crm.executemany("INSERT INTO customers VALUES (?, ?, ?)", CUSTOMERS)
    crm.close()
    with duckdb.connect(str(folder / "sales.duckdb")) as sales:
        sales.execute("CREATE TABLE orders (id INTEGER, customer VARCHAR, amount DECIMAL(12, 2), ordered_on DATE)")
        sales.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", ORDERS)
    with sqlite3.connect(folder / "support.db") as support:
        support.execute("CREATE TABLE tickets (id INTEGER PRIMARY KEY, customer_id INTEGER, topic TEXT)")
        support.executemany("INSERT INTO tickets VALUES (?, ?, ?)", TICKETS)
    support.close()
    return {
        "crm": f"sqlite:///{folder}/crm.db",
        "sales": f"duckdb:///{folder}/sales.duckdb",
        "support": f"sqlite:///{folder}/support.db",
    }


def asks(name: str, source: str, query: str, *needed: str, **values: str) -> Operation:
    params = {"query": query, "values": values} if values else {"query": query}
    return Operation(id=name, source=source, kind="sql", params=params, depends_on=list(needed))


def joins(sql: str) -> Operation:
    return Operation(id="combine", kind="combine", params={"sql": sql})


def plan(*operations: Operation, description: str = "As it was asked.") -> Plan:
    return Plan(description=description, operations=list(operations))


CUSTOMER_ROWS = asks("customers", "crm", "SELECT id, name, country FROM customers")
ORDER_ROWS = asks("orders", "sales", "SELECT customer, amount, ordered_on FROM orders")
TICKET_ROWS = asks("tickets", "support", "SELECT customer_id, topic FROM tickets")
BY_COUNTRY = plan(
    CUSTOMER_ROWS,
    ORDER_ROWS,
    joins(
        "SELECT c.country, sum(o.amount) AS revenue FROM customers AS c JOIN orders AS o ON o.customer = c.id "
        "GROUP BY c.country ORDER BY revenue DESC"
    ),
    description="Adds up the orders of each country's customers.",
)
