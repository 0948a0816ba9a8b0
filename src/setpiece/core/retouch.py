"""What a retouch does to one frame, apart from the frame: a log gain, a small warp and where they hold.

``comp = plate warped, times 2 ** gain_stops, where alpha``: the plate's grain and highlights stay in it, a compositor can
dial it back, and outside of ``alpha`` every pixel is the plate's, to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Flow, Plane, Rgb, frozen

Box = tuple[int, int, int, int]  # left, top, right, bottom in px of the plate; right and bottom are excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A retouch of the region ``box`` of one frame; all planes are of the box's size.

    ``gain_stops`` (h, w, 3): log2 of the retouched over the warped plate, both with ``offset`` added
    (``log2(x + offset)``: the offset keeps black finite). ``warp`` (h, w, 2): where each pixel is fetched from, px
    relative to itself, None for no geometry. ``alpha`` (h, w) 0..1: where the retouch holds (0 at the border of the box,
    on hands, hair, glasses…). ``confidence`` (h, w) 0..1: how sure the engine is there. ``uv`` (h, w, 2): coordinates in
    the face's own chart, 0..1, NaN outside; None where there is no face. ``grain`` is the plate's grain, variance at black
    and its growth with the level: neither gain nor warp touch it (:mod:`.plate_grain`); None has it measured on the plate.
    """

    frame: int
    box: Box
    gain_stops: Rgb
    alpha: Plane
    confidence: Plane
    warp: Flow | None = None
    uv: Float32[np.ndarray, "h w 2"] | None = None
    offset: float = 0.02
    grain: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for array in (self.gain_stops, self.alpha, self.confidence, self.warp, self.uv):
            if array is not None:
                frozen(array)
