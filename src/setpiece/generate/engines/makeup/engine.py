"""The engine: a look and a face in, one delta a frame out, each frame for itself.

The colour of the skin is measured once on a few frames of the shot and goes over smoothly between them, so that nothing
that decides where skin is can flicker. All work is done on the face's box at a size at which the eyes are at most
:data:`WORK_PX` apart: what is finer than a wrinkle there is not looked at, and so stays to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from setpiece.core.arrays import Float32, Flow, Plane, Rgb
from setpiece.core.errors import StageError
from setpiece.core.face_chart import facing
from setpiece.core.plate_grain import Grain, grain_of, part_grain
from setpiece.core.retouch import Box, Delta
from setpiece.generate.engines.makeup.bands import GROOVE, bands_of, deepened, resized, smoothed, spread
from setpiece.generate.engines.makeup.geometry import warp_of
from setpiece.generate.engines.makeup.lines import lines_plane
from setpiece.generate.engines.makeup.look import MakeupLook
from setpiece.generate.engines.makeup.matte import Matte, SkinModel, between, grown, hair_plane, luma_of, matte_of, skin_model
from setpiece.generate.engines.makeup.regions import MAP_PX, FacePlace, contour_plane, place_of, region_planes, strength_plane
from setpiece.generate.engines.makeup.tone import features, greyed_hair, toned
from setpiece.generate.retouch import FACE, LOOK, SEED, RetouchRequest, check_cleared, check_retouch

NAME = "makeup"
OFFSET = 0.02
WORK_PX = 150.0  # between the eyes, where bands are worked on
YEARS = 30.0
SAMPLES = 7  # frames of a shot on which the skin is measured
PORES = 0.02  # of the skin's light: one standard deviation of what counts as pores
_FLOOR = -0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """What was measured once: skin at some frames, ascending, and the plate's grain."""

    frames: tuple[int, ...]
    skins: tuple[SkinModel, ...]
    grain: Grain

    def skin(self, frame: int) -> SkinModel:
        """The skin in ``frame``: straight between the measured ones."""
        k = int(np.searchsorted(self.frames, frame, side="right")) - 1
        if k < 0 or k + 1 >= len(self.frames):
            return self.skins[min(max(k, 0), len(self.skins) - 1)]
        first, last = self.frames[k], self.frames[k + 1]
        return between(self.skins[k], self.skins[k + 1], (frame - first) / (last - first))


class Makeup:
    """Younger or older by bands and regions, in scene-linear light. Nothing is drawn by chance but the break-up of new
    lines, which the request's seed decides."""

    name = NAME

    def __init__(self) -> None:
        self._request: RetouchRequest | None = None
        self._look: MakeupLook | None = None
        self._shot: _Shot | None = None

    def capabilities(self) -> frozenset[str]:
        """A face, a look, and a seed."""
        return frozenset({FACE, LOOK, SEED})

    def prepare(self, request: RetouchRequest) -> None:
        """Measure the skin on a few frames. StageError without a look or a face track, CapabilityMissing for keyframes."""
        check_retouch(self, request)
        if not isinstance(request.look, MakeupLook):
            raise StageError(
                "engine 'makeup' was given no look", remedy="say how many years: MakeupLook(years=((1001, -20.0),))"
            )
        if request.face is None:
            raise StageError("engine 'makeup' was given no face", remedy="track the faces of the shot first")
        self._request, self._look, self._shot = request, request.look, _measured(request)

    def delta(self, frame: int) -> Delta | None:
        """The make-up of ``frame``; None where the face is not seen or nothing is asked for."""
        request = check_cleared(self._request, frame, engine=NAME)
        look, shot, face = self._look, self._shot, request.face
        if look is None or shot is None or face is None:
            raise StageError("engine 'makeup' was not given a shot", frame=frame, remedy="prepare the engine first")
        amount = look.years_at(frame) / YEARS
        if amount == 0 or not shot.frames or not face.seen(frame):
            return None
        landmarks = face.at(frame)
        box = box_of(landmarks, request.size)
        if box is None:
            return None
        region = request.plate(frame)[box[1] : box[3], box[0] : box[2]]
        sure = float(face.confidence[frame - face.frames.first])
        return made_up(frame, region, landmarks, box, shot.skin(frame), shot.grain, look, amount, sure, request.seed)


def box_of(landmarks: Float32[np.ndarray, "n c"], size: tuple[int, int]) -> Box | None:
    """Face with neck, ears and hairline in a plate of ``size``; None where it lies outside."""
    place = place_of(landmarks, (1, 1))
    points = place.points
    reach = np.array([[0.5, 0.85], [0.5, 0.9]]) * place.unit
    low, high = points.min(0) - reach[0], points.max(0) + reach[1]
    left, top = (int(v) for v in np.clip(np.floor(low), 0, size))
    right, bottom = (int(v) for v in np.clip(np.ceil(high), 0, size))
    return (left, top, right, bottom) if right - left > 8 and bottom - top > 8 else None


def stops_of(light: Rgb) -> Rgb:
    """log2 of light with the delta's offset."""
    import cv2

    found = np.maximum(light, np.float32(_FLOOR))
    found += np.float32(OFFSET)
    cv2.log(found, dst=found)
    found *= np.float32(1 / np.log(2))
    return found


def _shape(shape: tuple[int, ...], unit: float, most: float) -> tuple[int, int]:
    fold = min(1.0, most / unit)
    return (max(8, round(shape[0] * fold)), max(8, round(shape[1] * fold)))


def _measured(request: RetouchRequest) -> _Shot:
    face = request.face
    assert face is not None
    seen = [frame for frame in request.frames if face.seen(frame)]
    picked = sorted({seen[round(k)] for k in np.linspace(0, len(seen) - 1, SAMPLES)}) if seen else []
    frames, skins, grains = [], [], []
    for frame in picked:
        box = box_of(face.at(frame), request.size)
        if box is None:
            continue
        region = request.plate(frame)[box[1] : box[3], box[0] : box[2]]
        place = place_of(face.at(frame), (region.shape[0], region.shape[1]), box[:2])
        small = _shape(region.shape, place.unit, MAP_PX)
        stops, there = stops_of(resized(region, small)), place.scaled(small)
        frames.append(frame)
        skins.append(skin_model(stops, there))
        grains.append(grain_of(region))
    worn = float(np.median([skin.rims for skin in skins])) if skins else 0.0
    skins = [replace(skin, rims=worn) for skin in skins]
    grain = tuple(float(v) for v in np.median(grains, axis=0)) if grains else (0.0, 0.0)
    return _Shot(frames=tuple(frames), skins=tuple(skins), grain=(grain[0], grain[1]))


def made_up(
    frame: int,
    region: Rgb,
    landmarks: Float32[np.ndarray, "n c"],
    box: Box,
    model: SkinModel,
    grain: Grain,
    look: MakeupLook,
    amount: float,
    sure: float,
    seed: int,
) -> Delta:
    """The delta of one frame's ``region`` (the plate inside of ``box``)."""
    shape = (region.shape[0], region.shape[1])
    place = place_of(landmarks, shape, box[:2])
    work_shape, map_shape = _shape(shape, place.unit, WORK_PX), _shape(shape, place.unit, MAP_PX)
    work, there = place.scaled(work_shape), place.scaled(map_shape)
    picture = resized(part_grain(region, grain)[0], work_shape)
    stops = stops_of(picture)
    small = resized(stops, map_shape)
    matte = matte_of(small, there, model)
    planes = region_planes(there)
    where = matte.skin * strength_plane(planes, look.regions) * (1 - np.float32(0.8) * contour_plane(there))
    part = _part(matte.skin, work)
    skin, strength = resized(matte.skin, work_shape)[part], resized(where, work_shape)[part]
    bands = bands_of(stops[part], skin, work.unit)
    gain = np.zeros_like(stops)
    if amount < 0:
        gain[part] = smoothed(bands, strength, -amount, work.unit, look.pores)
    else:
        drawn = lines_plane(work, look.regions, facing(landmarks), _lit(small, there, matte), seed)[part]
        drawn *= skin * np.float32(amount)
        folds = resized(luma_of(bands.folds), (skin.shape[0], skin.shape[1]))
        drawn /= 1 + (np.minimum(folds, 0) / np.float32(0.2)) ** 2  # where the face folds already, none is drawn
        gain[part] = deepened(bands, strength, amount) + spread(drawn) * GROOVE
    left = small + resized(gain, map_shape)
    wide = toned(left, there, matte, planes, look.regions, amount, look.tone)
    wide += features(small, there, matte, look.regions, amount)
    if amount > 0:
        wide += greyed_hair(small, hair_plane(small, there, matte, model), amount * look.regions.hair * 0.6)
    gain += resized(wide, work_shape)
    return _delta(frame, box, place, there, matte, gain, look, amount, _with_pores(grain, model), sure)


def _part(plane: Plane, place: FacePlace) -> tuple[slice, slice]:
    """Rows and columns of the place's picture that hold all of ``plane`` (h, w), of any size, with some room around it."""
    found = []
    for axis, count in ((1, place.shape[0]), (0, place.shape[1])):
        held = np.flatnonzero(plane.max(axis) > 0)
        fold, room = count / plane.shape[1 - axis], 0.15 * place.unit
        first, last = (held[0] * fold - room, (held[-1] + 1) * fold + room) if len(held) else (0, 0)
        low = max(0, int(first)) // 2 * 2
        found.append(slice(low, min(count, max(int(last) // 2 * 2, low + 16))))
    return found[0], found[1]


def _lit(stops: Rgb, place: FacePlace, matte: Matte) -> Float32[np.ndarray, "2"]:
    """Where the light comes from in the picture: from above, and from the brighter side of the face."""
    weight = matte.skin * matte.face
    aside = ((np.indices(place.shape, np.float32)[1] - place.points[4, 0]) * place.right[0]) / place.unit
    luma = luma_of(stops)
    total = float(weight.sum()) + 1e-3
    middle, mean = float((aside * weight).sum()) / total, float((luma * weight).sum()) / total
    slope = float(((aside - middle) * (luma - mean) * weight).sum()) / max(float(((aside - middle) ** 2 * weight).sum()), 1e-3)
    found = place.up + place.right * np.float32(np.clip(slope * 0.8, -1, 1))
    return (found / np.linalg.norm(found)).astype(np.float32)


def _delta(
    frame: int, box: Box, place: FacePlace, there: FacePlace, matte: Matte, gain: Rgb, look: MakeupLook, amount: float,
    grain: Grain, sure: float,
) -> Delta:  # fmt: skip
    shape = place.shape
    warp = warp_of(there, look.geometry, amount, np.clip(grown(matte.rims, there, 0.1), 0, 1))
    graded = np.abs(resized(gain, there.shape)).max(-1)
    touched = np.maximum(graded / 0.004, np.linalg.norm(warp, axis=-1) / 0.01)
    alpha = grown(np.clip(touched, 0, 1), there, 0.06) * _inside(there.shape)
    full = resized(warp, shape)
    full *= np.float32(place.unit / there.unit)
    alpha = resized(alpha.astype(np.float32), shape)
    return Delta(
        frame=frame,
        box=box,
        gain_stops=_fetched(gain, full, _part(graded, place)),
        alpha=alpha,
        confidence=alpha * np.float32(sure),
        warp=full,
        offset=OFFSET,
        grain=grain,
    )


def _with_pores(grain: Grain, model: SkinModel) -> Grain:
    """The grain, and with it what is as fine and no stronger than pores: both stay where they fell, so a jaw that moves by a
    pixel or two is not resampled smooth."""
    level = max(0.0, 2.0**model.level - OFFSET)
    return grain[0], max(grain[1], PORES**2 * level)


def _fetched(gain: Rgb, warp: Flow, part: tuple[slice, slice]) -> Rgb:
    """``gain``, of any size, on the pixels of ``warp`` (h, w, 2) and from where that says; nothing beyond ``part``. Bicubic, as
    the plate itself is fetched: a line and what fills it must stay as sharp as each other."""
    import cv2

    shape = warp.shape[:2]
    fold_y, fold_x = (np.float32(a / b) for a, b in zip(gain.shape, shape, strict=False))
    y, x = (np.arange(p.start, p.stop, dtype=np.float32) + np.float32(0.5) for p in part)
    found = np.zeros((*shape, 3), np.float32)
    found[part] = cv2.remap(
        gain, warp[part][..., 0] * fold_x + (x * fold_x - np.float32(0.5)),
        warp[part][..., 1] * fold_y + (y * fold_y - np.float32(0.5))[:, None], cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return found


def _inside(shape: tuple[int, int]) -> Plane:
    """1, and 0 at the border."""
    found = np.ones(shape, np.float32)
    found[:2] = found[-2:] = 0
    found[:, :2] = found[:, -2:] = 0
    return found
