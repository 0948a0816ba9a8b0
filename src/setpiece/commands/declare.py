"""The five questions of the declaration. A person answers them: with ``--declare``, on a terminal when asked, or in the brief.

Nobody is answered for: what was not answered stands unanswered in the brief, and the gate stops there. What was answered on
a terminal is remembered beside the shots (``declaration.yaml``), for the new shots of the same person in that folder.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from setpiece.commands import options as o
from setpiece.core.errors import BriefError

if TYPE_CHECKING:
    from setpiece.intake.schema import DeclarationSection

SCHEMA = "setpiece.declaration/1"
REMEMBERED = "declaration.yaml"
_ANSWERS = ("yes", "no", "unsure")
_NO_ANSWER = "--"


def declaration_for(
    folder: Path, given: list[str] | None, *, purpose: str, final: bool, requester: str | None
) -> dict[str, object]:
    """The declaration of a new shot in ``folder``: what its maker stated, and whatever of the five questions is answered.

    Raises BriefError for an answer that is none.
    """
    person = requester or o.user()
    answers, how = _answered(folder.resolve().parent / REMEMBERED, given, person=person, final=final)
    return {
        "purpose": "shot" if final else purpose,
        "final": final,
        "requester": person,
        "principles": answers,
        "notes": how,
    }


def declare_in(brief: Path, given: list[str] | None) -> None:
    """Write answers into a brief that is there: those given, or what a terminal says where some are missing."""
    from setpiece.intake.brief import load_brief, write_stated

    section = load_brief(brief).declaration
    if section is None or not (given or (_missing(section.principles.model_dump()) and on_terminal())):
        return
    remembered = brief.resolve().parent.parent / REMEMBERED
    answers, how = _answered(remembered, given, person=section.requester or o.user(), final=bool(section.final))
    values: dict[str, object] = {f"declaration.principles.{name}": answer for name, answer in answers.items()}
    write_stated(brief, values | {"declaration.notes": how} if not section.notes else values)


def tell_declaration(brief: Path) -> None:
    """Say aloud what stands declared and in whose name, question by question, and how to answer what is open."""
    from setpiece.intake.brief import load_brief

    tell_section(load_brief(brief).declaration, brief)


def tell_section(section: DeclarationSection | None, brief: Path) -> None:
    """As :func:`tell_declaration`, of a declaration that was read already."""
    if section is None:
        return
    kind = "final" if section.final else "temporary, not final"
    typer.echo(f"declared in the name of {section.requester}: {section.purpose}, {kind}")
    answers = section.principles.model_dump()
    for name, question in questions().items():
        typer.echo(f"  {answers[name] or _NO_ANSWER:7} {question}")
    missing = _missing(answers)
    if missing:
        typer.echo(
            f"{len(missing)} of these {'is' if len(missing) == 1 else 'are'} not answered, and nothing is made before that: "
            f"answer in {brief} under declaration.principles, or with --declare yes where all of it is so", err=True
        )  # fmt: skip


def answers_of(given: list[str], *, final: bool) -> dict[str, str]:
    """``yes`` (to all five) and ``KEY=ANSWER`` as answers by key; a named key outranks the answer to all.

    A picture that is meant as final is not temporary: ``final`` answers that one question, where no key does.

    >>> answers_of(["yes", "enterprise_secured=unsure"], final=False)["enterprise_secured"]
    'unsure'
    """
    named: dict[str, str] = {}
    everything: dict[str, str] = {}
    for item in given:
        key, equals, answer = (part.strip() for part in item.partition("="))
        if not equals:
            key, answer = "", key
        if answer not in _ANSWERS:
            raise BriefError(f"--declare {item} is no answer", remedy="write --declare yes, or --declare KEY=yes|no|unsure")
        if key and key not in questions():
            near = difflib.get_close_matches(key, questions(), n=1, cutoff=0.3) or [", ".join(questions())]
            raise BriefError(f"--declare {item}: there is no question '{key}'", remedy=f"did you mean '{near[0]}'?")
        if key:
            named[key] = answer
        else:
            everything = dict.fromkeys(questions(), answer) | ({"output_temporary": "no"} if final else {})
    return everything | named


def questions() -> dict[str, str]:
    """The five, by the key that they have in the brief."""
    from setpiece.intake.schema import Principles

    return {name: field.description or name for name, field in Principles.model_fields.items()}


def on_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _answered(remembered: Path, given: list[str] | None, *, person: str, final: bool) -> tuple[dict[str, str], str]:
    """The answers there are, and how they came about, for the record."""
    if given:
        return answers_of(given, final=final), f"answered on the command line by {o.user()}"
    answers = _read(remembered, person)
    how = f"as {person} answered for this production in {remembered.name}"
    if not answers and on_terminal():
        answers = _ask(person)
        _remember(remembered, person, answers)
        how = f"answered on a terminal by {person}"
    if answers and final:
        answers["output_temporary"] = "no"
    return answers, how if answers else ""


def _ask(person: str) -> dict[str, str]:
    """The five questions, one after another, on the terminal. Ctrl-C leaves without an answer."""
    typer.echo(f"The declaration, which the gates rule on, in the name of {person}. Is it so? yes, no or unsure:", err=True)
    answers = {}
    for name, question in questions().items():
        answer = ""
        while answer not in _ANSWERS:
            said = typer.prompt(f"  {question}", err=True).strip().lower()
            answer = next((word for word in _ANSWERS if said and word.startswith(said)), said)
        answers[name] = answer
    return answers


def _remember(path: Path, person: str, answers: Mapping[str, str]) -> None:
    from setpiece.intake.yaml_text import scalar
    from setpiece.media.files import write_text

    lines = [
        f"# What {person} answered to the declaration's questions, for the new shots of {person} in this folder.",
        "# Change an answer here for shots to come; each shot's own stand in its brief.yaml.",
        f"schema: {SCHEMA}",
        f"answered_by: {scalar(person)}",
        *(f"{name}: {answer}  # {questions()[name]}" for name, answer in answers.items()),
    ]
    write_text(path, "\n".join(lines) + "\n")


def _read(path: Path, person: str) -> dict[str, str]:
    """What ``person`` answered for the production; nothing where nobody or another did. Raises BriefError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if not path.is_file():
        return {}
    try:
        found: Any = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise BriefError("cannot be read", file=path, remedy="correct it, or delete it and answer anew") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise BriefError(f"is not a {SCHEMA}", file=path, remedy="correct it, or delete it and answer anew")
    if found.get("answered_by") != person:
        return {}
    answers = {name: found[name] for name in questions() if found.get(name) is not None}
    for name, answer in answers.items():
        if answer not in _ANSWERS:
            raise BriefError(f"'{name}' is {answer}, which is no answer", file=path, remedy="write yes, no or unsure")
    return answers


def _missing(answers: Mapping[str, object]) -> list[str]:
    return [name for name in questions() if answers.get(name) is None]
