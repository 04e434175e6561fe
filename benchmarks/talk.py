"""A pipeline that only talks, so that what is measured is the engine and the doors; and a server process with it.

`python -m benchmarks.talk` serves it with the settings of the environment and prints the address.
"""

import asyncio
import json
import sys

from core.engine import Engine
from core.identity import Principal
from core.pipeline import Ending, Pipeline, Run, Services, Step, StepSpec, step
from core.settings import Settings
from grpc_server.server import Server
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunRequest

TALKING = StepSpec("talk", "Talking", "Talking", "💬", events.CATEGORY_ACTION, 0.0)


@step(TALKING)
async def talk(step: Step, count: int, size: int, pause: float, flush: int) -> None:
    """Say *count* findings of about *size* bytes each, with *pause* seconds between, waiting after every *flush*."""
    payload = events.Finding(text="x" * size)
    for i in range(count):
        step.emit(payload)
        if pause:
            await asyncio.sleep(pause)
        elif (i + 1) % flush == 0:
            await step.flush()


async def run(run: Run) -> Ending:
    said = json.loads(run.request.question)
    await run.step(talk, said["count"], said["size"], said["pause"], said["flush"])
    return Ending(events.OUTCOME_ANSWERED, "Done")


def question(count: int, size: int = 150, pause: float = 0.0, flush: int = 100) -> str:
    """Return the question that makes a run say that much."""
    return json.dumps({"count": count, "size": size, "pause": pause, "flush": flush})


def _check(request: RunRequest, services: Services, owner: Principal) -> None:
    json.loads(request.question)


def _samples(services: Services, owner: Principal) -> list[str]:
    return [question(1)]


TALK = Pipeline("talk", "Talk", "Says as much as it is told to.", [TALKING], run, _check, _samples)


async def serve() -> None:
    """Serve `talk` on a port of the system's choice until standard input closes."""
    settings = Settings()
    engine = Engine(settings, [TALK], None)  # type: ignore[arg-type]  # it uses no services
    async with engine:
        server = Server(engine, None, [TALK], settings)  # type: ignore[arg-type]
        address = server.bind("127.0.0.1:0")
        await server.start()
        print(address, flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await server.stop(lambda: asyncio.sleep(0))


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve())
