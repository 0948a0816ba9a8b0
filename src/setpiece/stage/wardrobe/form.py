"""A dress form: a body of stated measurements as a signed distance field, its surface, and where things are on it.

Place in the flow: measurements -> here -> patterns (landmarks), draping (the field), the set (the mesh). The shape is
:mod:`.body_shape`'s, its girths solved to the tape's. Stands at the origin, z up, faces -y; the wearer's left is +x. Metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from setpiece.core.arrays import Float32, frozen
from setpiece.core.scene import PolyMesh
from setpiece.stage.wardrobe.body_shape import THIGH_RATIO, Landmarks, half_axes, parted, trunk, trunk_rows, whole
from setpiece.stage.wardrobe.measures import Figure, Measures

CELL_M = 0.008
ARM_DEG = 25.0  # of the hanging arms from the vertical: sleeves are set for it
_MARGIN_M = 0.16
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A body. ``field`` (nx, ny, nz) metres, negative inside, at ``origin`` + index * :data:`CELL_M`; ``mesh`` its surface;
    ``apart`` (nx, ny, nz) how much farther off the arms are than the rest of the body: 0 midway between a sleeve and a side."""

    measures: Measures
    marks: Landmarks
    field: Float32[Array, "x y z"]
    apart: Float32[Array, "x y z"]
    origin: tuple[float, float, float]
    mesh: PolyMesh

    def __post_init__(self) -> None:
        frozen(self.field)
        frozen(self.apart)

    def distance(self, points: Array) -> Array:
        """Signed distance (p,) of ``points`` (p, 3), linear between cells."""
        from scipy.ndimage import map_coordinates

        at = (np.asarray(points, float) - self.origin) / CELL_M
        return np.asarray(map_coordinates(self.field, at.T, order=1, mode="nearest"))

    def section(self, z_m: float, *, torso: bool = True) -> Array:
        """The outline (n, 2) of the body at a height, counter-clockwise from the middle of its back; the largest, or the
        torso's where arms hang beside it."""
        return _outline(self.field, self.origin, z_m, torso=torso)

    def girth_m(self, z_m: float) -> float:
        """What a tape about the torso reads at a height: the convex outline's length, the arms left out where they touch."""
        outline = self.section(z_m)
        shoulder, elbow = np.array(self.marks.shoulder), np.array(self.marks.elbow)
        if elbow[2] < z_m < shoulder[2]:
            arm = shoulder + (elbow - shoulder) * (shoulder[2] - z_m) / (shoulder[2] - elbow[2])
            trunk_x = arm[0] - 1.02 * self.measures.upper_arm_m / (2 * np.pi)
            outline = outline[np.abs(outline[:, 0]) < max(trunk_x, 0.5 * arm[0])]
        return taped(outline)


def taped(outline: Array) -> float:
    """The length of a tape about an outline (n, 2): it bridges hollows."""
    from scipy.spatial import ConvexHull

    hull = outline[ConvexHull(outline).vertices]
    return float(np.hypot(*(np.roll(hull, -1, 0) - hull).T).sum())


def landmarks(body: Measures) -> Landmarks:
    """Heights and widths of a body by its measurements and the proportions of its figure."""
    h = body.height_m
    neck_z = h * (0.862 if body.figure is not Figure.CHILD else 0.835)
    waist_z = neck_z - 0.985 * body.back_length_m
    crotch_z = body.inside_leg_m
    waist_z = max(waist_z, crotch_z + 0.12 * h)
    trunk = neck_z - waist_z
    shoulder_z, x = neck_z - 0.105 * trunk, body.shoulder_m / 2
    bust_z = waist_z + 0.425 * trunk
    arm = np.array([np.sin(np.radians(ARM_DEG)), -0.06, -np.cos(np.radians(ARM_DEG))])
    arm /= np.linalg.norm(arm)
    joint = np.array([x - 0.22 * body.upper_arm_m / np.pi, 0.008, shoulder_z - 0.5 * body.upper_arm_m / np.pi])
    upper, lower = 0.54 * body.sleeve_m, 0.46 * body.sleeve_m
    elbow = joint + arm * upper
    ahead = arm + np.array([0.0, -0.12, 0.0])
    wrist = elbow + ahead / np.linalg.norm(ahead) * lower
    hip_x = half_axes(body.thigh_m, THIGH_RATIO, 2.0)[0] + 0.004
    chest = half_axes(0.94 * body.chest_m, 0.65, 2.3)[0]
    beside = min(chest, 0.9 * x) + 0.5 * body.upper_arm_m / np.pi / np.cos(np.radians(ARM_DEG)) - joint[0]
    armpit_z = float(np.clip(joint[2] - beside / np.tan(np.radians(ARM_DEG)), bust_z + 0.02, waist_z + 0.63 * trunk))
    return Landmarks(
        neck_z=neck_z, shoulder_z=shoulder_z, armpit_z=armpit_z, bust_z=bust_z, under_z=bust_z - 0.17 * trunk,
        waist_z=waist_z, hip_z=crotch_z + 0.3 * (waist_z - crotch_z), crotch_z=crotch_z, knee_z=0.613 * crotch_z,
        shoulder_x=x, shoulder=_triple(joint), elbow=_triple(elbow), wrist=_triple(wrist),
        hip_joint=(hip_x, 0.0, crotch_z), ankle=(hip_x * 0.92, 0.015, 0.07 * h / 1.7),
    )  # fmt: skip


def _triple(point: Array) -> tuple[float, float, float]:
    return (float(point[0]), float(point[1]), float(point[2]))


@lru_cache(maxsize=16)
def dress_form(body: Measures) -> Form:
    """The form of a body. A tape at bust, under bust, waist and hip reads what is stated, to 2 mm."""
    marks = landmarks(body)
    low = np.array([-abs(marks.wrist[0]) - _MARGIN_M, -0.34 - 0.08 * body.chest_m, -0.02])
    high = np.array([abs(marks.wrist[0]) + _MARGIN_M, 0.30 + 0.08 * body.chest_m, marks.neck_z + 0.12])
    axes = [np.arange(a, b, CELL_M) for a, b in zip(low, high, strict=True)]
    rows = _taped_rows(body, marks, axes)
    shape, apart = parted(body, marks, rows, *np.meshgrid(*axes, indexing="ij", sparse=True))
    field = _true(shape)
    origin = _triple(low)
    return Form(measures=body, marks=marks, field=field, apart=apart, origin=origin, mesh=_surface(field, origin))


def _taped_rows(body: Measures, at: Landmarks, axes: list[Array]) -> Array:
    """Trunk sections drawn wider or narrower until a tape about the finished body reads what it should."""
    levels = (at.hip_z, at.waist_z, at.under_z, at.bust_z)
    stated = (body.hip_m, body.waist_m, body.under_bust_m, body.chest_m)
    grown = (1.0, 1.0, 1.0, 1.0)
    for _ in range(6):
        rows = trunk_rows(body, at, grown)
        read = []
        for z, shape in zip(levels, (whole, trunk, trunk, trunk), strict=True):  # a tape goes about the trunk, not the arms
            level = np.meshgrid(axes[0], axes[1], np.array([z]), indexing="ij", sparse=True)
            read.append(_read(shape(body, at, rows, *level)))
        hip, waist, under, bust = (factor * wanted / girth for factor, wanted, girth in zip(grown, stated, read, strict=True))
        grown = (hip, waist, under, bust)
    return trunk_rows(body, at, grown)


def _read(plane: Array) -> float:
    """What a tape reads about the trunk in a level plane (nx, ny, 1) of distances."""
    from skimage.measure import find_contours

    middle = plane.shape[0] / 2
    rings = [row for row in find_contours(plane[..., 0], 0.0) if row[:, 0].min() < middle < row[:, 0].max()]
    return taped(max(rings, key=len) * CELL_M)


def _true(field: Array) -> Array:
    """Distances that are true metres away from the surface as well: the exact transform of what is inside, joined to the
    first-order ones within two cells."""
    from scipy.ndimage import distance_transform_edt

    inside = field < 0
    far = (distance_transform_edt(~inside) - distance_transform_edt(inside)) * CELL_M
    slope = np.sqrt(sum(part**2 for part in np.gradient(field, CELL_M)))
    near = field / np.clip(slope, 0.5, 2.0)
    share = np.clip(np.abs(far) / CELL_M - 1.5, 0, 1)
    return np.ascontiguousarray(near * (1 - share) + (far - 0.5 * CELL_M * np.sign(far)) * share, np.float32)


def _surface(field: Array, origin: tuple[float, float, float]) -> PolyMesh:
    from skimage.measure import marching_cubes

    padded = np.pad(field, 1, constant_values=0.05)
    points, triangles, _, _ = marching_cubes(padded, 0.0, spacing=(CELL_M,) * 3)
    points = points - CELL_M + np.array(origin)
    return PolyMesh(
        vertices=np.ascontiguousarray(points, np.float32),
        corners=np.ascontiguousarray(triangles.ravel(), np.int32),
        face_start=np.arange(0, 3 * len(triangles) + 1, 3, dtype=np.int32),
        smooth=True,
    )


def _outline(field: Array, origin: tuple[float, float, float], z_m: float, *, torso: bool) -> Array:
    from skimage.measure import find_contours

    at = (z_m - origin[2]) / CELL_M
    low = int(np.clip(np.floor(at), 0, field.shape[2] - 2))
    plane = field[..., low] * (low + 1 - at) + field[..., low + 1] * (at - low)
    found = [row * CELL_M + origin[:2] for row in find_contours(plane, 0.0)]
    if torso:
        found = [row for row in found if row[:, 0].min() < 0.0 < row[:, 0].max()] or found
    outline = max(found, key=len)[:-1]
    if _area(outline) < 0:
        outline = outline[::-1]
    return np.roll(outline, -int(np.argmax(outline[:, 1] - 3 * np.abs(outline[:, 0]))), axis=0)


def _area(outline: Array) -> float:
    after = np.roll(outline, -1, 0)
    return float((outline[:, 0] * after[:, 1] - after[:, 0] * outline[:, 1]).sum() / 2)
