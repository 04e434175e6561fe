"""The steps that end every answer in rows, as they are announced."""

from core.pipeline import StepSpec
from levada.v1.event_pb2 import CATEGORY_ACTION, CATEGORY_THINKING

ANALYZE_RESULTS = StepSpec(
    name="analyze_results",
    title="Finding patterns in your data...",
    doing="Finding patterns in your data...",
    icon="📈",
    category=CATEGORY_THINKING,
    progress=0.75,
    seconds=120,
    reads=("analyze", "models"),
)
GENERATE_VIZ = StepSpec(
    name="generate_viz",
    title="Creating your visualization...",
    doing="Creating your visualization...",
    icon="📉",
    category=CATEGORY_ACTION,
    progress=0.90,
    seconds=30,
    reads=("analyze", "models"),
)
