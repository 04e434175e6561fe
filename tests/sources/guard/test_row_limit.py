"""Every query asks for one row more than may be shown, and no more than that."""

import pytest

from core.sources.guard import check
from tests.sources.guard import shop
from tests.sources.guard.conftest import Run

MANY = "SELECT a.i FROM range(50) a(i)"
POSTGRES = "SELECT i FROM generate_series(1, 50) AS i"


def _written(sql: str, dialect: str, rows: int = 5) -> str:
    return check(sql, dialect=dialect, readable=shop.readable(dialect), row_limit=rows).text


@pytest.mark.parametrize(
    "sql",
    [
        POSTGRES,
        f"{POSTGRES} LIMIT 40",
        f"{POSTGRES} LIMIT ALL",
        f"{POSTGRES} LIMIT NULL",
        f"{POSTGRES} LIMIT 40 OFFSET 2",
        f"{POSTGRES} OFFSET 2",
        f"{POSTGRES} LIMIT 20 + 20",
        f"{POSTGRES} LIMIT (SELECT 40)",
        f"{POSTGRES} FETCH FIRST 40 ROWS ONLY",
        f"{POSTGRES} ORDER BY 1 FETCH FIRST 40 ROWS WITH TIES",
        f"{POSTGRES} ORDER BY i",
        f"({POSTGRES})",
        f"(({POSTGRES} LIMIT 40))",
        f"({POSTGRES} LIMIT 40) ORDER BY 1",
        f"({POSTGRES}) ORDER BY 1 DESC",
        f"({POSTGRES}) OFFSET 3",
        f"{POSTGRES} UNION ALL {POSTGRES}",
        f"({POSTGRES} LIMIT 2) UNION ALL ({POSTGRES} LIMIT 40)",
        f"{POSTGRES} UNION ALL {POSTGRES} LIMIT 40",
        f"WITH t AS ({POSTGRES}) SELECT * FROM t",
        f"WITH t AS ({POSTGRES}) SELECT * FROM t UNION ALL SELECT * FROM t ORDER BY 1",
        "VALUES (1), (2), (3), (4), (5), (6), (7), (8)",
        "SELECT unnest(ARRAY[1, 2, 3, 4, 5, 6, 7, 8])",
    ],
)
def test_six_rows_come_where_five_may_be_shown(sql: str, engines: dict[str, Run]):
    assert len(engines["postgres"](_written(sql, "postgres"))) == 6


@pytest.mark.parametrize(
    "sql",
    [
        f"FROM ({MANY})",
        f"{MANY} LIMIT 90%",
        f"{MANY} LIMIT 40 OFFSET 5",
        "PIVOT (SELECT i, i % 2 AS k FROM range(50) t(i)) ON k USING count(*)",
        f"{MANY} UNION BY NAME {MANY}",
    ],
)
def test_the_same_in_duckdb(sql: str, engines: dict[str, Run]):
    assert len(engines["duckdb"](_written(sql, "duckdb"))) == 6


@pytest.mark.parametrize("limit", ["LIMIT -1", "LIMIT 3, 40", "LIMIT 40 OFFSET 3", "LIMIT 50 - 10", ""])
def test_the_same_in_sqlite(limit: str, engines: dict[str, Run]):
    rows = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(20))
    assert len(engines["sqlite"](_written(f"SELECT n FROM ({rows}) {limit}", "sqlite"))) == 6


@pytest.mark.parametrize(
    ("asked", "kept"),
    [("LIMIT 3", "LIMIT 3"), ("LIMIT 3 OFFSET 9", "LIMIT 3 OFFSET 9"), ("FETCH FIRST ROW ONLY", "FETCH FIRST")],
)
def test_a_lower_limit_is_kept(asked: str, kept: str):
    assert kept in _written(f"SELECT id FROM orders {asked}", "postgres")


def test_an_order_survives_the_limit(engines: dict[str, Run]):
    rows = engines["postgres"](_written(f"{POSTGRES} ORDER BY i DESC LIMIT 20 + 20", "postgres"))
    assert rows == [(n,) for n in range(50, 44, -1)]
