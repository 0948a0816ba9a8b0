"""What a shot teaches: its painted keyframes, and where the propagation is sure, the frames between them.

A keyframe's own propagation would be the answer itself, so each lesson holds only propagations *without* its frame. Frames
that nobody painted are taken at the propagation's word, as far as it trusts itself (self-training, Lee 2013): from them
the network learns the poses and the light between the keyframes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from setpiece.core.arrays import Rgb
from setpiece.core.errors import StageError
from setpiece.core.retouch import Box, Delta
from setpiece.generate.engines.learned.augment import Lesson, occluder
from setpiece.generate.engines.learned.explain import Reasoned, told_planes
from setpiece.generate.engines.learned.features import (
    Canvas,
    back,
    canvas_of,
    code,
    decode,
    fade,
    light_of,
    onto,
    region_of,
    told_by,
)
from setpiece.generate.keyframe import retouch_of
from setpiece.generate.retouch import RetouchRequest
from setpiece.media.files import sha256_value

MAX_BETWEEN = 24  # unpainted frames that are learned from, evenly over the shot
_SURE = 0.5  # confidence below which the propagation teaches nothing of what it paints
_APART = 0.25  # stops unexplained in what it closed from which that teaches what is not to be painted
_REHEARSED = 3  # rehearsals of each keyframe with something before the face; of a frame between them, one
_TRIALS = 6  # of so many rehearsals one is never learned from
_WORD = 0.5  # an unpainted frame's word counts this much of a painted one's


@dataclass(frozen=True, slots=True, kw_only=True)
class Curriculum:
    """All lessons of a shot. ``rehearsals`` are frames with something before the face, propagated as such; ``trials`` more of
    them, that are never learned from; ``foreign`` is what its pictures hold beside the face; ``region`` of the retouch
    where there is no face; ``hashes`` names each keyframe's pictures; ``moves`` says whether geometry was painted.
    """

    keys: tuple[Lesson, ...]
    between: tuple[Lesson, ...]
    rehearsals: tuple[Lesson, ...]
    trials: tuple[Lesson, ...]
    foreign: tuple[Rgb, ...]
    region: Box
    hashes: tuple[tuple[int, str], ...]
    moves: bool


def curriculum_of(request: RetouchRequest, size: int, propagation: Reasoned | None, *, threads: int = 1) -> Curriculum:
    """The lessons of ``request`` on canvases of ``size`` px. ``threads`` frames are
    looked at side by side, to the same bits. Raises :class:`StageError` where there is nothing to learn."""
    if not request.keyframes:
        raise StageError("there is nothing to learn from", remedy="paint at least one keyframe")
    painted = tuple(retouch_of(key) for key in request.keyframes)
    region = region_of(painted, request.size)
    canvases = []
    for key in request.keyframes:
        canvas = canvas_of(request, key.frame, size, region)
        if canvas is None:
            raise StageError(
                "the face is not seen in this keyframe",
                frame=key.frame,
                remedy="paint a frame in which it is, or correct the track",
            )
        canvases.append(canvas)
    keys = tuple(
        _painted_lesson(request, key.plate, delta, canvas, propagation)
        for key, delta, canvas in zip(request.keyframes, painted, canvases, strict=True)
    )
    between = _between(request, size, region, propagation, threads)
    rehearsed = _rehearsed(request, (keys, between), region, propagation, threads)
    return Curriculum(
        keys=keys,
        between=between,
        rehearsals=tuple(lesson for number, lesson in enumerate(rehearsed) if number % _TRIALS != 2),
        trials=tuple(lesson for number, lesson in enumerate(rehearsed) if number % _TRIALS == 2),
        foreign=tuple(_beside(key.plate, canvas, size) for key, canvas in zip(request.keyframes, canvases, strict=True)),
        region=region,
        hashes=tuple((key.frame, hash_of(key)) for key in request.keyframes),
        moves=any(delta.warp is not None and bool(np.abs(delta.warp).max() > 0.05) for delta in painted),
    )


def hash_of(key: object) -> str:
    """The SHA-256 by which a keyframe stands in records: of its pictures, matte and frame."""
    return sha256_value(key)


def _painted_lesson(request: RetouchRequest, plate: Rgb, delta: Delta, canvas: Canvas, propagation: Reasoned | None) -> Lesson:
    told = told_by(delta, canvas)
    reason = None if propagation is None else propagation.explained(delta.frame, (delta.frame,))
    return Lesson(
        frame=delta.frame,
        painted=True,
        light=light_of(plate, canvas),
        uv=canvas.uv,
        gain=told[..., :3].copy(),
        alpha=told[..., 3].copy(),
        warp=told[..., 5:7].copy(),
        trust=np.ones((canvas.size, canvas.size), np.float32),
        prior=told_planes(reason, canvas),
    )


def _rehearsed(
    request: RetouchRequest,
    lessons: tuple[tuple[Lesson, ...], tuple[Lesson, ...]],
    region: Box,
    propagation: Reasoned | None,
    threads: int,
) -> list[Lesson]:
    """Painted and unpainted ``lessons`` with something before the face; none where nothing is propagated to them."""
    if propagation is None:
        return []
    keys, between = lessons
    asked = [(lesson, seed) for lesson in keys for seed in range(_REHEARSED)] + [(lesson, 0) for lesson in between]

    def one(work: tuple[Lesson, int]) -> Lesson:
        lesson, seed = work
        canvas = canvas_of(request, lesson.frame, lesson.light.shape[0], region)
        assert canvas is not None  # the lesson was made on it
        return _hidden_lesson(lesson, request.plate(lesson.frame), canvas, propagation, seed)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, [work for work in asked if work[0].prior.any()]))


def _hidden_lesson(lesson: Lesson, plate: Rgb, canvas: Canvas, propagation: Reasoned, seed: int) -> Lesson:
    """A lesson with something before the face, and what the propagation truly makes of that: flow is pulled astray around a
    hand, not only under it."""
    cover, coded = occluder(np.random.default_rng((seed, lesson.frame)), lesson, (), canvas.size)
    box = canvas.chart.box(plate.shape[1], plate.shape[0])
    laid = back(np.dstack([cover * fade(canvas.size)[..., None], decode(coded)]), canvas, box)
    staged = plate.copy()
    inside = staged[box[1] : box[3], box[0] : box[2]]
    share = np.clip(laid[..., :1], 0, 1)
    inside[...] = inside * (1 - share) + np.maximum(laid[..., 1:], 0) * share
    clear = 1 - np.clip(onto(share, box, canvas), 0, 1)
    told = told_planes(propagation.explained(lesson.frame, (lesson.frame,), plate=staged), canvas)
    return replace(
        lesson,
        light=light_of(staged, canvas),
        gain=lesson.gain * clear,
        alpha=lesson.alpha * clear[..., 0],
        warp=lesson.warp * clear,
        trust=np.maximum(lesson.trust, 1 - clear[..., 0]),
        prior=told,
    )


def _between(request: RetouchRequest, size: int, region: Box, propagation: Reasoned | None, threads: int) -> tuple[Lesson, ...]:
    """Lessons of unpainted frames: the propagation's word, weighed by its confidence."""
    if propagation is None:
        return ()
    painted = {key.frame for key in request.keyframes}
    free = [frame for frame in request.frames if frame not in painted]
    chosen = sorted({free[round(i)] for i in np.linspace(0, len(free) - 1, MAX_BETWEEN)}) if free else []
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda frame: _followed_lesson(request, frame, size, region, propagation), chosen))
    return tuple(lesson for lesson in found if lesson is not None)


def _followed_lesson(request: RetouchRequest, frame: int, size: int, region: Box, propagation: Reasoned) -> Lesson | None:
    import cv2

    canvas = canvas_of(request, frame, size, region)
    reason = None if canvas is None else propagation.explained(frame)
    if canvas is None or reason is None:
        return None
    told, planes = told_by(reason.delta, canvas), told_planes(reason, canvas)
    sure = np.clip((planes[..., 4] - _SURE) / (1 - _SURE), 0, 1)
    apart = cv2.GaussianBlur(np.abs(planes[..., 5:8]).max(-1), (0, 0), max(1.0, size / 150))
    foreign = np.clip((apart - _APART) / _APART, 0, 1) * (1 - planes[..., 3])  # whatever that is, it is not the face
    sure = np.maximum(sure, foreign) * np.float32(_WORD)
    held = planes[..., 3:4] * (1 - foreign[..., None])
    return Lesson(
        frame=frame,
        painted=False,
        light=light_of(request.plate(frame), canvas),
        uv=canvas.uv,
        gain=told[..., :3] * held,
        alpha=told[..., 3] * held[..., 0],
        warp=told[..., 5:7] * held,
        trust=sure.astype(np.float32),
        prior=planes,
    )


def _beside(plate: Rgb, canvas: Canvas | None, size: int) -> Rgb:
    """The picture with the canvas' middle left out, coded, at the canvas' size: what else is in the shot."""
    import cv2

    small = cv2.resize(plate, (size, size), interpolation=cv2.INTER_AREA)
    if canvas is not None:
        corners = (np.array([[0.2, 0.15], [0.8, 0.9]]) * size - canvas.chart.matrix[:, 2]) @ np.linalg.inv(
            canvas.chart.matrix[:, :2].astype(np.float64)
        ).T
        scale = np.array([size / plate.shape[1], size / plate.shape[0]])
        low, high = np.clip(corners.min(0) * scale, 0, size).astype(int), np.clip(corners.max(0) * scale, 0, size).astype(int)
        wide = size - high[0] >= low[0]  # the wider side of the two stands in for the face
        side = small[:, high[0] :] if wide else small[:, : low[0]]
        if side.shape[1] >= 4:
            small = cv2.resize(np.ascontiguousarray(side), (size, size), interpolation=cv2.INTER_LINEAR)
    return code(small)
