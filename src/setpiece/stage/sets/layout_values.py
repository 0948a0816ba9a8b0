"""What a layout is, and what it asks of a library: values that whoever builds, frames or draws a set reads.

Place in the flow: beside :mod:`.layout`, which makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from setpiece.core.set_spec import Opening, Relation, Side

Size = tuple[float, float, float]


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
