"""A disk that is full, a file in use, a file that can't be made: said clearly, and nothing accepted is lost."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.engine import Engine
from core.errors import StoreError
from core.identity import LOCAL
from core.pipeline import Run, Step, step
from core.settings import Settings
from core.store import open_store
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Event
from tests.engine.stage import Stage, answered, assert_whole, kinds, spec

ROOT = Path(__file__).parents[2]
SPEAK = spec("speak")


async def limit(stage: Stage, pages: int) -> None:
    """Let the file grow to so many pages at most, as a full disk would."""

    async def pragma(c) -> None:
        await c.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await stage.engine.store._writer.do(pragma)


async def test_a_full_disk_refuses_new_runs_holds_running_ones_and_loses_nothing(stage: Stage):
    go, stop = asyncio.Event(), asyncio.Event()

    async def run(run: Run):
        @step(SPEAK)
        async def speak(step: Step) -> None:
            await go.wait()
            for _ in range(50):
                step.emit(events.TableRows(row_count=1, arrow=bytes(10_000)))
            stop.set()
            await step.flush()

        await run.step(speak)
        return answered()

    await stage.play(run, SPEAK)
    run_id = await stage.create()
    seen = await stage.until(run_id, "step_started")
    await limit(stage, 1)
    go.set()
    await stop.wait()
    with pytest.raises(StoreError) as caught:
        await stage.create("x" * 5_000)
    assert caught.value.reason == reasons.ERROR_REASON_STORE_FULL
    # What could not be stored is shown to nobody.
    assert (await stage.engine.read(LOCAL, run_id, len(seen)))[0] == []
    assert len(await stage.engine.list(LOCAL, limit=10)) == 1
    await limit(stage, 2**30)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kinds(seen).count("table_rows") == 50
    assert_whole(await stage.ask())


async def test_a_failing_disk_does_not_end_a_run_that_waits_for_it_to_come_back(stage: Stage):
    """The same through the real thing: the kernel refuses to let the file grow."""
    script = """
import asyncio, resource, sys
from core.errors import StoreError
from core.identity import LOCAL
from core.pipeline import step
from levada.v1 import event_pb2 as events
from tests.engine.stage import Stage, answered, assert_whole, kinds, spec

async def run(run):
    @step(spec("speak"))
    async def speak(step) -> None:
        for _ in range(40):
            step.emit(events.TableRows(row_count=1, arrow=bytes(10_000)))
        await step.flush()
    await run.step(speak)
    return answered()

async def main():
    async with Stage(sys.argv[1]) as stage:
        await stage.play(run, spec("speak"))
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, hard))
        run_id = await stage.create()
        while True:
            try:
                await stage.create("x" * 9_000)
            except StoreError as error:
                print(error.message)
                break
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        seen = await stage.watch(run_id)
        assert_whole(seen)
        print(kinds(seen).count("table_rows"))

asyncio.run(main())
"""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script, stage.url.replace("levada.db", "other.db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["40"], done.stderr


async def test_a_second_server_on_the_same_file_is_refused_and_told_who_holds_it(stage: Stage):
    with pytest.raises(StoreError) as caught:
        async with Engine(Settings(store=stage.url), [], None):
            raise AssertionError
    assert caught.value.reason == reasons.ERROR_REASON_STORE_LOCKED
    assert f"process {os.getpid()}" in caught.value.message
    # The one that works is not disturbed.
    await stage.engine.list(LOCAL, limit=1)


async def test_a_killed_server_leaves_no_lock_behind(tmp_path: Path):
    path = tmp_path / "levada.db"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.engine.crashing", f"sqlite:///{path}", "1", json.dumps({})),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    await process.stdout.readline()
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match=f"process {process.pid}"):
        await store.open()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await store.open()
    await store.close()


async def test_the_file_is_made_with_its_folders_for_its_owner_only(tmp_path: Path):
    path = tmp_path / "a" / "b" / "levada.db"
    store = open_store(f"sqlite:///{path}")
    await store.open()
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    await store.close()


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "mysql://x/y", "redis:"])
async def test_an_address_that_names_no_store_is_refused_in_words(url: str):
    with pytest.raises(StoreError, match="LEVADA_STORE"):
        await open_store(url).open()


async def test_a_file_that_can_t_be_made_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be made"):
        await open_store(f"sqlite:///{tmp_path}/file/levada.db").open()


async def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes, " * 1000)
    with pytest.raises(StoreError):
        await open_store(f"sqlite:///{path}").open()
    assert path.read_text() == "my notes, " * 1000


async def test_commits_are_synced_to_the_disk(stage: Stage):
    async def pragmas(c) -> list[object]:
        return [(await c.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous")]

    # 2 is FULL.
    assert await stage.engine.store._writer.do(pragmas) == ["wal", 2]


async def test_runs_are_forgotten_after_their_time_and_others_kept(stage: Stage):
    async def run(run: Run):
        return answered()

    await stage.play(run)
    old = [await stage.create(request_id=f"{number}", conversation_id="c") for number in range(30)]
    for run_id in old:
        await stage.watch(run_id)
    await stage.stop()
    with sqlite3.connect(stage.url.removeprefix("sqlite:///")) as c:
        c.execute("UPDATE runs SET ended = ended - 31 * 86400000000")
    await stage.start()
    kept = await stage.create()
    assert_whole(await stage.watch(kept))
    async with asyncio.timeout(60):
        # The expiry works in the background and tells nobody.
        while await stage.engine.list(LOCAL, limit=100, before=kept):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await stage.stop()
    with sqlite3.connect(stage.url.removeprefix("sqlite:///")) as c:
        for table in ("runs", "events", "steps", "inputs", "turns", "request_ids"):
            column = "id" if table == "runs" else "run_id"
            assert {run_id for (run_id,) in c.execute(f"SELECT {column} FROM {table}")} <= {kept}


async def test_one_run_s_poison_does_not_hold_up_the_others(stage: Stage):
    """Something that the database refuses fails the run that said it, alone."""
    ready = asyncio.Event()

    async def run(run: Run):
        @step(SPEAK)
        async def speak(step: Step) -> None:
            if run.request.question == "poison":
                await ready.wait()
                run.journal.record(turns={"run_id": run.id, "source": None})
            step.text(events.CHANNEL_ANSWER, "hello")
            await step.flush()

        await run.step(speak)
        return answered()

    await stage.play(run, SPEAK)
    bad = await stage.create("poison")
    await stage.until(bad, "step_started")
    ready.set()
    good = [await stage.create() for _ in range(5)]
    for run_id in good:
        assert kinds(await stage.watch(run_id))[-1] == "completed"
    seen: list[Event] = await stage.watch(bad)
    assert_whole(seen)
    assert seen[-1].failed.reason == reasons.ERROR_REASON_STORE_UNAVAILABLE


async def test_what_a_run_can_t_even_write_fails_that_run_alone(stage: Stage):
    """It breaks while a commit is put together, with what the others said in it already."""
    together = asyncio.Barrier(6)

    async def run(run: Run):
        @step(SPEAK)
        async def speak(step: Step) -> None:
            await together.wait()
            if run.request.question == "poison":
                step.text("no channel", "hello")
            else:
                step.text(events.CHANNEL_ANSWER, "hello \ud83d")
            await step.flush()

        await run.step(speak)
        return answered()

    await stage.play(run, SPEAK)
    runs = [await stage.create(question) for question in ("?", "?", "?", "poison", "?", "?")]
    async with asyncio.timeout(60):
        ends = [await stage.watch(run_id) for run_id in runs]
    for seen in ends:
        assert_whole(seen)
    assert [kinds(seen)[-1] for seen in ends] == ["completed"] * 3 + ["failed"] + ["completed"] * 2
    assert ends[3][-1].failed.reason == reasons.ERROR_REASON_INTERNAL
