"""The library: every kind that a set can be furnished with, by name.

Place in the flow: layout reads sizes and relations here, the assembly calls the builders, a reader of briefs learns the words.
An explicit table; nothing registers itself. A kind that is not in it is refused, never replaced by something near.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from setpiece.stage.sets.kinds import (
    apparatus,
    beds,
    belongings,
    chairs,
    containers,
    counters,
    dressing,
    electric,
    fittings,
    food,
    kitchen,
    lamps,
    lights,
    seating,
    storage,
    street,
    studio,
    tables,
    tableware,
    vehicles,
    work,
)
from setpiece.stage.sets.making import STYLES, Kind, Make, Manner, manner

_SHELVES = (
    apparatus.KINDS,
    beds.KINDS,
    belongings.KINDS,
    chairs.KINDS,
    containers.KINDS,
    counters.KINDS,
    dressing.KINDS,
    electric.KINDS,
    fittings.KINDS,
    food.KINDS,
    kitchen.KINDS,
    lamps.KINDS,
    lights.KINDS,
    seating.KINDS,
    storage.KINDS,
    street.KINDS,
    studio.KINDS,
    tables.KINDS,
    tableware.KINDS,
    vehicles.KINDS,
    work.KINDS,
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for shelf in _SHELVES for kind in shelf})


def vocabulary() -> Mapping[str, str]:
    """Every word for a kind, its own name among them, to the kind's name; lower case, words apart by spaces."""
    words = {word: kind.name for kind in KINDS.values() for word in kind.synonyms}
    return MappingProxyType({**words, **{name.replace("_", " "): name for name in KINDS}})


__all__ = ["KINDS", "STYLES", "Kind", "Make", "Manner", "manner", "vocabulary"]
