"""A run as it looks now, folded from its events: the same fold for the live view, a late one and a replay."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from levada.batches import texts
from levada.parted import Parts
from levada.v1 import event_pb2 as events


@dataclass
class StepView:
    """A step: *state* is pending, running, done, failed or skipped."""

    name: str
    title: str
    icon: str
    category: events.Category
    conditional: bool = False
    state: str = "pending"
    note: str = ""
    attempt: int = 1
    seconds: float | None = None
    estimate: float | None = None


@dataclass
class TableView:
    """A table: the first rows are kept for showing, all are counted."""

    columns: list[events.ResultColumn]
    step: str
    attempt: int
    query_id: str = ""
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    count: int = 0
    done: bool = False
    message: str = ""


@dataclass
class RunView:
    """Everything a reader can show of a run. Feed it events in order with *add*.

    *state* is queued, running, waiting (for an answer), paused, completed, failed or cancelled. *resumed* says why the
    run goes on, until the next step is done. *plan* is one over several sources, once checked. *calls* are those of
    language models with the step that made them, without what was said; those of a step's earlier attempt were made all
    the same. *remarks* are worth knowing to the end. *parts* are its tasks, agents and the like.
    """

    keep_rows: int = 20
    run_id: str = ""
    question: str = ""
    position: int = 0
    progress: float = 0.0
    last_sequence: int = 0
    state: str = "queued"
    paused_by: str = ""
    resumed: events.RunResumed | None = None
    forked_from: str = ""
    kept_steps: list[str] = field(default_factory=list)
    steps: dict[str, StepView] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    query: events.QueryProposed | None = None
    plan: list[events.PlannedOperation] | None = None
    refusal: events.QueryRefused | None = None
    tables: dict[str, TableView] = field(default_factory=dict)
    findings: list[events.Finding] = field(default_factory=list)
    chart: events.Chart | None = None
    charts: dict[str, events.Chart] = field(default_factory=dict)
    follow_ups: list[str] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, events.ModelCalled]] = field(default_factory=list)
    input: events.InputRequested | None = None
    schema: events.SchemaMatched | None = None
    ending: events.RunCompleted | events.RunFailed | events.RunCancelled | None = None
    parts: Parts = field(default_factory=Parts)
    _attempts: dict[str, int] = field(default_factory=dict)
    _found_by: list[str] = field(default_factory=list)
    _said_by: dict[str, str] = field(default_factory=dict)
    _text_from: dict[int, tuple[str, int]] = field(default_factory=dict)
    _kept: dict[int, str] = field(default_factory=dict)
    _queries: dict[str, events.QueryProposed] = field(default_factory=dict)
    _checked: dict[str, str] = field(default_factory=dict)

    def add(self, event: events.Event) -> None:
        """Take *event* in. Payloads that this version does not know change nothing but the number."""
        self.run_id, self.last_sequence, self.progress = event.run_id, event.sequence, event.progress
        if event.attempt > self._attempts.setdefault(event.step, event.attempt):
            self._attempts[event.step] = event.attempt
            self._void(event)
            self.parts.void(event.step)
        self.parts.add(event)
        kind = event.WhichOneof("payload")
        take: Callable[[events.Event, Any], None] | None = getattr(self, f"_{kind}", None) if kind else None
        if take is not None:
            take(event, getattr(event, str(kind)))

    @property
    def table(self) -> TableView | None:
        """The newest table; where a report rests on several, in the end the first, which answers the question."""
        return next(iter(self.tables.values()) if self._reported else reversed(self.tables.values()), None)

    @property
    def _reported(self) -> bool:
        return self.ending is not None and bool(self.texts.get(events.CHANNEL_REPORT))

    def _queued(self, _: events.Event, it: events.RunQueued) -> None:
        self.position, self.state, self.paused_by = it.position, "queued", ""

    def _started(self, _: events.Event, it: events.RunStarted) -> None:
        self.position, self.question, self.state = 0, it.question, "running"
        self.forked_from, self.kept_steps = it.forked_from, list(it.kept_steps)
        for s in it.steps:
            self.steps.setdefault(s.step, StepView(s.step, s.title, s.icon, s.category, s.conditional))

    def _sources_selected(self, _: events.Event, it: events.SourcesSelected) -> None:
        ahead = {}
        for s in it.steps:  # which of the steps lie ahead, and in which order, is known only now
            ahead[s.step] = self.steps.get(s.step) or StepView(s.step, s.title, s.icon, s.category)
            ahead[s.step].conditional = s.conditional
        begun = {name: step for name, step in self.steps.items() if step.state != "pending"}
        self.steps = begun | ahead | self.steps

    def _paused(self, _: events.Event, it: events.RunPaused) -> None:
        self.state, self.paused_by, self.position = "paused", it.by or "someone", 0

    def _resumed(self, _: events.Event, it: events.RunResumed) -> None:
        self.state, self.paused_by, self.position = "waiting" if self.input else "running", "", 0
        self.resumed = it

    def _input_requested(self, _: events.Event, it: events.InputRequested) -> None:
        self.state, self.input = "waiting", it
        same = (i for i, q in self._queries.items() if it.query and it.query in {q.text, self._checked.get(i)})
        self._show(next(same, ""))

    def _input_received(self, _: events.Event, it: events.InputReceived) -> None:
        self.state, self.input = "running", None

    def _step_started(self, event: events.Event, it: events.StepStarted) -> None:
        step = self.steps.get(event.step) or self._unannounced(event.step, it)
        step.title, step.state, step.note = it.title, "running", ""
        known = it.HasField("estimated_duration")
        step.estimate = it.estimated_duration.ToTimedelta().total_seconds() if known else None
        step.attempt, step.seconds = event.attempt, None

    def _unannounced(self, name: str, it: events.StepStarted) -> StepView:
        """Put a step that nobody announced, such as a repeated one, behind those that have begun."""
        names = list(self.steps)
        begun = [number for number, step in enumerate(self.steps.values(), 1) if step.state != "pending"]
        names.insert(max(begun, default=0), name)
        known = self.steps | {name: StepView(name, it.title, it.icon, it.category)}
        self.steps = {each: known[each] for each in names}
        return self.steps[name]

    def _void(self, event: events.Event) -> None:
        """Drop what an earlier attempt of the step said."""
        self.tables = {k: t for k, t in self.tables.items() if t.step != event.step}
        self.findings = [f for f, step in zip(self.findings, self._found_by, strict=True) if step != event.step]
        self.remarks = [(step, remark) for step, remark in self.remarks if step != event.step]
        self._found_by = [step for step in self._found_by if step != event.step]
        for name in [name for name, step in self._said_by.items() if step == event.step]:
            setattr(self, name, [] if name == "follow_ups" else None)
        for channel in [c for c, source in self._text_from.items() if source[0] == event.step]:
            self.texts[channel] = self._kept.get(channel, "")
            self._text_from[channel] = (event.step, event.attempt)

    def _step(self, event: events.Event) -> StepView:
        """Return the step of *event*; a view that began in the middle has not heard of it yet."""
        return self.steps.setdefault(event.step, StepView(event.step, event.step, "•", events.CATEGORY_UNSPECIFIED))

    def _step_progressed(self, event: events.Event, it: events.StepProgressed) -> None:
        self._step(event).note = it.message
        if it.lasting:
            self.remarks.append((event.step, it.message))

    def _step_completed(self, event: events.Event, it: events.StepCompleted) -> None:
        step = self._step(event)
        step.state, step.note = "done", it.summary
        self.resumed = None
        step.seconds = it.duration.ToTimedelta().total_seconds()

    def _step_failed(self, event: events.Event, it: events.StepFailed) -> None:
        step = self._step(event)
        step.state, step.note = "failed", it.message
        step.seconds = it.duration.ToTimedelta().total_seconds()

    def _step_skipped(self, event: events.Event, it: events.StepSkipped) -> None:
        step = self._step(event)
        step.state, step.note = "skipped", it.cause

    def _text_delta(self, event: events.Event, it: events.TextDelta) -> None:
        if it.channel != events.CHANNEL_CONTRIBUTION:  # of several parts at once: each has its own
            self._turn_page(event, it.channel)
            self.texts[it.channel] = self.texts.get(it.channel, "") + it.text

    def _turn_page(self, event: events.Event, channel: events.Channel) -> None:
        """A query that is written anew replaces the one before; answers of several rounds follow each other."""
        source = (event.step, event.attempt)
        if self._text_from.setdefault(channel, source) != source:
            self._text_from[channel] = source
            fresh = channel in {events.CHANNEL_SQL, events.CHANNEL_EXPLANATION}
            self._kept[channel] = "" if fresh else self.texts.get(channel, "") + "\n\n"
            self.texts[channel] = self._kept[channel]

    def _text_completed(self, event: events.Event, it: events.TextCompleted) -> None:
        if it.channel != events.CHANNEL_CONTRIBUTION:
            self._turn_page(event, it.channel)
            self.texts[it.channel] = self._kept.get(it.channel, "") + it.text

    def _say(self, event: events.Event, name: str, what: Any) -> None:
        setattr(self, name, what)
        self._said_by[name] = event.step

    def _schema_matched(self, event: events.Event, it: events.SchemaMatched) -> None:
        self._say(event, "schema", it)

    def _plan_validated(self, event: events.Event, it: events.PlanValidated) -> None:
        self._say(event, "plan", list(it.operations))

    def _query_proposed(self, event: events.Event, it: events.QueryProposed) -> None:
        self._say(event, "query", it)
        self.refusal, self._queries[it.query_id] = None, it
        # What was streamed before may have been of another query, for instance the one that a person edited.
        self.texts[events.CHANNEL_SQL], self.texts[events.CHANNEL_EXPLANATION] = it.text, it.explanation

    def _query_validated(self, _: events.Event, it: events.QueryValidated) -> None:
        self._checked[it.query_id] = it.text

    def _show(self, query_id: str) -> None:
        """Take up again a query that was proposed before another one, which for instance was refused."""
        query = self._queries.get(query_id)
        if query is not None and query is not self.query:
            self.query = query
            self.texts[events.CHANNEL_SQL], self.texts[events.CHANNEL_EXPLANATION] = query.text, query.explanation

    def _query_refused(self, event: events.Event, it: events.QueryRefused) -> None:
        self._say(event, "refusal", it)

    def _table_started(self, event: events.Event, it: events.TableStarted) -> None:
        self.tables[it.table_id] = TableView(list(it.columns), event.step, event.attempt, it.query_id)
        self._show(it.query_id)
        if self.refusal is not None and self.refusal.query_id != it.query_id:
            self.refusal = None

    def _table_rows(self, _: events.Event, it: events.TableRows) -> None:
        table = self.tables.get(it.table_id)
        if table is None:  # its columns came before this view began
            return
        if len(table.rows) < self.keep_rows and it.columns:
            table.rows.extend(list(texts(it))[: self.keep_rows - len(table.rows)])
        table.count += it.row_count

    def _table_completed(self, _: events.Event, it: events.TableCompleted) -> None:
        if table := self.tables.get(it.table_id):
            table.done, table.count, table.message = True, it.rows, it.message

    def _finding(self, event: events.Event, it: events.Finding) -> None:
        self.findings.append(it)
        self._found_by.append(event.step)

    def _chart(self, event: events.Event, it: events.Chart) -> None:
        self._say(event, "chart", it)
        self.charts[it.table_id] = it

    def _follow_ups(self, event: events.Event, it: events.FollowUps) -> None:
        self._say(event, "follow_ups", list(it.questions))

    def _model_called(self, event: events.Event, it: events.ModelCalled) -> None:
        call = events.ModelCalled()
        call.CopyFrom(it)
        call.ClearField("prompt")
        call.ClearField("response")
        self.calls.append((event.step, call))

    def thinking(self) -> str:
        """Return what a step that is under way thinks aloud."""
        step, _ = self._text_from.get(events.CHANNEL_REASONING, ("", 0))
        running = step in self.steps and self.steps[step].state == "running"
        kept = len(self._kept.get(events.CHANNEL_REASONING, ""))
        return self.texts.get(events.CHANNEL_REASONING, "")[kept:] if running else ""

    def _completed(self, _: events.Event, it: events.RunCompleted) -> None:
        self._end("completed", it)

    def _failed(self, _: events.Event, it: events.RunFailed) -> None:
        self._end("failed", it)

    def _cancelled(self, _: events.Event, it: events.RunCancelled) -> None:
        self._end("cancelled", it)

    def _end(self, state: str, it: events.RunCompleted | events.RunFailed | events.RunCancelled) -> None:
        self.state, self.ending = state, it
        self.position, self.paused_by, self.input, self.resumed = 0, "", None, None
        if self._reported and self.tables:
            first, table = next(iter(self.tables.items()))
            self._show(table.query_id)
            self.chart = self.charts.get(first)
