"""The search of `PostgresIndex`, timed over a temporary table that takes the real one's name and form."""

from __future__ import annotations

import time
from pathlib import Path

from psycopg import Cursor
from sqlalchemy import Connection, create_engine, text

from detectors.multi_index import Hashes
from monitor.benchmark.index import RADIUS, Clock, Task, Timing
from monitor.fingerprints.postgres import BY_INDEX, SEARCH, bit_string, chunk_keys, probe_keys

TABLE = (
    "create temporary table known_image"
    " (blob_sha256 integer, bits bit(256), chunks integer[], removed_at timestamptz)"
)


def in_postgres(url: str, task: Task) -> Timing:
    """Fill the table, index it, search it, and let it go."""
    engine = create_engine(url)
    with engine.connect() as connection:
        started = time.perf_counter()
        connection.execute(text(TABLE))
        _fill(connection, task.stored)
        connection.execute(text("create index on known_image using gin (chunks)"))
        connection.execute(text("analyze known_image"))
        connection.execute(BY_INDEX)
        built = time.perf_counter() - started
        size = connection.scalar(text("select pg_total_relation_size('known_image')")) or 0

        def find(query: Hashes) -> set[int]:
            hashed = query.tobytes().hex()
            wanted = {"bits": bit_string(hashed), "keys": probe_keys(hashed, RADIUS), "radius": RADIUS}
            return {row[0] for row in connection.execute(SEARCH, wanted)}

        found = task.timed("leakwatch in PostgreSQL", find, _processor_clock(connection))
        connection.rollback()
    engine.dispose()
    return Timing(found.name, found.size, found.times, found.recall, built, size / 1e6)


def _fill(connection: Connection, stored: Hashes) -> None:
    cursor: Cursor = connection.connection.cursor()  # type: ignore[assignment]  # the driver's own, for COPY
    with cursor.copy("copy known_image (blob_sha256, bits, chunks) from stdin") as copy:
        for number, each in enumerate(stored):
            hashed = each.tobytes().hex()
            copy.write_row((number, bit_string(hashed), chunk_keys(hashed)))
    cursor.close()


def _processor_clock(connection: Connection) -> Clock:
    """Processor time of this thread and, where the server runs on this machine, of the one that serves it."""
    pid = connection.scalar(text("select pg_backend_pid()"))
    spent = Path(f"/proc/{pid}/schedstat")
    local = spent.exists() and "postgres" in Path(f"/proc/{pid}/comm").read_text()
    if not local:
        return time.thread_time
    return lambda: time.thread_time() + int(spent.read_text().split()[0]) / 1e9
