"""What every store must do, one body over all of them."""

import asyncio
import time
from typing import Any

import pytest

from core import ids
from core.errors import Limited, ServerStopping
from core.identity import LOCAL, Principal
from core.store import Store
from core.store.records import Append, Created, Fenced, NewRun
from levada.v1.run_pb2 import RunOptions, RunRequest, RunState


def new(question: str = "?", *, owner: Principal = LOCAL, queue_limit: int = 100, **request: Any) -> NewRun:
    return NewRun(
        id=ids.run_id(),
        owner=owner,
        request=RunRequest(**{"pipeline": "play", "question": question, **request}),
        created=time.time_ns() // 1_000,
        digest=question.encode(),
        trace_id="",
        traceparent="",
        queue_limit=queue_limit,
        first=lambda place: f"queued {place}".encode(),
    )


def append(run_id: str, epoch: int, after: int, *events: bytes, position: int = 8, **rows: Any) -> Append:
    return Append(run_id, epoch, after, position, events, **rows)


async def test_what_is_appended_is_read_by_anybody_in_order(store: Store, other: Store):
    run_id = (await store.create(new())).run_id
    await store.append(append(run_id, 0, 1, b"a" * 100, b"b" * 100))
    await store.append(append(run_id, 0, 3, b"c" * 100, position=208))
    for one in (store, other):
        assert await one.read(run_id, 0, 10, 10_000) == ([b"queued 1", b"a" * 100, b"b" * 100, b"c" * 100], False)
        assert await one.read(run_id, 1, 10, 101) == ([b"a" * 100, b"b" * 100], False)
        assert await one.read(run_id, 3, 1, 1) == ([b"c" * 100], False)


async def test_what_another_server_appended_is_read_where_the_run_was_made(store: Store, other: Store):
    run_id = (await store.create(new())).run_id
    await other.append(append(run_id, 0, 1, b"elsewhere"))
    assert await store.read(run_id, 0, 10, 1000) == ([b"queued 1", b"elsewhere"], False)
    assert await store.read(run_id, 2, 10, 1000) == ([], False)


async def test_an_append_that_does_not_follow_the_log_is_fenced_off_alone(store: Store):
    runs = [(await store.create(new())).run_id for _ in range(3)]
    appends = [
        append(runs[0], 0, 1, b"good"),
        append(runs[1], 0, 5, b"a gap"),
        append(runs[2], 7, 1, b"another epoch"),
        append("no such run", 0, 1, b"nowhere"),
    ]
    results = await asyncio.gather(*map(store.append, appends), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), Fenced, Fenced, Fenced]
    counts = [len((await store.read(run_id, 0, 10, 10_000))[0]) for run_id in runs]
    assert counts == [2, 1, 1]


async def test_two_appends_to_one_place_in_a_log_are_one(store: Store, other: Store):
    run_id = (await store.create(new())).run_id
    words = [f"word {number}".encode() for number in range(10)]
    tries = [one.append(append(run_id, 0, 1, word)) for one, word in zip((store, other) * 5, words, strict=True)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    (said,) = [word for word, result in zip(words, results, strict=True) if result is None]
    assert [type(result) for result in results].count(Fenced) == 9
    assert (await store.read(run_id, 0, 10, 10_000))[0] == [b"queued 1", said]


async def test_an_append_whose_answer_was_lost_can_be_said_again(store: Store):
    run_id = (await store.create(new())).run_id
    await store.append(append(run_id, 0, 1, b"mine"))
    await store.append(append(run_id, 0, 1, b"mine"))
    assert (await store.read(run_id, 0, 10, 10_000))[0] == [b"queued 1", b"mine"]


async def test_a_claimed_run_is_nobody_else_s_until_its_lease_ends(store: Store, other: Store):
    for _ in range(20):
        await store.create(new())
    taken = await asyncio.gather(*(one.claim(f"{one!r}", 3, 30, []) for one in (store, other) * 4))
    ids_ = [claimed.id for some in taken for claimed in some]
    assert len(ids_) == len(set(ids_)) == 20
    assert not await other.claim("late", 5, 30, [])


async def test_a_lost_run_is_taken_over_with_a_higher_epoch_and_its_worker_fenced_off(store: Store, other: Store):
    await store.create(new())
    (first,) = await store.claim("first", 1, 0.0, [])
    (second,) = await other.claim("second", 1, 30, [])
    assert second.epoch == first.epoch + 1
    assert second.row.losses == 1
    assert second.row.interrupted == "worker lost"
    with pytest.raises(Fenced):
        await store.append(append(first.id, first.epoch, 1, b"zombie"))
    assert not await store.renew("first", 30, [first.id])
    assert [signal.epoch for signal in await other.renew("second", 30, [second.id])] == [second.epoch]


async def test_a_worker_does_not_take_what_it_holds_itself(store: Store):
    await store.create(new())
    (held,) = await store.claim("worker", 1, 0.0, [])
    assert not await store.claim("worker", 1, 30, [held.id])


async def test_checkpoints_and_state_come_with_the_events_or_not_at_all(store: Store):
    await store.create(new())
    (claimed,) = await store.claim("worker", 1, 0.0, [])
    step = {"run_id": claimed.id, "path": "look", "pipeline": "play", "name": "look", "attempt": 1}
    done = {**step, "completed": 5, "duration": 7, "rows": 2, "result": "{}"}
    with pytest.raises(Fenced):
        await store.append(append(claimed.id, 99, 1, b"x", steps=[done], run={"summary": "no"}))
    (again,) = await store.claim("worker", 1, 0.0, [])
    assert not again.steps
    await store.append(append(again.id, again.epoch, 1, b"x", steps=[done], run={"summary": "yes"}))
    (third,) = await store.claim("worker", 1, 30, [])
    assert (third.steps["look"].result, third.steps["look"].rows, third.row.summary) == ("{}", 2, "yes")
    assert await store.durations("play", 10) == [("look", 7)]


async def test_a_wait_ends_when_another_server_appends(store: Store, other: Store):
    run_id = (await store.create(new())).run_id
    waiting = asyncio.create_task(other.wait(run_id, 1))
    await asyncio.sleep(0)
    await store.append(append(run_id, 0, 1, b"news"))
    await asyncio.wait_for(waiting, 30)
    assert await other.read(run_id, 1, 10, 100) == ([b"news"], False)


async def test_a_wait_ends_at_once_when_there_is_news_already(store: Store, other: Store):
    run_id = (await store.create(new())).run_id
    for one in (store, other):
        await asyncio.wait_for(one.wait(run_id, 0), 1)


async def test_waits_end_with_the_store(store: Store):
    run_id = (await store.create(new())).run_id
    waiting = asyncio.create_task(store.wait(run_id, 1))
    await asyncio.sleep(0.05)
    await store.close()
    with pytest.raises(ServerStopping):
        await waiting


async def test_one_request_id_is_one_run_whichever_server_is_asked(store: Store, other: Store):
    made = await asyncio.gather(*(one.create(new(request_id="r")) for one in (store, other) * 10))
    assert len({created.run_id for created in made}) == 1
    assert [created.existed for created in made].count(False) == 1
    reused: Created = await other.create(new("something else", request_id="r"))
    assert not reused.same_request


async def test_a_full_queue_refuses_only_what_is_too_much(store: Store):
    made = await asyncio.gather(*(store.create(new(queue_limit=5)) for _ in range(8)), return_exceptions=True)
    assert [type(one) for one in made].count(Limited) == 3
    assert (await store.queue(lambda place, told: False)).length == 5


async def test_runs_held_and_not_made_in_one_commit_are_counted_each_for_what_it_is(store: Store):
    holds = [True, False, True, False, True, True, False]
    wanted = [new(queue_limit=3, options=RunOptions(hold=hold)) for hold in holds]
    made = await asyncio.gather(*(store.create(one) for one in wanted), return_exceptions=True)
    assert [isinstance(one, Limited) for one in made] == [False] * 5 + [True, False]
    places = [one.event.decode() for one in made if isinstance(one, Created)]
    assert places == ["queued 0", "queued 1", "queued 0", "queued 2", "queued 0", "queued 3"]
    assert (await store.queue(lambda place, told: False)).length == 3
    with pytest.raises(Limited, match="paused or held"):
        await store.request_pause(wanted[1].id, "somebody", 3)
    await store.create(new(owner=Principal("other", "other"), queue_limit=3, options=RunOptions(hold=True)))


async def test_cancel_is_noted_once_and_heard_by_who_holds_the_run(store: Store, other: Store):
    await store.create(new())
    (claimed,) = await store.claim("worker", 1, 30, [])
    await other.request_cancel(claimed.id, "ann", "first")
    await other.request_cancel(claimed.id, "bob", "second")
    (signal,) = await store.renew("worker", 30, [claimed.id])
    assert (signal.cancel_by, signal.cancel_cause) == ("ann", "first")


async def test_a_run_that_waits_for_nothing_goes_on(store: Store):
    asked, lost, held = [(await store.create(new())).run_id for _ in range(3)]
    for claimed in await store.claim("worker", 3, 30, []):
        left = {} if claimed.id == held else {"worker": ""}
        inputs = {"run_id": claimed.id, "input_id": "which", "request": b"", "asked": time.time_ns() // 1_000}
        rows = [inputs] if claimed.id == asked else []
        await store.append(append(claimed.id, 1, 1, run={"state": RunState.RUN_STATE_WAITING} | left, inputs=rows))
    assert await store.wake(60) == 1
    assert [claimed.id for claimed in await store.claim("worker", 3, 30, [])] == [lost]


async def test_turns_are_remembered_by_conversation_and_by_source(store: Store):
    for number in range(5):
        run_id = (await store.create(new())).run_id
        row = {"tenant": "local", "subject": "local", "conversation_id": "c", "answered": number != 2}
        turns = [
            {**row, "run_id": run_id, "source": source, "question": f"q{number}", "sql": f"SELECT {number}"}
            for source in ("shop", "files")
        ]
        await store.append(append(run_id, 0, 1, turns=turns))
    assert [turn.question for turn in await store.history(LOCAL, "c", 3)] == ["q2", "q3", "q4"]
    assert [turn.question for turn in await store.answered(LOCAL, "shop", 3)] == ["q4", "q3", "q1"]
    same_tenant, elsewhere = Principal("local", "other"), Principal("elsewhere", "local")
    assert await store.history(same_tenant, "c", 3) == []
    assert len(await store.answered(same_tenant, "shop", 9)) == 4
    assert await store.answered(elsewhere, "shop", 9) == []
