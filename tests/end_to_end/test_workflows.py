"""A workflow over its own routes, through a server that is killed while it is executed."""

import asyncio
import signal
from typing import Any

from core.settings import Limits, Settings
from tests.end_to_end.test_restarts import Server, server
from tests.gateway.conftest import Door, gateway

__all__ = ["server"]

TASKS = [
    {"id": "total", "objective": "What is the total revenue?"},
    {"id": "countries", "objective": "Revenue by country", "depends_on": ["total"]},
    {"id": "months", "objective": "Revenue by month", "depends_on": ["total"]},
    {"id": "top", "objective": "Which product has the highest revenue?", "depends_on": ["countries", "months"]},
]


async def there(door: Door, path: str) -> Any:
    """Return what is at *path* once the server is heard again."""
    async with asyncio.timeout(60):
        while (answer := await door.client.get(path)).status_code == 503:  # noqa: ASYNC110 - it says when to come back
            await asyncio.sleep(float(answer.headers["retry-after"]))
    return answer.json()


async def test_a_workflow_goes_on_where_its_server_was_killed_and_its_stream_with_it(server: Server) -> None:
    settings = Settings(http="127.0.0.1:0", grpc=server.address, limits=Limits(runs_per_minute=1_000))
    async with gateway(settings) as door:
        made = (await door.client.post("/api/v1/workflows/", json={"name": "Shop", "tasks": TASKS})).json()
        path = f"/api/v1/workflows/{made['id']}"
        # What is held rests through a crash, too.
        await server.again(signal.SIGKILL)
        assert (await there(door, f"{path}/status"))["status"] == "created"
        assert (await door.client.post(f"{path}/execute?stream=true")).status_code == 202
        async with door.events(made["id"], f"{path}/stream") as stream:
            frames, killed = [], False
            async for frame in stream:
                frames.append(frame)
                if frame.event == "task_completed" and frame.json["task_id"] == "total" and not killed:
                    killed = True
                    await server.again(signal.SIGKILL)
        whole = await door.client.post(f"{path}/execute", timeout=60)
    assert killed
    ids = [frame.number for frame in frames]
    assert ids == sorted(set(ids))
    assert frames[-1].event == "workflow_completed"
    done = [frame.json["task_id"] for frame in frames if frame.event == "task_completed"]
    assert [name for name in done if name in ("total", "countries", "months", "top")].count("total") == 1
    results = frames[-1].json["data"]["results"]
    assert results.keys() == {task["id"] for task in TASKS}
    assert all(result["findings"] for result in results.values())
    assert (whole.json()["status"], whole.json()["results"]) == ("completed", results)
