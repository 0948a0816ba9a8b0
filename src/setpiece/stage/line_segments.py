"""Straight edges of a plate, and how well they agree with directions in space.

First step of the camera solve and of the automatic matte: built things are full of long straight edges that meet in a
few vanishing points, trees and people are not. Directions here are unit vectors in camera coordinates (x right, y up,
z into the picture). It refuses nothing: a plate without edges gives an empty set, and the callers say so.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from setpiece.core.arrays import Display, Float32, Rgb, frozen
from setpiece.core.camera import Camera

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg (AP1) luminance


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Straight edges, ``ends`` (n, 4): x0, y0, x1, y1 in plate pixels, longest first."""

    ends: Float32[np.ndarray, "n 4"]

    def __post_init__(self) -> None:
        frozen(self.ends)

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def length(self) -> np.ndarray:
        """Length in pixels (n,)."""
        return np.hypot(self.ends[:, 2] - self.ends[:, 0], self.ends[:, 3] - self.ends[:, 1])

    @property
    def middle(self) -> np.ndarray:
        """Mid-points (n, 2) in pixels."""
        return (self.ends[:, :2] + self.ends[:, 2:]) / 2

    def only(self, keep: np.ndarray) -> Segments:
        """The segments that ``keep`` (bool or index) picks."""
        return Segments(ends=np.ascontiguousarray(self.ends[keep]))


def display_like(plate: Rgb, *, white: float | None = None) -> Display:
    """An 8-bit picture for OpenCV and for eyes: ``clip(x / white) ** (1 / 2.2)``, no gamut mapping.

    ``white`` is in plate units; by default the 99th percentile of luminance. Input ACEScg, any size.
    """
    if white is None:
        sample = plate[:: max(1, plate.shape[0] // 400), :: max(1, plate.shape[1] // 400)] @ LUMA
        white = max(float(np.percentile(sample, 99.0)), 1e-6)
    coded = np.power(np.clip(plate / np.float32(white), 0.0, 1.0), np.float32(1 / 2.2))
    return (coded * 255.0 + 0.5).astype(np.uint8)


def find_segments(plate: Rgb, *, longest_px: int = 1600, min_share: float = 0.012) -> Segments:
    """Straight edges of a scene-linear plate.

    Detected at most at ``longest_px`` on the long side (finer edges are texture, not building); those shorter than
    ``min_share`` of the long side are dropped. Deterministic.
    """
    height, width = plate.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    grey = cv2.cvtColor(display_like(plate), cv2.COLOR_RGB2GRAY)
    if scale < 1.0:
        grey = cv2.resize(grey, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    detected = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0] if min(grey.shape) >= 16 else None
    if detected is None:
        return Segments(ends=np.zeros((0, 4), np.float32))
    grow = np.array([width / grey.shape[1], height / grey.shape[0]] * 2, np.float32)
    ends = (detected.reshape(-1, 4) + 0.5) * grow
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    keep = length >= min_share * max(width, height)
    order = np.argsort(-length[keep], kind="stable")
    return Segments(ends=np.ascontiguousarray(ends[keep][order].astype(np.float32)))


def to_picture(directions: np.ndarray, *, focal_px: float, centre_px: tuple[float, float]) -> np.ndarray:
    """Vanishing points of camera-space ``directions`` (k, 3), homogeneous pixels (k, 3); finite where z is not 0."""
    d = np.atleast_2d(np.asarray(directions, np.float64))
    return np.stack([focal_px * d[:, 0] + centre_px[0] * d[:, 2], -focal_px * d[:, 1] + centre_px[1] * d[:, 2], d[:, 2]], 1)


def deviation_deg(segments: Segments, vanishing: np.ndarray) -> np.ndarray:
    """Angle in degrees (k, n), 0..90, between every segment and the line from its middle to every homogeneous
    vanishing point (k, 3)."""
    ends = segments.ends.astype(np.float64)
    middle = (ends[:, :2] + ends[:, 2:]) / 2
    along = ends[:, 2:] - ends[:, :2]
    v = np.asarray(vanishing, np.float64)
    to_x = v[:, None, 0] - v[:, None, 2] * middle[None, :, 0]
    to_y = v[:, None, 1] - v[:, None, 2] * middle[None, :, 1]
    cross = np.abs(along[:, 0] * to_y - along[:, 1] * to_x)
    dot = np.abs(along[:, 0] * to_x + along[:, 1] * to_y)
    return np.degrees(np.arctan2(cross, dot))


def support(segments: Segments, vanishing: np.ndarray, weight: np.ndarray, *, tolerance_deg: float) -> np.ndarray:
    """Weighted agreement (k,) of the segments with each vanishing point: a truncated parabola of the deviation."""
    miss = deviation_deg(segments, vanishing) / tolerance_deg
    return np.einsum("kn,n->k", np.maximum(0.0, 1.0 - miss * miss), weight)  # sums in a fixed order


def zenith(pitch_deg: np.ndarray | float, roll_deg: np.ndarray | float) -> np.ndarray:
    """World up in camera coordinates (k, 3), for the conventions of :meth:`Camera.looking`."""
    pitch, roll = np.radians(np.atleast_1d(pitch_deg)), np.radians(np.atleast_1d(roll_deg))
    return np.stack([-np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch), np.sin(pitch)], 1)


def level_directions(axes: np.ndarray, azimuth_deg: np.ndarray | float) -> np.ndarray:
    """Level world directions (cos a, sin a, 0) in camera coordinates (k, 3)."""
    a = np.radians(np.atleast_1d(azimuth_deg))
    world = np.stack([np.cos(a), np.sin(a), np.zeros_like(a)], 1)
    return world @ np.asarray(axes, np.float64).T


def level_support(segments: Segments, camera: Camera, *, step_deg: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """How many edges run along each level direction.

    Returns azimuths (k,) in degrees, 0 up to 180, measured from image right towards the depth, and their support (k,).
    Edges on the horizon agree with every level direction and therefore count little; upright ones do not count.
    """
    azimuth = np.arange(0.0, 180.0, step_deg)
    if len(segments) == 0:
        return azimuth, np.zeros_like(azimuth)
    lens = {"focal_px": camera.focal_px, "centre_px": camera.centre_px}
    up = camera.axes[:, 2].astype(np.float64)
    upright = deviation_deg(segments, to_picture(up, **lens))[0] < 2.0  # type: ignore[arg-type]
    weight = np.where(upright, 0.0, level_weight(segments, camera))
    points = to_picture(level_directions(camera.axes, azimuth), **lens)  # type: ignore[arg-type]
    return azimuth, support(segments, points, weight, tolerance_deg=1.2)


def level_weight(segments: Segments, camera: Camera) -> np.ndarray:
    """Weight (n,) of each segment as a witness of a level direction: its length, less where it hugs the horizon."""
    ends = segments.ends.astype(np.float64)
    rays = [
        np.stack(
            [
                (ends[:, i] - camera.centre_px[0]) / camera.focal_px,
                -(ends[:, i + 1] - camera.centre_px[1]) / camera.focal_px,
                np.ones(len(ends)),
            ],
            1,
        )
        for i in (0, 2)
    ]
    normal = np.cross(rays[0], rays[1])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    off_horizon = np.sqrt(np.maximum(0.0, 1.0 - (normal @ camera.axes[:, 2].astype(np.float64)) ** 2))
    return np.minimum(segments.length, 0.15 * camera.width) * np.minimum(1.0, off_horizon / np.sin(np.radians(5.0)))
