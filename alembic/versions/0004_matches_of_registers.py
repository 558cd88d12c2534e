"""An index of the findings that registers made, among the many that they did not

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    where = sa.text("kind = 'register_match'")
    op.create_index(
        "ix_finding_register_match", "finding", ["masked"], sqlite_where=where, postgresql_where=where
    )


def downgrade():
    op.drop_index("ix_finding_register_match", "finding")
