"""What decoding gives, whatever the file was: pages as upright RGB, and what they may cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from detectors.base import Box, FileFact, Pixels, TextLayer


@dataclass(frozen=True)
class ImageLimits:
    """What a file may cost.

    Above `max_megapixels` only a JPEG is decoded, at a reduced size, up to `max_reduced_megapixels`.
    `max_frames` counts the pages, pictures and stills that are decoded; those of one file together have
    at most `max_total_megapixels`. A document of more than `max_pages` pages is read up to there. Office
    documents are drawn by LibreOffice where it is installed and `use_libreoffice` is set.
    """

    max_megapixels: float = 40
    max_frames: int = 8
    max_bytes: int = 64 * 1024 * 1024
    max_reduced_megapixels: float = 100
    max_total_megapixels: float = 120
    max_pages: int = 20
    max_video_seconds: float = 600
    use_libreoffice: bool = True


DEFAULT_LIMITS = ImageLimits()

PageKind = Literal["picture", "page", "still", "thumbnail"]


@dataclass(frozen=True)
class Page:
    """One picture of a file, upright, and how it relates to the original.

    `width` and `height` are the upright original's, in pixels; `scale` is decoded size / original size
    (1.0 unless the picture was decoded reduced). `text` is the page's own text where it has one, boxes
    in pixels of the original: there is no need to read it with an engine.
    """

    pixels: Pixels
    width: int
    height: int
    scale: float = 1.0
    text: TextLayer | None = None
    kind: PageKind = "picture"

    @classmethod
    def of(cls, pixels: Pixels, kind: PageKind = "picture", text: TextLayer | None = None) -> Page:
        """A page that was decoded at its own size."""
        height, width = pixels.shape[:2]
        return cls(pixels, width, height, 1.0, text, kind)

    def original_box(self, box: Box) -> Box:
        """A box of the decoded pixels, in pixels of the upright original."""
        if self.scale == 1.0:
            return box
        left, top = round(box.x / self.scale), round(box.y / self.scale)
        right = round((box.x + box.width) / self.scale)
        bottom = round((box.y + box.height) / self.scale)
        return Box(left, top, min(right, self.width) - left, min(bottom, self.height) - top)

    def original_text(self, layer: TextLayer) -> TextLayer:
        """A text layer read from the decoded pixels, its boxes in pixels of the upright original."""
        if self.scale == 1.0:
            return layer
        return replace(
            layer, words=tuple(replace(word, box=self.original_box(word.box)) for word in layer.words)
        )


@dataclass(frozen=True)
class DecodedImage:
    """A file's pages, at least one, and what the file says of itself.

    `format` is Pillow's name of a picture's format ("JPEG"), or "PDF", "DOCX", "VIDEO".
    """

    pages: tuple[Page, ...]
    format: str
    notes: tuple[str, ...] = ()
    facts: tuple[FileFact, ...] = ()

    @property
    def frames(self) -> tuple[Pixels, ...]:
        """The pixels of every page."""
        return tuple(page.pixels for page in self.pages)
