"""Territories as scopes and exports name them: country codes, their parts ("US-CA"), "EU", "world". Pure."""

from __future__ import annotations

from setpiece.clearance.names import word_key

ANY = "*"
WORLD = ("world", ANY)
EU = frozenset(
    {"at", "be", "bg", "cy", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hr", "hu", "ie", "it", "lt", "lu", "lv", "mt"}
    | {"nl", "pl", "pt", "ro", "se", "si", "sk", "eu"}
)


def within(asked: str, allowed: tuple[str, ...]) -> bool:
    """Whether the territory ``asked`` lies in one of ``allowed``: "US" holds "US-CA", "EU" holds "DE".

    >>> within("US-CA", ("US",)), within("US", ("US-CA",)), within("world", ("EU", "US"))
    (True, False, False)
    """
    place = word_key(asked)
    known = {word_key(item) for item in allowed}
    country = place.partition("-")[0]
    return bool(known & {place, country, *WORLD}) or ("eu" in known and country in EU)


def touches(territories: tuple[str, ...], place: str) -> bool:
    """Whether a release in ``territories`` reaches ``place`` or a part of it: "world" reaches all, "US" reaches "US-NY".

    >>> touches(("DE",), "EU"), touches(("US",), "US-NY"), touches(("US-CA",), "US-NY")
    (True, True, False)
    """
    wanted = word_key(place)
    named = {word_key(item) for item in territories}
    if named & {*WORLD, wanted, wanted.partition("-")[0]}:
        return True
    return any(item.startswith(wanted + "-") or (wanted == "eu" and item.partition("-")[0] in EU) for item in named)
