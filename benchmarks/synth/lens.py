"""What a phone's lens, sensor and encoder do to the light: blur, noise, tone, JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.synth.optics import Floats

Raster = npt.NDArray[np.uint8]
"""An RGB picture, (height, width, 3)."""


@dataclass(frozen=True, slots=True)
class Lens:
    """How well the picture was taken; blur in pixels of the final picture, noise as a share of white."""

    defocus: float = 0.5
    motion: float = 0.0
    motion_angle: float = 20.0
    noise: float = 0.012
    vignette: float = 0.18
    sharpen: float = 0.5


def to_light(picture: Raster) -> Floats:
    """sRGB bytes to linear light, 0 to 1."""
    return np.power(picture.astype(np.float32) / 255, 2.2).astype(np.float32)


def to_bytes(light: Floats) -> Raster:
    """Linear light to sRGB bytes with a soft shoulder near white."""
    rolled = np.where(light > 0.8, 0.8 + 0.2 * np.tanh((light - 0.8) / 0.2), light)
    return np.asarray(np.rint(np.power(np.clip(rolled, 0, 1), 1 / 2.2) * 255), np.uint8)


def expose(light: Floats, lens: Lens, noise: np.random.Generator) -> Raster:
    """Blur, vignette, noise, the phone's smoothing and its sharpening, in the order a camera has them."""
    seen = _motion(_defocus(light, lens.defocus), lens.motion, lens.motion_angle)
    seen = seen * _vignette(seen.shape[:2], lens.vignette)
    seen = _grain(seen, lens.noise, noise)
    picture = to_bytes(seen)
    if lens.sharpen:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.4)
        picture = np.asarray(cv2.addWeighted(picture, 1 + lens.sharpen, soft, -lens.sharpen, 0), np.uint8)
    return picture


def _defocus(light: Floats, radius: float) -> Floats:
    if radius <= 0:
        return light
    if radius < 1.5:
        return cv2.GaussianBlur(light, (0, 0), radius).astype(np.float32)
    side = int(np.ceil(radius)) * 2 + 1
    grid = np.hypot(*np.mgrid[-(side // 2) : side // 2 + 1, -(side // 2) : side // 2 + 1])
    disc = np.clip(radius + 0.5 - grid, 0, 1)
    return cv2.filter2D(light, -1, disc / disc.sum()).astype(np.float32)


def _motion(light: Floats, length: float, angle: float) -> Floats:
    if length < 1:
        return light
    side = int(np.ceil(length)) | 1
    kernel = np.zeros((side, side), np.float32)
    kernel[side // 2] = 1
    turn = cv2.getRotationMatrix2D((side / 2 - 0.5, side / 2 - 0.5), angle, 1)
    kernel = cv2.warpAffine(kernel, turn, (side, side)).astype(np.float32)
    return cv2.filter2D(light, -1, kernel / kernel.sum()).astype(np.float32)


def _vignette(shape: tuple[int, ...], depth: float) -> Floats:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.asarray(1 - depth * ((x * x + y * y) / 2) ** 1.5, np.float32)[..., None]


def _grain(light: Floats, amount: float, noise: np.random.Generator) -> Floats:
    luma = noise.normal(0, 1, light.shape[:2]).astype(np.float32)
    chroma = noise.normal(0, 1, (light.shape[0] // 2, light.shape[1] // 2, 3)).astype(np.float32)
    colour = cv2.resize(chroma, (light.shape[1], light.shape[0]), interpolation=cv2.INTER_LINEAR)
    grain = cv2.GaussianBlur(luma, (0, 0), 0.7)[..., None] * 1.4 + 0.5 * colour
    return np.asarray(light + amount * np.sqrt(np.clip(light, 0.004, 1)) * grain, np.float32)


def to_jpeg(picture: Raster, quality: int) -> bytes:
    """The bytes of a JPEG, chroma halved as every platform does."""
    buffer = BytesIO()
    Image.fromarray(picture).save(
        buffer, "JPEG", quality=quality, optimize=True, progressive=True, subsampling=2
    )
    return buffer.getvalue()


def recompress(picture: Raster, quality: int) -> Raster:
    """The picture after one more trip through a messenger."""
    with Image.open(BytesIO(to_jpeg(picture, quality))) as image:
        return np.asarray(image.convert("RGB"), np.uint8)
