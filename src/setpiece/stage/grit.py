"""Secondary debris: the gravel, shards and crumbs that come off where pieces break, are let go, or strike.

Too many and too small for rigid bodies: particles with drag, bounce and friction that fall on the ground and on a height
field of the pieces already at rest. Sizes follow a power law, as broken stone does (Turcotte 1986).
"""

from __future__ import annotations

import math
from fractions import Fraction

import numba as nb
import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.stage import Grit, Material, Motion, Pieces

SMALLEST_M, LARGEST_M = 0.02, 0.25  # longest edge
SIZE_POWER = 2.5  # number of grains larger than s goes as s ** -SIZE_POWER
GRAVITY_M_S2 = 9.81
SUBSTEPS = 4
FIELD_CELL_M = 0.4
RESTITUTION, FRICTION = 0.28, 0.55
IMPACT_M_S = 1.5  # a loss of speed between frames beyond gravity that breaks something off
# How readily a material sheds grains, against masonry.
SHEDS = {
    Material.MASONRY: 1.0,
    Material.CONCRETE: 0.8,
    Material.TIMBER: 0.25,
    Material.STEEL: 0.02,
    Material.GLASS: 0.8,
    Material.PLASTER: 0.9,
    Material.SLATE: 1.0,
    Material.STONE: 1.0,
}


def _events(pieces: Pieces, motion: Motion, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(piece, frame index, weight, impact m/s) of everything that sheds grains."""
    frames = len(motion.position)
    shed = np.array([SHEDS.get(Material(m), 0.5) for m in range(len(Material))])[pieces.material]
    area = shed * np.maximum(pieces.volume_m3, 1e-6) ** (2 / 3)
    let_go = motion.release - motion.first
    released = np.nonzero((let_go >= 0) & (let_go < frames))[0]
    velocity = np.diff(motion.position, axis=0).astype(np.float64) * rate
    expected = velocity[:-1] + np.array([0, 0, -GRAVITY_M_S2 / rate])
    jolt = np.linalg.norm(velocity[1:] - expected, axis=2)
    free = np.arange(1, frames - 1)[:, None] > let_go[None] + 1
    when, which = np.nonzero((jolt > IMPACT_M_S) & free)
    strength = jolt[when, which]
    piece = np.concatenate([released, which])
    frame = np.concatenate([let_go[released], when + 1])
    weight = np.concatenate([area[released], 0.5 * area[which] * np.minimum(strength / 4.0, 3.0)])
    impact = np.concatenate([np.zeros(len(released)), strength])
    return piece, frame, weight, impact


def _height_field(pieces: Pieces, motion: Motion, rate: float, ground_z_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heights (f, nx, ny) of what lies still, the field's corner (2,), and the cells' size."""
    position = motion.position
    low = position[..., :2].min(axis=(0, 1)) - 6.0
    shape = np.minimum(np.ceil((position[..., :2].max(axis=(0, 1)) + 6.0 - low) / FIELD_CELL_M), 400).astype(int) + 1
    field = np.full((len(position), *shape), ground_z_m, np.float32)
    reach = 0.30 * np.cbrt(np.maximum(pieces.volume_m3, 1e-6))
    let_go = motion.release - motion.first
    for f in range(1, len(position)):
        step = np.abs(position[f] - position[f - 1]).max(axis=1) * rate
        lies = np.nonzero((step < 0.5) & (let_go + 3 < f))[0]
        if not len(lies):
            continue
        cell = np.clip(((position[f, lies, :2] - low) / FIELD_CELL_M).astype(int), 0, shape - 1)
        np.maximum.at(field[f], (cell[:, 0], cell[:, 1]), position[f, lies, 2] + reach[lies])
    return field, low.astype(np.float64), shape


@nb.njit(cache=True, nogil=True)
def _fly(birth, origin, velocity, spin, radius, field, low, cell_m, ground, rate, position, angle):  # type: ignore[no-untyped-def]
    """Fill ``position`` (f, n, 3) and ``angle`` (f, n) from birth on."""
    frames, nx, ny = field.shape
    step = 1.0 / (rate * SUBSTEPS)
    for g in range(len(birth)):
        x, y, z = origin[g, 0], origin[g, 1], origin[g, 2]
        u, v, w, s, a = velocity[g, 0], velocity[g, 1], velocity[g, 2], spin[g], 0.0
        drag = 0.6 / (2200.0 * 1.33 * radius[g])
        for f in range(max(birth[g], 0), frames):
            position[f, g, 0], position[f, g, 1], position[f, g, 2], angle[f, g] = x, y, z, a
            for _ in range(SUBSTEPS):
                i = min(max(int((x - low[0]) / cell_m), 0), nx - 1)
                j = min(max(int((y - low[1]) / cell_m), 0), ny - 1)
                floor = max(field[f, i, j], ground) + 0.6 * radius[g]
                if field[f, i, j] - z > 0.5:
                    floor = ground + 0.6 * radius[g]  # under the heap: it is buried where it lies
                speed = math.sqrt(u * u + v * v + w * w)
                if z <= floor + 1e-3 and speed < 0.35:
                    u, v, w, s = 0.0, 0.0, 0.0, 0.0
                    continue
                slow = max(1.0 - drag * speed * step, 0.0)
                u, v, w = u * slow, v * slow, (w - GRAVITY_M_S2 * step) * slow
                x, y, z, a = x + u * step, y + v * step, z + w * step, a + s * step
                if z < floor:
                    z = floor
                    w = -RESTITUTION * w if w < -0.6 else 0.0
                    u, v, s = u * FRICTION, v * FRICTION, s * FRICTION


def scatter_grit(
    pieces: Pieces,
    motion: Motion,
    rate: Fraction,
    *,
    first: int,
    last: int,
    ground_z_m: float,
    seed: int,
    count: int,
) -> Grit:
    """``count`` grains for frames ``first``..``last`` of a collapse, NaN before birth; fewer only where nothing breaks.

    The same arguments give the same bits. Raises :class:`StageError` where the motion doesn't hold the frames.
    """
    if first < motion.first or last > motion.last:
        raise StageError(
            f"the motion holds frames {motion.first}-{motion.last}, grit was asked for {first}-{last}",
            remedy="simulate the whole shot first",
        )
    speed = float(rate)
    piece, frame, weight, impact = _events(pieces, motion, speed)
    keep = frame + motion.first <= last
    piece, frame, weight, impact = piece[keep], frame[keep], weight[keep], impact[keep]
    n = count if weight.sum() > 0 else 0
    rng = np.random.default_rng([seed, 41])
    chosen = rng.choice(len(piece), n, p=weight / weight.sum()) if n else np.zeros(0, np.int64)
    chosen.sort()
    k, at, hit = piece[chosen], frame[chosen], impact[chosen]
    scale = np.cbrt(np.maximum(pieces.volume_m3[k], 1e-6))
    jitter = rng.uniform(-0.5, 0.5, (n, 3))
    largest = np.minimum(LARGEST_M, 0.6 * scale)
    ratio = (SMALLEST_M / np.maximum(largest, SMALLEST_M * 1.01)) ** SIZE_POWER
    edge = SMALLEST_M * (1 - rng.random(n) * (1 - ratio)) ** (-1 / SIZE_POWER)
    size = 0.5 * edge[:, None] * np.stack([np.ones(n), rng.uniform(0.55, 0.95, n), rng.uniform(0.4, 0.8, n)], axis=1)
    now = np.minimum(at + 1, len(motion.position) - 1)
    velocity = (motion.position[now, k] - motion.position[np.maximum(now - 1, 0), k]).astype(np.float64) * speed
    throw = rng.normal(0, 1, (n, 3)) * (0.5 + 0.35 * np.minimum(hit, 8.0))[:, None]
    throw[:, 2] = np.where(hit > 0, 0.8 * np.abs(throw[:, 2]), throw[:, 2])
    velocity = np.where(hit[:, None] > 0, 0.35, 0.9) * velocity + throw
    origin = motion.position[at, k] + jitter * scale[:, None]
    origin[:, 2] = np.maximum(origin[:, 2], ground_z_m + 0.6 * size[:, 0])
    axis = rng.normal(0, 1, (n, 3))
    axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-9)
    spin = rng.normal(0, 9, n)
    field, low, _ = _height_field(pieces, motion, speed, ground_z_m)
    position = np.full((len(motion.position), n, 3), np.nan, np.float32)
    angle = np.zeros((len(motion.position), n), np.float32)
    _fly(
        at.astype(np.int64), origin.astype(np.float64), velocity, spin, size.max(axis=1), field, low,
        FIELD_CELL_M, float(ground_z_m), speed, position, angle,
    )  # fmt: skip
    begin = first - motion.first
    return Grit(
        first=first,
        position=np.ascontiguousarray(position[begin : last - motion.first + 1]),
        angle=np.ascontiguousarray(angle[begin : last - motion.first + 1]),
        axis=axis.astype(np.float32),
        size_m=size.astype(np.float32),
        material=pieces.material[k].astype(np.int32),
        colour_from=(pieces.centre[k] + jitter * scale[:, None]).astype(np.float32),
    )
