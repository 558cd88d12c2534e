"""How well and at what cost the engines read.

Each engine reads every picture in a process of its own, so that its memory is its own. Beside the engines
stands plain pytesseract, as most programs use it: the picture as it is, default options.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.ocr import ENGINES, reader_for
from monitor.benchmark.corpus import Case
from monitor.benchmark.measure import cpu_seconds, megabytes
from monitor.errors import InvalidInput

PLAIN = "pytesseract"
READERS: tuple[str, ...] = (*ENGINES, PLAIN)
GROUPS = ("leak", "benign", "natural photo")
HEADS = ("engine", "images", "numbers", *(f"{group}, CPU s" for group in GROUPS), "start, CPU s", "MB")

Read = Callable[[Any, bool], str]
"""From a page's pixels, and whether it is a leak's, to its text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one picture: which of its numbers were read, and the CPU seconds, decoding included."""

    group: str
    read: tuple[bool, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """One engine over a corpus; `start` is the CPU seconds until it could read."""

    engine: str
    readings: tuple[Reading, ...]
    start: float
    megabytes: int

    def row(self) -> list[str]:
        """The engine's row of the table; costs are median / 95th percentile."""
        shown = [reading.read for reading in self.readings if reading.read]
        each = [number for read in shown for number in read]
        counts = [f"{sum(map(all, shown))} of {len(shown)}", f"{sum(each)} of {len(each)}"]
        costs = [_cost([r.seconds for r in self.readings if r.group == group]) for group in GROUPS]
        return [self.engine, *counts, *costs, f"{self.start:.1f}", str(self.megabytes)]


def group_of(case: Case) -> str:
    """The group a picture's cost is counted in."""
    if case.category == "natural_photo":
        return "natural photo"
    return "leak" if case.leak else "benign"


def is_read(number: str, text: str) -> bool:
    """Whether these digits stand in the text in this order, no more than two signs between neighbours."""
    return re.search(r"(?<!\d)" + r"[^\d\n]{0,2}".join(number) + r"(?!\d)", text) is not None


def read_with(engine: str, cases: Sequence[Case], *, closely: bool, tick: Callable[[], object]) -> Result:
    """One engine over the pictures of `cases`, in a fresh process; `closely` adds the second look to leaks.

    Raises EngineUnavailable, and InvalidInput for an engine that is not in READERS.
    """
    if engine not in READERS:
        raise InvalidInput(f"{engine} is not a reading engine; there are {', '.join(READERS)}.")
    pictures = [case for case in cases if case.file]
    readings, most = [], 0
    with multiprocessing.get_context("spawn").Pool(1, _start, (engine, closely)) as pool:
        start = pool.apply(_started)
        for reading, held in pool.imap(_read, pictures):
            readings.append(reading)
            most = max(most, held)
            tick()
    return Result(engine, tuple(readings), start, most)


@dataclass(slots=True)
class _Asked:
    """What a measuring process was asked for; the reader once it is loaded."""

    engine: str
    closely: bool
    read: Read | None = None


_here: list[_Asked] = []


def _start(engine: str, closely: bool) -> None:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    _here.append(_Asked(engine, closely))


def _started() -> float:
    """Load the engine (an error must reach the caller, which a pool's initialiser cannot do)."""
    before = cpu_seconds()
    asked = _here[0]
    asked.read = _plain() if asked.engine == PLAIN else _reader(asked.engine, asked.closely)
    return cpu_seconds() - before


def _read(case: Case) -> tuple[Reading, int]:
    from detectors.image import decode  # noqa: PLC0415 - part of the memory that is measured

    read = _here[0].read
    assert read is not None
    assert case.file is not None
    before = cpu_seconds()
    text = "\n".join(read(page.pixels, case.leak) for page in decode(case.file.read_bytes()).pages)
    found = tuple(is_read(number, text) for number in case.numbers) if case.leak else ()
    return Reading(group_of(case), found, cpu_seconds() - before), megabytes()


def _plain() -> Read:
    import pytesseract  # noqa: PLC0415 - part of what is measured

    return lambda pixels, leak: str(pytesseract.image_to_string(pixels))


def _reader(engine: Any, closely: bool) -> Read:
    reader = reader_for(engine)

    def read(pixels: Any, leak: bool) -> str:
        layer = reader.read(pixels)
        return (reader.read_closely(pixels, layer) if closely and leak else layer).text

    return read


def _cost(seconds: Sequence[float]) -> str:
    import numpy as np  # noqa: PLC0415 - slow to load

    if not seconds:
        return "-"
    return f"{np.median(seconds):.2f} / {np.percentile(seconds, 95):.2f}"
