"""The pipeline `auto`: what a question needs decides who answers it, `query` from one source or `federated` from many.

It adds no way of answering: having classified the question it tells the story of one of the two.
"""

from core.pipeline import Ending, Pipeline, Run
from core.pipelines import federated, query
from core.pipelines.auto.classify import classify_question
from core.pipelines.auto.request import check, sample_questions
from core.pipelines.auto.steps import STEPS


async def answer(run: Run) -> Ending:
    """Answer a question: find out which sources it needs, then as whichever pipeline these call for."""
    route = await run.step(classify_question)
    if route.pipeline == query.PIPELINE.name:
        return await query.answer(run, route.choices[0].source)
    return await federated.answer_over(run, route)


PIPELINE = Pipeline(
    name="auto",
    title="Ask whatever knows",
    description="Finds out which sources a question needs, and why; one is asked as `query` does it, several as "
    "`federated` does.",
    steps=STEPS,
    run=answer,
    check=check,
    sample_questions=sample_questions,
    ended=federated.PIPELINE.ended,
)
