"""Points in a folder: read where they are, by as many as like, while somebody else writes them."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from core.errors import SourceUnavailable
from core.sources.base import Limits
from core.sources.qdrant.writing import write_collection
from tests.sources.qdrant.conftest import Open
from tests.sources.qdrant.reviews import COUNT, DIMENSIONS, ask, review, reviews

ALL = {"collection": "reviews", "fields": ["id"]}


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Path:
    """A folder that the test may change."""
    return Path(shutil.copytree(folder, tmp_path / "own"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    paths = [*folder.rglob("*"), folder]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield
    for path in reversed(paths):
        path.chmod(0o755)


async def test_two_read_a_folder_that_a_third_has_open(own: Path, opened: Open):
    writer = QdrantClient(path=str(own))
    first, second = opened(f"qdrant:///{own}"), opened(f"qdrant:///{own}")

    assert len(await ask(first, ALL)) == len(await ask(second, ALL)) == COUNT
    writer.close()


async def test_reading_leaves_the_folder_as_it_was(own: Path, opened: Open):
    before = contents(own)
    await ask(opened(f"qdrant:///{own}"), {"collection": "reviews", "text": "late"})

    assert contents(own) == before


async def test_a_folder_that_may_not_be_written_to_can_be_read(own: Path, opened: Open):
    (own / ".lock").unlink()
    with unwritable(own):
        assert len(await ask(opened(f"qdrant:///{own}"), ALL)) == COUNT


async def test_points_that_are_added_are_found_by_the_next_question(own: Path, opened: Open):
    source = opened(f"qdrant:///{own}")
    assert len(await ask(source, ALL)) == COUNT
    writer = QdrantClient(path=str(own))
    writer.upsert("reviews", [review(COUNT)])

    assert len(await ask(source, ALL)) == COUNT + 1
    writer.close()


async def test_who_reads_goes_on_with_what_was_there_when_the_folder_changes(own: Path, opened: Open):
    source = opened(f"qdrant:///{own}")
    checked = source.check('{"collection": "reviews", "fields": ["id"]}', await source.describe(), 1_000)
    async with source.query(checked, Limits(batch_rows=50)) as rows:
        found = [(await anext(aiter(rows))).row_count]
        writer = QdrantClient(path=str(own))
        writer.delete("reviews", [COUNT - 1])
        writer.close()
        assert len(await ask(source, ALL)) == COUNT - 1
        found += [batch.row_count async for batch in rows]

    assert sum(found) == COUNT


async def test_many_ask_at_once(own: Path, opened: Open):
    source = opened(f"qdrant:///{own}")
    answers = await asyncio.gather(
        *(ask(source, {"collection": "reviews", "text": "broken teapot", "limit": 5}) for _ in range(20))
    )

    assert {len(rows) for rows in answers} == {5}


async def test_a_folder_that_is_missing_or_another_is_told_and_not_made(tmp_path: Path, opened: Open):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(SourceUnavailable, match="no points of Qdrant's local mode"):
            await opened(f"qdrant:///{path}").ping()

    assert contents(tmp_path) == {}


@pytest.mark.parametrize("broken", ["meta.json", "collection/reviews/storage.sqlite"])
async def test_a_folder_that_is_damaged_is_told(own: Path, opened: Open, broken: str):
    (own / broken).write_bytes(b"\x00 damaged")
    with pytest.raises(SourceUnavailable, match="can't be read as points"):
        await opened(f"qdrant:///{own}").describe()


async def test_a_new_collection_is_written_beside_the_others(own: Path, opened: Open):
    write_collection(own, "more", DIMENSIONS, reviews(3))
    source = opened(f"qdrant:///{own}")

    assert [table.name for table in (await source.describe()).tables] == ["more", "reviews"]
    assert len(await ask(source, {**ALL, "collection": "more"})) == 3
    with pytest.raises(ValueError, match="already exists"):
        write_collection(own, "more", DIMENSIONS, reviews(3))
