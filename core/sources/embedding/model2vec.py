"""Static models in a folder, through model2vec: one vector for each token, averaged; no network, no GPU."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from model2vec import StaticModel

from core.errors import SourceUnavailable
from core.sources.remembered import Remembered
from core.sources.threads import Threads


class Model2Vec:
    """The model in *folder*, read when it is first needed (core.sources.embedding.base.Embedder)."""

    def __init__(self, folder: str) -> None:
        self.name = f"model2vec:{folder}"
        self.near = None
        self._folder = Path(folder).expanduser()
        self._threads = Threads("embedder", 1)
        self._model = Remembered(self._load, float("inf"))

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        model = await self._model.get()
        return await self._threads.run(lambda: model.encode(list(texts)).tolist())

    async def close(self) -> None:
        await self._model.close()
        self._threads.close()

    async def _load(self) -> StaticModel:
        """A name that is no folder would be looked for in the network, which nobody asked for."""
        if not await asyncio.to_thread(self._folder.is_dir):
            raise SourceUnavailable(f"The embedder {self.name} is no folder; put the model there, or set its path.")
        try:
            return await self._threads.run(lambda: StaticModel.from_pretrained(self._folder, force_download=False))
        except (OSError, ValueError, KeyError) as error:
            raise SourceUnavailable(f"The embedder {self.name} can't be read as a model of model2vec.") from error
