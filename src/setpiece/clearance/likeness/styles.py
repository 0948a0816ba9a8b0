"""Artists and brands in prompts: whose style is borrowed and whose mark is shown, found as performers' names are.

Place in the flow: beside :mod:`.names`, before a prompt reaches an engine. Which artists and brands a production looks for
is the production's own data, a TOML file beside its records; none is shipped::

    # clearance/styles.toml
    schema = "setpiece.styles/1"

    [[artists]]
    name = "Ilse Vandermolen"               # as known
    aliases = ["I. V. Molen"]               # other names that a prompt could use

    [[brands]]
    name = "Corvex"
    [[brands]]
    name = "Harbour"
    everyday = true                         # an everyday word as well: a person looks, nothing is blocked

A listed name is ``unexpected``, which blocks until it is taken out or somebody answers for it; a near spelling, an everyday
word, and a phrase that asks for somebody's style without a listed name are ``unsure``: a person looks. What this does
not do: know a style that is described and not named.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from setpiece.clearance.likeness.names import folded, names_in
from setpiece.clearance.records import Performer
from setpiece.clearance.use import LikenessMatch
from setpiece.core.errors import BriefError
from setpiece.media.files import read_toml

SCHEMA = "setpiece.styles/1"
NAME = "styles.toml"
_TABLES = {"artists": "artist", "brands": "brand"}
_KEYS = ("name", "aliases", "everyday")
# On folded text: lower case, no accents.
_ASKS = re.compile(
    r"\b(?:in the (?:style|manner|look|spirit) of|in the vein of|(?:styled|modelled|modeled|patterned) (?:after|on)|a la"
    r"|inspired by|reminiscent of|(?:directed|painted|drawn|photographed|shot|designed|illustrated) by)\s+"
    r"(?P<whose>[^,.;:()\n]{2,60})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """An artist or a brand to look for: ``kind`` is ``artist`` or ``brand``. ``everyday`` names are words as well."""

    kind: str
    name: str
    aliases: tuple[str, ...] = ()
    everyday: bool = False


def load_styles(path: Path) -> tuple[Style, ...]:
    """The artists and brands that a production looks for. Raises :class:`BriefError` naming the key that is wrong."""
    path = Path(path)
    values = read_toml(path, remedy="check the name; it must be a text file in UTF-8")
    if values.pop("schema", None) != SCHEMA:
        raise BriefError("has another schema, or none", file=path, remedy=f'write schema = "{SCHEMA}" as its first line')
    _known(values, tuple(_TABLES), path)
    return tuple(_style(kind, entry, path) for table, kind in _TABLES.items() for entry in _list(values, table, path))


def styles_in(prompt: str, styles: Iterable[Style], *, where: str = "prompt") -> tuple[LikenessMatch, ...]:
    """Every listed artist and brand that ``prompt`` may name, in the list's order, one match each, then every phrase that
    asks for the style of somebody unlisted. Raises :class:`DependencyMissing` without rapidfuzz."""
    listed = tuple(styles)
    wanted = {str(index): style for index, style in enumerate(listed)}
    named = (Performer(id=index, name=style.name, aliases=style.aliases) for index, style in wanted.items())
    found = [_as_style(match, wanted[match.performer or ""]) for match in names_in(prompt, named, where=where)]
    return (*found, *_asked(prompt, listed, where))


def named_in(
    prompt: str,
    performers: Iterable[Performer],
    artists: Iterable[Style] = (),
    brands: Iterable[Style] = (),
    *,
    where: str = "prompt",
) -> tuple[LikenessMatch, ...]:
    """Everybody whom ``prompt`` may name: performers of the register, then listed artists and brands, then unlisted
    styles. What the likeness rules are told (L1)."""
    known = tuple(performers)
    people = names_in(prompt, known, where=where)
    styles = styles_in(prompt, (*artists, *brands), where=where)
    said = [match for match in styles if match.score is not None or not _of_performer(match, known)]
    return (*people, *said)


def _as_style(match: LikenessMatch, style: Style) -> LikenessMatch:
    """The match of a name, as one of an artist or a brand: it is no performer's."""
    sure = match.status == "matched" and not style.everyday
    detail = re.sub(r"' (is|may be) '", rf"' \1 the {style.kind} '", match.detail, count=1)
    if style.everyday:
        detail = detail.replace("' is the", "' may be the", 1)
    return replace(match, performer=None, status="unexpected" if sure else "unsure", detail=detail)


def _asked(prompt: str, listed: tuple[Style, ...], where: str) -> list[LikenessMatch]:
    """Phrases that ask for a style of nobody on the list."""
    found = []
    for asked in _ASKS.finditer(folded(prompt)):
        whose = " ".join(asked["whose"].split())
        named = [Performer(id="x", name=style.name, aliases=style.aliases) for style in listed]
        if not names_in(whose, named):
            phrase = " ".join(asked[0].split())
            found.append(
                LikenessMatch(where=where, what="name", status="unsure", detail=f"'{phrase}' asks for somebody's style")
            )
    return list(dict.fromkeys(found))


def _of_performer(match: LikenessMatch, known: tuple[Performer, ...]) -> bool:
    """Whether a phrase that asks for a style names a performer, who is told of already."""
    return bool(names_in(match.detail, known))


def _style(kind: str, entry: Any, path: Path) -> Style:
    if not isinstance(entry, dict):
        raise BriefError(
            f"holds an entry of {kind}s that is no table", file=path, remedy=f"write [[{kind}s]] and its keys below"
        )
    _known(entry, _KEYS, path)
    name, aliases, everyday = entry.get("name"), entry.get("aliases", []), entry.get("everyday", False)
    if not isinstance(name, str) or not name.strip():
        raise BriefError(f"holds an entry of {kind}s without a name", file=path, remedy='write name = "…"')
    if not isinstance(aliases, list) or not all(isinstance(alias, str) and alias.strip() for alias in aliases):
        raise BriefError(f"'aliases' of '{name}' is no list of names", file=path, remedy='write aliases = ["…", "…"]')
    if not isinstance(everyday, bool):
        raise BriefError(f"'everyday' of '{name}' is neither true nor false", file=path, remedy="write everyday = true")
    return Style(kind=kind, name=name, aliases=tuple(aliases), everyday=everyday)


def _list(values: Mapping[str, Any], table: str, path: Path) -> list[Any]:
    entries = values.get(table, [])
    if not isinstance(entries, list):
        raise BriefError(f"'{table}' is no list", file=path, remedy=f"write [[{table}]] for each")
    return entries


def _known(values: Mapping[str, Any], keys: tuple[str, ...], path: Path) -> None:
    for key in values:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1, cutoff=0.5)
            remedy = f"did you mean '{near[0]}'?" if near else f"keys are {', '.join(keys)}"
            raise BriefError(f"has an unknown key '{key}'", file=path, remedy=remedy)
