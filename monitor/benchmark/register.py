"""What a register costs: digesting a list, loading, looking up; and how often a misread number misleads.

Digests of the large register are random bytes, which is what digests are to whoever has no key. Everything is
made up: numbers are of the ranges that are never issued.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

from detectors.identifiers.numbers import passes_modulus_11
from detectors.register.alternates import DIGITS, number_alternates
from detectors.register.fields import DIGEST_BYTES, FIELDS, digest, key_id, message
from detectors.register.table import write_table
from monitor.benchmark.lookups import KEY, LOOKUPS, Line, looking_up
from monitor.bootstrap import build_core
from monitor.register_csv import Digester
from monitor.register_layout import find_layout
from monitor.registers import About, NewDigests, load_register
from monitor.settings import Settings

LIST_ROWS = 20_000
VALID_NUMBERS = 909_090_909
"""Ten-digit numbers whose check digit holds: ten in eleven of 10^9."""
ISSUED_NUMBERS = 400_000_000
"""About as many lie in the ranges that are issued in the UK."""
_TRIES = 5_000


def measure(records: int, folder: Path) -> Iterator[Line]:
    """Every figure, for a register of so many people with all four fields each. Works in `folder`."""
    yield from _hashing()
    yield from _listing(min(records, LIST_ROWS), folder)
    yield from _large(records, folder)
    yield from _misreading(min(records, _TRIES))


def _hashing() -> Iterator[Line]:
    """How fast one core tries numbers: what brute force costs whoever has the key."""
    started = time.process_time()
    for number in range(LOOKUPS):
        digest(KEY, message("number", f"{number:010}"))
    rate = LOOKUPS / (time.process_time() - started)
    yield Line("HMAC-SHA-256 of a number, one core, Python", f"{rate:,.0f} /s")
    yield Line("all valid numbers tried with the key, one core", f"{VALID_NUMBERS / rate / 60:,.0f} min")


def _listing(count: int, folder: Path) -> Iterator[Line]:
    """How fast a list is digested."""
    path = folder / "list.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["NHS number", "Surname", "DOB", "Postcode", "Hospital number"])
        rows.writerows(_people(count))
    digester = Digester(find_layout(path, {}), KEY, date(2026, 1, 1), count)
    started = time.process_time()
    digester.read(path, lambda done: None)
    rate = count / (time.process_time() - started)
    yield Line("records of a list digested, four fields each, one core", f"{rate:,.0f} /s")


def _people(count: int) -> Iterator[tuple[str, ...]]:
    rng = random.Random(7)  # noqa: S311 - made-up people, the same on every run
    for number in _valid_numbers(rng, count):
        born = date.fromordinal(rng.randrange(700_000, 735_000)).strftime("%d/%m/%Y")
        surname = "".join(rng.choices("abcdefghijklmnoprstuvw", k=7))
        yield number, surname, born, f"LS{rng.randrange(10, 99)} {rng.randrange(9)}ZZ", f"K{number[:7]}"


def _valid_numbers(rng: random.Random, count: int) -> Iterator[str]:
    while count:
        number = str(rng.randrange(9_000_000_000, 9_999_999_999))
        if passes_modulus_11(number):
            count -= 1
            yield number


def _large(records: int, folder: Path) -> Iterator[Line]:
    """A large register: its size, loading it, and looking up in it in a process of its own."""
    path = folder / "large.digests"
    digests = {field: os.urandom(DIGEST_BYTES * records) for field in FIELDS}
    started = time.process_time()
    with path.open("wb") as file:
        header = write_table(file, key_id=key_id(KEY), records=records, digests=digests)
    sorting = header.total / (time.process_time() - started)
    del digests
    yield Line("digests in the register", f"{header.total:,} of {records:,} records")
    yield Line("its size on the disk", f"{path.stat().st_size / 1e6:,.0f} MB", "under 1,000 MB")
    yield Line("digests sorted and written", f"{sorting:,.0f} /s")
    core = build_core(Settings(data_dir=folder / "data"), upgrade=True)
    started = time.process_time()
    load_register(core, About("large", "patients"), NewDigests(path, KEY), "benchmark")
    loading = header.total / (time.process_time() - started)
    core.database.close()
    yield Line("digests loaded, checked whole", f"{loading:,.0f} /s", "over 200,000 /s")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
        yield from alone.submit(looking_up, path).result()


def _misreading(tries: int) -> Iterator[Line]:
    """Numbers with one digit read as its look-alike: how many are found again, and what strangers' cost."""
    rng = random.Random(5)  # noqa: S311 - made-up numbers, the same on every run
    failed = found = alternates = 0
    for number in _valid_numbers(rng, tries):
        misread = _misread(rng, number)
        if misread is None or passes_modulus_11(misread):
            continue
        failed += 1
        others = [other for other, changes in number_alternates(misread) if changes == 1]
        alternates += len(others)
        found += number in others
    chance = alternates / failed * 1_000_000 / ISSUED_NUMBERS
    yield Line("numbers that fail their check by one look-alike digit, found again", f"{found / failed:.1%}")
    yield Line("numbers tried in place of a misread one", f"{alternates / failed:.2f}")
    yield Line("a stranger's misread number taken for one of a million patients'", f"{chance:.2%}")


def _misread(rng: random.Random, number: str) -> str | None:
    at = rng.randrange(10)
    others = DIGITS.get(number[at])
    return number[:at] + rng.choice(others) + number[at + 1 :] if others else None
