"""What a builder of kinds works with: the order it gets (:class:`Make`), the manner of a time, and a bench to build on.

Place in the flow: between the shapes and the kinds. A :class:`Workshop` collects parts and lamps in the thing's own frame and
fits them to the box that was ordered, so that what was laid out is what stands there. Colours are decoded here from the
designer's sRGB to linear Rec.709.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.scene import Lamp, LampShape, MaterialKind, Part, PolyMesh, SceneMaterial, Thing
from setpiece.core.set_spec import Palette, Relation, Surface
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.mesh import Array, Profile, Vector

K = MaterialKind
Colour = tuple[float, float, float]


class Manner(StrEnum):
    """The ways in which things are made: a time's, or a trade's."""

    EDWARDIAN = "1900s"
    DECO = "1930s"
    FIFTIES = "1950s"
    SEVENTIES = "1970s"
    NINETIES = "1990s"
    CONTEMPORARY = "2010s"
    INDUSTRIAL = "industrial"
    RUSTIC = "rustic"
    FUTURISTIC = "futuristic"


STYLES: tuple[str, ...] = tuple(Manner)
_WORDS = {
    Manner.FUTURISTIC: ("futur", "space", "sci", "cyber", "starship"),
    Manner.INDUSTRIAL: ("industr", "brutal", "bunker", "militar", "factory", "warehouse", "utilit", "soviet", "loft"),
    Manner.RUSTIC: ("rustic", "farm", "cottage", "country", "fisher", "medieval", "peasant", "cabin", "nautic", "western"),
    Manner.DECO: ("deco", "1920", "1930", "1940", "bauhaus", "noir", "streamline"),
    Manner.FIFTIES: ("1950", "1960", "mid_century", "mid-century", "midcentury", "atomic", "diner", "googie"),
    Manner.SEVENTIES: ("1970", "1980", "disco", "seventies", "eighties"),
    Manner.NINETIES: ("1990", "2000", "nineties", "grunge"),
    Manner.CONTEMPORARY: ("2010", "2020", "contempor", "modern", "scandi", "minimal", "clinical", "high_tech"),
    Manner.EDWARDIAN: (
        "1900",
        "1910",
        "edward",
        "victor",
        "georg",
        "classic",
        "baroque",
        "gothic",
        "regency",
        "colonial",
        "18",
        "17",
    ),
}


def manner(style: str, era: int) -> Manner:
    """The manner of a style by name; where the name says nothing, of the year."""
    word = style.lower()
    for found, words in _WORDS.items():
        if any(part in word for part in words):
            return found
    steps = (
        (1922, Manner.EDWARDIAN),
        (1947, Manner.DECO),
        (1967, Manner.FIFTIES),
        (1986, Manner.SEVENTIES),
        (2006, Manner.NINETIES),
    )
    return next((found for year, found in steps if era < year), Manner.CONTEMPORARY if era < 2060 else Manner.FUTURISTIC)


@cache
def linear(colour: str) -> Colour:
    """``#rrggbb``, display-referred sRGB (IEC 61966-2-1), as linear Rec.709. Raises :class:`StageError` for anything else."""
    try:
        values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    except ValueError:
        raise StageError(f"'{colour}' is not a colour", remedy="write colours as #rrggbb") from None
    r, g, b = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values)
    return (r, g, b)


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """An order for one thing. ``size_m`` (width, depth, height) is the box that it fills; ``colour`` (#rrggbb) and
    ``material`` (a material kind's name) override its main surface; ``wear`` 0..1; ``lumens``, ``kelvin`` a practical's,
    None its kind's own.
    """

    size_m: Vector
    era: int
    style: str
    palette: Palette
    colour: str | None = None
    material: str | None = None
    wear: float = 0.3
    lumens: float | None = None
    kelvin: float | None = None
    lit: bool = True
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of the library. ``category`` is its segmentation class, ``layer`` furniture or dressing; ``synonyms`` are words a
    designer writes for it. ``clearance_m`` (front, sides) stays free; ``top``: things stand on its upper side, at the full
    height of its box. ``wall_height_m`` is the lower edge of what is mounted."""

    name: str
    category: str
    layer: str
    synonyms: tuple[str, ...]
    size_m: Vector
    build: Callable[[Make], Thing]
    styles: tuple[str, ...] = STYLES
    relation: Relation = Relation.FREE
    clearance_m: tuple[float, float] = (0.0, 0.0)
    top: bool = False
    wall_height_m: float | None = None


# What a manner is upholstered in, and which metal it likes.
_FABRIC = {
    Manner.EDWARDIAN: K.VELVET,
    Manner.DECO: K.VELVET,
    Manner.FIFTIES: K.WOOL,
    Manner.SEVENTIES: K.LEATHER,
    Manner.NINETIES: K.COTTON,
    Manner.CONTEMPORARY: K.LINEN,
    Manner.INDUSTRIAL: K.LEATHER,
    Manner.RUSTIC: K.PLAID,
    Manner.FUTURISTIC: K.PLASTIC,
}
_METAL = {
    Manner.EDWARDIAN: K.METAL,
    Manner.DECO: K.CHROME,
    Manner.FIFTIES: K.CHROME,
    Manner.SEVENTIES: K.CHROME,
    Manner.NINETIES: K.METAL,
    Manner.CONTEMPORARY: K.METAL,
    Manner.INDUSTRIAL: K.METAL,
    Manner.RUSTIC: K.METAL,
    Manner.FUTURISTIC: K.METAL,
}
_IRON: Colour = (0.035, 0.035, 0.037)
_CHROME: Colour = (0.62, 0.63, 0.64)


class Workshop:
    """Collects parts and lamps of one thing, in its own frame: front to -y, back to +y, the floor at z = 0.

    ``main`` is the role (wood, metal, fabric, body) whose colour and material the designer's override.
    """

    def __init__(self, make: Make, main: str = "wood") -> None:
        self.make, self.main = make, main
        self.manner = manner(make.style, make.era)
        self.rng = np.random.default_rng([make.seed & 0x7FFFFFFF, 3])
        self.width, self.depth, self.height = make.size_m
        self.parts: list[Part] = []
        self.lamps: list[Lamp] = []

    def of(self, *manners: Manner) -> bool:
        """Whether it is made in one of these manners."""
        return self.manner in manners

    def chance(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number by the seed."""
        return float(self.rng.uniform(low, high))

    def pick(self, options: Sequence[Any]) -> Any:
        """One of several by the seed."""
        return options[int(self.rng.integers(len(options)))]

    def stuff(self, kind: MaterialKind, colour: str | Colour, role: str = "", **numbers: Any) -> SceneMaterial:
        """A material; that of the main role takes the designer's colour and kind."""
        if role and role == self.main:
            colour = self.make.colour or colour
            kind = K(self.make.material) if self.make.material else kind
        value = linear(colour) if isinstance(colour, str) else colour
        return SceneMaterial(kind=kind, colour=value, **{"wear": self.make.wear, "seed": self.make.seed % 97, **numbers})

    def wood(self, tone: float = 1.0, role: str = "wood") -> SceneMaterial:
        """The set's wood, or what a manner has in its place; ``tone`` lightens or darkens."""
        made = self.stuff(K.PLASTIC if self.of(Manner.FUTURISTIC) else K.WOOD, self.make.palette.wood, role)
        return toned(made, tone)

    def fabric(self, second: bool = False, role: str = "fabric") -> SceneMaterial:
        """The set's upholstery in the manner's weave."""
        palette = self.make.palette
        one, two = (palette.fabric_2, palette.fabric) if second else (palette.fabric, palette.fabric_2)
        kind = _FABRIC[self.manner]
        return self.stuff(kind, one, role, colour_2=linear(two) if kind in (K.PLAID, K.FLORAL, K.PINSTRIPE) else None)

    def metal(self, role: str = "metal", *, dark: bool = False) -> SceneMaterial:
        """The manner's metal: brass, chrome, steel; ``dark``: blackened iron."""
        if dark or (self.of(Manner.INDUSTRIAL, Manner.RUSTIC) and role == "metal" and self.main != "metal"):
            return self.stuff(K.METAL, _IRON, role, roughness=0.45)
        kind = _METAL[self.manner]
        return self.stuff(kind, _CHROME if kind is K.CHROME else self.make.palette.metal, role)

    def paint(self, colour: str | Colour, role: str = "", **numbers: Any) -> SceneMaterial:
        """Oil paint."""
        return self.stuff(K.PAINT, colour, role, **numbers)

    def plastic(self, colour: str | Colour = "#1c1c1e", role: str = "", **numbers: Any) -> SceneMaterial:
        """Moulded plastic."""
        return self.stuff(K.PLASTIC, colour, role, **numbers)

    def accent(self, kind: MaterialKind = K.PAINT, role: str = "") -> SceneMaterial:
        """The palette's accent in any material."""
        return self.stuff(kind, self.make.palette.accent, role)

    def add(
        self,
        mesh: PolyMesh,
        material: SceneMaterial,
        at: Vector = (0, 0, 0),
        turn: Vector = (0, 0, 0),
        *,
        bevel: float = 0.0,
        shadow: bool = True,
    ) -> None:
        """A piece: turned, then moved."""
        if any(at) or any(turn):
            mesh = m.moved(mesh, at, turn)
        if material.kind is K.WOOD and len(mesh.uv):
            shift = np.array([0.37, 0.61], np.float32) * (len(self.parts) % 29)
            mesh = replace(mesh, uv=mesh.uv + shift)
        self.parts.append(Part(mesh=mesh, material=material, bevel_m=bevel, casts_shadow=shadow))

    def box(self, size: Vector, at: Vector, material: SceneMaterial, *, bevel: float = 0.003, turn: Vector = (0, 0, 0)) -> None:
        """A box; ``at`` is the middle of its lower side."""
        self.add(m.box(size), material, at, turn, bevel=min(bevel, 0.3 * min(size)))

    def block(
        self,
        size: Vector,
        at: Vector,
        material: SceneMaterial,
        corner: float = 0.02,
        edge: float | None = None,
        turn: Vector = (0, 0, 0),
    ) -> None:
        """A box with round corners."""
        self.add(m.block(size, min(corner, 0.49 * size[0], 0.49 * size[1]), edge), material, at, turn)

    def rod(
        self,
        radius: float,
        height: float,
        at: Vector,
        material: SceneMaterial,
        *,
        top: float | None = None,
        turn: Vector = (0, 0, 0),
        segments: int = 16,
    ) -> None:
        """A cylinder or cone standing at ``at``."""
        self.add(m.cylinder(radius, height, top=top, segments=segments), material, at, turn)

    def lathe(
        self,
        profile: Profile,
        at: Vector,
        material: SceneMaterial,
        *,
        ring: bool = False,
        turn: Vector = (0, 0, 0),
        segments: int = 24,
        shadow: bool = True,
    ) -> None:
        """A turned piece."""
        self.add(m.lathe(profile, segments, ring=ring), material, at, turn, shadow=shadow)

    def tube(
        self, points: Any, radius: float, material: SceneMaterial, *, bent: int = 0, closed: bool = False, segments: int = 8
    ) -> None:
        """A bar or pipe through points; ``bent`` makes it smooth by as many steps a leg."""
        line: Array = m.curve(points, bent, closed=closed) if bent else np.asarray(points, float)
        self.add(m.tube(line, radius, segments, closed=closed), material)

    def both(self, place: Callable[[float], None]) -> None:
        """The same at the left (-1) and at the right (1)."""
        place(-1.0)
        place(1.0)

    def lamp(self, at: Vector, lumens: float, kelvin: float, *, radius: float = 0.03, tint: Colour = (1, 1, 1)) -> None:
        """A bare light at ``at``, if it is switched on. The designer's numbers go before."""
        self._lamp(Lamp(shape=LampShape.POINT, position_m=at, lumens=lumens, kelvin=kelvin, size_m=(radius, radius), tint=tint))

    def spot(
        self, at: Vector, direction: Vector, lumens: float, kelvin: float, angle_deg: float = 40.0, tint: Colour = (1, 1, 1)
    ) -> None:
        """A light within a cone."""
        made = Lamp(
            shape=LampShape.SPOT,
            position_m=at,
            lumens=lumens,
            kelvin=kelvin,
            direction=direction,
            angle_deg=angle_deg,
            tint=tint,
        )
        self._lamp(made)

    def area(
        self, at: Vector, size: tuple[float, float], direction: Vector, lumens: float, kelvin: float, tint: Colour = (1, 1, 1)
    ) -> None:
        """A panel that gives light to one side."""
        made = Lamp(
            shape=LampShape.AREA, position_m=at, lumens=lumens, kelvin=kelvin, size_m=size, direction=direction, tint=tint
        )
        self._lamp(made)

    def _lamp(self, lamp: Lamp) -> None:
        if self.make.lit:
            self.lamps.append(replace(lamp, kelvin=self.make.kelvin or lamp.kelvin))

    def glow(self, nits: float, colour: str | Colour = "#fff1d8", kind: MaterialKind = K.BULB) -> SceneMaterial:
        """The surface of what gives light: ``nits`` when it is on."""
        return self.stuff(kind, colour, glow_nits=nits if self.make.lit else 0.0, wear=0.0)

    def as_built(self) -> Thing:
        """What was built, where it was built: architecture, whose measures are its own."""
        points = np.concatenate([part.mesh.vertices for part in self.parts])
        wide, deep, high = (float(value) for value in np.ptp(points, axis=0))
        return Thing(parts=tuple(self.parts), lamps=tuple(self.lamps), size_m=(wide, deep, high))

    def surface(self, surface: Surface, seed: int = 0) -> SceneMaterial:
        """What covers a wall, floor or ceiling of the specification."""
        second = None if surface.colour_2 is None else linear(surface.colour_2)
        wear = self.make.wear if surface.wear is None else surface.wear
        return SceneMaterial(kind=K(surface.kind), colour=linear(surface.colour), colour_2=second, wear=wear, seed=seed)

    def thing(self, *, top: tuple[float, float] | None = None, seat: bool = False) -> Thing:
        """What was built, fitted to the box that was ordered. ``top`` is the (width, depth) of its upper side on which things
        stand, at the height of the box. Stated lumens are shared among its lamps."""
        if not self.parts:
            raise StageError("a builder made nothing", remedy="report this: its builder is wrong")
        points = np.concatenate([part.mesh.vertices for part in self.parts])
        low, high = points.min(0).astype(float), points.max(0).astype(float)
        scale, shift = _fit(low, high, np.array(self.make.size_m, float))
        parts = tuple(replace(part, mesh=_fitted(part.mesh, scale, shift)) for part in self.parts)
        given, total = self.make.lumens, sum(lamp.lumens for lamp in self.lamps)
        share = given / total if given is not None and total > 0 else 1.0
        lamps = tuple(
            replace(lamp, position_m=_at(scale * lamp.position_m + shift), lumens=lamp.lumens * share) for lamp in self.lamps
        )
        return Thing(
            parts=parts,
            lamps=lamps,
            size_m=self.make.size_m,
            top_m=None if top is None else self.height,
            top_size_m=top or (0.0, 0.0),
            seat=seat,
        )


def _fit(low: Array, high: Array, size: Array) -> tuple[Array, Array]:
    """Scale and shift that bring a box low..high into an ordered one: it stands on the floor and is as high as it was ordered;
    it is as wide and deep, too, unless it was meant to be slimmer: what is round stays round."""
    extent = np.maximum(high - low, 1e-6)
    floor = np.array([-size[0] / 2, -size[1] / 2, 0.0])
    slim = (extent < 0.9 * size) & np.array([True, True, False])
    scale = np.where(slim, 1.0, size / extent)
    moved = np.clip(low, floor, floor + size - extent)
    return scale, np.where(slim, moved - low, floor - scale * low)


def _fitted(mesh: PolyMesh, scale: Array, shift: Array) -> PolyMesh:
    return replace(mesh, vertices=(mesh.vertices * scale + shift).astype(np.float32))


def _at(point: Array) -> Vector:
    return (float(point[0]), float(point[1]), float(point[2]))


def toned(material: SceneMaterial, tone: float) -> SceneMaterial:
    """A material lighter (> 1) or darker (< 1)."""
    r, g, b = (min(1.0, value * tone) for value in material.colour)
    return replace(material, colour=(r, g, b))


def polar(radius: float, angle_deg: float, z: float = 0.0) -> Vector:
    """A point on a circle about the middle."""
    angle = math.radians(angle_deg)
    return (radius * math.cos(angle), radius * math.sin(angle), z)
