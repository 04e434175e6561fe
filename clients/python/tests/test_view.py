"""A view folds events to what a reader sees."""

import pytest

from levada.v1 import event_pb2 as events
from levada.view import RunView


class Said:
    """Numbers events as a run does."""

    def __init__(self) -> None:
        self.view = RunView(keep_rows=3)
        self.sequence = 0

    def __call__(self, step: str = "", attempt: int = 0, **payload) -> RunView:
        self.sequence += 1
        self.view.add(events.Event(run_id="r", sequence=self.sequence, step=step, attempt=attempt, **payload))
        return self.view


@pytest.fixture
def said() -> Said:
    said = Said()
    info = events.StepInfo(step="execute_sql", title="Running the query...", icon="📊")
    said(started=events.RunStarted(pipeline="query", question="How many?", steps=[info]))
    return said


def rows(table: str, *values: int) -> events.TableRows:
    column = events.ColumnValues(ints=events.IntValues(values=values))
    return events.TableRows(table_id=table, row_count=len(values), columns=[column])


def test_announced_steps_are_pending_until_they_begin(said: Said) -> None:
    assert said.view.steps["execute_sql"].state == "pending"
    said("execute_sql", 1, step_started=events.StepStarted(title="Running the query..."))
    assert said.view.steps["execute_sql"].state == "running"


def test_steps_that_are_known_once_sources_are_chosen_stand_in_their_order(said: Said) -> None:
    said("choose", 1, step_started=events.StepStarted(title="Choosing..."))
    ahead = [events.StepInfo(step=name, title=name) for name in ("plan", "combine", "execute_sql")]
    view = said("choose", 1, sources_selected=events.SourcesSelected(pipeline="federated", steps=ahead))
    assert list(view.steps) == ["choose", "plan", "combine", "execute_sql"]


def test_pieces_of_text_join_on_their_channel(said: Said) -> None:
    said("generate_sql", 1, text_delta=events.TextDelta(channel=events.CHANNEL_SQL, text="SELECT "))
    view = said("generate_sql", 1, text_delta=events.TextDelta(channel=events.CHANNEL_SQL, text="1"))
    assert view.texts[events.CHANNEL_SQL] == "SELECT 1"


def test_a_query_written_anew_replaces_the_one_before(said: Said) -> None:
    said("generate_sql", 1, text_delta=events.TextDelta(channel=events.CHANNEL_SQL, text="SELECT broken"))
    view = said("generate_sql#2", 1, text_delta=events.TextDelta(channel=events.CHANNEL_SQL, text="SELECT 1"))
    assert view.texts[events.CHANNEL_SQL] == "SELECT 1"


def test_answers_of_several_rounds_follow_each_other(said: Said) -> None:
    said("analyze_results", 1, text_delta=events.TextDelta(channel=events.CHANNEL_ANSWER, text="It fell."))
    view = said(
        "analyze_results#2", 1, text_completed=events.TextCompleted(channel=events.CHANNEL_ANSWER, text="In May.")
    )
    assert view.texts[events.CHANNEL_ANSWER] == "It fell.\n\nIn May."


def test_what_an_earlier_attempt_streamed_is_dropped_when_the_attempt_rises(said: Said) -> None:
    said("execute_sql", 1, step_started=events.StepStarted(title="Running"))
    said("execute_sql", 1, table_started=events.TableStarted(table_id="t", columns=[events.ResultColumn(name="n")]))
    said("execute_sql", 1, table_rows=rows("t", 1, 2))
    said("execute_sql", 1, text_delta=events.TextDelta(channel=events.CHANNEL_ANSWER, text="half an ans"))
    view = said("execute_sql", 2, step_started=events.StepStarted(title="Running"))
    assert view.table is None
    assert view.texts[events.CHANNEL_ANSWER] == ""


def test_all_rows_are_counted_and_the_first_kept(said: Said) -> None:
    said("execute_sql", 1, table_started=events.TableStarted(table_id="t", columns=[events.ResultColumn(name="n")]))
    view = said("execute_sql", 1, table_rows=rows("t", 1, 2, 3, 4, 5))
    assert view.table is not None
    assert (view.table.rows, view.table.count) == ([(1,), (2,), (3,)], 5)


def test_a_payload_that_the_reader_does_not_know_keeps_its_number(said: Said) -> None:
    unknown = events.Event()
    # Field 9999, length-delimited and empty: a payload of a later version.
    unknown.ParseFromString(events.Event(run_id="r", sequence=2).SerializeToString() + b"\xfa\xf0\x04\x00")
    said.view.add(unknown)
    assert said.view.last_sequence == 2
    assert said.view.ending is None


def test_a_view_that_begins_in_the_middle_shows_what_it_hears(said: Said) -> None:
    view = RunView()
    said.view = view
    said("execute_sql", 1, step_progressed=events.StepProgressed(message="Fetching your data..."))
    said("execute_sql", 1, table_rows=rows("t", 1))
    said("execute_sql", 1, table_completed=events.TableCompleted(table_id="t", rows=1))
    said("execute_sql", 1, step_completed=events.StepCompleted(summary="1 row"))
    assert view.steps["execute_sql"].state == "done"
    assert view.table is None


def test_a_query_that_a_person_edited_stands_in_place_of_the_streamed_one(said: Said) -> None:
    said("generate_sql", 1, text_delta=events.TextDelta(channel=events.CHANNEL_SQL, text="SELECT 1"))
    edited = events.QueryProposed(query_id="q-2", text="SELECT 2", explanation="As edited.", author="person")
    view = said("validate_sql", 1, query_proposed=edited)
    assert view.texts[events.CHANNEL_SQL] == "SELECT 2"
    assert view.texts[events.CHANNEL_EXPLANATION] == "As edited."


def test_everything_that_an_interrupted_attempt_said_is_dropped_when_another_begins(said: Said) -> None:
    """After a crash another server does the step again: what it says must not stand beside what it said before."""
    said("analyze_results", 1, step_started=events.StepStarted(title="Finding"))
    said("analyze_results", 1, finding=events.Finding(text="It rose."))
    said("analyze_results", 1, chart=events.Chart(title="Old"))
    said("analyze_results", 1, follow_ups=events.FollowUps(questions=["Why?"]))
    said("compare", 1, finding=events.Finding(text="Of another step."))
    view = said(resumed=events.RunResumed(by="server", cause="worker lost"))
    assert view.resumed is not None
    view = said("analyze_results", 2, step_started=events.StepStarted(title="Finding"))
    assert [finding.text for finding in view.findings] == ["Of another step."]
    assert view.chart is None
    assert view.follow_ups == []
    view = said("analyze_results", 2, finding=events.Finding(text="It rose."))
    assert [finding.text for finding in view.findings] == ["Of another step.", "It rose."]


def test_an_attempt_that_is_first_heard_of_in_its_midst_voids_the_one_before(said: Said) -> None:
    said("execute_sql", 1, table_started=events.TableStarted(table_id="t", columns=[events.ResultColumn(name="n")]))
    view = said("execute_sql", 2, step_progressed=events.StepProgressed(message="Fetching your data..."))
    assert view.table is None


def test_a_run_is_shown_as_paused_and_as_going_on(said: Said) -> None:
    view = said(paused=events.RunPaused(by="ada"))
    assert (view.state, view.paused_by) == ("paused", "ada")
    view = said(resumed=events.RunResumed(by="ada", cause="resumed"))
    assert (view.state, view.paused_by) == ("running", "")


def test_a_run_waits_until_its_question_is_answered(said: Said) -> None:
    asked = events.InputRequested(input_id="i", kind=events.INPUT_KIND_APPROVAL, prompt="May it run?")
    assert said(input_requested=asked).state == "waiting"
    assert said(resumed=events.RunResumed(by="server", cause="worker lost")).state == "waiting"
    assert said(input_received=events.InputReceived(input_id="i")).state == "running"


def test_a_fork_knows_what_it_came_from_and_what_it_kept(said: Said) -> None:
    view = said(started=events.RunStarted(question="And now?", forked_from="a", kept_steps=["classify_intent"]))
    assert (view.forked_from, view.kept_steps) == ("a", ["classify_intent"])


def test_the_place_in_the_queue_follows_what_is_told_until_the_run_begins() -> None:
    view, said = RunView(), Said()
    said.view = view
    assert said(queued=events.RunQueued(position=3)).position == 3
    assert said(queued=events.RunQueued(position=2)).position == 2
    assert said(started=events.RunStarted(question="?")).position == 0


def test_the_query_that_ran_stands_above_its_rows_though_an_edit_of_it_was_refused(said: Said) -> None:
    said("generate_sql", 1, query_proposed=events.QueryProposed(query_id="q", text="select 1", explanation="One."))
    said("validate_sql", 1, query_validated=events.QueryValidated(query_id="q", text="SELECT 1 LIMIT 10"))
    asked = events.InputRequested(input_id="q", kind=events.INPUT_KIND_APPROVAL, query="SELECT 1 LIMIT 10")
    said(input_requested=asked)
    said("validate_sql#2", 1, step_started=events.StepStarted(title="Double-checking"))
    said("validate_sql#2", 1, query_proposed=events.QueryProposed(query_id="q-1", text="DROP TABLE x"))
    view = said("validate_sql#2", 1, query_refused=events.QueryRefused(query_id="q-1", rule="write", message="No."))
    assert view.texts[events.CHANNEL_SQL] == "DROP TABLE x"
    view = said(input_requested=asked)
    assert view.texts[events.CHANNEL_SQL] == "select 1"
    assert view.refusal is not None
    view = said("execute_sql", 1, table_started=events.TableStarted(table_id="t", query_id="q"))
    assert (view.texts[events.CHANNEL_SQL], view.texts[events.CHANNEL_EXPLANATION]) == ("select 1", "One.")
    assert view.query is not None
    assert view.query.query_id == "q"
    assert view.refusal is None


def test_a_step_that_is_done_again_stands_before_those_that_have_not_begun(said: Said) -> None:
    said("validate_sql", 1, step_started=events.StepStarted(title="Double-checking"))
    view = said("validate_sql#2", 1, step_started=events.StepStarted(title="Double-checking"))
    assert list(view.steps) == ["validate_sql", "validate_sql#2", "execute_sql"]
