"""The steps of `agents` as they are announced, and those of single agents, which nest in them."""

from core.pipeline import StepSpec
from core.pipelines.agents.roles import Role
from levada.v1.event_pb2 import CATEGORY_ACTION, CATEGORY_THINKING

COORDINATE = StepSpec(
    name="coordinate",
    title="Choosing who answers...",
    doing="Choosing who answers...",
    icon="🧭",
    category=CATEGORY_THINKING,
    progress=0.1,
    seconds=60,
    reads=("question", "models"),
)
# The agent keeps a limit of its own, so that the run goes on without what the documents hold.
RETRIEVE = StepSpec(
    name="retrieve",
    title="Reading the documents...",
    doing="Reading the documents...",
    icon="📚",
    category=CATEGORY_ACTION,
    progress=0.2,
    reads=("models",),
)
CONTRIBUTE = StepSpec(
    name="contribute",
    title="Asking the specialists...",
    doing="Asking the specialists...",
    icon="👥",
    category=CATEGORY_ACTION,
    progress=0.3,
    reads=("models", "row_limit", "require_approval"),
)
SYNTHESIZE = StepSpec(
    name="synthesize",
    title="Writing the answer...",
    doing="Writing the answer...",
    icon="💬",
    category=CATEGORY_ACTION,
    progress=0.8,
    reads=("models",),
)
STEPS = (COORDINATE, RETRIEVE, CONTRIBUTE, SYNTHESIZE)

# How much of the way from CONTRIBUTE to SYNTHESIZE, and from there to the end, is theirs: 0.3 to 0.7, 0.8 to 0.95.
CONTRIBUTED, WRITTEN = 0.8, 0.75

# One turn of an agent; its time is bounded by the agent's and the model's own limits.
THINK = StepSpec(
    name="think",
    title="Thinking...",
    doing="Thinking...",
    icon="💭",
    category=CATEGORY_THINKING,
    progress=CONTRIBUTE.progress,
    conditional=True,
)
SEARCH_KNOWLEDGE = StepSpec(
    name="search_knowledge",
    title="Searching the documents...",
    doing="Searching the documents...",
    icon="🔎",
    category=CATEGORY_ACTION,
    progress=CONTRIBUTE.progress,
    seconds=30,
    conditional=True,
)

AGENT_SECONDS = 120.0


def agent_step(role: Role) -> StepSpec:
    """Return the step of a specialist's contribution."""
    return StepSpec(
        name=role.name,
        title=f"{role.title} is at work...",
        doing=f"{role.title} is at work...",
        icon="👤",
        category=CATEGORY_THINKING,
        progress=CONTRIBUTE.progress,
        seconds=AGENT_SECONDS,
        conditional=True,
        kind=f"agent:{role.name}",
        final=True,
        advice="Ask for less at once, or set a quicker model for it.",
    )
