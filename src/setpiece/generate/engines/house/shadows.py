"""Light on what is not debris: the ground and the standing building, now against at rest.

Receivers are points at half the plate's resolution. Each sends the same rays now as it did at rest, so where nothing
changed the ratio is exactly 1; where a wall has fallen the ground it shaded can come out brighter than the plate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numba as nb
import numpy as np

from setpiece.generate.engines.house.rays import (
    LIFT_M,
    NOTHING,
    Geometry,
    Lens,
    ambient_rays,
    blocked_by,
    film_rays,
    sun_rays,
)

AMBIENT_REACH_M = 6.0
RELIGHT_RAYS = 12  # rays for the light at rest on a wall: the denominator of every relight
DARKEST, BRIGHTEST = 0.06, 2.5  # range of the shadow layer
SHADED = 1.5  # ground that can get so much brighter lies in shade
BRIGHTEST_REVEALED = 1.25  # where the clean plate's light is a guess
FADE_M = 12.0  # ground farther behind the building than this is left alone, gradually
GLOW = 0.11  # share of the sun on level ground that a cloud in front of it scatters down into its own shadow
RECEIVER = 2  # plate pixels to a receiver
STRIDE = 2  # receivers look at every second moment of the shutter: they are smoothed over 25 anyway

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg luminance

Transmittance = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamps:
    """Sun and sky irradiance (3,), the sun's direction and tangent of its radius, light off ground and walls (3,)."""

    sun: np.ndarray
    sky: np.ndarray
    direction: np.ndarray
    radius: float
    ground: np.ndarray
    wall: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Points (n, 3) with normals (n, 3) at flat half-resolution indices (n); light there at rest, by the same rays.

    ``grid`` is (height, width) at half resolution, ``weight`` (n,) how far the shadow layer may act there,
    ``limit`` (n,) how much it may brighten. ``everywhere``
    (gh, gw, 3) is the smoothed light at rest, extended to all of the grid. Where the clean plate paints the building's own
    shadow out, ``rest`` is the light of the open ground before it.
    """

    grid: tuple[int, int]
    index: np.ndarray
    point: np.ndarray
    normal: np.ndarray
    rest: np.ndarray
    weight: np.ndarray
    limit: np.ndarray
    everywhere: np.ndarray


@nb.njit(cache=True, nogil=True)
def gather(normals, sun_free, through, ambient_hit, ambient, sun, sky, direction, ground, wall):  # type: ignore[no-untyped-def]
    """Irradiance (n, 3) from one sun ray and one ambient ray each; ``through`` is the dust's transmittance to the sun."""
    n = len(normals)
    out = np.empty((n, 3), np.float32)
    for i in range(n):
        facing = normals[i, 0] * direction[0] + normals[i, 1] * direction[1] + normals[i, 2] * direction[2]
        lit = max(facing, 0.0) * sun_free[i] * through[i]
        murk = 0.6 + 0.4 * through[i]
        glow = GLOW * (1.0 - through[i]) * max(direction[2], 0.0) * (0.15 + 0.85 * max(normals[i, 2], 0.0))
        for c in range(3):
            if ambient_hit[i]:
                around = wall[c]
            elif ambient[i, 2] > 0:
                around = sky[c]
            else:
                around = ground[c]
            out[i, c] = sun[c] * (lit + glow) + around * murk
    return out


def irradiance(
    fixed: Geometry,
    flying: Geometry,
    points: np.ndarray,
    normals: np.ndarray,
    index: np.ndarray,
    lamps: Lamps,
    *,
    sample: int,
    seed: int,
    through: np.ndarray,
) -> np.ndarray:
    """One-ray estimate of the irradiance (n, 3) at points among pieces, in plate units. ``through`` (n,) is the dust's
    transmittance towards the sun."""
    origins = points + LIFT_M * normals
    facing = np.nonzero(normals @ lamps.direction.astype(np.float32) > 0)[0]
    free = np.zeros(len(points), np.float32)
    towards = sun_rays(index, sample, seed, lamps.direction, lamps.radius)
    if len(facing) and lamps.sun.max() > 0:
        free[facing] = ~blocked_by(fixed, flying, origins[facing], towards[facing])
    ambient = ambient_rays(index, normals, sample, seed)
    hidden = blocked_by(fixed, flying, origins, ambient, AMBIENT_REACH_M)
    return gather(normals, free, through, hidden, ambient, lamps.sun, lamps.sky, lamps.direction, lamps.ground, lamps.wall)


def spread(values: np.ndarray, index: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Values (n, c) smoothed over neighbouring receivers (5 x 5), at the receivers: (n, c)."""
    plane = np.zeros((grid[0] * grid[1], values.shape[1] + 1), np.float32)
    plane[index, :-1] = values
    plane[index, -1] = 1
    plane = cv2.GaussianBlur(plane.reshape(*grid, -1), (5, 5), 1.1).reshape(plane.shape)[index]
    return plane[:, :-1] / np.maximum(plane[:, -1:], 1e-6)


def _mean(samples: range, one: Callable[[int], np.ndarray]) -> np.ndarray:
    total = np.zeros((1, 3), np.float32)
    for sample in samples:
        total = total + one(sample)
    return np.asarray(total / np.float32(len(samples)))


def plate_pixels(lens: Lens) -> np.ndarray:
    """(gh, gw) flat plate pixel that stands for each receiver of the grid."""
    rows = np.minimum(np.arange((lens.height + 1) // RECEIVER) * RECEIVER + 1, lens.height - 1)
    columns = np.minimum(np.arange((lens.width + 1) // RECEIVER) * RECEIVER + 1, lens.width - 1)
    return np.asarray(rows[:, None] * lens.width + columns)


def _half_rays(lens: Lens, wanted: np.ndarray) -> tuple[tuple[int, int], np.ndarray, np.ndarray]:
    small = wanted.ravel()[plate_pixels(lens)]
    height, width = small.shape
    index = np.nonzero(small.ravel())[0].astype(np.int32)
    film = np.stack([(index % width + 0.5) * RECEIVER, (index // width + 0.5) * RECEIVER], axis=1)
    return (height, width), index, film_rays(film, lens)


def wall_receivers(
    lens: Lens, inside: np.ndarray, geometry: Geometry, tri_normal: np.ndarray, lamps: Lamps, *, samples: int, seed: int
) -> Receivers:
    """Receivers on what the plate shows of the building at rest; ``everywhere`` serves relighting."""
    grid, index, directions = _half_rays(lens, inside)
    eye = np.broadcast_to(lens.eye.astype(np.float32), directions.shape).copy()
    triangle, distance = geometry.nearest(eye, directions)
    hit = triangle >= 0
    index, triangle = index[hit], triangle[hit]
    point = (eye[hit] + directions[hit] * distance[hit][:, None]).astype(np.float32)
    normal = np.ascontiguousarray(tri_normal[triangle])

    clear = np.ones(len(index), np.float32)

    def light(sample: int) -> np.ndarray:
        return irradiance(geometry, NOTHING, point, normal, index, lamps, sample=sample, seed=seed, through=clear)

    rest = _mean(range(0, samples, STRIDE), light)
    many = spread(_mean(range(RELIGHT_RAYS), light), index, grid)
    plane = np.zeros((*grid, 3), np.float32)
    known = np.zeros(grid, bool)
    known.ravel()[index] = True
    plane.reshape(-1, 3)[index] = many
    if known.any():
        _, label = cv2.distanceTransformWithLabels((~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
        table = np.zeros((int(label.max()) + 1, 3), np.float32)
        table[label[known]] = plane[known]
        plane = np.where(known[..., None], plane, table[label])
    else:
        plane += (0.5 * (lamps.sky + lamps.ground)).astype(np.float32)
    plane = cv2.GaussianBlur(plane, (0, 0), 1.5)
    return Receivers(
        grid=grid,
        index=index,
        point=point,
        normal=normal,
        rest=rest,
        weight=np.ones(len(index), np.float32),
        limit=np.full(len(index), BRIGHTEST, np.float32),
        everywhere=np.ascontiguousarray(plane),
    )


def ground_receivers(
    lens: Lens, inside: np.ndarray, geometry: Geometry, lamps: Lamps, ground_z_m: float, *, plate: np.ndarray,
    clean: np.ndarray, samples: int, seed: int,
) -> Receivers:  # fmt: skip
    """Receivers on the ground; behind the building, where the plate tells nothing, light at rest is taken from
    its foot. ``plate`` and ``clean`` (h, w, 3) tell where the clean plate paints, and how bright lit ground is."""
    grid, index, directions = _half_rays(lens, np.ones_like(inside))
    with np.errstate(divide="ignore"):
        distance = (ground_z_m - lens.eye[2]) / directions[:, 2]
    seen = (directions[:, 2] < -1e-4) & (distance < 400)
    index, directions, distance = index[seen], directions[seen], distance[seen].astype(np.float32)
    point = (lens.eye + directions * distance[:, None]).astype(np.float32)
    normal = np.broadcast_to(np.array([0, 0, 1], np.float32), point.shape).copy()
    eye = np.broadcast_to(lens.eye.astype(np.float32), point.shape).copy()
    hidden, wall = geometry.nearest(eye, directions)
    behind = (hidden >= 0) & (wall < distance)
    near = float(np.percentile(point[behind][:, 1], 5)) if behind.any() else 40.0
    weight = np.clip(1.0 - (point[:, 1] - near - FADE_M) / FADE_M, 0.0, 1.0).astype(np.float32)
    useful = weight > 0
    index, point, normal, weight = (a[useful] for a in (index, point, normal, weight))

    clear = np.ones(len(index), np.float32)

    def light(sample: int) -> np.ndarray:
        return irradiance(geometry, NOTHING, point, normal, index, lamps, sample=sample, seed=seed, through=clear)

    rest = _mean(range(0, samples, STRIDE), light) if len(index) else np.zeros((0, 3), np.float32)
    chosen = plate_pixels(lens).ravel()
    within = inside.ravel()[chosen]
    painted = (clean != plate).any(axis=2).ravel()[chosen] & ~within
    headroom = _headroom(plate, chosen, index, within, grid)
    covered = within[index] | (painted[index] & (headroom > SHADED))
    rest = _from_the_foot(rest, index, grid, covered)
    return Receivers(
        grid=grid,
        index=index,
        point=point,
        normal=normal,
        rest=rest,
        weight=weight,
        limit=np.where(covered, BRIGHTEST_REVEALED, headroom).astype(np.float32),
        everywhere=np.zeros((*grid, 3), np.float32),
    )


def _headroom(
    plate: np.ndarray, chosen: np.ndarray, index: np.ndarray, within: np.ndarray, grid: tuple[int, int]
) -> np.ndarray:
    """(n,) how much brighter the ground can get before it outshines the lit ground of the plate: sunlight that comes out
    of the geometry does not fall on ground that lies in the sun already."""
    luma = (plate.reshape(-1, 3)[chosen] @ LUMA).astype(np.float32)
    open_ground = index[~within[index]]
    if not len(open_ground):
        return np.full(len(index), BRIGHTEST_REVEALED, np.float32)
    lit = float(np.percentile(luma[open_ground], 80))
    smooth = cv2.GaussianBlur(luma.reshape(grid), (0, 0), 2.0).ravel()[index]
    return np.asarray(np.clip(lit / np.maximum(smooth, 1e-4), 1.0, BRIGHTEST), np.float32)


def _from_the_foot(rest: np.ndarray, index: np.ndarray, grid: tuple[int, int], unseen: np.ndarray) -> np.ndarray:
    """Light at rest where the building hides the ground: that of the first visible ground below in the column."""
    out, smooth = rest.copy(), spread(rest, index, grid)
    plane = np.full((grid[0] * grid[1], 3), np.nan, np.float32)
    plane[index[~unseen]] = smooth[~unseen]
    plane = plane.reshape(*grid, 3)
    for row in range(grid[0] - 2, -1, -1):
        missing = np.isnan(plane[row, :, 0])
        plane[row, missing] = plane[row + 1, missing]
    taken = plane.reshape(-1, 3)[index[unseen]]
    out[unseen] = np.where(np.isfinite(taken), taken, rest[unseen])
    return out


def shadow_ratio(receivers: Receivers, active: np.ndarray, now: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Light now over light at rest, (h, w, 3), exactly 1 away from ``active`` receivers. ``now`` is (n, 3), unsmoothed."""
    height, width = size
    index = receivers.index[active]
    smooth = spread(now, index, receivers.grid)
    rest = spread(receivers.rest[active], index, receivers.grid)
    change = np.clip(smooth / np.maximum(rest, 1e-4), DARKEST, receivers.limit[active][:, None]) - 1.0
    change[np.all(np.abs(change) < 1e-5, axis=1)] = 0
    plane = np.zeros((receivers.grid[0] * receivers.grid[1], 3), np.float32)
    known = np.zeros(len(plane), np.float32)
    plane[index] = change * receivers.weight[active][:, None]
    known[index] = 1
    full = (receivers.grid[1] * RECEIVER, receivers.grid[0] * RECEIVER)
    plane = cv2.resize(plane.reshape(*receivers.grid, 3), full)[:height, :width]
    share = cv2.resize(known.reshape(receivers.grid), full)[:height, :width]
    return np.asarray(1.0 + plane / np.maximum(share, 0.25)[..., None], np.float32)
