"""Steel sashes and what has become of them: tilted panes, broken panes, boards, blocked openings, open vents."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from street.layout import Opening
from street.meshes import Parts, turn_about

Place = Callable[[np.ndarray], np.ndarray]  # wall (along, inward, up) metres -> factory metres
BAR_M, FRAME_M, MULLION_M = 0.024, 0.045, 0.07


def glaze(parts: Parts, place: Place, hole: Opening, rng: np.random.Generator, *, at: float, ruin: float) -> None:
    """A sash with its panes in ``hole``, ``at`` metres behind the wall's face; ``ruin`` 0..1 is how much is broken."""
    width, height = hole.u1 - hole.u0, hole.z1 - hole.z0
    lights = max(1, round(width / 0.92))
    columns, rows = lights * 2, max(2, round(height / 0.49))
    us = np.linspace(hole.u0 + FRAME_M, hole.u1 - FRAME_M, columns + 1)
    zs = np.linspace(hole.z0 + FRAME_M, hole.z1 - FRAME_M, rows + 1)
    _frame(parts, place, hole, at)
    vents = {light for light in range(lights) if rng.random() < 0.34} if rows >= 4 else set()
    turns = {light: -rng.uniform(12, 38) if rng.random() < 0.45 else 0.0 for light in vents}
    for light in range(lights):
        low, high = rows - 3, rows - 1
        vent = light in vents
        for column in (2 * light, 2 * light + 1):
            for row in range(rows):
                turned = turns[light] if vent and low <= row < high else 0.0
                pivot = (at, (zs[low] + zs[high]) / 2) if vent else (at, 0.0)
                box = (us[column], us[column + 1], zs[row], zs[row + 1])
                _pane(parts, place, box, rng, at=at, ruin=ruin, tilt=turned, pivot=pivot)
                _bars(parts, place, box, at, turned, pivot)
    for light in range(1, lights):
        u = us[2 * light]
        _beam(parts, place, (u - MULLION_M / 2, hole.z0, u + MULLION_M / 2, hole.z1), at - 0.02, at + 0.06)


def _beam(parts: Parts, place: Place, span: tuple, front: float, back: float, material: str = "sash") -> None:
    u0, z0, u1, z1 = span
    box = Parts()
    box.box((u0, front, z0), (u1, back, z1), material)
    parts.absorb(box, place)


def _frame(parts: Parts, place: Place, hole: Opening, at: float) -> None:
    u0, u1, z0, z1 = hole.u0, hole.u1, hole.z0, hole.z1
    for span in (
        (u0, z0, u0 + FRAME_M, z1),
        (u1 - FRAME_M, z0, u1, z1),
        (u0, z0, u1, z0 + FRAME_M),
        (u0, z1 - FRAME_M, u1, z1),
    ):
        _beam(parts, place, span, at - 0.015, at + 0.05)


def _swing(points: np.ndarray, degrees: float, pivot: tuple[float, float]) -> np.ndarray:
    if not degrees:
        return points
    centre = np.array([0.0, *pivot])
    return (points - centre) @ turn_about("x", degrees).T + centre


def _bars(parts: Parts, place: Place, box: tuple, at: float, tilt: float, pivot: tuple) -> None:
    u0, u1, z0, z1 = box
    for low, high in (((u0 - BAR_M / 2, z0), (u0 + BAR_M / 2, z1)), ((u0, z0 - BAR_M / 2), (u1, z0 + BAR_M / 2))):
        bar = Parts()
        bar.box((low[0], at - 0.01, low[1]), (high[0], at + 0.025, high[1]), "sash")
        parts.absorb(bar, lambda p: place(_swing(p, tilt, pivot)))


def _pane(
    parts: Parts, place: Place, box: tuple, rng: np.random.Generator, *, at: float, ruin: float, tilt: float, pivot: tuple
) -> None:
    u0, u1, z0, z1 = box
    fate = rng.random()
    lean = rng.normal(0, 0.007, 2)
    dirty = rng.random() < 0.3
    material = "glass dirty" if dirty else "glass"
    y = at + 0.008

    def put(points: np.ndarray, faces: np.ndarray, name: str) -> None:
        middle = np.array([(u0 + u1) / 2, 0, (z0 + z1) / 2])
        points = points.copy()
        points[:, 1] += (points[:, 0] - middle[0]) * lean[0] + (points[:, 2] - middle[2]) * lean[1]
        parts.add(place(_swing(points, tilt, pivot)), faces, name)

    if fate < ruin * 0.55:
        return
    if fate < ruin:
        put(*_shards(box, y, rng), material)
        return
    if fate > 0.965:
        material = "plywood" if fate > 0.983 else "lead"
    corners = np.array([[u0, y, z0], [u1, y, z0], [u1, y, z1], [u0, y, z1]])
    put(corners, np.array([[0, 1, 2, 3]]), material)


def _shards(box: tuple, y: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What a stone leaves of a pane: teeth around a ragged hole."""
    u0, u1, z0, z1 = box
    n = int(rng.integers(9, 14))
    angle = np.sort(rng.uniform(0, 2 * np.pi, n))
    centre = np.array([u0 + (u1 - u0) * rng.uniform(0.3, 0.7), z0 + (z1 - z0) * rng.uniform(0.3, 0.7)])
    direction = np.stack([np.cos(angle), np.sin(angle)], 1)
    with np.errstate(divide="ignore"):
        reach_u = np.where(direction[:, 0] > 0, (u1 - centre[0]) / direction[:, 0], (u0 - centre[0]) / direction[:, 0])
        reach_z = np.where(direction[:, 1] > 0, (z1 - centre[1]) / direction[:, 1], (z0 - centre[1]) / direction[:, 1])
    reach = np.minimum(reach_u, reach_z)
    keep = rng.uniform(0.25, 1.0, n) ** 0.8
    outer, inner = centre + direction * reach[:, None], centre + direction * (reach * keep)[:, None]
    flat = np.concatenate([outer, inner])
    points = np.stack([flat[:, 0], np.full(2 * n, y), flat[:, 1]], 1)
    k = np.arange(n)
    faces = np.stack([k, (k + 1) % n, n + (k + 1) % n, n + k], 1)
    gap = np.diff(angle, append=angle[0] + 2 * np.pi) < 1.4
    return points, faces[gap & (rng.random(n) < 0.85)]


def board_up(parts: Parts, place: Place, hole: Opening, rng: np.random.Generator, *, at: float) -> None:
    """Plywood sheets or odd planks nailed over an opening."""
    if rng.random() < 0.5:
        split = hole.u0 + (hole.u1 - hole.u0) * rng.uniform(0.42, 0.58)
        for u0, u1 in ((hole.u0 + 0.01, split - 0.006), (split + 0.006, hole.u1 - 0.01)):
            top = hole.z1 - (0.02 if rng.random() < 0.7 else rng.uniform(0.3, 0.7))
            _beam(parts, place, (u0, hole.z0 + 0.01, u1, top), at, at + 0.018, "plywood")
        return
    z = hole.z0 + 0.02
    while z < hole.z1 - 0.15:
        tall = rng.uniform(0.16, 0.24)
        if rng.random() < 0.86:
            plank = Parts()
            plank.box(
                (hole.u0 - rng.uniform(-0.02, 0.1), at - 0.03, z), (hole.u1 + rng.uniform(-0.02, 0.1), at, z + tall), "plank"
            )
            lean = turn_about("y", rng.normal(0, 0.9))
            centre = plank.vertices[0].mean(axis=0)
            parts.absorb(plank, lambda p, lean=lean, centre=centre: place((p - centre) @ lean.T + centre))
        z += tall + rng.uniform(0.006, 0.035)


def block_up(parts: Parts, place: Place, hole: Opening, *, at: float) -> None:
    """Bricked up, a few centimetres back from the face."""
    _beam(parts, place, (hole.u0, hole.z0, hole.u1, hole.z1), at, at + 0.2, "brick plain")


def shutter(parts: Parts, place: Place, hole: Opening, *, at: float, raised: float) -> None:
    """A corrugated roller door, lifted by ``raised`` metres and hanging askew."""
    low = hole.z0 + raised
    quad = np.array([[hole.u0, at, low], [hole.u1, at, low + 0.12], [hole.u1, at, hole.z1], [hole.u0, at, hole.z1]])
    parts.add(place(quad), np.array([[0, 1, 2, 3]]), "shutter")
    _beam(parts, place, (hole.u0, low - 0.05, hole.u1, low + 0.03), at - 0.03, at + 0.03, "sash")
