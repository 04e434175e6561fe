"""What the prompts of `research` are given: sources, and what tasks found, all of it as data and by worth."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.pipeline import Step
from core.pipelines.answering import material, result_lines
from core.pipelines.answering.asking import source_of
from core.pipelines.answering.passages import knowledge_sources
from core.pipelines.answering.prompted import PROMPTS as SHARED
from core.pipelines.answering.prose import Citations, Facts, Prose
from core.pipelines.answering.schema_lines import index_parts, named
from core.pipelines.research.asked import data_sources
from core.pipelines.research.results import Found, Query, Task
from core.pipelines.research.workflow import Workflow
from core.prompts import Ours, Part, Prompts, quoted

PROMPTS = Prompts(Path(__file__).parents[1] / "prompts", "research", SHARED.folder)
MOST_ROWS = 12
PASSAGE = 1_500


def sources(step: Step, names: Sequence[str] = ()) -> list[Ours]:
    """Return what may be asked, with what each source is said to hold."""
    asked = list(names or data_sources(step))
    asked += [name for name in knowledge_sources(step.run) if name not in asked]
    return [_source(step, name) for name in asked]


def _source(step: Step, name: str) -> Ours:
    return Ours(f"{named(name)}: {quoted(source_of(step.run, name).description or 'no description')}")


async def tables(step: Step) -> list[Part]:
    """Return the tables of all sources, a line each."""
    names = data_sources(step)
    if not names:
        return []
    found = await step.run.services.schemas(step.run.owner, names)
    return [
        Part(f"{name}: {one.name}", Ours(f"{named(name)}: {one.text}"), one.worth, one.lean)
        for name, schema in found.schemas.items()
        for one in index_parts(list(schema.tables))
    ]


def results(held: Sequence[tuple[Task, Found]]) -> list[Part]:
    """Return what tasks found, in order: rows go first when there is no room, then whole tasks, the latest last."""
    return [
        Part(task.id, told(task, found, MOST_ROWS), 1 + place / max(1, len(held)), told(task, found, 0))
        for place, (task, found) in enumerate(held)
    ]


def told(task: Task, found: Found, most_rows: int) -> Ours:
    """Return what *task* found, as a prompt shows it."""
    lines = [f"task {named(task.id)}: {quoted(task.objective, material.QUESTION)}", *given(found, most_rows)]
    if found.text:
        lines.append(f"said: {quoted(found.text, material.MESSAGE)}")
    return Ours("\n".join(lines))


def given(found: Found, most_rows: int = MOST_ROWS) -> Iterator[str]:
    """Yield what queries and documents gave, each under its id."""
    for query in found.queries:
        rows = result_lines.written(query.findings, query.excerpt, most_rows)
        yield f"[{query.id}] {quoted(query.question, material.QUESTION)}\n{rows}"
        if query.truncated:
            yield query.truncated
    for name, passage in found.passages.items():
        yield f"[{name}] {quoted(passage.cited)}: {quoted(passage.text, PASSAGE)}"


def facts(held: Sequence[tuple[Task, Found]], objective: str) -> dict[str, Facts]:
    """Return what was given under each id, to hold sentences against."""
    known = {query.id: _of_query(query) for _, found in held for query in found.queries}
    for _, found in held:
        for name, passage in found.passages.items():
            known[name] = Facts()
            known[name].add_text(f"{passage.title} {passage.text}")
    for one in known.values():
        one.add_names(objective)
    return known


def resting(workflow: Workflow, text: str) -> list[str]:
    """Return the sentences of *text*, which a model wrote, that rest on what was found."""
    prose = Prose(Citations(facts(workflow.held, workflow.objective)).admit)
    return [*prose.add(text), *prose.rest()]


def _of_query(query: Query) -> Facts:
    # What a condition of the query says ("in 2025") may be said of what it gave.
    return Facts.of(query.findings, query.excerpt, query.sql, query.question, query.truncated)


def failed(workflow: Workflow) -> list[Ours]:
    """Return which tasks found nothing, and why."""
    return [
        Ours(f"{quoted(workflow.name_of(name))}: {quoted(lost.message, material.MESSAGE)}")
        for name, lost in workflow.lost.items()
    ]
