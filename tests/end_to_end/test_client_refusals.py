"""What the Python client does with what a server refuses: gaps, limits, errors."""

from collections.abc import AsyncIterator

import grpc
import pytest

import levada
from core.errors import LevadaError, Limited, ModelError, ServerStopping, StoreError
from tests.end_to_end.commands import levada as command
from tests.grpc_server.conftest import NO_SERVICES, QUERY
from tests.grpc_server.memory import MemoryRuns
from tests.grpc_server.said import done, text
from tests.servers import Served, served

HASTY = levada.Retry(first_wait=0.001, longest_wait=0.01, seconds=20)


class Failing(MemoryRuns):
    """Runs that can't be made or read for the first few times."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[LevadaError] = []

    async def create(self, *arguments, **more):
        self._fail()
        return await super().create(*arguments, **more)

    async def read(self, *arguments, **more):
        self._fail()
        return await super().read(*arguments, **more)

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
def runs() -> Failing:
    return Failing()


@pytest.fixture
async def server(runs: MemoryRuns) -> AsyncIterator[Served]:
    async with served(runs, NO_SERVICES, [QUERY]) as here:
        yield here


@pytest.fixture
async def client(server: Served) -> AsyncIterator[levada.Client]:
    async with levada.connect(server.address, retry=HASTY) as here:
        yield here


async def ended(client: levada.Client, runs: MemoryRuns) -> str:
    run = await client.create("How many?")
    runs.say(run.run_id, *(text() for _ in range(8)), done())
    return run.run_id


async def test_events_that_are_gone_raise_with_the_oldest_that_is_left(client, runs) -> None:
    run_id = await ended(client, runs)
    runs.forget(run_id, 5)
    with pytest.raises(levada.CursorExpired) as expired:
        await client.watch(run_id).result()
    assert expired.value.oldest == 5


async def test_who_wants_to_hear_of_a_gap_reads_on_after_it(client, runs) -> None:
    run_id = await ended(client, runs)
    runs.forget(run_id, 5)
    gaps: list[range] = []
    numbers = [event.sequence async for event in client.watch(run_id, 1, on_gap=gaps.append)]
    assert gaps == [range(2, 5)]
    assert numbers == list(range(5, runs.held[run_id].run.last_sequence + 1))


LIMIT = Limited("Too many.", retry_after=0.05)


async def test_a_limit_is_raised_with_the_time_to_wait(client, runs) -> None:
    runs.errors = [LIMIT]
    with pytest.raises(levada.CallFailed) as limited:
        await client.create("How many?")
    assert (limited.value.reason, limited.value.retry_after) == ("RATE_LIMITED", 0.05)


async def test_a_limit_is_waited_out_by_who_wants_that(server, runs) -> None:
    runs.errors = [LIMIT, LIMIT]
    patient = levada.Retry(first_wait=0.001, when_limited=True)
    async with levada.connect(server.address, retry=patient) as client:
        assert await client.create("How many?")
        runs.errors = [LIMIT]
        assert (await anext(aiter(client.ask("How many?")))).sequence == 1


@pytest.mark.parametrize("error", [ServerStopping(), StoreError()], ids=["stopping", "no store"])
async def test_a_server_that_can_serve_nobody_for_the_moment_is_asked_again(client, runs, error) -> None:
    runs.errors = [error, error]
    run_id = await ended(client, runs)
    runs.errors = [error, error, error]
    assert len([event async for event in client.watch(run_id)]) == runs.held[run_id].run.last_sequence


@pytest.mark.parametrize("error", [ModelError(), LevadaError("It broke.")], ids=["no model", "internal"])
async def test_what_asking_again_does_not_mend_is_raised_at_once(client, runs, error) -> None:
    runs.errors = [error] * 3
    with pytest.raises(levada.CallFailed):
        await client.create("How many?")
    assert len(runs.errors) == 2


async def test_a_server_is_not_asked_twice_for_what_is_not_there(client) -> None:
    with pytest.raises(levada.CallFailed) as missing:
        await client.watch("nothing").result()
    assert missing.value.code is grpc.StatusCode.NOT_FOUND
    assert not missing.value.lost


async def test_a_format_that_there_is_not_is_refused_before_anything_is_asked(client) -> None:
    with pytest.raises(ValueError, match="csv, jsonl, parquet, arrow"):
        client.export("r", "xlsx")


@pytest.mark.parametrize("words", ["10 runs are made. Try again in 3 seconds.", "10 runs are made."])
async def test_the_command_says_once_when_to_try_again(server, runs, words):
    runs.errors = [Limited(words, retry_after=3)]
    code, _, complaint = await command(server.address, "ask", "How many?")
    assert code == 1
    assert complaint.count("Try again in 3 s") == 1
