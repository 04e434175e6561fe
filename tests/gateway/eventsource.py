"""Server-sent events read strictly by the WHATWG's rules: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import codecs
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Message:
    id: str
    event: str
    data: str

    @property
    def number(self) -> int:
        return int(self.id)

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class Stream:
    """A response being read. *comments* and *last_id* are kept as they pass."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.last_id = ""
        self.retry = 0
        self.comments: list[str] = []
        self._text = ""
        self._messages = self._read()

    def __aiter__(self) -> AsyncIterator[Message]:
        return self._messages

    async def _read(self) -> AsyncGenerator[Message, None]:
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        async for piece in self.response.aiter_raw():
            self._text += decoder.decode(piece)
            while "\n\n" in self._text:
                block, self._text = self._text.split("\n\n", 1)
                if message := self._block(block):
                    yield message
        assert self._text == "", f"the stream was cut within a message: {self._text!r}"

    async def next(self, count: int) -> list[Message]:
        """Return the next *count* messages."""
        return [await anext(self._messages) for _ in range(count)]

    async def all(self) -> list[Message]:
        """Return all messages to the stream's end."""
        return [message async for message in self]

    async def close(self) -> None:
        await self._messages.aclose()

    def _block(self, block: str) -> Message | None:
        event, data = "", []
        assert "\r" not in block
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "":
                self.comments.append(value)
            elif name == "id":
                self.last_id = value
            elif name == "event":
                event = value
            elif name == "data":
                data.append(value)
            elif name == "retry":
                self.retry = int(value)
            else:
                raise AssertionError(f"no such field: {line!r}")
        assert len(data) <= 1, "data of several lines"
        return Message(self.last_id, event or "message", data[0]) if data else None
