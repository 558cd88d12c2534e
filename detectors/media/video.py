"""Stills of a video, through FFmpeg (PyAV): few, different, and the sharpest of each scene.

1. Open with an explicit container and one video stream of a known codec; nothing else is decoded.
2. Look at four frames a second, or at key frames only where the whole would cost too much. The cost is
   counted in pixels, not in seconds, so that the same bytes always give the same stills.
3. Keep the stills that differ most from each other; of two alike, the sharper one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import FileFact, ImageUnreadable, Pixels
from detectors.media.base import DecodedImage, ImageLimits, Page
from detectors.media.raster import DISTINCT
from detectors.metadata import fact

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream

CONTAINERS = {"video/mp4": "mov", "video/quicktime": "mov", "video/webm": "matroska"}
"""FFmpeg's name of each media type that is a video; containers that can name other files are left out."""

_CODECS = frozenset(
    {"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "libvpx", "libvpx-vp9", "mpeg4", "h263"}
)
_BUDGET_MEGAPIXELS = 4000
"""About a minute of 1080p at 30 frames a second: what decoding a whole video may cost."""
_INTERVAL = 0.25
_EVERY = 8
"""Where frames bear no time, one in so many is looked at."""
_LOOK_SIDE = 480
_CELLS = 24
_USUAL_RATE = 30.0


def decode_video(data: bytes, media_type: str, limits: ImageLimits) -> DecodedImage:
    """The stills of a video. Raises ImageUnreadable with one sentence; writes nothing anywhere."""
    import av  # noqa: PLC0415 - loads a large library

    av.logging.set_level(None)
    try:
        with av.open(
            io.BytesIO(data), "r", format=CONTAINERS[media_type], metadata_errors="replace"
        ) as container:
            return _decode_open(container, limits)
    except ImageUnreadable:
        raise
    except Exception as error:  # a decoder fed hostile bytes may raise anything at all
        raise ImageUnreadable("The video is truncated or damaged and cannot be decoded.") from error


def _decode_open(container: InputContainer, limits: ImageLimits) -> DecodedImage:
    if not container.streams.video:
        raise ImageUnreadable("The file holds sound but no pictures.")
    stream = container.streams.video[0]
    name = stream.codec_context.name
    if name not in _CODECS:
        raise ImageUnreadable(f"The video is coded as {name[:20]}, which is not read here.")
    stream.codec_context.thread_count = 1
    notes: list[str] = []
    if _cost(container, stream, limits) > _BUDGET_MEGAPIXELS:
        stream.codec_context.skip_frame = "NONKEY"
        notes.append("only key frames were looked at")
    stills = _Stills(limits.max_frames)
    for frame in _looked_at(container, stream, limits, notes):
        stills.offer(frame)
    if not stills.kept:
        raise ImageUnreadable("The video is truncated or damaged: it has no picture that can be decoded.")
    notes.append(f"{len(stills.kept)} of {stills.offered} stills examined")
    pages = tuple(Page.of(_upright(still.frame), "still") for still in stills.kept)
    return DecodedImage(pages, "VIDEO", tuple(notes), tuple(_facts(container)))


def _cost(container: InputContainer, stream: VideoStream, limits: ImageLimits) -> float:
    """What decoding every frame costs, in megapixels, as far as the header tells."""
    size = stream.codec_context.width * stream.codec_context.height / 1_000_000
    _check_size(stream.codec_context.width, stream.codec_context.height, limits)
    seconds = min((container.duration or 0) / 1_000_000, limits.max_video_seconds)
    return size * seconds * float(stream.average_rate or _USUAL_RATE)


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    if width * height > limits.max_megapixels * 1_000_000:
        raise ImageUnreadable(
            f"The video's pictures have more than the {limits.max_megapixels:g} megapixels accepted."
        )


def _looked_at(
    container: InputContainer, stream: VideoStream, limits: ImageLimits, notes: list[str]
) -> Iterator[av.VideoFrame]:
    """The frames to look at, until the video, the limits or sound data end."""
    next_look, spent = 0.0, 0.0
    for number, frame in enumerate(_frames(container, stream, notes)):
        _check_size(frame.width, frame.height, limits)
        spent += frame.width * frame.height / 1_000_000
        seconds = frame.time if frame.time is not None else number * _INTERVAL / _EVERY
        if seconds > limits.max_video_seconds or spent > _BUDGET_MEGAPIXELS:
            notes.append(f"looked at the first {seconds:.0f} seconds")
            return
        if seconds >= next_look:
            next_look = seconds + _INTERVAL
            yield frame


def _frames(container: InputContainer, stream: VideoStream, notes: list[str]) -> Iterator[av.VideoFrame]:
    import av  # noqa: PLC0415 - loaded by now

    try:
        yield from container.decode(stream)
    except av.FFmpegError:
        notes.append("the video is damaged; what came before was examined")


@dataclass(slots=True, eq=False)
class _Still:
    """A frame, its small copy and its sharpness."""

    frame: av.VideoFrame
    copy: npt.NDArray[np.float32]
    sharpness: float

    def distance(self, other: _Still) -> float:
        return float(np.abs(self.copy - other.copy).max())


@dataclass(slots=True)
class _Stills:
    """The `most` frames offered that differ most, in their order; of two alike, the sharper."""

    most: int
    kept: list[_Still] = field(default_factory=list)
    offered: int = 0

    def offer(self, frame: av.VideoFrame) -> None:
        self.offered += 1
        still = _looked(frame)
        nearest = min(self.kept, key=still.distance, default=None)
        if nearest is not None and still.distance(nearest) < DISTINCT:
            self._drop_blurred(nearest, still)
            return
        self.kept.append(still)
        if len(self.kept) > self.most:
            self._drop_blurred(*self._closest())

    def _closest(self) -> tuple[_Still, _Still]:
        pairs = [(one, other) for at, one in enumerate(self.kept) for other in self.kept[at + 1 :]]
        return min(pairs, key=lambda pair: pair[0].distance(pair[1]))

    def _drop_blurred(self, earlier: _Still, later: _Still) -> None:
        """Keep the sharper of two stills in the earlier one's place."""
        if later in self.kept:
            self.kept.remove(later)
        if later.sharpness > earlier.sharpness:
            self.kept[self.kept.index(earlier)] = later


def _looked(frame: av.VideoFrame) -> _Still:
    shrink = min(1.0, _LOOK_SIDE / max(frame.width, frame.height))
    size = max(16, round(frame.width * shrink)), max(16, round(frame.height * shrink))
    small = frame.reformat(width=size[0], height=size[1], format="gray").to_ndarray()
    copy = cv2.resize(small, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    return _Still(frame, copy, float(cv2.Laplacian(small, cv2.CV_32F).var()))


def _upright(frame: av.VideoFrame) -> Pixels:
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), turns)).astype(np.uint8)


_CAMERA = ("com.apple.quicktime.make", "com.apple.quicktime.model", "com.android.manufacturer")
_PLACE = ("com.apple.quicktime.location.ISO6709", "location")


def _facts(container: InputContainer) -> Iterator[FileFact]:
    said: dict[str, Any] = dict(container.metadata)
    facts = (
        fact("camera", " ".join(said[key] for key in _CAMERA if key in said)),
        fact("software", said.get("com.apple.quicktime.software") or said.get("encoder") or ""),
        fact("taken_at", said.get("creation_time", "")),
        fact("gps", next((said[key] for key in _PLACE if key in said), ""), secret=True),
        fact("owner", said.get("artist", ""), secret=True),
        fact("title", said.get("title", ""), secret=True),
    )
    return (known for known in facts if known)
