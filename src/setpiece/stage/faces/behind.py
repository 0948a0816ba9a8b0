"""A face behind something: where a hand crosses it, the head is followed by what is left of it in the picture.

A mesh finder squeezes its mesh into what a hand leaves of a face, and flow at a landmark under the hand follows the hand.
So wherever the picture's motion stops confirming the face, its last sound frame before and the first one after are laid
over each frame between by a robust alignment of the whole head (Lucas and Kanade 1981, iteratively reweighted), hair and
ears included: an affine camera on the head's own depth (Koenderink and van Doorn 1991). What stands in front disagrees
with the head and does not count. Frames in which too little of the head agrees keep what was measured, or stay without
the face.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.face_chart import Crop, crop_of
from setpiece.stage.faces.follow import MOTION_PX, Sight, Tracklet, detail, motion, texture
from setpiece.stage.faces.identify import Person, unseen_note
from setpiece.stage.faces.measure import Head, head_of
from setpiece.stage.faces.smooth import agreement

CONFIRMED = 0.93  # share of the face that the picture's motion confirms: below it something is in the way
BRIDGED = 24  # frames without the face that are looked into: what crosses it takes about a second
BESIDE = 3  # frames on either side of such a one that are looked at again
LEAST, LEAST_FOUND = 0.15, 0.3  # share of the head's detail that must agree; the same where nothing was measured
LEAST_POINTS = 40.0  # sample points that must agree for anything to be said
BLIND, BLIND_SCORE = 3, 0.2  # frames in which a head that is wholly covered is taken to go on; what such a sight is worth
SURE = 0.5  # share from which nothing better is looked for
_STEP = 3  # px of the crop between sample points
_AROUND = 0.12  # of the crop: how far hair and ears are taken in beside the mesh
_ROUNDS = ((4.0, 6, 0.5), (2.0, 6, 0.3), (1.0, 8, 0.2))  # blur px, steps, stops that count half
_TRUSTED = 30.0  # sample points' worth of belief that the head goes on as it went

Heads = dict[int, list[Head]]  # of other people, by frame


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """A sound frame's head: its ``landmarks``, sample ``points`` (m, 4): x, y, z about the middle in units of the head,
    and 1; for each blur the detail ``seen`` there (m,), in stops; how much detail each has, ``rich`` (m,)."""

    landmarks: np.ndarray
    points: np.ndarray
    seen: tuple[np.ndarray, ...]
    rich: np.ndarray

    def placed(self, camera: np.ndarray) -> np.ndarray:
        """Its landmarks under an affine camera, px of the plate."""
        return _about(self.landmarks, self.landmarks) @ camera.T


def behind(person: Person, plate: Callable[[int], Rgb], others: Sequence[Person] = ()) -> Person:
    """``person`` with the sights of frames in which something is in the way found anew, and frames in which the face was
    not found filled where enough of the head shows; never where one of the ``others`` is. Plates of those frames, and of
    the sound ones beside them, are read again."""
    pieces: list[Tracklet] = []
    gaps: list[tuple[Tracklet, Tracklet]] = []
    for piece in person.tracklets:
        if pieces and pieces[-1].segment == piece.segment and piece.first - pieces[-1].last <= BRIDGED:
            gaps.append((pieces[-1], piece))
            pieces[-1] = _joined(pieces[-1], piece)
        else:
            pieces.append(piece)
    heads = _heads(others)
    found = tuple(_found_behind(piece, plate, heads) for piece in pieces)
    seen = {frame for piece in found for frame in piece.sights}
    notes = set(person.notes)
    for earlier, later in gaps:
        first, last = earlier.last + 1, later.first - 1
        if seen.issuperset(range(first, last + 1)):
            notes.discard(unseen_note(earlier, later))
            notes.add(f"followed over frames {first}-{last} by what shows of the head beside something in front")
    return Person(tracklets=found, notes=tuple(sorted(notes)))


def _joined(one: Tracklet, other: Tracklet) -> Tracklet:
    return Tracklet(
        segment=one.segment,
        sights=one.sights | other.sights,
        flow=one.flow | other.flow,
        steady=one.steady | other.steady,
    )


def _heads(people: Sequence[Person]) -> Heads:
    heads: dict[int, list[Head]] = {}
    for person in people:
        for piece in person.tracklets:
            for frame, sight in piece.sights.items():
                heads.setdefault(frame, []).append(sight.head)
    return heads


def _found_behind(path: Tracklet, plate: Callable[[int], Rgb], heads: Heads) -> Tracklet:
    """``path`` with every stretch behind something followed anew."""
    runs = _runs(path)
    out = _joined(path, Tracklet(segment=path.segment)) if runs else path
    for before, after in runs:
        _found(out, before, after, plate, heads)
    return out


def _runs(tracklet: Tracklet) -> list[tuple[int | None, int | None]]:
    """The sound frames on either side of each stretch in which something is in the way; None where the path ends in it."""
    doubtful: set[int] = set()
    for frame in range(tracklet.first, tracklet.last + 1):
        if frame not in tracklet.sights or agreement(tracklet, frame) < CONFIRMED:
            doubtful.update(range(frame - BESIDE, frame + BESIDE + 1))
    inside = sorted(frame for frame in doubtful if tracklet.first <= frame <= tracklet.last)
    runs: list[tuple[int | None, int | None]] = []
    start = None
    for frame in inside:
        start = frame if start is None else start
        if frame + 1 not in doubtful or frame == tracklet.last:
            ends = (start - 1 if start > tracklet.first else None, frame + 1 if frame < tracklet.last else None)
            if ends == (None, None) and tracklet.last > tracklet.first + 1:  # nothing better than its ends
                ends = (tracklet.first, tracklet.last)
            if ends != (None, None):
                runs.append(ends)
            start = None
    return runs


def _found(path: Tracklet, before: int | None, after: int | None, plate: Callable[[int], Rgb], heads: Heads) -> None:
    """Put the sights between the sound frames ``before`` and ``after`` (both excluded) into ``path``, and its motion."""
    first = path.first if before is None else before + 1
    last = path.last if after is None else after - 1
    ahead = {} if before is None else _followed(path, before, range(first, last + 1), plate)
    back = {} if after is None else _followed(path, after, range(last, first - 1, -1), plate)
    for frame in range(first, last + 1):
        sides = [(side[frame], abs(frame - end)) for side, end in ((ahead, before), (back, after)) if frame in side and end]
        shares = np.array([found[1] ** 3 / far for found, far in sides])
        best = max((found[1] for found, _ in sides), default=0.0)
        if best >= (LEAST if frame in path.sights else LEAST_FOUND):
            landmarks = np.tensordot(shares / shares.sum(), np.stack([found[0] for found, _ in sides]), 1)
            _put(path, frame, landmarks, 0.35 + 0.65 * best, heads)
    _carried_on(path, first, last, heads)
    _moved(path, first, last + 1, plate)


def _put(path: Tracklet, frame: int, landmarks: np.ndarray, score: float, heads: Heads) -> None:
    """Put a sight at ``landmarks`` into ``path``, with the looks of the nearest one; not in the place of another's face."""
    near = path.sights[min(path.sights, key=lambda other: (abs(other - frame), other))]
    at = landmarks.astype(np.float32)
    head = head_of(at)
    for other in heads.get(frame, ()):
        if np.hypot(other.centre[0] - head.centre[0], other.centre[1] - head.centre[1]) < other.unit_px:
            return
    looks = replace(near.looks, shape=head.shape)
    path.sights[frame] = Sight(landmarks=at, head=head, looks=looks, score=min(near.score, score))


def _carried_on(path: Tracklet, first: int, last: int, heads: Heads) -> None:
    """Where next to nothing shows for a few frames, the head goes on as it went: from the sight before to the one after."""
    seen = sorted(path.sights)
    for start, end in pairwise(seen):
        if 1 < end - start <= BLIND + 1 and first <= start + 1 and end - 1 <= last:
            for frame in range(start + 1, end):
                share = (frame - start) / (end - start)
                between = path.sights[start].landmarks * (1 - share) + path.sights[end].landmarks * share
                _put(path, frame, between, BLIND_SCORE, heads)


def _moved(path: Tracklet, first: int, last: int, plate: Callable[[int], Rgb]) -> None:
    """Measure the picture's motion between frames ``first - 1``..``last`` anew; where it is not the head's it ties nothing."""
    before: tuple[Crop, Plane] | None = None
    for frame in range(first - 1, last + 1):
        sight, was = path.sights.get(frame), path.sights.get(frame - 1)
        path.flow.pop(frame, None) if frame >= first else None
        if sight is None:
            before = None
            continue
        crop = crop_of(sight.landmarks, MOTION_PX)
        picture = np.asarray(plate(frame), np.float32)
        if frame >= first and before is not None and was is not None:
            flow, missed = motion(picture, before, was, sight)
            way = sight.landmarks[:, :2] - was.landmarks[:, :2]
            astray = np.linalg.norm(flow - way, axis=1) / (0.02 * sight.head.unit_px + 0.2)
            path.flow[frame] = np.where(astray[:, None] > 1, way, flow).astype(np.float32)
            path.steady[frame] = np.where(astray > 1, 0.01 * sight.head.unit_px, missed).astype(np.float32)
        before = (crop, texture(picture, crop))


def _followed(path: Tracklet, sound: int, frames: range, plate: Callable[[int], Rgb]) -> dict[int, tuple[np.ndarray, float]]:
    """The landmarks of ``frames``, in that order, by the sound frame's head, and the share of its detail that agrees."""
    template = _template(np.asarray(plate(sound), np.float32), path.sights[sound].landmarks)
    step = frames.step
    camera = _camera(template, template.landmarks)
    earlier = path.sights.get(sound - step)
    was = camera if earlier is None else _camera(template, earlier.landmarks)
    found: dict[int, tuple[np.ndarray, float]] = {}
    for frame in frames:
        picture = np.asarray(plate(frame), np.float32)
        now, share = _aligned(template, camera + 0.8 * (camera - was), picture)
        if share < SURE and frame in path.sights:  # what was measured there may be the better start
            other = _aligned(template, _camera(template, path.sights[frame].landmarks), picture)
            now, share = other if other[1] > share else (now, share)
        was, camera = camera, now
        depth = template.landmarks[:, 2:]
        found[frame] = (np.concatenate([template.placed(now), depth], 1), share)
    return found


def _template(picture: Rgb, landmarks: Float32[np.ndarray, "n 3"]) -> _Template:
    """What to look for: points over the head, with depth from the mesh."""
    import cv2
    from scipy.interpolate import griddata

    crop = crop_of(landmarks, MOTION_PX)
    inside = np.zeros((MOTION_PX, MOTION_PX), np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.round(crop.to_crop(landmarks)).astype(np.int32)), 1)
    wide = 2 * round(_AROUND * MOTION_PX) + 1
    inside = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide)))
    rows, columns = np.nonzero(inside[::_STEP, ::_STEP])
    at = np.stack([columns, rows], 1) * float(_STEP)
    places = crop.to_plate((at + 0.5).astype(np.float32)).astype(np.float64)
    known = landmarks[:468].astype(np.float64)
    depth = griddata(known[:, :2], known[:, 2], places, method="linear")
    nearest = griddata(known[:, :2], known[:, 2], places, method="nearest")
    points = np.concatenate([places, np.where(np.isfinite(depth), depth, nearest)[:, None]], 1)
    planes = _planes(picture, crop)
    seen = tuple(_read(plane, at) for plane in planes)
    slope = np.hypot(*(_read(cv2.Sobel(planes[-1], cv2.CV_32F, *axis, scale=1 / 8), at) for axis in ((1, 0), (0, 1))))
    return _Template(landmarks=landmarks.astype(np.float64), points=_about(points, landmarks), seen=seen, rich=slope)


def _about(points: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Points about the middle of the landmarks in units of their height, with a 1 behind."""
    middle = landmarks[:468].astype(np.float64).mean(0)
    size = float(np.ptp(landmarks[:468, 1])) / 2
    return np.concatenate([(points - middle) / size, np.ones((len(points), 1))], 1)


def _camera(template: _Template, landmarks: np.ndarray) -> np.ndarray:
    """The affine camera under which the template's head lies on ``landmarks``."""
    about = _about(template.landmarks, template.landmarks)[:468]
    return np.linalg.lstsq(about, landmarks[:468, :2].astype(np.float64), rcond=None)[0].T


def _aligned(template: _Template, guess: np.ndarray, picture: Rgb) -> tuple[np.ndarray, float]:
    """The camera near ``guess`` under which the picture agrees most with the template, and the share of detail that does."""
    import cv2

    placed = np.concatenate([template.placed(guess), template.landmarks[:, 2:]], 1).astype(np.float32)
    crop = crop_of(placed, MOTION_PX)
    scale = crop.matrix[:, :2].astype(np.float64)
    camera, weight = guess, np.ones(len(template.points))
    points = template.points
    belief = points.T @ points / len(points)
    for plane, seen, (_, steps, half) in zip(_planes(picture, crop), template.seen, _ROUNDS, strict=True):
        slopes = [cv2.Sobel(plane, cv2.CV_32F, *axis, scale=1 / 8) for axis in ((1, 0), (0, 1))]
        for _ in range(steps):
            at = points @ camera.T @ scale.T + crop.matrix[:, 2] - 0.5
            apart = seen - _read(plane, at)
            within = ((at > 1) & (at < MOTION_PX - 2)).all(1)
            weight = within / (1 + np.square(apart / half)) ** 2
            slope = np.stack([_read(one, at) for one in slopes], 1) @ scale
            lines = np.concatenate([slope[:, :1] * points, slope[:, 1:] * points], 1)  # (m, 8)
            if float(weight.sum()) < LEAST_POINTS:
                return camera, 0.0
            usual = float((weight * np.square(slope).sum(1)).sum()) / float(weight.sum()) / 2
            left = (lines * weight[:, None]).T @ lines + np.kron(np.eye(2), belief) * (_TRUSTED * (usual + 1e-9))
            right = (lines * weight[:, None]).T @ apart - np.kron(np.eye(2), belief) @ (camera - guess).ravel() * (
                _TRUSTED * (usual + 1e-9)
            )
            camera = camera + np.linalg.solve(left, right).reshape(2, 4)
    return camera, float((weight * template.rich).sum() / max(float(template.rich.sum()), 1e-9))


def _planes(picture: Rgb, crop: Crop) -> tuple[Plane, ...]:
    import cv2

    fine = detail(picture, crop)
    return tuple(cv2.GaussianBlur(fine, (0, 0), blur) for blur, _, _ in _ROUNDS)


def _read(plane: Plane, at: np.ndarray) -> np.ndarray:
    import cv2

    where = np.ascontiguousarray(at[None], np.float32)
    return cv2.remap(plane, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0].astype(np.float64)
