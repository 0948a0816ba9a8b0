"""The light in the plate, as far as a relight needs it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Sun and sky, relative to one another.

    ``azimuth_deg`` is where the sun stands, clockwise from the viewing direction seen from above (0: in front of the
    camera, behind the building; 90: to the right; 180: behind the camera). ``elevation_deg`` is above the horizon.
    ``sun_rgb`` is the irradiance on a surface that faces the sun, ``sky_rgb`` the irradiance of the whole unobstructed
    sky on a level surface, both in ACEScg, in plate units (a diffuse albedo a in full sun and sky shows a * E).
    ``sun_size_deg`` is the angular diameter used for soft shadows.
    """

    azimuth_deg: float
    elevation_deg: float
    sun_rgb: tuple[float, float, float]
    sky_rgb: tuple[float, float, float]
    sun_size_deg: float = 0.53
    confidence: float = 0.0

    @property
    def direction(self) -> tuple[float, float, float]:
        """Unit vector from the scene to the sun, in the world of a camera that looks along +y."""
        azimuth, elevation = np.radians([self.azimuth_deg, self.elevation_deg])
        return (
            float(np.sin(azimuth) * np.cos(elevation)),
            float(np.cos(azimuth) * np.cos(elevation)),
            float(np.sin(elevation)),
        )
