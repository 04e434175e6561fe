"""generate_viz: the chart that fits the rows, or why none does."""

from core.errors import ModelError
from core.pipeline import Step, step
from core.pipelines.answering.asking import language_of
from core.pipelines.answering.caption import captioned
from core.pipelines.answering.results import Fetched, Pictured, Proposal
from core.pipelines.answering.steps import GENERATE_VIZ
from levada.v1.event_pb2 import CHART_KIND_TABLE, Chart, ChartKind


@step(GENERATE_VIZ)
async def generate_viz(step: Step, proposal: Proposal, rounds: list[Fetched]) -> Pictured:
    """Say the chart of each round's rows, that of the first one with the words that a language model has for it."""
    chart = await _first(step, proposal, rounds[0])
    for drawn in (chart, *(fetched.digest.chart for fetched in rounds[1:])):
        step.emit(drawn)
    step.summary(chart.cause)
    return Pictured(kind=ChartKind.Name(chart.kind).removeprefix("CHART_KIND_").lower())


async def _first(step: Step, proposal: Proposal, fetched: Fetched) -> Chart:
    model, chart = language_of(step.run), fetched.digest.chart
    if model is None or chart.kind == CHART_KIND_TABLE:
        return chart
    try:
        return await captioned(model, proposal, fetched.digest)
    except (ModelError, TimeoutError) as error:
        cause = error.message if isinstance(error, ModelError) else "It took too long."
        step.progress(f"The model gave the chart no title, so it has the question's. {cause}", lasting=True)
        return chart
