"""The outline and the report as a language model writes them; each sentence is held against what it cites."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from core.errors import ModelError
from core.models.language import Delta, Finish, LanguageModel, Message, Prompt, Stop
from core.models.stops import ended
from core.pipeline import Step
from core.pipelines.answering import material as shown
from core.pipelines.answering.prompted import room_of
from core.pipelines.answering.prose import Citations, Prose, left_out
from core.pipelines.research.prompted import material
from core.pipelines.research.prompted.forms import WrittenOutline
from core.pipelines.research.prompted.material import PROMPTS
from core.pipelines.research.prompted.planning import filled
from core.pipelines.research.results import Outline, Section
from core.pipelines.research.workflow import Workflow
from core.prompts import Ours, quoted

REPORT_TOKENS = 4_096


async def outline_with(step: Step, model: LanguageModel, workflow: Workflow) -> Outline:
    """Have *model* put together what was found. Raises ModelError."""
    text = PROMPTS.render(
        "research_outline",
        room_of(model),
        {"results": material.results(workflow.held)},
        objective=quoted(workflow.objective, shown.QUESTION),
    )
    written = await filled(step, model, text, WrittenOutline)
    conclusion = [one.strip() for one in material.resting(workflow, written.conclusion) if one.strip()]
    sections = [
        Section(
            heading=" ".join("".join(material.resting(workflow, one.heading)).split())[:100] or "Findings",
            tasks=[name for name in one.tasks if name in workflow.found],
            points=[point for point in material.resting(workflow, one.message) if point.strip()],
        )
        for one in written.sections
    ]
    return Outline(conclusion=conclusion, sections=sections)


class Report:
    """A report as it is written; *problem* says in the end what is not as it should be."""

    def __init__(self, step: Step, model: LanguageModel, workflow: Workflow, outline: Outline, remark: str) -> None:
        self._step, self._model, self._workflow, self._remark = step, model, workflow, remark
        self._outline = outline
        self._citations = Citations(material.facts(workflow.held, workflow.objective))
        self._prose = Prose(self._citations.admit)
        self.problem = ""

    async def pieces(self) -> AsyncGenerator[str, None]:
        """Yield the report, sentence by sentence, as far as it holds."""
        try:
            async with aclosing(self._model.stream(self._prompt())) as stream:
                async for piece in stream:
                    if isinstance(piece, Delta):
                        for sentence in self._prose.add(piece.text):
                            yield sentence
                    elif isinstance(piece, Finish) and ended(piece, self._model.name).stop is Stop.LENGTH:
                        self.problem = "The model's report breaks off: it reached the length that an answer may have."
        except ModelError as error:
            self.problem = f"The model could not write the report to its end: {error.message}"
        for sentence in self._prose.rest():
            yield sentence

    def remarks(self) -> Iterator[str]:
        """Yield what is to be said of the model's words."""
        if unknown := ", ".join(self._citations.unknown):
            yield f"*The model cited {unknown}, and nothing of that name was found: those references are taken out.*"
        if self._prose.left_out:
            yield left_out(self._prose.left_out)
        if self.problem:
            yield f"*{self.problem}*"

    def _prompt(self) -> Prompt:
        text = PROMPTS.render(
            "research_report",
            room_of(self._model),
            {"results": material.results(self._workflow.held)},
            objective=quoted(self._workflow.objective, shown.QUESTION),
            outline=list(_lines(self._outline)),
            remark=quoted(self._remark, shown.MESSAGE) if self._remark else "",
        )
        if text.left_out:
            self._step.progress(f"The model's prompt has no room for {'; '.join(text.left_out)}.", lasting=True)
        return Prompt(text.system, [Message("user", text.user)], max_tokens=REPORT_TOKENS, key=text.key)


def _lines(outline: Outline) -> Iterator[Ours]:
    yield Ours(f"conclusion: {quoted(' '.join(outline.conclusion), shown.MESSAGE)}")
    for section in outline.sections:
        said = quoted(" ".join(section.points), shown.MESSAGE)
        yield Ours(f"section {quoted(section.heading)} of tasks {', '.join(section.tasks) or 'none'}: {said}")
