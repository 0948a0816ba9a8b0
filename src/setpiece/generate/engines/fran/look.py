"""What the network is asked for: how old the performer is, how old to show them, and where more or less of it.

Place in the flow: the ``look`` of a request to engine ``fran``; :func:`age_maps` turns it into the network's two maps of
ages, pixel by pixel in the face's crop. Whether a performer agreed to be shown at that age is clearance's to say.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Float32, Plane, frozen
from setpiece.core.errors import BriefError

YOUNGEST, OLDEST = 1.0, 110.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeCurve:
    """Ages in years over frames: (frame, years) in ascending frames, straight between them, held outside.

    >>> AgeCurve(keys=((1001, 60.0), (1011, 40.0))).at(1006)
    50.0
    """

    keys: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        frames = [frame for frame, _ in self.keys]
        if not frames or any(later <= earlier for earlier, later in itertools.pairwise(frames)):
            raise BriefError("an age curve has no ascending frames", remedy="write [[1001, 60], [1048, 40]]")

    def at(self, frame: int) -> float:
        """Years in ``frame``."""
        return float(np.interp(frame, [key[0] for key in self.keys], [key[1] for key in self.keys]))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionAge:
    """A region of the face chart that is shown ``years`` older (below 0: younger) than the rest; the edge is soft."""

    region: str
    years: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FranLook:
    """Which weights, from which age to which, over which part of the head.

    ``model`` and ``sha256`` name the ONNX file, as registered. ``input_age`` is how old the performer looks in the plate,
    ``output_age`` how old they shall, in years. ``regions`` change single regions; ``chart_years`` (h, w) is painted in
    the face's own chart (u right, v down, 0..1) and adds years there, 0 for none. ``reach`` scales the face's outline:
    1 is the face, 1.6 takes hair, ears and throat in. ``exposure_stops`` brings a plate that is too dark or too bright
    for the network into its range, and is taken away again. ``crop_px`` fixes the size of the crop, 0 takes the plate's
    own resolution (never more than ``max_crop_px``).
    """

    model: Path
    sha256: str
    input_age: float
    output_age: float | AgeCurve
    regions: tuple[RegionAge, ...] = ()
    chart_years: Plane | None = None
    reach: float = 1.0
    exposure_stops: float = 0.0
    crop_px: int = 0
    max_crop_px: int = 2048

    def __post_init__(self) -> None:
        if self.chart_years is not None:
            frozen(self.chart_years)
        within("reach", self.reach, 0.7, 2.0)
        within("exposure_stops", self.exposure_stops, -10.0, 10.0)
        within("max_crop_px", self.max_crop_px, 64, 8192)
        if self.crop_px:
            within("crop_px", self.crop_px, 64, self.max_crop_px)

    def years(self, frame: int) -> float:
        """The age to show in ``frame``, before regions."""
        return self.output_age.at(frame) if isinstance(self.output_age, AgeCurve) else float(self.output_age)

    def ages(self) -> tuple[float, ...]:
        """Every age that is stated, without regions: the curve never leaves them."""
        curve = self.output_age
        shown = tuple(years for _, years in curve.keys) if isinstance(curve, AgeCurve) else (float(curve),)
        return (self.input_age, *shown)


def within(name: str, value: float, low: float, high: float) -> None:
    """Raise :class:`BriefError` unless ``low <= value <= high``."""
    if not low <= value <= high:
        raise BriefError(f"'{name}' is {value:g}", remedy=f"state {low:g} to {high:g}")


def age_maps(
    look: FranLook,
    frame: int,
    points: Float32[np.ndarray, "n 2"],
    uv: Float32[np.ndarray, "s s 2"],
    regions: Mapping[str, Sequence[int]],
    ages: tuple[float, float],
) -> tuple[Plane, Plane]:
    """Ages in and out, in years, (s, s) each: ``points`` are the landmarks in the crop, ``uv`` its chart coordinates.

    Ages stay within ``ages``, which the model was trained for. Raises :class:`BriefError` for a region that is none.
    """
    size = uv.shape[0]
    shown = np.full((size, size), look.years(frame), np.float32)
    for part in look.regions:
        if part.region not in regions:
            raise BriefError(
                f"the face chart has no region '{part.region}'", frame=frame, remedy=f"regions are {', '.join(sorted(regions))}"
            )
        sides = [f"{part.region[:-1]}_{side}" for side in ("right", "left")]  # "cheeks": each by itself, not the nose between
        parts = sides if all(side in regions for side in sides) else [part.region]
        masks = [soft_region(points[list(regions[name])], size, feather_px=0.03 * size) for name in parts]
        shown += np.float32(part.years) * np.maximum.reduce(masks)
    if look.chart_years is not None:
        shown += _sampled(look.chart_years, uv)
    return np.full((size, size), look.input_age, np.float32), np.clip(shown, *ages).astype(np.float32)


def soft_region(points: Float32[np.ndarray, "n 2"], size: int, *, feather_px: float) -> Plane:
    """The hull of ``points`` (px of the crop) as a mask (size, size), 0..1, soft over about ``feather_px`` on both sides."""
    import cv2

    mask = np.zeros((size, size), np.float32)
    hull = cv2.convexHull(np.asarray(points, np.float32)).reshape(-1, 2)
    cv2.fillPoly(mask, [np.round((hull - 0.5) * 256).astype(np.int32)], 1.0, lineType=cv2.LINE_8, shift=8)
    return np.clip(cv2.GaussianBlur(mask, (0, 0), max(feather_px / 2, 0.5)), 0, 1)


def _sampled(chart: Plane, uv: Float32[np.ndarray, "s s 2"]) -> Plane:
    """A plane painted in the face's chart, at every pixel of a crop; 0 where the chart ends."""
    import cv2

    height, width = chart.shape
    known = np.isfinite(uv).all(axis=-1)
    at = np.where(known[..., None], uv, -1).astype(np.float32)
    x, y = at[..., 0] * width - 0.5, at[..., 1] * height - 0.5
    found = cv2.remap(np.asarray(chart, np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = known & (at >= 0).all(axis=-1) & (at <= 1).all(axis=-1)
    return np.where(inside, found, 0).astype(np.float32)
