"""Many watches over one stream: credits, gaps, ends, and that a slow one stops only itself."""

import asyncio

import grpc
import pytest

from core.identity import LOCAL
from core.settings import Settings
from core.streams import OpenStreams
from grpc_server.interceptors.identity import everybody_is_local
from grpc_server.interceptors.limits import Streams
from grpc_server.validation import Validation
from grpc_server.watches import HANDS, Watches
from levada.v1 import run_service_pb2 as pb
from tests.grpc_server.said import ask, done, refused, text
from tests.grpc_server.watching import create, watching
from tests.servers import until


async def test_watches_follow_their_runs_to_the_end(server, runs):
    ids = [await create(server) for _ in range(3)]
    async with watching(server) as client:
        for watch_id, run_id in enumerate(ids):
            await client.add(watch_id, run_id)
        await until(lambda: runs.waiting == 3)
        for run_id in ids:
            runs.say(run_id, text(), text(), done())
        await until(lambda: len(client.ends) == 3)
    assert dict(client.numbers) == {0: [1, 2, 3, 4], 1: [1, 2, 3, 4], 2: [1, 2, 3, 4]}
    assert {end.code for end in client.ends.values()} == {"OK"}


async def test_a_watch_never_gets_more_than_its_credits_while_others_flow(server, runs):
    slow, quick = await create(server), await create(server)
    async with watching(server) as client:
        await client.add(1, slow, granted=3)
        await client.add(2, quick, granted=10_000)
        await client.add(3, slow, granted=0)
        for _ in range(100):
            runs.say(slow, text())
            runs.say(quick, text())
        runs.say(quick, done())
        await until(lambda: 2 in client.ends)
        assert client.numbers[1] == [1, 2, 3]
        assert client.numbers[3] == []
        assert client.numbers[2] == list(range(1, 103))
        await client.grant(1, 2)
        await until(lambda: len(client.numbers[1]) > 3)
        assert client.numbers[1] == [1, 2, 3, 4, 5]


async def test_granting_little_by_little_gives_every_event_once(server, runs):
    run_id = await create(server)
    runs.say(run_id, *(text() for _ in range(40)), done())
    async with watching(server) as client:
        await client.add(1, run_id, granted=1)
        for granted in range(1, 42):
            await until(lambda granted=granted: len(client.numbers[1]) == granted)
            await client.grant(1, 1)
        await until(lambda: 1 in client.ends)
    assert client.numbers[1] == list(range(1, 43))


async def test_a_watch_that_was_taken_up_and_waits_is_told_so_once(server, runs):
    run_id = await create(server)
    async with watching(server) as client:
        await client.add(1, run_id, after=1)
        await client.add(2, run_id, after=0, granted=0)
        await until(lambda: 1 in client.numbers)
        before = client.messages
        await client.grant(1, 1)
        await client.add(3, run_id)
        await until(lambda: client.numbers[3] == [1])
        assert client.messages == before + 1
        assert (client.numbers[1], client.numbers[2]) == ([], [])


async def test_watches_at_the_same_place_are_read_for_once_and_each_by_its_own_credits(server, runs, monkeypatch):
    run_id = await create(server)
    async with watching(server) as client:
        for watch_id in range(40):
            await client.add(watch_id, run_id, after=1, granted=1 + watch_id % 4)
        await until(lambda: len(client.numbers) == 40)
        reads = 0
        read = runs.read

        async def counted(*arguments, **bounds):
            nonlocal reads
            reads += 1
            return await read(*arguments, **bounds)

        monkeypatch.setattr(runs, "read", counted)
        runs.say(run_id, text(), text(), text(), text(), done())
        await until(lambda: sum(map(len, client.numbers.values())) == 100)
    assert reads <= 10
    for watch_id in range(40):
        assert client.numbers[watch_id] == list(range(2, 3 + watch_id % 4))


async def test_watching_from_each_number_gives_the_rest_exactly_once(server, runs):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 2_000) for _ in range(30)), done())
    async with watching(server) as client:
        for after in range(33):
            await client.add(after, run_id, after)
        await until(lambda: len(client.ends) == 33)
    assert all(client.numbers[after] == list(range(after + 1, 33)) for after in range(33))


async def test_a_cursor_that_is_too_old_is_told_of_the_gap_and_goes_on_after_it(server, runs):
    run_id = await create(server)
    runs.say(run_id, *(text() for _ in range(8)), done())
    runs.forget(run_id, before=6)
    async with watching(server) as client:
        await client.add(1, run_id, 2)
        await until(lambda: 1 in client.ends)
    assert (client.gaps, client.numbers[1]) == ({1: 6}, [6, 7, 8, 9, 10])


async def test_a_dropped_watch_gets_nothing_more_and_its_id_is_free(server, runs):
    first, second = await create(server), await create(server)
    async with watching(server) as client:
        await client.add(1, first)
        await until(lambda: client.numbers[1] == [1])
        await client.drop(1)
        await until(lambda: runs.waiting == 0)
        runs.say(first, text(), done())
        await client.add(1, second, 1)
        await until(lambda: runs.waiting == 1)
        runs.say(second, done())
        await until(lambda: 1 in client.ends)
    assert client.numbers[1] == [1, 2]


async def test_what_was_read_for_a_dropped_watch_is_not_sent_any_more(runs, settings):
    (run, _), sent, go_on = await runs.create(LOCAL, ask()), [], asyncio.Event()

    async def write(news):
        await go_on.wait()
        sent.extend(pb.WatchBatch.FromString(batch) for batch in news)

    async def requests():
        yield pb.WatchRunsRequest(add=pb.AddWatch(watch_id=1, run_id=run.run_id, credits=1))
        await until(lambda: held_up(watches) == 0)  # the sender holds the first batch
        runs.say(run.run_id, text(), done())
        yield pb.WatchRunsRequest(grant=pb.GrantCredits(watch_id=1, credits=1))
        await until(lambda: held_up(watches) == 1)  # the second one waits for it
        yield pb.WatchRunsRequest(drop=pb.DropWatch(watch_id=1))
        yield pb.WatchRunsRequest(add=pb.AddWatch(watch_id=1, run_id=run.run_id, after_sequence=2, credits=9))
        go_on.set()

    def held_up(watches):
        return len(watches._ready) if watches._hands._value < HANDS else None

    checks = Validation(settings.limits, ["query"])
    watches = Watches(runs, checks, Streams(10, OpenStreams(settings.limits)), everybody_is_local, LOCAL)
    await watches.serve(requests(), write, 30)
    assert [[event.sequence for event in batch.events] for batch in sent] == [[1], [3]]


async def test_an_id_is_free_again_after_its_watch_ended(server, runs):
    run_id = await create(server)
    runs.say(run_id, done())
    async with watching(server) as client:
        for times in (1, 2, 3):
            await client.add(1, run_id)
            await until(lambda times=times: client.numbers[1] == [1, 2] * times)


async def test_a_watch_of_an_unknown_run_ends_alone(server, runs):
    run_id = await create(server)
    async with watching(server) as client:
        await client.add(1, "no-such-run")
        await client.add(2, run_id, after=-1)
        await client.add(3, run_id, after=7)
        await client.add(4, run_id)
        await until(lambda: len(client.ends) == 3)
        runs.say(run_id, done())
        await until(lambda: client.numbers[4] == [1, 2])
    assert (client.ends[1].code, client.ends[1].reason) == ("NOT_FOUND", "RUN_NOT_FOUND")
    assert (client.ends[2].code, client.ends[2].reason) == ("INVALID_ARGUMENT", "INVALID_REQUEST")
    assert (client.ends[3].code, client.ends[3].reason) == ("INVALID_ARGUMENT", "CURSOR_AHEAD")
    assert client.ends[1].message


async def test_an_unforeseen_failure_ends_one_watch_and_shows_nothing_of_itself(server, runs, caplog):
    run_id = await create(server)
    async with watching(server) as client:
        runs.failing = RuntimeError("password=hunter2")
        await client.add(1, run_id)
        await until(lambda: 1 in client.ends)
        runs.failing = None
        await client.add(2, run_id)
        await until(lambda: client.numbers[2] == [1])
    assert (client.ends[1].code, client.ends[1].reason) == ("INTERNAL", "INTERNAL")
    assert "hunter2" not in client.ends[1].message
    assert "hunter2" in caplog.text


async def test_a_watch_sees_with_the_eyes_of_whom_it_is_for(server, runs):
    run_id = await create(server)
    async with watching(server) as client:
        await client.add(1, run_id, authorization="somebody-else")
        await client.add(2, run_id)
        await until(lambda: 1 in client.ends and client.numbers[2])
    assert client.ends[1].reason == "RUN_NOT_FOUND"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.WatchRunsRequest(), "action"),
        (pb.WatchRunsRequest(grant=pb.GrantCredits(watch_id=1, credits=-5)), "grant.credits"),
        (pb.WatchRunsRequest(grant=pb.GrantCredits(watch_id=1, credits=5, credit_bytes=-1)), "grant.credits"),
        (pb.WatchRunsRequest(grant=pb.GrantCredits(watch_id=1)), "grant.credits"),
        (pb.WatchRunsRequest(add=pb.AddWatch(watch_id=1, run_id="x")), "add.watch_id"),
    ],
)
async def test_a_client_that_breaks_the_rules_of_the_stream_is_told_which(server, request_, field):
    run_id = await create(server)
    stream = server.runs.WatchRuns()
    await stream.write(pb.WatchRunsRequest(add=pb.AddWatch(watch_id=1, run_id=run_id, credits=1)))
    await stream.read()
    await stream.write(request_)
    told = await refused(_rest(stream))
    assert (told.code, told.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    assert field in told.violations


async def _rest(stream):
    while await stream.read() is not grpc.aio.EOF:
        pass


async def test_after_the_client_closed_its_side_watches_go_on_while_they_have_credits(server, runs):
    short, long = await create(server), await create(server)
    async with watching(server) as client:
        await client.add(1, short)
        await client.add(2, long, granted=2)
        await client.stream.done_writing()
        runs.say(long, text(), text())
        runs.say(short, done())
        assert await client.stream.code() == grpc.StatusCode.OK
    assert (client.numbers[1], client.numbers[2]) == ([1, 2], [1, 2])
    assert list(client.ends) == [1]


async def test_two_thousand_watches_share_messages_and_each_gets_all(server, runs):
    ids = [await create(server) for _ in range(50)]
    async with watching(server) as client:
        for watch_id in range(2_000):
            await client.add(watch_id, ids[watch_id % 50])
        await until(lambda: len(client.numbers) == 2_000 and runs.waiting == 50, 20)
        before = client.messages
        for run_id in ids:
            runs.say(run_id, text(), done())
        await until(lambda: len(client.ends) == 2_000, 20)
        assert all(client.numbers[watch_id] == [1, 2, 3] for watch_id in range(2_000))
        assert client.messages - before < 200


async def test_leaving_ends_every_watch(server, runs):
    run_id = await create(server)
    async with watching(server) as client:
        for watch_id in range(10):
            await client.add(watch_id, run_id)
        await until(lambda: len(client.numbers) == 10 and runs.waiting == 1)
    await until(lambda: runs.waiting == 0)


@pytest.mark.parametrize("settings", [Settings(heartbeat=0.05)])
async def test_silence_is_broken_by_heartbeats(server):
    async with watching(server) as client:
        await until(lambda: client.heartbeats >= 3)
        assert client.messages == client.heartbeats


async def test_many_requests_may_come_in_one_message_and_are_done_in_their_order(server):
    run_id = await create(server)
    async with watching(server) as client:
        request = pb.WatchRunsRequest(add=pb.AddWatch(watch_id=1, run_id=run_id, credits=5))
        request.more.add(drop=pb.DropWatch(watch_id=1))
        request.more.add(add=pb.AddWatch(watch_id=1, run_id=run_id, after_sequence=1))
        request.more.add(add=pb.AddWatch(watch_id=2, run_id=run_id))
        request.more.add(grant=pb.GrantCredits(watch_id=2, credits=1))
        await client.stream.write(request)
        await until(lambda: client.numbers[2] == [1])
        assert client.numbers[1] == []
