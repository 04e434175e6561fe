"""When two readings are about equally good and their answers differ: the whole questions to choose from."""

from dataclasses import replace

from core.models.base import Ask
from core.models.offline.chunks import Chunk
from core.models.offline.planner import Preparation, Reading, readings
from core.models.offline.rank import THRESHOLD, ranked
from core.models.offline.words import plain, split_name

_EQUAL = 0.04
_MOST = 4


async def options(ask: Ask, preparation: Preparation) -> list[str]:
    """Return 2 to 4 whole questions when *ask* is truly ambiguous, else none."""
    prepared = preparation.of(ask.schema)
    found = [r for r in await ranked(ask, readings(ask, prepared), every=True) if r.confidence >= THRESHOLD]
    if len(found) < 2 or found[0].confidence - found[1].confidence > _EQUAL:
        return []
    close = [r for r in found if found[0].confidence - r.confidence <= _EQUAL]
    answers = [(await ask.lookup.probe(r.sql)).rows for r in close]
    differing = [r for place, r in enumerate(close) if answers[place] not in answers[:place]]
    question = plain(ask.question, prepared.first_and_last)
    said = list(dict.fromkeys(_spelled(question, r, differing) for r in differing))
    return said[:_MOST] if len(said) > 1 and await _understood(ask, said, prepared) else []


async def _understood(ask: Ask, said: list[str], prepared) -> bool:
    """Say whether each option, asked anew, is understood and no longer the same as another."""
    queries = []
    for question in said:
        found = await ranked(ask := replace(ask, question=question), readings(ask, prepared))
        if not found or found[0].confidence < THRESHOLD:
            return False
        queries.append(found[0].sql)
    return len(set(queries)) == len(queries)


def _spelled(question: str, reading: Reading, others: list[Reading]) -> str:
    """Return *question* with the words that set *reading* apart written out."""
    for place, chunk in enumerate(reading.chunks):
        meant = _meaning(chunk)
        if meant and any(place < len(o.chunks) and _meaning(o.chunks[place]) != meant for o in others):
            return question.replace(chunk.text, meant, 1)
    return question


def _meaning(chunk: Chunk) -> str:
    if chunk.chosen == "name:column" and chunk.column:
        table = " ".join(split_name(chunk.column.table.rpartition(".")[2])).rstrip("s")
        name = " ".join(split_name(chunk.column.name))
        return name if table in name else f"{table} {name}"
    if chunk.chosen == "value" and chunk.values:
        match = chunk.values[0]
        return f"{' '.join(split_name(match.column))} {match.value}"
    return ""
