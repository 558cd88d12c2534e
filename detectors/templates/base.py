"""Registered templates: what is kept of one, and what a match with one says.

A match has one of three levels of evidence, never a mere yes:

- `hash_match`: the whole picture is near the whole page by a perceptual hash. Clean copies only; other
  organisations' letters of the same make pass as well.
- `layout_match`: the page's features and tiles lie on the picture as a camera would show them. Holds for
  photographs, crops and screenshots; a sister organisation's form of the same make may pass.
- `trust_confirmed`: besides, the letterhead stands where it should and its distinctive words were read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

import cv2
import numpy as np

from detectors.base import Box, DetectorError
from detectors.local_features import Features, Grey
from detectors.templates.tiles import TileGrid, tile_grid

Level = Literal["hash_match", "layout_match", "trust_confirmed"]
LEVELS: tuple[Level, ...] = ("hash_match", "layout_match", "trust_confirmed")
"""From weak to strong."""
Kind = Literal["document", "benign"]
"""`benign`: a public poster or blank form, whose match speaks against a leak."""


class TemplateUnsuitable(DetectorError):
    """The picture cannot be registered as a template."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What counts as a match with one template.

    `pdq` and `phash` are the largest distances of 256 bits; `inliers` and `tiles` the fewest features and
    32-pixel tiles that must agree; `words` the fewest distinctive words read in the letterhead; one of the
    organisation's name is enough.
    """

    pdq: int = 31
    phash: int = 40
    inliers: int = 15
    tiles: int = 12
    words: int = 2

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Thresholds:
        """The thresholds that somebody gave, the defaults for all others. Raises ValueError."""
        unknown = sorted(set(given) - set(RANGES))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a threshold; there are {', '.join(RANGES)}.")
        for name, value in given.items():
            least, most = RANGES[name]
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise ValueError(f"The threshold {name} must be a whole number from {least} to {most}.")
        return cls(**given)


RANGES = {"pdq": (0, 64), "phash": (0, 64), "inliers": (8, 1000), "tiles": (1, 1000), "words": (1, 50)}
"""What each may be. Beyond 64 bits no hash proposes a template; fewer features lie anywhere by chance."""


@dataclass(frozen=True, slots=True)
class TemplateSaid:
    """What a person says of a template when registering it.

    `letterhead` is in pixels of the upright picture; None: to be found. `filled` tells that the pictures
    are filled samples, whose writing must not count. `page` is the page of a document of several, from 0.
    """

    name: str
    organisation: str | None = None
    kind: Kind = "document"
    letterhead: Box | None = None
    filled: bool = False
    page: int = 0
    thresholds: Thresholds = Thresholds()


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """The small part of a template. `letterhead`, `lozenges` and `size` are in its raster's pixels.

    `lozenges` are the logos that every organisation prints. `words` are the letterhead's own, `names` those
    of them that are part of the organisation's or a site's name. `pdq` and `phash` are 256 bits in
    hexadecimal; `pdq` is empty where the page's quality is too low for it to mean anything.
    """

    name: str
    organisation: str | None
    kind: Kind
    filled: bool
    size: tuple[int, int]
    letterhead: Box | None
    lozenges: tuple[Box, ...]
    words: tuple[str, ...]
    names: tuple[str, ...]
    phash: str
    pdq: str
    thresholds: Thresholds

    def to_json(self) -> dict[str, Any]:
        """A mapping of plain values, as `from_json` takes it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> TemplateFacts:
        """The facts that `to_json` described. Raises ValueError when they do not fit."""
        try:
            box = stored["letterhead"]
            values = {
                "size": tuple(stored["size"]),
                "letterhead": Box(*box) if box else None,
                "lozenges": tuple(Box(*each) for each in stored["lozenges"]),
                "words": tuple(stored["words"]),
                "names": tuple(stored["names"]),
                "thresholds": Thresholds(**stored["thresholds"]),
            }
            return cls(**{**stored, **values})
        except (KeyError, TypeError) as error:
            raise ValueError("A stored template is incomplete or damaged: register it again.") from error


@dataclass(frozen=True, eq=False)
class Template:
    """A registered template: facts, features (`detectors.templates.corners`), and its static print as a WebP
    picture (`picture_of`).

    What people wrote on filled samples is neither in the features nor in the picture.
    """

    facts: TemplateFacts
    features: Features
    picture: bytes = field(repr=False)

    @cached_property
    def raster(self) -> Grey:
        """The static print in grey, of `facts.size` (width, height)."""
        pixels = cv2.imdecode(np.frombuffer(self.picture, np.uint8), cv2.IMREAD_GRAYSCALE)
        if pixels is None:
            raise ValueError("A stored template is incomplete or damaged: register it again.")
        if pixels.shape[::-1] != self.facts.size:
            pixels = cv2.resize(pixels, self.facts.size, interpolation=cv2.INTER_LINEAR)
        return pixels.astype(np.uint8, copy=False)

    @cached_property
    def grid(self) -> TileGrid:
        """Its tiles."""
        return tile_grid(self.raster)


_SHRUNK, _QUALITY = 0.6, 10
"""The kept picture's sides, as a share of the raster's, and its WebP quality: tiles correlate alike, at a
tenth of the size."""


def picture_of(raster: Grey) -> bytes:
    """The picture that is kept of a page's print."""
    small = cv2.resize(raster, None, fx=_SHRUNK, fy=_SHRUNK, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])[1].tobytes()
