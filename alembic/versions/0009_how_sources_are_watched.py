"""What sources are asked for by packs, and the pace they adapt to

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("packs", Json, nullable=False, server_default="[]", comment="Names of its query packs.")
        )
        batch_op.alter_column(
            "poll_seconds", existing_type=sa.Integer(), comment="A pace that is kept; null: it adapts."
        )
        batch_op.add_column(
            sa.Column("poll_min_seconds", sa.Integer(), comment="Shortest wait; null: the settings decide.")
        )
        batch_op.add_column(
            sa.Column("poll_max_seconds", sa.Integer(), comment="Longest wait; null: the settings decide.")
        )
        batch_op.add_column(sa.Column("pace_seconds", sa.Double(), comment="The wait that it adapted to."))
        batch_op.add_column(sa.Column("pace_reason", sa.Text(), comment="Why its next run is when it is."))
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.alter_column("packs", existing_type=Json, server_default=None)


def downgrade():
    with op.batch_alter_table("source", schema=None) as batch_op:
        for name in ("pace_reason", "pace_seconds", "poll_max_seconds", "poll_min_seconds", "packs"):
            batch_op.drop_column(name)
