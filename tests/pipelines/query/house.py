"""A whole house for tests of `query`: real sources, store and engine; only the model may play a script."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any, Self

from core.catalog import SHOP_FILE, Catalog
from core.engine import Engine
from core.identity import LOCAL, Principal
from core.models.base import Draft, Model
from core.models.language import Form, LanguageModel
from core.models.scripted import Script, Scripted
from core.models.scripted_language import Answer, ScriptedLanguage
from core.pipelines import PIPELINES
from core.settings import Limits, Settings
from core.sources.base import Source
from core.store import open_store
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import InputAnswer, RunRequest
from tests.limits import LIFTED

# What a question that goes well passes through.
STEPS = [
    "classify_intent",
    "fetch_context",
    "generate_sql",
    "validate_sql",
    "execute_sql",
    "analyze_results",
    "generate_viz",
]
TERMINAL = {"completed", "failed", "cancelled"}


def kind(event: Event) -> str:
    return event.WhichOneof("payload") or ""


def draft(sql: str, explanation: str = "As it was asked.") -> Draft:
    return Draft(sql=sql, explanation=explanation)


class OneModel(Catalog):
    """A catalogue whose only model is the one at hand, but for roles that have one of their own."""

    at_hand: Model | LanguageModel
    in_role: dict[str, Model | LanguageModel]

    def model(self, name: str = "", role: str = "default") -> Model | LanguageModel:
        return self.in_role.get(role, self.at_hand)


class Seen:
    """What a reader saw of a run."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = list(events)

    @property
    def kinds(self) -> list[str]:
        return [kind(event) for event in self.events]

    @property
    def steps(self) -> list[str]:
        """Return the steps that began, in order."""
        return [event.step for event in self.events if kind(event) == "step_started"]

    def all(self, name: str, step: str = "") -> list[Any]:
        found = [event for event in self.events if kind(event) == name and step in ("", event.step)]
        return [getattr(event, name) for event in found]

    def one(self, name: str) -> Any:
        found = self.all(name)
        assert len(found) == 1, f"{len(found)} of {name} among {self.kinds}"
        return found[0]

    def text(self, channel: int) -> str:
        return "".join(delta.text for delta in self.all("text_delta") if delta.channel == channel)

    @property
    def end(self) -> Any:
        last = self.events[-1]
        assert kind(last) in TERMINAL, self.kinds
        return getattr(last, kind(last))


class House:
    """Runs requests over the source at *url* as a caller would see them, kept in a file in *folder* or in *store*.

    Without a URL it is the sample shop that is asked, from the file *shop*.
    """

    def __init__(
        self,
        folder: Path,
        url: str = "",
        model: Model | None = None,
        store: str = "",
        shop: Path = SHOP_FILE,
        **limits: Any,
    ) -> None:
        store = store or f"sqlite:///{folder}/runs.db"
        self.shop = shop
        self.settings = Settings(store=store, source=url, sample=not url, limits=Limits(**LIFTED | limits), config="")
        self.model = model or Scripted(Script())
        self.engine: Engine
        self.catalog: OneModel
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        store = open_store(self.settings.store)
        self.catalog = OneModel(self.settings, store, self.shop)
        self.catalog.at_hand, self.catalog.in_role = self.model, {}
        await self._stack.enter_async_context(self.catalog)
        self.engine = await self._stack.enter_async_context(Engine(self.settings, PIPELINES, self.catalog, store))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def source(self) -> Source:
        return self.catalog.sources(LOCAL)["default"]

    def plays(self, *drafts: Draft | str, **script: Any) -> Scripted:
        """Have the model play this script from now on."""
        self.catalog.at_hand = scripted = Scripted(Script(drafts=list(drafts), **script))
        return scripted

    def speaks(self, *answers: Answer | str, forms: Sequence[Form] = tuple(Form)) -> ScriptedLanguage:
        """Have a language model give these answers from now on."""
        self.catalog.at_hand = scripted = ScriptedLanguage(answers, forms=forms)
        return scripted

    async def create(self, question: str = "?", caller: Principal = LOCAL, **request: Any) -> str:
        run, _ = await self.engine.create(caller, RunRequest(question=question, **request))
        return run.run_id

    async def watch(self, run_id: str, *until: str, caller: Principal = LOCAL) -> Seen:
        """Watch until an event of one of these kinds has come, else to the end."""
        seen: list[Event] = []
        async with asyncio.timeout(60), aclosing(self.engine.watch(caller, run_id, 0)) as batches:
            async for batch in batches:
                seen += [Event.FromString(data) for data in batch]
                if any(kind(event) in until for event in seen):
                    break
        return Seen(seen)

    async def ask(self, question: str = "?", **request: Any) -> Seen:
        """Create a run and return everything it says."""
        return await self.watch(await self.create(question, **request))

    async def respond(self, run_id: str, **answer: Any) -> None:
        await self.engine.respond(LOCAL, run_id, InputAnswer(**answer))
