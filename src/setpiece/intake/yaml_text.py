"""YAML with its text: values, the line each stands on, its comment, and edits that leave every other byte alone.

Place in the flow: under :mod:`setpiece.intake.brief`, which alone knows what a brief means. Refuses duplicate keys,
anchors that repeat mappings, and documents that are not one mapping.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from setpiece.core.errors import BriefError

AUTO = "auto"
COMMENT_COLUMN = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of the document: dotted name, line (from 1), value, where its text lies, the comment behind it."""

    name: str
    line: int
    value: Any
    start: int  # characters, of the value
    end: int
    comment: str  # with its '#', without the line's end; empty where none
    indent: int  # column of the key
    is_mapping: bool
    flow: bool  # a section on one line: {a: 1}


@dataclass(frozen=True)
class Document:
    """A parsed brief: ``entries`` by dotted name in the order of the file."""

    text: str
    entries: dict[str, Entry]
    flow: bool = False  # the whole document is one {…}

    @cached_property
    def values(self) -> dict[str, Any]:
        """The document's values as a tree; what is ``auto`` or empty is left out."""
        tree: dict[str, Any] = {}
        for name, entry in self.entries.items():
            if not entry.is_mapping and (entry.value is None or entry.value == AUTO):
                continue
            parent = tree
            *sections, key = name.split(".")
            for section in sections:
                parent = parent.setdefault(section, {})
            parent[key] = {} if entry.is_mapping else entry.value
        return tree

    def nearest(self, keys: list[str]) -> Entry | None:
        """The entry for a path of keys, or for the nearest section above it that stands in the file."""
        for count in range(len(keys), 0, -1):
            entry = self.entries.get(".".join(keys[:count]))
            if entry is not None:
                return entry
        return None

    def known_name(self, keys: list[str]) -> str:
        """The dotted name of the nearest entry (parts that only the parser knows are left out)."""
        entry = self.nearest(keys)
        return ".".join(keys) if entry is None else entry.name

    def check_keys(self, model: type[BaseModel], path: Path) -> None:
        """Refuse the first key that ``model`` does not have, naming the nearest one that it has."""
        for name, entry in self.entries.items():
            *sections, key = name.split(".")
            owner = submodel(model, sections)
            if owner is None:
                continue
            if key in fields_of(owner):
                inner = submodel(model, [*sections, key])
                if inner is not None and not entry.is_mapping and entry.value is not None:
                    raise BriefError(
                        f"line {entry.line}: '{name}' is a section, not a value",
                        file=path,
                        remedy=f"write its fields below it, indented: {', '.join(fields_of(inner))}",
                    )
                continue
            raise BriefError(f"line {entry.line}: unknown key '{name}'", file=path, remedy=_did_you_mean(model, sections, key))

    def about(self, model: type[BaseModel], name: str) -> str:
        """The description of a field, or nothing."""
        *sections, key = name.split(".")
        owner = submodel(model, sections)
        field = None if owner is None else fields_of(owner).get(key)
        return "" if field is None else (field.description or "")

    def with_value(self, name: str, value: object, comment: str) -> str:
        """The text with ``name`` set to ``value`` and ``comment`` put before the comment that stands there.

        A mark of an earlier inference is taken away; the key, and its section, are added where they are missing.
        """
        unfolded = self._unfolded(name)
        if unfolded is not None:
            return parsed(unfolded, Path(name)).with_value(name, value, comment)
        entry = self.entries.get(name)
        if entry is None:
            return self._added(name, value, comment)
        stop = self.text.find("\n", entry.end)
        stop = len(self.text) if stop < 0 else stop
        rest = re.sub(r"#\s*inferred\b[^|\n]*(\|\s*)?", "# ", entry.comment).removeprefix("#").strip()
        note = " | ".join(part for part in (comment, rest) if part)
        start = entry.start if entry.end > entry.start else entry.end
        before = self.text[:start]
        space = "" if before.endswith(" ") else " "
        line_start = before.rfind("\n") + 1
        line = f"{before[line_start:]}{space}{scalar(value)}"
        return before[:line_start] + _commented(line, note) + self.text[stop:]

    def _unfolded(self, name: str) -> str | None:
        """The text with the one-line section around ``name`` written out, as comments need; None where there is none."""
        if self.flow:
            return "\n".join(_blocks(self.values, 0)) + "\n"
        above = next((item for key, item in self.entries.items() if item.flow and name.startswith(f"{key}.")), None)
        if above is None:
            return None
        values = self.values
        for key in above.name.split("."):
            values = values[key]
        lines = _blocks(values, above.indent + 2)
        return self.text[: above.start].rstrip(" ") + "".join(f"\n{line}" for line in lines) + self.text[above.end :]

    def _added(self, name: str, value: object, comment: str) -> str:
        """The text with a key that it does not have yet: in its section, or in a new one at the end."""
        *sections, key = name.split(".")
        for count in range(len(sections), 0, -1):
            above = self.entries.get(".".join(sections[:count]))
            if above is not None:
                children = [item for child, item in self.entries.items() if child.startswith(f"{above.name}.")]
                indent = children[0].indent if children else above.indent + 2
                lines = _nested(sections[count:], key, value, comment, indent)
                at = self.text.rfind("\n", 0, children[0].start) if children else self.text.find("\n", above.end)
                at = len(self.text) if at < 0 else at
                return self.text[:at] + "".join(f"\n{line}" for line in lines) + self.text[at:]
        text = self.text if self.text.endswith("\n") else self.text + "\n"
        return text + "\n".join(_nested(sections, key, value, comment, 0)) + "\n"


def parsed(text: str, path: Path) -> Document:
    """Parse ``text``. Raises BriefError with the line for syntax, duplicate keys, or a document of another shape."""
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark is not None else ""
        raise BriefError(
            f"{line}is not YAML: {error.problem or error.context}",
            file=path,
            remedy="write 'key: value', two spaces deeper in each section, and no tabs",
        ) from error
    except YAMLError as error:
        raise BriefError(
            f"is not YAML: {str(error).splitlines()[0]}", file=path, remedy="save it as plain UTF-8 text"
        ) from error
    if not isinstance(root, MappingNode):
        raise BriefError("holds no sections", file=path, remedy="start from a new one: setpiece shot new NAME --plate FILE")
    entries: dict[str, Entry] = {}
    _walk(yaml, text, root, "", entries, path)
    return Document(text=text, entries=entries, flow=bool(root.flow_style))


def _walk(yaml: YAML, text: str, node: MappingNode, prefix: str, entries: dict[str, Entry], path: Path) -> None:
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode) or "." in key_node.value:
            raise BriefError(f"line {line}: a key is a plain word", file=path, remedy="write one section below another")
        name = f"{prefix}{key_node.value}"
        if name in entries:
            raise BriefError(
                f"line {line}: '{name}' stands twice (first on line {entries[name].line})",
                file=path,
                remedy="remove one of the two",
            )
        if value_node.start_mark.index < key_node.start_mark.index:
            raise BriefError(f"line {line}: '{name}' repeats a section", file=path, remedy="write it out")
        is_mapping = isinstance(value_node, MappingNode)
        start, end = _span(text, value_node)
        if start == end:  # nothing is written: the parser puts that at the next word
            start = end = text.index(":", key_node.end_mark.index) + 1
        entries[name] = Entry(
            name=name,
            line=line,
            value=None if is_mapping else _constructed(yaml, value_node, line, path),
            start=start,
            end=end,
            comment=_comment(text, end),
            indent=key_node.start_mark.column,
            is_mapping=is_mapping,
            flow=is_mapping and bool(value_node.flow_style),
        )
        if is_mapping:
            _walk(yaml, text, value_node, f"{name}.", entries, path)


def _constructed(yaml: YAML, node: Node, line: int, path: Path) -> Any:
    try:
        value = yaml.constructor.construct_document(node)
    except (YAMLError, ValueError, TypeError, OverflowError) as error:
        raise BriefError(
            f"line {line}: the value cannot be read ({str(error).splitlines()[0]})", file=path, remedy="put it in quotes"
        ) from error
    if value is None or isinstance(value, bool | int | float | str | list):
        return value
    return str(node.value)  # a date or the like: a brief has none, so it is text


def _span(text: str, node: Node) -> tuple[int, int]:
    """Where a value's text begins and ends, without the blank lines and comments that the parser counts in."""
    start, end = node.start_mark.index, node.end_mark.index
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    return start, end


def _comment(text: str, end: int) -> str:
    stop = text.find("\n", end)
    match = re.match(r"\s*(#.*)", text[end : len(text) if stop < 0 else stop])
    return match[1].rstrip() if match else ""


def _did_you_mean(model: type[BaseModel], sections: list[str], key: str) -> str:
    owner = submodel(model, sections)
    assert owner is not None
    prefix = "".join(f"{section}." for section in sections)
    near = difflib.get_close_matches(key, fields_of(owner), n=1, cutoff=0.5)
    if near:
        return f"did you mean '{prefix}{near[0]}'?"
    elsewhere = [name for name in _names(model) if name.split(".")[-1] == key]
    if elsewhere:
        return f"'{key}' belongs under {' or '.join(repr(name) for name in elsewhere)}"
    return f"keys here are {', '.join(fields_of(owner))}"


def _names(model: type[BaseModel], prefix: str = "") -> list[str]:
    names = []
    for key in fields_of(model):
        inner = submodel(model, [key])
        names += _names(inner, f"{prefix}{key}.") if inner is not None else [f"{prefix}{key}"]
    return names


def fields_of(model: type[BaseModel] | None) -> dict[str, Any]:
    """The fields of a section by the name they have in the file."""
    return {} if model is None else {field.alias or name: field for name, field in model.model_fields.items()}


def submodel(model: type[BaseModel], sections: list[str]) -> type[BaseModel] | None:
    """The section at a path of keys, None where a key is a value or unknown."""
    for section in sections:
        field = fields_of(model).get(section)
        if field is None:
            return None
        if get_origin(field.annotation) in (tuple, list):
            return None  # rows are checked by the model itself
        options = [field.annotation, *getattr(field.annotation, "__args__", ())]
        inner = [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
        if not inner:
            return None
        model = inner[0]
    return model


def scalar(value: object) -> str:
    """A value on one line of YAML."""
    if value is None:
        return AUTO
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(scalar(item) for item in value) + "]"
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z_./~][\w ./+~-]*[\w./~-]|[A-Za-z]", text) is not None
    words = {"true", "false", "null", "yes", "no", "on", "off", "~", ".inf", ".nan"}
    if plain and (text.lower() not in words or text in ("yes", "no")):
        return text
    return json.dumps(text, ensure_ascii=False)


def written(model: type[BaseModel], values: dict[str, Any], *, title: str) -> str:
    """A new document with every field of ``model``, its default or its value, and its description as a comment."""
    head = [
        f"# {title}",
        "#",
        "# 'auto' is worked out by the program, which writes what it found here, marked 'inferred'.",
        "# Change any value and it stays as you wrote it. Pixels count from the top left corner of the plate.",
        "",
    ]
    return "\n".join([*head, *_section(model, values, 0)]) + "\n"


def _section(model: type[BaseModel], values: dict[str, Any], indent: int) -> list[str]:
    lines: list[str] = []
    unknown = [key for key in values if key not in fields_of(model)]
    for key, field in fields_of(model).items():
        inner = submodel(model, [key])
        pad = " " * indent
        if inner is not None:
            if indent == 0:
                lines.append("")
            lines.append(f"{pad}{key}:  # {field.description}")
            given = values.get(key, {})
            if isinstance(given, dict):
                lines += _section(inner, given, indent + 2)
            else:
                lines[-1] = f"{pad}{key}: {scalar(given)}"  # reading it back refuses it by name
        else:
            default = None if field.default is PydanticUndefined else field.default
            lines.append(_commented(f"{pad}{key}: {scalar(values.get(key, default))}", field.description))
    # So does what the schema does not know.
    return lines + [f"{' ' * indent}{key}: {scalar(values[key])}" for key in unknown]


def _blocks(values: dict[str, Any], indent: int) -> list[str]:
    lines: list[str] = []
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"{' ' * indent}{key}:", *_blocks(value, indent + 2)]
        else:
            lines.append(f"{' ' * indent}{key}: {scalar(value)}")
    return lines


def _nested(sections: list[str], key: str, value: object, comment: str, indent: int) -> list[str]:
    lines = []
    for section in sections:
        lines.append(f"{' ' * indent}{section}:")
        indent += 2
    return [*lines, _commented(f"{' ' * indent}{key}: {scalar(value)}", comment)]


def _commented(line: str, comment: str | None) -> str:
    return f"{line.ljust(COMMENT_COLUMN)}  # {comment}" if comment else line
