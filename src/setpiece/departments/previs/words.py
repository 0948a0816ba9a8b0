"""The library's kinds as words for the reader: intake knows no stage, so the department brings them."""

from __future__ import annotations

from setpiece.intake.previs_vocabulary import KindWords
from setpiece.stage.sets.library import KINDS


def vocabulary() -> tuple[KindWords, ...]:
    """Every kind of the library, in its order."""
    return tuple(
        KindWords(
            name=kind.name,
            synonyms=kind.synonyms,
            relation=kind.relation,
            category=kind.category,
            styles=kind.styles,
            size_m=kind.size_m,
        )
        for kind in KINDS.values()
    )
