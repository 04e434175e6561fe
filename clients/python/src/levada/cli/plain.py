"""A run as lines, for pipes and logs: each thing once, when it is known."""

import re
from collections.abc import Iterator

from levada.cli.parted import made
from levada.cli.planned import asks, does
from levada.cli.screen import ROWS_SHOWN, Ended, forked, goes_on, paused, shown, took
from levada.cli.spending import facts_of, spent
from levada.v1 import event_pb2 as events
from levada.view import RunView

FOUND = 3
_ASIDE = re.compile(r"^\s*[-*•]\s|\s*\[[^\]\n]*\]", re.MULTILINE)


def lines(event: events.Event, view: RunView, verbose: bool = False, reveal: bool = False) -> Iterator[str]:
    """Yield what *event* adds; *view* has taken it in already. *verbose* tells of each call of a model."""
    kind = event.WhichOneof("payload")
    if view.parts and kind != "finding" and view.parts.inner(event.step):
        return  # the part that it is done for tells what came of it
    yield from _of_parts(event, view, reveal)
    if kind in {"queued", "started", "paused", "resumed"}:
        yield from (f"     {line}" for line in _whereabouts(event, view))
    elif kind == "step_started":
        yield f"{event.progress:4.0%} {event.step_started.icon} {event.step_started.title}"
    elif kind == "sources_selected" and event.sources_selected.pipeline:
        yield f"     {event.sources_selected.pipeline}: {event.sources_selected.cause}"
        yield from (f"     {one.source}: {one.cause}" for one in event.sources_selected.sources)
    elif kind in {"step_progressed", "step_failed", "schema_matched"}:
        yield from _remarks(event)
    elif kind in {"plan_validated", "query_proposed", "query_validated"}:
        yield from (f"     {line}" for line in _written(event))
    elif kind == "query_refused":
        yield f"     refused ({event.query_refused.rule}): {event.query_refused.message}"
    elif kind == "table_completed" and view.table is not None and not view.parts:
        yield "     " + " | ".join(column.name for column in view.table.columns)
        for row in view.table.rows[:ROWS_SHOWN]:
            yield "     " + " | ".join("NULL" if cell is None else shown(cell) for cell in row)
        rows = "row" if view.table.count == 1 else "rows"
        yield f"     {view.table.count:,} {rows} {view.table.message}".rstrip()
    elif kind == "text_completed":
        yield from _said(event)
    elif kind == "model_called" and verbose:
        yield f"     🧠 {' · '.join(filter(None, facts_of(event.step, event.model_called)))}"
    elif kind in {"completed", "failed", "cancelled"}:
        yield from _ending(view)


def _remarks(event: events.Event) -> Iterator[str]:
    if event.step_progressed.lasting:
        yield f"     ⚠ {event.step_progressed.message}"
    if event.step_failed.will_retry:
        yield f"     ✗ {event.step_failed.message}"
    yield from (f"     ⚠ {problem}" for problem in event.schema_matched.problems)


def _of_parts(event: events.Event, view: RunView, reveal: bool) -> Iterator[str]:
    """Yield what tasks and agents tell."""
    match event.WhichOneof("payload"):
        case "task_planned":
            task = event.task_planned
            after = f" (after {', '.join(task.depends_on)})" if task.depends_on else ""
            yield f"     + {task.name or task.task_id}{after}" + (f": {task.cause}" if task.cause else "")
        case "finding" if view.parts.tasks and len(view.parts.findings[event.step]) <= FOUND:
            yield f"     📊 {event.finding.text}"
        case "iteration_started":
            yield f"     Round {event.iteration_started.iteration} of at most {event.iteration_started.depth}"
        case "iteration_completed" if event.iteration_completed.decision:
            yield f"     {event.iteration_completed.decision}"
        case "agent_completed":
            ended = event.agent_completed
            yield f"     {ended.agent}{' (cut short)' if ended.partial else ''}:"
            yield from (f"       {line}" for line in ended.text.splitlines() if line)
            yield from (f"       drew on {citation}" for citation in ended.citations)
        case "quality_checked":
            failed = [check.message or check.name for check in event.quality_checked.checks if not check.passed]
            yield from (f"     ✗ {problem}" for problem in failed)
        case "assessment_ended":
            yield from ("", *made(view, reveal), "")


def _whereabouts(event: events.Event, view: RunView) -> Iterator[str]:
    if event.HasField("queued"):
        if event.queued.position <= 1:  # nothing is ahead: it begins at once
            return
        yield f"waiting, number {event.queued.position} in the queue"
    elif event.HasField("started") and view.forked_from:
        yield forked(view)
    elif event.HasField("paused"):
        yield paused(view)
    elif event.HasField("resumed"):
        yield f"▶ {goes_on(event.resumed)}"


def _written(event: events.Event) -> Iterator[str]:
    """Yield the queries that were written, and how they read the question."""
    if event.HasField("query_validated"):
        yield event.query_validated.text
    for operation in event.plan_validated.operations:
        yield does(operation)
        query, _ = asks(operation)
        yield from [f"  {' '.join(query.split())}"] if query else []
    if event.query_proposed.explanation:
        yield event.query_proposed.explanation
    if event.query_proposed.unused_words:
        yield f"⚠ Not used: {', '.join(event.query_proposed.unused_words)}"


def _said(event: events.Event) -> Iterator[str]:
    text = event.text_completed.text
    if event.text_completed.channel == events.CHANNEL_REPORT:
        yield from ("", *text.splitlines(), "")
    elif event.text_completed.channel == events.CHANNEL_EXPLANATION and event.step == "plan":
        yield f"     {text}"  # of one query, it comes with the query


def _ending(view: RunView) -> Iterator[str]:
    end = view.ending
    if isinstance(end, events.RunCompleted):
        yield from _told(view, end.summary)
        if end.outcome == events.OUTCOME_CLARIFICATION_NEEDED:
            yield from _open_question(end.clarification, view.run_id)
            return
        known = _repeats(
            end.summary, *_contributed(view), view.texts.get(events.CHANNEL_ANSWER, "") if view.calls else ""
        )
        yield f"100% ✅ {'Done!' if known else end.summary} ({_facts(view, end)})"
        yield from (f"     You could also ask: {question}" for question in view.follow_ups)
    elif isinstance(end, events.RunFailed):
        known = view.refusal is not None and view.refusal.message == end.message
        yield f"     ❌ {'That query was not run.' if known else end.message} ({_facts(view, end)})"
        yield from (f"        tried: {line}" for line in end.tried)
    elif end is not None:
        yield f"     ⏹ cancelled by {' '.join(filter(None, [end.by, end.cause]))} ({_facts(view, end)})"


def _facts(view: RunView, end: Ended) -> str:
    """Return what the run took, however it ended: a run that failed was paid for, too."""
    return ", ".join(filter(None, [took(end.totals), spent(end.totals, len(view.calls)), f"run {view.run_id}"]))


def _told(view: RunView, summary: str) -> Iterator[str]:
    """Yield the answer: a model's words, else the findings; the summary stands for those that it repeats."""
    if view.calls:
        answer = view.texts.get(events.CHANNEL_ANSWER, "")
        if not _repeats(answer, *_contributed(view)):
            yield from (f"     {line}" for line in answer.splitlines() if line)
    elif not view.parts.tasks:  # they were told as they came
        yield from (f"     • {finding.text}" for finding in view.findings if finding.text not in summary)


def _contributed(view: RunView) -> Iterator[str]:
    """Yield what agents said, which was told as each ended."""
    yield from (agent.ended.text for agent in view.parts.agents.values() if agent.ended)


def _repeats(text: str, *told: str) -> bool:
    """Tell whether *text* says nothing but what was *told*, bullets and what they draw on aside."""
    whole = rf"(?<!\w)(?<!\d[.,]){re.escape(_bare(text))}(?!\w|[.,]\d)"
    return any(re.search(whole, _bare(each)) for each in told if each) or not text


def _bare(text: str) -> str:
    return " ".join(_ASIDE.sub("", text).split())


def _open_question(asked: events.InputRequested, run_id: str) -> Iterator[str]:
    yield f"     ❓ {asked.prompt} (run {run_id})"
    if asked.kind == events.INPUT_KIND_APPROVAL:
        yield "        Nothing was run. To approve it, ask again without --no-input."
        return
    yield from (f"        {number}. {option.label}" for number, option in enumerate(asked.options, 1))
    yield "        Nothing was run. Ask again, saying which of these is meant."
