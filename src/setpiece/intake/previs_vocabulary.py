"""The words of an art department: eras, styles, materials, times, weather, moods, relations, wear, light, wardrobe.

Place in the flow: under :mod:`.previs_reader`. Kinds of furniture are not here: their synonyms stand in the library's own
table
and come in as an argument (:class:`KindWords`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from setpiece.core.set_spec import Relation
from setpiece.intake.previs_colours import COLOURS
from setpiece.intake.previs_places import all_places
from setpiece.intake.previs_words import Lexicon


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWords:
    """A kind of the library as the reader needs it: its name, what else it is called, how it stands by itself."""

    name: str
    synonyms: tuple[str, ...] = ()
    relation: Relation = Relation.FREE
    category: str = ""
    styles: tuple[str, ...] = ()
    size_m: tuple[float, float, float] | None = None


ERAS: dict[str, tuple[int, str]] = {
    "medieval": (1350, "rustic"), "middle ages": (1350, "rustic"), "renaissance": (1520, "rustic"), "tudor": (1550, "rustic"),
    "baroque": (1690, "1900s"), "rococo": (1750, "1900s"), "georgian": (1790, "1900s"), "regency": (1815, "1900s"),
    "victorian": (1880, "1900s"), "edwardian": (1906, "1900s"), "belle epoque": (1900, "1900s"), "art nouveau": (1902,
        "1900s"),
    "art deco": (1930, "1930s"), "deco": (1930, "1930s"), "bauhaus": (1928, "1930s"), "prewar": (1936, "1930s"),
        "pre war": (1936, "1930s"),
    "wartime": (1943, "1930s"), "postwar": (1948, "1950s"), "post war": (1948, "1950s"), "mid century": (1958, "1950s"),
    "midcentury": (1958, "1950s"), "cold war": (1962, "1950s"), "soviet": (1974, "1970s"), "disco era": (1977, "1970s"),
    "contemporary": (2020, "2010s"), "present day": (2020, "2010s"), "modern": (2018, "2010s"), "today": (2020, "2010s"),
    "near future": (2045, "futuristic"), "futuristic": (2180, "futuristic"), "future": (2120, "futuristic"), "sci fi": (2180,
        "futuristic"),
    "science fiction": (2180, "futuristic"),
}  # fmt: skip
DECADES = {
    "twenties": 1925,
    "thirties": 1935,
    "forties": 1945,
    "fifties": 1955,
    "sixties": 1965,
    "seventies": 1975,
    "eighties": 1985,
    "nineties": 1995,
}

STYLES: dict[str, tuple[str, ...]] = {
    "industrial": ("industrial",), "rustic": ("rustic", "country", "countryside", "farmhouse style"),
    "futuristic": ("high tech", "utopian"), "1950s": ("atomic",), "2010s": ("minimalist", "scandinavian", "nordic", "sleek"),
    "1900s": ("ornate", "stately", "aristocratic"),
}  # fmt: skip

TIMES: dict[str, float] = {
    "dawn": 5.4, "daybreak": 5.5, "sunrise": 6.0, "early morning": 7.0, "morning": 9.0, "late morning": 11.0, "noon": 12.0,
    "midday": 12.0, "high noon": 12.0, "afternoon": 15.0, "early afternoon": 13.5, "late afternoon": 17.5,
        "golden hour": 18.6,
    "sunset": 19.2, "sundown": 19.2, "dusk": 19.7, "twilight": 19.9, "magic hour": 19.4, "blue hour": 20.1,
    "early evening": 18.5, "evening": 20.5,
        "nightfall": 20.8,
    "night": 23.0, "nighttime": 23.0, "midnight": 24.0, "small hours": 2.5, "before dawn": 4.5, "late at night": 1.0,
        "late night": 1.0,
    "day": 13.0, "daytime": 13.0, "daylight": 13.0,
}  # fmt: skip
WEATHER: dict[str, tuple[str, ...]] = {
    "clear": ("clear sky", "clear", "sunny", "sunlit", "sunshine", "sun", "sunlight", "cloudless", "bright sun",
        "moonlit", "starry"),
        "hazy": ("hazy", "haze", "smoggy", "smog", "humid"),
    "overcast": ("overcast", "cloudy", "grey sky", "grey day", "dull light", "gloomy sky", "cloud cover"),
    "rain": ("rain", "rainy", "raining", "drizzle", "downpour", "wet street", "storm", "stormy", "thunderstorm"),
    "snow": ("snow", "snowy", "snowing", "snowfall", "snowed in", "blizzard", "snow covered", "winter snow"), "fog": ("fog",
        "foggy", "mist", "misty"),
}  # fmt: skip
SEASONS: dict[str, int] = {"spring": 105, "summer": 190, "midsummer": 172, "autumn": 280, "fall season": 280, "winter": 15,
    "midwinter": 355,
                           "christmas": 358, "july": 196, "january": 15, "december": 350, "june": 166, "august": 227,
                               "october": 288, "november": 319,
                           "february": 46, "april": 105, "september": 258}  # fmt: skip
CITIES: dict[str, float] = {
    "buenos aires": -34.6, "montevideo": -34.9, "santiago": -33.4, "sao paulo": -23.5, "rio": -22.9, "lima": -12.0,
        "bogota": 4.7,
    "mexico city": 19.4, "havana": 23.1, "miami": 25.8, "los angeles": 34.0, "chicago": 41.9, "new york": 40.7,
        "boston": 42.4, "london": 51.5,
    "dublin": 53.3, "edinburgh": 55.9, "paris": 48.9, "marseille": 43.3, "madrid": 40.4, "barcelona": 41.4, "lisbon": 38.7,
        "rome": 41.9,
    "naples": 40.9, "venice": 45.4, "athens": 38.0, "istanbul": 41.0, "berlin": 52.5, "hamburg": 53.6, "vienna": 48.2,
        "prague": 50.1,
    "budapest": 47.5, "warsaw": 52.2, "moscow": 55.8, "stockholm": 59.3, "oslo": 59.9, "copenhagen": 55.7, "helsinki": 60.2,
        "reykjavik": 64.1,
    "cairo": 30.0, "marrakesh": 31.6, "tangier": 35.8, "cape town": -33.9, "nairobi": -1.3, "mumbai": 19.1, "delhi": 28.6,
        "tokyo": 35.7,
    "kyoto": 35.0, "seoul": 37.6, "shanghai": 31.2, "hong kong": 22.3, "sydney": -33.9, "melbourne": -37.8,
        "patagonia": -46.0, "norway": 62.0,
    "iceland": 65.0, "scotland": 57.0, "argentina": -34.6, "alaska": 64.0, "siberia": 60.0,
}  # fmt: skip
MOODS: dict[str, tuple[str, ...]] = {
    "low_key": ("low key", "moody", "noir", "shadowy", "gloomy", "ominous", "sinister", "oppressive", "claustrophobic",
        "murky", "dim", "dimly lit",
                "menacing", "brooding", "dark mood", "half light", "dark and quiet"),
    "high_key": ("high key", "brightly lit", "bright", "airy", "sterile", "clinical", "harsh light", "cheerful",
        "harsh overhead light", "harsh",
        "light filled"),
    "warm": ("warm light", "warm", "cosy", "cozy", "homely", "intimate", "candlelit", "candlelight", "lamplit", "lamplight",
        "inviting", "nostalgic",
             "romantic", "festive", "firelit", "amber light", "golden light"),
    "cold": ("cold light", "cold", "cool light", "bleak", "chilly", "bluish", "fluorescent light", "austere", "institutional",
        "impersonal", "stark"),
    "neon": ("neon light", "neon lit", "garish", "saturated light", "coloured light", "strobe", "ultraviolet", "uv light"),
    "natural": ("natural light", "naturalistic", "soft light", "window light"),
}  # fmt: skip
WEAR: dict[str, tuple[str, ...]] = {
    "0.05": ("brand new", "pristine", "spotless", "immaculate", "newly built"), "0.2": ("clean", "well kept", "polished",
        "tidy"),
    "0.5": ("worn", "lived in", "faded", "scuffed", "ageing", "aging", "battered", "used",
        "rough", "rough hewn"), "0.65": ("shabby", "tired",
        "neglected", "stained", "peeling", "grimy", "dirty", "dusty",
            "rundown", "run down", "threadbare", "weathered", "weather beaten"),
    "0.85": ("dilapidated", "decaying", "rotten", "mouldy", "crumbling", "rusty", "filthy", "decrepit"), "0.95": ("derelict",
        "abandoned", "ruined", "burnt out"),
}  # fmt: skip
DRESSING: dict[str, tuple[str, ...]] = {
    "0.1": ("bare", "empty", "sparse", "spartan", "unfurnished"), "0.3": ("uncluttered", "orderly", "simply furnished"),
    "0.8": ("cluttered", "busy", "lived in clutter", "full of stuff", "well stocked"), "1.0": ("crammed", "overflowing",
        "packed", "messy", "chaotic", "hoarded", "stuffed"),
}  # fmt: skip
SIZES: dict[str, tuple[str, ...]] = {
    "0.7": ("tiny", "cramped", "minuscule"), "0.82": ("small", "narrow", "little", "compact", "poky"), "1.2": ("large", "big",
        "spacious", "roomy", "generous", "wide room"),
    "1.45": ("huge", "vast", "enormous", "cavernous", "grand"),
}  # fmt: skip
HEIGHTS = {"0.85": ("low ceilinged", "low ceiling"), "1.3": ("high ceilinged", "high ceiling", "double height", "tall ceiling")}

MATERIALS: dict[str, tuple[str, ...]] = {
    "plaster": ("plaster", "plastered", "stucco", "limewashed", "whitewashed"), "paint": ("painted", "gloss paint",
        "emulsion"), "concrete": ("concrete", "cement", "shuttered concrete"),
    "brick": ("brick", "exposed brick", "brickwork"), "stone": ("stone", "flagstone", "rubble stone", "slate stone",
        "stonework"), "marble": ("marble",), "terrazzo": ("terrazzo",),
    "wallpaper": ("wallpaper", "wallpapered", "papered"), "wood": ("wood", "wooden", "timber", "oak", "walnut", "pine",
        "mahogany", "teak", "ply", "plywood", "rosewood", "cherrywood", "ebony"),
    "planks": ("plank", "floorboard", "floorboards", "boarded", "tongue and groove", "weatherboard", "clapboard"),
        "parquet": ("parquet", "herringbone"),
    "tiles": ("tile", "tiled", "ceramic tile", "checkerboard", "chequerboard", "checkered"), "linoleum": ("linoleum", "lino",
        "vinyl floor"), "carpet": ("carpet", "carpeted", "fitted carpet"),
    "metal": ("metal", "metallic", "steel", "iron", "wrought iron", "aluminium", "aluminum", "tin", "zinc", "gunmetal",
        "brushed steel", "corrugated iron", "riveted"), "enamel": ("enamel", "enamelled"),
    "chrome": ("chrome", "chromed", "chromium"), "rust": ("rusted", "corroded"), "plastic": ("plastic", "bakelite", "formica",
        "laminate", "vinyl", "acrylic"), "rubber": ("rubber",),
    "ceramic": ("porcelain", "china", "ceramic", "earthenware"), "leather": ("leather", "leatherette", "buttoned leather"),
        "linen": ("linen",), "cotton": ("cotton", "canvas", "sailcloth"),
    "wool": ("wool", "woollen", "woolen", "felt"), "tweed": ("tweed", "herringbone tweed"), "denim": ("denim",),
        "silk": ("silk", "satin", "silk satin"), "velvet": ("velvet", "plush", "corduroy"),
    "floral": ("floral", "chintz", "flowered"), "plaid": ("plaid", "tartan", "checked"), "pinstripe": ("pinstripe",
        "pinstriped", "striped"), "sheer": ("sheer", "lace", "voile", "net curtain", "tulle", "chiffon"),
    "asphalt": ("asphalt", "tarmac"), "cobbles": ("cobbles", "cobblestone", "cobbled"), "soil": ("earth floor", "dirt floor",
        "packed earth", "mud"), "glass": ("glass topped",), "rope": ("rattan", "wicker", "cane", "bamboo"),
}  # fmt: skip
FLOORS_ONLY = ("planks", "parquet", "linoleum", "carpet", "terrazzo", "asphalt", "cobbles", "soil")
WALLS_ONLY = ("plaster", "wallpaper", "brick")
FABRICS = ("leather", "linen", "cotton", "wool", "tweed", "denim", "silk", "velvet", "floral", "plaid", "pinstripe", "sheer")
FEATURES: dict[str, tuple[str, ...]] = {
    "panelling": ("panelling", "paneling", "wood panelling", "wainscot", "wainscoting", "panelled", "paneled", "boiserie"),
        "tile_dado": ("tiled dado", "dado", "splashback", "tiled walls to the waist", "half tiled"),
    "cornice": ("cornice", "moulding", "crown moulding", "stucco ceiling"), "picture_rail": ("picture rail",),
        "beams": ("beam", "exposed beam", "rafter", "timbered"), "columns": ("column", "pillar", "colonnade"),
    "pipes": ("pipe", "pipework", "exposed pipe"), "ducts": ("duct", "ductwork", "air duct"), "ribs": ("rib", "bulkhead"),
        "sloping_roof": ("sloping roof", "pitched roof", "sloped ceiling", "eaves", "mansard", "under the roof"),
    "balconies": ("balcony",), "shopfronts": ("shopfront", "shop window", "storefront"),
}  # fmt: skip
RELATIONS: dict[str, tuple[str, ...]] = {
    "against": ("against", "along", "lined up against", "up against", "lining", "line", "pushed against"),
        "corner": ("in the corner", "in a corner", "in one corner", "corner of the room", "in each corner",
        "in the far corner"),
    "centre": ("in the middle", "in the centre", "in the center", "at the centre", "at the center",
        "in the middle of the room", "centre stage", "in the middle of the floor"),
    "around": ("around", "round", "about", "set around", "surrounded by"), "facing": (
        "facing", "face", "faces", "opposite", "across from",
        "turned to", "looking at", "pulled up to", "drawn up to"),
    "beside": ("beside", "next to", "by", "alongside", "near", "flanking", "at the side of", "close to"),
        "in_front": ("in front of", "before"), "behind": ("behind", "at the back of"),
    "on": ("on", "on top of", "atop", "upon", "stands on", "sits on"), "under": ("under", "underneath", "beneath", "below"),
    "hanging": ("hanging over", "hangs over", "hanging above", "hangs above", "above", "over", "suspended over",
        "suspended above", "hanging from the ceiling", "hangs from the ceiling", "from the ceiling", "hanging", "hung",
        "overhead"),
    "mounted": ("on the wall", "on the walls", "mounted on", "fixed to the wall", "pinned to the wall", "on a wall",
        "hung on the wall", "hanging on the wall"),
}  # fmt: skip
SIDES = {"north": ("north", "back wall", "far wall", "rear wall", "north wall"), "south": ("south", "south wall",
    "near wall"), "east": ("east", "right wall", "right hand wall", "east wall"),
         "west": ("west", "left wall", "left hand wall", "west wall")}  # fmt: skip
NUMBERS: dict[str, int] = {"a": 1, "an": 1, "one": 1, "single": 1, "lone": 1, "two": 2, "pair of": 2, "a pair of": 2,
    "couple of": 2, "a couple of": 2, "twin": 2, "three": 3, "four": 4, "five": 5, "six": 6, "half a dozen": 6, "seven": 7,
                           "eight": 8, "nine": 9, "ten": 10, "dozen": 12, "a dozen": 12, "twelve": 12, "a few": 3, "few": 3,
                               "several": 4, "some": 3, "many": 6, "row of": 4, "a row of": 4, "rows of": 8, "stack of": 3,
                               "a stack of": 3,
                           "stacks of": 5, "pile of": 3, "a pile of": 3, "piles of": 5, "lots of": 8, "set of": 4,
                               "a set of": 4, "twenty": 20, "thirty": 30, "fifteen": 15, "another": 1}  # fmt: skip
NEGATIONS = (
    "no",
    "without",
    "without any",
    "not a",
    "not any",
    "never",
    "nor",
    "lacking",
    "minus",
    "free of",
    "no sign of",
    "not a single",
    "neither",
    "windowless",
)
OPENINGS: dict[str, tuple[str, ...]] = {
    "door": ("door", "doorway"), "double_door": ("double door", "french door", "swing door", "french window"),
        "vault_door": ("vault door", "blast door", "armoured door", "steel door", "airtight door"),
    "window": ("window", "sash window", "casement", "casement window", "picture window", "porthole", "skylight", "dormer",
        "dormer window", "bay window"), "arch": ("arch", "archway", "arched opening"),
    "gate": ("gate", "roller door", "garage door"), "hatch": ("hatch", "hatchway", "trapdoor", "trap door", "airlock"),
}  # fmt: skip
SURFACES: dict[str, tuple[str, ...]] = {
    "walls": ("wall",),
    "floor": ("floor", "flooring", "pavement", "ground"),
    "ceiling": ("ceiling", "roof"),
}
SURFACE_WORDS = {
    "wallpaper": "walls",
    "parquet": "floor",
    "linoleum": "floor",
    "planks": "floor",
    "carpet": "floor",
    "terrazzo": "floor",
    "cobbles": "floor",
    "asphalt": "floor",
}
LIGHT_STATES: dict[str, tuple[str, ...]] = {
    "off": ("switched off", "unlit", "off", "broken", "dead", "extinguished"),
    "on": ("switched on", "lit", "burning", "glowing", "flickering", "on"),
}
GARMENTS: dict[str, tuple[str, ...]] = {
    "dress": ("dress", "frock", "gown", "evening gown", "sundress", "wedding dress", "tea dress"), "skirt": ("skirt",
        "pencil skirt", "pleated skirt"), "shirt": ("shirt", "blouse", "dress shirt", "work shirt"),
    "trousers": ("trousers", "trouser", "slacks", "pants", "jeans", "chinos"), "coat": ("coat", "overcoat", "greatcoat",
        "trench coat", "raincoat", "duffel coat", "lab coat"), "jacket": ("jacket", "blazer", "suit jacket", "dinner jacket",
        "bomber jacket"),
    "waistcoat": ("waistcoat", "vest"), "cape": ("cape", "cloak", "poncho"), "uniform_tunic": ("tunic", "uniform",
        "uniform tunic", "army tunic", "officer's tunic"), "suit": ("suit", "three piece suit", "two piece suit", "tuxedo"),
}  # fmt: skip
PARTS = (
    "duvet", "eiderdown", "bedspread", "coverlet", "counterpane", "bedding", "bed linen", "mattress", "cloth", "tablecloth",
    "upholstery", "seat cushion",
)  # fmt: skip
"""What belongs to the thing before it, and is said of it."""
WEARERS: dict[str, tuple[str, ...]] = {
    "women_40": ("woman", "women", "she", "her", "girl", "lady", "mother", "waitress", "nurse", "bride", "actress", "heroine",
        "widow", "wife", "singer", "hostess"),
    "men_50": ("man", "men", "he", "his", "gentleman", "father", "detective", "soldier", "officer", "waiter", "hero", "groom",
        "husband", "fisherman", "judge", "doctor", "barman", "guard", "boy"),
    "child_128": ("child", "kid", "schoolboy", "schoolgirl", "little girl", "little boy"),
}  # fmt: skip
SHOTS: dict[str, tuple[str, ...]] = {"wide": ("wide shot", "wide view", "establishing shot", "master shot", "wide"),
    "full": ("full shot", "long shot"), "medium": ("medium shot", "mid shot", "medium view"),
                                     "close": ("close up", "closeup", "close shot", "tight shot"), "insert": ("insert",
                                         "insert shot", "detail shot")}  # fmt: skip
STOP_TEXT = """a an the and or of in on at to from for with by as is are was were be been being it its it's this that these
    those     there here has have had do does did will would can could should which who whose whom where when while what how
    some any all each every both one's own same other another such very quite rather too also just only even still so
    than then but yet if into onto up down out off over under through across along around about behind before after
    between among inside outside within upon per via like made make makes stand stands standing sit sits sitting lie
    lies lying hang hangs hanging lean leans leaning rest rests runs run set sets placed place placing line lined
    lining fill fills filled filling seen see sees look looks looking feel feels feeling smell smells left right side
    back front top bottom edge end middle centre center corner part piece bit kind sort type lot lots we us our they
    them their he she him her his i you your my x thing things something everything nothing more most less least much
    many few several little not no nor never plus across against beside near next away apart together half full once
    twice again always often now already ago later early late old new young good nice fine real simple plain long
    short tall high low deep round square flat straight open closed shut heavy light lighted lit thick thin soft hard
    big small large great main single double second first last third style styled period era time day scene int ext
    interior exterior view shot camera lens mm m cm ft metre meter metres meters foot feet inch inches square wide by
    high tall wooden-like dressed furnished decorated lit lighting light shadow shadows colour colours color colors
    tone tones palette shade shades hue covered clad upholstered painted coated trimmed finished topped framed facing
    faces opposite give gives given come comes coming fall falls falling let lets go goes going get gets keep keeps
    kept hold holds holding show shows showing take takes taken put puts use used someone somebody people person man's
    woman's room's been's its' wears wearing wear dressed worn's somewhere everywhere almost nearly maybe perhaps
    probably about roughly approximately circa ca c mostly mainly partly slightly well another's ones want wants need
    needs should please imagine picture think stacked bolted screwed scattered strewn piled heaped gathered"""
STOP = frozenset(STOP_TEXT.split())


def lexicon(kinds: Sequence[KindWords]) -> Lexicon:
    """Everything that the reader knows, the library's kinds with it. Earlier senses of a phrase come first."""
    made = Lexicon()
    for sort, table in (
        ("relation", RELATIONS), ("opening", OPENINGS), ("feature", FEATURES), ("surface", SURFACES), ("side", SIDES),
            ("weather", WEATHER), ("mood", MOODS), ("wear", WEAR),
        ("dressing", DRESSING), ("size", SIZES), ("height", HEIGHTS), ("style", STYLES), ("garment", GARMENTS), ("wearer",
            WEARERS), ("light", LIGHT_STATES), ("shot", SHOTS),
    ):  # fmt: skip
        for value, phrases in table.items():
            made.add(sort, value, phrases)
    made.add("kind", "curtain", ("curtain", "net curtain"))  # of windows: openings have them
    for kind in kinds:
        made.add("kind", kind.name, (kind.name, *kind.synonyms))
    for value, phrases in MATERIALS.items():
        made.add("material", value, phrases)
    for name in COLOURS:
        made.add("colour", name, (name, f"{name} coloured"))
    made.add("colour", "grey", ("gray",))
    for place in all_places():
        made.add("place", place.name, place.words)
    for words, _ in ERAS.items():
        made.add("era", words, (words,))
    for words in DECADES:
        made.add("era", words, (words,))
    for sort, names in (("time", TIMES), ("season", SEASONS), ("city", CITIES), ("number", NUMBERS)):
        for name in names:
            made.add(sort, name, (name,))
    made.add("part", "cover", PARTS)
    made.add("negation", "no", NEGATIONS)
    made.add(
        "join",
        "in",
        (
            "in",
            "of",
            "is",
            "are",
            "painted in",
            "painted",
            "covered in",
            "covered with",
            "clad in",
            "clad with",
            "upholstered in",
            "made of",
            "finished in",
            "lined with",
            "done in",
            "tiled in",
        ),
    )
    made.add("with", "with", ("with", "holding", "carrying", "on it", "on top"))
    return made
