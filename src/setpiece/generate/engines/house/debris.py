"""One frame of debris: what has left its place, what it uncovers, and the shadows it throws.

Per moment of the shutter: camera rays, hits judged piece by piece, stones, then one sun ray and one ambient ray each.
What neither moves nor is uncovered costs nothing: there the plate shows and no ray is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.generate.engines.house import grit_mesh, resolve, shade
from setpiece.generate.engines.house.foremost import SKY_M, Nearest
from setpiece.generate.engines.house.moments import Moment, Moving, gather_pieces, moved_in, pixels_of
from setpiece.generate.engines.house.rays import (
    FAR_M,
    LIFT_M,
    ambient_rays,
    blocked_by,
    both,
    camera_rays,
    sun_rays,
)
from setpiece.generate.engines.house.scene import AtRest
from setpiece.generate.engines.house.shadows import (
    AMBIENT_REACH_M,
    STRIDE,
    Receivers,
    Transmittance,
    gather,
    irradiance,
    plate_pixels,
    shadow_ratio,
)

PASSES = 3  # how often a ray may pass a chip or a trimmed edge
SUNK_M = 0.03  # debris this far below the ground plane is hidden by it


@dataclass(frozen=True, slots=True, kw_only=True)
class DebrisFrame:
    """All that debris contributes to a frame; fields as in :class:`setpiece.core.layers.Layers`.

    ``background_m`` (h, w) is the depth along the viewing axis of what stands or lies behind the debris, +inf for sky.
    """

    debris: np.ndarray
    shadow: np.ndarray
    standing: np.ndarray
    depth: np.ndarray
    normal: np.ndarray
    forward: np.ndarray
    backward: np.ndarray
    rest: np.ndarray
    ids: np.ndarray
    coverage: np.ndarray
    background_m: np.ndarray


@dataclass(slots=True)
class _Samples:
    """One sample of every active pixel, filled step by step."""

    pixels: np.ndarray
    directions: np.ndarray
    film: np.ndarray
    state: np.ndarray
    distance: np.ndarray
    piece: np.ndarray
    face: np.ndarray
    rest: np.ndarray
    normal: np.ndarray  # rest space until shaded, then world
    colour: np.ndarray


def _look(
    at: AtRest, frame: Moving, moment: Moment, pixels: np.ndarray, shows: np.ndarray, slot: np.ndarray, sample: int,
    reach: np.ndarray,
) -> _Samples:  # fmt: skip
    """Send camera rays and judge what they meet, down to ``reach`` (n,), m along the viewing axis."""
    lens, shape, n = at.lens, at.shape, len(pixels)
    directions, film = camera_rays(pixels, lens.width, sample, at.seed, lens.focal, lens.centre, lens.axes)
    owner = at.owner[sample]
    mine = owner[pixels]
    state = np.where((mine >= 0) & ~frame.moved[mine], shade.STANDING, shade.NONE).astype(np.int8)
    got = _Samples(
        pixels, directions, film, state, np.full(n, SKY_M, np.float32), np.full(n, -1, np.int32),
        np.zeros(n, np.int8), np.zeros((n, 3), np.float32), np.zeros((n, 3), np.float32), np.zeros((n, 3), np.float32),
    )  # fmt: skip
    start, pierced = np.zeros(n, np.float32), np.zeros(n, bool)
    quiet = (got.state == shade.STANDING) & ~frame.lying[pixels]
    todo = np.nonzero(shows)[0]
    limit = np.minimum(reach / (directions @ lens.axes[2].astype(np.float32)), FAR_M).astype(np.float32)
    for _ in range(PASSES):
        origins = (lens.eye + directions[todo] * start[todo][:, None]).astype(np.float32)
        triangle, distance = both(frame.fixed, moment.flying, origins, directions[todo], skip=quiet[todo],
                                  limit=limit[todo] - start[todo])  # fmt: skip
        shade.judge(
            todo, pixels, directions, start, triangle, distance, owner, at.depth[sample], frame.moved, frame.loose,
            moment.position, moment.rotation, at.scene.pieces.centre, shape.normal, shape.piece, shape.face,
            shape.plane_start, shape.plane_normal, shape.plane_offset, shape.along, shape.scale_m, shape.material,
            at.lattice, at.matte, at.depth[0], lens.eye, lens.axes, lens.focal, lens.centre, lens.width,
            at.scene.ground_z_m - SUNK_M, got.state, got.distance, got.piece, got.face, got.rest, got.normal, pierced,
        )  # fmt: skip
        todo = todo[(got.state[todo] == shade.AGAIN) & (start[todo] < limit[todo])]
        if not len(todo):
            break
    left = np.nonzero(got.state == shade.AGAIN)[0]
    stands = (mine[left] >= 0) & ~frame.moved[mine[left]]
    got.state[left] = np.where(stands, shade.STANDING, shade.NONE)
    shade.mend(np.nonzero(pierced & (got.state != shade.DEBRIS))[0], pixels, slot, got.state, got.state.copy(),
               lens.width, lens.height)  # fmt: skip
    blank = got.state != shade.DEBRIS
    got.piece[blank], got.distance[blank] = -1, SKY_M
    return got


def _light(at: AtRest, frame: Moving, moment: Moment, got: _Samples, sample: int, slot: np.ndarray) -> None:
    """Shade the debris samples in place."""
    chosen = np.nonzero((got.state == shade.DEBRIS) & (got.piece >= 0))[0]
    if not len(chosen):
        return
    lens, shape, lamps, n = at.lens, at.shape, at.lamps, len(chosen)
    albedo, normal, point, at_rest, bounds = (np.empty((n, 3), np.float32) for _ in range(5))
    shade.surface(
        chosen, got.piece, got.face, got.rest, got.normal, got.distance, got.directions, moment.rotation, shape.along,
        shape.material, frame.coat, at.lattice, at.skin, at.palette, at.irradiance, at.dust_rgb,
        at.stone_rgb, at.plate_range, frame.turned, at.depth[0], lens.width, float(at.scene.light.confidence),
        lens.eye, lens.axes, lens.focal, lens.centre, albedo, normal, point, at_rest, bounds,
    )  # fmt: skip
    pixels = got.pixels[chosen]
    origins = point + LIFT_M * normal - LIFT_M * got.directions[chosen]
    through = np.ones(n, np.float32) if frame.dust is None else np.asarray(frame.dust(point), np.float32)
    direct = np.maximum(normal @ lamps.direction.astype(np.float32), 0).astype(np.float32) * through
    facing = np.nonzero(direct > 0)[0]
    if len(facing) and lamps.sun.max() > 0:
        towards = sun_rays(pixels[facing], sample, at.seed, lamps.direction, lamps.radius)
        direct[facing[blocked_by(frame.fixed, moment.flying, origins[facing], towards)]] = 0
    ambient = _ambient(at, frame, moment, got, chosen, origins, normal, through, sample, slot)
    got.colour[chosen] = shade.lit(albedo, direct, ambient, at_rest, bounds, lamps.sun)
    got.normal[chosen] = normal


def _ambient(  # every array is per chosen sample
    at: AtRest, frame: Moving, moment: Moment, got: _Samples, chosen: np.ndarray, origins: np.ndarray,
    normal: np.ndarray, through: np.ndarray, sample: int, slot: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """(n, 3) light of sky, ground and walls: a ray from every other sample, shared with its like neighbours."""
    lens, lamps, n, pixels = at.lens, at.lamps, len(chosen), got.pixels[chosen]
    asks = (pixels // lens.width + pixels % lens.width + sample) % 2 == 0
    to = ambient_rays(pixels[asks], normal[asks], sample, at.seed)
    hidden = blocked_by(frame.fixed, moment.flying, origins[asks], to, AMBIENT_REACH_M)
    nil = np.zeros(len(to), np.float32)
    light = np.zeros((n, 3), np.float32)
    light[asks] = gather(
        normal[asks], nil, through[asks], hidden, to, lamps.sun, lamps.sky, lamps.direction, lamps.ground, lamps.wall
    )
    chosen_of = np.full(len(got.pixels), -1, np.int32)
    chosen_of[chosen] = np.arange(n, dtype=np.int32)
    return np.asarray(
        shade.calm(
            light, asks, through, normal, got.distance[chosen], slot, chosen_of, pixels, lens.width, lens.height,
            lamps.sky, lamps.ground,
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Stones:
    """Grit in view, lit once a frame: albedo, ambient light and sun for each stone."""

    visible: np.ndarray
    albedo: np.ndarray
    ambient: np.ndarray
    sun: np.ndarray


def _stones(at: AtRest, frame: Moving, number: int, half: float) -> tuple[_Stones | None, list[np.ndarray]]:
    grit, lens, lamps = at.scene.grit, at.lens, at.lamps
    if grit is None:
        return None, []
    around = [
        grit_mesh.outlines(
            grit_mesh.grit_at(grit, number + t)[0],
            grit.size_m,
            lens.eye,
            lens.axes,
            lens.focal,
            lens.centre,
            lens.width,
            lens.height,
        )
        for t in (-half, half)
    ]
    visible = np.nonzero((around[0][:, 2] > around[0][:, 0]) | (around[1][:, 2] > around[1][:, 0]))[0]
    if not len(visible):
        return None, []
    point = grit_mesh.grit_at(grit, number)[0][visible].astype(np.float32)
    point = np.where(np.isfinite(point), point, 0).astype(np.float32)
    up = np.broadcast_to(np.array([0, 0, 1], np.float32), point.shape).copy()
    middle = frame.moments[len(frame.moments) // 2].flying
    index = visible.astype(np.int32)
    through = np.ones(len(visible), np.float32) if frame.dust is None else np.asarray(frame.dust(point), np.float32)
    towards = sun_rays(index, 0, at.seed, lamps.direction, lamps.radius)
    origins = point + (grit.size_m[visible].max(axis=1, keepdims=True) + LIFT_M) * up
    sun = np.where(blocked_by(frame.fixed, middle, origins, towards), 0, through).astype(np.float32)
    ambient = np.zeros_like(point)
    nil = np.zeros(len(visible), np.float32)
    for s in range(2):
        to = ambient_rays(index, up, s, at.seed)
        hidden = blocked_by(frame.fixed, middle, origins, to, AMBIENT_REACH_M)
        ambient += gather(up, nil, through, hidden, to, lamps.sun, lamps.sky, lamps.direction, lamps.ground, lamps.wall)
    boxes = [b[visible] for b in around]
    return _Stones(visible, at.grit_rgb[visible], 0.5 * ambient, sun), boxes


def _draw_stones(at: AtRest, stones: _Stones, moment: Moment, got: _Samples, slot: np.ndarray) -> None:
    grit, lens, lamps, v = at.scene.grit, at.lens, at.lamps, stones.visible
    assert grit is not None
    position, angle = grit_mesh.grit_at(grit, moment.time)
    position, angle = np.ascontiguousarray(position[v]), np.ascontiguousarray(angle[v])
    boxes = grit_mesh.outlines(position, grit.size_m[v], lens.eye, lens.axes, lens.focal, lens.centre, lens.width, lens.height)
    behind = np.where(got.state == shade.STANDING, at.depth[0][got.pixels], got.distance).astype(np.float32)
    state = got.state.copy()
    grit_mesh.draw_stones(
        boxes, position, angle, grit.axis[v], grit.size_m[v], stones.albedo, stones.ambient, lamps.sun, lamps.direction,
        stones.sun, at.templates, lens.width, slot, got.directions, lens.eye, state, behind, got.piece, got.colour, got.normal,
    )  # fmt: skip
    drawn = got.piece == grit_mesh.GRIT_PIECE
    got.state[drawn], got.distance[drawn] = shade.DEBRIS, behind[drawn]


def _drift(at: AtRest, frame: int, half: float, got: _Samples) -> np.ndarray:
    """(n, 2) px that each debris sample moves during its share of the shutter."""
    drift = np.zeros((len(got.pixels), 2), np.float32)
    chosen = np.nonzero((got.state == shade.DEBRIS) & (got.piece >= 0))[0]
    if half > 0 and len(chosen):
        a, b = at.scene.motion.at(frame - half), at.scene.motion.at(frame + half)
        lens = at.lens
        resolve.travel(
            chosen,
            got.piece,
            got.rest,
            at.scene.pieces.centre,
            *a,
            *b,
            lens.eye,
            lens.axes,
            lens.focal,
            lens.centre,
            1.0 / at.samples,
            drift,
        )
    return drift


def _receive(at: AtRest, frame: Moving, receivers: Receivers, active: np.ndarray) -> np.ndarray:
    """(h, w, 3): light now over light at rest on receivers."""
    size = (at.lens.height, at.lens.width)
    if not len(active):
        return np.ones((*size, 3), np.float32)
    points, normals, index = receivers.point[active], receivers.normal[active], receivers.index[active]
    through = np.ones(len(active), np.float32) if frame.dust is None else np.asarray(frame.dust(points), np.float32)
    now = np.zeros((len(active), 3), np.float32)
    for s in range(0, at.samples, STRIDE):
        moment = frame.moments[s]
        now += irradiance(frame.fixed, moment.flying, points, normals, index, at.lamps, sample=s, seed=at.seed, through=through)
    return shadow_ratio(receivers, active, now / np.float32(len(range(0, at.samples, STRIDE))), size)


def _shadow(at: AtRest, frame: Moving, standing: np.ndarray) -> np.ndarray:
    """The shadow layer: walls where the building stands, ground elsewhere."""
    owner = at.owner[0][plate_pixels(at.lens)].ravel()
    stands = (owner >= 0) & ~frame.moved[owner]
    shown = ~frame.hidden[plate_pixels(at.lens)].ravel()
    walls = _receive(at, frame, at.walls, np.nonzero((stands & shown)[at.walls.index])[0])
    ground = _receive(at, frame, at.ground, np.nonzero((~stands & shown)[at.ground.index])[0])
    cover = np.clip(standing, 0, 1)[..., None]
    return np.asarray(1.0 + cover * (walls - 1.0) + (1.0 - cover) * (ground - 1.0), np.float32)


def background_depth(at: AtRest, standing: np.ndarray) -> np.ndarray:
    """(h, w) m along the viewing axis: the standing building, else the ground, else +inf."""
    lens = at.lens
    x = (np.arange(lens.width) + 0.5 - lens.centre[0]) / lens.focal
    y = (lens.centre[1] - np.arange(lens.height) - 0.5) / lens.focal
    wall = at.depth[0].reshape(standing.shape) / np.sqrt(1 + x[None] ** 2 + y[:, None] ** 2)
    return np.where((standing > 0.5) & (wall < 1e5), np.minimum(wall, at.farthest_m), at.farthest_m).astype(np.float32)


def _clear(at: AtRest, dust: Transmittance | None) -> bool:
    """Whether no dust dims the sun anywhere on ground or walls."""
    return dust is None or all(bool((dust(r.point) == 1).all()) for r in (at.ground, at.walls))


def _untouched(at: AtRest) -> DebrisFrame:
    """A frame before anything moves: all plate."""
    size = (at.lens.height, at.lens.width)
    standing = (at.owner[0] >= 0).astype(np.float32).reshape(size)

    def empty(channels: int) -> np.ndarray:
        return np.zeros((*size, channels), np.float32)

    return DebrisFrame(
        debris=empty(4),
        shadow=np.ones((*size, 3), np.float32),
        standing=standing,
        depth=np.full(size, SKY_M, np.float32),
        normal=empty(3),
        forward=empty(2),
        backward=empty(2),
        rest=empty(3),
        ids=np.full((*size, resolve.RANKS), -1, np.int32),
        coverage=empty(resolve.RANKS),
        background_m=background_depth(at, standing),
    )


def render_debris(
    at: AtRest,
    frame: int,
    *,
    shutter_deg: float,
    rate: float,
    dust: Transmittance | None,
    curtain_m: np.ndarray | None = None,
) -> DebrisFrame:
    """Debris, shadows and data of one frame. ``dust`` gives the transmittance towards the sun at points (n, 3), or None.

    ``curtain_m`` (h, w): axial depth behind which dust hides everything, +inf where it doesn't; nothing is drawn there.
    """
    lens, samples = at.lens, at.samples
    count, size = lens.width * lens.height, (lens.height, lens.width)
    half = shutter_deg / 720.0
    if not moved_in(at.scene.motion, frame, half).any() and _clear(at, dust):
        return _untouched(at)
    now = gather_pieces(at, frame, shutter_deg, rate, dust, curtain_m)
    stones, boxes = _stones(at, now, frame, half)
    pixels, shows = pixels_of(at, now, boxes)
    inside = np.zeros(count, bool)
    inside[pixels] = True
    slot = np.full(count, -1, np.int32)
    slot[pixels] = np.arange(len(pixels), dtype=np.int32)
    reach = np.full(len(pixels), SKY_M) if curtain_m is None else curtain_m.ravel()[pixels]
    total = np.zeros((count, 6), np.float32)
    best = Nearest.blank(len(pixels))
    ids = np.full((samples, len(pixels)), -1, np.int32)
    for s, moment in enumerate(now.moments):
        got = _look(at, now, moment, pixels, shows, slot, s, reach)
        _light(at, now, moment, got, s, slot)
        if stones is not None:
            _draw_stones(at, stones, moment, got, slot)
        drift = _drift(at, frame, half, got)
        resolve.splat(pixels, got.film, got.state, got.colour, drift, s, at.seed, lens.width, lens.height, inside, total)
        ids[s] = np.where((got.state == shade.DEBRIS) & (got.piece >= 0), got.piece, -1)
        best.take(got.state, got.distance, got.directions, got.piece, got.normal, got.rest, lens.axes[2])
    standing = ((at.owner[0] >= 0) & ~(now.hidden & now.moved[at.owner[0]])).astype(np.float32)
    debris = np.zeros((count, 4), np.float32)
    standing[pixels] = 0
    resolve.finish(pixels, total, debris, standing)
    out_ids, coverage = np.full((count, resolve.RANKS), -1, np.int32), np.zeros((count, resolve.RANKS), np.float32)
    resolve.rank(pixels, ids, out_ids, coverage)
    planes = best.planes(at, pixels, frame)
    standing = standing.reshape(size)
    return DebrisFrame(
        debris=debris.reshape(*size, 4),
        shadow=_shadow(at, now, standing),
        standing=standing,
        ids=out_ids.reshape(*size, resolve.RANKS),
        coverage=coverage.reshape(*size, resolve.RANKS),
        background_m=background_depth(at, standing),
        **planes,
    )
