"""`leakwatch db`: the database's schema."""

from __future__ import annotations

import typer

from monitor.cli.output import out
from monitor.settings import load_settings

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command("upgrade")
def upgrade() -> None:
    """Make the database, or bring it up to date. Safe to run again.

    Example: leakwatch db upgrade
    """
    from monitor.storage.database import Database

    database = Database(load_settings().resolved_database_url)
    before, after = database.upgrade()
    where = database.engine.url.render_as_string(hide_password=True)
    if before == after:
        out.print(f"{where} is up to date (schema {after}).", soft_wrap=True, highlight=False)
    else:
        out.print(
            f"{where} is now at schema {after} (was {before or 'empty'}).", soft_wrap=True, highlight=False
        )
