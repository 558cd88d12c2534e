"""Pages drawn by a real headless Chromium, and the places of what is marked on them.

Any element with `data-mark="kind"` is reported with its text and its box. An image with
`data-inner="n"` carries the marks of the n-th inner page along. Needs playwright and a Chromium
(Debian's `/usr/bin/chromium`); no page touches the network.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from benchmarks.synth.lens import Raster
from benchmarks.synth.scenes import Mark, Picture, moved

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")  # fmt: skip
_BENCHMARKS = Path(__file__).parents[1]
_FOLDERS = (
    "synth",
    "corpus",
    "corpus/train",
    "corpus/heldout",
    "corpus/unseen",
    "corpus/fresh",
    "templates",
    "templates/second",
)
"""Folders of `benchmarks` whose `html/` holds templates."""
_TEMPLATES = Environment(
    loader=FileSystemLoader([_BENCHMARKS / folder / "html" for folder in _FOLDERS]), autoescape=True,
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_READ_MARKS = """() => [...document.querySelectorAll('[data-mark],[data-inner]')].map(e => {
  const r = e.getBoundingClientRect();
  return {kind: e.dataset.mark ?? '', inner: e.dataset.inner ?? '', text: e.innerText ?? '',
          x: r.x, y: r.y, w: r.width, h: r.height};
})"""


@dataclass(frozen=True)
class Page:
    """A template of `html/` with its values, size in CSS pixels, picture pixels for each, pages inside."""

    template: str
    width: int
    height: int
    scale: float
    values: Mapping[str, Any] = field(repr=False)
    inner: tuple[Page | Picture | Raster, ...] = field(default=(), repr=False)

    def markup(self, sources: Sequence[str]) -> str:
        """The HTML, with these addresses for the pictures inside it."""
        body = _TEMPLATES.get_template(f"{self.template}.html").render(inner=sources, **self.values)
        return f"<!doctype html><meta charset=utf-8><style>*{{box-sizing:border-box}}</style>{body}"

    @property
    def text(self) -> str:
        """The text a reader sees, the pages inside it included, one block a line."""
        markup = self.markup([""] * len(self.inner))
        bare = re.sub(r"(?is)<(style|script|title)\b.*?</\1>|<!--.*?-->", " ", markup)
        own = html.unescape(re.sub(r"<[^>]*>", "\n", bare))
        return "\n".join([own, *(page.text for page in self.inner if isinstance(page, Page))])


def page(template: str, width: int, height: int, scale: float = 2.0, **values: Any) -> Page:
    """Fill the template `html/<template>.html`; `inner` holds pages, pictures or rasters shown inside."""
    inner = tuple(values.pop("inner", ()))
    return Page(template, width, height, scale, {"width": width, "height": height, **values}, inner)


def as_data_uri(pixels: npt.NDArray[np.uint8]) -> str:
    """A raster as a PNG in a `data:` URI."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


class Browser:
    """An open Chromium."""

    def __init__(self, chromium: Any) -> None:
        self._chromium = chromium

    def draw(self, drawn: Page) -> Picture:
        """The page as an RGB picture with its marks."""
        pixels, marks = self._screenshot(drawn, transparent=False)
        return Picture(np.ascontiguousarray(pixels[..., :3]), marks)

    def draw_prop(self, drawn: Page) -> npt.NDArray[np.uint8]:
        """The page as RGBA, transparent where nothing is drawn."""
        return self._screenshot(drawn, transparent=True)[0]

    def _drawn(self, shown: Page | Picture | Raster) -> Picture:
        if isinstance(shown, Page):
            return self.draw(shown)
        return shown if isinstance(shown, Picture) else Picture(shown)

    def _screenshot(
        self, drawn: Page, *, transparent: bool
    ) -> tuple[npt.NDArray[np.uint8], tuple[Mark, ...]]:
        inner = [self._drawn(p) for p in drawn.inner]
        size = {"width": drawn.width, "height": drawn.height}
        tab = self._chromium.new_page(viewport=size, device_scale_factor=drawn.scale)
        try:
            tab.set_content(drawn.markup([as_data_uri(p.pixels) for p in inner]), wait_until="load")
            found = tab.evaluate(_READ_MARKS)
            png = tab.screenshot(omit_background=transparent)
        finally:
            tab.close()
        with Image.open(BytesIO(png)) as image:
            return np.asarray(image.convert("RGBA"), np.uint8), tuple(_marks(found, inner, drawn.scale))


def _marks(found: list[dict[str, Any]], inner: Sequence[Picture], scale: float) -> Iterator[Mark]:
    for item in found:
        x, y, w, h = (item[key] * scale for key in "xywh")
        if item["inner"]:
            inside = inner[int(item["inner"])]
            tall, wide = inside.pixels.shape[:2]
            yield from moved(inside.marks, np.array([[w / wide, 0, x], [0, h / tall, y]]))
        else:
            corners = ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
            yield Mark(item["kind"], " ".join(item["text"].split()), corners)


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium for the length of a `with`. Raises playwright's error where none can be started."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  a development tool, loaded when used

    with sync_playwright() as playwright:
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        chromium = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield Browser(chromium)
        finally:
            chromium.close()
