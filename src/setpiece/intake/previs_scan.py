"""From text to what its words mean, one by one: measures, years, hours and lenses by their form, all else by the lexicon.

Place in the flow: first step of :mod:`.previs_reader`. It decides nothing that needs more than a phrase; what has no meaning
here is told by :func:`unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from setpiece.intake.previs_vocabulary import STOP
from setpiece.intake.previs_words import Lexicon, Sense, Word, plain, words_of

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_UNIT = r"(m\b|metres?\b|meters?\b|cm\b|ft\b|feet\b|foot\b|['’′](?!\w))"
_BY = r"\s*(?:x|×|by)\s*"
_FORMS: tuple[tuple[str, str], ...] = (
    ("dims", rf"{_NUMBER}\s*{_UNIT}?{_BY}{_NUMBER}\s*{_UNIT}?(?:{_BY}{_NUMBER}\s*{_UNIT}?)?"),
    ("length", rf"{_NUMBER}[\s-]*{_UNIT}[\s-]*(high|tall|wide|broad|deep|long|ceilings?|square)?"),
    ("lens", r"(\d{2,3})\s*-?\s*mm(?:\s+lens)?"),
    ("clock", r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.|o['’]clock)"),
    ("clock", r"\b(\d{1,2}):(\d{2})\b()"),
    ("spoken", r"\b(half|quarter) (past|to) (\w+)(?:\s+(?:in the|at)\s+(morning|afternoon|evening|night))?"),
    ("year", r"\b(1\d{3}|20\d{2}|2[1-9]\d{2})(?:['’]?s)?\b"),
    ("decade", r"(?<!\w)['’]?([2-9]0)['’]?s\b"),
    ("hex", r"#([0-9a-fA-F]{6})\b"),
    ("scene", r"\b[Ss]cenes?\s+(\d+[A-Za-z]?(?:\s*(?:,|and|&)\s*\d+[A-Za-z]?)*)"),
    ("bodysize", r"\bsize\s+(\d{2,3})\b"),
)
_TO_METRES = {"cm": 0.01, "ft": 0.3048, "feet": 0.3048, "foot": 0.3048, "'": 0.3048, "’": 0.3048, "′": 0.3048}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Some words of the text and every sense that they can have; none: not understood, or a mere link."""

    words: tuple[Word, ...]
    senses: tuple[Sense, ...] = ()
    link: bool = False

    @property
    def text(self) -> str:
        """As written."""
        return " ".join(word.text for word in self.words)

    @property
    def plural(self) -> bool:
        """Whether more than one is meant."""
        return self.words[-1].plural

    @property
    def mark(self) -> bool:
        """A mark of punctuation."""
        return self.words[0].is_mark

    def of(self, sort: str) -> str | None:
        """Its value in a sense of that sort."""
        return next((sense.value for sense in self.senses if sense.sort == sort), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Words that nobody understood, and the known word that may have been meant."""

    words: str
    suggestion: str | None = None


def scanned(text: str, lexicon: Lexicon) -> tuple[Seen, ...]:
    """The text from left to right; the longest phrase is taken first."""
    spans = _measures(text)
    words = words_of(text)
    found: list[Seen] = []
    index = 0
    while index < len(words):
        word = words[index]
        span = next(((start, end, sense) for start, end, sense in spans if start <= word.start < end), None)
        if span is not None:
            inside = tuple(other for other in words[index:] if other.start < span[1])
            found.append(Seen(words=inside, senses=(span[2],)))
            index += len(inside)
            continue
        count, senses = lexicon.at(words, index)
        if count:
            found.append(Seen(words=words[index : index + count], senses=senses))
        else:
            bare = word.text.lower()
            found.append(Seen(words=(word,), link=bare in STOP or word.plain in STOP or bare.isdigit()))
        index += max(count, 1)
    return tuple(found)


def unknown(seen: Sequence[Seen], lexicon: Lexicon) -> tuple[Unknown, ...]:
    """Runs of words without a meaning, in their order, each with what it may have meant."""
    found: list[list[Word]] = []
    last = -9
    for index, item in enumerate(seen):
        if item.senses or item.link or item.mark or not item.words[0].text[0].isalpha():
            continue
        if index == last + 1 and found:
            found[-1].extend(item.words)
        else:
            found.append(list(item.words))
        last = index
    told = []
    for run in found:
        near = next((guess for word in run if (guess := lexicon.near(word.plain)) is not None), None)
        told.append(Unknown(words=" ".join(word.text for word in run), suggestion=near))
    return tuple(told)


def metres(number: str, unit: str | None) -> float:
    """A length as written, in metres.

    >>> metres("12", "ft")
    3.6576
    """
    return float(number.replace(",", ".")) * _TO_METRES.get((unit or "m").lower(), 1.0)


def _measures(text: str) -> list[tuple[int, int, Sense]]:
    """What is understood by its form: (start, end, sense), none overlapping another."""
    found: list[tuple[int, int, Sense]] = []
    for sort, form in _FORMS:
        for match in re.finditer(form, text, re.IGNORECASE if sort in ("dims", "length", "clock", "spoken", "lens") else 0):
            if any(start < match.end() and match.start() < end for start, end, _ in found):
                continue
            value = _value(sort, match)
            if value is not None:
                found.append((match.start(), match.end(), Sense(sort="clock" if sort == "spoken" else sort, value=value)))
    return sorted(found, key=lambda item: item[0])


_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def _spoken(part: str, way: str, hour: str, when: str | None) -> str | None:
    """Half past two in the morning, as hours."""
    number = int(hour) if hour.isdigit() else _HOURS.index(hour.lower()) + 1 if hour.lower() in _HOURS else 0
    if not number:
        return None
    minutes = {"half": 30, "quarter": 15}[part.lower()] * (1 if way.lower() == "past" else -1)
    late = when in ("afternoon", "evening") or (when == "night" and number > 5) or (when is None and number < 7)
    return f"{(number % 12 + (12 if late else 0) + minutes / 60) % 24:.4g}"


def _value(sort: str, match: re.Match[str]) -> str | None:
    parts = match.groups()
    if sort in ("clock", "decade", "year"):
        return _time(sort, match)
    if sort == "dims":
        unit = next((part for part in parts[1::2][::-1] if part), None)
        sizes = [metres(part, parts[2 * number + 1] or unit) for number, part in enumerate(parts[::2]) if part]
        return ";".join(f"{size:.4g}" for size in sizes)
    if sort == "length":
        return None if parts[2] == "square" else f"{metres(parts[0], parts[1]):.4g};{(parts[2] or '').lower()}"
    if sort == "spoken":
        return _spoken(*parts)
    if sort == "scene":
        return ",".join(re.findall(r"\d+[A-Za-z]?", parts[0]))
    return plain(parts[0]) if sort != "hex" else f"#{parts[0].lower()}"


def _time(sort: str, match: re.Match[str]) -> str | None:
    """Hours, a year, or the middle of a decade."""
    parts = match.groups()
    if sort == "clock":
        hour, minute = int(parts[0]), int(parts[1] or 0)
        late = (parts[2] or "").lower().startswith("p")
        if hour > 24 or minute > 59:
            return None
        return f"{(hour % 12 + 12 if late else hour) + minute / 60:.4g}"
    if sort == "decade":
        return str(1900 + int(parts[0]) + 5)
    return str(int(parts[0]) + (5 if match[0].endswith("s") and parts[0].endswith("0") else 0))
