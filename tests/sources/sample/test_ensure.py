"""The sample data is written once, whole or not at all, and never over something else."""

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StoreError
from core.sources import sample
from core.sources.sample import writing


def test_a_second_call_leaves_the_file_as_it_is(shop_file):
    before = shop_file.stat()
    sample.ensure(shop_file)
    assert (shop_file.stat().st_ino, shop_file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_two_processes_that_start_together_end_with_one_whole_file_the_same_as_any_other(tmp_path, shop_file):
    path = tmp_path / "deeper" / "shop.sqlite"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=sample.ensure, args=(path,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert list(path.parent.iterdir()) == [path]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    # Where this fails, the data has become another: a new GENERATION is due, and `build/shop.db` is to be removed.
    assert path.read_bytes() == shop_file.read_bytes()


def test_a_failure_half_way_leaves_nothing_behind(tmp_path, monkeypatch):
    def broken():
        yield {"countries": [(1, "Germany", "DE", 19.0)]}
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "chunks", broken)
    with pytest.raises(StoreError, match="No space left"):
        sample.ensure(tmp_path / "shop.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"my diary", b"SQLite format 3\x00"])
def test_somebody_elses_file_is_left_alone(tmp_path, content):
    path = tmp_path / "shop.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="left alone"):
        sample.ensure(path)
    assert path.read_bytes() == content


def test_an_older_generation_is_written_anew(tmp_path, monkeypatch):
    path = tmp_path / "shop.sqlite"
    monkeypatch.setattr(writing, "chunks", lambda: iter([{"countries": [(1, "Old", "OO", 0.0)]}]))
    monkeypatch.setattr(writing, "GENERATION", writing.GENERATION - 1)
    sample.ensure(path)
    monkeypatch.undo()
    monkeypatch.setattr(writing, "chunks", lambda: iter([{"countries": [(1, "New", "NN", 0.0)]}]))
    sample.ensure(path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT name FROM countries").fetchall() == [("New",)]


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="give another path"):
        sample.ensure(tmp_path / "file" / "shop.sqlite")


def test_an_empty_file_is_filled(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "chunks", lambda: iter([{"countries": [(1, "Here", "HE", 0.0)]}]))
    path = Path(tmp_path / "shop.sqlite")
    path.touch()
    sample.ensure(path)
    assert path.stat().st_size > 0
