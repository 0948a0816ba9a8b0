"""ONNX files from outside, looked through before anything in them runs: a model is data, and strange data is refused.

Place in the flow: engines ``learned`` and ``fran`` open their weights here and nowhere else. The file is read once, and the
very bytes that were hashed are parsed, checked and run, so that nobody swaps it in between. Refused: another hash than the
one that was stated, pickles and archives, damaged or overlong files, data outside the file, operators that are not the
standard's, control flow, functions, text, randomness, tensors too large to be meant, other inputs or outputs than the
engine's, and files that do not say which ``schema`` they keep. Whether a model may be used at all is clearance's to say.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.errors import ClearanceRefused, DependencyMissing, PlateUnreadable, StageError

Shape = tuple[int | str | None, ...]  # exact | the same wherever it is named | any size, fixed or free
MEBIBYTE = 1 << 20
MAX_BYTES = 512 * MEBIBYTE
MAX_SIDE = 1 << 16  # of any tensor
MAX_NODES = 4096
MAX_ELEMENTS = 1 << 28  # of any tensor whose size can be told beforehand: 1 GiB of float32
_OPSETS = range(9, 24)
_BARRED = {
    "If": "control flow",
    "Loop": "control flow",
    "Scan": "control flow",
    "SequenceMap": "control flow",
    "RandomNormal": "randomness",
    "RandomNormalLike": "randomness",
    "RandomUniform": "randomness",
    "RandomUniformLike": "randomness",
    "Multinomial": "randomness",
    "Bernoulli": "randomness",
    "Dropout": "randomness",
    "ImageDecoder": "a file decoder",
}
_PICKLES = {b"\x80": "a pickle", b"PK\x03\x04": "an archive, as PyTorch writes them", b"\x89HDF": "an HDF5 file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that was let in. ``inputs`` and ``outputs`` are the shapes that the file states, free sizes as None."""

    path: Path
    sha256: str
    metadata: Mapping[str, str]
    inputs: Mapping[str, tuple[int | None, ...]]
    outputs: Mapping[str, tuple[int | None, ...]]
    session: Any  # onnxruntime.InferenceSession on the CPU

    def run(self, feeds: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
        """The outputs by name, float32. Raises :class:`StageError` where the inputs do not fit or a result is not finite."""
        if set(feeds) != set(self.inputs):
            raise self._failed(f"takes {', '.join(sorted(self.inputs))}, not {', '.join(sorted(feeds)) or 'nothing'}")
        for name, value in feeds.items():
            stated = self.inputs[name]
            if value.ndim != len(stated) or any(s not in (None, n) for s, n in zip(stated, value.shape, strict=True)):
                raise self._failed(f"input '{name}' is {value.shape}, the file states {stated}")
        contiguous = {name: np.ascontiguousarray(value, np.float32) for name, value in feeds.items()}
        names = list(self.outputs)
        try:
            found = self.session.run(names, contiguous)
        except Exception as error:  # the library raises its own kinds without a common base
            raise self._failed(f"cannot be run: {str(error).splitlines()[0]}") from error
        for name, value in zip(names, found, strict=True):
            if not np.isfinite(value).all():
                raise self._failed(f"output '{name}' is not finite")
        return dict(zip(names, found, strict=True))

    def _failed(self, what: str) -> StageError:
        return StageError(what, file=self.path, remedy="train or export the model again, or use another one")


def open_model(
    path: Path,
    *,
    sha256: str,
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    schema: str,
    max_bytes: int = MAX_BYTES,
    threads: int = 1,
) -> Model:
    """The model at ``path``, checked from end to end and ready to run on ``threads`` CPU threads.

    ``sha256`` is what the brief or the register states; ``inputs`` and ``outputs`` are all that the engine feeds and reads
    (float32; a size of None may be anything, a text stands for one size wherever it is written); ``schema`` is what
    ``metadata_props`` must say under that key, as ``setpiece.fran/1``.

    Raises :class:`PlateUnreadable` where the file is absent, :class:`ClearanceRefused` naming the file and the reason
    where it is not let in, :class:`DependencyMissing` where onnx or onnxruntime is not installed.
    """
    path = Path(path)
    data = _bytes(path, sha256, max_bytes)
    proto = _parsed(path, data)
    _check_whole(path, proto)
    _check_nodes(path, proto)
    for tensor, name in _tensors(proto.graph):
        _check_tensor(path, tensor, name)
    metadata = _metadata(path, proto, schema)
    sizes: dict[str, int | str] = {}
    stated_in = _check_ports(path, "input", proto.graph.input, inputs, sizes)
    stated_out = _check_ports(path, "output", proto.graph.output, outputs, sizes)
    _check_sound(path, proto)
    return Model(
        path=path,
        sha256=sha256.lower(),
        metadata=metadata,
        inputs=stated_in,
        outputs=stated_out,
        session=_session(path, data, threads),
    )


def refused(path: Path, why: str, remedy: str = "use the registered file, or export the model again") -> ClearanceRefused:
    """The one refusal of a model's file."""
    return ClearanceRefused(why, file=path, remedy=remedy)


def _bytes(path: Path, sha256: str, max_bytes: int) -> bytes:
    stated = sha256.strip().lower()
    if len(stated) != 64 or set(stated) - set("0123456789abcdef"):
        raise refused(path, f"'{sha256}' is no SHA-256", "state the hash of the model's file")
    if path.exists() and not path.is_file():
        raise PlateUnreadable("is no file", file=path, remedy="name the model's file")
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise PlateUnreadable(f"cannot be read: {error.strerror}", file=path, remedy="name the model's file") from error
    if len(data) > max_bytes:
        raise refused(path, f"is larger than the {max_bytes / MEBIBYTE:.0f} MB that a model of this engine may have")
    for magic, what in _PICKLES.items():
        if data.startswith(magic):
            raise refused(path, f"is {what}, no ONNX file; pickles are never opened", "export the model as ONNX")
    found = hashlib.sha256(data).hexdigest()
    if found != stated:
        raise refused(path, f"is another file than was stated: its SHA-256 is {found}, stated is {stated}")
    return data


def _parsed(path: Path, data: bytes) -> Any:
    try:
        import onnx
    except ImportError as error:
        raise DependencyMissing("onnx is not installed", file=path, remedy="pip install onnx onnxruntime") from error
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(data)
    except Exception as error:  # protobuf's own kinds
        raise refused(path, "is truncated, damaged or no ONNX file") from error
    if not proto.HasField("graph") or not proto.graph.node:
        raise refused(path, "holds no graph: it is truncated or no ONNX file")
    return proto


def _check_whole(path: Path, proto: Any) -> None:
    if proto.functions:
        raise refused(path, f"defines functions of its own ('{proto.functions[0].name[:60]}')")
    if proto.training_info:
        raise refused(path, "carries instructions for training")
    if proto.graph.sparse_initializer:
        raise refused(path, "holds sparse tensors")
    opsets = {entry.domain: entry.version for entry in proto.opset_import}
    strange = sorted(set(opsets) - {"", "ai.onnx"})
    if strange:
        raise refused(path, f"asks for operators outside of the standard ('{strange[0][:60]}')")
    if not opsets or any(version not in _OPSETS for version in opsets.values()):
        found = ", ".join(str(version) for version in opsets.values()) or "none"
        raise refused(path, f"keeps operator set {found}; {_OPSETS.start} to {_OPSETS.stop - 1} are read")


def _check_nodes(path: Path, proto: Any) -> None:
    import onnx

    graphs = (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS)
    if len(proto.graph.node) > MAX_NODES:
        raise refused(path, f"has {len(proto.graph.node)} operators; {MAX_NODES} are plenty")
    for node in proto.graph.node:
        named = f"operator '{node.op_type[:60]}'"
        if node.domain not in ("", "ai.onnx"):
            raise refused(path, f"{named} is not the standard's (domain '{node.domain[:60]}')")
        if node.op_type in _BARRED:
            raise refused(path, f"{named} is {_BARRED[node.op_type]}")
        if not onnx.defs.has(node.op_type):
            raise refused(path, f"{named} is not the standard's")
        for attribute in node.attribute:
            if attribute.type in graphs or attribute.HasField("g") or attribute.graphs:
                raise refused(path, f"{named} holds a graph of its own: control flow")
            if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
                raise refused(path, f"{named} holds a sparse tensor")


def _tensors(graph: Any) -> Iterator[tuple[Any, str]]:
    """Every tensor of a graph, initial or in an attribute, with a name for messages."""
    for tensor in graph.initializer:
        yield tensor, tensor.name
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t, f"{node.op_type}.{attribute.name}"
            for tensor in attribute.tensors:
                yield tensor, f"{node.op_type}.{attribute.name}"


def _check_tensor(path: Path, tensor: Any, name: str) -> None:
    import onnx

    named = f"tensor '{name[:60]}'"
    if tensor.external_data or tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise refused(path, f"{named} lies in another file: a model is one file", "export it with its weights inside")
    numeric = (onnx.TensorProto.FLOAT, onnx.TensorProto.INT64, onnx.TensorProto.INT32, onnx.TensorProto.BOOL)
    if tensor.data_type not in numeric:
        raise refused(path, f"{named} is neither float32 nor whole numbers")
    elements = math.prod(tensor.dims)
    if any(not 0 <= side <= MAX_SIDE * 16 for side in tensor.dims) or len(tensor.dims) > 8 or elements > MAX_ELEMENTS:
        raise refused(path, f"{named} claims an absurd size {tuple(tensor.dims)[:8]}")
    width = {onnx.TensorProto.FLOAT: 4, onnx.TensorProto.INT64: 8, onnx.TensorProto.INT32: 4}.get(tensor.data_type, 1)
    if tensor.HasField("raw_data"):
        held = len(tensor.raw_data) / width
    else:
        held = max(len(tensor.float_data), len(tensor.int64_data), len(tensor.int32_data))
    if held != elements:
        raise refused(path, f"{named} claims {elements} values and holds {held:g}")
    values = np.frombuffer(tensor.raw_data, "<f4") if tensor.HasField("raw_data") and width == 4 else tensor.float_data
    if tensor.data_type == onnx.TensorProto.FLOAT and not np.isfinite(np.asarray(values)).all():
        raise refused(path, f"{named} holds values that are not finite")


def _metadata(path: Path, proto: Any, schema: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in proto.metadata_props:
        if entry.key in found:
            raise refused(path, f"states '{entry.key[:60]}' twice")
        found[entry.key] = entry.value
    if found.get("schema") != schema:
        said = f"'{found['schema'][:60]}'" if "schema" in found else "nothing"
        raise refused(path, f"says {said} where '{schema}' is due: it is not a model of this engine")
    return found


def _check_ports(
    path: Path, kind: str, ports: Any, wanted: Mapping[str, Shape], sizes: dict[str, int | str]
) -> dict[str, tuple[int | None, ...]]:
    """The shapes that the file states for its inputs or outputs; ``sizes`` gathers what named sizes stand for."""
    import onnx

    names = [port.name for port in ports]
    if sorted(names) != sorted(wanted):
        raise refused(path, f"has {kind}s {', '.join(names)[:120] or 'none'}; {', '.join(wanted)} are due")
    stated: dict[str, tuple[int | None, ...]] = {}
    for port in ports:
        tensor, shape = port.type.tensor_type, wanted[port.name]
        found = tuple(d.dim_value if d.HasField("dim_value") else d.dim_param or "?" for d in tensor.shape.dim)
        named = f"{kind} '{port.name}' ({', '.join(str(side) for side in found)})"
        if not port.type.HasField("tensor_type") or tensor.elem_type != onnx.TensorProto.FLOAT:
            raise refused(path, f"{kind} '{port.name}' is not float32")
        fits = len(found) == len(shape) and all(_fits(*pair, sizes) for pair in zip(found, shape, strict=True))
        if not fits:
            due = ", ".join("any" if side is None else str(side) for side in shape)
            raise refused(path, f"{named} does not fit: ({due}) is due")
        stated[port.name] = tuple(side if isinstance(side, int) else None for side in found)
    return stated


def _fits(found: int | str, wanted: int | str | None, sizes: dict[str, int | str]) -> bool:
    if isinstance(found, int) and not 1 <= found <= MAX_SIDE:
        return False
    if isinstance(wanted, str):
        return sizes.setdefault(wanted, found) == found
    return wanted is None or found == wanted


def _check_sound(path: Path, proto: Any) -> None:
    """The standard's own checker, and the sizes of everything in between, as far as they can be told without running."""
    import onnx

    initial = {tensor.name for tensor in proto.graph.initializer}
    if initial & {port.name for port in proto.graph.input}:
        raise refused(path, "lets its weights be given from outside")
    try:
        onnx.checker.check_model(proto)
        inferred = onnx.shape_inference.infer_shapes(proto, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:  # the library's own kinds
        raise refused(path, f"does not hold together: {str(error).strip().splitlines()[0][:160]}") from error
    for value in (*inferred.graph.value_info, *inferred.graph.output):
        sides = [d.dim_value for d in value.type.tensor_type.shape.dim if d.HasField("dim_value")]
        if any(not 0 <= side <= MAX_SIDE * 16 for side in sides) or math.prod(sides) > MAX_ELEMENTS:
            raise refused(path, f"would make a tensor of an absurd size ('{value.name[:60]}': {tuple(sides)})")


def _session(path: Path, data: bytes, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise DependencyMissing("onnxruntime is not installed", file=path, remedy="pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # its own words go nowhere: an error of ours says what happened
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library raises its own kinds without a common base
        raise refused(path, f"cannot be loaded: {str(error).splitlines()[0][:160]}") from error
