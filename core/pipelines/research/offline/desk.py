"""Where questions are put together: each is tried on the planner, without asking the source, before it is a task."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from core.errors import ModelError
from core.identity import Principal
from core.models import planner
from core.models.base import Draft
from core.models.drafting import drafted
from core.pipeline import Services
from core.pipelines.answering.analysis.words import human, sentence, singular
from core.pipelines.answering.follow_ups import is_name, splits
from core.pipelines.answering.searching import asked
from core.pipelines.research.results import Look
from levada.v1.catalog_pb2 import Schema


class Desk:
    """Words questions over the source that *schema* is of."""

    def __init__(self, services: Services, owner: Principal, schema: Schema) -> None:
        self._services, self._owner, self.schema = services, owner, schema
        self.lookup = services.lookup(owner, schema.source)
        self._known_ways: dict[tuple[str, ...], set[str]] = {}

    @property
    def source(self) -> str:
        return self.schema.source

    async def worded(self, look: Look) -> str:
        """Return *look* as a question that the planner takes as it is meant; empty when there is none."""
        ways = await self._ways(look)
        for question in wordings(look):
            draft = await self.draft(question)
            if draft is not None and _names_all(draft, look) and ways <= joined(draft.sql, self.schema.dialect):
                return question
        return ""

    async def _ways(self, look: Look) -> set[str]:
        """Return how *look*'s figure is joined with what its values are of, where it is not split.

        Split by supplier, what is of Germany may be taken for what suppliers in Germany bring.
        """
        if not look.of or look.rows or look.by in ([], ["month"]):
            return set()
        key = look.figure, *look.of
        if key not in self._known_ways:
            whole = Look(figure=look.figure, by=["month"], of=look.of)
            question = await self.worded(whole)
            draft = await self.draft(question) if question else None
            self._known_ways[key] = joined(draft.sql, self.schema.dialect) if draft else set()
        return self._known_ways[key]

    async def draft(self, question: str) -> Draft | None:
        """Return the query that the planner writes for *question*, None when it writes none."""
        if self.source not in self._services.sources(self._owner):
            return None
        try:
            return await drafted(planner(), await asked(self._services, self._owner, self.schema, question))
        except ModelError:
            return None

    async def splits(self, figure: str) -> tuple[list[str], list[str]]:
        """Return what *figure* may be split by, and rankings by it."""
        draft = await self.draft(sentence(figure))
        if draft is None:
            return [], []
        return await asyncio.to_thread(splits, self.schema, sentence(figure), draft.meaning or draft.sql)

    def settled(self, values: Iterable[str]) -> set[str]:
        """Return splits by which all that is of *values* falls to one part: by them, and by what they settle."""
        found: set[str] = set()
        for match in (match for value in values for match in self.lookup.find(value) if match.value == value):
            found.add(human(match.column))
            if is_name(match.table, match.column):
                found |= self._settled_with(match.table)
        return found

    def _settled_with(self, name: str) -> set[str]:
        # With a category its department is settled too.
        columns = next((table.columns for table in self.schema.tables if table.name == name), ())
        return {singular(human(name)), *(human(column.name) for column in columns)}


def wordings(look: Look) -> Iterator[str]:
    """Yield ways to ask for *look*."""
    by = f" by {' and '.join(look.by)}" if look.by else ""
    when = f" {look.when}" if look.when else ""
    for values in _values(look.of):
        yield f"{sentence(look.figure)}{values}{by}{when}"


def _values(values: Sequence[str]) -> Iterator[str]:
    if not values:
        yield ""
        return
    first, *others = values
    for quote in ("“{}”", "{}"):
        named = [quote.format(value) for value in others]
        for between in (" in ", " from ", " and ") if others else ("",):
            yield f" of {quote.format(first)}{''.join(f'{between}{name}' for name in named)}"


def joined(sql: str, dialect: str) -> set[str]:
    """Return by which columns *sql* joins its tables; nothing of what is no SQL."""
    try:
        tree = parse_one(sql, dialect=dialect)
    except SqlglotError:
        return set()
    conditions = (join.args["on"] for join in tree.find_all(exp.Join) if join.args.get("on"))
    pairs = (pair for condition in conditions for pair in condition.find_all(exp.EQ))
    return {" = ".join(sorted((pair.left.sql(), pair.right.sql()))) for pair in pairs}


def _names_all(draft: Draft, look: Look) -> bool:
    """Tell whether the query asks for each of the values, and takes its rows from where it is meant to."""
    said = draft.sql.casefold()
    return all(name.casefold() in said for name in (*look.of, look.rows, look.only))
