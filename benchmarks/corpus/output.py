"""Plans posts of the layouts, draws them in processes, and writes pictures and manifest.

OUT/manifest.jsonl   one post a line, in the order of the plan
OUT/images/*.jpg
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image
from rich.progress import track

from benchmarks.corpus.base import NUMBER_KINDS, Layout, LayoutsUnusable, Split, layouts
from benchmarks.corpus.captures import CAPTURES
from benchmarks.corpus.legible import can_be_read, readings
from benchmarks.corpus.rows import row, shows
from benchmarks.synth.browser import Browser, Page, browser
from benchmarks.synth.documents import Document, Exposure
from benchmarks.synth.lens import to_jpeg
from benchmarks.synth.numbers import IssuedNumberShown, audit, ten_digit_numbers
from benchmarks.synth.posts import Written
from benchmarks.synth.scenes import Picture

LARGEST_SIDE = 2000
"""Pixels a page is drawn at, at most."""
_TRIES = 25
_TAKES = 4
_BATCH = 6


class NumberNotMarked(ValueError):
    """A page shows an exposed person's number without a mark, so nobody could tell where it stands."""


@dataclass(frozen=True, slots=True)
class Task:
    """One post to draw: the layout by name, and which of its posts."""

    split: Split
    layout: str
    index: int
    seed: int

    @property
    def id(self) -> str:
        """Unique in the corpus."""
        return f"{self.layout}-{self.index:03d}"


@dataclass(frozen=True, slots=True)
class Post:
    """A drawn post: what is on it and how its picture is to be taken (no capture: words alone)."""

    id: str
    layout: Layout
    text: str
    page: Page | None
    exposure: Exposure | None
    capture: str | None
    seed: int

    @property
    def readable(self) -> str:
        """Everything a reader can read: the words and the page."""
        return f"{self.text}\n{self.page.text if self.page else ''}"


def plan(split: Split, per_layout: int, seed: int, only: Sequence[str] = ()) -> list[Task]:
    """The tasks of a corpus, by layout. `only` holds names of layouts, or `texts`, or `pictures`.

    Raises LayoutsUnusable for a name that no layout has.
    """
    kinds = {layout.name: "pictures" if layout.captures else "texts" for layout in layouts(split)}
    unknown = sorted(set(only) - set(kinds) - {"texts", "pictures"})
    if unknown:
        raise LayoutsUnusable(f"no layout of {split} is named {unknown[0]}; --list names them all")
    chosen = [name for name, kind in kinds.items() if not only or {name, kind} & set(only)]
    return [Task(split, name, i, seed) for name in chosen for i in range(per_layout)]


def post(layout: Layout, task: Task) -> Post:
    """Draw what a post says and shows; drawn again until no number of an issued range stands on it.

    Raises IssuedNumberShown where that does not help.
    """
    for trial in range(_TRIES):
        made = _post(layout, task, Random(f"{task.seed}/{task.id}/{trial}"))
        try:
            audit([(task.id, made.readable)])
        except IssuedNumberShown:
            if trial == _TRIES - 1:
                raise
        else:
            return made
    raise AssertionError


def _post(layout: Layout, task: Task, rng: Random) -> Post:
    drawn = layout.draw(rng)
    page = drawn.page if isinstance(drawn, Document) else drawn if isinstance(drawn, Page) else None
    text = drawn.text if isinstance(drawn, Written) else rng.choice(layout.captions or ("",))
    exposure = None if isinstance(drawn, Page) else drawn.exposure
    capture = rng.choice(layout.captures) if page else None
    return Post(task.id, layout, text, page, exposure, capture, rng.randrange(2**31))


def make(task: Task, out: Path, chromium: Browser | None) -> dict[str, Any]:
    """Draw one post, write its picture, and give its row of the manifest."""
    layout = next(one for one in layouts(task.split) if one.name == task.layout)
    made = post(layout, task)
    if made.page is None or made.capture is None or chromium is None:
        return row(made.id, layout, made.text, made.readable, made.exposure)
    page = made.page
    scale = min(page.scale, LARGEST_SIDE / max(page.width, page.height))
    drawn = chromium.draw(replace(page, scale=scale))
    _require_marks(made, {m.text for m in drawn.marks if m.kind in NUMBER_KINDS})
    capture, taken = _take(chromium, made, drawn)
    jpeg = to_jpeg(taken.pixels, Random(made.seed).randint(58, 92))
    (out / "images" / f"{made.id}.jpg").write_bytes(jpeg)
    read = readings(drawn, taken, frozenset(NUMBER_KINDS))
    picture = {
        "file": f"images/{made.id}.jpg",
        "capture": capture,
        "size": _size(jpeg),
        "bytes": len(jpeg),
    }
    return row(
        made.id, layout, made.text, made.readable, made.exposure,
        printed=drawn.marks, read=read, marks=taken.marks, picture=picture,
    )  # fmt: skip


def _take(chromium: Browser, made: Post, drawn: Picture) -> tuple[str, Picture]:
    """The posted picture and its capture; a leak of which nobody could read a word is taken again.

    It would expose nobody. After a few tries in the chosen way, the layout's other ways are tried.
    """
    rng = Random(made.seed)
    ways = [made.capture or ""] * _TAKES + list(made.layout.captures) * _TAKES
    for trial, capture in enumerate(ways):
        taken = CAPTURES[capture](chromium, drawn, made.seed if trial == 0 else rng.randrange(2**31))
        if made.layout.label == "benign" or can_be_read(drawn, taken):
            break
    return capture, taken


def _size(jpeg: bytes) -> list[int]:
    with Image.open(BytesIO(jpeg)) as image:
        return list(image.size)


def _require_marks(made: Post, marked: set[str]) -> None:
    if made.layout.label != "leak" or made.exposure is None or made.page is None:
        return
    printed = {p.nhs_number for p in made.exposure.people} & ten_digit_numbers(made.page.text)
    bare = [number for number in printed if not any(shows(text, number) for text in marked)]
    if bare:
        raise NumberNotMarked(
            f"{made.layout.name} prints {len(bare)} exposed number(s) without a mark; "
            'write them as m("nhs_number", ...) of _parts.html'
        )


def _make_batch(tasks: Sequence[Task], out: Path) -> list[dict[str, Any]]:
    pictured = {layout.name for layout in layouts(tasks[0].split) if layout.captures}
    with browser() if any(t.layout in pictured for t in tasks) else nullcontext() as chromium:
        return [make(task, out, chromium) for task in tasks]


def write(tasks: Sequence[Task], out: Path, workers: int) -> list[dict[str, Any]]:
    """Draw the posts and write pictures and manifest under `out`; a picture is written only after its audit."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    with (out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for made in track(_rows(tasks, out, workers), "drawing", total=len(tasks)):
            manifest.write(json.dumps(made, ensure_ascii=False) + "\n")
            rows.append(made)
    return rows


def _rows(tasks: Sequence[Task], out: Path, workers: int) -> Iterator[dict[str, Any]]:
    if workers <= 1:
        for chunk in batched_tasks(tasks):
            yield from _make_batch(chunk, out)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for done in pool.map(_make_batch, batched_tasks(tasks), [out] * len(tasks)):
            yield from done


def batched_tasks(tasks: Sequence[Task]) -> list[Sequence[Task]]:
    """A browser's worth of tasks at a time."""
    return [tasks[i : i + _BATCH] for i in range(0, len(tasks), _BATCH)]
