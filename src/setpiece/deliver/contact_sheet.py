"""The contact sheet: twelve frames of the shot and the layers of one, on a page.

Place in the flow: after the last frame, from the EXRs on the disk. Display-referred, for eyes only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Display, Plane, Rgb
from setpiece.deliver.frames import read_channels, rgb_of
from setpiece.deliver.lettering import Sheet, fitted
from setpiece.media.images import write_png

_GROUND = (17, 18, 20)
_LABEL = (128, 132, 138, 255)
_VALUE = (232, 233, 235, 255)
_WIDTH = 2000
_MARGIN = 40
_GAP = 16
_CELL_TEXT = 30
_HEAD = 110
_COLUMNS = 4
_FAR_M = 1.0e9  # beyond this, depth.Z says that there is no debris

LAYERS = ("debris", "dust", "shadow", "depth", "normal", "ids")


def spread_frames(frames: Sequence[int], count: int = 12) -> tuple[int, ...]:
    """``count`` frames spread evenly over ``frames``, first and last among them; all of them where there are fewer.

    >>> spread_frames(range(1001, 1049), 4)
    (1001, 1017, 1032, 1048)
    """
    if len(frames) <= count:
        return tuple(frames)
    return tuple(frames[round(k * (len(frames) - 1) / (count - 1))] for k in range(count))


def layer_pictures(channels: Mapping[str, Plane], viewer: Callable[[Rgb], Display]) -> dict[str, Display]:
    """Each layer of a frame as a picture to look at, in the order of :data:`LAYERS`.

    Debris and dust over grey and near-black; shadow with 1 at middle grey; depth near bright, far dark; world normals
    as colours; ids in colours of their own, by coverage.
    """
    debris, dust = rgb_of(channels, layer="debris"), rgb_of(channels, layer="dust")
    grey, dark = np.float32(0.18), np.float32(0.012)
    depth = channels["depth.Z"]
    there = depth < _FAR_M
    normal = np.stack([channels[f"N.{axis}"] for axis in "XYZ"], axis=-1)
    return {
        "debris": viewer(debris + (1 - channels["debris.A"][..., None]) * grey),
        "dust": viewer(dust + (1 - channels["dust.A"][..., None]) * dark),
        "shadow": viewer(rgb_of(channels, layer="shadow") * np.float32(0.18)),
        "depth": _depth_picture(depth, there),
        "normal": _codes(np.where(there[..., None], normal * 0.5 + 0.5, 0.08)),
        "ids": _id_picture(channels),
    }


def _codes(shown: np.ndarray) -> Display:
    return (np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8)


def _depth_picture(depth: Plane, there: np.ndarray) -> Display:
    shown = np.full(depth.shape, 0.08, np.float32)
    if there.any():
        near, far = np.percentile(depth[there], [1, 99])
        shown[there] = 1 - 0.8 * np.clip((depth[there] - near) / max(float(far - near), 1e-6), 0, 1)
    return _codes(np.repeat(shown[..., None], 3, axis=-1))


def _id_picture(channels: Mapping[str, Plane]) -> Display:
    """Hue from the hash bits of the first rank, brightness from its coverage."""
    bits = np.ascontiguousarray(channels["CryptoObject00.R"], np.float32).view(np.uint32)
    cover = np.clip(channels["CryptoObject00.G"], 0, 1)[..., None]
    parts = [(bits >> np.uint32(shift)) & np.uint32(0xFF) for shift in (0, 8, 16)]
    colour = np.float32(0.25) + np.float32(0.7 / 255) * np.stack(parts, axis=-1).astype(np.float32)
    return _codes(np.where(bits[..., None] != 0, 0.08 + (colour - 0.08) * cover, 0.08))


def draw_contact_sheet(
    cells: Sequence[tuple[int, Display]], layers: Mapping[str, Display], *, title: str, subtitle: str, layers_of: int
) -> Display:
    """The page (h, w, 3), uint8, 2000 px wide: ``cells`` (frame, picture) in rows of four, then the layer strip.

    ``layers_of`` is the frame that the layers belong to.
    """
    room = _WIDTH - 2 * _MARGIN
    aspect = cells[0][1].shape[0] / cells[0][1].shape[1]
    cell = (room - (_COLUMNS - 1) * _GAP) // _COLUMNS
    tall = round(cell * aspect)
    rows = -(-len(cells) // _COLUMNS)
    strip_top = _HEAD + rows * (tall + _CELL_TEXT + _GAP) + _GAP
    small = (room - (len(LAYERS) - 1) * _GAP) // len(LAYERS)
    strip = (round(small * aspect) + _CELL_TEXT + 46) if layers else 0
    page = np.empty((strip_top + strip + _MARGIN // 2, _WIDTH, 3), np.uint8)
    page[:] = _GROUND
    sheet = Sheet(page)
    sheet.text((_MARGIN, 66), title, size_px=38, fill=_VALUE)
    sheet.text((_WIDTH - _MARGIN, 66), subtitle, size_px=20, fill=_LABEL, anchor="right", spacing=0.03)
    sheet.box((_MARGIN, 86, _WIDTH - _MARGIN, 87), (52, 54, 58, 255))
    for index, (frame, picture) in enumerate(cells):
        x = _MARGIN + index % _COLUMNS * (cell + _GAP)
        y = _HEAD + index // _COLUMNS * (tall + _CELL_TEXT + _GAP)
        _cell(sheet, picture, (x, y), (cell, tall), str(frame))
    if layers:
        heading = f"LAYERS OF {layers_of}"
        sheet.text((_MARGIN, strip_top + 18), heading, size_px=16, fill=_LABEL, spacing=0.14)
        for index, (name, picture) in enumerate(layers.items()):
            x = _MARGIN + index * (small + _GAP)
            _cell(sheet, picture, (x, strip_top + 36), (small, round(small * aspect)), name)
    return sheet.pixels


def _cell(sheet: Sheet, picture: Display, at: tuple[int, int], size: tuple[int, int], label: str) -> None:
    shown, (dx, dy) = fitted(picture, size)
    sheet.picture((at[0] + dx, at[1] + dy), shown)
    sheet.text((at[0], at[1] + size[1] + 22), label, size_px=17, fill=_VALUE)


def write_contact_sheet(
    path: Path,
    frames: Mapping[int, Path],
    *,
    title: str,
    subtitle: str,
    viewer: Callable[[Rgb], Display],
    layers_of: int | None = None,
) -> Path:
    """Draw the sheet of the comps in ``frames`` (frame number: EXR) and write it as PNG.

    ``layers_of`` chooses the frame of the layer strip; left out, the frame shown whose debris covers most. Each EXR is
    read once. Raises :class:`PlateUnreadable` for a frame that cannot be read, :class:`OutputFailed` for the disk.
    """
    cells: list[tuple[int, Display]] = []
    chosen = spread_frames(sorted(frames))
    fullest, shown, layers = -1.0, chosen[0], dict[str, Plane]()
    for frame in chosen:
        channels = read_channels(frames[frame])
        cells.append((frame, viewer(rgb_of(channels, file=frames[frame]))))
        weight = float(channels["debris.A"].mean())
        if layers_of == frame or (layers_of not in chosen and weight > fullest):
            fullest, shown, layers = weight, frame, channels
    if layers_of is not None and shown != layers_of:
        shown, layers = layers_of, read_channels(frames[layers_of])
    page = draw_contact_sheet(cells, layer_pictures(layers, viewer), title=title, subtitle=subtitle, layers_of=shown)
    write_png(path, page)
    return path
