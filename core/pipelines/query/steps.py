"""The steps of `query` as they are announced: titles, icons, categories, and the progress each begins at."""

from core.pipeline import StepSpec
from core.pipelines.answering.steps import ANALYZE_RESULTS, GENERATE_VIZ
from levada.v1.event_pb2 import CATEGORY_ACTION, CATEGORY_CHECK, CATEGORY_ERROR, CATEGORY_THINKING

CLASSIFY_INTENT = StepSpec(
    name="classify_intent",
    title="Understanding your question...",
    doing="Understanding your question...",
    icon="💭",
    category=CATEGORY_THINKING,
    progress=0.0,
    seconds=60,
    reads=("question", "models"),
)
# Whether somebody may be asked which reading is meant decides whether a run gets here.
FETCH_CONTEXT = StepSpec(
    name="fetch_context",
    title="Gathering relevant information...",
    doing="Looking up your data structure...",
    icon="🔍",
    category=CATEGORY_THINKING,
    progress=0.15,
    seconds=60,
    reads=("interactive",),
)
GENERATE_SQL = StepSpec(
    name="generate_sql",
    title="Formulating the query...",
    doing="Writing the database query...",
    icon="⚡",
    category=CATEGORY_ACTION,
    progress=0.30,
    seconds=120,
    reads=("query", "models", "candidates"),
)
VALIDATE_SQL = StepSpec(
    name="validate_sql",
    title="Double-checking the query...",
    doing="Validating for safety...",
    icon="✓",
    category=CATEGORY_CHECK,
    progress=0.45,
    seconds=30,
    reads=("row_limit",),
)
# Its time is bounded by the statement timeout, which stops the database too.
EXECUTE_SQL = StepSpec(
    name="execute_sql",
    title="Running the query...",
    doing="Fetching your data...",
    icon="📊",
    category=CATEGORY_ACTION,
    progress=0.60,
    reads=("analyze", "dry_run", "require_approval", "row_encoding", "row_limit"),
)
ANALYZE_ERROR = StepSpec(
    name="analyze_error",
    title="Looking into the issue...",
    doing="Looking into the issue...",
    icon="🔧",
    category=CATEGORY_ERROR,
    progress=0.60,
    seconds=120,
    conditional=True,
    reads=("models", "row_limit"),
)
# Its time is bounded by the model's own limits and by the run's.
DEEP = StepSpec(
    name="deep",
    title="Looking deeper...",
    doing="Thinking about what to look at...",
    icon="🔬",
    category=CATEGORY_THINKING,
    progress=0.75,
    conditional=True,
    reads=("analyze", "models", "row_limit", "require_approval"),
)
WRITE_REPORT = StepSpec(
    name="write_report",
    title="Writing the report...",
    doing="Writing the report...",
    icon="📝",
    category=CATEGORY_ACTION,
    progress=0.85,
    conditional=True,
    reads=("analyze", "models"),
)

STEPS = (
    CLASSIFY_INTENT,
    FETCH_CONTEXT,
    GENERATE_SQL,
    VALIDATE_SQL,
    EXECUTE_SQL,
    ANALYZE_ERROR,
    ANALYZE_RESULTS,
    DEEP,
    WRITE_REPORT,
    GENERATE_VIZ,
)
