"""What stands on tables and shelves for a while: bottles, glasses, plates, food, pans, jars, kettles."""

from __future__ import annotations

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, polar, toned
from setpiece.stage.sets.soft import strewn

R = Relation
_BOTTLES = (
    [
        (0, 0),
        (0.036, 0),
        (0.038, 0.01),
        (0.038, 0.19),
        (0.03, 0.22),
        (0.014, 0.24),
        (0.0135, 0.30),
        (0.016, 0.302),
        (0.016, 0.315),
        (0, 0.315),
    ],
    [
        (0, 0),
        (0.044, 0),
        (0.045, 0.01),
        (0.044, 0.13),
        (0.028, 0.17),
        (0.014, 0.19),
        (0.014, 0.24),
        (0.02, 0.25),
        (0.02, 0.275),
        (0, 0.275),
    ],
    [(0, 0), (0.03, 0), (0.032, 0.02), (0.032, 0.2), (0.013, 0.27), (0.012, 0.325), (0.015, 0.327), (0.015, 0.335), (0, 0.335)],
)
_TINTS = ((0.25, 0.10, 0.02), (0.5, 0.32, 0.08), (0.04, 0.16, 0.05), (0.75, 0.8, 0.76), (0.22, 0.03, 0.02))
_LABELS = ("#e9dfc2", "#20242c", "#b8352a", "#d8c890", "#3a5a4a")


def bottle_at(w: Workshop, at: m.Vector, size: float = 1.0) -> None:
    """A bottle of spirits, wine or liqueur with its label."""
    rows = _BOTTLES[int(w.rng.integers(3))]
    w.lathe([(r * size, z * size) for r, z in rows], at, w.stuff(K.GLASS, w.pick(_TINTS), roughness=0.05), segments=20)
    r = rows[3][0] * size + 0.0006
    w.lathe(
        [(r - 0.001, 0.05 * size), (r, 0.05 * size), (r, 0.125 * size), (r - 0.001, 0.125 * size)],
        at,
        w.stuff(K.PAPER, w.pick(_LABELS)),
        ring=True,
        segments=20,
    )
    w.rod(
        0.0165 * size,
        0.03 * size,
        (at[0], at[1], at[2] + rows[-1][1] * size - 0.028 * size),
        w.stuff(K.PLASTIC, w.pick(("#1a1512", "#6a1a16", "#b0904a"))),
        segments=12,
    )


def bottles(make: Make) -> Thing:
    """A few bottles together."""
    w = Workshop(make, "body")
    spots = strewn(max(1, int(w.width * w.depth / 0.011)), (w.width / 2 - 0.04, w.depth / 2 - 0.04), make.seed, apart=0.085)
    for x, y in spots:
        bottle_at(w, (float(x), float(y), 0.0), w.chance(0.85, 1.05) * w.height / 0.335)
    return w.thing()


def _tumbler(w: Workshop, at: m.Vector, high: float) -> None:
    glass = w.stuff(K.GLASS, (0.95, 0.97, 0.97))
    if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.CONTEMPORARY):
        rows = [
            (0, 0),
            (0.33, 0.01),
            (0.05, 0.04),
            (0.035, 0.4),
            (0.28, 0.52),
            (0.38, 0.75),
            (0.32, 1.0),
            (0.305, 1.0),
            (0.36, 0.75),
            (0.26, 0.53),
            (0, 0.44),
        ]
        w.lathe([(r * high * 0.75, z * high) for r, z in rows], at, glass, segments=22)
        w.lathe(
            [(0, 0.46 * high), (0.24 * 0.75 * high, 0.54 * high), (0.35 * 0.75 * high, 0.7 * high), (0, 0.7 * high)],
            at,
            w.stuff(K.GLASS, (0.3, 0.02, 0.03)),
            segments=20,
        )
        return
    rows = [(0, 0), (0.34, 0), (0.38, 0.1), (0.4, 1.0), (0.375, 1.0), (0.35, 0.14), (0, 0.12)]
    w.lathe([(r * high, z * high) for r, z in rows], at, glass, segments=22)
    if w.chance() < 0.7:
        level = w.chance(0.3, 0.7)
        w.lathe(
            [(0, 0.13), (0.345, 0.13), (0.34 + 0.03 * level, level), (0, level)]
            if high == 1
            else [(0, 0.13 * high), (0.34 * high, 0.13 * high), (0.355 * high, level * high), (0, level * high)],
            at,
            w.stuff(K.GLASS, w.pick(((0.6, 0.3, 0.06), (0.7, 0.45, 0.1), (0.25, 0.02, 0.02)))),
            segments=20,
        )


def glasses(make: Make) -> Thing:
    """Glasses, some with something left in them."""
    w = Workshop(make, "body")
    for x, y in strewn(
        max(1, int(w.width * w.depth / 0.012)), (w.width / 2 - 0.045, w.depth / 2 - 0.045), make.seed, apart=0.095
    ):
        _tumbler(w, (float(x), float(y), 0.0), w.height * w.chance(0.9, 1.0))
    return w.thing()


def decanter(make: Make) -> Thing:
    """A cut decanter and two tumblers on a tray."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    w.lathe(
        [(0, 0), (0.47 * wide, 0), (0.5 * wide, 0.012), (0.48 * wide, 0.014), (0.45 * wide, 0.004), (0, 0.004)],
        (0, 0, 0),
        w.metal(),
        segments=40,
    )
    glass = w.stuff(K.GLASS, (0.95, 0.97, 0.98))
    h = high - 0.008
    w.lathe(
        [
            (0, 0),
            (0.055, 0),
            (0.06, 0.02),
            (0.058, 0.4 * h),
            (0.018, 0.56 * h),
            (0.016, 0.74 * h),
            (0.03, 0.78 * h),
            (0, 0.78 * h),
        ],
        (-0.05, 0.05 * deep, 0.006),
        glass,
        segments=10,
    )
    w.lathe(
        [(0, 0.01), (0.05, 0.012), (0.05, 0.28 * h), (0, 0.28 * h)],
        (-0.05, 0.05 * deep, 0.006),
        w.stuff(K.GLASS, (0.5, 0.2, 0.03)),
        segments=10,
    )
    w.lathe([(0, 0.76 * h), (0.012, 0.78 * h), (0.026, 0.88 * h), (0, h)], (-0.05, 0.05 * deep, 0.006), glass, segments=8)
    for y in (-0.06, 0.06):
        _tumbler(w, (0.09, y, 0.005), 0.09)
    return w.thing()


def plates(make: Make) -> Thing:
    """Plates, a bowl and cutlery, used."""
    w = Workshop(make, "body")
    wide, high = w.width, w.height
    china = w.stuff(K.CERAMIC, "#eee8dc", "body", colour_2=None)
    r, number = 0.46 * min(wide, w.depth), max(1, int(high / 0.02))
    for k in range(min(number, 5)):
        w.lathe(
            [(0, 0), (0.55 * r, 0), (0.95 * r, 0.012), (r, 0.016), (0.98 * r, 0.019), (0.6 * r, 0.006), (0, 0.005)],
            (w.chance(-0.004, 0.004), w.chance(-0.004, 0.004), k * 0.009),
            china,
            segments=36,
        )
    steel = w.stuff(K.CHROME, (0.6, 0.61, 0.62))
    z = 0.009 * (min(number, 5) - 1) + 0.02
    for x, turn in ((-0.06, w.chance(-30, 10)), (0.05, w.chance(-10, 30))):
        w.add(m.block((0.012, 0.19, 0.003), 0.005, 0.001), steel, (x * r / 0.12, 0, z), (3, 0, turn))
        w.add(m.block((0.022, 0.05, 0.003), 0.009, 0.001), steel, (x * r / 0.12, 0.08, z + 0.003), (3, 0, turn))
    if make.wear > 0.2:
        w.add(
            m.block((0.09, 0.05, 0.03), 0.02, 0.012),
            w.stuff(K.PLASTIC, "#b07838", roughness=0.8),
            (0.0, -0.02, z - 0.014),
            (0, 0, 20),
        )
    return w.thing()


def crockery(make: Make) -> Thing:
    """A stack of plates, bowls and a jug."""
    w = Workshop(make, "body")
    wide, high = w.width, w.height
    china = w.stuff(K.CERAMIC, "#eee8dc", "body")
    r = 0.26 * wide
    x = -wide / 2 + r
    for k in range(6):
        w.lathe(
            [(0, 0), (0.55 * r, 0), (r, 0.014), (0.98 * r, 0.018), (0.6 * r, 0.006), (0, 0.005)],
            (x, 0, k * 0.008),
            china,
            segments=30,
        )
    for k in range(3):
        b = 0.62 * r
        w.lathe(
            [(0, 0), (0.45 * b, 0), (0.8 * b, 0.02), (b, 0.05), (0.96 * b, 0.052), (0.7 * b, 0.02), (0, 0.008)],
            (x, 0, 0.06 + k * 0.016),
            toned(china, 0.95),
            segments=28,
        )
    j, h = wide / 2 - 0.09, high
    blue = w.stuff(K.CERAMIC, w.make.palette.accent)
    w.lathe(
        [
            (0, 0),
            (0.05, 0),
            (0.075, 0.25 * h),
            (0.07, 0.5 * h),
            (0.045, 0.78 * h),
            (0.056, h),
            (0.05, h),
            (0.04, 0.78 * h),
            (0.062, 0.45 * h),
            (0, 0.06),
        ],
        (j, 0, 0),
        blue,
        segments=28,
    )
    w.tube(
        [(j + 0.045, 0, 0.86 * h), (j + 0.1, 0, 0.8 * h), (j + 0.1, 0, 0.42 * h), (j + 0.068, 0, 0.34 * h)], 0.008, blue, bent=4
    )
    return w.thing()


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
        _apple(w, (0.34 * wide - 0.1 * k, 0.22 * deep - 0.09 * k, 0.02), 0.03)
    w.add(
        m.block((0.02, 0.24, 0.004), 0.008, 0.001), w.stuff(K.CHROME, (0.6, 0.6, 0.6)), (0.02, -0.25 * deep, 0.021), (0, 0, 70)
    )
    return w.thing()


def _apple(w: Workshop, at: m.Vector, r: float) -> None:
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
        _apple(w, polar(ring, 60 * k + w.chance(-9, 9), z), size)
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


def pans(make: Make) -> Thing:
    """A pan and a pot with its lid."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    steel = (
        w.stuff(K.ENAMEL, make.palette.accent, "body")
        if w.of(Manner.FIFTIES, Manner.RUSTIC, Manner.SEVENTIES)
        else w.stuff(K.METAL, (0.42, 0.25, 0.16) if w.of(Manner.EDWARDIAN) else (0.5, 0.51, 0.52), "body", roughness=0.25)
    )
    r, x = min(0.26 * wide, 0.45 * deep), -0.22 * wide
    pot = high - 0.035
    w.lathe(
        [
            (0, 0),
            (0.96 * r, 0),
            (r, 0.01),
            (r, pot),
            (1.04 * r, pot + 0.004),
            (0.97 * r, pot + 0.004),
            (0.96 * r, 0.01),
            (0, 0.008),
        ],
        (x, 0, 0),
        steel,
        segments=36,
    )
    w.lathe([(0, 0.004), (1.02 * r, 0), (r, 0.008), (0.3 * r, 0.022), (0, 0.024)], (x, 0, pot + 0.004), steel, segments=36)
    w.lathe([(0, 0), (0.012, 0), (0.018, 0.01), (0, 0.014)], (x, 0, pot + 0.022), w.plastic())
    for side in (-1.0, 1.0):
        w.tube(
            [
                (x + side * r, -0.03, 0.7 * pot),
                (x + side * (r + 0.03), -0.025, 0.72 * pot),
                (x + side * (r + 0.03), 0.025, 0.72 * pot),
                (x + side * r, 0.03, 0.7 * pot),
            ],
            0.006,
            w.plastic(),
        )
    p = 0.8 * r
    w.lathe(
        [(0, 0), (0.85 * p, 0), (p, 0.045), (0.97 * p, 0.045), (0.82 * p, 0.006), (0, 0.005)],
        (0.26 * wide, 0.1 * deep, 0),
        w.stuff(K.METAL, (0.03, 0.03, 0.03), roughness=0.5),
        segments=36,
    )
    w.tube([(0.26 * wide, 0.1 * deep - p, 0.035), (0.28 * wide, -0.5 * deep, 0.06)], 0.009, w.plastic())
    return w.thing()


def kettle(make: Make) -> Thing:
    """A kettle with spout, handle, lid."""
    w = Workshop(make, "body")
    high, r = w.height, 0.38 * w.width
    body = (
        w.stuff(K.ENAMEL, make.palette.accent, "body")
        if w.of(Manner.FIFTIES, Manner.RUSTIC, Manner.SEVENTIES)
        else w.stuff(
            K.CHROME if not w.of(Manner.EDWARDIAN) else K.METAL,
            (0.6, 0.61, 0.62) if not w.of(Manner.EDWARDIAN) else (0.45, 0.22, 0.12),
            "body",
        )
    )
    b = 0.62 * high
    w.lathe(
        [
            (0, 0),
            (0.9 * r, 0),
            (r, 0.08 * b),
            (0.95 * r, 0.45 * b),
            (0.6 * r, 0.85 * b),
            (0.38 * r, 0.92 * b),
            (0.3 * r, b),
            (0, b),
        ],
        (0, 0, 0),
        body,
        segments=36,
    )
    w.lathe([(0, 0), (0.012, 0), (0.016, 0.012), (0, 0.02)], (0, 0, b - 0.002), w.plastic())
    w.tube([(-0.85 * r, 0, 0.35 * b), (-1.2 * r, 0, 0.55 * b), (-1.3 * r, 0, 0.82 * b)], 0.13 * r, body, bent=4)
    w.tube(
        [(-0.55 * r, 0, 0.85 * b), (-0.5 * r, 0, high - 0.015), (0.5 * r, 0, high - 0.015), (0.55 * r, 0, 0.85 * b)],
        0.012,
        w.plastic(),
        bent=5,
    )
    return w.thing()


def jars(make: Make) -> Thing:
    """Preserving jars and tins in a row."""
    w = Workshop(make, "body")
    wide, high = w.width, w.height
    many = max(2, round(wide / 0.11))
    for k in range(many):
        x, h = -wide / 2 + (k + 0.5) * wide / many, high * w.chance(0.7, 1.0)
        r = 0.42 * min(wide / many, w.depth)
        if k % 3 == 2:
            w.rod(r, h, (x, 0, 0), w.paint(w.pick(("#8a3a2c", "#3a5a6a", "#c8b070")), wear=0.5), segments=24)
            continue
        w.lathe(
            [(0, 0), (0.95 * r, 0), (r, 0.02), (r, 0.76 * h), (0.75 * r, 0.86 * h), (0, 0.86 * h)],
            (x, 0, 0),
            w.stuff(K.GLASS, (0.85, 0.92, 0.88)),
            segments=24,
        )
        w.lathe(
            [(0, 0.006), (0.9 * r, 0.006), (0.92 * r, w.chance(0.35, 0.7) * h), (0, w.chance(0.35, 0.7) * h)],
            (x, 0, 0),
            w.stuff(K.PLASTIC, w.pick(("#6a1a14", "#c8a860", "#8a5a2c", "#d8cdb4", "#3a4a20")), roughness=0.7),
            segments=20,
        )
        w.rod(0.8 * r, 0.14 * h, (x, 0, 0.855 * h), w.metal(), segments=24)
    return w.thing()


KINDS = (
    Kind(
        name="bottles",
        category="dressing",
        layer="dressing",
        size_m=(0.4, 0.16, 0.32),
        build=bottles,
        relation=R.ON,
        synonyms=(
            "bottle",
            "wine bottle",
            "whisky bottle",
            "beer bottle",
            "spirits",
            "liquor",
            "ketchup",
            "medicine bottle",
            "sauce bottle",
        ),
    ),
    Kind(
        name="glasses",
        category="dressing",
        layer="dressing",
        size_m=(0.28, 0.2, 0.11),
        build=glasses,
        relation=R.ON,
        synonyms=("glass", "tumbler", "wine glass", "champagne glass", "drinking glass", "whisky glass", "beer glass"),
    ),
    Kind(
        name="decanter",
        category="dressing",
        layer="dressing",
        size_m=(0.34, 0.34, 0.28),
        build=decanter,
        relation=R.ON,
        synonyms=("whisky decanter", "carafe", "drinks tray"),
    ),
    Kind(
        name="plates",
        category="dressing",
        layer="dressing",
        size_m=(0.27, 0.27, 0.04),
        build=plates,
        relation=R.ON,
        synonyms=("plate", "place setting", "dinner plate", "dirty dishes", "meal tray", "dish"),
    ),
    Kind(
        name="crockery",
        category="dressing",
        layer="dressing",
        size_m=(0.42, 0.24, 0.22),
        build=crockery,
        relation=R.ON,
        synonyms=("china", "dishes", "jug", "pitcher", "bowls"),
    ),
    Kind(
        name="food",
        category="dressing",
        layer="dressing",
        size_m=(0.38, 0.26, 0.12),
        build=food,
        relation=R.ON,
        synonyms=("bread", "loaf", "cheese", "meal", "groceries", "sandwiches", "canapes"),
    ),
    Kind(
        name="fruit_bowl",
        category="dressing",
        layer="dressing",
        size_m=(0.3, 0.3, 0.16),
        build=fruit_bowl,
        relation=R.ON,
        synonyms=("fruit", "bowl of fruit", "apples", "oranges"),
    ),
    Kind(
        name="cake",
        category="dressing",
        layer="dressing",
        size_m=(0.42, 0.42, 0.5),
        build=cake,
        relation=R.ON,
        synonyms=("wedding cake", "birthday cake"),
    ),
    Kind(
        name="pans",
        category="dressing",
        layer="dressing",
        size_m=(0.6, 0.34, 0.17),
        build=pans,
        relation=R.ON,
        synonyms=("pan", "pot", "saucepan", "frying pan", "cooking pot", "pots and pans"),
    ),
    Kind(
        name="kettle",
        category="dressing",
        layer="dressing",
        size_m=(0.25, 0.2, 0.24),
        build=kettle,
        relation=R.ON,
        synonyms=("tea kettle", "teapot", "coffee pot", "coffee machine", "percolator"),
    ),
    Kind(
        name="jars",
        category="dressing",
        layer="dressing",
        size_m=(0.4, 0.12, 0.2),
        build=jars,
        relation=R.ON,
        synonyms=("jar", "tins", "preserves", "spice jars", "canister", "specimen jars", "beakers"),
    ),
)
