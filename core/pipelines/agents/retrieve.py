"""retrieve: the retrieval agent says what the documents hold, from what it found alone, within 10 seconds."""

import asyncio
from contextlib import aclosing

from core.errors import ModelError, SourceError
from core.models import calls
from core.models.language import LanguageModel
from core.pipeline import Step, step
from core.pipelines.agents.cited import Held, sources
from core.pipelines.agents.extracts import extracts
from core.pipelines.agents.prompting import MESSAGE, evidence, prompt
from core.pipelines.agents.results import Said, Team, passage_as
from core.pipelines.agents.roles import Role
from core.pipelines.agents.speaking import Heard, Telling, by_id, model_of
from core.pipelines.agents.steps import RETRIEVE
from core.pipelines.answering.passages import passages
from core.pipelines.answering.prose import Prose, left_out, spoken
from core.prompts import quoted
from levada.v1.event_pb2 import CHANNEL_CONTRIBUTION, TextCompleted

SECONDS = 10.0
MOST_PASSAGES = 6
NOTHING = "The documents hold nothing about it."


@step(RETRIEVE)
async def retrieve(step: Step, team: Team) -> Said:
    """Read the documents; what goes wrong is said, and the answer goes on without."""
    role = team.retrieval
    if role is None:
        raise ValueError("there is no retrieval agent")
    step.progress(RETRIEVE.doing)
    reading = _Reading(step, role, team)
    try:
        async with asyncio.timeout(SECONDS):
            await reading.read()
    except TimeoutError:
        reading.said.problem = (
            f"Reading the documents took longer than {SECONDS:g} seconds; what was found by then is used."
        )
    except (SourceError, ModelError) as error:
        reading.said.problem = error.message
    return reading.ended()


class _Reading:
    """One agent's reading of the documents."""

    def __init__(self, step: Step, role: Role, team: Team) -> None:
        self._step, self._role, self._team = step, role, team
        self._telling = Telling(step, role, "retrieval")
        self._heard = Heard()
        self._pieces: list[str] = []
        self.said = Said(agent=role.name, title=role.title)

    async def read(self) -> None:
        """Search, and say what was found. Raises SourceError, ModelError."""
        found = await passages(self._step.run, self._team.question, MOST_PASSAGES)
        self.said.evidence = [passage_as(f"d{number}", one) for number, one in enumerate(found, 1)]
        model = model_of(self._step.run, self._role)
        if not found:
            self._say(NOTHING)
        elif model is None:
            self._say(extracts(self._team.question, self.said.evidence))
        else:
            await self._written(model)

    async def _written(self, model: LanguageModel) -> None:
        prose = Prose(Held(self.said.evidence).admit)
        asked = prompt(
            model,
            "passages",
            self._role,
            {"evidence": evidence(self.said.evidence)},
            question=quoted(self._team.question, MESSAGE),
        )
        with calls.listening(self._heard):
            async with aclosing(spoken(model, asked, prose)) as sentences:
                async for sentence in sentences:
                    self._say(sentence)
        for sentence in prose.rest():
            self._say(sentence)
        if prose.left_out:
            self._say(f"\n\n{left_out(prose.left_out)}")

    def _say(self, text: str) -> None:
        self._pieces.append(text)
        self._step.text(CHANNEL_CONTRIBUTION, text)

    def ended(self) -> Said:
        said, found = self.said, by_id(self.said.evidence)
        if said.problem:
            self._step.progress(said.problem, lasting=True)
        if said.evidence and not self._pieces:
            self._say(extracts(self._team.question, said.evidence))
        said.text = "".join(self._pieces)
        self._step.emit(TextCompleted(channel=CHANNEL_CONTRIBUTION, text=said.text))
        asker = self._team.primary.role.name
        self._telling.answered(asker, self._team.question, said.text, self._heard)
        self._telling.completed(said, sources(said.text, found))
        self._step.summary(f"{len(found)} passage{'s' if len(found) != 1 else ''} found" if found else NOTHING)
        return said
