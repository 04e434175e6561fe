"""What the guard of Slack's queries refuses, what it lets pass, and what it writes."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import QueryRefused
from core.sources.base import CheckedQuery, Parameters
from core.sources.slack import guard, words
from core.sources.slack.describe import describe
from core.sources.slack.directory import Directory
from levada.v1.catalog_pb2 import Schema

DIRECTORY = Directory(
    "https://acme.slack.com/",
    {"C0SUPPORT": {"id": "C0SUPPORT", "name": "support"}},
    {"U0000001": {"id": "U0000001", "name": "ada", "profile": {"email": "ada@acme.example"}}},
)
READABLE = describe(DIRECTORY)


def check(document: Any, parameters: Parameters | None = None, readable: Schema = READABLE) -> CheckedQuery:
    text = document if isinstance(document, str) else json.dumps(document)
    return guard.check(text, readable, 100, parameters or {}, DIRECTORY)


@pytest.mark.parametrize(
    ("rule", "document"),
    [
        ("form", "SELECT * FROM messages"),
        ("form", "[" * 100_000),
        ("form", "\ud800"),
        ("form", {"method": "chat.postMessage", "channels": "support"}),
        ("form", {"method": "history", "channel": "support"}),
        ("form", {"method": "history", "limit": 0}),
        ("form", {"method": "history", "date_from": "yesterday"}),
        ("form", {"method": "history", "channels": {"$value": "x", "or": 1}}),
        ("length", {"method": "search", "query": "x" * 200_000}),
        ("search-modifier", {"method": "search", "query": "late in:#board"}),
        ("search-modifier", {"method": "search", "query": "-FROM:ada late"}),
        ("search-modifier", {"method": "search", "query": ["fine", 'unclosed " in: #board']}),
        ("search-words", {"method": "search", "query": '" " -'}),
        ("search-words", {"method": "search", "query": "-late"}),
        ("missing-field", {"method": "search"}),
        ("missing-field", {"method": "thread"}),
        ("unused-field", {"method": "users", "channels": "support"}),
        ("unused-field", {"method": "search", "query": "late", "thread": "C0SUPPORT/1.2"}),
        ("unknown-channel", {"method": "history", "channels": ["suport"]}),
        ("unknown-channel", {"method": "thread", "thread": "G000BOARD/1.2"}),
        ("unknown-user", {"method": "history", "users": "grace"}),
        ("thread", {"method": "thread", "thread": "../users.list"}),
        ("unknown-column", {"method": "users", "fields": ["id", "password"]}),
        ("unknown-value", {"method": "history", "users": {"$value": "nobody"}}),
        ("date-range", {"method": "history", "date_from": "2024-02-01", "date_to": "2024-01-01"}),
    ],
)
def test_what_is_not_to_be_asked_is_refused_by_its_rule(rule: str, document: Any):
    with pytest.raises(QueryRefused) as refused:
        check(document)
    assert refused.value.rule == rule
    assert refused.value.message.endswith(".")


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one():
    with pytest.raises(QueryRefused, match="near are support"):
        check({"method": "history", "channels": "suport"})


def test_tables_and_columns_that_a_caller_may_not_read_are_not_read():
    readable = Schema()
    readable.CopyFrom(READABLE)
    del readable.tables[1:]
    del readable.tables[0].columns[1:]

    assert json.loads(check({"method": "history"}, readable=readable).text)["fields"] == ["id"]
    with pytest.raises(QueryRefused, match="users, which can't be read"):
        check({"method": "users"}, readable=readable)


def test_what_runs_is_written_anew_and_passes_again_as_it_is():
    asked = {"method": "search", "query": "“Late again”  -now in\u00a0time", "channels": "#Support", "users": ["ADA"]}
    checked = check(asked | {"date_from": "0001-01-01", "date_to": "9999-12-31", "limit": 7, "fields": ["id", "id"]})

    written = json.loads(checked.text)
    assert (written["query"], written["limit"], written["fields"]) == (['"Late again" -now in time'], 7, ["id"])
    assert (checked.language, checked.dialect, checked.tables, checked.row_limit) == (
        "slack",
        "slack",
        ("messages",),
        100,
    )
    assert check(checked.text) == checked


@pytest.mark.parametrize(("asked", "limit"), [(None, 101), (100, 100), (101, 101), (10**9, 101)])
def test_no_more_is_asked_for_than_one_row_past_what_may_be_shown(asked: int | None, limit: int):
    more = {} if asked is None else {"limit": asked}
    assert json.loads(check({"method": "history"} | more).text)["limit"] == limit


def test_more_values_than_searches_fit_are_refused_with_what_can_be_done():
    with pytest.raises(QueryRefused, match="Use method history") as refused:
        check({"method": "search", "query": {"$value": "all"}}, {"all": range(21)})
    assert refused.value.rule == "many-values"
    check({"method": "history", "query": {"$value": "all"}}, {"all": range(1_000)})
    with pytest.raises(QueryRefused, match="1,001 values"):
        check({"method": "history", "query": {"$value": "all"}}, {"all": range(1_001)})


@given(st.text(alphabet=st.sampled_from('in:#"“” \\-*<>@a\x00\u2028') | st.characters(), max_size=30))
@example("\ud800")
def test_a_value_never_becomes_more_than_one_phrase(value: str):
    checked = check({"method": "search", "query": [{"$value": "v"}]}, {"v": [value]})

    for query in json.loads(checked.text)["query"]:
        (term,) = words.terms(query)
        assert (term.phrase, term.absent) == (True, False)
        assert query.count('"') == 2


_texts = st.text(max_size=20) | st.builds(dict, **{"$value": st.sampled_from(["v", "w"])})
_documents = st.fixed_dictionaries(
    {"method": st.sampled_from(["search", "history", "thread", "users", "channels"])},
    optional={
        **{name: _texts | st.lists(_texts, max_size=3) for name in ("query", "channels", "users", "thread")},
        **{
            name: st.dates().map(str) | st.datetimes().map(str) | st.text(max_size=5)
            for name in ("date_from", "date_to")
        },
        "limit": st.integers(),
        "replies": st.booleans(),
    },
)


@given(_documents | st.recursive(st.none() | st.integers() | st.text(max_size=9), st.lists, max_leaves=9), st.text())
def test_whatever_is_asked_is_refused_or_runs_within_its_limits(document: Any, value: str):
    try:
        checked = check(document, {"v": [value, 7, None]})
    except QueryRefused:
        return
    assert json.loads(checked.text)["limit"] <= 101
