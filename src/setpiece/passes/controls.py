"""Passes of a frame as pictures that steer a diffusion engine: display-referred, 0..1, three channels.

Place in the flow: between the frames that the stage rendered and a finishing engine. What each means is written in
:class:`setpiece.generate.finish.Control`. Scales are those of the shot, never of a frame, so that nothing pumps.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.media.colour import view16
from setpiece.passes.conventions import NO_DEPTH_M

LONGEST_FLOW_PX = 64.0
_LUMA = (0.2126, 0.7152, 0.0722)  # of display codes
_STEP = 0.06  # relative change of depth from pixel to pixel that is an edge
_BEND = 0.8  # cosine between neighbouring normals below which there is an edge


def depth_picture(depth: Plane, near_m: float) -> Rgb:
    """Inverse depth: 1 at ``near_m``, the nearest of the shot, falling as 1 / z; 0 where there is nothing.

    >>> depth_picture(np.array([[10.0, 40.0, 1e10]], np.float32), 10.0)[0, :, 0].tolist()
    [1.0, 0.25, 0.0]
    """
    there = depth < NO_DEPTH_M / 2
    value = np.where(there, near_m / np.maximum(depth, 1e-3), 0.0)
    return _grey(np.clip(value, 0, 1))


def normal_picture(normal: Rgb, axes: Float32[np.ndarray, "3 3"]) -> Rgb:
    """World normals (h, w, 3) in the camera's frame (``axes`` rows: right, up, ahead): x right, y up, z towards the camera,
    mapped from -1..1 to 0..1; the zero vector, so middle grey, where there is nothing."""
    turned = normal @ np.asarray(axes, np.float32).T
    turned[..., 2] = -turned[..., 2]
    return np.clip(0.5 + 0.5 * turned, 0, 1).astype(np.float32)


def flow_picture(u: Plane, v: Plane) -> Rgb:
    """Motion to the next frame, px, as in the file (+ v up): direction as hue, right is red, down is a quarter turn on;
    length as value, :data:`LONGEST_FLOW_PX` and more is 1."""
    turn = np.degrees(np.arctan2(-v, u)) % 360.0
    value = np.clip(np.hypot(u, v) / LONGEST_FLOW_PX, 0, 1)
    hsv = np.stack([turn, np.ones_like(turn), value], axis=-1).astype(np.float32)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.float32)


def line_picture(depth: Plane, normal: Rgb) -> Rgb:
    """1 on the edges of what the stage shows: where depth steps, or where normals of neighbours part."""
    inverse = np.where(depth < NO_DEPTH_M / 2, 1.0 / np.maximum(depth, 1e-3), 0.0)
    edge = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        here, beside = (_cut(inverse, axis, end) for end in (0, 1))
        stepped = np.abs(here - beside) > _STEP * np.maximum(np.maximum(here, beside), 1e-6)
        one, other = (_cut(normal, axis, end) for end in (0, 1))
        parted = ((one * other).sum(axis=-1) < _BEND) & (here > 0) & (beside > 0)
        _cut(edge, axis, 0)[...] |= stepped | parted
    return _grey(edge.astype(np.float32))


def grey_picture(comp: Rgb) -> Rgb:
    """The luma of a scene-linear ACEScg picture as a display shows it."""
    return _grey(view16(comp, view="plain").astype(np.float32) / 65535 @ np.array(_LUMA, np.float32))


def control_picture(kind: str, channels: Mapping[str, Plane], *, near_m: float, axes: Float32[np.ndarray, "3 3"]) -> Rgb:
    """The picture of ``kind`` (depth, normal, flow, line, grey) from a frame's channels as they stand in the file."""
    if kind == "depth":
        return depth_picture(channels["depth.Z"], near_m)
    if kind == "flow":
        return flow_picture(channels["forward.u"], channels["forward.v"])
    if kind == "grey":
        return grey_picture(np.stack([channels[name] for name in "RGB"], axis=-1))
    normal = np.stack([channels[f"N.{axis}"] for axis in "XYZ"], axis=-1)
    return normal_picture(normal, axes) if kind == "normal" else line_picture(channels["depth.Z"], normal)


def _cut(array: np.ndarray, axis: int, end: int) -> np.ndarray:
    """All but the last (``end`` 0) or the first (1) of an axis, as a view."""
    keep = slice(None, -1) if end == 0 else slice(1, None)
    return array[keep] if axis == 0 else array[:, keep]


def _grey(plane: np.ndarray) -> Rgb:
    return np.repeat(np.asarray(plane, np.float32)[..., None], 3, axis=2)
