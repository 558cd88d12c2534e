"""Recorded answers of platforms

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "source_recording",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="Bytes of the body, before it was cut."),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_recording_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_recording")),
    )
    op.create_index(op.f("ix_source_recording_source_id"), "source_recording", ["source_id"])
    op.create_index(op.f("ix_source_recording_expires_at"), "source_recording", ["expires_at"])
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "recording_until",
                UtcDateTime(),
                nullable=True,
                comment="Its answers are recorded until then.",
            )
        )


def downgrade():
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("recording_until")
    op.drop_table("source_recording")
