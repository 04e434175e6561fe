"""A language model that plays a cast: each agent has lines of its own, and waits where a test holds it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence

from core.errors import ModelUnavailable
from core.models.language import Delta, Form, Piece, Prompt, Usage
from core.models.scripted_language import Answer, ScriptedCall


class Cast:
    """Answers a prompt `agents/TEMPLATE@N/AGENT` by the next of the lines of "TEMPLATE/AGENT", else of "TEMPLATE".

    A prompt of another pipeline is answered by those of its own key, such as "answering/nl2sql". *held* events are
    waited for, after a line's first delta, by the same names; *asked* keeps the prompts by them.
    """

    name, provider = "cast", "levada"
    forms: Sequence[Form] = tuple(Form)

    def __init__(self, **lines: "list[Answer | str]") -> None:
        self.lines = {name: list(said) for name, said in lines.items()}
        self.asked: defaultdict[str, list[Prompt]] = defaultdict(list)
        self.held: dict[str, asyncio.Event] = {}
        self.begun: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.together: asyncio.Barrier | None = None
        self.left: list[str] = []

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        part, agent = names(prompt.key)
        whole = f"{part}/{agent}" if agent else part
        self.asked[whole].append(prompt)
        answer = self._next(whole, part)
        if self.together is not None and part == "contribution":
            await self.together.wait()
        try:
            for number, delta in enumerate(answer.deltas()):
                await asyncio.sleep(0)
                yield Delta(delta)
                if number == 0:
                    self.begun[whole].set()
                    if whole in self.held:
                        await self.held[whole].wait()
        except (GeneratorExit, asyncio.CancelledError):
            self.left.append(whole)
            raise
        if answer.fails:
            raise ModelUnavailable("The model is gone.")
        yield answer.finish(self.name)

    def _next(self, whole: str, part: str) -> Answer:
        lines = self.lines.get(whole) or self.lines.get(part)
        if not lines:
            raise ModelUnavailable(f"Nobody has lines for {whole}.")
        line = lines.pop(0)
        return Answer(text=line, usage=Usage(10, 5)) if isinstance(line, str) else line

    async def close(self) -> None:
        """There is nothing to close."""


def names(key: str) -> tuple[str, str]:
    """Return the template of *key*, with its pipeline unless that is `agents`, and the agent, if there is one."""
    template, _, rest = key.partition("@")
    return template.removeprefix("agents/"), rest.partition("/")[2]


def invites(primary: str, *supporting: str, question: str = "", **asks: str) -> Answer:
    """Return the coordinator's line that chooses these."""
    invited = [{"name": name, "cause": f"{name} can help.", "ask": asks.get(name, "")} for name in supporting]
    return Answer(value={"question": question, "primary": primary, "supporting": invited})


def asks(tool: str, *questions: str, text: str = "") -> Answer:
    """Return a line that calls *tool* with each of *questions*."""
    return Answer(text=text, calls=[ScriptedCall(name=tool, arguments={"question": one}) for one in questions])
