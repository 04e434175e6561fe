"""Guarantees 1 to 4: numbered, stored before shown, resumable, gaps said; for readers early, late and cut off."""

import asyncio
import random
import sqlite3

import pytest
from sqlalchemy import event as hooks

from core.errors import CursorAhead, CursorExpired, NotFound
from core.identity import LOCAL, Principal
from core.pipeline import Run, Step, step
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Event
from tests.engine.stage import Stage, answered, assert_whole, gather, kinds, spec

SPEAK = spec("speak")
WORDS = 400


@step(SPEAK)
async def speak(step: Step) -> None:
    for number in range(WORDS):
        step.text(events.CHANNEL_ANSWER, f"{number} ")
        if number % 20 == 0:
            step.emit(events.TableRows(row_count=1, arrow=bytes(1000)))
        if number % 3 == 0:
            await step.flush()


async def story(run: Run):
    await run.step(speak)
    return answered()


def rows_of(stage: Stage, run_id: str) -> list[tuple[int, bytes]]:
    """Read what the file holds past the engine, as another process would."""
    with sqlite3.connect(stage.url.removeprefix("sqlite:///")) as c:
        return c.execute("SELECT sequence, data FROM events WHERE run_id = ? ORDER BY 1", (run_id,)).fetchall()


async def test_hundreds_of_readers_joining_anywhere_see_the_same_events_once(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    chance = random.Random(7)

    async def read() -> None:
        for _ in range(chance.randrange(40)):
            await asyncio.sleep(0)
        seen = [event.SerializeToString() for event in await stage.watch(run_id)]
        after = chance.randrange(len(seen))
        assert [event.SerializeToString() for event in await stage.watch(run_id, after)] == seen[after:]
        return seen

    everything = await gather(*(read() for _ in range(300)))
    assert all(seen == everything[0] for seen in everything)
    assert_whole([Event.FromString(data) for data in everything[0]])
    assert list(enumerate(everything[0], 1)) == rows_of(stage, run_id)


async def test_readers_that_keep_up_do_not_touch_the_database(stage: Stage):
    await stage.play(story, SPEAK)
    queries: list[str] = []

    def count(_c, _cursor, statement: str, *_: object) -> None:
        queries.append(statement)

    hooks.listen(stage.engine.store._reading.sync_engine, "before_cursor_execute", count)
    run_id = await stage.create()
    before = len(queries)
    await gather(*(stage.watch(run_id) for _ in range(200)))
    assert sum("events" in statement for statement in queries[before:]) == 0
    # Nor do they ask whose the run is; the queue is looked at now and then.
    assert len(queries) - before <= 10


async def test_a_reader_cut_off_at_every_number_goes_on_without_gap_or_repeat(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    seen: list[bytes] = []
    while True:
        stream = stage.engine.watch(LOCAL, run_id, len(seen))
        batch = await anext(stream, None)
        await stream.aclose()
        if batch is None:
            break
        seen.append(batch[0])
    assert_whole([Event.FromString(data) for data in seen])
    assert list(enumerate(seen, 1)) == rows_of(stage, run_id)


async def test_what_a_live_reader_gets_is_in_the_file_already(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    count = 0
    async for batch in stage.engine.watch(LOCAL, run_id, 0):
        count += len(batch)
        assert len(rows_of(stage, run_id)) >= count


async def test_the_same_events_are_read_after_the_end_and_after_a_restart(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    live = await stage.watch(run_id)
    assert await stage.watch(run_id) == live
    await stage.restart()
    assert await stage.watch(run_id) == live
    assert await stage.watch(run_id, 5) == live[5:]


async def test_text_is_joined_while_it_waits_and_loses_nothing(stage: Stage):
    await stage.play(story, SPEAK)
    seen = await stage.ask()
    assert "".join(event.text_delta.text for event in seen) == "".join(f"{number} " for number in range(WORDS))
    assert kinds(seen).count("text_delta") < WORDS


async def test_texts_of_steps_that_speak_at_once_are_not_mixed_up(stage: Stage):
    @step(SPEAK)
    async def say(step: Step, word: str) -> None:
        for _ in range(50):
            step.text(events.CHANNEL_ANSWER, word)
            step.text(events.CHANNEL_SQL, word.upper())
            await asyncio.sleep(0)

    async def run(run: Run):
        async with asyncio.TaskGroup() as tasks:
            for word in "abc":
                tasks.create_task(run.step(say, word))
        return answered()

    await stage.play(run, SPEAK)
    texts: dict[tuple[str, int], str] = {}
    for event in await stage.ask():
        if kinds([event]) == ["text_delta"]:
            key = event.step, event.text_delta.channel
            texts[key] = texts.get(key, "") + event.text_delta.text
    assert sorted(texts.values()) == sorted(letter * 50 for letter in "abcABC")


async def test_reads_are_bounded_by_count_and_by_bytes_from_memory_and_from_the_file(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    whole = [event.SerializeToString() for event in await stage.watch(run_id)]
    for restarted in (False, True):
        if restarted:
            await stage.restart()
        assert (await stage.engine.read(LOCAL, run_id, 2, limit=3))[0] == whole[2:5]
        few, ended = await stage.engine.read(LOCAL, run_id, 0, limit=len(whole), max_bytes=2_000)
        assert not ended
        assert sum(map(len, few[:-1])) < 2_000 <= sum(map(len, few))
        assert few == whole[: len(few)]
        one, _ = await stage.engine.read(LOCAL, run_id, 3, max_bytes=1)
        assert one == [whole[3]]
        rest, ended = await stage.engine.read(LOCAL, run_id, len(whole) - 1)
        assert (rest, ended) == ([whole[-1]], True)
        assert await stage.engine.read(LOCAL, run_id, len(whole)) == ([], True)


async def test_a_cursor_ahead_of_the_log_is_refused(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    last = len(await stage.watch(run_id))
    with pytest.raises(CursorAhead):
        await stage.engine.read(LOCAL, run_id, last + 1)
    await stage.restart()
    with pytest.raises(CursorAhead):
        await stage.engine.read(LOCAL, run_id, last + 1)


async def test_a_cursor_older_than_what_is_held_is_told_the_oldest_number(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    await stage.watch(run_id)
    await stage.stop()
    with sqlite3.connect(stage.url.removeprefix("sqlite:///")) as c:
        c.execute("DELETE FROM events WHERE run_id = ? AND sequence < 10", (run_id,))
        c.execute("UPDATE runs SET oldest_sequence = 10 WHERE id = ?", (run_id,))
    await stage.start()
    with pytest.raises(CursorExpired) as caught:
        await stage.engine.read(LOCAL, run_id, 8)
    assert caught.value.oldest == 10
    assert_whole(await stage.watch(run_id, 9), after=9)


async def test_another_s_run_is_like_one_that_does_not_exist(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    for other in (Principal("local", "eve"), Principal("elsewhere", "local")):
        assert await stage.engine.list(other, limit=10) == []
        for attempt in (
            stage.engine.get(other, run_id),
            stage.engine.read(other, run_id, 0),
            stage.engine.cancel(other, run_id),
            anext(stage.engine.watch(other, run_id, 0)),
        ):
            with pytest.raises(NotFound):
                await attempt
    with pytest.raises(NotFound):
        await stage.engine.get(LOCAL, "nope")


async def test_a_reader_that_leaves_or_never_reads_on_does_not_touch_the_run(stage: Stage):
    await stage.play(story, SPEAK)
    run_id = await stage.create()
    slow = stage.engine.watch(LOCAL, run_id, 0)
    first = await anext(slow)
    leaving = stage.engine.watch(LOCAL, run_id, 0)
    await anext(leaving)
    await leaving.aclose()
    assert_whole(await stage.watch(run_id))
    later = [data async for batch in slow for data in batch]
    assert_whole([Event.FromString(data) for data in (*first, *later)])
