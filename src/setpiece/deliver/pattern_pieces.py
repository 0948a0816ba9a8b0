"""Pieces of paper: what a cutter lays on the cloth to cut a garment.

Place in the flow: a drafted pattern -> here -> SVG, DXF, the marker. The draft closes centre front on centre front and turns a
lapel back as a mark; here the front gets its overlap, its lapel grown on and a facing, pairs are drawn once, what is alike on
both sides is drawn to the fold, collars, cuffs and bands are cut double, flaps and pockets become pieces. No lining, no
interlining, no pocket bags: those are the workroom's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, frozen
from setpiece.core.garment import Fastening, Panel, PanelEdge, Pattern
from setpiece.deliver.pattern_outline import (
    Array,
    Side,
    cut_line,
    is_symmetric,
    length_m,
    normals,
    outline,
    parted,
)

SEAM_M, FACED_M = 0.015, 0.010
_NOTCH_M = 0.006
_DOUBLE = ("collar", "cuff", "waistband", "belt")
_FACING_M = (0.075, 0.045)
"""How wide a facing is at the hem, and at the shoulder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of a paper pattern, metres, y up. ``cut`` (n, 2) and ``sewn`` (m, 2) are closed lines, counter-clockwise, each
    corner once; ``fold`` (2, 2) lies on a fold of the cloth, ``grain`` (2, 2) along the warp. ``count`` is how often it is cut,
    ``mirrored`` every second one turned over. ``notches`` (2, 2) go from the edge inwards; ``lines`` are named open lines:
    darts, centre front, roll line, pockets, stitching."""

    name: str
    cut: Float32[np.ndarray, "n 2"]
    sewn: Float32[np.ndarray, "m 2"]
    grain: Float32[np.ndarray, "2 2"]
    fold: Float32[np.ndarray, "2 2"] | None = None
    count: int = 1
    mirrored: bool = False
    notches: tuple[Float32[np.ndarray, "2 2"], ...] = ()
    lines: tuple[tuple[str, Float32[np.ndarray, "k 2"]], ...] = ()

    def __post_init__(self) -> None:
        for one in (self.cut, self.sewn, self.grain, *self.notches, *(line for _, line in self.lines)):
            frozen(one)

    @property
    def title(self) -> str:
        """How it is lettered: ``bodice front``."""
        return self.name.replace("_", " ")

    @property
    def told(self) -> str:
        """How it is cut, in a cutter's words.

        ``cut 2, one turned over``, ``cut 1 on the fold``.
        """
        pair = {2: ", one turned over"}.get(self.count, ", half of them turned over") if self.mirrored else ""
        return f"cut {self.count}{pair}{' on the fold' if self.fold is not None else ''}"

    @property
    def whole(self) -> Float32[np.ndarray, "n 2"]:
        """The cut line as it lies on the open cloth: on both sides of its fold."""
        if self.fold is None:
            return self.cut
        rolled = np.asarray(self.cut, float)
        apart = rolled[:, 0] > 1e-5
        first = int(np.flatnonzero(apart & ~np.roll(apart, 1))[0])
        chain = np.roll(rolled, -first, axis=0)[: int(apart.sum())]
        low, high = rolled[~apart][:, 1].min(), rolled[~apart][:, 1].max()
        half = np.concatenate([[(0.0, low)], chain, [(0.0, high)]])
        return np.concatenate([half, (half * (-1.0, 1.0))[-2:0:-1]]).astype(np.float32)


def pieces(pattern: Pattern) -> tuple[Piece, ...]:
    """Every piece of a garment, in the order of its panels."""
    made: list[Piece] = []
    for panel in pattern.panels:
        if panel.name.endswith("_right"):
            continue
        pair = panel.name.endswith("_left")
        count = panel.count * (2 if pair else 1) * (2 if panel.name.startswith(_DOUBLE) else 1)
        made += _cut_from(pattern, panel, panel.name.removesuffix("_left"), count, pair=pair)
    return tuple(made)


def _cut_from(pattern: Pattern, panel: Panel, name: str, count: int, *, pair: bool) -> list[Piece]:
    sides, lines = _without_darts(panel)
    notches = _notches(pattern, panel)
    if any(edge.name == "closed" for edge in panel.edges):
        sides, more, notches, facing = _opened(pattern, panel, sides, notches)
        return [
            _piece(name, sides, count, [*lines, *more], notches, panel.grain_deg, pair=pair),
            _piece(name.replace("bodice_", "") + "_facing", facing, count, [], [], panel.grain_deg, pair=True),
            *_laid_on(panel, 2 if pair else 1),
        ]
    if name == "collar_stand" and dict(pattern.values).get("collar") == "shirt":
        sides = _lengthened(sides, _overlap_m(pattern))
    closing = [one for one in pattern.fastenings if one.panel == panel.name and abs(one.at[0]) < 1e-6]
    if closing and is_symmetric(outline(sides)):
        band = name.startswith("waistband")
        fly = _fly(pattern) if closing[0].kind == "button" else []
        return [_halved(name, sides, 2 * count, 0.035 if band else 0.0, _zip(lines, closing), notches), *fly]
    extra = _laid_on(panel, 2 if pair else 1)
    if is_symmetric(outline(sides)):
        half = parted(sides, np.zeros(2), np.array([0.0, -1.0]), "fold", 0.0)
        kept = [notch for notch in notches if notch[0, 0] > -1e-4]
        drawn = [(called, points) for called, points in lines if points[:, 0].min() > -1e-3]
        return [_piece(name, half, count, drawn, kept, panel.grain_deg, folded=True), *extra]
    return [_piece(name, sides, count, lines, notches, panel.grain_deg, pair=pair), *extra]


def _piece(
    name: str, sides: list[Side], count: int, lines: list[tuple[str, Array]], notches: list[Array], grain_deg: float,
    *, folded: bool = False, pair: bool = False,
) -> Piece:  # fmt: skip
    cut = cut_line(sides)
    if folded:
        cut[:, 0] = np.maximum(cut[:, 0], 0.0)
    sewn = outline(sides)
    column = sewn[:, 1]
    fold = np.array([(0.0, column[sewn[:, 0] < 1e-6].min()), (0.0, column[sewn[:, 0] < 1e-6].max())]) if folded else None
    single = np.float32
    return Piece(
        name=name,
        cut=np.ascontiguousarray(cut, single),
        sewn=np.ascontiguousarray(sewn, single),
        grain=np.ascontiguousarray(_grain(sewn, grain_deg), single),
        fold=None if fold is None else np.ascontiguousarray(fold, single),
        count=count,
        mirrored=pair,
        notches=tuple(np.ascontiguousarray(notch, single) for notch in notches),
        lines=tuple((called, np.ascontiguousarray(points, single)) for called, points in lines),
    )


def _without_darts(panel: Panel) -> tuple[list[Side], list[tuple[str, Array]]]:
    """The seam line with its darts closed over, peaked so that the folded dart is caught in the seam; the darts as lines."""
    sides: list[Side] = []
    lines: list[tuple[str, Array]] = []
    for edge in panel.edges:
        points = np.asarray(edge.points, float)
        if not edge.name.startswith("dart"):
            sides.append(Side(name=edge.name, points=points, allowance_m=edge.allowance_m))
        elif edge.name.endswith("a"):
            start, tip = points[0], points[-1]
        else:
            end, middle = points[-1], (start + points[-1]) / 2
            wide, deep = np.hypot(*(end - start)), np.hypot(*(tip - middle))
            peak = middle + (middle - tip) / deep * wide / 2 * np.tan(2 * np.arctan(wide / 2 / deep))
            sides.append(Side(name=edge.name, points=np.stack([start, peak, end]), allowance_m=SEAM_M))
            lines.append(("dart", np.stack([start, tip, end])))
            lines.append(("dart fold", np.stack([peak, tip])))
    for called, points in panel.marks:
        sort, _, name = called.partition(":")
        if sort == "stitch":
            lines.append((name, np.asarray(points, float)))
        elif sort == "patch" and name != "lapel":
            lines.append((name, np.concatenate([points, points[:1]]).astype(float)))
    return sides, lines


# -- notches and grain -----------------------------------------------------------------------------------------------------


def _notches(pattern: Pattern, panel: Panel) -> list[Array]:
    """Balance points: on both sides of a seam at the same shares of it, two close together on the back of an armhole; and
    where two seams meet on a smooth line (the shoulder on a sleeve's cap)."""
    sewn: dict[str, tuple[int, bool]] = {}
    for seam in pattern.seams:
        count = round(_edge_m(pattern, seam.one) / 0.35 + 0.25)
        back = "cap_back" in (seam.one[1], seam.other[1])
        for owner, called in (seam.one, seam.other):
            if owner == panel.name and not called.startswith("dart"):
                sewn[called] = (count, back)
    made: list[Array] = []
    for edge in panel.edges:
        count, back = sewn.get(edge.name, (0, False))
        for number in range(count):
            at = (number + 1) / (count + 1) * length_m(edge.points)
            for off in (-0.005, 0.005) if back else (0.0,):
                made.append(_notch(edge, at + off))
    for edge, after in zip(panel.edges, (*panel.edges[1:], panel.edges[0]), strict=True):
        one, other = normals(np.asarray(edge.points, float))[-1], normals(np.asarray(after.points, float))[0]
        if edge.name in sewn and after.name in sewn and one @ other > 0.93:
            made.append(_notch(after, 0.0))
    return made


def _edge_m(pattern: Pattern, seam: tuple[str, str]) -> float:
    return length_m(pattern.panel(seam[0]).edge(seam[1]).points)


def _notch(edge: PanelEdge, at: float) -> Array:
    points = np.asarray(edge.points, float)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    index = int(np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(points) - 2))
    here = points[index] + (points[index + 1] - points[index]) * (at - along[index]) / max(
        along[index + 1] - along[index], 1e-9
    )
    out = normals(points)[index]
    return np.stack([here + out * edge.allowance_m, here + out * (edge.allowance_m - _NOTCH_M)])


def _grain(sewn: Array, deg: float) -> Array:
    """An arrow along the warp, two thirds of the longest run within the seam line."""
    way = np.array([np.cos(np.radians(deg)), np.sin(np.radians(deg))])
    across = np.array([way[1], -way[0]])
    flat = np.stack([sewn @ across, sewn @ way], -1)
    low, high = flat[:, 0].min(), flat[:, 0].max()
    best = (0.0, 0.0, 0.0)
    for share in np.linspace(0.15, 0.75, 13):
        x = low + share * (high - low)
        a, b = flat, np.roll(flat, -1, 0)
        crosses = (a[:, 0] > x) != (b[:, 0] > x)
        a, b = a[crosses], b[crosses]
        met = np.sort(a[:, 1] + (x - a[:, 0]) * (b[:, 1] - a[:, 1]) / (b[:, 0] - a[:, 0]))
        for start, end in zip(met[::2], met[1::2], strict=True):
            if end - start > best[2] - best[1] + 1e-4:
                best = (float(x), float(start), float(end))
    x, start, end = best
    middle, half = (start + end) / 2, (end - start) / 3
    return np.stack([x * across + (middle + s * half) * way for s in (-1, 1)])


# -- fronts that open ------------------------------------------------------------------------------------------------------


def _overlap_m(pattern: Pattern) -> float:
    """How far a buttoned front goes past its middle: a button and a little, 15 mm at least."""
    return max(0.015, max((one.size_m for one in pattern.fastenings), default=0.0) + 0.003)


def _opened(
    pattern: Pattern, panel: Panel, sides: list[Side], notches: list[Array]
) -> tuple[list[Side], list[tuple[str, Array]], list[Array], list[Side]]:
    """A front with its overlap and lapel grown on; its lines (centre front, roll line, buttons); its facing."""
    over = _overlap_m(pattern)
    rows = {side.name: side for side in sides}
    top = rows["closed"].points[0]
    low = rows["hem"].points[0]
    edge_top = top - (over, 0.0)
    lines: list[tuple[str, Array]] = [("centre front", np.stack([top, low]))]
    made: list[Side] = [_with(rows["hem"], np.concatenate([[low - (over, 0.0)], rows["hem"].points]))]
    made += [rows[name] for name in ("side", "armhole", "shoulder")]
    lapel = next((np.asarray(points, float) for called, points in panel.marks if called == "patch:lapel"), None)
    if lapel is not None:
        made += [rows["gorge"], Side(name="lapel", points=_grown_on(lapel, top, over), allowance_m=SEAM_M)]
        lines.append(("roll line", np.stack([rows["roll"].points[0], edge_top])))
    elif dict(pattern.values).get("collar") == "none" and len(rows["neck"].points) == 2:  # a straight V runs to the edge
        made.append(_with(rows["neck"], np.stack([rows["neck"].points[0], edge_top])))
    else:
        made.append(_with(rows["neck"], np.concatenate([rows["neck"].points, [edge_top]])))
    made.append(Side(name="front", points=np.stack([edge_top, low - (over, 0.0)]), allowance_m=SEAM_M))
    for one in pattern.fastenings:
        if one.panel == panel.name and one.kind == "button":
            x, y = one.at
            lines.append(("button", np.array([(x - one.size_m / 2, y), (x + one.size_m / 2, y)])))
    kept = [notch for notch in notches if notch[0, 0] > 0.002]
    narrow = pattern.kind == "shirt"
    neck = rows["shoulder"].points
    point = low + np.array([over + 0.02 if narrow else _FACING_M[0], 0.0])
    up = neck[-1] + (neck[0] - neck[-1]) / np.hypot(*(neck[0] - neck[-1])) * _FACING_M[1] - point
    inner = parted(made, point, np.array([0.0, 1.0]) if narrow else up, "inner", FACED_M)
    return made, lines, kept, inner


def _with(side: Side, points: Array) -> Side:
    return Side(name=side.name, points=points, allowance_m=side.allowance_m)


def _grown_on(lapel: Array, top: Array, over: float) -> Array:
    """The lapel unfolded over its roll line, from the gorge down to the break at the front's edge."""
    start = lapel[0]
    way = (top - start) / np.hypot(*(top - start))
    away = lapel - start
    flipped = start + 2 * (away @ way)[:, None] * way - away
    edge = flipped[1:]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(edge, axis=0).T))])
    end = top - (over, 0.0)
    edge = edge + (along / along[-1])[:, None] * (end - edge[-1])
    return np.concatenate([start[None], edge])


def _lengthened(sides: list[Side], over: float) -> list[Side]:
    """A collar's stand lengthened at both ends by the front's overlap."""
    half = max(side.points[:, 0].max() for side in sides)
    made = []
    for side in sides:
        points = side.points.copy()
        if side.name in ("front_left", "front_right", "end_left", "end_right", "top"):
            ends = np.abs(points[:, 0]) > half - 0.012
            points[ends, 0] += np.sign(points[ends, 0]) * over
        made.append(_with(side, points))
    return made


def _halved(
    name: str, sides: list[Side], count: int, over: float, lines: list[tuple[str, Array]], notches: list[Array]
) -> Piece:
    """What opens in its middle, cut in halves: a band with what goes under, a back with its zip."""
    longer = parted(sides, np.zeros(2), np.array([0.0, -1.0]), "middle", SEAM_M)
    made = []
    for side in longer:
        points = side.points.copy()
        points[points[:, 0] < 1e-6, 0] -= over
        made.append(_with(side, points))
    drawn = [(called, points) for called, points in lines if points[:, 0].min() > -1e-3]
    if over:
        tall = outline(sides)[:, 1]
        drawn.append(("middle", np.array([(0.0, tall.min()), (0.0, tall.max())])))
    kept = [notch for notch in notches if notch[0, 0] > 1e-4]
    return _piece(name, made, count, drawn, kept, 90.0, pair=True)


def _zip(lines: list[tuple[str, Array]], closing: list[Fastening]) -> list[tuple[str, Array]]:
    """Where a zip goes, from its upper end down."""
    return [
        *lines,
        *(("zip", np.array([one.at, (one.at[0], one.at[1] - one.size_m)])) for one in closing if one.kind == "zip"),
    ]


def _fly(pattern: Pattern) -> list[Piece]:
    """The fly of trousers: its facing and the shield beneath, as long as the front opens."""
    crotch = np.asarray(pattern.panel("leg_front_left").edge("crotch").points, float)
    deep = float(np.ptp(crotch[:, 1])) * 0.62
    made = []
    for name, wide, count in (("fly_facing", 0.045, 1), ("fly_shield", 0.05, 2)):
        line = np.array([(0.0, 0.0), (wide * 0.55, 0.0), (wide, 0.25 * wide + 0.02), (wide, deep), (0.0, deep), (0.0, 0.0)])
        made.append(_piece(name, [Side(name="edge", points=line, allowance_m=SEAM_M)], count, [], [], 90.0))
    return made


# -- what is laid on -------------------------------------------------------------------------------------------------------


def _laid_on(panel: Panel, sides: int) -> list[Piece]:
    """Pockets, flaps and welts as pieces; flaps and welts are cut double."""
    made: list[Piece] = []
    for called, points in panel.marks:
        sort, _, name = called.partition(":")
        if sort != "patch" or name == "lapel":
            continue
        own = np.asarray(points, float)
        own = own[::-1] if _clockwise(own) else own
        closed = np.concatenate([own, own[:1]]) - own.mean(0)
        count = sides * (1 if name == "pocket" else 2)
        parts = [Side(name=f"edge{n}", points=closed[n : n + 2], allowance_m=FACED_M) for n in range(len(own))]
        if name == "pocket":  # its upper edge is turned in twice
            highest = int(np.argmax([part.points[:, 1].mean() for part in parts]))
            parts[highest] = Side(name="hem", points=parts[highest].points, allowance_m=0.03)
        made.append(_piece(_numbered(name, made), parts, count, [], [], 90.0, pair=count > 1 and name != "pocket"))
    return made


def _numbered(name: str, made: list[Piece]) -> str:
    same = sum(piece.name.startswith(name) for piece in made)
    return name if not same else f"{name}_{same + 1}"


def _clockwise(points: Array) -> bool:
    x, y = points.T
    return float(x @ np.roll(y, -1) - np.roll(x, -1) @ y) < 0
