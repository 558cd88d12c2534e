"""Draws a set of forms: the templates to register, pictures of them, and pictures of what is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol

from PIL import Image

from benchmarks.synth.browser import Browser, Page
from benchmarks.synth.lens import to_jpeg
from benchmarks.synth.numbers import audit
from benchmarks.synth.scenes import Picture
from benchmarks.synth.shots import Shot

_QUALITY = 82

Row = dict[str, Any]


class Printed(Protocol):
    """One organisation's form of one make."""

    @property
    def name(self) -> str:
        """Unique in its set."""

    def drawn(self, seed: str | None) -> Page:
        """The page, filled in by a seed; None: blank."""


@dataclass(frozen=True, slots=True)
class Other:
    """A picture of none of the forms: its file's stem, how it was taken, its class."""

    name: str
    capture: str
    kind: str
    taken: Picture


class Table:
    """Where pages are drawn: a Chromium, behind the audit of the numbers they show."""

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium

    def draw(self, drawn: Page) -> Picture:
        """The page as a picture. Raises IssuedNumberShown."""
        audit([(drawn.template, drawn.text)])
        return self.chromium.draw(drawn)


@dataclass(frozen=True, slots=True)
class FormSet:
    """What is drawn together."""

    forms: Callable[[], tuple[Sequence[Printed], Sequence[Printed]]]
    """The forms to register, and sister organisations' forms of the same makes."""
    captures: Mapping[str, Shot]
    times: Mapping[str, int]
    """How often a form is taken so, where that is not once."""
    sister_captures: tuple[str, ...]
    others: Callable[[Table, int], Iterator[Other]]
    """Pictures of none of the forms, by a seed."""


class Drawing:
    """One folder being drawn."""

    def __init__(self, chosen: FormSet, chromium: Browser, out: Path, seed: int) -> None:
        self._set, self._table, self._out, self._seed = chosen, Table(chromium), out, seed

    def everything(self) -> Iterator[Row]:
        """Draw all; a row of the manifest for each picture."""
        registered, sisters = self._set.forms()
        yield from self._forms(registered)
        for form in sisters:
            for capture in self._set.sister_captures:
                yield self._capture(form, capture, f"neg_{form.name}", None, "neghard")
        for other in self._set.others(self._table, self._seed):
            yield self._keep(other.name, other.taken, None, other.capture, other.kind)

    def _forms(self, registered: Sequence[Printed]) -> Iterator[Row]:
        listed = []
        for number, form in enumerate(registered):
            blank = number % 2 == 0
            drawn = self._table.draw(form.drawn(None if blank else f"{self._seed}/sample"))
            Image.fromarray(drawn.pixels).save(self._out / "templates" / f"{form.name}.png")
            listed.append(
                {"template": f"{form.name}.png", "registered_as": "blank" if blank else "filled sample"}
            )
            for capture in self._set.captures:
                for time in range(self._set.times.get(capture, 1)):
                    stem = f"pos_{form.name}" + (f"_{time + 1}" if time else "")
                    yield self._capture(form, capture, stem, form.name, "positive")
        (self._out / "templates.json").write_text(json.dumps(listed, indent=1), "utf-8")

    def _capture(self, form: Printed, capture: str, stem: str, template: str | None, kind: str) -> Row:
        name = f"{stem}__{capture}"
        drawn = self._table.draw(form.drawn(f"{self._seed}/{name}"))
        seed = Random(f"{self._seed}/{name}").randrange(2**31)
        taken = self._set.captures[capture](self._table.chromium, drawn, seed)
        return self._keep(name, taken, template, capture, kind)

    def _keep(self, name: str, taken: Picture, template: str | None, capture: str, kind: str) -> Row:
        (self._out / "images" / f"{name}.jpg").write_bytes(to_jpeg(taken.pixels, _QUALITY))
        return {"file": f"{name}.jpg", "template": template, "capture": capture, "class": kind}
