"""A fork begins after a completed step of another run, keeps what no edit makes void, and does the rest anew."""

from collections import Counter

import pytest

from core.errors import InvalidRequest, Limited, NotFound, RequestIdReused
from core.identity import LOCAL, Principal
from core.pipeline import Ending, Run
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import InputAnswer, RunOptions
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.engine.conftest import EVERYWHERE
from tests.engine.forks import FETCH, NAMES, READ, SPECS, WHICH, Play, fork, told
from tests.engine.stage import Stage, answered, assert_whole, kind, kinds

pytestmark = EVERYWHERE


@pytest.mark.parametrize("kept", range(4))
async def test_a_fork_tells_what_it_keeps_again_and_does_the_rest(stage: Stage, kept: int):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create("?", conversation_id="c")
    origin = await stage.watch(origin_id)
    run_id = await fork(stage, origin_id, NAMES[kept - 1] if kept else "")
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert {event.run_id for event in seen} == {run_id}
    started = next(event.started for event in seen if kind(event) == "started")
    assert (started.forked_from, list(started.kept_steps)) == (origin_id, NAMES[:kept])
    assert told(seen, *NAMES[:kept]) == told(origin, *NAMES[:kept])
    assert play.done == Counter(NAMES) + Counter(NAMES[kept:])
    assert kinds(seen[2:]) == kinds(origin[2:])
    assert seen[-1].completed.summary == origin[-1].completed.summary
    # All rows are in its log, and only what it did itself was paid for.
    totals = seen[-1].completed.totals
    assert (totals.rows, totals.input_tokens, totals.cost_usd) == (6, 5 * (3 - kept), 0.5 * (3 - kept))
    run = await stage.get(run_id)
    assert (run.forked_from, run.request.conversation_id) == (origin_id, "c")


@pytest.mark.parametrize(
    ("edits", "kept"),
    [
        ({"question": "!"}, []),
        ({"question": "?"}, NAMES),
        ({"options": RunOptions(row_limit=5)}, ["read"]),
        ({"options": RunOptions(analyze=1)}, ["read", "fetch"]),
        ({"options": RunOptions(require_approval=True)}, NAMES),
    ],
)
async def test_an_edit_makes_void_what_was_done_with_what_it_edits(stage: Stage, edits, kept):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    await stage.watch(origin_id)
    seen = await stage.watch(await fork(stage, origin_id, "say", **edits))
    assert_whole(seen)
    assert list(next(event.started for event in seen if kind(event) == "started").kept_steps) == kept
    question = edits.get("question", "?")
    assert seen[-1].completed.summary == "".join(f"/{name} {question}" for name in NAMES)
    assert play.done == Counter(NAMES) + Counter(NAMES[len(kept) :])


async def test_a_fork_of_a_fork_keeps_what_both_keep(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    origin = await stage.watch(origin_id)
    first = await fork(stage, origin_id, "fetch")
    between = await stage.watch(first)
    second = await fork(stage, first, "say")
    seen = await stage.watch(second)
    assert_whole(seen)
    assert told(seen, "read", "fetch") == told(origin, "read", "fetch")
    assert told(seen, *NAMES) == told(between, *NAMES)
    assert (await stage.get(second)).forked_from == first
    assert play.done == Counter({"read": 1, "fetch": 1, "say": 2})
    assert seen[-1].completed.totals.rows == 6


async def test_a_failed_run_is_forked_from_its_last_completed_step(stage: Stage):
    play = Play(fails="say")
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    assert kind((await stage.watch(origin_id))[-1]) == "failed"
    with pytest.raises(NotFound) as caught:
        await fork(stage, origin_id, "say")
    assert caught.value.reason == reasons.ERROR_REASON_STEP_NOT_FOUND
    assert "read, fetch" in caught.value.message
    play.fails = ""
    seen = await stage.watch(await fork(stage, origin_id, "fetch"))
    assert_whole(seen)
    assert kind(seen[-1]) == "completed"
    assert play.done == Counter({"read": 1, "fetch": 1, "say": 2})


async def test_a_running_and_a_cancelled_run_are_forked_from_what_they_completed(stage: Stage):
    play = Play()

    async def run(run: Run) -> Ending:
        ending = await play.run(run)
        if run.request.question == "wait":
            await run.ask(WHICH)
        return ending

    await stage.play(run, *SPECS)
    origin_id = await stage.create("wait")
    await stage.until(origin_id, "input_requested")
    runs = [await fork(stage, origin_id, "fetch", question="wait")]
    await stage.engine.cancel(LOCAL, origin_id)
    await stage.watch(origin_id)
    runs.append(await fork(stage, origin_id, "say"))
    for run_id in runs:
        seen = await stage.until(run_id, "input_requested")
        assert kinds(seen).count("step_completed") == 3
        await stage.engine.cancel(LOCAL, run_id)
    assert play.done == Counter({"read": 1, "fetch": 1, "say": 2})


@pytest.mark.parametrize(("kept", "asked"), [("read", 2), ("fetch", 1)])
async def test_an_answer_is_kept_with_the_step_after_it_and_asked_for_anew_without(stage: Stage, kept, asked):
    play, heard = Play(), []

    async def run(run: Run) -> Ending:
        await run.step(play.step(READ), "")
        heard.append((await run.ask(WHICH)).text)
        await run.step(play.step(FETCH), "")
        return answered(heard[-1])

    await stage.play(run, *SPECS)
    origin_id = await stage.create()
    await stage.until(origin_id, "input_requested")
    await stage.engine.respond(LOCAL, origin_id, InputAnswer(input_id="which", text="a"))
    origin = await stage.watch(origin_id)
    run_id = await fork(stage, origin_id, kept)
    if asked == 2:
        await stage.until(run_id, "input_requested")
        assert (await stage.engine.respond(LOCAL, run_id, InputAnswer(input_id="which", text="b"))).run_id == run_id
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kinds(seen[2:]) == kinds(origin[2:])
    assert seen[-1].completed.summary == ("b" if asked == 2 else "a")


async def test_a_fork_is_made_once_per_request_id(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create(request_id="mine")
    await stage.watch(origin_id)
    request = ForkRunRequest(run_id=origin_id, step="read", request_id="again")
    first, existed = await stage.engine.fork(LOCAL, request)
    assert not existed
    second, existed = await stage.engine.fork(LOCAL, request)
    assert (second.run_id, existed) == (first.run_id, True)
    request.step = "fetch"
    with pytest.raises(RequestIdReused):
        await stage.engine.fork(LOCAL, request)
    # The origin's own id is not taken over.
    assert await fork(stage, origin_id, "read") != await fork(stage, origin_id, "read")


async def test_nobody_forks_what_is_not_theirs(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    await stage.watch(origin_id)
    for request in (ForkRunRequest(run_id=origin_id, step="nonsense"), ForkRunRequest(run_id="nothing")):
        with pytest.raises(NotFound) as caught:
            await stage.engine.fork(Principal("other", "other"), request)
        assert caught.value.reason == reasons.ERROR_REASON_RUN_NOT_FOUND


async def test_a_query_is_refused_where_the_pipeline_takes_none(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    with pytest.raises(InvalidRequest) as caught:
        await fork(stage, origin_id, query="SELECT 1")
    assert list(caught.value.violations) == ["query"]


async def test_forks_wait_in_the_queue_like_any_run_and_it_has_an_end(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    await stage.watch(origin_id)
    await stage.restart(queue=0)
    with pytest.raises(Limited) as caught:
        await fork(stage, origin_id, "read")
    assert caught.value.reason == reasons.ERROR_REASON_QUEUE_FULL
