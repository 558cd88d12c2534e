"""Safe decoding: untrusted bytes in, upright RGB pages out, whatever the file is.

1. Refuse by size in bytes and by content (the file's name never counts).
2. Hand the bytes to the decoder of their kind (`detectors.media`), each with limits of its own.
"""

from __future__ import annotations

from detectors.base import ImageUnreadable
from detectors.media.base import DEFAULT_LIMITS, DecodedImage, ImageLimits, Page
from detectors.media.kinds import OFFICE, looks_like_text, media_type_of
from detectors.media.office import decode_office
from detectors.media.pdf import decode_pdf
from detectors.media.raster import FORMATS, decode_picture
from detectors.media.video import CONTAINERS, decode_video

__all__ = ["DEFAULT_LIMITS", "DecodedImage", "ImageLimits", "Page", "decode", "media_type_of"]


READ = frozenset({*FORMATS, *CONTAINERS, *OFFICE, "application/pdf"})
"""The media types that `decode` takes."""


def decode(data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> DecodedImage:
    """The pages of the file in `data`. Raises ImageUnreadable with one sentence; writes nothing anywhere."""
    media_type = _accepted_type(data, limits)
    if media_type == "application/pdf":
        return decode_pdf(data, limits)
    if media_type in OFFICE:
        return decode_office(data, media_type, limits)
    if media_type in CONTAINERS:
        return decode_video(data, media_type, limits)
    return decode_picture(data, media_type, limits)


def _accepted_type(data: bytes, limits: ImageLimits) -> str:
    """The file's media type, or ImageUnreadable saying what the bytes are instead."""
    if not data:
        raise ImageUnreadable("The file is empty (0 bytes).")
    if len(data) > limits.max_bytes:
        raise ImageUnreadable(
            f"The file is {len(data) / 1e6:.0f} MB, over the limit of {limits.max_bytes / 1e6:.0f} MB."
        )
    media_type = media_type_of(data)
    if media_type in READ:
        return media_type
    if media_type is not None:
        raise ImageUnreadable(
            f"The file is {media_type}, which is not read here; pictures, documents and videos are."
        )
    if looks_like_text(data):
        raise ImageUnreadable("The file holds text, not a picture.")
    raise ImageUnreadable(
        "The file is not in a known format (a picture, PDF, an office document, MP4 or WebM)."
    )
