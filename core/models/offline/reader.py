"""Reads chunks from left to right into a query. Each kind of phrase has its own module; this one holds what they share:
where we are, what is selected, what waits for a comparison, which table is spoken of."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from core.models.base import Lookup
from core.models.offline import ir
from core.models.offline.catalog import Catalog, Column, Table
from core.models.offline.chunks import Chunk
from core.models.offline.joins import Joins
from core.models.offline.names import Names
from core.models.offline.resolve import Context


class Unread(Exception):
    """A phrase that this grammar has no reading for."""


@dataclass
class Pending:
    """An expression that was said and not used yet: a comparison may take it, else it is selected when *projected*."""

    expr: ir.Expr
    place: int
    projected: bool
    entity: bool = False


@dataclass
class Reader:
    """The state of reading one question."""

    chunks: list[Chunk]
    catalog: Catalog
    names: Names
    joins: Joins
    lookup: Lookup
    context: Context
    today: datetime.date
    place: int = 0
    head: bool = True
    query: ir.Query = field(default_factory=ir.Query)
    pending: list[Pending] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    focus: Table | None = None
    subject: Table | None = None
    owner: Table | None = None
    negated: bool = False
    distinct: bool = False
    both: bool = False
    either: bool = False
    excluded: bool = False
    connector: str = "and"
    wanted: tuple[str, ...] = ()
    everything: bool = False
    aggregate: str = ""
    needed: dict[str, int] = field(default_factory=dict)
    compared: list[ir.Condition] = field(default_factory=list)
    groups: list[ir.Expr] = field(default_factory=list)
    conditions: list["Said"] = field(default_factory=list)
    rows: int | None = None
    words: list[str] = field(default_factory=list)
    portion: Table | None = None
    unranked: bool = False
    metrics: dict[tuple[str, ...], ir.Metric] = field(default_factory=dict)
    inside: ir.Query | None = None
    notes: list[str] = field(default_factory=list)
    penalties: list[str] = field(default_factory=list)

    @property
    def here(self) -> Chunk:
        """The chunk that is being read."""
        return self.chunks[self.place]

    @property
    def now(self) -> Chunk | None:
        return self.chunks[self.place] if self.place < len(self.chunks) else None

    def peek(self, ahead: int = 1) -> Chunk | None:
        place = self.place + ahead
        return self.chunks[place] if 0 <= place < len(self.chunks) else None

    def take(self, count: int = 1) -> None:
        """Count the next chunks as used and go past them."""
        self.used.update(range(self.place, min(self.place + count, len(self.chunks))))
        self.place += count

    def skip_fillers(self, *also: str) -> None:
        while (
            (chunk := self.now)
            and (chunk.filler or (also and chunk.cue(*also)))
            and not chunk.chosen.startswith("name")
        ):
            if chunk.text in ("?", ".", ";"):
                return
            self.take()

    def following(self, start: int, *skipping: str) -> int:
        """Return the place of the next chunk from *start* that is no filler and no cue of *skipping*."""
        while start < len(self.chunks):
            chunk = self.chunks[start]
            if (chunk.filler and not chunk.chosen and chunk.text not in ("?", ".", ";", ",")) or (
                skipping and chunk.chosen == "cue" and chunk.cue(*skipping)
            ):
                start += 1
            else:
                break
        return start

    def chunk_at(self, place: int) -> Chunk | None:
        return self.chunks[place] if place < len(self.chunks) else None

    def need(self, table: Table) -> None:
        self.needed.setdefault(table.id, self.place)
        if table.id not in self.query.needs:
            self.query.needs.append(table.id)

    def leave_head(self) -> None:
        """What to show was said; what follows narrows it."""
        self.head = False
        self.subject = self.subject or self.owner

    def speak_of(self, table: Table) -> None:
        self.focus = table
        if self.subject is None:
            self.subject = table

    def project(self, expr: ir.Expr, entity: bool = False, projected: bool | None = None) -> None:
        shown = self.head if projected is None else projected
        self.pending.append(Pending(expr, self.place, shown, entity))

    def last_column(self, usable: Callable[[Column], bool] = lambda column: True) -> Pending | None:
        """Return the expression said last, when a comparison may take it."""
        for pending in reversed(self.pending[-2:]):
            if isinstance(pending.expr, ir.Col) and not pending.entity and usable(pending.expr.column):
                return pending
            if ir.is_aggregate(pending.expr) and (not pending.projected or pending.place >= self.place - 3):
                return pending
        return None

    def hinted(self, hints: tuple[str, ...], prefer: Table | None = None) -> Column | None:
        """Return the column that *hints* describe best, in the tables spoken of first."""
        nearest = [[table.id] for table in (prefer, self.subject) if table]
        for tables in (*nearest, list(self.context.mentioned), self._around()):
            if tables and (links := self.names.hinted(hints, tables)):
                return links[0].element
        if not self.context.mentioned and (links := self.names.hinted(hints)):
            return links[0].element
        return None

    def _around(self) -> list[str]:
        return [far for table in self.context.mentioned for far, _ in self.joins.neighbours(table)]


@dataclass
class Said:
    """A condition with what joins it to the one before: "and" or "or"; *both* when two are asked of different rows."""

    condition: ir.Condition
    connector: str = "and"
    negated: bool = False
    both: bool = False
    excluded: bool = False
    place: int = 0
