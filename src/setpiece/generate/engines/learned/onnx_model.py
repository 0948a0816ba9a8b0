"""A trained shot as one ONNX file: written from torch, checked against it, opened again only by its hash.

:func:`export_model` writes; :func:`open_shot` opens through :mod:`setpiece.generate.onnx_guard`, which refuses whatever is
not plainly such a file (pickles, data outside of it, operators that are not the standard's, control flow, absurd sizes);
here is added what a model of this engine must say of itself. Inference needs no torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from setpiece.core.arrays import Float32
from setpiece.core.errors import ClearanceRefused, StageError
from setpiece.core.retouch import Box
from setpiece.generate.engines.learned.fuse import Word
from setpiece.generate.onnx_guard import Model, open_model
from setpiece.media.files import atomic_path, sha256_file

if TYPE_CHECKING:
    from setpiece.generate.engines.learned.training import Training

SCHEMA = "setpiece.learned/2"
OPSET = 17
MAX_BYTES = 64 * 1024 * 1024
AGREEMENT_STOPS = 1e-3  # the file and the network that it came from, at worst
_PORTS = ("light", "uv", "prior")
_SAID = {"gain": 3, "alpha": 1, "warp": 2, "trust": 1, "allow": 1}  # planes of each
_SIZES = range(32, 1025)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotModel:
    """An opened model: its canvas' ``size``, the ``region`` it works in where there is no face, whether it ``moves``
    pixels, and the keyframes that it learned from, as (frame, SHA-256)."""

    model: Model
    size: int
    region: Box
    face: bool
    moves: bool
    keys: tuple[tuple[int, str], ...]

    def word(
        self, light: Float32[np.ndarray, "n n 3"], uv: Float32[np.ndarray, "n n 2"], prior: Float32[np.ndarray, "n n 8"]
    ) -> Word:
        """What it says of a frame: coded light, chart coordinates, the propagation (:func:`.explain.told_planes`)."""
        planes = zip(_PORTS, (light, uv, prior), strict=True)
        found = self.model.run({name: _first(plane) for name, plane in planes})
        flat = {name: np.ascontiguousarray(found[name][0, 0]) for name in ("alpha", "trust", "allow")}
        return Word(gain=_last(found["gain"]), warp=_last(found["warp"]), **flat)


def export_model(training: Training, path: Path, *, name: str) -> str:
    """Write the training's averaged network as ONNX, whole or not at all; its SHA-256.

    Raises :class:`StageError` where the file says something else than the network by more than a thousandth of a stop.
    """
    import onnx
    import torch

    from setpiece.generate.engines.learned.net import laid_out

    curriculum, size = training.curriculum, training.settings.size
    net = laid_out(training.mean, for_training=False).eval()
    feeds = _trial(size)
    inputs = tuple(torch.from_numpy(feeds[port]) for port in _PORTS)
    facts = {
        "schema": SCHEMA,
        "name": name,
        "size": str(size),
        "region": json.dumps(list(curriculum.region)),
        "face": str(int(training.request.face is not None)),
        "moves": str(int(curriculum.moves)),
        "keyframes": json.dumps([list(pair) for pair in curriculum.hashes]),
        "steps": str(training.done),
        "seed": str(training.settings.seed),
    }
    with atomic_path(path) as temporary:
        outputs = tuple(_SAID)
        with torch.no_grad():
            wanted = [value.numpy() for value in net(*inputs)]
            torch.onnx.export(
                net,
                inputs,
                str(temporary),
                dynamo=False,
                opset_version=OPSET,
                input_names=list(_PORTS),
                output_names=list(outputs),
            )
        proto = onnx.load(str(temporary), load_external_data=False)
        del proto.metadata_props[:]
        onnx.helper.set_model_props(proto, facts)
        proto.producer_name, proto.producer_version, proto.doc_string = "setpiece", "", ""
        temporary.write_bytes(proto.SerializeToString(deterministic=True))
        digest = sha256_file(temporary)
        model = open_shot(temporary, sha256=digest).model
        found = model.run(feeds)
        apart = max(float(np.abs(found[o] - w).max()) for o, w in zip(outputs, wanted, strict=True))
        if apart > AGREEMENT_STOPS:
            raise StageError(
                f"the exported model differs from the network by {apart:.4f} stops",
                file=path,
                remedy="report this: it is a defect",
            )
    return digest


def open_shot(path: Path, *, sha256: str) -> ShotModel:
    """The model at ``path``, where it is the file of that hash and plainly a model of this engine.

    Raises :class:`PlateUnreadable` where it is absent, :class:`ClearanceRefused` naming the file and the reason.
    """
    model = open_model(
        path,
        sha256=sha256,
        inputs={"light": (1, 3, "n", "n"), "uv": (1, 2, "n", "n"), "prior": (1, 8, "n", "n")},
        outputs={name: (1, count, "n", "n") for name, count in _SAID.items()},
        schema=SCHEMA,
        max_bytes=MAX_BYTES,
    )
    return _described(Path(path), model)


def _described(path: Path, model: Model) -> ShotModel:
    """What the model says of itself, each word checked."""
    told = model.metadata
    try:
        size = int(told["size"])
        region = json.loads(told["region"])
        keys = json.loads(told["keyframes"])
        flags = [{"0": False, "1": True}[told[name]] for name in ("face", "moves")]
        box = tuple(_whole(v) for v in region)
        known = tuple((_whole(frame), _digest(digest)) for frame, digest in keys)
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise _refused(path, "does not say for which canvas, region and keyframes it is") from error
    stated = model.inputs["light"][2]
    if size not in _SIZES or stated != size:
        raise _refused(path, f"says a canvas of {size} px and takes one of {stated}")
    if len(box) != 4 or not (0 <= box[0] < box[2] <= 1 << 16 and 0 <= box[1] < box[3] <= 1 << 16):
        raise _refused(path, f"says an impossible region {box[:4]}")
    return ShotModel(model=model, size=size, region=(box[0], box[1], box[2], box[3]), face=flags[0], moves=flags[1], keys=known)


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _digest(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise ValueError("no SHA-256")
    return value


def _refused(path: Path, why: str) -> ClearanceRefused:
    return ClearanceRefused(why, file=path, remedy="use the registered file, or export the training again")


def _trial(size: int) -> dict[str, np.ndarray[Any, Any]]:
    """Inputs for the comparison: smooth ramps and texture, the whole range of the code."""
    chance = np.random.default_rng(0)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / np.float32(size)
    light = np.stack([x, y, (x + y) / 2]) + chance.normal(0, 0.05, (3, size, size)).astype(np.float32)
    gain, doubt = chance.normal(0, 0.5, (3, size, size)), chance.random((2, size, size))
    missing = chance.normal(0, 0.2, (3, size, size))
    prior = np.concatenate([gain, doubt, missing]).astype(np.float32)
    return {"light": light[None], "uv": np.stack([x * 2 - 1, y * 2 - 1])[None], "prior": prior[None]}


def _first(planes: Float32[np.ndarray, "n n c"]) -> np.ndarray[Any, Any]:
    return np.ascontiguousarray(planes.transpose(2, 0, 1), np.float32)[None]


def _last(planes: np.ndarray[Any, Any]) -> Float32[np.ndarray, "n n c"]:
    return np.ascontiguousarray(planes[0].transpose(1, 2, 0))
