"""Kill -9 at any moment: what was accepted is kept, what was shown stays, and every run ends once."""

import asyncio
import base64
import json
import random
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from levada.v1.event_pb2 import Event
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import TERMINAL, Stage, assert_whole, kind

ROOT = Path(__file__).parents[2]
RUNS = 12


class Reader:
    """What somebody saw over all lives of the server."""

    def __init__(self) -> None:
        self.accepted: set[str] = set()
        self.seen: defaultdict[str, list[bytes]] = defaultdict(list)

    def hear(self, line: bytes) -> None:
        match line.decode().split():
            case ["run", run_id]:
                self.accepted.add(run_id)
            case ["event", run_id, data]:
                self.seen[run_id].append(base64.b64decode(data))

    @property
    def cursors(self) -> str:
        return json.dumps({run_id: len(self.seen[run_id]) for run_id in self.accepted | set(self.seen)})

    async def follow(self, store: str, lines: int | None) -> bool:
        """Let a server live for so many lines of what it shows; tell whether it came to its end by itself."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.engine.crashing", store, str(RUNS), self.cursors),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                self.hear(line)
                lines = None if lines is None else lines - 1
                if lines == 0:
                    process.kill()
                    # What was in the pipe was shown too; a line cut in the middle was not.
                    for rest in (await process.stdout.read()).split(b"\n")[:-1]:
                        self.hear(rest)
            return await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


@pytest.mark.slow
@EVERYWHERE
@pytest.mark.parametrize("seed", range(2))
async def test_a_server_killed_at_random_loses_nothing_that_was_shown(stage: Stage, seed: int):
    await stage.stop()
    chance, reader = random.Random(seed), Reader()
    for _ in range(4):
        assert not await reader.follow(stage.url, chance.randrange(1, 250))
    assert await reader.follow(stage.url, None)

    assert len(reader.accepted) == RUNS
    async with stage:
        for run_id in reader.accepted:
            held = await stage.watch(run_id)
            assert held == list(map(Event.FromString, reader.seen[run_id]))
            assert [event.SerializeToString() for event in held] == reader.seen[run_id]
            assert_story(held)


def assert_story(seen: list[Event]) -> None:
    """Each step's last attempt is whole, no completed step was done again, and the answer is the whole story's."""
    assert_whole(seen)
    assert kind(seen[-1]) == "completed", seen[-1]
    assert seen[-1].completed.summary == "/classify/write/execute/chart"
    texts: dict[str, tuple[int, str]] = {}
    completed: list[str] = []
    for event in seen:
        if event.step in completed:
            raise AssertionError(f"{event.step} spoke after it completed")
        if kind(event) == "step_completed":
            completed.append(event.step)
        attempt, text = texts.get(event.step, (0, ""))
        if event.attempt > attempt:
            text = ""
        assert event.attempt >= attempt
        texts[event.step] = (event.attempt, text + event.text_delta.text)
    assert completed == ["classify", "write", "execute", "chart"]
    whole = "".join(f"{number} " for number in range(20))
    assert {text for step, (_, text) in texts.items() if step} == {whole}
    assert {kind(event) for event in seen} & TERMINAL == {"completed"}
