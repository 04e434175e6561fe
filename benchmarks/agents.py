"""How soon a team begins to answer: four supporting agents of a second each, and the primary agent after them.

A whole run over gRPC's engine: real store (SQLite), real documents, the way that calls of language models take; only
the model plays a script. Each agent writes its points in ten pieces, a tenth of a second apart; the answer's pieces
come at once. Measured with a reader's clock: from the retrieval's end to the first piece of the answer, and the same
for agents that speak in turn, which is what "parallel" would be if it were not.

Goal: below 1.4 s.

python -m benchmarks.agents [--rounds N]
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import uvloop

from core.catalog import Catalog
from core.engine import Engine
from core.identity import LOCAL
from core.pipelines import agents
from core.settings import Limits, Settings, SourceSettings
from core.store import open_store
from levada.v1.event_pb2 import CHANNEL_ANSWER, Event
from levada.v1.run_pb2 import AgentsMode, AgentsParameters, RunRequest

SUPPORTING = ("analyst", "investigator", "strategist", "critic")
PIECES, SECONDS = 10, 1.0


def script(rounds: int) -> Iterator[dict[str, Any]]:
    """Yield what the model says in *rounds* runs."""
    points = ["- It", *[" is"] * (PIECES - 1)]
    for _ in range(rounds):
        yield {"key": "agents/passages", "text": "Long ships pay more [d1]."}
        for _ in SUPPORTING:
            yield {"key": "agents/contribution", "text": points, "pause": SECONDS / PIECES}
        yield {"key": "agents/team_answer", "text": "Long ships pay more."}
        yield {"key": "agents/team@", "value": {"question": "", "primary": "advisor", "supporting": []}}


async def took(engine: Engine, mode: AgentsMode) -> float:
    """Return the seconds from the retrieval's end to the answer's first piece."""
    asked = AgentsParameters(mode=mode, primary_agent="advisor", supporting_agents=SUPPORTING)
    run, _ = await engine.create(LOCAL, RunRequest(question="What do ships pay?", pipeline="agents", agents=asked))
    read = 0.0
    async with aclosing(engine.watch(LOCAL, run.run_id, 0)) as batches:
        async for batch in batches:
            for event in map(Event.FromString, batch):
                if event.step == "retrieve" and event.HasField("step_completed"):
                    read = time.perf_counter()
                if event.text_delta.channel == CHANNEL_ANSWER:
                    return time.perf_counter() - read
    raise SystemExit("The run ended without an answer.")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="levada-agents-")))
        (folder / "docs").mkdir()
        (folder / "docs" / "fees.md").write_text("# Fees\n\nLong ships pay more than short ones.\n", encoding="utf-8")
        (folder / "script.json").write_text(json.dumps({"language": list(script(rounds + 1))}), encoding="utf-8")
        settings = Settings(
            store=f"sqlite:///{folder}/levada.db",
            model=f"scripted:{folder}/script.json",
            sources={"papers": SourceSettings(url=f"knowledge:///{folder}/docs")},
            limits=Limits(runs_per_minute=10_000, tenant_runs_per_minute=10_000),
            config="",
        )
        store = open_store(settings.store)
        catalog = await stack.enter_async_context(Catalog(settings, store))
        await catalog.warmed()
        engine = await stack.enter_async_context(Engine(settings, [agents.PIPELINE], catalog, store))
        at_once = [await took(engine, AgentsMode.AGENTS_MODE_COLLABORATIVE) for _ in range(rounds)]
        in_turn = await took(engine, AgentsMode.AGENTS_MODE_SEQUENTIAL)
    print(f"{len(SUPPORTING)} supporting agents of {SECONDS:g} s, retrieval's end to the answer's first piece:")
    print(f"side by side  {statistics.median(at_once):.2f} s, slowest of {rounds} {max(at_once):.2f} s")
    print(f"in turn       {in_turn:.2f} s")
    print(f"{os.cpu_count()} cores")


if __name__ == "__main__":
    uvloop.run(main())
