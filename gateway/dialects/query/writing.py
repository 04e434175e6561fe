"""Texts and queries as they are written, in the `query` dialect: partial_sql, sql_complete, sql_generated, analysis."""

from collections.abc import Iterable

from gateway.dialects.query.memory import Memory, Said, Words
from levada.v1 import event_pb2 as pb

ANALYSIS = (pb.CHANNEL_ANSWER, pb.CHANNEL_REPORT)


def text_delta(memory: Memory, event: pb.Event, it: pb.TextDelta) -> Iterable[Said]:
    memory.streamed.add((event.step, event.attempt, it.channel))
    yield piece(it.channel, it.text)


def text_completed(memory: Memory, event: pb.Event, it: pb.TextCompleted) -> Iterable[Said]:
    if (event.step, event.attempt, it.channel) not in memory.streamed:
        yield piece(it.channel, it.text)


def piece(channel: pb.Channel, text: str) -> Said:
    """Return the frame of a piece of text, which goes behind what its channel has."""
    if channel == pb.CHANNEL_SQL:
        return {"type": "partial_sql", "content": text}
    name = pb.Channel.Name(channel).removeprefix("CHANNEL_").lower()
    if channel in ANALYSIS:
        return {"type": "analysis_chunk", "text": text, "channel": name}
    return {"type": "partial_content", "kind": name, "content": text}


def query_proposed(memory: Memory, event: pb.Event, it: pb.QueryProposed) -> Iterable[Said]:
    memory.languages[it.query_id] = it.source, it.language
    confidence = {"confidence": it.confidence} if it.HasField("confidence") else {}
    said = {"type": "sql_complete", "sql": it.text, **query(memory, it.query_id)}
    yield said | {"explanation": it.explanation, "author": it.author} | confidence


def query_validated(memory: Memory, event: pb.Event, it: pb.QueryValidated) -> Iterable[Said]:
    memory.sql = it.text
    yield {"type": "sql_generated", "sql": it.text, **query(memory, it.query_id), "row_limit": it.row_limit}


def query_refused(memory: Memory, event: pb.Event, it: pb.QueryRefused) -> Iterable[Said]:
    yield {"type": "status", "message": it.message, "rule": it.rule, "query_id": it.query_id}


def query(memory: Memory, query_id: str) -> Said:
    database, language = memory.languages.get(query_id, ("", ""))
    return {"database": database, "language": language, "query_id": query_id}


WORDS: Words = {
    "text_delta": text_delta,
    "text_completed": text_completed,
    "query_proposed": query_proposed,
    "query_validated": query_validated,
    "query_refused": query_refused,
}
