"""Files that the Python client makes of a run's rows: whole, or not there."""

import asyncio
import os
import random
from pathlib import Path

import pytest

import levada
from tests.end_to_end.conftest import House
from tests.end_to_end.cutting import wire

HASTY = levada.Retry(first_wait=0.001, longest_wait=0.02, seconds=60)
SQL = "SELECT * FROM order_items ORDER BY order_item_id LIMIT 8000"


async def many_rows(house: House) -> str:
    run_id = await house.door.ask("All of them", query={"query": SQL}, options={"analyze": "ANALYSIS_NONE"})
    async with levada.connect(house.server.address) as client:
        await client.watch(run_id).result()
    return run_id


async def whole(house: House, run_id: str) -> bytes:
    async with levada.connect(house.server.address) as client:
        return b"".join([piece async for piece in client.export(run_id)])


async def test_a_file_is_whole_however_often_the_connection_breaks(house: House, tmp_path: Path) -> None:
    run_id = await many_rows(house)
    expected = await whole(house, run_id)
    chance = random.Random(1)
    budgets = [chance.randint(1, len(expected)) for _ in range(12)]
    async with wire(house.server.address, budgets) as cut, levada.connect(cut.address, retry=HASTY) as client:
        export = client.export(run_id)
        path = await export.save(tmp_path / "rows.csv")
    assert await asyncio.to_thread(path.read_bytes) == expected
    assert export.received == len(expected)
    assert cut.connections > len(budgets)


async def test_a_file_that_cannot_be_had_whole_is_not_there(house: House, tmp_path: Path) -> None:
    run_id = await many_rows(house)
    folder = tmp_path / "files"
    await asyncio.to_thread(folder.mkdir)
    fewer = levada.Retry(attempts=2, first_wait=0.001)
    size = len(await whole(house, run_id)) // 2
    async with wire(house.server.address, [size] * 50) as cut, levada.connect(cut.address, retry=fewer) as client:
        with pytest.raises(levada.ServerUnreachable):
            await client.export(run_id).save(folder)
    assert os.listdir(folder) == []  # noqa: PTH208


async def test_pieces_that_were_cut_end_in_an_error(house: House) -> None:
    run_id = await many_rows(house)
    size = len(await whole(house, run_id)) // 2
    async with wire(house.server.address, [size] * 50) as cut, levada.connect(cut.address, retry=HASTY) as client:
        received = 0
        with pytest.raises(levada.ServerUnreachable):
            async for piece in client.export(run_id):
                received += len(piece)
    assert received < 2 * size


async def test_a_file_that_is_there_is_left_as_it_is(house: House, tmp_path: Path) -> None:
    run_id = await many_rows(house)
    file = tmp_path / "rows.csv"
    await asyncio.to_thread(file.write_text, "mine")
    async with levada.connect(house.server.address) as client:
        with pytest.raises(FileExistsError):
            await client.export(run_id).save(file)
        assert await asyncio.to_thread(file.read_text) == "mine"
        await client.export(run_id).save(file, overwrite=True)
    assert await asyncio.to_thread(file.read_bytes) == await whole(house, run_id)
