"""Photographs of pages: on a table, on a screen, or scanned; every mark's place goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.synth import lens as lenses
from benchmarks.synth.lens import Lens, Raster
from benchmarks.synth.light import Light, darken, illumination
from benchmarks.synth.optics import Camera, Floats, View, camera
from benchmarks.synth.sheet import Sheet, shading
from benchmarks.synth.surfaces import DENSITY, SIDE, SURFACES

_DAYLIGHT, _STEADY = Light(), Lens()


@dataclass(frozen=True, slots=True)
class Mark:
    """Personal data in a picture: kind, text, and corners in pixels, clockwise from the text's top left."""

    kind: str
    text: str
    quad: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster and the marks on it."""

    pixels: Raster
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing beside the page: an RGBA raster, its width and place in centimetres, its turn in degrees."""

    picture: npt.NDArray[np.uint8]
    width: float
    at: tuple[float, float]
    turn: float = 0.0
    above: bool = False
    """Whether it lies on the page (a thumb, a pen) rather than under it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One photograph: picture size in pixels, camera, sheet, ground, light, lens."""

    size: tuple[int, int]
    view: View
    sheet: Sheet
    surface: str
    light: Light = _DAYLIGHT
    lens: Lens = _STEADY
    props: tuple[Prop, ...] = ()
    gloss: float = 0.0
    moire: float = 0.0
    background_blur: float = 0.0
    paper: tuple[int, int, int] = field(default=(248, 247, 243))
    step: int = 1
    """Find the sheet at every so-many-th pixel only: quicker."""


def photograph(page: Picture, setting: Setting, seed: int) -> Picture:
    """Take the photograph. Same page, setting and seed: same pixels.

    1. the ground, and the things on it; 2. the sheet's shadow; 3. the sheet; 4. things on the sheet;
    5. light; 6. lens; 7. the marks, through the same geometry.
    """
    rng, noise = Random(seed), np.random.default_rng(seed)
    eye = camera(setting.view, setting.size)
    scene = _ground(eye, setting, noise)
    for prop in setting.props:
        scene = scene if prop.above else _lay(scene, prop, eye)
    scene = _cast_shadow(scene, setting, eye)
    scene = _lay_sheet(scene, page, setting, eye)
    for prop in setting.props:
        scene = _lay(scene, prop, eye) if prop.above else scene
    lit = scene * illumination(setting.light, setting.size, rng) * setting.light.exposure
    lit = lit * np.array(setting.light.cast, np.float32)
    pixels = lenses.expose(lit.astype(np.float32), setting.lens, noise)
    return Picture(pixels, _marks(page, setting.sheet, eye))


def _ground(eye: Camera, setting: Setting, noise: np.random.Generator) -> Floats:
    texture = lenses.to_light(SURFACES[setting.surface](noise))
    shrink = min(1.0, eye.pixels_per_cm(setting.view.centre) / DENSITY)
    if shrink < 0.9:
        texture = cv2.GaussianBlur(texture, (0, 0), 0.45 / shrink).astype(np.float32)
    place = np.array([[1 / DENSITY, 0, -SIDE / 2], [0, 1 / DENSITY, -SIDE / 2], [0, 0, 1]])
    seen = cv2.warpPerspective(texture, eye.ground() @ place, eye.size, borderMode=cv2.BORDER_REFLECT_101)
    if setting.background_blur:
        seen = cv2.GaussianBlur(seen, (0, 0), setting.background_blur)
    return np.asarray(seen, np.float32)


def _lay(scene: Floats, prop: Prop, eye: Camera) -> Floats:
    """Paint a flat thing, with the soft shadow its own alpha throws."""
    tall, wide = prop.picture.shape[:2]
    size = (prop.width, prop.width * tall / wide)
    flat = Sheet(size, prop.at, prop.turn).flat(eye)
    to_cm = np.array([[size[0] / wide, 0, -size[0] / 2], [0, size[1] / tall, -size[1] / 2], [0, 0, 1]])
    seen = cv2.warpPerspective(prop.picture, flat @ to_cm, eye.size, flags=cv2.INTER_AREA)
    alpha = seen[..., 3:].astype(np.float32) / 255
    reach = eye.pixels_per_cm(prop.at) * 0.35
    moved = np.array([[1, 0, reach * 0.9], [0, 1, reach * 1.1]], np.float32)
    shade = cv2.GaussianBlur(cv2.warpAffine(alpha[..., 0], moved, eye.size), (0, 0), reach)[..., None]
    below = scene * (1 - 0.5 * shade)
    colour = lenses.to_light(np.asarray(seen[..., :3], np.uint8))
    return np.asarray(below * (1 - alpha) + colour * alpha, np.float32)


def _cast_shadow(scene: Floats, setting: Setting, eye: Camera) -> Floats:
    if setting.moire:
        return scene
    scale = eye.pixels_per_cm(setting.sheet.at)
    far = setting.sheet.outline(eye, setting.light.slant)
    scene = darken(scene, far, scale * 0.30, 0.42)
    return darken(scene, setting.sheet.outline(eye), scale * 0.12, 0.35)


def _lay_sheet(scene: Floats, page: Picture, setting: Setting, eye: Camera) -> Floats:
    sheet = setting.sheet
    x, y = sheet.coordinates(eye, step=setting.step)
    printed = _sized(page.pixels, sheet, eye)
    tall, wide = printed.shape[:2]
    map_x, map_y = (x / sheet.size[0] + 0.5) * wide - 0.5, (y / sheet.size[1] + 0.5) * tall - 0.5
    seen = cv2.remap(lenses.to_light(printed), map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    ink: Floats = np.clip(np.asarray(seen, np.float32), 0, 1)
    if setting.moire:
        surface = _glow(ink, map_x, map_y, setting.moire, wide / page.pixels.shape[1])
    else:
        paper = lenses.to_light(np.array([[setting.paper]], np.uint8))
        surface = (0.025 + 0.975 * ink) * paper * shading(sheet, x, y, setting.light.towards)[..., None]
        surface = surface * (1 + 0.5 * setting.gloss * _sheen(x, y, sheet)[..., None])
    edge = np.minimum(sheet.size[0] / 2 - np.abs(x), sheet.size[1] / 2 - np.abs(y))
    cover = np.clip(edge * eye.pixels_per_cm(sheet.at) + 0.5, 0, 1)[..., None]
    return np.asarray(scene * (1 - cover) + surface * cover, np.float32)


def _sized(printed: Raster, sheet: Sheet, eye: Camera) -> Raster:
    """The print at about the resolution it is seen at, so that fine type does not alias."""
    wanted = sheet.size[0] * eye.pixels_per_cm(sheet.at) * 1.1 / printed.shape[1]
    if wanted >= 1:
        return printed
    size = (round(printed.shape[1] * wanted), round(printed.shape[0] * wanted))
    return np.asarray(cv2.resize(printed, size, interpolation=cv2.INTER_AREA), np.uint8)


def _glow(ink: Floats, map_x: Floats, map_y: Floats, strength: float, zoom: float) -> Floats:
    """A screen's own light: sub-pixel stripes sampled by the sensor, which is what makes moire."""
    pitch = 1.045
    stripes = [np.cos(2 * np.pi * (map_x / pitch + k / 3)) for k in range(3)]
    rows = np.cos(2 * np.pi * map_y / (pitch * 0.985))
    mask = 1 + strength * (np.stack(stripes, -1) + 0.6 * rows[..., None])
    return np.asarray((0.012 + 0.988 * ink) * mask, np.float32)


def _sheen(x: Floats, y: Floats, sheet: Sheet) -> Floats:
    along = (x / sheet.size[0] * 0.8 + y / sheet.size[1]) + 0.18
    return np.asarray(np.exp(-((along / 0.16) ** 2)), np.float32)


def _marks(page: Picture, sheet: Sheet, eye: Camera) -> tuple[Mark, ...]:
    size = (page.pixels.shape[1], page.pixels.shape[0])
    return tuple(Mark(m.kind, m.text, _pairs(sheet.project(eye, m.quad, size))) for m in page.marks)


def _pairs(points: Floats) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in points)


def visible(picture: Picture) -> Picture:
    """Without the marks whose centre fell outside the frame."""
    tall, wide = picture.pixels.shape[:2]
    return Picture(picture.pixels, tuple(m for m in picture.marks if _inside(m, wide, tall)))


def _inside(mark: Mark, wide: int, tall: int) -> bool:
    return all(-2 <= x <= wide + 2 and -2 <= y <= tall + 2 for x, y in mark.quad)


def moved(marks: Sequence[Mark], matrix: Floats) -> tuple[Mark, ...]:
    """Marks through a 2 x 3 affine map."""
    return tuple(
        Mark(m.kind, m.text, _pairs(np.asarray(m.quad) @ matrix[:, :2].T + matrix[:, 2])) for m in marks
    )


def scanned(page: Picture, width: int, tilt: float, seed: int) -> Picture:
    """A flatbed scan: a slight turn on white glass, a little soft, even light."""
    tall, wide = page.pixels.shape[:2]
    scale = width / wide
    matrix = np.asarray(cv2.getRotationMatrix2D((wide / 2, tall / 2), tilt, scale), np.float64)
    matrix[:, 2] += np.array([width - wide, tall * scale - tall]) / 2
    size = (width, round(tall * scale))
    small = cv2.GaussianBlur(page.pixels, (0, 0), max(0.01, 0.35 / scale))
    flat = cv2.warpAffine(small, matrix, size, flags=cv2.INTER_AREA, borderValue=(250, 250, 250))
    grain = np.random.default_rng(seed).normal(0, 1.6, flat.shape[:2])[..., None]
    pixels = np.clip(flat * 0.985 + 2 + grain, 0, 255).astype(np.uint8)
    return Picture(pixels, moved(page.marks, matrix))


def framed(picture: Picture, border: int) -> Picture:
    """A screen in its frame: a black rim, a thin light where the glass meets it."""
    rim = np.asarray(cv2.copyMakeBorder(picture.pixels, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(58, 60, 64)))
    wide = (border - 3,) * 4
    pixels = np.asarray(cv2.copyMakeBorder(rim, *wide, cv2.BORDER_CONSTANT, value=(17, 17, 19)), np.uint8)
    return Picture(pixels, moved(picture.marks, np.array([[1, 0, border], [0, 1, border]])))


def cropped(picture: Picture, box: tuple[int, int, int, int], long_side: int) -> Picture:
    """The part (left, top, right, bottom), shrunk so that its longer side has `long_side` pixels."""
    left, top, right, bottom = box
    scale = min(1.0, long_side / max(right - left, bottom - top))
    part = picture.pixels[top:bottom, left:right]
    size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    pixels = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    return visible(Picture(pixels, moved(picture.marks, matrix)))
