"""Small stones, drawn without a mesh: each is a convex body of a dozen planes, met exactly by the rays that pass it.

There are tens of thousands of them and each covers a pixel or a few: a hierarchy would cost more than it saves. Stones
that cover less than ``SMALLEST_PX`` are left to the dust.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from setpiece.core.stage import Grit
from setpiece.generate.engines.house.film import film_of
from setpiece.generate.engines.house.shade import DEBRIS

VARIANTS, PLANES = 12, 10
SMALLEST_PX = 0.4
GRIT_PIECE = -2  # in sample buffers: debris, but no piece


def stone_templates(seed: int) -> np.ndarray:
    """(variants, planes, 4): unit outward normals and offsets of irregular convex stones that fill the unit ball."""
    rng = np.random.default_rng([seed, 71])
    golden = math.pi * (3.0 - math.sqrt(5.0))
    index = np.arange(PLANES) + 0.5
    z = 1.0 - 2.0 * index / PLANES
    r = np.sqrt(1.0 - z * z)
    even = np.stack([r * np.cos(golden * index), r * np.sin(golden * index), z], axis=1)
    normals = even[None] + rng.normal(0, 0.28, (VARIANTS, PLANES, 3))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    offsets = rng.uniform(0.55, 0.92, (VARIANTS, PLANES, 1))
    return np.concatenate([normals, offsets], axis=2).astype(np.float32)


def grit_at(grit: Grit, frame: float) -> tuple[np.ndarray, np.ndarray]:
    """Position (n, 3), NaN before birth, and angle (n,) at a fractional frame; held beyond the ends."""
    time = float(np.clip(frame - grit.first, 0, len(grit.position) - 1))
    i = min(int(time), max(len(grit.position) - 2, 0))
    j = min(i + 1, len(grit.position) - 1)
    a = np.float32(time - i)
    return grit.position[i] + a * (grit.position[j] - grit.position[i]), grit.angle[i] + a * (grit.angle[j] - grit.angle[i])


@nb.njit(cache=True, nogil=True)
def outlines(position, size, eye, axes, focal, lens_centre, width, height):  # type: ignore[no-untyped-def]
    """(n, 4) int32 pixel boxes x0, y0, x1, y1 (exclusive) of stones; empty where unborn, too small or out of view."""
    n = len(position)
    out = np.zeros((n, 4), np.int32)
    for i in range(n):
        if math.isnan(position[i, 0]):
            continue
        x, y, depth = film_of(position[i, 0], position[i, 1], position[i, 2], eye, axes, focal, lens_centre)
        radius = focal * max(size[i, 0], size[i, 1], size[i, 2]) / depth
        if depth < 0.5 or 2.0 * radius < SMALLEST_PX:
            continue
        radius += 0.5
        out[i, 0], out[i, 1] = max(math.floor(x - radius), 0), max(math.floor(y - radius), 0)
        out[i, 2], out[i, 3] = min(math.ceil(x + radius), width), min(math.ceil(y + radius), height)
    return out


@nb.njit(cache=True, nogil=True)
def draw_stones(  # type: ignore[no-untyped-def]
    boxes,
    position,
    angle,
    axis,
    size,
    colour,
    ambient,
    sun_rgb,
    sun,
    shine,
    templates,
    width,
    slot,
    directions,
    eye,
    state,
    distance,
    piece,
    colours,
    normals,
):
    """Put stones into one sample of the picture, the nearest wins. ``colour`` is albedo, ``shine`` (n,) sunlight."""
    planes = templates.shape[1]
    for g in range(len(boxes)):
        if boxes[g, 2] <= boxes[g, 0] or boxes[g, 3] <= boxes[g, 1]:
            continue
        half = 0.5 * angle[g]
        s = math.sin(half)
        w, a, b, c = math.cos(half), -s * axis[g, 0], -s * axis[g, 1], -s * axis[g, 2]
        ox, oy, oz = eye[0] - position[g, 0], eye[1] - position[g, 1], eye[2] - position[g, 2]
        tx, ty, tz = 2 * (b * oz - c * oy), 2 * (c * ox - a * oz), 2 * (a * oy - b * ox)
        px = (ox + w * tx + b * tz - c * ty) / size[g, 0]
        py = (oy + w * ty + c * tx - a * tz) / size[g, 1]
        pz = (oz + w * tz + a * ty - b * tx) / size[g, 2]
        stone = templates[g % templates.shape[0]]
        for row in range(boxes[g, 1], boxes[g, 3]):
            for column in range(boxes[g, 0], boxes[g, 2]):
                i = slot[row * width + column]
                if i < 0:
                    continue
                dx, dy, dz = directions[i, 0], directions[i, 1], directions[i, 2]
                tx, ty, tz = 2 * (b * dz - c * dy), 2 * (c * dx - a * dz), 2 * (a * dy - b * dx)
                qx = (dx + w * tx + b * tz - c * ty) / size[g, 0]
                qy = (dy + w * ty + c * tx - a * tz) / size[g, 1]
                qz = (dz + w * tz + a * ty - b * tx) / size[g, 2]
                near, far, which = 0.0, 1e9, -1
                for p in range(planes):
                    speed = stone[p, 0] * qx + stone[p, 1] * qy + stone[p, 2] * qz
                    gap = stone[p, 3] - (stone[p, 0] * px + stone[p, 1] * py + stone[p, 2] * pz)
                    if speed < -1e-9:
                        if gap / speed > near:
                            near, which = gap / speed, p
                    elif speed > 1e-9:
                        far = min(far, gap / speed)
                    elif gap < 0:
                        far = -1.0
                if which < 0 or near >= far or near >= distance[i]:
                    continue
                nx, ny, nz = stone[which, 0] / size[g, 0], stone[which, 1] / size[g, 1], stone[which, 2] / size[g, 2]
                tx, ty, tz = 2 * (-b * nz + c * ny), 2 * (-c * nx + a * nz), 2 * (-a * ny + b * nx)
                mx, my, mz = nx + w * tx - b * tz + c * ty, ny + w * ty - c * tx + a * tz, nz + w * tz - a * ty + b * tx
                inverse = 1.0 / math.sqrt(mx * mx + my * my + mz * mz + 1e-20)
                mx, my, mz = mx * inverse, my * inverse, mz * inverse
                facing = max(mx * sun[0] + my * sun[1] + mz * sun[2], 0.0) * shine[g]
                for k in range(3):
                    light = sun_rgb[k] * facing + ambient[g, k] * (0.62 + 0.38 * mz)
                    colours[i, k] = colour[g, k] * light
                state[i], distance[i], piece[i] = DEBRIS, near, GRIT_PIECE
                normals[i, 0], normals[i, 1], normals[i, 2] = mx, my, mz
