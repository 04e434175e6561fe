"""The terminal's screen draws a view for people."""

import pytest
from google.protobuf import duration_pb2
from rich.console import Console

from levada.cli import screen
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
