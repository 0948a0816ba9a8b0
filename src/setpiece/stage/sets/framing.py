"""Cameras: where to stand, with this lens on this sensor, so that the shot shows what it is about.

Place in the flow: after layout. Positions inside the room and behind its walls (a camera does not see the wall that it is
behind) are compared by what they show: the subject, practicals, doors and windows, depth; never through an obstacle, never with
a thing in the lens. What the designer pins is taken as it is. Eye heights as of people: 1.45 m for a standing operator, lower
for close work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.scene import SceneCamera
from setpiece.core.sensors import extracted_mm
from setpiece.core.set_spec import Relation, SetSpec, Side, View
from setpiece.stage.sets.architecture_covers import headroom_m
from setpiece.stage.sets.layout import Layout, Spot
from setpiece.stage.sets.layout_candidates import Room
from setpiece.stage.sets.layout_plan import TURNS

_CLOSE_M = 2.3  # what fills the frame from nearer than this hides the set
_BLOCKED = 30.0  # its price, for the whole frame
_NEAR_M = 0.55  # nothing stands nearer to the lens within the frame
_BEHIND_M = (0.0, 0.45, 1.0, 1.7, 2.5)
_MARGIN = 0.94  # of the frame: nothing that counts lies on its very edge
_PRACTICAL = ("lamp", "light")
_UP = np.array([0.0, 0.0, 1.0])
# frame height in metres at the subject, eye height, by shot size
_SIZES = {"full": (2.6, 1.4), "medium": (1.75, 1.3), "close": (0.95, 1.2), "insert": (0.5, 1.15)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What a camera could see: points with weights, obstacles as boxes with the wall that they go with."""

    points: np.ndarray  # (p, 3)
    weights: np.ndarray  # (p,)
    boxes: np.ndarray  # (n, 7): x, y, half width, half depth, turn, bottom, top
    walls: tuple[str | None, ...]
    names: tuple[str, ...]
    point_walls: tuple[str | None, ...] = ()
    windows: tuple[int, ...] = ()  # which points are windows


def cameras(spec: SetSpec, layout: Layout, categories: dict[str, str]) -> tuple[SceneCamera, ...]:
    """A camera for each view; ``categories`` of kinds tell practicals. Raises StageError for a view of something that is not
    there, BriefError for a sensor that does not exist."""
    stage = _stage_of(spec, layout, categories)
    return tuple(_camera(spec, layout, stage, view) for view in spec.views)


def _stage_of(spec: SetSpec, layout: Layout, categories: dict[str, str]) -> _Stage:
    points, weights, hung, windows = [], [], [], []
    by_name = {spot.name: spot for spot in layout.spots}
    for spot in layout.spots:
        x, y, z = spot.position_m
        practical = any(word in categories.get(spot.kind, "") for word in _PRACTICAL)
        large = spot.size_m[0] * max(spot.size_m[1], spot.size_m[2])
        points.append((x, y, z + spot.size_m[2] * 0.6))
        weights.append(1.5 if practical else 0.25 + min(1.2, large))
        hung.append(wall_of(spot, by_name))
    room = Room(width_m=spec.width_m, depth_m=spec.depth_m, height_m=spec.height_m)
    for one in layout.openings:
        x, y = (float(value) for value in room.on_wall(one.wall, one.at_m or 0.0, 0.05))
        points.append((x, y, one.sill_m + one.height_m * 0.55))
        weights.append(2.2)
        windows += [len(points) - 1] if "window" in one.kind else []
        hung.append(one.wall.value)
    if spec.exterior:  # facades are what a street is made of
        for share in (-0.7, -0.35, 0.0, 0.35, 0.7):
            points.append((share * spec.width_m / 2, spec.depth_m / 2, 0.4 * spec.height_m))
            weights.append(1.5)
            hung.append(None)
    solid = [spot for spot in layout.spots if spot.size_m[2] > 0.25 and spot.relation is not Relation.MOUNTED]
    rows = [
        (*spot.position_m[:2], spot.size_m[0] / 2, spot.size_m[1] / 2, math.radians(spot.turn_deg), spot.position_m[2],
         spot.position_m[2] + spot.size_m[2])
        for spot in solid
    ]  # fmt: skip
    drawn = [one for one in layout.openings if one.curtain is not None]
    for one in drawn:  # curtains hang into the room, and may hang before a lens
        x, y = (float(value) for value in room.on_wall(one.wall, one.at_m or 0.0, 0.12))
        high = one.sill_m + one.height_m + 0.1
        rows.append((x, y, one.width_m / 2 + 0.3, 0.12, math.radians(TURNS[one.wall]), max(0.0, one.sill_m - 0.3), high))
    return _Stage(
        points=np.array(points).reshape(-1, 3),
        weights=np.array(weights),
        boxes=np.array(rows).reshape(-1, 7),
        walls=(*(wall_of(spot, by_name) for spot in solid), *(None for _ in drawn)),
        names=(*(spot.name for spot in solid), *("curtain" for _ in drawn)),
        point_walls=tuple(hung),
        windows=tuple(windows),
    )


def wall_of(spot: Spot, by_name: dict[str, Spot]) -> str | None:
    """The wall that a thing goes with, itself or by what carries it."""
    if spot.wall is not None:
        return spot.wall.value
    other = spot.on or spot.by
    return wall_of(by_name[other], by_name) if other in by_name else None


def _camera(spec: SetSpec, layout: Layout, stage: _Stage, view: View) -> SceneCamera:
    sensor = extracted_mm(view.sensor)
    subject = _subject(layout, view)
    if view.from_m is not None:
        to = view.to_m or (subject_point(subject) if subject else (0.0, 0.0, 1.1))
        return _made(view, sensor, np.array(view.from_m), np.array(to))
    if view.shot == "plan":
        height = view.lens_mm * max(spec.width_m * 1.12 / sensor[0], spec.depth_m * 1.12 / sensor[1])
        return _made(view, sensor, np.array([0.0, -1e-3, height]), np.array([0.0, 0.0, 0.0]))
    if view.shot == "wide" or subject is None:
        eyes, targets = _wide(spec, stage, view, sensor)
    else:
        eyes, targets = _on_subject(spec, view, sensor, subject)
    best = _best(spec, stage, view, sensor, (eyes, targets), subject)
    return _made(view, sensor, eyes[best], targets[best])


def _subject(layout: Layout, view: View) -> Spot | None:
    if view.on is None:
        return None
    found = [spot for spot in layout.spots if view.on in (spot.name, spot.furnishing)]
    if not found:
        raise StageError(
            f"view '{view.name}' frames '{view.on}', which does not stand in the set",
            remedy="name a furnishing of the specification that found a place, or leave 'on' out",
        )
    return found[0]


def subject_point(spot: Spot) -> tuple[float, float, float]:
    """What of a thing a camera looks at: its middle, a little above."""
    x, y, z = spot.position_m
    return x, y, z + 0.6 * spot.size_m[2]


def _wide(spec: SetSpec, stage: _Stage, view: View, sensor: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Eyes along the walls, inside and behind; looking across the room, level or nearly."""
    room = Room(width_m=spec.width_m, depth_m=spec.depth_m, height_m=spec.height_m)
    if spec.exterior:
        return _across_a_street(spec)
    behind, heights = _BEHIND_M, (min(1.45, spec.height_m - 0.5),)
    eyes = []
    for side, off, height in product(Side, behind, heights):
        reach = room.length(side) / 2 - 0.3
        x, y = room.on_wall(side, np.linspace(-reach, reach, 7), 0.3 if off == 0 else -off)
        eyes.append(np.stack([x, y, np.full(x.size, height)], -1))
    eye = np.concatenate(eyes)
    weight = stage.weights[:, None] if len(stage.weights) else np.ones((1, 1))
    middle = (stage.points * weight).sum(0) / weight.sum() if len(stage.points) else np.array([0.0, 0.0, 1.0])
    aims = [
        middle[:2],
        np.zeros(2),
        *(np.array([sx * spec.width_m / 4, sy * spec.depth_m / 3]) for sx in (-1, 1) for sy in (-1, 1)),
    ]
    level = min(1.15, spec.height_m * 0.42)
    pairs = [(one, np.array([*aim, level])) for one in eye for aim in aims if np.hypot(*(one[:2] - aim)) > 1.0]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def _across_a_street(spec: SetSpec) -> tuple[np.ndarray, np.ndarray]:
    """Eyes at the ends of a street or yard, off its middle, a person's height and a ladder's; looking along it, a little up."""
    half_w, half_d = spec.width_m / 2, spec.depth_m / 2
    level = min(2.6, 0.3 * spec.height_m)
    pairs = [
        (np.array([end * (half_w - 0.6), across * half_d, height]), np.array([-end * along * half_w, aim * half_d, level]))
        for end, across, height in product((-1, 1), (-0.45, -0.2, 0.0, 0.3), (1.65, 2.7))
        for along, aim in product((0.1, 0.5, 0.9), (-0.1, 0.25, 0.6))
    ]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def _on_subject(spec: SetSpec, view: View, sensor: tuple[float, float], subject: Spot) -> tuple[np.ndarray, np.ndarray]:
    """Eyes about a subject, as far away as lens and shot size ask."""
    high, eye_m = _SIZES.get(view.shot, _SIZES["medium"])
    width, depth, tall = subject.size_m
    if view.shot == "full":
        high = max(high, tall * 1.25, max(width, depth) * 1.15 * sensor[1] / sensor[0])
    elif view.shot == "medium":
        high = min(max(high, tall * 1.15, max(width, depth) * 0.8 * sensor[1] / sensor[0]), 3.2)
    distance = high * view.lens_mm / sensor[1]
    x, y, z = subject.position_m
    at = max(z + tall * 0.6, min(0.8, z + tall + 0.15)) if view.shot in ("full", "medium") else z + tall * 0.92
    front = math.radians(subject.turn_deg) - math.pi / 2
    eyes, targets = [], []
    round_about = spec.exterior or subject.relation is Relation.CENTRE
    turns = np.arange(-180, 180, 18) if round_about else np.arange(-80, 81, 16)
    for turn, share, drop in product(np.radians(turns), (1.0, 0.88, 1.15), (0.0, 0.2)):
        way = front + turn
        away = distance * share + depth / 2
        eye = np.array([x + away * math.cos(way), y + away * math.sin(way), max(0.35, max(eye_m, at + 0.1) - drop)])
        eye[2] = min(eye[2], spec.height_m - 0.25) if not spec.exterior else eye[2]
        side = np.array([-math.sin(way), math.cos(way)])
        for shift in (-0.16, 0.0, 0.16):  # towards a third of the frame
            aim = np.array([x, y]) + side * shift * high * sensor[0] / sensor[1]
            eyes.append(eye)
            targets.append(np.array([*aim, at]))
    return np.array(eyes), np.array(targets)


def _best(
    spec: SetSpec,
    stage: _Stage,
    view: View,
    sensor: tuple[float, float],
    pairs: tuple[np.ndarray, np.ndarray],
    subject: Spot | None,
) -> int:
    """The pair of eye and target that shows most of what counts."""
    eyes, targets = pairs
    scores = np.full(len(eyes), -np.inf)
    known: dict[bytes, np.ndarray] = {}
    own = getattr(subject, "name", "")
    deep = 3.0 if max(spec.width_m, spec.depth_m) > 2.2 * min(spec.width_m, spec.depth_m) else 0.8
    points, weights = stage.points, stage.weights.copy()
    if view.shot != "wide" and stage.windows:  # against a bright window everything near is a silhouette
        weights[list(stage.windows)] = -2.0 if 7.0 < spec.light.hour < 18.0 else 1.0
    if subject is not None:
        points = np.concatenate([points, [subject_point(subject)]])
        weights = np.concatenate([weights, [9.0 if view.shot != "wide" else 5.0]])
    best = -np.inf
    for index, (eye, target) in enumerate(zip(eyes, targets, strict=True)):
        gone = _gone(eye, spec)
        keep = np.array([not (name == own or wall in gone) for name, wall in zip(stage.names, stage.walls, strict=True)], bool)
        boxes = stage.boxes[keep] if len(stage.boxes) else stage.boxes
        outside = _outside(spec, eye)
        under = "sloping_roof" not in spec.features or (
            abs(eye[0]) < spec.width_m / 2 and eye[2] < headroom_m(spec, float(eye[0])) - 0.2
        )
        if outside > 3.6 or not under or _crowded(eye, target, boxes, view.lens_mm, sensor):
            continue
        key = eye.tobytes()
        if key not in known:
            known[key] = _seen(eye, points, boxes)
        framed = _framed(eye, target, points, view.lens_mm, sensor)
        there = np.array([wall not in gone for wall in stage.point_walls] + [True] * (len(points) - len(stage.points)), bool)
        seen = framed & known[key] & there
        spread = _depth_spread(eye, points[seen])
        lost = float(np.maximum(weights[~there], 0.0).sum())
        score = (
            float(weights[seen].sum())
            - 0.8 * lost
            - 12.0 * _past_the_wall(eye, target, spec, view.lens_mm, sensor)
            + deep * spread
            - _price(view, outside)
            - _flatness(eye, target)
        )
        if score > best:  # else what stands near the lens need not be looked for: it only costs
            score -= _BLOCKED * max(0.0, _blocked(eye, target, boxes, view.lens_mm, sensor) - 0.06)
            scores[index] = score
            best = max(best, score)
    if not np.isfinite(scores).any():
        return int(np.argmin([_outside(spec, eye) for eye in eyes]))
    return int(np.argmax(scores))


def _past_the_wall(eye: np.ndarray, target: np.ndarray, spec: SetSpec, lens: float, sensor: tuple[float, float]) -> float:
    """How far, in metres, a camera behind a wall sees past the ends of that wall, or over it: what no set has built."""
    half = np.array([spec.width_m / 2, spec.depth_m / 2])
    out = np.abs(eye[:2]) - half
    axis = int(np.argmax(out))
    if out[axis] <= 0 or spec.exterior:
        return 0.0
    plane = math.copysign(half[axis], eye[axis])
    way = math.atan2(target[1] - eye[1], target[0] - eye[0])
    turn = math.atan(sensor[0] / 2 / lens)
    level = math.atan2(target[2] - eye[2], math.hypot(*(target[:2] - eye[:2])))
    rise = math.tan(level + math.atan(sensor[1] / 2 / lens))
    past = 0.0
    for side in (-turn, 0.0, turn):
        ray = np.array([math.cos(way + side), math.sin(way + side)])
        if ray[axis] * plane >= -1e-6:
            return 9.0
        reach = (plane - eye[axis]) / ray[axis]
        met = eye[:2] + reach * ray
        over = eye[2] + reach * math.cos(side) * rise - headroom_m(spec, *(float(value) for value in np.clip(met, -half, half)))
        past = max(past, abs(met[1 - axis]) - half[1 - axis], over)
    return past


def _price(view: View, outside: float) -> float:
    """What it costs to take out a wall and stand behind it: little for a wide, more for work within the room."""
    return 0.7 * outside if view.shot == "wide" or outside <= 0 else 1.5 + 1.2 * outside


def _outside(spec: SetSpec, eye: np.ndarray) -> float:
    """How far the eye is out of the set, metres."""
    return float(max(abs(eye[0]) - spec.width_m / 2, abs(eye[1]) - spec.depth_m / 2, 0.0))


def _gone(eye: np.ndarray, spec: SetSpec) -> frozenset[str]:
    """The walls that the eye is behind, so that what goes with them is not seen."""
    limits = {"north": eye[1] - spec.depth_m / 2, "south": -eye[1] - spec.depth_m / 2, "east": eye[0] - spec.width_m / 2,
              "west": -eye[0] - spec.width_m / 2}  # fmt: skip
    return frozenset(wall for wall, past in limits.items() if past > -0.02)


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The cross product of two vectors (3,); numpy's own is made for many."""
    (a, b, c), (x, y, z) = one.tolist(), other.tolist()
    return np.array([b * z - c * y, c * x - a * z, a * y - b * x])


def _crowded(eye: np.ndarray, target: np.ndarray, boxes: np.ndarray, lens: float, sensor: tuple[float, float]) -> bool:
    """Whether the eye is in a thing, or one stands before the lens."""
    if not len(boxes):
        return False
    local = _local(eye[None, :2], boxes)[0]
    off = np.hypot(np.maximum(np.abs(local[:, 0]) - boxes[:, 2], 0), np.maximum(np.abs(local[:, 1]) - boxes[:, 3], 0))
    level = (boxes[:, 6] > eye[2] - 0.25) & (boxes[:, 5] < eye[2] + 0.25)
    if bool((level & (off < 0.15)).any()):
        return True
    near = boxes[level & (off < _NEAR_M)]
    if not len(near):
        return False
    at = np.stack([near[:, 0], near[:, 1], np.clip(np.full(len(near), eye[2]), near[:, 5], near[:, 6])], -1)
    return bool(_framed(eye, target, at, lens * 0.8, sensor).any())


def _blocked(eye: np.ndarray, target: np.ndarray, boxes: np.ndarray, lens: float, sensor: tuple[float, float]) -> float:
    """The share of the frame that things close to the lens fill, 0..1."""
    ahead = (target - eye) / np.linalg.norm(target - eye)
    right = _cross(ahead, _UP)
    right /= np.linalg.norm(right)
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 11) * sensor[0] / lens, np.linspace(-0.5, 0.5, 7) * sensor[1] / lens)
    ways = ahead + x.reshape(-1, 1) * right + y.reshape(-1, 1) * _cross(right, ahead)
    return float(1.0 - _seen(eye, eye + _CLOSE_M * ways, boxes, own=False).mean())


def _local(points: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Plan points (p, 2) in the frame of each box, (p, n, 2)."""
    away = points[:, None, :] - boxes[None, :, :2]
    cos, sin = np.cos(boxes[:, 4]), np.sin(boxes[:, 4])
    return np.stack([away[..., 0] * cos + away[..., 1] * sin, away[..., 1] * cos - away[..., 0] * sin], -1)


def _seen(eye: np.ndarray, points: np.ndarray, boxes: np.ndarray, *, own: bool = True) -> np.ndarray:
    """Which points nothing stands before, (p,): the segment to each against every box (slabs). ``own``: a point in a box is
    seen, being its own."""
    if not len(boxes) or not len(points):
        return np.ones(len(points), bool)
    start, end = _local(eye[None, :2], boxes)[0], _local(points[:, :2], boxes)
    low = np.full((len(points), len(boxes)), 0.0)
    high = np.full_like(low, 0.94)
    for axis, half in ((0, boxes[:, 2]), (1, boxes[:, 3])):
        run = end[..., axis] - start[None, :, axis]
        run = np.where(np.abs(run) < 1e-9, 1e-9, run)
        a, b = (-half - start[:, axis]) / run, (half - start[:, axis]) / run
        low, high = np.maximum(low, np.minimum(a, b)), np.minimum(high, np.maximum(a, b))
    rise = points[:, 2:3] - eye[2]
    rise = np.where(np.abs(rise) < 1e-9, 1e-9, rise)
    a, b = (boxes[None, :, 5] - eye[2]) / rise, (boxes[None, :, 6] - eye[2]) / rise
    low, high = np.maximum(low, np.minimum(a, b)), np.minimum(high, np.maximum(a, b))
    inside = (np.abs(end) <= boxes[None, :, 2:4] + 0.05).all(-1) & (points[:, 2:3] <= boxes[None, :, 6] + 0.05)
    return ~((low < high) & ~(inside & own)).any(1)


def _framed(eye: np.ndarray, target: np.ndarray, points: np.ndarray, lens: float, sensor: tuple[float, float]) -> np.ndarray:
    """Which points lie within the frame, (p,)."""
    ahead = (target - eye) / np.linalg.norm(target - eye)
    right = _cross(ahead, _UP)
    right /= np.linalg.norm(right)
    up = _cross(right, ahead)
    away = points - eye
    depth = away @ ahead
    safe = np.maximum(depth, 1e-6)
    x, y = np.abs(away @ right) / safe, np.abs(away @ up) / safe
    return np.asarray((depth > 0.2) & (x < _MARGIN * sensor[0] / 2 / lens) & (y < _MARGIN * sensor[1] / 2 / lens))


def _depth_spread(eye: np.ndarray, points: np.ndarray) -> float:
    """Near, middle and far: how deep the picture is, 0..1."""
    if len(points) < 3:
        return 0.0
    away = np.log(np.maximum(np.hypot(*(points[:, :2] - eye[:2]).T), 0.3))
    return float(min(1.0, away.std() * 2.0))


def _flatness(eye: np.ndarray, target: np.ndarray) -> float:
    """The price of looking square at a wall: two walls tell a room better than one."""
    way = np.degrees(np.arctan2(target[1] - eye[1], target[0] - eye[0])) % 90.0
    return float(1.4 * max(0.0, 1.0 - min(way, 90.0 - way) / 16.0))


def _made(view: View, sensor: tuple[float, float], eye: np.ndarray, target: np.ndarray) -> SceneCamera:
    focus = float(np.linalg.norm(target - eye))
    return SceneCamera(
        name=view.name,
        position_m=(round(float(eye[0]), 4), round(float(eye[1]), 4), round(float(eye[2]), 4)),
        target_m=(round(float(target[0]), 4), round(float(target[1]), 4), round(float(target[2]), 4)),
        lens_mm=view.lens_mm,
        sensor_mm=sensor,
        sensor=view.sensor,
        fstop=view.fstop,
        focus_m=round(focus, 3) if view.fstop is not None else None,
        exposure_stops=view.exposure_stops,
        white_kelvin=view.white_kelvin,
    )
