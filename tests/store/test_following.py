"""What one server stores reaches the readers and runners of another: at once by word, in the end by looking."""

import asyncio
import random
import time
from collections.abc import Iterator

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core import ids
from core.errors import CursorExpired
from core.store import Store, follower, open_store, writer
from core.store.follower import Follower
from core.store.records import Append
from core.store.words import Message, Word
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.postgres import PostgresDatabase
from tests.servers import until
from tests.store.saying import Speaker, collect
from tests.store.test_store import append, new

ENDED = {"state": RunState.RUN_STATE_COMPLETED, "ended": 1}


@pytest.fixture
def no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for himself: what is heard was told."""
    monkeypatch.setattr(follower, "POLL", 3600.0)


@pytest.fixture
def no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server tells another anything."""

    async def silence(*_: object) -> None:
        pass

    monkeypatch.setattr(writer.Writer, "_tell", silence)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that a store sends meanwhile."""
    sent: list[str] = []

    def note(_connection, _cursor, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


async def listens(database: PostgresDatabase) -> list[int]:
    """Return the processes of PostgreSQL that somebody listens through, once there are any."""
    found: list[tuple] = []

    def look() -> bool:
        nonlocal found
        here = "datname = current_database() AND state = 'idle'"
        found = database.run(f"SELECT pid FROM pg_stat_activity WHERE query = 'SELECT 1' AND {here}")
        return bool(found)

    await until(look)
    return [pid for (pid,) in found]


@pytest.mark.usefixtures("no_poll")
async def test_a_reader_on_another_server_hears_of_events_at_once(store: Store, other: Store):
    run_id = (await store.create(new())).run_id
    heard: list[bytes] = []
    reading = asyncio.create_task(collect(other, run_id, heard))
    for number in range(1, 6):
        await until(lambda number=number: len(heard) == number)
        await store.append(append(run_id, 0, number, f"e{number}".encode(), run=ENDED if number == 5 else {}))
    await asyncio.wait_for(reading, 30)
    assert heard == [b"queued 1", b"e1", b"e2", b"e3", b"e4", b"e5"]


@pytest.mark.usefixtures("no_poll", "no_word")
async def test_what_was_said_between_reading_and_waiting_is_heard(store: Store, other: Store):
    run_id = (await store.create(new())).run_id
    assert await other.read(run_id, 1, 10, 100) == ([], False)
    await store.append(append(run_id, 0, 1, b"between"))
    await asyncio.wait_for(other.wait(run_id, 1), 30)
    assert await other.read(run_id, 1, 10, 100) == ([b"between"], False)


@pytest.mark.usefixtures("no_word")
async def test_readers_go_on_when_every_word_is_lost(store: Store, other: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(follower, "POLL", 0.1)
    run_id = (await store.create(new())).run_id
    heard: list[bytes] = []
    reading = asyncio.create_task(collect(other, run_id, heard))
    await until(lambda: heard)
    await store.append(append(run_id, 0, 1, b"said", b"end", run=ENDED))
    await asyncio.wait_for(reading, 30)
    assert heard == [b"queued 1", b"said", b"end"]


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("no_poll")
async def test_a_listener_that_was_cut_off_listens_again(store: Store, other: Store, postgres_store: PostgresDatabase):
    run_id = (await store.create(new())).run_id
    waiting = asyncio.create_task(other.wait(run_id, 1))
    cut = await listens(postgres_store)
    postgres_store.run(*(f"SELECT pg_terminate_backend({pid})" for pid in cut))
    # Said while nobody listens: who listens again looks for what he missed.
    await store.append(append(run_id, 0, 1, b"missed"))
    await asyncio.wait_for(waiting, 30)
    assert not set(cut) & set(await listens(postgres_store))
    waiting = asyncio.create_task(other.wait(run_id, 2))
    await asyncio.sleep(0)
    await store.append(append(run_id, 0, 2, b"heard", position=14))
    await asyncio.wait_for(waiting, 30)


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
async def test_one_commit_is_one_word_and_what_nobody_waits_for_is_none(store: Store, postgres_store: PostgresDatabase):
    runs = [(await store.create(new())).run_id for _ in range(50)]
    words: list[str] = []
    ear = await asyncpg.connect(postgres_store.admin_url)
    await ear.add_listener("levada", lambda *said: words.append(said[-1]))
    await asyncio.gather(*(store.append(append(run_id, 0, 1, b"x")) for run_id in runs))
    await store.claim("worker", 50, 30, [])
    await store.renew("worker", 30, runs)
    await store.request_cancel(runs[0], "ann", "")
    await until(lambda: len(words) > 1)
    said, asked = map(Message.parse, words)
    assert (said.word, sorted(said.runs or ())) == (Word(0), sorted(runs))
    assert (asked.word, asked.runs) == (Word.HOLDERS, [])
    await ear.close()


def test_a_word_about_too_many_runs_says_that_any_may_have_more():
    short, long = [Message("me", Word.QUEUE, [ids.run_id() for _ in range(count)]) for count in (200, 250)]
    assert Message.parse(str(short)) == short
    assert len(str(long)) < 8000
    assert Message.parse(str(long)) == Message("me", Word.QUEUE, None)
    assert Message.parse("what a later version says").runs is None


@pytest.mark.usefixtures("no_poll")
async def test_a_thousand_readers_cost_the_database_a_handful_of_queries(
    store: Store, other: Store, statements: list[str]
):
    runs = [(await store.create(new())).run_id for _ in range(20)]
    waits = [asyncio.create_task(other.wait(run_id, 1)) for run_id in runs for _ in range(50)]
    await asyncio.sleep(0.1)
    statements.clear()
    for after in range(1, 6):
        await asyncio.gather(*(store.append(append(run_id, 0, after, b"x")) for run_id in runs))
        await asyncio.wait_for(asyncio.gather(*waits), 30)
        read = await asyncio.gather(*(other.read(run_id, after, 10, 100) for run_id in runs for _ in range(50)))
        assert read == [([b"x"], False)] * 1000
        waits = [asyncio.create_task(other.wait(run_id, after + 1)) for run_id in runs for _ in range(50)]
        await asyncio.sleep(0)
    asked = [
        statement for statement in statements if statement.lstrip().startswith("SELECT") and "notify" not in statement
    ]
    assert len(asked) <= 10
    for one in waits:
        one.cancel()


async def test_readers_see_one_log_while_a_run_moves_between_servers(store: Store, other: Store):
    await store.create(new())
    chance, heard = random.Random(3), [[], [], []]
    (run,) = await store.claim("first", 1, 0.0, [])
    readers = [asyncio.create_task(collect(one, run.id, heard[n])) for n, one in enumerate((store, other, other))]
    said, last, size, zombies = [b"queued 1"], 1, 8, []
    for turn in range(40):
        here = chance.choice((store, other))
        (run,) = await here.claim(f"worker {turn}", 1, 0.0, [])
        for _ in range(chance.randrange(4)):
            events = [f"{run.epoch}/{last + number}".encode() for number in range(chance.randrange(1, 4))]
            told = Append(run.id, run.epoch, last, size, events)
            zombie = Append(run.id, run.epoch - 1, last, size, [b"zombie"])
            zombies += await asyncio.gather(chance.choice((store, other)).append(zombie), return_exceptions=True)
            await here.append(told)
            said, last, size = said + events, last + len(events), size + sum(map(len, events))
    await here.append(Append(run.id, run.epoch, last, size, [b"end"], run=ENDED))
    await asyncio.wait_for(asyncio.gather(*readers), 30)
    assert heard == [[*said, b"end"]] * 3
    assert all(zombies)


@pytest.mark.usefixtures("no_poll")
async def test_a_run_that_is_forgotten_is_no_longer_waited_for(store: Store, other: Store):
    run_id = (await store.create(new())).run_id
    await other.wait(run_id, 0)
    waiting = asyncio.create_task(other.wait("no such run", 1))
    await asyncio.wait_for(waiting, 30)


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
async def test_who_waits_for_what_was_forgotten_meanwhile_is_told(
    store: Store, other: Store, postgres_store: PostgresDatabase
):
    run_id = (await store.create(new())).run_id
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.wait(run_id, 1), 0.1)
    await store.append(append(run_id, 0, 1, b"soon forgotten", b"end", run=ENDED))
    postgres_store.run("DELETE FROM events WHERE sequence < 3", "UPDATE runs SET oldest_sequence = 3")
    late = open_store(postgres_store.admin_url)
    await late.open()
    await asyncio.wait_for(late.wait(run_id, 1), 30)
    with pytest.raises(CursorExpired):
        await late.read(run_id, 1, 10, 1000)
    assert await late.read(run_id, 2, 10, 1000) == ([b"end"], True)
    await late.close()


async def test_a_reader_who_is_far_behind_catches_up(monkeypatch: pytest.MonkeyPatch, store: Store, other: Store):
    monkeypatch.setattr(follower, "BYTES", 300)
    run_id = (await store.create(new())).run_id
    waiting = asyncio.create_task(other.wait(run_id, 1))
    events = [f"{number:100}".encode() for number in range(50)]
    await store.append(append(run_id, 0, 1, *events, run=ENDED))
    await asyncio.wait_for(waiting, 30)
    heard: list[bytes] = []
    await asyncio.wait_for(collect(other, run_id, heard, after=1), 30)
    assert heard == events


async def test_what_a_reader_left_is_not_followed_for_long(monkeypatch: pytest.MonkeyPatch, store: Store, other: Store):
    monkeypatch.setattr(follower, "POLL", 0.05)
    run_id = (await store.create(new())).run_id
    looks: list[int] = []
    real = Follower._catch_up

    async def count(self: Follower) -> None:
        looks.append(len(self._ask))
        await real(self)

    monkeypatch.setattr(Follower, "_catch_up", count)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.wait(run_id, 1), 0.1)
    await until(lambda: not store.shared or looks[-1:] == [0])


async def test_news_is_what_another_server_did_and_comes_at_once(store: Store, other: Store):
    if not store.shared:
        assert await store.news(0.01) == Word(0)
        return
    assert await other.news(30) == Word.QUEUE | Word.HOLDERS  # it listens: what was before may have been anything
    run_id = (await store.create(new())).run_id
    assert await other.news(30) == Word.QUEUE
    await store.claim("worker", 1, 30, [])
    await store.request_cancel(run_id, "ann", "")
    assert await other.news(30) == Word.HOLDERS
    row = {"run_id": run_id, "input_id": "i", "request": b"", "asked": 1}
    await store.append(append(run_id, 1, 1, b"asks", inputs=[row]))
    await store.answer(run_id, InputAnswer(input_id="i", text="yes"), "ann")
    assert Word.HOLDERS in await other.news(30)
    began = time.monotonic()
    assert await other.news(0.1) == Word(0)
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
@pytest.mark.postgres
async def test_what_a_server_says_itself_is_no_news_to_it(store: Store, other: Store):
    assert await store.news(30)
    await store.create(new())
    assert await store.news(0.2) == Word(0)


async def test_a_speaker_is_followed_word_for_word(store: Store, other: Store):
    await store.create(new())
    (run,) = await store.claim("worker", 1, 30, [])
    heard: list[list[bytes]] = [[], []]
    readers = [asyncio.create_task(collect(one, run.id, into)) for one, into in zip((store, other), heard, strict=True)]
    speaker = Speaker(store, run)
    speaker.start()
    await asyncio.sleep(0.5)
    await speaker.stop()
    last = len(speaker.said) + 1
    size = 8 + sum(map(len, speaker.said))
    await store.append(Append(run.id, run.epoch, last, size, [b"end"], run=ENDED))
    await asyncio.wait_for(asyncio.gather(*readers), 30)
    assert heard == [[b"queued 1", *speaker.said, b"end"]] * 2
