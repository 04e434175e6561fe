"""What is wrong with a workflow is said before it runs, each violation by its field."""

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct

from core.errors import InvalidRequest, NotFound
from core.identity import LOCAL
from core.pipelines.research.request import check
from levada.v1.run_pb2 import (
    RESEARCH_TASK_KIND_HYBRID,
    RESEARCH_TASK_KIND_PARALLEL,
    ResearchParameters,
    ResearchTask,
    RunOptions,
    RunRequest,
)
from tests.pipelines.research.play import task


class House:
    """Services with one source, as far as a check looks at them."""

    limits = type("Limits", (), {"rows": 1_000})

    def sources(self, owner: object) -> dict[str, object]:
        return {"shop": object()}

    def model(self, name: str = "", role: str = "default") -> object:
        return object()


def violations(*tasks: ResearchTask, **request) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        check(RunRequest(question="?", research=ResearchParameters(tasks=tasks), **request), House(), LOCAL)
    return dict(caught.value.violations)


def accepted(*tasks: ResearchTask, **request) -> None:
    check(RunRequest(question="?", research=ResearchParameters(tasks=tasks), **request), House(), LOCAL)


def nested(depth: int) -> ResearchTask:
    inner = [nested(depth - 1)] if depth else []
    return task(f"level-{depth}", parts=inner)


def test_every_violation_is_named_by_its_field_and_all_of_them_at_once():
    wrong = violations(
        task("a", retries=4),
        task("a", "nobody"),
        ResearchTask(task_id="has space", timeout=Duration(seconds=-1), sources=["cellar"]),
        options=RunOptions(breadth=11, depth=21),
    )
    assert set(wrong) == {
        "options.breadth",
        "options.depth",
        "research.tasks[0].retries",
        "research.tasks[1].task_id",
        "research.tasks[1].depends_on[0]",
        "research.tasks[2].task_id",
        "research.tasks[2].objective",
        "research.tasks[2].timeout",
        "research.tasks[2].sources[0]",
    }
    assert wrong["research.tasks[1].task_id"] == "'a' is the id of research.tasks[0] already; ids are unique."
    assert "There are: shop." in wrong["research.tasks[2].sources[0]"]


@pytest.mark.parametrize("seconds", [0, -(10**18), 86_401, 10**18])
def test_a_timeout_that_no_clock_can_keep_is_refused(seconds: int):
    wrong = violations(task("a", timeout=Duration(seconds=seconds)))
    assert wrong == {
        "research.tasks[0].timeout": "A timeout must be longer than 0 seconds, and 86,400 seconds at most."
    }
    accepted(task("a", timeout=Duration(seconds=86_400)))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_context_with_a_number_that_is_none_is_refused(number: float):
    context = Struct()
    context.update({"least": [number]})
    assert set(violations(task("a", context=context))) == {"research.tasks[0].context"}


def test_a_circle_is_named():
    wrong = violations(task("a", "c"), task("b", "a"), task("c", "b"))
    assert wrong["research.tasks"] == "The tasks need each other in a circle: a needs c needs b needs a."


def test_a_task_can_t_need_itself():
    assert "can't need itself" in violations(task("a", "a"))["research.tasks[0].depends_on[0]"]


def test_parts_nest_three_deep():
    accepted(nested(2))
    wrong = violations(nested(3))
    assert wrong == {"research.tasks[0].parts[0].parts[0].parts": "Parts nest 3 deep at most."}


def test_ids_are_unique_over_all_levels():
    wrong = violations(task("a", parts=[task("b")]), task("b"))
    assert list(wrong) == ["research.tasks[1].task_id"]


def test_parts_that_are_worked_on_at_once_can_t_need_each_other():
    parts = [task("x"), task("y", "x")]
    accepted(task("a", kind=RESEARCH_TASK_KIND_HYBRID, parts=parts))
    accepted(task("a", parts=parts))
    wrong = violations(task("a", kind=RESEARCH_TASK_KIND_PARALLEL, parts=parts))
    assert "make it hybrid" in wrong["research.tasks[0].parts[1].depends_on[0]"]


def test_a_part_in_turn_can_t_need_one_that_comes_later():
    wrong = violations(task("a", parts=[task("x", "y"), task("y")]))
    assert "comes later" in wrong["research.tasks[0].parts[0].depends_on[0]"]


def test_a_part_needs_only_those_beside_it():
    wrong = violations(task("a"), task("b", parts=[task("x", "a")]))
    assert "no part 'a' beside it" in wrong["research.tasks[1].parts[0].depends_on[0]"]


def test_a_chain_longer_than_the_depth_is_refused():
    chain = [task("t0"), *(task(f"t{n}", f"t{n - 1}") for n in range(1, 6))]
    assert "takes 6 iterations; the depth is 5" in violations(*chain)["options.depth"]
    accepted(*chain, options=RunOptions(depth=6))


@pytest.mark.parametrize(("count", "fine"), [(200, True), (201, False)])
def test_a_workflow_has_at_most_two_hundred_tasks_parts_counted(count: int, fine: bool):
    tasks = [task(f"t{number}") for number in range(count - 1)]
    tasks[0].parts.append(task("part"))
    if fine:
        accepted(*tasks)
    else:
        assert "may have 200 tasks, parts counted; this one has 201" in violations(*tasks)["research.tasks"]


def test_a_task_without_an_objective_is_fine_when_its_parts_have_them():
    accepted(ResearchTask(task_id="whole", parts=[task("part")]))


def test_a_task_with_parts_is_not_tried_again_as_a_whole():
    assert "part by part" in violations(task("a", retries=1, parts=[task("x")]))["research.tasks[0].retries"]


def test_a_source_that_there_is_not_is_not_found():
    with pytest.raises(NotFound):
        check(RunRequest(question="?", sources=["cellar"]), House(), LOCAL)
