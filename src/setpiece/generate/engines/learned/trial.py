"""The judge's trial: does it do better than the propagation as it stands, on lessons that nobody learned from, and how far
is it to be heeded?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from setpiece.generate.engines.learned.augment import Lesson
from setpiece.generate.engines.learned.batches import tensor_of
from setpiece.generate.engines.learned.net import STOPS, ShotNet, fourier, in_units, judged, mean_of

SHARES = (1.0, 0.5, 0.25)  # how far a judge may be heeded
CLEARLY = 0.95  # of the propagation's error: a judge that does no better than that is not heeded
WORSE = 1.1  # of the propagation's error in any one lesson: a judge that does worse is heeded less, or not at all
_SLIGHT = 2e-3  # stops: errors about this small are all alike


def tried(net: ShotNet, lessons: Sequence[Lesson]) -> dict[str, float]:
    """How far to ``heed`` the judge, 0..1: the share of its word with which it does best on ``lessons``, of those with which
    it harms none. Beside it the root of the mean squared error in stops, ``propagated`` and ``judged`` with that share (with
    the whole, where it is not heeded), over the pixels where the judge has a say, by how far their gain is to be believed;
    ``worst`` is the largest ratio of the two in any one lesson. Empty where it has no say in any."""
    off, counts = [], []
    for lesson in lessons:
        planes = (lesson.light, lesson.uv, lesson.prior, lesson.gain, lesson.trust[..., None])
        light, uv, prior, gain, trust = (tensor_of(plane)[None] for plane in planes)
        told, chart = in_units(prior), fourier(uv, net.settings.octaves)
        with torch.no_grad():
            own, alpha, _ = mean_of([member(light, chart) for member in net.members])
            shares = net.judge(light, chart, told, own, alpha)
        made, alone = (found.float() * STOPS for found in judged(shares, told, own))
        weight = trust * shares[2]
        off.append([float((weight * (alone + (made - alone) * share - gain).square()).sum()) for share in (0.0, *SHARES)])
        counts.append(3 * float(weight.sum()))
    return weighed(np.array(off), np.array(counts))


def weighed(off: np.ndarray, counts: np.ndarray) -> dict[str, float]:
    """The outcome of a trial: ``off`` (lessons, 1 + shares) the summed squares of what the propagation misses, and of what
    the judge does with each of :data:`SHARES` of its word, ``counts`` (lessons,) over how much."""
    if counts.sum() <= 0:
        return {}
    spread = np.sqrt(off.sum(0) / counts.sum())
    each = np.sqrt(off[counts > 0] / counts[counts > 0, None]) + _SLIGHT
    worst = (each / each[:, :1]).max(0)
    fit = [k for k in range(1, len(spread)) if spread[k] < CLEARLY * spread[0] and worst[k] < WORSE]
    best = min(fit, key=lambda k: float(spread[k]), default=0)
    shown = best or 1
    return {
        "propagated": round(float(spread[0]), 6),
        "judged": round(float(spread[shown]), 6),
        "worst": round(float(worst[shown]), 4),
        "heed": SHARES[best - 1] if best else 0.0,
    }
