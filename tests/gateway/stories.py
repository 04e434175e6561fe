"""Runs of research, agents and assessment, said by hand as those pipelines say them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as pb
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import RunState
from tests.servers import until

FIRST = 1_790_000_000
TOTALS = pb.Totals(duration=Duration(seconds=12, nanos=500_000_000), rows=12, input_tokens=100, output_tokens=50)


def timed(runs, run_id: str, said: list[Event]) -> None:
    """Have a run say all of that, a second apart; its first event is a second before."""
    first = Event.FromString(runs.held[run_id].events[0])
    first.time.FromSeconds(FIRST - 1)
    runs.held[run_id].events[0] = first.SerializeToString()
    for number, event in enumerate(said):
        event.time.CopyFrom(Timestamp(seconds=FIRST + number))
    run = runs.held[run_id].run
    run.start_time.FromSeconds(FIRST)
    run.state, run.pause_by = RunState.RUN_STATE_RUNNING, ""
    runs.say(run_id, *said)
    run.progress = said[-1].progress
    if runs.held[run_id].ended:
        run.end_time.FromSeconds(FIRST + len(said) - 1)


@asynccontextmanager
async def spoken(runs, said: list[Event]) -> AsyncIterator[None]:
    """Have the next run that is made say all of that, while somebody waits for it."""
    known = set(runs.held)

    async def speak() -> None:
        await until(lambda: runs.waiting and runs.held.keys() - known)
        timed(runs, *(runs.held.keys() - known), said)

    async with asyncio.TaskGroup() as group:
        group.create_task(speak())
        yield


def started(pipeline: str, question: str, *names: str, progress: tuple[float, ...] = ()) -> Event:
    infos = [
        pb.StepInfo(step=name, title=name.replace("_", " ").title(), progress=at)
        for name, at in zip(names, progress or [0.1] * len(names), strict=True)
    ]
    return Event(started=pb.RunStarted(pipeline=pipeline, question=question, steps=infos))


def begins(step: str, title: str, progress: float = 0.0, attempt: int = 1) -> Event:
    return Event(step=step, attempt=attempt, progress=progress, step_started=pb.StepStarted(title=title, icon="*"))


def goes(step: str, message: str, progress: float = 0.0, attempt: int = 1) -> Event:
    return Event(step=step, attempt=attempt, progress=progress, step_progressed=pb.StepProgressed(message=message))


def ends(step: str, summary: str = "", progress: float = 0.0, attempt: int = 1) -> Event:
    done = pb.StepCompleted(summary=summary, duration=Duration(seconds=2))
    return Event(step=step, attempt=attempt, progress=progress, step_completed=done)


def fails(step: str, message: str, progress: float = 0.0, *, again: bool = False) -> Event:
    failed = pb.StepFailed(message=message, reason=reasons.ERROR_REASON_QUERY_FAILED, will_retry=again)
    return Event(step=step, attempt=1, progress=progress, step_failed=failed)


def text(step: str, channel: pb.Channel, piece: str, progress: float = 0.0, attempt: int = 1) -> Event:
    return Event(step=step, attempt=attempt, progress=progress, text_delta={"channel": channel, "text": piece})


def whole(step: str, channel: pb.Channel, said: str, progress: float = 0.0, attempt: int = 1) -> Event:
    return Event(step=step, attempt=attempt, progress=progress, text_completed={"channel": channel, "text": said})


def task(name: str, *needs: str, iteration: int = 0, cause: str = "", progress: float = 0.05) -> Event:
    planned = pb.TaskPlanned(
        task_id=name,
        name=name.title(),
        depends_on=needs,
        iteration=iteration,
        cause=cause,
        objective=f"How is {name}?",
    )
    return Event(step="plan", attempt=1, progress=progress, task_planned=planned)


def found(step: str, said: str, progress: float) -> Event:
    figure = pb.Figure(name="total", value=42.5, unit="EUR")
    finding = pb.Finding(kind=pb.FINDING_KIND_TOTAL, text=said, figures=[figure], query_id="sales.q1")
    return Event(step=step, attempt=1, progress=progress, finding=finding)


REPORT = "# Shop\n\nSales fell [sales.q1]."


def research(*, fails_for_good: bool = False) -> list[Event]:
    """Return a workflow of three tasks: one of them is tried twice, and one is added by what another found."""
    one, two = "iteration-1", "iteration-2"
    says = [
        started("research", "How is the shop?", "plan", one, "synthesize", "report"),
        begins("plan", "Planning"),
        task("sales"),
        task("stock", "sales"),
        ends("plan", "2 tasks: Sales, Stock", 0.1),
        begins(one, "Researching", 0.1),
        Event(step=one, attempt=1, progress=0.1, iteration_started={"iteration": 1, "depth": 5}),
        begins(f"{one}/sales", "Sales", 0.1),
        begins(f"{one}/sales/execute_sql", "Running the query...", 0.1),
        found(f"{one}/sales/execute_sql", "Sales fell to 42.5 EUR.", 0.1),
        ends(f"{one}/sales/execute_sql", "1 row", 0.1),
        fails(f"{one}/sales", "The database was away.", 0.1, again=True),
        begins(f"{one}/sales#2", "Sales", 0.1),
        found(f"{one}/sales#2/execute_sql", "Sales fell to 42.5 EUR.", 0.1),
        whole(f"{one}/sales#2/analyze_results", pb.CHANNEL_CONTRIBUTION, "Sales fell.", 0.1),
        ends(f"{one}/sales#2", "Sales fell.", 0.3),
        ends(one, "1 of 2 tasks completed", 0.3),
        Event(progress=0.3, iteration_completed={"iteration": 1, "tasks_completed": 1, "tasks_total": 2}),
        task("cause", iteration=1, cause="Sales fell.", progress=0.3),
        begins(two, "Researching further (2)", 0.3),
        Event(step=two, attempt=1, progress=0.3, iteration_started={"iteration": 2, "depth": 5}),
        begins(f"{two}/stock", "Stock", 0.3),
        begins(f"{two}/cause", "Cause", 0.3),
        ends(f"{two}/cause", "A promotion ended.", 0.5),
    ]
    if fails_for_good:
        message = "1 of 3 tasks failed: Stock. Sales and Cause completed."
        failed = pb.RunFailed(reason=reasons.ERROR_REASON_TASKS_FAILED, message=message, totals=TOTALS)
        last = [fails(f"{two}/stock", "No such table.", 0.7), whole("report", pb.CHANNEL_REPORT, REPORT, 0.95)]
        return [*says, *last, Event(progress=0.95, failed=failed)]
    completed = pb.RunCompleted(outcome=pb.OUTCOME_ANSWERED, summary="Sales fell as a promotion ended.", totals=TOTALS)
    return [
        *says,
        ends(f"{two}/stock", "In stock.", 0.7),
        ends(two, "3 of 3 tasks completed", 0.7),
        Event(progress=0.7, iteration_completed={"iteration": 2, "tasks_completed": 3, "tasks_total": 3}),
        begins("report", "Writing the report...", 0.9),
        text("report", pb.CHANNEL_REPORT, REPORT[:8], 0.9),
        text("report", pb.CHANNEL_REPORT, REPORT[8:], 0.9),
        whole("report", pb.CHANNEL_REPORT, REPORT, 0.9),
        ends("report", "1 area", 0.99),
        Event(progress=1, completed=completed),
    ]


ANSWER = "Prices rose, and so customers left."


def speaks(step: str, agent: str, role: str, said: str, progress: float, channel: pb.Channel) -> list[Event]:
    """Return what an agent says, in two pieces."""
    half = len(said) // 2
    done = pb.AgentCompleted(agent=agent, text=said, duration=Duration(seconds=1), citations=["prices.md, lines 3-9"])
    return [
        begins(step, f"{agent} is at work...", progress),
        Event(step=step, attempt=1, progress=progress, agent_started={"agent": agent, "role": role}),
        text(step, channel, said[:half], progress),
        text(step, channel, said[half:], progress),
        whole(step, channel, said, progress),
        Event(step=step, attempt=1, progress=progress, agent_completed=done),
        ends(step, "", progress),
    ]


def agents(*, breaks: bool = False) -> list[Event]:
    """Return a conversation of three agents; its answer breaks off, if it is to."""
    asked = pb.AgentInteraction(
        from_agent="writer", to_agent="analyst", query="Why?", response="Prices rose.", duration=Duration(seconds=1)
    )
    asked.metadata.update({"prompt": "Be brief."})
    says = [
        started("agents", "Why do customers leave?", "coordinate", "retrieve", "contribute", "synthesize"),
        begins("coordinate", "Choosing who answers...", 0.1),
        ends("coordinate", "writer, with analyst", 0.1),
        *speaks("retrieve", "librarian", "retrieval", "Prices rose in May.", 0.2, pb.CHANNEL_CONTRIBUTION),
        begins("contribute", "Asking the specialists...", 0.3),
        *speaks("contribute/analyst", "analyst", "supporting", "Prices rose.", 0.5, pb.CHANNEL_CONTRIBUTION),
        Event(step="contribute/analyst", attempt=1, progress=0.7, agent_interaction=asked),
        ends("contribute", "", 0.7),
    ]
    writes = speaks("synthesize", "writer", "primary", ANSWER, 0.8, pb.CHANNEL_ANSWER)
    if breaks:
        lost = reasons.ERROR_REASON_MODEL_UNAVAILABLE
        failed = pb.RunFailed(reason=lost, message="The model broke off.", retryable=True, totals=TOTALS)
        return [*says, *writes[:3], Event(progress=0.8, failed=failed)]
    completed = pb.RunCompleted(outcome=pb.OUTCOME_ANSWERED, summary="Prices rose.", totals=TOTALS)
    return [*says, *writes, Event(progress=1, completed=completed)]


SEVEN = (
    "generate_difficulty_categories",
    "generate_error_catalog",
    "generate_challenge",
    "answer_strong_enough",
    "answer_weak",
    "judge",
    "create_assessment",
)
ROLES = ("mid", "mid", "strong", "mid", "weak", "strong", "strong")


def calls(step: str, role: str, said: str, *, told: bool = True) -> list[Event]:
    """Return a step that asks a model; its call is told only to those who may see prompts."""
    call = pb.ModelCalled(
        provider="scripted", model=f"{role}-1", role=role, prompt=f"Do {step}.", response=said, output_tokens=7
    )
    checks = pb.QualityChecked(checks=[pb.QualityCheck(name="long_enough", passed=True, message="600 characters.")])
    return [
        begins(step, step.partition("#")[0].replace("_", " ").capitalize()),
        *([Event(step=step, attempt=1, model_called=call)] if told else []),
        Event(step=step, attempt=1, quality_checked=checks),
        ends(step, "Done."),
    ]


EXERCISE = pb.Assessment(
    title="Find what is wrong",
    difficulty="Advanced",
    content_type="code",
    content=["reward = group.mean()", "loss = <<ratio * advantage without a clip>>"],
    errors=[pb.AssessmentError(id="ratio * advantage without a clip", description="The ratio is not clipped.")],
)


def assessment(*, success: bool = True, told: bool = True) -> list[Event]:
    """Return how an exercise is made: the judge sends the first challenge back."""
    order = [*SEVEN[:6], *(f"{name}#2" for name in SEVEN[2:6]), *(SEVEN[6:] if success else ())]
    roles = [ROLES[SEVEN.index(name.partition("#")[0])] for name in order]
    says = [started("assessment", "GRPO in RL", *SEVEN, "conclude")]
    says[0].started.steps[-1].conditional = True
    for name, role in zip(order, roles, strict=True):
        says += calls(name, role, f"{name}: {'x' * 600}", told=told)
    came = pb.AssessmentEnded(
        success=success,
        differentiation_achieved=success,
        total_attempts=2,
        stopped_at_step=7 if success else 6,
        quality_score=8.5,
        difficulty="Advanced",
        sub_topic="Clipping",
        assessment=EXERCISE if success else None,
        message="" if success else "Both answers avoided all mistakes.",
    )
    says += [begins("conclude", "Conclude"), Event(step="conclude", attempt=1, assessment_ended=came), ends("conclude")]
    if success:
        completed = pb.RunCompleted(outcome=pb.OUTCOME_ANSWERED, summary="An exercise with 1 error.", totals=TOTALS)
        return [*says, Event(progress=1, completed=completed)]
    failed = pb.RunFailed(reason=reasons.ERROR_REASON_TRIES_EXHAUSTED, message=came.message, totals=TOTALS)
    return [*says, Event(failed=failed)]
