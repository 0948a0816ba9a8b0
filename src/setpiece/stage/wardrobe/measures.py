"""Body measurements: size tables graded by formula, and own measurements over them.

Girths and heights are as ISO 8559-1 names them (the tape horizontal, the back length from the nape's bone to the waist). The
control measurements and their steps follow EN 13402-3: women's chest 4 cm a size and 6 cm from size 46 up, men's chest twice
the size, children by height. What the standard leaves to the trade (neck, limbs, shoulder) is graded linearly on chest and
height, as drafting books do. The rows are linear grades between round figures, not a copy of any published table; a real
fitting overrides any of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from setpiece.core.errors import BriefError


class Figure(StrEnum):
    """Whose table a size is read from, and the proportions of the form."""

    WOMAN = "woman"
    MAN = "man"
    CHILD = "child"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Body measurements, metres. ``shoulder_m`` runs from tip to tip, ``sleeve_m`` from the tip to the wrist with the arm down,
    ``back_length_m`` from nape to waist, ``inside_leg_m`` from the crotch to the floor."""

    figure: Figure
    height_m: float
    chest_m: float
    waist_m: float
    hip_m: float
    under_bust_m: float
    neck_m: float
    back_length_m: float
    shoulder_m: float
    sleeve_m: float
    inside_leg_m: float
    upper_arm_m: float
    wrist_m: float
    thigh_m: float
    knee_m: float
    ankle_m: float

    @property
    def small(self) -> float:
        """Its height over a grown-up's of 1.70 m, 1 at most: what is drawn for one is drawn smaller for a child."""
        return min(1.0, self.height_m / 1.70)


# What each measurement may be at the widest: beyond, a form of it is no body and a typo is likelier.
_RANGE = {
    "height_m": (0.85, 2.20), "chest_m": (0.45, 1.60), "waist_m": (0.42, 1.60), "hip_m": (0.45, 1.70),
    "under_bust_m": (0.42, 1.55), "neck_m": (0.22, 0.55), "back_length_m": (0.20, 0.56), "shoulder_m": (0.22, 0.60),
    "sleeve_m": (0.28, 0.76), "inside_leg_m": (0.34, 1.05), "upper_arm_m": (0.14, 0.55), "wrist_m": (0.10, 0.24),
    "thigh_m": (0.28, 0.90), "knee_m": (0.20, 0.60), "ankle_m": (0.14, 0.38),
}  # fmt: skip


def _woman(size: int) -> Measures:
    chest = 0.80 + 0.02 * (min(size, 46) - 34) + 0.03 * (max(size, 46) - 46)
    waist = 0.65 + 0.0195 * (min(size, 46) - 34) + 0.0315 * (max(size, 46) - 46)
    hip = 0.90 + 0.0165 * (min(size, 46) - 34) + 0.0255 * (max(size, 46) - 46)
    girth = chest - 0.88
    return Measures(
        figure=Figure.WOMAN, height_m=1.68, chest_m=chest, waist_m=waist, hip_m=hip, under_bust_m=chest - 0.125 - 0.03 * girth,
        neck_m=0.355 + 0.16 * girth, back_length_m=0.412 + 0.05 * girth, shoulder_m=0.385 + 0.12 * girth,
        sleeve_m=0.595 + 0.03 * girth, inside_leg_m=0.785, upper_arm_m=0.272 + 0.32 * girth, wrist_m=0.158 + 0.08 * girth,
        thigh_m=0.56 + 0.5 * (hip - 0.97), knee_m=0.365 + 0.25 * (hip - 0.97), ankle_m=0.23 + 0.1 * (hip - 0.97),
    )  # fmt: skip


def _man(size: int) -> Measures:
    chest = 0.02 * size
    waist = chest - 0.12 + 0.25 * max(chest - 1.04, 0.0)
    hip, height = 1.02 + 0.78 * (chest - 1.0), 1.78 + 0.30 * (chest - 1.0)
    girth = chest - 1.0
    return Measures(
        figure=Figure.MAN, height_m=height, chest_m=chest, waist_m=waist, hip_m=hip, under_bust_m=chest - 0.05,
        neck_m=0.395 + 0.20 * girth, back_length_m=0.455 + 0.09 * girth, shoulder_m=0.455 + 0.16 * girth,
        sleeve_m=0.645 + 0.10 * girth, inside_leg_m=0.465 * height, upper_arm_m=0.305 + 0.30 * girth,
        wrist_m=0.175 + 0.08 * girth, thigh_m=0.58 + 0.5 * (hip - 1.02), knee_m=0.385 + 0.25 * (hip - 1.02),
        ankle_m=0.245 + 0.1 * (hip - 1.02),
    )  # fmt: skip


def _child(size: int) -> Measures:
    height = size / 100
    young, older = min(height, 1.22) - 0.98, max(height, 1.22) - 1.22
    chest, waist = 0.55 + 0.32 * young + 0.50 * older, 0.53 + 0.21 * young + 0.26 * older
    hip = 0.57 + 0.40 * young + 0.535 * older
    tall = height - 1.28
    return Measures(
        figure=Figure.CHILD, height_m=height, chest_m=chest, waist_m=waist, hip_m=hip, under_bust_m=chest - 0.02,
        neck_m=0.285 + 0.10 * tall, back_length_m=0.305 + 0.205 * tall, shoulder_m=0.315 + 0.19 * tall,
        sleeve_m=0.435 + 0.40 * tall, inside_leg_m=0.575 + 0.53 * tall, upper_arm_m=0.195 + 0.14 * tall,
        wrist_m=0.133 + 0.05 * tall, thigh_m=0.39 + 0.30 * tall, knee_m=0.28 + 0.16 * tall, ankle_m=0.19 + 0.08 * tall,
    )  # fmt: skip


_TABLES: dict[Figure, tuple[Callable[[int], Measures], int, int, int]] = {
    Figure.WOMAN: (_woman, 34, 50, 2),
    Figure.MAN: (_man, 44, 60, 2),
    Figure.CHILD: (_child, 98, 164, 6),
}
_PLURAL = {"women": Figure.WOMAN, "men": Figure.MAN, "child": Figure.CHILD, "children": Figure.CHILD, "woman": Figure.WOMAN,
           "man": Figure.MAN}  # fmt: skip
_BASIS = {Figure.WOMAN: 40, Figure.MAN: 50, Figure.CHILD: 128}


def sizes() -> tuple[str, ...]:
    """Every row of the tables, as a look names it.

    >>> sizes()[:3]
    ('women_34', 'women_36', 'women_38')
    """
    names = {Figure.WOMAN: "women", Figure.MAN: "men", Figure.CHILD: "child"}
    return tuple(f"{names[f]}_{n}" for f, (_, low, high, step) in _TABLES.items() for n in range(low, high + 1, step))


def measures(size: str, own: tuple[tuple[str, float], ...] = ()) -> Measures:
    """The measurements of a row (``women_40``, ``men_50``, ``child_128``) with ``own`` (name with or without ``_m``, metres)
    over it; ``own``, ``own_man`` or ``own_child`` start from a body of the stated height and chest.

    Raises :class:`BriefError` for an unknown size or name, and for a measurement that no body has.

    >>> measures("women_40").chest_m
    0.92
    """
    match = re.fullmatch(r"([a-z]+)_?(\d+)?", size.lower().removeprefix("own_"))
    if size.lower() == "own":
        figure, number = Figure.WOMAN, None
    elif match is None or match[1] not in _PLURAL or (match[2] is None and not size.lower().startswith("own_")):
        raise BriefError(f"size '{size}' is in no table", remedy=f"write one of {', '.join(sizes())}, or own with measures")
    else:
        figure, number = _PLURAL[match[1]], None if match[2] is None else int(match[2])
    stated: dict[str, Any] = {name if name.endswith("_m") else f"{name}_m": float(value) for name, value in own}
    _check(stated)
    make, low, high, step = _TABLES[figure]
    if number is not None:
        if number not in range(low, high + 1, step):
            raise BriefError(f"size '{size}' is in no table", remedy=f"{figure}: {low} to {high} in steps of {step}")
        return replace(make(number), **stated)
    return replace(_own(figure, stated), **stated)


def _check(stated: dict[str, float]) -> None:
    known = [field.name for field in fields(Measures) if field.name != "figure"]
    for name, value in stated.items():
        if name not in known:
            raise BriefError(f"no measurement is called '{name}'", remedy=f"use one of {', '.join(known)}")
        low, high = _RANGE[name]
        if not low <= value <= high:
            raise BriefError(f"{name} {value:g} is no body's", remedy=f"give metres between {low} and {high}")


def _own(figure: Figure, stated: dict[str, Any]) -> Measures:
    """The table's body nearest to the stated chest (children: height), scaled to the stated height."""
    needed = ("height_m", "chest_m", "waist_m", "hip_m")
    absent = [name for name in needed if name not in stated]
    if absent:
        raise BriefError(f"own measurements lack {', '.join(absent)}", remedy=f"give at least {', '.join(needed)}")
    make, low, high, step = _TABLES[figure]
    rows = [make(number) for number in range(low, high + 1, step)]
    near = "height_m" if figure is Figure.CHILD else "chest_m"
    base = min(rows, key=lambda row: abs(getattr(row, near) - stated[near]))
    tall, wide = stated["height_m"] / base.height_m, stated["chest_m"] / base.chest_m
    long = ("back_length_m", "sleeve_m", "inside_leg_m")
    girths = ("under_bust_m", "neck_m", "upper_arm_m", "wrist_m", "thigh_m", "knee_m", "ankle_m")
    scaled: dict[str, Any] = {name: getattr(base, name) * tall for name in long} | {
        name: getattr(base, name) * wide for name in girths
    }
    return replace(base, **scaled, shoulder_m=base.shoulder_m * (0.5 * tall + 0.5 * wide))
