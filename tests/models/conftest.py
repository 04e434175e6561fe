"""A server that breaks a vendor's wire, and each vendor's format over it."""

from collections.abc import AsyncIterator

import pytest

from tests.models.wire.anthropic import AnthropicFormat
from tests.models.wire.bedrock import BedrockFormat
from tests.models.wire.format import Format
from tests.models.wire.house import House
from tests.models.wire.openai_chat import ChatFormat
from tests.models.wire.openai_responses import ResponsesFormat
from tests.models.wire.server import wire

FORMATS: list[type[Format]] = [AnthropicFormat, BedrockFormat, ChatFormat, ResponsesFormat]


@pytest.fixture(params=FORMATS, ids=lambda kind: kind.name)
async def house(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """One vendor after the other."""
    here: Format = request.param()
    async with wire() as served:
        for name, value in here.environment(served.url).items():
            monkeypatch.setenv(name, value)
        model = here.model()
        yield House(here, served, model)
        await model.close()
