"""Colour, through OpenColorIO's built-in ACES studio configuration: nothing is downloaded, no global default is read.

Pixels enter the house once, as scene-linear ACEScg (AP1, D60), and leave it once. A space is always named; names and
aliases are those of the configuration, plus ``Linear primaries (…)`` for an EXR that states its own chromaticities.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from setpiece.core.arrays import Display, Display16, Float32, Plane, Rgb
from setpiece.core.errors import BriefError
from setpiece.core.pictures import ACESCG
from setpiece.media.exr import AP1_CHROMATICITIES
from setpiece.media.images import Header

CONFIG = "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"
SRGB = "sRGB - Texture"
CAMERA_709 = "Camera Rec.709"
_STRAIGHT: dict[str, tuple[str, ...]] = {
    # the names people know, for the ones that the configuration took up lately; and what people write for them
    SRGB: ("sRGB Encoded Rec.709 (sRGB)", "srgb", "iec61966-2.1", "srgb texture"),
    ACESCG: ("ap1", "aces cg", "linear ap1"),
    "ACES2065-1": ("ap0", "aces 2065", "aces"),
    CAMERA_709: ("rec709", "rec.709", "bt709", "bt.709", "video"),
    "Linear Rec.709 (sRGB)": ("linear", "linear srgb", "linear rec709", "linear rec.709", "lin_srgb"),
    "ARRI LogC3 (EI800)": ("logc", "logc3", "arri logc3", "alexa"),
    "ARRI LogC4": ("logc4",),
    "ADX10": ("cineon", "film scan", "adx"),
    "sRGB Encoded P3-D65": ("display p3", "displayp3", "p3"),
    "Gamma 2.2 Encoded AdobeRGB": ("adobe rgb", "adobe rgb (1998)"),
    "S-Log3 S-Gamut3.Cine": ("slog3", "s-log3"),
    "V-Log V-Gamut": ("vlog", "v-log"),
    "Log3G10 REDWideGamutRGB": ("log3g10", "red"),
}
_PRIMARIES = {
    ACESCG: AP1_CHROMATICITIES,
    "ACES2065-1": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    "Linear Rec.709 (sRGB)": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    "Linear P3-D65": (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.3290),
    "Linear Rec.2020": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "Linear ARRI Wide Gamut 3": (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, 0.3127, 0.3290),
    "Linear ARRI Wide Gamut 4": (0.7347, 0.2653, 0.1424, 0.8576, 0.0991, -0.0308, 0.3127, 0.3290),
}
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_OWN = re.compile(r"Linear primaries \(([-\d. ]+)\)")
_AP1_LUMINANCE = np.array([0.2722287168, 0.6740817658, 0.0536895174], np.float32)  # Y of AP1, SMPTE ST 2065-4 / S-2014-004

View = Literal["auto", "aces", "plain"]


@lru_cache(maxsize=1)
def _config() -> Any:
    import PyOpenColorIO as ocio  # noqa: N813 - short for what its documentation calls OCIO

    return ocio.Config.CreateFromFile(CONFIG)


@lru_cache(maxsize=1)
def known_spaces() -> tuple[str, ...]:
    """The names that :func:`resolve_space` returns, in the configuration's order (displays last)."""
    import PyOpenColorIO as ocio  # noqa: N813

    familiar = {aliases[0]: name for name, aliases in _STRAIGHT.items()}
    scene, display = (
        [familiar.get(name, name) for name in _config().getColorSpaceNames(kind, ocio.COLORSPACE_ACTIVE)]
        for kind in (ocio.SEARCH_REFERENCE_SPACE_SCENE, ocio.SEARCH_REFERENCE_SPACE_DISPLAY)
    )
    return (*scene, *display)


def _key(text: str) -> str:
    return re.sub(r"[\s_\-.()]+", "", text).lower()


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every spelling, squeezed, and the space that it means."""
    names: dict[str, str] = {}
    for space in known_spaces():
        for alias in _config().getColorSpace(space).getAliases():
            names[_key(alias)] = space
    for space, aliases in _STRAIGHT.items():
        for alias in aliases:
            names[_key(alias)] = space
    return names | {_key(space): space for space in known_spaces()}


def resolve_space(text: str) -> str:
    """The canonical name behind what people write; case, spaces, dots and dashes do not matter.

    >>> resolve_space("srgb"), resolve_space("acescg"), resolve_space("LogC3")
    ('sRGB - Texture', 'ACEScg', 'ARRI LogC3 (EI800)')

    Raises :class:`BriefError` with the nearest names where there is no such space.
    """
    if _OWN.fullmatch(text.strip()):
        return text.strip()
    found = _names().get(_key(text))
    if found is not None:
        return found
    near = difflib.get_close_matches(_key(text), _names(), n=6, cutoff=0.5)
    spaces = list(dict.fromkeys(_names()[key] for key in near))[:3] or [ACESCG, SRGB, CAMERA_709]
    quoted = ", ".join(f"'{name}'" for name in spaces)
    raise BriefError(f"colour space '{text}' is not known", remedy=f"did you mean {quoted}?")


@lru_cache(maxsize=32)
def _processor(source: str, target: str) -> Any:
    import PyOpenColorIO as ocio  # noqa: N813

    processor = _config().getProcessor(source, target)
    # exact arithmetic: the default trades accuracy in pow and log for speed
    return processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)


@lru_cache(maxsize=4)
def _viewer(view: str, *, exact: bool) -> Any:
    import PyOpenColorIO as ocio  # noqa: N813

    transform = ocio.DisplayViewTransform(src=ACESCG, display="sRGB - Display", view=view)
    # eight bits for eyes: the quicker pow is good enough
    how = ocio.OPTIMIZATION_LOSSLESS if exact else ocio.OPTIMIZATION_VERY_GOOD
    return _config().getProcessor(transform).getOptimizedCPUProcessor(how)


def _applied(processor: Any, pixels: Rgb) -> Rgb:
    """A converted copy; a no-op keeps every bit."""
    out = np.array(pixels, np.float32, order="C")
    if out.ndim < 2 or out.shape[-1] != 3:
        raise ValueError(f"colour is converted on arrays (…, 3), not {out.shape}")
    if not processor.isNoOp() and out.size:
        processor.applyRGB(out)
    return out


def to_acescg(pixels: Rgb, space: str) -> Rgb:
    """Scene-linear ACEScg, float32 (…, 3), from pixels encoded in ``space``; a copy. Values above 1 and below 0 stay.

    Raises :class:`BriefError` for an unknown space.
    """
    space = resolve_space(space)
    if (own := _OWN.fullmatch(space)) is not None:
        matrix = _to_ap1([float(value) for value in own[1].split()])
        return (np.asarray(pixels, np.float32) @ matrix.T.astype(np.float32)).astype(np.float32)
    return _applied(_processor(space, ACESCG), pixels)


def from_acescg(pixels: Rgb, space: str) -> Rgb:
    """Pixels encoded in ``space``, float32 (…, 3), from scene-linear ACEScg; a copy; unclamped.

    Raises :class:`BriefError` for an unknown space.
    """
    space = resolve_space(space)
    if (own := _OWN.fullmatch(space)) is not None:
        matrix = np.linalg.inv(_to_ap1([float(value) for value in own[1].split()]))
        return (np.asarray(pixels, np.float32) @ matrix.T.astype(np.float32)).astype(np.float32)
    return _applied(_processor(ACESCG, space), pixels)


def _to_xyz(primaries: Sequence[float]) -> Float32[np.ndarray, "3 3"]:
    """RGB to CIE XYZ from chromaticities rx ry gx gy bx by wx wy (SMPTE RP 177, 1993)."""
    points = np.array([*primaries], np.float64).reshape(4, 2)
    columns = np.concatenate([points, 1 - points.sum(axis=1, keepdims=True)], axis=1)[:3].T
    white = np.array([points[3, 0], points[3, 1], 1 - points[3].sum()]) / points[3, 1]
    return columns * np.linalg.solve(columns, white)


def _to_ap1(primaries: Sequence[float]) -> Float32[np.ndarray, "3 3"]:
    """Linear RGB of the given primaries to AP1, white adapted by the Bradford transform (Lam, 1985)."""
    source, target = _to_xyz(primaries), _to_xyz(AP1_CHROMATICITIES)
    gains = (_BRADFORD @ target.sum(axis=1)) / (_BRADFORD @ source.sum(axis=1))
    adapt = np.linalg.solve(_BRADFORD, gains[:, None] * _BRADFORD)
    return np.linalg.solve(target, adapt @ source)


def space_of_primaries(primaries: Sequence[float], *, file: Path | str | None = None) -> str:
    """The linear space with these chromaticities; an own name ``Linear primaries (…)`` where it has none.

    Raises :class:`BriefError` where three primaries and a white make no colour space.
    """
    for name, known in _PRIMARIES.items():
        if np.allclose(primaries, known, atol=6e-4):
            return name
    points = np.array(primaries, np.float64)
    with np.errstate(all="ignore"):
        try:
            fine = len(points) == 8 and np.isfinite(_to_ap1(primaries)).all() and abs(np.linalg.det(_to_ap1(primaries)))
        except np.linalg.LinAlgError:
            fine = False
    if not fine:
        raise BriefError(
            f"states chromaticities that make no colour space ({', '.join(f'{v:g}' for v in points)})",
            file=file,
            remedy="state colour_space in the brief",
        )
    return f"Linear primaries ({' '.join(f'{value:.5f}' for value in points)})"


def guess_space(header: Header, *, file: Path | str) -> tuple[str, bool]:
    """The space a still picture is most likely encoded in, and whether the file itself says so.

    EXR: its chromaticities, else ACEScg. Integer pictures: the ICC profile or EXIF where they tell, else sRGB.
    Raises :class:`BriefError` for DPX and Cineon, whose encoding (film density, camera log, video) no header tells.
    """
    name = Path(file).name
    if header.format in ("dpx", "cineon"):
        raise BriefError(
            f"{name} does not say how its colour is encoded",
            remedy="state colour_space, for instance 'ADX10' (film scan), 'ARRI LogC3 (EI800)' or 'Camera Rec.709'",
        )
    if header.chromaticities is not None:
        return space_of_primaries(header.chromaticities, file=file), True
    if header.bit_depth.endswith("f"):
        # luminance-chroma files are defined on Rec.709 primaries where they state none (OpenEXR)
        luma = header.colour_hint == "luminance-chroma"
        return ("Linear Rec.709 (sRGB)" if luma else "Linear Rec.709 (sRGB)" if header.format == "hdr" else ACESCG), luma
    hint = _key(header.colour_hint)
    for part, space in (
        ("displayp3", "sRGB Encoded P3-D65"),
        ("adobergb", "Gamma 2.2 Encoded AdobeRGB"),
        ("srgb", SRGB),
        ("rec709", CAMERA_709),
    ):
        if part in hint:
            return resolve_space(space), True
    return SRGB, header.exif.get("colour_space") == 1 and not hint


def guess_movie_space(*, primaries: int, transfer: int, file: Path | str) -> tuple[str, bool]:
    """The space of a movie from its ITU-T H.273 tags (2 or 0: not tagged), and whether it says so.

    Untagged and BT.709-like movies are taken as camera Rec.709. Raises :class:`BriefError` for PQ, HLG, wide gamut and
    log, which must be stated.
    """
    if transfer == 13:
        return SRGB, True
    if transfer in (16, 18) or primaries in (9, 11, 12) or transfer in (8, 9, 10):
        raise BriefError(
            f"{Path(file).name} is tagged as HDR, wide gamut or log (primaries {primaries}, transfer {transfer})",
            remedy="state colour_space, for instance 'Rec.2100-PQ - Display' or 'ARRI LogC4'",
        )
    if transfer == 4:
        return resolve_space("Gamma 2.2 Encoded Rec.709"), True
    return CAMERA_709, transfer in (1, 6, 14, 15)


def display_referred(space: str) -> bool:
    """Whether pictures in ``space`` were made for a display: seen as they came, without a film look on top."""
    space = resolve_space(space)
    return space == CAMERA_709 or "Encoded" in space or " - " in space


def view(pixels: Rgb, *, view: View = "auto", source_space: str | None = None) -> Display:
    """ACEScg (h, w, 3) as uint8 sRGB display codes, for eyes only.

    ``plain``: no tone mapping, so that a photograph looks as it came (a camera Rec.709 source returns to its own
    codes). ``aces``: the ACES 1.0 SDR rendering. ``auto``: plain for a display-referred ``source_space`` or none given,
    aces for scene-linear and log plates. NaN shows black.
    """
    return (_shown(pixels, view, source_space, exact=False) * 255 + 0.5).astype(np.uint8)


def view16(pixels: Rgb, *, view: View = "auto", source_space: str | None = None) -> Display16:
    """As :func:`view`, as uint16 codes (65535 is white): for pictures that are coded further at more than 8 bits."""
    return (_shown(pixels, view, source_space, exact=True) * 65535 + 0.5).astype(np.uint16)


def _shown(pixels: Rgb, view: View, source_space: str | None, *, exact: bool) -> Rgb:
    """Display codes as float, 0..1."""
    if view == "auto":
        view = "aces" if source_space is not None and not display_referred(source_space) else "plain"
    if view == "plain" and source_space is not None and resolve_space(source_space) == CAMERA_709:
        shown = from_acescg(pixels, CAMERA_709)
    else:
        shown = _applied(_viewer("ACES 1.0 - SDR Video" if view == "aces" else "Un-tone-mapped", exact=exact), pixels)
    return np.clip(np.nan_to_num(shown, nan=0.0, posinf=1.0, neginf=0.0), 0, 1)


def luminance(pixels: Rgb) -> Plane:
    """Relative luminance (CIE Y) of ACEScg pixels (…, 3), linear, float32."""
    return (np.asarray(pixels, np.float32) @ _AP1_LUMINANCE).astype(np.float32)
