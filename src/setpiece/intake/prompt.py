"""The words that a generative engine is given, made from what the brief and the solve say. No model writes them.

Place in the flow: after the solve, before the engine's request; before that the names in the text are looked for by
clearance. The same facts give the same words, in the same order, each with the fact that it comes from, so that a person
can read why a word is there and change the brief. It refuses a fact that it does not know, rather than drop it, and
invents nothing: what no fact says is not in the text.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from setpiece.core.errors import BriefError
from setpiece.core.light import Light
from setpiece.intake.schema import CollapseDocument

_LUMA = (0.2722287, 0.6740818, 0.0536895)  # ACEScg luminance

_WALLS = {
    "masonry": "brick and masonry",
    "stone": "dressed stone",
    "concrete": "concrete",
    "timber": "timber",
    "steel": "steel-framed",
    "glass": "glass-fronted",
}
_RUBBLE = {
    "masonry": "broken brick and mortar",
    "stone": "broken blocks of stone",
    "concrete": "broken slabs of concrete with bent rebar",
    "timber": "splintered beams",
    "steel": "twisted steel",
    "glass": "shattered glass",
}
_MODES = {
    "pancake": "collapsing straight down, floor upon floor",
    "topple": "toppling over as one",
    "blast": "torn open by a blast",
    "progressive": "collapsing progressively from one end",
    "partial": "partly collapsing while the rest stands",
}
_TOWARDS = {
    "left": "to the left",
    "right": "to the right",
    "towards": "towards the camera",
    "away": "away from the camera",
}
_SIDES = {"left": "starting at the left side", "right": "starting at the right side"}
_TIMES = {
    "dawn": "at dawn",
    "morning": "in the morning",
    "noon": "at noon",
    "afternoon": "in the afternoon",
    "evening": "in the evening",
    "dusk": "at dusk",
    "night": "at night",
}
_WEATHER = {
    "clear": "clear sky",
    "hazy": "hazy air",
    "overcast": "overcast sky",
    "rain": "steady rain",
    "snow": "falling snow",
    "fog": "thick fog",
}
_CAMERAS = {"locked_off": "locked-off camera", "moving": "moving camera", "handheld": "handheld camera"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A few words of a prompt, and the fact (by its name) that they come from."""

    fact: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt: the text that the engine gets, and its parts in their order. The text is the parts, comma by comma."""

    text: str
    parts: tuple[Part, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each part, as a person reads it: the fact, and what it says."""
        return tuple(f"{part.fact}: {part.says}" for part in self.parts)


def prompt_of(facts: Mapping[str, str]) -> Prompt:
    """The prompt that ``facts`` make. Empty facts say nothing; no facts make an empty prompt.

    Facts, all text: ``subject`` (what falls, in the brief's own words), ``walls``, ``storeys``, ``mode``, ``direction``
    (a word or degrees clockwise from away), ``side``, ``debris``, ``dust`` (the brief's amount), ``weather``,
    ``time_of_day``, ``sun_elevation_deg``, ``sun_azimuth_deg`` (clockwise from the view), ``sun_share`` (0..1),
    ``sun_warmth``, ``focal_mm_35``, ``camera``. They come of :func:`brief_facts` and :func:`light_facts`; weather and time
    of day are stated.

    Raises :class:`BriefError` naming a fact that there is none of, or the value that it cannot have.

    >>> prompt_of({"walls": "stone", "mode": "topple", "direction": "left", "dust": "2"}).text
    'a dressed stone building, toppling over as one to the left, dense billowing dust'
    """
    for name in facts:
        if name not in _FACTS:
            near = difflib.get_close_matches(name, _FACTS, n=1, cutoff=0.5)
            remedy = f"did you mean '{near[0]}'?" if near else f"facts are {', '.join(sorted(_FACTS))}"
            raise BriefError(f"a prompt knows no fact '{name}'", remedy=remedy)
    stated = MappingProxyType({name: value.strip() for name, value in facts.items() if value.strip()})
    for name, beside in _WITH.items():
        if name in stated and beside not in stated:
            raise BriefError(f"'{name}' says nothing without '{beside}'", remedy=f"state '{beside}', or leave '{name}' out")
    parts = tuple(
        Part(fact=name, says=words) for name, say in _SENTENCE if name in stated or name == "subject" if (words := say(stated))
    )
    return Prompt(text=", ".join(part.says for part in parts), parts=parts)


def brief_facts(document: CollapseDocument, *, width_px: int | None = None) -> dict[str, str]:
    """What a brief says to a prompt: the building, how it falls, what it throws up, the lens, and a camera that stands.

    What the solve found stands in the brief and counts alike; what is still automatic says nothing. ``width_px`` of the
    plate gives the lens where the focal length is stated in pixels.
    """
    building, collapse, plate = document.building, document.collapse, document.plate
    focal_px = document.camera.focal_px or plate.focal_px
    measured = focal_px * 36.0 / width_px if focal_px and width_px else None
    stated: dict[str, object] = {
        "subject": "building",
        "walls": building.materials.walls,
        "storeys": building.storeys or document.scale.storeys,
        "mode": collapse.mode,
        "direction": collapse.direction,
        "side": collapse.side,
        "debris": building.materials.walls,
        "dust": f"{document.dust.amount:g}",
        "focal_mm_35": plate.focal_mm_35 or measured,
        "camera": "locked_off",
    }
    return {name: str(value) for name, value in stated.items() if value is not None}


def light_facts(light: Light) -> dict[str, str]:
    """What the solved light says to a prompt: where the sun stands, its share of the light on level ground, its warmth
    (red over blue). Rounded, so that a solve that differs by a hair says the same."""
    sun = sum(weight * value for weight, value in zip(_LUMA, light.sun_rgb, strict=True)) * max(light.direction[2], 0.0)
    sky = sum(weight * value for weight, value in zip(_LUMA, light.sky_rgb, strict=True))
    share = sun / (sun + sky) if sun + sky > 0 else 0.0
    warmth = light.sun_rgb[0] / light.sun_rgb[2] if light.sun_rgb[2] > 0 else 1.0
    return {
        "sun_elevation_deg": f"{light.elevation_deg:.0f}",
        "sun_azimuth_deg": f"{light.azimuth_deg % 360:.0f}",
        "sun_share": f"{share:.2f}",
        "sun_warmth": f"{warmth:.1f}",
    }


def shot_prompt(document: CollapseDocument, light: Light, *, width_px: int) -> Prompt:
    """The words that a brief and its solved light make; ``width_px`` is the plate's, in whose pixels the brief counts."""
    return prompt_of({**brief_facts(document, width_px=width_px), **light_facts(light)})


_Facts = Mapping[str, str]


def _subject(facts: _Facts) -> str:
    """What falls; with walls and storeys where they are stated."""
    noun = facts.get("subject", "")
    if not (noun or "walls" in facts or "storeys" in facts):
        return ""
    walls = _word(facts, "walls", _WALLS)
    named = " ".join(word for word in (walls, noun or "building") if word)
    article = "an" if named[0].lower() in "aeiou" else "a"
    if "storeys" not in facts:
        return f"{article} {named}"
    storeys = _number(facts, "storeys", least=1)
    return f"{article} {named} of {storeys:.0f} {'storey' if storeys == 1 else 'storeys'}"


def _mode(facts: _Facts) -> str:
    words = [_word(facts, "mode", _MODES), _direction(facts), _word(facts, "side", _SIDES)]
    return " ".join(word for word in words if word)


def _direction(facts: _Facts) -> str:
    stated = facts.get("direction", "")
    if not stated or stated in _TOWARDS:
        return _TOWARDS.get(stated, "")
    degrees = _number(facts, "direction", others=_TOWARDS) % 360
    return _TOWARDS[("away", "right", "towards", "left")[round(degrees / 90) % 4]]


def _debris(facts: _Facts) -> str:
    return _word(facts, "debris", _RUBBLE)


def _dust(facts: _Facts) -> str:
    steps = ("no dust", "thin dust", "clouds of dust", "dense billowing dust")
    return _step(_number(facts, "dust", least=0), ((0.0, steps[0]), (0.5, steps[1]), (1.5, steps[2])), steps[3])


def _sun(facts: _Facts) -> str:
    """Where the light comes from and how hard it is."""
    height = _number(facts, "sun_elevation_deg", least=-90)
    share = _number(facts, "sun_share", least=0) if "sun_share" in facts else 1.0
    if height < -1 or share < 0.25:
        return "soft even light without a sun"
    stands = _step(height, ((6.0, "the sun on the horizon"), (22.0, "low sun"), (50.0, "sun at mid height")), "high sun")
    from_where = ""
    if "sun_azimuth_deg" in facts:
        side = round(_number(facts, "sun_azimuth_deg") % 360 / 45) % 8
        from_where = (
            " from behind the building", " from behind right", " from the right", " from the front right",
            " from the front", " from the front left", " from the left", " from behind left",
        )[side]  # fmt: skip
    warm = " and warm" if "sun_warmth" in facts and _number(facts, "sun_warmth", least=0) >= 1.6 else ""
    hard = "soft-edged shadows" if share < 0.6 else "hard shadows"
    return f"{stands}{from_where}{warm}, {hard}"


def _lens(facts: _Facts) -> str:
    focal = _number(facts, "focal_mm_35", least=4)
    kind = _step(focal, ((24.0, "wide-angle"), (35.0, "wide"), (70.0, "normal"), (135.0, "long")), "telephoto")
    return f"{focal:.0f} mm {kind} lens"


_SENTENCE: tuple[tuple[str, Callable[[_Facts], str]], ...] = (
    ("subject", _subject),
    ("mode", _mode),
    ("debris", _debris),
    ("dust", _dust),
    ("sun_elevation_deg", _sun),
    ("weather", lambda facts: _word(facts, "weather", _WEATHER)),
    ("time_of_day", lambda facts: _word(facts, "time_of_day", _TIMES)),
    ("focal_mm_35", _lens),
    ("camera", lambda facts: _word(facts, "camera", _CAMERAS)),
)
_WITH = {  # facts that are said beside another one, and mean nothing without it
    "direction": "mode", "side": "mode",
    "sun_azimuth_deg": "sun_elevation_deg", "sun_share": "sun_elevation_deg", "sun_warmth": "sun_elevation_deg",
}  # fmt: skip
_FACTS = frozenset({name for name, _ in _SENTENCE} | set(_WITH) | {"walls", "storeys"})


def _word(facts: _Facts, name: str, known: Mapping[str, str]) -> str:
    """The phrase for a fact's value, "" where it is not stated."""
    value = facts.get(name)
    if value is None:
        return ""
    if value not in known:
        near = difflib.get_close_matches(value, known, n=1, cutoff=0.6)
        remedy = f"did you mean '{near[0]}'?" if near else f"it is one of {', '.join(known)}"
        raise BriefError(f"'{name}' is '{value}', which no prompt has words for", remedy=remedy)
    return known[value]


def _number(facts: _Facts, name: str, *, least: float = -360.0, others: Mapping[str, str] | None = None) -> float:
    """The number that a fact states. Raises :class:`BriefError` for what is none, or less than ``least``."""
    try:
        value = float(facts[name])
    except ValueError:
        value = float("nan")
    if not least <= value <= 1e6:
        words = f"a number from {least:g} on" + (f", or {', '.join(others)}" if others else "")
        raise BriefError(f"'{name}' is '{facts[name]}'", remedy=f"state {words}")
    return value


def _step(value: float, steps: tuple[tuple[float, str], ...], above: str) -> str:
    """The word of the first step that ``value`` does not exceed."""
    assert all(low < high for (low, _), (high, _) in pairwise(steps))
    return next((word for top, word in steps if value <= top), above)
