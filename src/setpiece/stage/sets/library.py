"""The library: every kind that a set can be furnished with, by name.

Place in the flow: layout reads sizes and relations here, the assembly calls the builders, a reader of briefs learns the words.
An explicit table; nothing registers itself. A kind that is not in it is refused, never replaced by something near.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from setpiece.stage.sets.kinds import beds, dressing, electric, kitchen, lamps, seating, storage, tables, tableware
from setpiece.stage.sets.making import STYLES, Kind, Make, Manner, manner

_SHELVES = (
    beds.KINDS,
    dressing.KINDS,
    electric.KINDS,
    kitchen.KINDS,
    lamps.KINDS,
    seating.KINDS,
    storage.KINDS,
    tables.KINDS,
    tableware.KINDS,
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for shelf in _SHELVES for kind in shelf})


def vocabulary() -> Mapping[str, str]:
    """Every word for a kind, its own name among them, to the kind's name; lower case, words apart by spaces."""
    words = {word: kind.name for kind in KINDS.values() for word in kind.synonyms}
    return MappingProxyType({**words, **{name.replace("_", " "): name for name in KINDS}})


__all__ = ["KINDS", "STYLES", "Kind", "Make", "Manner", "manner", "vocabulary"]
