"""What a join may do without: only what leaves every other row, figure and word as it would be."""

import pytest

from core.pipelines.federated.joining.gaps import gaps

KNOWN = {"r": ["customer", "grade"]}
JOINED = "FROM c LEFT JOIN r ON r.customer = c.id"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT c.name, r.grade {JOINED}",
        f"SELECT c.name, round(CAST(grade AS DOUBLE) * 2 + c.bonus, 1) AS points {JOINED} WHERE c.id > 3",
        f"SELECT c.name, r.grade {JOINED} ORDER BY r.grade DESC, c.name",
        "SELECT c.name, r.grade FROM c FULL JOIN r ON r.customer = c.id",
    ],
)
def test_a_column_that_only_stands_beside_others_may_be_empty(sql: str):
    assert gaps(sql, ["r"], KNOWN) == {"r": ["customer", "grade"]}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c.name, r.grade FROM c JOIN r ON r.customer = c.id",
        f"SELECT c.country, count(*) AS n {JOINED} GROUP BY c.country",
        f"SELECT c.country, sum(c.amount) AS total {JOINED} GROUP BY c.country",
        f"SELECT r.grade, sum(c.amount) AS total {JOINED} GROUP BY r.grade",
        f"SELECT count_if(r.grade > 3) AS n {JOINED}",
        f"SELECT product(c.amount) AS n {JOINED}",
        f"SELECT c.name, r.grade AS g {JOINED} ORDER BY g DESC LIMIT 5",
        f"SELECT DISTINCT r.grade {JOINED}",
        f"SELECT c.name, rank() OVER (ORDER BY r.grade) AS place {JOINED}",
        f"SELECT c.name, if(r.grade > 3, 'good', 'bad') AS said {JOINED}",
        f"SELECT c.name, coalesce(r.grade, 0) AS grade {JOINED}",
        f"SELECT c.name, greatest(c.points, r.grade) AS best {JOINED}",
        f"SELECT c.name, c.name || r.grade IS NULL AS none {JOINED}",
        f"SELECT c.name {JOINED} WHERE r.grade IS NULL",
        f"SELECT c.name, d.text {JOINED} LEFT JOIN d ON d.grade = r.grade",
        f"SELECT x.name FROM (SELECT c.name, r.grade {JOINED}) AS x WHERE x.grade IS NULL",
        f"WITH x AS (SELECT c.country, r.grade {JOINED}) SELECT country, count(grade) AS n FROM x GROUP BY 1",
        f"SELECT c.name, (SELECT count(*) {JOINED}) AS n FROM c",
        f"SELECT c.name, r.grade {JOINED} UNION SELECT name, 1 FROM d",
    ],
)
def test_what_would_look_like_what_it_is_not_can_not_be_done_without(sql: str):
    assert gaps(sql, ["r"], KNOWN) is None
