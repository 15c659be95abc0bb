"""Scores of conversations: one row per item, scorer and time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table. Rows are added and never changed; of one scorer's levels of one item the newest stands."""
    op.create_table(
        "scores",
        sa.Column("taken", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("scorer", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("stream", sa.String(16), nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("level", sa.Integer),
        sa.Column("levels", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("via", sa.String(8), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("scores_of", "scores", ["conversation_id"])
