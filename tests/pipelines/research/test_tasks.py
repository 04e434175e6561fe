"""Tasks of the caller's own: in which order they run, what they are told, how they fail, and what is said of it."""

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct

from core.pipelines.research.failing import failure_of
from core.pipelines.research.results import Lost, Task
from core.pipelines.research.workflow import Workflow
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import CHANNEL_REPORT
from levada.v1.run_pb2 import (
    RESEARCH_TASK_KIND_HYBRID,
    RESEARCH_TASK_KIND_PARALLEL,
    RESEARCH_TASK_KIND_SEQUENTIAL,
    RunOptions,
)
from tests.engine.stage import Stage, assert_whole, kind, kinds
from tests.pipelines.research.play import Play, payloads, steps, task, unreachable, workflow
from tests.servers import until


def report(seen) -> str:
    return next(one.text for one in payloads(seen, "text_completed") if one.channel == CHANNEL_REPORT)


async def test_an_iteration_runs_what_is_ready_and_the_next_what_that_made_ready(stage: Stage):
    play = await Play().on(stage)
    seen = await stage.ask(**workflow(task("a"), task("b", "a"), task("c"), task("d", "b", "c")))
    assert_whole(seen)
    assert kind(seen[-1]) == "completed", seen[-1]
    assert steps(seen) == [
        "plan", "iteration-1/a", "iteration-1/c", "iteration-1", "reflect", "iteration-2/b", "iteration-2", "reflect#2",
        "iteration-3/d", "iteration-3", "reflect#3", "synthesize", "report",
    ]  # fmt: skip
    assert play.done == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert [(one.iteration, one.depth) for one in payloads(seen, "iteration_started")] == [(1, 5), (2, 5), (3, 5)]
    ended = payloads(seen, "iteration_completed")
    assert [(one.tasks_completed, one.tasks_total) for one in ended] == [(2, 4), (3, 4), (4, 4)]
    assert ended[-1].decision == "All tasks are done."
    assert [one.task_id for one in payloads(seen, "task_planned")] == ["a", "b", "c", "d"]


async def test_progress_of_the_research_is_the_share_of_tasks_that_are_done(stage: Stage):
    await Play().on(stage)
    seen = await stage.ask(**workflow(task("a"), task("b"), task("c"), task("d", "a")))
    told = [event for event in seen if event.step_progressed.message.endswith("tasks are done.")]
    assert [event.step_progressed.message for event in told] == [f"{n} of 4 tasks are done." for n in (1, 2, 3, 4)]
    assert [event.progress for event in told] == [pytest.approx(0.1 + 0.75 * n / 4) for n in (1, 2, 3, 4)]


async def test_the_more_urgent_task_begins_first_and_breadth_bounds_how_many_run_at_once(stage: Stage):
    names = [f"t{number}" for number in range(6)]
    play = await Play(shut=names).on(stage)
    tasks = [task(name, priority=number) for number, name in enumerate(names)]
    run_id = await stage.create(options=RunOptions(breadth=2), **workflow(*tasks))
    for count in range(2, 7):
        await until(lambda count=count: len(play.began) == count)
        play.gates[play.began[count - 2]].set()
    play.gates[play.began[-1]].set()
    assert kind((await stage.watch(run_id))[-1]) == "completed"
    assert play.began == names[::-1]
    assert play.most_at_once == 2


async def test_an_urgent_task_that_is_tried_again_goes_before_those_that_wait(stage: Stage):
    play = await Play({"urgent": 1}).on(stage)
    tasks = [task("a"), task("b"), task("c"), task("urgent", priority=5, retries=1)]
    seen = await stage.ask(options=RunOptions(breadth=1), **workflow(*tasks))
    assert kind(seen[-1]) == "completed"
    assert play.began == ["urgent", "a", "urgent", "b", "c"]


async def test_what_a_task_found_reaches_those_that_need_it_across_iterations(stage: Stage):
    play = await Play().on(stage)
    context = Struct()
    context.update({"country": "Norway", "least": 3})
    await stage.ask(**workflow(task("a"), task("b", "a"), task("c", "a", "b", context=context), task("d")))
    assert [(one.id, found.text) for one, found in play.known["c"].before] == [("a", "a found 7."), ("b", "b found 7.")]
    assert play.known["c"].values == {"country": "Norway", "least": 3}
    assert not play.known["d"].before


async def test_a_task_that_fails_for_good_takes_its_dependents_along_and_no_others(stage: Stage):
    play = await Play({"b": 9}).on(stage)
    seen = await stage.ask(**workflow(task("a"), task("b"), task("c", "b"), task("d", "c"), task("e", "a")))
    assert_whole(seen)
    failed = seen[-1].failed
    assert failed.reason == reasons.ERROR_REASON_TASKS_FAILED
    assert "1 of 5 tasks failed: b (The well is dry)" in failed.message
    assert "2 tasks were skipped" in failed.message
    assert "2 completed (a, e)" in failed.message
    assert list(failed.tried) == ["b: The well is dry."]
    assert play.done == {"a": 1, "e": 1}
    assert steps(seen, "step_skipped") == ["iteration-1/c", "iteration-1/d"]
    # What there is, is reported all the same, and what is missing is said.
    assert "a found 7 [a.q1]" in report(seen)
    assert "## Not completed" in report(seen)


async def test_a_workflow_of_which_nothing_completes_fails_without_a_report(stage: Stage):
    await Play({"a": 9}).on(stage)
    seen = await stage.ask(**workflow(task("a"), task("b", "a")))
    assert seen[-1].failed.reason == reasons.ERROR_REASON_TASKS_FAILED
    assert "No task completed" in seen[-1].failed.message
    assert "report" not in steps(seen)


async def test_tasks_that_the_depth_does_not_reach_are_no_success(stage: Stage):
    await Play().on(stage)
    chain = [task("a"), task("b", "a"), task("c", "b")]
    seen = await stage.ask(options=RunOptions(depth=2), **workflow(*chain))
    assert seen[-1].failed.reason == reasons.ERROR_REASON_TASKS_FAILED
    assert "1 task was not reached within 2 iterations: c." in seen[-1].failed.message


async def test_a_task_is_tried_again_as_often_as_it_may_be_and_that_is_told(stage: Stage):
    play = await Play({"a": 2}).on(stage)
    seen = await stage.ask(**workflow(task("a", retries=3)))
    assert kind(seen[-1]) == "completed"
    assert play.began == ["a"] * 3
    failures = [(event.step, event.step_failed.will_retry) for event in seen if kind(event) == "step_failed"]
    assert failures == [("iteration-1/a", True), ("iteration-1/a#2", True)]
    assert "iteration-1/a#3" in steps(seen)


async def test_the_last_try_is_not_told_to_be_followed_by_another(stage: Stage):
    play = Play({"a": 9})
    play.error = unreachable()
    await play.on(stage)
    seen = await stage.ask(**workflow(task("a", retries=1)))
    assert [one.will_retry for one in payloads(seen, "step_failed")] == [True, False]
    assert play.began == ["a", "a"]


async def test_a_task_has_its_own_time_and_those_beside_it_are_not_held_up(stage: Stage):
    play = await Play(shut=["slow"]).on(stage)
    seen = await stage.ask(**workflow(task("slow", timeout=Duration(nanos=50_000_000)), task("quick")))
    assert seen[-1].failed.reason == reasons.ERROR_REASON_TASKS_FAILED
    assert "took longer than 0.05 seconds. Let it find out less at once, or give" in seen[-1].failed.message
    assert play.done == {"quick": 1}
    assert not play.at_once


@pytest.mark.parametrize(
    ("how", "order", "at_once"),
    [
        (RESEARCH_TASK_KIND_SEQUENTIAL, ["x", "y", "z"], 1),
        (RESEARCH_TASK_KIND_PARALLEL, ["x", "y", "z"], 3),
        (RESEARCH_TASK_KIND_HYBRID, ["x", "z", "y"], 2),
    ],
)
async def test_parts_run_in_turn_at_once_or_as_they_need_each_other(stage: Stage, how, order, at_once):
    play = await Play(shut=["x", "y", "z"]).on(stage)
    needs = ["z"] if how == RESEARCH_TASK_KIND_HYBRID else []
    parts = [task("x"), task("y", *needs), task("z")]
    run_id = await stage.create(**workflow(task("whole", kind=how, parts=parts)))
    await until(lambda: len(play.began) == at_once)
    for name in order:
        await until(lambda name=name: name in play.began)
        play.gates[name].set()
    seen = await stage.watch(run_id)
    assert kind(seen[-1]) == "completed", seen[-1]
    assert play.began == order
    assert play.most_at_once == at_once
    assert steps(seen)[-5:-3] == ["iteration-1/whole", "iteration-1"]
    assert {f"iteration-1/whole/{name}" for name in order} < set(steps(seen))
    assert all(f"{name} found 7 [{name}.q1]" in report(seen) for name in order)
    assert [(one.task_id, one.parent) for one in payloads(seen, "task_planned")][1] == ("x", "whole")


async def test_a_part_in_turn_knows_what_those_before_it_found(stage: Stage):
    play = await Play().on(stage)
    await stage.ask(**workflow(task("first"), task("whole", "first", parts=[task("x"), task("y")])))
    assert [one.id for one, _ in play.known["y"].before] == ["first", "x"]


async def test_a_task_whose_part_fails_fails_once_its_other_parts_are_done(stage: Stage):
    parts = [task("x"), task("y"), task("z", "x")]
    play = await Play({"x": 1}).on(stage)
    seen = await stage.ask(**workflow(task("whole", kind=RESEARCH_TASK_KIND_HYBRID, parts=parts), task("other")))
    assert seen[-1].failed.reason == reasons.ERROR_REASON_TASKS_FAILED
    assert play.done == {"y": 1, "other": 1}
    assert steps(seen, "step_skipped") == ["iteration-1/whole/z"]


async def test_a_dry_run_plans_and_begins_nothing(stage: Stage):
    play = await Play().on(stage)
    seen = await stage.ask(options=RunOptions(dry_run=True), **workflow(task("a")))
    assert kinds(seen)[-1] == "completed"
    assert "was not begun" in seen[-1].completed.summary
    assert not play.began


async def test_the_report_cites_every_figure_and_lists_the_queries(stage: Stage):
    await Play().on(stage)
    text = report(await stage.ask(**workflow(task("a", name="The a | of it"), task("b"))))
    assert text.startswith("# A workflow\n")
    assert "## The a | of it\n\n- a found 7 [a.q1]." in text
    assert "| a.q1 | What of a? | well | 1 |" in text
    assert "| b.q1 |" in text


def test_tasks_that_failed_hide_nothing_of_what_stopped_the_others():
    stopped = Lost(message="The budget is used up.", reason=reasons.ERROR_REASON_BUDGET_EXHAUSTED)
    tasks = [Task(id="a", name="Ships", objective="Look at ships.")]
    failure = failure_of(Workflow("All", "All", tasks, lost={"a": Lost(message="It is away.")}, stopped=stopped), 5)
    assert failure is not None
    assert failure.reason == reasons.ERROR_REASON_TASKS_FAILED
    assert "Ships (It is away)" in failure.message
    assert "What that calls for was not looked at: The budget is used up." in failure.message
