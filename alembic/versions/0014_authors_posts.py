"""Posts of an author, found by the handle

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NAME = "ix_post_platform_author_handle"


def upgrade():
    op.create_index(NAME, "post", ["platform", "author_handle"])


def downgrade():
    op.drop_index(NAME, "post")
