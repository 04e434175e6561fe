"""report: what was found, in markdown, every figure with the query that gave it."""

import re
from collections.abc import Callable, Iterator
from contextlib import aclosing

from core.pipeline import Step, step
from core.pipelines.answering.analysis.words import plural
from core.pipelines.answering.asking import language_of
from core.pipelines.research.offline.outlining import outlined
from core.pipelines.research.prompted.writing import Report
from core.pipelines.research.results import Outline, Reported
from core.pipelines.research.steps import REPORT
from core.pipelines.research.workflow import Workflow
from levada.v1.event_pb2 import CHANNEL_REPORT, TextCompleted

MOST_SUMMED = 3
_CITED = re.compile(r"\s*\[[\w.-]+(?:, [\w.-]+)*\]")
_ID = re.compile(r"[\w-]+(?:\.[\w-]+)+")


@step(REPORT)
async def write_report(step: Step, workflow: Workflow, outline: Outline, remark: str) -> Reported:
    """Write the report; *remark* says what is not in it, and why."""
    step.progress(REPORT.doing)
    pieces: list[str] = []

    def say(piece: str) -> None:
        pieces.append(piece)
        step.text(CHANNEL_REPORT, piece)

    say(f"# {' '.join(workflow.name.split())}\n\n")
    if (model := language_of(step.run)) is not None:
        await _written(step, Report(step, model, workflow, outline, remark), say)
    if len(pieces) == 1:
        for part in _as_computed(outline_of(workflow, outline)):
            say(f"{part}\n\n")
    for part in closing(workflow, "".join(pieces), remark):
        say(f"{part}\n\n")
    text = "".join(pieces)
    step.emit(TextCompleted(channel=CHANNEL_REPORT, text=text))
    cited = cited_in(workflow, text)
    step.summary(f"{plural(len(cited), 'query', 'queries')} cited")
    rests_on = cited_in(workflow, " ".join(outline.conclusion[:MOST_SUMMED]))
    return Reported(summary=summary_of(outline, workflow), rests_on=rests_on, cited=cited)


async def _written(step: Step, report: Report, say: Callable[[str], None]) -> None:
    """Have the model write; what it could not, and what of it does not hold, is said."""
    said = False
    async with aclosing(report.pieces()) as pieces:
        async for piece in pieces:
            say(piece)
            said = True
    if said:
        say("\n\n")
        for remark in report.remarks():
            say(f"{remark}\n\n")
    else:
        problem = report.problem or "Nothing of the model's report rests on what was found."
        step.progress(f"{problem} The findings are listed as they were computed.", lasting=True)


def outline_of(workflow: Workflow, outline: Outline) -> Outline:
    """Return an outline that can stand as the report: a model's own is only what it wanted to write."""
    return outline if any(section.points for section in outline.sections) else outlined(workflow)


def _as_computed(outline: Outline) -> Iterator[str]:
    yield "\n\n".join(outline.conclusion)
    for section in outline.sections:
        yield f"## {section.heading}"
        yield "\n".join(point if point.startswith(">") else f"- {point}" for point in section.points)


def closing(workflow: Workflow, text: str, remark: str) -> Iterator[str]:
    """Yield what stands under every report: what is missing, and what *text* cites."""
    if remark:
        yield f"## Not completed\n\n{remark}"
    cited = set(cited_in(workflow, text))
    queries = [one for _, found in workflow.held for one in found.queries if one.id in cited]
    if queries:
        rows = [f"| {one.id} | {_cell(one.question)} | {one.source or 'several'} | {one.rows:,} |" for one in queries]
        yield "\n".join(["## Queries", "", "| Id | Question | Source | Rows |", "|---|---|---|---:|", *rows])
    passages = [pair for _, found in workflow.held for pair in found.passages.items() if pair[0] in cited]
    if passages:
        rows = [f"| {name} | {_cell(one.cited)} | {_cell(one.title)} |" for name, one in passages]
        yield "\n".join(["## Documents", "", "| Id | Place | Title |", "|---|---|---|", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def cited_in(workflow: Workflow, text: str) -> list[str]:
    """Return the queries and passages that *text* cites, in the order in which they were made."""
    said = {name for match in _CITED.finditer(text) for name in _ID.findall(match[0])}
    known = [name for _, found in workflow.held for name in (*(one.id for one in found.queries), *found.passages)]
    return [name for name in known if name in said]


def summary_of(outline: Outline, workflow: Workflow) -> str:
    """Return the report in a sentence or two, without its citations."""
    said = [_CITED.sub("", one) for one in outline.conclusion[:MOST_SUMMED] if one]
    return " ".join(said) or f"{plural(len(workflow.found), 'task')} completed."
