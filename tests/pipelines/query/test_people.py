"""What people are asked and what becomes of their answers: clarification, approval, follow-ups."""

from core.identity import LOCAL
from core.models.base import Classification, Intent
from core.models.scripted import Scripted
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunOptions
from tests.pipelines.query.house import House, draft

COUNT = "SELECT count(*) AS n FROM ships"
OPTIONS = ["How many ships are there?", "How many calls are there?"]
UNCLEAR = Classification(
    intent=Intent.CLARIFY,
    cause="“they” could be ships or calls.",
    question="How many are they?",
    prompt="Which do you mean?",
    options=OPTIONS,
)
APPROVAL = RunOptions(require_approval=True)


def simple(question: str, intent: Intent = Intent.SIMPLE) -> Classification:
    return Classification(intent=intent, cause="Plain.", question=question)


async def test_a_chosen_reading_is_what_the_same_run_goes_on_with(house: House):
    model = house.plays(draft(COUNT), classifications=[UNCLEAR])
    run = await house.create("How many are they?")
    asked = (await house.watch(run, "input_requested")).one("input_requested")
    assert asked.kind == events.INPUT_KIND_CLARIFICATION
    assert [option.value for option in asked.options] == OPTIONS
    await house.respond(run, input_id=asked.input_id, text=OPTIONS[0])
    seen = await house.watch(run)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert "classify_intent#2" not in seen.steps
    assert OPTIONS[0] in [ask.question for ask in model.asked]


async def test_own_words_are_read_like_a_follow_up(house: House):
    model = house.plays(draft(COUNT), classifications=[UNCLEAR, simple("How many ships are there?")])
    run = await house.create("How many are they?")
    asked = (await house.watch(run, "input_requested")).one("input_requested")
    await house.respond(run, input_id=asked.input_id, text="the ships")
    seen = await house.watch(run)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert "classify_intent#2" in seen.steps
    assert [turn.question for turn in model.asked[1].turns] == ["How many are they?"]
    assert "Understood as: How many ships are there?" in [one.message for one in seen.all("step_progressed")]


async def test_whoever_is_not_there_gets_the_clarification_as_the_outcome(house: House):
    house.plays(classifications=[UNCLEAR])
    seen = await house.ask("How many are they?", options=RunOptions(interactive=False))
    assert seen.end.outcome == events.OUTCOME_CLARIFICATION_NEEDED
    assert [option.value for option in seen.end.clarification.options] == OPTIONS
    assert "input_requested" not in seen.kinds


async def approval(house: House, *more) -> tuple[str, events.InputRequested]:
    house.plays(draft(COUNT), *more)
    run = await house.create("How many ships?", options=APPROVAL)
    seen = await house.watch(run, "input_requested")
    assert "operation_started" not in seen.kinds
    return run, seen.one("input_requested")


async def test_an_approved_query_runs(house: House):
    run, asked = await approval(house)
    assert "count(*)" in asked.query.lower()
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_APPROVE)
    seen = await house.watch(run)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.one("table_rows").columns[0].ints.values == [4]


async def test_a_rejected_query_never_runs(house: House):
    run, asked = await approval(house)
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_REJECT, text="not today")
    seen = await house.watch(run)
    assert seen.end.outcome == events.OUTCOME_REJECTED
    assert "not today" in seen.end.summary
    assert "operation_started" not in seen.kinds


async def test_an_edited_query_is_checked_again_and_runs_in_place(house: House):
    run, asked = await approval(house)
    edit = "SELECT count(*) AS n FROM calls"
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_EDIT, text=edit)
    seen = await house.watch(run)
    assert len(seen.all("query_validated")) == 2
    assert seen.one("table_rows").columns[0].ints.values == [96]


async def test_an_edited_query_and_what_it_brings_take_the_place_of_what_was_asked(house: House):
    run, asked = await approval(house)
    edit = "SELECT ships.name, sum(tonnes) AS tonnes FROM calls JOIN ships USING (ship_id) GROUP BY ships.name"
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_EDIT, text=edit)
    seen = await house.watch(run)
    proposed = seen.all("query_proposed")[-1]
    assert (proposed.author, proposed.text) == ("person", edit)
    assert seen.one("chart").title == "Tonnes by name"


async def test_an_edit_that_the_guard_refuses_is_asked_about_again(house: House):
    run, asked = await approval(house)
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_EDIT, text="DELETE FROM ships")
    again = (await house.watch(run, "query_refused", "completed")).all("query_refused")
    assert len(again) == 1
    seen = await house.engine.get(LOCAL, run)
    while not seen.input.prompt.startswith("The edited query was refused"):
        await house.engine.wait(run, seen.last_sequence)
        seen = await house.engine.get(LOCAL, run)
    await house.respond(run, input_id=seen.input.input_id, decision=events.DECISION_APPROVE)
    ended = await house.watch(run)
    assert ended.one("table_rows").columns[0].ints.values == [4]


async def test_approval_that_nobody_can_give_is_the_outcome(house: House):
    house.plays(draft(COUNT))
    seen = await house.ask(options=RunOptions(require_approval=True, interactive=False))
    assert seen.end.outcome == events.OUTCOME_CLARIFICATION_NEEDED
    assert seen.end.clarification.query


async def test_a_mended_query_is_asked_about_anew(house: House):
    house.plays(draft("SELECT nam FROM ships"))
    run = await house.create(options=APPROVAL)
    asked = (await house.watch(run, "input_requested")).one("input_requested")
    assert "name" in asked.query
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_APPROVE)
    assert (await house.watch(run)).end.outcome == events.OUTCOME_ANSWERED


async def test_a_follow_up_is_resolved_against_the_conversation_and_shown(house: House):
    house.plays(draft(COUNT))
    await house.ask("How many ships are there?", conversation_id="c1")
    model: Scripted = house.plays(
        draft("SELECT count(*) AS n FROM calls"),
        classifications=[simple("How many calls are there?", Intent.FOLLOW_UP)],
    )
    seen = await house.ask("and calls?", conversation_id="c1")
    before = model.asked[0].turns
    assert [(turn.question, turn.sql) for turn in before] == [("How many ships are there?", COUNT)]
    assert "Understood as: How many calls are there?" in [one.message for one in seen.all("step_progressed")]
    assert seen.end.outcome == events.OUTCOME_ANSWERED


async def test_a_conversation_is_remembered_three_turns_back(house: House):
    for number in range(4):
        house.plays(draft(COUNT), classifications=[simple(f"question {number}")])
        await house.ask(f"question {number}", conversation_id="c1")
    model = house.plays(draft(COUNT))
    await house.ask("and now?", conversation_id="c1")
    assert [turn.question for turn in model.asked[0].turns] == ["question 1", "question 2", "question 3"]


async def test_similar_questions_that_were_answered_are_found(house: House):
    house.plays(draft(COUNT))
    await house.ask("How many ships are there?")
    model = house.plays(draft(COUNT))
    seen = await house.ask("How many ships are there now?")
    assert list(seen.one("schema_matched").similar_questions) == ["How many ships are there?"]
    assert [turn.sql for turn in model.asked[1].similar] == [COUNT]
