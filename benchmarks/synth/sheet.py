"""A sheet of paper that lies, is folded and curls; how its points get into the picture and back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.synth.optics import Camera, Floats


@dataclass(frozen=True, slots=True)
class Relief:
    """How a sheet stands off the table; lengths in centimetres, sheet axes from its centre."""

    folds: tuple[tuple[str, float, float], ...] = ()
    """(axis "x" or "y", position, height): a crease raised (or sunk) along a line."""
    curl: float = 0.0
    """Lift of the bottom right corner (positive) or bottom left corner (negative)."""
    wave: float = 0.0
    """Amplitude of the gentle swell of damp paper or a soft ground."""
    bow: float = 0.0
    """Height of a cylinder about the long axis, as of a sheet across two knees or a band."""

    def height(self, x: Floats, y: Floats, size: tuple[float, float]) -> Floats:
        """z at sheet coordinates; never below the table."""
        width, tall = size
        z: Floats = np.full_like(x + y, 0.05)
        for axis, place, rise in self.folds:
            z = z + rise * np.exp(-np.abs((x if axis == "x" else y) - place) / (0.16 * tall))
        if self.curl:
            along = (math.copysign(1, self.curl) * x / width + y / tall) - 0.45
            z = z + abs(self.curl) * 4 * np.clip(along, 0, None) ** 2
        z = z + self.wave * (np.sin(x * 5.1 / width + y * 3.7 / tall) + 1) * 0.5
        z = z + self.bow * (1 - (2 * x / width) ** 2)
        return np.clip(z, 0.0, None).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed sheet on the table: its size, where it lies, how it is turned (degrees), its relief."""

    size: tuple[float, float]
    at: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    relief: Relief = Relief()

    def place(self, x: Floats, y: Floats) -> Floats:
        """Sheet coordinates to world points (..., 3)."""
        c, s = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        z = self.relief.height(x, y, self.size)
        return np.stack([self.at[0] + c * x - s * y, self.at[1] + s * x + c * y, z], axis=-1)

    def project(self, eye: Camera, points: npt.ArrayLike, pixels: tuple[int, int]) -> Floats:
        """Pixels of the print, (..., 2) in a raster of that (width, height), to pixels of the picture."""
        at = np.asarray(points, np.float32)
        x = (at[..., 0] / pixels[0] - 0.5) * self.size[0]
        y = (at[..., 1] / pixels[1] - 0.5) * self.size[1]
        return eye.project(self.place(x, y))

    def flat(self, eye: Camera) -> Floats:
        """The homography sheet coordinates -> picture if the sheet were flat on the table."""
        c, s = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        lie = np.array([[c, -s, self.at[0]], [s, c, self.at[1]], [0, 0, 1]])
        return np.asarray(eye.ground() @ lie, np.float64)

    def coordinates(self, eye: Camera, rounds: int = 8, step: int = 1) -> tuple[Floats, Floats]:
        """For every pixel of the picture, the sheet coordinates seen there.

        A fixed point: the flat sheet's inverse, corrected by how far the relief moves the point. With a
        `step` it is found at every so-many-th pixel and the rest lies between: a crease gets a little softer.
        """
        width, height = eye.size
        forth = self.flat(eye)
        back = np.linalg.inv(forth)
        across, along = (np.arange(0, side + step - 1, step, dtype=np.float32) for side in eye.size)
        px, py = np.meshgrid(across, along)
        x, y = _apply(back, px, py)
        for _ in range(rounds):
            cx, cy = self._clamp(x, y)
            seen = eye.project(self.place(cx, cy))
            fx, fy = _apply(forth, cx, cy)
            x, y = _apply(back, px - (seen[..., 0] - fx), py - (seen[..., 1] - fy))
        return (x, y) if step == 1 else (_between(x, step, width, height), _between(y, step, width, height))

    def _clamp(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        reach = 0.6 * max(self.size)
        return np.clip(x, -reach, reach), np.clip(y, -reach, reach)

    def outline(self, eye: Camera, lift: tuple[float, float] = (0.0, 0.0)) -> npt.NDArray[np.int32]:
        """The edge as a polygon in the picture; `lift` drops each point to the ground, moved by height."""
        half_x, half_y = self.size[0] / 2, self.size[1] / 2
        t = np.linspace(-1, 1, 40, dtype=np.float32)
        one = np.ones_like(t)
        x = np.concatenate([t * half_x, one * half_x, -t * half_x, -one * half_x])
        y = np.concatenate([-one * half_y, t * half_y, one * half_y, -t * half_y])
        world = self.place(x, y)
        if lift != (0.0, 0.0):
            z = world[:, 2] + 0.12
            world = np.stack([world[:, 0] + lift[0] * z, world[:, 1] + lift[1] * z, np.zeros_like(z)], -1)
        return np.rint(eye.project(world)).astype(np.int32)


def _apply(matrix: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    fx = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / depth
    fy = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / depth
    return fx.astype(np.float32), fy.astype(np.float32)


def shading(sheet: Sheet, x: Floats, y: Floats, light: tuple[float, float, float]) -> Floats:
    """Lambert shading of the relief, 1 where the sheet is level; `light` points towards the lamp."""
    step = 0.08
    z = sheet.relief.height(x, y, sheet.size)
    dx = (sheet.relief.height(x + step, y, sheet.size) - z) / step
    dy = (sheet.relief.height(x, y + step, sheet.size) - z) / step
    lx, ly, lz = light
    lambert = (-dx * lx - dy * ly + lz) / np.sqrt(dx * dx + dy * dy + 1) / lz
    return cv2.GaussianBlur(np.clip(lambert, 0.35, 1.35).astype(np.float32), (0, 0), 1.2).astype(np.float32)


def _between(coarse: Floats, step: int, width: int, height: int) -> Floats:
    shrink = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    small = coarse.astype(np.float32)
    full = cv2.warpAffine(small, shrink, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(full, np.float32)
