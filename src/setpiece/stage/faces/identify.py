"""Whom a tracklet belongs to: pieces of paths joined into people by motion, shape and colour.

Two pieces that share a frame are two people. Within an uncut stretch motion helps; across a cut only looks do, and the answer
is a guess that the track's notes state.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from setpiece.stage.faces.follow import Tracklet
from setpiece.stage.faces.looks import apart, mean_looks

_ALIKE = 1.15
_ALIKE_ACROSS_CUT = 1.0
_LEAST_FRAMES = 3
_NEAR_FRAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The tracklets of one face, in order, and what was guessed in joining them."""

    tracklets: tuple[Tracklet, ...]
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> float:
        """The sum of the face's size over its frames: what it takes of the shot."""
        return float(sum(sight.head.unit_px for one in self.tracklets for sight in one.sights.values()))


def people(tracklets: list[Tracklet], *, shot_frames: int) -> tuple[Person, ...]:
    """Join tracklets into people, the likeliest pair first; the largest person comes first."""
    sound = [one for one in tracklets if not any(_stray(one, other) for other in tracklets)]
    groups = [Person(tracklets=(one,)) for one in sorted(sound, key=lambda one: (one.first, -one.last))]
    while True:
        pairs = [(_doubt(a, b), i, j) for i, a in enumerate(groups) for j, b in enumerate(groups) if i < j]
        pairs = [pair for pair in pairs if pair[0] < 1]
        if not pairs:
            break
        _, i, j = min(pairs)
        joined = _joined(groups[i], groups[j])
        groups = [*(one for k, one in enumerate(groups) if k not in (i, j)), joined]
        groups.sort(key=lambda one: (one.tracklets[0].first, -one.tracklets[0].last))
    kept = [one for one in groups if _worth(one, shot_frames)]
    return tuple(sorted(kept, key=lambda one: -one.size))


def _stray(one: Tracklet, other: Tracklet) -> bool:
    """Whether ``one`` is a few frames of a mesh gone wrong beside the longer ``other``: in its place, not of its size."""
    if len(one.sights) >= _LEAST_FRAMES or len(other.sights) <= len(one.sights) or one.segment != other.segment:
        return False
    gap, near = min((abs(f - one.first), f) for f in other.sights)
    here, there = one.sights[one.first].head, other.sights[near].head
    way = np.hypot(here.centre[0] - there.centre[0], here.centre[1] - there.centre[1]) / there.unit_px
    return bool(gap <= _NEAR_FRAMES and way < 1 and abs(np.log2(here.unit_px / there.unit_px)) > 0.25)


def _doubt(a: Person, b: Person) -> float:
    """How doubtful it is that both are one person: below 1 they are joined."""
    frames_a = {frame for one in a.tracklets for frame in one.sights}
    frames_b = {frame for one in b.tracklets for frame in one.sights}
    if frames_a & frames_b:
        return np.inf
    unlike = apart(mean_looks([one.looks for one in a.tracklets]), mean_looks([one.looks for one in b.tracklets]))
    ends = min(
        ((abs(x.first - y.last), x, y) for p, q in ((a, b), (b, a)) for x in p.tracklets for y in q.tracklets),
        key=lambda found: found[0],
    )
    gap, later, earlier = ends
    if later.segment != earlier.segment:
        return unlike / _ALIKE_ACROSS_CUT
    here, there = later.sights[later.first].head, earlier.sights[earlier.last].head
    way = np.hypot(here.centre[0] - there.centre[0], here.centre[1] - there.centre[1]) / there.unit_px
    placed = float(np.clip(way / (0.6 + 0.3 * gap), 0, 1))  # nearer than a head can go: 0; no evidence: 1
    return unlike / (_ALIKE * (1.5 - 0.5 * placed))


def _joined(a: Person, b: Person) -> Person:
    pieces = tuple(sorted(a.tracklets + b.tracklets, key=lambda one: one.first))
    notes = set(a.notes + b.notes)
    for earlier, later in pairwise(pieces):
        if earlier.segment != later.segment:
            notes.add(f"that the face from frame {later.first} on is the one before the cut is a guess by its looks")
        elif later.first - earlier.last > 1:
            notes.add(unseen_note(earlier, later))
    return Person(tracklets=pieces, notes=tuple(sorted(notes)))


def unseen_note(earlier: Tracklet, later: Tracklet) -> str:
    """What is said of two pieces that were joined over frames without the face."""
    return f"joined over frames {earlier.last + 1}-{later.first - 1}, where it is not seen, by motion and looks"


def _worth(person: Person, shot_frames: int) -> bool:
    """Whether it is a face and not a flash of noise."""
    sights = [sight for one in person.tracklets for sight in one.sights.values()]
    return len(sights) >= min(_LEAST_FRAMES, shot_frames) or max(sight.score for sight in sights) > 0.8
