"""A task's work: its question is asked of the data, else looked up in documents; a language model goes its own way."""

from core.errors import NotUnderstood
from core.pipeline import Step
from core.pipelines.answering.asking import language_of
from core.pipelines.answering.passages import Passage
from core.pipelines.answering.quoting import about
from core.pipelines.research.asked import ask_data, data_sources, extracts, filled, search, tell, try_name
from core.pipelines.research.prompted.working import work_with
from core.pipelines.research.results import Found, Task
from core.pipelines.research.workflow import Background
from levada.v1.event_pb2 import CHANNEL_CONTRIBUTION, TextCompleted


async def work(step: Step, task: Task, background: Background) -> Found:
    """Find out what *task* is about. Raises LevadaError."""
    question = filled(task, background)
    step.progress(question)
    if (model := language_of(step.run)) is not None:
        found = await work_with(step, model, task, question, background)
    else:
        found = await _answered(step, task, question, background)
    tell(step, found)
    step.summary(found.text.partition("\n")[0].removeprefix("> ")[:300])
    return found


async def _answered(step: Step, task: Task, question: str, background: Background) -> Found:
    sources = task.sources or data_sources(step)
    try:
        if not sources:
            raise NotUnderstood("There is no source of rows to ask.")
        return await ask_data(step, question, sources, background, try_name(step, task))
    except NotUnderstood as error:
        found = await search(step, question, try_name(step, task))
        held = {name: one for name, one in found.passages.items() if _answers(task, question, one)}
        if not held:
            raise
        step.progress(f"The data has no answer, so documents were searched. {error.message}", lasting=True)
    said = f"{extracts(held)}\n\n*From documents, word for word, as no language model is configured.*"
    step.text(CHANNEL_CONTRIBUTION, said)
    step.emit(TextCompleted(channel=CHANNEL_CONTRIBUTION, text=said))
    return Found(text=said, passages=held)


def _answers(task: Task, question: str, passage: Passage) -> bool:
    return (not task.sources or passage.source in task.sources) and about(question, passage)
