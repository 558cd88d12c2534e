"""Turns at hosts, and what sources spend in a day

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "host_turn",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column(
            "due", sa.Double(), nullable=False, comment="When the next request would be due, evenly spaced."
        ),
        sa.Column(
            "closed_until", sa.Double(), nullable=False, comment="The host asked to be left alone until then."
        ),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_turn")),
    )
    op.create_table(
        "source_usage",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("meter", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_usage_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", "source_id", "meter", name=op.f("pk_source_usage")),
    )


def downgrade():
    op.drop_table("source_usage")
    op.drop_table("host_turn")
