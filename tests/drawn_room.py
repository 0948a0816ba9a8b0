"""A room drawn by rays, with everything about it known: camera, box, albedo, light, and what stands before the walls."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from setpiece.core.camera import Camera

WIDTH_M, BACK_M, HEIGHT_M, EYE_M = 4.2, 4.2, 2.7, 1.55
LEFT_M = 2.0  # from the eye to the left wall; the right one stands WIDTH_M - LEFT_M away
WALL, FLOOR, CEILING = (0.62, 0.58, 0.46), (0.16, 0.10, 0.06), (0.72, 0.70, 0.66)
SKIRTING, SOFA, FRAME, CANVAS = (0.05, 0.04, 0.035), (0.06, 0.16, 0.10), (0.16, 0.11, 0.03), (0.02, 0.03, 0.06)


@dataclass(frozen=True, slots=True)
class DrawnRoom:
    """``plate`` (h, w, 3) scene-linear with lens and grain; ``clean`` without; ``light`` (h, w, 3) on every surface; ``plane``
    (h, w) 0 back, 1 left, 2 right, 3 floor, 4 ceiling; ``front`` (h, w) where something stands before it."""

    camera: Camera
    turn_deg: float
    plate: np.ndarray
    clean: np.ndarray
    light: np.ndarray
    plane: np.ndarray
    front: np.ndarray


def draw_room(
    width: int = 480,
    height: int = 320,
    *,
    turn_deg: float = -6.0,
    wall: tuple[float, float, float] = WALL,
    grain: float = 0.004,
    soft_px: float = 0.6,
) -> DrawnRoom:
    """The room through a 24 mm lens on full frame, a sofa and a picture at the back wall, a lamp's pool and a hard shadow."""
    fine = 2
    camera = Camera.looking(width=width, height=height, focal_px=24 / 36 * width, height_m=EYE_M, pitch_deg=-3.0, roll_deg=0.4)
    big = camera.scaled(fine)
    xs, ys = np.meshgrid(np.arange(big.width) + 0.5, np.arange(big.height) + 0.5)
    rays = big.rays(np.stack([xs.ravel(), ys.ravel()], 1)).astype(np.float64)
    turn = np.radians(turn_deg)
    across, depth = np.array([np.cos(turn), np.sin(turn), 0]), np.array([-np.sin(turn), np.cos(turn), 0])
    r = np.stack([rays @ across, rays @ depth, rays[:, 2]], 1)
    with np.errstate(divide="ignore"):
        reach = np.stack([BACK_M / r[:, 1], -LEFT_M / r[:, 0], (WIDTH_M - LEFT_M) / r[:, 0], -EYE_M / r[:, 2],
                          (HEIGHT_M - EYE_M) / r[:, 2]])  # fmt: skip
    reach[(reach <= 0) | ~np.isfinite(reach)] = np.inf
    plane = np.argmin(reach, axis=0)
    at = r * reach.min(0)[:, None] + np.array([LEFT_M, 0, EYE_M])  # from the left wall, from the eye, from the floor
    x, y, z = at.T
    albedo = np.array([wall, wall, wall, FLOOR, CEILING])[plane]
    albedo[(plane < 3) & (z < 0.12)] = SKIRTING
    albedo[(plane == 3) & (np.mod(x, 0.4) < 0.012)] *= 0.4
    back = plane == 0
    sofa = back & (x > 0.9) & (x < 2.7) & (z < 0.85)
    frame = back & (abs(x - 1.8) < 0.42) & (abs(z - 1.65) < 0.32)
    canvas = back & (abs(x - 1.8) < 0.34) & (abs(z - 1.65) < 0.24)
    door = (plane == 1) & (y > 2.2) & (y < 3.1) & (z < 2.05)
    for where, colour in ((sofa, SOFA), (frame, FRAME), (canvas, CANVAS), (door, SKIRTING)):
        albedo[where] = colour
    light = _light(x, y, z, plane)
    shape = (big.height, big.width)
    front = (sofa | frame | door | ((plane < 3) & (z < 0.12))).reshape(shape)
    size = (width, height)

    def small(values: np.ndarray) -> np.ndarray:
        return cv2.resize(values.reshape(*shape, -1).astype(np.float32), size, interpolation=cv2.INTER_AREA)

    clean = small(albedo * light)
    if soft_px > 0:
        clean = cv2.GaussianBlur(clean, (0, 0), soft_px)
    noise = np.random.default_rng(5).standard_normal(clean.shape).astype(np.float32)
    plate = np.maximum(clean + grain * np.sqrt(np.maximum(clean, 0.02) / 0.2) * noise, 1e-4).astype(np.float32)
    return DrawnRoom(
        camera, turn_deg, plate, clean, small(light), plane.reshape(shape)[::fine, ::fine], small(front[..., None])
    )


def _light(x: np.ndarray, y: np.ndarray, z: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Window light from the left, a lamp's warm pool on the back wall, each plane its own share, and a hard shadow."""
    window = np.array([0.85, 1.0, 1.2]) * (0.55 * np.exp(-0.22 * x) * np.array([1, 0.4, 1.15, 0.8, 0.75])[plane])[:, None]
    far = (x - 3.5) ** 2 + (y - BACK_M + 0.3) ** 2 + (z - 1.6) ** 2
    lamp = np.array([1.3, 1.0, 0.55]) * (0.16 / (far + 0.12))[:, None]
    shade = 1 - 0.45 * ((plane == 0) & (x > 2.8) & (x < 3.1) & (z < 1.7))
    return (window * shade[:, None] + lamp + 0.08).astype(np.float32)
