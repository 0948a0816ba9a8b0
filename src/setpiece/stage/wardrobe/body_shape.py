"""The shape of a body as a distance: a trunk and legs of level sections, arms of tapered capsules, blended.

Place in the flow: under :mod:`.form`, which samples it. Sections are superellipses whose girths are the tape's; the neck leans
forward, so that its ring is high at the nape and low at the throat; thighs leave the seat without a step. Distances are of
first order: exact in sign and at the surface. Blends are Quilez's smooth minimum (2013). Metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.interpolate import PchipInterpolator

from setpiece.stage.wardrobe.measures import Figure, Measures

Array = np.ndarray
Point = tuple[float, float, float]
TRUNK_POWER, LEG_POWER = 2.3, 2.0
_LEAN = 0.42  # how much a neck's ring rises to the back, over its depth
_NECK_M = 0.075  # the stump above the nape


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Where a body is measured, metres: heights above the floor, half widths from the middle. The arm runs from ``shoulder``
    to ``wrist`` (the wearer's left one; the right is its mirror image), the leg from ``hip_joint`` to ``ankle``."""

    neck_z: float
    shoulder_z: float
    armpit_z: float
    bust_z: float
    under_z: float
    waist_z: float
    hip_z: float
    crotch_z: float
    knee_z: float
    shoulder_x: float
    shoulder: Point
    elbow: Point
    wrist: Point
    hip_joint: Point
    ankle: Point


@lru_cache(maxsize=64)
def half_axes(girth_m: float, ratio: float, power: float) -> tuple[float, float]:
    """Half width and half depth of a superellipse of this girth, ``ratio`` depth to width.

    >>> [round(float(value), 4) for value in half_axes(2 * np.pi, 1.0, 2.0)]
    [1.0, 1.0]
    """
    theta = np.linspace(0, 2 * np.pi, 1441)
    c, s = np.cos(theta), np.sin(theta)
    x, y = np.sign(c) * np.abs(c) ** (2 / power), ratio * np.sign(s) * np.abs(s) ** (2 / power)
    wide = girth_m / float(np.hypot(np.diff(x), np.diff(y)).sum())
    return wide, wide * ratio


def trunk_rows(body: Measures, at: Landmarks, grown: tuple[float, float, float, float]) -> Array:
    """Sections (z, half width, half depth, back) of the trunk from the crotch to the neck. ``grown`` are the factors by which
    hip, waist, under-bust and bust sections are drawn, so that a tape over bust and seat reads what it should."""
    man, child = body.figure is Figure.MAN, body.figure is Figure.CHILD
    hip, waist, under, bust = (
        girth * factor for girth, factor in zip((body.hip_m, body.waist_m, body.under_bust_m, body.chest_m), grown, strict=True)
    )
    deep = (0.80 if child else 0.74) + (0.03 if man else 0.0)
    wide = body.shoulder_m / 2
    neck = body.neck_m / (2 * np.pi)
    flat = 0.66 if man else 0.64

    def taped(z: float, girth: float, ratio: float, back: float) -> tuple[float, float, float, float]:
        return (z, *half_axes(girth, ratio, TRUNK_POWER), back)

    pit = half_axes(body.chest_m * (0.95 if man else 0.92), flat, TRUNK_POWER)
    hips = half_axes(hip, 0.74, TRUNK_POWER)
    upper = at.shoulder_z - at.armpit_z
    return np.array([
        (at.crotch_z - 0.04, 0.80 * hips[0], 0.52 * hips[1], 0.006),
        (at.crotch_z + 0.01, 0.93 * hips[0], 0.74 * hips[1], 0.008),
        (at.hip_z, *hips, 0.010),
        taped(0.5 * at.hip_z + 0.5 * at.waist_z, 0.5 * hip + 0.5 * waist, 0.735, 0.004),
        taped(at.waist_z, waist, deep, -0.004),
        taped(at.under_z, under, 0.71, -0.006),
        taped(at.bust_z, bust, 0.70, -0.006),
        (at.armpit_z, min(pit[0], 0.90 * wide), pit[1] * max(1.0, pit[0] / (0.90 * wide)), 0.0),
        (at.armpit_z + 0.55 * upper, 0.915 * wide, 0.84 * pit[1], 0.006),
        (at.shoulder_z - 0.14 * upper, 0.86 * wide, max(0.70 * pit[1], 1.22 * neck), 0.006),
        (at.shoulder_z + 0.16 * upper, 0.60 * wide, max(0.54 * pit[1], 1.12 * neck), 0.003),
        (at.neck_z - 0.012, 1.12 * neck, 1.05 * neck, 0.002),
        (at.neck_z + 0.014, 1.0 * neck, 1.0 * neck, 0.000),
        (at.neck_z + 0.12, 0.97 * neck, 0.97 * neck, -0.020),
    ])  # fmt: skip


def leg_rows(body: Measures, at: Landmarks) -> Array:
    """Sections (z, half width, half depth, back, sideways) of the wearer's left leg, from the ankle to within the seat."""
    fork, knee, ankle = at.crotch_z, at.knee_z, at.ankle[2]
    side, out = at.hip_joint[0], at.ankle[0]

    def row(z: float, girth: float, ratio: float, back: float) -> tuple[float, ...]:
        way = (fork - z) / max(fork - ankle, 1e-3)
        return (z, *half_axes(girth, ratio, LEG_POWER), back, side + (out - side) * way)

    top = half_axes(body.thigh_m, THIGH_RATIO, LEG_POWER)
    calf = knee - 0.32 * (knee - ankle)
    return np.array([
        row(0.0, 0.98 * body.ankle_m, 1.12, 0.018),
        row(ankle, body.ankle_m, 1.15, 0.018),
        row(0.45 * calf + 0.55 * ankle, 0.5 * (body.ankle_m + body.knee_m), 1.06, 0.022),
        row(calf, 0.985 * body.knee_m, 1.05, 0.022),
        row(knee, body.knee_m, 1.02, 0.004),
        row(0.45 * fork + 0.55 * knee, 0.46 * body.thigh_m + 0.54 * body.knee_m, 1.08, 0.002),
        row(fork - 0.02, body.thigh_m, THIGH_RATIO, 0.006),
        (0.8 * at.hip_z + 0.2 * at.waist_z, 0.66 * top[0], 0.70 * top[1], 0.006, 0.80 * side),
    ])  # fmt: skip


THIGH_RATIO = 1.16


def _column(rows: Array, power: float, x: Array, y: Array, z: Array, *, lean: Array | float = 0.0) -> Array:
    """About the distance to a column of level sections; ``lean`` lifts them to the back."""
    height = z - lean * y if isinstance(lean, np.ndarray) else z
    clipped = np.clip(height, rows[0, 0], rows[-1, 0])
    wide, deep, back, *more = (PchipInterpolator(rows[:, 0], rows[:, i])(clipped) for i in range(1, rows.shape[1]))
    u, v = np.abs(x - (more[0] if more else 0.0)) / wide, np.abs(y - back) / deep
    q = (u**power + v**power) ** (1 / power)
    safe = np.maximum(q, 1e-3)
    steep = np.hypot((u / safe) ** (power - 1) / wide, (v / safe) ** (power - 1) / deep)
    return np.asarray((q - 1) / np.maximum(steep, 1e-3))


def _shoulders_lean(at: Landmarks, z: Array) -> Array:
    """How far sections rise to the back: nothing below the shoulders, all of it at the nape."""
    share = np.clip((z - at.shoulder_z + 0.05) / max(at.neck_z - at.shoulder_z + 0.05, 1e-3), 0, 1)
    return np.asarray(_LEAN * share * share * (3 - 2 * share))


def trunk(body: Measures, at: Landmarks, rows: Array, x: Array, y: Array, z: Array) -> Array:
    """About the distance to trunk, bust and seat."""
    distance = _column(rows, TRUNK_POWER, x, y, z, lean=_shoulders_lean(at, z))
    if body.figure is Figure.WOMAN:
        cup = float(np.clip((body.chest_m - body.under_bust_m) / 0.13, 0.4, 2.2))
        front = float(np.interp(at.bust_z, rows[:, 0], rows[:, 2]))
        radius = 0.060 * cup**0.4 * (body.chest_m / 0.9) ** 0.7
        breast = (0.092 * body.chest_m, 0.40 * radius - front, at.bust_z - 0.006)
        distance = _blended(distance, _ball(x, y, z, breast, radius, 0.90), 0.055)
    deep = float(np.interp(at.hip_z, rows[:, 0], rows[:, 2]))
    radius = 0.088 * body.hip_m
    return _blended(distance, _ball(x, y, z, (0.082 * body.hip_m, deep - 0.66 * radius, at.hip_z + 0.004), radius, 0.94), 0.06)


def whole(body: Measures, at: Landmarks, rows: Array, x: Array, y: Array, z: Array) -> Array:
    """About the distance to a body with its arms and legs, down to the floor and up to the neck's stump."""
    return parted(body, at, rows, x, y, z)[0]


def parted(body: Measures, at: Landmarks, rows: Array, x: Array, y: Array, z: Array) -> tuple[Array, Array]:
    """About the distance to a whole body, and how much farther off the arms are than the rest of it: 0 midway between."""
    distance = trunk(body, at, rows, x, y, z)
    distance = -_blended(-distance, -np.asarray(at.crotch_z - 0.02 - z + 0.0 * x + 0.0 * y), 0.05)
    side = np.abs(x)
    legs = leg_rows(body, at)
    leg = _column(legs, LEG_POWER, side, y, z)
    leg = np.maximum(leg, z - legs[-1, 0])
    distance = _blended(distance, leg, 0.045)
    arm, wrist = body.upper_arm_m / (2 * np.pi), body.wrist_m / (2 * np.pi)
    limb = np.minimum(
        _capsule(side, y, z, at.shoulder, at.elbow, arm, 0.84 * arm),
        _capsule(side, y, z, at.elbow, at.wrist, 0.84 * arm, wrist),
    )
    apart = np.asarray(limb - distance, np.float32)
    under = np.clip((z - at.armpit_z + 0.015) / 0.06, 0, 1)  # an arm grows out of the shoulder and only hangs beside the chest
    distance = _blended(distance, limb, 0.008 + 0.037 * under)
    distance = np.maximum(distance, z - (at.neck_z + _NECK_M))
    return np.asarray(np.maximum(distance, 0.012 - z), np.float32), apart


def _ball(x: Array, y: Array, z: Array, centre: Point, radius: float, tall: float) -> Array:
    """Both of a pair of balls, ``tall`` squeezing them in height."""
    return np.asarray(np.sqrt((np.abs(x) - centre[0]) ** 2 + (y - centre[1]) ** 2 + (tall * (z - centre[2])) ** 2) - radius)


def _capsule(x: Array, y: Array, z: Array, first: Point, last: Point, r0: float, r1: float) -> Array:
    a, b = np.array(first), np.array(last)
    way = b - a
    share = np.clip(((x - a[0]) * way[0] + (y - a[1]) * way[1] + (z - a[2]) * way[2]) / float(way @ way), 0, 1)
    away = np.sqrt((x - a[0] - share * way[0]) ** 2 + (y - a[1] - share * way[1]) ** 2 + (z - a[2] - share * way[2]) ** 2)
    return np.asarray(away - (r0 + (r1 - r0) * share))


def _blended(one: Array, other: Array, width: Array | float) -> Array:
    """The union of two distances, its crease filled over ``width``."""
    mixed = np.maximum(width - np.abs(one - other), 0) / width
    return np.asarray(np.minimum(one, other) - mixed * mixed * width * 0.25)
