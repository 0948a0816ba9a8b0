"""Dust as a gas: a heavy cloud that is thrown, swells, rolls along the ground, billows and slowly settles.

Stage 3 of the flow, after the dust sources. A staggered grid (Harlow and Welch 1965) carries velocity by limited
MacCormack steps and dust by a conservative limited scheme, so that every gram emitted is in the air, on the ground or
out of the domain. The pressure is solved exactly by sine and cosine transforms: a solid floor, open sides and top.
Dust is heavier than air by its own mass. Refuses to invent mass, and to run a domain too coarse for its pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy import fft

from setpiece.core.arrays import Float32
from setpiece.core.errors import StageError
from setpiece.core.progress import Progress
from setpiece.core.stage import Gas, Motion, Pieces
from setpiece.stage import gas_kernels as kernel
from setpiece.stage.dust_sources import DustBurst

DETAIL_PERIOD_S = 1.4  # life of a texture coordinate before it is laid afresh
_AIR_KG_M3 = 1.2
_WEIGHT_M_S2 = 9.81 * 0.6  # gravity on the mixture; turbulence holds the rest up
_SWELL_M3_PER_KG = 7.0  # air that each kilogram of new dust brings along, squeezed out of the building
_GRIP = 0.008  # this much dust to a mass of air carries two thirds of its motion over
_CONFINEMENT = 0.5  # fraction of one cell's vorticity given back each unit of turnover
_VISIBLE_KG_M3 = 0.004  # dust above this is stirred by confinement
_FROUDE = 0.55  # front speed over the root of g times the building's height
_STILL_PER_S = 0.15  # stirred air returns to the wind at this rate
_UNTWIST_PER_S = 13.0  # how fast texture displacements even out: billows travel more than they stretch
_COURANT = 3.0  # cells a velocity step may cross
_THREADS = 2  # of the transforms: a constant, because it must not depend on the machine
_SCHEMA = "setpiece.gas/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GasDomain:
    """Where the gas lives. Cell (i, j, k) has its centre at ``origin_m + (i, j, k) * cell_m``; ``shape`` is even."""

    origin_m: tuple[float, float, float]
    cell_m: float
    shape: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DustMass:
    """The account, kg: ``emitted = airborne + settled + left`` (out of the domain) to rounding."""

    emitted_kg: float
    airborne_kg: float
    settled_kg: float
    left_kg: float


def gas_domain(
    pieces: Pieces, *, ground_z_m: float, cells: int = 420_000, margin: float = 1.0, seconds: float = 0.0
) -> GasDomain:
    """A domain for the dust of ``pieces`` with about ``cells`` cubic cells.

    At ``margin`` 1 it reaches 1.3 building heights to the sides, 1.5 towards the camera (-y), 0.8 behind and 1.5
    up; where the front has ``seconds`` to roll, as far to the sides and the camera as it gets, three heights at most: a
    heavy current runs at about half the square root of g times its height (Benjamin 1968). Errors: :class:`StageError`
    without pieces or with fewer than 4096 cells.
    """
    if len(pieces) == 0:
        raise StageError("there are no pieces to make dust", remedy="build and fracture the building first")
    if cells < 4096:
        raise StageError(f"{cells} gas cells are too few", remedy="set 'dust.cells' to 50000 or more")
    low, high = pieces.vertices.min(axis=0).astype(float), pieces.vertices.max(axis=0).astype(float)
    height = max(float(high[2]) - ground_z_m, 3.0)
    roll = margin * min(_FROUDE * np.sqrt(9.81 * height) * seconds, 3.0 * height)
    side, front = max(1.3 * margin * height, roll), max(1.5 * margin * height, roll)
    start = np.array([low[0] - side, low[1] - front, ground_z_m])
    stop = np.array(
        [
            high[0] + side,
            high[1] + 0.8 * margin * height,
            ground_z_m + height * (1 + 0.5 * margin),
        ]
    )
    size = stop - start
    cell = float(np.cbrt(np.prod(size) / cells))
    shape = tuple(_smooth_size(length / cell) for length in size)
    slack = (np.array(shape) * cell - size) / 2
    start[:2] -= slack[:2]
    origin = start + cell / 2
    return GasDomain(origin_m=(origin[0], origin[1], origin[2]), cell_m=cell, shape=(shape[0], shape[1], shape[2]))


def _smooth_size(length: float) -> int:
    """The nearest even number, at least 8, with only small prime factors: transforms like it."""
    wanted = max(8, round(length / 2) * 2)
    for step in range(64):
        for n in (wanted + 2 * step, wanted - 2 * step):
            if n >= 8 and fft.next_fast_len(n, real=True) == n:
                return n
    return wanted


def simulate_gas(
    domain: GasDomain,
    bursts: Sequence[DustBurst],
    pieces_motion: tuple[Pieces, Motion] | None,
    rate: Fraction,
    *,
    wind_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0),
    settle_m_s: float = 0.12,
    seed: int,
    on_frame: Callable[[Gas], None],
    progress: Progress,
) -> DustMass:
    """Run the gas through all ``bursts`` (one a frame) and hand each frame to ``on_frame``; return the mass account.

    ``pieces_motion``: what pushes the air aside and drags it along (None: nothing). ``wind_m_s`` blows from the start, level:
    its z is ignored over a solid floor.
    ``settle_m_s`` is the fall of the dust in still air. ``seed`` stirs the air before the first frame by centimetres a
    second, enough for another cloud. Same arguments, same bits. Memory: about 120 bytes a cell.
    """
    air = _Air(domain, wind_m_s, seed)
    movers = None if pieces_motion is None else _Movers(*pieces_motion, domain=domain, rate=float(rate))
    for index, burst in enumerate(bursts):
        if movers is not None:
            air.mover[:] = 0
            movers.add(burst.frame, air.mover)
        air.frame(burst, float(1 / rate), settle_m_s, has_movers=movers is not None)
        on_frame(air.gas(burst.frame))
        progress.report("gas", index + 1, len(bursts))
    return air.account()


class _Movers:
    """Points inside the pieces, each standing for a share of the volume."""

    def __init__(self, pieces: Pieces, motion: Motion, *, domain: GasDomain, rate: float) -> None:
        owner = pieces.vertex_piece
        spokes = pieces.vertices - pieces.centre[owner]
        self.motion, self.domain, self.rate = motion, domain, rate
        self.local = np.concatenate([spokes * np.float32(0.35), spokes * np.float32(0.8)])
        self.owner = np.concatenate([owner, owner])
        share = pieces.volume_m3 / np.maximum(np.diff(pieces.vertex_start) * 2, 1) / domain.cell_m**3
        self.share = share[self.owner].astype(np.float64) * 3.0  # a wall of a third of a cell is already tight

    def add(self, frame: int, out: np.ndarray) -> None:
        """Weight times velocity, and weight, of every cell that pieces pass through."""
        position, rotation = self.motion.at(frame)
        velocity = (position - self.motion.at(frame - 1)[0]) * np.float32(self.rate)
        w, axis = rotation[self.owner, :1], rotation[self.owner, 1:]
        turn = 2 * np.cross(axis, self.local)
        points = position[self.owner] + self.local + w * turn + np.cross(axis, turn)
        cells = (points - np.array(self.domain.origin_m)) / self.domain.cell_m
        channels = np.concatenate([velocity[self.owner], np.ones((len(self.owner), 1), np.float32)], axis=1)
        kernel.add_puffs(cells.astype(np.float64), np.full(len(cells), 1.0), self.share, channels, out)


class _Air:
    """The state: face velocities, dust, texture displacements, and what has left."""

    def __init__(self, domain: GasDomain, wind_m_s: tuple[float, float, float], seed: int) -> None:
        self.domain, self.dx = domain, domain.cell_m
        nx, ny, nz = domain.shape
        self.velocity = [
            np.full(s, c, np.float32) for s, c in zip(_face_shapes(domain.shape), (*wind_m_s[:2], 0.0), strict=True)
        ]
        self.wind = (wind_m_s[0], wind_m_s[1], 0.0)
        self.velocity[2][:, :, 0] = 0
        self._stir(np.random.default_rng((seed, 0x6A5)))
        self.scratch = [[np.empty_like(f) for f in self.velocity] for _ in range(2)]
        self.density = np.zeros((nx, ny, nz), np.float32)
        self.mover = np.zeros((nx, ny, nz, 4), np.float32)
        self.detail = [np.zeros((nx // 2, ny // 2, nz // 2, 3), np.float32) for _ in range(2)]
        self.curl, self.force = np.empty((nx, ny, nz, 4), np.float32), np.empty((nx, ny, nz, 3), np.float32)
        self.laplacian = _laplacian(domain.shape)
        self.seconds, self.cycle = 0.0, [0, 0]
        self.emitted = self.settled = self.left = 0.0

    def _stir(self, rng: np.random.Generator) -> None:
        """A breath of coarse random motion, so that no cloud is symmetric; the first projection makes it swirl."""
        for component in self.velocity:
            coarse = rng.normal(size=[max(2, n // 6) for n in component.shape]).astype(np.float32)
            for axis, n in enumerate(component.shape):
                coarse = _stretched(coarse, n, axis)
            np.add(component, np.float32(0.12) * coarse, out=component)
        self.velocity[2][:, :, 0] = 0

    def frame(self, burst: DustBurst, dt: float, settle: float, *, has_movers: bool) -> None:
        """One frame: dust comes in, the air moves, the dust moves with it."""
        swell, thrown = self._receive(burst, dt)
        fastest = max(float(np.abs(f).max()) for f in self.velocity)
        if len(burst):
            fastest = max(fastest, float(np.abs(burst.velocity).max()))
        steps = max(1, int(np.ceil(fastest * dt / self.dx / _COURANT)))
        for _ in range(steps):
            self._step(dt / steps, settle, swell, thrown / np.float32(steps), has_movers=has_movers)
            self._refresh_detail(dt / steps)

    def _receive(self, burst: DustBurst, dt: float) -> tuple[np.ndarray, np.ndarray]:
        """Add the burst's dust; return the swelling (m/s) and the momentum it throws, as drag weights.

        Squeezed air takes the place of as much air as it is; dust takes its own share of motion along.
        """
        came = np.zeros((*self.domain.shape, 6), np.float32)
        if len(burst) == 0:
            return np.zeros(self.domain.shape, np.float32), came[..., :4]
        cells = (burst.position.astype(np.float64) - np.array(self.domain.origin_m)) / self.dx
        cells[:, 2] = np.maximum(cells[:, 2], 0)
        dust, gust = (part / np.float32(self.dx**3) for part in (burst.mass_kg, burst.air_m3))
        weight = dust / np.float32(_GRIP * _AIR_KG_M3) + gust
        channels = np.concatenate([burst.velocity * weight[:, None], np.stack([weight, dust, gust], axis=1)], axis=1)
        kernel.add_puffs(cells, burst.radius_m.astype(np.float64) / self.dx, np.ones(len(burst)), channels, came)
        new = np.ascontiguousarray(came[..., 4])
        self.density += new
        emitted = float(burst.mass_kg.sum(dtype=np.float64))
        self.emitted += emitted
        self.left += emitted - float(new.sum(dtype=np.float64)) * self.dx**3
        fresh = came[..., 5] + np.float32(_SWELL_M3_PER_KG) * new
        swell = np.minimum(fresh / np.float32(dt), np.float32(8.0)) * np.float32(self.dx)
        return swell, np.ascontiguousarray(came[..., :4])

    def _step(self, dt: float, settle: float, swell: np.ndarray, thrown: np.ndarray, *, has_movers: bool) -> None:
        u, v, w = self.velocity
        kernel.spin(u, v, w, self.curl)
        kernel.confinement(self.curl, self.density, _CONFINEMENT * dt / self.dx * 2.0, _VISIBLE_KG_M3, self.force)
        kernel.push(u, v, w, self.force, self.density, _WEIGHT_M_S2 * dt, _AIR_KG_M3)
        kernel.drag(u, v, w, thrown)
        if has_movers:
            kernel.drag(u, v, w, self.mover)
        self._project(swell)
        self._carry_dust(dt, settle)
        for n in range(2):
            self.detail[n] = kernel.carry_detail(u, v, w, self.detail[n], dt, self.dx)
            kernel.relax(self.detail[n], _UNTWIST_PER_S * dt)
        self._carry_velocity(dt)

    def _project(self, swell: np.ndarray) -> None:
        u, v, w = self.velocity
        w[:, :, 0] = 0
        p = np.empty(self.domain.shape, np.float32)
        kernel.divergence(u, v, w, swell, p)
        p = fft.dctn(fft.dstn(p, 2, axes=(0, 1), workers=_THREADS), 4, axes=(2,), workers=_THREADS)
        p *= self.laplacian
        p = fft.idstn(fft.idctn(p, 4, axes=(2,), workers=_THREADS), 2, axes=(0, 1), workers=_THREADS)
        kernel.push_apart(u, v, w, p)

    def _carry_dust(self, dt: float, settle: float) -> None:
        u, v, w = self.velocity
        nx, ny, _ = self.domain.shape
        fastest = max(float(np.abs(f).max()) for f in self.velocity) + settle
        steps = max(1, int(np.ceil(fastest * dt / self.dx / 0.95)))
        s, unit = dt / self.dx / steps, self.dx**3
        lx, ly, up, down = np.zeros(ny), np.zeros(nx), np.zeros(nx), np.zeros(nx)
        for step in range(steps):
            if step % 2 == 0:
                kernel.sweep_x(self.density, u, s, lx)
                kernel.sweep_y(self.density, v, s, ly)
                kernel.sweep_z(self.density, w, s, settle, up, down)
            else:
                kernel.sweep_z(self.density, w, s, settle, up, down)
                kernel.sweep_y(self.density, v, s, ly)
                kernel.sweep_x(self.density, u, s, lx)
            self.left += float(lx.sum() + ly.sum() + up.sum()) * unit
            self.settled += float(down.sum()) * unit

    def _carry_velocity(self, dt: float) -> None:
        u, v, w = self.velocity
        h, keep = dt / self.dx, float(np.exp(-_STILL_PER_S * dt))
        hats, after = self.scratch
        for axis, field in enumerate((u, v, w)):
            kernel.predict(u, v, w, field, axis, h, hats[axis])
            kernel.correct(u, v, w, field, hats[axis], axis, h, keep, self.wind[axis], after[axis])
        self.scratch[1], self.velocity = self.velocity, after

    def _refresh_detail(self, dt: float) -> None:
        """Lay each texture field afresh when its own period ends: the two are half a period apart."""
        self.seconds += dt
        for n, offset in enumerate((0.0, 0.5)):
            cycle = int(np.floor(self.seconds / DETAIL_PERIOD_S + offset + 1e-9))
            if cycle != self.cycle[n]:
                self.cycle[n] = cycle
                self.detail[n][:] = 0

    def gas(self, frame: int) -> Gas:
        """The frame as a value; the texture fields stand on the half grid."""
        rest = _half_grid_m(self.domain)
        return Gas(
            frame=frame,
            origin_m=self.domain.origin_m,
            cell_m=self.dx,
            density=self.density.copy(),
            detail_a=rest + self.detail[0],
            detail_b=rest + self.detail[1],
            phase=float(self.seconds / DETAIL_PERIOD_S % 1.0),
        )

    def account(self) -> DustMass:
        """Where all the dust is now."""
        airborne = float(self.density.sum(dtype=np.float64)) * self.dx**3
        left = max(self.left, 0.0)
        return DustMass(emitted_kg=self.emitted, airborne_kg=airborne, settled_kg=self.settled, left_kg=left)


def _shape_of(volume: np.ndarray) -> tuple[int, int, int]:
    nx, ny, nz = volume.shape
    return nx, ny, nz


def _face_shapes(shape: tuple[int, int, int]) -> tuple[tuple[int, int, int], ...]:
    nx, ny, nz = shape
    return (nx + 1, ny, nz), (nx, ny + 1, nz), (nx, ny, nz + 1)


def _laplacian(shape: tuple[int, int, int]) -> np.ndarray:
    """One over the eigenvalues: odd about the sides (p = 0), even about the floor, odd about the top."""
    nx, ny, nz = shape
    kx = 2 * np.cos(np.pi * (np.arange(nx) + 1) / nx) - 2
    ky = 2 * np.cos(np.pi * (np.arange(ny) + 1) / ny) - 2
    kz = 2 * np.cos(np.pi * (np.arange(nz) + 0.5) / nz) - 2
    return (1 / (kx[:, None, None] + ky[None, :, None] + kz[None, None, :])).astype(np.float32)


def _stretched(a: np.ndarray, n: int, axis: int) -> np.ndarray:
    """``a`` resampled linearly to ``n`` samples along ``axis``."""
    x = np.linspace(0, a.shape[axis] - 1, n)
    i = np.minimum(x.astype(int), a.shape[axis] - 2)
    shape = [1, 1, 1]
    shape[axis] = n
    f = (x - i).astype(np.float32).reshape(shape)
    return a.take(i, axis) * (1 - f) + a.take(i + 1, axis) * f


def _half_grid_m(domain: GasDomain) -> Float32[np.ndarray, "mx my mz 3"]:
    """World positions of the half grid's cell centres."""
    axes = [
        np.float32(o + domain.cell_m * 0.5) + np.arange(n // 2, dtype=np.float32) * np.float32(2 * domain.cell_m)
        for o, n in zip(domain.origin_m, domain.shape, strict=True)
    ]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


def save_gas(path: Path, gas: Gas) -> None:
    """Write one frame: half-float density and texture displacements. Errors: :class:`OutputFailed`."""
    from setpiece.media.files import save_arrays

    domain = GasDomain(origin_m=gas.origin_m, cell_m=gas.cell_m, shape=_shape_of(gas.density))
    rest = _half_grid_m(domain)
    save_arrays(
        path,
        schema=np.array(_SCHEMA),
        frame=np.array(gas.frame, np.int64),
        place=np.array([*gas.origin_m, gas.cell_m, gas.phase], np.float64),
        density=gas.density.astype(np.float16),
        shift_a=(gas.detail_a - rest).astype(np.float16),
        shift_b=(gas.detail_b - rest).astype(np.float16),
    )


def load_gas(path: Path) -> Gas:
    """Read what :func:`save_gas` wrote. Errors: :class:`StageError` where the file is not a gas frame."""
    from setpiece.media.files import load_arrays

    arrays = load_arrays(path)
    if str(arrays.get("schema")) != _SCHEMA:
        raise StageError("is not a gas frame", file=path, remedy="delete it; the same command makes it again")
    x, y, z, cell, phase = (float(value) for value in arrays["place"])
    density = arrays["density"].astype(np.float32)
    rest = _half_grid_m(GasDomain(origin_m=(x, y, z), cell_m=cell, shape=_shape_of(density)))
    return Gas(
        frame=int(arrays["frame"]),
        origin_m=(x, y, z),
        cell_m=cell,
        density=density,
        detail_a=rest + arrays["shift_a"].astype(np.float32),
        detail_b=rest + arrays["shift_b"].astype(np.float32),
        phase=phase,
    )
