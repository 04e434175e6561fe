"""Which tables of a large schema are kept for a question, and which words are linked to what."""

import pytest

from core.models.base import Turn, ValueMatch
from core.pipelines.answering.relevance import links
from core.pipelines.answering.relevance.tables import MOST_TABLES, MOST_TOKENS, relevant, tokens_of
from levada.v1.catalog_pb2 import Column, Definition, ForeignKey, Schema, Table


def table(name: str, *columns: str, comment: str = "", **references: str) -> Table:
    made = Table(name=name, comment=comment, columns=[Column(name=column) for column in columns])
    for column, other in references.items():
        made.foreign_keys.append(ForeignKey(columns=[column], referenced_table=other, referenced_columns=["id"]))
    return made


def large(*tables: Table) -> Schema:
    """Return a schema of 500 tables, *tables* scattered among them."""
    rest = [table(f"log_{number:03}", "id", "written_at", "payload") for number in range(500 - len(tables))]
    for position, one in enumerate(tables):
        rest.insert(37 * (position + 1), one)
    return Schema(source="large", dialect="sqlite", tables=rest)


def test_a_small_schema_is_kept_whole():
    schema = Schema(tables=[table(f"t{number}", "id") for number in range(MOST_TABLES)])
    assert len(relevant(schema, "anything at all")) == MOST_TABLES


def test_of_five_hundred_tables_those_that_the_question_names_come_first():
    schema = large(table("invoices", "id", "total"), table("suppliers", "id", "country"))
    kept = relevant(schema, "Which suppliers sent the largest invoices?")
    assert set(kept[:2]) == {"invoices", "suppliers"}
    assert len(kept) <= MOST_TABLES


@pytest.mark.parametrize(
    ("question", "reason"),
    [("How much did we bill?", "comment"), ("Show invoiceLines", "camel case"), ("all invoice line items", "plural")],
)
def test_names_are_found_by_comment_case_and_number(question: str, reason: str):
    schema = large(table("InvoiceLines", "id", comment="What we bill"))
    assert relevant(schema, question)[0] == "InvoiceLines", reason


def test_a_table_that_joins_two_others_is_kept_though_no_word_names_it():
    schema = large(
        table("authors", "id", "name"),
        table("books", "id", "title"),
        table("xref", "a", "b", a="authors", b="books"),
    )
    assert "xref" in relevant(schema, "Which authors wrote which books?")[:10]


def test_wide_tables_use_up_the_budget():
    wide = [table(f"wide_{number}", *(f"measurement_number_{c}" for c in range(200))) for number in range(60)]
    schema = Schema(tables=wide)
    kept = relevant(schema, "measurement")
    by_name = {one.name: one for one in wide}
    assert sum(tokens_of(by_name[name]) for name in kept) <= MOST_TOKENS


def test_a_wanted_table_is_kept_first():
    schema = large(table("ports", "id", "name"))
    assert relevant(schema, "payload", ["ports"])[0] == "ports"


def test_columns_are_linked_by_all_their_words():
    schema = Schema(tables=[table("orders", "order_id", "order_date", "unit_price", "note")])
    assert links.columns(schema, "What was the unit price of each order?", ["orders"]) == [
        "orders.unit_price",
    ]


def test_definitions_are_found_by_name_and_synonym():
    schema = Schema(definitions=[Definition(name="revenue", synonyms=["sales", "turn over"]), Definition(name="stock")])
    for question in ("What was revenue?", "our sales by month", "the turn over"):
        assert [found.name for found in links.definitions(schema, question)] == ["revenue"]
    assert not links.definitions(schema, "Who is salesman of the month?")


class Values:
    """Knows three values."""

    def find(self, words: str, limit: int = 5) -> list[ValueMatch]:
        known = {
            "new york": ("cities", "name", "New York"),
            "york": ("cities", "name", "York"),
            "open": ("jobs", "state", "open"),
        }
        found = known.get(words.casefold())
        return [ValueMatch(words, *found, score=1.0)] if found else []


def test_the_longest_words_that_are_a_value_are_linked():
    found = links.values(Values(), "How many jobs in New York are open?")
    assert [(one.words, one.column, one.value) for one in found] == [
        ("New York", "name", "New York"),
        ("open", "state", "open"),
    ]


def test_earlier_questions_like_this_one_are_found_once():
    earlier = [
        Turn(question="Revenue by month in 2024", sql="SELECT 1"),
        Turn(question="Revenue by month in 2024", sql="SELECT 1"),
        Turn(question="How many ships?", sql="SELECT 2"),
        Turn(question="Revenue by month", sql=""),
    ]
    assert [turn.question for turn in links.similar("revenue by month", earlier)] == ["Revenue by month in 2024"]
