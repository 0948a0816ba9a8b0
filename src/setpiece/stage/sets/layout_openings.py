"""Where doors and windows sit in their walls, and what of the floor they keep clear.

Place in the flow: first step of :mod:`.layout`. An opening that the designer pinned stays where it is; the others are spread
over what is free of their wall. What does not fit is left out and said.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from setpiece.core.set_spec import Opening, SetSpec, Side
from setpiece.stage.sets.layout_candidates import Room
from setpiece.stage.sets.layout_plan import TURNS, Boxes, Plan, Walk, boxes

_EDGE_M = 0.15  # from a corner, and from the next opening
WINDOW_CLEAR_M = 0.3
PASSAGES = ("door", "arch", "gate", "hatch", "entrance", "opening", "vault", "curtain")


def is_passage(opening: Opening) -> bool:
    """Whether people pass through it."""
    return any(word in opening.kind for word in PASSAGES) and opening.sill_m < 0.3


def place_openings(spec: SetSpec) -> tuple[tuple[Opening, ...], tuple[tuple[Opening, str], ...]]:
    """The openings with their places, in the order of the document, and those that found none, with the reason."""
    room = Room(width_m=spec.width_m, depth_m=spec.depth_m, height_m=spec.height_m)
    placed: dict[int, Opening] = {}
    refused: list[tuple[Opening, str]] = []
    pinned = sorted(range(len(spec.openings)), key=lambda index: spec.openings[index].at_m is None)
    waiting: dict[Side, list[int]] = {side: [] for side in Side}
    for index in pinned:
        one = spec.openings[index]
        if one.sill_m + one.height_m > spec.height_m + 1e-6:
            refused.append(
                (one, f"its top at {one.sill_m + one.height_m:.2f} m is higher than the walls ({spec.height_m:.2f} m)")
            )
        elif one.width_m + 2 * _EDGE_M > room.length(one.wall):
            refused.append((one, f"is wider than the {one.wall} wall ({room.length(one.wall):.2f} m)"))
        elif one.at_m is None:
            waiting[one.wall].append(index)
        elif _fits(one, one.at_m, room, placed):
            placed[index] = one
        else:
            refused.append((one, f"does not fit at {one.at_m:.2f} m along the {one.wall} wall"))
    for side, indices in waiting.items():
        for place, index in enumerate(indices):
            one = spec.openings[index]
            at = _spread(one, place, len(indices), room.length(side), room, placed)
            if at is None:
                refused.append((one, f"there is no room for it beside the others in the {one.wall} wall"))
            else:
                placed[index] = replace(one, at_m=at)
    return tuple(placed[index] for index in sorted(placed)), tuple(refused)


def keep_openings_clear(plan: Plan, walk: Walk, room: Room) -> None:
    """Swings of doors, fronts of windows, and where people come in."""
    for number, one in enumerate(room.openings):
        owner = f"{one.kind} {number + 1}"
        if is_passage(one):
            depth = max(one.width_m if "double" not in one.kind else one.width_m / 2, 0.7) + 0.1
            depth = min(depth, (room.depth_m if one.wall in (Side.NORTH, Side.SOUTH) else room.width_m) - 0.1)
            swing = _before(room, one, one.width_m + 0.1, depth, 0.0, one.height_m)
            plan.keep_clear(owner, swing)
            walk.add_entry(_threshold(walk, room, one))
        else:
            bottom = max(one.sill_m + 0.08, 0.1)  # a tap may stand before the glass
            plan.keep_clear(owner, _before(room, one, one.width_m, WINDOW_CLEAR_M, bottom, one.sill_m + one.height_m - bottom))


def holes(room: Room) -> Boxes:
    """The openings as boxes in their walls: nothing is mounted over them."""
    found = [
        _before(room, one, one.width_m + 0.24, 0.3, max(one.sill_m - 0.1, 0.0), one.height_m + 0.2) for one in room.openings
    ]
    return np.concatenate(found) if found else np.empty((0, 7))


def _before(room: Room, one: Opening, width: float, depth: float, bottom: float, height: float) -> Boxes:
    x, y = room.on_wall(one.wall, one.at_m or 0.0, depth / 2)
    return boxes(float(x), float(y), TURNS[one.wall], (width, depth, height), bottom)


def _threshold(walk: Walk, room: Room, one: Opening) -> np.ndarray:
    """Cells on which somebody stands who has just come in."""
    x, y = room.on_wall(one.wall, one.at_m or 0.0, 0.35)
    return walk.near(boxes(float(x), float(y), 0.0, (0.02, 0.02, 1.0)), 0.2)


def _fits(one: Opening, at: float, room: Room, placed: dict[int, Opening]) -> bool:
    if abs(at) + one.width_m / 2 > room.length(one.wall) / 2 - _EDGE_M + 0.1:
        return False
    same = [other for other in placed.values() if other.wall is one.wall]
    return all(_apart(one, at, other) for other in same)


def _apart(one: Opening, at: float, other: Opening) -> bool:
    over = one.sill_m < other.sill_m + other.height_m and other.sill_m < one.sill_m + one.height_m
    return not over or abs(at - (other.at_m or 0.0)) >= (one.width_m + other.width_m) / 2 + _EDGE_M


def _spread(one: Opening, place: int, many: int, length: float, room: Room, placed: dict[int, Opening]) -> float | None:
    """The place nearest to an even spread that is free."""
    reach = length / 2 - one.width_m / 2 - _EDGE_M
    wish = (place + 0.5) / many * length - length / 2
    if many == 1 and is_passage(one):
        wish = -0.25 * length if one.wall in (Side.EAST, Side.NORTH) else 0.25 * length
    wish = min(max(wish, -reach), reach)
    tries = sorted([wish, *np.arange(-reach, reach + 1e-6, 0.05).tolist()], key=lambda at: abs(at - wish))
    return next((round(at, 4) for at in tries if _fits(one, at, room, placed)), None)
