"""Registers of keyed digests, and their generations.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from monitor.storage.base import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "register",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("organisation", sa.String(length=255), nullable=True),
        sa.Column("system", sa.String(length=255), nullable=True, comment="Where its records stand."),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register")),
        sa.UniqueConstraint("name", name=op.f("uq_register_name")),
    )
    op.create_table(
        "register_generation",
        sa.Column("register_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("key_ciphertext", sa.LargeBinary(), nullable=False, comment="The register's key, sealed."),
        sa.Column("key_wrapped", sa.LargeBinary(), nullable=False, comment="The data key of that, wrapped."),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("counts", Json, nullable=False, comment="Digests by field."),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="Of the file's content behind its header."
        ),
        sa.Column("loaded_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["register.id"],
            name=op.f("fk_register_generation_register_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_generation")),
        sa.UniqueConstraint("register_id", "number", name=op.f("uq_register_generation_register_id_number")),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("register_generation")
    op.drop_table("register")
