"""The store's tables. Times are microseconds since 1970 in UTC; messages are serialised protos; states are RunState."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    desc,
)
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="")


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, default=0)


runs = Table(
    "runs",
    metadata,
    Column("id", String(36), primary_key=True),
    _text("tenant"),
    _text("subject"),
    _text("pipeline"),
    _text("conversation_id"),
    Column("state", SmallInteger, nullable=False),
    Column("priority", Integer, nullable=False, default=0),
    Column("request", LargeBinary, nullable=False),
    # Who works on it: every claim raises the epoch, every append names the one it was claimed with.
    _number("epoch"),
    _text("worker"),
    _number("lease_until"),
    # The log so far: numbers and bytes given out, and the oldest number still held.
    _number("last_sequence"),
    _number("oldest_sequence"),
    _number("bytes"),
    # Bytes of events held since the run ended; 0 while it has not, and once they are forgotten.
    _number("kept"),
    Column("progress", Double, nullable=False, default=0.0),
    _number("created"),
    _number("started"),
    _number("ended"),
    _text("trace_id"),
    _text("traceparent"),
    _text("forked_from"),
    # The place in the queue that the run's log told last, and when the run has to be over.
    _number("place"),
    _number("deadline"),
    # Whether it has what it waited for, and goes on as soon as its tenant may have one more run at work.
    Column("comes_back", Boolean, nullable=False, default=False),
    # How it ended.
    _text("summary"),
    Column("outcome", SmallInteger, nullable=False, default=0),
    Column("reason", SmallInteger, nullable=False, default=0),
    _text("message"),
    # What it waits for, who wants it stopped, why it was interrupted.
    Column("input", LargeBinary, nullable=False, default=b""),
    _text("cancel_by"),
    _text("cancel_cause"),
    _text("pause_by"),
    _text("resume_by"),
    _text("interrupted"),
    # Workers lost since the last completed step, claims, microseconds worked, and what models took.
    _number("losses"),
    _number("attempts"),
    _number("worked"),
    _number("input_tokens"),
    _number("output_tokens"),
    Column("cost_usd", Double, nullable=True, default=0.0),
)
Index("runs_by_owner", runs.c.tenant, runs.c.subject, runs.c.id)
Index("runs_in_queue", runs.c.state, runs.c.tenant, desc(runs.c.priority), runs.c.id)
Index("runs_coming_back", runs.c.tenant, sqlite_where=runs.c.comes_back, postgresql_where=runs.c.comes_back)
Index("runs_by_end", runs.c.ended)
# Appends and heartbeats change no column of an index, so that PostgreSQL updates the row in its place (HOT).
Index("runs_kept", runs.c.ended, runs.c.kept, postgresql_where=runs.c.kept > 0, sqlite_where=runs.c.kept > 0)

events = Table(
    "events",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    # Bytes of the run's earlier events: a reader asks for so many bytes without reading more.
    _number("position"),
    Column("data", LargeBinary, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("path", String(255), primary_key=True),
    _text("pipeline"),
    _text("name"),
    Column("attempt", Integer, nullable=False),
    _number("completed"),
    _number("duration"),
    _number("rows"),
    # The checkpoint as JSON, readable by people and by a newer version; NULL until the step completes.
    Column("result", Text, nullable=True),
    # The run whose step this is taken over from; empty once it was told again here.
    _text("origin"),
    # The first and last event of the attempt, in the log of the run it is from; *last* is 0 until it completes.
    _number("first"),
    _number("last"),
)
Index("steps_by_time", steps.c.pipeline, steps.c.completed)

inputs = Table(
    "inputs",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("input_id", String(255), primary_key=True),
    Column("request", LargeBinary, nullable=False),
    _number("asked"),
    Column("answer", LargeBinary, nullable=True),
    _text("answered_by"),
    # Whether the run has said that it received the answer.
    Column("received", Boolean, nullable=False, default=False),
)

request_ids = Table(
    "request_ids",
    metadata,
    Column("tenant", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("request_id", String(255), primary_key=True),
    Column("run_id", String(36), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    _number("created"),
)
Index("request_ids_by_run", request_ids.c.run_id)
Index("request_ids_by_time", request_ids.c.created)

turns = Table(
    "turns",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("source", String(255), primary_key=True),
    _text("tenant"),
    _text("subject"),
    _text("conversation_id"),
    _text("question"),
    _text("sql"),
    Column("answered", Boolean, nullable=False),
)
Index("turns_by_conversation", turns.c.tenant, turns.c.subject, turns.c.conversation_id, turns.c.run_id)
Index("turns_by_source", turns.c.tenant, turns.c.source, turns.c.run_id)

# Whose turn it was: the higher the number, the later a run of the tenant was taken from the queue.
shares = Table("shares", metadata, Column("tenant", String(255), primary_key=True), _number("served"))

# Who does what only one server should do at a time, and until when.
duties = Table(
    "duties",
    metadata,
    Column("name", String(64), primary_key=True),
    _text("worker"),
    _number("until"),
)

# What rate limits have counted (core.rates), and the streams that each server holds open for whom.
counters = Table(
    "counters",
    metadata,
    Column("key", String(255), primary_key=True),
    _number("amount"),
    _number("until"),
)
Index("counters_by_time", counters.c.until)

streams = Table(
    "streams",
    metadata,
    Column("server", String(255), primary_key=True),
    Column("tenant", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    _number("open"),
    _number("until"),
)


# Documents that tenants added to be searched. Whatever changes one of a tenant's raises the version of its base.
knowledge_bases = Table(
    "knowledge_bases", metadata, Column("tenant", String(255), primary_key=True), _number("version")
)

documents = Table(
    "documents",
    metadata,
    Column("tenant", String(255), primary_key=True),
    Column("name", String(255), primary_key=True),
    _text("kind"),
    _number("bytes"),
    _number("passages"),
    # The version of its base that it came with.
    _number("version"),
    _text("embedder"),
    _number("added"),
    _text("subject"),
)

passages = Table(
    "passages",
    metadata,
    Column("tenant", String(255), primary_key=True),
    Column("document", String(255), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("place"),
    _text("title"),
    _text("text"),
    # Little-endian floats of four bytes, of the document's embedder; empty without one.
    Column("vector", LargeBinary, nullable=False, default=b""),
)


def upsert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that can say ON CONFLICT; both dialects spell it alike."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
