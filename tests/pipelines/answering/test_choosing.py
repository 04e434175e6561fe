"""Which sources are chosen by rule."""

from collections.abc import Mapping, Sequence

import pytest

from core.models.base import ValueMatch
from core.pipelines.answering.choosing import choose
from core.pipelines.answering.relevance.index import Indexed, Searchable
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table

HELD: Mapping[str, Mapping[str, str]] = {
    "crm": {"companies": "company_id name country segment"},
    "files": {"invoices": "invoice_id company_code amount currency_code issued_on"},
    "support": {"tickets": "ticket_no company company.code severity channel"},
    "talk": {"channels": "id topic"},
}


class Nothing:
    def find(self, words: str, limit: int = 5) -> Sequence[ValueMatch]:
        return ()


def schema(name: str, tables: Mapping[str, str]) -> Schema:
    kinds = {"company": events.COLUMN_TYPE_JSON}
    made = {
        table: [Column(name=column, type=kinds.get(column, events.COLUMN_TYPE_TEXT)) for column in columns.split()]
        for table, columns in tables.items()
    }
    return Schema(source=name, tables=[Table(name=table, columns=columns) for table, columns in made.items()])


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("Top 5 companies by amount of invoices", {"files", "crm"}),
        ("Which companies have no invoices?", {"files", "crm"}),
        ("Top 5 companies by number of tickets", {"support", "crm"}),
        ("Total amount of invoices by currency", {"files"}),
        ("Tickets by severity", {"support"}),
        ("Tickets by channel", {"support"}),
        ("Companies by country", {"crm"}),
        ("Number of tickts by segmnt", {"support", "crm"}),
        ("Invoces by currency", {"files"}),
    ],
)
def test_what_is_only_referred_to_is_fetched_from_where_it_is_kept(question: str, sources: set[str]):
    schemas = Searchable({name: Indexed.of(schema(name, tables), b"") for name, tables in HELD.items()}, {})
    chosen = choose(question, schemas, dict.fromkeys(HELD, Nothing()))  # type: ignore[arg-type]
    assert {one.source for one in chosen} == sources


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("Which companies complain most about late invoices?", ["crm", "opinions"]),
        ("Which companies wrote about invoices in channels?", ["talk", "crm"]),
        ("Companies by country", ["crm"]),
    ],
)
def test_what_people_say_is_looked_for_where_texts_can_be_searched(question: str, sources: list[str]):
    held = {"crm": HELD["crm"], "talk": HELD["talk"], "opinions": {"notes": "note_id words"}}
    made = {name: schema(name, tables) for name, tables in held.items()}
    made["talk"].dialect, made["opinions"].dialect = "slack", "qdrant"
    schemas = Searchable({name: Indexed.of(one, b"") for name, one in made.items()}, {})
    chosen = choose(question, schemas, dict.fromkeys(held, Nothing()))  # type: ignore[arg-type]
    assert sorted(one.source for one in chosen) == sorted(sources)
