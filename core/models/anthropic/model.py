"""Claude as a LanguageModel: sends a prompt and passes on each of the vendor's events as it comes."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from anthropic import (
    AnthropicError,
    AsyncAnthropic,
    AsyncAnthropicBedrock,
    AsyncStream,
    BadRequestError,
    UnprocessableEntityError,
)
from anthropic.types import RawMessageStreamEvent
from httpx2 import HTTPError

from core.errors import ModelRejected
from core.models.anthropic import access
from core.models.anthropic.answer import Answer
from core.models.anthropic.failures import Vendor, message
from core.models.anthropic.request import asked
from core.models.language import Form, Piece, Prompt
from core.settings import ModelSettings

Client = AsyncAnthropic | AsyncAnthropicBedrock

_DEFAULTS = ModelSettings()
_REST_SECONDS = 0.1  # after the last event; what ends properly can serve the next request
# What models and servers turn down that don't know today's API.
_NEW = re.compile(r"output[_ ](config|format)|structured output|json_schema|cache_control|eager_input_streaming")


class Anthropic:
    """The model *name* of Anthropic's, or of a server that speaks its Messages API.

    Where *settings* name no server and no key, ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY do. What turns down the newer
    parts of the API is asked without them from then on; the names of models say nothing about it.
    """

    provider = "anthropic"
    streams = "text/event-stream"
    # Beyond what the SDK calls an error: a broken connection; JSON or UTF-8 that is none, or has no end of nesting.
    breaks: tuple[type[Exception], ...] = (AnthropicError, HTTPError, ValueError, RecursionError)

    def __init__(self, name: str, settings: ModelSettings = _DEFAULTS) -> None:
        self.name = name
        self.settings = settings
        self.forms: Sequence[Form] = (Form.SCHEMA, Form.TOOL, Form.TEXT)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        client, vendor = self._opened
        answer = Answer()
        try:
            async with await self._ask(client, prompt) as events:
                self._check(events)
                async for event in events:
                    if piece := answer.piece(event):
                        yield piece
                    if answer.over:
                        await _rest(events)
                        break
        except self.breaks as error:
            raise vendor.broken(error) from None  # the SDK's own may show what was sent
        if not answer.over:
            raise vendor.cut("its end is missing")

    async def _ask(self, client: Client, prompt: Prompt) -> AsyncStream[RawMessageStreamEvent]:
        new = Form.SCHEMA in self.forms
        try:
            return await self.send(client, asked(prompt, new=new))
        except (BadRequestError, UnprocessableEntityError) as error:
            if not (new and _NEW.search(message(error.body))):
                raise
            self.forms = (Form.TOOL, Form.TEXT)
            return await self.send(client, asked(prompt, new=False))

    async def send(self, client: Client, parameters: dict[str, Any]) -> AsyncStream[RawMessageStreamEvent]:
        """Ask; return the events of the answer once it begins."""
        return await client.messages.create(model=self.name, stream=True, **parameters)

    def open(self) -> tuple[Client, Vendor]:
        """Return the SDK's client, and whom errors speak of. Raises ModelRejected when it can't be made."""
        client = access.client(self.settings)
        return client, access.vendor(self.name, self.settings, client)

    def _check(self, events: AsyncStream[RawMessageStreamEvent]) -> None:
        kind = events.response.headers.get("content-type", "")
        if not kind.startswith(self.streams):
            raise ModelRejected(
                f"What answers for {self.name} does not stream as {self.provider} does: it sent “{kind[:50]}”. "
                "Check base_url in the model's settings."
            )

    @cached_property
    def _opened(self) -> tuple[Client, Vendor]:
        return self.open()

    async def close(self) -> None:
        if "_opened" in self.__dict__:
            await self._opened[0].close()


async def _rest(events: AsyncStream[RawMessageStreamEvent]) -> None:
    with suppress(AnthropicError, HTTPError, ValueError, TimeoutError):
        async with asyncio.timeout(_REST_SECONDS):
            async for _ in events:
                pass
