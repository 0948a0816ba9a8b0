"""A dress form: a body of stated measurements as a signed distance field, its surface, and where things are on it.

Place in the flow: measurements -> here -> patterns (landmarks), draping (the field), the set (the mesh). Torso of superelliptic
sections whose girths are solved to the tape's, arms and legs of tapered capsules, all blended smoothly (Quilez's smooth
minimum, 2013). Stands at the origin, z up, faces -y; the wearer's left is +x. Metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from setpiece.core.arrays import Float32, frozen
from setpiece.core.scene import PolyMesh
from setpiece.stage.wardrobe.measures import Figure, Measures

CELL_M = 0.008
ARM_DEG = 25.0  # of the hanging arms from the vertical: sleeves are set for it
_POWER = 2.35  # of the torso's sections: fuller than an ellipse
_MARGIN_M = 0.16
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Where a body is measured, metres: heights above the floor, half widths from the middle. The arm runs from ``shoulder``
    to ``wrist`` (the wearer's left one; the right is its mirror image), the leg from ``hip_joint`` to ``ankle``."""

    neck_z: float
    shoulder_z: float
    armpit_z: float
    bust_z: float
    under_z: float
    waist_z: float
    hip_z: float
    crotch_z: float
    knee_z: float
    shoulder_x: float
    shoulder: tuple[float, float, float]
    elbow: tuple[float, float, float]
    wrist: tuple[float, float, float]
    hip_joint: tuple[float, float, float]
    ankle: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A body. ``field`` (nx, ny, nz) metres, negative inside, at ``origin`` + index * :data:`CELL_M`; ``mesh`` its surface."""

    measures: Measures
    marks: Landmarks
    field: Float32[Array, "x y z"]
    origin: tuple[float, float, float]
    mesh: PolyMesh

    def __post_init__(self) -> None:
        frozen(self.field)

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
        """What a tape about the torso reads at a height: the convex outline's length."""
        return taped(self.section(z_m))


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
    hip_x = 0.5 * body.thigh_m / np.pi * 1.06 + 0.008
    return Landmarks(
        neck_z=neck_z, shoulder_z=shoulder_z, armpit_z=waist_z + 0.63 * trunk, bust_z=bust_z, under_z=bust_z - 0.17 * trunk,
        waist_z=waist_z, hip_z=crotch_z + 0.3 * (waist_z - crotch_z), crotch_z=crotch_z, knee_z=0.613 * crotch_z,
        shoulder_x=x, shoulder=_triple(joint), elbow=_triple(elbow), wrist=_triple(wrist),
        hip_joint=(hip_x, 0.0, crotch_z), ankle=(hip_x * 0.92, 0.015, 0.07 * h / 1.7),
    )  # fmt: skip


def _triple(point: Array) -> tuple[float, float, float]:
    return (float(point[0]), float(point[1]), float(point[2]))


@lru_cache(maxsize=16)
def dress_form(body: Measures) -> Form:
    """The form of a body. Girths at bust, under bust, waist and hip are the stated ones to about 2 mm."""
    marks = landmarks(body)
    low = np.array([-abs(marks.wrist[0]) - _MARGIN_M, -0.34 - 0.08 * body.chest_m, -0.02])
    high = np.array([abs(marks.wrist[0]) + _MARGIN_M, 0.30 + 0.08 * body.chest_m, marks.neck_z + 0.10])
    axes = [np.arange(a, b, CELL_M) for a, b in zip(low, high, strict=True)]
    levels = _levels(body, marks)
    for _ in range(4):
        levels = _corrected(body, marks, levels, axes)
    grid = np.meshgrid(*axes, indexing="ij", sparse=True)
    field = _whole(body, marks, levels, *grid)
    field = _true(field)
    origin = _triple(low)
    return Form(measures=body, marks=marks, field=field, origin=origin, mesh=_surface(field, origin))


# -- torso -----------------------------------------------------------------------------------------------------------------


def _levels(body: Measures, at: Landmarks) -> Array:
    """Rows (z, girth, depth : width, forward) of the torso from the crotch to the neck; girths of what is not taped follow."""
    child, man = body.figure is Figure.CHILD, body.figure is Figure.MAN
    chest, waist, hip, neck = body.chest_m, body.waist_m, body.hip_m, body.neck_m
    across = 4.15 * body.shoulder_m / 2  # girth of a section as wide as the shoulders are
    deep = 0.78 if child else 0.74
    rows = [
        (at.crotch_z - 0.03, hip * 0.90, 0.78, 0.004),
        (at.crotch_z + 0.02, hip * 0.965, 0.77, 0.006),
        (at.hip_z, hip, 0.74, 0.010),
        (0.55 * at.hip_z + 0.45 * at.waist_z, hip * 0.56 + waist * 0.44, 0.73, 0.004),
        (at.waist_z, waist, deep + (0.03 if man else 0.0), -0.004),
        (at.under_z, body.under_bust_m, 0.71, -0.006),
        (at.bust_z, chest * (0.965 if body.figure is Figure.WOMAN else 1.0), 0.70, -0.008),
        (at.armpit_z, chest * (0.93 if not man else 0.96), 0.64, -0.002),
        (0.45 * at.armpit_z + 0.55 * at.shoulder_z, across * 0.94, 0.50, 0.008),
        (at.shoulder_z - 0.012, across * 0.86, 0.40, 0.014),
        (at.shoulder_z + 0.022, across * 0.55, 0.50, 0.018),
        (at.neck_z - 0.004, neck * 1.13, 0.92, 0.014),
        (at.neck_z + 0.03, neck, 1.02, 0.004),
        (at.neck_z + 0.075, neck * 0.975, 1.04, -0.006),
    ]
    return np.array(rows)


_TAPED = {2: "hip_m", 4: "waist_m", 5: "under_bust_m", 6: "chest_m"}


def _corrected(body: Measures, at: Landmarks, levels: Array, axes: list[Array]) -> Array:
    """Sections made wider or narrower until a tape about the finished body reads what it should."""
    made = levels.copy()
    for row, name in _TAPED.items():
        z = levels[row, 0]
        near = np.array([z])
        plane = _trunk(body, at, levels, *np.meshgrid(axes[0], axes[1], near, indexing="ij", sparse=True))
        from skimage.measure import find_contours

        found = max(find_contours(plane[..., 0], 0.0), key=len)
        made[row, 1] *= getattr(body, name) / (taped(found * CELL_M) or 1.0)
    return made


def _spline(levels: Array, z: Array) -> list[Array]:
    """Half width, half depth and forward shift at heights."""
    from scipy.interpolate import PchipInterpolator

    theta = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    unit = np.stack(_super(theta), -1)
    widths, depths = [], []
    for _, girth, ratio, _ in levels:
        shape = unit * (1.0, ratio)
        scale = girth / float(np.hypot(*(np.roll(shape, -1, 0) - shape).T).sum())
        widths.append(scale)
        depths.append(scale * ratio)
    clipped = np.clip(z, levels[0, 0], levels[-1, 0])
    return [PchipInterpolator(levels[:, 0], values)(clipped) for values in (widths, depths, levels[:, 3])]


def _super(theta: Array) -> tuple[Array, Array]:
    c, s = np.cos(theta), np.sin(theta)
    return np.sign(s) * np.abs(s) ** (2 / _POWER), -np.sign(c) * np.abs(c) ** (2 / _POWER)


def _trunk(body: Measures, at: Landmarks, levels: Array, x: Array, y: Array, z: Array) -> Array:
    """About the distance to the torso, bust and seat: first order, exact at the surface."""
    a, b, forward = _spline(levels, z)
    u, v = np.abs(x) / a, np.abs(y - forward) / b
    q = (u**_POWER + v**_POWER) ** (1 / _POWER)
    safe = np.maximum(q, 1e-3)
    steep = np.hypot((u / safe) ** (_POWER - 1) / a, (v / safe) ** (_POWER - 1) / b)
    distance = (q - 1) / np.maximum(steep, 1e-3)
    distance = np.maximum(distance, levels[0, 0] - z)
    distance = np.maximum(distance, z - levels[-1, 0])
    if body.figure is Figure.WOMAN:
        cup = np.clip((body.chest_m - body.under_bust_m) / 0.13, 0.4, 2.2)
        front = float(_spline(levels, np.array([at.bust_z]))[1][0])
        radius = 0.056 * cup**0.4 * (body.chest_m / 0.9) ** 0.7
        for side in (-1, 1):
            centre = (side * 0.098 * body.chest_m, -front + 0.40 * radius, at.bust_z - 0.004)
            ball = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (0.92 * (z - centre[2])) ** 2) - radius
            distance = _smooth(distance, ball, 0.035)
    for side in (-1, 1):  # the seat
        deep = float(_spline(levels, np.array([at.hip_z]))[1][0])
        radius = 0.085 * body.hip_m
        centre = (side * 0.085 * body.hip_m, deep - 0.62 * radius, at.hip_z - 0.01)
        ball = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2) - radius
        distance = _smooth(distance, ball, 0.05)
    return np.asarray(distance, np.float32)


def _whole(body: Measures, at: Landmarks, levels: Array, x: Array, y: Array, z: Array) -> Array:
    """Torso, arms and legs."""
    distance = _trunk(body, at, levels, x, y, z)
    arm, wrist = body.upper_arm_m / (2 * np.pi), body.wrist_m / (2 * np.pi)
    thigh, knee, ankle = (value / (2 * np.pi) for value in (body.thigh_m, body.knee_m, body.ankle_m))
    hip, foot = np.array(at.hip_joint), np.array(at.ankle)
    bend = hip + (foot - hip) * (at.crotch_z - at.knee_z) / max(at.crotch_z - foot[2], 1e-3)
    calf = bend + (foot - bend) * 0.32 + (0.0, 0.012, 0.0)
    for side in (-1.0, 1.0):
        mirrored = side * x
        limb = _capsule(mirrored, y, z, at.shoulder, at.elbow, arm, 0.80 * arm)
        limb = _smooth(limb, _capsule(mirrored, y, z, at.elbow, at.wrist, 0.80 * arm, wrist), 0.02)
        distance = _smooth(distance, limb, 0.028)
        leg = _capsule(mirrored, y, z, _triple(hip - (0, 0, 0.5 * thigh)), _triple(bend), 0.93 * thigh, knee)
        leg = _smooth(leg, _capsule(mirrored, y, z, _triple(bend), _triple(calf), knee, 1.03 * knee), 0.015)
        leg = _smooth(leg, _capsule(mirrored, y, z, _triple(calf), at.ankle, 1.03 * knee, ankle), 0.02)
        distance = _smooth(distance, leg, 0.022)
    return np.asarray(distance, np.float32)


def _capsule(x: Array, y: Array, z: Array, first: tuple[float, ...], last: tuple[float, ...], r0: float, r1: float) -> Array:
    a, b = np.array(first), np.array(last)
    way = b - a
    share = np.clip(((x - a[0]) * way[0] + (y - a[1]) * way[1] + (z - a[2]) * way[2]) / float(way @ way), 0, 1)
    away = np.sqrt((x - a[0] - share * way[0]) ** 2 + (y - a[1] - share * way[1]) ** 2 + (z - a[2] - share * way[2]) ** 2)
    return np.asarray(away - (r0 + (r1 - r0) * share), np.float32)


def _smooth(one: Array, other: Array, width: float) -> Array:
    """The union of two distances, its crease filled over ``width`` (Quilez, 2013)."""
    mixed = np.maximum(width - np.abs(one - other), 0) / width
    return np.asarray(np.minimum(one, other) - mixed * mixed * width * 0.25, np.float32)


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
