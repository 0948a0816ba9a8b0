"""The dust that Cycles is given: the house's cloud with its billows carved in, on a finer grid.

Cycles reads a plain grid, so what engine ``house`` carves while it marches is carved here beforehand, at ``FINER`` times the
gas's resolution: both engines show the same cloud. Kernels write disjoint slabs; the bits do not depend on the thread count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange

from setpiece.core.arrays import Float32, frozen
from setpiece.core.light import Light
from setpiece.core.stage import Gas
from setpiece.generate.engines.house.dust import DustLook, light_gas
from setpiece.generate.engines.house.dust_field import FINE, billow, carved, coordinates, haze, read_volume
from setpiece.generate.engines.house.dust_noise import LOBES, SIZE, billow_volume

FINER = 2
_THIN = np.float32(3e-4)  # kg/m3: less is not seen
_HALF = np.float32(0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class DustGrid:
    """Density in kg/m3 (nx, ny, nz); cell (i, j, k) has its centre at ``origin_m + (i, j, k) * cell_m``."""

    density: Float32[np.ndarray, "nx ny nz"]
    origin_m: tuple[float, float, float]
    cell_m: float

    def __post_init__(self) -> None:
        frozen(self.density)


def dust_grid(gas: Gas, light: Light, *, look: DustLook, seconds: float, seed: int) -> DustGrid:
    """The carved cloud of one frame, ``seconds`` into the shot. Raises :class:`StageError` where the gas is not finite."""
    lit = light_gas(gas, light, look=look)
    weight_a = 1 - abs(2 * gas.phase - 1)
    strength = float(np.hypot(weight_a, 1 - weight_a))
    numbers = [look.edge_kg_m3, look.detail, max(0.06, 0.6 * (1 - look.edge_hardness)),
               SIZE / LOBES / (look.lobe_cells * gas.cell_m), weight_a / strength, (1 - weight_a) / strength,
               0.15 * seconds]  # fmt: skip
    fine = np.zeros([FINER * n for n in gas.density.shape], np.float32)
    cell = gas.cell_m / FINER
    first = [float(o) + (0.5 / FINER - 0.5) * gas.cell_m for o in gas.origin_m]
    if not lit.empty:
        place = np.array([*gas.origin_m, gas.cell_m], np.float32)
        _carve(lit.volume, lit.shift, billow_volume(seed), place, np.array(numbers, np.float32), np.float32(1 / FINER), fine)
    return DustGrid(density=fine, origin_m=(first[0], first[1], first[2]), cell_m=cell)


@njit(cache=True, parallel=True, fastmath=True)
def _carve(
    volume: np.ndarray, shift: np.ndarray, noise: np.ndarray, place: np.ndarray, look: np.ndarray, finer: Any, out: np.ndarray
) -> None:
    """Fill ``out`` at the centres of its cells; ``finer`` is a cell of it in gas cells."""
    cell = place[3]
    ratio = np.float32(shift.shape[0]) / np.float32(volume.shape[0])
    edge, detail, soft, per_m, wa, wb, lift = look[0], look[1], look[2], look[3], look[4], look[5], look[6]
    for slab in prange(out.shape[0]):
        i: Any = np.int64(slab)
        gx = (np.float32(i) + _HALF) * finer - _HALF
        for j in range(out.shape[1]):
            gy = (np.float32(j) + _HALF) * finer - _HALF
            for k in range(out.shape[2]):
                gz = (np.float32(k) + _HALF) * finer - _HALF
                rho, _, _, wide = read_volume(volume, gx, gy, gz)
                if wide <= _THIN:
                    continue
                s = wide / (wide + edge)
                dense = haze(rho, s)
                if s > np.float32(0.04):
                    px, py, pz = place[0] + gx * cell, place[1] + gy * cell, place[2] + gz * cell
                    tex = coordinates(shift, ratio, gx, gy, gz, px, py, pz)
                    n = billow(noise, tex, wa, wb, per_m, np.float32(0))
                    n += np.float32(0.5) * (billow(noise, tex, wa, wb, FINE * per_m, lift) - _HALF)
                    dense = carved(rho, s, n, edge, detail, soft)
                out[i, j, k] = dense
