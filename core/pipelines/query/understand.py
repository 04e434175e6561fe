"""Understanding the question: classify_intent, and the person's answers where it can be read in several ways."""

from core.models.base import Intent, Turn
from core.pipeline import Ending, Run
from core.pipelines.answering.clarify import interactive, unasked, which_reading
from core.pipelines.answering.results import Reading
from core.pipelines.query.classify import classify_intent
from core.pipelines.query.steps import STEPS
from levada.v1.event_pb2 import OUTCOME_REPLIED

MOST_CLARIFICATIONS = 3


async def understand(run: Run, source: str = "") -> Reading | Ending:
    """Return what is asked, or how the run ends when that needs no data, or more than the caller said.

    *source* is to be asked; without one the request says which, or the default one is.
    """
    question = run.request.question
    reading = await run.step(classify_intent, question, source=source)
    for number in range(1, MOST_CLARIFICATIONS + 1):
        if reading.intent is not Intent.CLARIFY or run.request.query.query:
            break
        asked = which_reading(reading, number)
        if not interactive(run):
            return unasked(asked)
        answer = (await run.ask(asked)).text.strip()
        if answer in reading.options:
            return reading.model_copy(update={"intent": Intent.SIMPLE, "question": answer})
        # Own words may be a whole question or just what was missing: read like a follow-up.
        reading = await run.step(classify_intent, answer, [Turn(question=question)], source)
    # A fork may give a query where its origin's question needed none.
    return _replied(run, reading) if reading.reply and not run.request.query.query else reading


def _replied(run: Run, reading: Reading) -> Ending:
    for spec in STEPS[1:]:
        if not spec.conditional:
            run.skip(spec, "This needs no data.")
    return Ending(OUTCOME_REPLIED, reading.reply.partition("\n")[0])
