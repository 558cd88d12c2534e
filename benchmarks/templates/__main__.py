"""Command line: `python -m benchmarks.templates --out DIR`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.corpus import photos, screens
from benchmarks.synth import drawing, everyday
from benchmarks.synth.browser import Browser, Page, browser
from benchmarks.synth.lens import to_jpeg
from benchmarks.synth.numbers import audit
from benchmarks.synth.scenes import Picture
from benchmarks.synth.surfaces import SURFACES
from benchmarks.templates.captures import CAPTURES
from benchmarks.templates.forms import Form, forms

SISTER_CAPTURES = ("clean", "photo_mild", "ui")
TIMES = {"crop_l": 4, "photo_close": 4}
"""How often a form is taken so, where that is not once: parts of a page differ more than views of all of it."""
OTHERS: tuple[Callable[[Random], Page], ...] = (
    everyday.menu, everyday.parcel, everyday.ticket, everyday.news, everyday.job_advert, everyday.council_letter,
    everyday.poster, everyday.football_chat,
)  # fmt: skip
_QUALITY = 82

Row = dict[str, Any]


def main() -> None:
    """Parse the arguments, then write the folder."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.templates", description="Draw forms and pictures of them."
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for templates/, images/ and the two lists"
    )
    parser.add_argument("--seed", type=int, default=5, help="same seed, same pictures (default 5)")
    chosen = parser.parse_args()
    for folder in ("templates", "images"):
        (chosen.out / folder).mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        rows = list(_Drawing(chromium, chosen.out, chosen.seed).everything())
    manifest = "".join(f"{json.dumps(row)}\n" for row in rows)
    (chosen.out / "manifest.jsonl").write_text(manifest, "utf-8")
    print(
        f"{chosen.out}: {len(rows)} pictures, {sum(row['template'] is not None for row in rows)} of registered forms"
    )


class _Drawing:
    """One folder being drawn."""

    def __init__(self, chromium: Browser, out: Path, seed: int) -> None:
        self._chromium, self._out, self._seed = chromium, out, seed

    def everything(self) -> Iterator[Row]:
        """Draw all; a row of the manifest for each picture."""
        registered, sisters = forms()
        yield from self._forms(registered)
        for form in sisters:
            for capture in SISTER_CAPTURES:
                yield self._capture(form, capture, f"neg_{form.name}", None, "neghard")
        yield from self._natural()
        yield from self._other_pages()

    def _forms(self, registered: list[Form]) -> Iterator[Row]:
        listed = []
        for number, form in enumerate(registered):
            blank = number % 2 == 0
            drawn = self._draw(form.drawn(None if blank else f"{self._seed}/sample"))
            Image.fromarray(drawn.pixels).save(self._out / "templates" / f"{form.name}.png")
            listed.append(
                {"template": f"{form.name}.png", "registered_as": "blank" if blank else "filled sample"}
            )
            for capture in CAPTURES:
                for time in range(TIMES.get(capture, 1)):
                    stem = f"pos_{form.name}" + (f"_{time + 1}" if time else "")
                    yield self._capture(form, capture, stem, form.name, "positive")
        (self._out / "templates.json").write_text(json.dumps(listed, indent=1), "utf-8")

    def _capture(self, form: Form, capture: str, stem: str, template: str | None, kind: str) -> Row:
        name = f"{stem}__{capture}"
        drawn = self._draw(form.drawn(f"{self._seed}/{name}"))
        taken = CAPTURES[capture](self._chromium, drawn, Random(f"{self._seed}/{name}").randrange(2**31))
        return self._keep(name, taken, template, capture, kind)

    def _natural(self) -> Iterator[Row]:
        rng = Random(f"{self._seed}/natural")
        for number in range(24):
            scene = drawing.landscape(
                rng.randrange(2**31), 1200, 900, rng.choice((drawing.DAWN, drawing.SUNSET))
            )
            yield self._keep(f"nat_{number:02d}", Picture(scene), None, "clean", "natural")
        for name in sorted(SURFACES):
            made = SURFACES[name](np.random.default_rng(rng.randrange(2**31)))[:1200, :1600]
            yield self._keep(f"nat_{name}", Picture(np.ascontiguousarray(made)), None, "clean", "natural")

    def _other_pages(self) -> Iterator[Row]:
        takes = {"clean": screens.screenshot, "photo_mild": photos.photo(photos.EASY), "ui": screens.app_post}
        for draw in (everyday.receipt, *OTHERS):
            for capture, take in takes.items():
                name = f"oth_{draw.__name__}__{capture}"
                rng = Random(f"{self._seed}/{name}")
                taken = take(self._chromium, self._draw(draw(rng)), rng.randrange(2**31))
                yield self._keep(
                    name, taken, None, capture, "receipt" if draw is everyday.receipt else "otherdoc"
                )

    def _draw(self, drawn: Page) -> Picture:
        audit([(drawn.template, drawn.text)])
        return self._chromium.draw(drawn)

    def _keep(self, name: str, taken: Picture, template: str | None, capture: str, kind: str) -> Row:
        (self._out / "images" / f"{name}.jpg").write_bytes(to_jpeg(taken.pixels, _QUALITY))
        return {"file": f"{name}.jpg", "template": template, "capture": capture, "class": kind}


if __name__ == "__main__":
    main()
