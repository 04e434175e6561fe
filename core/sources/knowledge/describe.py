"""Documents as a schema: one table of passages, with what its files and headings are called as samples."""

from collections import Counter

from core.sources.knowledge.index import Index
from core.sources.knowledge.query import TABLE
from levada.v1.catalog_pb2 import Column, Schema, Table
from levada.v1.event_pb2 import COLUMN_TYPE_DOUBLE, COLUMN_TYPE_TEXT, ColumnType, ResultColumn

COLUMNS = (
    ("file", COLUMN_TYPE_TEXT, "The document's name"),
    ("place", COLUMN_TYPE_TEXT, "Where it stands there: lines or pages"),
    ("title", COLUMN_TYPE_TEXT, "The headings above it"),
    ("text", COLUMN_TYPE_TEXT, "The passage"),
    ("score", COLUMN_TYPE_DOUBLE, "How much it is about what was searched; compares passages of one search"),
)
_SAMPLED = 200
_LONGEST = 120


def result_columns() -> list[ResultColumn]:
    return [ResultColumn(name=name, type=kind, nullable=False) for name, kind, _ in COLUMNS]


def describe(index: Index) -> Schema:
    """Return the table; none where there are no documents."""
    schema = Schema(problems=index.problems)
    if len(index):
        files = [one.file for one in index.segments if one.passages]
        titles = Counter[str]()
        for one in index.segments:
            titles.update(one.titles)
        samples = {"file": files[:_SAMPLED], "title": _sampled(titles)}
        count = f"{len(files):,} document{'s' if len(files) != 1 else ''}"
        columns = [_column(name, kind, said, samples.get(name, [])) for name, kind, said in COLUMNS]
        comment = f"Passages of {count}, searched by what they are about"
        schema.tables.append(Table(name=TABLE, comment=comment, columns=columns, row_estimate=len(index)))
    return schema


def _sampled(titles: Counter[str]) -> list[str]:
    return list(dict.fromkeys(title[-_LONGEST:] for title, _ in titles.most_common(_SAMPLED)))


def _column(name: str, kind: ColumnType, comment: str, samples: list[str]) -> Column:
    native = ColumnType.Name(kind).removeprefix("COLUMN_TYPE_").lower()
    return Column(name=name, type=kind, native_type=native, comment=comment, samples=samples)
