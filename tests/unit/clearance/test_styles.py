"""Artists and brands are found in other clothes, as performers are; what a production lists is its own."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.clearance.likeness import styles as module
from setpiece.clearance.likeness.styles import Style, load_styles, named_in, styles_in
from setpiece.clearance.policy import Policy
from setpiece.clearance.records import Facts, Performer
from setpiece.clearance.rules.likeness import _l1_of
from setpiece.clearance.rules.rule import Case
from setpiece.clearance.use import UseRequest
from setpiece.core.clearance import Outcome
from setpiece.core.errors import BriefError
from setpiece.intake import prompt as intake

# Invented: any likeness to a living artist or a mark is chance.
ILSE = Style(kind="artist", name="Ilse Vandermölen", aliases=("The Lacquerer",))
OSWIN = Style(kind="artist", name="Oswin Ærlund Praat")
CORVEX = Style(kind="brand", name="Corvexia", aliases=("Corvexia Cola",))
QUARRY = Style(kind="brand", name="Quarry", everyday=True)
LISTED = (ILSE, OSWIN, CORVEX, QUARRY)
MARLENE = Performer(id="p1", name="Marléne Okonkwó", aliases=("The Comet",))


def found(prompt: str) -> list[tuple[str, str]]:
    return [(match.status, match.detail.partition(" the ")[2].partition(" ")[0]) for match in styles_in(prompt, LISTED)]


@pytest.mark.parametrize(
    "prompt",
    [
        "rubble by Ilse Vandermölen",
        "rubble, ILSE VANDERMOLEN",
        "vandermolen ilse, dust",
        "ilse-vandermolen_v2",
        "Ilse Vandermolen's dust",
        "I l s e Vandermolen",
        "IlseVandermolen",
        "Ilse\u200b Vandermolen",
        "as the lacquerer saw it",
        "Oswin Aerlund Praat",
        "oswin ærlund praat",
    ],
)
def test_a_listed_artist_is_caught_whatever_the_name_wears(prompt: str) -> None:
    assert found(prompt) == [("unexpected", "artist")]


@pytest.mark.parametrize("prompt", ["Ilse Vandermolem", "Ilse Vandrmolen", "like Vandermolen", "Oswin Praat", "Corvexja sign"])
def test_a_near_spelling_makes_a_person_look(prompt: str) -> None:
    assert [status for status, _ in found(prompt)] == ["unsure"]


def test_a_brand_is_caught_and_an_everyday_word_makes_a_person_look() -> None:
    assert found("a CORVEXIA sign on the roof") == [("unexpected", "brand")]
    assert found("the quarry at dawn") == [("unsure", "brand")]


@pytest.mark.parametrize(
    "prompt",
    [
        "a house in the style of somebody nobody listed",
        "inspired by an unlisted painter",
        "dust, à la Quendrick",
        "shot by Quendrick",
        "in the manner of the old masters",
    ],
)
def test_a_phrase_that_asks_for_a_style_makes_a_person_look(prompt: str) -> None:
    (match,) = styles_in(prompt, LISTED)
    assert (match.status, match.what, match.where) == ("unsure", "name", "prompt")
    assert "asks for somebody's style" in match.detail


def test_a_listed_name_in_such_a_phrase_is_told_once() -> None:
    assert found("in the style of Ilse Vandermolen, dust") == [("unexpected", "artist")]


def test_a_performer_in_such_a_phrase_is_told_once() -> None:
    (match,) = named_in("in the manner of Marlene Okonkwo, dust", [MARLENE], [ILSE], [CORVEX])
    assert (match.performer, match.status) == ("p1", "matched")


def test_performers_artists_and_brands_are_told_in_that_order() -> None:
    prompt = "Corvexia cans, Ilse Vandermolen, Marlene Okonkwo"
    told = named_in(prompt, [MARLENE], [ILSE], [CORVEX])
    assert [match.performer for match in told] == ["p1", None, None]
    assert [match.status for match in told] == ["matched", "unexpected", "unexpected"]


VOCABULARY = [
    words
    for table in (intake._WALLS, intake._RUBBLE, intake._MODES, intake._TOWARDS, intake._SIDES, intake._TIMES,
                  intake._WEATHER, intake._CAMERAS)
    for words in table.values()
]  # fmt: skip


def test_the_words_of_our_own_prompts_raise_no_alarm() -> None:
    listed = (ILSE, OSWIN, CORVEX)
    for one, other in itertools.product(VOCABULARY, VOCABULARY):
        assert named_in(f"a {one} house, {other}", [MARLENE], listed) == ()


@given(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5), st.integers(0, 5), st.sampled_from([ILSE, OSWIN, CORVEX]))
def test_a_listed_name_is_caught_wherever_it_stands(words: list[str], at: int, style: Style) -> None:
    words = [*words[:at], style.name, *words[at:]]
    assert any(match.status == "unexpected" and style.name in match.detail for match in styles_in(", ".join(words), LISTED))


@given(st.integers(0, 15), st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
def test_one_wrong_letter_of_a_long_name_is_caught(at: int, letter: str) -> None:
    name = "ilse vandermolen"
    wrong = name[:at] + letter + name[at + 1 :]
    assert styles_in(f"dust {wrong} stone", [ILSE])


def ruled(status_prompt: str) -> Outcome:
    (match,) = styles_in(status_prompt, LISTED)
    use = UseRequest(gate="admit", subject_sha256="ab" * 32, production="tide", likenesses=(match,))
    case = Case(use=use, facts=Facts(), policy=Policy(name="house"), now=datetime(2026, 11, 22, tzinfo=UTC))
    (finding,) = _l1_of(case, match)
    return finding.outcome


def test_the_rule_blocks_a_listed_name_and_asks_a_person_about_a_near_one() -> None:
    assert ruled("Ilse Vandermolen") is Outcome.BLOCK
    assert ruled("Ilse Vandermolem") is Outcome.NEEDS


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    example = (module.__doc__ or "").partition("::\n\n")[2].partition("\n\nA listed")[0]
    text = "\n".join(line.removeprefix("    ") for line in example.splitlines())
    styles = load_styles(write(tmp_path / "styles.toml", text))
    assert [(style.kind, style.everyday) for style in styles] == [("artist", False), ("brand", False), ("brand", True)]
    assert styles[0].aliases == ("I. V. Molen",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("artists = 1\n", "schema"),
        ('schema = "setpiece.styles/1"\nartist = []\n', "unknown key 'artist'"),
        ('schema = "setpiece.styles/1"\n[[artists]]\nnom = "x"\n', "unknown key 'nom'"),
        ('schema = "setpiece.styles/1"\n[[artists]]\nname = " "\n', "without a name"),
        ('schema = "setpiece.styles/1"\n[[brands]]\nname = "x"\naliases = "y"\n', "'aliases' of 'x'"),
        ('schema = "setpiece.styles/1"\n[[brands]]\nname = "x"\neveryday = 1\n', "'everyday' of 'x'"),
        ('schema = "setpiece.styles/1"\nbrands = ["x"]\n', "no table"),
        ('schema = "setpiece.styles/1"\nbrands = "x"\n', "no list"),
        ("schema = \n", "is not TOML"),
    ],
)
def test_a_list_that_does_not_fit_is_refused_with_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BriefError) as refused:
        load_styles(write(tmp_path / "styles.toml", text))
    assert says in refused.value.message and refused.value.remedy and refused.value.file is not None


def test_a_list_that_is_not_there_is_an_error_and_no_empty_list(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match="cannot be read"):
        load_styles(tmp_path / "none.toml")
