"""Rigid bodies by Bullet, inside the worker.

Pieces are held (kinematic) until their release and stepped frame by frame. A held piece with a track is moved along it, so
that Bullet inherits its velocity. Nothing is keyframed: the flags are set between frames, which keeps 2,300 pieces free of
actions. Refuses a simulation that tears apart: a piece far faster than anything could fall is an error, not a shot.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from scipy.spatial import ConvexHull, HalfspaceIntersection, QhullError
from scipy.spatial.transform import Rotation

from setpiece.core.errors import StageError
from setpiece.core.progress import Progress
from setpiece.media.files import save_arrays
from setpiece.stage.blender.job import NEVER, Collider, RigidJob, load_rigid
from setpiece.stage.knock import Standing

_GRINDING = 0.3  # share of its friction that a piece has while it breaks loose: asperities shear, jams give way
_SETTLED = 0.15  # below this share of the building's height friction is whole again, and rubble stays where it lies
_SKIN_M = 0.01  # air between hulls that touch at rest
_LINEAR_DAMPING = 0.0  # free fall is exact
_ANGULAR_DAMPING = 0.12  # stands in for the rolling resistance of angular rubble
_RESTING = 0.9999  # share of its speed that a piece at rest loses in a second: rubble does not creep
_REST_M_S, _ROUSED_M_S = 0.6, 0.9  # slower for some frames, it rests; faster, something has hit it or it falls
_REST_FRAMES = 4
_STILL_M_S, _STILL_FRAMES = 0.2, 10  # so slow for so long, once nothing more is let go, a piece lies where it lies
_ROUSE_M = 5.0  # how far around a piece that gives way what lies is free to move again
_FALLEN_M = 2.0  # what has come down this far and rests has its friction again, at whatever height
_SLEEP_M_S, _SLEEP_RAD_S = 0.35, 0.6
_THICKER = "raise building.wall_thickness_m, or ask for fewer pieces"
_TORN = 3.0  # times the speed of a fall from the top


def run_rigid(folder: Path, progress: Progress) -> None:
    """The worker's job ``rigid``: reads ``rigid.npz``, writes ``motion.npz`` (position, rotation, release)."""
    job = load_rigid(folder)
    position, rotation, first_motion = simulate(job, progress)
    save_arrays(folder / "motion.npz", position=position, rotation=rotation, release=first_motion.astype(np.int32))


def simulate(job: RigidJob, progress: Progress) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres of mass (f, k, 3) in metres and rotations from rest (f, k, 4; w x y z) over ``job.frames``, float32, and the
    frame (k,) up to which each piece rests (NEVER: it stands throughout), as directed or as debris knocked it out.

    Raises :class:`StageError` naming piece and frame where the simulation tears apart.
    """
    start, last = _first_frame(job), job.frames.last
    bodies = _build(job)
    world = bpy.context.scene.rigidbody_world
    world.point_cache.frame_start, world.point_cache.frame_end = 1, last - start + 2
    poses: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, (piece, frame) in enumerate(zip(job.track_piece.tolist(), job.track_frame.tolist(), strict=True)):
        poses[frame].append((piece, key))
    let_go: dict[int, list[int]] = defaultdict(list)
    for piece, frame in enumerate(job.release.tolist()):
        let_go[frame + 1].append(piece)
    matrices = np.zeros((len(job.frames), len(bodies), 4, 4), np.float32)
    loose = _Loose(job, bodies)
    all_gone = int(job.release[job.release <= last].max(initial=start))
    standing, knocked = _standing(job), set[int]()
    for frame in range(start, last + 1):
        for piece, key in poses.get(frame, ()):
            if piece not in knocked:
                bodies[piece].location = job.track_position[key]
                bodies[piece].rotation_quaternion = job.track_rotation[key]
        for piece in let_go.get(frame, ()):
            loose.let_go(piece)
        bpy.context.scene.frame_set(frame - start + 1)
        now = np.array([body.matrix_world for body in bodies], np.float32).reshape(-1, 4, 4)
        if frame >= job.frames.first:
            matrices[frame - job.frames.first] = now
        loose.settle(now)
        if standing is not None and frame < last:
            struck = standing.feel(frame, now).tolist()
            knocked.update(struck)
            let_go[frame + 1].extend(struck)
        loose.rouse(let_go.get(frame + 1, []), now)
        if frame >= all_gone:
            loose.lay(now)
        progress.report("collapse", frame - start + 1, last - start + 1)
    release = np.asarray(job.release, np.int64) if standing is None else standing.release
    first_motion = np.minimum(job.first_motion, release)
    position, rotation = _posed(job, matrices, release, first_motion)
    _check(job, position)
    return position, rotation, np.where(release >= NEVER, NEVER, first_motion)


class _Loose:
    """The pieces that Bullet moves: they let go with little friction, have it back near the ground, and come to rest."""

    def __init__(self, job: RigidJob, bodies: list[Any]) -> None:
        self._bodies, self._friction = bodies, dict[int, float]()
        self._rate, self._rest_z_m = float(job.frames.rate), job.pieces.centre[:, 2]
        self._free = np.zeros(len(bodies), bool)
        self._slow, self._resting = np.zeros(len(bodies), np.int32), np.zeros(len(bodies), bool)
        self._before: np.ndarray | None = None
        self._still, self._lies = np.zeros(len(bodies), np.int32), np.zeros(len(bodies), bool)
        tall = float(np.ptp(job.pieces.centre[:, 2])) if bodies else 0.0
        self._low_m = job.ground_z_m + _SETTLED * max(tall, 4.0)

    def let_go(self, piece: int) -> None:
        """Bullet moves the piece from now on. A piece that was knocked out before its time is let go once."""
        body = self._bodies[piece].rigid_body
        if not body.kinematic:
            return
        body.kinematic = False
        self._bodies[piece].update_tag()
        self._free[piece] = True
        self._friction[piece] = float(body.friction)
        body.friction *= _GRINDING

    def lay(self, matrices: np.ndarray) -> None:
        """What has not moved for long stays where it is: a heap under load creeps for ever in a solver, not in a street."""
        for piece in np.flatnonzero((self._still >= _STILL_FRAMES) & ~self._lies).tolist():
            body = self._bodies[piece]
            body.location = matrices[piece, :3, 3]
            body.rotation_quaternion = Matrix(matrices[piece, :3, :3]).to_quaternion()
            body.rigid_body.kinematic = True
            self._lies[piece] = True

    def rouse(self, gone: list[int], matrices: np.ndarray) -> None:
        """What lies above pieces that have given way, or beside them, may move again."""
        position = matrices[:, :3, 3]
        near = np.zeros(len(position), bool)
        for piece in gone:
            offset = position - position[piece]
            near |= (np.linalg.norm(offset[:, :2], axis=1) < _ROUSE_M) & (offset[:, 2] > -1.0)
        for piece in np.flatnonzero(self._lies & near).tolist():
            self._bodies[piece].rigid_body.kinematic = False
            self._bodies[piece].update_tag()
        self._still[near], self._lies[near] = 0, False

    def settle(self, matrices: np.ndarray) -> None:
        """World matrices (k, 4, 4): what has come down has its friction again, what lies does not creep."""
        position = matrices[:, :3, 3]
        if self._before is None:
            self._before = position
        speed = np.linalg.norm(position - self._before, axis=1) * self._rate
        self._before = position
        self._slow = np.where(self._free & (speed < _REST_M_S), self._slow + 1, 0)
        self._still = np.where(self._free & (speed < _STILL_M_S), self._still + 1, 0)
        rests = (self._slow >= _REST_FRAMES) | (self._resting & (speed < _ROUSED_M_S))
        for piece in np.flatnonzero(rests != self._resting).tolist():
            body = self._bodies[piece].rigid_body
            body.linear_damping = _RESTING if rests[piece] else _LINEAR_DAMPING
            body.angular_damping = _RESTING if rests[piece] else _ANGULAR_DAMPING
        self._resting = rests
        down = (position[:, 2] < self._low_m) | (rests & (position[:, 2] < self._rest_z_m - _FALLEN_M))
        for piece in [piece for piece in self._friction if down[piece]]:
            self._bodies[piece].rigid_body.friction = self._friction.pop(piece)


def _standing(job: RigidJob) -> Standing | None:
    """What feels the debris; None where the job does not say what stands on what."""
    if job.support is None:
        return None
    return Standing(
        job.pieces, job.support, job.holds, job.release, job.first_motion, rate=float(job.frames.rate),
        gravity_m_s2=job.gravity_m_s2, ground_z_m=job.ground_z_m,
    )  # fmt: skip


def _first_frame(job: RigidJob) -> int:
    """Where the simulation starts: early enough for every track and release."""
    early = int(min(job.first_motion.min(initial=NEVER), job.track_frame.min(initial=NEVER)))
    return min(job.frames.first, early)


def _build(job: RigidJob) -> list[Any]:
    """A new Blender scene with ground, colliders, pieces and bonds; returns the pieces' objects in order."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.gravity = (0.0, 0.0, -job.gravity_m_s2)
    rate = job.frames.rate
    scene.render.fps = math.ceil(rate)
    scene.render.fps_base = math.ceil(rate) / float(rate)
    bpy.ops.rigidbody.world_add()
    world = scene.rigidbody_world
    world.substeps_per_frame, world.solver_iterations = job.substeps, job.iterations
    world.use_split_impulse = True
    pieces = job.pieces
    bodies, margins = [], []
    for k in range(len(pieces)):
        corners = pieces.vertices[pieces.vertex_start[k] : pieces.vertex_start[k + 1]].astype(np.float64) - pieces.centre[k]
        hull, margin = inset(corners, job.margin_m)
        bodies.append(_object(f"piece_{k:05d}", hull, pieces.centre[k]))
        margins.append(margin)
    _add(bodies, "ACTIVE")
    friction, holds = job.piece_friction, job.holds
    for k, body in enumerate(bodies):
        _tune(body.rigid_body, friction=float(friction[k]), restitution=job.restitution, margin=margins[k])
        body.rigid_body.mass = max(float(pieces.mass_kg[k]), 0.05)
        body.rigid_body.kinematic = True
        if job.release[k] >= NEVER and not np.isfinite(holds[k]):
            body.rigid_body.type = "PASSIVE"
    _ground(job)
    if len(job.bonds):
        _bond(job, bodies)
    return bodies


def inset(corners: np.ndarray, margin_m: float) -> tuple[np.ndarray, float]:
    """A convex body's corners (n, 3), about its centre of mass, drawn in so that hull plus margin lies inside the body by
    a skin; and the margin in metres, less than asked for in thin bodies.

    Every face moves in by margin and skin, whatever its distance from the centre: long pieces keep their length.
    """
    try:
        planes = ConvexHull(corners).equations
        planes = planes[np.unique(np.round(planes, 4), axis=0, return_index=True)[1]]
        inner = float((-planes[:, 3]).min())  # the nearest face's distance from the centre
        if inner <= 1e-5:
            raise StageError("a piece is flat or not convex", remedy=_THICKER)
        margin, skin = min(margin_m, 0.45 * inner), min(_SKIN_M, 0.05 * inner)
        planes[:, 3] += margin + skin
        met = HalfspaceIntersection(planes, np.zeros(3)).intersections
    except QhullError as error:
        raise StageError("a piece is flat", remedy=_THICKER) from error
    return met[np.sort(np.unique(np.round(met, 4), axis=0, return_index=True)[1])], margin


def _object(name: str, corners: np.ndarray, at: Any) -> Any:
    """An object made of points alone: Bullet builds the hull."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(corners))
    mesh.vertices.foreach_set("co", corners.astype(np.float32).ravel())
    body = bpy.data.objects.new(name, mesh)
    body.location = at
    body.rotation_mode = "QUATERNION"
    bpy.context.scene.collection.objects.link(body)
    return body


def _add(bodies: list[Any], kind: str) -> None:
    """Make rigid bodies of objects, all at once."""
    for body in bodies:
        body.select_set(True)
    bpy.context.view_layer.objects.active = bodies[0]
    bpy.ops.rigidbody.objects_add(type=kind)
    for body in bodies:
        body.select_set(False)


def _tune(body: Any, *, friction: float, restitution: float, margin: float, shape: str = "CONVEX_HULL") -> None:
    body.collision_shape = shape
    body.friction, body.restitution = friction, restitution
    body.use_margin, body.collision_margin = True, margin
    body.linear_damping, body.angular_damping = _LINEAR_DAMPING, _ANGULAR_DAMPING
    body.use_deactivation = True
    body.deactivate_linear_velocity, body.deactivate_angular_velocity = _SLEEP_M_S, _SLEEP_RAD_S


def _ground(job: RigidJob) -> None:
    """A thick slab under the world, and the neighbours."""
    centre = job.pieces.centre.mean(axis=0) if len(job.pieces) else np.zeros(3)
    slab = Collider(
        centre_m=(float(centre[0]), float(centre[1]), job.ground_z_m - 10.0),
        half_m=(500.0, 500.0, 10.0),
        friction=job.ground_friction,
    )
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float64)
    for number, box in enumerate((slab, *job.colliders)):
        body = _object(f"collider_{number:02d}", signs * box.half_m, box.centre_m)
        body.rotation_quaternion = (math.cos(math.radians(box.turn_deg) / 2), 0, 0, math.sin(math.radians(box.turn_deg) / 2))
        _add([body], "PASSIVE")
        _tune(body.rigid_body, friction=box.friction, restitution=job.restitution, margin=0.0, shape="BOX")


def _bond(job: RigidJob, bodies: list[Any]) -> None:
    """Fixed, breakable joints: one made by the operator, the rest copied from it (the operator is slow)."""
    scene = bpy.context.scene
    first = bpy.data.objects.new("bond_00000", None)
    scene.collection.objects.link(first)
    bpy.context.view_layer.objects.active = first
    bpy.ops.rigidbody.constraint_add(type="FIXED")
    first.rigid_body_constraint.use_breaking = True
    first.rigid_body_constraint.disable_collisions = True
    for number, ((i, j), impulse) in enumerate(zip(job.bonds.tolist(), job.bond_impulse.tolist(), strict=True)):
        bond = first
        if number:
            bond = first.copy()
            bond.name = f"bond_{number:05d}"
            scene.collection.objects.link(bond)
        bond.location = (job.pieces.centre[i] + job.pieces.centre[j]) / 2
        bond.rigid_body_constraint.object1, bond.rigid_body_constraint.object2 = bodies[i], bodies[j]
        bond.rigid_body_constraint.breaking_threshold = impulse


def _posed(job: RigidJob, matrices: np.ndarray, release: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions and rotations from world matrices; rest and track poses are put back to the bit."""
    frames, count = matrices.shape[:2]
    position = np.ascontiguousarray(matrices[..., :3, 3])
    quaternion = Rotation.from_matrix(matrices[..., :3, :3].reshape(-1, 3, 3).astype(np.float64)).as_quat()
    rotation = quaternion[:, [3, 0, 1, 2]].reshape(frames, count, 4).astype(np.float32)
    rotation[rotation[..., 0] < 0] *= -1
    for index in range(frames):
        rest = (job.frames.first + index <= first) | (release >= NEVER)
        position[index, rest] = job.pieces.centre[rest]
        rotation[index, rest] = (1, 0, 0, 0)
    inside = (job.track_frame >= job.frames.first) & (job.track_frame <= job.frames.last)
    inside &= (job.track_frame > first[job.track_piece]) & (job.track_frame <= release[job.track_piece])
    at, piece = job.track_frame[inside] - job.frames.first, job.track_piece[inside]
    position[at, piece] = job.track_position[inside]
    rotation[at, piece] = job.track_rotation[inside]
    return position, rotation


def _check(job: RigidJob, position: np.ndarray) -> None:
    """Raise where a piece is nowhere, under the ground, or much faster than a fall from the top explains."""
    rate = float(job.frames.rate)
    pieces = job.pieces
    drop = max(float(pieces.vertices[:, 2].max()) - job.ground_z_m, 1.0)
    same = np.diff(job.track_piece) == 0
    pushed = np.linalg.norm(np.diff(job.track_position.astype(np.float64), axis=0)[same], axis=1).max(initial=0.0) * rate
    limit = _TORN * math.sqrt(2 * job.gravity_m_s2 * drop + pushed**2)
    finite = np.isfinite(position).all(axis=2)
    speed = np.zeros(position.shape[:2])
    speed[1:] = np.linalg.norm(np.diff(position.astype(np.float64), axis=0), axis=2) * rate
    sunk = position[..., 2] < job.ground_z_m - 1.0 - np.maximum(0.0, job.ground_z_m - pieces.centre[:, 2])
    bad = ~finite | (speed > limit) | sunk
    if not bad.any():
        return
    index = int(np.argmax(bad.any(axis=1)))
    piece = int(np.argmax(bad[index]))
    what = "fell through the ground" if sunk[index, piece] else f"moves at {speed[index, piece]:.0f} m/s (limit {limit:.0f})"
    raise StageError(
        f"the simulation tears apart: piece {piece} of part {int(pieces.part[piece])} {what}",
        frame=job.frames.first + index,
        remedy="break it otherwise (another fracture.seed), or look for walls that overlap there at rest",
    )
