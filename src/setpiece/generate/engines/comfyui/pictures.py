"""Pictures on their way to a ComfyUI server and back.

The transform, stated: ACEScg → linear sRGB (Rec. 709) primaries → the sRGB curve, which is odd and goes on above 1, so
that it is invertible everywhere. An EXR carries that unclamped (or ACEScg as it is, ``colour=linear``). A PNG cannot: it
holds 0..1, rounded. What that lost of the plate (everything above 1 and below 0, and the rounding) is kept here and
given back where the server left the plate as it was (:func:`restored`).

Sizes that a model cannot take are filled up by repeating the last row and column, and cut back; nothing is resampled.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.errors import PlateUnreadable, StageError
from setpiece.generate.engines.comfyui.workflow import Colour, Format
from setpiece.media.colour import from_acescg, to_acescg
from setpiece.media.images import read_header, read_image, write_exr, write_png

SPACE = "Linear Rec.709 (sRGB)"
SAME_CODES = 1.5  # a picture counts as left alone within this many codes of 255, rounding on both ways included,
CHANGED_CODES = 4.0  # and as changed from here on; between, what was lost is given back in part
_KINDS = {"png8": "png", "png16": "png", "exr": "openexr"}


def to_display(pixels: Rgb) -> Rgb:
    """ACEScg (h, w, 3), unbounded → display-referred sRGB, unclamped, sign kept. Inverse of :func:`to_scene`."""
    linear = from_acescg(pixels, SPACE).astype(np.float64)
    size = np.abs(linear)
    coded = np.where(size <= 0.0031308, 12.92 * size, 1.055 * np.maximum(size, 1e-9) ** (1 / 2.4) - 0.055)
    return np.asarray(np.copysign(coded, linear), np.float32)


def to_scene(coded: Rgb) -> Rgb:
    """Display-referred sRGB (h, w, 3), unbounded → ACEScg. Inverse of :func:`to_display`."""
    size = np.abs(coded.astype(np.float64))
    linear = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return to_acescg(np.asarray(np.copysign(linear, coded), np.float32), SPACE)


def as_seen(coded: Rgb, form: Format) -> Rgb:
    """What the other side reads of ``coded`` in ``form``: clamped and rounded as PNG must, or half floats."""
    if form == "exr":
        return np.clip(coded, -65504, 65504).astype(np.float16).astype(np.float32)
    top = 255.0 if form == "png8" else 65535.0
    return np.asarray(np.rint(np.clip(coded, 0, 1) * top) / top, np.float32)


def encode(coded: Rgb | Plane, form: Format, *, multiple: int = 1) -> bytes:
    """A file of (h, w, 3) or (h, w) values: ``png8`` and ``png16`` clamp to 0..1, ``exr`` (half) does not.

    Raises :class:`StageError` for values that are not finite.
    """
    if not np.isfinite(coded).all():
        raise StageError("a picture for ComfyUI holds NaN or infinity", remedy="heal the plate or the pass that holds it")
    picture = coded if coded.ndim == 3 else np.repeat(coded[..., None], 3, axis=2)
    height, width = picture.shape[:2]
    picture = np.pad(picture, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="edge")
    with tempfile.TemporaryDirectory(prefix="setpiece-comfyui-") as folder:
        if form == "exr":
            file = Path(folder, "picture.exr")
            write_exr(file, {name: np.ascontiguousarray(picture[..., c], np.float32) for c, name in enumerate("RGB")})
        else:
            file = Path(folder, "picture.png")
            depth, top = (np.uint8, 255) if form == "png8" else (np.uint16, 65535)
            write_png(file, np.rint(np.clip(picture, 0, 1) * np.float64(top)).astype(depth))
        return file.read_bytes()


def decode(data: bytes, *, size: tuple[int, int], multiple: int, name: str, frame: int) -> tuple[Rgb, str]:
    """(values (h, w, 3) of ``size`` as the file has them, bits a channel) of an answer, its filling cut off.

    ``name`` is the server's, for errors only. Raises :class:`PlateUnreadable` for what is no PNG, EXR or TIFF, of another
    size, damaged or not finite. The size is checked before a pixel is decoded.
    """
    kind = ".exr" if data[:4] == b"\x76\x2f\x31\x01" else ".png" if data[:8] == b"\x89PNG\r\n\x1a\n" else ""
    kind = kind or (".tif" if data[:4] in (b"II*\0", b"MM\0*") else "")
    if not kind:
        raise _unfit(f"ComfyUI's '{name}' is no PNG, EXR or TIFF", frame, "save without loss: SaveImage, or a node for EXR")
    width, height = (side + -side % multiple for side in size)
    with tempfile.TemporaryDirectory(prefix="setpiece-comfyui-") as folder:
        file = Path(folder, f"answer{kind}")
        file.write_bytes(data)
        try:
            header = read_header(file)
            if (header.width, header.height) != (width, height):
                raise _unfit(
                    f"ComfyUI's '{name}' is {header.width}x{header.height} where {width}x{height} was sent", frame,
                    "let the workflow keep the size, or state the model's step in the title: setpiece:plate multiple=16",
                )  # fmt: skip
            pixels = np.array(read_image(file).rgb(file=name)[: size[1], : size[0]], np.float32)
        except PlateUnreadable as error:
            if error.file is None or error.file != file:
                raise
            raise _unfit(f"ComfyUI's '{name}' {error.message}", frame, "run the same command again") from error
    if not np.isfinite(pixels).all():
        raise _unfit(f"ComfyUI's '{name}' holds NaN or infinity", frame, "check the model's precision (--fp32-vae)")
    return pixels, header.bit_depth


def restored(answer: Rgb, plate: Rgb, *, sent: Format, colour: Colour = "display") -> Rgb:
    """The finished picture in ACEScg: ``answer`` (display-referred) decoded, with what a ``sent`` file lost of ``plate``
    (``colour``: as what the plate stood in that file).

    Where the answer equals what was sent the plate comes back, bit for bit; where it was changed by
    :data:`CHANGED_CODES` or more in any channel the answer stands alone. Highlights above 1 thus survive wherever
    white stayed white.
    """
    if colour == "linear":
        kept = as_seen(plate, sent)
        seen = to_display(kept)
    else:
        seen = as_seen(to_display(plate), sent)
        kept = to_scene(seen)
    away = np.abs(answer - seen).max(axis=2, keepdims=True) * 255.0
    share = np.clip((CHANGED_CODES - away) / (CHANGED_CODES - SAME_CODES), 0, 1).astype(np.float32)
    made = to_scene(answer)
    out = made + share * (plate - kept)
    return np.asarray(np.where(away == 0, plate, out), np.float32)


def _unfit(fault: str, frame: int, remedy: str) -> PlateUnreadable:
    return PlateUnreadable(fault, frame=frame, remedy=remedy)


def seen_linear(colour: Colour, pixels: Rgb) -> Rgb:
    """``pixels`` (ACEScg) in the colour that a loader is titled with."""
    return pixels if colour == "linear" else to_display(pixels)
