"""What else happened when a pattern broke: kinds of rows elsewhere whose share rose then, and where those come from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from core.pipelines.answering.analysis.roles import TIMES
from core.pipelines.answering.analysis.words import human, listed, several, singular
from core.pipelines.research.offline.breaks import STATES, Break
from core.pipelines.research.offline.span import Span, span_in
from core.pipelines.research.results import Found, Look, Query, Task
from core.pipelines.research.workflow import Workflow
from levada.v1.catalog_pb2 import Schema, Table
from levada.v1.event_pb2 import COLUMN_TYPE_TEXT

FEW_ROWS = 50
LEAST = 5
MORE = 1.5
SURE = 3.0
"""How many standard errors two shares have to be apart: seldom by chance, also where many are compared."""
_KINDS = (
    "status", "state", "outcome", "result", "reason", "problem", "cause", "fault", "defect", "error", "type", "method",
    "channel",
)  # fmt: skip
_NO_KIND = re.compile(r"(^|_)(name|title|email|phone|comment|description|note|url|id|code|address)s?$", re.IGNORECASE)


@dataclass(frozen=True)
class Coincidence:
    """Rows of *table* whose *kind* is *label*: *now* of *all_now* in *span*, and *then* of *all_then* before it."""

    task: Task
    table: str
    kind: str
    label: str
    of: tuple[str, ...]
    span: Span
    now: int
    all_now: int
    then: int
    all_then: int
    queries: tuple[str, str]

    @property
    def z(self) -> float:
        """Return how many standard errors the two shares are apart (two-proportion z-test, pooled)."""
        pooled = (self.now + self.then) / (self.all_now + self.all_then)
        error = sqrt(pooled * (1 - pooled) * (1 / self.all_now + 1 / self.all_then))
        return (self.now / self.all_now - self.then / self.all_then) / error if error else 0.0

    @property
    def telling(self) -> bool:
        rose = self.now / self.all_now >= MORE * self.then / self.all_then
        return self.now >= LEAST and rose and self.z >= SURE

    @property
    def rows(self) -> str:
        return f"{self.label} {several(self.table)}"

    @property
    def subject(self) -> str:
        return f"{several(self.table)}{f' of {listed(self.of)}' if self.of else ''}"

    def text(self) -> str:
        now, then = 100 * self.now / self.all_now, 100 * self.then / self.all_then
        months = self.span.last - self.span.first + 1
        when, long = ("In", "month") if months == 1 else ("From", f"{months} months")
        return (
            f"{when} {self.span.label}, {self.now:,} of {self.all_now:,} {self.subject} had the {self.kind} "
            f"“{self.label}” ({now:.1f} %), against {self.then:,} of {self.all_then:,} ({then:.1f} %) "
            f"in the {long} before [{', '.join(self.queries)}]."
        )


def elsewhere(schema: Schema, broken: Break, sql: str) -> Iterator[list[Look]]:
    """Yield pairs of looks at rows that the figure of *broken* does not count: while it broke, and before."""
    for table in schema.tables:
        if re.search(rf"\b{re.escape(table.name)}\b", sql, re.IGNORECASE) or not _happens(table):
            continue
        kinds = (kind for kind in _kinds(table) if not (broken.ongoing and kind.casefold() in STATES))
        for kind in list(kinds)[:1]:
            for value in broken.of or ("",):
                of = [value] if value else []
                figure = f"number of {several(table.name)}"
                spans = (broken.span, broken.span.before)
                yield [Look(figure=figure, by=[human(kind)], of=of, when=one.phrase, rows=table.name) for one in spans]


def _happens(table: Table) -> bool:
    many = not table.HasField("row_estimate") or table.row_estimate > FEW_ROWS
    return many and any(column.type in TIMES for column in table.columns)


def _kinds(table: Table) -> list[str]:
    """Return the columns that say of which kind a row is, the likeliest first."""
    keys = {name for key in table.foreign_keys for name in key.columns} | set(table.primary_key)
    texts = [one.name for one in table.columns if one.type == COLUMN_TYPE_TEXT and one.name not in keys]
    known = [one for one in texts if one.casefold() in _KINDS]
    return sorted(known, key=lambda one: _KINDS.index(one.casefold()))


def coincidences(workflow: Workflow) -> list[Coincidence]:
    """Return what happened more often while a pattern broke than before, the surest first."""
    return sorted((one for one in compared(workflow) if one.telling), key=lambda one: -one.z)


def compared(workflow: Workflow) -> list[Coincidence]:
    """Return all kinds of rows, with how many there were while a pattern broke and before."""
    looked = [
        (task, task.look, found)
        for task, found in workflow.held
        if task.look is not None and task.look.rows and not task.look.only
    ]
    return [
        one
        for task, look, found in looked
        for _, other, before in looked
        if (span := span_in(look.when)) and span_in(other.when) == span.before and _same(look, other)
        for one in _compared(task, look, span, found, before)
    ]


def _same(one: Look, other: Look) -> bool:
    return (one.rows, one.by, one.of) == (other.rows, other.by, other.of)


def _compared(task: Task, look: Look, span: Span, found: Found, before: Found) -> Iterator[Coincidence]:
    now, then = (_counts(one.queries[:1]) for one in (found, before))
    if not now or not then:
        return
    queries = found.queries[0].id, before.queries[0].id
    for label, count in now.items():
        yield Coincidence(
            task, look.rows, look.by[0], label, tuple(look.of), span, count, sum(now.values()), then.get(label, 0),
            sum(then.values()), queries,
        )  # fmt: skip


def _counts(queries: Sequence[Query]) -> dict[str, int]:
    """Return how many rows there are of each kind, where the query gave all of them."""
    if not queries or queries[0].excerpt.total > len(queries[0].excerpt.rows):
        return {}
    rows = [row for row in queries[0].excerpt.rows if len(row) == 2 and row[0] is not None]
    return {str(row[0]): int(row[1]) for row in rows if isinstance(row[1], int | float)}


def details(schema: Schema, one: Coincidence, splits: Sequence[str]) -> Iterator[list[Look]]:
    """Yield what tells more about *one*, each in the order in which its wordings are to be tried."""
    table = next((table for table in schema.tables if table.name == one.table), None)
    if table is None:
        return
    kinds = [human(kind) for kind in _kinds(table) if human(kind) != one.kind]
    places = [f"{singular(other.name)} {column}" for other, column in _unnamed(schema, table)]
    # Whom a row belongs to itself says more than what those belong to.
    near = {singular(human(key.referenced_table)) for key in table.foreign_keys}
    for by in dict.fromkeys([*kinds, *(split for split in splits if split in near), *places, *splits]):
        look = Look(
            figure=f"number of {one.rows}",
            by=[by],
            of=list(one.of),
            when=one.span.phrase,
            rows=one.table,
            only=one.label,
        )
        yield [look, look.model_copy(update={"of": []})]


def _unnamed(schema: Schema, table: Table) -> Iterator[tuple[Table, str]]:
    """Yield tables that rows belong to and that have no name, with the column that stands for one."""
    for key in table.foreign_keys:
        other = next((one for one in schema.tables if one.name == key.referenced_table), None)
        if other is None or other.row_estimate > FEW_ROWS or any(one.name == "name" for one in other.columns):
            continue
        for column in other.columns:
            if column.type == COLUMN_TYPE_TEXT and not _NO_KIND.search(column.name):
                yield other, column.name
                break
