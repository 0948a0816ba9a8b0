"""The wardrobe of a text: who wears what, of which cloth.

Place in the flow: under :mod:`.previs_compose`.
"""

from __future__ import annotations

from collections.abc import Callable

from setpiece.core.set_spec import Garment, Look
from setpiece.intake.previs_said import Mention, Mentions
from setpiece.intake.previs_vocabulary import FABRICS

_LAYER = ("shirt", "dress", "skirt", "trousers", "waistcoat", "uniform_tunic", "jacket", "coat", "cape")
_CLOTH = {
    "shirt": ("cotton", "#e6e2d6"), "dress": ("silk", "#5f1a2a"), "skirt": ("wool", "#3f4450"), "trousers": ("wool",
        "#3a3b40"), "waistcoat": ("wool", "#4a4038"),
    "uniform_tunic": ("wool", "#5b5f45"), "jacket": ("tweed", "#5a5144"), "coat": ("wool", "#36383b"), "cape": ("velvet",
        "#2a1d33"),
}  # fmt: skip
_OWN = {"floral": "#efe6d2", "denim": "#27395c", "pinstripe": "#23262f", "tweed": "#5a5144", "plaid": "#6e2323"}
_SUITING = "#2a2d36"  # a suit is cut from one cloth
_SUIT = ("jacket", "trousers")


def looks_of(said: Mentions, assume: Callable[[str, object, str], None]) -> tuple[Look, ...]:
    """One look for each person that the text dresses, inner garments first."""
    by_person: dict[int, list[Mention]] = {}
    for garment in said.of("garment"):
        by_person.setdefault(max(garment.who, 0), []).append(garment)
    looks = []
    for person, garments in sorted(by_person.items()):
        who, word = said.wearers[person] if said.wearers else ("women_40", "look")
        if not said.wearers:
            assume("size", who, "nobody is named who wears it")
        worn = [one for garment in garments for one in _garments(garment, assume)]
        worn.sort(key=lambda one: _LAYER.index(one.kind))
        name = f"{word.lower().replace(' ', '_')}_{person + 1}"
        looks.append(Look(name=name, size=who, garments=tuple(worn)))
    return tuple(looks)


def _garments(mention: Mention, assume: Callable[[str, object, str], None]) -> list[Garment]:
    kinds = (
        (*_SUIT, "waistcoat")
        if mention.value == "suit" and "three" in mention.words
        else _SUIT
        if mention.value == "suit"
        else (mention.value,)
    )
    made = []
    for kind in kinds:
        cloth, colour = _CLOTH[kind] if mention.value != "suit" else ("wool", _SUITING)
        stated = mention.material if mention.material in FABRICS else ("denim" if "jeans" in mention.words.lower() else None)
        colour = _OWN.get(stated or "", colour)
        if stated is None:
            assume(f"{kind} fabric", cloth, f"usual for a {kind.replace('_', ' ')}")
        if not mention.colours:
            assume(f"{kind} colour", colour, f"usual for a {kind.replace('_', ' ')}")
        second = mention.colours[1] if len(mention.colours) > 1 else None
        made.append(
            Garment(
                kind=kind, fabric=stated or cloth, colour=mention.colours[0] if mention.colours else colour, colour_2=second
            )
        )
    return made
