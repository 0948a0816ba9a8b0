"""Posters that nobody printed: what is pinned to a wall, invented from a seed.

Flat inks on coated paper: a ground, one bold figure, a grain of half-tone, and an invented word of syllables that spells
nobody's name. (h, w, 3) float32, ACEScg albedo. Never imports bpy.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from setpiece.core.arrays import Rgb, frozen
from setpiece.media.colour import SRGB, to_acescg

SIZE_PX = (256, 360)
_TWICE = 2  # drawn at twice the size, for smooth edges
_INKS = (
    ("#14110f", "#d7263d", "#f4f0e6", "#f2b632"),
    ("#0f1b2d", "#e8e0cc", "#d1495b", "#4aa3a2"),
    ("#f1ead8", "#1b1b1e", "#c8102e", "#2a4d8f"),
    ("#2b0f3a", "#f25f5c", "#ffe066", "#50b8a8"),
    ("#e9b44c", "#1c1a17", "#9b2915", "#f2ecdc"),
    ("#0c0c0d", "#8a8d91", "#e8e8e6", "#5b7f3a"),
    ("#16402f", "#f0e4c8", "#e07a3f", "#101512"),
)
_HEADS, _TAILS = (
    ("VO", "KRA", "MEL", "TOR", "SHI", "DRU", "NAX", "ULM", "GRI", "ZEL"),
    ("NDA", "RIK", "THE", "LOX", "VEN", "MO"),
)


@lru_cache(maxsize=64)
def invented_poster(seed: int, *, size: tuple[int, int] = SIZE_PX) -> Rgb:
    """A poster of ``size`` (width, height), upright."""
    rng = np.random.default_rng((15485863, seed))
    inks = _INKS[int(rng.integers(len(_INKS)))]
    width, height = _TWICE * size[0], _TWICE * size[1]
    sheet = Image.new("RGB", (width, height), inks[0])
    draw = ImageDraw.Draw(sheet)
    _FIGURES[int(rng.integers(len(_FIGURES)))](draw, rng, inks, width, height)
    _lettering(draw, rng, inks, width, height)
    codes = np.asarray(sheet.resize(size, Image.Resampling.BOX), np.float32) / 255.0
    rows, columns = np.indices(codes.shape[:2])
    dots = 0.5 + 0.25 * (np.sin(rows * 1.9 + columns * 1.1) + np.sin(columns * 1.9 - rows * 1.1))
    ink = ndimage.gaussian_filter(rng.standard_normal(codes.shape[:2]), 1.2)
    codes = codes * (1.0 - 0.05 * dots[..., None]) * (1.0 + 0.05 * ink[..., None])
    return frozen(np.clip(to_acescg(np.clip(codes, 0, 1).astype(np.float32), SRGB), 0.006, 0.85).astype(np.float32))


def _rays(draw: ImageDraw.ImageDraw, rng: np.random.Generator, inks: tuple[str, ...], width: int, height: int) -> None:
    """Rays from a disc."""
    x, y, many = 0.5 * width, height * float(rng.uniform(0.4, 0.62)), 2 * int(rng.integers(9, 15))
    for number in range(0, many, 2):
        a, b = (2 * math.pi * (number + k) / many for k in (0, 1))
        far = 2.0 * height
        ends = [(x + far * math.cos(angle), y + far * math.sin(angle)) for angle in (a, b)]
        draw.polygon([(x, y), *ends], fill=inks[1])
    for share, ink in ((0.34, inks[2]), (0.29, inks[0]), (0.25, inks[3])):
        draw.ellipse([x - share * width, y - share * width, x + share * width, y + share * width], fill=ink)


def _head(draw: ImageDraw.ImageDraw, rng: np.random.Generator, inks: tuple[str, ...], width: int, height: int) -> None:
    """A head and shoulders cut out of two inks, hair over the eyes."""
    x, y, r = width * float(rng.uniform(0.44, 0.56)), 0.5 * height, 0.19 * width
    draw.rectangle([0, 0.18 * height, width, 0.84 * height], fill=inks[1])
    low = 0.84 * height
    draw.polygon([(x - 2 * r, low), (x - 1.1 * r, y + 1.35 * r), (x + 1.1 * r, y + 1.35 * r), (x + 2 * r, low)], fill=inks[0])
    draw.ellipse([x - r, y - 1.25 * r, x + r, y + 1.35 * r], fill=inks[2])
    draw.rectangle([x - 0.4 * r, y + 0.9 * r, x + 0.4 * r, y + 1.7 * r], fill=inks[2])
    side = 1.0 if rng.uniform() < 0.5 else -1.0
    draw.pieslice([x - 1.25 * r, y - 1.7 * r, x + 1.25 * r, y + 1.1 * r], 180, 360, fill=inks[0])
    draw.polygon(
        [(x - side * 1.25 * r, y - 0.4 * r), (x + side * 1.2 * r, y - 0.7 * r), (x + side * 0.9 * r, y + 0.5 * r)], fill=inks[0]
    )
    draw.polygon(
        [(x + side * r, y - 0.2 * r), (x + side * 0.1 * r, y + 1.3 * r), (x + side * 0.85 * r, y + 1.1 * r)], fill=inks[3]
    )


def _bars(draw: ImageDraw.ImageDraw, rng: np.random.Generator, inks: tuple[str, ...], width: int, height: int) -> None:
    """Bars aslant, a disc cut by them."""
    r = 0.36 * width
    x, y = 0.5 * width, 0.5 * height
    draw.ellipse([x - r, y - r, x + r, y + r], fill=inks[1])
    step = height / float(rng.integers(9, 14))
    slope = float(rng.uniform(-0.5, 0.5)) * width
    for number in range(-8, 24, 2):
        top = number * step
        ink = inks[2] if number % 4 else inks[3]
        draw.polygon([(0, top), (width, top + slope), (width, top + slope + 0.34 * step), (0, top + 0.34 * step)], fill=ink)


def _bolt(draw: ImageDraw.ImageDraw, rng: np.random.Generator, inks: tuple[str, ...], width: int, height: int) -> None:
    """A bolt through squares within squares."""
    x, y = 0.5 * width, 0.5 * height
    turn = float(rng.uniform(0, 0.5 * math.pi))
    for number in range(5):
        r = width * (0.46 - 0.085 * number)
        corners = [(x + r * math.cos(turn + k * math.pi / 2), y + r * math.sin(turn + k * math.pi / 2)) for k in range(4)]
        draw.polygon(corners, fill=inks[1] if number % 2 == 0 else inks[0])
    flash = [(0.12, -0.62), (-0.2, 0.08), (-0.02, 0.06), (-0.14, 0.62), (0.22, -0.12), (0.04, -0.1)]
    draw.polygon([(x + u * width, y + v * 0.55 * height) for u, v in flash], fill=inks[3])


def _lettering(draw: ImageDraw.ImageDraw, rng: np.random.Generator, inks: tuple[str, ...], width: int, height: int) -> None:
    """The invented word, large, and lines too small to read."""
    word = _HEADS[int(rng.integers(len(_HEADS)))] + _TAILS[int(rng.integers(len(_TAILS)))]
    font = ImageFont.load_default(size=0.2 * width)
    left, top, right, bottom = draw.textbbox((0, 0), word, font=font)
    scale = 0.86 * width / max(right - left, 1)
    font = ImageFont.load_default(size=0.2 * width * scale)
    left, top, right, bottom = draw.textbbox((0, 0), word, font=font)
    high = bottom - top
    at = 0.05 * height if rng.uniform() < 0.6 else 0.95 * height - high
    draw.rectangle([0, at - 0.03 * height, width, at + high + 0.03 * height], fill=inks[0])
    draw.text((0.5 * width - (left + right) / 2, at - top), word, font=font, fill=inks[2], stroke_width=3, stroke_fill=inks[2])
    small = 0.9 * height if at < 0.5 * height else 0.06 * height
    for row in range(3):
        share = float(rng.uniform(0.3, 0.7))
        y = small + 0.02 * height * row
        draw.rectangle([0.5 * width * (1 - share), y, 0.5 * width * (1 + share), y + 0.008 * height], fill=inks[3])


_FIGURES = (_rays, _head, _bars, _bolt)
