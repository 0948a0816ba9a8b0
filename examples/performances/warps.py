"""Where every pixel of a frame comes from, and where every point of the portrait goes: exact both ways.

First jaw and lids move skin up and down (inverted column by column), then brows and mouth push it softly, then the head
turns in space, easing out down the neck, seen by a long lens. The last two are one smooth map, inverted by Newton steps on
a coarse grid. Everything painted on the portrait goes through the same map, so that the truth is the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from examples.performances.head import Head, smoothstep
from examples.performances.motion import Pose

from setpiece.core.arrays import Float32

STEP = 4  # px between the points of the coarse grid
OPEN = 0.17  # the jaw wholly open, in distances between the eyes
LENS = 14.0  # distance of the camera, in the same
_STEPS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """One instant's maps, (h, w, 2), px from the first pixel's centre.

    ``skin``: the point of the portrait that each pixel of the frame shows. ``skull``: the same for what does not go with
    jaw and lids (teeth, eyes). ``forward``: where each point of the portrait lies in the frame.
    """

    skin: Float32[np.ndarray, "h w 2"]
    skull: Float32[np.ndarray, "h w 2"]
    forward: Float32[np.ndarray, "h w 2"]


def pixel_grid(shape: tuple[int, ...], step: int = 1) -> Float32[np.ndarray, "h w 2"]:
    """Positions of all pixels, or of every ``step``-th one and one beyond the border."""
    height, width = shape[:2]
    beyond = 0 if step == 1 else step
    y, x = np.mgrid[0 : height + beyond : step, 0 : width + beyond : step].astype(np.float32)
    return np.stack([x, y], axis=2)


def sampled(plane: np.ndarray, at: np.ndarray, *, cubic: bool = False) -> np.ndarray:
    """``plane`` (h, w[, c]) at positions (…, 2), px; its border beyond it."""
    import cv2

    how = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
    flat = at if at.ndim == 3 else at.reshape(-1, 1, 2)
    out = cv2.remap(plane, np.ascontiguousarray(flat[..., 0]), np.ascontiguousarray(flat[..., 1]), how,
                    borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return out if at.ndim == 3 else out.reshape(at.shape[:-1] + plane.shape[2:])


def _upsampled(coarse: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    import cv2

    matrix = np.array([[STEP, 0, 0], [0, STEP, 0]], np.float32)
    return cv2.warpAffine(coarse, matrix, (shape[1], shape[0]), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def pushed(head: Head, pose: Pose, points: np.ndarray) -> np.ndarray:
    """Where brows and mouth push points (…, 2) of the portrait: Gaussian pushes about landmarks, px."""
    iod, out = head.iod, np.zeros_like(points)
    smile, brow = pose.smile, pose.brow
    pushes = (
        ((61,), -0.055 * smile, -0.055 * smile, 0.20), ((291,), 0.055 * smile, -0.055 * smile, 0.20),
        ((50,), -0.012 * smile, -0.030 * smile, 0.30), ((280,), 0.012 * smile, -0.030 * smile, 0.30),
        ((105, 66), 0.0, -0.065 * brow, 0.20), ((334, 296), 0.0, -0.065 * brow, 0.20),
        ((0,), 0.0, -0.022 * pose.jaw, 0.16), ((61,), 0.020 * pose.jaw, 0.0, 0.16), ((291,), -0.020 * pose.jaw, 0.0, 0.16),
    )  # fmt: skip
    for landmarks, dx, dy, wide in pushes:
        for index in landmarks:
            if dx == 0 and dy == 0:
                continue
            x, y = head.landmarks[index, :2]
            away = (points[..., 0] - x) ** 2 + (points[..., 1] - y) ** 2
            weight = np.exp(-away / (2 * (wide * iod) ** 2)) * (iod / len(landmarks))
            out[..., 0] += weight * dx
            out[..., 1] += weight * dy
    return (points + out).astype(np.float32)


def turned(head: Head, pose: Pose, points: np.ndarray, depth: np.ndarray, carried: np.ndarray) -> np.ndarray:
    """Points (…, 2) of the portrait at ``depth`` (px about the pivot) after the head turned, moved and was seen."""
    px, py, _ = head.pivot
    iod = head.iod
    yaw, pitch, roll = (np.deg2rad(angle) * carried for angle in (pose.yaw, pose.pitch, pose.roll))
    x, y, z = points[..., 0] - px, points[..., 1] - py, depth
    # yaw positive: the nose goes right; nearer is smaller z
    x, z = x * np.cos(yaw) - z * np.sin(yaw), x * np.sin(yaw) + z * np.cos(yaw)
    # pitch positive: the nose goes up
    y, z = y * np.cos(pitch) + z * np.sin(pitch), -y * np.sin(pitch) + z * np.cos(pitch)
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    # seen from the camera already: only the change of depth changes the size
    size = (LENS * iod + depth) / (LENS * iod + z) * (1 + (pose.scale - 1) * carried)
    body = bodily(head, points[..., 1])
    out_x = px + x * size + (carried * pose.x + body * pose.sway_x + pose.drift_x) * iod
    out_y = py + y * size + (carried * pose.y + body * pose.sway_y + pose.drift_y) * iod
    return np.stack([out_x, out_y], axis=-1).astype(np.float32)


def bodily(head: Head, rows: np.ndarray) -> np.ndarray:
    """How much of the body's sway a row of the picture takes part in, 0 above the jaw to 1 at the shoulders."""
    return smoothstep((rows - head.landmarks[152, 1] + 0.4 * head.iod) / (1.1 * head.iod))


def lowered(head: Head, pose: Pose) -> np.ndarray:
    """How far jaw and lids take each pixel of the portrait down, (h, w), px."""
    return (head.jaw * (OPEN * head.iod * pose.jaw) + head.lids * pose.blink).astype(np.float32)


def points_at(head: Head, pose: Pose, points: np.ndarray | None = None) -> Float32[np.ndarray, "n 2"]:
    """Where points (n, 2) of the portrait lie in the frame; the landmarks where none are given."""
    points = head.landmarks[:, :2] if points is None else points
    down = sampled(lowered(head, pose), points)
    moved = (points + np.stack([np.zeros_like(down), down], axis=-1)).astype(np.float32)
    return turned(head, pose, pushed(head, pose, moved), sampled(head.depth, moved), sampled(head.carried, moved))


def maps_of(head: Head, pose: Pose) -> Maps:
    """The maps of one instant. Their round trip closes to a few hundredths of a pixel on the head."""
    shape = head.depth.shape
    coarse, fine = pixel_grid(shape, STEP), pixel_grid(shape)
    onward = turned(head, pose, pushed(head, pose, coarse), sampled(head.depth, coarse), sampled(head.carried, coarse)) - coarse
    skull = fine + _upsampled(_inverted(onward, coarse), shape)
    down = lowered(head, pose)
    skin = skull
    if np.abs(down).max() > 1e-3:
        table = _columns_inverted(down)
        skin = np.stack([skull[..., 0], skull[..., 1] + sampled(table, skull)], axis=2)
    moved = fine.copy()
    moved[..., 1] += down
    forward = moved + sampled(_upsampled(onward, shape), moved)
    return Maps(skin=skin, skull=skull, forward=forward)


def _inverted(onward: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """What to add to each point of ``grid`` to find the point that the tabulated smooth displacement takes there.

    Newton's method, damped. Displacements are tabulated, not positions: they vary slowly, so that a coarse table does.
    """
    across, down = (np.gradient(onward, STEP, axis=axis) for axis in (1, 0))
    jacobian = np.concatenate([across, down], axis=2).astype(np.float32)  # of x and y across, of x and y down
    guess = grid - onward
    for _ in range(_STEPS):
        j = sampled(jacobian, guess / STEP)
        miss = grid - guess - sampled(onward, guess / STEP, cubic=True)
        a, b, c, d = 1 + j[..., 0], j[..., 2], j[..., 1], 1 + j[..., 3]
        determinant = np.maximum(a * d - b * c, 0.25)
        step_x = (d * miss[..., 0] - b * miss[..., 1]) / determinant
        step_y = (a * miss[..., 1] - c * miss[..., 0]) / determinant
        guess = guess + np.clip(np.stack([step_x, step_y], axis=2), -8, 8)
    return (guess - grid).astype(np.float32)


def _columns_inverted(down: np.ndarray) -> np.ndarray:
    """What to add to a row to find the row that went there, for rows + ``down`` rising in each column."""
    height = down.shape[0]
    rows = np.arange(height, dtype=np.float64)
    out = np.zeros_like(down)
    for column in np.flatnonzero(np.abs(down).max(axis=0) > 1e-3):
        image = np.maximum.accumulate(rows + down[:, column])
        out[:, column] = np.interp(rows, image, rows) - rows
    return out
