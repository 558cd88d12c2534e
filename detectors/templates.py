"""Registered document templates, matched by perceptual hash.

What a hash can and cannot do: it recognises clean, recompressed, dimmed, turned and well-framed copies of
a template; it misses crops, app screenshots and most photographs, and a like-looking letter of another
organisation may pass. So a match here is early evidence, and its absence means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import imagehash
import numpy as np

from detectors.base import Content, DetectorError, Explanation, Finding, Pixels
from detectors.fingerprints import MIN_INK, distance, ink, thumbnail
from detectors.image import DEFAULT_LIMITS, ImageLimits, decode
from detectors.views import document_views

_HEADER_SHARE = 0.3
"""The top of the page, where the letterhead stands; it survives a caption or a thumb below it."""
_MAX_ASPECT_RATIO = 1.22
"""A view is compared with templates of its own shape only: chance matches come from other shapes."""
_MIN_SIDE = 200


class TemplateUnsuitable(DetectorError):
    """The picture cannot be registered as a template."""


@dataclass(frozen=True, slots=True)
class TemplateSignal:
    """A registered template: 256-bit hashes (hexadecimal) of the page and of its top 30 %.

    `aspect` is width / height. Holds nothing from which the page could be rebuilt.
    """

    name: str
    organisation: str | None
    page: str
    header: str
    aspect: float

    def to_json(self) -> dict[str, Any]:
        """A mapping of plain values, as `from_json` takes it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> TemplateSignal:
        """The signal that `to_json` described. Raises ValueError when it does not fit."""
        try:
            signal = cls(
                name=str(stored["name"]),
                organisation=None if stored["organisation"] is None else str(stored["organisation"]),
                page=str(stored["page"]),
                header=str(stored["header"]),
                aspect=float(stored["aspect"]),
            )
            math.log(signal.aspect)
            distance(signal.page, "0" * 64)
            distance(signal.header, "0" * 64)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                "A stored template signal is incomplete or damaged: register it again."
            ) from error
        return signal


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The largest distances (of 256 bits) that count as a match."""

    page: int = 64
    header: int = 68


@dataclass(frozen=True, slots=True)
class TemplateMatch:
    """How near a picture comes to one template, in its nearest view and turn.

    `distance` is of `part` ("page" or "header") in `view` ("whole", "trimmed", "page") after `turn`
    quarter turns; `matched` tells whether it is within `threshold`.
    """

    signal: TemplateSignal
    distance: int
    threshold: int
    part: str
    view: str
    turn: int

    @property
    def matched(self) -> bool:
        """Whether this is near enough to count."""
        return self.distance <= self.threshold


def signal_of(
    data: bytes, *, name: str, organisation: str | None = None, limits: ImageLimits = DEFAULT_LIMITS
) -> TemplateSignal:
    """The signal of a template's picture. Raises TemplateUnsuitable, ImageUnreadable."""
    pixels = decode(data, limits).frames[0]
    height, width = pixels.shape[:2]
    if min(width, height) < _MIN_SIDE:
        raise TemplateUnsuitable(
            f"The template {name} is {width} x {height} pixels; it needs {_MIN_SIDE} or more on each side."
        )
    page, header = _hash(pixels), _hash(_header(pixels))
    if page is None or header is None:
        raise TemplateUnsuitable(
            f"The template {name} is nearly blank and would match blank pages: register a fuller one."
        )
    return TemplateSignal(name, organisation, page, header, round(width / height, 4))


def match_report(
    pixels: Pixels, signals: Sequence[TemplateSignal], thresholds: Thresholds = Thresholds()
) -> list[TemplateMatch]:
    """The nearest comparison with each template that has the picture's shape in some view, nearest first."""
    nearest: dict[str, TemplateMatch] = {}
    for match in _comparisons(pixels, signals, thresholds):
        known = nearest.get(match.signal.name)
        if known is None or _excess(match) < _excess(known):
            nearest[match.signal.name] = match
    return sorted(nearest.values(), key=_excess)


class TemplateDetector:
    """Finds the registered template whose hash the picture's is nearest to, if near enough.

    One finding at most: templates of one family resemble each other, and a page is a copy of one.
    """

    name = "template"
    version = "1"

    def __init__(self, signals: Sequence[TemplateSignal], thresholds: Thresholds = Thresholds()) -> None:
        self._signals = tuple(signals)
        self._thresholds = thresholds

    def detect(self, content: Content) -> Iterator[Finding]:
        """At most one finding; none for content without pixels."""
        if content.pixels is None or not self._signals:
            return
        nearest = match_report(content.pixels, self._signals, self._thresholds)[:1]
        if nearest and nearest[0].matched:
            yield self._finding(nearest[0], content.page)

    def _finding(self, match: TemplateMatch, page: int) -> Finding:
        owner = f" of {match.signal.organisation}" if match.signal.organisation else ""
        return Finding(
            kind="template",
            detector=self.name,
            version=self.version,
            score=round(1 - match.distance / 128, 3),
            masked=match.signal.name,
            explanation=Explanation(
                f"The {match.part} looks like the registered template {match.signal.name}{owner}.",
                {
                    "level": "hash_match",
                    "distance": match.distance,
                    "threshold": match.threshold,
                    "part": match.part,
                    "view": match.view,
                    "turn": match.turn,
                    "organisation": match.signal.organisation,
                },
            ),
            page=page,
        )


def _comparisons(
    pixels: Pixels, signals: Sequence[TemplateSignal], thresholds: Thresholds
) -> Iterator[TemplateMatch]:
    for view, shown in document_views(pixels):
        for turn in range(4):
            turned: Pixels = np.ascontiguousarray(np.rot90(shown, turn))
            alike = [signal for signal in signals if _same_shape(turned, signal)]
            if not alike:
                continue
            page, header = _hash(turned), _hash(_header(turned))
            for signal in alike:
                if page is not None:
                    gap = distance(page, signal.page)
                    yield TemplateMatch(signal, gap, thresholds.page, "page", view, turn)
                if header is not None:
                    gap = distance(header, signal.header)
                    yield TemplateMatch(signal, gap, thresholds.header, "header", view, turn)


def _excess(match: TemplateMatch) -> int:
    return match.distance - match.threshold


def _same_shape(pixels: Pixels, signal: TemplateSignal) -> bool:
    aspect = pixels.shape[1] / pixels.shape[0]
    return abs(math.log(aspect / signal.aspect)) <= math.log(_MAX_ASPECT_RATIO)


def _header(pixels: Pixels) -> Pixels:
    return pixels[: max(1, int(pixels.shape[0] * _HEADER_SHARE))]


def _hash(pixels: Pixels) -> str | None:
    """The 256-bit DCT hash, None where there is too little ink for it to mean anything."""
    small = thumbnail(pixels)
    return str(imagehash.phash(small, hash_size=16)) if ink(small) >= MIN_INK else None
