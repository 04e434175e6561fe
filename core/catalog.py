"""What runs may use of the house: sources and models from the settings, look-ups, history (pipeline's Services).

Everything is asked on behalf of an owner; a source that is another tenant's is as if it did not exist.
"""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol, Self

from core.errors import LevadaError
from core.identity import Principal
from core.knowledge import Knowledge
from core.lookup import SourceLookup
from core.models import Models
from core.models.base import Lookup, Model, Turn
from core.models.choosing import DEFAULT as DEFAULT_ROLE
from core.models.language import LanguageModel
from core.pipeline import Refreshed, Schemas, Tell, untold
from core.pipelines.answering.asking import unknown_source
from core.pipelines.answering.passages import LANGUAGE
from core.sample_shop import NAME as SHOP
from core.sample_shop import URL as SHOP_URL
from core.sample_shop import SampleShop
from core.schema_index import SchemaIndex
from core.settings import Settings, SourceSettings
from core.sources import open_source, sample
from core.sources.base import Source
from core.starters import starters
from levada.v1.catalog_pb2 import Definition

logger = logging.getLogger(__name__)

DEFAULT = "default"
SHOP_FILE = Path(".levada/shop.db")


class Memory(Protocol):
    """What a store remembers of earlier runs."""

    async def history(self, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]: ...

    async def answered(self, owner: Principal, source: str, limit: int) -> Sequence[Turn]: ...


class Catalog:
    """The configured sources and models, and each tenant's documents, where there is *knowledge*.

    Use as a context manager: within, sources are looked at in the background.
    """

    def __init__(
        self, settings: Settings, memory: Memory, shop_file: Path = SHOP_FILE, knowledge: Knowledge | None = None
    ) -> None:
        self.limits = settings.limits
        self.scratch = Path(settings.scratch)
        self.agents = settings.agents
        self._memory = memory
        self._models = Models(settings)
        self._tenants = {name: found.tenants for name, found in settings.sources.items()}
        self._sources = _opened(settings, shop_file)
        self._knowledge = knowledge
        self._lookups = {source: SourceLookup(source) for source in self._sources.values()}
        self._index = SchemaIndex(self._sources)
        self._refresh_seconds = settings.refresh
        self._samples: dict[str, Sequence[str]] = {
            name: sample.QUESTIONS for name, source in self._sources.items() if isinstance(source, SampleShop)
        }
        self._warming: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._warming = asyncio.create_task(self._warm())
        self._keeping = asyncio.create_task(self._keep_fresh())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self._warming, self._keeping):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        async with AsyncExitStack() as stack:
            for source in self._sources.values():
                stack.push_async_callback(source.close)
            for lookup in self._lookups.values():
                stack.push_async_callback(lookup.close)
            stack.push_async_callback(self._models.close)

    def sources(self, owner: Principal) -> Mapping[str, Source]:
        found = {name: source for name, source in self._sources.items() if self._may_ask(owner, name)}
        return found | {name: source for name, source in self._own(owner).items() if name not in self._sources}

    def _own(self, owner: Principal) -> Mapping[str, Source]:
        """Return what is of *owner*'s tenant alone: its documents, if it has any."""
        source = self._knowledge.source(owner.tenant) if self._knowledge is not None else None
        return {source.name: source} if source is not None else {}

    def _may_ask(self, owner: Principal, name: str) -> bool:
        tenants = self._tenants.get(name, ())
        return not tenants or owner.tenant in tenants

    def model(self, name: str = "", role: str = DEFAULT_ROLE) -> Model | LanguageModel:
        return self._models.get(name, role)

    def lookup(self, owner: Principal, source: str) -> Lookup:
        return self._lookup(owner, source)

    def _lookup(self, owner: Principal, name: str) -> SourceLookup:
        source = self.sources(owner)[name]
        if source not in self._lookups:
            self._lookups[source] = SourceLookup(source)
        return self._lookups[source]

    async def schemas(self, owner: Principal, names: Collection[str] = (), tell: Tell = untold) -> Schemas:
        # Whose they are is asked before anything is searched, so that nothing found rests on what they may not see.
        allowed = self.sources(owner)
        wanted = [name for name in names or allowed if name in allowed]
        return await self._index.read(wanted, tell, allowed)

    async def refresh(self, owner: Principal, source: str) -> Refreshed:
        """Look at that source of *owner*'s anew; its values follow in the background. Raises NotFound, SourceError."""
        if source not in self.sources(owner):
            raise unknown_source(source, list(self.sources(owner)))
        found = await self._index.refresh(source, self.sources(owner))
        self._lookup(owner, source).refresh()
        return found

    async def indexed(self, owner: Principal, source: str) -> None:
        await self._lookup(owner, source).indexed()

    def samples(self, owner: Principal, source: str) -> Sequence[str]:
        return self._samples.get(source, ())

    async def history(self, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]:
        return await self._memory.history(owner, conversation_id, limit)

    async def answered(self, owner: Principal, source: str, limit: int) -> Sequence[Turn]:
        return await self._memory.answered(owner, source, limit)

    async def warmed(self) -> None:
        """Wait until every source was looked at, or said that it can't be."""
        if self._warming is not None:
            await asyncio.shield(self._warming)

    async def _warm(self) -> None:
        """Look at each source before somebody asks. One that is down will say so when it is asked."""
        await _each(self._look_at(name) for name in self._sources)

    async def _look_at(self, name: str) -> None:
        source = self._sources[name]
        schema = (await self._index.look(source)).schema
        await self._lookups[source].indexed()
        # Of documents nothing can be counted or ranked.
        if name not in self._samples and source.language != LANGUAGE:
            self._samples[name] = await starters(schema, self._lookups[source])

    async def _keep_fresh(self) -> None:
        """Look at each source anew from time to time, one after the other, so that no question waits for that."""
        await self.warmed()
        while self._refresh_seconds:
            await asyncio.sleep(self._refresh_seconds)
            for name in self._sources:
                await _each([self._index.refresh(name)])


async def _each(looks: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Await all *looks* at sources; one that fails, however it does, keeps none of the others from theirs."""
    for failure in await asyncio.gather(*looks, return_exceptions=True):
        # Of what we foresaw whoever asks that source will be told.
        if isinstance(failure, Exception) and not isinstance(failure, LevadaError):
            logger.error("A source can't be looked at", exc_info=failure)


def _opened(settings: Settings, shop_file: Path) -> dict[str, Source]:
    """Return the configured sources, the default one first; the sample shop when there is no other."""
    configured = {DEFAULT: SourceSettings(url=settings.source)} if settings.source else {}
    opened = {name: _open(name, found, shop_file) for name, found in (configured | settings.sources).items()}
    if not opened and settings.sample:
        opened[SHOP] = SampleShop(shop_file)
    return opened


def _open(name: str, found: SourceSettings, shop_file: Path) -> Source:
    if found.url == SHOP_URL:
        return SampleShop(shop_file, name)
    return open_source(
        name, found.url, description=found.description, definitions=_definitions(found), embedder=found.embedder
    )


def _definitions(found: SourceSettings) -> list[Definition]:
    figures = [
        Definition(
            name=name,
            synonyms=metric.synonyms,
            expression=metric.expression,
            condition=metric.condition,
            unit=metric.unit,
            description=metric.description,
        )
        for name, metric in found.metrics.items()
    ]
    words = [
        Definition(name=said[0], synonyms=said[1:], target=target) for target, said in found.synonyms.items() if said
    ]
    rules = [Definition(name=name, description=text) for name, text in found.rules.items()]
    return figures + words + rules
