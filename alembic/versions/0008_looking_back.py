"""Sketches of pages examined lately, and what they show of templates registered since

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "page_sketch",
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("blob_sha256", name=op.f("pk_page_sketch")),
    )
    op.create_index(op.f("ix_page_sketch_seen_at"), "page_sketch", ["seen_at"])
    op.create_table(
        "retro_run",
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=False, comment="Pages seen from then on are compared."),
        sa.Column("total", sa.Integer(), nullable=False, comment="Pages to compare, when it began."),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(length=64), nullable=False, comment="The last page compared."),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["template.id"], name=op.f("fk_retro_run_template_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retro_run")),
    )
    op.create_index(op.f("ix_retro_run_template_id"), "retro_run", ["template_id"])
    op.create_table(
        "retro_match",
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("inliers", sa.Integer(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["template.id"], name=op.f("fk_retro_match_template_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retro_match")),
        sa.UniqueConstraint(
            "template_id", "blob_sha256", name=op.f("uq_retro_match_template_id_blob_sha256")
        ),
    )


def downgrade():
    op.drop_table("retro_match")
    op.drop_table("retro_run")
    op.drop_table("page_sketch")
