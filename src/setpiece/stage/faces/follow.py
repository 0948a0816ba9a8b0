"""Faces from frame to frame: one pass over the plates that makes tracklets, pieces of a face's path without a doubt.

Each live face is looked for where it is heading; the search finds newcomers. Where two faces compete for one place, or looks
change at once, the tracklet ends: :mod:`.identify` decides later whom it belongs to. A cut ends all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.face_chart import Crop, crop_of
from setpiece.core.progress import Progress, Silent
from setpiece.core.timing import FrameRange
from setpiece.media.colour import luminance
from setpiece.stage.faces.detect import LEAST_FACE_PX, FaceFinder, Found, fetch, upright
from setpiece.stage.faces.looks import Looks, apart, looks_of, mean_looks
from setpiece.stage.faces.measure import Head, head_of

MOTION_PX = 224  # of the stabilised crop in which motion is measured
_REGION_UNITS = 3.6
_PATIENCE_S = 0.17  # a face unseen for so long leaves its tracklet
_WORST_FIT = 0.16
_NEARER = 0.85  # units: two heads closer than this are one
_GROWTH = 0.2  # stops: no head grows or shrinks by more at once
_KNOWN = 3  # a path of so many frames is trusted over one strange frame
_CHANGED = 1.5  # looks this far apart are not one person's


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A face in one frame: landmarks (478, 3) as measured, and ``score`` 0..1, the detector's where it searched."""

    landmarks: Float32[np.ndarray, "n 3"]
    head: Head
    looks: Looks
    score: float


@dataclass(slots=True, kw_only=True)
class Tracklet:
    """An unbroken piece of one face's path. ``flow[f]`` (478, 2) moves the landmarks of frame ``f - 1`` to ``f`` by the
    picture, ``steady[f]`` (478,) is how far it runs back to where it came from, px of the plate."""

    segment: int
    sights: dict[int, Sight] = field(default_factory=dict)
    flow: dict[int, Float32[np.ndarray, "n 2"]] = field(default_factory=dict)
    steady: dict[int, Float32[np.ndarray, "n"]] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """Its first frame."""
        return min(self.sights)

    @property
    def last(self) -> int:
        """Its last frame."""
        return max(self.sights)

    @property
    def looks(self) -> Looks:
        """The mean looks of its frames, at most 24 of them."""
        frames = sorted(self.sights)
        return mean_looks([self.sights[frame].looks for frame in frames[:: max(1, len(frames) // 24)]])

    def heading(self, frame: int) -> tuple[Crop, tuple[float, float], float]:
        """Where to look for it in ``frame``: the upright region, its centre, and its size (unit, px of the plate)."""
        last = self.sights[self.last]
        x, y = last.head.centre
        before = self.sights.get(self.last - 1)
        if before is not None:
            ahead = min(frame - self.last, 2)
            x += ahead * (x - before.head.centre[0])
            y += ahead * (y - before.head.centre[1])
        unit = last.head.unit_px
        roll = float(np.radians(last.head.pose_deg[2]))
        return upright((x, y), _REGION_UNITS * unit, roll), (x, y), unit


def follow(
    plate: Callable[[int], Rgb], frames: FrameRange, finder: FaceFinder, progress: Progress | None = None
) -> tuple[list[Tracklet], tuple[int, ...]]:
    """All tracklets of the shot, and for each frame the number of its uncut stretch. Every plate is read once, in order."""
    heard = progress or Silent()
    ended: list[Tracklet] = []
    live: list[Tracklet] = []
    stretches: list[int] = []
    before: Plane | None = None
    crops: dict[int, tuple[Crop, Plane]] = {}
    patience = max(1, round(float(frames.rate) * _PATIENCE_S))
    for frame in frames:
        picture = np.asarray(plate(frame), np.float32)
        now = thumb(picture)
        cut = before is not None and is_cut(before, now)
        stretches.append((stretches[-1] + cut) if stretches else 0)
        before = now
        gone = [one for one in live if cut or frame - one.last > patience]
        ended += gone
        live = [one for one in live if one not in gone]
        fresh: dict[int, tuple[Crop, Plane]] = {}
        for sight, owner in _assigned(picture, frame, live, finder):
            tracklet = owner
            if tracklet is None or _is_another(tracklet, sight):
                tracklet = Tracklet(segment=stretches[-1])
                live.append(tracklet)
            elif id(tracklet) in crops and frame - 1 in tracklet.sights:
                moved = motion(picture, crops[id(tracklet)], tracklet.sights[frame - 1], sight)
                tracklet.flow[frame], tracklet.steady[frame] = moved
            tracklet.sights[frame] = sight
            seen = crop_of(sight.landmarks, MOTION_PX)
            fresh[id(tracklet)] = (seen, texture(picture, seen))
        crops = fresh
        heard.report("track faces", frame - frames.first + 1, len(frames))
    return ended + live, tuple(stretches)


def _assigned(picture: Rgb, frame: int, live: list[Tracklet], finder: FaceFinder) -> list[tuple[Sight, Tracklet | None]]:
    """Every face of the frame, each with the tracklet that it goes on, None for a newcomer."""
    from scipy.optimize import linear_sum_assignment

    hits = finder.search(picture)
    sights: list[Sight] = []
    regions = [Found(crop=one.heading(frame)[0], score=0.0) for one in live]
    for region in (*regions, *hits):
        if region.score and any(_lies_on(region, other.head) for other in sights):
            continue  # the search came upon a face that is followed already
        sight = _seen(picture, region, hits, finder)
        if sight is None or any(_same_place(sight, other) for other in sights):
            continue
        if not any(_half_hidden(one, sight, frame) for one in live):
            sights.append(sight)
    if not sights or not live:
        return [(sight, None) for sight in sights]
    cost = np.array([[_unlikely(one, sight, frame) for one in live] for sight in sights])
    owners: list[Tracklet | None] = [None] * len(sights)
    for row, column in zip(*linear_sum_assignment(np.minimum(cost, 50.0)), strict=True):
        if cost[row, column] < 3.0:
            owners[row] = live[column]
    return list(zip(sights, owners, strict=True))


def _seen(picture: Rgb, region: Found, hits: tuple[Found, ...], finder: FaceFinder) -> Sight | None:
    """The face in a region, None where there is none or what was found is no head."""
    landmarks = finder.landmarks(picture, region.crop)
    if landmarks is None:
        return None
    head = head_of(landmarks)
    height, width = picture.shape[:2]
    inside = ((landmarks[:468, :2] >= 0) & (landmarks[:468, :2] < (width, height))).all(1).mean()
    if head.unit_px < LEAST_FACE_PX or head.misfit > _WORST_FIT or inside < 0.5:
        return None
    score = region.score
    for hit in hits:
        if _lies_on(hit, head):
            score = max(score, hit.score)
    return Sight(landmarks=landmarks, head=head, looks=looks_of(picture, landmarks, head), score=max(score, 0.35))


def _half_hidden(one: Tracklet, sight: Sight, frame: int) -> bool:
    """Whether ``sight`` is the mesh squeezed into what an occluder leaves of ``one``: in its place, but not of its size."""
    _, (x, y), unit = one.heading(frame)
    gap = np.hypot(sight.head.centre[0] - x, sight.head.centre[1] - y) / unit
    grown = abs(np.log2(sight.head.unit_px / unit))
    return len(one.sights) >= _KNOWN and bool(gap < 1 and grown > _GROWTH)


def _lies_on(hit: Found, head: Head) -> bool:
    middle = hit.crop.to_plate(np.full((1, 2), hit.crop.size / 2, np.float32))[0]
    return bool(np.hypot(*(middle - head.centre)) < _NEARER * head.unit_px)


def _same_place(a: Sight, b: Sight) -> bool:
    gap = np.hypot(a.head.centre[0] - b.head.centre[0], a.head.centre[1] - b.head.centre[1])
    return bool(gap < _NEARER * max(a.head.unit_px, b.head.unit_px))


def _unlikely(one: Tracklet, sight: Sight, frame: int) -> float:
    """How unlikely ``sight`` is where ``one`` was heading, by place, size and looks; above 3 it is not it."""
    _, (x, y), unit = one.heading(frame)
    gap = np.hypot(sight.head.centre[0] - x, sight.head.centre[1] - y) / (unit * (1 + 0.4 * (frame - one.last - 1)))
    size = abs(np.log2(sight.head.unit_px / unit))
    return float(2.2 * gap + 2.0 * size + 0.8 * apart(one.sights[one.last].looks, sight.looks))


def _is_another(one: Tracklet, sight: Sight) -> bool:
    """Whether the looks changed at once beyond what a turn of the head does."""
    return apart(one.sights[one.last].looks, sight.looks) > _CHANGED


def motion(
    picture: Rgb, before: tuple[Crop, Plane], was: Sight, sight: Sight
) -> tuple[Float32[np.ndarray, "n 2"], Float32[np.ndarray, "n"]]:
    """How the picture moves each landmark from the frame before (478, 2), and by how much the way back misses (478,), px.

    Dense optical flow (DIS, Kroeger et al. 2016) between two stabilised crops, so that only what the crops leave over is
    measured; forwards and back.
    """
    import cv2

    crop = crop_of(sight.landmarks, MOTION_PX)
    codes = texture(picture, crop)
    old_crop, old = before
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forth, back = dis.calc(old, codes, None), dis.calc(codes, old, None)
    start = old_crop.to_crop(was.landmarks)
    end = start + _sampled(forth, start)
    missed = np.linalg.norm(end + _sampled(back, end) - start, axis=1) / crop.scale
    outside = ((end < 2) | (end > MOTION_PX - 2)).any(1)
    moved = crop.to_plate(end) - was.landmarks[:, :2]
    return moved.astype(np.float32), np.where(outside, 1e3, missed).astype(np.float32)


def _sampled(field_: Float32[np.ndarray, "h w 2"], points: Float32[np.ndarray, "n 2"]) -> Float32[np.ndarray, "n 2"]:
    from scipy.ndimage import map_coordinates

    at = [points[:, 1] - 0.5, points[:, 0] - 0.5]
    return np.stack([map_coordinates(field_[..., k], at, order=1, mode="nearest") for k in range(2)], -1)


def detail(picture: Rgb, crop: Crop) -> Plane:
    """Log luminance in stops less its surroundings' mean, in ``crop``."""
    import cv2

    stops = np.log2(np.maximum(luminance(np.nan_to_num(fetch(picture[..., :3], crop))), 0) + np.float32(0.01))
    return stops - cv2.GaussianBlur(stops, (0, 0), crop.size / 24)


def texture(picture: Rgb, crop: Crop) -> Plane:
    """What motion is measured on: the detail, 8 bits."""
    import cv2

    fine = detail(picture, crop)
    spread = max(float(fine.std()), 0.05)
    return np.clip(128 + cv2.GaussianBlur(fine, (0, 0), 0.7) * (40 / spread), 0, 255).astype(np.uint8)


def thumb(picture: Rgb) -> Float32[np.ndarray, "h w c"]:
    """A tiny picture in stops, free of the exposure, by which cuts are told."""
    import cv2

    small = cv2.resize(np.nan_to_num(picture[..., :3]), (32, 32), interpolation=cv2.INTER_AREA)
    stops = np.log2(np.maximum(small, 0) + np.float32(0.02))
    return stops - np.median(stops)


def is_cut(before: Float32[np.ndarray, "h w c"], now: Float32[np.ndarray, "h w c"]) -> bool:
    """Whether two consecutive thumbs are of two shots: neither their places nor their colours agree."""
    a, b = before.ravel() - before.mean(), now.ravel() - now.mean()
    alike = float(a @ b / max(np.sqrt(float((a @ a) * (b @ b))), 1e-6))
    bins = np.linspace(-5, 5, 33)
    counts = [np.stack([np.histogram(t[..., k], bins)[0] for k in range(3)]) for t in (before, now)]
    differ = float(np.abs(counts[0] - counts[1]).sum() / (2 * counts[0].sum() + 1e-6))
    return alike < 0.55 and (differ > 0.25 or alike < 0.1)
