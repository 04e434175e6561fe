"""Writes a part of a plan in the language of the source that does it."""

import json
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from core.models.offline import dialects
from core.models.offline.cross.joint import SQL, Home, Joint
from core.models.offline.native import CannotSay, document
from core.models.offline.native.buckets import bucket_of
from core.models.offline.native.mongo.literals import TIMES

FIXED = frozenset({"vector", "slack"})
"""Languages whose results have the columns that they have, whatever is asked for."""
# What these give for a month or a quarter is text, and not what the planner compares with.
_OWN_BUCKETS = frozenset({"sqlite", "mysql"})


@dataclass(frozen=True)
class Writer:
    """Writes queries over the joint schema for the sources whose tables they read."""

    joint: Joint

    def params(self, query: exp.Query) -> dict[str, Any]:
        """Return *query*, all of one source, as an operation's params. Raises CannotSay."""
        tree = query.copy()
        homes = [self.joint.home(table.name) for table in tree.find_all(exp.Table)]
        if homes[0].language == SQL:
            return {"query": self._sql(tree, homes[0])}
        for table in list(tree.find_all(exp.Table)):
            _rename(table, self.joint.home(table.name).table.name, tree)
        return document(tree, homes[0].schema)

    def _sql(self, tree: exp.Query, home: Home) -> str:
        dialect = home.schema.dialect
        if dialect == "trino":
            self._days(tree)
        for table in list(tree.find_all(exp.Table)):
            own = self.joint.home(table.name)
            spelled = exp.Table(this=dialects.identifier(own.table.name, dialect))
            if own.table.namespace:
                spelled.set("db", dialects.identifier(own.table.namespace, dialect))
            table.replace(spelled if own.table.name == table.name else exp.alias_(spelled, table.name, table=True))
        for column in tree.find_all(exp.Column):
            column.set("this", dialects.identifier(column.name, dialect))
        _plainly(tree)
        if dialect in _OWN_BUCKETS and any(
            bucket_of(node) for where in tree.find_all(exp.Where, exp.Having) for node in where.find_all(exp.Cast)
        ):
            raise CannotSay("its dates are cut in a way of their own")
        for bucket in [node for node in tree.find_all(exp.Cast) if bucket_of(node)]:
            bucket.replace(_bucket(bucket, dialect))
        for value in list(tree.find_all(exp.Placeholder)):
            value.replace(exp.Var(this=f":{value.name}"))
        return tree.sql(dialect=dialect, pretty=True)

    def _days(self, tree: exp.Query) -> None:
        """Say of each text that is compared with a time that it is one: Trino takes no text for it."""
        for text in [one for one in tree.find_all(exp.Literal) if one.is_string]:
            if not isinstance(text.parent, exp.Predicate):
                continue
            beside = [self.joint.column(column.table, column.name) for column in text.parent.find_all(exp.Column)]
            if any(column is not None and column.type in TIMES for column in beside):
                kind = "DATE" if len(text.name) == len("2026-01-31") else "TIMESTAMP"
                text.replace(exp.cast(text.copy(), kind))


def _plainly(tree: exp.Query) -> None:
    """Leave out what says nothing: the table's name where there is one only, a column's name as its alias."""
    alone = len(list(tree.find_all(exp.Table))) == 1
    for column in tree.find_all(exp.Column):
        if alone:
            column.set("table", None)
        if isinstance(column.parent, exp.Alias) and column.parent.alias == column.name:
            column.parent.replace(column)


def _rename(table: exp.Table, name: str, tree: exp.Query) -> None:
    for column in tree.find_all(exp.Column):
        if column.table == table.name:
            column.set("table", exp.to_identifier(name, quoted=True))
    table.set("this", exp.to_identifier(name, quoted=True))


def _bucket(cast: exp.Cast, dialect: str) -> exp.Expr:
    found = bucket_of(cast)
    if found is None:
        return cast
    column, unit = found
    return sqlglot.parse_one(dialects.bucket(column.sql(dialect=dialect), unit, dialect), read=dialect)


def text_of(params: dict[str, Any]) -> str:
    """Return *params* as the source's text, for people."""
    return str(params["query"]) if set(params) == {"query"} else json.dumps(params, indent=2, ensure_ascii=False)
