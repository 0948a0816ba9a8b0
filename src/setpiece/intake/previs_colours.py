"""Colours as an art department names them, and palettes by temper and period.

Place in the flow: under :mod:`.previs_reader`. All colours are display-referred sRGB ``#rrggbb``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from setpiece.core.set_spec import Palette

COLOURS: dict[str, str] = {
    "white": "#f2f0ea", "off white": "#ece6d8", "cream": "#ece0c2", "ivory": "#efe8d4", "bone": "#ddd3bd",
    "black": "#161618", "charcoal": "#36383b", "grey": "#84868a", "light grey": "#b9bbbd", "dark grey": "#4c4e52",
    "silver": "#b9bcc0", "stone grey": "#8f8b84", "slate": "#4f5a63", "taupe": "#8b7d6b",
    "red": "#a32a26", "dark red": "#6e1f1f", "oxblood": "#5a1e1f", "burgundy": "#5f1a2a", "crimson": "#96142b",
    "scarlet": "#c02a1e", "brick red": "#8f4434", "rust": "#8e4a26", "terracotta": "#b4623f", "wine": "#571c2b",
    "pink": "#d99aa3", "dusty pink": "#c9a09a", "dusty rose": "#bb8a86", "hot pink": "#d23c83", "magenta": "#a8246f",
    "salmon": "#d98f78", "coral": "#d9705a", "peach": "#e2b494", "blush": "#dfbfb4",
    "orange": "#c96a24", "burnt orange": "#a9521f", "amber": "#c58a2a", "ochre": "#b0812f", "mustard": "#b58f2e",
    "yellow": "#d8b63c", "pale yellow": "#e8d998", "lemon": "#e3d25a", "gold": "#b08d3e", "gilt": "#b08d3e", "straw": "#d3bd80",
    "green": "#3f6b45", "dark green": "#22402f", "bottle green": "#1e4034", "forest green": "#27452f", "sage": "#8fa188",
    "olive": "#6b6b3a", "moss": "#5c6b3a", "mint": "#a9ccb4", "pistachio": "#a9bf8f", "emerald": "#1f6b4c",
    "sea green": "#5d9483", "lime": "#9bb93c", "khaki": "#8a8058", "institutional green": "#8ea592", "jade": "#4b8a70",
    "blue": "#335a8a", "dark blue": "#1f3557", "navy": "#1b2944", "pale blue": "#a9c0d2", "light blue": "#9dbbd3",
    "sky blue": "#86b1d6", "powder blue": "#b3c7d6", "duck egg": "#b5cdc8", "royal blue": "#2a449b", "petrol": "#1f4b57",
    "teal": "#24666a", "turquoise": "#3f9d9d", "cyan": "#35a7b8", "aqua": "#7fc2c0", "cobalt": "#27489a",
    "indigo": "#2f2f63", "purple": "#57356f", "violet": "#6b4690", "lilac": "#b3a0c8", "lavender": "#a99bc4",
    "plum": "#4f2743", "mauve": "#9a7d92", "aubergine": "#3b2036",
    "brown": "#5f432c", "dark brown": "#3a2718", "light brown": "#93714f", "chocolate": "#40281c", "tan": "#b08e66",
    "beige": "#cdbb9a", "sand": "#cdb88c", "fawn": "#b59a76", "chestnut": "#6b3a26", "caramel": "#a8703c",
    "cognac": "#8c4b23", "copper": "#a8623c", "bronze": "#7d6136", "brass": "#ad8a45", "tobacco": "#6f5030", "sepia": "#6d5439",
    "mint green": "#a9ccb4", "sage green": "#8fa188", "olive green": "#6b6b3a", "pea green": "#8b9a4a",
}  # fmt: skip
_HUES = ("green", "pink", "grey", "brown", "orange", "purple", "violet", "lilac", "turquoise", "peach", "ochre", "red", "teal")
_SHADES = {"pale": ("ffffff", 0.58), "light": ("ffffff", 0.42), "deep": ("000000", 0.35), "dark": ("000000", 0.45)}


def _toward(colour: str, other: str, share: float) -> str:
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


COLOURS |= {
    f"{shade} {hue}": _toward(COLOURS[hue], other, share)
    for shade, (other, share) in _SHADES.items()
    for hue in _HUES
    if f"{shade} {hue}" not in COLOURS
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPalette:
    """A palette with the years that it feels at home in."""

    colours: Palette
    first: int = 1
    last: int = 3000
    temper: str = "neutral"


def _palette(colours: str, first: int = 1, last: int = 3000, temper: str = "neutral") -> NamedPalette:
    wall, floor, ceiling, wood, metal, fabric, fabric_2, accent, trim = (f"#{word}" for word in colours.split())
    made = Palette(wall=wall, floor=floor, ceiling=ceiling, wood=wood, metal=metal, fabric=fabric, fabric_2=fabric_2,
                   accent=accent, trim=trim)  # fmt: skip
    return NamedPalette(colours=made, first=first, last=last, temper=temper)


# In the order of Palette's fields: wall, floor, ceiling, wood, metal, fabric, fabric_2, accent, trim.
PALETTES: dict[str, NamedPalette] = {
    "bunker green": _palette("8f8b84 3a2416 77746f 3b2113 c2923f 17463c 6a2a22 b07a2c 1f1f20", 1925, 1990, "dark"),
    "oxblood and brass": _palette("5d4a3e 2c1a12 6b6258 3a2014 b08d3e 5a1e1f 2a3a33 c08a3a 241814", 1, 1990, "dark"),
    "nicotine": _palette("b39b6c 5a4632 a89468 5c3d24 8c7a54 6b5a34 7a3f2a 9c6a2c 4a3a28", 1930, 1995, "warm"),
    "mahogany and bottle green": _palette("2b4236 3d2416 d8cdb4 4a2315 a98443 4c1f1c 1f3a30 b08a45 3a1d12", 1, 2030, "dark"),
    "library tan": _palette("7b6a4f 4a2f1c d9cfb8 5a341c a5803f 7a4a26 2f3d3a 9a6a2a 4a2a18", 1, 2030, "warm"),
    "pistachio and tomato": _palette("c8d0a8 7c3b2c ece3cb 9a6b42 b9b8b0 6f8f80 a9442f b23a26 8fae9c", 1945, 1969, "fresh"),
    "butter and sky": _palette("e3d08f 8fa9b4 f0e7cf b4834f c0bfb8 86a9bd c2543c d2a03a f0ece0", 1940, 1972, "fresh"),
    "diner": _palette("d9e0da 2f3336 efeadd 9a6b42 c9cbcc a8322c 6fa5a0 c23a2e dfe2e0", 1948, 1975, "fresh"),
    "avocado and orange": _palette("b98a4c 5b3d22 e6d9bd 6e4424 a88a52 6b6b3a a9521f c9701f 4a3018", 1966, 1983, "warm"),
    "smoked seventies": _palette("6f5a44 3b2a1c b8a88c 4b2e1a 97773f 7d4a22 3f4a34 b06a24 33241a", 1966, 1985, "dark"),
    "powder eighties": _palette("d6c4bd 9a9694 ece4dc b79a78 b5b5b8 8a9bb0 c98f8f 5f7f9a e8e2da", 1978, 1994, "fresh"),
    "memphis": _palette("dcd5c6 3f4a63 efe9dc c9a26a c0c0c4 d2694c 3f8f94 d8b63c 2f2f3a", 1981, 1992, "vivid"),
    "teenage blue": _palette("5d7796 7b6a57 d8d8d2 b07d4a 6f7276 2f3d63 a33b34 c8a23a e0ddd4", 1985, 2012, "vivid"),
    "grunge": _palette("7d7466 4c4238 b8b0a2 6e5236 63656a 4a5440 6a2f33 9a7a34 cfc6b4", 1988, 2005, "dark"),
    "hospital green": _palette("a9bba8 8d9a8c dfe2da a58a64 b4b9ba 6d8f8c c9c4b0 3f7f78 e2e4de", 1930, 2000, "cold"),
    "hospital blue": _palette("c9d3d6 9aa6a9 e8ebea b9a27e b8bdc0 6f93a8 d5d8d4 2f7fa0 eef0ee", 1985, 2040, "cold"),
    "institution": _palette("9b9a86 5f5c52 c4c2b4 7a5d3e 74777a 56604f 4a4d55 8a6a34 5b5f54", 1925, 2015, "cold"),
    "concrete and signal": _palette("8a8c8c 55585a 9a9c9c 6f5a44 6c7074 3d4a55 8a4a2c c8761e 3c4044", 1955, 2060, "cold"),
    "nordic": _palette("d8d6cf a98c66 efeeea c3a077 4c4f52 8b958f c2b49c 6f7f7a f3f2ee", 1950, 2060, "fresh"),
    "gallery white": _palette("e6e5e1 6f6a63 f2f2f0 8a6848 3a3c3f 5a6066 b0a898 1f1f22 f4f4f2", 1960, 2070, "neutral"),
    "loft": _palette("8c5a48 5b4a3c 6d6f70 6b4a30 3c3e40 6f4a2e 39454c b5772e 2c2d2f", 1970, 2060, "warm"),
    "farmhouse": _palette("d6cbb2 8a6a48 e8dfc9 7c5632 4f4a44 7a8a8c a5543f c29a4a 5f7a78", 1, 2060, "warm"),
    "driftwood and net": _palette("8f8a7c 6b5a48 7c705f 7a6650 6b5d4c 3f5964 8c4a34 c07a2e 4a6470", 1, 2030, "cold"),
    "limewash and indigo": _palette("dcd6c6 9a5f42 e6dfcf 5f4128 5a4f42 33476e a8563a c89a4a 3f5a7a", 1, 2060, "warm"),
    "gas light": _palette("4f3a34 3a261a c8b898 42261a 9a7a42 5f1a2a 27413a b08d3e 2e1c14", 1830, 1915, "dark"),
    "drawing room": _palette("8fa188 6a4a30 e9e2cf 5a3420 b0935a 9a5a52 c9b98f a8803a ece6d4", 1780, 1940, "fresh"),
    "deco": _palette("c9b48a 22201f e3d6b8 38211a b89a55 1f4b4a 6f1f2c c9a04a 1d1b1b", 1920, 1942, "warm"),
    "attic dust": _palette("a08f76 6e5a44 8a785f 6f5238 6a5f52 7a6a58 5f6f72 a5803f 5c4a38", 1, 2060, "warm"),
    "violet club": _palette("17151c 100f13 141318 2a1b18 6c6f78 4a1a4f 1a2a55 d23c83 0f0e12", 1965, 2060, "vivid"),
    "red club": _palette("2a1214 17100f 1b1414 2c1812 9a7a44 6a1218 1c1c22 d8343a 120e0e", 1930, 2060, "vivid"),
    "starship white": _palette("d3d6d8 8d9297 e2e4e5 9c8a70 a7adb2 4c5a66 c2702c e0852e 3c4248", 2020, 3000, "cold"),
    "freighter": _palette("6e6f66 3c3e3e 5a5c58 5a4632 7c7f80 5b5a3f 7a3f26 d88a24 2a2c2c", 1975, 3000, "dark"),
    "interrogation": _palette("7d857f 4a4c4c a6aaa6 6a5640 808487 3f4549 5a4a3c 9a3a2c 5f6662", 1935, 2060, "cold"),
    "soft nursery": _palette("e3d6b8 b08f66 f2ecdd c8a070 b8b4a8 a9c0c8 dfa898 d9b25a f4efe4", 1920, 2060, "fresh"),
    "wedding ivory": _palette("efe7d6 a58a60 f3ecdd b08a5c c0a35e efe8d8 c9a09a 8fa188 f4eee2", 1, 2060, "fresh"),
    "stone street": _palette("b5a488 6b6a68 c8ccd0 5a3f2a 3c3f40 7a3f2f 3f5a4a a8802f d8cdb6", 1, 2060, "neutral"),
    "terracotta street": _palette("b9805a 77706a c8ccd0 6a4428 4a4642 2f5d50 a33a2a d0a24a e3d6bc", 1, 2060, "warm"),
    "desert": _palette("d0b58c b08e66 dcc8a4 7a5230 8c7248 a8562f 3f6a70 c98a2a 8a5f3a", 1, 2060, "warm"),
}


def by_era(era: int, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Palettes at home in a year: of ``names`` where any is, else of all."""
    for known in (names, tuple(PALETTES)):
        found = tuple(name for name in known if PALETTES[name].first <= era <= PALETTES[name].last)
        if found:
            return found
    return tuple(PALETTES)


def recoloured(palette: Palette, **roles: str) -> Palette:
    """The palette with some roles in other colours.

    >>> recoloured(PALETTES["deco"].colours, wall="#000000").wall
    '#000000'
    """
    return replace(palette, **roles)
