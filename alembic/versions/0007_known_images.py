"""Known images and their index; traits of alerts; questions about reposts; merged alerts

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, BIT

from monitor.storage.base import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TRAITS_OF_OLD_ALERTS = """
insert into alert_trait (kind, digest, alert_id)
select distinct case when f.valid then 'number' else 'identifier' end, f.digest, s.alert_id
from sighting s
join post_revision r on r.post_id = s.post_id
join attachment a on a.revision_id = r.id
join examination e on e.subject = 'blob:' || a.blob_sha256
join finding f on f.examination_id = e.id
where f.digest is not null and (f.valid is null or f.valid)
and f.kind in ('nhs_number', 'chi_number', 'hc_number', 'ihi_number', 'nino', 'hospital_number', 'lab_number',
'ubrn', 'eps_id')
"""


def upgrade():
    op.create_table(
        "known_image",
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("known_as", sa.String(length=16), nullable=False),
        sa.Column(
            "pdq", sa.String(length=64), nullable=True, comment="NULL for a page with too little print."
        ),
        sa.Column(
            "bits",
            BIT(256).with_variant(sa.String(256), "sqlite"),
            nullable=True,
            comment="The hash for PostgreSQL to search by.",
        ),
        sa.Column(
            "chunks",
            ARRAY(sa.Integer()).with_variant(sa.JSON(), "sqlite"),
            nullable=True,
            comment="Its 16 chunks, numbered, for PostgreSQL.",
        ),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("removed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "suppressed", sa.Integer(), nullable=False, comment="Posts that showed it and were passed over."
        ),
        sa.Column("last_suppressed_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_known_image_alert_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["blob_sha256"], ["blob.sha256"], name=op.f("fk_known_image_blob_sha256")),
        sa.PrimaryKeyConstraint("blob_sha256", name=op.f("pk_known_image")),
    )
    with op.batch_alter_table("known_image") as batch_op:
        batch_op.create_index(batch_op.f("ix_known_image_alert_id"), ["alert_id"])
        batch_op.create_index(batch_op.f("ix_known_image_change"), ["change"])
        batch_op.create_index("ix_known_image_chunks", ["chunks"], postgresql_using="gin")
    op.create_table(
        "repost_question",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(length=255), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("answered_by", sa.String(length=128), nullable=True),
        sa.Column("answered_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_repost_question_alert_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["alert.id"], name=op.f("fk_repost_question_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repost_question")),
        sa.UniqueConstraint("alert_id", "other_id", name=op.f("uq_repost_question_alert_id_other_id")),
    )
    with op.batch_alter_table("repost_question") as batch_op:
        batch_op.create_index(batch_op.f("ix_repost_question_other_id"), ["other_id"])
    op.create_table(
        "index_state",
        sa.Column("process", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_index_state")),
    )
    op.create_table(
        "alert_trait",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_trait_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "digest", "alert_id", name=op.f("pk_alert_trait")),
    )
    with op.batch_alter_table("alert_trait") as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_trait_alert_id"), ["alert_id"])
    op.execute(
        "insert into alert_trait (kind, digest, alert_id)"
        " select kind, digest, alert_id from alert_identity where kind = 'image'"
    )
    op.execute(TRAITS_OF_OLD_ALERTS)
    op.drop_table("alert_identity")
    _columns()


def _columns():
    with op.batch_alter_table("alert") as batch_op:
        batch_op.add_column(
            sa.Column(
                "merged_into_id",
                sa.Uuid(),
                nullable=True,
                comment="The alert that a person said this one is a copy of.",
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_alert_merged_into_id"), "alert", ["merged_into_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_alert_merged_into_id"), ["merged_into_id"])
    with op.batch_alter_table("sighting") as batch_op:
        batch_op.add_column(
            sa.Column(
                "came_from_id", sa.Uuid(), nullable=True, comment="The alert it belonged to before a merge."
            )
        )
        batch_op.create_foreign_key(batch_op.f("fk_sighting_came_from_id"), "alert", ["came_from_id"], ["id"])
    with op.batch_alter_table("fingerprint") as batch_op:
        batch_op.add_column(
            sa.Column(
                "pdq",
                sa.String(length=512),
                nullable=True,
                comment="Eight PDQ hashes: upright, turned and mirrored; NULL: made before there were any.",
            )
        )
        batch_op.add_column(
            sa.Column(
                "quality", sa.Integer(), nullable=False, server_default="0", comment="PDQ's own, 0 to 100."
            )
        )
        batch_op.add_column(
            sa.Column(
                "features_ciphertext",
                sa.LargeBinary(),
                nullable=True,
                comment="Sealed ORB descriptors; kept for pictures of alerts.",
            )
        )
        batch_op.add_column(
            sa.Column("features_key", sa.LargeBinary(), nullable=True, comment="NULL: deleted.")
        )
    with op.batch_alter_table("fingerprint") as batch_op:
        batch_op.alter_column("quality", server_default=None)


def downgrade():
    with op.batch_alter_table("fingerprint") as batch_op:
        for name in ("features_key", "features_ciphertext", "quality", "pdq"):
            batch_op.drop_column(name)
    with op.batch_alter_table("sighting") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sighting_came_from_id"), type_="foreignkey")
        batch_op.drop_column("came_from_id")
    with op.batch_alter_table("alert") as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_merged_into_id"))
        batch_op.drop_constraint(batch_op.f("fk_alert_merged_into_id"), type_="foreignkey")
        batch_op.drop_column("merged_into_id")
    op.create_table(
        "alert_identity",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_identity_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "digest", name=op.f("pk_alert_identity")),
    )
    with op.batch_alter_table("alert_identity") as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_identity_alert_id"), ["alert_id"])
    op.execute(
        "insert into alert_identity (kind, digest, alert_id)"
        " select kind, digest, min(cast(alert_id as varchar)) from alert_trait where kind = 'image'"
        " group by kind, digest"
        if op.get_bind().dialect.name == "sqlite"
        else "insert into alert_identity (kind, digest, alert_id) select distinct on (kind, digest)"
        " kind, digest, alert_id from alert_trait where kind = 'image' order by kind, digest, alert_id"
    )
    for table in ("alert_trait", "index_state", "repost_question", "known_image"):
        op.drop_table(table)
