"""What debris does to what still stands: which pieces a blow, or a load that nobody built them for, breaks loose.

Works on poses alone, between two frames of the simulation: how much a loose piece gained beyond gravity is what something
gave it, and what gave it felt the same the other way (Newton's third law). A standing piece is tied to its neighbours until
blows in quick succession would have made it faster than its ties hold; what it carried follows by load path. Refuses
nothing: where no ``hold_m_s`` is finite, everything stands.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Float32
from setpiece.core.stage import Pieces
from setpiece.stage.support import SupportGraph, touching

_TOUCH_M = 0.06  # hulls are drawn in by this much together
_FAINT_M_S = 0.15  # a smaller gain in a frame is friction and noise
_MEMORY = 0.5  # share of the last frames' blows that still counts: a load of 1 g lasts as twice its gain in a frame
_CHAINS = 5  # pieces through which a load is passed on within one frame
_PATIENCE = 5
_FRESH = 3  # frames after its release in which a piece's gain is the hand-over's, not a blow


class Standing:
    """What stands, frame by frame: feels the debris, and says what breaks loose.

    ``release`` (k,): the last frame at which each piece is held, brought forward as pieces are knocked out.
    """

    def __init__(
        self, pieces: Pieces, support: SupportGraph, hold_m_s: Float32[np.ndarray, "k"], release: np.ndarray,
        first_motion: np.ndarray, *, rate: float, gravity_m_s2: float, ground_z_m: float,
    ) -> None:  # fmt: skip
        self.release = release.astype(np.int64)
        self._first_motion = first_motion.astype(np.int64)
        self._pieces, self._support, self._hold = pieces, support, np.asarray(hold_m_s, np.float64)
        self._weight = np.array([0.0, 0.0, gravity_m_s2 / rate])
        self._rate, self._ground_z_m = rate, ground_z_m
        self._felt = np.zeros(len(pieces))
        self._before: np.ndarray | None = None
        self._velocity: np.ndarray | None = None

    def feel(self, frame: int, matrices: np.ndarray) -> np.ndarray:
        """World matrices (k, 4, 4) at ``frame``, frame after frame: the pieces to let go now."""
        position = matrices[:, :3, 3].astype(np.float64)
        velocity = None if self._before is None else (position - self._before) * self._rate
        last, self._before, self._velocity = self._velocity, position, velocity
        if velocity is None or last is None:
            return np.zeros(0, np.int64)
        loose = self.release + _FRESH <= frame
        held = self._first_motion > frame
        gained = np.where(loose[:, None], velocity - last + self._weight, 0.0)
        gained[np.linalg.norm(gained, axis=1) < _FAINT_M_S] = 0.0
        if not gained.any() or not np.isfinite(self._hold[held]).any():
            return np.zeros(0, np.int64)
        low, high = _boxes(self._pieces, matrices)
        given = blows(low, high, position, gained, self._pieces.mass_kg, loose, ground_z_m=self._ground_z_m)
        self._felt = _MEMORY * self._felt + np.where(held, given, 0.0)
        knocked = held & (self._felt > self._hold)
        if not knocked.any():
            return np.zeros(0, np.int64)
        standing = (self.release > frame) & ~knocked
        late = self.release > frame + _PATIENCE  # what the director lets go soon anyway goes when he says
        knocked |= held & late & np.isfinite(self._hold) & self._support.falling(standing)
        chosen = np.flatnonzero(knocked)
        self.release[chosen] = frame
        self._first_motion[chosen] = frame
        return chosen


def blows(
    low: np.ndarray,
    high: np.ndarray,
    centre: np.ndarray,
    gained: np.ndarray,
    mass_kg: np.ndarray,
    loose: np.ndarray,
    *,
    ground_z_m: float,
) -> np.ndarray:
    """(k,) m/s: the speed that each piece which is not ``loose`` (k,) would have been given in a frame, were it free.

    ``low``, ``high``, ``centre`` (k, 3) m: where the pieces are; ``gained`` (k, 3) m/s: what loose ones gained beyond
    gravity. Each gain came from what touches the piece on the other side, the ground included, by direction; what a loose
    piece gave it had itself from what is under it.
    """
    count = len(centre)
    first, second = touching(low - _TOUCH_M / 2, high + _TOUCH_M / 2)
    one, other = np.concatenate([first, second]), np.concatenate([second, first])
    one, other = one[loose[one]], other[loose[one]]
    near = np.clip(centre[one], low[other], high[other]) - centre[one]
    inside = (np.abs(near) < 1e-6).all(axis=1)
    near[inside] = centre[other[inside]] - centre[one[inside]]
    near /= np.maximum(np.linalg.norm(near, axis=1, keepdims=True), 1e-6)
    on_ground = loose & (low[:, 2] < ground_z_m + _TOUCH_M)
    own = gained * mass_kg[:, None]  # newton seconds that each piece was given
    given, felt = own.copy(), np.zeros(count)
    for _ in range(_CHAINS):
        size = np.linalg.norm(given, axis=1)
        way = -given / np.maximum(size, 1e-9)[:, None]
        weight = np.maximum(0.0, (near * way[one]).sum(axis=1))
        whole = np.bincount(one, weight, count) + np.where(on_ground, np.maximum(0.0, -way[:, 2]), 0.0)
        share = weight / np.maximum(whole[one], 1e-9)
        passed = np.stack([np.bincount(other, share * given[one, axis], count) for axis in range(3)], axis=1)
        felt = np.where(loose, 0.0, np.bincount(other, share * size[one], count) / mass_kg)
        given = own + np.where(loose[:, None], passed, 0.0)
    return felt


def _boxes(pieces: Pieces, matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (k, 3), (k, 3) about every piece under world matrices (k, 4, 4) that move it about its centre of mass."""
    owner = pieces.vertex_piece
    placed = np.einsum("vij,vj->vi", matrices[owner, :3, :3], pieces.vertices - pieces.centre[owner]) + matrices[owner, :3, 3]
    starts = pieces.vertex_start[:-1]
    return np.minimum.reduceat(placed, starts), np.maximum.reduceat(placed, starts)
