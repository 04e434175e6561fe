"""Documents: how long a search takes, how long after one of them changed, and from nothing; and what it takes to keep.

    python -m benchmarks.knowledge [--documents 200] [--passages 95] [--embedder hashing:256]

The documents are made up: words as often as in a language (the n-th most frequent 1/n as often), some 130 a passage.
All goes through what a server uses: taken in by its reader, kept in SQLite, searched through the source.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import psutil

from core.identity import LOCAL
from core.knowledge import Knowledge
from core.settings import Settings
from core.sources.base import Limits, Source
from core.store import open_store

SYLLABLES = re.findall(r"\w+", "ba ce di fo gu ha ke li mo nu pa re si to vu wa xe yi zo qua stra ple gri")
VOCABULARY, WORDS, QUESTION = 30_000, 130, 6


class Writer:
    """Writes documents and questions, the same ones each time."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        words = ("".join(self._chance.choices(SYLLABLES, k=self._chance.randint(2, 4))) for _ in range(2 * VOCABULARY))
        self._words = list(dict.fromkeys(words))[:VOCABULARY]
        self._often = list(accumulate(1 / rank for rank in range(1, len(self._words) + 1)))

    def said(self, words: int) -> str:
        return " ".join(self._chance.choices(self._words, cum_weights=self._often, k=words))

    def document(self, passages: int) -> bytes:
        parts = (f"## {self.said(3)}\n\n{self.said(WORDS)}." for _ in range(passages))
        return "\n\n".join([f"# {self.said(3)}", *parts]).encode()


class Watch:
    """The milliseconds of the clock and of the processor since it was made; the clock also waits for other programs."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return (time.perf_counter() - self._began[0]) * 1_000, (time.process_time() - self._began[1]) * 1_000


def told(what: str, times: Sequence[tuple[float, float]]) -> None:
    took, worked = (statistics.median(some) for some in zip(*times, strict=True))
    slowest = f", slowest {max(times)[0]:,.1f} ms" if len(times) > 1 else ""
    print(f"{what}: {took:,.1f} ms ({worked:,.1f} ms CPU){slowest}", flush=True)


async def searched(source: Source, text: str) -> tuple[float, float]:
    watch = Watch()
    query = source.check(json.dumps({"text": text}), await source.describe(), 6)
    async with source.query(query, Limits()) as rows:
        async for _ in rows:
            pass
    return watch.read()


async def measured(knowledge: Knowledge, documents: int, passages: int) -> None:
    writer, before, watch = Writer(), psutil.Process().memory_info().rss, Watch()
    for number in range(documents):
        await knowledge.add(LOCAL, f"{number}.md", writer.document(passages))
    told(f"{documents * passages:,} passages of {documents:,} documents taken in", [watch.read()])
    source = knowledge.source(LOCAL.tenant)
    assert source is not None
    told("first search, from nothing", [await searched(source, writer.said(QUESTION))])
    print(f"memory since: {(psutil.Process().memory_info().rss - before) / 2**20:,.0f} MiB")
    told("a search", [await searched(source, writer.said(QUESTION)) for _ in range(50)])
    changes, after = [], []
    for number in range(10):
        watch = Watch()
        await knowledge.add(LOCAL, f"{number}.md", writer.document(passages))
        changes.append(watch.read())
        after.append(await searched(source, writer.said(QUESTION)))
    told("a document replaced, with reading and storing it", changes)
    told("the search after that", after)


async def main(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'levada.db'}"
        settings = Settings(config="", store=url, sample=False, embedder=arguments.embedder)
        store = open_store(settings.store)
        await store.open()
        try:
            async with Knowledge(settings, store) as knowledge:
                await measured(knowledge, arguments.documents, arguments.passages)
        finally:
            await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Time searches in documents.")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--passages", type=int, default=95)
    parser.add_argument("--embedder", default="", help="hashing:256, model2vec:FOLDER; nothing: by words alone")
    asyncio.run(main(parser.parse_args()))
