"""What a text says, before anything is composed of it: mentions of things, facts of the whole, what is denied.

Place in the flow: :mod:`.previs_mentions` fills these, :mod:`.previs_compose` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from setpiece.core.set_spec import Relation
from setpiece.intake.previs_vocabulary import FABRICS, WALLS_ONLY


@dataclass(kw_only=True)
class Mention:
    """Something that the text names: a kind of the library, an opening, a surface or a garment, with what is said of it."""

    sort: str
    value: str
    words: str
    count: int | None = None
    plural: bool = False
    colours: list[str] = field(default_factory=list)
    material: str | None = None
    style: str | None = None
    scale: float | None = None
    wear: float | None = None
    lit: bool | None = None
    size_m: tuple[float, ...] | None = None
    relation: Relation | None = None
    target: Mention | None = None
    side: str | None = None
    fresh: bool = False
    who: int = -1
    dark: int = 0
    each: bool = False


@dataclass(kw_only=True)
class Mentions:
    """All that a text says. ``told`` are (words, meaning) in the order of the text."""

    things: list[Mention] = field(default_factory=list)
    absent: list[tuple[str, str]] = field(default_factory=list)
    facts: dict[str, list[str]] = field(default_factory=dict)
    colours: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    wearers: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def of(self, sort: str) -> list[Mention]:
        """What it names of one sort."""
        return [item for item in self.things if item.sort == sort]

    def fact(self, sort: str) -> str | None:
        """The first fact of a sort."""
        return next(iter(self.facts.get(sort, ())), None)


def surface_of(material: str | None, wanted: str) -> str | None:
    """The surface kind that a material makes on a wall, floor or ceiling; None where it cannot cover that.

    >>> surface_of("wood", "floor")
    'planks'
    """
    if material is None:
        return None
    if material == "wood":
        return "planks"
    if material == "chrome":
        return "metal"
    if (wanted == "floor" and material in WALLS_ONLY and material != "brick") or (
        wanted == "walls" and material in ("parquet", "asphalt", "cobbles", "soil")
    ):
        return None
    if material in FABRICS and wanted != "floor" and material not in ("cotton", "silk", "velvet", "leather"):
        return None
    return material
