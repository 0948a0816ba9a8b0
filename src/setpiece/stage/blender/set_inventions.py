"""Pictures that nobody painted: what hangs in frames and shows on screens, invented from a seed.

A set needs pictures on its walls and something on its screens; anybody's real work would need a licence. Pure numpy, the
same bits from the same seed; (h, w, 3) float32, ACEScg albedo (pictures) or 0..1 of the screen's luminance.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import ndimage

from setpiece.core.arrays import Plane, Rgb, frozen
from setpiece.media.colour import SRGB, to_acescg

SIZE_PX = (320, 240)
_PALETTES = (
    ("#22333b", "#5e503f", "#c6ac8f", "#eae0d5", "#8a3324"),
    ("#283618", "#606c38", "#dda15e", "#bc6c25", "#fefae0"),
    ("#1d3557", "#457b9d", "#a8b8b0", "#e9dcc0", "#b5482f"),
    ("#3d2c2e", "#7b4b3a", "#c08552", "#f0e0c0", "#4b5d67"),
    ("#2b2d42", "#6b705c", "#b7b7a4", "#ddbea9", "#cb997e"),
)


def _field(generator: np.random.Generator, shape: tuple[int, int], px: float, stretch: float = 1.0) -> Plane:
    """Smooth noise 0..1 with features of ``px`` pixels, ``stretch`` times as long across."""
    field = ndimage.gaussian_filter(generator.standard_normal(shape), (px, px * stretch), mode="wrap")
    low, high = np.percentile(field, (1, 99))
    return np.asarray(np.clip((field - low) / max(high - low, 1e-9), 0, 1), np.float32)


def _palette(generator: np.random.Generator) -> Rgb:
    chosen = _PALETTES[int(generator.integers(len(_PALETTES)))]
    codes = np.array([[int(code[k : k + 2], 16) / 255 for k in (1, 3, 5)] for code in chosen], np.float32)
    return to_acescg(codes[None], SRGB)[0]


def _brushed(picture: Rgb, generator: np.random.Generator) -> Rgb:
    """Paint: small displacement along strokes, uneven body, an old varnish."""
    shape = (picture.shape[0], picture.shape[1])
    rows, columns = np.indices(shape).astype(np.float32)
    rows += 9 * (_field(generator, shape, 2.0, 3.0) - 0.5)
    columns += 9 * (_field(generator, shape, 2.0, 3.0) - 0.5)
    moved = np.stack(
        [ndimage.map_coordinates(picture[..., k], [rows, columns], order=1, mode="nearest") for k in range(3)], axis=-1
    )
    body = 0.82 + 0.36 * _field(generator, shape, 1.2, 4.0)
    return np.asarray(moved * body[..., None] * np.array([1.0, 0.96, 0.84]), np.float32)


def _land(generator: np.random.Generator, width: int, height: int) -> Rgb:
    colours = _palette(generator)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    horizon = float(generator.uniform(0.35, 0.6))
    cloud = _field(generator, (height, width), 14.0, 3.5)[..., None]
    picture = colours[3] * (1 - y) + colours[2] * y + 0.25 * (cloud - 0.5) * colours[3]
    rows = np.linspace(0, 1, height)[:, None]
    for layer in range(4):
        ridge = ndimage.gaussian_filter1d(generator.standard_normal(width), 34 / (layer + 1), mode="wrap")
        ridge = horizon + 0.13 * layer + (0.07 / (layer + 1)) * ridge / max(float(np.abs(ridge).max()), 1e-9)
        tone = colours[1] * (1 - layer / 4) * 0.8 + colours[0] * (layer / 4) + 0.1 * colours[2] * (3 - layer) / 3
        texture = 0.75 + 0.5 * _field(generator, (height, width), 3.0 + layer, 4.0)
        picture = np.where((rows > ridge[None, :])[..., None], tone * texture[..., None], picture)
    return _brushed(np.asarray(picture, np.float32), generator)


def _still(generator: np.random.Generator, width: int, height: int) -> Rgb:
    """Round things on a table before a dark wall, lit from the left."""
    colours = _palette(generator)
    rows, columns = np.indices((height, width)).astype(np.float32) / height
    wall = (0.5 + 0.5 * _field(generator, (height, width), 30.0))[..., None] * colours[0]
    table = (0.7 + 0.5 * _field(generator, (height, width), 4.0, 6.0))[..., None] * colours[1]
    picture = np.where((rows > 0.68)[..., None], table, wall)
    for _ in range(int(generator.integers(4, 8))):
        radius = float(generator.uniform(0.06, 0.16))
        x, y = float(generator.uniform(0.25, 1.05)), 0.74 + float(generator.uniform(0, 0.1)) - radius
        u, v = (columns - x) / radius, (rows - y) / (radius * float(generator.uniform(0.9, 1.5)))
        inside = u * u + v * v
        light = np.clip(0.7 - 0.4 * u - 0.35 * v, 0.12, 1.1) * np.sqrt(np.clip(1 - inside, 0, 1) + 0.1)
        tone = colours[int(generator.integers(1, 5))]
        shade = ((columns - x - radius * 0.7) / radius) ** 2 + ((rows - y - radius) / (0.3 * radius)) ** 2 < 1.2
        picture = np.where((shade & (rows > 0.68))[..., None], picture * 0.45, picture)
        picture = np.where((inside < 1)[..., None], tone * light[..., None], picture)
    return _brushed(np.asarray(picture, np.float32), generator)


def _abstract(generator: np.random.Generator, width: int, height: int) -> Rgb:
    """Flat planes of colour, cut by lines."""
    colours = _palette(generator)
    rows, columns = np.indices((height, width)).astype(np.float32) / height
    picture = np.broadcast_to(colours[3], (height, width, 3)).copy()
    for _ in range(int(generator.integers(5, 10))):
        turn = float(generator.uniform(0, np.pi))
        x, y = float(generator.uniform(0, width / height)), float(generator.uniform(0, 1))
        across = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
        along = -(columns - x) * np.sin(turn) + (rows - y) * np.cos(turn)
        where = (np.abs(across) < generator.uniform(0.03, 0.3)) & (np.abs(along) < generator.uniform(0.1, 0.5))
        if generator.uniform() < 0.35:
            where = across**2 + along**2 < float(generator.uniform(0.06, 0.24)) ** 2
        picture[where] = colours[int(generator.integers(5))] * float(generator.uniform(0.8, 1.1))
    return _brushed(picture, generator)


def _sitter(generator: np.random.Generator, width: int, height: int) -> Rgb:
    """The head and shoulders of nobody, turned into shadow: no features, so no likeness."""
    colours = _palette(generator)
    rows, columns = np.indices((height, width)).astype(np.float32) / height
    picture = (0.25 + 0.45 * _field(generator, (height, width), 26.0))[..., None] * colours[0]
    x = width / height / 2 + float(generator.uniform(-0.05, 0.05))
    coat = ((columns - x) / 0.42) ** 2 + ((rows - 1.12) / 0.5) ** 2
    head = ((columns - x) / 0.13) ** 2 + ((rows - 0.4) / 0.17) ** 2
    hair = ((columns - x - 0.01) / 0.15) ** 2 + ((rows - 0.35) / 0.17) ** 2
    collar = np.abs(columns - x) < (0.8 - rows) * 0.35
    light = np.clip(0.8 - 1.7 * (columns - x) / 0.26, 0.2, 1.3)[..., None]
    picture = np.where((coat < 1)[..., None], colours[4] * 0.35 * light, picture)
    picture = np.where(((coat < 1) & collar & (rows < 0.8))[..., None], colours[3] * light, picture)
    picture = np.where((hair < 1)[..., None], colours[1] * 0.4 * light, picture)
    face = np.array([0.42, 0.28, 0.2], np.float32)
    picture = np.where(((head < 1) & (rows > 0.31))[..., None], face * light, picture)
    return _brushed(np.asarray(picture, np.float32), generator)


_PAINTERS = (_land, _still, _abstract, _sitter, _land)


@lru_cache(maxsize=64)
def invented_picture(seed: int, *, size: tuple[int, int] = SIZE_PX) -> Rgb:
    """A painting of ``size`` (width, height), ACEScg albedo: a landscape, a still life, planes of colour or a sitter."""
    generator = np.random.default_rng((7919, seed))
    made = _PAINTERS[int(generator.integers(len(_PAINTERS)))](generator, *size)
    return frozen(np.clip(made, 0.005, 0.85).astype(np.float32))


@lru_cache(maxsize=64)
def invented_screen(seed: int, colour: tuple[float, float, float], *, size: tuple[int, int] = SIZE_PX) -> Rgb:
    """What a display shows, 0..1: lines of text, a scope's trace, a map of sectors or bars, in ``colour`` (ACEScg)."""
    generator = np.random.default_rng((104729, seed))
    width, height = size
    rows, columns = np.indices((height, width))
    kind = int(generator.integers(4))
    if kind == 0:
        lengths = generator.uniform(0.1, 0.95, height // 10 + 1)
        letters = generator.uniform(size=(height // 10 + 1, width // 5 + 1)) > 0.22
        strokes = generator.uniform(size=(height // 2 + 1, width // 2 + 1)) > 0.4
        lit = (rows % 10 < 6) & (columns % 5 < 4) & letters[rows // 10, columns // 5] & strokes[rows // 2, columns // 2]
        lit &= columns < lengths[rows // 10] * width
    elif kind == 1:
        trace = ndimage.gaussian_filter1d(generator.standard_normal(width), 4.0)
        trace = height / 2 + height * 0.3 * trace / max(float(np.abs(trace).max()), 1e-9)
        lit = np.abs(rows - trace[None, :]) < 2.0
        lit |= ((rows % (height // 6) == 0) | (columns % (width // 8) == 0)) & ((rows + columns) % 3 == 0)
    elif kind == 2:
        field = _field(generator, (height, width), 22.0)
        lit = np.abs((field * 9) % 1 - 0.5) < 0.06
        lit |= (np.hypot(rows - height / 2, columns - width / 2) % (height / 5)) < 1.0
    else:
        level = generator.uniform(0.15, 0.9, 16)
        lit = (1 - rows / height < level[np.minimum(columns * 16 // width, 15)]) & (columns % (width // 16) > 3)
    glow = ndimage.gaussian_filter(lit.astype(np.float32), 3.0) * 0.35
    shown = np.clip(0.035 + glow + 0.85 * ndimage.gaussian_filter(lit.astype(np.float32), 0.6), 0, 1)
    shown *= 1 - 0.12 * (rows % 2)
    return frozen(np.asarray(shown[..., None] * np.array(colour, np.float32), np.float32))
