"""What stands on what: contacts between pieces and the load path to the ground.

A piece stands while a chain of standing pieces carries its load down. The cost of a chain counts how far the load is taken
sideways (a wall arches over a gap, a slab cantilevers) and how far it hangs; straight down is free. Above its material's
limit a piece falls. Quasi-static, in the spirit of load-path tests for block masonry (Whiting, Ochsendorf and Durand,
2009), reduced to a shortest path so that thousands of pieces take milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from setpiece.core.arrays import Float32, Int32, frozen
from setpiece.core.stage import Material, Pieces

REACH_M = {
    Material.MASONRY: 1.6,
    Material.CONCRETE: 3.2,
    Material.TIMBER: 3.5,
    Material.STEEL: 5.0,
    Material.GLASS: 0.9,
    Material.PLASTER: 1.2,
    Material.SLATE: 1.0,
    Material.STONE: 2.2,
}


HOLD_M_S = {
    Material.MASONRY: 2.5,
    Material.STONE: 3.0,
    Material.CONCRETE: 3.5,
    Material.TIMBER: 3.0,
    Material.STEEL: 9.0,
    Material.GLASS: 0.5,
    Material.PLASTER: 1.0,
    Material.SLATE: 1.0,
}
"""The speed, m/s, that a blow must give a piece, were it free, to break it out of what holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportGraph:
    """Directed contacts: ``upper`` is carried by ``lower`` at ``cost_m`` of sideways or hanging reach.

    ``limit_m`` (k,): the reach at which a piece falls. ``hold_m_s`` (k,): how hard a blow must be to break it out.
    """

    upper: Int32[np.ndarray, "e"]
    lower: Int32[np.ndarray, "e"]
    cost_m: Float32[np.ndarray, "e"]
    grounded: Int32[np.ndarray, "g"]
    limit_m: Float32[np.ndarray, "k"]
    hold_m_s: Float32[np.ndarray, "k"]

    def __post_init__(self) -> None:
        for array in (self.upper, self.lower, self.cost_m, self.grounded, self.limit_m, self.hold_m_s):
            frozen(array)

    def reach(self, standing: np.ndarray) -> np.ndarray:
        """Reach in metres from each piece to the ground over ``standing`` (k,) pieces; inf where there is no path."""
        count = len(self.limit_m)
        keep = standing[self.upper] & standing[self.lower]
        source = count
        grounded = self.grounded[standing[self.grounded]]
        rows = np.concatenate([self.lower[keep], np.full(len(grounded), source)])
        columns = np.concatenate([self.upper[keep], grounded])
        weights = np.concatenate([self.cost_m[keep] + 1e-4, np.full(len(grounded), 1e-4)])
        graph = csr_matrix((weights, (rows, columns)), shape=(count + 1, count + 1))
        return np.asarray(dijkstra(graph, indices=source)[:count])

    def falling(self, standing: np.ndarray) -> np.ndarray:
        """Which of the ``standing`` (k,) pieces have lost their load path."""
        return standing & (self.reach(standing) > self.limit_m)


def support_graph(pieces: Pieces, *, ground_z_m: float = 0.0, tolerance_m: float = 0.07, strength: float = 1.0) -> SupportGraph:
    """Contacts by overlap of slightly grown boxes. Pieces that stand at rest are never judged falling at rest.

    ``strength`` scales how far each material reaches: 1 as built, 0 falls to bits.
    """
    low, high = boxes(pieces)
    upper, lower = touching(low - tolerance_m, high + tolerance_m)
    upper, lower = np.concatenate([upper, lower]), np.concatenate([lower, upper])
    offset = pieces.centre[upper] - pieces.centre[lower]
    sideways = np.linalg.norm(offset[:, :2], axis=1)
    rise = offset[:, 2]
    cost = np.maximum(0.0, sideways - 0.9 * np.maximum(rise, 0.0)) + 2.0 * np.maximum(-rise - 0.2, 0.0)
    grounded = np.flatnonzero(low[:, 2] < ground_z_m + 0.35).astype(np.int32)
    limit = strength * np.array([REACH_M[Material(m)] for m in pieces.material], np.float32)
    hold = strength * np.array([HOLD_M_S[Material(m)] for m in pieces.material], np.float32)
    graph = SupportGraph(upper=upper.astype(np.int32), lower=lower.astype(np.int32), cost_m=cost.astype(np.float32),
                         grounded=grounded, limit_m=limit, hold_m_s=hold)  # fmt: skip
    at_rest = graph.reach(np.ones(len(pieces), bool))
    at_rest = np.where(np.isfinite(at_rest), at_rest, 0.0)
    limit = np.maximum(limit, at_rest + 0.4 * limit + 0.01).astype(np.float32)
    return SupportGraph(upper=graph.upper, lower=graph.lower, cost_m=graph.cost_m, grounded=grounded,
                        limit_m=limit, hold_m_s=hold)  # fmt: skip


def boxes(pieces: Pieces) -> tuple[np.ndarray, np.ndarray]:
    """Axis-aligned boxes at rest: (k, 3) low and high corners, metres."""
    starts = pieces.vertex_start[:-1]
    return np.minimum.reduceat(pieces.vertices, starts), np.maximum.reduceat(pieces.vertices, starts)


def touching(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All pairs i < j of overlapping boxes, by a sweep along x."""
    order = np.argsort(low[:, 0], kind="stable")
    end = np.searchsorted(low[order, 0], high[order, 0], side="right")
    counts = end - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), counts)
    second = first + 1 + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    i, j = order[first], order[second]
    hit = ((low[i, 1:] <= high[j, 1:]) & (high[i, 1:] >= low[j, 1:])).all(axis=1)
    return i[hit], j[hit]
