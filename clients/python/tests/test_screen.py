"""The terminal's screen draws a view for people."""

from types import SimpleNamespace

import pytest
from google.protobuf import duration_pb2
from rich.console import Console

from levada.cli import connection, screen
from levada.retry import Reconnect
from levada.v1 import event_pb2 as events
from levada.view import RunView


def drawn(pictured: screen.Screen) -> str:
    console = Console(width=100, force_terminal=False)
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
