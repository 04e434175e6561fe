"""Reading a form while it is written: any split of any text gives the same strings and the same value."""

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from core.models.partial import Growth, Item, Reading


class Anything(BaseModel):
    """A form that takes whatever it gets, so that the text alone decides."""

    model_config = ConfigDict(extra="allow")
    sql: Any = None
    note: Any = None


class Query(BaseModel):
    sql: str
    explanation: str = ""
    confidence: float | None = None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=4,
)
keys = st.sampled_from(["sql", "note", "other", 'q"uo\\te'])
objects = st.dictionaries(keys, st.text() | values)
layouts = st.fixed_dictionaries({"ensure_ascii": st.booleans(), "indent": st.none() | st.integers(0, 3)})

steadily = settings(deadline=None, suppress_health_check=list(HealthCheck))  # however busy the machine is


def split(text: str, cuts: list[int]) -> list[str]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(places)]


def read(form: type[BaseModel], pieces: list[str]) -> tuple[Reading, list[Growth]]:
    reading, told = read_all(form, pieces)
    return reading, [one for one in told if isinstance(one, Growth)]


def read_all(form: type[BaseModel], pieces: list[str]) -> tuple[Reading, list[Growth | Item]]:
    reading, told = Reading(form), []
    for piece in pieces:
        told += reading.feed(piece)
    reading.end()
    return reading, told


def whole(growths: list[Growth], field: str) -> str:
    return "".join(growth.text for growth in growths if growth.field == field)


@steadily
@given(objects, layouts, st.lists(st.integers(0, 10_000), max_size=40))
def test_any_split_gives_the_same_value_and_strings_that_grow_to_it(written, layout, cuts):
    reading, growths = read(Anything, split(json.dumps(written, **layout), cuts))
    assert reading.value == Anything.model_validate(written)
    for field in ("sql", "note"):
        value = written.get(field)
        assert whole(growths, field) == (value if isinstance(value, str) else "")
    assert all(growth.text for growth in growths)


@steadily
@given(objects, layouts, st.lists(st.integers(0, 10_000), max_size=40))
def test_any_split_gives_the_objects_of_lists_whole_and_in_order(written, layout, cuts):
    _, told = read_all(Anything, split(json.dumps(written, **layout), cuts))
    for field in ("sql", "note"):
        value = written.get(field)
        expected = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        assert [one.value for one in told if isinstance(one, Item) and one.field == field] == expected


def test_an_object_of_a_list_is_told_as_soon_as_it_is_whole():
    reading = Reading(Anything)
    assert not reading.feed('{"note": [{"a": {"b": [1]}')
    assert reading.feed("}") == [Item("note", {"a": {"b": [1]}})]
    assert not reading.feed(', {"a": 2')


@steadily
@given(objects, layouts)
def test_one_character_at_a_time_is_no_different(written, layout):
    text = json.dumps(written, **layout)
    (by_one, grown), (at_once, told) = read(Anything, list(text)), read(Anything, [text])
    assert by_one.value == at_once.value
    assert all(whole(grown, field) == whole(told, field) for field in ("sql", "note"))


@steadily
@given(objects, st.lists(st.integers(0, 10_000), max_size=20))
def test_characters_halved_by_the_sender_are_whole_again(written, cuts):
    text = json.dumps(written, ensure_ascii=False)
    halves = text.encode("utf-16-le")
    halved = "".join(halves[i : i + 2].decode("utf-16-le", "surrogatepass") for i in range(0, len(halves), 2))
    reading, growths = read(Anything, split(halved, cuts))
    assert reading.value == Anything.model_validate(written)
    assert all(growth.text.encode() for growth in growths)


SYNTAX = ['{"sql": "', '"}', '", "note": "', "{", "}", "[", "]", ",", ":", '"', "null", "1e9", "```json\n", " ", "\n"]
ESCAPES = ["\\", "\\u", "\\ud83d", "\\ude00", "d83d", "\x00", "\ud83d", "\ude00", "é", "😀"]
TAGS = ["<think>", "</think>", "<thi", "nk>"]
fragments = st.sampled_from([*SYNTAX, *ESCAPES, *TAGS])


@steadily
@given(st.lists(fragments | st.text(max_size=5), max_size=60))
def test_rubbish_gives_a_problem_or_a_value_that_its_strings_grew_to(pieces):
    reading, growths = read(Query, pieces)
    if reading.value is None:
        assert reading.problem
    else:
        assert whole(growths, "sql") == reading.value.sql
        assert whole(growths, "explanation") == reading.value.explanation
    assert all(growth.text.encode() for growth in growths)


@steadily
@given(st.lists(fragments | st.text(max_size=5), max_size=40), st.lists(st.integers(0, 10_000), max_size=20))
def test_rubbish_is_read_the_same_however_it_is_split(pieces, cuts):
    text = "".join(pieces)
    (one, grown), (other, told) = read(Query, [text]), read(Query, split(text, cuts))
    assert one.value == other.value
    assert whole(grown, "sql") == whole(told, "sql")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("```json\n", "\n```"),
        ("Sure! Here is the query you {asked} for:\n\n", "\n\nIt counts the {orders}."),
        ('<think>Perhaps {"sql": "DROP TABLE x"}? No.</think>\n', ""),
        ('The form is {"sql": ..., "explanation": ...}, so:\n', ""),
        ('For instance {"table": "orders"} is a table. ', ' Or {"sql": "SELECT 2"}.'),
        ("[", "]"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_what_stands_around_the_object_is_passed_over(before, after, size):
    text = before + '{"sql": "SELECT 1", "explanation": "One."}' + after
    reading, growths = read(Query, [text[i : i + size] for i in range(0, len(text), size)])
    assert reading.value == Query(sql="SELECT 1", explanation="One.")
    assert whole(growths, "sql") == "SELECT 1"


def test_a_string_grows_while_its_object_is_open():
    reading = Reading(Query)
    assert not reading.feed('{"sql": ')
    assert [growth.text for growth in reading.feed('"SELECT')] == ["SELECT"]
    assert [growth.text for growth in reading.feed(" \\u00e")] == [" "], "half an escape waits"
    assert [growth.text for growth in reading.feed("9 \\ud83d\\ude0")] == ["é "], "half a pair waits"
    assert [growth.text for growth in reading.feed("0\\")] == ["😀"]
    assert [growth.text for growth in reading.feed('n", "explan')] == ["\n"]
    assert reading.value is None


def test_line_breaks_that_json_forbids_are_taken_as_they_are_meant():
    reading, growths = read(Query, ['{"sql": "SELECT 1\n', '\tFROM t"}'])
    assert reading.value == Query(sql="SELECT 1\n\tFROM t")
    assert whole(growths, "sql") == "SELECT 1\n\tFROM t"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON object"),
        ("SELECT 1", "no JSON object"),
        ('{"sql": "SELECT', "EOF"),
        (r'{"sql": "50\%"}', "invalid escape"),
        (r'{"sql": "\ud83d alone"}', "escape"),
        ('{"sql": "a", "sql": "b"}', "uplicate key"),
        ('{"sql": "a", "sql": null}', "sql: Input should be a valid string"),
        ('{"explanation": "none"}', "sql: Field required"),
        ('{"sql": 5}', "sql: Input should be a valid string"),
        ("{" * 5_000, "no JSON object"),
        ('{"a":' * 5_000, "recursion limit"),
    ],
)
def test_what_is_wrong_is_named(text, problem):
    for pieces in ([text], list(text)):
        reading, _ = read(Query, pieces)
        assert reading.value is None
        assert problem in reading.problem


def test_once_a_string_was_told_no_other_object_takes_its_place():
    reading, growths = read(Query, ['{"sql": "SELECT 1", "confidence": "high"} {"sql": "SELECT 2"}'])
    assert reading.value is None
    assert "confidence" in reading.problem
    assert whole(growths, "sql") == "SELECT 1"


@pytest.mark.parametrize(
    ("start", "piece", "end"),
    [
        ('{"sql": "', "abc ", '"}'),
        ('{"sql": "', "\\", "u0041"),
        ('{"sql": "x", "other": [', "[1],", "0]}"),
        ("", "<think> {", ""),
        ("{", "   ", ""),
        ('{"sql": "\\x', "abc ", '"}'),
    ],
)
def test_the_time_it_takes_grows_with_the_length_only(start, piece, end):
    def seconds(count: int) -> float:
        reading, began = Reading(Query), time.process_time()
        reading.feed(start)
        for _ in range(count):
            reading.feed(piece)
        reading.feed(end)
        reading.end()
        return (time.process_time() - began) / count

    seconds(100)
    few, many = min(seconds(2_000) for _ in range(3)), seconds(100_000)
    assert many < few * 10, "fifty times the pieces take some fifty times as long; were it quadratic, 2,500 times"
