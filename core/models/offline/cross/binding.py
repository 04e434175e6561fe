"""Which results narrow other operations: the keys found in a small one are what is looked for in a larger one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from core.models.offline.cross.joint import Joint
from core.models.offline.cross.keys import cased_apart, comparable
from core.models.offline.cross.part import Part
from core.models.offline.cross.writing import Writer
from core.models.offline.native import CannotSay

MOST_VALUES = 1_000.0
"""Keys that are worth sending to another source; beyond it, reading all of it is quicker, unless that is large."""

LARGE = 200_000.0
"""Rows that nobody wants to read whole when a tenth of them will do."""

_MATCHES = 10.0


@dataclass(frozen=True)
class Edge:
    """*left* of *one* equals *right* of *other*; values may go *forth* to *other* and *back* to *one*."""

    one: Part
    left: exp.Column
    other: Part
    right: exp.Column
    forth: bool = True
    back: bool = True


def bind(parts: Sequence[Part], edges: Sequence[Edge], joint: Joint, writer: Writer) -> list[Part]:
    """Let small results narrow larger ones along *edges*; return *parts* in an order in which they can be done."""
    waiting, done = list(parts), []
    while waiting:
        part = min(waiting, key=_turn)
        waiting.remove(part)
        done.append(part)
        for edge in edges:
            for one, left, other, right, allowed in (
                (edge.one, edge.left, edge.other, edge.right, edge.forth),
                (edge.other, edge.right, edge.one, edge.left, edge.back),
            ):
                if allowed and one is part and other in waiting and _worth(one, other) and _alike(left, right, joint):
                    _narrow(one, left, other, right, writer)
    return done


def _turn(part: Part) -> tuple[int, float]:
    """Return what orders parts: small ones first."""
    return 0 if part.narrowed else 1, part.estimate


def _worth(small: Part, large: Part) -> bool:
    """Say whether the keys of *small* are few enough to be sent; when they turn out to be more, they are not."""
    most = MOST_VALUES if large.estimate < LARGE else large.estimate / _MATCHES
    return small.narrowed and small.estimate <= most and small.estimate < large.estimate


def _alike(left: exp.Column, right: exp.Column, joint: Joint) -> bool:
    """Say whether values of the *left* can be looked for in the *right*: they are of one type, or are made so there."""
    one, other = joint.column(left.table, left.name), joint.column(right.table, right.name)
    if one is None or other is None or cased_apart(one, other):
        return False
    return comparable(one, other) or joint.home(right.table).language == "mongodb"


def _narrow(small: Part, left: exp.Column, large: Part, right: exp.Column, writer: Writer) -> None:
    name = f"{small.id}_{small.column(left).name}"
    among = exp.In(this=right.copy(), expressions=[exp.Placeholder(this=name)])
    if not isinstance(large.query, exp.Select):
        return
    narrowed = large.query.where(among)
    try:
        writer.params(narrowed)
    except CannotSay:
        return
    large.unbound = large.unbound or large.query
    large.query, large.narrowed = narrowed, True
    large.values[name] = f"{small.id}.{small.column(left).name}"
    large.estimate = min(large.estimate, small.estimate * _MATCHES)
