"""A PostgreSQL that restarts, hangs, cuts lines and loses answers: what was accepted stays, once, and all heals."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.errors import Conflict, StoreError
from core.store import Store, migrate, open_store, postgresql
from core.store.records import Append, Fenced, Spent
from core.store.words import Word
from levada.v1.event_pb2 import InputKind, InputRequested
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.chaos.database import Database, database
from tests.postgres import PostgresDatabase
from tests.servers import until
from tests.store.line import Line, line
from tests.store.saying import Speaker, collect
from tests.store.test_store import append, new

pytestmark = pytest.mark.postgres
ENDED = {"state": RunState.RUN_STATE_COMPLETED, "ended": 1}


@pytest.fixture
def url(postgres_store: PostgresDatabase) -> str:
    return postgres_store.admin_url


@pytest.fixture
async def wire(url: str) -> AsyncIterator[tuple[Line, str]]:
    """A line to the database; short, because a socket's path has at most 107 characters."""
    with tempfile.TemporaryDirectory(prefix="levada-line-") as folder:
        async with line(url, Path(folder)) as laid:
            yield laid


@pytest.fixture
async def behind(wire: tuple[Line, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """A store behind the line, impatient."""
    for name in ("CONNECT", "POOL", "LOCK", "STATEMENT", "GRACE"):
        monkeypatch.setattr(postgresql, f"{name}_SECONDS", 0.5)
    made = open_store(wire[1])
    await made.open()
    yield made
    wire[0].go_on()
    await made.close()


async def speaking(store: Store, count: int) -> list[Speaker]:
    await asyncio.gather(*(store.create(new()) for _ in range(count)))
    return [Speaker(store, run) for run in await store.claim("worker", count, 30, [])]


async def assert_kept(store: Store, speaker: Speaker) -> None:
    """Say the end, and hold against each other what the store confirmed and what it has."""
    assert speaker.refusal is None
    size = 8 + sum(map(len, speaker.said))
    end = Append(speaker.run_id, speaker.epoch, len(speaker.said) + 1, size, [b"end"], run=ENDED)
    await store.append(end)
    read: list[bytes] = []
    await asyncio.wait_for(collect(store, speaker.run_id, read), 30)
    assert read[1:] == [*speaker.said, b"end"]


@pytest.mark.parametrize("words", [b"COMMIT;", b"WITH moved"])
async def test_a_commit_whose_answer_is_lost_is_recognised_and_not_said_twice(
    wire: tuple[Line, str], behind: Store, words: bytes
):
    speakers = await speaking(behind, 30)
    for speaker in speakers:
        speaker.start()
    for _ in range(5):
        lost = wire[0].lost
        wire[0].lose = words
        await until(lambda lost=lost: wire[0].lost > lost)
    await asyncio.gather(*(speaker.stop() for speaker in speakers))
    for speaker in speakers:
        await assert_kept(behind, speaker)


async def test_what_models_took_is_counted_once_though_the_commit_s_answer_is_lost(
    wire: tuple[Line, str], behind: Store
):
    for number in range(1, 6):
        run_id = (await behind.create(new())).run_id
        wire[0].lose = b"COMMIT;"
        await behind.append(append(run_id, 0, 1, b"called", spent=[Spent("us", 1)]))
        assert (wire[0].lost, await behind.spent_today("us")) == (number, Spent("us", number))


async def test_a_run_whose_commit_s_answer_is_lost_is_accepted_once(wire: tuple[Line, str], behind: Store):
    wire[0].lose = b"COMMIT;"
    created = await behind.create(new(request_id="once"))
    assert wire[0].lost == 1
    assert not created.existed
    assert created.event == b"queued 1"
    assert (await behind.create(new(request_id="once"))).run_id == created.run_id
    assert [run.id for run in await behind.claim("worker", 10, 30, [])] == [created.run_id]


async def test_what_a_claim_took_whose_answer_was_lost_is_taken_by_the_next_one(wire: tuple[Line, str], behind: Store):
    run_id = (await behind.create(new())).run_id
    wire[0].lose = b"COMMIT;"
    with pytest.raises(StoreError):
        await behind.claim("worker", 1, 30, [])
    (claimed,) = await behind.claim("worker", 1, 30, [])
    assert (claimed.id, claimed.epoch) == (run_id, 2)
    assert (claimed.row.losses, claimed.row.interrupted) == (0, "")
    assert not await behind.claim("worker", 1, 30, [run_id])


async def test_an_answer_whose_confirmation_was_lost_can_be_given_again(wire: tuple[Line, str], behind: Store):
    run_id = (await behind.create(new())).run_id
    asked = InputRequested(input_id="which", kind=InputKind.INPUT_KIND_CLARIFICATION)
    row = {"run_id": run_id, "input_id": "which", "request": asked.SerializeToString(), "asked": 1}
    await behind.append(append(run_id, 0, 1, inputs=[row]))
    wire[0].lose = b"COMMIT;"
    with pytest.raises(StoreError):
        await behind.answer(run_id, InputAnswer(input_id="which", text="this"), "ann")
    await behind.answer(run_id, InputAnswer(input_id="which", text="this"), "ann")
    for given, by in (("this", "bob"), ("that", "ann")):
        with pytest.raises(Conflict, match="was answered already"):
            await behind.answer(run_id, InputAnswer(input_id="which", text=given), by)


async def test_a_job_that_did_not_come_to_its_commit_is_done_again(wire: tuple[Line, str], behind: Store):
    run_id = (await behind.create(new())).run_id
    wire[0].lose = b"UPDATE runs"
    row = await behind.request_cancel(run_id, "ann", "changed my mind")
    assert (wire[0].lost, row.cancel_by) == (1, "ann")


async def test_a_database_that_hangs_is_an_error_in_time_and_heals(wire: tuple[Line, str], behind: Store):
    run_id = (await behind.create(new())).run_id
    wire[0].hang()
    began = asyncio.get_running_loop().time()
    # More than there are connections: some wait for one.
    asked = [behind.get(run_id) for _ in range(postgresql.READERS + 4)]
    asked += [behind.create(new()) for _ in range(5)]
    asked += [behind.claim("worker", 1, 30, []) for _ in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {StoreError}
    assert asyncio.get_running_loop().time() - began < 60
    wire[0].go_on()
    async with asyncio.timeout(60):
        await _when_healed(lambda: behind.get(run_id))
        await _when_healed(lambda: behind.create(new()))


async def _when_healed(ask) -> None:
    while True:
        try:
            await ask()
            return
        except StoreError:
            await asyncio.sleep(0.05)


async def test_a_reader_s_wait_survives_a_database_that_hangs(wire: tuple[Line, str], behind: Store, url: str):
    run_id = (await behind.create(new())).run_id
    elsewhere = open_store(url)
    await elsewhere.open()
    waiting = asyncio.create_task(behind.wait(run_id, 1))
    wire[0].hang()
    await elsewhere.append(append(run_id, 0, 1, b"said meanwhile"))
    await asyncio.sleep(1.5)
    wire[0].go_on()
    await asyncio.wait_for(waiting, 30)
    await elsewhere.close()


async def test_who_stands_still_in_a_transaction_keeps_no_run_from_others(
    wire: tuple[Line, str], store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgresql, "IDLE_SECONDS", 0.5)
    frozen = open_store(wire[1])
    await frozen.open()
    run_id = (await store.create(new())).run_id
    await frozen.append(append(run_id, 0, 1, b"said"))
    wire[0].stall = b"never said"
    stuck = asyncio.create_task(frozen.append(append(run_id, 0, 2, b"never said", position=12)))
    await until(lambda: wire[0].hangs)
    async with asyncio.timeout(30):
        while not await store.claim("worker", 1, 30, []):  # noqa: ASYNC110 - what is waited for is in other hands
            await asyncio.sleep(0.05)
    wire[0].go_on()
    with pytest.raises(Fenced):
        await stuck
    assert (await store.read(run_id, 0, 10, 1000))[0] == [b"queued 1", b"said"]
    await frozen.close()


async def test_nothing_is_lost_or_doubled_when_connections_are_cut_all_the_time(
    store: Store, other: Store, postgres_store: PostgresDatabase
):
    speakers = await speaking(store, 20)
    heard: list[bytes] = []
    reading = asyncio.create_task(_patiently(other, speakers[0].run_id, heard))
    for speaker in speakers:
        speaker.start()
    mine = "datname = current_database() AND pid <> pg_backend_pid()"
    for _ in range(20):
        said = len(speakers[0].said)
        await until(lambda said=said: len(speakers[0].said) > said, 30)
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"
        await asyncio.to_thread(postgres_store.run, cut)
    await asyncio.gather(*(speaker.stop() for speaker in speakers))
    for speaker in speakers:
        await assert_kept(store, speaker)
    await asyncio.wait_for(reading, 30)
    assert heard[1:] == [*speakers[0].said, b"end"]


async def _patiently(store: Store, run_id: str, into: list[bytes]) -> None:
    """Read as a client does that comes back after every failure."""
    while True:
        try:
            await collect(store, run_id, into, after=len(into))
            return
        except StoreError:
            await asyncio.sleep(0.01)


async def test_a_statement_whose_plan_became_wrong_fails_nobody(store: Store, postgres_store: PostgresDatabase):
    (speaker,) = await speaking(store, 1)
    speaker.start()
    for width in (500, 600, 700):
        await asyncio.sleep(0.1)
        await asyncio.to_thread(
            postgres_store.run, f"ALTER TABLE runs ALTER COLUMN id TYPE varchar({width})", "ANALYZE runs"
        )
        await store.claim("worker", 1, 30, [])
        await store.create(new())
    await speaker.stop()
    await assert_kept(store, speaker)


async def test_a_database_that_can_not_be_used_says_why_and_tells_no_secret(postgres_store: PostgresDatabase):
    wrong = postgres_store.url_for("nobody", "s3cret-wrong")
    with pytest.raises(StoreError, match="nobody") as refused:
        await open_store(wrong).open()
    assert "LEVADA_STORE" in refused.value.message
    assert "s3cret" not in refused.value.message
    with pytest.raises(StoreError, match="Connect call failed"):
        await open_store("postgresql://127.0.0.1:9/nowhere").open()


async def test_both_spellings_of_the_scheme_are_understood(url: str):
    for spelling in ("postgres:", "postgresql:"):
        store = open_store(spelling + url.partition(":")[2])
        await store.open()
        await store.close()


@pytest.fixture(scope="module")
def private() -> Iterator[Database]:
    with database() as made:
        yield made


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_restart_of_the_database_is_a_pause(private: Database, mode: str):
    engine = postgresql.engine(private.url, writing=True)
    await migrate.upgrade(engine)
    await engine.dispose()
    here, there = open_store(private.url), open_store(private.url)
    await here.open()
    await there.open()
    speakers = await speaking(here, 3)
    heard: list[bytes] = []
    reading = asyncio.create_task(_patiently(there, speakers[0].run_id, heard))
    for speaker in speakers:
        speaker.start()
    await asyncio.sleep(0.2)
    await private.restart(mode)
    confirmed = len(speakers[0].said)
    await until(lambda: len(speakers[0].said) > confirmed, 30)
    await asyncio.gather(*(speaker.stop() for speaker in speakers))
    for speaker in speakers:
        await assert_kept(here, speaker)
    await asyncio.wait_for(reading, 30)
    assert heard[1:] == [*speakers[0].said, b"end"]
    # Word goes through again as well.
    while await there.news(1.5):
        pass
    await here.create(new())
    assert Word.QUEUE in await there.news(30)
    await there.close()
    await here.close()
