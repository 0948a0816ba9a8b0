"""The small grammar of a set description: which colour belongs to which noun, what stands on, around or against what.

Place in the flow: :mod:`.previs_scan` -> here -> :mod:`.previs_compose`. English as designers write it: "six worn oak chairs
around a long table", "on the desk a typewriter", "walls in sage, no windows". It invents nothing: :class:`.Mentions` has what
the text says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from setpiece.core.set_spec import Relation
from setpiece.intake.previs_colours import COLOURS
from setpiece.intake.previs_said import Mention, Mentions
from setpiece.intake.previs_scan import Seen
from setpiece.intake.previs_vocabulary import DRESSING, FLOORS_ONLY, NUMBERS, SURFACE_WORDS

_GLOBAL = ("weather", "mood", "time", "season", "city", "height", "era", "year", "decade", "clock", "scene", "shot", "lens")
_WHOLE = ("rug", "carpet")


@dataclass(kw_only=True)
class _Pending:
    """What was said of a noun that has not come yet."""

    colours: list[str] = field(default_factory=list)
    material: str | None = None
    count: int | None = None
    style: str | None = None
    scale: float | None = None
    wear: float | None = None
    lit: bool | None = None
    words: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.words or self.count)


class _Reader:
    """State of the reading, from word to word."""

    def __init__(self, small: frozenset[str]) -> None:
        self.small = small
        self.found = Mentions()
        self.pending = _Pending()
        self.last: Mention | None = None
        self.subjects: list[Mention] = []
        self.relation: tuple[Relation, bool] | None = None
        self.fronted: tuple[Relation, Mention] | None = None
        self.negated = False
        self.joined = False
        self.carries: Mention | None = None
        self.started = True
        self.named = False
        self.elsewhere = False
        self.waiting: list[Mention] = []

    def read(self, seen: Sequence[Seen]) -> Mentions:
        """All of it."""
        self.elsewhere = any(item.of("place") and item.of("kind") is None for item in seen)
        for number, item in enumerate(seen):
            self._one(item, seen[number + 1] if number + 1 < len(seen) else None)
        self._boundary(sentence=True)
        return self.found

    def _one(self, item: Seen, following: Seen | None) -> None:
        if item.mark:
            self._boundary(sentence=item.words[0].plain not in ",")
            return
        if not item.senses:
            if item.words[0].plain == "but":
                self.negated = False
            elif item.words[0].plain == "each" and self.last is not None and self.last.target is not None:
                self.last.each = True
            elif not item.link:
                if self.pending.count is not None and not self.joined:
                    self.pending = _Pending()  # "a wooden" something that is not known: it is of that
                self._flush()
                self.last = None
            return
        self._by_sense(item, following)
        self.started = False

    def _by_sense(self, item: Seen, following: Seen | None) -> None:
        for sort in ("negation", "join", "with", "part"):
            if item.of(sort) is not None and not (item.of("relation") and sort == "with"):
                getattr(self, f"_{sort}")(item)
                return
        if self._modifier(item, following):
            return
        if item.of("relation") is not None and item.of("kind") is None:
            self._relate(item)
            return
        place = item.of("place")
        is_thing = item.of("kind") is not None
        if place is not None and not (is_thing and (self.elsewhere or self.found.fact("place") or self.subjects)):
            self._place(item, place)
            return
        if (kind := item.of("kind")) is not None:
            self._noun(Mention(sort="kind", value=kind, words=item.text, plural=item.plural))
            return
        for sort in ("opening", "surface", "garment"):
            if (value := item.of(sort)) is not None:
                self._noun(Mention(sort=sort, value=value, words=item.text, plural=item.plural))
                return
        self._fact(item)

    # -- links -------------------------------------------------------------------------------------------------------------

    def _negation(self, item: Seen) -> None:
        self._flush()
        if item.words[0].text.lower() == "windowless":
            self._absent("opening", "window", item.text)
            return
        self.negated = True

    def _join(self, item: Seen) -> None:
        word = item.text.lower()
        if word in ("in", "of", "is", "are") and self.last is None:
            return
        if word in ("is", "are") and self.last is not None and self.last.sort != "surface":
            return
        if word == "of" and self.pending.count is not None and not self.pending.words:
            return  # one of them
        self._flush()
        self.joined = self.last is not None

    def _with(self, item: Seen) -> None:
        self._flush()
        self.carries = self.last

    def _boundary(self, *, sentence: bool) -> None:
        self._flush()
        self.joined = self.negated = False
        self.carries = self.relation = None
        self.waiting += [item for item in self.subjects if item.relation is None]
        self.subjects = []
        if sentence:
            self.fronted = self.last = None
            self.waiting = []
            self.started, self.named = True, False

    def _flush(self) -> None:
        """What was said of no noun yet belongs to the one before ("walls in sage"), or to the whole."""
        if self.joined and self.last is not None and not self.pending.empty:
            self._apply(self.last)
        elif self.pending.colours:
            self.found.colours += self.pending.colours
            self.found.told.append((" ".join(self.pending.words), "colours of the set"))
        elif self.pending.wear is not None:
            self.found.facts.setdefault("wear", []).append(str(self.pending.wear))
            self.found.told.append((" ".join(self.pending.words), f"wear {self.pending.wear:g} of the whole set"))
        elif self.pending.material is not None and self.last is not None and self.last.material is None and not self.started:
            self._apply(self.last)
        elif self.pending.scale is not None:
            self.found.facts.setdefault("scale", []).append(str(self.pending.scale))
        self.pending = _Pending()
        self.joined = False

    # -- what is said of nouns ---------------------------------------------------------------------------------------------

    def _modifier(self, item: Seen, following: Seen | None) -> bool:
        """Take in what describes a noun; False where this is a noun or a fact of the whole."""
        noun = item.of("kind") or item.of("opening") or item.of("garment") or item.of("surface")
        material = item.of("material")
        describes = following is not None and any(
            following.of(sort) for sort in ("kind", "surface", "garment", "opening", "material")
        )
        if material is not None and (noun is None or describes) and not (noun and item.plural):
            if not describes and material in SURFACE_WORDS and not self.joined:
                self._surface_word(item, material)
                return True
            self.pending.material = self.pending.material or material
        elif item.of("colour") is not None and noun is None:
            self.pending.colours.append(COLOURS[str(item.of("colour"))])
        elif item.of("hex") is not None:
            self.pending.colours.append(str(item.of("hex")))
        elif item.of("number") is not None and noun is None:
            return self._number(NUMBERS[str(item.of("number"))])
        elif item.of("style") is not None and noun is None:
            self.pending.style = item.of("style")
            self.found.facts.setdefault("style", []).append(str(item.of("style")))
        elif item.of("size") is not None:
            self.pending.scale = float(str(item.of("size")))
        elif item.of("wear") is not None and noun is None:
            self.pending.wear = float(str(item.of("wear")))
        elif item.of("dressing") is not None and describes:
            pass
        elif item.of("light") is not None and noun is None and self._state(item, following):
            return True
        elif item.of("dims") is not None or item.of("length") is not None:
            self._measure(item)
            return True
        else:
            return False
        self.pending.words.append(item.text)
        return True

    def _number(self, count: int) -> bool:
        """A number or an article: a new noun begins ("walls in sage and a tiled floor")."""
        if self.joined and self.pending.words:
            self._flush()
        self.pending.count = max(self.pending.count or 0, count)
        return True

    def _state(self, item: Seen, following: Seen | None) -> bool:
        """Switched on or off: a lamp's state, where there is a lamp to have one."""
        if item.text.lower() == "on" and item.of("relation") is not None:
            return False
        if self.pending.count is not None and following is not None and not following.mark:
            return True  # "a broken" something: of what follows
        if self.last is not None and self.last.sort == "kind":
            if self.pending.count is not None and item.of("light") == "off":
                self.last.dark = self.pending.count
                self.pending = _Pending()
            else:
                self.last.lit = item.of("light") == "on"
            self.found.told.append((item.text, f"{self.last.value} is switched {item.of('light')}"))
        return True

    def _surface_word(self, item: Seen, material: str) -> None:
        """Floorboards, wallpaper: a surface by its material alone."""
        self._noun(Mention(sort="surface", value=SURFACE_WORDS[material], words=item.text, material=material))

    def _measure(self, item: Seen) -> None:
        dims, length = item.of("dims"), item.of("length")
        last = self.last
        if dims is not None:
            sizes = tuple(float(part) for part in dims.split(";"))
            if last is not None and last.sort == "kind" and not self.started and self.found.fact("dims") is not None:
                last.size_m = sizes
                self.found.told.append((item.text, f"size of {last.value}"))
            else:
                self._keep("dims", dims, item.text, "size of the set")
            return
        value, _, which = str(length).partition(";")
        if which in ("high", "tall") or "ceiling" in which or (last is not None and last.value == "ceiling"):
            if last is not None and last.sort == "kind" and not which.startswith("ceiling"):
                return
            self._keep("room_height", value, item.text, f"{value} m high")
        elif which in ("wide", "broad", "long"):
            self._keep("room_width", value, item.text, f"{value} m wide")
        elif which == "deep":
            self._keep("room_depth", value, item.text, f"{value} m deep")

    def _apply(self, noun: Mention) -> None:
        """Give a noun what was said of it."""
        said = self.pending
        noun.colours += said.colours
        noun.material = noun.material or said.material
        noun.style, noun.scale = noun.style or said.style, noun.scale or said.scale
        noun.wear = said.wear if noun.wear is None else noun.wear
        noun.count = said.count if noun.count is None else noun.count
        noun.words = " ".join([*said.words, noun.words]) if not self.joined else f"{noun.words} {' '.join(said.words)}".strip()
        self.pending = _Pending()

    def _part(self, item: Seen) -> None:
        """The cover of a bed, the cloth of a table: what is said of it is said of them."""
        whole = self.carries or self.last
        if whole is not None and not self.pending.empty:
            self.pending.count = None
            self.pending.words.append(item.text)
            self._apply(whole)
        self.pending = _Pending()

    # -- nouns -------------------------------------------------------------------------------------------------------------

    def _noun(self, noun: Mention) -> None:
        if self.joined and not self.pending.empty and self.pending.count is None and noun.sort != "kind":
            self._flush()
        self.joined = False
        noun.fresh = self.pending.count is not None
        self._apply(noun)
        if self.negated:
            self._absent(noun.sort, noun.value, noun.words)
            return
        if noun.sort == "surface":
            self._surface(noun)
            return
        if noun.sort == "garment":
            noun.who = len(self.found.wearers) - 1
            self.found.things.append(noun)
            self.last = noun
            return
        noun = self._known(noun)
        self._place_by_words(noun)
        self.last = noun

    def _known(self, noun: Mention) -> Mention:
        """The same thing where the text comes back to it; "a" or a number makes another one where it is said to differ."""
        for other in self.found.things:
            same = (other.sort, other.value) == (noun.sort, noun.value)
            differs = bool(noun.colours and other.colours and noun.colours != other.colours)
            general = other.sort == noun.sort == "kind" and other.value.endswith(f"_{noun.value}") and not noun.fresh
            if (same or general) and not (noun.fresh and (differs or noun.sort == "opening")):
                other.colours = other.colours or noun.colours
                other.material = other.material or noun.material
                other.style, other.scale = other.style or noun.style, other.scale or noun.scale
                other.count = other.count if noun.count is None or other.count is not None else noun.count
                other.plural = other.plural or noun.plural
                return other
        self.found.things.append(noun)
        return noun

    def _place_by_words(self, noun: Mention) -> None:
        """Settle who stands how to whom."""
        if self.relation is not None:
            relation, _ = self.relation
            self.relation = None
            if noun.value in _WHOLE and relation in (Relation.ON, Relation.AROUND):
                noun.relation, noun.target = Relation.UNDER, self._ground()
                self.subjects = []
            elif self.subjects:
                for subject in self.subjects:
                    carried = subject.target is not None  # "a table with four chairs by the window": the table is
                    if subject is not noun and subject.relation is None and not carried:
                        self._settle(subject, relation, noun)
                self.subjects = []
            elif not self.named:
                self.fronted = (relation, noun)
            else:
                self.subjects.append(noun)
            self.named = True
            return
        self.named = True
        if self.fronted is not None and noun is not self.fronted[1]:
            self._settle(noun, *self.fronted)
        elif self.carries is not None and noun is not self.carries and noun.sort == "kind" and self.carries.sort == "kind":
            noun.target = noun.target or self.carries
        self.subjects.append(noun)

    def _ground(self) -> Mention | None:
        """What stands on the rug that comes now: the table of the group, else who was named before."""
        subject = self.subjects[-1] if self.subjects else self.last
        return subject.target if subject is not None and subject.target is not None else subject

    def _settle(self, subject: Mention, relation: Relation, target: Mention) -> None:
        if subject.sort != "kind" or target is subject or _chain(target, subject):
            return
        if target.sort == "opening":
            subject.relation, subject.side = Relation.AGAINST, target.side or f"opening:{target.value}"
        elif target.sort == "kind":
            subject.relation, subject.target = relation, target
        self.found.told.append((subject.words, f"{subject.value} {relation.value} {target.value}"))

    def _relate(self, item: Seen) -> None:
        """A word of place: it waits for its target, or needs none."""
        self._flush()
        relation = Relation(str(item.of("relation")))
        if self.negated:
            return
        alone = relation in (Relation.CORNER, Relation.CENTRE, Relation.MOUNTED) or "ceiling" in item.text.lower()
        if alone:
            for subject in self.subjects:
                if subject.relation is None and subject.sort == "kind" and subject.target is None:
                    subject.relation = relation
                    self.found.told.append((item.text, f"{subject.value} {relation.value}"))
            return
        if not self.subjects and self.named and self.last is not None and self.last.sort == "kind":
            self.subjects = [self.last]
        if relation is Relation.ON:
            loose = [item for item in self.waiting if item.value in self.small and item.target is None]
            self.subjects += [item for item in loose if item not in self.subjects]
        self.relation = (relation, True)

    def _surface(self, noun: Mention) -> None:
        if self.relation is not None and noun.value == "walls":
            relation, _ = self.relation
            self.relation = None
            for subject in self.subjects:
                subject.relation = subject.relation or (Relation.MOUNTED if relation is Relation.ON else Relation.AGAINST)
            self.subjects = []
            if noun.material is None and not noun.colours:
                return
        if self.relation is not None:
            self.relation = None
            if noun.material is None and not noun.colours:
                return
        self.found.things.append(noun)
        self.last = noun

    def _absent(self, sort: str, value: str, words: str) -> None:
        if sort == "surface":
            self.found.refused.append(f"no {words}")
            return
        self.found.absent.append((sort, value))
        self.found.told.append((f"no {words}", f"no {value}"))

    # -- facts of the whole ------------------------------------------------------------------------------------------------

    def _place(self, item: Seen, place: str) -> None:
        self._whole()
        if self.found.fact("place") in (None, "room"):
            self.found.told = [one for one in self.found.told if one[1] != "place: room"]
            self._keep("place", place, item.text, f"place: {place}")
        self.last = None

    def _whole(self) -> None:
        """Descriptions before the place itself ("a cramped, derelict bunker") are of the whole."""
        said = self.pending
        if said.wear is not None:
            self._keep("wear", str(said.wear), " ".join(said.words), f"wear {said.wear:g}")
        if said.scale is not None:
            self._keep("scale", str(said.scale), " ".join(said.words), f"{said.scale:g} of its usual size")
        if said.material is not None:
            self.found.things.append(
                Mention(sort="surface", value="floor" if said.material in FLOORS_ONLY else "walls", words=" ".join(said.words),
                        material=said.material, colours=list(said.colours))
            )  # fmt: skip
        elif said.colours:
            self.found.colours += said.colours
            self.found.told.append((" ".join(said.words), "colours of the set"))
        self.pending = _Pending()

    def _fact(self, item: Seen) -> None:
        side = item.of("side")
        if side is not None:
            self._side(side)
            return
        if (feature := item.of("feature")) is not None:
            if self.negated:
                self._absent("feature", feature, item.text)
                return
            self.found.features.append(feature)
            self.found.told.append((item.text, f"feature: {feature}"))
            self.pending = _Pending() if not self.pending.colours else self.pending
            return
        if (who := item.of("wearer")) is not None:
            self.found.wearers.append((who, item.text))
            return
        if (dressing := item.of("dressing")) is not None and dressing in DRESSING:
            self._keep("dressing", dressing, item.text, f"dressing {dressing}")
            return
        for sort in _GLOBAL:
            value = item.of(sort)
            if value is not None:
                if self.negated:
                    self.found.absent.append((sort, value))
                    return
                self._keep(sort, value, item.text, f"{sort}: {value}")
        if (size := item.of("bodysize")) is not None and self.found.wearers:
            who, words = self.found.wearers[-1]
            self.found.wearers[-1] = (f"{who.split('_')[0]}_{size}", words)

    def _side(self, side: str) -> None:
        """A wall by its side: where things stand, or where an opening is."""
        relation = self.relation[0] if self.relation is not None else None
        self.relation = None
        if not self.subjects and relation is not None:
            self.fronted = None
            return
        for subject in self.subjects:
            if subject.side is None:
                subject.side = side
                if subject.sort == "kind" and subject.relation is None:
                    subject.relation = Relation.MOUNTED if relation in (Relation.ON, Relation.MOUNTED) else Relation.AGAINST
                self.found.told.append((subject.words, f"{subject.value}: {side} wall"))
        self.subjects = []

    def _keep(self, sort: str, value: str, words: str, meaning: str) -> None:
        self.found.facts.setdefault(sort, []).append(value)
        self.found.told.append((words, meaning))


def mentions_of(seen: Sequence[Seen], small: frozenset[str] = frozenset()) -> Mentions:
    """What the text says, sorted by what it is about; ``small`` are kinds that stand on others."""
    return _Reader(small).read(seen)


def _chain(target: Mention, subject: Mention) -> bool:
    """Whether the target already hangs on the subject."""
    step: Mention | None = target
    while step is not None:
        if step is subject:
            return True
        step = step.target
    return False
