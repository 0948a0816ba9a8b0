"""The face's own chart, and the crop of a plate in which a face stands still.

A landmark is a point of the skin wherever the face goes. Two things follow from a frame's landmarks: a **crop**, the
similarity of the plate in which eyes and nose keep their place; and **uv**, for every pixel of that crop the coordinates of
its skin point in one chart for all faces and frames. Landmarks are the mesh's, px of the plate, as
:class:`~setpiece.core.faces.FaceTrack` has them; they must be finite (ask ``seen`` first). Nothing here looks at a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from setpiece.core.arrays import Float32, Int32, Mask, Plane, frozen
from setpiece.core.face_layout import layout as layout
from setpiece.core.face_layout import mirror as mirror

SKIN = 468  # landmarks of the skin; the irises come after them
MARGIN = 0.32  # of the face's height, above, below and beside it
_AXIS_Z = 0.95  # of the upright cylinder that the chart unrolls, in the layout's unit
_RADIUS = 0.82
_CHART_SPAN = 2.75  # the layout's units in a whole chart
_STILL = (33, 133, 263, 362, 168, 6, 197, 195, 5, 4, 2, 98, 327, 129, 358, 8, 9)  # eye corners and nose: they hold the crop
_OVAL: tuple[int, ...] = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152)
_OVAL += (148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
_BROW = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
_MOUTH = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
_GRID = 56  # cells across a crop at which the spline is evaluated; a cubic goes between


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A square view of the plate: ``matrix`` (2, 3) takes px of the plate to px of the crop, ``size`` is its side.

    Both count from the corner: the centre of the first pixel is at (0.5, 0.5).
    """

    matrix: Float32[np.ndarray, "2 3"]
    size: int

    def __post_init__(self) -> None:
        frozen(self.matrix)

    @property
    def scale(self) -> float:
        """Px of the crop to one px of the plate."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2].astype(np.float64)))))

    @property
    def inverse(self) -> Float32[np.ndarray, "2 3"]:
        """Px of the crop to px of the plate."""
        turn = np.linalg.inv(self.matrix[:, :2].astype(np.float64))
        return np.concatenate([turn, -(turn @ self.matrix[:, 2])[:, None]], axis=1).astype(np.float32)

    def to_crop(self, points: Float32[np.ndarray, "n c"]) -> Float32[np.ndarray, "n 2"]:
        """Points (n, 2 or more; x and y first) of the plate, in the crop."""
        return _through(self.matrix, points)

    def to_plate(self, points: Float32[np.ndarray, "n c"]) -> Float32[np.ndarray, "n 2"]:
        """Points of the crop, in the plate: the inverse of :meth:`to_crop`."""
        return _through(self.inverse, points)


def _through(matrix: Float32[np.ndarray, "2 3"], points: Float32[np.ndarray, "n c"]) -> Float32[np.ndarray, "n 2"]:
    wide = matrix.astype(np.float64)
    return (np.asarray(points, np.float64)[:, :2] @ wide[:, :2].T + wide[:, 2]).astype(np.float32)


def similarity(
    source: Float32[np.ndarray, "n d"], target: Float32[np.ndarray, "n d"], weights: Float32[np.ndarray, "n"] | None = None
) -> tuple[float, Float32[np.ndarray, "d d"], Float32[np.ndarray, "d"]]:
    """Scale s, turn R and shift t with ``target ≈ s R source + t`` in the weighted least-squares sense (Umeyama 1991)."""
    a, b = np.asarray(source, np.float64), np.asarray(target, np.float64)
    w = np.ones(len(a)) if weights is None else np.asarray(weights, np.float64)
    w = (w / w.sum())[:, None]
    middle_a, middle_b = (a * w).sum(0), (b * w).sum(0)
    a, b = a - middle_a, b - middle_b
    u, stretch, v = np.linalg.svd((b * w).T @ a)
    sign = np.ones(len(stretch))
    sign[-1] = np.sign(np.linalg.det(u @ v)) or 1.0
    turn = (u * sign) @ v
    scale = float((stretch * sign).sum() / max((a * a * w).sum(), 1e-12))
    return scale, turn.astype(np.float32), (middle_b - scale * turn @ middle_a).astype(np.float32)


def crop_of(landmarks: Float32[np.ndarray, "n 3"], size: int, margin: float = MARGIN) -> Crop:
    """The crop of ``size`` px in which the face of these landmarks stands still and upright.

    Eyes and nose hold place and roll; the size of the whole head in three dimensions holds the scale, so that the crop does
    not breathe when the head turns. ``margin`` is the room around the face, a share of its height (hair, ears, neck).
    """
    still = np.array(_STILL)
    seen = np.nan_to_num(np.asarray(landmarks, np.float64))
    scale, _, _ = similarity(layout[still], seen[still]) if np.ptp(seen[:, 2]) > 0 else (0.0, None, None)
    flat, turn, _ = similarity(layout[still, :2], seen[still, :2])
    # beside a flattened cloud (no depth known) the picture's own scale is the better one
    plate_unit = scale if scale > 0 else flat
    top, bottom = float(layout[10, 1]), float(layout[152, 1])
    unit = size / ((bottom - top) * (1 + 2 * margin))  # px of the crop to a unit of the layout
    matrix = np.zeros((2, 3))
    matrix[:, :2] = turn.astype(np.float64).T * (unit / max(plate_unit, 1e-9))
    middle = seen[still, :2].mean(0)
    place = size / 2 + (layout[still, :2].mean(0).astype(np.float64) - (0.0, (top + bottom) / 2)) * unit
    matrix[:, 2] = place - matrix[:, :2] @ middle
    return Crop(matrix=matrix.astype(np.float32), size=int(size))


def chart_of(points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 2"]:
    """Where points of the layout lie in the chart, 0..1: the head unrolled from an upright cylinder, the face in the middle."""
    x, y, z = np.asarray(points, np.float64).T
    middle = float(layout[10, 1] + layout[152, 1]) / 2
    around = _RADIUS * np.arctan2(x, _AXIS_Z - z)
    return (0.5 + np.stack([around, y - middle], -1) / _CHART_SPAN).astype(np.float32)


chart = frozen(chart_of(layout))  # (478, 2): each landmark's uv


@cache
def triangles() -> Int32[np.ndarray, "t 3"]:
    """The skin as triangles between landmarks: Delaunay (1934) in the chart, clockwise as the picture shows a front view."""
    from scipy.spatial import Delaunay

    corners = np.asarray(Delaunay(chart[:SKIN].astype(np.float64)).simplices, np.int32)
    turned = _areas(chart, corners) < 0
    corners[turned] = corners[turned][:, [0, 2, 1]]
    return frozen(corners)


def _areas(points: Float32[np.ndarray, "n 2"], corners: Int32[np.ndarray, "t 3"]) -> Float32[np.ndarray, "t"]:
    a, b, c = (points[corners[:, k], :2].astype(np.float64) for k in range(3))
    return 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])


def facing(landmarks: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
    """How far the skin at each landmark (n = 478) looks at the lens, 0 (turned away or edge-on) .. 1: by the area that its
    triangles keep in the picture. Irises count as seen where their eye is."""
    corners = triangles()
    scale = crop_of(landmarks, 1, 0.0).scale * float(layout[152, 1] - layout[10, 1])
    now = _areas(np.asarray(landmarks) * scale, corners)
    whole = np.abs(_areas(layout[:, :2], corners)) + 1e-5
    kept, full = np.zeros(SKIN), np.zeros(SKIN)
    for k in range(3):
        np.add.at(kept, corners[:, k], now)
        np.add.at(full, corners[:, k], whole)
    share = np.clip(kept / full / 0.35, 0, 1)
    eyes = [share[list(regions["eye_right"])].mean()] * 5 + [share[list(regions["eye_left"])].mean()] * 5
    return np.concatenate([share, eyes]).astype(np.float32)


def _controls() -> Int32[np.ndarray, "n"]:
    """Landmarks that carry the spline: the features' outlines, and of the rest those that keep their distance."""
    kept = list(_OVAL + _EYE + _LIPS + _BROW) + [int(mirror[i]) for i in _EYE + _BROW]
    for i in range(SKIN):
        x, y, _ = layout[i]
        least = 0.018 if abs(x) < 0.24 and 0.1 < y < 0.52 else 0.026  # the nose is small and folds over soonest
        if i not in kept and i not in _MOUTH and np.linalg.norm(chart[kept] - chart[i], axis=1).min() > least:
            kept.append(i)
    return np.array(sorted(set(kept)), np.int32)


def uv_map(landmarks: Float32[np.ndarray, "n 3"], crop: Crop) -> Float32[np.ndarray, "s s 2"]:
    """For every pixel of ``crop`` (its centre) the chart coordinates of what is seen there, (size, size, 2).

    A thin-plate spline (Bookstein 1989) through the landmarks that look at the lens, going over into the face's own plain
    similarity beyond the skin's border; dense, smooth, finite everywhere, 0..1 on the skin and a little outside of that at
    the crop's edges.
    """
    points = crop.to_crop(landmarks).astype(np.float64) / crop.size
    controls = _control_set()
    seen = facing(landmarks)[controls].astype(np.float64)
    here, there = points[controls], chart[controls].astype(np.float64)
    plain = _affine(here, there, seen + 1e-3)
    frame = _frame()
    knots = np.concatenate([here, frame])
    values = np.concatenate([there - _at(plain, here), np.zeros_like(frame)])
    give = np.concatenate([1e-6 / np.maximum(seen, 2e-3) ** 2, np.full(len(frame), 1e-5)])
    ticks = (np.arange(_GRID + 3) - 1) / _GRID
    grid = np.stack(np.meshgrid(ticks, ticks), -1).reshape(-1, 2)
    coarse = (_spline(knots, values, give, grid) + _at(plain, grid)).reshape(_GRID + 3, _GRID + 3, 2)
    between = _between(crop.size)
    return np.stack([between @ coarse[..., k].astype(np.float32) @ between.T for k in range(2)], -1)


@cache
def _between(size: int) -> Float32[np.ndarray, "s g"]:
    """Cubic convolution (Keys 1981) from the coarse grid to the centres of ``size`` pixels, as a matrix."""
    at = (np.arange(size) + 0.5) / size * _GRID + 1
    whole = np.clip(np.floor(at).astype(int), 1, _GRID)
    t = at - whole
    taps = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3)
    weights = np.zeros((size, _GRID + 3), np.float32)
    for k, tap in enumerate(taps):
        weights[np.arange(size), whole - 1 + k] = tap / 2
    return frozen(weights)


@cache
def _control_set() -> Int32[np.ndarray, "n"]:
    return frozen(_controls())


@cache
def _frame() -> Float32[np.ndarray, "n 2"]:
    """Points around a crop of side 1, outside of it, where uv is the plain similarity."""
    around = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    return frozen(0.5 + 0.95 * np.stack([np.cos(around), np.sin(around)], -1))


def _affine(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(3, 2): the affine map from points ``a`` to ``b``, least squares."""
    root = np.sqrt(weights)[:, None]
    return np.linalg.lstsq(np.concatenate([a, np.ones((len(a), 1))], 1) * root, b * root, rcond=None)[0]


def _at(affine: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ affine[:2] + affine[2]


def _spline(knots: np.ndarray, values: np.ndarray, give: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Smoothing thin-plate spline: ``give`` is how far each knot yields (0: not at all)."""
    n = len(knots)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(knots, knots) + np.diag(give * 40)
    system[:n, n] = system[n, :n] = 1
    system[:n, n + 1 :] = knots
    system[n + 1 :, :n] = knots.T
    solved = np.linalg.solve(system, np.concatenate([values, np.zeros((3, values.shape[1]))]))
    near = _kernel(at.astype(np.float32), knots.astype(np.float32))
    return near @ solved[:n].astype(np.float32) + solved[n] + at @ solved[n + 1 :]


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    square = (a[:, None, 0] - b[None, :, 0]) ** 2 + (a[:, None, 1] - b[None, :, 1]) ** 2
    return square * np.log(np.maximum(square, np.finfo(square.dtype).tiny))


def face_mask(landmarks: Float32[np.ndarray, "n 3"], crop: Crop, *, forehead: float = 0.18) -> Mask:
    """Where the face is in ``crop`` (size, size): its convex outline, up to the hairline by ``forehead`` of its height."""
    import cv2

    points = crop.to_crop(landmarks)
    up = crop.matrix[:, :2].astype(np.float64) @ _upward(landmarks)
    oval = points[list(_OVAL)]
    height = np.linalg.norm(points[10] - points[152])
    rise = np.clip((chart[168, 1] - chart[list(_OVAL), 1]) / (chart[168, 1] - chart[10, 1]), 0, 1)[:, None]
    raised = oval + rise * forehead * height * (up / max(np.linalg.norm(up), 1e-9))
    hull = cv2.convexHull(np.concatenate([oval, raised]).astype(np.float32))[:, 0]
    mask = np.zeros((crop.size, crop.size), np.uint8)
    cv2.fillConvexPoly(mask, np.round((hull - 0.5) * 16).astype(np.int32), 1, lineType=cv2.LINE_8, shift=4)
    return mask.astype(bool)


def _upward(landmarks: Float32[np.ndarray, "n 3"]) -> np.ndarray:
    """From the chin to the brow, px of the plate."""
    return (np.asarray(landmarks)[10, :2] - np.asarray(landmarks)[152, :2]).astype(np.float64)


def soft_mask(landmarks: Float32[np.ndarray, "n 3"], crop: Crop, *, feather: float = 0.04, forehead: float = 0.18) -> Plane:
    """:func:`face_mask` with a soft border, 0..1, inside of it; ``feather`` is a share of the crop's side."""
    import cv2

    solid = face_mask(landmarks, crop, forehead=forehead).astype(np.uint8)
    reach = cv2.distanceTransform(np.pad(solid, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    ramp = np.clip(reach / max(feather * crop.size, 1e-6), 0, 1).astype(np.float32)
    return ramp * ramp * (3 - 2 * ramp)


def _within(left: float, top: float, right: float, bottom: float) -> tuple[int, ...]:
    """Skin landmarks in a box of the layout (unit: between the outer corners of the eyes)."""
    x, y = layout[:SKIN, 0], layout[:SKIN, 1]
    return tuple(int(i) for i in np.flatnonzero((x >= left) & (x <= right) & (y >= top) & (y <= bottom)))


def _mirrored(indices: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(mirror[i]) for i in indices)


def _regions() -> dict[str, tuple[int, ...]]:
    """Named sets of landmarks; right and left are the performer's own (right is on the left of the picture)."""
    one_sided = {
        "eye": _EYE,
        "brow": _BROW,
        "iris": (468, 469, 470, 471, 472),
        "crows_feet": (33, 130, 226, 35, 143, 34, 227, 111, 156, 139, 124, 113, 31),
        "under_eye": (33, 7, 163, 144, 145, 153, 154, 155, 133, 243, 121, 120, 119, 118, 117, 111, 35),
        "nasolabial": (129, 102, 49, 203, 206, 216, 212, 186, 92, 165, 205, 207),
        "marionette": (61, 57, 43, 202, 204, 211, 210, 214, 212),
        "jaw": (132, 58, 172, 136, 150, 149, 176, 135, 138, 215, 177, 169),
        "cheek": (116, 117, 118, 119, 100, 126, 142, 36, 205, 50, 123, 147, 187, 207, 192, 213),
        "temple": (21, 54, 68, 71, 139, 162, 127, 34, 156),
    }
    found = {
        "oval": _OVAL,
        "lips": _LIPS + _MOUTH,
        "mouth": _MOUTH,
        "teeth": _MOUTH,
        "forehead": (10, 109, 67, 103, 54, 68, 63, 105, 66, 107, 9, 336, 296, 334, 293, 298, 284, 332, 297, 338, 151, 108, 337),
        "glabella": (9, 107, 55, 193, 168, 417, 285, 336, 8),
        "nose": (168, 193, 122, 196, 3, 51, 198, 49, 129, 98, 97, 2, 326, 327, 358, 279, 420, 281, 248, 419, 351, 417, 1, 4, 5),
        "chin": (18, 83, 182, 106, 194, 204, 211, 32, 140, 171, 148, 152, 377, 396, 369, 262, 431, 424, 418, 335, 406, 313),
        "upper_lip": (2, 97, 98, 165, 186, 61, 40, 39, 37, 0, 267, 269, 270, 291, 410, 391, 327, 326),
    }
    whole = ("crows_feet", "under_eye", "nasolabial", "marionette", "jaw")  # as the make-up chair calls both of them
    for name, indices in one_sided.items():
        left = (473, 474, 475, 476, 477) if name == "iris" else _mirrored(indices)
        both = {"iris": "irises"}
        found |= {
            f"{name}_right": indices,
            f"{name}_left": left,
            both.get(name, name if name in whole else f"{name}s"): indices + left,
        }
    return found


regions: dict[str, tuple[int, ...]] = _regions()
