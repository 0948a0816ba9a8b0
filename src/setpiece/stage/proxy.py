"""A hollow building from a matte and a camera: facades, slabs, cross walls, a spine and a back wall, as flat panels.

Second step of the stage. Each facade panel stands on a stretch of the footprint (the line where walls meet the ground in
the picture) and follows the silhouette of the matte; hidden panels stand behind it and are kept only where they are
hidden, so that nothing shows beside a chimney or hangs in the sky. Refuses: a footprint at or above the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from setpiece.core.arrays import Float32, Mask, Plane, frozen
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.stage import Material

GRID_M = 0.16  # raster of a panel's outline
_CUT_SHARE = 0.2  # of the frame's top edge inside the building, from which on the frame cuts it
_GAP_M = 0.02  # between panels, so that Bullet meets no overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingPlan:
    """What a designer would state of the building; metres.

    ``hollow`` False fills nothing more: it only thickens the walls to ``3 * wall_m`` (a tower, a keep).
    """

    storeys: int
    storey_m: float
    depth_m: float
    wall_m: float = 0.42
    slab_m: float = 0.22
    bay_m: float = 6.0
    hollow: bool = True
    walls: Material = Material.MASONRY
    floors: Material = Material.CONCRETE
    roof: Material = Material.SLATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A flat slab: point(u, v, w) = origin + u U + v V + w N, 0 <= w <= thickness_m, u and v inside ``mask``.

    ``mask`` (nv, nu) is rastered at ``GRID_M``; row 0 is v = 0. ``N`` points to the inside of the building, so that
    w = 0 is the outer face; ``facade`` panels carry the plate there.
    """

    name: str
    origin: Float32[np.ndarray, "3"]
    U: Float32[np.ndarray, "3"]
    V: Float32[np.ndarray, "3"]
    N: Float32[np.ndarray, "3"]
    thickness_m: float
    mask: Mask
    material: Material
    facade: bool

    def __post_init__(self) -> None:
        for array in (self.origin, self.U, self.V, self.N, self.mask):
            frozen(array)

    @property
    def area_m2(self) -> float:
        """Area of the outline."""
        return float(self.mask.sum()) * GRID_M**2


def footprint_on_ground(footprint_px: np.ndarray, camera: Camera) -> np.ndarray:
    """The footprint (n, 2) px as world points (n, 3) on the ground, left to right; errors name the vertex."""
    order = np.argsort(footprint_px[:, 0], kind="stable")
    points = camera.on_ground(np.asarray(footprint_px, np.float64)[order])
    bad = ~np.isfinite(points).all(axis=1) | (np.linalg.norm(points, axis=1) > 2000)
    if bad.any():
        x, y = np.asarray(footprint_px)[order][int(np.argmax(bad))]
        raise StageError(
            f"footprint vertex ({x:.0f}, {y:.0f}) lies at or above the horizon ({camera.horizon_y(float(x)):.0f})",
            remedy="move building.footprint below the horizon, or correct camera.horizon_y_px",
        )
    return points.astype(np.float64)


def build_proxy(camera: Camera, matte: Plane, footprint_px: np.ndarray, plan: BuildingPlan) -> tuple[Panel, ...]:
    """Panels of a hollow building.

    ``matte`` (h, w) 0..1 at the camera's size; ``footprint_px`` (n, 2), n >= 2. The longest stretch of the footprint is the
    main facade; slabs, cross walls, spine and back wall stand behind it.
    """
    foot = footprint_on_ground(np.asarray(footprint_px), camera)
    if len(foot) < 2:
        raise StageError("the footprint has fewer than two points", remedy="give building.footprint two or more points")
    inside = matte > 0.35
    facades = [
        _facade(f"facade{i}", foot[i], foot[i + 1], camera, inside, plan, ends=(i == 0, i == len(foot) - 2))
        for i in range(len(foot) - 1)
    ]
    facades = [facade for facade in facades if facade.mask.any()]
    if not facades:
        raise StageError(
            "the matte does not meet any facade plane", remedy="check matte and building.footprint in stage/camera.png"
        )
    main = max(facades, key=lambda facade: facade.area_m2)
    hidden = cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    rooms = _interior(main, facades, camera, hidden, plan) if plan.hollow else []
    return tuple(facades + rooms)


def _facade(
    name: str,
    start: np.ndarray,
    end: np.ndarray,
    camera: Camera,
    inside: Mask,
    plan: BuildingPlan,
    *,
    ends: tuple[bool, bool],
) -> Panel:
    """The facade over one stretch of the footprint; the outermost ones reach on as far as the matte does."""
    along = (end - start)[:2]
    length = float(np.linalg.norm(along))
    if length < 0.5:
        raise StageError("two footprint points stand less than 0.5 m apart", remedy="merge them in building.footprint")
    U = np.array([*(along / length), 0.0])
    V = np.array([0.0, 0.0, 1.0])
    N = np.array([-U[1], U[0], 0.0])
    if N @ (start - np.asarray(camera.position_m)) < 0:
        N = -N
    reach = 0.5 * length + 4.0
    before, after = (reach if ends[0] else 0.0), (reach if ends[1] else 0.0)
    origin = start - U * before
    nu = int(np.ceil((length + before + after) / GRID_M))
    height = _height_limit(camera, start, end)
    nv = int(np.ceil(height / GRID_M))
    mask = _raster(origin, U, V, nu, nv, camera, inside)
    mask = _largest(mask)
    columns = np.flatnonzero(mask.any(axis=0))
    rows = np.flatnonzero(mask.any(axis=1))
    if len(columns):
        origin = origin + U * (columns[0] * GRID_M)
        mask = mask[: rows[-1] + 1, columns[0] : columns[-1] + 1]
    mask = _grounded(mask)
    thickness = plan.wall_m if plan.hollow else 3 * plan.wall_m
    return Panel(
        name=name,
        origin=origin.astype(np.float32),
        U=U.astype(np.float32),
        V=V.astype(np.float32),
        N=N.astype(np.float32),
        thickness_m=thickness,
        mask=np.ascontiguousarray(mask),
        material=plan.walls,
        facade=True,
    )


def _height_limit(camera: Camera, start: np.ndarray, end: np.ndarray) -> float:
    """How high the picture reaches on the facade, plus a storey that leaves the frame, at most 150 m."""
    middle = (start + end) / 2
    ray = camera.rays(np.array([[camera.centre_px[0], 0.0]]))[0].astype(np.float64)
    run = np.linalg.norm(middle[:2] - np.asarray(camera.position_m)[:2])
    flat = float(np.hypot(ray[0], ray[1]))
    top = camera.position_m[2] + run * ray[2] / max(flat, 1e-3)
    return float(np.clip(top + 3.0, 3.0, 150.0))


def _raster(origin: np.ndarray, U: np.ndarray, V: np.ndarray, nu: int, nv: int, camera: Camera, inside: Mask) -> Mask:
    """Which cells of a panel project into ``inside``. Above the frame, and beside it, the frame's edge decides."""
    u = (np.arange(nu) + 0.5) * GRID_M
    v = (np.arange(nv) + 0.5) * GRID_M
    grid = origin + u[None, :, None] * U + v[:, None, None] * V
    pixels, depth = camera.project(grid.reshape(-1, 3))
    x = np.clip(pixels[:, 0].astype(np.int64), 0, inside.shape[1] - 1)
    y = np.clip(pixels[:, 1].astype(np.int64), 0, inside.shape[0] - 1)
    sideways = (pixels[:, 0] < -0.15 * inside.shape[1]) | (pixels[:, 0] > 1.15 * inside.shape[1])
    return (inside[y, x] & (depth > 0.5) & ~sideways).reshape(nv, nu)


def _largest(mask: Mask) -> Mask:
    """Drop specks: components under 2 % of the largest."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count <= 1:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    keep = np.flatnonzero(areas >= 0.02 * areas.max()) + 1
    return np.isin(labels, keep)


def _grounded(mask: Mask) -> Mask:
    """Extend columns that end within a metre of the ground down to it: a matte's foot is never quite exact."""
    mask = mask.copy()
    lift = round(1.0 / GRID_M)
    for column in np.flatnonzero(mask.any(axis=0)):
        first = int(np.argmax(mask[:, column]))
        if first <= lift:
            mask[:first, column] = True
    return mask


def _interior(main: Panel, facades: list[Panel], camera: Camera, hidden: Mask, plan: BuildingPlan) -> list[Panel]:
    """Slabs, cross walls, spine, back wall behind the main facade, kept where the picture cannot see them."""
    width = main.mask.shape[1] * GRID_M
    U, V, N = (np.asarray(axis, np.float64) for axis in (main.U, main.V, main.N))
    origin = np.asarray(main.origin, np.float64)
    height = main.mask.shape[0] * GRID_M
    goes_on = float(hidden[4].mean()) > _CUT_SHARE  # the frame cuts the building: storeys go on above it
    if goes_on:
        run = float(np.linalg.norm((origin + U * 0.5 * width)[:2] - np.asarray(camera.position_m)[:2]))
        height *= 1.0 + plan.depth_m / max(run, 1.0)  # so far that nobody looks over the back wall
    start = main.thickness_m + _GAP_M
    storeys = [s * plan.storey_m for s in range(1, plan.storeys + 1 + 60 * goes_on)
               if s * plan.storey_m < height - 0.8]  # fmt: skip
    spine = plan.depth_m * 0.5
    panels: list[Panel] = []

    def add(name: str, at: np.ndarray, u: np.ndarray, v: np.ndarray, n: np.ndarray, size: tuple[float, float],
            thickness: float, material: Material) -> None:  # fmt: skip
        nu, nv = int(size[0] / GRID_M), int(size[1] / GRID_M)
        if nu < 3 or nv < 3:
            return
        mask = _raster(at, u, v, nu, nv, camera, hidden) & _raster(at + n * thickness, u, v, nu, nv, camera, hidden)
        mask &= _behind(at, u, v, nu, nv, facades)
        mask = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
        if mask.sum() * GRID_M**2 < 1.0:
            return
        to32 = [np.ascontiguousarray(a, np.float32) for a in (at, u, v, n)]
        panels.append(Panel(name=name, origin=to32[0], U=to32[1], V=to32[2], N=to32[3], thickness_m=thickness,
                            mask=mask, material=material, facade=False))  # fmt: skip

    back = plan.depth_m - plan.wall_m
    for i, z in enumerate(storeys):
        floor = plan.roof if i == len(storeys) - 1 and len(storeys) > 1 and not goes_on else plan.floors
        for j, (w0, w1) in enumerate(((start, spine - _GAP_M), (spine + 0.2 + _GAP_M, back - _GAP_M))):
            add(f"slab{i}{'ab'[j]}", origin + N * w0 + V * z, U, N, -V, (width, w1 - w0), plan.slab_m, floor)
    floors = [0.0, *storeys]
    for i, z in enumerate(floors):
        top = (floors[i + 1] if i + 1 < len(floors) else height) - plan.slab_m - _GAP_M
        rise = top - z - _GAP_M
        if rise < 0.8:
            continue
        level = origin + V * (z + _GAP_M)
        add(f"spine{i}", level + N * spine, U, V, N, (width, rise), 0.2, Material.PLASTER)
        bays = max(1, round(width / plan.bay_m))
        for b in range(bays + 1):
            at = level + U * (b * (width - 0.2) / bays)
            end_wall = b in (0, bays)
            add(f"cross{i}_{b}", at + N * start, N, V, U, (spine - _GAP_M - start, rise),
                0.3 if end_wall else 0.16, plan.walls if end_wall else Material.PLASTER)  # fmt: skip
    add("back", origin + N * back, U, V, N, (width, height), plan.wall_m, plan.walls)
    return panels


def _behind(at: np.ndarray, u: np.ndarray, v: np.ndarray, nu: int, nv: int, facades: list[Panel]) -> Mask:
    """Which cells stand behind every facade."""
    grid = at + ((np.arange(nu) + 0.5) * GRID_M)[None, :, None] * u + ((np.arange(nv) + 0.5) * GRID_M)[:, None, None] * v
    keep = np.ones((nv, nu), bool)
    for facade in facades:
        distance = (grid - np.asarray(facade.origin, np.float64)) @ np.asarray(facade.N, np.float64)
        keep &= distance > facade.thickness_m
    return keep
