"""Splits one query over several sources into what each does in its own language, and SQL that joins the results.

What the joining SQL says is right by itself: conditions that a source has not applied are applied there. Each source
gets what it can do alone: joins among its own tables, conditions, summaries; else only the columns that are needed.
"""

import sqlglot
from sqlglot import exp

from core.models.offline.cross.joining import Joining
from core.models.offline.cross.joint import DIALECT, Joint
from core.models.offline.cross.making import Maker
from core.models.offline.cross.part import Part
from core.models.offline.cross.scope import qualified, scope_of
from core.models.offline.native import CannotSay
from core.models.plans import Operation


def split(sql: str, joint: Joint) -> tuple[list[Operation], exp.Query]:
    """Return the operations for *sql* over *joint*, each after what it waits for, and what joins their results.

    Raises CannotSay.
    """
    whole = Splitting(joint)
    combined = whole.add(sql)
    return whole.operations(), combined


class Splitting:
    """Splits queries over *joint* whose results are joined as one."""

    def __init__(self, joint: Joint) -> None:
        self.joint, self.maker = joint, Maker(joint)
        self.parts: list[Part] = []

    def add(self, sql: str) -> exp.Query:
        """Return *sql* as it is said over the results of operations. Raises CannotSay."""
        tree = qualified(sqlglot.parse_one(sql, read=DIALECT), self.joint)
        if not isinstance(tree, exp.Query):
            raise CannotSay("it is not a query")
        return self.query(tree)

    def operations(self) -> list[Operation]:
        return [part.operation(self.maker.writer) for part in self.parts]

    def query(self, node: exp.Query) -> exp.Query:
        """Return *node* as it is said over the results of parts, which are added."""
        if len(self.joint.sources(node)) == 1:
            try:
                part = self.maker.whole(node)
            except CannotSay:
                pass
            else:
                self.parts.append(part)
                return part.everything
        if isinstance(node, exp.SetOperation):
            for side in ("this", "expression"):
                node.set(side, self.query(node.args[side].unnest()))
            return node
        if not isinstance(node, exp.Select):
            raise CannotSay("it is not a query")
        inner = node.args["from_"].this
        if isinstance(inner, exp.Subquery):
            inner.set("this", self.query(inner.this))
            return node
        return Joining(scope_of(node), self.maker, self.parts, self.query).combined()
