"""Edits of topics, and the mentions that each names."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables. Rows are added and never changed; `taken` counts them in their order."""
    op.create_table(
        "edits",
        sa.Column("taken", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("edit_id", sa.String(16), nullable=False, unique=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("topic_id", sa.Text),
        sa.Column("other_id", sa.Text),
        sa.Column("value", sa.Text),
        sa.Column("language", sa.String(8)),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "edit_mentions",
        sa.Column("edit_id", sa.String(16), sa.ForeignKey("edits.edit_id"), primary_key=True),
        sa.Column("mention_id", sa.Text, primary_key=True),
    )
