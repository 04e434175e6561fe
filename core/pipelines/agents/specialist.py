"""One specialist at work: it looks up what it needs, says its points, and is told as failed when it can't."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from core.errors import LevadaError, ModelOutputInvalid, ModelRequired, NotUnderstood, StoreError
from core.models.language import LanguageModel, Message
from core.models.tools import Tool
from core.pipeline import Step, one_of
from core.pipelines.agents.asking import KNOWLEDGE, PIPELINES, Looked, ask
from core.pipelines.agents.cited import checked, facts, sources
from core.pipelines.agents.extracts import opening, parts
from core.pipelines.agents.prompting import MESSAGE, MOST_ROWS, WORDS, evidence, prompt, said, shown, turns
from core.pipelines.agents.results import Evidence, Member, Said, Team, passage_as
from core.pipelines.agents.speaking import Heard, Telling, by_id, model_of
from core.pipelines.agents.steps import SEARCH_KNOWLEDGE
from core.pipelines.agents.thinking import LAST_TURN, MOST_WORDS, Called, Look, Thought, Turned, think, tools
from core.pipelines.answering.passages import Passage, passages
from core.prompts import Ours, quoted
from levada.v1.event_pb2 import CHANNEL_CONTRIBUTION, TextCompleted

MOST_TURNS = 4
MOST_PASSAGES = 4
MOST_POINTS = 3
SUMMARY = 200


@dataclass
class Brief:
    """What a specialist is given: the *team*'s question, what was *read*, what *others* said.

    *debating*: it answers the others. *aloud* keeps what it says, also when its time is up.
    """

    team: Team
    read: Said | None = None
    others: Sequence[Said] = ()
    debating: bool = False
    aloud: list[str] = field(default_factory=list)


async def speak(step: Step, member: Member, brief: Brief) -> Said:
    """Have *member* contribute; an error is told, and kept in what it returns."""
    return await _Specialist(step, member, brief).speak()


class _Specialist:
    """One member's contribution in the making."""

    def __init__(self, step: Step, member: Member, brief: Brief) -> None:
        self._step, self._member, self._brief = step, member, brief
        self._role = member.role
        self._telling = Telling(step, self._role, "supporting")
        self._heard = Heard()
        self._looked = 0
        self.said = Said(agent=self._role.name, title=self._role.title)

    async def speak(self) -> Said:
        said, model = self.said, model_of(self._step.run, self._role)
        try:
            await (self._without_model() if model is None else self._with_model(model))
        except StoreError:
            raise
        except asyncio.CancelledError:
            # Its time is up, or the run's is.
            self._cut("It was stopped.")
            raise
        except LevadaError as error:
            self._cut(error.message)
            self._step.failed(error, will_retry=False)
            return said
        found = self._all()
        given = facts(found.values(), self._brief.team.question, self._member.ask, *(one.text for one in self._known()))
        self._step.emit(checked(said.text, found, given))
        self._telling.answered(
            self._brief.team.primary.role.name, self._member.ask, said.text, self._heard, context=", ".join(found)
        )
        self._telling.completed(said, sources(said.text, found))
        self._step.summary(opening(said.text, SUMMARY))
        return said

    def _cut(self, problem: str) -> None:
        self.said.problem, self.said.text = problem, "".join(self._brief.aloud)
        self._telling.completed(self.said)

    def _known(self) -> list[Said]:
        return [*([self._brief.read] if self._brief.read else []), *self._brief.others]

    def _all(self) -> dict[str, Evidence]:
        return dict(by_id(one for part in (*self._known(), self.said) for one in part.evidence))

    async def _without_model(self) -> None:
        """Have the data speak: whoever can ask it says what stands out in it."""
        tool = next((tool for tool in self._role.tools if tool in PIPELINES), "")
        if not tool or self._brief.debating:
            raise ModelRequired(
                f"The {self._role.title} needs a language model, and none is configured. Set LEVADA_MODEL, for "
                "instance to openai:NAME, or ask agents that look things up."
            )
        looked = await self._understood(tool)
        text = "\n".join(f"- {point}" for point in _points(looked)) if looked.answered else looked.summary
        if looked.reading:
            text = f"{looked.reading}\n\n{text}"
        self._step.text(CHANNEL_CONTRIBUTION, text)
        self._step.emit(TextCompleted(channel=CHANNEL_CONTRIBUTION, text=text))
        self.said.text = text

    async def _understood(self, tool: str) -> Looked:
        """Ask for the message, else for the first of the questions that it is made of which the data can answer.

        Nobody is there to say which of several readings is meant: the first is taken, and that is said.
        """
        refused: NotUnderstood | None = None
        several: list[str] = []
        apart = parts(self._member.ask)
        for question in [self._member.ask, *apart]:
            try:
                looked = await self._ask(tool, question, follows=True)
            except NotUnderstood as error:
                refused = refused or error
                continue
            if not looked.options:
                asked = "" if question == self._member.ask else f"Of this, the data was asked: “{question}”."
                return looked.model_copy(update={"reading": asked})
            several = several or looked.options
            if question != self._member.ask or not apart:
                return await self._read_as(tool, looked.options)
        if several:
            return await self._read_as(tool, several)
        raise refused or NotUnderstood("There is nothing to ask.")

    async def _read_as(self, tool: str, options: Sequence[str]) -> Looked:
        first, *others = options
        looked = await self._ask(tool, first, follows=True)
        also = f" It may also mean: {'; '.join(others)}." if others else ""
        return looked.model_copy(update={"reading": f"Read as “{first}”.{also}"})

    async def _with_model(self, model: LanguageModel) -> None:
        """Let the model look things up for a few turns, then say its points."""
        offered = [] if self._brief.debating else tools(self._step.run, self._role)
        thoughts: list[Thought] = []
        for left in range(MOST_TURNS - 1 if offered else 0, -1, -1):
            turned = await self._turn(model, thoughts, offered if left else [])
            if not turned.calls or turned.cut:
                break
            thoughts.append(Thought(turned, await self._looks(turned.calls)))
        if not turned.text.strip():
            raise ModelOutputInvalid(f"The {self._role.title}'s model {model.name} said nothing.")
        self.said.text, self.said.cut = turned.text, turned.cut

    async def _turn(self, model: LanguageModel, thoughts: list[Thought], offered: list[Tool]) -> Turned:
        brief, team = self._brief, self._brief.team
        after = [message for thought in thoughts for message in thought.messages()]
        if after and not offered:
            after.append(Message("user", LAST_TURN))
        asked = prompt(
            model,
            "contribution",
            self._role,
            {
                "turns": turns(team.turns),
                "evidence": evidence([one for part in self._known() for one in part.evidence]),
                "said": said(brief.others),
            },
            after,
            primary=Ours(team.primary.role.title),
            known=quoted(brief.read.text, WORDS) if brief.read and brief.read.text else "",
            question=quoted(team.question, MESSAGE),
            ask=quoted(self._member.ask, MESSAGE),
            tools=bool(offered),
            rounds=MOST_TURNS - 1,
            most_words=MOST_WORDS,
            debating=brief.debating,
        )
        turned = await self._step.run.step(think, model, asked, offered, brief.aloud)
        self._heard.prompts += turned.prompts
        self._heard.input_tokens += turned.input_tokens
        self._heard.output_tokens += turned.output_tokens
        return turned

    async def _looks(self, wanted: Sequence[Called]) -> list[Look]:
        """Do what the model calls for, side by side."""
        async with asyncio.TaskGroup() as group:
            looks = [group.create_task(self._look(call)) for call in wanted]
        return [look.result() for look in looks]

    async def _look(self, call: Called) -> Look:
        if call.problem:
            return Look(call.problem)
        try:
            if call.tool == KNOWLEDGE:
                found = await self._search(call.question)
                summary = "" if found else "The documents hold nothing about it."
            else:
                looked = await self._ask(call.tool, call.question)
                found, summary = looked.evidence, str(quoted(looked.summary, WORDS))
        except StoreError:
            raise
        except LevadaError as error:
            return Look(f"Error: {quoted(error.message, WORDS)}")
        return Look("\n".join([summary, *(shown(one, MOST_ROWS) for one in found)]).strip(), found)

    async def _ask(self, tool: str, question: str, *, follows: bool = False) -> Looked:
        began, name = time.monotonic(), self._next()
        looked = await ask(self._step, tool, question, name=name, follows=follows)
        self.said.evidence += looked.evidence
        if looked.remembered is not None and self.said.remembered is None:
            # What follows is about the message, unless that leans on the conversation itself.
            whole = looked.remembered.question if follows else self._brief.team.question
            self.said.remembered = looked.remembered.model_copy(update={"question": whole})
        self._telling.asked(tool, question, looked.summary, began)
        return looked

    async def _search(self, question: str) -> list[Evidence]:
        began, name = time.monotonic(), self._next()
        found = await self._step.run.step(one_of(_search, SEARCH_KNOWLEDGE), question)
        read = [passage_as(f"{name}.d{number}", one) for number, one in enumerate(found, 1)]
        self.said.evidence += read
        self._telling.asked(KNOWLEDGE, question, "; ".join(one.about for one in read) or "nothing", began)
        return read

    def _next(self) -> str:
        self._looked += 1
        return f"{self._role.name}-{self._looked}"


def _points(looked: Looked) -> list[str]:
    """Return what stands out, cited: the answer, then what closer looks found in turn, else its other findings."""
    points = [f"{looked.summary} [{', '.join(looked.rests_on)}]" if looked.rests_on else looked.summary]
    each = [[f"{finding.text} [{one.id}]" for finding in one.findings] for one in looked.evidence]
    in_turn = chain.from_iterable(zip_longest(*(each[1:] or each), fillvalue=""))
    known = " ".join(points)
    return [*points, *(point for point in in_turn if point and point.rpartition(" [")[0] not in known)][:MOST_POINTS]


async def _search(step: Step, question: str) -> list[Passage]:
    found = await passages(step.run, question, MOST_PASSAGES)
    step.summary(f"{len(found)} passages")
    return found
