"""A pinhole camera over a table: world centimetres to image pixels.

World axes: x right, y towards the photographer, z up; the table is z = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
"""Real-valued pixels or coordinates."""


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera is: angles in degrees, lengths in centimetres."""

    centre: tuple[float, float] = (0.0, 0.0)
    distance: float = 40.0
    pitch: float = 12.0
    yaw: float = 0.0
    roll: float = 0.0
    field: float = 52.0


@dataclass(frozen=True, slots=True)
class Camera:
    """A 3 x 4 projection and the size (width, height) of its image."""

    matrix: Floats
    size: tuple[int, int]

    def project(self, points: npt.ArrayLike) -> Floats:
        """World points (..., 3) to pixels (..., 2)."""
        world = np.asarray(points, np.float64)
        seen = world @ self.matrix[:, :3].T + self.matrix[:, 3]
        return np.asarray(seen[..., :2] / seen[..., 2:], np.float64)

    def ground(self) -> Floats:
        """The homography of the table, (x, y, 1) to pixels."""
        return self.matrix[:, [0, 1, 3]]

    def pixels_per_cm(self, point: tuple[float, float]) -> float:
        """How large a centimetre of the table is at a point."""
        x, y = point
        ends = self.project([[x, y, 0.0], [x + 1, y, 0.0], [x, y + 1, 0.0]])
        return float(np.linalg.norm(ends[1:] - ends[0], axis=1).mean())


def camera(view: View, size: tuple[int, int]) -> Camera:
    """The camera of a view; `field` is the angle across the longer side."""
    pitch, yaw, roll = (math.radians(a) for a in (view.pitch, view.yaw, view.roll))
    side = np.array([math.sin(yaw), math.cos(yaw), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    right = np.array([math.cos(yaw), -math.sin(yaw), 0.0])
    down = math.cos(pitch) * side - math.sin(pitch) * up
    forward = -math.sin(pitch) * side - math.cos(pitch) * up
    place = np.array([*view.centre, 0.0]) - view.distance * forward
    turned = np.stack([
        math.cos(roll) * right - math.sin(roll) * down,
        math.sin(roll) * right + math.cos(roll) * down,
        forward,
    ])  # fmt: skip
    focal = max(size) / 2 / math.tan(math.radians(view.field) / 2)
    inner = np.array([[focal, 0, size[0] / 2], [0, focal, size[1] / 2], [0, 0, 1]])
    return Camera(inner @ np.hstack([turned, (-turned @ place)[:, None]]), size)
