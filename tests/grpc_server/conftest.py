"""A server over runs whose events the tests say by hand."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from core.pipeline import Ending, Pipeline
from core.settings import Limits, Settings
from levada.v1 import event_pb2 as events
from tests.grpc_server.memory import MemoryRuns
from tests.limits import LIFTED
from tests.servers import Served, served


async def _answer(run) -> Ending:
    return Ending(events.OUTCOME_ANSWERED, "Done.")


QUERY = Pipeline("query", "Ask", "Answers a question.", (), _answer, lambda *_: None, lambda *_: ["How many orders?"])
NO_SERVICES = SimpleNamespace(sources=lambda owner: {})


@pytest.fixture
def runs() -> MemoryRuns:
    return MemoryRuns()


@pytest.fixture
def settings() -> Settings:
    return Settings(
        heartbeat=30, limits=Limits(streams=5_000, **LIFTED), model="offline,openai:big", roles={"fast": "openai:big"}
    )


@pytest.fixture
async def server(runs: MemoryRuns, settings: Settings) -> AsyncIterator[Served]:
    async with served(runs, NO_SERVICES, [QUERY], settings) as here:
        yield here
