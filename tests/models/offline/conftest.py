"""The offline planner over the sample shop, as the product asks it."""

import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from importlib import import_module
from pathlib import Path

import pytest
import pytest_asyncio

from core.lookup import SourceLookup
from core.models.base import Ask, Turn
from core.sources import open_source
from core.sources.sample import COMMENTS, DEFINITIONS

Asking = Callable[..., Ask]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asking(shop_file: Path) -> AsyncIterator[Callable[..., Awaitable[Ask]]]:
    """Return a function from a question, and the turns before it, to what the model is asked."""
    source = open_source("shop", f"sqlite:///{shop_file}", definitions=DEFINITIONS, comments=COMMENTS)
    lookup = SourceLookup(source)
    with pytest.MonkeyPatch.context() as patched:
        # What a busy machine has no time to look at is not known, and then fewer questions are understood.
        patched.setattr(import_module("core.sources.sqlite.describe"), "_SAMPLING_SECONDS", 120.0)
        schema = await source.describe()
    await lookup.indexed()

    async def ask(question: str, turns: Sequence[Turn] = ()) -> Ask:
        return Ask(question=question, schema=schema, lookup=lookup, today=datetime.date(2026, 11, 21), turns=turns)

    yield ask
    await lookup.close()
    await source.close()
