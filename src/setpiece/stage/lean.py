"""How pieces set off: walls lean out before they drop, floors pull inwards, a charge throws.

The first velocity and spin of each piece, before gravity and Bullet. A section of wall turns about its own foot as one body
(the rocking block of Housner, 1963), so that its top leaves first and nothing in it jams; each piece adds a little of its
own, so that no two go alike. Refuses nothing; pieces that never move are given a start that nobody uses.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Float32
from setpiece.core.stage import Pieces
from setpiece.stage.support import boxes

_FLAT = 0.4  # how much of a blast's upward throw is left
_PEEL = 3.0  # how much harder a wall that breaks off above a standing one is pushed clear of it
_LEAN_RAD_S = 0.15  # how fast a section of wall turns outwards as it lets go, typically
_TIP_RAD_S = 0.45  # how fast a piece turns on its own, typically, where it is half a metre in size
_PULL_M_S = 0.35  # how fast floors and roofs are drawn towards the middle, typically
_THIN = 0.3  # thickness over the shorter side of what counts as a wall or a slab

Velocity = Float32[np.ndarray, "k 3"]  # metres or radians a second, world


def set_off(
    pieces: Pieces, sections: np.ndarray, release: np.ndarray, never: int, rng: np.random.Generator
) -> tuple[Velocity, Velocity]:
    """First velocity (m/s) and spin (rad/s about world axes) of each piece; ``sections`` (k,) turn as one."""
    count = len(pieces)
    normal, upright = faces(pieces)
    low, high = boxes(pieces)
    _, group = np.unique(np.stack([sections, pieces.part]), axis=1, return_inverse=True)
    group = group.ravel()
    groups = int(group.max()) + 1
    foot = np.full(groups, np.inf)
    np.minimum.at(foot, group, low[:, 2])
    seen = np.where(pieces.visible, 1.0, 0.5)
    turn = np.minimum(rng.gamma(2.0, 0.5 * _LEAN_RAD_S, groups), 3.0 * _LEAN_RAD_S)[group] * upright * seen
    turn *= peel(pieces, release, never)
    hinge = np.cross([0.0, 0.0, 1.0], normal)
    velocity = (
        normal * (turn * (pieces.centre[:, 2] - foot[group]) + upright * seen * rng.gamma(1.3, 0.2, groups)[group])[:, None]
    )
    spin = hinge * turn[:, None]
    inward = -_level(pieces.centre - pieces.centre.mean(axis=0))
    velocity += inward * np.where(upright > 0, 0.0, rng.gamma(2.0, 0.5 * _PULL_M_S, groups)[group])[:, None]
    velocity += rng.normal(0.0, 0.16, (groups, 3))[group] + rng.normal(0.0, 0.12, (count, 3))
    velocity[:, 2] = -np.abs(velocity[:, 2])
    size = 0.5 * np.linalg.norm(high - low, axis=1)
    own = rng.normal(0.0, _TIP_RAD_S, (count, 3)) * np.minimum(1.5, 0.5 / np.maximum(size, 0.1))[:, None]
    return velocity, spin + own


def thrown(pieces: Pieces, point: np.ndarray, outward: np.ndarray, charge: float) -> Velocity:
    """What a ``charge`` at ``point`` (3,) adds, m/s; it stands inside and throws ``outward`` (3,), into the open."""
    away = pieces.centre - point + outward * 1.5
    distance = np.linalg.norm(away, axis=1, keepdims=True)
    speed = 24.0 * np.sqrt(charge) * np.exp(-distance / (4.0 * np.sqrt(charge)))
    heavy = np.clip((pieces.mass_kg[:, None] / 900.0) ** -0.3, 0.4, 2.0)
    away[:, 2] *= _FLAT  # walls and floors confine it: it goes out, not up
    return np.asarray(away / np.maximum(distance, 0.3) * speed * heavy + [0, 0, 0.8])


def faces(pieces: Pieces) -> tuple[np.ndarray, np.ndarray]:
    """For each piece the level outward normal (k, 3) of the wall that it belongs to, and 1.0 (k,) where it is one; slabs,
    roofs and lumps have 0.0 and a zero normal."""
    middle = pieces.centre.mean(axis=0)
    normal, upright = np.zeros((len(pieces), 3)), np.zeros(len(pieces))
    owner = pieces.vertex_piece
    for part in np.unique(pieces.part):
        mine = pieces.part == part
        corners = pieces.vertices[mine[owner]].astype(np.float64)
        centre = corners.mean(axis=0)
        spread, axes = np.linalg.eigh(np.cov((corners - centre).T))
        across = axes[:, 0] * np.array([1.0, 1.0, 0.0])
        if spread[0] > (_THIN**2) * spread[1] or np.linalg.norm(across) < 0.8:
            continue
        across /= np.linalg.norm(across)
        normal[mine] = across * (np.sign(across @ (centre - middle)) or 1.0)
        upright[mine] = 1.0
    return normal, upright


def peel(pieces: Pieces, release: np.ndarray, never: int) -> np.ndarray:
    """How much harder each piece is pushed out: what breaks off high up leans out over the wall that stands below it,
    the more the higher it sits in what falls; what falls to the ground anyway is not pushed."""
    low = boxes(pieces)[0][:, 2] - boxes(pieces)[0][:, 2].min()
    falls = release < never
    if not falls.any():
        return np.ones(len(pieces))
    foot, top = float(np.percentile(low[falls], 2)), float(low[falls].max())
    share = np.clip((low - foot) / max(top - foot, 1.0), 0.0, 1.0)
    return 1.0 + _PEEL * min(1.0, foot / 4.0) * (0.4 + 0.6 * share)


def _level(vectors: np.ndarray) -> np.ndarray:
    """Unit level directions of (k, 3) vectors; zero near the middle."""
    flat = vectors * np.array([1.0, 1.0, 0.0])
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1.0))
