"""A column's values as an Arrow array, many at a time: those of the usual forms are read by Arrow itself.

What Arrow can't read, or would read as something else than Python, goes value by value (see types).
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.sources import rows
from core.sources.sqlite.types import Fit
from levada.v1 import event_pb2 as events

_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # Python's, counted from 1970
_DAY = 86_400_000_000
# Up to here there is one figure of so many digits near each double; with more places some are written as 1E-7.
_EXACT = 2**51
_PLACES = 6

Quick = Callable[[Sequence[Any], Fit], pa.Array | None]


def array(form: Fit, values: Sequence[Any]) -> pa.Array:
    """Return *values* in *form* as an Arrow array. Raises what `Fit.apply` does."""
    quick = _QUICK.get(form.kind)
    try:
        found = quick(values, form) if quick else None
    except pa.ArrowException:
        found = None
    return rows.arrow_array(form.apply(values), form.kind) if found is None else found


def joined(portions: Sequence[Sequence[pa.Array]]) -> tuple[list[pa.Array], int]:
    """Return *portions* of columns as columns, and how many rows they have."""
    columns = [pa.concat_arrays(arrays) for arrays in zip(*portions, strict=True)]
    return columns, len(columns[0]) if columns else 0


def _texts(values: Sequence[Any], _: Fit) -> pa.Array | None:
    found = pa.array(values)  # told the type, it would convert others to it
    return found if found.type == pa.string() else None


def _integers(values: Sequence[Any], _: Fit) -> pa.Array | None:
    try:
        return _packed("q", pa.int64(), values)
    except struct.error:
        found = pa.array(values)
    return found if found.type == pa.int64() else None


def _doubles(values: Sequence[Any], _: Fit) -> pa.Array:
    try:
        return _packed("d", pa.float64(), values)
    except struct.error:
        return pa.array(values, pa.float64())


def _packed(form: str, kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """Return numbers without NULL in a quarter of the time that Arrow takes. Raises struct.error for others."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(struct.pack(f"{len(values)}{form}", *values))])


def _booleans(values: Sequence[Any], form: Fit) -> pa.Array | None:
    found = _integers(values, form)
    return found.cast(pa.bool_()) if found is not None and _between(found, 0, 1) else None


def _figures(values: Sequence[Any], form: Fit) -> pa.Array | None:
    """Take decimals that were stored as doubles: n / 10^places gives back the double, and no other n does."""
    if form.places > _PLACES:
        return None
    found, unit = _doubles(values, form), 10.0**form.places
    whole = pc.round(pc.multiply(found, unit)).cast(pa.int64())
    changed = pc.any(pc.not_equal(pc.divide(whole.cast(pa.float64()), unit), found)).as_py()
    if changed or not _between(whole, -_EXACT, _EXACT):
        return None
    digits = whole.cast(pa.decimal128(19, 0))
    pointed = pa.Array.from_buffers(pa.decimal128(19, form.places), len(digits), digits.buffers(), digits.null_count)
    return pointed.cast(pa.string())


def _days(values: Sequence[Any], form: Fit) -> pa.Array | None:
    texts = _texts(values, form)
    found = None if texts is None else texts.cast(pa.date32())
    return found if found is not None and _between(found.view(pa.int32()), _FIRST_DAY, _LAST_DAY) else None


def _moments(kind: pa.DataType) -> Quick:
    """Return what takes ISO texts as moments of *kind*, but for days on which a time zone could leave the calendar."""

    def quick(values: Sequence[Any], form: Fit) -> pa.Array | None:
        texts = _texts(values, form)
        found = None if texts is None else texts.cast(kind)
        within = (_FIRST_DAY + 1) * _DAY, (_LAST_DAY - 1) * _DAY
        return found if found is not None and _between(found.view(pa.int64()), *within) else None

    return quick


def _uuids(values: Sequence[Any], form: Fit) -> pa.Array | None:
    texts = _texts(values, form)
    if texts is None or not pc.all(pc.match_substring_regex(texts, _UUID)).as_py():
        return None
    return texts


def _between(found: pa.Array, least: int, most: int) -> bool:
    ends = pc.min_max(found)
    return bool(ends["min"].is_valid and least <= ends["min"].as_py() and ends["max"].as_py() <= most)


_QUICK: dict[int, Quick] = {
    events.COLUMN_TYPE_INTEGER: _integers,
    events.COLUMN_TYPE_DOUBLE: _doubles,
    events.COLUMN_TYPE_TEXT: _texts,
    events.COLUMN_TYPE_BOOLEAN: _booleans,
    events.COLUMN_TYPE_DECIMAL: _figures,
    events.COLUMN_TYPE_DATE: _days,
    events.COLUMN_TYPE_TIMESTAMP: _moments(pa.timestamp("us")),
    events.COLUMN_TYPE_TIMESTAMP_ZONED: _moments(pa.timestamp("us", "UTC")),
    events.COLUMN_TYPE_UUID: _uuids,
}
