"""What the planner says in SQL as searches in vectors and as Slack's listings, and what they have no words for."""

import json
from typing import Any

import pytest
import sqlglot

from core.models.offline.cross.joint import Joint
from core.models.offline.cross.scope import qualified
from core.models.offline.cross.writing import Writer
from core.models.offline.native import CannotSay
from core.sources.qdrant.query import VectorQuery
from core.sources.slack.query import SlackQuery
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table

KINDS = {"stars": events.COLUMN_TYPE_INTEGER, "sent_at": events.COLUMN_TYPE_TIMESTAMP_ZONED}


def _schema(dialect: str, **tables: str) -> Schema:
    schema = Schema(source=dialect, dialect=dialect)
    for name, columns in tables.items():
        shown = [Column(name=one, type=KINDS.get(one, events.COLUMN_TYPE_TEXT)) for one in columns.split()]
        schema.tables.append(Table(name=name, columns=shown, primary_key=["id"]))
    return schema


REVIEWS = _schema("qdrant", reviews="id score text stars product")
SLACK = _schema("slack", messages="id sent_at channel author text thread", users="id name", channels="id name")


def _said(sql: str, schema: Schema, language: str) -> dict[str, Any]:
    joint = Joint({"one": schema}, {"one": language})
    tree = qualified(sqlglot.parse_one(sql, read="duckdb"), joint)
    assert isinstance(tree, sqlglot.exp.Query)
    return Writer(joint).params(tree)


@pytest.mark.parametrize(
    ("sql", "more"),
    [
        ("SELECT text FROM reviews WHERE about(text, 'late delivery')", {"text": "late delivery", "limit": 10}),
        ("SELECT text FROM reviews WHERE about(text, 'x') ORDER BY score DESC LIMIT 300", {"text": "x", "limit": 20}),
        ("SELECT text FROM reviews LIMIT 300", {"limit": 300}),
        ("SELECT text FROM reviews WHERE stars < 3", {"filter": {"must": [{"key": "stars", "range": {"lt": 3}}]}}),
        (
            "SELECT text FROM reviews WHERE product IN ($products)",
            {"filter": {"must": [{"key": "product", "match": {"any": {"$value": "products"}}}]}},
        ),
        ("SELECT text FROM reviews WHERE id = 7", {"filter": {"must": [{"has_id": [7]}]}}),
        (
            "SELECT text FROM reviews WHERE product <> 'Lamp'",
            {
                "filter": {
                    "must_not": [{"key": "product", "match": {"value": "Lamp"}}, {"is_empty": {"key": "product"}}]
                }
            },
        ),
        (
            "SELECT text FROM reviews WHERE NOT product IS NULL AND stars BETWEEN 2 AND 4",
            {
                "filter": {
                    "must": [{"key": "stars", "range": {"gte": 2, "lte": 4}}],
                    "must_not": [{"is_empty": {"key": "product"}}],
                }
            },
        ),
    ],
)
def test_a_search_in_vectors(sql: str, more: dict[str, Any]) -> None:
    found = _said(sql, REVIEWS, "vector")
    assert found == {"collection": "reviews", **more, "fields": ["text"]}
    VectorQuery.model_validate_json(json.dumps(found))


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT text FROM messages", {"method": "history", "replies": True}),
        ("SELECT text FROM messages WHERE about(text, 'late')", {"method": "search", "query": "late"}),
        (
            "SELECT text FROM messages WHERE channel = 'support' AND author IN ($who)",
            {"method": "history", "channels": "support", "users": {"$value": "who"}, "replies": True},
        ),
        (
            "SELECT text FROM messages WHERE about(text, 'late') ORDER BY sent_at DESC LIMIT 3",
            {"method": "search", "query": "late", "limit": 3},
        ),
        (
            "SELECT text FROM messages WHERE sent_at >= '2024-01-01' AND sent_at < '2024-02-01'",
            {
                "method": "history",
                "date_from": "2024-01-01T00:00:00Z",
                "date_to": "2024-02-01T00:00:00Z",
                "replies": True,
            },
        ),
        ("SELECT text FROM messages WHERE thread = 'C1/1.5'", {"method": "thread", "thread": "C1/1.5"}),
        ("SELECT name FROM users LIMIT 4", {"method": "users", "limit": 4}),
        ("SELECT name FROM channels WHERE name IN ('a', 'b')", {"method": "channels", "channels": ["a", "b"]}),
    ],
)
def test_slack_is_asked_for_what_it_lists(sql: str, found: dict[str, Any]) -> None:
    shown = ["text"] if "messages" in sql else ["name"]
    said = _said(sql, SLACK, "slack")
    assert said == {**found, "fields": shown}
    SlackQuery.model_validate_json(json.dumps(said))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM messages",
        "SELECT DISTINCT author FROM messages",
        "SELECT author FROM messages GROUP BY author",
        "SELECT text FROM messages JOIN users ON users.id = messages.author",
        "SELECT text FROM messages WHERE text LIKE '%late%'",
        "SELECT text FROM messages WHERE sent_at > '2024-01-01'",
        "SELECT text FROM messages WHERE channel = 'a' AND channel = 'b'",
        "SELECT text FROM messages WHERE channel <> 'a'",
        "SELECT text FROM messages ORDER BY sent_at LIMIT 3",
        "SELECT text FROM messages LIMIT 3",
        "SELECT text FROM messages ORDER BY sent_at DESC LIMIT 3",
        "SELECT name FROM users WHERE name = 'Ana'",
        "SELECT UPPER(text) FROM messages",
        "SELECT text FROM messages WHERE author IN (SELECT id FROM users)",
        "SELECT id FROM users UNION SELECT id FROM channels",
    ],
)
def test_what_slack_cannot_do_is_not_asked_of_it(sql: str) -> None:
    with pytest.raises(CannotSay):
        _said(sql, SLACK, "slack")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT text FROM reviews WHERE text ILIKE '%late%'",
        "SELECT text FROM reviews WHERE stars < 3 OR stars > 4",
        "SELECT text FROM reviews ORDER BY stars DESC LIMIT 1",
        "SELECT text FROM reviews WHERE score > 0.5",
        "SELECT text FROM reviews WHERE about(text, 'a') AND about(text, 'b')",
        "SELECT text FROM reviews WHERE stars > (SELECT AVG(stars) FROM reviews)",
    ],
)
def test_what_a_collection_of_vectors_cannot_do_is_not_asked_of_it(sql: str) -> None:
    with pytest.raises(CannotSay):
        _said(sql, REVIEWS, "vector")
