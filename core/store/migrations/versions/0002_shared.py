"""What many servers on one store need: places told, deadlines, pauses, forks, duties, counted rates and streams."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBERS = ("place", "deadline", "kept")
_TEXTS = ("pause_by", "resume_by")
_POSITIONS = ("first", "last")

# A run's row is updated with every append: room in its page keeps the new version beside the old one. Both tables are
# vacuumed long before a fifth of them is dead, which is PostgreSQL's default.
_STORAGE = (
    "ALTER TABLE runs SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02)",
    "ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02)",
)


def _retention() -> None:
    op.execute("UPDATE runs SET kept = bytes WHERE ended > 0")
    held = sa.text("kept > 0")
    op.create_index("runs_kept", "runs", ["ended", "kept"], postgresql_where=held, sqlite_where=held)
    op.create_index("request_ids_by_time", "request_ids", ["created"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in _STORAGE:
            op.execute(statement)


def _queue() -> None:
    no = sa.false()
    op.add_column("runs", sa.Column("comes_back", sa.Boolean(), nullable=False, server_default=no))
    comes_back = sa.text("comes_back")
    op.create_index(
        "runs_coming_back", "runs", ["tenant"], postgresql_where=comes_back, sqlite_where=comes_back, unique=False
    )
    op.drop_index("runs_in_queue", "runs")
    op.create_index(
        "runs_in_queue", "runs", ["state", "tenant", sa.literal_column("priority DESC"), "id"], unique=False
    )
    op.create_table(
        "shares",
        sa.Column("tenant", sa.String(length=255), nullable=False),
        sa.Column("served", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
    )


def _no_queue() -> None:
    op.drop_table("shares")
    op.drop_index("runs_in_queue", "runs")
    op.create_index("runs_in_queue", "runs", ["state", sa.literal_column("priority DESC"), "id"], unique=False)
    op.drop_index("runs_coming_back", "runs")
    op.drop_column("runs", "comes_back")


def upgrade() -> None:
    for name in _NUMBERS:
        op.add_column("runs", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    for name in _TEXTS:
        op.add_column("runs", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("steps", sa.Column("origin", sa.Text(), nullable=False, server_default=""))
    for name in _POSITIONS:
        op.add_column("steps", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "duties",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "counters",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("counters_by_time", "counters", ["until"], unique=False)
    op.create_table(
        "streams",
        sa.Column("server", sa.String(length=255), nullable=False),
        sa.Column("tenant", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("open", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("server", "tenant", "subject"),
    )
    _queue()
    _retention()


def downgrade() -> None:
    _no_queue()
    op.drop_index("request_ids_by_time", "request_ids")
    op.drop_index("runs_kept", "runs")
    for table in ("streams", "counters", "duties"):
        op.drop_table(table)
    for name in ("origin", *_POSITIONS):
        op.drop_column("steps", name)
    for name in (*_NUMBERS, *_TEXTS):
        op.drop_column("runs", name)
