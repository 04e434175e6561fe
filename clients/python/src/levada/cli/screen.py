"""A RunView as something to look at: steps, progress, query, rows, chart, answer."""

import math
import time
from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from levada.cli import chart, parted
from levada.cli.clean import clean
from levada.cli.fitting import Fitting
from levada.cli.listing import category_style
from levada.cli.planned import asks, does
from levada.cli.spending import facts_of, spent
from levada.v1 import event_pb2 as events
from levada.view import RunView, StepView, TableView

ROWS_SHOWN = 12
THOUGHTS_SHOWN = 3
CELL_WIDTH = 40
NUMBERS = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL}
INDENT = (0, 0, 0, 2)
Ended = events.RunCompleted | events.RunFailed | events.RunCancelled


class Screen:
    """Draws a view; spinners keep their own time between draws."""

    def __init__(self, view: RunView, lost: object = "", verbose: bool = False, reveal: bool = False) -> None:
        """Draw *view*; *lost* is what is to be said of the connection. *verbose* lists models' calls."""
        self.view = view
        self._verbose, self._reveal = verbose, reveal
        self._lost = lost
        self._spinner = Spinner("dots", style="cyan")
        self._since: dict[tuple[str, int], float] = {}

    def draw(self, width: int) -> RenderableType:
        """Return everything there is to see: what of it fits while the run moves, all of it once it does not."""
        if not self.view.last_sequence:  # it may yet be refused: then there is no run to be seen
            return Group(*self._standstill())
        head, body = Group(*self._head(width)), Group(*self._body(width))
        moves = self.view.ending is None and self.view.state == "running"
        return Fitting(head, body) if moves else Group(head, body)

    def _head(self, width: int) -> Iterator[RenderableType]:
        view = self.view
        yield Text.assemble(("\n❯ ", "bold cyan"), (view.question, "bold"), "\n")
        if view.forked_from:
            yield Padding(Text(forked(view), "dim"), (0, 0, 1, 2))
        yield self._steps()
        yield self._bar(width)
        yield from self._standstill()
        yield from self._models()

    def _body(self, width: int) -> Iterator[RenderableType]:
        view = self.view
        if not view.parts:  # what its parts asked and got is theirs
            yield from self._query()
            if view.table is not None:
                yield Padding(_table(view.table, view.ending is not None), (1, 0, 0, 2))
            yield from self._chart(width)
        yield from parted.draw(view, width, self._reveal)
        yield from self._answer()
        yield from _ending(view)

    def _steps(self) -> RenderableType:
        grid = Table.grid(padding=(0, 1))
        for name in ("state", "icon", "title", "note", "time"):
            grid.add_column(name, justify="right" if name == "time" else "left", no_wrap=name != "note")
        if self.view.position:
            grid.add_row(self._spinner, "🕐", f"Waiting, number {self.view.position} in the queue", "", "")
        for step in self.view.steps.values():
            if (step.conditional and step.state == "pending") or (self.view.parts and "/" in step.name):
                continue
            grid.add_row(*self._step(step))
        return Padding(grid, INDENT)

    def _step(self, step: StepView) -> tuple[RenderableType, ...]:
        style = category_style(step.category)
        marks = {"done": Text("✓", "green"), "failed": Text("✗", "red"), "skipped": Text("–", "dim")}
        stopped = Text("–" if self.view.ending is not None and step.state == "running" else "·", "dim")
        mark = marks.get(step.state, self._spinner if self._moves(step) else stopped)
        title = Text(
            step.title, {"pending": "dim", "skipped": "dim", "running": f"bold {style}"}.get(step.state, style)
        )
        # What a failed run says, and what begins an answer, stands below, once.
        said = isinstance(self.view.ending, events.RunFailed) and step.note == self.view.ending.message
        said = said or ("\n" in step.note and step.note in self.view.texts.get(events.CHANNEL_ANSWER, ""))
        return mark, step.icon, title, Text("" if said else step.note, "dim"), Text(self._clock(step), "dim")

    def _moves(self, step: StepView) -> bool:
        return step.state == "running" and self.view.state == "running"

    def _clock(self, step: StepView) -> str:
        """Return what a step took; while it runs what it has taken, with the estimate for as long as that holds."""
        if step.state != "running":
            return duration(step.seconds) if step.seconds is not None else ""
        now = time.monotonic()
        taken = now - self._since.setdefault((step.name, step.attempt), now)
        if step.estimate is not None and taken < max(step.estimate, 1):
            return f"about {duration(step.estimate)}"
        return f"{taken:.0f} s" if taken >= 1 else ""

    def _bar(self, width: int) -> RenderableType:
        done = isinstance(self.view.ending, events.RunCompleted)
        bar = ProgressBar(
            100, self.view.progress * 100, width=min(48, width - 12), complete_style="green" if done else "cyan"
        )
        grid = Table.grid(padding=(0, 1))
        grid.add_row(bar, Text(f"{self.view.progress:.0%}", "bold"))
        return Padding(grid, (1, 0, 0, 2))

    def _standstill(self) -> Iterator[RenderableType]:
        """Say why nothing moves, or why it moves again."""
        if lost := str(self._lost):
            yield Padding(Text(f"⚠ {lost}", "bold red"), (1, 0, 0, 2))
        elif self.view.state == "paused":
            yield Padding(Text(paused(self.view), "bold cyan"), (1, 0, 0, 2))
        elif self.view.resumed is not None:
            yield Padding(Text(f"▶ {goes_on(self.view.resumed)}", "cyan"), (1, 0, 0, 2))

    def _models(self) -> Iterator[RenderableType]:
        """Tell of models: each call when asked to, what one thinks aloud now, and what is worth knowing of it all."""
        if self._verbose and self.view.calls:
            grid = Table.grid(padding=(0, 1))
            for step, call in self.view.calls:
                grid.add_row("🧠", *(Text(fact, "dim") for fact in facts_of(step, call)))
            yield Padding(grid, (1, 0, 0, 2))
        if thinking := clean(self.view.thinking()).strip():
            yield Padding(Text("\n".join(thinking.splitlines()[-THOUGHTS_SHOWN:]), "dim italic"), (1, 2, 0, 2))
        if remarks := dict.fromkeys(clean(remark) for _, remark in self.view.remarks):
            yield Padding(Text("\n".join(f"⚠ {remark}" for remark in remarks), "bold yellow"), (1, 0, 0, 2))

    def _query(self) -> Iterator[RenderableType]:
        texts = self.view.texts
        reading = texts.get(events.CHANNEL_EXPLANATION) or (self.view.query.explanation if self.view.query else "")
        query = texts.get(events.CHANNEL_SQL) or (self.view.query.text if self.view.query else "")
        if not query and not self.view.tables:
            yield from self._plan()
        if query:
            # It is drawn while it is written too, before anything says what language it is in.
            language = "json" if query.lstrip().startswith("{") else "sql"
            yield Padding(_code(query, language), (1, 0, 0, 2))
        if reading:
            yield Padding(Text(reading, "italic yellow"), INDENT)
        if self.view.query is not None and self.view.query.unused_words:
            unused = ", ".join(self.view.query.unused_words)
            yield Padding(Text(f"⚠ Not used: {unused}", "bold yellow"), INDENT)
        if self.view.schema is not None:
            yield from (Padding(Text(f"⚠ {problem}", "yellow"), INDENT) for problem in self.view.schema.problems)
        refusal, end = self.view.refusal, self.view.ending
        if refusal is not None and not (isinstance(end, events.RunFailed) and end.message == refusal.message):
            own = self.view.query is None or self.view.query.query_id == refusal.query_id
            which = "Refused" if own else "The edited query was refused"
            yield Padding(Text(f"{which} ({refusal.rule}): {refusal.message}", "red"), INDENT)

    def _plan(self) -> Iterator[RenderableType]:
        """Show a plan that was not carried out, or not yet."""
        for operation in self.view.plan or ():
            yield Padding(Text(does(operation), "bold"), (1, 0, 0, 2))
            query, language = asks(operation)
            if query:
                yield Padding(_code(query, language), (0, 0, 0, 4))

    def _chart(self, width: int) -> Iterator[RenderableType]:
        pictured = self.view.chart
        table = self.view.tables.get(pictured.table_id) if pictured is not None else None
        drawn = chart.draw(pictured, table, min(width, 100)) if pictured is not None and table is not None else None
        if pictured is not None and drawn is not None:
            said = [Text(pictured.explanation, "dim italic")] if pictured.explanation else []
            yield Padding(Group(Text(pictured.title, "bold"), drawn, *said), (1, 0, 0, 2))

    def _answer(self) -> Iterator[RenderableType]:
        answer = self.view.texts.get(events.CHANNEL_ANSWER, "")
        if answer:
            yield Padding(Markdown(answer), (1, 2, 0, 2))
        report = self.view.texts.get(events.CHANNEL_REPORT, "")
        if report:
            yield Padding(Markdown(report), (1, 2, 0, 2))
        if self.view.follow_ups and (self.view.ending is not None or not report):
            lines = "\n".join(f"  • {question}" for question in self.view.follow_ups)
            yield Padding(Text.assemble(("You could also ask\n", "bold"), lines), (1, 0, 0, 2))


def _code(query: str, language: str) -> Syntax:
    return Syntax(query, language, theme="ansi_dark", background_color="default", word_wrap=True)


def _table(table: TableView, ended: bool) -> RenderableType:
    grid = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for column in table.columns:
        title = f"{column.name} ({column.unit})" if column.unit else column.name
        numeric = column.type in NUMBERS
        grid.add_column(Text(title), justify="right" if numeric else "left", overflow="ellipsis", max_width=CELL_WIDTH)
    for row in table.rows[:ROWS_SHOWN]:
        grid.add_row(*(_cell(value, column) for value, column in zip(row, table.columns, strict=True)))
    visible = min(len(table.rows), ROWS_SHOWN)
    more = f"… {table.count - visible:,} more" if table.count > visible else ""
    if not table.done and not ended:
        more = f"{table.count:,} rows so far …"
    return Group(grid, Text(" ".join(filter(None, [more, table.message])), "dim"))


def _cell(value: object, column: events.ResultColumn) -> Text:
    return Text("NULL", "dim") if value is None else Text(shown(value))


def shown(value: object) -> str:
    """Return a cell's value for people."""
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if isinstance(value, float):
        # Sums of decimals in SQLite carry the dust of binary fractions; small figures keep what they have.
        return f"{value:,.2f}" if abs(value) >= 1 and math.isfinite(value) else f"{value:.6g}"
    return clean(str(value)).replace("\n", " ")


def _ending(view: RunView) -> Iterator[RenderableType]:
    end = view.ending
    facts = _facts(view, end) if end is not None else ""
    if isinstance(end, events.RunCompleted):
        if end.outcome == events.OUTCOME_CLARIFICATION_NEEDED:
            yield Text.assemble(("\n❓ ", ""), (end.clarification.prompt, "bold"))
            for number, option in enumerate(end.clarification.options, 1):
                yield Text(f"   {number}. {option.label}")
            yield Text(f"   {facts}\n", "dim")
            return
        # The answer above begins with the summary: the ending need not say it again.
        told = end.summary in view.texts.get(events.CHANNEL_ANSWER, "")
        yield Text.assemble(("\n✅ ", ""), ("Done!" if told else end.summary, "bold"), (f"\n   {facts}\n", "dim"))
    elif isinstance(end, events.RunFailed):
        tried = "".join(f"\n   tried: {line}" for line in end.tried)
        yield Text.assemble(("\n❌ ", ""), (end.message, "bold red"), (f"{tried}\n   {facts}\n", "dim"))
    elif isinstance(end, events.RunCancelled):
        yield Text.assemble(("\n⏹  Cancelled", "bold yellow"), (f" by {end.by} {end.cause}\n   {facts}\n", "dim"))


def _facts(view: RunView, end: Ended) -> str:
    """Return what the run took, however it ended: one that failed was paid for, too."""
    rows = _rows(end.totals.rows) + (" fetched" if len(view.tables) > 1 else "") if view.tables else ""
    return " · ".join(filter(None, [took(end.totals), rows, spent(end.totals, len(view.calls)), view.run_id]))


def took(totals: events.Totals) -> str:
    """Return how long a run took; nothing where that is not known."""
    return duration(totals.duration.ToTimedelta().total_seconds()) if totals.HasField("duration") else ""


def paused(view: RunView) -> str:
    """Return that a run rests, and how it goes on."""
    return f"⏸ Paused by {view.paused_by}. Let it go on: levada resume {view.run_id}"


def goes_on(resumed: events.RunResumed) -> str:
    """Return why a run goes on."""
    moved = {"worker lost": "The server that worked on it was lost", "server stopped": "Its server stopped"}
    if resumed.cause in moved:
        return f"{moved[resumed.cause]}; the run goes on from the last completed step."
    if resumed.cause == "waited":
        return "Has its answer; it continues from the last completed step."
    return f"Goes on, resumed by {resumed.by}."


def forked(view: RunView) -> str:
    """Return what a fork came from and what it kept."""
    return f"Forked from {view.forked_from}; kept: {', '.join(view.kept_steps) or 'nothing'}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def duration(seconds: float) -> str:
    """Return a span of time for people."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
