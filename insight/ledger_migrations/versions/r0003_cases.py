"""What people did about customers on the lists: one row per entry."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table. Rows are added and never changed; what no longer counts is named by a later one."""
    op.create_table(
        "cases",
        sa.Column("taken", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("listed", sa.String(16), nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("via", sa.String(8), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("cases_of", "cases", ["listed", "conversation_id"])
