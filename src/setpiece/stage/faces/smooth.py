"""Landmarks without jitter and without lag: each frame's measurement and the picture's own motion, weighed against each other.

Where the picture's motion is sure, it ties neighbouring frames; the measurements then say where the whole path lies. A
least-squares fit over all frames at once (a Rauch-Tung-Striebel smoother, 1965, in its tridiagonal form), so past and future
count alike. Lids, lips and irises move in ways that flow misreads: they lean on what was measured.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Float32
from setpiece.core.face_chart import regions
from setpiece.stage.faces.follow import Tracklet

_MEASURED = 0.009  # units: how far a measurement lies off
_FLOWED = 0.0018  # units: the same for the motion of one frame
_DEPTH_STEP = 0.01  # units: how far depth goes in one frame
_LIVELY = {"lips": 2.5, "mouth": 3.0, "eyes": 6.0, "irises": 6.0}  # motion is trusted so much less
_ROUNDS = 3


def lively() -> Float32[np.ndarray, "n"]:
    """By how much less each landmark trusts flow, (478,)."""
    factor = np.ones(478, np.float32)
    for name, less in _LIVELY.items():
        factor[list(regions[name])] = less
    return factor


def smoothed(tracklet: Tracklet) -> dict[int, Float32[np.ndarray, "n 3"]]:
    """The landmarks (478, 3) of every frame that the tracklet saw."""
    frames = sorted(tracklet.sights)
    measured = np.stack([tracklet.sights[frame].landmarks for frame in frames]).astype(np.float64)
    if len(frames) == 1:
        return {frames[0]: measured[0].astype(np.float32)}
    unit = np.array([tracklet.sights[frame].head.unit_px for frame in frames])
    odd = oddness(tracklet)
    sure = np.array([(0.25 + 0.75 * tracklet.sights[f].score) * (0.02 + np.exp(-((odd[f] / 0.03) ** 2))) for f in frames])
    weight = np.repeat((sure / (unit * _MEASURED) ** 2)[:, None], 478, 1)
    step = np.zeros((len(frames) - 1, 478, 2))
    tie = np.zeros((len(frames) - 1, 478))
    for k, frame in enumerate(frames[1:]):
        if frame in tracklet.flow:
            step[k] = tracklet.flow[frame]
            off = np.hypot(_FLOWED * unit[k], 0.5 * tracklet.steady[frame].astype(np.float64))
            tie[k] = 1 / (off * lively()) ** 2
    path = _fitted(measured[..., :2], weight, step, tie)
    for _ in range(_ROUNDS - 1):  # robust: a motion that the measurements keep contradicting is not the skin's
        tension = np.linalg.norm(np.diff(path, axis=0) - step, axis=-1)
        strain = np.linalg.norm(path - measured[..., :2], axis=-1) / (unit[:, None] * _MEASURED)
        pulled = np.maximum(strain[1:], strain[:-1])
        softer = 1 / (1 + (tension * np.sqrt(tie) / 3) ** 2) / (1 + (pulled / 5) ** 4)
        path = _fitted(measured[..., :2], weight, step, tie * softer)
    # depth is only ever measured: it may change by so much a frame
    slack = 1 / (unit[1:, None] * _DEPTH_STEP) ** 2 * np.ones(478) * (np.diff(frames) == 1)[:, None]
    depth = _fitted(measured[..., 2:], weight / 9, np.zeros((len(frames) - 1, 478, 1)), slack)
    whole = np.concatenate([path, depth], -1).astype(np.float32)
    return dict(zip(frames, whole, strict=True))


def oddness(tracklet: Tracklet) -> dict[int, float]:
    """By how much the head's bones in each frame differ from the path's own usual ones, units: 0.01 is noise, 0.04 a mesh
    squeezed into half a face."""
    shapes = np.stack([tracklet.sights[frame].looks.shape for frame in sorted(tracklet.sights)])
    off = shapes - np.median(shapes, axis=0)
    apart = np.sqrt((off[..., :2] ** 2).sum(-1).mean(-1))
    return {frame: float(value) for frame, value in zip(sorted(tracklet.sights), apart, strict=True)}


def agreement(tracklet: Tracklet, frame: int) -> float:
    """How much of the face the picture's motion confirms in ``frame``, 0..1; 1 where there is no motion to ask."""
    if frame not in tracklet.steady:
        return 1.0
    unit = tracklet.sights[frame].head.unit_px
    return float((tracklet.steady[frame][:468] < 0.02 * unit + 0.3).mean())


def _fitted(measured: np.ndarray, weight: np.ndarray, step: np.ndarray, tie: np.ndarray) -> np.ndarray:
    """The path (f, n, d) that minimises Σ weight |x - measured|² + Σ tie |x' - x - step|², by Thomas's elimination."""
    count = len(measured)
    above, below = np.zeros_like(weight), np.zeros_like(weight)
    above[:-1], below[1:] = tie, tie
    diagonal = weight + above + below
    right = weight[..., None] * measured
    right[:-1] -= tie[..., None] * step
    right[1:] += tie[..., None] * step
    for k in range(1, count):
        share = tie[k - 1] / diagonal[k - 1]
        diagonal[k] -= share * tie[k - 1]
        right[k] += share[..., None] * right[k - 1]
    path = np.empty_like(right)
    path[-1] = right[-1] / diagonal[-1][..., None]
    for k in range(count - 2, -1, -1):
        path[k] = (right[k] + tie[k][..., None] * path[k + 1]) / diagonal[k][..., None]
    return path
