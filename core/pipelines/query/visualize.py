"""generate_viz: the chart that fits the rows, or why none does."""

from core.pipeline import Step, step
from core.pipelines.query.results import Fetched, Pictured
from core.pipelines.query.steps import GENERATE_VIZ
from levada.v1.event_pb2 import ChartKind


@step(GENERATE_VIZ)
async def generate_viz(step: Step, rounds: list[Fetched]) -> Pictured:
    """Say the chart of each round's rows."""
    for fetched in rounds:
        step.emit(fetched.digest.chart)
    chart = rounds[0].digest.chart
    step.summary(chart.cause)
    return Pictured(kind=ChartKind.Name(chart.kind).removeprefix("CHART_KIND_").lower())
