"""What sources share of their description: it is read once in a while, and the configuration adds to it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from core.sources.catalog import REMEMBER_SECONDS, add_configured
from core.sources.looking import Looked, uncounted
from core.sources.remembered import Remembered
from levada.v1.catalog_pb2 import Definition, Schema


class Configuration(TypedDict, total=False):
    """What is configured of any source beside its URL; *comments* has names of tables and table.column."""

    description: str
    definitions: Sequence[Definition]
    comments: Mapping[str, str] | None


class Configured:
    """A source's name, and what is configured of it."""

    dialect: str

    def __init__(
        self,
        name: str,
        description: str = "",
        definitions: Sequence[Definition] = (),
        comments: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.description = name, description
        self._definitions, self._comments = definitions, comments or {}

    def _configured(self, schema: Schema) -> Schema:
        """Return what was read as this source's schema."""
        schema.source, schema.dialect = self.name, self.dialect
        return add_configured(schema, self._definitions, self._comments)


class Described(Configured, ABC):
    """A source whose schema is all that is kept of it."""

    def __init__(self, name: str, **configured: Unpack[Configuration]) -> None:
        super().__init__(name, **configured)
        self._schema = Remembered(self._described, REMEMBER_SECONDS)

    @abstractmethod
    async def _look(self) -> Schema:
        """Read what there is. Raises SourceUnavailable."""

    async def describe(self, looked: Looked = uncounted) -> Schema:
        return await self._schema.get(looked)

    def forget(self) -> None:
        self._schema.forget()

    async def _described(self) -> Schema:
        return self._configured(await self._look())
