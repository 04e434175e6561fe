"""The processes that `benchmarks.streams` and `benchmarks.stalled` measure; each prints its address when it is ready.

`server RUNS RATE [BYTES]`: the gRPC server over runs in memory, named run-0, run-1 …, each of which says RATE events a
second, or with BYTES is full of events of that size. `gateway ADDRESS`: the gateway before it. `still
ADDRESS READERS`: readers over gRPC who stop reading. `bare`: an ASGI loop
without a hop, which says one event to each reader.
"""

import asyncio
import sys
import time
from types import SimpleNamespace
from typing import Any, cast

from core.identity import LOCAL
from core.settings import Limits, Settings
from levada.v1 import event_pb2 as events

LIMITS = Limits(streams=100_000, user_streams=100_000, tenant_streams=100_000, connections=100_000, write_seconds=10)
WORD = "SELECT customers.name, sum(order_items.quantity * order_items.unit_price) AS revenue, count(*) AS orders FROM"


def said(payload_text: str) -> events.Event:
    return events.Event(
        step="generate_sql", attempt=1, text_delta=events.TextDelta(channel=events.CHANNEL_SQL, text=payload_text)
    )


async def serve(count: int, rate: float, size: int) -> None:
    from grpc_server.server import Server
    from levada.v1.run_pb2 import Run, RunState
    from tests.grpc_server.memory import Held, MemoryRuns

    runs = MemoryRuns()
    for number in range(count):
        run_id = f"run-{number}"
        runs.held[run_id] = Held(Run(run_id=run_id, state=RunState.RUN_STATE_RUNNING), LOCAL, "")
        runs.say(run_id, said(WORD))
    if size:
        runs.say("run-0", *(said("x" * size) for _ in range(64 * 2**20 // size)))
    settings = Settings(limits=LIMITS)
    server = Server(runs, cast(Any, SimpleNamespace()), [], settings)
    address = server.bind("127.0.0.1:0")
    await server.start()
    settle()
    print(address, flush=True)
    while rate:
        for number in range(count):
            runs.say(f"run-{number}", said(f"{WORD} sent {time.time_ns() // 1_000}"))
            await asyncio.sleep(1 / rate / count)
    await asyncio.Event().wait()


async def guard(address: str) -> None:
    from gateway import __main__ as gateway

    running = gateway.server(Settings(http="127.0.0.1:0", grpc=address, limits=LIMITS))
    sockets = gateway.bound("127.0.0.1:0") or []
    gateway.patient(sockets[0])
    settle()
    serving = asyncio.ensure_future(running.serve(sockets))
    while not running.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    print(sockets[0].getsockname()[1], flush=True)
    await serving


async def stand_still(address: str, readers: int) -> None:
    """Watch run-0 over gRPC, each reader over a channel of its own, and take the first message only."""
    import grpc

    from levada.v1.run_service_pb2 import WatchRunRequest
    from levada.v1.run_service_pb2_grpc import RunServiceStub

    own = [("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0)]
    streams = [
        RunServiceStub(grpc.aio.insecure_channel(address, options=own)).WatchRun(WatchRunRequest(run_id="run-0"))
        for _ in range(readers)
    ]
    for stream in streams:
        await stream.read()
    print("still", flush=True)
    await asyncio.Event().wait()


async def stand_bare() -> None:
    import uvicorn

    from gateway.__main__ import bound

    frame = f'retry: 1000\n\nid: 1\nevent: text_delta\ndata: {{"runId":"run","sequence":"1","text":"{WORD}"}}\n\n'

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": frame.encode(), "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass

    config = uvicorn.Config(app, http="httptools", log_level="warning", access_log=False, lifespan="off")
    sockets = bound("127.0.0.1:0") or []
    settle()
    print(sockets[0].getsockname()[1], flush=True)
    await uvicorn.Server(config).serve(sockets)


def settle() -> None:
    from gateway.__main__ import settle

    settle()


def main() -> None:
    import uvloop

    from core.startup import open_files

    open_files()
    part, *arguments = sys.argv[1:]
    if part == "server":
        runs, rate, size = [*arguments, "0"][:3]
        uvloop.run(serve(int(runs), float(rate), int(size)))
    elif part == "gateway":
        uvloop.run(guard(*arguments))
    elif part == "still":
        uvloop.run(stand_still(arguments[0], int(arguments[1])))
    else:
        uvloop.run(stand_bare())


if __name__ == "__main__":
    main()
