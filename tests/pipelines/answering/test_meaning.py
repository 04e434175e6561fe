"""What a query that is a document means, as its author says it: units are read off that when it can be about it."""

import pytest

from core.models.base import Draft
from core.pipelines.answering.columns import described
from core.pipelines.answering.meaning import Meaning
from core.sources.base import CheckedQuery
from levada.v1.catalog_pb2 import Column, Schema, Table
from levada.v1.event_pb2 import ResultColumn

FEES = Schema(source="s", dialect="mongodb", tables=[Table(name="calls", columns=[Column(name="fee", unit="EUR")])])
QUERY = CheckedQuery("{}", "mongodb", 10, ("calls",), "mongodb")


@pytest.mark.parametrize(
    ("meaning", "unit"),
    [
        ("SELECT sum(fee) AS total FROM calls", "EUR"),
        ("WITH c AS (SELECT fee FROM calls) SELECT fee FROM c", "EUR"),
        ("SELECT sum(fee) AS total FROM elsewhere", ""),
        ("SELECT sum(fee), 1 FROM calls", ""),
        ("DELETE FROM calls", ""),
        ("SELEC", ""),
        ("", ""),
    ],
)
def test_a_column_is_counted_in_what_the_meaning_adds_up(meaning: str, unit: str):
    found = Meaning.of(Draft(sql="{}", explanation="", meaning=meaning), QUERY, FEES)
    assert described([ResultColumn(name="total")], found.checked, found.schema)[0].unit == unit
