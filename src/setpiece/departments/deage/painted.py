"""Painted keyframes, from file to the working space. The transform is stated and inverted exactly as it was written.

EXR is scene-linear ACEScg, float or half. PNG and TIFF, 16 bits, are display-referred: code = sRGB curve of
``linear Rec.709 / WHITE``; so 1.0 of the file is ``WHITE`` times diffuse white, and highlights up to there survive paint.
What lies above or below the file's range comes back from the plate, where the artist did not touch it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from setpiece.core.arrays import Float32, Rgb
from setpiece.core.errors import PlateUnreadable
from setpiece.deliver.frames import rgb_of
from setpiece.media.images import read_exr, read_image

WHITE = 4.0  # diffuse whites that a 16-bit picture holds: two stops of highlights
SUFFIXES = (".exr", ".png", ".tif", ".tiff")
# ACEScg (AP1, D60) to linear Rec.709 (D65), Bradford; and back. As OCIO's built-in ACES configuration has them.
_TO_709 = np.array(
    [[1.7050510, -0.6217921, -0.0832589], [-0.1302564, 1.1408047, -0.0105483], [-0.0240034, -0.1289690, 1.1529723]], np.float64
)
_FROM_709 = np.linalg.inv(_TO_709)
_STEP = 1.5 / 65535  # a code and a half: what writing and reading may change


def coded(pixels: Rgb) -> Float32[np.ndarray, "h w 3"]:
    """Scene-linear ACEScg as codes 0..1 of a 16-bit picture."""
    linear = np.clip(pixels.astype(np.float64) @ _TO_709.T / WHITE, 0, 1)
    codes = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.power(linear, 1 / 2.4) - 0.055)
    return codes.astype(np.float32)


def decoded(codes: Float32[np.ndarray, "h w 3"]) -> Rgb:
    """The inverse of :func:`coded` inside of its range."""
    value = codes.astype(np.float64)
    linear = np.where(value <= 0.04045, value / 12.92, np.power((value + 0.055) / 1.055, 2.4)) * WHITE
    return (linear @ _FROM_709.T).astype(np.float32)


def read_painted(path: Path, plate: Rgb) -> Rgb:
    """A painted frame (h, w, 3), scene-linear ACEScg. Where its code is the plate's own, it is the plate, to the bit.

    Raises PlateUnreadable for a file that is absent, damaged, of 8 bits or of another size.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise PlateUnreadable(f"is no {', '.join(SUFFIXES)}", file=path, remedy="save it as EXR, or as 16-bit PNG or TIFF")
    if suffix == ".exr":
        painted = np.ascontiguousarray(rgb_of(read_exr(path)[0], file=path))
        _check_size(painted, plate, path)
        same = (np.abs(painted - plate) <= 0.0006 * np.abs(plate) + 1e-7).all(-1, keepdims=True)  # half a step of half floats
        return np.where(same, plate, painted)
    image = read_image(path)
    if image.bit_depth != "16":
        raise PlateUnreadable(
            f"has {image.bit_depth} bits a channel: 256 codes are too few to paint skin with",
            file=path,
            remedy="save it with 16 bits a channel, or as EXR",
        )
    codes = image.pixels[..., :3]
    _check_size(codes, plate, path)
    same = (np.abs(codes - coded(plate)) <= _STEP).all(-1, keepdims=True)
    return np.where(same, plate, decoded(codes))


def _check_size(painted: np.ndarray, plate: Rgb, path: Path) -> None:
    if painted.shape[:2] != plate.shape[:2]:
        raise PlateUnreadable(
            f"is {painted.shape[1]}x{painted.shape[0]}, the plate is {plate.shape[1]}x{plate.shape[0]}",
            file=path,
            remedy="paint on the full frame that was written, and keep its size",
        )
