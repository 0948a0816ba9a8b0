"""Panels meshed, laid about a form and sewn: where the draping of a garment begins.

Place in the flow: pattern -> here -> :mod:`.draping`. Seams are joined from the start, so none can gape: the two sides of each
are divided alike and become one row of points. Rest lengths stay those of the flat cloth, so that what is cut too wide falls in
folds and what is eased is eased. Faces of all panels look outward.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from scipy.spatial import Delaunay, cKDTree

from setpiece.core.errors import StageError
from setpiece.core.garment import Panel, Pattern
from setpiece.stage.wardrobe.drafting import unbent
from setpiece.stage.wardrobe.form import Form

Array = np.ndarray
_COLLAR_M = 0.014
_BAND_NEARER_M = 0.0018  # a band lies on the skin closer than the rest
_SLEEVE, _LEG, _COLLAR, _CAPE, _BAND, _CUFF = (
    re.compile(words) for words in (r"sleeve", r"leg", r"collar|stand|fall", r"cape|hood", r"waistband|belt", r"cuff")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sewn:
    """A garment's mesh before it falls. ``points`` (n, 3); ``triangles`` (t, 3); ``flat`` (t, 3, 2) the corners on the flat
    panel; ``panel`` (t,) which one; ``off`` (n,) how far each point keeps from what is beneath, metres; ``seam`` (n,) whether
    it is sewn; ``part`` (t,) what it is worn on: 0 the trunk and legs, 1 and 2 the arms, 3 the neck, 4 all of it, as a cape;
    ``creased`` (n,) which points keep the fold that they are laid in, as a collar is pressed; ``gripping`` (n,) which do not
    slide, as a waistband; ``interlined`` (n,) where it is stiffened: collars, cuffs, bands."""

    points: Array
    triangles: Array
    flat: Array
    panel: Array
    off: Array
    seam: Array
    part: Array
    creased: Array
    gripping: Array
    interlined: Array


def sides_of(triangles: Array) -> Array:
    """The sides (3 t, 2) of triangles, first all first ones, each by its points in rising order."""
    return np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)


def sewn(pattern: Pattern, form: Form, *, spacing_m: float, off_m: float) -> Sewn:
    """Mesh, lay out and sew ``pattern`` about ``form``. Raises :class:`StageError` for a seam of an edge that is not there."""
    divisions = _divisions(pattern, spacing_m)
    meshes = [_meshed(panel, divisions, _spacing_m(panel, spacing_m)) for panel in pattern.panels]
    start = np.cumsum([0, *(len(points) for points, _, _ in meshes)])
    flat = np.concatenate([points for points, _, _ in meshes])
    placed = np.concatenate(
        [_laid(panel, points, pattern, form, off_m) for panel, (points, _, _) in zip(pattern.panels, meshes, strict=True)]
    )
    parent = np.arange(len(flat))
    rows = {panel.name: (start[i], meshes[i][2]) for i, panel in enumerate(pattern.panels)}
    joined = np.zeros(len(flat), bool)
    for seam in pattern.seams:
        one, other = (_row(rows, name) for name in (seam.one, seam.other))
        for a, b in zip(one, other[::-1] if seam.turned else other, strict=True):
            joined[[a, b]] = True
            _join(parent, a, b)
    root = np.array([_root(parent, i) for i in range(len(flat))])
    kept, number = np.unique(root, return_inverse=True)
    count = np.bincount(number).astype(float)
    points = np.stack([np.bincount(number, placed[:, axis]) / count for axis in range(3)], axis=-1)
    corners = np.concatenate([triangles + start[i] for i, (_, triangles, _) in enumerate(meshes)])
    panel = np.concatenate([np.full(len(triangles), i) for i, (_, triangles, _) in enumerate(meshes)])
    triangles, corner_flat = number[corners], flat[corners]
    whole = (triangles[:, 0] != triangles[:, 1]) & (triangles[:, 1] != triangles[:, 2]) & (triangles[:, 2] != triangles[:, 0])
    triangles, corner_flat, panel = triangles[whole], corner_flat[whole], panel[whole]
    triangles, corner_flat = _outward(points, triangles, corner_flat, panel, form)
    off, creased = np.full(len(kept), off_m), np.zeros(len(kept), bool)
    gripping, interlined = np.zeros(len(kept), bool), np.zeros(len(kept), bool)
    for index, one_panel in enumerate(pattern.panels):
        if _BAND.search(one_panel.name):
            gripping[triangles[panel == index]] = True
            off[triangles[panel == index]] = off_m - _BAND_NEARER_M
        if one_panel.cloth == "collar" or _BAND.search(one_panel.name) or _CUFF.search(one_panel.name):
            interlined[triangles[panel == index]] = True
        if one_panel.cloth == "collar" and "stand" not in one_panel.name:
            off[triangles[panel == index]] = off_m + 0.004
            creased[triangles[panel == index]] = True
            creased[triangles[panel != index]] = False
    return Sewn(
        points=points, triangles=triangles.astype(np.int32), flat=corner_flat, panel=panel.astype(np.int32), off=off,
        seam=np.bincount(number, joined) > 0, part=np.array([_worn_on(one) for one in pattern.panels], np.int8)[panel],
        creased=creased, gripping=gripping, interlined=interlined,
    )  # fmt: skip


def _worn_on(panel: Panel) -> int:
    if _CAPE.search(panel.name):
        return 4
    if _COLLAR.search(panel.name):
        return 3
    if not (_SLEEVE.search(panel.name) or _CUFF.search(panel.name)):
        return 0
    return 2 if panel.name.endswith("_right") else 1


def _join(parent: Array, a: int, b: int) -> None:
    a, b = _root(parent, a), _root(parent, b)
    parent[max(a, b)] = min(a, b)


def _root(parent: Array, index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = int(parent[index])
    return int(index)


def _row(rows: dict[str, tuple[int, dict[str, Array]]], name: tuple[str, str]) -> Array:
    panel, edge = name
    if panel not in rows or edge not in rows[panel][1]:
        raise StageError(
            f"a seam joins '{panel}.{edge}', which the pattern has not", remedy="report this: its garment is wrong"
        )
    first, edges = rows[panel]
    return np.asarray(edges[edge] + first)


def _length(points: Array) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _spacing_m(panel: Panel, spacing_m: float) -> float:
    """Collars fold within a few centimetres: they are meshed finer."""
    return min(spacing_m, _COLLAR_M) if panel.cloth == "collar" else spacing_m


def _divisions(pattern: Pattern, spacing_m: float) -> dict[tuple[str, str], int]:
    """How many steps each edge has: those sewn together alike."""
    lengths = {(panel.name, edge.name): _length(edge.points) for panel in pattern.panels for edge in panel.edges}
    fine = {panel.name: _spacing_m(panel, spacing_m) for panel in pattern.panels}
    steps = {key: max(2, round(length / fine[key[0]])) for key, length in lengths.items()}
    for _ in range(3):  # chains of seams agree in the end
        for seam in pattern.seams:
            if seam.one in steps and seam.other in steps:
                steps[seam.one] = steps[seam.other] = max(steps[seam.one], steps[seam.other])
    return steps


def _divided(points: Array, steps: int) -> Array:
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0, along[-1], steps + 1)
    return np.stack([np.interp(at, along, points[:, axis]) for axis in range(2)], axis=-1)


def _meshed(panel: Panel, divisions: dict[tuple[str, str], int], spacing_m: float) -> tuple[Array, Array, dict[str, Array]]:
    """(flat points, triangles, the points of each edge from its beginning to its end)."""
    outline: list[Array] = []
    rows: dict[str, Array] = {}
    count = 0
    for edge in panel.edges:
        divided = _divided(np.asarray(edge.points, float), divisions[panel.name, edge.name])
        rows[edge.name] = np.arange(count, count + len(divided))
        outline.append(divided[:-1])
        count += len(divided) - 1
    border = np.concatenate(outline)
    for row in rows.values():
        row[row == count] = 0
    inner = filled(border, spacing_m)
    points = np.concatenate([border, inner])
    triangles = Delaunay(points).simplices
    middle = points[triangles].mean(axis=1)
    a, b, c = (points[triangles[:, i]] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    keep = within(border, middle) & (np.abs(area) > 1e-3 * spacing_m**2)
    triangles, area = triangles[keep], area[keep]
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    return points, triangles, rows


def filled(border: Array, spacing_m: float) -> Array:
    """Points of a triangular grid within an outline, off its edge."""
    low, high = border.min(0), border.max(0)
    rows = np.arange(low[1], high[1], spacing_m * np.sqrt(3) / 2)
    points = np.concatenate(
        [np.stack([np.arange(low[0] + (i % 2) * spacing_m / 2, high[0], spacing_m), np.full_like(
            np.arange(low[0] + (i % 2) * spacing_m / 2, high[0], spacing_m), y)], -1) for i, y in enumerate(rows)]
    )  # fmt: skip
    points = points[within(border, points)]
    dense = np.concatenate([border, (border + np.roll(border, -1, 0)) / 2])
    away, _ = cKDTree(dense).query(points)
    return points[away > 0.55 * spacing_m]


def within(border: Array, points: Array) -> Array:
    """Which points lie within a closed outline (even-odd)."""
    after = np.roll(border, -1, 0)
    x, y = points[:, 0:1], points[:, 1:2]
    crosses = (border[:, 1] > y) != (after[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = border[:, 0] + (y - border[:, 1]) * (after[:, 0] - border[:, 0]) / (after[:, 1] - border[:, 1])
    return np.asarray((crosses & (x < at)).sum(1) % 2 == 1)


def _outward(points: Array, triangles: Array, flat: Array, panel: Array, form: Form) -> tuple[Array, Array]:
    """Faces turned so that each panel's outer side is away from the body."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    middle, length = (a + b + c) / 3, np.linalg.norm(normal, axis=1, keepdims=True)
    ahead = form.distance(middle + 0.01 * normal / np.maximum(length, 1e-12))
    behind = form.distance(middle - 0.01 * normal / np.maximum(length, 1e-12))
    votes = np.bincount(panel, np.sign(ahead - behind) * length[:, 0])
    wrong = votes[panel] < 0
    triangles, flat = triangles.copy(), flat.copy()
    triangles[wrong] = triangles[wrong][:, ::-1]
    flat[wrong] = flat[wrong][:, ::-1]
    return triangles, flat


# -- laid about the form ---------------------------------------------------------------------------------------------------


def _laid(panel: Panel, flat: Array, pattern: Pattern, form: Form, off_m: float) -> Array:
    """A flat panel's points about the body, by its name and where it is drawn."""
    name = panel.name
    side = -1.0 if name.endswith("_right") else 1.0
    if _SLEEVE.search(name):
        return _about_limb(flat, form.marks.shoulder, form.marks.elbow, form.marks.wrist, side, off_m + 0.012)
    if _CUFF.search(name):
        return _about_wrist(flat, form, side, off_m)
    if _COLLAR.search(name):
        stand = next((one for one in pattern.panels if "stand" in one.name), None)
        tall = 0.0 if stand is None else float(np.ptp(stand.outline[:, 1]))
        return _about_neck(unbent(flat, arc_m(panel)), form, off_m, tall, falls="fall" in name)
    if _CAPE.search(name):
        return _over_shoulders(flat, form, off_m)
    guide = next((points for called, points in panel.marks if called == "guide:centre"), None)
    if guide is not None:
        return _about_waist(panel, flat, np.asarray(guide, float), form, off_m)
    return _about_trunk(panel, flat, pattern, form, off_m)


def _about_waist(panel: Panel, flat: Array, guide: Array, form: Form, off_m: float) -> Array:
    """A piece of a circle, laid as a cone from the waist: ``guide`` is its middle, and the middle of its waist."""
    away = flat - guide[0]
    inner = float(np.linalg.norm(guide[1] - guide[0]))
    down = np.hypot(*away.T) - inner
    turn = np.arctan2(away[:, 0], -away[:, 1])
    share = turn / max(float(np.abs(turn).max()), 1e-3)
    ring, _ = _ring(form, form.marks.waist_z)
    at = _at(ring, 0.5 + 0.25 * share if "back" not in panel.name else 1.0 - 0.25 * share)
    middle = ring.mean(0)
    way = at - middle
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    spread = at + way * (off_m + 0.006 + 0.5 * down)[:, None]
    return np.concatenate([spread, (guide[1, 1] - 0.86 * down)[:, None]], axis=1)


def _ring(form: Form, z: float) -> tuple[Array, float]:
    """The torso's outline at a height as a closed curve by share of its length, and that length."""
    low, high = form.marks.crotch_z + 0.015, form.marks.armpit_z - 0.02
    outline = form.section(float(np.clip(z, low, high)))
    reach = 1.12 * form.marks.shoulder_x
    outline = outline[np.abs(outline[:, 0]) < reach]
    steps = np.hypot(*(np.roll(outline, -1, 0) - outline).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    closed = np.concatenate([outline, outline[:1]])
    at = np.linspace(0, along[-1], 257)
    return np.stack([np.interp(at, along, closed[:, axis]) for axis in range(2)], -1), float(along[-1])


def _at(ring: Array, share: Array) -> Array:
    at = (share % 1.0) * (len(ring) - 1)
    return np.stack([np.interp(at, np.arange(len(ring)), ring[:, axis]) for axis in range(2)], -1)


def _about_trunk(panel: Panel, flat: Array, pattern: Pattern, form: Form, off_m: float) -> Array:
    """Fronts, backs, skirts, legs and bands: heights as drawn, widths shared out between the middle and the side."""
    front = "back" not in panel.name
    kin = [one for one in pattern.panels if ("back" not in one.name) == front and _family(one) == _family(panel)]
    marks = form.marks
    made = np.empty((len(flat), 3))
    heights = np.round(flat[:, 1], 2)
    others = [one for one in pattern.panels if _family(one) == _family(panel)]
    for z in np.unique(heights):
        chosen = heights == z
        x = flat[chosen, 0]
        half = max(_half_width(kin, min(z, marks.armpit_z - 0.06)), 1e-3)  # above the armpit cloth keeps its distance
        ring, body = _ring(form, z)
        cloth = 2 * half + 2 * max(_half_width([one for one in others if one not in kin], z), half * 0.5)
        wanted = max(body + 2 * np.pi * (off_m + 0.006), cloth)
        share = np.clip(x / half, -1.0, 1.0)
        at = _at(ring, 0.5 + 0.25 * share if front else 1.0 - 0.25 * share)
        middle = ring.mean(0)
        spread = (at - middle) * (wanted / body) + middle
        above = np.clip((z - marks.armpit_z + 0.03) / max(marks.shoulder_z + 0.02 - marks.armpit_z + 0.03, 1e-3), 0, 1)
        spread[:, 1] = middle[1] + (spread[:, 1] - middle[1]) * np.sqrt(1 - 0.96 * above**2)
        if _LEG.search(panel.name) and z < marks.crotch_z:
            spread = _about_leg(panel, z, x, form, off_m, front)
        made[chosen, :2] = spread
        made[chosen, 2] = flat[chosen, 1]
    return made


def _family(panel: Panel) -> str:
    """What hangs about the same part together: a bodice, a skirt, legs, a band."""
    word = next((word for word in ("skirt", "leg", "waistband", "belt", "peplum") if word in panel.name), "bodice")
    return word


def _half_width(panels: list[Panel], z: float) -> float:
    """The widest that panels reach from the middle at a height."""
    reach = 0.0
    for panel in panels:
        outline = panel.outline
        after = np.roll(outline, -1, 0)
        crosses = (outline[:, 1] > z) != (after[:, 1] > z)
        if crosses.any():
            a, b = outline[crosses], after[crosses]
            reach = max(reach, float(np.abs(a[:, 0] + (z - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])).max()))
        else:
            near = outline[np.abs(outline[:, 1] - z) < 0.02]
            reach = max(reach, float(np.abs(near[:, 0]).max(initial=0.0)))
    return reach


def _about_leg(panel: Panel, z: float, x: Array, form: Form, off_m: float, front: bool) -> Array:
    side = -1.0 if panel.name.endswith("_right") else 1.0
    outline = panel.outline
    after = np.roll(outline, -1, 0)
    crosses = (outline[:, 1] > z) != (after[:, 1] > z)
    a, b = outline[crosses], after[crosses]
    met = (
        side * (a[:, 0] + (z - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])) if crosses.any() else side * outline[:, 0]
    )
    low, high = float(met.min()), float(met.max())
    share = np.clip((side * x - low) / max(high - low, 1e-3), 0, 1)  # 0 inseam, 1 outseam
    hip, ankle = np.array(form.marks.hip_joint), np.array(form.marks.ankle)
    way = np.clip((hip[2] - z) / (hip[2] - ankle[2]), 0, 1)
    centre = hip[:2] + (ankle[:2] - hip[:2]) * way
    radius = max((high - low) / np.pi, 0.045 + off_m)
    angle = np.pi * (1 - share)
    depth = np.sin(angle) * radius * (-1 if front else 1)
    return np.stack([side * np.maximum(centre[0] + np.cos(angle) * radius, 0.004), centre[1] + depth], -1)


def _about_limb(
    flat: Array, shoulder: tuple[float, ...], elbow: tuple[float, ...], wrist: tuple[float, ...], side: float, off_m: float
) -> Array:
    """A sleeve about its arm: y along it from the armpit, x about it from the outer side, + to the front."""
    a, b, c = (np.array(point) for point in (shoulder, elbow, wrist))
    upper = float(np.linalg.norm(b - a))
    start = 0.32 * upper  # the armpit is that far down from the joint
    down = start - flat[:, 1]
    way1, way2 = (b - a) / upper, (c - b) / np.linalg.norm(c - b)
    bend = np.clip(down - upper, 0, None)
    centre = a + np.clip(down, -0.05, upper)[:, None] * way1 + bend[:, None] * way2
    half = np.array([np.abs(flat[np.abs(flat[:, 1] - y) < 0.02, 0]).max() for y in flat[:, 1]])
    radius = np.maximum(half / np.pi, 0.03) + 0.4 * off_m
    angle = np.clip(flat[:, 0] / np.maximum(half, 1e-3), -1, 1) * np.pi
    cap = np.clip(flat[:, 1] / max(flat[:, 1].max(), 1e-3), 0, 1)
    angle = np.where(flat[:, 1] > 0, flat[:, 0] / (half.max() + 1e-9) * np.pi * (1 - 0.15 * cap), angle)
    radius = np.where(flat[:, 1] > 0, half.max() / np.pi + 0.4 * off_m, radius)
    outer, ahead = _across(way1)
    made = centre + radius[:, None] * (np.cos(angle)[:, None] * outer + np.sin(angle)[:, None] * ahead)
    return made * (side, 1.0, 1.0)


def _across(way: Array) -> tuple[Array, Array]:
    """Away from the body and to the front, square to an arm."""
    outer = np.cross((0.0, 1.0, 0.0), way)
    outer = outer / np.linalg.norm(outer) * (1.0 if outer[0] > 0 else -1.0)
    ahead = np.cross(outer, way)
    return outer, ahead if ahead[1] < 0 else -ahead


def _about_wrist(flat: Array, form: Form, side: float, off_m: float) -> Array:
    b, c = np.array(form.marks.elbow), np.array(form.marks.wrist)
    way = (c - b) / np.linalg.norm(c - b)
    half = max(float(np.abs(flat[:, 0]).max()), 1e-3)
    angle = flat[:, 0] / half * np.pi
    centre = c - way * (0.03 + flat[:, 1].max())
    outer, ahead = _across(way)
    down = (flat[:, 1].max() - flat[:, 1])[:, None]
    radius = half / np.pi + 0.3 * off_m
    made = centre + way * down + radius * (np.cos(angle)[:, None] * outer + np.sin(angle)[:, None] * ahead)
    return made * (side, 1.0, 1.0)


def arc_m(panel: Panel) -> float:
    """The radius of the arc that a collar's seam is cut on; very large where it is straight."""
    names = [name for name in ("seam", "front_right", "back", "front_left") if name in panel.names]
    seam = np.concatenate([panel.edge(name).points for name in names])
    end = seam[np.abs(seam[:, 0]).argmax()].astype(float)
    return float((end @ end) / max(-2.0 * end[1], 1e-4))


def _about_neck(flat: Array, form: Form, off_m: float, stand_m: float, *, falls: bool) -> Array:
    """Stand and fall of a collar: a ring about the neck, open to the front; the fall is laid over, outside and down."""
    marks, neck = form.marks, form.measures.neck_m
    half = max(float(np.abs(flat[:, 0]).max()), 1e-3)
    angle = flat[:, 0] / half * np.pi * 0.985
    radius = max(half / np.pi, neck / (2 * np.pi) + off_m) + 0.004
    tall = flat[:, 1]
    lean = np.cos(angle) * 0.5 + 0.5  # 1 at the back, 0 in front: a collar stands higher behind
    z = marks.neck_z - 0.035 + 0.045 * lean
    out = np.full(len(flat), radius)
    if falls:
        low = stand_m if stand_m else 0.016
        z = z + np.where(tall < low - stand_m, tall + stand_m, low - 0.85 * (tall - (low - stand_m)))
        out = out + 0.006 + 0.45 * np.maximum(tall - (low - stand_m), 0.0)
    else:
        z = z + tall
    return np.stack([out * np.sin(angle), out * np.cos(angle) * 0.98 + 0.006, z], -1)


def _over_shoulders(flat: Array, form: Form, off_m: float) -> Array:
    """A cape, drawn about the neck's middle (0, 0) with the back up (+y): laid over as a cone."""
    reach = np.hypot(flat[:, 0], flat[:, 1])
    angle = np.arctan2(flat[:, 0], flat[:, 1])
    angle = angle * (0.96 * np.pi / max(float(np.abs(angle).max()), 1e-3))
    marks = form.marks
    neck = form.measures.neck_m / (2 * np.pi)
    top = np.clip((reach - neck) / (1.25 * marks.shoulder_x), 0, 1)
    over = np.maximum(reach - neck - 1.15 * marks.shoulder_x, 0.0)  # past the shoulders: clear of the arms
    out = neck + off_m + 0.95 * np.minimum(reach - neck, 1.15 * marks.shoulder_x) + 0.66 * over
    z = marks.neck_z + 0.03 + off_m - 0.35 * top * marks.shoulder_x - 0.75 * over
    return np.stack([out * np.sin(angle), 0.85 * out * np.cos(angle) + 0.01, z], -1)
