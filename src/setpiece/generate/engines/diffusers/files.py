"""What a model's folder may hold, read and checked before anything of it is loaded.

safetensors only: pickles are refused by their content, whatever they are called. The folder's own words choose nothing:
classes come from the table of families, code in a folder is refused, links and paths that lead out of it are refused.
Every file is hashed into the one hash that the gate ruled on. This module reads; it imports no model library.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from setpiece.core.errors import ClearanceRefused, DependencyMissing, StageError
from setpiece.generate.engines.diffusers.families import Family, Part
from setpiece.media.files import sha256_file

INDEX = "model_index.json"
_BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "I64": 64, "I32": 32, "I16": 16, "I8": 8,
    "U8": 8, "BOOL": 8,
}  # fmt: skip
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".npz", ".joblib")
_CODE = (".py", ".pyc", ".pyo", ".so", ".dll", ".dylib", ".pyd", ".sh", ".bat", ".exe")
_CODE_KEYS = frozenset({"auto_map", "custom_pipelines", "custom_pipeline", "trust_remote_code", "_custom_pipeline"})
_KERNEL = "_implementation"  # a name with a slash there is a hub's own kernel: code
_MOST_HEADER = 100_000_000  # bytes; the format's own limit
_SAFE = ".safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """A tensor as a safetensors header states it."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def parameters(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part of a pipeline: its folder, library and class out of the table, its config and its tensors by name."""

    name: str
    folder: Path
    part: Part
    config: Mapping[str, Any]
    tensors: Mapping[str, Tensor]

    @property
    def parameters(self) -> int:
        """Numbers in all of its weights."""
        return sum(tensor.parameters for tensor in self.tensors.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """A folder that passed: its family, its hash (as the register's: of all files with their names), its components and
    the plain values in its index."""

    folder: Path
    family: Family
    sha256: str
    components: Mapping[str, Component]
    settings: Mapping[str, Any]


def folder_of(source: str | Path, *, allow_download: bool) -> Path:
    """The local folder of ``source``: a path, or a hub id (``owner/name``) that lies in the hub's cache.

    A hub id is downloaded only with ``allow_download``, safetensors, json and vocabulary alone; otherwise nothing leaves
    this machine. Raises :class:`StageError` where it is not here, :class:`DependencyMissing` without the hub's client.
    """
    path = Path(source)
    if path.is_dir():
        return path
    text = str(source)
    if path.is_absolute() or text.count("/") != 1 or ".." in text or "\\" in text:
        raise StageError("is no folder of a model and no hub id", file=path, remedy="name a folder, or owner/name")
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise DependencyMissing("huggingface_hub is not installed", remedy="pip install 'setpiece[diffusion]'") from error
    try:
        found = snapshot_download(
            text,
            local_files_only=not allow_download,
            allow_patterns=["*.safetensors", "*.json", "*.txt", "*.model"],
            ignore_patterns=["*.py", "*.fp16.*", "*.bf16.*"],  # one precision of everything
        )
    except Exception as error:  # the hub's client raises its own, requests' and the system's errors
        remedy = "check the name and the connection" if allow_download else "download it first, or allow the download"
        raise StageError(f"'{text}' is not on this machine: {type(error).__name__}", remedy=remedy) from error
    return Path(found)


def inspect(folder: Path, family: Family) -> ModelFiles:
    """Read and check a model's folder against ``family``; see the module. Loads nothing, runs nothing.

    Raises :class:`StageError` naming the file for pickles, code, path tricks, truncated files and classes that the table
    does not have.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise StageError("is no folder of a model", file=folder, remedy="name the folder that holds model_index.json")
    files = _files(folder)
    index = _json(folder / INDEX)
    if not isinstance(index, dict):
        raise _unfit(folder / INDEX, "is no table of components", "export the model again")
    _no_code(index, folder / INDEX)
    stated = index.get("_class_name")
    if not isinstance(stated, str):
        raise _unfit(folder / INDEX, f"names code of its own as pipeline: {stated}", "use a model of the library's classes")
    if stated not in family.published:
        raise _unfit(
            folder / INDEX, f"is published as {stated}, not as {' or '.join(family.published)}", "choose the model's own family"
        )
    components, settings = {}, {}
    for name, value in index.items():
        if name.startswith("_"):
            continue
        if not _is_part(value):
            settings[name] = value
        elif value[0] is not None:
            components[name] = _component(folder, name, (value[0], value[1]), family)
    missing = set(family.parts) - family.optional - set(components)
    if missing:
        raise _unfit(
            folder / INDEX, f"lacks {', '.join(sorted(missing))}, so it is no {family.title} model", "choose its family"
        )
    return ModelFiles(
        folder=folder,
        family=family,
        sha256=_sha256(folder, files),
        components=MappingProxyType(components),
        settings=MappingProxyType(settings),
    )


def check_cleared(path: Path, digest: str, models: tuple[str, ...]) -> None:
    """Raise :class:`ClearanceRefused` where the gate did not rule on exactly these weights."""
    if digest not in models:
        raise ClearanceRefused(
            f"these weights ({digest[:16]}…) are not among those that the gate ruled on",
            file=path,
            remedy="register the model and run the shot by the gates again",
        )


def read_header(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file by name, its lengths checked to the byte against the file's size.

    Raises :class:`StageError` naming the file where it is a pickle, truncated or damaged.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else -1
        if not 2 <= length <= min(_MOST_HEADER, size - 8):
            if head[:1] == b"\x80" or head[:2] == b"PK":
                raise _unfit(path, "is a pickle under another name: it could run code", "get the model as safetensors")
            raise _unfit(path, "is truncated or no safetensors file", "download it again")
        raw = file.read(length)
    try:
        header = json.loads(raw)
        tensors = {name: _tensor(entry) for name, entry in header.items() if name != "__metadata__"}
        spans = sorted(tuple(header[name]["data_offsets"]) for name in tensors)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unfit(path, f"has a damaged header: {error}", "download it again") from error
    end = 0
    for (first, last), bits in zip(spans, _bits_by_span(header, tensors), strict=True):
        if first != end or last - first != bits // 8:
            raise _unfit(path, "has tensors that overlap or do not fit their shapes", "download it again")
        end = last
    if size != 8 + length + end:
        raise _unfit(path, f"is truncated: {size} bytes of {8 + length + end}", "download it again")
    return tensors


def _tensor(entry: Mapping[str, Any]) -> Tensor:
    shape = tuple(int(side) for side in entry["shape"])
    if entry["dtype"] not in _BITS or any(side < 0 for side in shape):
        raise ValueError(f"unknown dtype or shape {entry['dtype']} {shape}")
    return Tensor(dtype=entry["dtype"], shape=shape)


def _bits_by_span(header: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> list[int]:
    """Bits of each tensor in the order of its place in the file."""
    order = sorted(tensors, key=lambda name: tuple(header[name]["data_offsets"]))
    return [tensors[name].parameters * _BITS[tensors[name].dtype] for name in order]


def _files(folder: Path) -> tuple[Path, ...]:
    """Every file below ``folder``, sorted; none that is code, a pickle or a link out of it."""
    root = folder.resolve()
    blobs = root  # the hub's own cache links every file of a snapshot to a blob beside it
    if root.parent.name == "snapshots" and root.parent.parent.name.startswith("models--"):
        blobs = root.parent.parent / "blobs"
    found = []
    for path in sorted(folder.rglob("*")):
        target = path.resolve()
        if not (target.is_relative_to(root) or target.is_relative_to(blobs)):
            raise _unfit(path, f"leads out of the model's folder, to {target}", "copy the file into the folder")
        if not path.is_file():
            continue
        ending = path.suffix.lower()
        if ending in _CODE:
            raise _unfit(path, "is code: nothing in a model's folder is ever run", "remove it, or use another model")
        if ending in _PICKLED or _pickle(path):
            raise _unfit(path, "can hold a pickle, which could run code", "get the model as safetensors, remove this file")
        found.append(path)
    return tuple(found)


def _pickle(path: Path) -> bool:
    """Whether a file is a pickle or a zip by its content."""
    with path.open("rb") as file:
        head = file.read(4)
    return head[:4] == b"PK\x03\x04" or (head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
                                        and path.suffix != _SAFE)  # fmt: skip


def _component(folder: Path, name: str, part: Part, family: Family) -> Component:
    """One row of the index, checked against the table."""
    file = folder / INDEX
    if name not in family.parts:
        raise _unfit(file, f"names a part '{name}' that {family.title} does not have", "choose the model's own family")
    if part not in family.parts[name]:
        wanted = " or ".join(f"{library}.{cls}" for library, cls in family.parts[name])
        raise _unfit(file, f"wants {part[0]}.{part[1]} for '{name}', not {wanted}", "nothing else is ever loaded")
    if PurePosixPath(name).name != name or name in {".", ".."}:
        raise _unfit(file, f"names a part by a path: '{name}'", "use a model as its maker published it")
    where = folder / name
    if not where.is_dir():
        raise _unfit(where, "is missing from the model", "download the model again, all of its folders")
    config: dict[str, Any] = {}
    for document in sorted(where.glob("*.json")):
        value = _json(document)
        _no_code(value, document)
        if document.name in {"config.json", "scheduler_config.json"}:
            config = value
    return Component(name=name, folder=where, part=part, config=MappingProxyType(config), tensors=_weights(where))


def _weights(folder: Path) -> MappingProxyType[str, Tensor]:
    """All tensors of a component by name, over its shards. Raises StageError for shards that its index misplaces."""
    tensors: dict[str, Tensor] = {}
    for file in sorted(folder.glob(f"*{_SAFE}")):
        mine = read_header(file)
        twice = tensors.keys() & mine.keys()
        if twice:
            raise _unfit(file, f"holds '{min(twice)}' a second time", "keep one precision of the weights in the folder")
        tensors |= mine
    for index in folder.glob(f"*{_SAFE}.index.json"):
        for shard in set(_json(index).get("weight_map", {}).values()):
            if PurePosixPath(str(shard)).name != shard or not (folder / str(shard)).is_file():
                raise _unfit(index, f"names a shard '{shard}' that is not in this folder", "download the model again")
    return MappingProxyType(tensors)


def _no_code(value: object, file: Path) -> None:
    """Refuse a document that asks for code of the folder's own, at any depth."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            kernel = _KERNEL in str(key) and isinstance(item, str) and "/" in item
            if kernel or (key in _CODE_KEYS and item not in (None, False)):
                raise _unfit(file, f"asks for code of its own ('{key}')", "use a model of the library's own classes")
            _no_code(item, file)
    elif isinstance(value, list):
        for item in value:
            _no_code(item, file)


def _is_part(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(item is None or isinstance(item, str) for item in value)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unfit(path, f"cannot be read: {error}", "name the folder that holds the whole model") from error


def _sha256(folder: Path, files: tuple[Path, ...]) -> str:
    """The register's hash of a folder: of ``"<sha256>  <path>"`` lines of all its files, sorted."""
    lines = [f"{sha256_file(file)}  {file.relative_to(folder).as_posix()}\n" for file in sorted(files)]
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def _unfit(file: Path, fault: str, remedy: str) -> StageError:
    return StageError(fault, file=file, remedy=remedy)
