"""Keyframes beyond the ones beside a frame, to which no way over the frames between leads.

A look of flow over forty frames of a turning head goes astray where a cheek has narrowed to its edge, and in the next frame
astray elsewhere: the cheek boils. So such a keyframe is reached over one beside the frame. From keyframe to keyframe flow
looks once, and whatever it errs there it errs alike in every frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from setpiece.core.arrays import Flow
from setpiece.generate.engines.propagate.carry import Painted
from setpiece.generate.engines.propagate.charts import mesh_maps
from setpiece.generate.engines.propagate.flow import compose, refine
from setpiece.generate.engines.propagate.places import unlike

Near = tuple[Painted, Flow]  # a keyframe, and where a frame's pixels lie in its chart


@dataclass(slots=True, kw_only=True)
class Between:
    """Where each keyframe of a shot lies in each other, found when it is first asked for."""

    _found: dict[tuple[int, int], Flow] = field(default_factory=dict)

    def beyond(self, key: Painted, near: list[Near]) -> Flow:
        """Where a frame's pixels lie in ``key`` (h, w, 2), over that of the keyframes ``near`` in which the face looks most
        like its own; the earlier of two alike. ``near`` is not empty."""
        over, start = min(near, key=lambda one: (unlike(one[0].chart, key.chart), one[0].retouch.frame))
        pair = (over.retouch.frame, key.retouch.frame)
        if pair not in self._found:
            self._found[pair] = refine(over.seen, key.seen, mesh_maps(over.chart, (key.chart,))[0])
        return compose(start, self._found[pair])
