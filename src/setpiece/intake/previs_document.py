"""A set's ``brief.yaml``: written with what was read and why, read back with errors that name the line.

Place in the flow: :mod:`.previs_reader` -> file -> the designer's hands -> here -> :class:`SetSpec`. A value that was
assumed says so in its comment; whatever the designer changes is taken as it stands. Documents are written aside and renamed.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from setpiece.core.errors import BriefError
from setpiece.core.set_spec import Daylight, Furnishing, Garment, Look, Opening, Palette, SetSpec, Surface, View
from setpiece.intake.previs_compose import Assumed
from setpiece.intake.previs_schema import PrevisDocument
from setpiece.intake.schema import DeclarationSection
from setpiece.intake.yaml_text import COMMENT_COLUMN, fields_of, parsed, scalar, submodel
from setpiece.media.files import write_text

_LISTS = ("openings", "furnishings", "views", "looks")
_SET_FIELDS = (
    "title",
    "place",
    "exterior",
    "width_m",
    "depth_m",
    "height_m",
    "era",
    "style",
    "wear",
    "dressing",
    "features",
    "scenes",
    "theme",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBrief:
    """A set's document as it was read: where it lies, who asks, and the specification."""

    path: Path
    name: str
    show: str
    text: str
    spec: SetSpec
    declaration: DeclarationSection | None


def write_set(
    path: Path,
    spec: SetSpec,
    *,
    name: str,
    show: str = "untitled",
    text: str = "",
    declaration: Mapping[str, object] | None = None,
    assumed: Sequence[Assumed] = (),
    overwrite: bool = False,
) -> SetBrief:
    """Write a commented document for a set and give it as read back. Raises BriefError where one is there already, or where
    its values would not be read."""
    if path.exists() and not overwrite:
        raise BriefError("there is a brief already", file=path, remedy="edit it, or give the set another name")
    lines = list(_lines(spec, name, show, text, dict(declaration or {}), {item.name: item for item in assumed}))
    made = "\n".join(lines) + "\n"
    _validated(made, path)
    write_text(path, made)
    return load_set(path)


def load_set(path: Path) -> SetBrief:
    """Read a set's document. Raises BriefError naming file, line and remedy for anything wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BriefError(
            f"cannot be read: {error.strerror}", file=path, remedy='make a set: setpiece previs new NAME --text "…"'
        ) from error
    except UnicodeDecodeError as error:
        raise BriefError("is not UTF-8", file=path, remedy="save the file as UTF-8 text") from error
    document = _validated(text, path)
    return SetBrief(
        path=path,
        name=document.shot.name,
        show=document.shot.show,
        text=document.text,
        spec=specification(document),
        declaration=document.declaration,
    )


def specification(document: PrevisDocument) -> SetSpec:
    """The document's values as the core knows them."""
    values: dict[str, Any] = {name: getattr(document.set, name) for name in _SET_FIELDS}
    for name in ("walls", "floor", "ceiling"):
        section = getattr(document, name)
        values[name] = Surface(kind=section.kind.value, colour=section.colour, colour_2=section.colour_2, wear=section.wear)
    return SetSpec(
        **values,
        palette=Palette(**document.palette.model_dump()),
        light=Daylight(**document.light.model_dump()),
        openings=tuple(Opening(**line.model_dump()) for line in document.openings),
        furnishings=tuple(
            Furnishing(**line.model_dump() | {"material": None if line.material is None else line.material.value})
            for line in document.furnishings
        ),
        views=tuple(View(**line.model_dump()) for line in document.views),
        looks=tuple(
            Look(
                name=line.name,
                size=line.size,
                garments=tuple(
                    Garment(**garment.model_dump() | {"values": tuple(sorted(garment.values.items()))})
                    for garment in line.garments
                ),
                measures_m=tuple(sorted(line.measures_m.items())),
                at_m=line.at_m,
                turn_deg=line.turn_deg,
            )
            for line in document.looks
        ),
        seed=document.seed,
    )


# -- reading ---------------------------------------------------------------------------------------------------------------


def _validated(text: str, path: Path) -> PrevisDocument:
    document = parsed(text, path)
    if document.values.get("department") != "previs":
        raise BriefError(
            "is the brief of another department", file=path, remedy="write department: previs, or use its own commands"
        )
    document.check_keys(PrevisDocument, path)
    try:
        return PrevisDocument.model_validate(document.values)
    except ValidationError as error:
        found = error.errors(include_url=False)
        problem = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
        sentence, remedy = _said(problem)
        line = _line_of(text, problem, sentence)
        raise BriefError(f"line {line}: {sentence}" if line else sentence, file=path, remedy=remedy) from error


def _said(problem: Any) -> tuple[str, str]:
    """(what is wrong, remedy), for a person."""
    keys = [str(part) if not isinstance(part, int) else f"[{part + 1}]" for part in problem["loc"]]
    name = ".".join(keys).replace(".[", "[")
    given, context = problem["input"], problem.get("ctx", {})
    message, _, remedy = problem["msg"].removeprefix("Value error, ").partition("\n")
    if problem["type"] == "missing":
        return f"'{name}' is missing", "add it"
    if problem["type"] == "extra_forbidden":
        known = list(_fields_at(problem["loc"][:-1]))
        near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1, cutoff=0.5)
        return f"unknown key '{name}'", f"did you mean '{near[0]}'?" if near else f"keys here are {', '.join(known)}"
    if problem["type"] in ("enum", "literal_error"):
        options = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        near = difflib.get_close_matches(str(given), options, n=1, cutoff=0.5)
        return (
            f"'{name}' is '{given}', which there is not",
            f"did you mean '{near[0]}'?" if near else f"write one of {', '.join(options)}",
        )
    if problem["type"] == "value_error":
        return message, remedy or "correct it"
    return f"'{name}' is {given!r}: {message[0].lower()}{message[1:]}", remedy or "correct the value"


def _fields_at(loc: Sequence[object]) -> Mapping[str, Any]:
    model: type[BaseModel] | None = PrevisDocument
    for part in loc:
        if isinstance(part, str) and model is not None:
            model = submodel(model, [part]) or _row_model(model, part)
    return fields_of(model)


def _row_model(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The model of a list's rows."""
    field = fields_of(model).get(key)
    rows = getattr(getattr(field, "annotation", None), "__args__", ())
    return next((row for row in rows if isinstance(row, type) and issubclass(row, BaseModel)), None)


def _line_of(text: str, problem: Any, sentence: str) -> int | None:
    """The line on which a problem stands: its key, or else the nearest above it."""
    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    found = None
    for part in problem["loc"]:
        below = _below(node, part)
        if below is None:
            break
        found, node = below
    if found is None:  # a contradiction between lines: the one that the sentence names
        words = [word.strip("',") for word in sentence.split() if word.startswith("'")]
        lines = text.splitlines()
        return next((number for word in words for number, line in enumerate(lines, 1) if f"name: {word}" in line), None)
    return found


def _below(node: Node | None, part: object) -> tuple[int, Node] | None:
    if isinstance(node, MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item.start_mark.line + 1, item
    return None


# -- writing ---------------------------------------------------------------------------------------------------------------


def _lines(
    spec: SetSpec, name: str, show: str, text: str, declaration: Mapping[str, object], assumed: Mapping[str, Assumed]
) -> Iterator[str]:
    yield f"# Setpiece brief of set {name}"
    yield "#"
    yield "# Change anything: the set is built from this document alone. What the text did not say is marked 'assumed'."
    yield "# Plan: x to the east, y to the north, metres, the origin in the middle of the floor. turn_deg 0 faces south."
    yield ""
    yield "schema: setpiece.brief/1"
    yield "department: previs"
    yield _commented(f"seed: {spec.seed}", "the same number, the same set")
    yield from ("", "shot:", f"  name: {scalar(name)}", f"  show: {scalar(show)}", "")
    yield f"text: {_value(' '.join(text.split()) or None)}"
    yield from ("", _commented("set:", "what it is, how large, of when"))
    for key in _SET_FIELDS:
        about = fields_of(submodel(PrevisDocument, ["set"]))[key].description or ""
        yield _commented(f"  {key}: {_value(getattr(spec, key))}", _noted(assumed, key, about))
    for key in ("walls", "floor", "ceiling"):
        yield from ("", _commented(f"{key}:", _noted(assumed, key, f"what covers the {key}")))
        yield from _section(getattr(spec, key), key)
    yield from ("", _commented("palette:", _noted(assumed, "palette", "colours by role, as swatches")))
    yield from _section(spec.palette, "palette", always=True)
    yield from ("", _commented("light:", "where, when, and in what mood"))
    for field in dataclasses.fields(spec.light):
        about = fields_of(submodel(PrevisDocument, ["light"]))[field.name].description or ""
        yield _commented(f"  {field.name}: {_value(getattr(spec.light, field.name))}", _noted(assumed, field.name, about))
    for key in _LISTS:
        about = fields_of(PrevisDocument)[key].description or ""
        rows = getattr(spec, key)
        yield from ("", _commented(f"{key}:" if rows else f"{key}: []", _noted(assumed, key, about)))
        yield from (f"  - {_flow(row)}" for row in rows)
    if declaration:
        yield from ("", _commented("declaration:", "for clearance: the gates rule on this"))
        yield from _tree(declaration, 2)


def _section(value: Any, name: str, *, always: bool = False) -> Iterator[str]:
    for field in dataclasses.fields(value):
        found = getattr(value, field.name)
        if found is not None or always:
            about = fields_of(submodel(PrevisDocument, [name]))[field.name].description or ""
            yield _commented(f"  {field.name}: {_value(found)}", about)


def _tree(values: Mapping[str, object], indent: int) -> Iterator[str]:
    for key, value in values.items():
        pad = " " * indent
        if isinstance(value, Mapping):
            yield f"{pad}{key}:"
            yield from _tree(value, indent + 2)
        else:
            yield f"{pad}{key}: {scalar(value)}"


def _flow(row: Any) -> str:
    """A row on one line, without what is as usual."""
    parts = []
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        if value == field.default or value in ((), None):
            continue
        parts.append(f"{field.name}: {_value(value)}")
    return "{" + ", ".join(parts) + "}"


def _value(value: Any) -> str:
    if value is None:
        return scalar(None)
    if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return "{" + ", ".join(f"{key}: {scalar(item)}" for key, item in value) + "}"
    if isinstance(value, str) and any(mark in value for mark in "#,:[]{}"):
        return '"' + value.replace('"', '\\"') + '"'
    return scalar(value)


def _noted(assumed: Mapping[str, Assumed], name: str, about: str) -> str:
    if name not in assumed:
        return about
    found = assumed[name]
    value = f"{found.value}: " if name in ("palette", "walls", "floor", "ceiling") else ""
    return f"assumed, {value}{found.why}" + (
        f" | {about}" if about and name not in ("walls", "floor", "ceiling", "palette") else ""
    )


def _commented(line: str, comment: str) -> str:
    return f"{line.ljust(COMMENT_COLUMN)}  # {comment}" if comment else line
