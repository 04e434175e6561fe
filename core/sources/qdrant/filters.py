"""The filters of a query: their fields are the caller's to read, their values are of the fields' types.

Values of earlier operations come in here, after the query was read: whatever they are, they stay values.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import QueryRefused
from core.sources.base import Parameters
from core.sources.qdrant.alternatives import alternatives
from core.sources.qdrant.fitting import edge, fitting, holds_fractions, ids, one
from core.sources.qdrant.payload import ID, SCORE, path_of
from core.sources.qdrant.query import (
    Bound,
    Condition,
    FieldCondition,
    Filter,
    HasId,
    Inner,
    IsEmpty,
    IsNull,
    Key,
    Match,
    Nested,
    Range,
)
from levada.v1.catalog_pb2 import Column

_DEEPEST = 8
_MOST = 200
_EDGES = ("gt", "gte", "lt", "lte")


class Filters:
    """Checks filters over *columns*, and binds *parameters* in them."""

    def __init__(self, columns: Mapping[str, Column], parameters: Parameters) -> None:
        self._columns = {column.name.replace("[]", ""): column for column in columns.values()}
        self._parameters = parameters
        self._count = 0

    def checked(self, given: Filter, within: str = "", depth: int = 1) -> Filter:
        """Return *given* as it may run; *within* is the list of objects whose elements it is about."""
        if depth > _DEEPEST:
            raise QueryRefused("nesting", f"The filter is nested more than {_DEEPEST} levels deep. Flatten it.")
        return Filter(
            must=self._all(given.must, within, depth),
            should=self._all(given.should, within, depth),
            must_not=self._all(given.must_not, within, depth),
        )

    def _all(self, given: Sequence[Condition] | None, within: str, depth: int) -> list[Condition] | None:
        return None if given is None else [self._condition(one, within, depth) for one in given]

    def _condition(self, given: Condition, within: str, depth: int) -> Condition:
        self._count += 1
        if self._count > _MOST:
            raise QueryRefused("too-long", f"The filter has more than {_MOST} conditions; `any` takes many values.")
        match given:
            case Filter():
                return self.checked(given, within, depth + 1)
            case Nested():
                inner = self.checked(given.nested.filter, self._path(given.nested.key, within) + ".", depth + 1)
                return Nested(nested=Inner(key=given.nested.key, filter=inner))
            case IsEmpty():
                return IsEmpty(is_empty=self._key(given.is_empty.key, within))
            case IsNull():
                return IsNull(is_null=self._key(given.is_null.key, within))
            case HasId():
                return HasId(has_id=ids(self._values(given.has_id)))
            case _:
                return self._field(given, within)

    def _field(self, given: FieldCondition, within: str) -> Condition:
        if given.key == ID and not within and given.match is not None:
            return self._id(given.match)
        column = self._column(given.key, within)
        key = self._within(column, within)
        if given.range is not None and given.match is None:
            return FieldCondition(key=key, range=self._range(given.range, column))
        if given.match is not None and given.range is None:
            return self._match(key, given.match, column)
        raise QueryRefused("form", f'The condition on "{given.key}" needs either `match` or `range`.')

    def _id(self, given: Match) -> HasId:
        """A point's id is no field of its payload; those who take it for one mean this."""
        values = given.any if given.any is not None else given.value
        if values is None:
            raise QueryRefused("unknown-column", "A point's `id` is matched by `has_id`, a list of ids.")
        return HasId(has_id=ids(self._values(values)))

    def _match(self, key: str, given: Match, column: Column) -> Condition:
        said = [name for name in type(given).model_fields if getattr(given, name) is not None]
        if len(said) != 1:
            raise QueryRefused("form", f'The match of "{column.name}" needs exactly one of value, any, except, text.')
        kind = said[0]
        asked = getattr(given, kind)
        if kind in ("prefix", "substring"):
            return FieldCondition(key=key, match=given)
        values = self._values(asked)
        if kind == "text":
            return FieldCondition(key=key, match=Match(text=str(one(values, kind))))
        return alternatives(key, fitting(values, column), but=kind == "except_", exact=not holds_fractions(column))

    def _range(self, given: Range, column: Column) -> Range:
        edges = {name: getattr(given, name) for name in _EDGES if getattr(given, name) is not None}
        if not edges:
            raise QueryRefused("form", f'The range of "{column.name}" has no bound; give gt, gte, lt or lte.')
        return Range(**{name: edge(one(self._values(value), name), column) for name, value in edges.items()})

    def _values(self, given: Any) -> Sequence[Any]:
        if not isinstance(given, Bound):
            return given if isinstance(given, list) else [given]
        if given.name not in self._parameters:
            raise QueryRefused("values", f'No earlier operation gives values named "{given.name}".')
        return self._parameters[given.name]

    def _key(self, key: str, within: str) -> Key:
        return Key(key=self._within(self._column(key, within), within))

    def _path(self, key: str, within: str) -> str:
        """Return the path of a list of objects, of which something must be readable."""
        path = within + key.replace("[]", "")
        if not any(name.startswith(path + ".") for name in self._columns):
            raise QueryRefused("unknown-column", f'There is no list of objects "{key}" that you may read here.')
        return path

    def _column(self, key: str, within: str) -> Column:
        column = self._columns.get(within + key.replace("[]", ""))
        if column is None or column.name in (ID, SCORE):
            hint = " A score is bounded by `score_threshold`." if key == SCORE else ""
            known = ", ".join(name for name in list(self._columns)[:30] if name not in (ID, SCORE))
            said = f'There is no field "{key}" that you may ask for.{hint} There are: {known}.'
            raise QueryRefused("unknown-column", said)
        return column

    def _within(self, column: Column, within: str) -> str:
        """Return the path of *column*, from the element of the list it is asked within."""
        path = path_of(column.name)
        for _ in range(within.count(".")):
            path = path.partition(".")[2]
        return path
