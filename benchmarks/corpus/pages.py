"""Pages as they are, for telling copies from other patients' pages: `leakwatch benchmark reposts`.

Of each layout that leaks in a picture: pages of different patients, and a twin of the first, which differs
from it in nothing but the patient's name and number.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.corpus.base import Split, layouts
from benchmarks.corpus.output import LARGEST_SIDE, Task, batched_tasks, plan, post
from benchmarks.synth.browser import Browser, Page, browser
from benchmarks.synth.lens import to_jpeg
from benchmarks.synth.people import Person, draw_person
from benchmarks.synth.scenes import Mark, Picture

QUALITY = 92


@dataclass(frozen=True)
class Renamed(Page):
    """A page on which somebody else stands: what is printed of one person is another's."""

    others: Mapping[Person, Person] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, page: Page, others: Mapping[Person, Person]) -> Renamed:
        """The page with these people in place of those, in the pages inside it too."""
        kept = {each.name: getattr(page, each.name) for each in fields(page)}
        kept["inner"] = tuple(cls.of(one, others) if isinstance(one, Page) else one for one in page.inner)
        return cls(**kept, others=others)

    def markup(self, sources: Sequence[str]) -> str:
        """The HTML, names and numbers exchanged."""
        text = super().markup(sources)
        for one, other in self.others.items():
            for was, becomes in ((one.given, other.given), (one.family, other.family)):
                text = re.sub(rf"\b{re.escape(was)}\b", becomes, text)
                text = re.sub(rf"\b{re.escape(was.upper())}\b", becomes.upper(), text)
            text = _number_exchanged(text, one.nhs_number, other.nhs_number)
        return text


def _number_exchanged(text: str, was: str, becomes: str) -> str:
    """Digit by digit, so that the spaces and marks between them stay."""

    def exchanged(found: re.Match[str]) -> str:
        left = iter(becomes)
        return re.sub(r"\d", lambda _: next(left), found[0])

    return re.sub(r"(?<!\d)" + r"[ \-\u00a0]?".join(was) + r"(?!\d)", exchanged, text)


def write_pages(split: Split, per_layout: int, seed: int, only: Sequence[str], out: Path) -> int:
    """Draw the pages into OUT/images, and OUT/manifest.jsonl with file, template (layout), patient and the named places."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    leaks = [one.name for one in layouts(split) if one.captures and one.label == "leak"]
    tasks = plan(split, per_layout, seed, [name for name in leaks if not only or name in only] or only)
    count = 0
    with (out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for batch in batched_tasks(tasks):
            with browser() as chromium:
                for name, made in (each for task in batch for each in _pages(task, chromium)):
                    (out / "images" / f"{name}.jpg").write_bytes(made.pop("jpeg"))
                    manifest.write(json.dumps({"file": f"{name}.jpg", **made}) + "\n")
                    count += 1
    return count


def _pages(task: Task, chromium: Browser) -> Iterator[tuple[str, dict[str, Any]]]:
    """A post's page, and of a layout's first also the twin, where that can be told from it at all."""
    made = post(next(one for one in layouts(task.split) if one.name == task.layout), task)
    if made.page is None:
        return
    drawn = _drawn(chromium, made.page)
    yield task.id, _entry(task, str(task.index), drawn)
    if task.index == 0 and made.exposure:
        rng = Random(made.seed)
        others = {one: draw_person(rng, sex=one.sex) for one in made.exposure.people}
        twin = _drawn(chromium, Renamed.of(made.page, others))
        if twin.pixels.shape == drawn.pixels.shape and np.any(twin.pixels != drawn.pixels):
            yield f"{task.id}-twin", _entry(task, "0, another's name and number", twin)


def _drawn(chromium: Browser, page: Page) -> Picture:
    scale = min(page.scale, LARGEST_SIDE / max(page.width, page.height))
    return chromium.draw(replace(page, scale=scale))


def _entry(task: Task, patient: str, drawn: Picture) -> dict[str, Any]:
    named = [_box(mark) for mark in drawn.marks]
    jpeg = to_jpeg(drawn.pixels, QUALITY)
    return {"template": task.layout, "patient": patient, "named": named, "jpeg": jpeg}


def _box(mark: Mark) -> list[int]:
    """x, y, width and height in pixels."""
    xs, ys = zip(*mark.quad, strict=True)
    left, top = math.floor(min(xs)), math.floor(min(ys))
    return [left, top, math.ceil(max(xs)) - left, math.ceil(max(ys)) - top]
