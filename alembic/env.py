"""Alembic's entry: migrates on the connection it is handed, or on the configured database."""

import sqlalchemy as sa
from alembic import context

import monitor.storage.models  # noqa: F401 - registers every table
from monitor.settings import load_settings
from monitor.storage.base import Base, UtcDateTime
from monitor.storage.database import Database


def render_type(kind, value, autogen_context):
    """Write our own column types by name, so that a migration reads like the model."""
    names = {UtcDateTime: "UtcDateTime()", sa.JSON: "Json"}
    if kind != "type" or type(value) not in names:
        return False
    autogen_context.imports.add("from monitor.storage.base import Json, UtcDateTime")
    return names[type(value)]


def migrate(connection):
    """Run the migrations on one connection, in its transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_type,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    migrate(connection)
else:
    with Database(load_settings().resolved_database_url).engine.begin() as connection:
        migrate(connection)
