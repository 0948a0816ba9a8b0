"""Reads a designer's paragraph into a specification, and says what it understood, assumed and did not understand.

Place in the flow: text -> here -> :class:`SetSpec`, the document that people edit. A grammar and a vocabulary, no model. The
same text, seed and vocabulary give the same specification. A text that tells of nothing that could be built is refused.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from setpiece.core.errors import BriefError
from setpiece.core.set_spec import Relation, SetSpec
from setpiece.intake.previs_compose import Assumed, Composition, composed, place_of
from setpiece.intake.previs_mentions import Mentions, mentions_of
from setpiece.intake.previs_places import all_places
from setpiece.intake.previs_scan import Unknown, scanned, unknown
from setpiece.intake.previs_vocabulary import KindWords, lexicon
from setpiece.intake.previs_words import Lexicon


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """Words of the text, and what they were taken for."""

    words: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A specification with the account of where it comes from."""

    spec: SetSpec
    understood: tuple[Understood, ...]
    assumed: tuple[Assumed, ...]
    not_understood: tuple[Unknown, ...]


def read(text: str, *, vocabulary: Sequence[KindWords], seed: int = 1, title: str | None = None) -> Reading:
    """Read ``text`` with the kinds of a library. Raises BriefError where nothing in it could be built, with a suggestion."""
    known = _lexicon(tuple(vocabulary))
    seen = scanned(text, known)
    said = mentions_of(seen, frozenset(kind.name for kind in vocabulary if kind.relation is Relation.ON))
    strange = unknown(seen, known)
    found = place_of(said)
    if found is None:
        raise BriefError(_nothing(said, strange), remedy=_suggestion(strange))
    place, how = found
    work = Composition(
        said=said,
        kinds={kind.name: kind for kind in vocabulary},
        lexicon=known,
        seed=seed,
        rng=random.Random(f"{seed}|{' '.join(text.split())}"),
    )
    odd = (*strange, *(Unknown(words=words) for words in said.refused))
    spec = composed(work, place, how, title or f"{place.name.capitalize()}")
    return Reading(spec=spec, understood=_understood(said), assumed=tuple(work.assumed), not_understood=odd)


@lru_cache(maxsize=8)
def _lexicon(vocabulary: tuple[KindWords, ...]) -> Lexicon:
    return lexicon(vocabulary)


def _understood(said: Mentions) -> tuple[Understood, ...]:
    told = list(said.told)
    for item in said.things:
        count = f"{item.count} " if item.count and item.count > 1 else ""
        more = [item.material or "", *item.colours, "unlit" if item.lit is False else ""]
        told.append((item.words, " ".join(word for word in (f"{count}{item.value.replace('_', ' ')}", *more) if word)))
    told += [(words, f"who wears it: {who}") for who, words in said.wearers if said.of("garment")]
    return tuple(dict.fromkeys(Understood(words=words, meaning=meaning) for words, meaning in told))


def _nothing(said: Mentions, strange: Sequence[Unknown]) -> str:
    if not said.told and not strange:
        return "the text tells of nothing"
    heard = ", ".join(words for words, _ in said.told[:4])
    odd = ", ".join(f"'{item.words}'" for item in strange[:4])
    parts = [f"understood only: {heard}" if heard else "", f"not understood: {odd}" if odd else ""]
    return f"the text names no place and nothing to furnish it with ({'; '.join(part for part in parts if part)})"


def _suggestion(strange: Sequence[Unknown]) -> str:
    near = next((item for item in strange if item.suggestion), None)
    if near is not None:
        return f"did you mean '{near.suggestion}'? Name a place and what stands in it"
    places = [place.name for place in all_places()][:40:5]
    example = "a 1950s kitchen at dusk, a table with four chairs"
    return f"name a place and what stands in it, as '{example}'; places: {', '.join(places)}…"
