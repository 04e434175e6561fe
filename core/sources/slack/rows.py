"""The rows of one query: Slack's objects as columns, in batches as they come."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.errors import SourceLost, SourceUnavailable
from core.sources.base import Batch
from core.sources.pace import Pace
from core.sources.slack.directory import Directory, Raw
from core.sources.slack.reading import Objects
from core.sources.slack.tables import Field
from levada.v1.event_pb2 import ResultColumn

_STRANGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class SlackRows:
    """The first *most* of *objects* (core.sources.base.Rows), each of *fields* a column."""

    def __init__(
        self, name: str, fields: Sequence[Field], objects: Objects, most: int, directory: Directory, pace: Pace
    ) -> None:
        self.columns = [ResultColumn(name=f.name, type=f.type, nullable=not f.unique) for f in fields]
        self._name, self._fields, self._objects, self._left = name, fields, objects, most
        self._directory, self._pace = directory, pace
        self._read: deque[Raw] = deque()
        self._begun = False

    def __aiter__(self) -> "SlackRows":
        return self

    async def __anext__(self) -> Batch:
        async with self._pace.in_time():
            with self._in_our_words():
                await self._read_on()
                count = min(len(self._read), self._left, self._pace.next_rows)
                things = [self._read.popleft() for _ in range(count)]
                columns = [[field.get(thing, self._directory) for thing in things] for field in self._fields]
        if not things:
            raise StopAsyncIteration
        self._left -= count
        self._begun = True
        return self._pace.batch(columns, count)

    async def _read_on(self) -> None:
        while self._left and not self._read:
            page = await anext(self._objects, None)
            if page is None:
                return
            self._read.extend(page)

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except SourceUnavailable as error:
            raise self._lost(error) from error
        except _STRANGE as error:
            strange = f"Source {self._name} answered in a form that is not Slack's; check its base_url."
            raise self._lost(SourceUnavailable(strange)) from error

    def _lost(self, error: SourceUnavailable) -> SourceUnavailable:
        if not self._begun:
            return error
        return SourceLost(f"{error.message} Rows sent so far are incomplete.", retry_after=error.retry_after)
