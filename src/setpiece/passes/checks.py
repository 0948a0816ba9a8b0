"""What must hold for an engine's layers before they are composited.

Place in the flow: straight after an engine, before integration. Refuses to mend: a NaN, a normal that is not unit or
a coverage above one is a fault of the engine, named by layer, frame and pixel.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.layers import Layers

_SHAPES = {"debris": 4, "dust": 4, "shadow": 3, "normal": 3, "rest": 3, "forward": 2, "backward": 2}
_PLANES = ("standing", "depth")
_SLACK = 2e-3  # accumulated float32 error of a few dozen samples
_SHADOW_LIMIT = 64.0  # six stops of light gained where the building's own shade used to lie


def _fail(layers: Layers, layer: str, what: str, where: np.ndarray[Any, Any] | None = None) -> NoReturn:
    at = ""
    if where is not None:
        y, x = np.argwhere(where)[0][:2]
        at = f" in {int(np.count_nonzero(where))} places, first at x={x}, y={y}"
    raise StageError(
        f"layer '{layer}' {what}{at}",
        frame=layers.frame,
        remedy="this is a fault of the engine: render the frame again with --redo, or choose another engine",
    )


def check_layers(layers: Layers) -> Layers:
    """Return ``layers``, or raise :class:`StageError` naming the first layer and frame that break the contract.

    Checked: shapes and dtypes; no NaN (and infinity only in ``depth``, positive); alphas, ``standing`` and coverage in
    0..1; coverage descending and summing to at most one; ``shadow`` in 0..64; normals unit or 0; depth in front of the
    camera; normals, rest and motion only where there is debris; ids and coverage agreeing.
    """
    _check_shapes(layers)
    _check_finite(layers)
    _check_ranges(layers)
    _check_surface(layers)
    _check_ids(layers)
    return layers


def _check_shapes(layers: Layers) -> None:
    size = layers.depth.shape
    for name in _PLANES:
        if getattr(layers, name).shape != size or len(size) != 2:
            _fail(layers, name, f"has shape {getattr(layers, name).shape}, depth has {size}")
    for name, depth in _SHAPES.items():
        if getattr(layers, name).shape != (*size, depth):
            _fail(layers, name, f"has shape {getattr(layers, name).shape}, expected {(*size, depth)}")
    if layers.ids.shape[:2] != size or layers.ids.ndim != 3 or layers.ids.shape != layers.coverage.shape:
        _fail(layers, "ids", f"has shape {layers.ids.shape}, coverage {layers.coverage.shape}, the frame {size}")
    for name in (*_SHAPES, *_PLANES, "coverage"):
        if getattr(layers, name).dtype != np.float32:
            _fail(layers, name, f"is {getattr(layers, name).dtype}, not float32")
    if layers.ids.dtype != np.int32:
        _fail(layers, "ids", f"is {layers.ids.dtype}, not int32")


def _check_finite(layers: Layers) -> None:
    for name in (*_SHAPES, "standing", "coverage"):
        array = getattr(layers, name)
        if not np.isfinite(array.sum(dtype=np.float64)):  # a sum is quicker than a plane of flags
            _fail(layers, name, "holds NaN or infinity", ~np.isfinite(array))
    wrong = np.isnan(layers.depth) | (layers.depth <= 0)
    if wrong.any():
        _fail(layers, "depth", "is NaN, zero or behind the camera", wrong)


def _check_ranges(layers: Layers) -> None:
    planes = {
        "debris": layers.debris[..., 3],
        "dust": layers.dust[..., 3],
        "standing": layers.standing,
        "coverage": layers.coverage,
    }
    for name, plane in planes.items():
        wrong = (plane < -_SLACK) | (plane > 1 + _SLACK)
        if wrong.any():
            _fail(layers, name, "has coverage outside 0..1", wrong)
    wrong = (layers.shadow < 0) | (layers.shadow > _SHADOW_LIMIT)
    if wrong.any():
        _fail(layers, "shadow", f"leaves 0..{_SHADOW_LIMIT:.0f}", wrong)


def _check_surface(layers: Layers) -> None:
    square = np.einsum("hwc,hwc->hw", layers.normal, layers.normal)
    wrong = (square != 0) & (np.abs(square - 1) > 2e-2)
    if wrong.any():
        _fail(layers, "normal", "is not of unit length", wrong)
    nothing = ~np.isfinite(layers.depth)
    for name in ("normal", "rest", "forward", "backward"):
        wrong = nothing & _any(getattr(layers, name) != 0)
        if wrong.any():
            _fail(layers, name, "is not 0 where depth says that there is no debris", wrong)
    height, width = layers.depth.shape
    reach = 4.0 * float(np.hypot(height, width))
    for name in ("forward", "backward"):
        wrong = _any(np.abs(getattr(layers, name)) > reach)
        if wrong.any():
            _fail(layers, name, "moves farther in one frame than four times the picture", wrong)


def _any(flags: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """``flags.any(axis=-1)``, faster for a handful of channels."""
    return np.logical_or.reduce([flags[..., k] for k in range(flags.shape[-1])])


def _check_ids(layers: Layers) -> None:
    wrong = layers.ids < -1
    if wrong.any():
        _fail(layers, "ids", "holds numbers below -1", wrong)
    wrong = (layers.ids < 0) & (layers.coverage > 0)
    if wrong.any():
        _fail(layers, "coverage", "covers a pixel with no piece", wrong)
    if (np.diff(layers.coverage, axis=-1) > _SLACK).any():
        _fail(layers, "coverage", "is not in descending order")
    wrong = layers.coverage.sum(axis=-1) > 1 + _SLACK
    if wrong.any():
        _fail(layers, "coverage", "sums to more than one", wrong)


def check_motion(now: Layers, then: Layers, *, tolerance_px: float = 1.0) -> float:
    """Follow ``forward`` from ``now`` into the next frame ``then`` and ``backward`` home again.

    Only pixels that are seen in both frames on the same piece count. Returns the median round-trip error in px;
    raises :class:`StageError` where it exceeds ``tolerance_px`` (a sign or an axis is swapped, or frames are mixed up).
    Returns 0 where nothing can be followed.
    """
    if then.frame != now.frame + 1:
        _fail(then, "backward", f"was compared with frame {now.frame}, which is not the one before")
    height, width = now.depth.shape
    y, x = np.nonzero((now.object_id >= 0) & np.isfinite(now.depth))
    flow = now.forward[y, x]
    column = np.floor(x + 0.5 + flow[:, 0]).astype(np.int64)
    row = np.floor(y + 0.5 + flow[:, 1]).astype(np.int64)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    y, x, flow, row, column = y[inside], x[inside], flow[inside], row[inside], column[inside]
    same = then.object_id[row, column] == now.object_id[y, x]
    if not same.any():
        return 0.0
    error = np.linalg.norm(flow[same] + then.backward[row[same], column[same]], axis=1)
    median = float(np.median(error))
    if median > tolerance_px:
        _fail(then, "backward", f"does not lead back to frame {now.frame}: the median error is {median:.1f} px")
    return median
