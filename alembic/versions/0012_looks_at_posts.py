"""Looks at whether posts are still shown

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import Json, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "availability_check",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False, comment="Of post and files together."),
        sa.Column("post_verdict", sa.String(length=8), nullable=False, comment="Of the post alone."),
        sa.Column("probes", Json, nullable=False, comment="Subject, availability and reason of each."),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_availability_check_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_check")),
    )
    op.create_index(op.f("ix_availability_check_post_id_id"), "availability_check", ["post_id", "id"])
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "next_check_at",
                UtcDateTime(),
                nullable=True,
                comment="When to look again whether it is still shown; null: not yet, or settled.",
            )
        )
        batch_op.create_index(op.f("ix_post_next_check_at"), ["next_check_at"])


def downgrade():
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_post_next_check_at"))
        batch_op.drop_column("next_check_at")
    op.drop_table("availability_check")
