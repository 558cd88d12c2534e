"""Videos: few stills, different ones, sharp ones, within limits."""

from __future__ import annotations

import contextlib
import struct

import cv2
import numpy as np
import pytest

from detectors.base import ImageUnreadable, Pixels, by_kind
from detectors.examine import Examiner
from detectors.image import ImageLimits, decode, media_type_of
from detectors.table import ExaminerConfig
from tests.detectors.documents import video
from tests.detectors.letters import Letter, landscape

CODECS = [
    ("libx264", "mp4", "video/mp4"),
    ("libx264", "mov", "video/quicktime"),
    ("mpeg4", "mp4", "video/mp4"),
    ("libvpx", "webm", "video/webm"),
    ("libvpx-vp9", "webm", "video/webm"),
    ("libx264", "matroska", "video/webm"),
]
SIZE = (320, 240)


def _scene(seed: int, count: int) -> list[Pixels]:
    return [landscape(SIZE, seed)] * count


def _white(count: int = 4) -> list[Pixels]:
    return [np.full((SIZE[1], SIZE[0], 3), 250, np.uint8)] * count


@pytest.mark.parametrize(("codec", "container", "media_type"), CODECS)
def test_each_scene_gives_a_still(codec: str, container: str, media_type: str) -> None:
    """A page shown for a moment in the middle is among the stills, whatever the codec."""
    data = video(_scene(1, 15) + _white() + _scene(1, 15), codec=codec, container=container)
    assert media_type_of(data) == media_type
    decoded = decode(data)
    assert decoded.format == "VIDEO"
    assert {page.kind for page in decoded.pages} == {"still"}
    assert 2 <= len(decoded.pages) <= 8
    assert any(page.pixels.mean() > 240 for page in decoded.pages)
    assert any(page.pixels.mean() < 200 for page in decoded.pages)


def test_the_same_bytes_give_the_same_stills() -> None:
    """Boxes of one decoding fit the next."""
    data = video(_scene(1, 20) + _white() + _scene(3, 20))
    one, other = decode(data), decode(data)
    assert [p.pixels.tobytes() for p in one.pages] == [p.pixels.tobytes() for p in other.pages]


def test_stills_are_capped_and_most_different() -> None:
    """Of many scenes as many are kept as the limit allows, the odd one among them."""
    frames = [frame for level in range(40, 160, 8) for frame in [np.full((240, 320, 3), level, np.uint8)] * 4]
    decoded = decode(video(frames + _white() + frames), ImageLimits(max_frames=3))
    assert len(decoded.pages) == 3
    assert any(page.pixels.mean() > 230 for page in decoded.pages)
    assert any("stills examined" in note for note in decoded.notes)


def test_of_two_alike_the_sharper_is_kept(letter: Letter) -> None:
    """A page filmed out of focus at first is taken where it is sharp."""
    sharp = np.asarray(letter.picture.resize((480, 680)))
    soft = cv2.GaussianBlur(sharp, (0, 0), 2.0).astype(np.uint8)
    decoded = decode(video([soft] * 8 + [sharp] * 8 + [soft] * 8, rate=8))
    edges = max(cv2.Laplacian(page.pixels, cv2.CV_32F).var() for page in decoded.pages)
    assert edges > 3 * cv2.Laplacian(soft, cv2.CV_32F).var()


def test_a_filmed_letter_is_examined(letter: Letter) -> None:
    """The patient on a filmed letter is found on its still."""
    page = np.asarray(letter.picture.resize((720, 1018)))
    other = landscape((720, 1018))
    examiner = Examiner(ExaminerConfig(engine="rapidocr", accept_unissued=True))
    examined = examiner.examine_image(video([other] * 8 + [page] * 8))
    numbers = by_kind(examined.findings, "nhs_number")
    assert numbers
    assert all(number.page > 0 for number in numbers)
    assert examined.frames == len(examined.pages)


def test_a_video_filmed_sideways_is_upright() -> None:
    """The turn that a telephone writes into the header is applied."""
    frame = np.full((240, 320, 3), 250, np.uint8)
    frame[:120, :160] = 0
    data = video([frame] * 8)
    at = data.index(b"\0\1\0\0" + b"\0" * 12 + b"\0\1\0\0" + b"\0" * 12 + b"\x40\0\0\0", data.index(b"tkhd"))
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    [page] = decode(data[:at] + quarter + data[at + 36 :]).pages
    assert page.pixels.shape == (320, 240, 3)
    assert page.pixels[40, 200].max() < 60
    assert page.pixels[40, 40].min() > 200


def test_a_long_video_is_looked_at_up_to_the_limit() -> None:
    """What lies behind the limit of seconds is not decoded, and that is noted."""
    decoded = decode(video(_scene(1, 40) + _white(10), rate=10), ImageLimits(max_video_seconds=2))
    assert not any(page.pixels.mean() > 230 for page in decoded.pages)
    assert any(note.startswith("looked at the first 2 seconds") for note in decoded.notes)


def test_a_costly_video_is_looked_at_by_key_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """A video that costs too much to decode whole is sampled."""
    monkeypatch.setattr("detectors.media.video._BUDGET_MEGAPIXELS", 2.0)
    decoded = decode(video(_scene(1, 60)))
    assert "only key frames were looked at" in decoded.notes


def test_pictures_over_the_limit_are_refused() -> None:
    """The size in the header is checked first."""
    with pytest.raises(ImageUnreadable, match="megapixels"):
        decode(video(_scene(1, 4)), ImageLimits(max_megapixels=0.05))


def test_sound_alone_is_refused() -> None:
    """A file without pictures says so."""
    data = video(_scene(1, 4)).replace(b"vide", b"soun")
    with pytest.raises(ImageUnreadable):
        decode(data)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
@pytest.mark.parametrize(("codec", "container", "_type"), CODECS[:4:3])
def test_a_cut_video_gives_what_it_has_or_is_refused(
    codec: str, container: str, _type: str, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    """Half a video shows half its scenes or none; nothing is written anywhere."""
    data = video(_scene(1, 10) + _white(10) + _scene(2, 10), codec=codec, container=container)
    capfd.readouterr()
    with contextlib.suppress(ImageUnreadable):
        assert decode(data[: int(len(data) * share)]).pages
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("seed", range(12))
def test_damaged_videos_decode_or_are_refused(seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever bytes are changed, the outcome is stills or ImageUnreadable, in silence."""
    codec, container, _ = CODECS[seed % len(CODECS)]
    data = bytearray(video(_scene(1, 10) + _white(5), codec=codec, container=container))
    random = np.random.default_rng(seed)
    for at in random.integers(8, len(data), 60):
        data[at] = int(random.integers(0, 256))
    capfd.readouterr()
    with contextlib.suppress(ImageUnreadable):
        assert decode(bytes(data)).pages
    assert capfd.readouterr() == ("", "")
