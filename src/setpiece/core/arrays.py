"""Names for arrays: shape, dtype and meaning stand in the type.

Pixel coordinates: x right, y down, the centre of the top-left pixel at (0.5, 0.5). World: metres, right-handed, z up,
the ground near the building at z = 0. Colour is scene-linear ACEScg unless a field says otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool as Bool
from jaxtyping import Float32 as Float32
from jaxtyping import Int32 as Int32
from jaxtyping import UInt8 as UInt8
from jaxtyping import UInt16 as UInt16

Pixels = Float32[np.ndarray, "h w c"]  # scene-linear, unbounded
Rgb = Float32[np.ndarray, "h w 3"]
Rgba = Float32[np.ndarray, "h w 4"]  # premultiplied
Plane = Float32[np.ndarray, "h w"]
Mask = Bool[np.ndarray, "h w"]
Flow = Float32[np.ndarray, "h w 2"]  # px, +x right, +y down
Ids = Int32[np.ndarray, "h w"]  # -1 where nothing
Display = UInt8[np.ndarray, "h w 3"]  # display-referred, for eyes only
Display16 = UInt16[np.ndarray, "h w 3"]  # the same at 16 bits, where it is coded further
Points = Float32[np.ndarray, "n 3"]  # metres, world


def frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Make ``array`` read-only in place and return it: values are immutable from construction."""
    array.setflags(write=False)
    return array


def length_of(x: Plane, y: Plane) -> Plane:
    """The length of a vector at each pixel, (h, w) from its two planes: the same bits wherever the arrays lie in memory, as
    OpenCV's ``magnitude`` does not promise.

    >>> float(length_of(np.float32([[3]]), np.float32([[4]]))[0, 0])
    5.0
    """
    square = x * x
    square += y * y
    return np.sqrt(square, out=square)
