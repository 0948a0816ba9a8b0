"""Doors and windows of a set: the programme's, as the text changes them.

Place in the flow: under :mod:`.previs_compose`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from setpiece.core.set_spec import Opening, Palette, Side
from setpiece.intake.previs_mentions import Mention, Mentions
from setpiece.intake.previs_places import Place

_SIZES = {
    "door": (0.9, 2.05, 0.0), "double_door": (1.6, 2.1, 0.0), "vault_door": (1.1, 2.05, 0.0), "window": (1.3, 1.3, 0.9),
        "arch": (1.4, 2.3, 0.0),
    "gate": (2.6, 2.4, 0.0), "hatch": (0.9, 1.95, 0.0),
}  # fmt: skip
CURTAINS = ("curtain", "curtains")
Assume = Callable[[str, object, str], None]


def openings_of(said: Mentions, place: Place, palette: Palette, assume: Assume) -> tuple[Opening, ...]:
    """The openings of a set, not yet placed along their walls."""
    made = list(programmed(place.openings, palette))
    absent = {value for sort, value in said.absent if sort == "opening"}
    named = {item.value for item in said.of("opening")}
    made = [one for one in made if one.kind not in absent and not (one.kind == "window" and "window" in absent)]
    for mention in said.of("opening"):
        made = _with(mention, made, place, palette)
    curtains = next((item for item in said.of("kind") if item.value in CURTAINS), None)
    bare = any(sort == "kind" and value in CURTAINS for sort, value in said.absent)
    if curtains is not None or bare:
        colour = None if bare else (curtains.colours[0] if curtains is not None and curtains.colours else palette.fabric_2)
        made = [replace(one, curtain=colour) if "window" in one.kind else one for one in made]
    usual = [one.kind for one in made if one.kind not in named]
    if usual:
        assume("openings", ", ".join(usual).replace("_", " "), f"usual for a {place.name}")
    return tuple(made)


def programmed(text: str, palette: Palette) -> tuple[Opening, ...]:
    """Openings as a programme writes them: ``window north 1.4x1.2 sill 0.9 curtain``."""
    made = []
    for part in re.split(r"[;\n]", text):
        words = part.split()
        if not words:
            continue
        width, height, sill = _SIZES[words[0]]
        size = next((word for word in words[2:] if "x" in word and word[0].isdigit()), None)
        if size is not None:
            width, height = (float(value) for value in size.split("x"))
        if "sill" in words:
            sill = float(words[words.index("sill") + 1])
        curtain = palette.fabric_2 if "curtain" in words else None
        made.append(Opening(kind=words[0], wall=Side(words[1]), width_m=width, height_m=height, sill_m=sill, curtain=curtain))
    return tuple(made)


def _with(mention: Mention, made: list[Opening], place: Place, palette: Palette) -> list[Opening]:
    """The openings with those of a mention: as many, where it says."""
    like = [one for one in made if one.kind == mention.value or (mention.value in one.kind and mention.value == "door")]
    rest = [one for one in made if one not in like]
    count = mention.count or (max(2, len(like)) if mention.plural else max(1, len(like)))
    width, height, sill = _SIZES[mention.value]
    free = [side for side in (Side.NORTH, Side.EAST, Side.WEST) if side not in {one.wall for one in rest}]
    wall = Side(mention.side) if mention.side else (like[0].wall if like else (free or [Side.NORTH])[0])
    curtain = None if mention.value != "window" or not like else like[0].curtain
    plain = Opening(kind=mention.value, wall=wall, width_m=width, height_m=height, sill_m=sill, curtain=curtain)
    if mention.value == "vault_door":
        rest = [one for one in rest if one.kind != "door"]
    if mention.scale is not None:
        plain = replace(plain, width_m=round(width * mention.scale, 2), height_m=round(height * min(mention.scale, 1.2), 2))
    found = [replace(one, wall=wall) if mention.side else one for one in like[:count]]
    found += [plain] * (count - len(found))
    return [
        *rest,
        *(replace(one, style=mention.style or one.style) for one in found),
    ]
