"""The steps of `federated` as they are announced: titles, icons, categories, and the progress each begins at."""

from core.pipeline import StepSpec
from core.pipelines.answering.steps import ANALYZE_RESULTS, GENERATE_VIZ
from levada.v1.event_pb2 import CATEGORY_ACTION, CATEGORY_CHECK, CATEGORY_ERROR, CATEGORY_THINKING

CLASSIFY_SOURCES = StepSpec(
    name="classify_sources",
    title="Determining relevant databases...",
    doing="Determining relevant databases...",
    icon="💭",
    category=CATEGORY_THINKING,
    progress=0.0,
    seconds=60,
    reads=("question", "models"),
)
SEARCH_SCHEMAS = StepSpec(
    name="search_schemas",
    title="Looking up your data structures...",
    doing="Looking up your data structures...",
    icon="🔍",
    category=CATEGORY_THINKING,
    progress=0.10,
    seconds=60,
)
PLAN = StepSpec(
    name="plan",
    title="Planning the queries...",
    doing="Working out which source answers what...",
    icon="🧭",
    category=CATEGORY_THINKING,
    progress=0.20,
    seconds=180,
    reads=("models",),
)
VALIDATE_PLAN = StepSpec(
    name="validate_plan",
    title="Double-checking the plan...",
    doing="Validating for safety...",
    icon="✓",
    category=CATEGORY_CHECK,
    progress=0.35,
    seconds=60,
)
MEND_PLAN = StepSpec(
    name="mend_plan",
    title="Looking into the issue...",
    doing="Looking into the issue...",
    icon="🔧",
    category=CATEGORY_ERROR,
    progress=0.35,
    seconds=180,
    conditional=True,
    reads=("models",),
)
# Its time is bounded by each operation's own.
EXECUTE_OPERATIONS = StepSpec(
    name="execute_operations",
    title="Asking your data sources...",
    doing="Running the queries side by side...",
    icon="📊",
    category=CATEGORY_ACTION,
    progress=0.40,
    reads=("dry_run", "require_approval", "row_encoding"),
)
# Its time is bounded by that of a query, which stops DuckDB too.
COMBINE = StepSpec(
    name="combine",
    title="Joining the results...",
    doing="Joining the results...",
    icon="🔗",
    category=CATEGORY_ACTION,
    progress=0.65,
    reads=("analyze", "row_encoding", "row_limit"),
)

STEPS = (
    CLASSIFY_SOURCES,
    SEARCH_SCHEMAS,
    PLAN,
    VALIDATE_PLAN,
    MEND_PLAN,
    EXECUTE_OPERATIONS,
    COMBINE,
    ANALYZE_RESULTS,
    GENERATE_VIZ,
)


def operation_step(name: str, source: str, title: str) -> StepSpec:
    """Return the step of one operation: how long it takes is remembered by its source."""
    return StepSpec(
        name=name,
        title=title or f"Asking {source}...",
        doing=f"Asking {source}...",
        icon="📊",
        category=CATEGORY_ACTION,
        progress=EXECUTE_OPERATIONS.progress,
        conditional=True,
        kind=f"operation:{source}",
    )
