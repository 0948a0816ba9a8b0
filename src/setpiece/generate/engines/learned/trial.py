"""The judge's trial: does it do better than the propagation as it stands, on lessons that nobody learned from?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from setpiece.generate.engines.learned.augment import Lesson
from setpiece.generate.engines.learned.batches import tensor_of
from setpiece.generate.engines.learned.net import STOPS, ShotNet, fourier, in_units, judged, mean_of

CLEARLY = 0.95  # of the propagation's error: a judge that does no better than that is not heeded
WORSE = 1.1  # of the propagation's error in any one lesson: a judge that does worse is not heeded
_SLIGHT = 2e-3  # stops: errors about this small are all alike


def tried(net: ShotNet, lessons: Sequence[Lesson]) -> dict[str, float]:
    """Root of the mean squared error in stops, ``propagated`` and ``judged``, over the pixels of ``lessons`` where the judge
    has a say, by how far their gain is to be believed; ``worst`` is the largest ratio of the two in any one lesson. Empty where
    there are none."""
    sums, ratios = np.zeros(3), [0.0]
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
        share = 3 * float(weight.sum())
        sums += [*off, share]
        if share > 0:
            ratios.append(float(np.sqrt(off[1] / share) + _SLIGHT) / float(np.sqrt(off[0] / share) + _SLIGHT))
    if sums[2] <= 0:
        return {}
    propagated, made_rms = (float(np.sqrt(total / sums[2])) for total in sums[:2])
    return {"propagated": round(propagated, 6), "judged": round(made_rms, 6), "worst": round(max(ratios), 4)}


def speaks_for_the_judge(trial: Mapping[str, float]) -> bool:
    """Whether a trial's outcome is a reason to heed the judge: clearly better in all, and in no lesson clearly worse."""
    return trial["judged"] < CLEARLY * trial["propagated"] and trial["worst"] < WORSE
