"""OpenEXR out, through the OpenEXR library: scanlines, every channel half or float as asked, the picture in a part of its own
where its layers would make it slow to read.

Reading goes through OpenImageIO (``media.images``); writing does not, because a frame of ours carries some forty-five
channels of two types and OpenImageIO converts mixed types value by value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Plane
from setpiece.media.files import atomic_path, output_failed

HALF_MAX = 65504.0  # the largest finite value of a 16-bit float
AP1_CHROMATICITIES = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)  # r, g, b, white of ACEScg
COMP, LAYERS = "comp", "layers"  # the parts of a frame
_COMPRESSIONS = {"none": "NO_COMPRESSION", "zips": "ZIPS_COMPRESSION", "zip": "ZIP_COMPRESSION"}

_OURS = frozenset({"channels", "compression", "dataWindow", "displayWindow", "lineOrder", "name", "pixelAspectRatio", "type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCode:
    """SMPTE ST 12-1 time code, non-drop. ``second_of_pair``: the later of two frames with one number (above 30 a second)."""

    hours: int
    minutes: int
    seconds: int
    frame: int
    second_of_pair: bool = False


def write_exr(
    path: Path,
    channels: Mapping[str, Plane],
    *,
    float32: frozenset[str] = frozenset(),
    attributes: Mapping[str, object] | None = None,
    compression: str = "zip",
    apart: frozenset[str] = frozenset(),
) -> int:
    """Write a scanline EXR, ACEScg primaries stated; returns how many values were clamped to ±65504.

    ``channels`` maps full channel names (``R``, ``dust.A``, ``depth.Z``) to planes (h, w) of one size, stored as half but
    for those named in ``float32``. ``attributes`` may be text, int, float, a Fraction (stored as rational:
    ``framesPerSecond``), a :class:`TimeCode` (``timeCode``) or two, three or more numbers. ``compression`` is ``zip``,
    ``zips`` or ``none``. Where some channels, not all, are named in ``apart``, the file has two parts with equal
    attributes: these first, as ``comp``, all others as ``layers``.

    Equal arguments write equal bytes, whatever the number of cores.

    Raises :class:`OutputFailed` where the disk refuses, ``ValueError`` for planes of different sizes, channels that do not
    exist, and attributes that EXR has no type for.
    """
    import OpenEXR

    shapes = {np.shape(plane) for plane in channels.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2 or 0 in next(iter(shapes)):
        raise ValueError(f"channels of one EXR are planes of one size, not {sorted(shapes)}")
    if not float32 <= set(channels):
        raise ValueError(f"no channel named {sorted(float32 - set(channels))}")
    if compression not in _COMPRESSIONS:
        raise ValueError(f"compression '{compression}' is not one of {', '.join(_COMPRESSIONS)}")
    for name in channels:
        _named(name)
    header = _header(attributes or {})
    header["compression"] = getattr(OpenEXR, _COMPRESSIONS[compression])
    header["type"] = OpenEXR.scanlineimage
    planes, clamped = _typed(channels, float32)
    path = Path(path)
    first = {name: planes[name] for name in planes if name in apart}
    rest = {name: planes[name] for name in planes if name not in apart}
    with atomic_path(path) as temporary:
        try:
            if first and rest:
                file = OpenEXR.File([OpenEXR.Part(dict(header), first, COMP), OpenEXR.Part(dict(header), rest, LAYERS)])
            else:
                file = OpenEXR.File(header, planes)
            with file:
                file.write(str(temporary))
        except RuntimeError as error:
            raise output_failed(path, str(error)) from error
    return clamped


def _typed(channels: Mapping[str, Plane], float32: frozenset[str]) -> tuple[dict[str, np.ndarray[Any, Any]], int]:
    """Every plane in its stored type, in order of name, and how many values did not fit in a half."""
    planes, clamped = {}, 0
    for name in sorted(channels):
        plane = np.asarray(channels[name], np.float32)
        if name not in float32:
            over = int(np.count_nonzero(np.abs(plane) > HALF_MAX))
            if over:
                clamped += over
                plane = np.clip(plane, -HALF_MAX, HALF_MAX)
            plane = plane.astype(np.float16)
        planes[name] = np.ascontiguousarray(plane)
    return planes, clamped


def _header(attributes: Mapping[str, object]) -> dict[str, Any]:
    """Attributes as the library takes them, the primaries among them."""
    if _OURS & set(attributes):
        raise ValueError(f"attributes {sorted(_OURS & set(attributes))} are the writer's own")
    free = {"chromaticities": AP1_CHROMATICITIES, **attributes}
    return {_named(name): _attribute(name, value) for name, value in sorted(free.items())}


def _named(name: str) -> str:
    if not 0 < len(name.encode()) < 256 or "\0" in name:
        raise ValueError(f"'{name}' is no name for a channel or an attribute")
    return name


def _attribute(name: str, value: object) -> Any:
    if isinstance(value, TimeCode):
        return _time_code(value)
    if isinstance(value, str | float | Fraction):
        return value
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, Sequence) and value and all(isinstance(item, int | float) for item in value):
        if name == "chromaticities" or all(isinstance(item, int) for item in value):
            return tuple(value)
        return tuple(float(item) for item in value) if len(value) in (2, 3) else np.array(value, np.float32)
    raise ValueError(f"attribute '{name}' cannot hold {value!r}")


def _time_code(value: TimeCode) -> Any:
    """As the library takes it: the field mark stands for the second of a pair, user bits are zero."""
    import OpenEXR

    numbers = (value.hours, value.minutes, value.seconds, value.frame)
    return OpenEXR.TimeCode(*numbers, 0, 0, int(value.second_of_pair), *(0,) * 11)
