"""A shot before anything moves: everything that the renderer computes once.

Who owns each sample of the plate at rest and how deep it lies; how much light falls there (the denominator of every
relight); the plate's colours carried past its own edges; the planes of every piece. Refuses a stage that the camera
does not see at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numba as nb
import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.stage import Face, Material
from setpiece.generate.contract import CollapseScene
from setpiece.generate.engines.house.grit_mesh import stone_templates
from setpiece.generate.engines.house.materials import build_noise, noise
from setpiece.generate.engines.house.rays import FAR_M, Geometry, Lens, PieceMeshes, camera_rays, film_rays
from setpiece.generate.engines.house.shadows import Lamps, Receivers, ground_receivers, wall_receivers

RAGGED_M = 0.055  # how far the border between a standing and a fallen piece wanders from the cut
INSIDE_MATTE = 0.985  # plate pixels at least this covered show building only
NEIGHBOURS = 6
PALETTE_SCALE = 8  # local colours are kept at an eighth of the size
LEAST_RANGE, MOST_RANGE = 2.0, 4.5  # sunlit over shaded wall, whatever the percentiles say
FRESH = 1.3
PALE = (82, 97)  # percentiles of the building that show its stone clean and in the light
SHADED = 0.6  # what stands in shade already may darken to this: it turns away from its neighbours' light
LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # AP1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What kernels need to know of pieces, flat.

    ``plane_normal`` (p, 3) and ``plane_offset`` (p,) hold each piece's distinct faces at rest, outward, piece after piece
    from ``plane_start`` (k + 1). ``along`` (k, 2) is the horizontal direction along the wall that a piece was cut from,
    ``scale_m`` (k,) the cube root of its volume.
    """

    corners: np.ndarray  # (t, 3, 3) rest
    normal: np.ndarray  # (t, 3) rest
    piece: np.ndarray  # (t,)
    face: np.ndarray  # (t,)
    plane_start: np.ndarray
    plane_normal: np.ndarray
    plane_offset: np.ndarray
    along: np.ndarray
    scale_m: np.ndarray
    material: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRest:
    """The prepared shot. Planes over pixels are flat (h * w); planes over samples are (samples, h * w)."""

    scene: CollapseScene
    samples: int
    seed: int
    lens: Lens
    lamps: Lamps
    shape: Shape
    meshes: PieceMeshes
    lattice: np.ndarray
    owner: np.ndarray  # (s, h*w) int32: the piece whose picture a sample shows, -1 outside of the building
    depth: np.ndarray  # (s, h*w) float32: distance along the ray to it
    skin: np.ndarray  # (h, w, 3): the plate's building colours, carried past its edges
    palette: np.ndarray  # (h/8, w/8, 3): local mean albedo
    irradiance: np.ndarray  # (h/2, w/2, 3): light at rest on what the plate shows
    stone_rgb: np.ndarray  # (3,): albedo of the walls' stone under its weathering
    plate_range: np.ndarray  # (h/8, w/8, 2): lowest and highest relight that keeps to what the plate shows
    dust_rgb: np.ndarray  # (3,): albedo of settled dust
    walls: Receivers
    ground: Receivers
    matte: np.ndarray  # (h, w) float32
    radius_m: np.ndarray  # (k,): of a ball about a piece's centre that holds it
    neighbours: np.ndarray  # (k, 6): the pieces nearest to each at rest
    grit_rgb: np.ndarray  # (n, 3): albedo of each grain
    templates: np.ndarray  # stones
    farthest_m: np.ndarray  # (h, w): axial depth of the ground, +inf above the horizon: nobody looks farther


def lens_of(scene: CollapseScene) -> Lens:
    """The scene's camera in kernel form."""
    camera = scene.camera
    return Lens(
        width=camera.width,
        height=camera.height,
        focal=float(camera.focal_px),
        centre=np.array(camera.centre_px, np.float64),
        axes=camera.axes.astype(np.float64),
        eye=np.array(camera.position_m, np.float64),
    )


def shape_of(scene: CollapseScene) -> Shape:
    """Triangles, distinct planes and wall directions of the pieces."""
    pieces = scene.pieces
    corners = pieces.vertices[pieces.triangles].astype(np.float32)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).astype(np.float64)
    length = np.linalg.norm(cross, axis=1, keepdims=True)
    normal = cross / np.maximum(length, 1e-12)
    offset = np.einsum("ij,ij->i", normal, corners.mean(axis=1))
    piece = pieces.triangle_piece.astype(np.int32)
    sound = length[:, 0] > 1e-9
    keys = np.column_stack([piece, np.rint(normal * 500), np.rint(offset * 200)]).astype(np.int64)[sound]
    _, first = np.unique(keys, axis=0, return_index=True)
    chosen = np.nonzero(sound)[0][first]
    counts = np.bincount(piece[chosen], minlength=len(pieces))
    level = np.abs(normal[:, 2]) < 0.3
    finished = (pieces.triangle_face != Face.BROKEN) & level & sound
    weight = np.where(finished, length[:, 0], np.where(level, 1e-3 * length[:, 0], 0.0))
    doubled = 2.0 * np.arctan2(normal[:, 1], normal[:, 0])  # opposite sides of a wall agree
    cosine = np.bincount(piece, weight * np.cos(doubled), minlength=len(pieces))
    sine = np.bincount(piece, weight * np.sin(doubled), minlength=len(pieces))
    facing = 0.5 * np.arctan2(sine, cosine)
    return Shape(
        corners=corners,
        normal=normal.astype(np.float32),
        piece=piece,
        face=pieces.triangle_face.astype(np.int32),
        plane_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        plane_normal=normal[chosen].astype(np.float32),
        plane_offset=offset[chosen].astype(np.float32),
        along=np.stack([-np.sin(facing), np.cos(facing)], axis=1).astype(np.float32),
        scale_m=np.cbrt(np.maximum(pieces.volume_m3, 1e-6)).astype(np.float32),
        material=pieces.material.astype(np.int32),
    )


@nb.njit(cache=True, nogil=True)
def wander(film, distance, directions, eye, lattice, focal, amount):  # type: ignore[no-untyped-def]
    """Film positions (n, 2) moved by noise that is fixed to the wall: the ragged border of a break."""
    out = film.copy()
    for i in range(len(film)):
        t = distance[i]
        if t > 1e5:
            continue
        x, y, z = eye[0] + t * directions[i, 0], eye[1] + t * directions[i, 1], eye[2] + t * directions[i, 2]
        scale = amount * focal / t
        a = noise(lattice, x * 2.7, y * 2.7, z * 2.7) + 0.6 * noise(lattice, x * 8.0, y * 8.0, z * 8.0)
        b = noise(lattice, x * 2.7 + 16.0, y * 2.7, z * 2.7) + 0.6 * noise(lattice, x * 8.0, y * 8.0 + 16.0, z * 8.0)
        out[i, 0] += scale * a
        out[i, 1] += scale * b
    return out


def fill_from_nearest(value: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """``value`` (h, w, ...) where ``wanted`` but not ``known`` is taken from the nearest known pixel."""
    _, label = cv2.distanceTransformWithLabels((~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows, columns = np.nonzero(known)
    source = np.zeros(int(label.max()) + 1, np.int64)
    source[label[rows, columns]] = rows * known.shape[1] + columns
    out = value.copy()
    missing = wanted & ~known
    flat = value.reshape((-1, *value.shape[2:]))
    out[missing] = flat[source[label[missing]]]
    return out


def owners(scene: CollapseScene, lens: Lens, geometry: Geometry, lattice: np.ndarray, sample: int, seed: int):  # type: ignore[no-untyped-def]
    """Owner (h*w) and distance (h*w) of one sample of every pixel at rest; holes inside the matte take the nearest."""
    size = (lens.height, lens.width)
    inside = scene.matte > 0
    grown = cv2.dilate(inside.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    pixels = np.nonzero(grown.ravel())[0].astype(np.int32)
    directions, film = camera_rays(pixels, lens.width, sample, seed, lens.focal, lens.centre, lens.axes)
    eye = np.broadcast_to(lens.eye.astype(np.float32), directions.shape).copy()
    triangle, distance = geometry.nearest(eye, directions)
    moved = wander(film, distance, directions, lens.eye, lattice, lens.focal, RAGGED_M)
    ragged, _ = geometry.nearest(eye, film_rays(moved, lens))
    ragged = np.where(ragged >= 0, ragged, triangle)
    piece = np.full(size, -1, np.int32)
    depth = np.full(size, FAR_M, np.float32)
    piece.ravel()[pixels] = np.where(ragged >= 0, scene.pieces.triangle_piece[ragged], -1)
    depth.ravel()[pixels] = distance
    if not (piece >= 0).any():
        raise StageError("no piece of the stage is seen where the matte is", remedy="check that stage, camera and matte agree")
    piece = fill_from_nearest(piece, piece >= 0, inside)
    depth = fill_from_nearest(depth, depth < FAR_M, inside)
    piece[~inside] = -1
    return piece.ravel(), depth.ravel()


def palette_of(skin: np.ndarray, irradiance: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Local mean albedo (h/8, w/8, 3) of the building: the plate over the light that fell on it, smoothed over 3 %."""
    height, width = skin.shape[:2]
    small = (max(1, width // PALETTE_SCALE), max(1, height // PALETTE_SCALE))
    light = cv2.resize(irradiance, small, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(inside.astype(np.float32), small, interpolation=cv2.INTER_AREA)[..., None]
    albedo = cv2.resize(skin, small, interpolation=cv2.INTER_AREA) / np.maximum(light, 1e-3)
    sigma = 0.03 * small[0]
    mean = (albedo * weight).sum((0, 1)) / max(float(weight.sum()), 1e-6)
    total = cv2.GaussianBlur(albedo * weight, (0, 0), sigma) + 0.02 * mean
    share = cv2.GaussianBlur(weight[..., 0], (0, 0), sigma)[..., None] + 0.02
    return np.ascontiguousarray(np.clip(total / share, 0.01, 0.9).astype(np.float32))


def stone_albedo(skin: np.ndarray, irradiance: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Albedo (3,) of the walls' stone where it is clean: the pale part of the plate over its light, without the palest."""
    seen = skin[inside] if inside.any() else skin.reshape(-1, 3)
    level = seen @ LUMA
    low, high = np.percentile(level, PALE)
    pale = seen[(level >= low) & (level <= high)].mean(axis=0)
    light = irradiance[cv2.resize(inside.astype(np.uint8), irradiance.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0]
    light = light if len(light) else irradiance.reshape(-1, 3)
    level_of = float(pale @ LUMA)
    pale = np.maximum(level_of + FRESH * (pale - level_of), 0.0)  # under the soot it has more colour
    return np.asarray(np.clip(pale / np.maximum(light.mean(axis=0), 1e-3), 0.03, 0.6), np.float32)


def range_of(skin: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """(h/8, w/8, 2) float32: how much darker and brighter a piece of wall may turn and still look as the plate's
    shaded and sunlit wall do. The two levels are percentiles of the building; a little more shade is always allowed."""
    level = skin @ LUMA
    seen = level[inside]
    dark, bright = (float(v) for v in np.percentile(seen, [25, 90])) if len(seen) else (0.1, 0.2)
    times = float(np.clip(bright / max(dark, 1e-6), LEAST_RANGE, MOST_RANGE))
    size = (max(1, skin.shape[1] // PALETTE_SCALE), max(1, skin.shape[0] // PALETTE_SCALE))
    here = np.maximum(cv2.GaussianBlur(cv2.resize(level, size, interpolation=cv2.INTER_AREA), (0, 0), 2.0), 1e-6)
    low = np.minimum(np.clip(bright / times / here, 1.0 / times, 1.0), SHADED)
    return np.ascontiguousarray(np.stack([low, np.clip(bright / here, 1.0, times)], axis=-1), np.float32)


def dust_albedo(palette: np.ndarray) -> np.ndarray:
    """Albedo of settled dust: the building's own hue, mostly washed out, light."""
    mean = palette.reshape(-1, 3).mean(axis=0)
    hue = mean / max(float(mean @ LUMA), 1e-4)
    return (0.47 * (0.42 * hue + 0.58 * np.array([1.03, 1.0, 0.94]))).astype(np.float32)


def lamps_of(scene: CollapseScene) -> Lamps:
    """Sun, sky, and what ground and walls throw back, measured on the plate (radiance times pi is a * E)."""
    light = scene.light
    sun, sky = np.array(light.sun_rgb, np.float64), np.array(light.sky_rgb, np.float64)
    direction = np.array(light.direction, np.float64)
    inside = scene.matte > 0.5
    rows = np.nonzero(inside.any(axis=1))[0]
    foot = int(rows.max()) if len(rows) else scene.camera.height - 1
    first = min(foot + 1, scene.camera.height - 1)
    last = first + 1 + (scene.camera.height - first) // 3  # the ground that lights the walls is at their foot
    below = scene.plate[first:last].reshape(-1, 3)
    level = sky + sun * max(direction[2], 0.0)
    seen = np.median(below, axis=0)
    seen = 0.5 * seen + 0.5 * float(seen @ LUMA) * level / max(float(level @ LUMA), 1e-6)  # a lawn is not all of it
    ground = np.clip(seen, 0.04 * level, 0.5 * level)
    wall = np.clip(scene.plate[inside].mean(axis=0) if inside.any() else 0.2 * sky, 0.03 * level, 0.4 * level)
    return Lamps(
        sun=sun,
        sky=sky,
        direction=direction,
        radius=float(np.tan(np.radians(max(light.sun_size_deg, 0.3) / 2))),
        ground=ground.astype(np.float64),
        wall=wall.astype(np.float64),
    )


def radius_of(scene: CollapseScene) -> np.ndarray:
    """(k,) m: distance from a piece's centre to its farthest vertex."""
    pieces = scene.pieces
    reach = np.linalg.norm(pieces.vertices - pieces.centre[pieces.vertex_piece], axis=1)
    return np.maximum.reduceat(reach, pieces.vertex_start[:-1]).astype(np.float32)


def neighbours_of(scene: CollapseScene) -> np.ndarray:
    """(k, 6) indices of the nearest other pieces at rest; fewer pieces repeat themselves."""
    from scipy.spatial import cKDTree

    centre = scene.pieces.centre.astype(np.float64)
    others = min(NEIGHBOURS, len(centre) - 1)
    nearest = cKDTree(centre).query(centre, k=others + 1)[1].reshape(len(centre), others + 1)
    column = 1 + np.arange(NEIGHBOURS) % others if others else np.zeros(NEIGHBOURS, np.int64)
    return np.ascontiguousarray(nearest[:, column])


def grit_albedo(scene: CollapseScene, palette: np.ndarray) -> np.ndarray:
    """(n, 3): local wall colour, half bleached to broken stone, each grain a little lighter or darker."""
    if scene.grit is None or not len(scene.grit.size_m):
        return np.zeros((0, 3), np.float32)
    film, _ = scene.camera.project(scene.grit.colour_from)
    x = np.clip(film[:, 0] / PALETTE_SCALE, 0, palette.shape[1] - 1).astype(np.int64)
    y = np.clip(film[:, 1] / PALETTE_SCALE, 0, palette.shape[0] - 1).astype(np.int64)
    local = palette[y, x]
    level = np.clip(0.10 + 0.8 * (local @ LUMA), 0.06, 0.4)[:, None]
    hue = local / np.maximum(local @ LUMA, 1e-3)[:, None]
    tone = 0.65 + 0.7 * (np.modf(np.arange(len(local)) * 0.6180339887)[0])[:, None]
    raw = np.array([1.06, 1.0, 0.90]) * 0.55 + 0.45 * hue
    albedo = level * raw * tone
    dark = np.isin(scene.grit.material, (Material.STEEL, Material.GLASS, Material.SLATE))
    albedo[dark] *= 0.45
    timber = scene.grit.material == Material.TIMBER
    albedo[timber] *= np.array([1.15, 0.95, 0.65])
    return np.ascontiguousarray(albedo, np.float32)


def ground_depth(lens: Lens, ground_z_m: float) -> np.ndarray:
    """(h, w) m along the viewing axis to the ground plane, +inf at and above the horizon."""
    x = (np.arange(lens.width) + 0.5 - lens.centre[0]) / lens.focal
    y = (lens.centre[1] - np.arange(lens.height) - 0.5) / lens.focal
    down = x[None] * lens.axes[0, 2] + y[:, None] * lens.axes[1, 2] + lens.axes[2, 2]
    with np.errstate(divide="ignore"):
        return np.where(down < -1e-5, (ground_z_m - lens.eye[2]) / down, np.inf).astype(np.float32)


def prepare(scene: CollapseScene, *, samples: int, seed: int) -> AtRest:
    """Everything that is computed once for a shot. Raises :class:`StageError` where camera and stage do not meet."""
    lens, lamps, shape = lens_of(scene), lamps_of(scene), shape_of(scene)
    lattice, meshes = build_noise(seed), PieceMeshes(scene.pieces)
    everything = np.arange(len(scene.pieces))
    still = np.zeros((len(scene.pieces), 4), np.float32)
    still[:, 0] = 1
    geometry = meshes.pose(everything, scene.pieces.centre, still)
    pairs = [owners(scene, lens, geometry, lattice, s, seed) for s in range(samples)]
    owner, depth = np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])
    inside = scene.matte > 0
    solid = scene.matte >= INSIDE_MATTE
    solid = solid if solid.any() else scene.matte >= scene.matte.max()
    skin = fill_from_nearest(scene.plate, solid, cv2.dilate(inside.astype(np.uint8), np.ones((9, 9))).astype(bool))
    walls = wall_receivers(lens, inside, geometry, shape.normal, lamps, samples=samples, seed=seed)
    ground = ground_receivers(lens, inside, geometry, lamps, scene.ground_z_m, plate=scene.plate, clean=scene.clean,
                              samples=samples, seed=seed)  # fmt: skip
    light = walls.everywhere
    palette = palette_of(skin, cv2.resize(light, (lens.width, lens.height)), solid)
    return AtRest(
        scene=scene,
        samples=samples,
        seed=seed,
        lens=lens,
        lamps=lamps,
        shape=shape,
        meshes=meshes,
        lattice=lattice,
        owner=owner,
        depth=depth,
        skin=np.ascontiguousarray(skin, np.float32),
        palette=palette,
        irradiance=light,
        stone_rgb=stone_albedo(skin, light, solid),
        plate_range=range_of(skin, solid),
        dust_rgb=dust_albedo(palette),
        walls=walls,
        ground=ground,
        matte=np.ascontiguousarray(scene.matte, np.float32),
        radius_m=radius_of(scene),
        neighbours=neighbours_of(scene),
        grit_rgb=grit_albedo(scene, palette),
        templates=stone_templates(seed),
        farthest_m=ground_depth(lens, scene.ground_z_m),
    )
