"""How far an engine's colours have drifted from the plate's, measured where both show the same thing.

Place in the flow: before :mod:`.recompose`, once a frame. An engine gives a full frame back; outside of the matte that
should be the plate. What it is instead, on a band of kept pixels around the matte, is the drift: what the engine did
to those colours it did to those inside. Two models: an affine map (3x4) of the logarithms, which holds gain, contrast
and saturation; or a gain and an offset for each channel, which holds lifted blacks. It refuses to guess: where too few
pixels are left to compare, or where the engine repainted what it should have kept, the drift is none, and says why.

Everything is scene-linear ACEScg, float32, unbounded; logarithms are base 2, so that 1 is a stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb, frozen
from setpiece.core.errors import StageError

Model = Literal["log_affine", "gain_offset"]
_FLOOR = 2.0**-8  # light below this counts for nothing in a logarithm: a gain is held there
_MIDDLE = 0.18
_MOST_PIXELS = 20_000
_ROUNDS = 12
_PRIOR_STOPS = 0.04  # colours that spread by less than this say nothing of contrast: the slope stays 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLook:
    """How drift is measured.

    ``reach``: how far from the matte the band goes, as a share of the picture's width; ``gap_px``: how far from the matte
    it begins, since an engine's own edge bleeds; ``average_px``: sigma of the mean that both pictures are compared by, so
    that neither grain nor fine detail counts. ``least_pixels`` fewer, or ``worst_stops`` more of what is left over, and
    the drift is not believed; nor is one beyond ``most_stops``.
    """

    model: Model = "log_affine"
    reach: float = 0.06
    gap_px: int = 3
    average_px: float = 1.5
    least_pixels: int = 200
    worst_stops: float = 0.5
    most_stops: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What takes an engine's colours back to the plate's. ``matrix`` (3, 4) float64.

    log_affine: log2 of the plate is ``matrix[:, :3] @ log2(engine) + matrix[:, 3]``, within ``span`` (2, 3): from and up
    to which log2 it was measured; the gain is held beyond (None: nowhere). gain_offset: the plate is
    ``matrix[c, c] * engine + matrix[c, 3]``.
    """

    model: Model
    matrix: np.ndarray[Any, Any]
    span: np.ndarray[Any, Any] | None = None

    def __post_init__(self) -> None:
        frozen(self.matrix)
        if self.span is not None:
            frozen(self.span)

    @property
    def nothing(self) -> bool:
        """Whether it changes no colour at all."""
        return bool(np.array_equal(self.matrix, _IDENTITY))

    def correct(self, rgb: Rgb) -> Rgb:
        """``rgb`` (h, w, 3) with the drift taken out. Signs stay, black stays black under log_affine, nothing is clamped;
        where the drift is none these are the very same pixels."""
        if self.nothing:
            return rgb
        if self.model == "gain_offset":
            return (rgb * np.diag(self.matrix[:, :3]) + self.matrix[:, 3]).astype(np.float32)
        known = np.log2(np.maximum(rgb, np.float32(_FLOOR)).astype(np.float64))
        if self.span is not None:
            known = np.clip(known, self.span[0], self.span[1])
        stops = known @ (self.matrix[:, :3] - np.eye(3)).T + self.matrix[:, 3]
        return (rgb * np.exp2(stops)).astype(np.float32)

    def stops(self, level: float = _MIDDLE) -> tuple[float, float, float]:
        """The gain that it gives to a neutral ``level``, per channel, in stops."""
        grey = np.full((1, 1, 3), level, np.float32)
        red, green, blue = np.log2(np.maximum(self.correct(grey)[0, 0] / level, 1e-6)).tolist()
        return red, green, blue


_IDENTITY = np.eye(3, 4)


def no_drift(model: Model = "log_affine") -> Drift:
    """The drift that changes nothing."""
    return Drift(model=model, matrix=_IDENTITY.copy())


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """What was measured on a frame and what was used of it.

    ``measured`` is this frame's own drift, ``used`` what the picture was corrected by. ``pixels`` were compared; ``before``
    and ``after`` are the median difference of plate and engine there (worst channel, stops) as given and corrected by
    ``used``, None where nothing was compared. ``trusted`` False says that ``measured`` is none for want of evidence, and
    ``why`` why.
    """

    measured: Drift
    used: Drift
    pixels: int
    before_stops: float | None = None
    after_stops: float | None = None
    trusted: bool = True
    why: str = ""


def kept_band(matte: Plane, look: DriftLook) -> Mask:
    """Pixels that are kept (matte exactly 0) and lie around the matte, (h, w); none where nothing is matted."""
    kept = matte <= 0
    if kept.all() or not kept.any():
        return np.zeros_like(kept)
    distance = cv2.distanceTransform(kept.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    reach = max(look.reach * matte.shape[1], look.gap_px + 8)
    return np.asarray((distance > look.gap_px) & (distance <= reach))


def measure_drift(plate: Rgb, engine: Rgb, matte: Plane, *, look: DriftLook | None = None) -> DriftReport:
    """The drift of ``engine`` against ``plate`` (h, w, 3) on kept pixels around ``matte`` (h, w).

    Robust: pixels that do not follow the rest (something moved, something was repainted, a highlight that the engine
    clipped) lose their say (reweighted least squares, Tukey's biweight). A correction that brings the two no nearer is none.
    Raises :class:`StageError` where the sizes differ.
    """
    look = look or DriftLook()
    check_sizes(plate, engine, matte)
    ours, theirs = _samples(plate, engine, matte, look)
    if len(ours) < look.least_pixels:
        return _untrusted(look, len(ours), f"{len(ours)} kept pixels around the matte are too few to compare")
    found = Drift(model=look.model, matrix=_fitted(ours, theirs, look.model), span=_span(theirs, look.model))
    before, after = _apart(ours, theirs), _apart(ours, _corrected(found, theirs))
    if after > look.worst_stops:
        return _untrusted(look, len(ours), f"the engine repainted what it should have kept: {after:.2f} stops apart", before)
    if max(map(abs, found.stops())) > look.most_stops:
        return _untrusted(look, len(ours), f"a drift of {max(map(abs, found.stops())):.1f} stops is no drift", before)
    if before <= after + 1e-6:
        found, after = no_drift(look.model), before
    return DriftReport(measured=found, used=found, pixels=len(ours), before_stops=before, after_stops=after)


def smoothed(reports: Sequence[DriftReport], *, sigma_frames: float = 2.0) -> tuple[Drift, ...]:
    """The drift to use for each of consecutive frames: the mean of its neighbourhood (Gaussian, ``sigma_frames``), in
    which frames count by how well they were measured; a frame that stands alone against both neighbours gives way.

    A frame that could not be measured takes its neighbours' drift; none has one where none could be measured.
    """
    if not reports:
        return ()
    model = reports[0].measured.model
    if any(report.measured.model != model for report in reports):
        raise StageError("drifts of two models cannot be smoothed together", remedy="measure all frames by one model")
    values = np.stack([report.measured.matrix for report in reports])
    trust = np.array([_trust(report) for report in reports])
    if not trust.any():
        return tuple(no_drift(model) for _ in reports)
    values, known = _without_loners(values, trust), np.flatnonzero(trust)
    made = []
    for frame in range(len(reports)):
        near = trust[known] * np.exp(-0.5 * ((known - frame) / max(sigma_frames, 1e-3)) ** 2)
        near = near if near.sum() > 1e-12 else (np.abs(known - frame) == np.abs(known - frame).min()).astype(float)
        matrix = np.tensordot(near / near.sum(), values[known], axes=1)
        if (values[known] == _IDENTITY).all():
            made.append(no_drift(model))
            continue
        spans = [(weight, reports[at].measured.span) for weight, at in zip(near, known, strict=True)]
        seen = [(weight, span) for weight, span in spans if span is not None and weight > 0]
        span = np.average([span for _, span in seen], axis=0, weights=[weight for weight, _ in seen]) if seen else None
        made.append(Drift(model=model, matrix=matrix, span=span))
    return tuple(made)


def report_on(plate: Rgb, engine: Rgb, matte: Plane, used: Drift, *, look: DriftLook | None = None) -> DriftReport:
    """What ``used`` (of :func:`smoothed`, or of another frame) leaves over on this one."""
    look = replace(look or DriftLook(), model=used.model)
    report = measure_drift(plate, engine, matte, look=look)
    ours, theirs = _samples(plate, engine, matte, look)
    after = _apart(ours, _corrected(used, theirs)) if len(ours) else None
    return replace(report, used=used, after_stops=after)


def check_sizes(plate: Rgb, engine: Rgb, matte: Plane, *, frame: int | None = None) -> None:
    """Raise :class:`StageError` naming both sizes where plate, engine and matte differ."""
    for name, shape in (("the engine's picture", engine.shape[:2]), ("the matte", matte.shape)):
        if shape != plate.shape[:2]:
            raise StageError(
                f"{name} is {shape[1]}x{shape[0]} but the plate is {plate.shape[1]}x{plate.shape[0]}",
                frame=frame,
                remedy="have the engine give back the size that was asked for",
            )


def _untrusted(look: DriftLook, pixels: int, why: str, before: float | None = None) -> DriftReport:
    none = no_drift(look.model)
    return DriftReport(measured=none, used=none, pixels=pixels, before_stops=before, after_stops=before, trusted=False, why=why)


def _samples(plate: Rgb, engine: Rgb, matte: Plane, look: DriftLook) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Local means of plate and engine (n, 3) on the band, over kept pixels alone; without what an engine cannot show."""
    band = kept_band(matte, look)
    rows, columns = np.flatnonzero(band.any(1)), np.flatnonzero(band.any(0))
    if rows.size == 0:
        return np.zeros((0, 3)), np.zeros((0, 3))
    box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    band, kept = band[box], (matte[box] <= 0).astype(np.float32)
    sound = kept * np.isfinite(plate[box]).all(-1) * np.isfinite(engine[box]).all(-1)
    total = cv2.GaussianBlur(sound.astype(np.float32), (0, 0), look.average_px, borderType=cv2.BORDER_CONSTANT)
    means = []
    for picture in (plate[box], engine[box]):
        summed = cv2.GaussianBlur(
            np.where(sound[..., None] > 0, picture, np.float32(0)), (0, 0), look.average_px, borderType=cv2.BORDER_CONSTANT
        )
        means.append((summed / np.maximum(total, 1e-6)[..., None]).astype(np.float64))
    ours, theirs = means
    ceiling = 0.98 * float(np.nanmax(np.where(np.isfinite(engine), engine, -np.inf)))
    fit = band & (sound > 0) & (ours.min(-1) > 2 * _FLOOR) & (theirs.min(-1) > 2 * _FLOOR)
    unclipped = fit & (theirs.max(-1) < ceiling)
    fit = unclipped if unclipped.sum() >= look.least_pixels else fit
    ours, theirs = ours[fit], theirs[fit]
    step = max(1, -(-len(ours) // _MOST_PIXELS))
    return ours[::step], theirs[::step]


def _fitted(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any], model: Model) -> np.ndarray[Any, Any]:
    """The (3, 4) matrix that takes ``theirs`` to ``ours`` (n, 3)."""
    matrix = _robust(np.log2(ours), np.log2(theirs)) if model == "log_affine" else _gain_offset(ours, theirs)
    return _IDENTITY.copy() if np.abs(matrix - _IDENTITY).max() < 1e-5 else matrix


def _span(theirs: np.ndarray[Any, Any], model: Model) -> np.ndarray[Any, Any] | None:
    """From where to where the engine's colours were seen, log2, (2, 3), and a stop more on both ends."""
    if model != "log_affine":
        return None
    return np.percentile(np.log2(theirs), (0.5, 99.5), axis=0) + np.array([[-1.0], [1.0]])


def _robust(target: np.ndarray[Any, Any], given: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Affine map of logarithms. The prior is contrast 1 and no crosstalk, of the strength of ``_PRIOR_STOPS``."""
    centre = np.median(given, 0)
    known = np.concatenate([given - centre, np.ones((len(given), 1))], 1)
    wanted = target - given  # what is fitted is the departure from the identity
    weight = _tukey(np.abs(wanted - np.median(wanted, 0)).max(1))
    prior = np.diag([_PRIOR_STOPS**2] * 3 + [0.0])
    solved = np.zeros((4, 3))
    for _ in range(_ROUNDS):
        weighted = known * weight[:, None]
        total = max(float(weight.sum()), 1e-9)
        solved = np.linalg.solve(weighted.T @ known / total + prior + 1e-12 * np.eye(4), weighted.T @ wanted / total)
        weight = _tukey(np.abs(wanted - known @ solved).max(1))
    matrix = _IDENTITY.copy()
    matrix[:, :3] += solved[:3].T
    matrix[:, 3] = solved[3] - solved[:3].T @ centre
    return matrix


def _gain_offset(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A gain and an offset for each channel, errors counted relative to the light."""
    matrix = _IDENTITY.copy()
    for c in range(3):
        x, y = theirs[:, c], ours[:, c]
        relative = 1 / np.maximum(y, _MIDDLE / 16)
        weight = np.ones(len(x))
        gain, offset = 1.0, 0.0
        for _ in range(_ROUNDS):
            w = weight * relative**2
            mean_x, mean_y = np.average(x, weights=w + 1e-30), np.average(y, weights=w + 1e-30)
            spread = float((w * (x - mean_x) ** 2).sum())
            flat = float(w.sum()) * (_PRIOR_STOPS * np.log(2) * mean_x) ** 2  # as above: no spread, no contrast
            gain = (float((w * (x - mean_x) * (y - mean_y)).sum()) + flat * mean_y / mean_x) / (spread + flat)
            offset = float(mean_y - gain * mean_x)
            weight = _tukey(np.abs(y - gain * x - offset) * relative)
        matrix[c, c], matrix[c, 3] = gain, offset
    return matrix


def _tukey(residual: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Tukey's biweight (n,) of residuals (n,): 0 beyond 4.685 deviations, taken from the median."""
    limit = 4.685 * max(float(np.median(residual)) / 0.6745, 1e-6)
    return np.asarray(np.clip(1 - (residual / limit) ** 2, 0, None) ** 2)


def _corrected(drift: Drift, samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return drift.correct(samples[None].astype(np.float32))[0].astype(np.float64)


def _apart(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> float:
    """Median over the pixels of the difference of their worst channel, in stops."""
    return float(np.median(np.abs(np.log2(ours) - np.log2(np.maximum(theirs, _FLOOR))).max(1)))


def _trust(report: DriftReport) -> float:
    """How much a frame's measurement counts: more pixels and less left over are better; 0 where it was not believed."""
    return 0.0 if not report.trusted else report.pixels / (0.01 + (report.after_stops or 0.0)) ** 2


def _without_loners(values: np.ndarray[Any, Any], trust: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Each measured frame's matrix as the median of itself and its two nearest measured neighbours."""
    known = np.flatnonzero(trust)
    if len(known) < 3:
        return values
    out, line = values.copy(), values[known]
    out[known[1:-1]] = np.median(np.stack([line[:-2], line[1:-1], line[2:]]), axis=0)
    return out
