"""A house drawn by a known camera: the truth behind the tests of camera, matte and light."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from setpiece.core.camera import Camera

DISTANCE_M, WIDE_M, TALL_M = 30.0, 24.0, 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnHouse:
    plate: np.ndarray
    camera: Camera
    coverage: np.ndarray


def _quad(camera: Camera, x0: float, x1: float, z0: float, z1: float, turn_deg: float) -> np.ndarray:
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    corners = [(x0, z0), (x1, z0), (x1, z1), (x0, z1)]
    points = np.array([[x * c, DISTANCE_M + x * s, z] for x, z in corners], np.float32)
    return camera.project(points)[0]


@lru_cache(maxsize=16)
def draw_house(
    *,
    width: int = 720,
    height: int = 540,
    focal_px: float = 620.0,
    pitch_deg: float = 7.0,
    roll_deg: float = 0.0,
    turn_deg: float = 12.0,
    sun_side: float = -1.0,
    noise: float = 0.004,
) -> DrawnHouse:
    """A stone front with windows and a finial under a clear sky on gravel, at twice the size, then halved."""
    camera = Camera.looking(
        width=2 * width,
        height=2 * height,
        focal_px=2 * focal_px,
        height_m=1.7,
        pitch_deg=pitch_deg,
        roll_deg=roll_deg,
    )
    yy, xx = np.mgrid[0 : 2 * height, 0 : 2 * width].astype(np.float32)
    rays = camera.rays(np.stack([xx.ravel() + 0.5, yy.ravel() + 0.5], 1)).reshape(2 * height, 2 * width, 3)
    sun = np.array([sun_side * 0.75, 0.45, 0.48], np.float32)
    glow = np.exp(-3 * np.arccos(np.clip(rays @ (sun / np.linalg.norm(sun)), -1, 1)))[..., None]
    sky = np.array([0.30, 0.42, 0.62], np.float32) * (0.8 + 0.25 / (rays[..., 2:].clip(0) + 0.4)) + 0.9 * glow
    ground = np.array([0.42, 0.39, 0.34], np.float32) * np.ones_like(sky)
    picture = np.where(rays[..., 2:] > 0, sky, ground).astype(np.float32)
    cover = np.zeros((2 * height, 2 * width), np.float32)

    def fill(quad: np.ndarray, colour: tuple[float, float, float], solid: bool = True) -> None:
        corners = np.round((quad - 0.5) * 256).astype(np.int32)  # OpenCV counts from pixel centres
        mask = np.zeros(cover.shape, np.uint8)
        cv2.fillPoly(mask, [corners], 255, lineType=cv2.LINE_AA, shift=8)
        share = (mask / np.float32(255))[..., None]
        picture[:] = picture * (1 - share) + np.float32(colour) * share
        if solid:
            np.maximum(cover, share[..., 0], out=cover)

    half = WIDE_M / 2
    fill(_quad(camera, -half, half, 0, TALL_M, turn_deg), (0.16, 0.14, 0.12))
    fill(_quad(camera, 3.0, 3.5, TALL_M, TALL_M + 3, turn_deg), (0.05, 0.05, 0.05))
    for row in range(4):
        fill(_quad(camera, -half, half, 3.2 + 3.3 * row, 3.4 + 3.3 * row, turn_deg), (0.24, 0.22, 0.19))
        for column in range(8):
            x = -half + 1.2 + 2.9 * column
            fill(_quad(camera, x, x + 1.3, 0.7 + 3.3 * row, 2.6 + 3.3 * row, turn_deg), (0.03, 0.035, 0.05))
    plate = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(3)
    plate = np.maximum(plate + rng.normal(0, noise, plate.shape).astype(np.float32), 0)
    plate.setflags(write=False)
    return DrawnHouse(
        plate=plate, camera=camera.scaled(0.5), coverage=cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA)
    )
