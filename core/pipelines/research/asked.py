"""What a task asks of data and documents, and what of the answers is kept: a task's queries and passages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidRequest, NotUnderstood
from core.identity import Principal
from core.models.base import Turn
from core.pipeline import Ending, Run, Step
from core.pipelines import auto
from core.pipelines.answering.answered import Answered
from core.pipelines.answering.clarify import UNAPPROVED
from core.pipelines.answering.passages import LANGUAGE, Passage, knowledge_sources, passages
from core.pipelines.answering.results import Fetched, Proposal
from core.pipelines.research.results import Found, Query, Task
from core.pipelines.research.workflow import Background
from core.pipelines.within import Within, asking
from levada.v1.event_pb2 import FINDING_KIND_UNSPECIFIED, INPUT_KIND_APPROVAL, Finding
from levada.v1.run_pb2 import Analysis, ResearchTask

SHARES = 32
MOST_TOLD = 3
MOST_PASSAGES = 4
MOST_ROWS = 20
_NAMED = re.compile(r"\{([A-Za-z0-9][A-Za-z0-9_-]{0,59})\}")


class Shared:
    """The services of a run as one question of it sees them: the conversation is what the tasks before it asked.

    The rows that a run may keep are shared out, as nobody knows beforehand how many questions there will be.
    """

    def __init__(self, run: Run, turns: Sequence[Turn]) -> None:
        self._services, self._turns = run.services, turns
        limits, shares = run.services.limits, max(SHARES, _count(run.request.research.tasks))
        self.limits = limits.model_copy(update={"bytes_per_run": limits.bytes_per_run // shares})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._services, name)

    async def history(self, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]:
        return self._turns[-limit:]


def _count(tasks: Sequence[ResearchTask]) -> int:
    return sum(1 + _count(task.parts) for task in tasks)


def try_name(step: Step, task: Task) -> str:
    """Return the name by which this try of *task* asks: what another try asked has ids of its own."""
    again = step.name.rpartition("/")[2].partition("#")[2]
    return f"{task.id}--{again}" if again else task.id


async def ask_data(step: Step, question: str, sources: Sequence[str], background: Background, name: str) -> Found:
    """Ask the data *question*, as a story of its own within *step*, under *name*. Raises LevadaError."""
    turns = [
        Turn(question=query.question, sql=query.sql, source=query.source)
        for _, found in background.before
        for query in found.queries[:1]
    ]
    request = asking(step.run.request, question, tuple(sources) or data_sources(step))
    # Without findings there is nothing to go on from, and to look deeper is what the research itself does.
    request.options.analyze = Analysis.ANALYSIS_STANDARD
    request.conversation_id = name if turns else ""
    run = Within(step, request, name=name)
    run.services = Shared(step.run, turns)
    ending = await auto.answer(run)
    if ending.clarification is not None and ending.clarification.kind == INPUT_KIND_APPROVAL:
        raise InvalidRequest({"options.interactive": UNAPPROVED})
    if not isinstance(ending, Answered):
        raise NotUnderstood(_unanswered(ending))
    queries = [kept(run, ending.source, *look) for look in ending.looks]
    return Found(text=ending.summary, queries=queries)


def data_sources(step: Step) -> tuple[str, ...]:
    """Return the sources of rows that the run may ask, those that it was to ask if it was to ask some."""
    named = step.run.request.sources
    sources = step.run.services.sources(step.run.owner)
    return tuple(name for name, one in sources.items() if one.language != LANGUAGE and (not named or name in named))


def _unanswered(ending: Ending) -> str:
    if ending.clarification is not None:
        options = " ".join(f"“{option.label}”" for option in ending.clarification.options)
        return f"It can be read in several ways: {ending.clarification.prompt} {options} Say which is meant.".strip()
    return f"It brought no rows: {ending.summary}"


def kept(run: Within, source: str, proposal: Proposal, fetched: Fetched) -> Query:
    """Return what a task keeps of a query, under the id that the run tells it by."""
    digest, query_id = fetched.digest, run.called(fetched.query_id)
    excerpt = digest.excerpt.model_copy(update={"rows": digest.excerpt.rows[:MOST_ROWS]})
    return Query(
        id=query_id,
        question=proposal.question,
        source=source,
        sql=proposal.draft.sql,
        rows=fetched.rows,
        truncated=fetched.truncated,
        findings=[_named(finding, query_id) for finding in digest.findings],
        excerpt=excerpt,
    )


def _named(finding: Finding, query_id: str) -> Finding:
    named = Finding()
    named.CopyFrom(finding)
    named.query_id = query_id
    return named


async def search(step: Step, text: str, name: str, limit: int = MOST_PASSAGES) -> Found:
    """Look *text* up in the documents that the run may read; passages are cited under *name*."""
    if not knowledge_sources(step.run):
        return Found()
    found = await passages(step.run, text, limit)
    return Found(passages={f"{name}.p{number}": one for number, one in enumerate(found, 1)})


def extracts(found: Mapping[str, Passage]) -> str:
    """Return *found* as they are told where no model puts them into words."""
    return "\n\n".join(f"> {' '.join(one.text.split())[:600]}\n\n— {one.cited} [{name}]" for name, one in found.items())


def tell(step: Step, found: Found) -> None:
    """Say the first findings, with figures, that *found* has."""
    telling = [
        finding
        for query in found.queries
        for finding in query.findings
        if finding.kind != FINDING_KIND_UNSPECIFIED and finding.figures
    ]
    for finding in telling[:MOST_TOLD]:
        step.progress(f"Found: {finding.text}")
    for name, passage in list(found.passages.items())[:MOST_TOLD]:
        step.progress(f"Found: {passage.title or passage.file} ({passage.cited}) [{name}]")


def filled(task: Task, background: Background) -> str:
    """Return *task*'s objective; {name} in it stands for a value of its context, or what that task found first."""
    first = {before.id: leading(found) for before, found in background.before}
    known = {name: value for name, value in {**first, **background.values}.items() if value not in ("", None)}

    def value(match: re.Match[str]) -> str:
        return _words(known[match[1]]) if match[1] in known else match[0]

    return _NAMED.sub(value, task.objective)


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def leading(found: Found) -> str:
    """Return the name that the first finding with one is about."""
    labels = (figure.label for query in found.queries for one in query.findings for figure in one.figures)
    return next((label.partition(",")[0] for label in labels if label), "")
