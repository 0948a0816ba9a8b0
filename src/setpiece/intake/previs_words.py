"""Text as words with their places, and the lexicon that knows phrases of them: the reader's eyes.

Place in the flow: under :mod:`.previs_reader`. It knows no furniture: whoever builds a :class:`Lexicon` does. A word is
compared
in a plain form (lower case, no accents, singular), so that "Armchairs" and "armchair" are one.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

_WORD = re.compile(r"\d+(?:[.,]\d+)?|[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?|[.;:!?\n,]|[x×%\"'′″]")
_IRREGULAR = {
    "shelves": "shelf", "knives": "knife", "loaves": "loaf", "leaves": "leaf", "glasses": "glass", "buses": "bus",
        "men": "man", "women": "woman",
    "children": "child", "feet": "foot", "trousers": "trousers", "jeans": "jeans", "clothes": "clothes",
        "chambers": "chamber", "stairs": "stairs",
    "dishes": "dish", "boxes": "box", "benches": "bench", "couches": "couch", "torches": "torch", "matches": "match",
        "curtains": "curtain",
    "drapes": "drape", "toys": "toy", "trolleys": "trolley", "canvases": "canvas", "gases": "gas", "canopies": "canopy",
        "series": "series",
    "brass": "brass", "glass": "glass", "canvas": "canvas", "gas": "gas", "moss": "moss", "dress": "dress",
        "windowless": "windowless",
    "less": "less", "address": "address", "cross": "cross", "press": "press", "harness": "harness", "mattress": "mattress",
        "terrace": "terrace",
    "terrazzo": "terrazzo", "always": "always", "is": "is", "was": "was", "has": "has", "its": "its", "this": "this",
        "as": "as", "us": "us",
    "news": "news", "bus": "bus", "plus": "plus", "status": "status", "walls": "wall", "darts": "darts", "mess": "mess",
        "chess": "chess",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word or mark of the text: as written, its plain form, where it begins and ends, whether it was a plural."""

    text: str
    plain: str
    start: int
    end: int
    plural: bool = False

    @property
    def is_mark(self) -> bool:
        """A mark of punctuation."""
        return self.plain in ".;:!?\n,"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """What a phrase means: a sort of thing (``kind``, ``colour``, ``place``…) and which."""

    sort: str
    value: str


def plain(word: str) -> str:
    """The form in which a word is compared.

    >>> plain("Armchairs"), plain("café's"), plain("bookshelves")
    ('armchair', 'cafe', 'bookshelf')
    """
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(letter))
    bare = re.sub(r"['’]s?$", "", bare).replace("’", "'")
    return _singular(bare)


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, singular in _IRREGULAR.items():
        if len(word) > len(ending) >= 6 and word.endswith(ending) and singular != ending:
            return word[: -len(ending)] + singular
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and re.search(r"(ss|sh|ch|x|zz)es$", word):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def words_of(text: str) -> tuple[Word, ...]:
    """The words and marks of a text. Hyphens part words, apostrophes belong to them."""
    found = []
    for match in _WORD.finditer(text):
        raw = match[0]
        simple = plain(raw) if raw[0].isalpha() else raw
        lowered = re.sub(r"['’]s?$", "", raw.lower())
        found.append(
            Word(text=raw, plain=simple, start=match.start(), end=match.end(), plural=lowered != simple and raw[0].isalpha())
        )
    return tuple(found)


@dataclass(kw_only=True)
class Lexicon:
    """Phrases and their senses. A phrase may have several senses: the reader chooses by what stands about it."""

    senses: dict[tuple[str, ...], tuple[Sense, ...]] = field(default_factory=dict)
    longest: int = 1

    def add(self, sort: str, value: str, phrases: Iterable[str]) -> None:
        """Teach it phrases of one sense; the first to come keeps the phrase first."""
        for phrase in phrases:
            key = tuple(word.plain for word in words_of(phrase.replace("_", " ")) if not word.is_mark)
            if not key:
                continue
            known = self.senses.get(key, ())
            sense = Sense(sort=sort, value=value)
            if sense not in known:
                self.senses[key] = (*known, sense)
            self.longest = max(self.longest, len(key))

    def at(self, words: tuple[Word, ...], begin: int) -> tuple[int, tuple[Sense, ...]]:
        """The longest phrase that begins at a word: how many words, and its senses; (0, ()) where none does."""
        for count in range(min(self.longest, len(words) - begin), 0, -1):
            key = tuple(word.plain for word in words[begin : begin + count])
            if key in self.senses:
                return count, self.senses[key]
        return 0, ()

    def near(self, word: str) -> str | None:
        """The known word that a typo may have meant; None where nothing is near."""
        if len(word) < 4:
            return None
        singles = [key[0] for key in self.senses if len(key) == 1 and abs(len(key[0]) - len(word)) <= 2]
        found = difflib.get_close_matches(plain(word), singles, n=1, cutoff=0.78)
        return found[0] if found else None
