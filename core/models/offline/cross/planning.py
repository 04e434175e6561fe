"""From a question that spans sources to a plan: read over the joint schema, then split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from core.errors import NotUnderstood
from core.models.base import Ask
from core.models.offline.cross.about import Topic, topic_of
from core.models.offline.cross.beside import beside, note
from core.models.offline.cross.compound import both, parted
from core.models.offline.cross.joint import DIALECT, Joint
from core.models.offline.cross.lookup import JointLookup
from core.models.offline.cross.once import once
from core.models.offline.cross.split import Splitting, split
from core.models.offline.cross.titles import titled
from core.models.offline.explain import Explainer
from core.models.offline.native import CannotSay
from core.models.offline.planner import Preparation, Prepared, Reading, Readings, readings, rewritten, unknown_words
from core.models.offline.rank import THRESHOLD, ranked
from core.models.offline.refusal import refusal
from core.models.offline.words import tokenize
from core.models.plans import COMBINE, CrossAsk, Operation, Plan

AUTHOR = "offline"


@dataclass(frozen=True)
class Together(Readings):
    """How a question can be understood over *joint*; when it is *compound*, its first part."""

    joint: Joint
    compound: str = ""


def read_together(ask: CrossAsk, preparation: Preparation) -> Together:
    """Return the readings of *ask*. Takes a processor's time: call it in a thread."""
    joint = Joint(ask.schemas, ask.languages)
    prepared = preparation.of(joint.schema)
    question, rest = parted(ask.question)
    topic = topic_of(question, prepared.catalog, searchable(joint), joint.schema)
    asked = Ask(
        question=topic.question if topic else question,
        schema=joint.schema,
        lookup=JointLookup(joint, ask.lookups),
        today=ask.today,
        turns=ask.turns,
        hints=ask.hints,
    )
    return Together(
        asked, prepared, about(readings(asked, prepared), topic, prepared), joint, ask.question if rest else ""
    )


def searchable(joint: Joint) -> list[str]:
    """Return the tables whose texts can be asked for by what they are about."""
    tables = joint.homes.items()
    return [
        name
        for name, home in tables
        if home.language == "vector" or (home.language == "slack" and home.table.name == "messages")
    ]


def about(found: Sequence[Reading], topic: Topic | None, prepared: Prepared) -> list[Reading]:
    """Return the readings *found* with what is asked to be about *topic*."""
    return [rewritten(one, [topic.condition], [topic.note], prepared) for one in found] if topic else list(found)


async def plans(read: Together) -> list[Plan]:
    """Return the plans for the readings that are sure enough, best first. Raises NotUnderstood when there is none."""
    best = [one for one in await ranked(read.ask, read.found) if one.confidence >= THRESHOLD]
    if not best:
        raise refusal(read.prepared.catalog, read.found, unknown_words(read.ask, read.prepared))
    found, problem = [], ""
    for reading in best:
        try:
            plan = await _plan(reading, read)
        except CannotSay as error:
            problem = problem or str(error)
            continue
        if passed_over := _passed_over(plan, read):
            problem = problem or f"it names {passed_over}, and I found no way to bring that in"
        else:
            found.append(plan)
    if not found:
        raise NotUnderstood(f"I understood this, but these sources can't answer it: {problem}. Ask in another way.")
    return found


def _passed_over(plan: Plan, read: Together) -> str:
    """Return a table that the question names and whose source *plan* does not ask: an answer without it is a guess."""
    said = {token.lemma for token in tokenize(read.ask.question)}
    asked = {operation.source for operation in plan.operations}
    named: dict[tuple[str, ...], set[str]] = {}
    for table in read.prepared.catalog.tables.values():
        if table.words and said.issuperset(table.words):
            named.setdefault(table.words, set()).add(read.joint.homes[table.id].source)
    return next((" ".join(words) for words, sources in named.items() if not sources & asked), "")


async def _plan(reading: Reading, read: Together) -> Plan:
    if read.compound:
        return await _plan_of_both(reading, read)
    operations, combined = split(reading.sql, read.joint)
    shown = [] if reading.query.counted else reading.query.select
    return _put_together(reading, operations, titled(combined, shown, read.prepared.catalog), read)


async def _plan_of_both(reading: Reading, read: Together) -> Plan:
    """Return the plan for *reading* and the rest of the question. Raises NotUnderstood, CannotSay."""
    catalog, splitting = read.prepared.catalog, Splitting(read.joint)
    found = await both(reading, read.compound, read.ask, read.prepared)
    one, other = splitting.add(found.first.sql), splitting.add(found.second.sql)
    joined = beside(found, one, other, catalog)
    notes = [*found.first.notes, *found.second.notes, note(found, catalog)]
    query = replace(found.first.query, select=found.first.query.select[found.keys :])
    told = replace(found.first, query=query, notes=notes)
    return _put_together(told, once(splitting.operations(), joined), joined, read)


def _put_together(reading: Reading, operations: Sequence[Operation], combined: exp.Query, read: Together) -> Plan:
    sql = combined.sql(dialect=DIALECT, pretty=True)
    ids = [operation.id for operation in operations]
    does = f"Join what {_listed(ids)} gave." if len(ids) > 1 else f"Show what {ids[0]} gave."
    join = Operation(id=COMBINE, kind=COMBINE, params={"sql": sql}, depends_on=ids, description=does)
    sources = list(dict.fromkeys(operation.source for operation in operations))
    return Plan(
        description=f"Asks {_listed(sources)}" + (", then joins what they give." if len(ids) > 1 else "."),
        operations=[*operations, join],
        explanation=Explainer(read.prepared.catalog).sentence(reading.query, reading.notes),
        unused_words=reading.unused,
        notes=reading.notes,
        confidence=round(reading.confidence, 3),
        author=AUTHOR,
    )


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
