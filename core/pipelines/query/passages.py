"""analyze_results over documents: the answer from the passages found, each claim with where it stands."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from core.errors import ModelError
from core.models.language import LanguageModel, Message, Prompt
from core.pipeline import Step, step
from core.pipelines.answering import quoting
from core.pipelines.answering.asking import language_of
from core.pipelines.answering.passages import LONGEST_PASSAGE, Passage
from core.pipelines.answering.prompted import PROMPTS, room_of
from core.pipelines.answering.prose import Prose, spoken
from core.pipelines.answering.quoting import MISSING, Cited
from core.pipelines.answering.results import Analysis, Context, Fetched
from core.pipelines.answering.steps import ANALYZE_RESULTS
from core.prompts import Ours, Part, quoted
from levada.v1.event_pb2 import CHANNEL_ANSWER, TextCompleted

QUESTION = 10_000
NOTHING = f"{MISSING} anything about it: no passage has its words."
UNCLEAR = f"{MISSING} anything clear about it: no passage shares more than a word with the question."


@step(ANALYZE_RESULTS)
async def analyze_passages(step: Step, context: Context, question: str, fetched: Fetched) -> Analysis:
    """Answer *question* from the passages that were fetched."""
    telling = _Telling(step, question, quoting.passages_of(context.source, fetched.digest.excerpt))
    await telling.tell()
    count = len(telling.passages)
    summary = f"{count} passage{'s' if count != 1 else ''} of your documents about it." if count else NOTHING
    step.summary(UNCLEAR if telling.summary == UNCLEAR else summary)
    return Analysis(summary=telling.summary or summary)


class _Telling:
    """One answer on its way out; *summary* is what of it fits a sentence, and where that stands."""

    def __init__(self, step: Step, question: str, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self._step, self._question = step, question
        self.summary = ""
        self._pieces: list[str] = []

    async def tell(self) -> None:
        model = language_of(self._step.run)
        if not self.passages:
            self._say(NOTHING)
        elif model is None:
            self._quote()
        else:
            await self._written(model)
        self._step.emit(TextCompleted(channel=CHANNEL_ANSWER, text="".join(self._pieces)))

    def _quote(self) -> None:
        best = quoting.best(self._question, self.passages)
        if not best:
            self._say(UNCLEAR)
            self._cite(range(1, len(self.passages) + 1))
            self.summary = UNCLEAR
            return
        for piece in quoting.quotations(self._question, self.passages):
            self._say(piece)
        self._cite(best)
        first = self.passages[best[0] - 1]
        self.summary = f"“{quoting.extract(self._question, first.text)}” ({first.cited})"

    def _cite(self, numbers: Sequence[int]) -> None:
        if numbers:
            self._say(f"\n\n{quoting.sources(self.passages, numbers)}")

    async def _written(self, model: LanguageModel) -> None:
        """Stream what of the model's words the passages hold; their own words where that is nothing."""
        cited = Cited(self._question, self.passages)
        prose = Prose(cited.admit)
        try:
            asked = await asyncio.to_thread(self._prompt, model)
            async with aclosing(spoken(model, asked, prose)) as sentences:
                async for sentence in sentences:
                    self._say(sentence)
        except ModelError as error:
            instead = "The answer breaks off there." if cited.numbers else "The passages are quoted instead."
            self._step.progress(f"{error.message} {instead}", lasting=True)
        for sentence in prose.rest():
            self._say(sentence)
        if prose.left_out:
            self._say(f"\n\n*{_left_out(prose.left_out)}*")
        if not cited.numbers and not cited.missing:
            self._say("\n\n" if self._pieces else "")
            self._quote()
        else:
            self.summary = quoting.opening("".join(self._pieces))
            self._cite(list(cited.numbers))

    def _prompt(self, model: LanguageModel) -> Prompt:
        parts = [
            Part(f"passage {number}", _shown(number, one), worth=1 / number)
            for number, one in enumerate(self.passages, start=1)
        ]
        text = PROMPTS.render(
            "from_passages",
            room_of(model),
            {"passages": parts},
            question=quoted(self._question, QUESTION),
            missing=Ours(MISSING),
        )
        return Prompt(text.system, [Message("user", text.user)], temperature=0.0, key=text.key)

    def _say(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._step.text(CHANNEL_ANSWER, text)


def _shown(number: int, one: Passage) -> Ours:
    where = f"{quoted(one.cited)}, under {quoted(one.title)}" if one.title else quoted(one.cited)
    return Ours(f"[{number}] {where}: {quoted(one.text, LONGEST_PASSAGE)}")


def _left_out(count: int) -> str:
    said = "One sentence of the model's is" if count == 1 else f"{count} sentences of the model's are"
    return f"{said} left out: the passages don't hold what was said there."
