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
from setpiece.generate.engines.learned.explain import TOLD, Reasoned, told_planes
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
_SURE = 0.5  # confidence below which the propagation teaches nothing
_HIDDEN = 3  # rehearsals of each keyframe with something before the face
_WORD = 0.5  # an unpainted frame's word counts this much of a painted one's


@dataclass(frozen=True, slots=True, kw_only=True)
class Curriculum:
    """All lessons of a shot; ``hidden`` are keyframes with something before the face, propagated as such; ``foreign`` is
    what its pictures hold beside the face; ``region`` of the retouch where there is no face; ``hashes`` names each
    keyframe's pictures; ``moves`` says whether geometry was painted.
    """

    keys: tuple[Lesson, ...]
    hidden: tuple[Lesson, ...]
    between: tuple[Lesson, ...]
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
    keys, hidden = [], []
    for key, delta in zip(request.keyframes, painted, strict=True):
        canvas = canvas_of(request, key.frame, size, region)
        if canvas is None:
            raise StageError(
                "the face is not seen in this keyframe",
                frame=key.frame,
                remedy="paint a frame in which it is, or correct the track",
            )
        keys.append(_painted_lesson(request, key.plate, delta, canvas, propagation))
        if propagation is not None and keys[-1].priors.size:
            hidden += [_hidden_lesson(keys[-1], key.plate, canvas, propagation, seed) for seed in range(_HIDDEN)]
    return Curriculum(
        keys=tuple(keys),
        hidden=tuple(hidden),
        between=_between(request, size, region, propagation, threads),
        foreign=tuple(_beside(key.plate, canvas_of(request, key.frame, size, region), size) for key in request.keyframes),
        region=region,
        hashes=tuple((key.frame, hash_of(key)) for key in request.keyframes),
        moves=any(delta.warp is not None and bool(np.abs(delta.warp).max() > 0.05) for delta in painted),
    )


def hash_of(key: object) -> str:
    """The SHA-256 by which a keyframe stands in records: of its pictures, matte and frame."""
    return sha256_value(key)


def _painted_lesson(request: RetouchRequest, plate: Rgb, delta: Delta, canvas: Canvas, propagation: Reasoned | None) -> Lesson:
    told = told_by(delta, canvas)
    others = tuple(key.frame for key in request.keyframes if key.frame != delta.frame)
    priors = []
    if propagation is not None and others:
        without = [(delta.frame,), *((delta.frame, other) for other in others if len(others) > 1)]
        priors = [told_planes(propagation.explained(delta.frame, w), canvas) for w in without]
    return Lesson(
        frame=delta.frame,
        painted=True,
        light=light_of(plate, canvas),
        uv=canvas.uv,
        gain=told[..., :3].copy(),
        alpha=told[..., 3].copy(),
        warp=told[..., 5:7].copy(),
        trust=np.ones((canvas.size, canvas.size), np.float32),
        priors=np.stack(priors) if priors else np.zeros((0, canvas.size, canvas.size, TOLD), np.float32),
    )


def _hidden_lesson(lesson: Lesson, plate: Rgb, canvas: Canvas, propagation: Reasoned, seed: int) -> Lesson:
    """The keyframe with something before the face, and what the propagation truly makes of that: flow is pulled astray
    around a hand, not only under it."""
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
        priors=told[None],
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
    canvas = canvas_of(request, frame, size, region)
    reason = None if canvas is None else propagation.explained(frame)
    if canvas is None or reason is None:
        return None
    told, planes = told_by(reason.delta, canvas), told_planes(reason, canvas)
    sure = np.clip((planes[..., 4] - _SURE) / (1 - _SURE), 0, 1) * np.float32(_WORD)
    return Lesson(
        frame=frame,
        painted=False,
        light=light_of(request.plate(frame), canvas),
        uv=canvas.uv,
        gain=told[..., :3].copy(),
        alpha=told[..., 3].copy(),
        warp=told[..., 5:7].copy(),
        trust=sure.astype(np.float32),
        priors=planes[None],
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
