"""Garments drafted to a body: dress, skirt, shirt, trousers, coat, jacket, waistcoat, cape, uniform tunic.

Place in the flow: a look's garment and measurements -> here -> sewing and paper. Flat pattern drafting by direct measures, as
cutters' manuals teach it (Aldrich, 2015): quarters of the girths with ease, an armhole, a cap eased into it, darts where a
waist is fitted. :func:`parameters` is the one table of what each kind can be told; what is not told is chosen, and stands in
``Pattern.values``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from setpiece.core.errors import BriefError
from setpiece.core.garment import Fastening, Panel, Pattern, Seam
from setpiece.stage.wardrobe.body_shape import Landmarks
from setpiece.stage.wardrobe.drafting import (
    Array,
    bent,
    curve,
    darted,
    joined,
    length_m,
    line,
    mirrored,
    other_side,
    panel,
    sleeve,
)
from setpiece.stage.wardrobe.form import landmarks
from setpiece.stage.wardrobe.measures import Figure, Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a garment can be told: a number within ``low`` .. ``high``, or one of ``choices``; ``usual`` is chosen else."""

    name: str
    usual: float | str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    about: str = ""


def _number(name: str, usual: float, low: float, high: float, about: str) -> Parameter:
    return Parameter(name=name, usual=usual, low=low, high=high, about=about)


def _choice(name: str, usual: str, choices: str, about: str) -> Parameter:
    return Parameter(name=name, usual=usual, choices=tuple(choices.split()), about=about)


_SLEEVES = "none short three_quarter long"
_LENGTH = "metres from the nape to the hem"


def _upper(length: float, ease: float, sleeve_: str, collar: str, flare: float = 0.0) -> tuple[Parameter, ...]:
    return (
        _number("length_m", length, 0.40, 1.45, _LENGTH),
        _number("ease_m", ease, 0.02, 0.40, "metres about the chest, over the body"),
        _number("flare_m", flare, 0.0, 0.60, "metres that the hem is wider than the hip, all round"),
        _choice("sleeve", sleeve_, _SLEEVES, "how long the sleeves are"),
        _choice("collar", collar, "none stand shirt notched shawl", "what the neck is finished with"),
    )


_TABLE: dict[str, tuple[Parameter, ...]] = {
    "dress": (
        _number("length_m", 1.05, 0.70, 1.55, _LENGTH),
        _number("ease_m", 0.06, 0.03, 0.30, "metres about the chest, over the body"),
        _choice("skirt", "a_line", "straight a_line gathered circle", "how the skirt is cut"),
        _choice("neck", "round", "round v square boat", "the neckline"),
        _choice("sleeve", "none", _SLEEVES, "how long the sleeves are"),
    ),
    "skirt": (
        _number("length_m", 0.62, 0.25, 1.10, "metres from the waist to the hem"),
        _number("ease_m", 0.04, 0.02, 0.20, "metres about the hip, over the body"),
        _choice("skirt", "a_line", "straight a_line gathered circle", "how it is cut"),
    ),
    "shirt": (*_upper(0.76, 0.16, "long", "shirt"),),
    "trousers": (
        _number("length_m", 0.0, 0.15, 1.10, "metres inside the leg, to the hem; not stated: the body's own, to the ankle"),
        _number("ease_m", 0.07, 0.03, 0.30, "metres about the hip, over the body"),
        _number("hem_m", 0.44, 0.26, 1.00, "metres about the hem"),
    ),
    "coat": (*_upper(1.10, 0.24, "long", "notched", 0.10),),
    "jacket": (*_upper(0.74, 0.16, "long", "notched"),),
    "waistcoat": (*_upper(0.60, 0.09, "none", "none"),),
    "cape": (
        _number("length_m", 0.85, 0.35, 1.30, _LENGTH),
        _number("sweep_deg", 270.0, 200.0, 350.0, "how much of a circle it is cut from"),
    ),
    "uniform_tunic": (*_upper(0.78, 0.15, "long", "stand", 0.06),),
}
KINDS = tuple(_TABLE)


def parameters(kind: str) -> tuple[Parameter, ...]:
    """What a kind of garment can be told. Raises BriefError for a kind that is not there.

    >>> [one.name for one in parameters("cape")]
    ['length_m', 'sweep_deg']
    """
    if kind not in _TABLE:
        raise BriefError(f"there is no garment '{kind}'", remedy=f"garments are {', '.join(KINDS)}")
    return _TABLE[kind]


def values_of(kind: str, stated: Mapping[str, float | str]) -> dict[str, float | str]:
    """All values of a garment: as stated, else as usual. Raises BriefError for names and values that the kind has not."""
    table = {one.name: one for one in parameters(kind)}
    for name, value in stated.items():
        if name not in table:
            raise BriefError(f"a {kind} has no '{name}'", remedy=f"it can be told {', '.join(table)}")
        one = table[name]
        if one.choices and value not in one.choices:
            raise BriefError(f"{kind}: {name} cannot be '{value}'", remedy=f"choose one of {', '.join(one.choices)}")
        if not one.choices and not (isinstance(value, (int, float)) and one.low <= value <= one.high):
            raise BriefError(f"{kind}: {name} cannot be {value}", remedy=f"give a number from {one.low:g} to {one.high:g}")
    return {name: stated.get(name, one.usual) for name, one in table.items()}


def draft(kind: str, body: Measures, stated: Mapping[str, float | str] | None = None, *, size: str = "own") -> Pattern:
    """The pattern of a garment for a body. Lengths are drawn for an adult of 1.70 m and follow the height where they are not
    stated; a shirt's ease follows it by half. Raises BriefError."""
    told = dict(stated or {})
    values = values_of(kind, told)
    for name in ("length_m",):
        if name not in told and values.get(name):
            values[name] = round(float(values[name]) * body.height_m / 1.70, 3)
    if kind == "shirt" and "ease_m" not in told:
        values["ease_m"] = round(float(values["ease_m"]) * body.small**0.5, 3)
    at = landmarks(body)
    if kind == "trousers" and "length_m" not in told:
        values["length_m"] = round(body.inside_leg_m - 0.055, 3)
    if kind == "trousers" and "hem_m" not in told and at.crotch_z - float(values["length_m"]) > at.knee_z - 0.06:
        values["hem_m"] = round(body.thigh_m + 0.08, 3)  # shorts: about the thigh
    panels, seams, fastenings = _DRAFTS[kind](kind, body, at, values)
    return Pattern(
        kind=kind,
        size=size,
        panels=tuple(panels),
        seams=tuple(seams),
        fastenings=tuple(fastenings),
        values=tuple(values.items()),
    )


Draft = tuple[list[Panel], list[Seam], list[Fastening]]


def _sew(one: str, edge: str, other: str, edge2: str, *, turned: bool = False) -> Seam:
    return Seam(one=(one, edge), other=(other, edge2), turned=turned)


# -- the trunk -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """How a trunk is cut: ease about chest, waist and hip; how far the shoulder goes beyond the body's and the
    armhole below the armpit; the half outline's neck; where the hem is, and how far it stands out."""

    chest: float
    waist: float
    hip: float
    hem_z: float
    flare: float = 0.0
    shoulder: float = 0.0
    drop: float = 0.02
    neck: str = "round"
    break_z: float = 0.0


def _half(body: Measures, at: Landmarks, cut: _Cut, *, front: bool) -> dict[str, Array]:
    """Half a front or back, from the hem up: hem, side, armhole, shoulder, neck; x 0 at its middle."""
    chest, waist, hip = (
        (girth + ease) / 4 for girth, ease in ((body.chest_m, cut.chest), (body.waist_m, cut.waist), (body.hip_m, cut.hip))
    )
    pit = (chest + (0.004 if front else -0.004), at.armpit_z - cut.drop)
    tip = (at.shoulder_x + cut.shoulder, at.shoulder_z + 0.024)
    width = 1.13 * body.neck_m / (2 * np.pi) + 0.019 + 0.045 * cut.chest
    point = (width, at.neck_z + 0.012)
    rows = [(cut.hem_z, hip + cut.flare / 4 if cut.hem_z < at.hip_z else None)]
    if cut.hem_z < at.hip_z - 0.02:  # a flare that is steeper than one in three begins above the hip
        rows += [(at.hip_z, hip + max(0.0, cut.flare / 4 - (at.hip_z - cut.hem_z) / 3))]
    rows += [(at.waist_z, waist)] if cut.hem_z < at.waist_z - 0.02 else []
    first = rows[0][1] or float(np.interp(cut.hem_z, [at.hip_z, at.waist_z, pit[1]], [hip, waist, chest]))
    z = np.array([cut.hem_z, *(row[0] for row in rows[1:]), pit[1]])
    x = np.array([first, *(row[1] for row in rows[1:]), pit[0]], float)
    from scipy.interpolate import PchipInterpolator

    heights = np.linspace(z[0], z[-1], max(4, int((z[-1] - z[0]) / 0.02)))
    side = np.stack([PchipInterpolator(z, x)(heights), heights], -1) if len(z) > 2 else line((x[0], z[0]), (x[1], z[1]))
    across = 0.60 if front else 0.72
    notch = (pit[0] - across * (pit[0] - tip[0]) - 0.004, pit[1] + 0.3 * (tip[1] - pit[1]))
    armhole = curve(pit, (0.35 * pit[0] + 0.65 * notch[0], pit[1] + 0.004), (notch[0], notch[1]), tip)
    hem = line((0.0, cut.hem_z), (first, cut.hem_z))
    return {"hem": hem, "side": side, "armhole": armhole, "shoulder": line(tip, point), "neck": _neck(point, at, cut, front)}


def _neck(point: tuple[float, float], at: Landmarks, cut: _Cut, front: bool) -> Array:
    x, z = point
    if not front:
        deep = 0.022 if cut.neck != "boat" else 0.03
        return curve(point, (0.75 * x, z - deep), (0.4 * x, z - deep), (0.0, z - deep), 12)
    if cut.break_z:
        return line(point, (0.0, cut.break_z))
    low = z - {"round": 0.085, "v": 0.19, "square": 0.13, "boat": 0.05, "close": 0.072}[cut.neck]
    if cut.neck == "v":
        return line(point, (0.0, low))
    if cut.neck == "square":
        return joined(line(point, (0.92 * x, low)), line((0.92 * x, low), (0.0, low)))
    return curve(point, (x, z - 0.6 * (z - low)), (0.55 * x, low), (0.0, low), 16)


def _whole(name: str, half: Mapping[str, Array], bottom: Sequence[tuple[str, Array]] | None = None) -> Panel:
    """A front or back in one piece; ``bottom``: its lower edge in pieces, from the wearer's right to the left."""
    hem = [("hem", joined(mirrored(half["hem"]), half["hem"]))] if bottom is None else list(bottom)
    neck = joined(half["neck"], mirrored(half["neck"]))
    left = [(f"{key}_l", half[key]) for key in ("side", "armhole", "shoulder")]
    right = [(f"{key}_r", mirrored(half[key])) for key in ("shoulder", "armhole", "side")]
    edges = [*hem, *left, ("neck", neck), *right]
    return panel(name, edges)


def _split(
    name: str, half: Mapping[str, Array], *, open_z: float = 0.0, marks: Sequence[tuple[str, Array]] = ()
) -> list[Panel]:
    """A front in two, meeting in the middle: closed down to ``open_z``, and open below it."""
    top, low = float(half["neck"][-1][1]), float(half["hem"][0][1])
    edges = [(key, half[key]) for key in ("hem", "side", "armhole", "shoulder", "neck")]
    if open_z > low + 0.03:
        edges += [("closed", line((0.0, top), (0.0, open_z))), ("vent", line((0.0, open_z), (0.0, low)))]
    else:
        edges += [("closed", line((0.0, top), (0.0, low)))]
    drawn = tuple((called, np.ascontiguousarray(points, np.float32)) for called, points in marks)
    left = panel(f"{name}_left", edges, marks=drawn)
    return [left, other_side(left, f"{name}_right")]


def _sides(front: str, back: str, split: bool) -> list[Seam]:
    """Side and shoulder seams of a trunk."""
    made = []
    for side, letter in (("left", "l"), ("right", "r")):
        for edge in ("side", "shoulder"):
            one = (f"{front}_{side}", edge) if split else (front, f"{edge}_{letter}")
            made.append(Seam(one=one, other=(back, f"{edge}_{letter}"), turned=False))
    return made


def _sleeved(
    body: Measures, at: Landmarks, front: str, back: str, half_f: Mapping[str, Array], half_b: Mapping[str, Array], *,
    split: bool, long: str, ease: float, cuff: bool,
) -> Draft:  # fmt: skip
    """Sleeves set into the armholes, with cuffs or hemmed."""
    if long == "none":
        return [], [], []
    share = {"short": 0.42, "three_quarter": 0.78, "long": 1.0}[long]
    armhole = (length_m(half_f["armhole"]), length_m(half_b["armhole"]))
    bicep = body.upper_arm_m + 0.045 + 0.22 * ease
    whole = (body.sleeve_m - 0.14 * body.sleeve_m) * share - (0.055 if cuff and long == "long" else 0.0)
    wrist = max(body.wrist_m + 0.05 + 0.3 * ease, 0.14) if long == "long" else bicep - 0.16 * share * bicep
    panels, seams = [], []
    for side, letter in (("left", "l"), ("right", "r")):
        name, mirror = f"sleeve_{side}", side == "right"
        panels.append(sleeve(name, armhole, bicep, wrist + (0.06 if cuff and long == "long" else 0.0), whole))
        one = (f"{front}_{side}", "armhole") if split else (front, f"armhole_{letter}")
        seams += [
            Seam(one=one, other=(name, "cap_front"), turned=mirror),
            Seam(one=(back, f"armhole_{letter}"), other=(name, "cap_back"), turned=not mirror),
            _sew(name, "under_front", name, "under_back", turned=True),
        ]
        if cuff and long == "long":
            end = wrist / 2
            panels.append(
                panel(f"cuff_{side}", [
                    ("wrist", line((-end, -0.06), (end, -0.06))), ("end_a", line((end, -0.06), (end, 0.0))),
                    ("seam", line((end, 0.0), (-end, 0.0))), ("end_b", line((-end, 0.0), (-end, -0.06))),
                ])
            )  # fmt: skip
            seams += [
                _sew(name, "wrist", f"cuff_{side}", "seam", turned=True),
                _sew(f"cuff_{side}", "end_a", f"cuff_{side}", "end_b", turned=True),
            ]
    return panels, seams, []


_TURN_M = 0.42  # the arc that a turned-down collar is cut on: its outer edge goes the longer way about the neck


def _collar(style: str, half_f: Mapping[str, Array], half_b: Mapping[str, Array], front: str, back: str) -> Draft:
    """A stand, a shirt collar on a stand, or a fall about the neckline of a front that opens."""
    if style == "none":
        return [], [], []
    ahead, behind = length_m(half_f["neck"]), length_m(half_b["neck"])
    reach = ahead if style in ("stand", "shirt") else min(ahead, 0.12)
    tall = {"stand": 0.042, "shirt": 0.03, "notched": 0.062, "shawl": 0.068}[style]
    half = behind + reach
    tip = half - (0.006 if style in ("stand", "shirt") else -0.01)
    name = "collar_stand" if style in ("stand", "shirt") else "collar_fall"
    edges = [
        ("front_right", line((-half, 0.0), (-behind, 0.0))), ("back", line((-behind, 0.0), (behind, 0.0))),
        ("front_left", line((behind, 0.0), (half, 0.0))), ("end_left", line((half, 0.0), (tip, tall))),
        ("top", line((tip, tall), (-tip, tall))), ("end_right", line((-tip, tall), (-half, 0.0))),
    ]  # fmt: skip
    panels = [panel(name, edges if name == "collar_stand" else bent(edges, _TURN_M), cloth="collar")]
    necks = ("neck", "neck") if reach == ahead else ("gorge", "gorge")
    seams = [
        _sew(f"{front}_left", necks[0], name, "front_left"),
        _sew(f"{front}_right", necks[1], name, "front_right"),
        _sew(back, "neck", name, "back", turned=True),
    ]
    if style == "shirt":
        out = tip + 0.022
        panels.append(
            panel("collar_fall", bent([
                ("seam", line((-tip, 0.0), (tip, 0.0))), ("end_left", line((tip, 0.0), (out, 0.058))),
                ("edge", line((out, 0.058), (0.0, 0.046), (-out, 0.058))), ("end_right", line((-out, 0.058), (-tip, 0.0))),
            ], _TURN_M), cloth="collar")
        )  # fmt: skip
        seams.append(_sew(name, "top", "collar_fall", "seam", turned=True))
    return panels, seams, []


def _buttons(front: str, top_z: float, low_z: float, count: int, size: float, x: float = 0.0) -> list[Fastening]:
    return [
        Fastening(kind="button", panel=f"{front}_left", at=(x, float(z)), size_m=size) for z in np.linspace(top_z, low_z, count)
    ]


# -- kinds -----------------------------------------------------------------------------------------------------------------


def _opened(kind: str, body: Measures, at: Landmarks, values: Mapping[str, float | str]) -> Draft:
    """What opens in front: shirt, waistcoat, jacket, coat, tunic."""
    tailored = kind in ("jacket", "coat", "waistcoat", "uniform_tunic")
    ease, hem_z = float(values["ease_m"]), max(at.neck_z - float(values["length_m"]), 0.06)
    collar, long = str(values["collar"]), str(values["sleeve"])
    turned_back = collar in ("notched", "shawl")
    deep = kind == "waistcoat" or turned_back
    break_z = (at.waist_z + 0.06 if kind != "waistcoat" else at.bust_z - 0.04) if deep else 0.0
    break_z = max(break_z, hem_z + 0.10) if deep else 0.0
    fitted = {"shirt": 0.04, "jacket": 0.03, "waistcoat": 0.03, "uniform_tunic": 0.03, "coat": 0.06}[kind]
    loose = ease + 0.10 * body.small
    cut = _Cut(
        chest=ease,
        waist=max(ease, min(ease + fitted, body.chest_m - body.waist_m + ease * 0.5)) if tailored else loose,
        hip=max(ease, 0.10),
        hem_z=hem_z,
        flare=float(values["flare_m"]),
        shoulder={"coat": 0.016, "jacket": 0.010, "uniform_tunic": 0.008, "waistcoat": -0.035}.get(kind, 0.006),
        drop=(0.050 + {"waistcoat": 0.015, "jacket": 0.014, "coat": 0.020, "uniform_tunic": 0.010}.get(kind, 0.0))
        * (body.height_m / 1.70)
        + 0.12 * ease,
        neck="close",
        break_z=break_z,
    )
    ahead, behind = _half(body, at, cut, front=True), _half(body, at, cut, front=False)
    longer = length_m(ahead["side"]) - length_m(behind["side"])
    behind = _half(body, at, replace(cut, drop=cut.drop - longer), front=False)
    names = [key for key in ahead if key != "neck"]
    if turned_back:
        gorge, roll = _cut_at(ahead["neck"], 0.12)
        ahead = {**{key: ahead[key] for key in names}, "gorge": gorge, "roll": roll}
    open_z = max(hem_z, at.hip_z - 0.02) if tailored else hem_z
    marks = _marks(kind, collar, at, ahead, hem_z, break_z)
    fronts = _fronts(ahead, open_z, marks)
    panels = [*fronts, _whole("bodice_back", behind)]
    seams = [
        *_sides("bodice_front", "bodice_back", True),
        _sew("bodice_front_left", "closed", "bodice_front_right", "closed", turned=True),
    ]
    both = {"neck": joined(ahead["gorge"], ahead["roll"]) if turned_back else ahead["neck"]}
    for more in (
        _sleeved(
            body, at, "bodice_front", "bodice_back", ahead, behind, split=True, long=long, ease=ease, cuff=kind == "shirt"
        ),
        _collar(collar, {**ahead, **both}, behind, "bodice_front", "bodice_back"),
    ):
        panels += more[0]
        seams += more[1]
    top = break_z - 0.012 if deep else float(both["neck"][-1][1]) - 0.012
    count = {"shirt": 7, "jacket": 2, "coat": 3, "waistcoat": 5, "uniform_tunic": 6}[kind]
    low = {"shirt": max(hem_z + 0.09, at.crotch_z), "jacket": at.waist_z - 0.03}.get(kind, max(open_z + 0.015, hem_z + 0.05))
    size = {"shirt": 0.011, "coat": 0.024, "uniform_tunic": 0.020}.get(kind, 0.017)
    return panels, seams, _buttons("bodice_front", top, min(low, top - 0.05), count, size)


def _cut_at(points: Array, first_m: float) -> tuple[Array, Array]:
    """A line cut ``first_m`` from its beginning."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = min(first_m, 0.8 * along[-1])
    here = np.array([[np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])]])
    return np.concatenate([points[along < at - 1e-6], here]), np.concatenate([here, points[along > at + 1e-6]])


def _fronts(half: Mapping[str, Array], open_z: float, marks: Sequence[tuple[str, Array]]) -> list[Panel]:
    if "roll" not in half:
        return _split("bodice_front", half, open_z=open_z, marks=marks)
    top, low = float(half["roll"][-1][1]), float(half["hem"][0][1])
    edges = [(key, half[key]) for key in ("hem", "side", "armhole", "shoulder", "gorge", "roll")]
    if open_z > low + 0.03:
        edges += [("closed", line((0.0, top), (0.0, open_z))), ("vent", line((0.0, open_z), (0.0, low)))]
    else:
        edges += [("closed", line((0.0, top), (0.0, low)))]
    drawn = tuple((called, np.ascontiguousarray(points, np.float32)) for called, points in marks)
    left = panel("bodice_front_left", edges, marks=drawn)
    return [left, other_side(left, "bodice_front_right")]


def _marks(
    kind: str, collar: str, at: Landmarks, half: Mapping[str, Array], hem_z: float, break_z: float
) -> list[tuple[str, Array]]:
    """What is laid or stitched on a left front: lapel, pockets, flaps, placket. ``patch:`` are pieces, ``stitch:`` lines."""
    made: list[tuple[str, Array]] = []
    if collar in ("notched", "shawl"):
        top = half["roll"][0]
        out = (0.085, -0.012) if collar == "notched" else (0.06, -0.06)
        tip = (float(top[0]) + out[0], float(top[1]) + out[1])
        edge = curve(tip, (tip[0] - 0.012, tip[1] - 0.12), (0.035, break_z + 0.08), (0.004, break_z + 0.004), 14)
        made.append(("patch:lapel", np.concatenate([[top], edge])))
    if kind in ("jacket", "coat", "uniform_tunic") and hem_z < at.hip_z:
        wide, z = 0.15, 0.45 * at.hip_z + 0.55 * at.waist_z - 0.02
        x = 0.055
        made.append(("patch:flap", line((x, z), (x + wide, z + 0.006), (x + wide, z - 0.05), (x, z - 0.056))))
    if kind in ("shirt", "uniform_tunic"):
        x, z = 0.045, at.bust_z + 0.055
        box = line((x, z), (x + 0.105, z), (x + 0.105, z - 0.115), (x + 0.052, z - 0.13), (x, z - 0.115))
        made.append(("patch:pocket", box))
    if kind == "waistcoat":
        for z in (at.waist_z - 0.02, at.bust_z - 0.02):
            made.append(("patch:welt", line((0.05, z), (0.15, z + 0.012), (0.15, z - 0.006), (0.05, z - 0.018))))
    if kind == "shirt":
        top_z = float((half["neck"] if "neck" in half else half["roll"])[-1][1])
        made.append(("stitch:placket", line((0.017, top_z), (0.017, hem_z))))
    return made


def _skirt_panels(
    body: Measures, at: Landmarks, style: str, hem_z: float, ease: float, waist_ease: float
) -> tuple[list[Panel], list[Seam]]:
    """Front and back of a skirt from the waist down; their upper edges are part0 .. part2, darted where it is fitted."""
    waist, hip = (body.waist_m + waist_ease) / 4, (body.hip_m + ease) / 4
    if style == "circle":
        return _circle(body, at, hem_z, waist_ease)
    long = at.waist_z - hem_z
    full = 1.9 if style == "gathered" else 1.0
    dart = 0.024 if style in ("straight", "a_line") else 0.0
    top = waist * full + dart
    hem = {"straight": hip + 0.01, "a_line": hip + 0.16 * long + 0.02, "gathered": top + 0.05}[style]
    panels = []
    for name in ("skirt_front", "skirt_back"):
        if style == "gathered":
            side = line((hem, hem_z), (top, at.waist_z))
            rise = 0.0
        else:
            seat_z = max(at.hip_z, hem_z + 0.03)
            lean = 0.06 * (hem - hip) / max(seat_z - hem_z, 0.06)
            upper_side = curve(
                (hip, seat_z), (hip - lean, seat_z + 0.06), (top + 0.006, at.waist_z - 0.05), (top, at.waist_z), 12
            )
            side = joined(line((hem, hem_z), (hip, seat_z)), upper_side)
            _, side = _cut_at(side, min(max(length_m(side) - long, 0.0), 0.85 * (seat_z - hem_z)))
            rise = 0.0
        edge = curve((top, at.waist_z), (0.5 * top, at.waist_z - rise), (-0.5 * top, at.waist_z - rise), (-top, at.waist_z), 24)
        upper = darted(edge, (0.27, 0.73), dart, -0.095) if dart else _thirds(edge, (0.27, 0.73))
        end, up = float(side[0, 0]), float(side[0, 1])
        lower = curve((-end, up), (-0.5 * end, hem_z - (up - hem_z) / 3), (0.5 * end, hem_z - (up - hem_z) / 3), (end, up), 24)
        panels.append(panel(name, [("hem", lower), ("side_l", side), *upper, ("side_r", mirrored(side))]))
    seams = [_sew("skirt_front", f"side_{s}", "skirt_back", f"side_{s}") for s in "lr"]
    if dart:
        seams += [
            _sew(name, f"dart{n}a", name, f"dart{n}b", turned=True) for name in ("skirt_front", "skirt_back") for n in (0, 1)
        ]
    return panels, seams


def _circle(body: Measures, at: Landmarks, hem_z: float, waist_ease: float) -> tuple[list[Panel], list[Seam]]:
    """Two halves of a circle, as far as cloth goes: drawn about a middle over the waist, which ``guide:centre`` marks."""
    half = np.radians(80.0)
    inner = (body.waist_m + waist_ease) / 4 / half
    outer, middle = inner + at.waist_z - hem_z, at.waist_z + inner
    turn = np.linspace(-half, half, 61)
    arc = np.stack([np.sin(turn), -np.cos(turn)], -1)
    centre = np.array([0.0, middle])
    side = np.stack([centre + outer * arc[-1], centre + inner * arc[-1]])
    guide = (("guide:centre", np.array([[0.0, middle], [0.0, middle - inner]], np.float32)),)
    panels = [
        panel(name, [("hem", centre + outer * arc), ("side_l", side), *_thirds(centre + inner * arc[::-1], (0.27, 0.73)),
                     ("side_r", mirrored(side))], marks=guide)
        for name in ("skirt_front", "skirt_back")
    ]  # fmt: skip
    return panels, [_sew("skirt_front", f"side_{s}", "skirt_back", f"side_{s}") for s in "lr"]


def _thirds(edge: Array, at: Sequence[float]) -> list[tuple[str, Array]]:
    whole = length_m(edge)
    first, rest = _cut_at(edge, at[0] * whole)
    middle, last = _cut_at(rest, (at[1] - at[0]) * whole)
    return [("part0", first), ("part1", middle), ("part2", last)]


def _band(name: str, lengths: Sequence[float], low_z: float, tall: float) -> Panel:
    """A band over an upper edge in pieces of these lengths, from the wearer's right to the left."""
    at = np.concatenate([[0.0], np.cumsum(lengths)]) - sum(lengths) / 2
    pieces = [(f"seam{i}", line((at[i], low_z), (at[i + 1], low_z))) for i in range(len(lengths))]
    end = float(at[-1])
    high = low_z + tall
    ends = [("side_l", line((end, low_z), (end, high))), ("top", line((end, high), (-end, high)))]
    return panel(name, [*pieces, *ends, ("side_r", line((-end, high), (-end, low_z)))])


def _skirt(kind: str, body: Measures, at: Landmarks, values: Mapping[str, float | str]) -> Draft:
    hem_z = max(at.waist_z - float(values["length_m"]), 0.05)
    band = body.waist_m * (1.0 if body.figure is Figure.WOMAN else 1 + _BAND_M)
    panels, seams = _skirt_panels(body, at, str(values["skirt"]), hem_z, float(values["ease_m"]), band - body.waist_m)
    each = band / 2
    for name in ("front", "back"):
        shares = (0.27, 0.46, 0.27)
        panels.append(_band(f"waistband_{name}", [share * each for share in shares], at.waist_z, 0.035))
        seams += [_sew(f"skirt_{name}", f"part{2 - n}", f"waistband_{name}", f"seam{n}", turned=True) for n in range(3)]
    seams += [_sew("waistband_front", f"side_{s}", "waistband_back", f"side_{s}") for s in "lr"]
    closed = [Fastening(kind="zip", panel="skirt_back", at=(0.0, at.waist_z), size_m=0.18)]
    return panels, seams, [*closed, Fastening(kind="hook", panel="waistband_back", at=(0.0, at.waist_z + 0.017), size_m=0.01)]


def _dress(kind: str, body: Measures, at: Landmarks, values: Mapping[str, float | str]) -> Draft:
    ease = float(values["ease_m"])
    hem_z = max(at.neck_z - float(values["length_m"]), 0.05)
    dart = max(0.012, min(0.036, (body.chest_m - body.waist_m) / 4 - 0.004)) if body.figure is not Figure.CHILD else 0.010
    cut = _Cut(
        chest=ease,
        waist=ease,
        hip=ease,
        hem_z=at.waist_z,
        neck=str(values["neck"]),
        shoulder=-0.012 if values["sleeve"] == "none" else 0.004,
        drop=(0.035 if values["sleeve"] == "none" else 0.05) * body.height_m / 1.70,
    )
    panels, seams, halves = [], [], {}
    for name, front in (("bodice_front", True), ("bodice_back", False)):
        half = halves[name] = _half(body, at, cut, front=front)
        wide = (body.waist_m + ease) / 4 + dart
        side = curve((wide, at.waist_z), (wide + 0.004, at.waist_z + 0.05), (half["side"][-1][0] - 0.004, at.bust_z - 0.03),
                     tuple(half["side"][-1]), 14)  # fmt: skip
        low = curve(
            (-wide, at.waist_z), (-0.5 * wide, at.waist_z - 0.006), (0.5 * wide, at.waist_z - 0.006), (wide, at.waist_z), 24
        )
        bottom = darted(low, (0.27, 0.73), dart, 0.8 * (at.bust_z - at.waist_z))
        panels.append(_whole(name, {**half, "side": side}, bottom))
        seams += [_sew(name, f"dart{n}a", name, f"dart{n}b", turned=True) for n in (0, 1)]
    seams += _sides("bodice_front", "bodice_back", False)
    more, sewing = _skirt_panels(body, at, str(values["skirt"]), hem_z, max(ease, 0.05), ease)
    panels += more
    seams += sewing
    for name in ("front", "back"):
        seams += [_sew(f"bodice_{name}", f"part{n}", f"skirt_{name}", f"part{2 - n}", turned=True) for n in range(3)]
    arms = _sleeved(
        body, at, "bodice_front", "bodice_back", halves["bodice_front"], halves["bodice_back"], split=False,
        long=str(values["sleeve"]), ease=ease, cuff=False,
    )  # fmt: skip
    top = float(halves["bodice_back"]["neck"][-1][1])
    closed = [
        Fastening(kind="zip", panel="bodice_back", at=(0.0, top), size_m=round(top - at.waist_z, 3)),
        Fastening(kind="zip", panel="skirt_back", at=(0.0, at.waist_z), size_m=0.18),
    ]
    return [*panels, *arms[0]], [*seams, *arms[1]], closed


def _trousers(kind: str, body: Measures, at: Landmarks, values: Mapping[str, float | str]) -> Draft:
    front, behind = _leg(body, at, values, front=True), _leg(body, at, values, front=False)
    for _ in range(8):  # the back's fork and waist are set so that its seams are as long as the front's
        fork = behind.fork_z + length_m(front.edges["inseam"]) - length_m(behind.edges["inseam"])
        rise = behind.side_z + length_m(front.edges["outseam"]) - length_m(behind.edges["outseam"])
        behind = _leg(body, at, values, front=False, fork_z=fork, side_z=rise)
    panels, seams = [], []
    for name, half in (("leg_front", front), ("leg_back", behind)):
        drawn = () if half is front else (("patch:pocket", np.ascontiguousarray(_pocket(at, body.waist_m / 4), np.float32)),)
        left = panel(f"{name}_left", list(half.edges.items()), marks=drawn)
        panels += [left, other_side(left, f"{name}_right")]
        seams.append(_sew(f"{name}_left", "crotch", f"{name}_right", "crotch", turned=True))
    for side in ("left", "right"):
        seams.append(_sew(f"leg_back_{side}", "dart0a", f"leg_back_{side}", "dart0b", turned=True))
        seams += [_sew(f"leg_front_{side}", edge, f"leg_back_{side}", edge) for edge in ("outseam", "inseam")]
    for name in ("front", "back"):
        each = ((1 + _BAND_M) * body.waist_m) / 2
        panels.append(_band(f"waistband_{name}", [each / 4] * 4, at.waist_z, 0.035))
        seams += [
            _sew(f"leg_{name}_{side}", f"part{n}", f"waistband_{name}", f"seam{seam}", turned=True)
            for side, n, seam in (("right", 0, 0), ("right", 1, 1), ("left", 1, 2), ("left", 0, 3))
        ]
    seams += [_sew("waistband_front", f"side_{s}", "waistband_back", f"side_{s}") for s in "lr"]
    return panels, seams, [Fastening(kind="button", panel="waistband_front", at=(0.0, at.waist_z + 0.017), size_m=0.017)]


_BAND_M = -0.022
"""Of the waist: trousers, and skirts on figures without a waist to speak of, hang by a band that is a little tight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """Half a front or back of trousers: its edges, and how high its fork and its side's upper end are."""

    edges: dict[str, Array]
    fork_z: float
    side_z: float


def _leg(
    body: Measures, at: Landmarks, values: Mapping[str, float | str], *, front: bool, fork_z: float | None = None,
    side_z: float | None = None,
) -> _Leg:  # fmt: skip
    ease, cuff = float(values["ease_m"]), float(values["hem_m"]) / 4
    hem_z = max(at.crotch_z - float(values["length_m"]), 0.03)
    waist, hip = ((1 + _BAND_M) * body.waist_m) / 4, (body.hip_m + ease) / 4
    fork = at.crotch_z - 0.042 - 0.1 * ease if fork_z is None else fork_z
    side_top = at.waist_z if side_z is None else side_z
    out, dart, rise, lean = (body.hip_m / 16, 0.0, 0.0, 0.012) if front else (body.hip_m / 8.2, 0.02, 0.022, 0.028)
    middle = (hip - out) / 2
    end = cuff + (-0.006 if front else 0.006)
    knee = max((body.knee_m + 0.06 + 0.5 * ease) / 4, min(cuff * 1.05, 0.16)) + (0.0 if front else 0.01)
    top_mid = (lean, at.waist_z + rise)
    top_side = (lean + float(np.sqrt((waist + dart) ** 2 - (top_mid[1] - side_top) ** 2)), side_top)
    seat = (hip, at.hip_z)
    upper = curve(seat, (hip, at.hip_z + 0.06), (top_side[0] + 0.006, side_top - 0.05), top_side, 12)
    if hem_z > at.knee_z - 0.06:  # shorts
        tall = fork - hem_z
        outseam = joined(
            curve(
                (middle + end, hem_z), (middle + end, hem_z + 0.3 * tall), (hip, at.hip_z - 0.35 * (at.hip_z - hem_z)), seat, 20
            ),
            upper,
        )
        inseam = curve(
            (-out, fork), (-out + 0.02, fork - 0.3 * tall), (middle - end, hem_z + 0.3 * tall), (middle - end, hem_z), 20
        )
    else:
        shin, thigh, side = at.knee_z - hem_z, fork - at.knee_z, at.hip_z - at.knee_z
        bend = (middle + knee, at.knee_z)
        outseam = joined(
            curve((middle + end, hem_z), (middle + end, hem_z + 0.25 * shin), (bend[0], at.knee_z - 0.2 * shin), bend, 12),
            curve(bend, (bend[0] + 0.004, at.knee_z + 0.3 * side), (hip, at.hip_z - 0.35 * side), seat, 14),
            upper,
        )
        bend = (middle - knee, at.knee_z)
        inseam = joined(
            curve((-out, fork), (-out + 0.02, fork - 0.3 * thigh), (bend[0], at.knee_z + 0.45 * thigh), bend, 14),
            curve(bend, (bend[0], at.knee_z - 0.2 * shin), (middle - end, hem_z + 0.25 * shin), (middle - end, hem_z), 12),
        )
    waistline = line(top_side, top_mid)
    halves = _cut_at(waistline, 0.5 * length_m(waistline))
    above = darted(waistline, (0.5,), dart, -0.11) if dart else [("part0", halves[0]), ("part1", halves[1])]
    crotch = curve(top_mid, (0.0, at.hip_z + 0.02), (-0.006, fork + 0.012), (-out, fork), 22)
    hem = line((middle - end, hem_z), (middle + end, hem_z))
    edges = {"hem": hem, "outseam": outseam, **dict(above), "crotch": crotch, "inseam": inseam}
    return _Leg(edges=edges, fork_z=fork, side_z=side_top)


def _pocket(at: Landmarks, waist: float) -> Array:
    x, z = 0.3 * waist, at.hip_z + 0.055
    return line((x, z), (x + 0.125, z), (x + 0.12, z - 0.12), (x + 0.0625, z - 0.145), (x + 0.005, z - 0.12))


def _cape(kind: str, body: Measures, at: Landmarks, values: Mapping[str, float | str]) -> Draft:
    inner = body.neck_m / np.radians(float(values["sweep_deg"])) + 0.012
    outer = inner + float(values["length_m"]) - 0.02
    sweep = np.radians(float(values["sweep_deg"])) / 2
    turn = np.linspace(0, sweep, 40)
    arc = np.stack([np.sin(turn), np.cos(turn)], -1)
    left = panel("cape_left", [
        ("back", line((0.0, outer), (0.0, inner))), ("neck", inner * arc),
        ("clasp", np.stack([inner * arc[-1], (inner + 0.035) * arc[-1]])),
        ("front", np.stack([(inner + 0.035) * arc[-1], outer * arc[-1]])), ("hem", outer * arc[::-1]),
    ])  # fmt: skip
    right = other_side(left, "cape_right")
    top = outer * arc[-1]
    near = inner * arc[-1]
    clasp = Fastening(
        kind="button", panel="cape_left", at=(float(near[0] * 0.98 + top[0] * 0.02), float(near[1] * 0.98)), size_m=0.03
    )
    return [left, right], [_sew("cape_left", edge, "cape_right", edge, turned=True) for edge in ("back", "clasp")], [clasp]


_DRAFTS = {
    "dress": _dress, "skirt": _skirt, "shirt": _opened, "trousers": _trousers, "coat": _opened, "jacket": _opened,
    "waistcoat": _opened, "cape": _cape, "uniform_tunic": _opened,
}  # fmt: skip
