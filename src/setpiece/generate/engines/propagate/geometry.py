"""The gain beside a warp, where painters moved something.

A slimmer jaw moves edges and pores, and each of them by its own few pixels. A gain that belongs to a warp is exact only with
that very warp: one that is a tenth of a pixel off in one frame and not in the next boils. What the painter *added* to the
keyframe's light (painted less plate, in which the grain of both cancels) needs no warp at all to be carried: lit as the
frame is lit, it is laid on the plate, and the gain is what makes warp and gain together give that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Flow, Plane, Rgb, length_of
from setpiece.core.plate_grain import moving, part_grain
from setpiece.generate.engines.propagate.carry import Painted, fetched
from setpiece.generate.engines.propagate.flow import FLOOR, stops, tuned
from setpiece.generate.keyframe import moved

STILL_PX, MOVED_PX = 0.0, 0.04  # of the plate: where a gain alone speaks, and where what was added does
ALIKE, OTHER = 0.4, 0.8  # stops between frame and keyframes: the same surface, and another
DARK = 0.005  # scene-linear: light so faint is compared with no other
LIT_PX = 1.5  # sigma over which the frame's light is compared with the keyframes'
MOST_LIT = 2.0  # ratio of the two at most
Part = tuple[slice, slice]  # rows and columns
WHOLE: Part = (slice(None), slice(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Keyframes on the pixels of a box: for each the ``places`` in its retouch's box and its ``weights`` (h, w)."""

    keys: list[Painted]
    places: list[Flow]
    weights: list[Plane]

    def before(self, part: Part = WHOLE, *, sharp: bool = False) -> Rgb:
        """What they together looked like before anybody painted, in ``part`` of the box."""
        return self._mixed([key.before for key in self.keys], part, held=True, sharp=sharp)

    def added(self) -> Rgb:
        """What their painters together added."""
        return self._mixed([key.added for key in self.keys], WHOLE, held=False, sharp=False)

    def _mixed(self, pictures: list[Rgb], part: Part, *, held: bool, sharp: bool) -> Rgb:
        total = np.zeros((*self.weights[0][part].shape, 3), np.float32)
        for picture, place, weight in zip(pictures, self.places, self.weights, strict=True):
            found = fetched(picture, np.ascontiguousarray(place[part]), held=held, sharp=sharp)
            total += weight[part][..., None] * found
        return total


def moved_gain(plate: Rgb, gain: Rgb, alpha: Plane, warp: Flow, carried: Carried) -> Rgb:
    """The gain (h, w, 3) in stops that, on ``plate`` under ``warp`` px, gives what the keyframes added; ``gain`` where
    nothing was moved."""
    bent = 1 - tuned(length_of(warp[..., 0], warp[..., 1]), STILL_PX, MOVED_PX)
    if not bent.any():
        return gain
    before, added = carried.before(), carried.added()
    added /= np.maximum(alpha, 1e-3)[..., None]
    lit = _lit(plate, before)
    picture, own = part_grain(plate, carried.keys[0].retouch.grain or (0.0, 0.0), edges=moving(warp))
    known, painted = before * lit, (before + added) * lit
    # what the keyframes do not know of this frame: of skin that gave way to dark hair it is as dark as the hair
    share = np.clip((painted + DARK) / (np.maximum(known, 0) + DARK), 0, 1)
    gap = tuned(np.abs(stops(picture) - stops(known)).max(-1), ALIKE, OTHER)[..., None]
    left = (plate - own - known) * (1 - (1 - share) * gap)
    picture = moved(picture, warp)
    under = np.minimum(picture - np.float32(FLOOR), 0)  # passes beside the gain, as it does when the retouch is applied
    wanted = _within(painted + left, (plate - own, painted)) - under
    return gain + (stops(wanted) - stops(picture) - gain) * bent[..., None]


def _within(wanted: Rgb, seen: tuple[Rgb, Rgb]) -> Rgb:
    """``wanted`` held between the darkest and the lightest that either of ``seen`` has beside each pixel: an edge that what
    was added misses by a fraction of a pixel gets no rim that nobody painted."""
    import cv2

    block = np.ones((3, 3), np.uint8)
    low, high = (reach([edge(picture, block) for picture in seen]) for reach, edge in (
        (np.minimum.reduce, cv2.erode), (np.maximum.reduce, cv2.dilate),
    ))  # fmt: skip
    return np.clip(wanted, low, high)


def _lit(plate: Rgb, before: Rgb) -> Rgb:
    """How much more light falls on the frame than fell on the keyframes (h, w, 3): a ratio."""
    import cv2

    now, then = (
        np.maximum(cv2.GaussianBlur(p, (0, 0), LIT_PX, borderType=cv2.BORDER_REFLECT), 0) + 0.01 for p in (plate, before)
    )
    return np.clip(now / then, 1 / MOST_LIT, MOST_LIT).astype(np.float32)
