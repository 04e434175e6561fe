"""Embeddings of OpenAI, or of a server that speaks its API, through its SDK; its own variables have key and address."""

from collections.abc import Sequence

import openai

from core.errors import SourceUnavailable

_SECONDS = 20.0
_AT_ONCE = 256


class OpenAI:
    """The model *model* (core.sources.embedding.base.Embedder)."""

    def __init__(self, model: str) -> None:
        self.name = f"openai:{model}"
        self.near = None
        self._model = model
        self._client: openai.AsyncOpenAI | None = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        found: list[list[float]] = []
        try:
            self._client = self._client or _opened()
            for at in range(0, len(texts), _AT_ONCE):
                some = list(texts[at : at + _AT_ONCE])
                answer = await self._client.embeddings.create(model=self._model, input=some, encoding_format="float")
                found += [entry.embedding for entry in sorted(answer.data, key=lambda entry: entry.index)]
        except openai.APIStatusError as error:
            raise SourceUnavailable(f"The embedder {self.name} refused: {_why(error.status_code)}") from error
        except openai.OpenAIError as error:
            raise SourceUnavailable(
                f"The embedder {self.name} can't be reached: it is down, slow, or OPENAI_API_KEY is not set."
            ) from error
        if len(found) != len(texts):
            raise SourceUnavailable(f"The embedder {self.name} gave {len(found)} vectors for {len(texts)} texts.")
        return found

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def _opened() -> openai.AsyncOpenAI:
    """Return the SDK's client, which takes the key nowhere else."""
    http = openai.DefaultAsyncHttpxClient(timeout=_SECONDS, follow_redirects=False)
    return openai.AsyncOpenAI(timeout=_SECONDS, http_client=http)


def _why(status: int) -> str:
    known = {401: "its key is wrong.", 403: "its key may not use it.", 404: "it knows no such model."}
    return known.get(status, f"it answered with status {status}; try again later.")
