"""Templates from files: learning one, and the report of how a picture compares with all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from detectors.base import Box, Content, TextLayer, TextReader
from detectors.image import ImageLimits, Page, decode
from detectors.templates.bank import TemplateBank
from detectors.templates.base import TemplateSaid, TemplateUnsuitable
from detectors.templates.detector import facts_of, why
from detectors.templates.evidence import TemplateMatch, quad_of
from detectors.templates.matching import match
from detectors.templates.overlay import draw_overlay
from detectors.templates.packing import pack
from detectors.templates.registration import learn

_TOLD = 5


@dataclass(frozen=True, slots=True)
class Learning:
    """A template as bytes (`detectors.templates.packing`), and what its owner should know about it."""

    packed: bytes = field(repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The nearest templates as plain values, the surest first, and the first one's overlay (PNG)."""

    matches: tuple[Mapping[str, Any], ...]
    overlay: bytes | None = field(default=None, repr=False)


def learn_template(
    samples: Sequence[bytes], said: TemplateSaid, bank: TemplateBank, reader: TextReader, limits: ImageLimits
) -> Learning:
    """Learn a template from files, and warn of those in `bank` that it could be taken for.

    Raises TemplateUnsuitable, ImageUnreadable, EngineUnavailable.
    """
    pages = [_page(data, said, limits) for data in samples]
    if said.letterhead:
        said = replace(said, letterhead=Box(*(round(n * pages[0].scale) for n in said.letterhead)))
    learned = learn([page.pixels for page in pages], said, reader)
    return Learning(pack(learned.template), (*learned.warnings, *_alike(pages[0], said, bank)))


def look_alikes(data: bytes, said: TemplateSaid, bank: TemplateBank, limits: ImageLimits) -> tuple[str, ...]:
    """A warning of templates in `bank` that this one could be taken for, if any. Raises ImageUnreadable."""
    return _alike(_page(data, said, limits), said, bank)


def _alike(page: Page, said: TemplateSaid, bank: TemplateBank) -> tuple[str, ...]:
    found = match(Content(TextLayer("ocr"), page.pixels), bank)
    near = [each for each in found if each.level is not None and each.facts.name != said.name]
    if not near:
        return ()
    names = ", ".join(f"{each.facts.name} ({each.level})" for each in near[:_TOLD])
    more = f" and {len(near) - _TOLD} more" if len(near) > _TOLD else ""
    return (f"{said.name} looks like {names}{more}: a picture of one may be told as another.",)


def compare(data: bytes, bank: TemplateBank, reader: TextReader, limits: ImageLimits) -> Comparison:
    """Compare the first page of a file with every template. Raises ImageUnreadable, EngineUnavailable."""
    page = decode(data, limits).pages[0]
    text = page.text or page.original_text(reader.read(page.pixels))
    found = match(Content(text, page.pixels, 0, page.scale), bank)[:_TOLD]
    overlay = draw_overlay(found[0], bank) if found and found[0].matrix is not None else None
    return Comparison(tuple(_told(each) for each in found), overlay)


def _told(found: TemplateMatch) -> dict[str, Any]:
    sentence = why(found) if found.level else "Not near enough to count."
    quad = [[round(x, 1), round(y, 1)] for x, y in quad_of(found)]
    return {"name": found.facts.name, **facts_of(found), "why": sentence, "quad": quad}


def _page(data: bytes, said: TemplateSaid, limits: ImageLimits) -> Page:
    pages = decode(data, limits).pages
    if said.page >= len(pages):
        raise TemplateUnsuitable(
            f"The template {said.name} has {len(pages)} page(s); there is no page {said.page + 1}."
        )
    return pages[said.page]
