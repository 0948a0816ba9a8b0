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
REACH = 0.35  # a weight may go that far below zero: a crease deeper than in any keyframe
CLOSE, SHUT = 0.30, 0.55  # stops unexplained at which the retouch gives way beside an occluder, and is gone
ALONE, GONE = 0.9, 1.6  # the same where there is none: lips and lashes never quite agree, and a gate that flutters boils
DOUBT = 0.25  # stops at which confidence has fallen to a third


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """``weights`` (k, h, w) of sum one; ``open`` (h, w) 0..1: not hidden; ``confidence`` (h, w) 0..1."""

    weights: Float32[np.ndarray, "k h w"]
    open: Plane
    confidence: Plane


def mix(here: Rgb, keys: list[Rgb], held: Plane | None = None, away: list[int] | None = None) -> Mixture:
    """Mix the aligned lights ``keys`` of keyframes to look like the light ``here``, all (h, w, 3) in stops.

    ``held`` (h, w) 0..1 is where the retouch lies: everywhere, where None. ``away`` counts the frames to each keyframe: of
    two that explain the frame alike the nearer says more, so that nothing jumps when a keyframe is reached.
    """
    import cv2

    height, width = here.shape[:2]
    apart = [mismatch(here, key, width * SHADING) for key in keys]
    sigma = width * WINDOW
    table = {}
    for i in range(len(keys)):
        for j in range(i, len(keys)):
            product = np.einsum("hwc,hwc->hw", apart[i], apart[j]) / 3
            table[i, j] = cv2.GaussianBlur(product, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    ridges = [RIDGE**2 * (1.0 if away is None else min(LEAST_RIDGE + frames / FAR, 1.0)) for frames in away or [0] * len(keys)]
    weights = _solve(table, ridges, (height, width))
    missing = np.zeros_like(here)
    for weight, difference in zip(weights, apart, strict=True):
        missing += weight[..., None] * difference
    unexplained = cv2.GaussianBlur(np.abs(missing).max(-1), (0, 0), max(0.8, width / 256))
    covered = hidden(here, _expected(keys, weights), np.ones((height, width), np.float32) if held is None else held)
    reach = 2 * round(width / 32) + 1
    beside = cv2.dilate(covered, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    plain = tuned(unexplained, ALONE, GONE)
    gate = plain + (tuned(unexplained, CLOSE, SHUT) - plain) * beside
    clear = 1 - covered
    return Mixture(
        weights=weights,
        open=gate * clear,
        confidence=(np.exp(-np.square(unexplained / np.float32(DOUBT))) * clear).astype(np.float32),
    )


def _expected(keys: list[Rgb], weights: Float32[np.ndarray, "k h w"]) -> Rgb:
    """The light of the keyframes under broad weights: fine ones can make something like a hand out of faces."""
    import cv2

    total, over = np.zeros_like(keys[0]), np.zeros(weights.shape[1:], np.float32)
    for key, weight in zip(keys, weights, strict=True):
        broad = cv2.GaussianBlur(np.clip(weight, 0, 1), (0, 0), weight.shape[1] / 40)
        total += broad[..., None] * key
        over += broad
    return total / np.maximum(over, 1e-3)[..., None]


def _solve(table: dict[tuple[int, int], Plane], ridges: list[float], shape: tuple[int, int]) -> Float32[np.ndarray, "k h w"]:
    """The weights under a table of local covariances: its inverse times one, of sum one, within reach (by elimination,
    all pixels at once)."""
    count = len(ridges)
    if count == 1:
        return np.ones((1, *shape), np.float32)
    left = [[table[min(i, j), max(i, j)].copy() for j in range(count)] for i in range(count)]
    for i in range(count):
        left[i][i] += np.float32(ridges[i]) + 1e-3 * left[i][i]
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
