"""Layout: where everything of a set stands. Clearances, facing, on top, around, under, hanging, mounted; nothing collides.

Place in the flow: specification -> layout -> :func:`setpiece.stage.sets.assembly.build` -> scene. Things are put in one after
another, the important first; each takes the cheapest place that leaves doors, windows, and the way to every seat clear. What
finds none is left out and the reason said: nothing is forced. The same specification and seed give the same layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from setpiece.core.set_spec import Furnishing, Opening, Relation, SetSpec, Side
from setpiece.stage.sets import layout_candidates as candidates
from setpiece.stage.sets.layout_candidates import Room, Rows, Size
from setpiece.stage.sets.layout_exterior import Street, street_of
from setpiece.stage.sets.layout_openings import holes, keep_openings_clear, place_openings
from setpiece.stage.sets.layout_plan import TURNS, Boxes, Plan, Walk, boxes, front_of, meets

_WALKS = 14  # places that are tried for the way of a person, from the cheapest
_CLOSE = 0.35  # of its clearance, where all of it is not to be had
_FLAT_M = 0.06
_AT_A_DISTANCE = ("television", "screen", "fireplace", "stage", "stove_wood", "altar", "window")


class KindOf(Protocol):
    """What layout asks of a kind of the library."""

    @property
    def category(self) -> str:
        """Its segmentation class."""

    @property
    def size_m(self) -> Size:
        """Its own (width, depth, height)."""

    @property
    def relation(self) -> Relation:
        """How it stands where nobody says."""

    @property
    def clearance_m(self) -> tuple[float, float]:
        """What stays free before its front and at its sides."""

    @property
    def top(self) -> bool:
        """Whether things stand on it."""

    @property
    def wall_height_m(self) -> float | None:
        """Lower edge of what is mounted."""


Kinds = Mapping[str, KindOf]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One thing in its place. ``position_m`` is its foot's middle; ``on`` the thing that carries it, ``wall`` the wall that it
    stands or hangs at, ``by`` a thing that it is drawn up to (a stool at a bar). ``furnishing`` names its line of the
    specification."""

    name: str
    furnishing: str
    kind: str
    size_m: Size
    position_m: tuple[float, float, float]
    turn_deg: float
    relation: Relation
    on: str | None = None
    wall: Side | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What of a furnishing (or opening) found no place: how many, and why."""

    name: str
    count: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Everything with its place. ``openings`` have theirs too."""

    spots: tuple[Spot, ...]
    openings: tuple[Opening, ...]
    left_out: tuple[LeftOut, ...] = ()

    def named(self, furnishing: str) -> tuple[Spot, ...]:
        """The spots of one line of the specification."""
        return tuple(spot for spot in self.spots if spot.furnishing == furnishing)


def library() -> Kinds:
    """The kinds of the house."""
    from setpiece.stage.sets.library import KINDS

    return KINDS


def lay_out(spec: SetSpec, kinds: Kinds | None = None) -> Layout:
    """The layout of a specification; ``kinds`` is the library where none is given."""
    return _Work(spec, library() if kinds is None else kinds).laid_out()


@dataclass(kw_only=True)
class _Item:
    """A furnishing with what its kind says, and its dependence."""

    line: Furnishing
    kind: KindOf
    size: Size
    relation: Relation
    order: tuple[int, float, int] = (0, 0.0, 0)
    instances: list[Spot] = field(default_factory=list)


class _Work:
    """The plan as it fills."""

    def __init__(self, spec: SetSpec, kinds: Kinds) -> None:
        self.spec, self.kinds = spec, kinds
        placed, refused = place_openings(spec)
        self.room = Room(width_m=spec.width_m, depth_m=spec.depth_m, height_m=spec.height_m, openings=placed)
        self.plan = Plan(width_m=spec.width_m, depth_m=spec.depth_m, height_m=spec.height_m)
        self.walk = Walk(spec.width_m, spec.depth_m)
        self.street: Street | None = street_of(spec)
        keep_openings_clear(self.plan, self.walk, self.room)
        self.holes = holes(self.room)
        self.spots: list[Spot] = []
        self.rows: dict[str, Boxes] = {}
        self.left_out = [LeftOut(name=f"{one.kind} in the {one.wall} wall", count=1, why=why) for one, why in refused]
        self.items = self._items()

    def _items(self) -> dict[str, _Item]:
        """What is to be placed, with what its kind says. A kind that nobody knows is left out, and said."""
        found: dict[str, _Item] = {}
        for number, line in enumerate(self.spec.furnishings):
            kind = self.kinds.get(line.kind)
            if kind is None:
                self._leave(line.name, line.count, f"the library has no kind '{line.kind}'")
                continue
            plain = line.relation is Relation.FREE and line.target is None and line.at_m is None
            relation = kind.relation if plain else line.relation
            size = line.size_m or kind.size_m
            found[line.name] = _Item(line=line, kind=kind, size=size, relation=relation, order=(0, 0.0, number))
        for item in found.values():
            depth, seen = 0, {item.line.name}
            above = found.get(item.line.target or "")
            while above is not None and above.line.name not in seen:
                seen.add(above.line.name)
                depth += 1
                above = found.get(above.line.target or "")
            first = {Relation.AGAINST: 0, Relation.CENTRE: 1, Relation.CORNER: 2}.get(item.relation, 3)
            late = {Relation.HANGING: 6, Relation.UNDER: 5, Relation.MOUNTED: 7, Relation.ON: 8}.get(item.relation, first)
            rank = -1 if item.line.at_m is not None else late + 0.25 * depth
            item.order = (int(rank * 4), -item.size[0] * item.size[1], item.order[2])
        return found

    def laid_out(self) -> Layout:
        """Place all, group by group: what stands about a thing comes right behind it."""
        waiting = sorted(self.items.values(), key=lambda item: item.order)
        done: set[str] = set()
        while waiting:
            ready = next(
                (item for item in waiting if item.line.target not in self.items or item.line.target in done), waiting[0]
            )
            waiting.remove(ready)
            self._place(ready)
            done.add(ready.line.name)
            partners = (Relation.AROUND, Relation.FACING, Relation.IN_FRONT, Relation.BEHIND, Relation.BESIDE)
            near = [item for item in waiting if item.line.target == ready.line.name and item.relation in partners]
            waiting = [*near, *(item for item in waiting if item not in near)]
        return Layout(spots=tuple(self.spots), openings=self.room.openings, left_out=tuple(self.left_out))

    def _place(self, item: _Item) -> None:
        """All of one line; what is left of it is said."""
        failures: dict[str, int] = {}
        for number in range(item.line.count):
            why = self._place_one(item, number)
            if why:
                failures[why] = failures.get(why, 0) + 1
        for why, count in failures.items():
            self._leave(item.line.name, count, why)

    def _leave(self, name: str, count: int, why: str) -> None:
        self.left_out.append(LeftOut(name=name, count=count, why=why))

    def _place_one(self, item: _Item, number: int) -> str:
        """Place one; "" or the reason why not."""
        rng = np.random.default_rng([self.spec.seed & 0x7FFFFFFF, *item.line.name.encode(), number])
        target, why = self._target(item, number)
        if why:
            return why
        rows = self._candidates(item, number, target, rng)
        if not len(rows):
            return self._too_large(item)
        rows = rows[np.argsort(rows[:, 3], kind="stable")]
        bottom = self._bottom(item, target)
        if bottom < -1e-6:
            return f"is {item.size[2]:.2f} m high, the room {self.room.height_m:.2f} m"
        made = boxes(rows[:, 0], rows[:, 1], rows[:, 2], item.size, bottom)
        chosen, why = self._choose(item, made, target)
        if chosen is None:
            return why
        self._put(item, number, chosen, target)
        return ""

    def _target(self, item: _Item, number: int) -> tuple[Spot | None, str]:
        """The thing that this one relates to, where it relates to a thing."""
        name = item.line.target
        if name is None or name in {side.value for side in Side}:
            if item.relation is not Relation.ON:
                return None, ""
            found = self._any_top(item)
            return found, "" if found else "there is nothing that it could stand on"
        if name not in self.items:
            return None, f"there is no '{name}' in the set"
        there = self.items[name].instances
        if not there:
            return None, f"'{name}', to which it belongs, was left out"
        if item.relation is Relation.ON and not self.items[name].kind.top:
            return None, f"nothing can stand on '{name}'"
        return there[number % len(there)], ""

    def _any_top(self, item: _Item) -> Spot | None:
        """The best free top for a thing: large, and at a height for hands."""
        tops = [spot for spot in self.spots if self.items[spot.furnishing].kind.top and spot.relation is not Relation.ON]
        fits = [
            spot for spot in tops if min(spot.size_m[:2]) >= min(item.size[:2]) and max(spot.size_m[:2]) >= max(item.size[:2])
        ]
        taken = {spot.name: sum(other.on == spot.name for other in self.spots) for spot in fits}
        return min(
            fits,
            key=lambda spot: (taken[spot.name] + 4 * abs(spot.size_m[2] - 0.8) - spot.size_m[0] * spot.size_m[1], spot.name),
            default=None,
        )

    def _candidates(self, item: _Item, number: int, target: Spot | None, rng: np.random.Generator) -> Rows:
        line, size = item.line, item.size
        if line.at_m is not None:
            return np.array([[line.at_m[0], line.at_m[1], line.turn_deg or 0.0, 0.0]])
        side = Side(line.target) if line.target in {one.value for one in Side} else None
        if self.street is not None and target is None:
            found = self.street.candidates(line.kind, item.kind.category, size, number, line.count, rng)
            if found is not None:
                return found
        if target is not None:
            return self._by_target(item, number, target, rng)
        room, turn = self.room, line.turn_deg
        seat = item.kind.category == "seating"
        by_room: dict[Relation, Callable[[], Rows]] = {
            Relation.AGAINST: lambda: candidates.against(room, size, side, rng, self._kin(item)),
            Relation.CORNER: lambda: candidates.corner(room, size, rng),
            Relation.CENTRE: lambda: candidates.centre(room, size, turn, rng, number, line.count),
            Relation.UNDER: lambda: candidates.centre(room, size, turn, rng),
            Relation.HANGING: lambda: candidates.ceiling(room, size, number, line.count),
            Relation.MOUNTED: lambda: candidates.mounted(room, size, side, rng, None),
        }
        anywhere = lambda: candidates.free(room, size, turn, rng, self.plan.solids, seat=seat)  # noqa: E731
        return by_room.get(item.relation, anywhere)()

    def _by_target(self, item: _Item, number: int, target: Spot, rng: np.random.Generator) -> Rows:
        """Candidates by what it relates to; what carries the target counts where the floor is meant."""
        size, base = item.size, self.rows[target.name]
        floor = self.rows[target.on] if target.on else base
        many = max(1, len(self.items[target.furnishing].instances))
        share = -(-item.line.count // many)
        lean = 0.0 if max(size[:2]) > 0.5 else 14.0
        gap = self._gap(item, target)
        facing = 180.0 + float(rng.normal(0, 2.5))
        by_target: dict[Relation, Callable[[], Rows]] = {
            Relation.ON: lambda: candidates.on_top(base, size, item.line.turn_deg, rng, lean=lean),
            Relation.AROUND: lambda: candidates.around(floor, size, share, rng, 0.03 if target.size_m[2] > 0.6 else 0.4),
            Relation.UNDER: lambda: candidates.under(floor, size),
            Relation.HANGING: lambda: candidates.over(base, number // many, share),
            Relation.MOUNTED: lambda: candidates.mounted(self.room, size, target.wall, rng, floor),
            Relation.FACING: lambda: candidates.before(floor, size, gap, rng, turned=facing),
            Relation.IN_FRONT: lambda: candidates.before(floor, size, gap, rng, turned=0.0),
            Relation.BEHIND: lambda: candidates.before(floor, size, gap, rng, turned=0.0, behind=True),
        }
        return by_target.get(item.relation, lambda: candidates.beside(floor, size, rng))()

    def _gap(self, item: _Item, target: Spot) -> float:
        """How far from each other they like to stand: close at a desk, a knee's width at a low table, back from a screen."""
        if any(word in target.kind for word in _AT_A_DISTANCE):
            return 2.0
        if item.kind.category == "seating" and item.relation is not Relation.IN_FRONT:
            return 0.08 if target.size_m[2] > 0.6 else 0.42
        return 0.42

    def _apart(self, item: _Item, height_m: float) -> float:
        return 0.1 if item.kind.category == "seating" and height_m > 0.6 else 0.45

    def _kin(self, item: _Item) -> Boxes:
        """What of the same family stands on the floor: kitchens and rows of lockers go on side by side."""
        rows = [
            self.rows[spot.name]
            for spot in self.spots
            if spot.on is None
            and (spot.kind == item.line.kind or (item.kind.category == "kitchen" == self.items[spot.furnishing].kind.category))
        ]
        return np.concatenate(rows) if rows else np.empty((0, 7))

    def _bottom(self, item: _Item, target: Spot | None) -> float:
        if item.relation is Relation.HANGING:
            return self.room.height_m - item.size[2]
        if item.relation is Relation.MOUNTED:
            height = item.kind.wall_height_m if item.kind.wall_height_m is not None else 1.5 - item.size[2] / 2
            over = 0.0 if target is None else target.position_m[2] + target.size_m[2] + 0.08
            return min(max(height, over), self.room.height_m - item.size[2] - 0.02)
        if item.relation is Relation.ON and target is not None:
            return target.position_m[2] + target.size_m[2]
        return 0.0

    def _choose(self, item: _Item, made: Boxes, target: Spot | None) -> tuple[Boxes | None, str]:
        """The first of ``made`` that fits in every way, or the reason why none does."""
        partners = self._partners(item, target)
        wide, deep, _ = item.size
        made = made[self.plan.inside(made)]
        if not len(made):
            return None, "would stand in a wall" if item.line.at_m is not None else self._too_large(item)
        made = made[self.plan.free_of_flats(made) if item.size[2] <= _FLAT_M and not item.line.at_m else self.plan.free(made)]
        if item.relation is Relation.MOUNTED:
            made = made[~meets(made, self.holes)]
        if not len(made):
            return None, f"no free place of {wide:.2f} x {deep:.2f} m {_where(item)}"
        if item.size[2] <= _FLAT_M or item.relation in (Relation.ON, Relation.MOUNTED):
            return made[:1], ""
        made = made[self.plan.out_of_zones(made, but=partners)]
        if not len(made):
            return None, f"no place {_where(item)} that leaves doors, windows and what stands there clear"
        for share, reserve in ((1.0, True), (1.0, False), (_CLOSE, False)):
            fits = self._clear(item, made, partners, share)
            if reserve:
                fits &= self.plan.free(self._with_company(item, made))
            found = self._walkable(item, made[fits])
            if found is not None:
                return found, ""
        return None, "it would stand in the way: not every door and seat could be reached"

    def _clear(self, item: _Item, made: Boxes, partners: frozenset[str], share: float) -> np.ndarray:
        """Which have their clearance."""
        front, sides = item.kind.clearance_m
        if item.relation is Relation.HANGING:
            return np.ones(len(made), bool)
        fits = np.ones(len(made), bool)
        if front > 0 and item.relation is not Relation.AROUND:
            zone = front_of(made, front * share)
            fits &= self.plan.free(zone, but=partners)
        if sides > 0:
            wider = made.copy()
            wider[:, 2] += sides * share
            fits &= self.plan.free(wider, but=partners)
        return fits

    def _with_company(self, item: _Item, made: Boxes) -> Boxes:
        """Footprints with the room that those need who will stand about it."""
        partners = (Relation.AROUND, Relation.FACING, Relation.BEHIND, Relation.IN_FRONT)
        near = [one for one in self.items.values() if one.line.target == item.line.name and one.relation in partners]
        wider = made.copy()
        deep = max((one.size[1] + self._apart(one, item.size[2]) for one in near), default=0.0)
        if item.relation in (Relation.CENTRE, Relation.FREE):
            wider[:, 2:4] += deep
        return wider

    def _walkable(self, item: _Item, made: Boxes) -> Boxes | None:
        """The first that leaves every door and seat within reach."""
        seat = item.kind.category in ("seating", "beds")
        for index in range(min(len(made), _WALKS) if item.line.at_m is None else len(made)):
            row = made[index : index + 1]
            if not seat and not self.walk.in_the_way(row):
                return row
            if self.walk.open_with(row, self.walk.seat_cells(row) if seat else None):
                return row
        return None

    def _partners(self, item: _Item, target: Spot | None) -> frozenset[str]:
        """Things whose clearance this one may enter: what it belongs to, and its like."""
        found = {spot.name for spot in self.items[item.line.name].instances}
        if target is not None:
            found |= {target.name, *([target.on] if target.on else [])}
            for other in self.items.values():
                if other.line.target == target.furnishing:
                    found |= {spot.name for spot in other.instances}
        return frozenset(found)

    def _put(self, item: _Item, number: int, row: Boxes, target: Spot | None) -> None:
        line = item.line
        name = line.name if line.count == 1 else f"{line.name}.{number + 1}"
        on = target.name if item.relation is Relation.ON and target is not None else None
        spot = Spot(
            name=name,
            furnishing=line.name,
            kind=line.kind,
            size_m=item.size,
            position_m=(round(float(row[0, 0]), 4), round(float(row[0, 1]), 4), round(float(row[0, 5]), 4)),
            turn_deg=round((float(np.degrees(row[0, 4])) + 180.0) % 360.0 - 180.0, 3),
            relation=item.relation,
            on=on,
            wall=self._wall(item, row),
            by=self._drawn_up_to(item, row, target),
        )
        self.spots.append(spot)
        item.instances.append(spot)
        self.rows[name] = row
        if item.size[2] <= _FLAT_M and item.relation is not Relation.ON:
            self.plan.lay(row)
            return
        self.plan.put(name, row)
        if item.relation in (Relation.ON, Relation.MOUNTED, Relation.HANGING):
            return
        self.walk.block(row)
        if item.kind.category in ("seating", "beds"):
            self.walk.seats.append(self.walk.seat_cells(row))
        front, _ = item.kind.clearance_m
        if front > 0 and item.relation is not Relation.AROUND:
            self.plan.keep_clear(name, front_of(row, front * _CLOSE))

    def _wall(self, item: _Item, row: Boxes) -> Side | None:
        if item.relation not in (Relation.AGAINST, Relation.MOUNTED, Relation.CORNER):
            return None
        turn = float(np.degrees(row[0, 4]))
        return min(Side, key=lambda side: abs((turn - TURNS[side] + 180.0) % 360.0 - 180.0))

    def _drawn_up_to(self, item: _Item, row: Boxes, target: Spot | None) -> str | None:
        """The thing at which it stands, within a hand's width."""
        near = (Relation.FACING, Relation.AROUND, Relation.BESIDE, Relation.IN_FRONT)
        if target is None or item.relation not in near:
            return None
        wider = row.copy()
        wider[:, 2:4] += 0.3
        return target.name if meets(wider, self.rows[target.name])[0] else None

    def _too_large(self, item: _Item) -> str:
        wide, deep, high = item.size
        if high <= self.room.height_m and max(wide, deep) <= min(self.room.width_m, self.room.depth_m):
            return f"the walls leave no place {_where(item)}"
        return (
            f"{wide:.2f} x {deep:.2f} x {high:.2f} m is more than the room has "
            f"({self.room.width_m:.2f} x {self.room.depth_m:.2f} x {self.room.height_m:.2f} m) {_where(item)}".rstrip()
        )


def _where(item: _Item) -> str:
    """The wish, in words."""
    target = (item.line.target or "").replace("_", " ")
    relation = item.relation.value.replace("_", " ")
    if item.relation is Relation.AGAINST:
        return f"against the {target} wall" if target else "against a wall"
    if item.relation is Relation.MOUNTED:
        return f"on the {target} wall" if target in {side.value for side in Side} else "on a wall"
    plain = {Relation.CORNER: "in a corner", Relation.CENTRE: "in the middle", Relation.FREE: "on the floor"}
    return plain.get(item.relation, f"{relation} '{target}'" if target else relation)


def without_left_out(spec: SetSpec, layout: Layout) -> SetSpec:
    """The specification with what found no place taken out, and openings where they are."""
    kept = []
    for line in spec.furnishings:
        count = len(layout.named(line.name))
        if count:
            kept.append(replace(line, count=count))
    return replace(spec, furnishings=tuple(kept), openings=layout.openings)
