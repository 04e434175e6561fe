"""What many servers on one store need: places told, deadlines, pauses, forks, duties, counted rates and streams."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBERS = ("place", "deadline")
_TEXTS = ("pause_by", "resume_by")


def upgrade() -> None:
    for name in _NUMBERS:
        op.add_column("runs", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    for name in _TEXTS:
        op.add_column("runs", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("steps", sa.Column("origin", sa.Text(), nullable=False, server_default=""))
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


def downgrade() -> None:
    for table in ("streams", "counters", "duties"):
        op.drop_table(table)
    op.drop_column("steps", "origin")
    for name in (*_NUMBERS, *_TEXTS):
        op.drop_column("runs", name)
