"""What descriptions of all databases share: sample values, and what the configuration adds."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.sources.rows import decimal_text
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Definition, Schema

REMEMBER_SECONDS = 300.0
"""How long a description is kept."""

SAMPLES = 5
"""Sample values per column."""

SAMPLE_ROWS = 200
"""Rows looked at in each table to find them."""

_SAMPLE_LENGTH = 80
UNSAMPLED = {events.COLUMN_TYPE_BINARY, events.COLUMN_TYPE_JSON, events.COLUMN_TYPE_UNSPECIFIED}


def sample_text(value: Any) -> str:
    """Return *value* as the rows of a result would show it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return decimal_text(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)


def samples(values: Iterable[Any], kind: int) -> list[str]:
    """Return the most frequent of *values* as text. Long texts are left out: cut short, they would not occur."""
    if kind in UNSAMPLED:
        return []
    counts = Counter(value for value in values if value is not None)
    texts = (sample_text(value) for value, _ in counts.most_common(4 * SAMPLES))
    return list(dict.fromkeys(text for text in texts if text and len(text) <= _SAMPLE_LENGTH))[:SAMPLES]


def add_configured(schema: Schema, definitions: Sequence[Definition], comments: Mapping[str, str]) -> Schema:
    """Add what the configuration says. *comments* has names of tables and table.column; it wins over the database."""
    schema.definitions.extend(definitions)
    for table in schema.tables:
        table.comment = comments.get(table.name, table.comment)
        for column in table.columns:
            column.comment = comments.get(f"{table.name}.{column.name}", column.comment)
    return schema
