"""Short takes in which something goes wrong, with what should come of it: for trying trackers and flows against.

Each function returns a :class:`Trial`: plates, and what is truly in them. Small (320 px or so) and short, so that tests
can shoot them. Nothing here decides what a tracker should say where a face is half gone: those frames are ``doubtful``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from examples.performances.hands import resting
from examples.performances.head import model_head
from examples.performances.motion import Pose, performed, turning
from examples.performances.paint import Retouch, painted
from examples.performances.portraits import Portrait, astronaut, hopper
from examples.performances.take import FIRST, Take, grain_of

from setpiece.core.arrays import Float32, Rgb
from setpiece.core.timing import FrameRange

SKIN = (0.42, 0.29, 0.225)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One face of a trial. ``landmarks``: frame to (478, 3) px, where it is in the picture; ``doubtful``: frames in which
    a tracker may or may not see it; in all others it must, or must not, as ``landmarks`` says."""

    landmarks: dict[int, Float32[np.ndarray, "n 3"]]
    doubtful: frozenset[int] = frozenset()

    @property
    def surely(self) -> tuple[int, ...]:
        """The frames in which it must be seen."""
        return tuple(sorted(set(self.landmarks) - self.doubtful))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """``plates`` (h, w, 3) scene-linear, one a frame of ``frames``; ``truths`` the same, retouched; ``people`` from the
    largest face; ``cuts`` the first frames after a cut."""

    name: str
    frames: FrameRange
    plates: tuple[Rgb, ...]
    truths: tuple[Rgb, ...]
    people: tuple[Person, ...] = ()
    cuts: tuple[int, ...] = ()
    covered: dict[int, np.ndarray] = field(default_factory=dict)  # by a hand: frame to (h, w) 0..1

    @property
    def size(self) -> tuple[int, int]:
        """Width, height."""
        return self.plates[0].shape[1], self.plates[0].shape[0]

    def plate(self, frame: int) -> Rgb:
        """The plate of ``frame``."""
        return self.plates[frame - self.frames.first]

    def truth(self, frame: int) -> Rgb:
        """The retouched plate of ``frame``."""
        return self.truths[frame - self.frames.first]

    def absent(self, person: int) -> tuple[int, ...]:
        """The frames in which a person must not be seen."""
        face = self.people[person]
        return tuple(frame for frame in self.frames if frame not in face.landmarks and frame not in face.doubtful)


def take_of(portrait: Portrait, frames: int, seed: int, *, hard: bool = False, rate: float = 24.0) -> Take:
    """A take of ``portrait`` with the usual retouch."""
    head, versions = painted(model_head(portrait), Retouch(), seed)
    motion = performed(frames, seed, hard=hard, rate=rate)
    return Take(name=portrait.name, head=head, painted=versions, motion=motion, frames=frames, seed=seed)


def steady(*, frames: int = 12, size: tuple[int, int] = (320, 320), rate: Fraction = Fraction(24), seed: int = 1) -> Trial:
    """Nothing goes wrong. Also at other rates (the motion keeps its speed) and sizes."""
    return _whole("steady", take_of(astronaut(size), frames, seed, rate=float(rate)), rate)


def upright(*, frames: int = 8, seed: int = 2) -> Trial:
    """A phone's picture: 288x512."""
    return replace(steady(frames=frames, size=(288, 512), seed=seed), name="upright")


def leaves_and_returns(*, frames: int = 24, seed: int = 3) -> Trial:
    """The camera pans off the face and back: gone for a third of the frames."""
    take = take_of(astronaut((640, 360)), frames, seed)
    window = (240, 330)
    u = np.clip((np.arange(frames) - 0.15 * frames) / (0.7 * frames), 0, 1)
    offsets = np.round(150 + 250 * np.clip(1.25 * np.sin(np.pi * u) ** 0.8, 0, 1)).astype(int)
    shots = [take.frame(number) for number in take.numbers]

    def cut(picture: Rgb, left: int) -> Rgb:
        return np.ascontiguousarray(picture[15 : 15 + window[1], left : left + window[0]])

    landmarks: dict[int, np.ndarray] = {}
    doubtful: set[int] = set()
    for shot, left in zip(shots, offsets, strict=True):
        points: np.ndarray = shot.landmarks - np.array([left, 15, 0], np.float32)
        inside = float(np.mean((points[:, 0] > 0) & (points[:, 0] < window[0])))
        if inside > 0.02:
            landmarks[shot.number] = points
        if 0.02 < inside < 0.97:
            doubtful.add(shot.number)
    return Trial(
        name="leaves_and_returns", frames=_range(frames),
        plates=tuple(cut(shot.plate, left) for shot, left in zip(shots, offsets, strict=True)),
        truths=tuple(cut(shot.truth, left) for shot, left in zip(shots, offsets, strict=True)),
        people=(Person(landmarks=landmarks, doubtful=frozenset(doubtful)),),
    )  # fmt: skip


def turned_away(*, frames: int = 20, seed: int = 4) -> Trial:
    """The face turns further than it can be followed, out of sight behind the hair, and comes back."""
    take = take_of(astronaut((320, 320)), frames, seed)

    def yaw(t: float) -> float:
        return 4 + 20 * np.sin(np.pi * np.clip((t / frames - 0.15) / 0.7, 0, 1))

    take = replace(take, motion=turning(take.motion, yaw))
    shots = [take.frame(number) for number in take.numbers]
    behind = _from_behind(take)
    away = [float(np.clip((take.motion(n).yaw - 19) / 2.5, 0, 1)) for n in range(frames)]
    mix = [(p * (1 - a) + behind * a).astype(np.float32) for p, a in zip((s.plate for s in shots), away, strict=True)]
    truths = [(p * (1 - a) + behind * a).astype(np.float32) for p, a in zip((s.truth for s in shots), away, strict=True)]
    seen = {s.number: s.landmarks for s, a in zip(shots, away, strict=True) if a < 1}
    part = frozenset(s.number for s, a in zip(shots, away, strict=True) if 0 < a < 1)
    return Trial(name="turned_away", frames=_range(frames), plates=tuple(mix), truths=tuple(truths),
                 people=(Person(landmarks=seen, doubtful=part),))  # fmt: skip


def hand_over_face(*, frames: int = 20, seed: int = 5) -> Trial:
    """A hand comes up, rests before mouth and nose, and goes."""
    take = take_of(astronaut((320, 320)), frames, seed)
    x, y = take.head.landmarks[1, :2]
    over = resting(SKIN, enters=0.25 * frames, leaves=0.8 * frames, height=float(y + 0.3 * take.head.iod),
                   wide=1.3 * take.head.iod, middle=float(x))  # fmt: skip
    trial = _whole("hand_over_face", replace(take, foreground=over), Fraction(24))
    hidden = frozenset(frame for frame, matte in trial.covered.items() if matte.max() > 0.5)
    return replace(trial, people=(replace(trial.people[0], doubtful=hidden),))


def hard_cut(*, frames: int = 16, seed: int = 6) -> Trial:
    """A close-up, then, without warning, the same person at another size, turned the other way, in the same range."""
    half = frames // 2
    first = _whole("", take_of(astronaut((320, 320)), half, seed), Fraction(24))
    other = take_of(astronaut((560, 320)), frames - half, seed + 1)
    later = [other.frame(number) for number in other.numbers]

    def cut(picture: Rgb) -> Rgb:
        return np.ascontiguousarray(picture[:, 90:410][:, ::-1])

    landmarks = dict(first.people[0].landmarks)
    for shot in later:
        points = shot.landmarks.copy()
        points[:, 0] = 320 - (points[:, 0] - 90)
        landmarks[shot.number + half] = points  # left and right are the wrong way about: only where, not which
    return Trial(
        name="hard_cut", frames=_range(frames), plates=first.plates + tuple(cut(s.plate) for s in later),
        truths=first.truths + tuple(cut(s.truth) for s in later), people=(Person(landmarks=landmarks),), cuts=(FIRST + half,),
    )  # fmt: skip


def whipped(*, frames: int = 12, seed: int = 7) -> Trial:
    """The head swings fast under an open shutter: blurred, then still."""
    take = take_of(astronaut((320, 320)), frames, seed)
    calm = take.motion

    def swung(t: float) -> Pose:
        pose = calm(t)
        return replace(pose, x=pose.x + 0.55 * np.sin(2 * np.pi * t / 6.0) * np.exp(-(((t - 5) / 3) ** 2)), yaw=0.5 * pose.yaw)

    return _whole("whipped", replace(take, motion=swung, shutter=1.0), Fraction(24))


def two_people(*, frames: int = 10, seed: int = 8) -> Trial:
    """Two faces in one picture, the larger at the right."""
    pair = [take_of(hopper((300, 320)), frames, seed), take_of(astronaut((300, 320)), frames, seed + 1)]
    shots = [[take.frame(number) for number in take.numbers] for take in pair]
    left, right = shots
    plates = tuple(np.concatenate([a.plate, b.plate], axis=1) for a, b in zip(left, right, strict=True))
    truths = tuple(np.concatenate([a.truth, b.truth], axis=1) for a, b in zip(left, right, strict=True))
    moved = {s.number: s.landmarks + np.array([300, 0, 0], np.float32) for s in right}
    people = (Person(landmarks={s.number: s.landmarks for s in left}), Person(landmarks=moved))
    high = [float(np.ptp(p.landmarks[FIRST][:, 1])) for p in people]
    return Trial(name="two_people", frames=_range(frames), plates=plates, truths=truths,
                 people=people if high[0] > high[1] else people[::-1])  # fmt: skip


def nobody(*, frames: int = 6, seed: int = 9) -> Trial:
    """The set, beside where anybody stands."""
    empty = np.ascontiguousarray(astronaut((640, 360)).picture[15:345, 400:])
    rng = np.random.default_rng(seed)
    plates = tuple(empty + grain_of(empty, rng) for _ in range(frames))
    return Trial(name="nobody", frames=_range(frames), plates=plates, truths=plates)


def wrong_frame(trial: Trial, claimed: int, painted_on: int) -> tuple[int, Rgb, Rgb]:
    """A keyframe that an artist painted on one frame and saved under another's number: number, its plate, the painting."""
    return claimed, trial.plate(claimed), trial.truth(painted_on)


TRIALS: dict[str, Callable[[], Trial]] = {
    "steady": steady, "upright": upright, "leaves_and_returns": leaves_and_returns, "turned_away": turned_away,
    "hand_over_face": hand_over_face, "hard_cut": hard_cut, "whipped": whipped, "two_people": two_people, "nobody": nobody,
}  # fmt: skip


def _range(frames: int, rate: Fraction = Fraction(24)) -> FrameRange:
    return FrameRange(first=FIRST, last=FIRST + frames - 1, rate=rate)


def _whole(name: str, take: Take, rate: Fraction) -> Trial:
    shots = [take.frame(number) for number in take.numbers]
    return Trial(
        name=name, frames=_range(take.frames, rate), plates=tuple(s.plate for s in shots), truths=tuple(s.truth for s in shots),
        people=(Person(landmarks={s.number: s.landmarks for s in shots}),),
        covered={s.number: s.covered for s in shots if s.covered.max() > 0},
    )  # fmt: skip


def _from_behind(take: Take) -> Rgb:
    """The head as it looks from behind: hair where the face was."""
    import cv2

    head = take.head
    height, width = head.depth.shape
    face = cv2.GaussianBlur(cv2.dilate(_face(take), np.ones((5, 5), np.uint8), iterations=6).astype(np.float32), (0, 0), 3)
    crown = float(head.landmarks[10, 1])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    # hair from above the forehead, mirrored down again and again
    tall = max(8.0, 0.9 * head.iod)
    up = crown - 6 - np.abs((y - crown + 6 + tall) % (2 * tall) - tall)
    hair = cv2.remap(head.picture, x, up.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    seen = np.where(head.matte[..., None] > 0, head.picture, head.set_behind)
    seen = head.matte[..., None] * seen + (1 - head.matte[..., None]) * head.set_behind
    return (seen * (1 - face[..., None]) + hair * face[..., None]).astype(np.float32)


def _face(take: Take) -> np.ndarray:
    import cv2

    out = np.zeros(take.head.depth.shape, np.uint8)
    hull = cv2.convexHull(np.round(take.head.landmarks[:, :2]).astype(np.int32))
    return cv2.fillConvexPoly(out, hull, 1)
