"""The room or street of a photograph as a box around its camera: which plane each pixel sees, and where on it, in metres.

Place in the flow: after the camera solve, before anything is re-dressed. The world is that of :meth:`Camera.looking`, the floor
at z = 0. A plane's coordinates run in metres, u to the right as one faces it and v up (on floor and ceiling: v towards the
camera from the back wall); on the walls u counts from the corner with the back wall's left edge, so that a paper goes round the
corners in one piece. It refuses polygons that lie outside the frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from setpiece.core.arrays import Float32, Ids, Plane
from setpiece.core.camera import Camera
from setpiece.core.dressing import PLANES
from setpiece.core.errors import MatteError, StageError

FAR_M = 2000.0  # where an open side ends
_NEAR_M = 0.02
_FINE = 4  # coverage is counted on so many sub-pixels a side


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoBox:
    """The box, in metres from the eye's plumb line: ``back_m`` to the back wall, ``left_m`` and ``right_m`` to the side walls
    (None: not in the picture, or none), ``height_m`` floor to ceiling (None: open). ``turn_deg``: + where the back wall's right
    end recedes."""

    turn_deg: float
    back_m: float
    left_m: float | None
    right_m: float | None
    height_m: float | None

    def axes(self) -> np.ndarray:
        """Rows across, depth and up of the box in the world (3, 3), float64."""
        turn = math.radians(self.turn_deg)
        return np.array([[math.cos(turn), math.sin(turn), 0.0], [-math.sin(turn), math.cos(turn), 0.0], [0.0, 0.0, 1.0]])

    @property
    def sides_m(self) -> tuple[float, float]:
        """Where the side walls stand across, metres; far off where there is none."""
        return (-FAR_M if self.left_m is None else -self.left_m, FAR_M if self.right_m is None else self.right_m)

    @property
    def planes(self) -> tuple[str, ...]:
        """The planes that there are, in the order of their numbers."""
        missing = {"left": self.left_m is None, "right": self.right_m is None, "ceiling": self.height_m is None}
        return tuple(name for name in PLANES if not missing.get(name, False))

    @property
    def _origin_m(self) -> float:
        """Across: where u of the back wall is 0."""
        return 0.0 if self.left_m is None else -self.left_m


def surface_at(box: PhotoBox, camera: Camera, plane: str, pixels: np.ndarray) -> Float32[np.ndarray, "n 2"]:
    """Coordinates (n, 2) in metres on ``plane`` under ``pixels`` (n, 2), as if it had no end; NaN where the pixel looks
    away."""
    rays = camera.rays(pixels).astype(np.float64) @ box.axes().T
    eye = camera.position_m[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = _reach(box, eye, plane, rays)
        reach = np.where(reach > 0, reach, np.nan)
        across, depth, up = (reach * rays[:, k] for k in range(3))
    u, v = _coordinates(box, plane, across, depth, up + eye)
    return np.stack([u, v], 1).astype(np.float32)


def _reach(box: PhotoBox, eye: float, plane: str, rays: np.ndarray) -> np.ndarray:
    """How far along each ray the plane lies, in lengths of the ray; <= 0 or not finite where it is not met."""
    left, right = box.sides_m
    if plane == "back":
        return box.back_m / rays[:, 1]
    if plane == "left":
        return left / rays[:, 0]
    if plane == "right":
        return right / rays[:, 0]
    if plane == "floor":
        return -eye / rays[:, 2]
    if box.height_m is None:
        raise StageError("an open box has no ceiling", remedy="state box.height_m")
    return (box.height_m - eye) / rays[:, 2]


def _coordinates(
    box: PhotoBox, plane: str, across: np.ndarray, depth: np.ndarray, height: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    right = box.sides_m[1]
    if plane == "back":
        return across - box._origin_m, height
    if plane == "left":
        return depth - box.back_m, height
    if plane == "right":
        return right - box._origin_m + box.back_m - depth, height
    return across - box._origin_m, box.back_m - depth


def seen_planes(box: PhotoBox, camera: Camera, size: tuple[int, int]) -> Ids:
    """Which plane each pixel of a picture of ``size`` sees: its number in PLANES from 0, -1 for none (the sky)."""
    scaled = camera.scaled(size[0] / camera.width)
    xs, ys = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    rays = scaled.rays(np.stack([xs.ravel(), ys.ravel()], 1)).astype(np.float64) @ box.axes().T
    best = np.full(len(rays), FAR_M * 4)
    which = np.full(len(rays), -1, np.int32)
    with np.errstate(divide="ignore", invalid="ignore"):
        for name in box.planes:
            reach = _reach(box, camera.position_m[2], name, rays)
            nearer = np.isfinite(reach) & (reach > 0) & (reach < best)
            best[nearer], which[nearer] = reach[nearer], PLANES.index(name)
    return which.reshape(size[1], size[0])


def polygon_of(box: PhotoBox, camera: Camera, plane: str) -> np.ndarray:
    """The outline (n, 2) of ``plane`` in the picture, px, clipped to the frame; (0, 2) where it is not in it."""
    left, right = box.sides_m
    top = FAR_M if box.height_m is None else box.height_m
    near, far = -FAR_M, box.back_m
    faces = {
        "back": [(left, far, 0.0), (left, far, top), (right, far, top), (right, far, 0.0)],
        "left": [(left, near, 0.0), (left, near, top), (left, far, top), (left, far, 0.0)],
        "right": [(right, near, 0.0), (right, near, top), (right, far, top), (right, far, 0.0)],
        "floor": [(left, near, 0.0), (left, far, 0.0), (right, far, 0.0), (right, near, 0.0)],
        "ceiling": [(left, near, top), (left, far, top), (right, far, top), (right, near, top)],
    }
    world = np.array(faces[plane]) @ box.axes()
    local = (world - np.asarray(camera.position_m)) @ camera.axes.astype(np.float64).T
    local = _clipped(local, lambda p: p[:, 2] - _NEAR_M)
    if len(local) < 3:
        return np.zeros((0, 2))
    x = camera.centre_px[0] + camera.focal_px * local[:, 0] / local[:, 2]
    y = camera.centre_px[1] - camera.focal_px * local[:, 1] / local[:, 2]
    return in_frame(np.stack([x, y], 1), (camera.width, camera.height))


def in_frame(polygon: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A convex or plain polygon (n, 2) clipped to the frame (Sutherland and Hodgman 1974); (0, 2) where nothing is left."""
    width, height = size
    points = np.asarray(polygon, np.float64)
    for side in (
        lambda p: p[:, 0],
        lambda p: width - p[:, 0],
        lambda p: p[:, 1],
        lambda p: height - p[:, 1],
    ):
        points = _clipped(points, side)
        if len(points) < 3:
            return np.zeros((0, 2))
    return points


def _clipped(points: np.ndarray, inside: object) -> np.ndarray:
    """The part of a polygon (n, k) where ``inside(points)`` is not negative."""
    if len(points) < 3:
        return points[:0]
    distance = np.asarray(inside(points))  # type: ignore[operator]
    kept = []
    for i in range(len(points)):
        j = (i + 1) % len(points)
        a, b = float(distance[i]), float(distance[j])
        if a >= 0:
            kept.append(points[i])
        if (a >= 0) != (b >= 0):
            kept.append(points[i] + (points[j] - points[i]) * (a / (a - b)))
    return np.array(kept).reshape(-1, points.shape[1])


def coverage_of(polygon: np.ndarray, size: tuple[int, int], *, name: str = "polygon") -> Plane:
    """How much of each pixel lies in ``polygon`` (n, 2), px: (h, w), 0..1, edges to a fraction of a pixel.

    Raises :class:`MatteError` where it has fewer than three corners, or nothing of it lies in the frame.
    """
    points = np.asarray(polygon, np.float64)
    if len(points) < 3:
        raise MatteError(f"{name} has fewer than three corners", remedy="state at least three [x, y], px")
    if not len(in_frame(points, size)):
        raise MatteError(
            f"{name} lies outside of the picture, which is {size[0]}x{size[1]}",
            remedy="state [x, y] in px of the plate, from its top left corner",
        )
    left, top = np.maximum(np.floor(points.min(0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(points.max(0)).astype(int) + 1, size)
    fine = np.zeros(((bottom - top) * _FINE, (right - left) * _FINE), np.uint8)
    at = (np.clip(points, -4 * max(size), 5 * max(size)) - (left, top)) * _FINE - 0.5
    corners = np.round(at * 16).astype(np.int32)
    cv2.fillPoly(fine, [corners], 255, shift=4)
    cv2.polylines(fine, [corners], True, 128, shift=4)  # the library counts the rim as inside: half of it is
    coverage = np.zeros((size[1], size[0]), np.float32)
    part = cv2.resize(fine, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    coverage[top:bottom, left:right] = part.astype(np.float32) / 255
    return coverage


def from_corners(corners_px: np.ndarray, camera: Camera, *, turn_deg: float) -> PhotoBox:
    """The box whose back wall has these corners (4, 2) px: top left, top right, bottom right, bottom left. ``camera`` has
    its eye height; the turn is as found. Raises :class:`StageError` where they make no wall that stands on the floor."""
    box = PhotoBox(turn_deg=turn_deg, back_m=1.0, left_m=None, right_m=None, height_m=None)
    rays = camera.rays(np.asarray(corners_px, np.float64)).astype(np.float64) @ box.axes().T
    if (rays[:, 1] <= 1e-3).any():
        raise StageError(
            "box.back_px: a corner lies behind the camera's back wall", remedy="check its corners and box.turn_deg"
        )
    x, z = rays[:, 0] / rays[:, 1], rays[:, 2] / rays[:, 1]
    foot, top = 0.5 * (z[2] + z[3]), 0.5 * (z[0] + z[1])
    left, right = 0.5 * (x[0] + x[3]), 0.5 * (x[1] + x[2])
    if foot >= -1e-3 or top <= foot or right <= left:
        raise StageError(
            "box.back_px: these corners make no wall that stands on the floor below the eye",
            remedy="write top left, top right, bottom right, bottom left; or check the camera's horizon",
        )
    eye = camera.position_m[2]
    back = -eye / foot
    return PhotoBox(
        turn_deg=turn_deg,
        back_m=back,
        left_m=-left * back if left < 0 else None,
        right_m=right * back if right > 0 else None,
        height_m=eye + top * back,
    )
