"""A user's own ComfyUI workflow (API format), and which of its inputs are ours: bindings by node title.

A node whose title says ``setpiece:depth`` gets the depth pass, one that says ``setpiece:seed setpiece:steps`` the seed
and the steps. What a workflow does not bind it cannot honour: capabilities come from its titles alone. The grammar of
titles stands in ``docs/engines/comfyui.md``. Nothing here speaks to a server, and no binding is guessed.
"""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from setpiece.core.errors import CapabilityMissing, StageError
from setpiece.generate.finish import CONTROLS, GUIDANCE, LOCKED, NEGATIVE, REFERENCES, SEED, STEPS, STRENGTH, FinishRequest
from setpiece.media.files import sha256_value

NAME = "comfyui"
WORKFLOW_BYTES = 32 << 20
Format = Literal["png8", "png16", "exr"]
Colour = Literal["display", "linear"]

SHOT_PICTURES = ("plate", "matte", *CONTROLS)  # one a frame
STILL_PICTURES = ("reference", "locked_before", "locked_after")  # one a job
PICTURES = (*SHOT_PICTURES, *STILL_PICTURES)
_IMAGE_INPUTS = ("image", "image_path", "filepath", "file_path", "path", "file", "directory", "folder", "images")
VALUES: dict[str, tuple[str, ...]] = {  # the inputs that each value looks for, in this order
    "prompt": ("text", "prompt", "string", "value", "positive"),
    "negative": ("text", "negative_prompt", "string", "value", "negative"),
    "seed": ("seed", "noise_seed", "value", "int"),
    "steps": ("steps", "value", "int"),
    "strength": ("denoise", "strength", "value", "float"),
    "guidance": ("cfg", "guidance", "guidance_scale", "value", "float"),
    "width": ("width", "value", "int"),
    "height": ("height", "value", "int"),
    "frames": ("length", "frames", "num_frames", "batch_size", "amount", "value", "int"),
    **{f"{kind}_weight": ("strength", "weight", "value", "float") for kind in CONTROLS},
}
OUTPUT = "output"
NAMES = (*PICTURES, *VALUES, OUTPUT)
_OPTIONS = {
    **dict.fromkeys(SHOT_PICTURES, ("input", "format", "colour", "frames", "multiple")),
    **dict.fromkeys(STILL_PICTURES, ("input", "format", "colour")),
    **dict.fromkeys(VALUES, ("input",)),
    OUTPUT: ("colour", "seedless"),
}
_CORE_8BIT = ("LoadImage", "LoadImageMask", "LoadImageOutput", "LoadImageSetNode")  # read through Pillow at 8 bits
_UNORDERED = ("LoadImageSetFromFolderNode", "LoadImageDataSetFromFolder")  # read a folder in the disk's own order
_WORD = re.compile(r"setpiece:([A-Za-z_]+)(?:\[(\d{1,4})\])?")
_MAX_FRAMES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One input of one node that is ours. ``index`` numbers the loaders of a batch (None where there is one); ``frames``
    above 1 without index means a folder of numbered pictures. ``format`` and ``colour`` say how pictures are sent."""

    name: str
    node: str
    class_type: str
    input: str
    index: int | None = None
    frames: int = 1
    format: Format = "png8"
    colour: Colour = "display"
    multiple: int = 1
    seedless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A checked workflow: its graph (node id → class_type, inputs), its bindings, the frames that one job takes, and
    the number of pixels that its sizes must be a multiple of."""

    file: Path
    graph: Mapping[str, Mapping[str, Any]]
    bindings: tuple[Binding, ...]
    window: int
    multiple: int
    sha256: str

    def bound(self, name: str) -> tuple[Binding, ...]:
        """The bindings of a name, in the order of their index."""
        return tuple(sorted((b for b in self.bindings if b.name == name), key=lambda b: (b.index or 0, b.node)))

    @property
    def output(self) -> Binding:
        """Where the finished pictures come from."""
        return self.bound(OUTPUT)[0]

    def classes(self) -> tuple[str, ...]:
        """Every node class that it uses, once, sorted."""
        return tuple(sorted({node["class_type"] for node in self.graph.values()}))

    def capabilities(self) -> frozenset[str]:
        """What of a request it honours, in the words of :mod:`setpiece.generate.finish`."""
        have = {binding.name for binding in self.bindings}
        able: set[str] = {kind for kind in CONTROLS if kind in have}
        able |= {name for name in (NEGATIVE, SEED, STEPS, STRENGTH, GUIDANCE) if name in have}
        able |= {REFERENCES} if "reference" in have else set()
        able |= {LOCKED} if have & {"locked_before", "locked_after"} else set()
        able |= {SEED} if self.output.seedless else set()
        return frozenset(able)


def read_workflow(file: Path) -> Workflow:
    """The workflow in ``file``. Raises :class:`StageError` (unreadable, not in API format, titles that mean nothing)."""
    file = Path(file)
    try:
        if file.stat().st_size > WORKFLOW_BYTES:
            raise StageError("is too large for a workflow", file=file, remedy="export it again in API format")
        told = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise StageError(f"cannot be read: {error.strerror}", file=file, remedy="check the path of the workflow") from error
    except (ValueError, RecursionError) as error:
        raise StageError(f"is no JSON: {error}", file=file, remedy="export the workflow again in API format") from error
    return parse_workflow(told, file=file)


def parse_workflow(told: object, *, file: Path) -> Workflow:
    """The workflow in decoded JSON ``told``; ``file`` is named in errors. As :func:`read_workflow`."""
    if isinstance(told, Mapping) and isinstance(told.get("prompt"), Mapping):
        told = told["prompt"]  # what /prompt is posted, and what some exporters write
    if isinstance(told, Mapping) and isinstance(told.get("nodes"), list):
        raise StageError(
            "is a workflow as the editor saves it (nodes and links), not in API format",
            file=file,
            remedy="open it in ComfyUI and choose File, Export (API); older versions: enable dev mode, Save (API Format)",
        )
    if not isinstance(told, Mapping) or not told:
        raise StageError("holds no workflow", file=file, remedy="export it from ComfyUI with File, Export (API)")
    for node_id, node in told.items():
        good = isinstance(node, Mapping) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), Mapping)
        if not good:
            raise StageError(
                f"node {str(node_id)[:40]} has no class_type or no inputs",
                file=file,
                remedy="export it from ComfyUI with File, Export (API)",
            )
    graph = {str(node_id): copy.deepcopy(dict(node)) for node_id, node in told.items()}
    bindings = tuple(b for node_id, node in graph.items() for b in _bindings(node_id, node, file))
    window, multiple = _checked(bindings, file)
    return Workflow(
        file=file, graph=graph, bindings=bindings, window=window, multiple=multiple, sha256=sha256_value(graph)
    )  # fmt: skip


def _bindings(node_id: str, node: Mapping[str, Any], file: Path) -> list[Binding]:
    """What a node's title binds."""
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    if not isinstance(title, str) or "setpiece:" not in title.lower():
        return []
    found: list[tuple[str, int | None, dict[str, str]]] = []
    for word in title.split():
        match = _WORD.fullmatch(word)
        if match is not None:
            found.append((_known(match[1], NAMES, "setpiece:", title, file), None if match[2] is None else int(match[2]), {}))
        elif word.lower().startswith("setpiece:"):
            name = word.split(":", 1)[1]
            raise _title(title, file, f"'{word}' is no binding", f"did you mean '{_near(name, NAMES, 'setpiece:')}'?")
        elif found and ("=" in word or word == "seedless"):
            key, _, value = word.partition("=")
            key = _known(key, _OPTIONS[found[-1][0]], "", title, file)
            found[-1][2][key] = value
    if not found:
        raise _title(title, file, "binds nothing", "write setpiece:plate, with a space before what follows")
    return [_binding(node_id, node, name, index, options, title, file) for name, index, options in found]


def _binding(
    node_id: str, node: Mapping[str, Any], name: str, index: int | None, options: Mapping[str, str], title: str, file: Path
) -> Binding:
    class_type, inputs = node["class_type"], node["inputs"]
    if name == OUTPUT:
        colour = _choice(options.get("colour", "display"), ("display", "linear"), "colour", title, file)
        return Binding(
            name=name, node=node_id, class_type=class_type, input="", colour=colour, seedless="seedless" in options
        )  # fmt: skip
    wanted = (options["input"],) if "input" in options else VALUES.get(name, _IMAGE_INPUTS)
    key = next((key for key in wanted if key in inputs), None)
    if key is None:
        have = ", ".join(sorted(inputs)) or "none"
        raise _title(
            title, file, f"has no input {' or '.join(wanted)} for setpiece:{name}; it has {have}",
            f"name it in the title: setpiece:{name} input=NAME",
        )  # fmt: skip
    if isinstance(inputs[key], list):
        raise _title(title, file, f"gets its input '{key}' from another node", "title the node where the value is written")
    frames = _number(options.get("frames", "1"), 1, _MAX_FRAMES, "frames", title, file)
    if class_type in _UNORDERED:
        raise _title(title, file, f"is a {class_type}, which reads a folder in no stated order", "use one loader a frame")
    told = options.get("format", "png8" if class_type in _CORE_8BIT else "")
    if name in PICTURES and not told:
        raise _title(
            title, file, f"is a {class_type}; what it reads is not known here",
            "state it: format=exr, format=png16 or format=png8",
        )  # fmt: skip
    form = _choice(told or "png8", ("png8", "png16", "exr"), "format", title, file)
    if class_type in _CORE_8BIT and form != "png8":
        raise _title(
            title, file, f"is a {class_type}, which reads 8 bits whatever it is given", "load by a node that reads EXR"
        )
    return Binding(
        name=name, node=node_id, class_type=class_type, input=key, index=index, frames=frames,
        format=form,
        colour=_choice(options.get("colour", "display"), ("display", "linear"), "colour", title, file),
        multiple=_number(options.get("multiple", "1"), 1, 256, "multiple", title, file),
    )  # fmt: skip


def _checked(bindings: tuple[Binding, ...], file: Path) -> tuple[int, int]:
    """(frames of a job, multiple of pixels) that the bindings agree on."""
    outputs = [b for b in bindings if b.name == OUTPUT]
    if len(outputs) != 1:
        raise StageError(
            f"titles {len(outputs)} nodes setpiece:output",
            file=file, remedy="title the one node that saves the finished pictures setpiece:output",
        )  # fmt: skip
    windows: dict[str, int] = {}
    for name in SHOT_PICTURES:
        mine = [b for b in bindings if b.name == name]
        if not mine:
            continue
        if len({(b.format, b.colour) for b in mine}) != 1:
            raise StageError(
                f"loads setpiece:{name} in several formats", file=file, remedy="give all its loaders one format and one colour"
            )  # fmt: skip
        indices = {b.index for b in mine}
        if indices != {None} and indices != set(range(len(indices))):
            raise StageError(
                f"numbers setpiece:{name} {', '.join(sorted(str(i) for i in indices))}",
                file=file, remedy=f"number the loaders of a batch from setpiece:{name}[0] on, without a gap",
            )  # fmt: skip
        lengths = {b.frames for b in mine} if indices == {None} else {len(indices)}
        if len(lengths) != 1 or (indices != {None} and any(b.frames != 1 for b in mine)):
            raise StageError(f"setpiece:{name} disagrees on its frames", file=file, remedy="state one number, or number them")
        windows[name] = lengths.pop()
    if len(set(windows.values())) > 1:
        told = ", ".join(f"{name} {count}" for name, count in windows.items())
        raise StageError(f"takes different numbers of frames ({told})", file=file, remedy="let every pass be as long")
    linear = [b for b in bindings if b.colour == "linear" and b.name in PICTURES and b.format != "exr"]
    if linear:
        raise StageError(
            f"setpiece:{linear[0].name} is linear but not EXR", file=file, remedy="colour=linear needs format=exr"
        )  # fmt: skip
    return max(windows.values(), default=1), max((b.multiple for b in bindings), default=1)


def check_request(workflow: Workflow, request: FinishRequest) -> None:
    """Raise :class:`CapabilityMissing` naming the first thing asked for that no title binds, beyond ``check_finish``:
    plate, prompt, the weight of a control, as many references as there are, locked frames on the sides that exist.

    The matte needs no binding: it is honoured where pixels are put into the plate.
    """
    have = {binding.name for binding in workflow.bindings}
    seeds = sorted({b.node for b in workflow.bound("seed")})
    loose = [
        f"node {node_id}, '{key}'"
        for node_id, node in workflow.graph.items()
        for key, value in node["inputs"].items()
        if key in ("seed", "noise_seed") and not isinstance(value, list) and node_id not in seeds
    ]
    before = [lock for lock in request.locked if lock.frame < request.frames.first]
    after = [lock for lock in request.locked if lock.frame > request.frames.last]
    asked = (
        ("plate", True, "title the loader of the plate setpiece:plate"),
        ("prompt", bool(request.prompt), "title the node with the prompt setpiece:prompt"),
        *((f"{c.kind}_weight", c.weight != 1.0, f"title its node setpiece:{c.kind}_weight") for c in request.controls),
        ("locked_before", bool(before), "title a loader setpiece:locked_before"),
        ("locked_after", bool(after), "title a loader setpiece:locked_after"),
    )
    for name, wanted, remedy in asked:
        if wanted and name not in have:
            raise CapabilityMissing(name, engine=NAME, remedy=remedy)
    if loose:
        raise CapabilityMissing(SEED, engine=NAME, remedy=f"title every seed setpiece:seed; one is not: {loose[0]}")
    kinds = {c.kind for c in request.controls}
    unfed = sorted((have & set(CONTROLS)) - kinds)
    unfed += ["reference"] if len(workflow.bound("reference")) != len(request.references) else []
    unfed += [n for n, given in (("locked_before", before), ("locked_after", after)) if n in have and len(given) != 1]
    if len(unfed):
        raise CapabilityMissing(
            unfed[0], engine=NAME,
            remedy=f"the workflow's setpiece:{unfed[0]} must be given exactly what it binds: add it to the brief, drop the "
            "surplus, or take it out of the workflow",
        )  # fmt: skip


def _known(name: str, names: tuple[str, ...], prefix: str, title: str, file: Path) -> str:
    if name.lower() in names:
        return name.lower()
    raise _title(title, file, f"'{prefix}{name}' is not known", f"did you mean '{_near(name, names, prefix)}'?")


def _near(name: str, names: tuple[str, ...], prefix: str) -> str:
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.0)
    return prefix + (near[0] if near else names[0])


def _choice(value: str, names: tuple[str, ...], key: str, title: str, file: Path) -> Any:
    if value in names:
        return value
    raise _title(title, file, f"'{key}={value}' is not known", f"did you mean '{key}={_near(value, names, '')}'?")


def _number(value: str, low: int, high: int, key: str, title: str, file: Path) -> int:
    if value.isascii() and value.isdigit() and low <= int(value) <= high:
        return int(value)
    raise _title(title, file, f"'{key}={value}' is out of range", f"state {key} between {low} and {high}")


def _title(title: str, file: Path, fault: str, remedy: str) -> StageError:
    return StageError(f"the node titled {title[:120]!r} {fault}", file=file, remedy=remedy)
