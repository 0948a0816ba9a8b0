"""Where a frame is worked on: a crop in which the face stands still, or the picture itself where there is no face.

A chart is an affine view of the plate. From the tracked mesh follows a first, coarse correspondence between two charts: a
thin-plate spline through the landmarks (Bookstein 1989), which goes over into plain chart coordinates beyond the skin.
All maps here are in index coordinates (the centre of the first pixel is 0), ready for resampling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Flow, Pixels, frozen
from setpiece.core.face_chart import Crop
from setpiece.core.retouch import Box

GRID_PX = 16  # the spline is evaluated on such a grid and interpolated between
_OUTLINE: tuple[int, ...] = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152)
_OUTLINE += (148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
_FEATURES: tuple[int, ...] = (33, 160, 158, 133, 153, 144, 263, 387, 385, 362, 380, 373)
_FEATURES += (61, 84, 17, 314, 291, 269, 0, 39, 13, 14, 78, 308)
CONTROLS = np.unique(np.concatenate([np.arange(0, 468, 3), np.array(_OUTLINE + _FEATURES)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A view of one frame: ``matrix`` (2, 3) takes index coordinates of the plate to the chart's, ``size`` is its width
    and height, ``points`` (n, 2) the mesh in it, None where there is no face."""

    matrix: Float32[np.ndarray, "2 3"]
    size: tuple[int, int]
    points: Float32[np.ndarray, "n 2"] | None = None

    def __post_init__(self) -> None:
        frozen(self.matrix)
        if self.points is not None:
            frozen(self.points)

    @property
    def scale(self) -> float:
        """Chart pixels to a pixel of the plate."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    def view(self, plate: Pixels) -> Pixels:
        """The plate seen in this chart; beyond its border it is held."""
        import cv2

        inside = self._inside(plate.shape[1], plate.shape[0])
        left, top, right, bottom = inside
        matrix = self.matrix.astype(np.float64).copy()
        matrix[:, 2] += matrix[:, :2] @ (left, top)
        part = plate[top:bottom, left:right]
        if self.scale < 0.75:  # an average, not a pick: shrunk first so that no pixel is skipped
            shrink = 1.0 / max(2, round(1.0 / self.scale))
            small = cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
            ratio = np.array([part.shape[1] / small.shape[1], part.shape[0] / small.shape[0]])
            matrix[:, 2] += matrix[:, :2] @ ((ratio - 1) / 2)
            matrix[:, :2] = matrix[:, :2] * ratio
            part = small
        return cv2.warpAffine(part, matrix, self.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def _inside(self, width: int, height: int) -> Box:
        """The box of the plate that this chart shows, with a margin for resampling, within the plate."""
        corners = np.array([[0, 0], [self.size[0], 0], [0, self.size[1]], list(self.size)], np.float64)
        seen = (corners - self.matrix[:, 2]) @ np.linalg.inv(self.matrix[:, :2].astype(np.float64)).T
        left, top = np.floor(seen.min(0)).astype(int) - 4
        right, bottom = np.ceil(seen.max(0)).astype(int) + 4
        left, top = min(max(0, int(left)), width - 2), min(max(0, int(top)), height - 2)
        return left, top, max(left + 2, min(width, int(right))), max(top + 2, min(height, int(bottom)))

    def box(self, width: int, height: int) -> Box:
        """The box of the plate in which this chart says anything."""
        return self._inside(width, height)


def face_chart(crop: Crop, landmarks: Float32[np.ndarray, "n 3"]) -> Chart:
    """The chart of a face from its stabilised crop; landmarks in px of the plate, as the track has them."""
    matrix = np.asarray(crop.matrix, np.float64)
    points = landmarks[:, :2].astype(np.float64) @ matrix[:, :2].T + matrix[:, 2] - 0.5
    index = matrix.copy()
    index[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return Chart(matrix=index.astype(np.float32), size=(int(crop.size), int(crop.size)), points=points.astype(np.float32))


def plain_map(size: tuple[int, int]) -> Flow:
    """Each pixel's own coordinates (h, w, 2)."""
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    return np.stack([x, y], -1)


def mesh_maps(chart: Chart, others: tuple[Chart, ...]) -> list[Flow]:
    """For each of ``others`` where every pixel of ``chart`` lies in it, (h, w, 2), by the meshes of both.

    One spline serves all of them: only its right-hand sides differ.
    """
    import cv2

    if chart.points is None:
        raise ValueError("a chart without a face has no mesh")
    width, height = chart.size
    here = chart.points[CONTROLS].astype(np.float64)
    shift = [(o.points if o.points is not None else chart.points)[CONTROLS].astype(np.float64) - here for o in others]
    frame = _frame(width, height)
    knots = np.concatenate([here, frame])
    values = np.concatenate([np.concatenate(shift, 1), np.zeros((len(frame), 2 * len(others)))])
    grid = plain_map((width // GRID_PX + 3, height // GRID_PX + 3)).astype(np.float64) * GRID_PX - GRID_PX
    found = _spline(knots, values, grid.reshape(-1, 2)).reshape(*grid.shape[:2], -1).astype(np.float32)
    step = np.array([[GRID_PX, 0, -GRID_PX], [0, GRID_PX, -GRID_PX]], np.float64)
    plain = plain_map(chart.size)
    coarse = [np.ascontiguousarray(found[..., 2 * i : 2 * i + 2]) for i in range(len(others))]
    return [plain + cv2.warpAffine(c, step, (width, height), flags=cv2.INTER_CUBIC) for c in coarse]


def _frame(width: int, height: int) -> np.ndarray:
    """Points around the chart, a little outside, that do not move."""
    out = 0.1 * max(width, height)
    x = np.linspace(-out, width + out, 9)
    y = np.linspace(-out, height + out, 9)[1:-1]
    sides = [(a, b) for a in x for b in (-out, height + out)] + [(a, b) for b in y for a in (-out, width + out)]
    return np.array(sides)


def _spline(knots: np.ndarray, values: np.ndarray, at: np.ndarray, *, stiffness: float = 2.0) -> np.ndarray:
    """Thin-plate spline through (n, 2) ``knots`` with (n, m) ``values``, smoothed by ``stiffness``, at (p, 2) points."""
    scale = float(np.ptp(knots, axis=0).max())
    centre = knots.mean(0)
    knots, at = (knots - centre) / scale, (at - centre) / scale
    n = len(knots)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(knots, knots) + np.eye(n) * stiffness / scale**2
    system[:n, n] = system[n, :n] = 1
    system[:n, n + 1 :] = knots
    system[n + 1 :, :n] = knots.T
    solved = np.linalg.solve(system, np.concatenate([values, np.zeros((3, values.shape[1]))]))
    return _kernel(at, knots) @ solved[:n] + solved[n] + at @ solved[n + 1 :]


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    square = ((a[:, None] - b[None]) ** 2).sum(-1)
    return square * np.log(np.maximum(square, 1e-20))
