"""A small library of kinds without geometry, and random specifications made of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from setpiece.core.set_spec import Furnishing, Opening, Palette, Relation, SetSpec, Side, Surface

R = Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    category: str
    size_m: tuple[float, float, float]
    relation: Relation = R.FREE
    clearance_m: tuple[float, float] = (0.0, 0.0)
    top: bool = False
    wall_height_m: float | None = None


KINDS = {
    "sofa": Plain(category="seating", size_m=(2.1, 0.9, 0.8), relation=R.AGAINST, clearance_m=(0.4, 0.0)),
    "armchair": Plain(category="seating", size_m=(0.85, 0.85, 0.9), clearance_m=(0.3, 0.0)),
    "chair": Plain(category="seating", size_m=(0.45, 0.5, 0.9)),
    "table": Plain(category="tables", size_m=(1.6, 0.9, 0.74), relation=R.CENTRE, top=True),
    "coffee_table": Plain(category="tables", size_m=(1.1, 0.6, 0.42), relation=R.CENTRE, top=True),
    "desk": Plain(category="tables", size_m=(1.5, 0.75, 0.75), relation=R.AGAINST, clearance_m=(0.6, 0.0), top=True),
    "cupboard": Plain(category="storage", size_m=(1.2, 0.6, 2.0), relation=R.AGAINST, clearance_m=(0.6, 0.0)),
    "cabinet": Plain(category="storage", size_m=(0.5, 0.6, 1.3), relation=R.CORNER, clearance_m=(0.5, 0.0), top=True),
    "bed": Plain(category="beds", size_m=(1.5, 2.05, 0.6), relation=R.AGAINST, clearance_m=(0.0, 0.0)),
    "nightstand": Plain(category="tables", size_m=(0.45, 0.4, 0.55), relation=R.BESIDE, top=True),
    "rug": Plain(category="dressing", size_m=(2.4, 1.7, 0.02), relation=R.UNDER),
    "pendant": Plain(category="lamps", size_m=(0.4, 0.4, 0.9), relation=R.HANGING),
    "lamp": Plain(category="lamps", size_m=(0.3, 0.3, 0.5), relation=R.ON),
    "picture": Plain(category="dressing", size_m=(0.6, 0.04, 0.8), relation=R.MOUNTED, wall_height_m=1.3),
    "crate": Plain(category="storage", size_m=(0.6, 0.5, 0.45), top=True),
    "plant": Plain(category="dressing", size_m=(0.5, 0.5, 1.4), relation=R.CORNER),
}
PALETTE = Palette(wall="#cccccc", floor="#555555", ceiling="#ffffff", wood="#6b4226", metal="#888888", fabric="#345678",
                  fabric_2="#876543", accent="#aa3333", trim="#eeeeee")  # fmt: skip


def specification(seed: int, kinds: dict[str, Plain] | None = None) -> SetSpec:
    """A random set: reasonable, tight and absurd ones."""
    rng = random.Random(seed)
    known = kinds or KINDS
    names = sorted(known)
    lines: list[Furnishing] = []
    for number in range(rng.randint(1, 14)):
        kind = rng.choice(names)
        targets = [None, *(line.name for line in lines), *(side.value for side in Side)]
        relation = rng.choice([R.FREE, R.FREE, known[kind].relation, *R])
        pinned = (rng.uniform(-3, 3), rng.uniform(-3, 3)) if rng.random() < 0.06 else None
        lines.append(
            Furnishing(name=f"{kind}_{number}", kind=kind, count=rng.choice([1, 1, 1, 2, 4, 6]), relation=relation,
                       target=rng.choice(targets) if rng.random() < 0.6 else None, at_m=pinned)
        )  # fmt: skip
    openings = tuple(
        Opening(kind=rng.choice(["door", "window", "double_door", "arch"]), wall=rng.choice(list(Side)),
                width_m=rng.uniform(0.7, 1.8), height_m=rng.uniform(1.0, 2.1), sill_m=0.0)
        for _ in range(rng.randint(0, 4))
    )  # fmt: skip
    openings = tuple(
        Opening(kind=one.kind, wall=one.wall, width_m=one.width_m, height_m=2.05 if one.kind != "window" else 1.1,
                sill_m=0.9 if one.kind == "window" else 0.0)
        for one in openings
    )  # fmt: skip
    surface = Surface(kind="plaster", colour="#cccccc")
    return SetSpec(title=f"set {seed}", width_m=rng.uniform(2.0, 11.0), depth_m=rng.uniform(2.0, 9.0),
                   height_m=rng.uniform(2.2, 4.5), era=1955, style="1950s", walls=surface, floor=surface, ceiling=surface,
                   palette=PALETTE, openings=openings, furnishings=tuple(lines), seed=seed)  # fmt: skip
