"""A run's rows as a file over HTTP: what it is called, how it comes, and that half of one never looks whole."""

import asyncio

import httpx
import pytest

from levada.v1 import event_pb2 as events
from tests.export.telling import FORMATS, Teller, column, read
from tests.gateway.conftest import Door, Runs
from tests.servers import until

COLUMNS = [column("id", events.COLUMN_TYPE_INTEGER), column("word", events.COLUMN_TYPE_TEXT)]
WORDS = ["a", "", None, "x,y"]


async def told(door: Door, runs: Runs, *batches, **said) -> Teller:
    teller = Teller(runs, await door.ask())
    teller.started()
    teller.table(COLUMNS, *(batches or [[[1, 2, 3, 4], WORDS]]), **said)
    teller.completed()
    return teller


def url(teller: Teller) -> str:
    return f"/v1/runs/{teller.run_id}/export"


async def test_a_run_s_rows_are_downloaded_in_every_format(door: Door, runs: Runs):
    teller = await told(door, runs)
    for how in FORMATS:
        answer = await door.client.get(url(teller), params={"format": how})
        assert answer.status_code == 200
        assert read(how, answer.content, COLUMNS) == (["id", "word"], list(zip([1, 2, 3, 4], WORDS, strict=True)))
        assert (answer.headers["levada-rows"], answer.headers["levada-truncated"]) == ("4", "false")
        suffix = "arrows" if how == "arrow" else how
        expected = f'attachment; filename="levada-{teller.run_id}-t-q1.{suffix}"'
        assert answer.headers["content-disposition"] == expected
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"


async def test_a_truncated_table_and_a_spreadsheet_s_file_say_so(door: Door, runs: Runs):
    teller = await told(door, runs, [[1], ["=1+1"]], truncated=True, message="Only the first row.")
    answer = await door.client.get(url(teller), params={"spreadsheet": "true"})
    assert answer.headers["levada-truncated"] == "true"
    assert answer.text == "\ufeffid,word\r\n1,'=1+1\r\n"


async def test_the_head_of_a_file_is_told_without_it(door: Door, runs: Runs):
    teller = await told(door, runs)
    answer = await door.client.head(url(teller))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["levada-rows"] == "4"


@pytest.mark.parametrize(
    ("params", "status", "reason", "words"),
    [
        ({"format": "xls"}, 400, "INVALID_REQUEST", "csv, jsonl, parquet, arrow"),
        ({"spreadsheet": "yes"}, 400, "INVALID_REQUEST", "true or false"),
        ({"table": "nope"}, 404, "TABLE_NOT_FOUND", "It has: t-q1"),
    ],
)
async def test_what_can_t_be_exported_is_a_problem(
    door: Door, runs: Runs, params: dict[str, str], status: int, reason: str, words: str
):
    answer = await door.client.get(url(await told(door, runs)), params=params)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert words in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


async def test_rows_that_still_come_and_rows_that_are_gone_are_problems(door: Door, runs: Runs):
    growing = Teller(runs, await door.ask())
    growing.table(COLUMNS, [[1], ["a"]], whole=False)
    answer = await door.client.get(url(growing))
    assert (answer.status_code, answer.json()["reason"]) == (409, "TABLE_NOT_WHOLE")

    gone = await told(door, runs)
    gone.ended()
    run = runs.held[gone.run_id].run
    runs.forget(gone.run_id, run.last_sequence)
    run.oldest_sequence = run.last_sequence
    answer = await door.client.get(url(gone))
    assert (answer.status_code, answer.json()["reason"]) == (410, "CURSOR_EXPIRED")
    assert "Ask the question again" in answer.json()["detail"]


def many(count: int) -> list:
    return [[list(range(1_000)), ["a word of some length"] * 1_000] for _ in range(count)]


async def test_a_file_that_breaks_off_never_looks_whole(door: Door, runs: Runs):
    teller = await told(door, runs, *many(400))
    teller.ended()
    with pytest.raises(httpx.RemoteProtocolError):
        async with door.client.stream("GET", url(teller)) as answer:
            assert answer.status_code == 200
            async for _ in answer.aiter_raw():
                run = runs.held[teller.run_id].run
                if run.oldest_sequence <= 1:
                    runs.forget(teller.run_id, run.last_sequence)
                    run.oldest_sequence = run.last_sequence


async def test_a_reader_that_stands_still_or_leaves_stops_the_reading(
    door: Door, runs: Runs, monkeypatch: pytest.MonkeyPatch
):
    teller = await told(door, runs, *many(600))
    reads: list[int] = []
    read_on = runs.read

    async def counted(caller, run_id, after, **bounds):
        reads.append(after)
        return await read_on(caller, run_id, after, **bounds)

    monkeypatch.setattr(runs, "read", counted)
    async with door.client.stream("GET", url(teller)) as answer:
        await anext(answer.aiter_raw())
        before = -1
        while len(reads) != before:
            before = len(reads)
            await asyncio.sleep(0.3)
        # The whole log was looked through once to find the table; of its rows only what fits on the way.
        assert reads[-1] < runs.held[teller.run_id].run.last_sequence * 0.8
    await asyncio.sleep(0.3)
    assert len(reads) <= before + 1


async def test_the_document_describes_the_download(door: Door):
    document = (await door.client.get("/openapi.json")).json()
    operation = document["paths"]["/v1/runs/{run_id}/export"]["get"]
    assert {"format", "table", "spreadsheet"} <= {each["name"] for each in operation["parameters"]}
    assert set(operation["responses"]["200"]["content"]) >= {"text/csv", "application/vnd.apache.parquet"}


async def test_a_poller_gets_the_same_events_as_a_stream(door: Door, runs: Runs):
    teller = await told(door, runs)
    run_id = teller.run_id

    async def speak() -> None:
        for number in range(20):
            teller.say(text_delta=events.TextDelta(text=f"{number}"))
            await asyncio.sleep(0.002)
        teller.ended()

    async def poll(**params: int) -> list[int]:
        seen: list[int] = []
        where = f"/v1/runs/{run_id}/events"
        ended = False
        while not ended:
            answer = await door.client.get(where, params=params or None, headers={"Accept": "application/json"})
            page = answer.json()
            seen += [int(event["sequence"]) for event in page.get("events", [])]
            ended = page.get("ended", False)
            if not ended:
                where, params = answer.links["next"]["url"], {}
                assert page.get("events") or "wait" in where or answer.headers["retry-after"] == "1"
        assert "next" not in answer.links
        return seen

    async with asyncio.TaskGroup() as group:
        group.create_task(speak())
        polls = [
            group.create_task(poll(limit=3)),
            group.create_task(poll(wait=5)),
            group.create_task(poll(limit=2, wait=5)),
        ]
    last = runs.held[run_id].run.last_sequence
    assert [task.result() for task in polls] == [list(range(1, last + 1))] * 3


async def test_a_poll_that_waits_is_answered_by_the_next_event(door: Door, runs: Runs):
    run_id = await door.ask()
    headers = {"Accept": "application/json"}
    waiting = asyncio.ensure_future(
        door.client.get(f"/v1/runs/{run_id}/events?after=1&wait=20", headers=headers, timeout=30)
    )
    await until(lambda: runs.waiting)
    runs.say(run_id, events.Event(text_delta=events.TextDelta(text="news")))
    async with asyncio.timeout(10):
        page = (await waiting).json()
    assert [event["textDelta"]["text"] for event in page["events"]] == ["news"]
    empty = await door.client.get(f"/v1/runs/{run_id}/events?after=2&wait=1", headers=headers)
    assert empty.json() == {}


async def test_a_poll_from_before_what_is_held_is_told_where_to_go_on(door: Door, runs: Runs):
    teller = await told(door, runs)
    teller.ended()
    last = runs.held[teller.run_id].run.last_sequence
    runs.forget(teller.run_id, last)
    where, headers = f"/v1/runs/{teller.run_id}/events", {"Accept": "application/json"}
    gap = await door.client.get(where, headers=headers)
    assert (gap.status_code, gap.json()["reason"]) == (410, "CURSOR_EXPIRED")
    assert gap.json()["metadata"]["oldest_sequence"] == str(last)
    rest = await door.client.get(f"{where}?after={last - 1}", headers=headers)
    assert rest.json()["ended"]
    assert "completed" in rest.json()["events"][0]


async def test_a_stream_of_a_forgotten_run_tells_the_gap_and_then_the_end(door: Door, runs: Runs):
    teller = await told(door, runs)
    teller.ended()
    last = runs.held[teller.run_id].run.last_sequence
    runs.forget(teller.run_id, last)
    async with door.events(teller.run_id) as stream:
        seen = [message async for message in stream]
    assert [message.event for message in seen] == ["gap", "completed"]
    assert seen[0].json["oldestSequence"] == str(last)
    assert seen[-1].number == last
