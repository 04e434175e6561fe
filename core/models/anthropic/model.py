"""Claude as a LanguageModel: sends a prompt and passes on each of the vendor's events as it comes."""

import re
from collections.abc import AsyncGenerator
from functools import cached_property
from typing import Any

from anthropic import AnthropicError, AsyncAnthropic, AsyncAnthropicBedrock, AsyncStream
from anthropic.types import RawMessageStreamEvent
from httpx2 import HTTPError

from core.errors import ModelRejected
from core.models.anthropic import access
from core.models.anthropic.answer import Answer
from core.models.anthropic.failures import Vendor
from core.models.anthropic.request import asked
from core.models.language import Form, Piece, Prompt
from core.settings import ModelSettings

Client = AsyncAnthropic | AsyncAnthropicBedrock

_DEFAULTS = ModelSettings()
# Models from before structured outputs.
_OLD = re.compile(r"claude-(instant|v?[123]\b|(opus|sonnet)-4-(0|2025))")


class Anthropic:
    """The model *name* of Anthropic's, or of a server that speaks its Messages API.

    Where *settings* name no server and no key, ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY do.
    """

    provider = "anthropic"
    streams = "text/event-stream"
    # Beyond what the SDK calls an error: a broken connection; JSON or UTF-8 that is none.
    breaks: tuple[type[Exception], ...] = (AnthropicError, HTTPError, ValueError)

    def __init__(self, name: str, settings: ModelSettings = _DEFAULTS) -> None:
        self.name = name
        self.settings = settings
        self.recent = _OLD.search(name) is None
        self.forms = (Form.SCHEMA, Form.TOOL, Form.TEXT) if self.recent else (Form.TOOL, Form.TEXT)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        parameters = asked(prompt, recent=self.recent)
        client, vendor = self._opened
        answer = Answer()
        try:
            async with await self.send(client, parameters) as events:
                self._check(events)
                async for event in events:
                    if piece := answer.piece(event):
                        yield piece
        except self.breaks as error:
            if not answer.over:
                raise vendor.broken(error) from None  # the SDK's own may show what was sent
        if not answer.over:
            raise vendor.cut("its end is missing")

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
