"""Food: bread and cheese, fruit, cakes."""

from __future__ import annotations

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, polar

R = Relation


def food(make: Make) -> Thing:
    """Bread on a board, cheese, apples."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    w.add(m.block((wide, deep, 0.02), 0.03, 0.006), w.wood(1.2, role=""))
    w.add(
        m.block((0.52 * wide, 0.42 * deep, high - 0.02), 0.2 * deep, 0.4 * high),
        w.stuff(K.PLASTIC, "#a8682c", roughness=0.85),
        (-0.15 * wide, 0.08 * deep, 0.018),
    )
    for k in range(4):
        w.box(
            (0.02, 0.34 * deep, 0.012),
            (-0.3 * wide + 0.09 * wide * k, 0.08 * deep, high - 0.012),
            w.stuff(K.PLASTIC, "#dcc090", roughness=0.9),
            bevel=0.004,
            turn=(0, 0, 20),
        )
    wedge = m.extrude([(0, 0), (0.3 * wide, 0.02), (0.28 * wide, 0.3 * deep)], 0.45 * high)
    w.add(wedge, w.stuff(K.PLASTIC, "#e0b850", roughness=0.6), (0.12 * wide, -0.42 * deep, 0.02), bevel=0.003)
    for k in range(2):
        apple(w, (0.34 * wide - 0.1 * k, 0.22 * deep - 0.09 * k, 0.02), 0.03)
    w.add(
        m.block((0.02, 0.24, 0.004), 0.008, 0.001), w.stuff(K.CHROME, (0.6, 0.6, 0.6)), (0.02, -0.25 * deep, 0.021), (0, 0, 70)
    )
    return w.thing()


def apple(w: Workshop, at: m.Vector, r: float) -> None:
    """An apple, an orange, a pear: one fruit standing at ``at``."""
    rows = [(0, 0.1), (0.4, 0.0), (0.85, 0.35), (1.0, 0.9), (0.85, 1.45), (0.4, 1.7), (0.0, 1.5)]
    w.lathe(
        [(a * r, z * r) for a, z in rows],
        at,
        w.stuff(K.PLASTIC, w.pick(("#a8281c", "#c8b030", "#7a9a34", "#c86420")), roughness=0.4),
        segments=18,
    )


def fruit_bowl(make: Make) -> Thing:
    """Fruit in a bowl."""
    w = Workshop(make, "body")
    high, r = w.height, w.width / 2
    w.lathe(
        [
            (0, 0),
            (0.4 * r, 0),
            (0.5 * r, 0.06 * high),
            (0.9 * r, 0.42 * high),
            (r, 0.6 * high),
            (0.96 * r, 0.6 * high),
            (0.85 * r, 0.4 * high),
            (0, 0.12 * high),
        ],
        (0, 0, 0),
        w.wood() if w.of(Manner.RUSTIC, Manner.FIFTIES) else w.stuff(K.CERAMIC, make.palette.accent, "body"),
        segments=40,
    )
    size = min(0.034, 0.24 * r)
    for k in range(9):
        ring, z = (0.52 * r, 0.34 * high) if k < 6 else (0.2 * r, 0.34 * high + 1.1 * size)
        apple(w, polar(ring, 60 * k + w.chance(-9, 9), z), size)
    return w.thing()


def cake(make: Make) -> Thing:
    """A wedding cake in tiers."""
    w = Workshop(make, "body")
    high, r = w.height, w.width / 2
    icing = w.stuff(K.CERAMIC, "#f4efe6", "body", roughness=0.5)
    w.lathe([(0, 0), (r, 0), (r, 0.02), (0, 0.02)], (0, 0, 0), w.stuff(K.CHROME, (0.6, 0.6, 0.62)), segments=40)
    z, tiers = 0.02, 3
    for k in range(tiers):
        size, tall = r * (0.88 - 0.26 * k), (high - 0.08) / tiers
        w.add(m.cylinder(size, tall, round_m=0.012, segments=44), icing, (0, 0, z))
        for i in range(16 - 3 * k):
            a = 360 * i / (16 - 3 * k)
            w.lathe([(0, 0), (0.012, 0.006), (0.008, 0.016), (0, 0.022)], polar(size, a, z), icing, segments=8)
            if i % 3 == 0:
                w.lathe(
                    [(0, 0), (0.016, 0.004), (0.014, 0.014), (0, 0.018)],
                    polar(size * 0.9, a + 10, z + tall),
                    w.accent(K.CERAMIC),
                    segments=10,
                )
        z += tall
    return w.thing()


KINDS = (
    Kind(name="food", category="dressing", layer="dressing", size_m=(0.38, 0.26, 0.12), build=food, relation=R.ON,
         synonyms=("bread", "loaf", "cheese", "meal", "groceries", "sandwiches", "canapes")),
    Kind(name="fruit_bowl", category="dressing", layer="dressing", size_m=(0.3, 0.3, 0.16), build=fruit_bowl, relation=R.ON,
         synonyms=("fruit", "bowl of fruit", "apples", "oranges")),
    Kind(name="cake", category="dressing", layer="dressing", size_m=(0.42, 0.42, 0.5), build=cake, relation=R.ON,
         synonyms=("wedding cake", "birthday cake")),
)  # fmt: skip
