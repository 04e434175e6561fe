"""A run as it looks now, folded from its events: the same fold for the live view, a late one and a replay."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from levada.batches import texts
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
    """Everything a reader can show of a run. Feed it events in order with *add*."""

    keep_rows: int = 20
    run_id: str = ""
    question: str = ""
    position: int = 0
    progress: float = 0.0
    last_sequence: int = 0
    steps: dict[str, StepView] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    query: events.QueryProposed | None = None
    refusal: events.QueryRefused | None = None
    tables: dict[str, TableView] = field(default_factory=dict)
    findings: list[events.Finding] = field(default_factory=list)
    chart: events.Chart | None = None
    follow_ups: list[str] = field(default_factory=list)
    input: events.InputRequested | None = None
    schema: events.SchemaMatched | None = None
    ending: events.RunCompleted | events.RunFailed | events.RunCancelled | None = None
    _text_from: dict[int, tuple[str, int]] = field(default_factory=dict)
    _kept: dict[int, str] = field(default_factory=dict)

    def add(self, event: events.Event) -> None:
        """Take *event* in. Payloads that this version does not know change nothing but the number."""
        self.run_id, self.last_sequence, self.progress = event.run_id, event.sequence, event.progress
        kind = event.WhichOneof("payload")
        take: Callable[[events.Event, Any], None] | None = getattr(self, f"_{kind}", None) if kind else None
        if take is not None:
            take(event, getattr(event, str(kind)))

    @property
    def table(self) -> TableView | None:
        """The newest table."""
        return next(reversed(self.tables.values()), None)

    def _queued(self, _: events.Event, it: events.RunQueued) -> None:
        self.position = it.position

    def _started(self, _: events.Event, it: events.RunStarted) -> None:
        self.position, self.question = 0, it.question
        for s in it.steps:
            self.steps.setdefault(s.step, StepView(s.step, s.title, s.icon, s.category, s.conditional))

    def _input_requested(self, _: events.Event, it: events.InputRequested) -> None:
        self.input = it

    def _input_received(self, _: events.Event, it: events.InputReceived) -> None:
        self.input = None

    def _step_started(self, event: events.Event, it: events.StepStarted) -> None:
        step = self.steps.setdefault(event.step, StepView(event.step, it.title, it.icon, it.category))
        step.title, step.state, step.note = it.title, "running", ""
        known = it.HasField("estimated_duration")
        step.estimate = it.estimated_duration.ToTimedelta().total_seconds() if known else None
        if event.attempt > step.attempt:
            self._void(event)
        step.attempt = event.attempt

    def _void(self, event: events.Event) -> None:
        """Drop what an earlier attempt of the step streamed."""
        self.tables = {k: t for k, t in self.tables.items() if t.step != event.step}
        for channel in [c for c, source in self._text_from.items() if source[0] == event.step]:
            self.texts[channel] = self._kept.get(channel, "")
            self._text_from[channel] = (event.step, event.attempt)

    def _step(self, event: events.Event) -> StepView:
        """Return the step of *event*; a view that began in the middle has not heard of it yet."""
        return self.steps.setdefault(event.step, StepView(event.step, event.step, "•", events.CATEGORY_UNSPECIFIED))

    def _step_progressed(self, event: events.Event, it: events.StepProgressed) -> None:
        self._step(event).note = it.message

    def _step_completed(self, event: events.Event, it: events.StepCompleted) -> None:
        step = self._step(event)
        step.state, step.note = "done", it.summary
        step.seconds = it.duration.ToTimedelta().total_seconds()

    def _step_failed(self, event: events.Event, it: events.StepFailed) -> None:
        step = self._step(event)
        step.state, step.note = "failed", it.message
        step.seconds = it.duration.ToTimedelta().total_seconds()

    def _step_skipped(self, event: events.Event, it: events.StepSkipped) -> None:
        step = self._step(event)
        step.state, step.note = "skipped", it.cause

    def _text_delta(self, event: events.Event, it: events.TextDelta) -> None:
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
        self._turn_page(event, it.channel)
        self.texts[it.channel] = self._kept.get(it.channel, "") + it.text

    def _schema_matched(self, _: events.Event, it: events.SchemaMatched) -> None:
        self.schema = it

    def _query_proposed(self, _: events.Event, it: events.QueryProposed) -> None:
        self.query, self.refusal = it, None
        # What was streamed before may have been of another query, for instance the one that a person edited.
        self.texts[events.CHANNEL_SQL], self.texts[events.CHANNEL_EXPLANATION] = it.text, it.explanation

    def _query_refused(self, _: events.Event, it: events.QueryRefused) -> None:
        self.refusal = it

    def _table_started(self, event: events.Event, it: events.TableStarted) -> None:
        self.tables[it.table_id] = TableView(list(it.columns), event.step, event.attempt, it.query_id)

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

    def _finding(self, _: events.Event, it: events.Finding) -> None:
        self.findings.append(it)

    def _chart(self, _: events.Event, it: events.Chart) -> None:
        self.chart = it

    def _follow_ups(self, _: events.Event, it: events.FollowUps) -> None:
        self.follow_ups = list(it.questions)

    def _completed(self, _: events.Event, it: events.RunCompleted) -> None:
        self.ending = it

    def _failed(self, _: events.Event, it: events.RunFailed) -> None:
        self.ending = it

    def _cancelled(self, _: events.Event, it: events.RunCancelled) -> None:
        self.ending = it
