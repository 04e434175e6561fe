"""The models of a server: what callers are told of them, and what is found out by asking them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from core.identity import Principal
from core.settings import Limits, ModelSettings, Settings
from levada.v1 import catalog_service_pb2 as pb
from tests.end_to_end.commands import levada
from tests.grpc_server.said import refused
from tests.models.wire.openai_chat import ChatFormat
from tests.models.wire.server import Action, Wire, wire
from tests.servers import Served, served, until

CHAT = ChatFormat()
NUMBERS = ["one, ", "two, ", "three"]
FACT = json.dumps({"city": "Paris", "river": "Seine"})
ALL = pb.CheckModelsRequest()


def says(*pieces: str) -> list[Action]:
    return [CHAT.head, *CHAT.start(), *map(CHAT.text, pieces), *CHAT.end()]


def slowly(*pieces: str) -> Iterator[Action]:
    """Say *pieces* with a while in between."""
    yield from [CHAT.head, *CHAT.start()]
    for piece in pieces:
        pause = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, pause.set)
        yield pause
        yield CHAT.text(piece)
    yield from CHAT.end()


async def by_name(authorization: str) -> Principal:
    return Principal("them", authorization) if authorization else Principal("local", "local", sees_prompts=True)


@pytest.fixture
async def vendor() -> AsyncIterator[Wire]:
    async with wire() as played:
        yield played


@asynccontextmanager
async def serving(vendor: Wire, **settings: object) -> AsyncIterator[Served]:
    own = ModelSettings(base_url=f"{vendor.url}/v1", input=1, output=2, context=8_000, first_token_seconds=2)
    made = Settings(model="openai:small", models={"openai:small": own}, **settings)
    house = SimpleNamespace(sources=lambda owner: {}, limits=Limits())
    async with served(SimpleNamespace(), house, [], made, by_name) as server:
        yield server


async def checked(server: Served) -> list[tuple[str, str, bool, str]]:
    return [(one.model, one.check, one.passed, one.message) async for one in server.catalog.CheckModels(ALL)]


async def test_models_are_listed_with_what_they_can_do_and_what_they_cost(vendor):
    async with serving(vendor, roles={"fast": "openai:small"}) as server:
        small, offline = (await server.catalog.ListModels(pb.ListModelsRequest())).models
    assert (small.name, small.provider, list(small.roles), small.is_default) == (
        *("openai:small", "openai"),
        ["default", "fast"],
        True,
    )
    assert list(small.forms) == ["schema", "tool", "json", "text"]
    assert (small.context_tokens, small.input_usd_per_million, small.output_usd_per_million) == (8_000, 1, 2)
    assert (offline.name, offline.provider, list(offline.forms)) == ("offline", "levada", [])
    assert not vendor.requests


async def test_a_model_that_does_all_it_should_passes_and_it_is_said_how_fast(vendor):
    vendor.plays(slowly(*NUMBERS), says(FACT))
    async with serving(vendor) as server:
        found = [one async for one in server.catalog.CheckModels(ALL)]

    assert [(one.model, one.check, one.passed) for one in found] == [
        ("openai:small", "answers", True),
        ("openai:small", "streams", True),
        ("openai:small", "structured", True),
        ("offline", "answers", True),
    ]
    answers, streams, structured, _ = found
    assert 0.2 <= answers.time_to_first_token.ToMilliseconds() / 1_000 <= answers.duration.ToMilliseconds() / 1_000
    assert 0 < answers.tokens_per_second < 20
    assert "3 pieces came over " in streams.message
    assert "held to it by schema" in structured.message


async def test_an_answer_that_something_on_the_way_held_back_does_not_stream(vendor):
    held_back = asyncio.Event()
    whole = b"".join([*CHAT.start(), *map(CHAT.text, NUMBERS), *CHAT.end()])
    vendor.plays([CHAT.head, held_back, whole], says(FACT))
    asyncio.get_running_loop().call_later(1.9, held_back.set)
    async with serving(vendor) as server:
        _, streams, _, _ = await checked(server)
    assert streams[1:3] == ("streams", False)
    assert "All 3 pieces of the answer came at once" in streams[3]


async def test_a_model_that_fills_in_no_form_is_said_to(vendor):
    vendor.plays(slowly(*NUMBERS), says("Paris"), says("on the Seine"))
    async with serving(vendor) as server:
        _, _, structured, _ = await checked(server)
    assert structured[1:3] == ("structured", False)
    assert "did not answer in the form" in structured[3]


async def test_a_model_that_does_not_answer_is_asked_once_and_its_error_told(vendor):
    vendor.plays(CHAT.problem(500, "Oops."))
    async with serving(vendor) as server:
        (answers, offline) = await checked(server)
    assert answers[1:3] == ("answers", False)
    assert "failed (500)" in answers[3]
    assert offline[2]
    assert len(vendor.requests) == 1


async def test_only_who_may_see_calls_may_have_them_made(vendor):
    async with serving(vendor) as server:
        call = server.catalog.CheckModels(ALL, metadata=[("authorization", "ann")])
        assert (await refused(call.read())).reason == "PERMISSION_DENIED"
    assert not vendor.requests


async def test_somebody_who_leaves_ends_the_check(vendor):
    vendor.plays([CHAT.head, asyncio.Event()])
    async with serving(vendor) as server:
        call = server.catalog.CheckModels(ALL)
        reading = asyncio.create_task(call.read())
        await until(lambda: vendor.requests)
        call.cancel()
        async with asyncio.timeout(60):
            await vendor.requests[0].gone.wait()
        await asyncio.wait([reading])


async def test_the_command_shows_each_finding_and_says_by_its_code_whether_all_is_well(vendor):
    vendor.plays(slowly(*NUMBERS), says(FACT))
    async with serving(vendor) as server:
        code, out, _ = await levada(server.address, "models", "check")
        assert code == 0
        assert [line.split("\t")[:3] for line in out.splitlines()] == [
            ["openai:small", "answers", "passed"],
            ["openai:small", "streams", "passed"],
            ["openai:small", "structured", "passed"],
            ["offline", "answers", "passed"],
        ]
        vendor.plays(CHAT.problem(401, "No."))
        code, out, complaint = await levada(server.address, "models", "check", "openai:small")
        assert code == 1
        assert "failed\tThe model server at 127.0.0.1" in out
        assert "1 check failed" in complaint
        code, out, _ = await levada(server.address, "models", "check", "openai:unknown", "--json")
        assert (code, json.loads(out)["check"]) == (1, "answers")
        code, out, _ = await levada(server.address, "models")
        assert out.splitlines()[1].split("\t") == [
            *("openai:small", "openai", "default", "schema, tool, json, text", "1 in, 2 out", "default")
        ]
