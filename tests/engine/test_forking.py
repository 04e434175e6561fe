"""A fork begins after a completed step of another run, tells the steps that it keeps again, and does the rest anew."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.errors import InvalidRequest, Limited, NotFound, RequestIdReused
from core.identity import LOCAL, Principal
from core.pipeline import Ending, Run, Step, StepSpec, step
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import InputAnswer, RunOptions
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import Stage, Word, answered, assert_whole, kind, kinds, spec

pytestmark = EVERYWHERE

READ = replace(spec("read"), reads=("question",))
FETCH = replace(spec("fetch", 0.3), reads=("row_limit",))
SAY = replace(spec("say", 0.6), reads=("analyze",))
SPECS = (READ, FETCH, SAY)
NAMES = [one.name for one in SPECS]


class Play:
    """Read, fetch and say; counts how often each was done, and fails where it is told to."""

    def __init__(self, fails: str = "") -> None:
        self.done: Counter[str] = Counter()
        self.fails = fails

    def step(self, one: StepSpec):
        @step(one)
        async def work(step: Step, word: str) -> Word:
            self.done[one.name] += 1
            step.text(events.CHANNEL_ANSWER, f"{one.name}ing ")
            step.progress("halfway", 0.5)
            step.emit(events.TableRows(row_count=2))
            step.emit(events.ModelCalled(input_tokens=5, output_tokens=1, cost_usd=0.5))
            if one.name == self.fails:
                raise LookupError
            step.summary(f"{one.name} of {step.run.request.question}")
            return Word(text=f"{word}/{one.name} {step.run.request.question}")

        return work

    async def run(self, run: Run) -> Ending:
        word = ""
        for one in SPECS:
            word = (await run.step(self.step(one), word)).text
        return answered(word)


async def fork(stage: Stage, run_id: str, step: str = "", **edits) -> str:
    run, _existed = await stage.engine.fork(LOCAL, ForkRunRequest(run_id=run_id, step=step, **edits))
    return run.run_id


def told(seen: Sequence[Event], *steps: str) -> list[Event]:
    """Return what was said in *steps*, as it is but for whose log it is in, and when."""
    found = []
    for event in seen:
        if event.step in steps:
            one = Event()
            one.CopyFrom(event)
            for name in ("run_id", "sequence", "time", "trace_id", "progress"):
                one.ClearField(name)
            found.append(one)
    return found


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


WHICH = events.InputRequested(input_id="which", kind=events.INPUT_KIND_CLARIFICATION, prompt="Which?")


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


async def test_a_kept_step_that_asked_within_tells_that_too(stage: Stage):
    play = Play()

    @step(READ)
    async def ask(step: Step) -> Word:
        return Word(text=(await step.run.ask(WHICH)).text)

    async def run(run: Run) -> Ending:
        word = await run.step(ask)
        return answered((await run.step(play.step(SAY), word.text)).text)

    await stage.play(run, *SPECS)
    origin_id = await stage.create()
    await stage.until(origin_id, "input_requested")
    # The question belongs to the step's first attempt, the answer to the second.
    await stage.restart()
    await stage.engine.respond(LOCAL, origin_id, InputAnswer(input_id="which", text="a"))
    await stage.watch(origin_id)
    seen = await stage.watch(await fork(stage, origin_id, "read"))
    assert_whole(seen)
    assert kinds(seen).count("input_requested") == kinds(seen).count("input_received") == 1
    assert seen[-1].completed.summary == "a/say ?"


async def test_a_kept_step_is_told_with_the_steps_within_it(stage: Stage):
    play, outer = Play(), spec("outer")

    @step(outer)
    async def around(step: Step) -> Word:
        word = (await step.run.step(play.step(READ), "")).text
        return await step.run.step(play.step(FETCH), word)

    async def run(run: Run) -> Ending:
        word = await run.step(around)
        return answered((await run.step(play.step(SAY), word.text)).text)

    await stage.play(run, outer, *SPECS)
    origin_id = await stage.create()
    origin = await stage.watch(origin_id)
    steps = ["outer", "outer/read", "outer/fetch"]
    whole = await stage.watch(await fork(stage, origin_id, "outer"))
    assert_whole(whole)
    assert told(whole, *steps) == told(origin, *steps)
    assert play.done == Counter({"read": 1, "fetch": 1, "say": 2})
    assert whole[-1].completed.totals.rows == 6
    # Without the step around them, each is told when the step around gets there.
    part_id = await fork(stage, origin_id, "outer/read")
    part = await stage.watch(part_id)
    assert_whole(part)
    assert told(part, "outer/read") == told(origin, "outer/read")
    assert play.done == Counter({"read": 1, "fetch": 2, "say": 3})
    again = await stage.watch(await fork(stage, part_id, "outer"))
    assert told(again, *steps) == told(part, *steps)


async def test_what_is_gone_can_t_be_told_and_is_done_anew(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    await stage.watch(origin_id)
    before = stage.engine.store.read

    async def gone(run_id: str, after: int, limit: int, max_bytes: int):
        if run_id == origin_id:
            raise NotFound
        return await before(run_id, after, limit, max_bytes)

    stage.engine.store.read = gone
    seen = await stage.watch(await fork(stage, origin_id, "fetch"))
    assert_whole(seen)
    assert kind(seen[-1]) == "completed"
    assert play.done == Counter({"read": 2, "fetch": 2, "say": 2})


async def test_a_fork_that_is_stopped_while_it_tells_begins_that_step_again(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    await stage.watch(origin_id)
    before = stage.engine.store.read
    fetched = next(event for event in await stage.watch(origin_id) if event.step == "fetch")

    reached = asyncio.Event()

    async def stuck(run_id: str, after: int, limit: int, max_bytes: int):
        if run_id == origin_id and after > fetched.sequence:
            reached.set()
            await asyncio.Event().wait()
        return await before(run_id, after, 2 if run_id == origin_id else limit, max_bytes)

    stage.engine.store.read = stuck
    forked = await fork(stage, origin_id, "fetch")
    await reached.wait()
    await stage.restart()
    seen = await stage.watch(forked)
    assert_whole(seen)
    attempts = [(event.step, event.attempt) for event in seen if kind(event) == "step_started"]
    assert attempts == [("read", 1), ("fetch", 1), ("fetch", 2), ("say", 1)]
    assert play.done == Counter({"read": 1, "fetch": 1, "say": 2})
    assert seen[-1].completed.totals.rows == 6


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


async def test_the_rows_of_a_large_step_are_told_again_a_little_at_a_time(stage: Stage):
    batch = events.TableRows(
        row_count=1, columns=[events.ColumnValues(texts=events.TextValues(values=["x" * 400_000]))]
    )

    @step(FETCH)
    async def fetch(step: Step) -> Word:
        for _ in range(40):
            step.emit(batch)
            await step.flush()
        return Word(text="rows")

    async def run(run: Run) -> Ending:
        return answered((await run.step(fetch)).text)

    await stage.play(run, FETCH)
    origin_id = await stage.create()
    origin = await stage.watch(origin_id)
    seen = await stage.watch(await fork(stage, origin_id, "fetch"))
    assert_whole(seen)
    assert told(seen, "fetch") == told(origin, "fetch")
    assert seen[-1].completed.totals.rows == 40
