"""The test harness itself: databases are fresh and migrated, the browser is real, skips are told."""

from __future__ import annotations

import pytest
import sqlalchemy

from monitor.storage.database import Database, head_revision


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_gets_a_migrated_database_of_its_own(database_url: str, turn: int) -> None:
    """A database arrives at the newest schema, and what one test writes the next does not see."""
    database = Database(database_url)
    assert database.revision() == head_revision()
    with database.engine.begin() as connection:
        assert not sqlalchemy.inspect(connection).has_table("left_behind")
        connection.exec_driver_sql("create table left_behind (number integer)")
    database.close()


def test_an_empty_database_has_no_schema(empty_database_url: str) -> None:
    """A database for the migrations' own tests has not been migrated."""
    database = Database(empty_database_url)
    assert database.revision() is None
    database.close()


@pytest.mark.needs_chromium
def test_the_browser_runs_pages(chromium) -> None:
    """The browser executes script, so that console tests exercise what people get."""
    page = chromium.new_page()
    page.set_content("<p id=p></p><script>document.getElementById('p').textContent = 6 * 7</script>")
    assert page.text_content("#p") == "42"
    page.close()
