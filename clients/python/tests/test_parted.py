"""Work that is parted, in the terminal: tasks with what they found, agents side by side, exercises."""

import pytest
from rich.console import Console

from levada.cli import parser, plain, screen
from levada.v1 import event_pb2 as events
from levada.view import RunView

MARKED = "sorts in one single pass, always"


def view_of(*said: events.Event) -> RunView:
    view = RunView()
    for number, event in enumerate(said, 1):
        event.run_id, event.sequence = "r", number
        view.add(event)
    return view


def drawn(view: RunView, reveal: bool = False) -> str:
    console = Console(width=120, height=80, force_terminal=False)
    with console.capture() as captured:
        console.print(screen.Screen(view, reveal=reveal).draw(120))
    return captured.get()


def on(step: str, attempt: int = 1, **payload: object) -> events.Event:
    return events.Event(step=step, attempt=attempt, **payload)


def planned(task: str, name: str, **more: object) -> events.Event:
    return on("plan", task_planned=events.TaskPlanned(task_id=task, name=name, **more))


RESEARCH = (
    planned("t1", "Countries"),
    planned("t2", "Germany", parent="t1", cause="It fell most."),
    planned("t3", "Prices", depends_on=["t1"]),
    on("research/t1", step_started=events.StepStarted(title="Countries", icon="🔎")),
    on("research/t1/execute_sql", step_started=events.StepStarted(title="Executing query...", icon="📊")),
    on("research/t1/execute_sql", finding=events.Finding(text="Germany lost 41%.")),
    on("research/t1", step_completed=events.StepCompleted(summary="Germany lost 41%.")),
)


def exercise() -> events.Event:
    made = events.Assessment(title="Sorting", difficulty="Advanced", content_type="prose")
    made.content[:] = [f"Bubble sort <<{MARKED}>>.", "C++ writes with cout << list."]
    made.errors.add(id=MARKED, description="It takes many passes.")
    return events.Event(assessment_ended=events.AssessmentEnded(success=True, assessment=made))


def test_tasks_are_a_tree_of_what_called_for_what_with_what_they_found() -> None:
    seen = drawn(view_of(*RESEARCH))
    lines = [line.strip() for line in seen.splitlines()]
    tree = lines[lines.index("Tasks") :]
    assert tree[1].endswith("✓ Countries")
    assert "📊 Germany lost 41%." in tree[2]
    assert "· Germany" in tree[3]
    assert tree[3].index("Germany") > tree[1].index("Countries") - 2
    assert "· Prices  after t1" in tree[4]
    assert "Executing query..." not in seen  # what is done for a task is no step of the run


def test_in_a_pipe_findings_come_once_and_inner_steps_are_left_out() -> None:
    view, told = RunView(), []
    for number, event in enumerate(RESEARCH, 1):
        event.run_id, event.sequence = "r", number
        view.add(event)
        told += [line.strip() for line in plain.lines(event, view)]
    assert told[:3] == ["+ Countries", "+ Germany: It fell most.", "+ Prices (after t1)"]
    assert told.count("📊 Germany lost 41%.") == 1
    assert not [line for line in told if "Executing" in line]


def test_what_agents_contribute_at_once_is_kept_apart() -> None:
    def says(step: str, text: str) -> events.Event:
        return on(step, text_delta=events.TextDelta(channel=events.CHANNEL_CONTRIBUTION, text=text))

    view = view_of(
        on("support/a", agent_started=events.AgentStarted(agent="analyst", role="supporting")),
        on("support/b", agent_started=events.AgentStarted(agent="skeptic", role="supporting")),
        says("support/a", "Revenue "),
        says("support/b", "One month "),
        says("support/a", "falls."),
        says("support/b", "is no trend."),
    )
    seen = drawn(view)
    assert "Revenue falls." in seen
    assert "One month is no trend." in seen
    assert events.CHANNEL_CONTRIBUTION not in view.texts


@pytest.mark.parametrize(("answer", "known"), [("5", False), ("5 of", False), ("1.5", True), ("15 of them.", True)])
def test_in_a_pipe_an_answer_is_known_when_its_words_were_told_not_when_their_letters_were(
    answer: str, known: bool
) -> None:
    said = events.AgentCompleted(text="- In 2015 there were 15 of them. [1]\n- Each had 1.5.")
    view = view_of(
        on("primary", agent_started=events.AgentStarted(agent="analyst")),
        on("primary", agent_completed=said),
        on("", completed=events.RunCompleted(summary=answer)),
    )
    (*_, last) = plain.lines(events.Event(completed=events.RunCompleted(summary=answer)), view)
    assert last.startswith(f"100% ✅ {'Done!' if known else answer} (")


def test_what_a_superseded_attempt_contributed_is_dropped() -> None:
    def attempt(number: int, text: str) -> tuple[events.Event, events.Event]:
        delta = events.TextDelta(channel=events.CHANNEL_CONTRIBUTION, text=text)
        begun = events.AgentStarted(agent="analyst", role="supporting")
        return on("support/a", number, agent_started=begun), on("support/a", number, text_delta=delta)

    seen = drawn(view_of(*attempt(1, "Nonsense"), *attempt(2, "Sense")))
    assert "Nonsense" not in seen
    assert "Sense" in seen


def test_the_errors_of_an_exercise_are_told_only_who_wants_them() -> None:
    seen = drawn(view_of(exercise()))
    assert f"Bubble sort {MARKED}." in seen
    assert "cout << list" in seen
    assert "It takes many passes." not in seen
    assert "levada watch r --reveal" in seen
    revealed = drawn(view_of(exercise()), reveal=True)
    assert f"<<{MARKED}>>" in revealed
    assert "It takes many passes." in revealed
    in_pipe = "\n".join(plain.lines(exercise(), view_of(exercise())))
    assert "<<sorts" not in in_pipe
    assert "many passes" not in in_pipe


@pytest.mark.parametrize("words", ["--breadth 5 --depth 2", "--mode debate --agent a --with b --with c", "--seed 7"])
def test_what_belongs_to_a_kind_of_work_can_be_chosen(words: str) -> None:
    assert parser().parse_args(["ask", "why", *words.split()]).question == ["why"]


def test_of_what_a_task_found_the_most_remarkable_is_told_and_the_rest_counted() -> None:
    more = [on("research/t1/analyze", finding=events.Finding(text=f"Finding {n}.")) for n in range(5)]
    seen = drawn(view_of(*RESEARCH[:5], *more))
    assert "Finding 1." in seen
    assert "Finding 2." not in seen
    assert "and 3 more" in seen
