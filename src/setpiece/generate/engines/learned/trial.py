"""The judge's trial: does it do better than the propagation as it stands, on lessons that nobody learned from?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from setpiece.generate.engines.learned.augment import Lesson
from setpiece.generate.engines.learned.batches import tensor_of
from setpiece.generate.engines.learned.net import STOPS, ShotNet, fourier, in_units, judged, mean_of


def tried(net: ShotNet, lessons: Sequence[Lesson]) -> dict[str, float]:
    """Root of the mean squared error in stops, ``propagated`` and ``judged``, over the pixels of ``lessons`` where the judge
    has a say, by how far their gain is to be believed. Empty where there are none."""
    sums = np.zeros(3)
    for lesson in lessons:
        planes = (lesson.light, lesson.uv, lesson.prior, lesson.gain, lesson.trust[..., None])
        light, uv, prior, gain, trust = (tensor_of(plane)[None] for plane in planes)
        told, chart = in_units(prior), fourier(uv, net.settings.octaves)
        with torch.no_grad():
            own, alpha, _ = mean_of([member(light, chart) for member in net.members])
            shares = net.judge(light, chart, told, own, alpha)
        made, alone = judged(shares, told, own)
        weight = trust * shares[2]
        off = [float((weight * (found.float() * STOPS - gain).square()).sum()) for found in (alone, made)]
        sums += [*off, 3 * float(weight.sum())]
    if sums[2] <= 0:
        return {}
    return {"propagated": round(float(np.sqrt(sums[0] / sums[2])), 6), "judged": round(float(np.sqrt(sums[1] / sums[2])), 6)}
