"""What is seen in one frame by itself, and made steady with what is seen in the frames beside it.

Flow is found anew in each frame, and its small errors with it: a tenth of a pixel here and there, different in every frame,
which is what boils. Motion itself is smooth, and in the chart the face stands still. So the step that flow adds to the
mesh is averaged over three frames where they agree, and so are the weights of the mixture. A frame's own sight never
leans on another's, so that any order gives the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from setpiece.core.arrays import Float32, Flow, frozen
from setpiece.generate.engines.propagate.blend import Mixture
from setpiece.generate.engines.propagate.carry import Painted
from setpiece.generate.engines.propagate.charts import Chart

AGREE_PX = 0.7  # of the chart: steps this far apart are motion, not noise
BESIDE = 0.5  # weight of a frame beside, the frame's own being 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A frame by itself: its ``chart``, the ``keys`` that it listens to, the ``maps`` to them, (h, w, 2) into their charts,
    what flow ``added`` to the mesh in them, px of the chart at the mixture's size, and the ``mixture``."""

    chart: Chart
    keys: tuple[Painted, ...]
    maps: tuple[Flow, ...]
    added: tuple[Flow, ...]
    mixture: Mixture

    def __post_init__(self) -> None:
        for array in (*self.maps, *self.added):
            frozen(array)


def sight_of(chart: Chart, keys: list[Painted], starts: list[Flow], maps: list[Flow], mixture: Mixture) -> Sight:
    """A frame's sight from the coarse maps ``starts`` and what became of them."""
    import cv2

    size = mixture.open.shape[::-1]
    added = [cv2.resize(m - start, size, interpolation=cv2.INTER_AREA) for m, start in zip(maps, starts, strict=True)]
    return Sight(chart=chart, keys=tuple(keys), maps=tuple(maps), added=tuple(added), mixture=mixture)


def steadied(now: Sight, beside: Sequence[Sight]) -> tuple[list[Flow], Mixture]:
    """The maps from the frame of ``now`` to its keyframes and its mixture, each averaged with those of the frames ``beside``
    where both see the surface and agree."""
    import cv2

    alike = [one for one in beside if one.mixture.open.shape == now.mixture.open.shape]
    maps = []
    for key, where, own in zip(now.keys, now.maps, now.added, strict=True):
        total, over = np.zeros_like(own), np.ones(own.shape[:2], np.float32)
        for one in alike:
            other = next((a for k, a in zip(one.keys, one.added, strict=True) if k.retouch.frame == key.retouch.frame), None)
            if other is not None:
                apart = other - own
                share = cv2.exp(cv2.transform(apart * apart, _SUM) * np.float32(-0.5 / AGREE_PX**2))
                share *= BESIDE * one.mixture.open
                total += share[..., None] * apart
                over += share
        step = total / over[..., None]
        maps.append(where + cv2.resize(step, where.shape[1::-1], interpolation=cv2.INTER_LINEAR))
    return maps, replace(now.mixture, weights=_weights(now, alike))


_SUM = np.ones((1, 2), np.float32)


def _weights(now: Sight, beside: Sequence[Sight]) -> Float32[np.ndarray, "k h w"]:
    """The mixture's weights, averaged with those of frames that listen to the same keyframes."""
    total, over = now.mixture.weights.copy(), np.ones(now.mixture.open.shape, np.float32)
    for one in beside:
        if [k.retouch.frame for k in one.keys] == [k.retouch.frame for k in now.keys]:
            share = np.float32(BESIDE) * one.mixture.open
            total += share * one.mixture.weights
            over += share
    return total / over
