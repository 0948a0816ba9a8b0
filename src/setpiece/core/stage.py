"""The stage of a collapse: pieces, what they are made of, how they move, what they throw into the air.

All lengths in metres, world z up, ground at ``ground_z_m``. Arrays are read-only from construction.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Float32, Int32, Points, frozen
from setpiece.core.errors import StageError
from setpiece.core.timing import FrameRange


class Material(IntEnum):
    """What a piece is made of."""

    MASONRY = 0
    CONCRETE = 1
    TIMBER = 2
    STEEL = 3
    GLASS = 4
    PLASTER = 5
    SLATE = 6
    STONE = 7  # dressed stone in courses; MASONRY is brick or rubble


class Face(IntEnum):
    """Where a triangle's colour comes from: the plate, or an exposed material."""

    PLATE = 0  # front of a facade: the plate, projected from the rest position
    OUTSIDE = 1  # outside of a wall that the camera does not see at rest
    INSIDE = 2  # a finished inner surface: plaster, paint
    BROKEN = 3  # a fracture surface: the bare material


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Closed convex pieces at rest, in world space.

    Vertices are not shared between pieces and are stored piece after piece (``vertex_start[k]:vertex_start[k+1]``), so
    are triangles (outward, counter-clockwise).
    """

    vertices: Points  # (v, 3) rest position, world
    triangles: Int32[np.ndarray, "t 3"]
    triangle_piece: Int32[np.ndarray, "t"]
    triangle_face: Int32[np.ndarray, "t"]  # Face
    vertex_start: Int32[np.ndarray, "k1"]  # (pieces + 1,)
    centre: Points  # (k, 3) centre of mass at rest
    mass_kg: Float32[np.ndarray, "k"]
    volume_m3: Float32[np.ndarray, "k"]
    material: Int32[np.ndarray, "k"]  # Material
    part: Int32[np.ndarray, "k"]  # which wall, slab or roof it was cut from
    visible: Int32[np.ndarray, "k"]  # 1: part of the picture at rest (carries PLATE faces)

    def __post_init__(self) -> None:
        for field in fields(self):
            frozen(getattr(self, field.name))

    def __len__(self) -> int:
        return len(self.centre)

    @property
    def vertex_piece(self) -> Int32[np.ndarray, "v"]:
        """The piece that each vertex belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.vertex_start))


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Rigid motion of every piece at whole frames ``first``, ``first + 1``...

    ``position`` (f, k, 3) is the centre of mass, ``rotation`` (f, k, 4) a unit quaternion (w, x, y, z) from rest;
    world = position + R(rotation) (rest_vertex - centre). ``release`` (k,) is the frame at which a piece is let go
    (a large number: never). Before it, ``position`` equals ``centre`` to the bit.
    """

    first: int
    position: Float32[np.ndarray, "f k 3"]
    rotation: Float32[np.ndarray, "f k 4"]
    release: Int32[np.ndarray, "k"]

    def __post_init__(self) -> None:
        for array in (self.position, self.rotation, self.release):
            frozen(array)

    @property
    def last(self) -> int:
        """The last frame held."""
        return self.first + len(self.position) - 1

    def check(self, pieces: int, frames: FrameRange, *, file: Path) -> None:
        """Raise StageError where this is the motion of another number of pieces, or is not known for all ``frames``.

        ``file`` is what was to be written of it.
        """
        if self.position.shape[1] != pieces:
            raise StageError(
                f"the motion holds {self.position.shape[1]} pieces, the stage {pieces}",
                file=file,
                remedy="simulate the collapse again from this stage",
            )
        if frames.first < self.first or frames.last > self.last:
            raise StageError(
                f"frames {frames.first}-{frames.last} reach beyond the motion ({self.first}-{self.last})",
                file=file,
                remedy="simulate the whole shot first",
            )

    def at(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        """Position (k, 3) and rotation (k, 4) at a fractional frame: linear and normalised-linear in between, held
        beyond the ends."""
        time = float(np.clip(frame - self.first, 0, len(self.position) - 1))
        i = min(int(time), max(len(self.position) - 2, 0))
        j = min(i + 1, len(self.position) - 1)
        a = np.float32(time - i)
        if a == 0:
            return self.position[i], self.rotation[i]
        position = self.position[i] + a * (self.position[j] - self.position[i])
        q0, q1 = self.rotation[i], self.rotation[j]
        q1 = np.where(np.sum(q0 * q1, axis=1, keepdims=True) < 0, -q1, q1)
        rotation = q0 + a * (q1 - q0)
        rotation /= np.linalg.norm(rotation, axis=1, keepdims=True)
        return position, rotation

    def moved(self, frame: float) -> np.ndarray:
        """(k,) bool: pieces that have left their rest pose by ``frame`` (a shutter reaching into release counts)."""
        return self.release < frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Grit:
    """Small debris: instanced stones, shards and splinters, from walnut to brick size, simulated as particles.

    ``position`` (f, n, 3), NaN before birth; ``spin`` (n, 3) axis times rad/s, ``angle0`` (n,); ``size_m`` (n, 3) half
    extents; ``material`` (n,); ``colour_from`` (n, 3) a rest position whose plate colour tints the grain.
    """

    first: int
    position: Float32[np.ndarray, "f n 3"]
    angle: Float32[np.ndarray, "f n"]
    axis: Float32[np.ndarray, "n 3"]
    size_m: Float32[np.ndarray, "n 3"]
    material: Int32[np.ndarray, "n"]
    colour_from: Float32[np.ndarray, "n 3"]

    def __post_init__(self) -> None:
        for array in (self.position, self.angle, self.axis, self.size_m, self.material, self.colour_from):
            frozen(array)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gas:
    """One frame of dust on a regular grid.

    ``density`` (nx, ny, nz) float32, kg/m^3. Cell (i, j, k) has its centre at ``origin_m + (i, j, k) * cell_m``.
    ``detail`` (mx, my, mz, 3) are advected texture coordinates in metres, on the half grid: m = n / 2, its cells cover
    2 x 2 x 2 of the density's. Two fields, so that sub-grid detail moves with the flow and never stretches for long:
    field a weighs 1 - |2 phase - 1|, b the rest. ``phase`` runs 0..1 and round again; a is laid afresh where it passes 0,
    b where it passes 0.5, each while it weighs nothing.
    """

    frame: int
    origin_m: tuple[float, float, float]
    cell_m: float
    density: Float32[np.ndarray, "nx ny nz"]
    detail_a: Float32[np.ndarray, "mx my mz 3"]
    detail_b: Float32[np.ndarray, "mx my mz 3"]
    phase: float

    def __post_init__(self) -> None:
        for array in (self.density, self.detail_a, self.detail_b):
            frozen(array)
