"""synthesize: the primary agent puts together what there is, and its words are told as they come.

What it names is held against what was found and said once it is whole, and told beside it. Words that break off are
told as partial, and the error ends the run.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing

from core.errors import LevadaError, ModelOutputInvalid, ModelUnavailable, NotUnderstood
from core.models import calls
from core.models.language import Delta, Finish, LanguageModel, Prompt
from core.models.stops import ended, whole
from core.pipeline import Step, step
from core.pipelines.agents.cited import checked, cited, facts, sources, spoken
from core.pipelines.agents.extracts import clearly_about, extracts, opening
from core.pipelines.agents.prompting import MESSAGE, evidence, prompt, said, turns
from core.pipelines.agents.results import Answer, Contributions, Evidence, Said, Team
from core.pipelines.agents.speaking import Heard, Telling, by_id, model_of
from core.pipelines.agents.steps import SYNTHESIZE, WRITTEN
from core.pipelines.answering.quoting import plain
from core.prompts import Ours, quoted
from levada.v1.event_pb2 import CHANNEL_ANSWER, TextCompleted
from levada.v1.run_pb2 import AgentsMode

SUMMARY = 600
MODES = {
    AgentsMode.AGENTS_MODE_PARALLEL: "parallel",
    AgentsMode.AGENTS_MODE_DEBATE: "debate",
    AgentsMode.AGENTS_MODE_SEQUENTIAL: "sequential",
}
BY_ITSELF = "*Put together from what was found, word for word: no language model took part.*"


@step(SYNTHESIZE)
async def synthesize(step: Step, team: Team, read: Said | None, contributions: Contributions) -> Answer:
    """Write the answer. Raises ModelError once the model's words break off, NotUnderstood when there are none."""
    return await _Synthesis(step, team, read, contributions).written()


class _Synthesis:
    """The answer in the making."""

    def __init__(self, step: Step, team: Team, read: Said | None, contributions: Contributions) -> None:
        self._step, self._team, self._read, self._contributions = step, team, read, contributions
        self._role = team.primary.role
        self._heard = Heard()
        self._pieces: list[str] = []
        self._by_itself = False
        parts = [*([read] if read else []), *contributions.usable]
        self._found: dict[str, Evidence] = dict(by_id(one for part in parts for one in part.evidence))

    async def written(self) -> Answer:
        self._step.progress(SYNTHESIZE.doing)
        telling, model = Telling(self._step, self._role, "primary"), model_of(self._step.run, self._role)
        said = Said(agent=self._role.name, title=self._role.title)
        try:
            if model is None:
                self._say(self._by_rule())
            else:
                await self._spoken(model)
        except (LevadaError, asyncio.CancelledError) as error:
            said.text, said.problem = "".join(self._pieces), str(error) or "It was stopped."
            telling.completed(said)
            raise
        return self._whole(telling, said)

    def _whole(self, telling: Telling, said: Said) -> Answer:
        """Say what the answer rests on, and whether it does."""
        text = "".join(self._pieces)
        if missing := "\n".join(self._missing()):
            self._say(f"\n\n{missing}")
        named = sources(text, self._found)
        if named:
            self._say("\n\n**Sources**\n\n" + "\n".join(f"- {line}" for line in named))
        if self._by_itself and named:
            self._say(f"\n\n{BY_ITSELF}")
        self._step.emit(TextCompleted(channel=CHANNEL_ANSWER, text="".join(self._pieces)))
        self._step.emit(checked(text, self._found, self._given()))
        said.text = text
        telling.completed(said, named)
        self._step.progress("The answer is written.", WRITTEN)
        answer = Answer(
            summary=opening(spoken(text), SUMMARY), rests_on=[one for one in cited(text) if one in self._found]
        )
        self._step.summary(answer.summary)
        return answer

    def _given(self):
        texts = [self._team.question, self._step.run.request.question]
        texts += [one.text for one in self._contributions.usable]
        texts += [text for turn in self._team.turns for text in (turn.question, turn.answer)]
        return facts(self._found.values(), *texts)

    async def _spoken(self, model: LanguageModel) -> None:
        """Have *model* write; while it can't be reached, what there is is told as it is."""
        try:
            with calls.listening(self._heard):
                async with aclosing(model.stream(self._prompt(model))) as stream:
                    async for piece in stream:
                        if isinstance(piece, Delta):
                            self._say(piece.text)
                        elif isinstance(piece, Finish):
                            whole(ended(piece, model.name), model.name)
            if not "".join(self._pieces).strip():
                raise ModelOutputInvalid(f"The model {model.name} wrote nothing.")
        except (ModelUnavailable, ModelOutputInvalid) as error:
            if "".join(self._pieces).strip() or not self._there():
                raise
            self._step.progress(f"{error.message} What was found is given as it is.", lasting=True)
            self._say(self._by_rule())

    def _prompt(self, model: LanguageModel) -> Prompt:
        team, contributions = self._team, self._contributions
        missing = [f"{one.title} ({one.problem})" for one in contributions.said if one.problem]
        return prompt(
            model,
            "team_answer",
            self._role,
            {
                "turns": turns(team.turns),
                "evidence": evidence(list(self._found.values())),
                "contributions": said([*([self._read] if self._read else []), *contributions.usable]),
            },
            message=quoted(self._step.run.request.question, MESSAGE),
            question=quoted(team.question, MESSAGE),
            mode=Ours(MODES.get(self._step.run.request.agents.mode, "")),
            missing=quoted("; ".join(missing)) if missing else "",
        )

    def _missing(self) -> Iterator[str]:
        """Say whose words are not in the answer, and why, once for each."""
        parts = [*([self._read] if self._read else []), *self._contributions.said]
        problems = {one.title: one.problem for one in parts if one.problem}
        for title, problem in problems.items():
            yield f"- *Missing here is what the {plain(title)} would have added.* {plain(problem)}"

    def _there(self) -> list[str]:
        """Return what was found, as it was found."""
        said = [one.text for one in self._contributions.usable if one.text]
        question, read = self._team.question, self._read.evidence if self._read else []
        # Beside what the data says only what is clearly about it is quoted.
        if read := [one for one in read if not said or clearly_about(question, one.text)]:
            said.append(f"From the documents:\n\n{extracts(question, read)}")
        return said

    def _by_rule(self) -> str:
        """Return what there is. Raises NotUnderstood when that is nothing."""
        said = self._there()
        if not said:
            raise _nothing(self._contributions.said)
        self._by_itself = True
        return "\n\n".join(said)

    def _say(self, text: str) -> None:
        self._pieces.append(text)
        self._step.text(CHANNEL_ANSWER, text)


def _nothing(said: Sequence[Said]) -> NotUnderstood:
    tried = " ".join(f"{one.title}: {one.problem}" for one in said if one.problem)
    return NotUnderstood(
        f"Nobody of the team found anything to answer with. {tried} Ask about what the sources and documents hold, or "
        "set LEVADA_MODEL, so that agents can speak by themselves.".replace("  ", " ")
    )
