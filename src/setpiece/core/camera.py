"""The shot's camera: a pinhole with square pixels, in metres, z up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from setpiece.core.arrays import Float32, Points, frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Pinhole camera.

    ``axes`` rows are the world directions of image right, image up and the viewing direction: orthonormal.
    ``position_m`` is the eye. ``focal_px`` and ``centre_px`` are in pixels of ``width`` x ``height``.
    """

    width: int
    height: int
    focal_px: float
    centre_px: tuple[float, float]
    position_m: tuple[float, float, float]
    axes: Float32[np.ndarray, "3 3"]

    def __post_init__(self) -> None:
        frozen(self.axes)

    @classmethod
    def looking(
        cls,
        *,
        width: int,
        height: int,
        focal_px: float,
        height_m: float,
        pitch_deg: float = 0.0,
        roll_deg: float = 0.0,
        centre_px: tuple[float, float] | None = None,
    ) -> Camera:
        """A camera ``height_m`` above the origin that looks along +y; positive pitch looks up, positive roll turns
        the camera clockwise as seen from behind it (the picture's horizon then climbs to the left)."""
        pitch, roll = np.radians([pitch_deg, roll_deg])
        right = np.array([1.0, 0.0, 0.0])
        forward = np.array([0.0, np.cos(pitch), np.sin(pitch)])
        up = np.array([0.0, -np.sin(pitch), np.cos(pitch)])
        right, up = np.cos(roll) * right - np.sin(roll) * up, np.sin(roll) * right + np.cos(roll) * up
        return cls(
            width=width,
            height=height,
            focal_px=float(focal_px),
            centre_px=centre_px or (width / 2, height / 2),
            position_m=(0.0, 0.0, float(height_m)),
            axes=np.stack([right, up, forward]).astype(np.float32),
        )

    def scaled(self, scale: float) -> Camera:
        """The same camera for a picture ``scale`` times the size (rounded to whole pixels)."""
        width, height = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        sx, sy = width / self.width, height / self.height
        return replace(
            self,
            width=width,
            height=height,
            focal_px=self.focal_px * sx,
            centre_px=(self.centre_px[0] * sx, self.centre_px[1] * sy),
        )

    def project(self, points: Points) -> tuple[np.ndarray, np.ndarray]:
        """World points (n, 3) to pixels (n, 2) and depth along the viewing axis (n), float32. Depth <= 0 is behind."""
        local = (np.asarray(points, np.float32) - np.asarray(self.position_m, np.float32)) @ self.axes.T
        depth = local[:, 2]
        safe = np.where(np.abs(depth) < 1e-6, np.float32(1e-6), depth)
        x = self.centre_px[0] + self.focal_px * local[:, 0] / safe
        y = self.centre_px[1] - self.focal_px * local[:, 1] / safe
        return np.stack([x, y], axis=1).astype(np.float32), depth.astype(np.float32)

    def rays(self, pixels: np.ndarray) -> Points:
        """Unit world directions (n, 3) through pixel coordinates (n, 2)."""
        pixels = np.asarray(pixels, np.float64)
        x = (pixels[:, 0] - self.centre_px[0]) / self.focal_px
        y = -(pixels[:, 1] - self.centre_px[1]) / self.focal_px
        directions = np.stack([x, y, np.ones_like(x)], axis=1) @ self.axes.astype(np.float64)
        return (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)

    def horizon_y(self, x: float | None = None) -> float:
        """The pixel row of the horizon at column ``x`` (default: the principal point's column)."""
        right, up, forward = (float(row[2]) for row in self.axes)
        column = self.centre_px[0] if x is None else x
        return self.centre_px[1] + (self.focal_px * forward + (column - self.centre_px[0]) * right) / max(up, 1e-6)

    def on_ground(self, pixels: np.ndarray, *, ground_z_m: float = 0.0) -> Points:
        """Where pixels (n, 2) meet the ground plane; NaN where they look at or above the horizon."""
        directions = self.rays(pixels).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = (ground_z_m - self.position_m[2]) / directions[:, 2]
        distance = np.where((directions[:, 2] < -1e-6), distance, np.nan)
        return (np.asarray(self.position_m) + directions * distance[:, None]).astype(np.float32)
