"""A new pipeline is one folder and its name in one list: all else of the house serves it, unchanged and at once."""

import asyncio
import filecmp
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

import levada
from gateway.dialects import DIALECTS
from levada.v1.event_pb2 import CHANNEL_ANSWER
from tests.gateway.eventsource import Message, Stream
from tests.servers import ROOT
from tests.toy_pipeline.house import House

HASTY = levada.Retry(first_wait=0.05, longest_wait=0.5, seconds=60)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("toy")).open() as made:
        yield made


@pytest.fixture
async def web(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=house.url, timeout=30) as client:
        yield client


async def ask(web: httpx.AsyncClient, file: Path) -> str:
    asked = {"pipeline": "tally", "question": str(file), "requestId": uuid.uuid4().hex}
    async with asyncio.timeout(60):
        # A server that was killed and started again is found by its gateway within a second or so.
        while (answer := await web.post("/v1/runs", json=asked)).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert answer.status_code == 201, answer.text
    return answer.json()["run"]["runId"]


async def told(web: httpx.AsyncClient, run_id: str, dialect: str, after: str = "") -> list[Message]:
    """Return the frames of a run in *dialect* to its end."""
    headers = {"Last-Event-ID": after} if after else {}
    async with web.stream("GET", f"/v1/runs/{run_id}/events?dialect={dialect}", headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        return await Stream(answer).all()


async def waiting(client: levada.Client, file: Path) -> levada.Stream:
    """Return a run that stands in the middle of its second step."""
    stream = client.ask(str(file), pipeline="tally")
    async for event in stream:
        if event.step == "wait" and event.WhichOneof("payload") == "step_progressed":
            return stream
    raise AssertionError("It ended before.")


def changes(here: filecmp.dircmp[str], folder: str = "") -> Iterator[str]:
    """Yield what is missing, new or different in the right one of two trees."""
    yield from (f"- {folder}{name}" for name in here.left_only)
    yield from (f"+ {folder}{name}" for name in here.right_only)
    yield from (f"~ {folder}{name}" for name in here.diff_files)
    for name, below in here.subdirs.items():
        yield from changes(below, f"{folder}{name}/")


def test_it_touches_one_folder_and_one_list(house: House) -> None:
    ignored = ["__pycache__"]
    assert sorted(changes(filecmp.dircmp(ROOT / "core", house.core, ignored))) == [
        "+ pipelines/tally",
        "~ pipelines/__init__.py",
    ]
    listing = (house.core / "pipelines/__init__.py").read_text()
    assert listing.count("tally") == 2  # imported, and listed


async def test_it_is_offered_with_its_steps_and_refuses_what_it_can_not_serve(web: httpx.AsyncClient) -> None:
    offered = (await web.get("/v1/pipelines")).json()["pipelines"]
    [toy] = [pipeline for pipeline in offered if pipeline["name"] == "tally"]
    assert [step["step"] for step in toy["steps"]] == ["draw", "wait", "tell"]
    assert offered[0]["name"] == "query"
    refused = await web.post("/v1/runs", json={"pipeline": "tally", "question": "there"})
    assert refused.status_code == 400
    assert "question" in refused.text


async def test_it_has_progress_and_goes_on_after_its_server_was_killed(house: House, tmp_path: Path) -> None:
    file = tmp_path / "there"
    async with levada.connect(house.address, retry=HASTY) as client:
        stream = await waiting(client, file)
        house.kill()
        house.start()
        file.touch()
        assert [event async for event in stream][-1].HasField("completed")
        log, _ = await client.list_events(stream.run_id, 0, 1000)
    [drawn] = [event for event in log if event.step == "draw" and event.HasField("step_started")]
    assert drawn.attempt == 1
    assert max(event.attempt for event in log if event.step == "wait") == 2
    assert [event.resumed.cause for event in log if event.HasField("resumed")] == ["worker lost"]
    marks = [event.progress for event in log]
    assert marks == sorted(marks)
    assert {0.1, 0.3, 0.6, 0.9, 1.0} <= {round(mark, 3) for mark in marks}
    answer = "".join(event.text_delta.text for event in log if event.text_delta.channel == CHANNEL_ANSWER)
    assert answer.strip() == log[-1].completed.summary.rstrip(".")


async def test_it_rests_when_paused_and_goes_on(house: House, tmp_path: Path) -> None:
    file = tmp_path / "there"
    async with levada.connect(house.address, retry=HASTY) as client:
        stream = await waiting(client, file)
        await client.pause(stream.run_id)
        file.touch()
        async for event in stream:
            if event.HasField("paused"):
                await client.resume(stream.run_id)
        assert event.HasField("completed")
        log, _ = await client.list_events(stream.run_id, 0, 1000)
    said = [(event.step, event.WhichOneof("payload")) for event in log]
    assert said.index(("wait", "step_completed")) < said.index(("", "paused")) < said.index(("tell", "step_started"))


async def test_it_is_cancelled_in_the_middle_of_a_step(house: House, tmp_path: Path) -> None:
    async with levada.connect(house.address, retry=HASTY) as client:
        stream = await waiting(client, tmp_path / "never")
        await client.cancel(stream.run_id)
        assert [event async for event in stream][-1].HasField("cancelled")


async def test_every_dialect_tells_it_and_resumes_in_its_midst(web: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    run_id = await ask(web, tmp_path / "there")
    native = await told(web, run_id, "native")
    lot = native[-1].json["completed"]["summary"]
    for dialect in DIALECTS:
        frames = await told(web, run_id, dialect)
        assert frames[-1].id == native[-1].id, dialect
        assert lot in frames[-1].data, (dialect, frames[-1])
        for at, frame in enumerate(frames[:-1]):
            if frame.id != frames[at + 1].id:
                assert await told(web, run_id, dialect, frame.id) == frames[at + 1 :], (dialect, frame)
