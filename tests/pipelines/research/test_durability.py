"""A workflow that is cut anywhere goes on from what was done: no task that completed is done again."""

import asyncio
from collections import Counter
from contextlib import aclosing

import pytest

from core import live
from core.errors import StoreError
from core.identity import LOCAL
from levada.v1.run_pb2 import RESEARCH_TASK_KIND_PARALLEL, RunOptions
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.engine.stage import Stage, assert_whole, kind, kinds
from tests.pipelines.research.play import Play, payloads, steps, task, told, workflow
from tests.pipelines.research.test_tasks import report
from tests.servers import until

TASKS = [
    task("a"),
    task("b"),
    task("c", "a", kind=RESEARCH_TASK_KIND_PARALLEL, parts=[task("c1"), task("c2")]),
    task("d", "a", "b"),
]
LEAVES = Counter(["a", "b", "c1", "c2", "d"])


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch):
    """A crashed run can't be handed back, so do not wait for that."""
    monkeypatch.setattr(live, "HAND_BACK_SECONDS", 0.2)


@pytest.mark.parametrize("cut", ["a", "b", "c1", "d"])
async def test_a_crash_costs_only_the_tasks_that_were_under_way(stage: Stage, cut: str):
    play = await Play(shut=[cut]).on(stage)
    run_id = await stage.create(options=RunOptions(breadth=3), **workflow(*TASKS))
    beside = {"a": ["b"], "b": ["a"], "c1": ["c2", "d"], "d": ["c1", "c2"]}[cut]
    await until(lambda: cut in play.began)
    await told(stage, run_id, beside)
    await stage.crash()
    play.gates[cut].set()
    await stage.start()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kind(seen[-1]) == "completed", seen[-1]
    assert play.done == LEAVES
    assert play.began.count(cut) == 2
    assert all(f"{name} found 7 [{name}.q1]" in report(seen) for name in LEAVES)
    assert [one.iteration for one in payloads(seen, "iteration_completed")] == [1, 2]


async def test_what_was_told_to_be_done_before_a_crash_is_not_told_again(stage: Stage):
    play = await Play(shut=["c"]).on(stage)
    run_id = await stage.create(**workflow(task("a"), task("b"), task("c")))
    async with asyncio.timeout(60), aclosing(stage.engine.watch(LOCAL, run_id, 0)) as batches:
        async for batch in batches:
            if any(b"2 of 3 tasks are done." in data for data in batch):
                break
    await stage.crash()
    play.gates["c"].set()
    await stage.start()
    seen = await stage.watch(run_id)
    said = [(event.attempt, event.step_progressed.message) for event in seen if kind(event) == "step_progressed"]
    assert [one for one in said if one[1].endswith("tasks are done.")] == [
        (1, "1 of 3 tasks are done."),
        (1, "2 of 3 tasks are done."),
        (2, "3 of 3 tasks are done."),
    ]


async def test_a_store_that_fails_within_a_task_is_the_run_s_matter_and_no_task_s(stage: Stage):
    play = await Play({"a": 1}).on(stage)
    play.error = StoreError("The disk is full.")
    run_id = await stage.create(**workflow(task("a", retries=3), task("b")))
    seen = await stage.watch(run_id)
    assert seen[-1].failed.message == "The disk is full."
    assert play.began.count("a") == 1


async def test_a_task_that_failed_for_good_before_a_crash_is_not_tried_again(stage: Stage):
    play = await Play({"b": 2}, shut=["c"]).on(stage)
    run_id = await stage.create(**workflow(task("a"), task("b", retries=1), task("c"), task("d", "b")))
    await until(lambda: "c" in play.began and play.began.count("b") == 2 and play.done["a"])
    await told(stage, run_id, ["b#2"])
    await stage.crash()
    play.gates["c"].set()
    await stage.start()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert "1 of 4 tasks failed: b (The well is dry)" in seen[-1].failed.message
    assert play.began.count("b") == 2
    assert play.done == {"a": 1, "c": 1}
    assert steps(seen, "step_failed").count("iteration-1/b#2") == 1


async def test_a_server_that_stops_hands_the_workflow_over(stage: Stage):
    play = await Play(shut=["d"]).on(stage, drain_seconds=0)
    run_id = await stage.create(**workflow(*TASKS))
    await until(lambda: "d" in play.began and play.done["c1"] and play.done["c2"])
    await stage.stop()
    play.gates["d"].set()
    await stage.start()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kind(seen[-1]) == "completed", seen[-1]
    assert play.done == LEAVES


async def test_a_paused_workflow_rests_once_its_tasks_at_work_are_done_and_goes_on(stage: Stage):
    play = await Play(shut=["a"]).on(stage)
    run_id = await stage.create(**workflow(task("a"), task("b", "a")))
    await until(lambda: "a" in play.began)
    await stage.engine.pause(LOCAL, run_id)
    play.gates["a"].set()
    seen = await stage.until(run_id, "paused")
    assert play.began == ["a"]
    await stage.engine.resume(LOCAL, run_id)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kind(seen[-1]) == "completed"
    assert play.done == {"a": 1, "b": 1}


async def test_a_cancelled_workflow_stops_all_its_tasks(stage: Stage):
    play = await Play(shut=["a", "b", "c"]).on(stage)
    run_id = await stage.create(**workflow(task("a"), task("b"), task("c"), task("d", "a")))
    await until(lambda: play.at_once == 3)
    await stage.engine.cancel(LOCAL, run_id)
    seen = await stage.watch(run_id)
    assert kinds(seen)[-1] == "cancelled"
    assert not play.at_once
    assert not play.done


async def test_a_fork_keeps_the_iterations_before_the_step_it_begins_at(stage: Stage):
    play = await Play().on(stage)
    run_id = await stage.create(**workflow(*TASKS))
    origin = await stage.watch(run_id)
    fork, _ = await stage.engine.fork(LOCAL, ForkRunRequest(run_id=run_id, step="reflect"))
    seen = await stage.watch(fork.run_id)
    assert_whole(seen)
    assert kind(seen[-1]) == "completed"
    assert play.done == LEAVES + Counter(["c1", "c2", "d"])
    assert report(seen) == report(origin)
    assert steps(seen) == steps(origin)


async def test_a_fork_from_a_failed_workflow_does_only_what_failed(stage: Stage):
    play = await Play({"b": 1}).on(stage)
    run_id = await stage.create(**workflow(*TASKS))
    assert kind((await stage.watch(run_id))[-1]) == "failed"
    fork, _ = await stage.engine.fork(LOCAL, ForkRunRequest(run_id=run_id, step="iteration-1/a"))
    seen = await stage.watch(fork.run_id)
    assert kind(seen[-1]) == "completed", seen[-1]
    assert play.done["a"] == 1
    assert play.done["b"] == 1
