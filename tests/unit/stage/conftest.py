"""A small building on a small plate, seen from the front: 12 m wide, 8 m high, 30 m away."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from setpiece.core.camera import Camera
from setpiece.stage.proxy import BuildingPlan, Panel, build_proxy


@pytest.fixture(scope="session")
def camera() -> Camera:
    return Camera.looking(width=640, height=360, focal_px=700, height_m=1.6, pitch_deg=6)


@pytest.fixture(scope="session")
def house(camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """Matte (h, w) and footprint (2, 2) px of a plain rectangular front."""
    corners = np.array([[-6, 30, 0], [6, 30, 0], [6, 30, 8], [-6, 30, 8]], np.float32)
    pixels, _ = camera.project(corners)
    matte = np.zeros((camera.height, camera.width), np.float32)
    cv2.fillConvexPoly(matte, np.round(pixels - 0.5).astype(np.int32), 1.0)
    return matte, pixels[:2]


@pytest.fixture(scope="session")
def panels(camera: Camera, house: tuple[np.ndarray, np.ndarray]) -> tuple[Panel, ...]:
    return build_proxy(camera, house[0], house[1], BuildingPlan(storeys=2, storey_m=3.6, depth_m=7))
