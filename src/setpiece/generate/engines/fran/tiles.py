"""A network run over a picture that is larger than it can take at once, without a seam.

Place in the flow: between the engine and the network. Each tile sees ``halo_px`` more than it is kept for; where the halo
is at least the network's reach, a tile's pixels are those of the whole picture up to rounding, and what rounding leaves is
blended over ``blend_px``. Tiles start at multiples of the network's stride, so that its grids coincide.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from setpiece.core.arrays import Float32

Planes = Float32[np.ndarray, "c h w"]


def spans(length: int, tile: int, halo: int, stride: int) -> tuple[tuple[int, int], ...]:
    """Starts and ends of tiles over ``length``, all in multiples of ``stride``; neighbours share at least 2 halos.

    >>> spans(64, 32, 8, 4)
    ((0, 32), (16, 48), (32, 64))
    """
    tile = -(-tile // stride) * stride
    if tile >= length:
        return ((0, length),)
    step = max(stride, (tile - 2 * halo) // stride * stride)
    starts = [*range(0, length - tile, step), -(-(length - tile) // stride) * stride]
    return tuple((start, min(start + tile, length)) for start in dict.fromkeys(starts))


def _ramp(start: int, end: int, length: int, halo: int, blend: int) -> Float32[np.ndarray, "n"]:
    """A tile's weight along one side: 0 in its halo, then up over ``blend``; borders of the picture have no halo."""
    at = np.arange(start, end) + 0.5
    reach = np.full(at.shape, np.inf)
    if start > 0:
        reach = np.minimum(reach, at - start - halo)
    if end < length:
        reach = np.minimum(reach, end - halo - at)
    return np.clip(reach / max(blend, 1), 0, 1).astype(np.float32)


def run_tiled(
    network: Callable[[Planes], Planes], planes: Planes, *, tile_px: int, halo_px: int, blend_px: int, stride: int
) -> Planes:
    """``network`` over ``planes`` (c, h, w), h and w multiples of ``stride``; its output has the same h and w."""
    height, width = planes.shape[1:]
    inner = halo_px + blend_px // 2  # neighbouring ramps meet inside of both halos
    rows, columns = (spans(side, tile_px, inner, stride) for side in (height, width))
    if len(rows) == len(columns) == 1:
        return network(planes)
    total: Planes | None = None
    weight = np.zeros((height, width), np.float32)
    for top, bottom in rows:
        for left, right in columns:
            found = network(np.ascontiguousarray(planes[:, top:bottom, left:right]))
            share = np.outer(_ramp(top, bottom, height, halo_px, blend_px), _ramp(left, right, width, halo_px, blend_px))
            if total is None:
                total = np.zeros((found.shape[0], height, width), np.float32)
            total[:, top:bottom, left:right] += found * share
            weight[top:bottom, left:right] += share
    assert total is not None
    return total / np.maximum(weight, 1e-12)
