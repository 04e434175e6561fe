"""The first plan from the schema: the objective's figures along time, split by what they belong to, and ranked."""

import asyncio
import re
from collections.abc import Iterator, Sequence

from core.errors import NotUnderstood
from core.pipeline import Schemas, Step
from core.pipelines.answering import choosing
from core.pipelines.answering.analysis.roles import TIMES
from core.pipelines.answering.analysis.words import human, listed, sentence, several
from core.pipelines.answering.passages import knowledge_sources, passages
from core.pipelines.answering.relevance import links
from core.pipelines.answering.relevance.tables import key
from core.pipelines.answering.relevance.words import telling, words
from core.pipelines.federated.classify import looked_at
from core.pipelines.research.asked import data_sources
from core.pipelines.research.offline.desk import Desk
from core.pipelines.research.offline.span import MOVED, span_in
from core.pipelines.research.results import Look, Plan, Task
from levada.v1.catalog_pb2 import Definition, Schema
from levada.v1.event_pb2 import COLUMN_TYPE_DECIMAL, COLUMN_TYPE_DOUBLE, COLUMN_TYPE_INTEGER

MOST_SOURCES, MOST_FIGURES, MOST_SPLITS = 3, 2, 4
ALIKE = 0.8
"""How alike words are to a value that is meant by them: two words that one begins with, for instance."""
COMPARED = "The time in question, and before it"
NUMBERS = (COLUMN_TYPE_INTEGER, COLUMN_TYPE_DOUBLE, COLUMN_TYPE_DECIMAL)
_WORD = re.compile(r"[^\W_]+")


async def planned(step: Step, name: str) -> Plan:
    """Plan the research of the run's question. Raises NotUnderstood."""
    objective = step.run.request.question
    sources = data_sources(step)
    schemas = await looked_at(step, sources) if sources else None
    tasks: list[Task] = []
    said: list[str] = []
    for source in await _chosen(step, objective, schemas) if schemas else ():
        desk = Desk(step.run.services, step.run.owner, schemas.schemas[source])  # type: ignore[union-attr]
        looks = await _looks(desk, objective)
        tasks += [_task(desk, f"t{len(tasks) + place}", *one) for place, one in enumerate(looks, 1)]
        said += [_reading(desk, objective, [look for look, _ in looks])] if looks else []
    if tasks:
        return Plan(name=name, remark="\n".join(said), tasks=tasks)
    return await _as_it_is(step, name, objective, schemas)


async def _chosen(step: Step, objective: str, schemas: Schemas) -> list[str]:
    """Return the sources to research, those that were asked for or that know words of *objective*."""
    run = step.run
    if run.request.sources:
        return [name for name in dict.fromkeys(run.request.sources) if name in schemas.schemas][:MOST_SOURCES]
    lookups = {name: run.services.lookup(run.owner, name) for name in schemas.schemas}
    choices = await asyncio.to_thread(choosing.choose, objective, schemas, lookups)
    return [one.source for one in choices if one.certain and one.source in schemas.schemas][:MOST_SOURCES]


async def _looks(desk: Desk, objective: str) -> list[tuple[Look, str]]:
    """Return what to look at first, each with the question that asks for it."""
    values = await asyncio.to_thread(_values, desk, objective)
    settled = await asyncio.to_thread(desk.settled, values)
    looks: list[Look] = []
    for figure in _figures(desk.schema, objective):
        splits = [one for one in (await desk.splits(figure))[0] if one not in settled]
        splits.sort(key=lambda one: not set(words(one)) <= _asked(objective))
        looks.append(Look(figure=figure, by=["month"], of=values))
        looks += [Look(figure=figure, by=["month", split], of=values) for split in splits[:MOST_SPLITS]]
        looks += [Look(figure=figure, by=[split], of=values) for split in splits[:MOST_SPLITS]]
    worded: list[tuple[Look, str]] = []
    for look in looks:
        # What is laid out along time says the shares too.
        if any(set(look.by) <= set(known.by) and known.figure == look.figure for known, _ in worded if look.by):
            continue
        if question := await desk.worded(look):
            worded.append((look, question))
    return [*worded, *await _compared(desk, objective, looks), *await _ranked(desk, objective, values)]


async def _compared(desk: Desk, objective: str, looks: Sequence[Look]) -> list[tuple[Look, str]]:
    """Return looks at the time that *objective* names, and at as long a time before it."""
    if (span := span_in(objective)) is None:
        return []
    along = [look for look in looks if look.by == ["month"]]
    found = [look.model_copy(update={"when": when.phrase}) for look in along for when in (span, span.before)]
    return [(look, question) for look in found if (question := await desk.worded(look))]


async def _ranked(desk: Desk, objective: str, values: Sequence[str]) -> list[tuple[Look, str]]:
    found = []
    for figure in _figures(desk.schema, objective)[:1] if not values else ():
        for ranking in (await desk.splits(figure))[1][:1]:
            if await desk.draft(ranking) is not None:
                thing = ranking.removeprefix("Top 10 ").rpartition(" by ")[0]
                found.append((Look(figure=figure, by=[f"top {thing}"]), ranking))
    return found


def _figures(schema: Schema, objective: str) -> list[str]:
    """Return the figures that *objective* is about: the business's own, rows of tables that it names, the first one."""
    known = [one for one in schema.definitions if one.expression]
    named = [one.name for one in _longest_named(schema, objective) if one.expression]
    if named := named or list(_columns(schema, objective)):
        return named[:MOST_FIGURES]
    asked = _asked(objective)
    targets = {one.target for one in links.definitions(schema, objective) if one.target}
    tables = [one for one in schema.tables if one.name in targets or (set(words(one.name)) or {""}) <= asked]
    # What has no time of its own is what figures are split by.
    if timed := [one.name for one in tables if any(column.type in TIMES for column in one.columns)]:
        return [f"number of {several(name)}" for name in timed[:MOST_FIGURES]]
    counted = [one.name for one in tables[:MOST_FIGURES]] or _busiest(schema)
    return [one.name for one in known[:1]] or [f"number of {several(name)}" for name in counted]


def _asked(objective: str) -> set[str]:
    """Return the words of *objective* that matter; what was "returned" are returns."""
    said = telling(objective)
    return {*said, *(word.removesuffix("ed") for word in said)}


def _columns(schema: Schema, objective: str) -> Iterator[str]:
    """Yield what columns that *objective* names come to: amounts, where they can be added up."""
    types = {f"{table.name}.{one.name}": one.type for table in schema.tables for one in table.columns}
    for name in links.columns(schema, objective, [key(table) for table in schema.tables]):
        if types[name] in NUMBERS:
            yield f"total {human(name.rpartition('.')[2])}"


def _longest_named(schema: Schema, objective: str) -> list[Definition]:
    """Return what *objective* names; "return rate" is not "returns" too."""
    found = links.definitions(schema, objective)
    names = {one.name: set(words(one.name)) for one in found}
    return [one for one in found if not any(names[one.name] < other for other in names.values())]


def _busiest(schema: Schema) -> list[str]:
    """Return the table that most rows are in of those that belong to others, where nothing else says what matters."""
    tables = sorted(schema.tables, key=lambda one: (len(one.foreign_keys) > 0, one.row_estimate), reverse=True)
    return [one.name for one in tables[:1]]


def _values(desk: Desk, objective: str) -> list[str]:
    """Return the values in the data that *objective* names, apart from what are words for figures and tables."""
    taken = {word for one in links.definitions(desk.schema, objective) for word in words(one.name)}
    taken |= {word for table in desk.schema.tables for word in words(table.name)}
    found = links.values(desk.lookup, objective, ALIKE)
    return list(dict.fromkeys(one.value for one in found if not set(words(one.words)) <= taken))[:2]


def _task(desk: Desk, task_id: str, look: Look, question: str) -> Task:
    return Task(
        id=task_id,
        name=f"{title_of(look)}{f', {look.when}' if look.when else ''}",
        objective=question,
        sources=[desk.source],
        area=COMPARED if look.when else title_of(look),
        cause="It is what the objective is about." if look.by == ["month"] else "It may show where that comes from.",
        priority=1 if look.by == ["month"] else 0,
        look=look,
    )


def title_of(look: Look) -> str:
    """Return *look* as a heading."""
    of = f" of {listed(look.of)}" if look.of else ""
    by = [one for one in look.by if one != "month"]
    if not by:
        return f"{sentence(look.figure)}{of} over time"
    if by[0].startswith("top "):
        return f"{sentence(by[0])} by {look.figure}"
    return f"{sentence(look.figure)}{of} by {listed(by)}"


def _reading(desk: Desk, objective: str, looks: Sequence[Look]) -> str:
    figures = list(dict.fromkeys(f"{look.figure}{f' of {listed(look.of)}' if look.of else ''}" for look in looks))
    by = list(dict.fromkeys(split for look in looks for split in look.by))
    span = span_in(objective)
    when = f", above all {span.label}" if span else ""
    known = {word for look in looks for word in words(" ".join([look.figure, *look.of, *look.by, desk.source]))}
    synonyms = [name for one in links.definitions(desk.schema, objective) for name in (one.name, *one.synonyms)]
    known |= set(words(" ".join(synonyms)))
    known |= set(words(span.said)) if span else set()
    said = (word for word in _WORD.findall(objective) if not MOVED.match(word))
    unused = [word for word in said if telling(word) and not known.intersection(_asked(word))]
    left = f" Words that say nothing here: {', '.join(unused)}." if unused else ""
    return f"Read as: {listed(figures)} in {desk.source}, by {listed(by)}{when}.{left}"


async def _as_it_is(step: Step, name: str, objective: str, schemas: Schemas | None) -> Plan:
    """Plan a single task of an objective that is a question already, of the data or of documents."""
    for schema in schemas.schemas.values() if schemas else ():
        desk = Desk(step.run.services, step.run.owner, schema)
        if await desk.draft(objective) is not None:
            task = Task(id="t1", name=objective[:80], objective=objective, sources=[desk.source], area="What was asked")
            return Plan(name=name, tasks=[task])
    if knowledge_sources(step.run) and await passages(step.run, objective, 1):
        task = Task(id="t1", name=objective[:80], objective=objective, area="From documents")
        return Plan(name=name, remark="It is looked up in documents.", tasks=[task])
    raise NotUnderstood(_refusal(schemas), unused=tuple(telling(objective)))


def _refusal(schemas: Schemas | None) -> str:
    found = schemas.schemas.values() if schemas else ()
    figures = [one.name for schema in found for one in schema.definitions if one.expression]
    known = f" Figures that can be researched here: {', '.join(figures[:8])}." if figures else ""
    problems = f" {' '.join(schemas.problems.values())}" if schemas and schemas.problems else ""
    return (
        f"Neither the data nor any document knows what this is about, and no language model is configured to plan it."
        f"{problems}{known} Name a figure, a table or a source, add documents, or set LEVADA_MODEL, for instance "
        "anthropic:claude-sonnet-4-5."
    )
