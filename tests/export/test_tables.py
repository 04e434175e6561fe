"""Which rows are in a file, and what is said when there can be none."""

import re
from contextlib import aclosing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import Conflict, CursorExpired, LevadaError, NotFound
from core.export import export
from core.identity import LOCAL, Principal
from core.settings import Limits
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_service_pb2 import ExportRunRequest
from tests.export.telling import FORMATS, Teller, column

N = [column("n", events.COLUMN_TYPE_INTEGER)]


def reason(error: pytest.ExceptionInfo[LevadaError]) -> str:
    return ErrorReason.Name(error.value.reason).removeprefix("ERROR_REASON_")


async def numbers(teller: Teller, table_id: str = "") -> list[int]:
    return [int(line) for line in (await teller.export("csv", table_id))[1].split()[1:]]


async def test_rows_of_an_earlier_attempt_are_not_in_the_file():
    teller = await Teller().begin()
    teller.started()
    teller.table(N, [[1, 2, 3]], whole=False)
    teller.started(attempt=2)
    teller.table(N, [[4, 5]], [[6]], attempt=2)
    teller.completed(attempt=2)
    assert await numbers(teller) == [4, 5, 6]


async def test_what_others_say_between_the_rows_is_not_in_the_file():
    teller = await Teller().begin()
    for step in ("a", "b"):
        teller.started(step)
        teller.say(step, table_started=events.TableStarted(table_id="t", columns=N))
    for number in range(10):
        rows = events.TableRows(table_id="t", offset=number // 2, row_count=1)
        rows.columns.add().ints.values.append(number)
        teller.say("ab"[number % 2], table_rows=rows)
    for step in ("b", "a"):
        teller.say(step, table_completed=events.TableCompleted(table_id="t", rows=5))
        teller.completed(step)
    assert await numbers(teller) == [1, 3, 5, 7, 9]


async def test_the_last_table_is_taken_unless_one_is_named():
    teller = await Teller().begin()
    teller.started()
    teller.table(N, [[1]], table_id="first")
    teller.table(N, [[2]], table_id="second")
    teller.completed()
    assert await numbers(teller) == [2]
    assert await numbers(teller, "first") == [1]
    with pytest.raises(NotFound, match="It has: first, second") as caught:
        await teller.export(table_id="third")
    assert reason(caught) == "TABLE_NOT_FOUND"


async def test_a_table_that_failed_is_none_and_an_earlier_one_stands():
    teller = await Teller().begin()
    teller.started("one")
    teller.table(N, [[1]], table_id="one", step="one")
    teller.completed("one")
    teller.started("two")
    teller.table(N, [[2]], table_id="two", step="two", truncated=True, message="These rows are not whole.")
    teller.failed("two")
    assert await numbers(teller) == [1]
    teller.ended()
    assert await numbers(teller) == [1]
    with pytest.raises(Conflict, match="failed before the end") as caught:
        await teller.export(table_id="two")
    assert reason(caught) == "TABLE_NOT_WHOLE"


async def test_a_table_that_still_grows_is_refused_and_one_that_is_whole_is_not():
    teller = await Teller().begin()
    teller.started("one")
    teller.table(N, [[1]], table_id="one", step="one")
    teller.completed("one")
    assert await numbers(teller) == [1]
    teller.started("two")
    teller.table(N, [[2]], table_id="two", step="two", whole=False)
    with pytest.raises(Conflict, match="still being read") as caught:
        await teller.export()
    assert reason(caught) == "TABLE_NOT_WHOLE"
    assert await numbers(teller, "one") == [1]


async def test_a_run_without_rows_says_so():
    teller = await Teller().begin()
    with pytest.raises(NotFound, match="no table of rows yet") as caught:
        await teller.export()
    assert reason(caught) == "TABLE_NOT_FOUND"
    teller.ended()
    with pytest.raises(NotFound, match="gave no table"):
        await teller.export()


async def test_another_s_run_is_like_one_that_does_not_exist():
    teller = await Teller().begin()
    teller.table(N, [[1]], step="")
    for caller, run_id in ((Principal("local", "eve"), teller.run_id), (LOCAL, "nope")):
        with pytest.raises(NotFound) as caught:
            await export(teller.runs, Limits(), caller, ExportRunRequest(run_id=run_id))
        assert reason(caught) == "RUN_NOT_FOUND"


@pytest.mark.parametrize("how", FORMATS)
async def test_a_table_without_rows_is_a_file_with_columns_only(how: str):
    teller = await Teller().begin()
    teller.table(N, step="")
    file, data = await teller.export(how)
    assert file.rows == 0
    match how:
        case "csv":
            assert data == b"n\r\n"
        case "jsonl":
            assert data == b""
        case "parquet":
            assert pq.read_table(pa.BufferReader(data)).schema.names == ["n"]
        case "arrow":
            assert pa.ipc.open_stream(data).read_all().schema.names == ["n"]


async def test_what_there_is_to_know_of_a_file():
    teller = await Teller().begin()
    teller.table(N, [[1]], table_id="t-q1/ü", step="", truncated=True, message="Only the first row is shown.")
    file, _ = await teller.export("csv")
    assert (file.rows, file.truncated, file.message) == (1, True, "Only the first row is shown.")
    assert re.fullmatch(r"levada-[0-9a-f-]{36}-t-q1_\.csv", file.file_name)
    assert file.content_type.startswith("text/csv; charset=utf-8")
    for how, read in (("parquet", pq.read_schema), ("arrow", lambda data: pa.ipc.open_stream(data).schema)):
        _, data = await teller.export(how)
        said = read(pa.BufferReader(data)).metadata
        assert said[b"levada.truncated"] == b"true"
        assert said[b"levada.message"] == b"Only the first row is shown."
        assert said[b"levada.run_id"] == teller.run_id.encode()


async def test_an_export_of_forgotten_rows_says_what_is_left_and_what_to_do():
    teller = await Teller().begin()
    teller.table(N, [[1]], step="")
    teller.ended()
    run = teller.runs.held[teller.run_id].run
    run.end_time.FromJsonString("2026-01-01T00:00:00Z")
    run.oldest_sequence = run.last_sequence
    teller.runs.forget(teller.run_id, run.last_sequence)
    with pytest.raises(CursorExpired, match=r"7 days after .* stay until 2026-01-31\. Ask the question again"):
        await teller.export()


async def test_rows_that_are_forgotten_meanwhile_break_the_file_off():
    teller = await Teller().begin()
    teller.table(N, *([[number] * 20_000] for number in range(40)), step="")
    teller.ended()
    file = await export(teller.runs, Limits(), LOCAL, ExportRunRequest(run_id=teller.run_id))
    async with aclosing(file.pieces) as pieces:
        for _ in range(3):
            await anext(pieces)
        held = teller.runs.held[teller.run_id].run
        teller.runs.forget(teller.run_id, held.last_sequence)
        held.oldest_sequence = held.last_sequence
        with pytest.raises(CursorExpired, match="not kept any more"):
            async for _ in pieces:
                pass


async def test_rows_missing_in_the_log_break_the_file_off():
    teller = await Teller().begin()
    teller.table(N, *([[number]] for number in range(5)), step="")
    del teller.runs.held[teller.run_id].events[4]
    with pytest.raises(LevadaError, match="missing in the log"):
        await teller.export()
