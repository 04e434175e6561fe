"""Connections cut after every event, in the middle of a frame, and anywhere: nothing is missing, nothing comes twice.

What all connections brought together is held against the run's stored log; the run is a real one over the sample shop.
"""

import asyncio
import random
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing

import grpc
import httpx
import orjson
import pytest

import levada
from levada.stream import TERMINAL
from levada.v1 import query_service_pb2 as query
from levada.v1 import run_service_pb2 as service
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import RunRequest
from tests.end_to_end.conftest import QUESTION, House
from tests.end_to_end.cutting import LOST, one_event_at_a_time, wire
from tests.gateway.eventsource import Stream
from tests.servers import Stubs

# Back at once: what is tested is that nothing is lost, not how long is waited.
HASTY = levada.Retry(first_wait=0.001, longest_wait=0.02, seconds=60)
SEEDS = range(4)


def is_end(event: Event) -> bool:
    return event.WhichOneof("payload") in TERMINAL


async def test_watching_over_grpc_and_cut_after_every_event(house: House) -> None:
    run_id = await house.door.ask(QUESTION)
    seen: list[Event] = []
    while not seen or not is_end(seen[-1]):
        stubs = Stubs(house.server.address)
        call = stubs.runs.WatchRun(service.WatchRunRequest(run_id=run_id, after_sequence=len(seen)))
        message = await call.read()
        seen += message.events[:1]
        await stubs.channel.close()
    assert seen == await house.log(run_id)
    assert len(seen) > 30


async def test_asking_over_grpc_and_cut_after_every_event(house: House) -> None:
    """The same request id gives the same run, from its first event, however often the connection breaks."""
    request = query.RunQueryRequest(run=RunRequest(question=QUESTION, request_id=str(uuid.uuid4())))
    seen: list[Event] = []
    for length in range(1, 1000):
        stubs = Stubs(house.server.address)
        seen = await first(length, stubs.queries.RunQuery(request))
        rest = stubs.runs.WatchRun(service.WatchRunRequest(run_id=seen[0].run_id, after_sequence=len(seen)))
        again = seen + [event async for answer in rest for event in answer.events]
        await stubs.channel.close()
        assert again == await house.log(again[0].run_id)
        if len(seen) < length:
            break
    assert await house.runs() == 1


async def first(length: int, call: grpc.aio.UnaryStreamCall) -> list[Event]:
    """Return the first *length* events of *call*, and cut it."""
    seen: list[Event] = []
    async for message in call:
        seen += message.events
        if len(seen) >= length:
            call.cancel()
            break
    return seen[:length]


async def read_frames(
    house: House, run_id: str, dialect: str, last_id: str = ""
) -> AsyncGenerator[tuple[str, str], None]:
    """Yield frames as (id, event and data) from after *last_id*; leaving drops the socket."""
    url = f"{house.door.url}/v1/runs/{run_id}/events?dialect={dialect}"
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with httpx.AsyncClient(timeout=20) as client, client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == 204:
            return
        assert answer.status_code == 200, await answer.aread()
        async with aclosing(Stream(answer)._read()) as messages:
            async for message in messages:
                yield message.id, f"{message.event}: {message.data}"


@pytest.mark.parametrize("dialect", ["native", "steps"])
async def test_server_sent_events_cut_after_every_frame(house: House, dialect: str) -> None:
    run_id = await house.door.ask(QUESTION)
    seen: list[str] = []
    last_id = ""
    while frame := await anext(frames := read_frames(house, run_id, dialect, last_id), None):
        await frames.aclose()
        last_id = frame[0]
        seen.append(frame[1])
    assert seen == [frame async for _, frame in read_frames(house, run_id, dialect)]
    if dialect == "native":
        stored = [str(event.sequence) for event in await house.log(run_id)]
        assert [str(orjson.loads(frame.split(": ", 1)[1])["sequence"]) for frame in seen] == stored


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dialect", ["native", "steps"])
async def test_server_sent_events_cut_anywhere_even_within_a_frame(house: House, dialect: str, seed: int) -> None:
    """As an EventSource does: half a frame is thrown away, and one goes on after the last whole one."""
    run_id = await house.door.ask(QUESTION)
    chance = random.Random(seed)
    seen: list[str] = []
    last_id, halves = "", 0
    async with wire(house.door.url.removeprefix("http://"), iter(lambda: chance.randint(1, 3000), 0)) as cut:
        url = f"http://{cut.address}/v1/runs/{run_id}/events?dialect={dialect}"
        while (text := await received(url, last_id)) is not None:
            *whole, half = text.split("\n\n")
            halves += bool(half)
            for block in whole:
                fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
                last_id = fields.get("id", last_id)
                if "data" in fields:
                    seen.append(f"{fields.get('event', 'message')}: {fields['data']}")
    assert seen == [frame async for _, frame in read_frames(house, run_id, dialect)]
    assert halves


async def received(url: str, last_id: str) -> str | None:
    """Return what came before the connection broke; None when the run's end was reached before."""
    text = ""
    try:
        async with (
            httpx.AsyncClient(timeout=20) as client,
            client.stream("GET", url, headers={"Last-Event-ID": last_id} if last_id else {}) as answer,
        ):
            if answer.status_code == 204:
                return None
            async for piece in answer.aiter_raw():
                text += piece.decode("utf-8", errors="ignore")
    except httpx.TransportError:
        pass
    return text


@pytest.mark.parametrize("end", [None, *LOST], ids=str)
async def test_the_python_client_cut_after_every_event(house: House, end: grpc.StatusCode | None) -> None:
    """Whether the stream breaks or seems to end well: only the terminal event is an end."""
    told: list[levada.Reconnect] = []
    async with (
        one_event_at_a_time(house.server, end) as address,
        levada.connect(address, retry=HASTY, on_reconnect=told.append) as client,
    ):
        stream = client.ask(QUESTION)
        seen = [event async for event in stream]
        again = [event async for event in client.watch(stream.run_id)]
    assert seen == again == await house.log(stream.run_id)
    assert await house.runs() == 1
    assert [reconnect.last_sequence for reconnect in told] == 2 * list(range(1, len(seen)))


async def test_the_python_client_cut_whenever_it_got_something(house: House) -> None:
    async with wire(house.server.address) as cut, levada.connect(cut.address, retry=HASTY) as client:
        stream = client.ask(QUESTION)
        seen = []
        async for event in stream:
            seen.append(event)
            cut.cut()
    assert seen == await house.log(stream.run_id)
    assert await house.runs() == 1
    assert cut.connections > 3


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_python_client_cut_anywhere(house: House, seed: int) -> None:
    """Before the first event the run's id is not known: the request is repeated, and makes no second run."""
    chance = random.Random(seed)
    budgets = [chance.randint(1, 700) for _ in range(40)]
    async with wire(house.server.address, budgets) as cut, levada.connect(cut.address, retry=HASTY) as client:
        stream = client.ask(QUESTION)
        seen = [event async for event in stream]
        again = [event async for event in client.watch(stream.run_id)]
    assert seen == again == await house.log(stream.run_id)
    assert await house.runs() == 1


async def test_calls_that_answer_once_are_repeated_too(house: House) -> None:
    async with (
        wire(house.server.address, [1, 40, 60, 100, 150]) as cut,
        levada.connect(cut.address, retry=HASTY) as client,
    ):
        run = await client.create(QUESTION)
        assert await client.get(run.run_id)
    assert await house.runs() == 1


async def test_a_connection_that_died_without_a_word_is_left_after_a_while(house: House) -> None:
    impatient = levada.Retry(first_wait=0.001, silence=0.3, answer=0.3)
    async with wire(house.server.address) as cut, levada.connect(cut.address, retry=impatient) as client:
        stream = client.ask(QUESTION)
        seen = []
        async with asyncio.timeout(20):  # sooner than TCP or gRPC would notice
            async for event in stream:
                seen.append(event)
                if len(seen) == 1:
                    cut.silence()
            cut.silence()
            assert (await client.get(stream.run_id)).run_id == stream.run_id
    assert [event.sequence for event in seen] == list(range(1, len(seen) + 1))
    assert is_end(seen[-1])


async def test_a_server_that_fails_is_left_for_the_next(house: House) -> None:
    async with (
        wire(house.server.address) as one,
        wire(house.server.address) as other,
        levada.connect(f"127.0.0.1:1, {one.address},{other.address}", retry=HASTY) as client,
    ):
        stream = client.ask(QUESTION)
        seen: list[Event] = []
        async for event in stream:
            seen.append(event)
            one.cut()
    assert seen == await house.log(stream.run_id)
    assert other.connections


@pytest.mark.parametrize("length", [1, 2, 5, 20])
async def test_a_stream_that_stays_cut_is_never_taken_for_the_end(house: House, length: int) -> None:
    async with wire(house.server.address) as cut:
        async with levada.connect(cut.address, retry=levada.Retry(attempts=3, first_wait=0.001)) as client:
            stream = client.ask(QUESTION)
            seen = []
            with pytest.raises(levada.StreamInterrupted) as interrupted:
                async for event in stream:
                    seen.append(event)
                    if len(seen) == length:
                        cut.target = "127.0.0.1:1"
                        cut.cut()
        assert interrupted.value.last_sequence == len(seen)
        assert f"levada watch {stream.run_id} --after {len(seen)}" in str(interrupted.value)
        assert stream.ended is None
        async with levada.connect(house.server.address) as client:
            rest = [event async for event in client.watch(stream.run_id, interrupted.value.last_sequence)]
    assert seen + rest == await house.log(stream.run_id)
