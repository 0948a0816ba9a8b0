"""Where dust comes from: breakage, impact, wind stripping and the air that falling masses squeeze out.

Stage 3 of the flow, between the collapse (:class:`Motion`) and the gas. Every piece carries a reservoir of loose dust:
breaking, hitting and rushing through the air fill it; it empties the faster, the faster the piece goes, so pieces trail dust
instead of puffing once, and rubble goes on smoking. Refuses to invent mass: a piece never gives more than
``amount * MAX_FRACTION * dustiness(material)`` of its own mass.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

import numpy as np

from setpiece.core.arrays import Float32, Points, frozen
from setpiece.core.errors import StageError
from setpiece.core.stage import Material, Motion, Pieces

MAX_FRACTION = 0.0025  # of a masonry piece's mass may become airborne dust, at amount 1
DUSTINESS = {
    Material.MASONRY: 1.0,
    Material.CONCRETE: 0.8,
    Material.TIMBER: 0.1,
    Material.STEEL: 0.02,
    Material.GLASS: 0.05,
    Material.PLASTER: 2.2,
    Material.SLATE: 0.35,
}
_BREAK_KG_PER_M2 = 0.008  # loose dust for each square metre of new fracture surface
_IMPACT_KG_PER_J = 1.5e-5  # crushed to powder by each joule lost in a collision
_ALOFT = 0.12  # of that where pieces touch in the air; all of it where they land on ground and rubble
_PILE = 0.35  # of the building's height counts as landing
_STRIP_KG_PER_M2_S = 0.008  # torn off by the air at 10 m/s, grows with the square of speed
_EMPTYING_S = 0.3  # time in which the reservoir of a piece that lost 4 m/s in an impact loses 63 %
_CLINGING = 0.13  # of that pace remains for a piece at rest
_JOLT_S = 0.3  # how long an impact shakes dust out of a piece
_GRAVITY_M_S2 = 9.81
_LEAST_IMPACT_M_S = 0.7  # slower contacts are the rubble settling: they make no dust
_FORGET_S = 0.8  # how long an impact goes on driving air along the ground
_JETS = 0.65  # share of the puffs born inside that the air carries out through the nearest wall
_JET_M_S = (9.0, 18.0)  # how fast it comes out where masses land
_FASTEST_M_S = 20.0  # no puff is thrown faster: finer jets mix within a cell


@dataclass(frozen=True, slots=True, kw_only=True)
class DustBurst:
    """Dust thrown into the air during one frame: n puffs.

    ``position`` (n, 3) m, ``velocity`` (n, 3) m/s of dust and the air it arrives with, ``mass_kg`` (n,) released during
    the frame, ``radius_m`` (n,) of the puff at birth.
    """

    frame: int
    position: Points
    velocity: Float32[np.ndarray, "n 3"]
    mass_kg: Float32[np.ndarray, "n"]
    radius_m: Float32[np.ndarray, "n"]

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name != "frame":
                frozen(getattr(self, field.name))

    def __len__(self) -> int:
        return len(self.mass_kg)


def piece_area_m2(pieces: Pieces) -> np.ndarray:
    """Surface of every piece (k,), m², from its triangles."""
    corners = pieces.vertices[pieces.triangles].astype(np.float64)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.bincount(pieces.triangle_piece, weights=np.linalg.norm(cross, axis=1) / 2, minlength=len(pieces))
    return area


def dust_capacity_kg(pieces: Pieces, *, amount: float) -> np.ndarray:
    """The most dust (k,), kg, that each piece can give at ``amount``."""
    table = np.array([DUSTINESS[Material(m)] for m in range(len(DUSTINESS))])
    return amount * MAX_FRACTION * table[pieces.material] * pieces.mass_kg.astype(np.float64)


def dust_bursts(
    pieces: Pieces, motion: Motion, rate: Fraction, *, first: int, last: int, amount: float, seed: int
) -> tuple[DustBurst, ...]:
    """One :class:`DustBurst` for each frame ``first``..``last``.

    ``amount`` scales all mass (1: a dry masonry building; 0: clean air). Deterministic in ``seed``. The sum of all
    ``mass_kg`` is at most ``dust_capacity_kg(...).sum()``. Errors: :class:`StageError` where ``amount`` is negative or
    the motion does not belong to the pieces.
    """
    if not (np.isfinite(amount) and amount >= 0):
        raise StageError(f"dust amount {amount} is not a positive number", remedy="set 'dust.amount' between 0 and 5")
    if motion.position.shape[1] != len(pieces):
        raise StageError(
            f"the motion moves {motion.position.shape[1]} pieces, the stage has {len(pieces)}",
            remedy="run the collapse again for this stage",
        )
    emitter = _Emitter(pieces, motion, float(rate), amount=amount, lobes=np.random.default_rng((seed, 0x10BE)))
    return tuple(emitter.frame(frame, np.random.default_rng((seed, 0xD057, frame))) for frame in range(first, last + 1))


class _Emitter:
    """The reservoirs, stepped from frame to frame."""

    def __init__(self, pieces: Pieces, motion: Motion, rate: float, *, amount: float, lobes: np.random.Generator) -> None:
        self.pieces, self.motion, self.rate = pieces, motion, rate
        capacity = dust_capacity_kg(pieces, amount=amount)
        self.left = capacity
        self.dustiness = capacity / np.maximum(MAX_FRACTION * pieces.mass_kg.astype(np.float64), 1e-9)
        self.area = piece_area_m2(pieces)
        self.loose = np.zeros(len(pieces))
        self.squeeze, self.jolt = np.zeros(len(pieces)), np.zeros(len(pieces))
        self.ground = float(pieces.vertices[:, 2].min()) if len(pieces.vertices) else 0.0
        low, high = pieces.vertices.min(axis=0).astype(np.float64), pieces.vertices.max(axis=0).astype(np.float64)
        self.middle, self.half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
        self.pile = max(_PILE * float(high[2] - low[2]), 1.6)
        self.phase = lobes.uniform(0, 2 * np.pi, (4, 3))
        self.size = np.cbrt(np.maximum(pieces.volume_m3.astype(np.float64), 1e-9))

    def _fill(self, kg: np.ndarray) -> None:
        taken = np.minimum(kg, self.left)
        self.left -= taken
        self.loose += taken

    def frame(self, frame: int, rng: np.random.Generator) -> DustBurst:
        """Fill from what happened between ``frame - 1`` and ``frame``, then let the reservoirs breathe out."""
        here = self.motion.at(frame)[0].astype(np.float64)
        before = self.motion.at(frame - 1)[0].astype(np.float64)
        earlier = self.motion.at(frame - 2)[0].astype(np.float64)
        velocity, previous = (here - before) * self.rate, (before - earlier) * self.rate
        expected = previous - np.array([0.0, 0.0, _GRAVITY_M_S2 / self.rate])
        expected[self.motion.release >= frame] = 0.0
        speed, speed_expected = np.linalg.norm(velocity, axis=1), np.linalg.norm(expected, axis=1)
        released = self.motion.release == (frame if frame > self.motion.first else self.motion.first)
        lost = np.maximum(speed_expected**2 - speed**2, 0.0) / 2 * self.pieces.mass_kg
        lost[speed_expected < _LEAST_IMPACT_M_S] = 0.0
        low = np.clip(1 - (here[:, 2] - self.ground - self.size) / self.pile, 0, 1)
        jolt = np.maximum(speed_expected - speed, 0)
        self._fill(self.dustiness * _BREAK_KG_PER_M2 * self.area * released)
        self._fill(self.dustiness * _IMPACT_KG_PER_J * lost * (_ALOFT + (1 - _ALOFT) * low))
        self._fill(self.dustiness * _STRIP_KG_PER_M2_S * self.area * (speed / 10) ** 2 / self.rate)
        self.squeeze = np.maximum(self.squeeze * np.exp(-1 / (self.rate * _FORGET_S)), low * jolt)
        self.jolt = np.maximum(self.jolt * np.exp(-1 / (self.rate * _JOLT_S)), (_ALOFT + (1 - _ALOFT) * low) * jolt)
        pace = (_CLINGING + speed / 60 + self.jolt / 4) / _EMPTYING_S
        given = self.loose * (1 - np.exp(-pace / self.rate))
        chosen = np.nonzero(given > 4e-5)[0]
        self.loose[chosen] -= given[chosen]
        return self._puffs(frame, chosen, given[chosen], here[chosen], velocity[chosen], rng)

    def _puffs(
        self,
        frame: int,
        chosen: np.ndarray,
        given: np.ndarray,
        here: np.ndarray,
        velocity: np.ndarray,
        rng: np.random.Generator,
    ) -> DustBurst:
        count = len(chosen)
        size, squeeze, speed = self.size[chosen], self.squeeze[chosen], np.linalg.norm(velocity, axis=1)
        position = here + rng.normal(size=(count, 3)) * (0.35 * size)[:, None]
        moving = 0.5 * velocity + rng.normal(size=(count, 3)) * (0.8 + 0.25 * speed + 0.35 * squeeze)[:, None]
        away = self._outward(position, rng)
        moving[:, :2] += away * (1.5 * squeeze * rng.uniform(0.5, 1.3, count))[:, None]
        moving[:, 2] = np.where(squeeze > 1, np.abs(moving[:, 2]) * 0.35 + 0.1 * squeeze, moving[:, 2])
        self._blow_out(position, moving, squeeze, speed, rng)
        position[:, 2] = np.maximum(position[:, 2], self.ground + 0.1)
        fast = np.linalg.norm(moving, axis=1, keepdims=True)
        moving *= np.minimum(1, _FASTEST_M_S / np.maximum(fast, 1e-9))
        radius = 0.3 + 0.55 * size * rng.uniform(0.8, 1.25, count)
        return DustBurst(
            frame=frame,
            position=position.astype(np.float32),
            velocity=moving.astype(np.float32),
            mass_kg=given.astype(np.float32),
            radius_m=radius.astype(np.float32),
        )

    def _blow_out(
        self, position: np.ndarray, moving: np.ndarray, squeeze: np.ndarray, speed: np.ndarray, rng: np.random.Generator
    ) -> None:
        """Carry puffs (n, 3) born inside out through the nearest wall, in place: what falls squeezes the air out before it.

        Where masses land the jets are low and fast; below what still falls they come out at its own height.
        """
        offset = position[:, :2] - self.middle[:2]
        gap = self.half[:2] - np.abs(offset)
        count = len(position)
        landed = squeeze > 1
        jets = (rng.random(count) < _JETS) & (gap.min(axis=1) > 0) & (landed | (speed > 2))
        axis = np.argmin(gap, axis=1)
        side = np.where(np.take_along_axis(offset, axis[:, None], 1)[:, 0] < 0, -1.0, 1.0)
        blast = rng.uniform(*_JET_M_S, count) * np.clip(squeeze / 5, 0.3, 1)
        blast = np.where(landed, blast, np.minimum(0.7 * speed, 8.0))
        blast *= self._lobes(np.take_along_axis(position, 1 - axis[:, None], 1)[:, 0], 2 * axis + (side > 0))
        height = np.where(
            landed, rng.uniform(0.2, 0.5 * self.pile, count), position[:, 2] - self.ground - rng.uniform(0, 3, count)
        )
        reach = rng.uniform(0.2, 2.2, count)
        skew = 0.35 * rng.normal(size=count)
        for n in np.nonzero(jets)[0]:
            a = axis[n]
            position[n, a] = self.middle[a] + side[n] * (self.half[a] + reach[n])
            position[n, 2] = self.ground + max(height[n], 0.2)
            moving[n, a], moving[n, 1 - a], moving[n, 2] = side[n] * blast[n], skew[n] * blast[n], 0.06 * blast[n]

    def _lobes(self, along: np.ndarray, wall: np.ndarray) -> np.ndarray:
        """How easily air gets out (n,), about 0.5..1.5, at metres ``along`` each wall: doors and windows, not a slit."""
        turns = along[:, None] * (2 * np.pi / np.array([15.0, 8.3, 4.1])) + self.phase[wall]
        return np.asarray(1.0 + np.sin(turns) @ np.array([0.24, 0.2, 0.14]))

    def _outward(self, position: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Unit horizontal directions (n, 2): away from the building's footprint, with some disorder."""
        away = (position[:, :2] - self.middle[:2]) / self.half[:2] ** 2
        away += 0.55 * rng.normal(size=away.shape) / self.half[:2]
        return away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
