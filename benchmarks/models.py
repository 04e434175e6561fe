"""What Levada adds to a vendor's SDK: time and CPU per delta from chunk to event, and time until the first token.

A process of its own sends whole answers in each vendor's format over loopback, from the wire server of the tests. They
are read in turn, in this process: by the SDK alone, as its documentation shows, and by more and more of Levada, up to
a run whose events are stored (SQLite).

CPU is taken while deltas come as fast as they are read, so that neighbours share an event; lateness, from the sender's
clock to the text in hand or the event said, while they come one by one.

python -m benchmarks.models [--deltas N] [--rounds N] [--tries N]
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager

import uvloop
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic import BaseModel

from core.engine import Engine
from core.identity import LOCAL, Principal
from core.models.conduct import Conducted
from core.models.language import Delta, LanguageModel, Message, Prompt
from core.models.structured import Growth, fill
from core.pipeline import Ending, Pipeline, Run, Services, Step, StepSpec, step
from core.settings import Settings
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunRequest
from tests.models.wire.anthropic import AnthropicFormat
from tests.models.wire.format import Format
from tests.models.wire.openai_chat import ChatFormat
from tests.models.wire.openai_responses import ResponsesFormat
from tests.models.wire.server import Action, wire

FORMATS: dict[str, Format] = {one.name: one for one in (ChatFormat(), ResponsesFormat(), AnthropicFormat())}
WORD = "revenue, "
PROMPT = Prompt("You write SQL.", [Message("user", "How much did we sell?")])
WRITING = StepSpec("write", "Writing", "Writing", "⚡", events.CATEGORY_ACTION, 0.0)
MESSAGES = [{"role": "user", "content": "How much did we sell?"}]

Texts = AsyncGenerator[str, None]
Reader = Callable[[], Texts]


class Query(BaseModel):
    sql: str


def answer(name: str, deltas: int, pause: float) -> Iterator[Action]:
    """Play an answer of that many deltas; with a *pause* of seconds before each, which then says when it was sent."""
    vendor, loop = FORMATS[name], asyncio.get_running_loop()
    yield from (vendor.head, *vendor.start(), vendor.text('{"sql": "'))
    word = vendor.text(WORD)
    for _ in range(deltas):
        if pause:
            rested = asyncio.Event()
            loop.call_later(pause, rested.set)
            yield rested
        yield vendor.text(f"{time.monotonic_ns()} ") if pause else word
    yield from (vendor.text('"}'), *vendor.end())


async def serve(name: str, deltas: int, pause: float) -> None:
    """Answer every request until standard input closes."""
    async with wire() as here:
        here.plays(*(answer(name, deltas, pause) for _ in range(10_000)))
        print(here.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextmanager
def served(name: str, deltas: int, pause: float = 0) -> Iterator[None]:
    """Serve in another process; the vendor's variables name it meanwhile."""
    command = [sys.executable, "-m", "benchmarks.models", "--serve", name, str(deltas), str(pause)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        os.environ |= FORMATS[name].environment(process.stdout.readline().strip())
        yield
        process.stdin.close()


async def chat_alone(client: AsyncOpenAI) -> Texts:
    async with await client.chat.completions.create(model="m", messages=MESSAGES, stream=True) as stream:
        async for chunk in stream:
            if chunk.choices and (text := chunk.choices[0].delta.content):
                yield text


async def responses_alone(client: AsyncOpenAI) -> Texts:
    async with await client.responses.create(model="m", input=MESSAGES, stream=True) as stream:
        async for event in stream:
            if event.type == "response.output_text.delta":
                yield event.delta


async def anthropic_alone(client: AsyncAnthropic) -> Texts:
    async with await client.messages.create(model="m", messages=MESSAGES, max_tokens=4_096, stream=True) as stream:
        async for event in stream:
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                yield event.delta.text


def alone(name: str) -> Reader:
    """Return what reads by the vendor's SDK and nothing else."""
    if name == "anthropic":
        claude = AsyncAnthropic(max_retries=0)
        return lambda: anthropic_alone(claude)
    client = AsyncOpenAI(max_retries=0)
    return lambda: (chat_alone if name == "openai-chat" else responses_alone)(client)


async def streamed(model: LanguageModel) -> Texts:
    async with aclosing(model.stream(PROMPT)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Delta):
                yield piece.text


async def filled(model: LanguageModel) -> Texts:
    async with aclosing(fill(model, PROMPT, Query)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Growth):
                yield piece.text


async def told(model: LanguageModel, said: Callable[[str], None] = lambda text: None) -> Texts:
    """Fill in the form within a run that says each growth, and read the stored events."""

    @step(WRITING)
    async def write(step: Step) -> None:
        async for text in filled(model):
            step.text(events.CHANNEL_SQL, text)
            said(text)

    async def run(run: Run) -> Ending:
        await run.step(write)
        return Ending(events.OUTCOME_ANSWERED, "Done")

    pipeline = Pipeline("write", "Write", "Writes.", [WRITING], run, _check, lambda services, owner: [])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=f"sqlite:///{folder}/levada.db")
        async with Engine(settings, [pipeline], None) as engine:  # type: ignore[arg-type]  # it uses no services
            made, _ = await engine.create(LOCAL, RunRequest(pipeline="write", question="?"))
            async with aclosing(engine.watch(LOCAL, made.run_id, 0)) as batches:
                async for batch in batches:
                    for event in map(events.Event.FromString, batch):
                        if event.HasField("text_delta"):
                            yield event.text_delta.text


def _check(request: RunRequest, services: Services, owner: Principal) -> None: ...


def readers(name: str) -> dict[str, Reader]:
    """Return ways to read one answer, each with more of Levada in it."""
    model = FORMATS[name].model()
    conducted = Conducted(model)
    return {
        "the SDK alone": alone(name),
        "provider": lambda: streamed(model),
        "conducted": lambda: streamed(conducted),
        "filled in": lambda: filled(conducted),
        "events of a run": lambda: told(conducted),
    }


async def cpu(reader: Reader, deltas: int) -> float:
    """Return microseconds of CPU per delta."""
    began, length = time.process_time(), 0
    async with aclosing(reader()) as texts:
        async for text in texts:
            length += len(text)
    assert length >= deltas * len(WORD), length
    return (time.process_time() - began) / deltas * 1e6


async def first(reader: Reader) -> float:
    """Return milliseconds until the first text; the answer is read to its end, so that the connection is kept."""
    began, seconds = time.perf_counter(), 0.0
    async with aclosing(reader()) as texts:
        async for _ in texts:
            seconds = seconds or time.perf_counter() - began
    return seconds * 1e3


async def deltas(name: str, count: int, rounds: int) -> None:
    spent: dict[str, list[float]] = {}
    with served(name, count):
        for _ in range(rounds):
            for way, reader in readers(name).items():
                spent.setdefault(way, []).append(await cpu(reader, count))
    base = spent["the SDK alone"]
    for way, each in spent.items():
        added = statistics.median(ours - bare for ours, bare in zip(each, base, strict=True))
        print(f"{name:17} {way:16} {statistics.median(each):6.1f} µs of CPU a delta, added {added:+6.1f}")


class Lateness:
    """How long after they were sent pieces were heard, in microseconds."""

    def __init__(self) -> None:
        self.each: list[float] = []

    def hear(self, text: str) -> None:
        if text.strip().isdigit():
            self.each.append((time.monotonic_ns() - int(text)) / 1e3)

    async def read(self, reader: Reader) -> None:
        async with aclosing(reader()) as texts:
            async for text in texts:
                self.hear(text)


async def lateness(name: str, count: int, rounds: int) -> None:
    bare, ours, said = Lateness(), Lateness(), Lateness()
    with served(name, count, pause=0.002):
        ways, conducted = readers(name), Conducted(FORMATS[name].model())
        for _ in range(rounds):
            await bare.read(ways["the SDK alone"])
            await ours.read(ways["filled in"])
            _ = [text async for text in told(conducted, said.hear)]
    for way, heard in {"the SDK alone": bare, "filled in": ours, "said in a run": said}.items():
        middle = statistics.median(heard.each)
        added = middle - statistics.median(bare.each)
        print(f"{name:17} {way:16} {middle:6.0f} µs after it was sent, added {added:+6.0f}")


async def first_token(name: str, tries: int) -> None:
    waited: dict[str, list[float]] = {}
    with served(name, 3):
        ways = {way: reader for way, reader in readers(name).items() if way in {"the SDK alone", "filled in"}}
        for number in range(tries):
            for way, reader in ways.items():
                milliseconds = await first(reader)
                if number:  # the first of each makes its connection
                    waited.setdefault(way, []).append(milliseconds)
    for way, each in waited.items():
        late = sorted(each)[int(0.95 * len(each))]
        print(f"{name:17} {way:16} first token after {statistics.median(each):5.2f} ms (p95 {late:.2f})")
    bare, ours = (statistics.median(each) for each in waited.values())
    print(f"{name:17} added            {ours - bare:+.2f} ms (goal < 5)")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deltas", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tries", type=int, default=300)
    parser.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        name, count, pause = arguments.serve
        await serve(name, int(count), float(pause))
        return
    for name in FORMATS:
        await lateness(name, arguments.tries, arguments.rounds)
    for name in FORMATS:
        await deltas(name, arguments.deltas, arguments.rounds)
    for name in FORMATS:
        await first_token(name, arguments.tries)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    uvloop.run(main())
