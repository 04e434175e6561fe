"""The terminal's screen draws a view for people."""

from types import SimpleNamespace

import pytest
from google.protobuf import duration_pb2
from rich.console import Console

from levada.cli import connection, plain, screen
from levada.retry import Reconnect
from levada.v1 import event_pb2 as events
from levada.view import RunView


def drawn(pictured: screen.Screen) -> str:
    console = Console(width=100, height=40, force_terminal=False)
    with console.capture() as captured:
        console.print(pictured.draw(100))
    return captured.get()


def test_an_estimate_gives_way_to_the_time_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    view, now = RunView(), 100.0
    monkeypatch.setattr(screen.time, "monotonic", lambda: now)
    started = events.StepStarted(title="Running the query...", estimated_duration=duration_pb2.Duration(seconds=2))
    view.add(events.Event(run_id="r", sequence=1, step="execute_sql", attempt=1, step_started=started))
    pictured = screen.Screen(view)
    assert "about 2.0 s" in drawn(pictured)
    now = 107.0
    assert "about" not in drawn(pictured)
    assert "7 s" in drawn(pictured)


def test_what_was_not_used_of_the_question_is_said() -> None:
    view = RunView()
    proposed = events.QueryProposed(query_id="q", text="SELECT 1", unused_words=["flurbs"])
    view.add(events.Event(run_id="r", sequence=1, step="generate_sql", attempt=1, query_proposed=proposed))
    assert "Not used: flurbs" in drawn(screen.Screen(view))


def test_a_lost_connection_is_counted_down_and_forgotten_when_it_stands_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(connection.time, "monotonic", lambda: now)
    stream = SimpleNamespace(reconnecting=None, on_reconnect=None)
    pictured = screen.Screen(RunView(), connection.Lost(stream))
    assert "Connection lost" not in drawn(pictured)
    stream.reconnecting = Reconnect(4, 5.0, "The connection broke.", "r", 7)
    stream.on_reconnect(stream.reconnecting)
    assert "Connection lost, trying again in 5 s … (attempt 4)" in drawn(pictured)
    now = 103.0
    assert "trying again in 2 s …" in drawn(pictured)
    stream.reconnecting = None
    assert "Connection lost" not in drawn(pictured)


def test_a_pause_says_how_to_go_on_and_a_hand_over_says_that_it_was_one() -> None:
    view = RunView()
    view.add(events.Event(run_id="r", sequence=1, paused=events.RunPaused(by="ada")))
    assert "Paused by ada. Let it go on: levada resume r" in drawn(screen.Screen(view))
    view.add(events.Event(run_id="r", sequence=2, resumed=events.RunResumed(by="server", cause="worker lost")))
    assert "the run goes on from the last completed step" in drawn(screen.Screen(view))
    done = events.StepCompleted(summary="1 row")
    view.add(events.Event(run_id="r", sequence=3, step="execute_sql", attempt=2, step_completed=done))
    assert "the run goes on" not in drawn(screen.Screen(view))


def test_a_store_that_is_away_is_not_called_a_lost_connection() -> None:
    away = Reconnect(4, 5.0, "The store can't be reached.", "r", 7, "STORE_UNAVAILABLE")
    assert connection.told(away, 5.0) == "The server can't reach its store, trying again in 5 s … (attempt 4)"


def called(**facts: object) -> events.Event:
    call = events.ModelCalled(
        model="openai:m", template="answering/nl2sql@1", input_tokens=3120, output_tokens=180, **facts
    )
    call.duration.FromMilliseconds(1550)
    call.time_to_first_token.FromMilliseconds(400)
    return events.Event(run_id="r", sequence=1, step="generate_sql", attempt=1, model_called=call)


def ended(totals: events.Totals) -> events.Event:
    done = events.RunCompleted(summary="Done.", totals=totals)
    return events.Event(run_id="r", sequence=2, progress=1, completed=done)


def lines(view: RunView, event: events.Event, verbose: bool = False) -> str:
    view.add(event)
    return "\n".join(plain.lines(event, view, verbose))


def test_what_models_took_and_cost_stands_in_the_end_line() -> None:
    totals = events.Totals(input_tokens=3120, output_tokens=180, cost_usd=0.0121)
    view = RunView()
    view.add(called())
    assert "(1 model call · 3,300 tokens · $0.0121, run r)" in lines(view, ended(totals))
    assert "1 model call · 3,300 tokens · $0.0121 · r" in drawn(screen.Screen(view))
    totals.ClearField("cost_usd")
    assert "3,300 tokens · cost unknown" in lines(RunView(), ended(totals))
    assert "(run r)" in lines(RunView(), ended(events.Totals()))


def test_each_call_is_told_when_that_is_asked_for() -> None:
    view, call = RunView(), called(cost_usd=0.0121)
    told = "generate_sql · openai:m · answering/nl2sql@1 · 3,120 → 180 tokens · $0.0121 · 1.55 s, first after 0.40 s"
    assert told in lines(view, call, verbose=True)
    assert not lines(view, call)
    assert "3,120 → 180 tokens" in drawn(screen.Screen(view, verbose=True))
    assert "3,120" not in drawn(screen.Screen(view))


def test_what_is_worth_knowing_after_a_step_stays_until_its_next_attempt() -> None:
    view = RunView()
    note = events.StepProgressed(message="The model is down. The planner answers in its place.", lasting=True)
    progressed = events.Event(run_id="r", sequence=1, step="generate_sql", attempt=1, step_progressed=note)
    assert lines(view, progressed) == "     ⚠ The model is down. The planner answers in its place."
    done = events.StepCompleted(summary="Counts orders.")
    view.add(events.Event(run_id="r", sequence=2, step="generate_sql", attempt=1, step_completed=done))
    assert "⚠ The model is down. The planner answers in its place." in drawn(screen.Screen(view))
    started = events.StepStarted(title="Formulating the query...")
    view.add(events.Event(run_id="r", sequence=3, step="generate_sql", attempt=2, step_started=started))
    assert "⚠" not in drawn(screen.Screen(view))


def test_what_is_written_now_is_seen_in_a_low_terminal_and_everything_at_the_end() -> None:
    view = RunView()
    report = "\n\n".join(f"Paragraph {number}." for number in range(60))
    delta = events.TextDelta(channel=events.CHANNEL_REPORT, text=report)
    view.add(events.Event(run_id="r", sequence=1, started=events.RunStarted(question="Why?")))
    view.add(events.Event(run_id="r", sequence=2, step="write_report", attempt=1, text_delta=delta))
    assert "Why?" in drawn(screen.Screen(view))
    assert "Paragraph 59." in drawn(screen.Screen(view))
    assert "Paragraph 3." not in drawn(screen.Screen(view))
    view.add(ended(events.Totals()))
    assert "Paragraph 3." in drawn(screen.Screen(view))


def test_the_answer_of_a_report_is_drawn_with_its_own_table_and_query() -> None:
    view = RunView()
    for number in (1, 2):
        query = events.QueryProposed(query_id=f"q{number}", text=f"SELECT {number}")
        table = events.TableStarted(table_id=f"t{number}", query_id=f"q{number}")
        view.add(events.Event(run_id="r", sequence=number, step=f"s{number}", attempt=1, query_proposed=query))
        view.add(events.Event(run_id="r", sequence=number, step=f"s{number}", attempt=1, table_started=table))
        view.add(
            events.Event(run_id="r", sequence=number, chart=events.Chart(table_id=f"t{number}", title=f"c{number}"))
        )
    delta = events.TextDelta(channel=events.CHANNEL_REPORT, text="See [q1].")
    view.add(events.Event(run_id="r", sequence=3, step="write_report", attempt=1, text_delta=delta))
    assert view.table is view.tables["t2"]
    view.add(ended(events.Totals()))
    assert view.table is view.tables["t1"]
    assert view.chart is not None
    assert view.chart.title == "c1"
    assert view.texts[events.CHANNEL_SQL] == "SELECT 1"


PLAN = events.PlanValidated(
    operations=[
        events.PlannedOperation(
            id="tickets", source="desk", kind="mongodb", description="Count.", params_json='{"collection": "tickets"}'
        ),
        events.PlannedOperation(
            id="combine", kind="combine", depends_on=["tickets"], description="Join.", params_json='{"sql": "SELECT 1"}'
        ),
        events.PlannedOperation(id="hidden", source="vault", kind="sql", description="Fetch."),
    ]
)


def test_a_plan_that_is_not_carried_out_is_shown_with_its_queries() -> None:
    view = RunView()
    event = events.Event(run_id="r", sequence=1, step="validate_plan", attempt=1, plan_validated=PLAN)
    view.add(event)
    for said in (drawn(screen.Screen(view)), "\n".join(plain.lines(event, view))):
        assert "tickets: Count." in said
        assert '{"collection": "tickets"}' in said
        assert "combine: Join. (after tickets)" in said
        assert "SELECT 1" in said
        assert "hidden: Fetch." in said


def test_rows_fetched_from_several_sources_are_not_taken_for_those_of_the_answer() -> None:
    view = RunView()
    for sequence, table in enumerate(("t1", "t2"), 1):
        started = events.TableStarted(table_id=table)
        view.add(events.Event(run_id="r", sequence=sequence, step="s", attempt=1, table_started=started))
    totals = events.Totals(rows=147)
    view.add(events.Event(run_id="r", sequence=3, completed=events.RunCompleted(totals=totals)))
    assert "147 rows fetched" in drawn(screen.Screen(view))
