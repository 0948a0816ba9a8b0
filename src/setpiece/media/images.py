"""Still pictures in and out, through OpenImageIO.

Reading gives numbers as the file encodes them: integers scaled to 0..1, floats untouched, no colour conversion
(:mod:`setpiece.media.colour` does that, by name). Nothing is healed silently: NaN and infinities come back as they
are, and :func:`heal_non_finite` is called, and its count reported, by whoever can live with that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Float32, Pixels, Plane, frozen
from setpiece.core.errors import OutputFailed, PlateUnreadable
from setpiece.media.exr import AP1_CHROMATICITIES as AP1_CHROMATICITIES
from setpiece.media.exr import HALF_MAX as HALF_MAX
from setpiece.media.exr import write_exr as write_exr
from setpiece.media.files import atomic_path, output_failed
from setpiece.media.integrity import check_whole

_REMEDY = "copy it again from its source or export it once more"
_BITS = {"half": "16f", "float": "32f", "double": "64f", "uint8": "8", "uint16": "16", "uint32": "32"}
_EXIF = {
    "focal_35mm": "Exif:FocalLengthIn35mmFilm",
    "focal_mm": "Exif:FocalLength",
    "focal_plane_x": "Exif:FocalPlaneXResolution",
    "focal_plane_unit": "Exif:FocalPlaneResolutionUnit",
    "exif_width": "Exif:PixelXDimension",
    "colour_space": "Exif:ColorSpace",
    "make": "Make",
    "model": "Model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a picture file says before its pixels are decoded. ``width`` and ``height`` are after orientation.

    ``colour_hint`` is the ICC profile's name or ``"luminance-chroma"``, ``chromaticities`` the EXR attribute
    (rx ry gx gy bx by wx wy), ``bit_depth`` one of 8, 10, 12, 16, 32, 16f, 32f, ``exif`` the few fields in use.
    """

    width: int
    height: int
    channels: tuple[str, ...]
    bit_depth: str
    format: str
    orientation: int = 1
    pixel_aspect: float = 1.0
    colour_hint: str = ""
    chromaticities: tuple[float, ...] | None = None
    rate: Fraction | None = None
    exif: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadImage:
    """Pixels (h, w, c) float32 as encoded, upright, filling the display window, with the header they came with."""

    pixels: Pixels
    header: Header

    def __post_init__(self) -> None:
        frozen(self.pixels)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels, in order."""
        return self.header.channels

    @property
    def bit_depth(self) -> str:
        """Bits a channel; a trailing ``f`` means floating point."""
        return self.header.bit_depth

    @property
    def exif(self) -> Mapping[str, float | str]:
        """The few EXIF fields in use."""
        return self.header.exif

    def rgb(self, *, file: Path | str | None = None) -> Float32[np.ndarray, "h w 3"]:
        """The colour (h, w, 3): R G B, else the first layer with ``.R .G .B``, else one grey channel repeated.

        Raises :class:`PlateUnreadable` where there is no colour to be found.
        """
        names = {name.lower(): index for index, name in enumerate(self.channels)}
        layers = [name[:-1] for name in names if name.endswith(".r")]
        for layer in ["", *layers]:
            if all(layer + c in names for c in "rgb"):
                picked = [names[layer + c] for c in "rgb"]
                return self.pixels[..., :3] if picked == [0, 1, 2] else self.pixels[..., picked]
        if "y" in names or len(names) == 1:
            return np.repeat(self.pixels[..., [names.get("y", 0)]], 3, axis=2)
        raise PlateUnreadable(
            f"has no colour: its channels are {', '.join(self.channels[:8])}",
            file=file,
            remedy="export it with channels R, G and B",
        )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """An OpenImageIO input, with every way to fail translated."""
    import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses

    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    source = None
    try:
        source = oiio.ImageInput.open(str(path), config)
        if source is None:
            raise PlateUnreadable(f"cannot be read as a picture ({_first(oiio.geterror())})", file=path, remedy=_REMEDY)
        yield source
    except UnicodeDecodeError as error:
        raise PlateUnreadable("is damaged in its header", file=path, remedy=_REMEDY) from error
    except MemoryError as error:
        raise PlateUnreadable("claims more pixels than fit in memory", file=path, remedy=_REMEDY) from error
    finally:
        if source is not None:
            source.close()


def _first(message: str) -> str:
    """The first line of a library's message, shortened."""
    lines = [line.strip() for line in str(message).splitlines() if line.strip()]
    return (lines[0] if lines else "no reason given")[:160]


def read_header(path: Path) -> Header:
    """What the file says about itself; decodes nothing. Raises :class:`PlateUnreadable`."""
    path = Path(path)
    check_whole(path)
    with _opened(path) as source:
        return _header(source, path)


def _header(source: Any, path: Path) -> Header:
    spec = source.spec()
    if spec.deep:
        raise PlateUnreadable("is a deep picture", file=path, remedy="flatten it: a plate needs one colour a pixel")
    orientation = int(spec.get_int_attribute("Orientation", 1))
    orientation = orientation if 1 <= orientation <= 8 else 1
    size = (spec.full_width or spec.width, spec.full_height or spec.height)
    width, height = size if orientation < 5 else size[::-1]
    kind = str(spec.format)
    bits = 0 if kind in ("half", "float", "double") else spec.get_int_attribute("oiio:BitsPerSample", 0)
    chromaticities = spec.getattribute("chromaticities")
    rate = spec.getattribute("framesPerSecond")
    exif = {name: spec.getattribute(tag) for name, tag in _EXIF.items()}
    if spec.get_int_attribute("openexr:luminancechroma", 0):
        hint = "luminance-chroma"
    else:
        hint = spec.get_string_attribute("ICCProfile:profile_description", "")
    return Header(
        width=int(width),
        height=int(height),
        channels=tuple(spec.channelnames),
        bit_depth=str(bits) if bits else _BITS.get(kind, kind),
        format=str(source.format_name()),
        orientation=orientation,
        pixel_aspect=float(spec.get_float_attribute("PixelAspectRatio", 1.0)) or 1.0,
        colour_hint=hint,
        chromaticities=None if chromaticities is None else tuple(float(value) for value in chromaticities),
        rate=Fraction(*map(int, rate)) if isinstance(rate, tuple) and len(rate) == 2 and rate[1] else None,
        exif={name: value for name, value in exif.items() if isinstance(value, int | float | str)},
    )


def read_image(path: Path) -> ReadImage:
    """Decode a still picture (EXR, JPEG, PNG, TIFF, DPX and what else OpenImageIO knows).

    The data window is placed in the display window (black around it, cropped beyond it); EXIF orientation is applied.

    Raises :class:`PlateUnreadable` for anything absent, empty, truncated, damaged or not a picture, naming the
    scanline where it is known.
    """
    path = Path(path)
    check_whole(path)
    with _opened(path) as source:
        header = _header(source, path)
        pixels = source.read_image(_kind(source.spec()))
        message = source.geterror()
        if pixels is None or message:
            where = "" if pixels is not None else _where(source)
            raise PlateUnreadable(f"is damaged{where} ({_first(message)})", file=path, remedy=_REMEDY)
        pixels = _displayed(np.asarray(pixels, np.float32), source.spec())
    return ReadImage(pixels=_upright(pixels, header.orientation), header=header)


def _kind(spec: Any) -> str:
    """As what to ask for the pixels: halves as they are (numpy widens them in a fraction of the library's time), others as
    floats."""
    return "half" if {str(kind) for kind in (spec.format, *spec.channelformats)} == {"half"} else "float"


def _where(source: Any) -> str:
    """`` at scanline n``, where single scanlines can be asked for."""
    spec = source.spec()
    if spec.tile_width:
        return ""
    for y in range(spec.y, spec.y + spec.height):
        if source.read_scanlines(y, y + 1, 0, 0, spec.nchannels, "float") is None:
            source.geterror()
            return f" at scanline {y}"
    return ""


def _displayed(pixels: Pixels, spec: Any) -> Pixels:
    """The data window's pixels in the display window."""
    window = (spec.full_x, spec.full_y, spec.full_width, spec.full_height)
    if window == (spec.x, spec.y, spec.width, spec.height) or not spec.full_width:
        return pixels
    out = np.zeros((spec.full_height, spec.full_width, pixels.shape[2]), np.float32)
    x, y = spec.x - spec.full_x, spec.y - spec.full_y
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + spec.width, spec.full_width), min(y + spec.height, spec.full_height)
    if x1 > x0 and y1 > y0:
        out[y0:y1, x0:x1] = pixels[y0 - y : y1 - y, x0 - x : x1 - x]
    return out


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation, 1..8."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def heal_non_finite(pixels: Pixels) -> tuple[Pixels, int]:
    """``pixels`` with every NaN and infinity replaced, and how many pixels were hit; the same array where none was.

    A broken pixel takes the mean of its finite neighbours (8, growing outwards until there are some): a hot pixel
    disappears instead of leaving a black or a white dot. Deterministic.
    """
    broken = ~np.isfinite(pixels).all(axis=2)
    count = int(broken.sum())
    if not count:
        return pixels, 0
    import cv2

    healed = np.where(broken[..., None], np.float32(0), pixels).astype(np.float32)
    known = (~broken).astype(np.float32)
    if not known.any():
        return np.zeros_like(pixels), count
    todo, reach = broken.copy(), 1
    while todo.any():
        size = (2 * reach + 1, 2 * reach + 1)
        weight = cv2.boxFilter(known, cv2.CV_32F, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
        now = todo & (weight > 0.5)
        for c in range(pixels.shape[2]):
            total = cv2.boxFilter(healed[..., c] * known, cv2.CV_64F, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
            healed[..., c][now] = (total[now] / weight[now]).astype(np.float32)
        todo &= ~now
        reach *= 2
    return healed, count


def _write(path: Path, spec: Any, pixels: np.ndarray[Any, Any]) -> None:
    """Write through OpenImageIO, atomically. Raises :class:`OutputFailed`."""
    import OpenImageIO as oiio  # noqa: N813

    with atomic_path(path) as temporary:
        temporary.touch()  # meets a full disk or a read-only folder with the system's own reason
        out = oiio.ImageOutput.create(str(temporary))
        if out is None:
            raise OutputFailed(f"has no picture format ({_first(oiio.geterror())})", file=path, remedy="name it .exr or .png")
        fine = out.open(str(temporary), spec) and out.write_image(pixels)
        message = out.geterror()
        if not out.close() or not fine:
            raise output_failed(path, _first(message or out.geterror()))


def read_exr(path: Path, *, only: tuple[str, ...] | None = None) -> tuple[dict[str, Plane], dict[str, object]]:
    """Channels by name and the attributes that Setpiece writes, from an EXR of ours (all parts, data window).

    ``only`` names the channels wanted (None: all): parts that hold none of them are not decoded, so that the comp of a frame
    with all its layers comes in an eighth of the time.

    Raises :class:`PlateUnreadable` where it is absent or damaged, or lacks a channel of ``only``.
    """
    path = Path(path)
    check_whole(path)
    channels: dict[str, Plane] = {}
    with _opened(path) as source:
        attributes = _attributes(source.spec())
        part = 0
        while source.seek_subimage(part, 0):
            channels |= _part(source, part, only, path)
            part += 1
        source.geterror()  # it says that there is no further part
    missing = [name for name in only or () if name not in channels]
    if missing:
        raise PlateUnreadable(f"has no channel '{missing[0]}'", file=path, remedy="make the frame again")
    return channels if only is None else {name: channels[name] for name in only}, attributes


def _part(source: Any, part: int, only: tuple[str, ...] | None, path: Path) -> dict[str, Plane]:
    """The channels of one part: all, or the shortest run of them that holds whatever it has of ``only``."""
    names = tuple(source.spec().channelnames)
    at = [number for number, name in enumerate(names) if only is None or name in only]
    if not at:
        return {}
    first, last = min(at), max(at) + 1
    pixels = source.read_image(part, 0, first, last, _kind(source.spec()))
    if pixels is None:
        where = _where(source)
        raise PlateUnreadable(f"is damaged{where} ({_first(source.geterror())})", file=path, remedy=_REMEDY)
    planes = np.ascontiguousarray(np.moveaxis(np.asarray(pixels, np.float32), 2, 0))
    return dict(zip(names[first:last], planes, strict=True))


def _attributes(spec: Any) -> dict[str, object]:
    # the library dies on some entries of a colour profile: they are not asked for
    notes = [item.name for item in spec.extra_attribs]
    notes = [name for name in notes if not name.startswith(("oiio:", "openexr:", "ICCProfile"))]
    attributes = {name: spec.getattribute(name) for name in notes}
    if isinstance(rate := attributes.get("framesPerSecond"), tuple):
        attributes["framesPerSecond"] = Fraction(int(rate[0]), int(rate[1]))
    return attributes


def write_png(path: Path, pixels: np.ndarray[Any, Any]) -> None:
    """Write display-referred uint8 or uint16 pixels (h, w) or (h, w, 1..4) as PNG. Raises :class:`OutputFailed`."""
    import OpenImageIO as oiio  # noqa: N813

    if pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"a PNG holds uint8 or uint16, not {pixels.dtype}")
    pixels = np.ascontiguousarray(pixels if pixels.ndim == 3 else pixels[..., None])
    height, width, count = pixels.shape
    spec = oiio.ImageSpec(width, height, count, pixels.dtype.name)
    spec.attribute("oiio:ColorSpace", "sRGB")
    spec.attribute("oiio:UnassociatedAlpha", 1)
    spec.attribute("png:compressionLevel", 4)
    _write(Path(path), spec, pixels)


def write_tiff(path: Path, pixels: np.ndarray[Any, Any]) -> None:
    """Write display-referred uint8 or uint16 sRGB pixels (h, w, 1..4) as TIFF, deflated. Raises :class:`OutputFailed`."""
    import OpenImageIO as oiio  # noqa: N813

    if pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"this TIFF holds uint8 or uint16, not {pixels.dtype}")
    height, width, count = pixels.shape
    spec = oiio.ImageSpec(width, height, count, pixels.dtype.name)
    spec.attribute("oiio:ColorSpace", "sRGB")
    spec.attribute("ImageDescription", "sRGB (IEC 61966-2-1), display-referred")
    spec.attribute("compression", "zip")
    _write(Path(path), spec, np.ascontiguousarray(pixels))


def resize(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Scale linear-light pixels (h, w) or (h, w, c) to ``size`` (width, height): by area where smaller, Lanczos where
    larger (held inside the picture's own range: no ringing below black). The same array where the size is right."""
    import cv2

    height, width = pixels.shape[:2]
    if (width, height) == tuple(size):
        return pixels
    smaller = size[0] <= width and size[1] <= height
    source = np.ascontiguousarray(pixels, np.float32)
    out = cv2.resize(source, tuple(size), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4)
    if not smaller:
        low, high = source.min(axis=(0, 1)), source.max(axis=(0, 1))
        out = np.clip(out.reshape(*out.shape[:2], -1), low, high)
    return out.reshape(size[1], size[0], *pixels.shape[2:])
