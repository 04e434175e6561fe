"""Word that one server leaves for the others along with what it commits: wake-ups and nothing more.

A word that is lost costs time, never truth: whoever waits for one looks for itself every second as well.
"""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import Flag, auto
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

CHANNEL = "levada"
# PostgreSQL takes less than 8,000 bytes. A run's id has 36 characters.
PAYLOAD_BYTES = 7_900
_KEY = "levada.word"
_ANY = "*"


class Word(Flag):
    """What another server may want to look at."""

    QUEUE = auto()  # there may be something to claim
    HOLDERS = auto()  # somebody wants something of a run that is held: cancel it, pause it, hear an answer


NOTHING = Word(0)


def leave(c: AsyncConnection, word: Word = NOTHING, runs: Iterable[str] = ()) -> None:
    """Tell other servers *word*, and that *runs* have more events, when *c*'s transaction commits.

    *c* is the connection that the store's writer gives to what it does.
    """
    before = c.info.get(_KEY, (NOTHING, ()))
    c.info[_KEY] = before[0] | word, (*before[1], *runs)


def left(c: AsyncConnection) -> tuple[Word, Collection[str]] | None:
    """Return what was left in this transaction, and forget it."""
    found: tuple[Word, Collection[str]] | None = c.info.pop(_KEY, None)
    return found


class Inbox:
    """The words that came from other servers and that nobody has looked at yet; one task looks."""

    def __init__(self) -> None:
        self._word = NOTHING
        self._came = asyncio.Event()

    def put(self, word: Word) -> None:
        if word:
            self._word |= word
            self._came.set()

    async def take(self, seconds: float) -> Word:
        """Return what came, as soon as something did; nothing after *seconds*."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._came.wait()
        self._came.clear()
        word, self._word = self._word, NOTHING
        return word


@dataclass(frozen=True)
class Message:
    """What one notification says: who left *word*, and which *runs* have more events (None: any may have)."""

    sender: str
    word: Word
    runs: Collection[str] | None

    def __str__(self) -> str:
        text = " ".join((self.sender, str(self.word.value), *(self.runs or ())))
        return text if len(text) <= PAYLOAD_BYTES else f"{self.sender} {self.word.value} {_ANY}"

    @classmethod
    def anything(cls) -> Self:
        return cls("", Word.QUEUE | Word.HOLDERS, None)

    @classmethod
    def parse(cls, payload: str) -> Self:
        """Return what *payload* says; what another version may mean by one that can't be read is anything."""
        try:
            sender, word, *runs = payload.split(" ")
            return cls(sender, Word(int(word)), None if runs == [_ANY] else runs)
        except ValueError:
            return cls.anything()
