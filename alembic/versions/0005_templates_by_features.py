"""Templates recognised by features: what they are learned to be, whose system prints them, their history

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SAID = '{"letterhead": null, "filled": false, "page": 0, "thresholds": {}}'


def upgrade():
    with op.batch_alter_table("template", schema=None) as batch_op:
        batch_op.drop_column("signal")
        batch_op.add_column(
            sa.Column(
                "system", sa.String(length=255), nullable=True, comment="The system or ward that prints it."
            )
        )
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.String(length=16),
                nullable=False,
                server_default="document",
                comment="document, or benign.",
            )
        )
        batch_op.add_column(
            sa.Column(
                "said",
                Json,
                nullable=False,
                server_default=SAID,
                comment="Letterhead box, filled, page, thresholds, as given.",
            )
        )
        batch_op.add_column(
            sa.Column(
                "warnings",
                Json,
                nullable=False,
                server_default="[]",
                comment="What its owner was told at registration.",
            )
        )
        batch_op.add_column(
            sa.Column(
                "packed",
                sa.LargeBinary(),
                nullable=True,
                comment="What pictures are compared with; null: to be learned again.",
            )
        )
        batch_op.add_column(
            sa.Column("digest", sa.String(length=64), nullable=True, comment="SHA-256 of packed.")
        )
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(
            sa.Column(
                "samples",
                Json,
                nullable=False,
                server_default="[]",
                comment="SHA-256 of every picture it was learned from.",
            )
        )
        batch_op.add_column(sa.Column("updated_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE template SET updated_at = created_at")
    with op.batch_alter_table("template", schema=None) as batch_op:
        for column in ("kind", "said", "warnings", "version", "samples"):
            batch_op.alter_column(column, server_default=None)
        batch_op.alter_column("updated_at", nullable=False)

    op.create_table(
        "template_version",
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["template.id"],
            name=op.f("fk_template_version_template_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_version")),
        sa.UniqueConstraint("template_id", "version", name=op.f("uq_template_version_template_id_version")),
    )


def downgrade():
    op.drop_table("template_version")
    with op.batch_alter_table("template", schema=None) as batch_op:
        for column in (
            "updated_at",
            "samples",
            "version",
            "digest",
            "packed",
            "warnings",
            "said",
            "kind",
            "system",
        ):
            batch_op.drop_column(column)
        batch_op.add_column(sa.Column("signal", Json, nullable=False, server_default="{}"))
