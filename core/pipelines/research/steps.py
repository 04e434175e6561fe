"""The steps of `research` as they are announced: titles, icons, categories, and the progress each begins at."""

from core.pipeline import StepSpec
from core.pipelines.research.results import Task
from levada.v1.event_pb2 import CATEGORY_ACTION, CATEGORY_CHECK, CATEGORY_THINKING

NARROWER = "Research something narrower, or set a quicker model."

PLAN = StepSpec(
    name="plan",
    title="Planning the research...",
    doing="Working out what there is to find out...",
    icon="🧭",
    category=CATEGORY_THINKING,
    progress=0.0,
    seconds=180,
    reads=("question", "models"),
    advice=NARROWER,
)
REFLECT = StepSpec(
    name="reflect",
    title="Reflecting on what was found...",
    doing="Thinking about what follows from this...",
    icon="💭",
    category=CATEGORY_CHECK,
    progress=0.10,
    seconds=180,
    conditional=True,
    reads=("depth", "models"),
    advice=NARROWER,
)
SYNTHESIZE = StepSpec(
    name="synthesize",
    title="Putting it together...",
    doing="Putting the findings together...",
    icon="🧩",
    category=CATEGORY_THINKING,
    progress=0.85,
    seconds=180,
    reads=("models",),
    advice=NARROWER,
)
REPORT = StepSpec(
    name="report",
    title="Writing the report...",
    doing="Writing the report...",
    icon="📝",
    category=CATEGORY_ACTION,
    progress=0.90,
    seconds=300,
    reads=("models",),
    advice=NARROWER,
)


def iteration_step(number: int) -> StepSpec:
    """Return the step of one iteration: its tasks are steps within it, and bound its time."""
    return StepSpec(
        name=f"iteration-{number}",
        title="Researching..." if number == 1 else f"Researching further ({number})...",
        doing="Working on the tasks...",
        icon="🔬",
        category=CATEGORY_ACTION,
        # What is done of all tasks moves the run's progress, whichever iteration does it.
        progress=0.10,
        reads=("models", "require_approval", "row_limit"),
        kind="iteration",
    )


def task_step(task: Task, *, tries_left: bool) -> StepSpec:
    """Return the step of one go at *task*."""
    return StepSpec(
        name=task.id,
        title=task.name,
        doing=task.objective,
        icon="🧩" if task.parts else "🔎",
        category=CATEGORY_ACTION,
        progress=0.10,
        seconds=task.seconds,
        conditional=True,
        kind="parts" if task.parts else "task",
        retried=tries_left,
        final=True,
        advice="Let it find out less at once, or give a task of your own a longer timeout.",
    )


STEPS = (PLAN, iteration_step(1), REFLECT, SYNTHESIZE, REPORT)
