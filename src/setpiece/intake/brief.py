"""The brief: written for a new shot, read with errors that name the line, completed in place with what was inferred.

``brief.yaml`` belongs to the artist. What the program inferred stands in it as a value whose comment says
``inferred``, and is recorded in ``stage/inferred.json``: a value that still has the comment and still equals the
record is automatic and may be inferred anew; any other value is the artist's and is never touched. The file is edited
by character position, so comments, order and spacing survive to the byte.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from setpiece.core.errors import BriefError, RecordDamaged
from setpiece.core.pictures import PlateInfo
from setpiece.core.timing import FrameRange
from setpiece.intake import schema
from setpiece.intake.deage_schema import DeageDeliver, DeageDocument, DeageRender
from setpiece.intake.photograph_schema import FabricDocument, PhotographDocument, StillDeliver, StillRender
from setpiece.intake.yaml_text import Document, Entry, parsed, written
from setpiece.media.files import read_json, write_json, write_text

BriefDocument = schema.CollapseDocument | DeageDocument | PhotographDocument | FabricDocument
KINDS: dict[str, type[BriefDocument]] = {
    "destruction": schema.CollapseDocument,
    "deage": DeageDocument,
    "photograph": PhotographDocument,
    "fabric": FabricDocument,
}
D = TypeVar("D", schema.CollapseDocument, DeageDocument, PhotographDocument, FabricDocument)
INFERRED_SCHEMA = "setpiece.inferred/1"
_NAME = re.compile(r"[a-z_0-9]+(?:\.[a-z_0-9]+)+")
_STAYS = ": change it and it stays"
_MARK = re.compile(r"#\s*inferred\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A brief as it was read: sections with attributes (``brief.camera.focal_px``), units in :mod:`.schema`.

    ``None`` is automatic. ``inferred`` holds the dotted names of values that the program filled in, with their notes.
    """

    path: Path
    document: BriefDocument
    inferred: tuple[tuple[str, str], ...] = ()

    @property
    def seed(self) -> int:
        """The seed of the whole shot."""
        return self.document.seed

    @property
    def shot(self) -> schema.Shot:
        """Name and show."""
        return self.document.shot

    @property
    def plate(self) -> schema.PlateSection:
        """The plate, its time and lens."""
        return self.document.plate

    @property
    def destruction(self) -> schema.CollapseDocument:
        """The document, of a collapse shot. Raises BriefError for another department's."""
        return self._of(schema.CollapseDocument)

    @property
    def deage(self) -> DeageDocument:
        """The document, of a de-ageing shot. Raises BriefError for another department's."""
        return self._of(DeageDocument)

    @property
    def photograph(self) -> PhotographDocument:
        """The document, of a photographed set. Raises BriefError for another department's."""
        return self._of(PhotographDocument)

    @property
    def fabric(self) -> FabricDocument:
        """The document, of a fabric study. Raises BriefError for another department's."""
        return self._of(FabricDocument)

    @property
    def department(self) -> str:
        """Which department makes the shot."""
        return self.document.department

    @property
    def render(self) -> schema.RenderSection | DeageRender | StillRender:
        """How pictures are made."""
        return self.document.render

    @property
    def deliver(self) -> schema.DeliverSection | DeageDeliver | StillDeliver:
        """What goes out."""
        return self.document.deliver

    @property
    def camera(self) -> schema.CameraSection:
        """The camera. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.camera

    @property
    def scale(self) -> schema.ScaleSection:
        """Real size. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.scale

    @property
    def matte(self) -> schema.MatteSection:
        """Where the building is. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.matte

    @property
    def light(self) -> schema.LightSection:
        """Sun and sky. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.light

    @property
    def building(self) -> schema.BuildingSection:
        """The proxy. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.building

    @property
    def fracture(self) -> schema.FractureSection:
        """How it breaks. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.fracture

    @property
    def collapse(self) -> schema.CollapseSection:
        """How it falls. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.collapse

    @property
    def dust(self) -> schema.DustSection:
        """What goes into the air. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.dust

    @property
    def integrate(self) -> schema.IntegrateSection:
        """How new pixels sit in the plate. Of a collapse shot, as :attr:`destruction`."""
        return self.destruction.integrate

    @property
    def declaration(self) -> schema.DeclarationSection | None:
        """What the gates rule on; None where the brief has no such section."""
        return self.document.declaration

    @property
    def frames(self) -> FrameRange:
        """The shot's frames; 24 a second where no rate is known."""
        return self.document.plate.frames()

    def _of(self, kind: type[D]) -> D:
        if not isinstance(self.document, kind):
            raise BriefError(
                f"is the brief of a {self.department} shot", file=self.path, remedy="use a command of that department"
            )
        return self.document

    def stated(self) -> Brief:
        """This brief without what was inferred: what inference starts from, and what keys of steps are made of."""
        values = self.document.model_dump(by_alias=True)
        for name, _ in self.inferred:
            parent, key = _parent(values, name)
            parent.pop(key, None)
        return replace(self, document=type(self.document).model_validate(values), inferred=())

    def is_stated(self, name: str) -> bool:
        """True where the artist gave a value for the dotted ``name``."""
        if name in dict(self.inferred):
            return False
        value: Any = self.document
        for key in name.split("."):
            if key not in value.model_fields_set:
                return False
            value = getattr(value, key)
        return value is not None

    def resolve(self, path: str) -> Path:
        """A path in the brief: relative ones start at the brief's folder."""
        return (self.path.parent / Path(path).expanduser()).resolve()


def brief_sha256(brief: Brief, *, without: frozenset[str] = frozenset()) -> str:
    """Hash of every value of the brief, inferred ones included, but for the sections named; comments and order do not
    count."""
    return _sha256(brief.document.model_dump(mode="json", by_alias=True, exclude=set(without)))


def pixels_sha256(brief: Brief) -> str:
    """Hash of every value that decides the pixels of a frame: without the declaration and what is delivered, and
    without engine and scale, which a run may state otherwise."""
    values = brief.document.model_dump(mode="json", by_alias=True, exclude={"declaration", "deliver"})
    for key in ("engine", "scale"):
        values["render"].pop(key)
    return _sha256(values)


def _sha256(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def new_brief(
    path: Path,
    *,
    shot: str,
    plate: PlateInfo,
    declaration: Mapping[str, object],
    plate_path: str | None = None,
    show: str = "untitled",
    values: Mapping[str, object] | None = None,
    department: str = "destruction",
) -> Brief:
    """Write a fully commented brief for a plate and return it as read back.

    ``declaration`` has the fields of :class:`schema.DeclarationSection`; ``values`` are stated values by dotted name
    (``{"collapse.mode": "topple"}``). What the plate's file told (rate, focal length, colour space) is written as
    inferred. Raises BriefError for anything that :func:`load_brief` would refuse, before a file is written, and where
    a brief stands there already.
    """
    if path.exists():
        raise BriefError("there is a brief already", file=path, remedy="edit it, or give the shot another name")
    stated: dict[str, object] = {
        "shot.name": shot,
        "shot.show": show,
        "plate.path": plate_path or plate.source,
        "plate.sha256": plate.sha256,
        **{f"declaration.{key}": value for key, value in _flat(declaration).items()},
    }
    frames = len(plate.frames)
    if not plate.still:
        stated |= {"plate.first_frame": plate.frames.first, "plate.last_frame": plate.frames.first + frames - 1}
    stated |= dict(values or {})
    tree: dict[str, Any] = {"schema": schema.SCHEMA, "department": department}
    for name, value in stated.items():
        parent, key = _parent(tree, name, file=path)
        parent[key] = value
    text = written(KINDS[department], tree, title=f"Setpiece brief of shot {shot}")
    _validated(parsed(text, path), path)
    write_text(path, text)
    inferred: dict[str, tuple[object, str]] = {
        "plate.rate": (str(plate.frames.rate), "the film standard" if plate.still else "from the file")
    }
    if not plate.colour_space_stated:
        inferred["plate.colour_space"] = (plate.source_colour_space, "from the file")
    if plate.focal_px is not None and not {"plate.focal_px", "plate.focal_mm_35", "camera.focal_px"} & stated.keys():
        inferred["plate.focal_px"] = (plate.focal_px, plate.focal_source)
    return write_inferred(path, inferred)


def load_brief(path: Path) -> Brief:
    """Read a brief. Raises BriefError naming file, line and remedy for anything wrong with it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BriefError(
            f"cannot be read: {error.strerror}", file=path, remedy="make a shot with 'setpiece shot new NAME --plate FILE'"
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BriefError(f"line {line} is not UTF-8", file=path, remedy="save the file as UTF-8 text") from error
    document = parsed(text, path)
    values, inferred = _agreeing(document, path)
    return Brief(path=path, document=values, inferred=inferred)


def write_inferred(path: Path, values: Mapping[str, tuple[object, str]]) -> Brief:
    """Write inferred values into the brief, each with its note as a comment, and return the brief as it is then.

    ``values`` are (value, note) by dotted name. A value that the artist stated is left alone; an inferred one that what is
    stated has overtaken becomes ``auto`` where nothing new is found. Floats are rounded to six significant digits: what
    stands in the brief is what is used.
    """
    brief = load_brief(path)
    text = path.read_text(encoding="utf-8-sig")
    record = _record(path)
    for name in dict(_inferred(parsed(text, path), path)).keys() - dict(brief.inferred).keys() - values.keys():
        text = parsed(text, path).with_value(name, None, "")
        record.pop(name)
    for name, (found, note) in values.items():
        if brief.is_stated(name):
            continue
        value = rounded(found)
        text = parsed(text, path).with_value(name, value, f"inferred, {' '.join(note.split())}{_STAYS}")
        record[name] = value
    _validated(parsed(text, path), path)
    if record:
        write_json(_record_path(path), {"schema": INFERRED_SCHEMA, "values": record})
    if text != path.read_text(encoding="utf-8-sig"):
        write_text(path, text)
    return load_brief(path)


def write_stated(path: Path, values: Mapping[str, object]) -> Brief:
    """Write values into the brief as the artist's own, by dotted name, and return the brief as it is then."""
    text = path.read_text(encoding="utf-8-sig")
    for name, value in values.items():
        text = parsed(text, path).with_value(name, value, "")
    _agreeing(parsed(text, path), path)
    write_text(path, text)
    return load_brief(path)


def rounded(value: object) -> object:
    """``value`` with floats cut to six significant digits and tuples as lists, as it will stand in the brief."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if hasattr(value, "tolist"):
        return rounded(value.tolist())
    if isinstance(value, float):
        short = float(f"{value:.6g}")
        return int(short) if short.is_integer() and abs(short) < 1e6 else short
    return str(value)


def _record_path(path: Path) -> Path:
    return path.parent / "stage" / "inferred.json"


def _record(path: Path) -> dict[str, object]:
    """What was inferred last, by dotted name."""
    file = _record_path(path)
    if not file.is_file():
        return {}
    document = read_json(file)
    if not isinstance(document, dict) or document.get("schema") != INFERRED_SCHEMA:
        raise RecordDamaged("is not a record of inferred values", file=file, remedy="delete it and run the shot again")
    return dict(document["values"])


def _inferred(document: Document, path: Path) -> tuple[tuple[str, str], ...]:
    record = _record(path)
    found = []
    for name, entry in document.entries.items():
        if name in record and _MARK.search(entry.comment) and rounded(entry.value) == record[name]:
            note = _MARK.sub("", entry.comment).partition(_STAYS)[0].strip(" ,")
            found.append((name, note))
    return tuple(found)


def _kind(document: Document, path: Path) -> type[BriefDocument]:
    """Which department's brief it is; one that names none is of the first."""
    name = document.values.get("department", "destruction")
    if name == "previs":
        raise BriefError(
            "is the brief of a set, which has no shot to run", file=path, remedy="look at it: setpiece previs view NAME"
        )
    if name not in KINDS:
        raise BriefError(
            f"{_line(document.nearest(['department']))}there is no department '{name}'",
            file=path,
            remedy=f"write department: {' or '.join(KINDS)}",
        )
    return KINDS[name]


def _agreeing(document: Document, path: Path) -> tuple[BriefDocument, tuple[tuple[str, str], ...]]:
    """The document's values and what of them is inferred, without what was inferred once and contradicts by now what is
    stated: that is to be found anew. What is stated and contradicts itself is refused."""
    inferred, kind = _inferred(document, path), _kind(document, path)
    if inferred:
        document.check_keys(kind, path)
        try:
            return kind.model_validate(document.values), inferred
        except ValidationError:
            pass
    agreeing: list[tuple[str, str]] = []
    found = _validated(document, path, without=[name for name, _ in inferred])
    for name, note in inferred:
        kept = {other for other, _ in agreeing} | {name}
        try:
            found = kind.model_validate(_values(document, without=[other for other, _ in inferred if other not in kept]))
        except ValidationError:
            continue
        agreeing.append((name, note))
    return found, tuple(agreeing)


def _values(document: Document, *, without: Iterable[str] = ()) -> dict[str, Any]:
    values = copy.deepcopy(document.values)
    for name in without:
        parent, key = _parent(values, name)
        parent.pop(key, None)
    return values


def _validated(document: Document, path: Path, *, without: Iterable[str] = ()) -> BriefDocument:
    kind = _kind(document, path)
    document.check_keys(kind, path)
    try:
        return kind.model_validate(_values(document, without=without))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        keys = [str(part) for part in problem["loc"] if not isinstance(part, int)]
        entry = document.nearest(keys)
        sentence, _, remedy = _sentence(problem, document, keys).partition("\n")
        if entry is None:
            entry = next((document.entries[name] for name in _NAME.findall(sentence) if name in document.entries), None)
        remedy = remedy or _remedy(document, entry, kind)
        raise BriefError(f"{_line(entry)}{sentence}", file=path, remedy=remedy) from error


def _line(entry: Entry | None) -> str:
    return "" if entry is None else f"line {entry.line}: "


def _sentence(problem: Any, document: Document, keys: list[str]) -> str:
    """What pydantic found, said for a person."""
    name = ".".join(keys)
    kind, context = problem["type"], problem.get("ctx", {})
    given = json.dumps(problem["input"], default=str) if not isinstance(problem["input"], dict) else ""
    message = problem["msg"].removeprefix("Value error, ")
    if kind == "missing":
        return f"'{name}' is missing"
    if kind == "value_error":
        return message if not name or name in message or name.split(".")[-1] in message else f"{name}: {message}"
    if kind == "literal_error":
        return f"'{document.known_name(keys)}' is {given}, which is not one of {context['expected']}"
    if kind == "extra_forbidden":
        return f"unknown key '{name}'"
    return f"'{document.known_name(keys)}' is {given}: {message[0].lower()}{message[1:]}"


def _remedy(document: Document, entry: Entry | None, kind: type[schema.Section]) -> str:
    about = "" if entry is None else document.about(kind, entry.name)
    return f"correct it ({about})" if about else "correct it"


def _flat(values: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _parent(tree: dict[str, Any], name: str, file: Path | None = None) -> tuple[dict[str, Any], str]:
    """The mapping that holds the dotted ``name``, made where it is missing, and the last key."""
    *sections, key = name.split(".")
    for section in sections:
        tree = tree.setdefault(section, {})
        if not isinstance(tree, dict):
            raise BriefError(f"'{name}' is not a key of a brief", file=file, remedy="see the comments in brief.yaml")
    return tree, key
