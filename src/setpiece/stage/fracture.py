"""Panels broken into convex pieces: Voronoi in the plane of each wall, graded from slabs down to half bricks.

Site density follows a log-normal field (sizes of real rubble spread over decades) and rises along crack lines, towards
impact points and free edges; cells are stretched along the material's grain (courses of masonry, splinters of timber).
The back of a piece is a little smaller than its front and shifted, so that a fracture surface is never square to the wall.
Same seed, same pieces, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.spatial import ConvexHull, QhullError, Voronoi, cKDTree

from setpiece.core.stage import Face, Material, Pieces
from setpiece.stage.coursing import coursed_cells
from setpiece.stage.proxy import GRID_M, Panel

DENSITY_KG_M3 = {
    Material.MASONRY: 1850.0,
    Material.CONCRETE: 2350.0,
    Material.TIMBER: 560.0,
    Material.STEEL: 7800.0,
    Material.GLASS: 2500.0,
    Material.PLASTER: 950.0,
    Material.SLATE: 1400.0,
    Material.STONE: 2250.0,
}
COURSED_SPREAD = 1.4  # dressed stone comes down in slabs of many stones, and in rubble
Focus = Callable[[np.ndarray], np.ndarray]  # world points (n, 3) -> how much of the cutting they ask for, (n,), > 0

# Stretch of cells along u and v: sites are scattered in a space scaled by the inverse.
_GRAIN = {
    Material.MASONRY: (1.35, 0.8),
    Material.CONCRETE: (1.0, 1.0),
    Material.TIMBER: (0.45, 2.6),
    Material.STEEL: (0.4, 3.0),
    Material.GLASS: (0.8, 1.3),
    Material.PLASTER: (1.1, 1.0),
    Material.SLATE: (1.0, 0.9),
    Material.STONE: (1.3, 0.8),
}


def fracture(
    panels: tuple[Panel, ...],
    *,
    pieces: int,
    seed: int,
    impact_m: np.ndarray | None = None,
    spread: float = 0.75,
    smallest_m: float = 0.0,
    focus: Focus | None = None,
) -> Pieces:
    """Break ``panels`` into about ``pieces`` convex pieces.

    Facades get six times the share of hidden panels by area: they are what the camera sees. ``impact_m`` (n, 3) are points
    around which the cut is finer, ``focus`` says so of every point. ``spread`` is the standard deviation of the log of the
    density; no two sites stand closer than ``smallest_m``. Facades of stone are cut along their courses.
    """
    fields = [np.ones(panel.mask.shape) if focus is None else _asked(panel, focus) for panel in panels]
    weights = np.array(
        [
            float((field * panel.mask).sum()) * GRID_M**2 * (6.0 if panel.facade else 1.0)
            for panel, field in zip(panels, fields, strict=True)
        ]
    )
    share = np.maximum(3, np.round(pieces * weights / weights.sum())).astype(int)
    blocks: list[_Block] = []
    for index, (panel, count, field) in enumerate(zip(panels, share, fields, strict=True)):
        rng = np.random.default_rng([seed, index])
        coursed = panel.facade and panel.material == Material.STONE
        density = _density(panel, rng, impact_m, spread * (COURSED_SPREAD if coursed else 1.0)) * field
        if coursed:
            fronts = _coursed(panel, int(count), rng, density)
        else:
            fronts = _cells(panel, int(count), rng, density, smallest_m)
        for front in fronts:
            block = _prism(panel, index, front, rng)
            if block is not None:
                blocks.append(block)
    return _assemble(blocks)


def _points(panel: Panel) -> np.ndarray:
    """(nv, nu, 3): the world points of a panel's raster."""
    u = (np.arange(panel.mask.shape[1]) + 0.5) * GRID_M
    v = (np.arange(panel.mask.shape[0]) + 0.5) * GRID_M
    return np.asarray(panel.origin + u[None, :, None] * panel.U + v[:, None, None] * panel.V)


def _asked(panel: Panel, focus: Focus) -> np.ndarray:
    """(nv, nu): the focus on a panel's raster."""
    return np.asarray(focus(_points(panel).reshape(-1, 3)), np.float64).reshape(panel.mask.shape)


class _Block:
    """One prism on its way into Pieces."""

    __slots__ = ("facade", "faces", "material", "part", "triangles", "vertices", "volume")

    def __init__(self, vertices: np.ndarray, triangles: np.ndarray, faces: np.ndarray, *, volume: float,
                 material: int, part: int, facade: bool) -> None:  # fmt: skip
        self.vertices, self.triangles, self.faces = vertices, triangles, faces
        self.volume, self.material, self.part, self.facade = volume, material, part, facade


def _density(panel: Panel, rng: np.random.Generator, impact_m: np.ndarray | None, spread: float) -> np.ndarray:
    """Unnormalised probability of a site per raster cell."""
    shape = panel.mask.shape
    coarse = gaussian_filter(rng.standard_normal(shape), 1.1 / GRID_M, mode="reflect")
    fine = gaussian_filter(rng.standard_normal(shape), 0.45 / GRID_M, mode="reflect")
    coarse, fine = coarse / max(coarse.std(), 1e-9), fine / max(fine.std(), 1e-9)
    crack = np.exp(-np.abs(coarse) / 0.18)  # cracks follow the zero line of the coarse field
    field = 0.5 * coarse + 0.6 * fine + 1.8 * crack
    edge = distance_transform_edt(np.pad(panel.mask, 1))[1:-1, 1:-1] * GRID_M
    density = np.exp(spread * field) * (1.0 + 1.2 * np.exp(-edge / 0.8))
    if impact_m is not None and len(impact_m):
        grid = _points(panel)
        for point in np.asarray(impact_m):
            distance = np.linalg.norm(grid - point, axis=2)
            density *= 1.0 + 5.0 * np.exp(-((distance / 2.5) ** 2))
    return np.where(panel.mask, density, 0.0)


def _coursed(panel: Panel, count: int, rng: np.random.Generator, density: np.ndarray) -> list[np.ndarray]:
    """Cells of a wall of dressed stone, trimmed to the outline."""
    rows, columns = np.nonzero(panel.mask)
    inside = np.c_[(columns + 0.5) * GRID_M, (rows + 0.5) * GRID_M]
    polygons = []
    for cell in coursed_cells(density, GRID_M, count, rng):
        low, high = np.floor(cell.min(axis=0) / GRID_M).astype(int), np.ceil(cell.max(axis=0) / GRID_M).astype(int)
        trimmed: np.ndarray | None = cell
        if not panel.mask[low[1] : high[1], low[0] : high[0]].all():
            edges = np.roll(cell, -1, axis=0) - cell
            near = inside[((inside >= cell.min(axis=0)) & (inside <= cell.max(axis=0))).all(axis=1)]
            to = near[:, None, :] - cell[None]
            trimmed = _trim(cell, near[(edges[:, 0] * to[..., 1] - edges[:, 1] * to[..., 0] >= 0).all(axis=1)])
        if trimmed is not None:
            polygons.append(trimmed)
    return polygons


def _cells(panel: Panel, count: int, rng: np.random.Generator, density: np.ndarray, smallest_m: float) -> list[np.ndarray]:
    """Convex polygons (n, 2) in (u, v) metres, counter-clockwise, trimmed to the outline where they overhang it."""
    density = density.ravel()
    inside = np.flatnonzero(density)
    count = min(count, max(1, len(inside) // 4))
    chosen = rng.choice(inside, size=count, replace=False, p=density[inside] / density[inside].sum())
    rows, columns = np.divmod(chosen, panel.mask.shape[1])
    jitter = rng.random((count, 2))
    stretch = np.array(_GRAIN[panel.material])
    sites = np.c_[(columns + jitter[:, 0]) * GRID_M, (rows + jitter[:, 1]) * GRID_M] / stretch
    sites = _spaced(sites, smallest_m)
    count = len(sites)
    size = np.array([panel.mask.shape[1], panel.mask.shape[0]]) * GRID_M / stretch
    mirrored = [sites]
    for axis in (0, 1):
        for plane in (0.0, size[axis]):
            copy = sites.copy()
            copy[:, axis] = 2 * plane - copy[:, axis]
            mirrored.append(copy)
    diagram = Voronoi(np.vstack(mirrored))
    owned = _owned_corners(panel, sites, stretch)
    polygons = []
    for i in range(count):
        region = diagram.regions[diagram.point_region[i]]
        if len(region) < 3 or -1 in region:
            continue
        polygon = _counter_clockwise(diagram.vertices[region]) * stretch
        trimmed = _trim(polygon, owned.get(i))
        if trimmed is not None:
            polygons.append(trimmed)
    return polygons


def _spaced(sites: np.ndarray, apart: float) -> np.ndarray:
    """``sites`` (n, 2) without those that come nearer than ``apart`` to an earlier one."""
    if apart <= 0:
        return sites
    keep = np.ones(len(sites), bool)
    for i, j in sorted(cKDTree(sites).query_pairs(apart)):
        if keep[i]:
            keep[j] = False
    return sites[keep]


def _owned_corners(panel: Panel, sites: np.ndarray, stretch: np.ndarray) -> dict[int, np.ndarray | None]:
    """For each site: None where its cell lies wholly inside the outline, else the raster cells inside that it owns."""
    rows, columns = np.nonzero(np.ones_like(panel.mask))
    centres = np.c_[(columns + 0.5) * GRID_M, (rows + 0.5) * GRID_M]
    owner = cKDTree(sites).query(centres / stretch)[1]
    inside = panel.mask.ravel()
    overhang = np.zeros(len(sites), bool)
    overhang[owner[~inside]] = True
    order = np.argsort(owner[inside], kind="stable")
    split = np.searchsorted(owner[inside][order], np.arange(len(sites) + 1))
    points = centres[inside][order]
    return {
        i: points[split[i] : split[i + 1]] if overhang[i] else None
        for i in range(len(sites))
        if split[i + 1] > split[i] or not overhang[i]
    } | {i: np.empty((0, 2)) for i in range(len(sites)) if overhang[i] and split[i + 1] == split[i]}


def _counter_clockwise(polygon: np.ndarray) -> np.ndarray:
    area = np.sum(polygon[:, 0] * np.roll(polygon[:, 1], -1) - np.roll(polygon[:, 0], -1) * polygon[:, 1])
    return polygon if area > 0 else polygon[::-1]


def _trim(polygon: np.ndarray, owned: np.ndarray | None) -> np.ndarray | None:
    """The cell, or its part around the raster cells that it owns; None where nothing worth a piece is left."""
    if owned is None:
        return polygon
    if len(owned) < 2:
        return None
    half = GRID_M * 0.75
    corners = np.concatenate([owned + np.array(step) * half for step in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    try:
        hull = corners[ConvexHull(corners).vertices]
    except QhullError:
        return None
    clipped = _clip(polygon, _counter_clockwise(hull))
    return clipped if len(clipped) >= 3 else None


def _clip(subject: np.ndarray, clip: np.ndarray) -> np.ndarray:
    """Intersection of two convex counter-clockwise polygons (Sutherland and Hodgman, 1974)."""
    output = subject
    for a, b in zip(clip, np.roll(clip, -1, axis=0), strict=True):
        if len(output) < 3:
            return np.empty((0, 2))
        edge = b - a
        side = edge[0] * (output[:, 1] - a[1]) - edge[1] * (output[:, 0] - a[0])
        following, next_side = np.roll(output, -1, axis=0), np.roll(side, -1)
        kept = []
        for p, q, s, t in zip(output, following, side, next_side, strict=True):
            if s >= 0:
                kept.append(p)
            if (s >= 0) != (t >= 0):
                kept.append(p + (q - p) * (s / (s - t)))
        output = np.array(kept) if kept else np.empty((0, 2))
    return output


def _prism(panel: Panel, part: int, front: np.ndarray, rng: np.random.Generator) -> _Block | None:
    """A closed piece between the outer polygon and a smaller, shifted copy of it on the inner face."""
    keep = np.linalg.norm(front - np.roll(front, -1, axis=0), axis=1) > 0.02
    front = front[keep]
    if len(front) < 3:
        return None
    centre = front.mean(axis=0)
    x, y = front[:, 0], front[:, 1]
    area = 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    if area < 0.004:
        return None
    stone = panel.facade and panel.material == Material.STONE
    taper = rng.uniform(0.62, 0.9) if stone else rng.uniform(0.84, 0.97)
    thickness = panel.thickness_m
    if stone:  # a stone reaches as deep as it is large; what lies behind it is rubble that crumbles to dust
        thickness *= min(1.0, rng.uniform(0.3, 0.6) + rng.uniform(0.3, 0.7) * float(np.sqrt(area)) / thickness)
    shift = rng.normal(0.0, 0.05, 2) * np.sqrt(area)
    back = centre + (front - centre) * taper + np.clip(shift, -0.1, 0.1) * (1 - taper) * 5
    n = len(front)
    flat = [panel.origin + p[:, :1] * panel.U + p[:, 1:] * panel.V + w * panel.N for p, w in ((front, 0.0), (back, thickness))]
    vertices = np.vstack(flat)
    outward = np.cross(panel.U, panel.V) @ panel.N  # -1: N points away from the side on which (u, v) turns left
    fan = np.array([(0, j, j + 1) for j in range(1, n - 1)])
    sides = [t for j in range(n) for t in ((j, n + j, n + (j + 1) % n), (j, n + (j + 1) % n, (j + 1) % n))]
    triangles = np.vstack([fan, fan[:, ::-1] + n, np.array(sides)])
    if outward > 0:
        triangles = triangles[:, ::-1]
    outer = Face.PLATE if panel.facade else Face.INSIDE
    faces = np.concatenate([np.full(n - 2, outer), np.full(n - 2, Face.INSIDE), np.full(2 * n, Face.BROKEN)])
    volume = area * thickness * (1 + taper + taper**2) / 3
    return _Block(vertices, triangles, faces, volume=volume, material=int(panel.material), part=part,
                  facade=panel.facade)  # fmt: skip


def _centroid(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Centre of mass of a closed triangle mesh."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    base = vertices.mean(axis=0)
    signed = np.einsum("ij,ij->i", a - base, np.cross(b - base, c - base))
    total = signed.sum()
    if abs(total) < 1e-9:
        return base
    return base + ((a + b + c - 3 * base) / 4 * signed[:, None]).sum(axis=0) / total


def _assemble(blocks: list[_Block]) -> Pieces:
    starts = np.cumsum([0, *[len(block.vertices) for block in blocks]])
    volume = np.array([block.volume for block in blocks], np.float32)
    material = np.array([block.material for block in blocks], np.int32)
    density = np.array([DENSITY_KG_M3[Material(m)] for m in material], np.float32)
    return Pieces(
        vertices=np.vstack([block.vertices for block in blocks]).astype(np.float32),
        triangles=np.vstack([block.triangles + start for block, start in zip(blocks, starts[:-1], strict=True)]).astype(
            np.int32
        ),
        triangle_piece=np.repeat(np.arange(len(blocks)), [len(block.triangles) for block in blocks]).astype(np.int32),
        triangle_face=np.concatenate([block.faces for block in blocks]).astype(np.int32),
        vertex_start=starts.astype(np.int32),
        centre=np.array([_centroid(block.vertices, block.triangles) for block in blocks], np.float32),
        mass_kg=volume * density,
        volume_m3=volume,
        material=material,
        part=np.array([block.part for block in blocks], np.int32),
        visible=np.array([int(block.facade) for block in blocks], np.int32),
    )
