"""The overlay: where a picture agrees with a template, drawn on the template.

Drawn on the template and not on the picture, so that it can be shown to anybody who may see templates:
nothing of the leaked page is in it. The template's own print is shown too coarse to be read, for somebody may
have registered a page with a patient on it.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import Box
from detectors.local_features import Grey
from detectors.templates.bank import TemplateBank
from detectors.templates.base import Template
from detectors.templates.evidence import TemplateMatch, quad_of

_AGREES, _DIFFERS, _QUAD, _LETTERHEAD = (46, 139, 87), (178, 34, 34), (0, 94, 184), (230, 140, 0)
"""Green, red, blue and orange as RGB."""
_TINT = 0.35
_MARGIN = 40

_CELL = 20
"""Pixels of which a shown template has one grey level: two lines of print."""

Canvas = npt.NDArray[np.uint8]


def draw_overlay(found: TemplateMatch, bank: TemplateBank) -> bytes:
    """A PNG: agreeing tiles green, others red, the picture's outline blue, the letterhead orange."""
    number = [facts.name for facts in bank.facts].index(found.facts.name)
    canvas = cv2.cvtColor(coarse(bank.template(number).raster), cv2.COLOR_GRAY2RGB).astype(np.uint8)
    agreeing = set(found.tiles.agreeing)
    for box in found.tiles.seen:
        _tint(canvas, box, _AGREES if box in agreeing else _DIFFERS)
    if found.facts.letterhead is not None:
        x, y, width, height = found.facts.letterhead
        cv2.rectangle(canvas, (x, y), (x + width, y + height), _LETTERHEAD, 3)
    framed = cv2.copyMakeBorder(canvas, *(_MARGIN,) * 4, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    quad = np.rint(np.array(quad_of(found)) + _MARGIN).clip(-9999, 9999).astype(np.int32)
    cv2.polylines(framed, [quad.reshape(-1, 1, 2)], True, _QUAD, 3, cv2.LINE_AA)
    return cv2.imencode(".png", cv2.cvtColor(framed, cv2.COLOR_RGB2BGR))[1].tobytes()


def coarse(raster: Grey) -> Grey:
    """A page as it may be shown: its layout, and none of its words."""
    height, width = raster.shape
    cells = (max(1, width // _CELL), max(1, height // _CELL))
    small = cv2.resize(raster, cells, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def coarse_picture(template: Template) -> bytes:
    """The same of a template, as WebP."""
    return cv2.imencode(".webp", coarse(template.raster))[1].tobytes()


def _tint(canvas: Canvas, box: Box, colour: tuple[int, int, int]) -> None:
    area = canvas[box.y : box.y + box.height, box.x : box.x + box.width]
    cv2.addWeighted(area, 1 - _TINT, np.full_like(area, colour), _TINT, 0, dst=area)
