"""The Python client against a real server: streams take themselves up again, and a cut never looks like an end."""

import asyncio
from pathlib import Path

import pytest

import levada
from levada.v1 import event_pb2 as events
from tests import toys
from tests.servers import served


async def test_asking_streams_every_event_once_up_to_the_terminal_one(tmp_path: Path) -> None:
    async with (
        toys.engine(tmp_path) as engine,
        served(engine, toys.services(), toys.TOYS) as server,
        levada.connect(server.address) as client,
    ):
        stream = client.ask("40", pipeline="counting")
        numbers = [event.sequence async for event in stream]
    assert numbers == list(range(1, len(numbers) + 1))
    assert stream.ended is not None
    assert stream.ended.HasField("completed")


async def test_a_watch_begins_after_the_number_it_was_given(tmp_path: Path) -> None:
    async with (
        toys.engine(tmp_path) as engine,
        served(engine, toys.services(), toys.TOYS) as server,
        levada.connect(server.address) as client,
    ):
        asked = client.ask("40", pipeline="counting")
        whole = [event async for event in asked]
        rest = [event async for event in client.watch(asked.run_id, 3)]
    assert rest == whole[3:]


async def test_a_stream_survives_the_door_being_replaced(tmp_path: Path) -> None:
    tries: list[int] = []
    async with toys.engine(tmp_path) as engine, served(engine, toys.services(), toys.TOYS) as first:
        address = first.address
        async with levada.connect(address) as client:
            stream = client.ask("1", pipeline="dreaming")
            stream.on_reconnect = lambda reconnect: tries.append(reconnect.attempt)
            reader = asyncio.create_task(collect(stream))
            await until_said(stream, 3)
            await first.server.stop(_nothing)
            async with served(engine, toys.services(), toys.TOYS, address=address):
                await cancel(client, stream.run_id)
                numbers = await asyncio.wait_for(reader, 60)
    assert tries, "the client must tell of its reconnects"
    assert numbers == list(range(1, len(numbers) + 1))
    assert stream.ended is not None
    assert stream.ended.HasField("cancelled")


async def test_a_stream_that_cannot_be_taken_up_again_raises_and_names_the_place(tmp_path: Path) -> None:
    async with (
        toys.engine(tmp_path) as engine,
        served(engine, toys.services(), toys.TOYS) as server,
        levada.connect(server.address, retry=levada.Retry(attempts=2)) as client,
    ):
        stream = client.ask("1", pipeline="dreaming")
        reader = asyncio.create_task(collect(stream))
        await until_said(stream, 3)
        await server.server.stop(_nothing)
        with pytest.raises(levada.StreamInterrupted) as interrupted:
            await asyncio.wait_for(reader, 60)
    assert interrupted.value.last_sequence == stream.last_sequence
    assert stream.run_id in str(interrupted.value)
    assert stream.ended is None


async def test_a_refused_request_names_its_fields(tmp_path: Path) -> None:
    async with (
        toys.engine(tmp_path) as engine,
        served(engine, toys.services(), toys.TOYS) as server,
        levada.connect(server.address) as client,
    ):
        with pytest.raises(levada.CallFailed) as refused:
            await client.ask("", pipeline="counting").result()
    assert refused.value.reason == "INVALID_REQUEST"
    assert list(refused.value.violations) == ["run.question"]


async def test_nobody_at_the_address_is_said_with_what_to_do() -> None:
    async with levada.connect("127.0.0.1:1") as client:
        with pytest.raises(levada.ServerUnreachable, match="make demo"):
            await client.sources()


async def test_the_result_of_a_cancelled_run_is_an_error(tmp_path: Path) -> None:
    async with (
        toys.engine(tmp_path) as engine,
        served(engine, toys.services(), toys.TOYS) as server,
        levada.connect(server.address) as client,
    ):
        run = await client.create("1", pipeline="dreaming")
        await client.cancel(run.run_id, "changed my mind")
        with pytest.raises(levada.RunNotCompleted, match="changed my mind"):
            await client.watch(run.run_id).result()


async def collect(stream: levada.Stream) -> list[int]:
    return [event.sequence async for event in stream]


async def until_said(stream: levada.Stream, number: int) -> None:
    async with asyncio.timeout(60):
        while stream.last_sequence < number:  # noqa: ASYNC110 - the stream tells nobody
            await asyncio.sleep(0.005)


async def cancel(client: levada.Client, run_id: str) -> None:
    """Cancel as soon as the new door answers."""
    async with asyncio.timeout(60):
        while True:
            try:
                await client.cancel(run_id)
            except levada.ServerUnreachable:
                await asyncio.sleep(0.02)
            else:
                return


async def _nothing() -> None:
    """Drain nothing."""


def test_terminal_payloads_are_what_the_proto_says() -> None:
    from levada.stream import TERMINAL

    fields = events.Event.DESCRIPTOR.oneofs_by_name["payload"].fields
    said = {f.name for f in fields if f.message_type.name in {"RunCompleted", "RunFailed", "RunCancelled"}}
    assert said == TERMINAL
