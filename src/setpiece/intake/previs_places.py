"""What an art department expects in a place: its usual size, surfaces, openings, furnishings, practicals and light.

Place in the flow: under :mod:`.previs_reader`, which lets the text overrule all of it. Furnishings are lines of plain words,
read by :func:`programme`::

    kind[/another] xN relation target {first-last} ~dressing !role   # {years}, the least dressing, a colour by palette role

``x4`` is a count, ``x2-4`` a range that the seed picks from. Kinds are words of the library or their synonyms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from setpiece.core.set_spec import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A type of place. ``size_m`` ranges of width, depth and height; surfaces as ``kind role-or-colour [second]``;
    ``openings`` as ``kind side [width x height] [sill metres] [curtain]``; ``light`` is (hour, weather, mood, key lumens)."""

    name: str
    words: tuple[str, ...]
    size_m: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    furnish: str
    era: int = 2015
    style: str | None = None
    exterior: bool = False
    walls: tuple[str, ...] = ("plaster wall",)
    floors: tuple[str, ...] = ("planks floor",)
    ceilings: tuple[str, ...] = ("plaster ceiling",)
    palettes: tuple[str, ...] = ()
    openings: str = "door west"
    features: tuple[str, ...] = ("skirting",)
    light: tuple[float, str, str, float] = (14.0, "clear", "natural", 0.0)
    wear: float = 0.3
    dressing: float = 0.5
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a programme. ``kinds`` are alternatives, the first that the library has is taken."""

    kinds: tuple[str, ...]
    count: tuple[int, int] = (1, 1)
    relation: Relation | None = None
    target: str | None = None
    years: tuple[int, int] = (-10_000, 10_000)
    least_dressing: float = 0.0
    role: str | None = None


_RELATIONS = {relation.value: relation for relation in Relation}


def programme(text: str) -> tuple[Line, ...]:
    """The lines of a programme.

    >>> programme("chair x2-4 around table {1900-} ~0.5")[0].count
    (2, 4)
    """
    return tuple(_line(part.split()) for part in re.split(r"[;\n]", text) if part.strip())


def _line(words: list[str]) -> Line:
    count, years, dressing = (1, 1), (-10_000, 10_000), 0.0
    relation: Relation | None = None
    target = role = None
    for word in words[1:]:
        if re.fullmatch(r"x\d+(-\d+)?", word):
            least, _, most = word[1:].partition("-")
            count = (int(least), int(most or least))
        elif word.startswith("{"):
            first, _, last = word.strip("{}").partition("-")
            years = (int(first or -10_000), int(last or 10_000))
        elif word.startswith("~"):
            dressing = float(word[1:])
        elif word.startswith("!"):
            role = word[1:]
        elif word in _RELATIONS and relation is None:
            relation = _RELATIONS[word]
        else:
            target = word
    return Line(kinds=tuple(words[0].split("/")), count=count, relation=relation, target=target, years=years,
                least_dressing=dressing, role=role)  # fmt: skip


def all_places() -> tuple[Place, ...]:
    """Every place that is known."""
    from setpiece.intake import previs_places_homes, previs_places_public, previs_places_work

    return (*previs_places_homes.PLACES, *previs_places_work.PLACES, *previs_places_public.PLACES)
