"""Lettering on review pictures: one typeface, drawn with anti-aliasing, the same on every machine.

Place in the flow: under the slate, the burn-in and the contact sheet. The face is Aileron (Sora Sagano, CC0), which
comes inside Pillow, so no font of the machine is ever looked up. It covers plain Latin: accents are taken off and
dashes made plain before drawing; what is left without a letter shows as a question mark, never as an empty box.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from setpiece.core.arrays import Display

Anchor = Literal["left", "centre", "right"]
_ANCHORS = {"left": "ls", "centre": "ms", "right": "rs"}
_PLAIN = str.maketrans({"—": "-", "–": "-", "−": "-", "×": "x", "°": " deg", "’": "'", "ß": "ss", "ø": "o", "→": "-"})


@lru_cache(maxsize=32)
def face(size_px: int) -> ImageFont.FreeTypeFont:
    """The typeface at a size in px. Raises ``RuntimeError`` where Pillow was built without FreeType."""
    font = ImageFont.load_default(max(size_px, 6))
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType")
    return font


def plain_latin(text: str) -> str:
    """``text`` in the letters that the typeface has.

    >>> plain_latin("Château – 35°")
    'Chateau - 35 deg'
    """
    folded = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    kept = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" or letter == "·" else "?" for letter in kept)


class Sheet:
    """A display-referred picture (h, w, 3) uint8 to letter on; :attr:`pixels` is the result."""

    def __init__(self, pixels: Display) -> None:
        self._image = Image.fromarray(np.ascontiguousarray(pixels))
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    @property
    def pixels(self) -> Display:
        """What has been drawn so far, as a copy."""
        return np.array(self._image, np.uint8)

    def text(
        self,
        at: tuple[float, float],
        text: str,
        *,
        size_px: int,
        fill: tuple[int, int, int, int] = (235, 235, 235, 255),
        anchor: Anchor = "left",
        spacing: float = 0.0,
    ) -> float:
        """Letters with their baseline at ``at`` (x, y); returns the advance in px.

        ``spacing`` is extra space between letters as a share of the size (small capitals want about 0.1).
        """
        text, font = plain_latin(text), face(size_px)
        if not spacing:
            self._draw.text(at, text, font=font, fill=fill, anchor=_ANCHORS[anchor])
            return float(font.getlength(text))
        extra = spacing * size_px
        width = sum(font.getlength(letter) + extra for letter in text) - extra if text else 0.0
        x = at[0] - {"left": 0.0, "centre": width / 2, "right": width}[anchor]
        for letter in text:
            self._draw.text((x, at[1]), letter, font=font, fill=fill, anchor="ls")
            x += font.getlength(letter) + extra
        return float(width)

    def box(self, corners: tuple[float, float, float, float], fill: tuple[int, ...]) -> None:
        """A filled rectangle (left, top, right, bottom), right and bottom not included."""
        left, top, right, bottom = corners
        if right > left and bottom > top:
            self._draw.rectangle((left, top, right - 1, bottom - 1), fill=fill)

    def picture(self, at: tuple[int, int], pixels: Display) -> None:
        """Another picture with its top-left corner at ``at``."""
        self._image.paste(Image.fromarray(np.ascontiguousarray(pixels)), at)


def fitted(pixels: Display, size: tuple[int, int]) -> tuple[Display, tuple[int, int]]:
    """A picture scaled to fit inside ``size`` (width, height) and where in that box it then stands."""
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    method: Any = Image.Resampling.LANCZOS if scale >= 1 else Image.Resampling.BOX
    if 0.5 < scale < 1:
        method = Image.Resampling.LANCZOS
    small = Image.fromarray(np.ascontiguousarray(pixels)).resize(target, method)
    return np.array(small, np.uint8), ((size[0] - target[0]) // 2, (size[1] - target[1]) // 2)
