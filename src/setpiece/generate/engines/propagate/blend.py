"""How much each keyframe says at each pixel, and how far that is to be believed.

Locally linear reconstruction (Roweis and Saul 2000): those weights, of sum one, under which the aligned keyframes together
look most like the frame. A crease that is half as deep as in one keyframe and absent in another gets half of the one's
retouch; a keyframe whose finger lies over the cheek gets nothing there. What no mixture explains is an occluder: there
the retouch is withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.generate.engines.propagate.flow import mismatch, tuned
from setpiece.generate.engines.propagate.hidden import hidden

WINDOW = 1 / 55  # of the chart's width: sigma of the neighbourhood whose mixture is sought
SHADING = 1 / 20
RIDGE = 0.03  # stops: two keyframes nearer than this to the frame are equally good
LEAST_RIDGE, FAR = 0.1, 10  # share of it at a keyframe itself; frames from which it is whole
LEAST_CLEAR = 0.2  # share of a neighbourhood that must be seen for its mixture to be sought in full
MUTE = 1.0  # stops squared: ridge of a keyframe where its own face is hidden
REACH = 0.35  # a weight may go that far below zero: a crease deeper than in any keyframe
CLOSE, SHUT = 0.30, 0.55  # stops unexplained at which the retouch gives way beside an occluder, and is gone
ALONE, GONE = 0.9, 1.6  # the same where there is none: lips and lashes never quite agree, and a gate that flutters boils
DOUBT = 0.25  # stops at which confidence has fallen to a third


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """``weights`` (k, h, w) of sum one; ``open`` (h, w) 0..1: how far the retouch holds; ``clear`` (h, w) 0..1: how far
    nothing stands before the face; ``confidence`` (h, w) 0..1."""

    weights: Float32[np.ndarray, "k h w"]
    open: Plane
    clear: Plane
    confidence: Plane


def mix(
    here: Rgb,
    keys: list[Rgb],
    held: Plane | None = None,
    away: list[int] | None = None,
    clear: list[Plane] | None = None,
) -> Mixture:
    """Mix the aligned lights ``keys`` of keyframes to look like the light ``here``, all (h, w, 3) in stops.

    ``held`` (h, w) 0..1 is where the retouch lies: everywhere, where None. ``away`` counts the frames to each keyframe: of
    two that explain the frame alike the nearer says more, so that nothing jumps when a keyframe is reached. ``clear`` (h,
    w) 0..1 is for each keyframe where nothing stood before the face in it: elsewhere it has nothing to say.
    """
    import cv2

    height, width = here.shape[:2]
    apart = [mismatch(here, key, width * SHADING) for key in keys]
    near = [1.0 if away is None else min(LEAST_RIDGE + frames / FAR, 1.0) for frames in away or [0] * len(keys)]
    known = [np.ones((height, width), np.float32)] * len(keys) if clear is None else clear
    ridges = [np.float32(RIDGE**2 * share) + np.float32(MUTE) * (1 - seen) for share, seen in zip(near, known, strict=True)]
    weights = _weights(apart, ridges)
    covered = hidden(here, _expected(keys, weights), np.ones((height, width), np.float32) if held is None else held)
    if len(keys) > 1 and covered.any():
        weights = _weights(apart, ridges, 1 - covered)
    missing = np.zeros_like(here)
    for weight, difference in zip(weights, apart, strict=True):
        missing += weight[..., None] * difference
    unexplained = cv2.GaussianBlur(np.abs(missing).max(-1), (0, 0), max(0.8, width / 256))
    reach = 2 * round(width / 32) + 1
    beside = cv2.dilate(covered, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    plain = tuned(unexplained, ALONE, GONE)
    gate = plain + (tuned(unexplained, CLOSE, SHUT) - plain) * beside
    free = 1 - covered
    return Mixture(
        weights=weights,
        open=gate * free,
        clear=free,
        confidence=(np.exp(-np.square(unexplained / np.float32(DOUBT))) * free).astype(np.float32),
    )


def _weights(apart: list[Rgb], ridges: list[Plane], clear: Plane | None = None) -> Float32[np.ndarray, "k h w"]:
    """The weights under which the differences ``apart`` cancel best. What is not ``clear`` (h, w) 0..1 is not asked: beside
    a hand the skin decides, and behind it what is believed without looking."""
    import cv2

    sigma = apart[0].shape[1] * WINDOW
    over = (
        None
        if clear is None
        else np.maximum(cv2.GaussianBlur(clear, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), LEAST_CLEAR)
    )
    table = {}
    for i in range(len(apart)):
        for j in range(i, len(apart)):
            product = np.einsum("hwc,hwc->hw", apart[i], apart[j]) / 3
            if clear is not None:
                product *= clear
            mean = cv2.GaussianBlur(product, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
            table[i, j] = mean if over is None else mean / over
    height, width = apart[0].shape[:2]
    return _solve(table, ridges, (height, width))


def _expected(keys: list[Rgb], weights: Float32[np.ndarray, "k h w"]) -> Rgb:
    """The light of the keyframes under broad weights: fine ones can make something like a hand out of faces."""
    import cv2

    total, over = np.zeros_like(keys[0]), np.zeros(weights.shape[1:], np.float32)
    for key, weight in zip(keys, weights, strict=True):
        broad = cv2.GaussianBlur(np.clip(weight, 0, 1), (0, 0), weight.shape[1] / 40)
        total += broad[..., None] * key
        over += broad
    return total / np.maximum(over, 1e-3)[..., None]


def _solve(table: dict[tuple[int, int], Plane], ridges: list[Plane], shape: tuple[int, int]) -> Float32[np.ndarray, "k h w"]:
    """The weights under a table of local covariances: its inverse times one, of sum one, within reach (by elimination,
    all pixels at once)."""
    count = len(ridges)
    if count == 1:
        return np.ones((1, *shape), np.float32)
    left = [[table[min(i, j), max(i, j)].copy() for j in range(count)] for i in range(count)]
    for i in range(count):
        left[i][i] += ridges[i] + 1e-3 * left[i][i]
    right = [np.ones(shape, np.float32) for _ in range(count)]
    for i in range(count):
        for j in range(i + 1, count):
            share = left[j][i] / left[i][i]
            for k in range(i + 1, count):
                left[j][k] = left[j][k] - share * left[i][k]
            right[j] = right[j] - share * right[i]
    for i in reversed(range(count)):
        for k in range(i + 1, count):
            right[i] = right[i] - left[i][k] * right[k]
        right[i] = right[i] / left[i][i]
    weights = np.stack(right)
    weights /= np.maximum(weights.sum(0), 1e-6)
    weights = np.clip(weights, -REACH, 1 + REACH)
    return (weights / weights.sum(0)).astype(np.float32)
