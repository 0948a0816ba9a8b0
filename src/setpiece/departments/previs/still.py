"""What both jobs on a photograph share: the picture in the working space, colours as swatches, the sheet that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Display, Plane, Rgb
from setpiece.core.dressing import Colour
from setpiece.core.pictures import PlateInfo
from setpiece.deliver.lettering import Sheet, fitted
from setpiece.intake.plate import load_plate
from setpiece.media.colour import from_acescg, to_acescg, view
from setpiece.media.images import write_png

SWATCH = "sRGB - Texture"
SOLVE_PX = 1600  # wider pictures are solved at this width


def picture_of(info: PlateInfo) -> Rgb:
    """The photograph, scene-linear ACEScg (h, w, 3)."""
    return np.ascontiguousarray(load_plate(info, info.frames.first)[0].pixels[..., :3])


def albedo_of(swatch: str) -> Colour:
    """A swatch ``#rrggbb`` as albedo, ACEScg."""
    code = np.array([[[int(swatch[k : k + 2], 16) / 255 for k in (1, 3, 5)]]], np.float32)
    red, green, blue = (float(np.clip(value, 0.002, 0.95)) for value in to_acescg(code, SWATCH)[0, 0])
    return red, green, blue


def swatch_of(albedo: Colour) -> str:
    """An albedo as the swatch that shows it.

    >>> swatch_of(albedo_of("#8a5a3c"))
    '#8a5a3c'
    """
    code = from_acescg(np.array([[albedo]], np.float32), SWATCH)[0, 0]
    return "#" + "".join(f"{round(float(np.clip(value, 0, 1)) * 255):02x}" for value in code)


def outlined(plate: Rgb, kept: Plane) -> Display:
    """The photograph with everything outside of ``kept`` (h, w) in dim red, for a look."""
    shown = view(plate, view="plain").astype(np.float32)
    outside = 1 - kept[..., None]
    return np.clip(shown * (1 - 0.6 * outside) + np.array([90, 0, 0], np.float32) * outside, 0, 255).astype(np.uint8)


def write_sheet(
    path: Path, cells: Sequence[tuple[str, str, Display]], *, title: str, subtitle: str, stamp: str, columns: int
) -> Path:
    """Pictures side by side, each with its name and a line beneath, on one marked page; PNG. ``cells`` are (name, line,
    picture) of one shape."""
    gap, margin, head, foot = 24, 48, 104, 74
    wide = 2200 if columns > 2 else 2400
    cell = (wide - 2 * margin - (columns - 1) * gap) // columns
    tall = round(cell * cells[0][2].shape[0] / cells[0][2].shape[1])
    rows = -(-len(cells) // columns)
    page = np.full((head + rows * (tall + foot) + margin, wide, 3), 24, np.uint8)
    sheet = Sheet(page)
    sheet.text((margin, 62), title, size_px=36)
    sheet.text((wide - margin, 46), stamp, size_px=20, fill=(235, 120, 90, 255), anchor="right", spacing=0.04)
    sheet.text((wide - margin, 74), subtitle, size_px=20, fill=(160, 162, 168, 255), anchor="right")
    for number, (name, line, picture) in enumerate(cells):
        x, y = margin + number % columns * (cell + gap), head + number // columns * (tall + foot)
        small, (dx, dy) = fitted(picture, (cell, tall))
        sheet.picture((x + dx, y + dy), small)
        sheet.text((x, y + tall + 30), name, size_px=22)
        sheet.text((x, y + tall + 54), line, size_px=17, fill=(160, 162, 168, 255))
        sheet.text((x + cell, y + tall + 30), stamp, size_px=13, fill=(150, 110, 95, 255), anchor="right")
    write_png(path, sheet.pixels)
    return path
