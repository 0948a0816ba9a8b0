"""The numbers of the street: camera, sun, factory. Pure values; nothing here knows Blender.

World: metres, z up, the camera above the origin looking along +y. Factory: x along the facade from its left end,
y inward from the facade, z up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

SEED = 1937


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The photographer: a 35 mm still camera on a low tripod, tilted up a little, no shift."""

    width: int = 1920
    height: int = 1080
    focal_35mm: float = 33.0
    eye_m: float = 1.7
    pitch_deg: float = 7.4

    @property
    def focal_px(self) -> float:
        """Focal length in pixels: the 36 mm side of the frame is the picture's width."""
        return self.focal_35mm / 36.0 * self.width

    @property
    def focal_exif_mm(self) -> float:
        """The 35 mm equivalent as cameras write it, which goes by the diagonal of the picture."""
        return self.focal_px * math.hypot(36.0, 24.0) / math.hypot(self.width, self.height)

    @property
    def horizon_y(self) -> float:
        """Pixel row of the horizon at the middle column."""
        return self.height / 2 + self.focal_px * math.tan(math.radians(self.pitch_deg))

    def rays(self, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Unit world directions (..., 3) through pixel coordinates."""
        x = (columns - self.width / 2) / self.focal_px
        y = -(rows - self.height / 2) / self.focal_px
        c, s = math.cos(math.radians(self.pitch_deg)), math.sin(math.radians(self.pitch_deg))
        d = np.stack([x, c - s * y, s + c * y], axis=-1)
        return d / np.linalg.norm(d, axis=-1, keepdims=True)

    def project(self, points: np.ndarray) -> np.ndarray:
        """World points (n, 3) to pixels (n, 2)."""
        c, s = math.cos(math.radians(self.pitch_deg)), math.sin(math.radians(self.pitch_deg))
        p = np.asarray(points, float) - (0.0, 0.0, self.eye_m)
        forward, up = p[:, 1] * c + p[:, 2] * s, -p[:, 1] * s + p[:, 2] * c
        f = self.focal_px
        return np.stack([self.width / 2 + f * p[:, 0] / forward, self.height / 2 - f * up / forward], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sun:
    """A late-afternoon sun behind the photographer's left shoulder; azimuth clockwise from the view seen from above."""

    azimuth_deg: float = 247.0
    elevation_deg: float = 27.0
    to_sky: float = 4.6  # irradiance facing the sun over irradiance of the sky on level ground
    rgb: tuple[float, float, float] = (1.0, 0.855, 0.665)  # linear Rec.709, relative

    @property
    def direction(self) -> np.ndarray:
        """Unit vector from the scene to the sun."""
        a, e = math.radians(self.azimuth_deg), math.radians(self.elevation_deg)
        return np.array([math.sin(a) * math.cos(e), math.cos(a) * math.cos(e), math.sin(e)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A window or door hole in a wall, in the wall's own metres (u along, z up)."""

    u0: float
    u1: float
    z0: float
    z1: float
    storey: int
    bay: int
    kind: str = "window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factory:
    """A four-storey brick factory of 1931 with a stair tower at its left end."""

    corner_left: tuple[float, float] = (-19.2, 52.3)  # world x, y of the facade's left foot
    yaw_deg: float = -23.0
    tower_m: float = 4.4
    bay_m: float = 3.85
    bays: int = 6
    depth_m: float = 14.0
    floors_m: tuple[float, ...] = (0.0, 4.2, 7.65, 11.1)
    roof_m: float = 14.55
    parapet_m: float = 15.7
    tower_top_m: float = 17.5
    tower_out_m: float = 0.35
    wall_m: float = 0.45

    @property
    def width_m(self) -> float:
        """Length of the facade, tower included."""
        return self.tower_m + self.bays * self.bay_m

    def to_world(self, points: np.ndarray) -> np.ndarray:
        """Factory points (n, 3) to world points."""
        c, s = math.cos(math.radians(self.yaw_deg)), math.sin(math.radians(self.yaw_deg))
        p = np.asarray(points, float)
        x, y = self.corner_left
        return np.stack([x + c * p[..., 0] - s * p[..., 1], y + s * p[..., 0] + c * p[..., 1], p[..., 2]], axis=-1)

    def to_local(self, points: np.ndarray) -> np.ndarray:
        """World (n, 2 or 3) to factory x, y (n, 2)."""
        c, s = math.cos(math.radians(self.yaw_deg)), math.sin(math.radians(self.yaw_deg))
        dx, dy = points[..., 0] - self.corner_left[0], points[..., 1] - self.corner_left[1]
        return np.stack([c * dx + s * dy, -s * dx + c * dy], axis=-1)

    def heads(self, storey: int) -> tuple[float, float]:
        """Sill and head height of a storey's windows."""
        floor = self.floors_m[storey]
        return (1.35, 3.5) if storey == 0 else (floor + 0.92, floor + 2.87)

    def facade_openings(self) -> tuple[Opening, ...]:
        """The front's windows and doors, tower included."""
        found = []
        for storey in range(4):
            z0, z1 = self.heads(storey)
            for bay in range(self.bays):
                centre = self.tower_m + (bay + 0.5) * self.bay_m
                half = 1.36
                if storey == 0 and bay == 3:
                    found.append(Opening(u0=centre - 1.5, u1=centre + 1.5, z0=0.0, z1=3.5, storey=0, bay=bay, kind="gate"))
                    continue
                found.append(Opening(u0=centre - half, u1=centre + half, z0=z0, z1=z1, storey=storey, bay=bay))
        middle = self.tower_m / 2
        found.append(Opening(u0=middle - 0.85, u1=middle + 0.85, z0=0.0, z1=2.9, storey=0, bay=-1, kind="door"))
        for storey, (z0, z1) in enumerate([(4.9, 7.6), (8.3, 11.0), (11.7, 14.4)], start=1):
            found.append(Opening(u0=middle - 0.8, u1=middle + 0.8, z0=z0, z1=z1, storey=storey, bay=-1, kind="stair"))
        return tuple(found)

    def side_openings(self) -> tuple[Opening, ...]:
        """The right end wall's windows; u runs inward from the facade."""
        found = []
        for storey in range(4):
            z0, z1 = self.heads(storey)
            for bay in range(3):
                centre = 2.4 + bay * 4.55
                found.append(Opening(u0=centre - 1.1, u1=centre + 1.1, z0=z0, z1=z1, storey=storey, bay=bay))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """Everything that the picture is made from."""

    view: View = View()
    sun: Sun = Sun()
    factory: Factory = Factory()
    seed: int = SEED
