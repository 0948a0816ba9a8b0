"""What the worker is asked to do: frozen jobs and their files. Plain arrays and numbers, so that both sides can read them.

A job is a folder: ``job.json`` (schema, kind, numbers) and ``<kind>.npz`` (arrays). Neither side pickles anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Float32, Int32, frozen
from setpiece.core.errors import StageError
from setpiece.core.stage import Material, Pieces
from setpiece.core.timing import FrameRange
from setpiece.media.files import load_arrays, read_json, save_arrays, write_json
from setpiece.stage.support import SupportGraph

SCHEMA = "setpiece.blender-job/1"
NEVER = 1_000_000

# Sliding friction of broken faces, per Material.
FRICTION = {
    Material.MASONRY: 0.75,
    Material.CONCRETE: 0.7,
    Material.TIMBER: 0.55,
    Material.STEEL: 0.45,
    Material.GLASS: 0.35,
    Material.PLASTER: 0.6,
    Material.SLATE: 0.6,
    Material.STONE: 0.75,
}


def _none() -> Float32[np.ndarray, "0"]:
    return np.zeros(0, np.float32)


def _no_index() -> Int32[np.ndarray, "0"]:
    return np.zeros(0, np.int32)


def _no_points() -> Float32[np.ndarray, "0 3"]:
    return np.zeros((0, 3), np.float32)


def _no_turns() -> Float32[np.ndarray, "0 4"]:
    return np.zeros((0, 4), np.float32)


def _no_pairs() -> Int32[np.ndarray, "0 2"]:
    return np.zeros((0, 2), np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collider:
    """A standing box that debris meets and that never moves: a neighbour, a kerb, a plinth.

    ``centre_m`` and ``half_m`` in metres; ``turn_deg`` about the vertical, counter-clockwise from above.
    """

    centre_m: tuple[float, float, float]
    half_m: tuple[float, float, float]
    turn_deg: float = 0.0
    friction: float = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class RigidJob:
    """A collapse for Bullet.

    ``release`` (k,): the last frame at which a piece is held; Bullet moves it from there on (NEVER: it stands). The
    ``track_*`` arrays are kinematic poses before release (piece, frame, centre of mass, quaternion w x y z from rest),
    sorted by piece, then frame: Bullet inherits their velocity. ``friction`` (k,), empty: by material. With
    ``support``, debris breaks standing pieces out where a blow passes their ``hold_m_s`` (k,) (empty: the graph's), and what
    they carried follows. ``bonds`` (b, 2) are pairs glued until an impulse of ``bond_impulse`` (b,) newton seconds in one
    substep breaks them. ``margin_m`` is the rounding of Bullet's hulls, taken off the hull first, so that neighbours that
    touch at rest do not push apart.
    """

    pieces: Pieces
    release: Int32[np.ndarray, "k"]
    frames: FrameRange
    track_piece: Int32[np.ndarray, "m"] = field(default_factory=_no_index)
    track_frame: Int32[np.ndarray, "m"] = field(default_factory=_no_index)
    track_position: Float32[np.ndarray, "m 3"] = field(default_factory=_no_points)
    track_rotation: Float32[np.ndarray, "m 4"] = field(default_factory=_no_turns)
    friction: Float32[np.ndarray, "k"] = field(default_factory=_none)
    colliders: tuple[Collider, ...] = ()
    support: SupportGraph | None = None
    hold_m_s: Float32[np.ndarray, "k"] = field(default_factory=_none)
    bonds: Int32[np.ndarray, "b 2"] = field(default_factory=_no_pairs)
    bond_impulse: Float32[np.ndarray, "b"] = field(default_factory=_none)
    ground_z_m: float = 0.0
    ground_friction: float = 0.85
    restitution: float = 0.02
    substeps: int = 6
    iterations: int = 10
    margin_m: float = 0.04
    gravity_m_s2: float = 9.81

    def __post_init__(self) -> None:
        for name in _ARRAYS:
            frozen(getattr(self, name))
        count = len(self.pieces)
        if len(self.release) != count or len(self.friction) not in (0, count) or len(self.hold_m_s) not in (0, count):
            raise StageError(
                f"{len(self.release)} release frames and {len(self.friction)} frictions and {len(self.hold_m_s)} holds "
                f"for {count} pieces",
                remedy="give one of each per piece",
            )
        if len({len(self.track_piece), len(self.track_frame), len(self.track_position), len(self.track_rotation)}) != 1:
            raise StageError("the tracks differ in length", remedy="give piece, frame, position and rotation for each key")
        for name, indices in (("track", self.track_piece), ("bond", self.bonds)):
            if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < count:
                raise StageError(f"a {name} names a piece outside 0-{count - 1}", remedy="number pieces from 0")
        if not (1 <= self.substeps <= 60 and 1 <= self.iterations <= 200 and 0 < self.margin_m <= 0.1):
            raise StageError(
                f"substeps {self.substeps}, iterations {self.iterations} or margin {self.margin_m} m is out of range",
                remedy="stay within 1-60 substeps, 1-200 iterations and 0.001-0.1 m",
            )

    @property
    def piece_friction(self) -> np.ndarray:
        """(k,) friction per piece: stated, or by material."""
        if len(self.friction):
            return self.friction
        table = np.array([FRICTION[material] for material in Material], np.float32)
        return table[self.pieces.material]

    @property
    def holds(self) -> np.ndarray:
        """(k,) m/s: the blow that breaks each piece out; infinite where nothing is known of what it stands on."""
        if self.support is None:
            return np.full(len(self.pieces), np.inf, np.float32)
        return self.hold_m_s if len(self.hold_m_s) else self.support.hold_m_s

    @property
    def first_motion(self) -> np.ndarray:
        """(k,) the frame up to which each piece keeps its rest pose: its first track frame, or its release."""
        first = self.release.astype(np.int64)
        np.minimum.at(first, self.track_piece, self.track_frame)
        return first


_ARRAYS = (
    "release", "track_piece", "track_frame", "track_position", "track_rotation", "friction", "bonds", "bond_impulse",
    "hold_m_s",
)  # fmt: skip
_PIECES = (
    "vertices", "triangles", "triangle_piece", "triangle_face", "vertex_start", "centre", "mass_kg", "volume_m3",
    "material", "part", "visible",
)  # fmt: skip
_SUPPORT = ("upper", "lower", "cost_m", "grounded", "limit_m", "hold_m_s")
_NUMBERS = ("ground_z_m", "ground_friction", "restitution", "substeps", "iterations", "margin_m", "gravity_m_s2")


def save_rigid(folder: Path, job: RigidJob) -> None:
    """Write ``job`` into ``folder``."""
    arrays = {name: np.asarray(getattr(job, name)) for name in _ARRAYS}
    arrays |= {f"pieces_{name}": np.asarray(getattr(job.pieces, name)) for name in _PIECES}
    if job.support is not None:
        arrays |= {f"support_{name}": np.asarray(getattr(job.support, name)) for name in _SUPPORT}
    save_arrays(folder / "rigid.npz", **arrays)
    numbers = {name: getattr(job, name) for name in _NUMBERS}
    frames = {"first": job.frames.first, "last": job.frames.last, "rate": job.frames.rate}
    write_json(
        folder / "job.json",
        {"schema": SCHEMA, "kind": "rigid", "frames": frames, "numbers": numbers, "colliders": job.colliders},
    )


def load_rigid(folder: Path) -> RigidJob:
    """Read a job back. Raises :class:`StageError` where the folder holds another."""
    value = read_json(folder / "job.json")
    if value.get("schema") != SCHEMA or value.get("kind") != "rigid":
        raise StageError("is not a rigid-body job of this version", file=folder / "job.json", remedy="write it again")
    arrays = load_arrays(folder / "rigid.npz")
    frames = value["frames"]
    colliders = tuple(
        Collider(
            centre_m=tuple(box["centre_m"]), half_m=tuple(box["half_m"]), turn_deg=box["turn_deg"], friction=box["friction"]
        )
        for box in value["colliders"]
    )
    values: dict[str, Any] = {name: arrays[name] for name in _ARRAYS} | value["numbers"]
    return RigidJob(
        pieces=Pieces(**{name: arrays[f"pieces_{name}"] for name in _PIECES}),
        frames=FrameRange(first=frames["first"], last=frames["last"], rate=Fraction(frames["rate"])),
        colliders=colliders,
        support=SupportGraph(**{name: arrays[f"support_{name}"] for name in _SUPPORT}) if "support_upper" in arrays else None,
        **values,
    )
