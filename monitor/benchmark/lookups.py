"""What looking up in a large register costs, in a process that loads little else."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detectors.base import Explanation, Finding
from detectors.register.fields import DIGEST_BYTES, FIELDS, Field, key_id
from detectors.register.match import Register, match_findings
from detectors.register.table import Table

KEY = bytes(range(32))
LOOKUPS = 200_000
_PAGE = (
    ("nhs_number", "9990000018"),
    ("person_name", "Mr Owen Pellow"),
    ("date_of_birth", "01/02/1950"),
    ("postcode", "LS99 9ZZ"),
    ("hospital_number", "K1234567"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One measured figure, with what is wanted of it where something is."""

    what: str
    figure: str
    target: str = ""


def looking_up(path: Path) -> list[Line]:
    """Lookups in a process that did nothing else, half of them of digests that are there."""
    before = _resident_megabytes()
    table = Table.open(path)
    asked = _asked(path, table)
    costs = np.empty(len(asked))
    for at, (field, digested) in enumerate(asked):
        started = time.perf_counter_ns()
        table.holds(field, digested)
        costs[at] = time.perf_counter_ns() - started
    grown = _resident_megabytes() - before
    register = Register("large", "patients", None, None, 1, key_id(KEY), "", KEY, table)
    median, high = np.percentile(costs, [50, 99]) / 1000
    return [
        Line("one lookup, median / 99th percentile", f"{median:.1f} / {high:.1f} µs", "under 50 µs"),
        Line(f"memory of a process after {len(asked):,} lookups", f"{grown:,.0f} MB", "under 1,000 MB"),
        Line("a page with five identifiers, read by an engine", f"{_page_milliseconds(register):.2f} ms"),
    ]


def _asked(path: Path, table: Table) -> list[tuple[Field, bytes]]:
    """Digests in no order: every other one is there."""
    rng = random.Random(11)  # noqa: S311 - places, not secrets
    count, size = table.header.counts[FIELDS[-1]], path.stat().st_size
    asked: list[tuple[Field, bytes]] = []
    with path.open("rb") as file:
        for _ in range(min(LOOKUPS, 20 * count) // 2):
            file.seek(size - DIGEST_BYTES * (1 + rng.randrange(count)))
            asked.append((FIELDS[-1], file.read(DIGEST_BYTES)))
            asked.append((rng.choice(FIELDS), rng.randbytes(DIGEST_BYTES)))
    return asked


def _resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _page_milliseconds(register: Register) -> float:
    findings = [
        Finding(
            kind, "", "", 0.9, "", Explanation("", {"origin": "ocr"}), value, span=(20 * at, 20 * at + 10)
        )
        for at, (kind, value) in enumerate(_PAGE)
    ]
    started = time.perf_counter()
    for _ in range(100):
        match_findings(findings, [register], needed=2)
    return (time.perf_counter() - started) * 10
