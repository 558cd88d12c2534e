"""What each feature added to an alert's score; a source's own threshold

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("factors", Json, nullable=False, server_default="[]"))
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.alter_column("factors", server_default=None)
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "alert_threshold",
                sa.Double(),
                nullable=True,
                comment="Score from which its posts alert; null: the settings decide.",
            )
        )


def downgrade():
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("alert_threshold")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_column("factors")
