"""A server that has done much is as it was: the short form of `python -m benchmarks.endurance`."""

from pathlib import Path

import pytest

from benchmarks.endurance import Server, endure
from core.sources import sample

WARM_UP, RUNS, EVERY = 400, 1_200, 20


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_thousand_runs_leave_no_memory_handle_thread_or_task_behind(tmp_path: Path):
    sample.ensure(tmp_path / ".levada" / "shop.db")
    server = Server(tmp_path, f"sqlite:///{tmp_path}/levada.db")
    await server.start()
    try:
        (warm, *_, last), ends = await endure(server, RUNS, WARM_UP, at_once=8, every=EVERY)
    finally:
        await server.stop()
    assert ends == {"completed": RUNS}
    assert last.tasks == warm.tasks
    assert last.handles <= warm.handles + 2  # connections of the pool
    assert last.threads <= warm.threads + 4
    assert last.megabytes < warm.megabytes + 25  # what is kept of the last runs on purpose is not full yet
