"""One model of OpenAI or of a compatible server, as a LanguageModel."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from typing import Any

from openai import AsyncOpenAI, omit

from core.errors import ModelRejected
from core.models.language import Form, Piece, Prompt
from core.models.openai.api import Api
from core.models.openai.chat import Chat
from core.models.openai.responses import Responses
from core.models.openai.server import find
from core.models.openai.streaming import pieces
from core.settings import ModelSettings

_SPARED = frozenset({"temperature", "stream_options"})  # what an answer can do without where it is not known
_RENAMED = {"max_tokens": "max_completion_tokens"}
_SCHEMA = frozenset({"response_format", "text.format", "text.format.schema", "text"})


class OpenAI:
    """The model called *name* at the server that *settings* and OPENAI_BASE_URL name.

    What a model turns down (older ones a schema, reasoning ones a temperature) it is not sent a second time; the names
    of models say nothing about it.
    """

    provider = "openai"

    def __init__(self, name: str, settings: ModelSettings | None = None) -> None:
        settings = settings or ModelSettings()
        self.name = name
        self.forms: Sequence[Form] = tuple(Form)
        self.server = find(settings)
        self._api: Api = Responses() if (settings.api or self._usual_api()) == "responses" else Chat()
        self._connect_seconds = settings.connect_seconds
        self._unwanted = {"max_tokens"} if self.server.own else set()

    def _usual_api(self) -> str:
        return "responses" if self.server.own else "chat"

    @cached_property
    def _client(self) -> AsyncOpenAI:
        return self.server.client(self._connect_seconds)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.server.check()
        while True:
            # What this request goes without; another call may learn more while it is under way.
            fitting, unwanted = self._fitting(prompt), frozenset(self._unwanted)
            try:
                async with aclosing(self._answer(fitting)) as answer:
                    async for piece in answer:
                        yield piece
                return
            except ModelRejected as error:
                if not self._learnt(error.details.get("parameter", ""), fitting, unwanted):
                    raise

    async def close(self) -> None:
        if "_client" in self.__dict__:
            await self._client.close()

    def _answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        how = {} if self.server.key else {"extra_headers": {"Authorization": omit}}
        sending = self._api.send(self._client, self.name, self._spared(self._api.request(prompt)), **how)
        return pieces(sending, self._api.reading(prompt), self.server)

    def _fitting(self, prompt: Prompt) -> Prompt:
        without_schema = prompt.form and prompt.held is Form.SCHEMA and Form.SCHEMA not in self.forms
        return replace(prompt, held=Form.TOOL) if without_schema else prompt

    def _spared(self, request: Mapping[str, Any]) -> dict[str, Any]:
        renamed = {_RENAMED.get(key, key) if key in self._unwanted else key: request[key] for key in request}
        return {key: value for key, value in renamed.items() if key not in self._unwanted}

    def _learnt(self, parameter: str, prompt: Prompt, unwanted: frozenset[str]) -> bool:
        """Return whether the request may succeed without the *parameter* that was turned down."""
        if parameter in _SCHEMA and prompt.form and prompt.held is Form.SCHEMA:
            self.forms = tuple(form for form in self.forms if form is not Form.SCHEMA)
            return True
        if parameter in unwanted or parameter not in _SPARED | _RENAMED.keys():
            return False
        self._unwanted.add(parameter)
        return True
