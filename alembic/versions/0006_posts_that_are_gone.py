"""When a platform told that a post is gone, and why

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "gone_at", UtcDateTime(), nullable=True, comment="When its platform told that it is gone."
            )
        )
        batch_op.add_column(
            sa.Column("gone_reason", sa.Text(), nullable=True, comment="What its platform told of that.")
        )


def downgrade():
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_column("gone_reason")
        batch_op.drop_column("gone_at")
