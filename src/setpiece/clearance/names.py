"""Names as clearance compares them: who asked, who approved, who is meant. Pure; decides nothing."""

from __future__ import annotations

import unicodedata


def person_key(name: str) -> str:
    """A name as it is compared: letter forms, case, spaces and invisible characters do not make another person.

    >>> person_key("  ANN   Other ") == person_key("Ann Other")
    True
    """
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", name) if unicodedata.category(letter) != "Cf")
    return " ".join(seen.casefold().split())


def word_key(word: str) -> str:
    """A word of a scope or a vocabulary as it is compared: case and spaces at its ends do not matter."""
    return word.strip().casefold()
