"""Collars turned down: the fall laid over a neckline that already hangs, creased, and let sink onto what is beneath it.

Place in the flow: within draping, after the rest of the garment has settled. A fall is pressed by the tailor's iron before it
is worn: it keeps the fold that it is laid in, and rests on the garment's own shoulders.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from setpiece.core.garment import Cloth, Pattern
from setpiece.stage.wardrobe.drafting import unbent
from setpiece.stage.wardrobe.draping import Obstacle, Roof, settle
from setpiece.stage.wardrobe.fitting import feet_of, outwards
from setpiece.stage.wardrobe.form import Form
from setpiece.stage.wardrobe.sewing import Sewn, arc_m

Array = np.ndarray
_RISE_M = 0.020  # what stands of a collar that has no stand of its own
_OVER_M = 0.0035  # a fall lies that far over what is beneath it
_SINKING_S = 0.4
_END_M = 0.035  # the end of a seam that a collar's point goes on from
_EVENED = 6


def without_falls(mesh: Sewn) -> Sewn:
    """A garment but for its collar's fall, which is laid on when the rest hangs."""
    kept = ~mesh.creased[mesh.triangles].any(1)
    return replace(mesh, triangles=mesh.triangles[kept], flat=mesh.flat[kept], panel=mesh.panel[kept], part=mesh.part[kept])


def turned_down(mesh: Sewn, points: Array, pattern: Pattern, cloth: Cloth, form: Form, body: Obstacle) -> Array:
    """Points of a garment with its collar laid over and sunk; as they were where it has no fall."""
    if not mesh.creased.any():
        return points
    made = points.copy()
    stands = any("stand" in panel.name for panel in pattern.panels)
    for index, panel in enumerate(pattern.panels):
        here = mesh.panel == index
        if mesh.creased[mesh.triangles[here]].any():
            flat = np.zeros((len(points), 2))
            flat[mesh.triangles[here]] = mesh.flat[here]
            used = np.unique(mesh.triangles[here])
            made[used] = _laid_over(made[used], unbent(flat[used], arc_m(panel)), mesh.creased[used], form, stands=stands)
    under = without_falls(mesh)
    floor = _floor(made, under, form)
    laid = replace(mesh, points=made)
    return settle(laid, cloth, body, seconds=_SINKING_S, points=made, floor=floor, held=~mesh.creased).points


def _laid_over(points: Array, straight: Array, creased: Array, form: Form, *, stands: bool) -> Array:
    """The points of a fall by how far along the neck and how far from its seam they are."""
    seam = np.flatnonzero(~creased)
    seam = seam[np.argsort(straight[seam, 0])]
    along, row = straight[seam, 0], points[seam]
    row = _even(row)
    line = np.stack([np.interp(straight[:, 0], along, row[:, axis]) for axis in range(3)], -1)
    first, last = np.searchsorted(along, (along[0] + _END_M, along[-1] - _END_M))
    for end, inner in ((0, first), (-1, last)):  # points of a collar reach past its seam
        way = (row[end] - row[inner]) / max(float(np.linalg.norm(row[end] - row[inner])), 1e-6)
        past = np.maximum((straight[:, 0] - along[end]) * np.sign(along[end]), 0.0)
        line = line + past[:, None] * way
    out = outwards(form, line) * (1, 1, 0)
    out = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    rise = 0.003 if stands else _RISE_M
    up, down = np.minimum(straight[:, 1], rise), np.maximum(straight[:, 1] - rise, 0.0)
    away = 0.25 * up + np.minimum(down, 0.004) + 0.5 * np.maximum(down - 0.004, 0.0)
    made = line + out * away[:, None]
    made[:, 2] += 0.95 * up - 0.86 * np.maximum(down - 0.004, 0.0)
    return np.where(creased[:, None], made, points)


def _even(row: Array) -> Array:
    """A line of points (n, 3) without its ripples, its ends kept."""
    made = row.copy()
    for _ in range(_EVENED):
        made[1:-1] = 0.25 * made[:-2] + 0.5 * made[1:-1] + 0.25 * made[2:]
    return made


def _floor(points: Array, under: Sewn, form: Form) -> Roof:
    """How far off the body a fall must be to lie over the garment that it belongs to."""
    corners = points[under.triangles]
    cloud = np.concatenate(
        [corners.reshape(-1, 3), corners.mean(1), (corners[:, [0, 1, 2]] + corners[:, [1, 2, 0]]).reshape(-1, 3) / 2]
    )
    cloud = cloud[cloud[:, 2] > form.marks.armpit_z]
    skin, height = feet_of(form, cloud)
    feet = cKDTree(skin)

    def least(at: Array) -> Array:
        away, near = feet.query(feet_of(form, at)[0], k=8, distance_upper_bound=0.02)
        over = np.append(height, 0.0)[near]
        return np.asarray(np.where(np.isfinite(away), over, 0.0).max(1) + _OVER_M)

    return least
