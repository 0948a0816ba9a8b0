"""How well a retouch was carried: a take with its truth in memory, accuracy where a face is, flicker in the face's own frame.

PSNR is of view-coded pictures (sRGB curve) in the box of the face, on frames that no artist painted. Flicker is the mean
absolute change of the log gain from one frame to the next, followed through the take's true warps: beside it stands the
truth's own, which expressions, light and whatever crosses the face make unsteady too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import pictures
from examples.performances.head import OVAL, filled
from examples.performances.portraits import track_landmarks
from examples.performances.take import FIRST, Take
from examples.performances.warps import pixel_grid, sampled

from setpiece.core.arrays import Float32, Mask, Rgb
from setpiece.core.errors import BriefError, StageError
from setpiece.core.faces import FaceTrack
from setpiece.core.timing import FrameRange
from setpiece.generate.retouch import Keyframe
from setpiece.media.colour import from_acescg

RATE = Fraction(24)
TRACKS = ("house", "plain", "true")
FLOOR, OFFSET = -0.015, 0.02  # as the retouch itself is coded
Comp = Callable[[int], Rgb]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A take that was shot once and is measured on many times; half floats, as its EXR files."""

    name: str
    frames: FrameRange
    plates: np.ndarray  # (f, h, w, 3) float16
    truths: np.ndarray  # the same, retouched
    moved: np.ndarray  # (f, h, w, 2) float16: where each point of the portrait went, px relative to itself
    landmarks: Float32[np.ndarray, "f n 3"]  # true
    face: Mask  # of the portrait
    track: FaceTrack  # as the house's tracker followed it: for engines
    plain: FaceTrack  # as a detector sees it, smoothed: for the simple ways

    @property
    def size(self) -> tuple[int, int]:
        """Width, height."""
        return self.plates.shape[2], self.plates.shape[1]

    def plate(self, frame: int) -> Rgb:
        """(h, w, 3) scene-linear, the same bits each time."""
        return self.plates[frame - self.frames.first].astype(np.float32)

    def truth(self, frame: int) -> Rgb:
        """What a perfect retouch gives."""
        return self.truths[frame - self.frames.first].astype(np.float32)

    def keys(self, frames: Iterable[int]) -> tuple[Keyframe, ...]:
        """What the artist hands back for ``frames``."""
        return tuple(Keyframe(frame=frame, plate=self.plate(frame), painted=self.truth(frame)) for frame in frames)


def shoot(take: Take, *, track: str = "house") -> Material:
    """Shoot ``take`` and follow its face: by the ``house``'s tracker, as a ``plain`` detector sees it, or as is ``true``.

    Raises BriefError for another ``track``.
    """
    if track not in TRACKS:
        raise BriefError(f"there is no track '{track}'", remedy=f"take one of {', '.join(TRACKS)}")
    shots = [take.frame(number) for number in take.numbers]
    frames = FrameRange(first=FIRST, last=FIRST + take.frames - 1, rate=RATE)
    truth = np.array([shot.landmarks for shot in shots], np.float32)
    grid = pixel_grid(take.head.depth.shape)
    plates = [shot.plate for shot in shots]
    poses = np.array([shot.pose_deg for shot in shots], np.float32)
    plain = _track(truth if track == "true" else _seen(plates, truth), poses, frames)
    return Material(
        name=take.name,
        frames=frames,
        plates=np.array(plates, np.float16),
        truths=np.array([shot.truth for shot in shots], np.float16),
        moved=np.array([shot.maps.forward - grid for shot in shots], np.float16),
        landmarks=truth,
        face=filled([take.head.landmarks[list(OVAL), :2]], take.head.depth.shape) > 0.5,
        track=_house(plates, frames) if track == "house" else plain,
        plain=plain,
    )


def _track(landmarks: Float32[np.ndarray, "f n 3"], poses: Float32[np.ndarray, "f 3"], frames: FrameRange) -> FaceTrack:
    return FaceTrack(
        name="a", frames=frames, landmarks=landmarks, confidence=np.ones(len(landmarks), np.float32), pose_deg=poses.copy(),
        segment=np.zeros(len(landmarks), np.int32),
    )  # fmt: skip


def _house(plates: list[Rgb], frames: FrameRange) -> FaceTrack:
    """The largest face as a production tracks it."""
    from setpiece.stage.faces import track_faces

    tracks = track_faces(lambda frame: plates[frame - frames.first], frames)
    if not tracks:
        raise StageError("no face is seen in the take", frame=frames.first, remedy="look at its plates")
    return tracks[0]


def _seen(plates: list[Rgb], truth: Float32[np.ndarray, "f n 3"]) -> Float32[np.ndarray, "f n 3"]:
    """Landmarks as detected, smoothed over a frame either way; frames where none is seen take their neighbours'."""
    from scipy.ndimage import gaussian_filter1d

    found = track_landmarks(plates)
    there = np.array([i for i, points in enumerate(found) if points is not None])
    if not len(there):
        raise StageError("no face is seen in the take", frame=FIRST, remedy="look at its plates")
    known = np.array([found[i] for i in there], np.float64)
    flat = known.reshape(len(there), -1)
    every = np.stack([np.interp(np.arange(len(found)), there, column) for column in flat.T], axis=1)
    return gaussian_filter1d(every, 1.0, axis=0, mode="nearest").reshape(truth.shape).astype(np.float32)


def subset(material: Material, keys: tuple[int, ...], step: int) -> tuple[int, ...]:
    """Every ``step``-th frame that is no keyframe."""
    return tuple(frame for frame in material.frames if frame not in keys)[::step]


def box_of(landmarks: np.ndarray, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the face with forehead and some air."""
    (x0, y0), (x1, y1) = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    air = 0.12 * (y1 - y0)
    left, top, right, bottom = x0 - air, y0 - 2 * air, x1 + air, y1 + air
    return max(0, int(left)), max(0, int(top)), min(size[0], int(right)), min(size[1], int(bottom))


@cache
def _to_display_primaries() -> Float32[np.ndarray, "3 3"]:
    return from_acescg(np.eye(3, dtype=np.float32)[None], "Linear Rec.709 (sRGB)")[0]


def shown(pixels: Rgb) -> Rgb:
    """Scene-linear ACEScg as sRGB display codes, 0..1, not rounded."""
    return pictures.view(pixels @ _to_display_primaries())


def psnr(picture: Rgb, truth: Rgb) -> float:
    """dB, of view-coded pictures; 99 where they are equal."""
    error = float(((shown(picture) - shown(truth)) ** 2).mean())
    return 99.0 if error <= 0 else float(min(99.0, -10 * np.log10(error)))


def gain_stops(plate: Rgb, comp: Rgb) -> Rgb:
    """log2 of ``comp`` over ``plate``, both lifted by the offset."""
    over, under = (np.log2(np.maximum(picture, FLOOR) + OFFSET) for picture in (comp, plate))
    return (over - under).astype(np.float32)


def change_mstops(first: Rgb, second: Rgb, face: Mask) -> float:
    """Mean absolute change between two gains in the portrait's own frame, over the face, in thousandths of a stop."""
    return float(1e3 * np.abs(second - first)[face].mean())


def still(material: Material, frame: int, gain: Rgb) -> Rgb:
    """``gain`` of a frame as the portrait would carry it: followed through the true warp."""
    where = pixel_grid(gain.shape) + material.moved[frame - material.frames.first].astype(np.float32)
    return sampled(gain, where)


def measure(material: Material, comp: Comp, keys: tuple[int, ...], *, step: int = 1) -> dict[str, float]:
    """PSNR (mean, worst), flicker and the truth's own over every ``step``-th held-out frame and the one after it."""
    found: list[float] = []
    flicker: list[tuple[float, float]] = []
    last: tuple[int, Rgb, Rgb] | None = None
    held = set(subset(material, keys, step))
    wanted = sorted(held | {frame + 1 for frame in held if frame + 1 in material.frames})
    for frame in wanted:
        plate, truth, made = material.plate(frame), material.truth(frame), comp(frame)
        left, top, right, bottom = box_of(material.landmarks[frame - material.frames.first], material.size)
        if frame in held:
            found.append(psnr(made[top:bottom, left:right], truth[top:bottom, left:right]))
        gains = still(material, frame, gain_stops(plate, made)), still(material, frame, gain_stops(plate, truth))
        if last is not None and last[0] == frame - 1:
            flicker.append((change_mstops(last[1], gains[0], material.face), change_mstops(last[2], gains[1], material.face)))
        last = frame, gains[0], gains[1]
    mean = np.mean(flicker, axis=0) if flicker else np.array([np.nan, np.nan])
    return {
        "psnr_db": float(np.mean(found)), "worst_db": float(np.min(found)), "flicker_mstops": float(mean[0]),
        "truth_flicker_mstops": float(mean[1]), "flicker_ratio": float(mean[0] / max(mean[1], 1e-9)),
    }  # fmt: skip
