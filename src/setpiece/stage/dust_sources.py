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
from setpiece.stage.squeezed_air import TIGHT, openings, outline_of, plan_area_m2

MAX_FRACTION = 0.0025  # of a masonry piece's mass may become airborne dust, at amount 1
DUSTINESS = {
    Material.MASONRY: 1.0,
    Material.CONCRETE: 0.8,
    Material.TIMBER: 0.1,
    Material.STEEL: 0.02,
    Material.GLASS: 0.05,
    Material.PLASTER: 2.2,
    Material.SLATE: 0.35,
    Material.STONE: 0.9,
}
_BREAK_KG_PER_M2 = 0.016  # loose dust for each square metre of new fracture surface
_IMPACT_KG_PER_J = 2.6e-5  # crushed to powder by each joule lost in a collision
_ALOFT = 0.12  # of that where pieces touch in the air; all of it where they land on ground and rubble
_PILE = 0.35  # of the building's height counts as landing
_STRIP_KG_PER_M2_S = 0.016  # torn off by the air at 10 m/s, grows with the square of speed
_EMPTYING_S = 0.3  # time in which the reservoir of a piece that lost 4 m/s in an impact loses 63 %
_CLINGING = 0.13  # of that pace remains for a piece at rest
_JOLT_S = 0.3  # how long an impact shakes dust out of a piece
_GRAVITY_M_S2 = 9.81
_LEAST_IMPACT_M_S = 0.7  # slower contacts are the rubble settling: they make no dust
_FORGET_S = 0.8  # how long an impact goes on driving air along the ground
_JETS = 0.75  # share of the puffs born inside that the air carries out through the nearest wall
_JET_M_S = (11.0, 22.0)  # how fast it comes out where masses land
_JET_RADIUS_M = (0.8, 1.7)  # of a puff that comes out of a door or a breach
_FAN = 0.45  # jets near the ends of a wall lean outwards by this share of their speed
_LEAST_AIR_M3 = 0.05  # less air than this in a frame moves nothing
_FASTEST_M_S = 24.0  # no puff is thrown faster: finer jets mix within a cell


@dataclass(frozen=True, slots=True, kw_only=True)
class DustBurst:
    """Dust thrown into the air during one frame: n puffs.

    ``position`` (n, 3) m, ``velocity`` (n, 3) m/s of dust and the air it arrives with, ``mass_kg`` (n,) released during
    the frame, ``radius_m`` (n,) of the puff at birth, ``air_m3`` (n,) of air that was squeezed out of the building and
    arrives with the puff.
    """

    frame: int
    position: Points
    velocity: Float32[np.ndarray, "n 3"]
    mass_kg: Float32[np.ndarray, "n"]
    radius_m: Float32[np.ndarray, "n"]
    air_m3: Float32[np.ndarray, "n"]

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
        self.outline, self.plan = outline_of(pieces), plan_area_m2(pieces)
        self.phase = lobes.uniform(0, 2 * np.pi, 3)
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
        air = TIGHT * self.plan * np.maximum(-velocity[:, 2], 0) / self.rate
        air[(self.outline.wall_of(here[:, :2])[1] < 0) | (here[:, 2] - self.ground < self.size)] = 0
        chosen = np.nonzero((given > 4e-5) | (air > _LEAST_AIR_M3))[0]
        self.loose[chosen] -= given[chosen]
        return self._puffs(frame, chosen, given[chosen], air[chosen], here[chosen], velocity[chosen], rng)

    def _puffs(
        self,
        frame: int,
        chosen: np.ndarray,
        given: np.ndarray,
        air: np.ndarray,
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
        jets = self._blow_out(position, moving, squeeze, speed, rng)
        position[:, 2] = np.maximum(position[:, 2], self.ground + 0.1)
        fast = np.linalg.norm(moving, axis=1, keepdims=True)
        moving *= np.minimum(1, _FASTEST_M_S / np.maximum(fast, 1e-9))
        radius = 0.3 + 0.55 * size * rng.uniform(0.8, 1.25, count)
        radius = np.where(jets, np.maximum(radius, rng.uniform(*_JET_RADIUS_M, count)), radius)
        return DustBurst(
            frame=frame,
            position=position.astype(np.float32),
            velocity=moving.astype(np.float32),
            mass_kg=given.astype(np.float32),
            radius_m=radius.astype(np.float32),
            air_m3=np.where(jets, air, 0).astype(np.float32),
        )

    def _blow_out(
        self, position: np.ndarray, moving: np.ndarray, squeeze: np.ndarray, speed: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Carry puffs (n, 3) born inside out through the nearest wall, in place, and say which (n,): what falls squeezes
        the air out before it.

        Where masses land the jets are low and fast; what still falls empties the storeys below it, the lower the more.
        """
        count = len(position)
        wall, gap = self.outline.wall_of(position[:, :2])
        landed = squeeze > 1
        jets = (rng.random(count) < _JETS) & (gap > 0) & (landed | (speed > 2))
        normal = self.outline.normal[wall]
        tangent = np.stack([-normal[:, 1], normal[:, 0]], axis=1)
        along = np.sum(position[:, :2] * tangent, axis=1)
        force = openings(along, self.phase + 5 * np.arctan2(normal[:, 1], normal[:, 0])[:, None])
        blast = (
            rng.uniform(*_JET_M_S, count) * force * np.where(landed, np.clip(squeeze / 5, 0.3, 1), np.clip(speed / 9, 0.2, 1))
        )
        above = np.maximum(position[:, 2] - self.ground, 0.3)
        height = np.where(landed, rng.uniform(0.2, 0.5 * self.pile, count), above * rng.random(count) ** 1.7)
        reach = gap + rng.uniform(0.2, 2.2, count)
        fan = np.sum((position[:, :2] - self.middle[:2]) / self.half[:2] * tangent, axis=1)
        skew = (0.3 * rng.normal(size=count) + _FAN * fan) * blast
        position[jets, :2] += (normal * reach[:, None])[jets]
        position[jets, 2] = self.ground + np.maximum(height, 0.2)[jets]
        moving[jets, :2] = (normal * blast[:, None] + tangent * skew[:, None])[jets]
        moving[jets, 2] = (0.05 * blast)[jets]
        return jets

    def _outward(self, position: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Unit horizontal directions (n, 2): away from the building's footprint, with some disorder."""
        away = (position[:, :2] - self.middle[:2]) / self.half[:2] ** 2
        away += 0.55 * rng.normal(size=away.shape) / self.half[:2]
        return away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
