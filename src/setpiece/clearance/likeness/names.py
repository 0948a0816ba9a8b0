"""Names of registered performers in prompts: found in other letters, other orders and other spellings.

Place in the flow: before a prompt reaches an engine. An exact name, whatever its diacritics, case, order or spacing, is
``matched`` (consent is then required); a near spelling, a family name alone or an initial with it is ``unsure`` and a
person looks. Words that everybody uses are no near spelling of anybody. What this does not do: recognise a person who is
described and not named. Nicknames must stand in the register as aliases.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from setpiece.clearance.records import Performer
from setpiece.clearance.use import LikenessMatch
from setpiece.core.errors import DependencyMissing

# Letters that do not come apart into a base and an accent.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
# Cyrillic and Greek letters that look like Latin ones: only used in words that mix scripts with Latin or consist of them.
_LOOKALIKES = str.maketrans("авекмнорстухіјѕԁοαεικντυρ", "abekmhopctyxijsdoaeikvtup")
_DIGITS = str.maketrans("013457", "oleast")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
# Words of prompts and of everyday English that a near spelling must not be taken for.
_COMMON_WORDS = """
a about above across after again against all along also always among an and angle another any are area around art as
at away back background bad bank banks be beach bear beautiful because bed been before behind being below beside best
better between beyond big bird black blue body book both bottom box boy bridge bright bring brown build building built
burn burning burns but by call camera can candle car castle cat center chain chair chance change church cinematic city
clay clean clear close cloud clouds coat cold collapse color colour come cool could cover crack cracks crash cross
crowd dark dawn day deep detail detailed do dog done door down dramatic dress drop dry dust each early earth east edge
end even evening ever every eye eyes face fall falling falls far fast field figure film final find fire first flag
flat floor flower fly focus fog follow for forest forward frame free from front full garden gate girl give glass go
gold golden good grain grand grass gray great green grey ground group grow hair half hall hand hands harbour hard
harvest have he head heart heavy her here high hill him his hold hole home horse hot hour house how huge human ice if
image in inside into iron is it its just keep key kind king knight lake lamp land large last late leaf left lens less
let light like line lines little long look looking lot low made main make man many march mark market mask master may
men metal middle might mill mist model moment moon more morning most mountain move movie much must near new next night
no north not now ocean of off old on once one only open or orange other our out over own page paint painting pale palm
part past people person photo picture piece pink phoenix place plane plate play point portrait power prince queen rain real
red rest rich right ring rise river road rock roof room rose round ruin ruins run sand say scene sea season see shadow
sharp she ship shop shot should show side silver simple sky slow small smile smith smoke snow so soft some soon south
space spring square stand standing star start steel step steps still stone stop storm street strong style summer sun
sunset sure table take tall tell than that the their them then there these they thick thin thing things think this
those through time to together tone top tower town tree trees turn turner two under until up upon use very view
village wait walk walking wall war warm was watch water wave waves way we wear wearing weather well were west what
wheel when where which while white who wide wild will wind window winter with within without woman women wood wooden
word work world would yellow yes yet you young
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """One way to name a performer: its words as they are compared."""

    performer: str
    words: tuple[str, ...]
    text: str  # as the register has it

    @property
    def joined(self) -> str:
        return "".join(self.words)


def folded(text: str) -> str:
    """``text`` as names are compared: no case, no accents, no invisible characters, Latin for what looks like it.

    >>> folded("Zoë ŁUKASZ"), folded("Тоm")
    ('zoe lukasz', 'tom')
    """
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).translate(_LETTERS)
    return re.sub(r"\w+", lambda word: _latin(word[0]), text)


def names_in(prompt: str, performers: Iterable[Performer], *, where: str = "prompt") -> tuple[LikenessMatch, ...]:
    """Every registered performer whom ``prompt`` may name, in the register's order, one match each, the surest.

    Raises :class:`DependencyMissing` without rapidfuzz: an unchecked prompt is no clear one.
    """
    distance = _distance()
    words, plain = _words(prompt), folded(prompt)
    found = []
    for performer in performers:
        names = [_name(performer, text) for text in (performer.name, *performer.aliases) if text.strip()]
        hits = [hit for name in names for hit in _hits(name, words, plain, distance)]
        if hits:
            score, seen, name = max(hits, key=lambda hit: hit[0])
            found.append(
                LikenessMatch(
                    where=where,
                    what="name",
                    status="matched" if score == 1 else "unsure",
                    performer=performer.id,
                    score=round(score, 3),
                    detail=f"'{seen}' {'is' if score == 1 else 'may be'} '{name.text}'",
                )
            )
    return tuple(found)


Hit = tuple[float, str, _Name]


def _hits(name: _Name, words: Sequence[str], plain: str, distance: Any) -> Iterator[Hit]:
    if not name.words:
        return
    if not name.joined.isascii():  # scripts that set no spaces between words
        if name.joined in plain.replace(" ", ""):
            yield 1.0, name.text, name
        return
    if len(name.words) == 1:
        yield from _single(name, words, distance)
    else:
        yield from _several(name, words, distance)


def _single(name: _Name, words: Sequence[str], distance: Any) -> Iterator[Hit]:
    (wanted,) = name.words
    for word in words:
        if word == wanted:
            # A stage name that is an everyday word may just be the word: a person looks.
            yield (0.9 if wanted in _COMMON else 1.0), word, name
        elif word not in _COMMON and wanted not in _COMMON and len(wanted) >= 6:
            yield from _near(word, wanted, name, distance)


def _several(name: _Name, words: Sequence[str], distance: Any) -> Iterator[Hit]:
    count, family = len(name.words), name.words[-1]
    allowed = _allowed(len(name.joined))
    for size in range(1, count + 2):
        for window, joined, everyday in _windows(tuple(words), size):
            if abs(len(joined) - len(name.joined)) > allowed and size <= count:
                continue
            seen = " ".join(window)
            if joined == name.joined or sorted(window) == sorted(name.words):
                yield 1.0, seen, name
            elif size >= count and window[0] == name.words[0] and window[-1] == family:
                yield 0.95, seen, name  # a middle name between
            elif not everyday and (size != 1 or len(joined) >= 8):
                yield from _near(joined, name.joined, name, distance, seen=seen)
    for first, second in itertools.pairwise(words):
        if second == family and len(first) == 1 and first == name.words[0][0]:
            yield 0.8, f"{first} {second}", name
    if len(family) >= 5 and not set(name.words) & _COMMON and family in words:
        yield 0.7, family, name


@lru_cache(maxsize=16)
def _windows(words: tuple[str, ...], size: int) -> tuple[tuple[tuple[str, ...], str, bool], ...]:
    """Every run of ``size`` words: the words, joined, and whether all of them are everyday words."""
    runs = [words[start : start + size] for start in range(len(words) - size + 1)]
    return tuple((run, "".join(run), set(run) <= _COMMON) for run in runs)


def _near(word: str, wanted: str, name: _Name, distance: Any, *, seen: str = "") -> Iterator[Hit]:
    """A hit where the two differ by no more letters than their length forgives."""
    allowed = _allowed(len(wanted))
    if allowed and abs(len(word) - len(wanted)) <= allowed:
        edits = distance(word, wanted, score_cutoff=allowed)
        first = word[0] == wanted[0] or len(wanted) >= 12 or (edits == 1 and len(wanted) >= 8)
        if edits <= allowed and first:
            yield 0.99 - edits / max(len(word), len(wanted)), seen or word, name


def _allowed(length: int) -> int:
    """Letters that may be wrong in a name of that length: none in short ones, which are near to everything."""
    return 0 if length < 6 else 1 if length < 9 else 2 if length < 14 else 3


def _name(performer: Performer, text: str) -> _Name:
    words = [word for word in _words(text) if word not in _SUFFIXES]
    return _Name(performer=performer.id, words=tuple(words), text=text)


def _words(text: str) -> list[str]:
    """The words of ``text`` as compared; possessives lose their s, single letters in a row become one word."""
    words = []
    for match in _WORD.finditer(folded(text)):
        word = match[0].replace("’", "'")
        word = word.removesuffix("'s").replace("'", "")
        words.append(word.translate(_DIGITS) if not word.isdecimal() else word)
    return _spelled_out(words)


def _spelled_out(words: Sequence[str]) -> list[str]:
    """``t o m`` as ``tom``: three single letters or more are a word spelled out."""
    made: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1:
            run.append(word)
            continue
        made += ["".join(run)] if len(run) >= 3 else run
        run = []
        if word:
            made.append(word)
    return made


def _latin(word: str) -> str:
    """``word`` in Latin letters where it becomes wholly Latin by that, else as it was."""
    changed = word.translate(_LOOKALIKES)
    return changed if changed.isascii() else word


def _distance() -> Any:
    try:
        from rapidfuzz.distance import OSA
    except ImportError as error:
        raise DependencyMissing(
            "rapidfuzz is not installed: misspelled names in prompts would pass", remedy="pip install rapidfuzz"
        ) from error
    return OSA.distance
