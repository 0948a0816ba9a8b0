"""Slate and burn-in: what a screening room reads off a review movie.

Place in the flow: on display-referred review pictures only; the EXR frames stay clean. Refuses to drop a clearance mark:
where the decision says "temporary", the slate and every frame say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import numpy as np

from setpiece.core.arrays import Display, Display16
from setpiece.core.timing import FrameRange
from setpiece.deliver.frames import timecode
from setpiece.deliver.lettering import Sheet, face, fitted, plain_latin

TEMPORARY = "TEMPORARY - NOT FOR FINAL"
_GROUND = (17, 18, 20)
_LINE = (52, 54, 58, 255)
_LABEL = (128, 132, 138, 255)
_VALUE = (232, 233, 235, 255)
_MARK = (229, 152, 58, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate:
    """What stands on the slate. ``date`` is passed in: nothing here reads a clock. ``mark`` is "" or the text that the
    clearance decision asks for. ``notes`` may run over several lines."""

    show: str
    shot: str
    version: str
    frames: FrameRange
    size: tuple[int, int]
    lens: str
    engine: str
    date: str
    view: str
    mark: str = TEMPORARY
    notes: str = ""


def rate_text(rate: Fraction) -> str:
    """A rate as a studio writes it.

    >>> rate_text(Fraction(24)), rate_text(Fraction(24000, 1001))
    ('24 fps', '23.976 fps')
    """
    return f"{float(rate):.3f}".rstrip("0").rstrip(".") + " fps"


def draw_slate(slate: Slate, hero: Display | None, *, size: tuple[int, int]) -> Display:
    """The slate (h, w, 3), uint8, for a movie of ``size`` (width, height).

    ``hero`` is a frame of the shot, shown small. A grey ramp and patches at the foot show whether the room's display
    clips or tints.
    """
    width, height = size
    unit = min(height / 540, width / 960)
    card = np.empty((min(height, round(540 * unit)), width, 3), np.uint8)
    card[:] = _GROUND
    sheet = Sheet(card)
    left, right = round(0.06 * width), round(0.94 * width)
    _head(sheet, slate, left, right, unit)
    column = _fields(sheet, slate, left, right, unit)
    if hero is not None:
        _hero(sheet, hero, (max(column, round(0.52 * width)), round(154 * unit), right, round(404 * unit)))
    _foot(sheet, slate, left, right, unit)
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = _GROUND
    top = (height - card.shape[0]) // 2
    pixels[top : top + card.shape[0]] = sheet.pixels
    return pixels


def _head(sheet: Sheet, slate: Slate, left: int, right: int, unit: float) -> None:
    sheet.text((left, 62 * unit), "SETPIECE", size_px=round(13 * unit), fill=_LABEL, spacing=0.34)
    sheet.text((right, 62 * unit), slate.date, size_px=round(13 * unit), fill=_LABEL, anchor="right", spacing=0.06)
    sheet.box((left, 78 * unit, right, 78 * unit + max(1, unit)), _LINE)
    name = f"{slate.shot}_{slate.version}"
    advance = sheet.text((left - 2 * unit, 126 * unit), name, size_px=_shrunk(name, 40 * unit, (right - left) * 0.6))
    show_left = left + advance + 24 * unit
    show = slate.show.upper()
    size = _shrunk(show, 15 * unit, max((right - show_left) / 1.15, 20))
    sheet.text((right, 126 * unit), show, size_px=size, fill=_LABEL, anchor="right", spacing=0.12)


def _shrunk(text: str, size: float, room: float) -> int:
    """The size in px at which ``text`` fits into ``room`` px, at most ``size``."""
    length = face(round(size)).getlength(plain_latin(text))
    return max(6, round(size if length <= room else size * room / length))


def _fields(sheet: Sheet, slate: Slate, left: int, right: int, unit: float) -> int:
    """Label and value, line by line; returns the column where they end."""
    rate = slate.frames.rate
    seconds = float(len(slate.frames) / rate)
    rows = [
        ("FRAMES", f"{slate.frames.first} - {slate.frames.last}   ({len(slate.frames)}, {seconds:.2f} s)"),
        ("RATE", rate_text(rate)),
        ("TIMECODE", f"{timecode(slate.frames.first, rate)} - {timecode(slate.frames.last, rate)}"),
        ("FORMAT", f"{slate.size[0]} x {slate.size[1]}"),
        ("LENS", slate.lens),
        ("ENGINE", slate.engine),
        ("VIEW", slate.view),
        *(("NOTES" if k == 0 else "", line) for k, line in enumerate(slate.notes.splitlines()[:3])),
    ]
    ends = [0.0]
    for index, (label, value) in enumerate(row for row in rows if row[1]):
        y = (168 + 27 * index) * unit
        sheet.text((left, y), label, size_px=round(11 * unit), fill=_LABEL, spacing=0.14)
        start = left + 104 * unit
        size = _shrunk(value, 16 * unit, (right - start) / 1.05)
        advance = sheet.text((start, y), value, size_px=size, fill=_VALUE, spacing=0.02)
        ends.append(start + advance + 28 * unit)
    return round(max(ends))


def _hero(sheet: Sheet, hero: Display, room: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = room
    if right - left < 40 or bottom - top < 30:
        return
    small, (_, _) = fitted(hero, (right - left, bottom - top))
    x, y = right - small.shape[1], top
    sheet.box((x - 1, y - 1, x + small.shape[1] + 1, y + small.shape[0] + 1), _LINE)
    sheet.picture((x, y), small)


def _foot(sheet: Sheet, slate: Slate, left: int, right: int, unit: float) -> None:
    """The clearance mark, then the ramp: 11 greys and six patches in display codes."""
    if slate.mark:
        size = _shrunk(slate.mark, 15 * unit, (right - left) * 0.7)
        sheet.text((left, 446 * unit), slate.mark, size_px=size, fill=_MARK, spacing=0.12)
    top, bottom = 466 * unit, 492 * unit
    greys = [round(255 * k / 10) for k in range(11)]
    patches = [(k, k, k) for k in greys]
    patches += [(180, 40, 40), (40, 150, 60), (40, 70, 180), (40, 160, 180), (170, 50, 150), (190, 180, 50)]
    step = (right - left) / len(patches)
    for index, patch in enumerate(patches):
        sheet.box((round(left + index * step), round(top), round(left + (index + 1) * step), round(bottom)), patch)


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnIn:
    """What stands on every frame of a review movie."""

    shot: str
    version: str
    rate: Fraction
    date: str
    mark: str = TEMPORARY


_Shown = TypeVar("_Shown", Display, Display16)


def burn(pixels: _Shown, words: BurnIn, frame: int) -> _Shown:
    """A review frame (h, w, 3), uint8 or uint16, lettered in its margins: shot and version, date, mark, timecode, frame.

    Letters are 2 % of the height, half transparent, on a soft dark edge so that they read on sky and on dust.
    """
    height, width = pixels.shape[:2]
    size, margin = max(9, round(0.0235 * height)), round(0.028 * width)
    top, bottom = margin * 0.62 + size, height - margin * 0.62
    lettered = Sheet(np.zeros(pixels.shape, np.uint8))
    white = (255, 255, 255, 255)
    lettered.text((margin, top), f"{words.shot}_{words.version}", size_px=size, fill=white)
    lettered.text((width - margin, top), words.date, size_px=size, fill=white, anchor="right")
    lettered.text((margin, bottom), timecode(frame, words.rate), size_px=size, fill=white)
    if words.mark:
        small = max(8, round(0.8 * size))
        lettered.text((width / 2, bottom), words.mark, size_px=small, fill=white, anchor="centre", spacing=0.12)
    lettered.text((width - margin, bottom), f"{frame:04d}", size_px=size, fill=white, anchor="right")
    rows = max(round(top + size), size * 3)
    out = pixels.copy()
    for band in (slice(0, rows), slice(height - rows, height)):
        out[band] = _laid_over(pixels[band], lettered.pixels[band, :, 0], size)
    return out


def _laid_over(pixels: _Shown, letters: np.ndarray, size: int) -> _Shown:
    """White letters at 86 % over their own blurred shadow, in display codes."""
    import cv2

    cover = letters.astype(np.float32) / np.float32(255)
    near = cv2.GaussianBlur(cover, (0, 0), max(1.0, 0.11 * size))
    far = cv2.GaussianBlur(cover, (0, 0), 0.5 * size)
    shade = np.clip(np.float32(1.1) * near + np.float32(0.9) * far, 0, 0.62)
    dark = pixels.astype(np.float32) * (1 - shade[..., None])
    white = np.float32(np.iinfo(pixels.dtype).max // 255 * 236)
    over = dark + (white - dark) * (np.float32(0.86) * cover[..., None])
    return (over + np.float32(0.5)).astype(pixels.dtype)
