"""Papers, paints, tiles, boards and cloths by our own code: the albedo of a surface at any point of it, in metres.

Place in the flow: asked for by whatever lays a new surface into a picture. Each pattern is a function of the point alone,
with edges as wide as the pixel sees (``footprint_m``), so that nothing shimmers far away; what differs from piece to piece
(a board's tone, a tile's) follows the seed. They draw pictures of nobody's design: stripes, ogees, squares, leaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.dressing import FABRICS, WALL_COVERS, Cover

USUAL_REPEAT_M = MappingProxyType(
    {
        "paint": 1.0,
        "stripes": 0.16,
        "damask": 0.53,
        "check": 0.24,
        "tiles": 0.15,
        "planks": 0.14,
        "parquet": 0.07,
        "panelling": 0.62,
        "plain": 0.05,
        "satin": 0.05,
        "pinstripe": 0.018,
        "plaid": 0.16,
        "floral": 0.14,
        "tweed": 0.012,
    }
)

Field = Float32[np.ndarray, "..."]


def albedo_at(cover: Cover, u: Field, v: Field, footprint_m: Field) -> Float32[np.ndarray, "... 3"]:
    """Albedo (..., 3), scene-linear ACEScg, of ``cover`` at ``u``, ``v`` metres; ``footprint_m`` is what a pixel spans
    there."""
    turn = math.radians(cover.turn_deg)
    x = u * np.float32(math.cos(turn)) + v * np.float32(math.sin(turn))
    y = v * np.float32(math.cos(turn)) - u * np.float32(math.sin(turn))
    colours = np.array(cover.colours, np.float32)
    made = _PATTERNS[cover.kind](x, y, np.maximum(footprint_m, 1e-6), cover, colours)
    return np.clip(made, 0.0, 0.98).astype(np.float32)


def second_colour(cover: str, colour: tuple[float, float, float]) -> tuple[float, float, float]:
    """A usual second colour where nobody stated one: grout and gaps darker, a paper's figure lighter or darker than its
    ground."""
    level = 0.27 * colour[0] + 0.67 * colour[1] + 0.06 * colour[2]
    gain = 0.45 if cover in ("tiles", "planks", "parquet", "panelling") or level > 0.35 else 1.9
    return (min(0.9, colour[0] * gain), min(0.9, colour[1] * gain), min(0.9, colour[2] * gain))


def _mix(colours: np.ndarray, share: Field, index: int = 1) -> np.ndarray:
    """From the ground towards colour ``index``."""
    other = colours[min(index, len(colours) - 1)]
    return colours[0] + share[..., None] * (other - colours[0])


def _band(distance: Field, half: Field | float, soft: Field) -> Field:
    """1 within ``half`` of a line, 0 beyond, over an edge as wide as the pixel sees; thin lines fade to their own share."""
    soft = np.maximum(soft, 1e-6)
    inside = np.clip((half - np.abs(distance)) / soft + 0.5, 0, 1)
    return inside * np.minimum(1.0, 2 * half / soft) if np.ndim(half) == 0 else inside


def _fold(x: Field, period: float) -> Field:
    """Distance to the nearest multiple of ``period``, signed."""
    return x - period * np.round(x / period)


def _far(share: Field, mean: float, foot: Field, period: float) -> Field:
    """``share`` where the pattern is resolved, its mean where a pixel spans half of it or more."""
    blend = np.clip((foot / period - 0.25) / 0.5, 0, 1)
    return share * (1 - blend) + mean * blend


def hashed(i: Field, j: Field, seed: int) -> Plane:
    """A number 0..1 for each cell (i, j), the same on every machine: integer mixing, no state."""
    a = np.round(i).astype(np.int64).astype(np.uint32)
    b = np.round(j).astype(np.int64).astype(np.uint32)
    h = a * np.uint32(0x9E3779B1) ^ b * np.uint32(0x85EBCA77) ^ np.uint32((seed * 0xC2B2AE3D + 0x27D4EB2F) & 0xFFFFFFFF)
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x2C1B3C6D)
    h ^= h >> np.uint32(12)
    h *= np.uint32(0x297A2D39)
    h ^= h >> np.uint32(15)
    return (h.astype(np.float64) / 4294967296.0).astype(np.float32)


def noise(x: Field, y: Field, seed: int) -> Plane:
    """Smooth value noise 0..1 with cells of 1."""
    i, j = np.floor(x), np.floor(y)
    fx, fy = x - i, y - j
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    low = hashed(i, j, seed) * (1 - fx) + hashed(i + 1, j, seed) * fx
    high = hashed(i, j + 1, seed) * (1 - fx) + hashed(i + 1, j + 1, seed) * fx
    return (low * (1 - fy) + high * fy).astype(np.float32)


# -- walls and floors ------------------------------------------------------------------------------------------------------


def _plain(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """Paint, rolled: a breath of unevenness."""
    tone = 1 + 0.02 * (noise(x * 9, y * 9, cover.seed) - 0.5)
    return colours[0] * tone[..., None]


def _stripes(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """Regency stripes: half ground, half figure, with a hairline beside each edge."""
    p = cover.repeat_m
    wide = _far(_band(_fold(x, p), p / 4, foot), 0.5, foot, p)
    hair = _band(np.abs(_fold(x, p)) - 0.30 * p, 0.012 * p, foot) + _band(np.abs(_fold(x, p)) - 0.20 * p, 0.012 * p, foot)
    made = _mix(colours, wide)
    other = _mix(colours, 1 - wide)
    return made + np.clip(0.55 * hair, 0, 1)[..., None] * (other - made)


def _damask(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """An ogee net, in each field a palmette of leaves about a heart, half a drop from column to column."""
    p = cover.repeat_m
    w, h = p, 1.5 * p
    column = np.round(x / (w / 2))
    ym = y - np.where(np.mod(column, 2) > 0.5, h / 2, 0.0)
    lx, ly = (x - column * (w / 2)) / (w / 2), _fold(ym, h) / (h / 2)
    soft = foot / (w / 2)
    curve = 0.5 * (1 + np.cos(np.pi * ly))  # the ogee's half width, 0 at its ends
    s = curve * 0.92
    net = _band(np.abs(lx) - s, 0.045, soft) + 0.8 * _band(np.abs(lx) - np.maximum(s - 0.16, 0), 0.018, soft) * (s > 0.2)
    radius, angle = np.hypot(lx * 1.15, (ly + 0.12) * 1.05), np.arctan2(lx * 1.15, ly + 0.12)
    petals = 0.36 + 0.13 * np.cos(5 * angle) + 0.05 * np.cos(11 * angle)
    flower = np.clip((petals * 0.9 - radius) / soft + 0.5, 0, 1)
    vein = _band(radius - (0.19 + 0.05 * np.cos(5 * angle + np.pi)), 0.016, soft)
    veins = _band(np.sin(5 * angle / 2) * radius, 0.010, soft) * (radius > 0.1) * (radius < 0.36)
    heart = np.clip((0.085 - radius) / soft + 0.5, 0, 1)
    stem = _band(lx, 0.016, soft) * (ly < -0.3) * (ly > -0.86)
    leaf_x, leaf_y = np.abs(lx) - 0.15, ly + 0.62
    leaf = np.clip((0.12 - np.hypot(leaf_x * 1.2 - 0.35 * leaf_y, leaf_y * 0.62)) / soft + 0.5, 0, 1)
    crown = np.clip((0.075 - np.hypot(lx, (ly - 0.62) * 0.55)) / soft + 0.5, 0, 1)
    figure = np.clip(np.maximum.reduce([flower - 0.9 * vein - 0.7 * veins, heart, stem, leaf, crown]), 0, 1)
    share = _far(np.clip(np.maximum(figure, net), 0, 1), 0.36, foot, p / 3)
    return _mix(colours, share)


def _check(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """A chequer of squares."""
    p = cover.repeat_m
    a = np.clip(_soft_square(x, p, foot), -1, 1)
    b = np.clip(_soft_square(y, p, foot), -1, 1)
    return _mix(colours, _far(0.5 + 0.5 * a * b, 0.5, foot, p))


def _soft_square(x: Field, period: float, foot: Field) -> Field:
    """-1 and 1 by halves of ``period``."""
    half = np.abs(_fold(x, period)) - period / 4
    return -np.clip(2 * half / np.maximum(foot, 1e-6), -1, 1)


def _tiles(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """Square tiles with grout, each fired a little differently."""
    p = cover.repeat_m
    i, j = np.floor(x / p), np.floor(y / p)
    gap = max(0.0015, 0.012 * p)
    grout = 1 - (1 - _band(_fold(x, p), gap, foot)) * (1 - _band(_fold(y, p), gap, foot))
    tone = 1 + 0.14 * (hashed(i, j, cover.seed) - 0.5) + 0.05 * (noise(x / p * 3, y / p * 3, cover.seed + 1) - 0.5)
    body = colours[0] * tone[..., None]
    return body + grout[..., None] * (colours[min(1, len(colours) - 1)] - body)


def _wood(x: Field, y: Field, piece: Plane, cover: Cover, foot: Field) -> Plane:
    """The tone of a board along x: growth rings drawn out, other in each piece; 1 about."""
    shift = piece * 37.0
    fine = noise(x * 2.2 + shift, y * 70 + shift * 13, cover.seed + 5)
    broad = noise(x * 0.9 + shift * 3, y * 16 + shift * 7, cover.seed + 6)
    seen = 1 - np.clip((foot / 0.012 - 0.3) / 0.7, 0, 1)
    return (1 + 0.30 * (piece - 0.5) + seen * (0.22 * (fine - 0.5) + 0.26 * (broad - 0.5))).astype(np.float32)


def _planks(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """Boards of the repeat's width, 1.2 to 2.4 m long, laid in broken bond along u."""
    p = cover.repeat_m
    row = np.floor(y / p)
    length = 1.2 + 1.2 * hashed(row, row * 0 + 3, cover.seed)
    along = x / length + hashed(row, row * 0 + 9, cover.seed)
    piece = hashed(row, np.floor(along), cover.seed + 2)
    gap = max(0.0012, 0.006 * p)
    ends = (along - np.round(along)) * length
    seam = 1 - (1 - _band(_fold(y, p), gap, foot)) * (1 - _band(ends, gap * 0.7, foot))
    body = colours[0] * _wood(x, y, piece, cover, foot)[..., None]
    return body + 0.85 * seam[..., None] * (colours[min(1, len(colours) - 1)] * 0.5 - body)


def _parquet(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """Herringbone of blocks, each 1 by 6 of the repeat."""
    p, n = cover.repeat_m, 6
    c = math.sqrt(0.5)
    a, b = (x + y) * c / p, (y - x) * c / p
    i, j = np.floor(a), np.floor(b)
    k = np.mod(i - j, 2 * n)
    lying = k < n
    along = np.where(lying, k + (a - i), np.mod(j - i - 1, 2 * n) + (b - j))
    across = np.where(lying, b - j, a - i)
    first = np.where(lying, i - k, i)
    second = np.where(lying, j, j - np.mod(j - i - 1, 2 * n))
    piece = hashed(first, second, cover.seed)
    gap = 0.010
    edge = np.minimum(np.minimum(across, 1 - across), np.minimum(along, n - along))
    seam = np.clip((gap - edge) / np.maximum(foot / p, 1e-6) + 0.5, 0, 1) * np.minimum(1.0, 2 * gap * p / foot)
    body = colours[0] * _wood(along * p, across * p, piece, cover, foot)[..., None]
    return body + 0.85 * seam[..., None] * (colours[min(1, len(colours) - 1)] * 0.5 - body)


def _panelling(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """Framed panels: what lies deep is darker, the edges that look up are lighter. Painted light, not carved."""
    p = cover.repeat_m
    h = 1.55 * p
    rail = 0.13 * p
    dx, dy = p / 2 - np.abs(_fold(x - p / 2, p)), h / 2 - np.abs(_fold(y - h / 2, h))
    inner = np.minimum(dx, dy) - rail / 2
    bevel = 0.045 * p
    on = np.clip(inner / np.maximum(foot, 1e-6) + 0.5, 0, 1) * np.clip((bevel - inner) / np.maximum(foot, 1e-6) + 0.5, 0, 1)
    upper = (_fold(y - h / 2, h) > 0) & (dy < dx)
    lower = (_fold(y - h / 2, h) <= 0) & (dy < dx)
    light = np.where(upper, -0.30, np.where(lower, 0.16, -0.12))
    quirk = _band(inner, 0.006 * p, foot) + _band(inner - bevel, 0.006 * p, foot)
    tone = 1 + on * light - 0.35 * np.clip(quirk, 0, 1)
    return colours[0] * tone.astype(np.float32)[..., None]


# -- cloths ----------------------------------------------------------------------------------------------------------------


def _cloth(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """One colour; a weave of half a millimetre where the camera is near enough to see it."""
    weave = 0.5 + 0.5 * np.sin(x * (2 * np.pi / 0.0006)) * np.sin(y * (2 * np.pi / 0.0006))
    tone = 1 + 0.10 * (_far(weave, 0.5, foot, 0.0006) - 0.5)
    return colours[0] * tone.astype(np.float32)[..., None]


def _pinstripe(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """A thread of the second colour every repeat."""
    half = max(0.0005, 0.045 * cover.repeat_m)
    broken = 0.75 + 0.25 * _far((np.mod(y / 0.0015, 1) > 0.5).astype(np.float32), 0.5, foot, 0.0015)
    return _mix(colours, _band(_fold(x, cover.repeat_m), half, foot) * broken)


def _plaid(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """A sett in both threads: broad bands of the second colour, overchecks of the third; crossings mix as woven ones do."""
    warp, weft = (_sett(at, foot, cover.repeat_m, colours) for at in (x, y))
    return 0.5 * (warp + weft)


def _sett(x: Field, foot: Field, p: float, colours: np.ndarray) -> np.ndarray:
    at = _fold(x, p)
    broad = _band(np.abs(at) - 0.20 * p, 0.055 * p, foot) + _band(at, 0.10 * p, foot)
    thin = _band(np.abs(at) - 0.40 * p, 0.014 * p, foot)
    made = _mix(colours, np.clip(_far(broad, 0.42, foot, p / 2), 0, 1))
    third = colours[2] if len(colours) > 2 else 0.5 * (colours[0] + 1.0)
    return made + np.clip(thin, 0, 1)[..., None] * (third - made)


def _floral(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """Sprigs, one a cell and never straight: five petals, an eye, two leaves."""
    p = cover.repeat_m
    bloom, eye, leaf = (np.zeros(np.shape(x), np.float32) for _ in range(3))
    row = np.floor(y / (p * 0.8))
    for dj in (-1, 0, 1):
        j = row + dj
        shift = np.mod(j, 2) * 0.5
        column = np.floor(x / p - shift)
        for di in (-1, 0, 1):
            i = column + di
            cx = (i + shift + 0.5 + 0.28 * (hashed(i, j, cover.seed) - 0.5)) * p
            cy = (j + 0.5 + 0.28 * (hashed(i, j, cover.seed + 1) - 0.5)) * p * 0.8
            turn = 6.283 * hashed(i, j, cover.seed + 2)
            size = p * (0.17 + 0.10 * hashed(i, j, cover.seed + 3))
            rx, ry = (x - cx) / size, (y - cy) / size
            r, angle = np.hypot(rx, ry), np.arctan2(ry, rx) + turn
            soft = foot / size
            bloom = np.maximum(bloom, np.clip((0.72 + 0.28 * np.cos(5 * angle) - r) / soft + 0.5, 0, 1))
            eye = np.maximum(eye, np.clip((0.24 - r) / soft + 0.5, 0, 1))
            for side in (2.2, -2.2):
                lx = rx * np.cos(turn + side) + ry * np.sin(turn + side) - 1.35
                ly = ry * np.cos(turn + side) - rx * np.sin(turn + side)
                leaf = np.maximum(leaf, np.clip((0.55 - np.hypot(lx, ly * 2.6)) / soft + 0.5, 0, 1))
    third = colours[2] if len(colours) > 2 else 0.35 * colours[1] + 0.15 * colours[0]
    made = colours[0] + _far(leaf, 0.12, foot, p / 3)[..., None] * (0.6 * third + 0.4 * colours[0] - colours[0])
    made = made + _far(bloom, 0.14, foot, p / 3)[..., None] * (colours[min(1, len(colours) - 1)] - made)
    return made + eye[..., None] * (third - made)


def _tweed(x: Field, y: Field, foot: Field, cover: Cover, colours: np.ndarray) -> np.ndarray:
    """Herringbone twill of two yarns, with flecks of the third."""
    p = cover.repeat_m
    side = np.where(np.mod(np.floor(x / p), 2) > 0.5, 1.0, -1.0)
    lines = 0.5 + 0.5 * np.sin((y + side * x) * (2 * np.pi / (p / 4)))
    yarn = 0.55 * noise(x / 0.0016, y / 0.0016, cover.seed) + 0.45 * noise(x / 0.006, y / 0.004, cover.seed + 1)
    share = np.clip(0.30 + 0.40 * _far(lines, 0.5, foot, p / 4) + 0.9 * (yarn - 0.5), 0, 1)
    made = _mix(colours, share)
    fleck = np.clip((noise(x / 0.0032, y / 0.0032, cover.seed + 2) - 0.80) / 0.08, 0, 1)
    third = colours[2] if len(colours) > 2 else np.minimum(1.6 * colours[min(1, len(colours) - 1)], 0.8)
    return made + 0.7 * fleck[..., None] * (third - made)


_Pattern = Callable[[Field, Field, Field, Cover, np.ndarray], np.ndarray]
_PATTERNS: MappingProxyType[str, _Pattern] = MappingProxyType(
    {
        "paint": _plain,
        "stripes": _stripes,
        "damask": _damask,
        "check": _check,
        "tiles": _tiles,
        "planks": _planks,
        "parquet": _parquet,
        "panelling": _panelling,
        "plain": _cloth,
        "satin": _cloth,
        "pinstripe": _pinstripe,
        "plaid": _plaid,
        "floral": _floral,
        "tweed": _tweed,
    }
)
assert set(_PATTERNS) == {*WALL_COVERS, *FABRICS} == set(USUAL_REPEAT_M)


def swatch(cover: Cover, size_px: tuple[int, int], px_m: float) -> Rgb:
    """A flat sample of ``cover``, (h, w, 3), each pixel ``px_m`` metres wide."""
    xs, ys = np.meshgrid((np.arange(size_px[0]) + 0.5) * px_m, (size_px[1] - np.arange(size_px[1]) - 0.5) * px_m)
    foot = np.full(xs.shape, px_m, np.float32)
    return albedo_at(cover, xs.astype(np.float32), ys.astype(np.float32), foot)
