"""Reports by people; what is examined first; where a file's address was found

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "report",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column(
            "actor",
            sa.String(length=128),
            nullable=False,
            comment="Whose key, session or machine it came from.",
        ),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="Keyed digest of URL and files."),
        sa.Column(
            "idempotency",
            sa.String(length=64),
            nullable=True,
            comment="Keyed digest of the caller and their Idempotency-Key.",
        ),
        sa.Column("times", sa.Integer(), nullable=False, comment="How often the same was reported."),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("words_ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("words_key", sa.LargeBinary(), nullable=True, comment="Wrapped data key."),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=True),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_report_post_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["post_revision.id"], name=op.f("fk_report_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("reference", name=op.f("uq_report_reference")),
        sa.UniqueConstraint("digest", name=op.f("uq_report_digest")),
        sa.UniqueConstraint("idempotency", name=op.f("uq_report_idempotency")),
    )
    op.create_index(op.f("ix_report_actor_received_at"), "report", ["actor", "received_at"])
    op.create_index(op.f("ix_report_state_not_before"), "report", ["state", "not_before"])
    op.create_index(op.f("ix_report_post_id"), "report", ["post_id"])
    op.create_table(
        "report_file",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_file_report_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["blob_sha256"], ["blob.sha256"], name=op.f("fk_report_file_blob_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_file")),
        sa.UniqueConstraint("report_id", "position", name=op.f("uq_report_file_report_id_position")),
    )
    op.create_index(op.f("ix_report_file_blob_sha256"), "report_file", ["blob_sha256"])
    op.add_column(
        "post_revision",
        sa.Column(
            "turn",
            sa.Integer(),
            nullable=False,
            server_default="1",
            comment="Whose turn it is: 0 what people reported, 1 everything else.",
        ),
    )
    op.add_column(
        "attachment",
        sa.Column("origin", sa.String(length=16), nullable=False, server_default="post"),
    )
    op.drop_index("ix_post_revision_stage_not_before", table_name="post_revision")
    op.create_index(
        op.f("ix_post_revision_stage_turn_not_before"), "post_revision", ["stage", "turn", "not_before"]
    )


def downgrade():
    op.drop_index("ix_post_revision_stage_turn_not_before", table_name="post_revision")
    op.create_index(op.f("ix_post_revision_stage_not_before"), "post_revision", ["stage", "not_before"])
    op.drop_column("attachment", "origin")
    op.drop_column("post_revision", "turn")
    op.drop_table("report_file")
    op.drop_table("report")
