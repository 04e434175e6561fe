"""Embedders, which turn texts into vectors: by feature hashing, by a static model in a folder, or by a vendor's API."""

import importlib

from core.errors import SourceUnavailable
from core.sources.embedding.base import Embedder

__all__ = ["Embedder", "open_embedder"]

_KINDS = {"hashing": "Hashing", "model2vec": "Model2Vec", "openai": "OpenAI"}


def open_embedder(name: str) -> Embedder:
    """Return the embedder *name*: hashing:DIMENSIONS, model2vec:FOLDER or openai:MODEL. Nothing is loaded yet.

    Raises SourceUnavailable when *name* is none of these or what it needs is not installed.
    """
    kind, _, rest = name.partition(":")
    if kind not in _KINDS or not rest:
        raise SourceUnavailable(f"There is no embedder {name!r}; give hashing:256, model2vec:FOLDER or openai:MODEL.")
    try:
        found = getattr(importlib.import_module(f"core.sources.embedding.{kind}"), _KINDS[kind])
    except ModuleNotFoundError as error:
        how = 'pip install "levada-service[embeddings]"'
        raise SourceUnavailable(f"The embedder {name} needs {error.name}, which is not installed: {how}") from error
    return found(rest)
