"""Strange states and models are refused before a number of them is used; what is written comes back to the bit."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from learned_shot import SETTINGS, Told, request_of

from setpiece.core.errors import ClearanceRefused, PlateUnreadable, StageError
from setpiece.generate.engines.learned import onnx_model
from setpiece.generate.engines.learned.checkpoint import SCHEMA, State, load_state, save_state
from setpiece.generate.engines.learned.engine import register_facts
from setpiece.generate.engines.learned.onnx_model import export_model, open_shot
from setpiece.generate.engines.learned.training import Training


def crafted(header: dict[str, object], data: bytes = b"\0" * 16) -> bytes:
    head = json.dumps({"__metadata__": {"schema": SCHEMA, "facts": "{}"}} | header).encode()
    return len(head).to_bytes(8, "little") + head + data


def array(shape: list[int], span: list[int], dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": span}


BAD_STATES = {
    "a pickle": pickle.dumps({"weights": [1.0]}),
    "truncated": crafted({"a": array([4], [0, 16])})[:-3],
    "nothing": b"",
    "a header that goes on for ever": (1 << 62).to_bytes(8, "little") + b"{}",
    "huge sides": crafted({"a": array([1 << 40, 1 << 40], [0, 16])}),
    "a negative side": crafted({"a": array([-4], [0, 16])}),
    "an offset beyond the end": crafted({"a": array([8], [0, 32])}),
    "overlapping arrays": crafted({"a": array([4], [0, 16]), "b": array([2], [8, 16])}),
    "bytes that nobody reads": crafted({"a": array([2], [0, 8])}),
    "another type": crafted({"a": array([16], [0, 16], "U8")}),
    "not a number": crafted({"a": array([4], [0, 16])}, np.full(4, np.nan, np.float32).tobytes()),
    "another schema": crafted({"__metadata__": {"schema": "else/1"}, "a": array([4], [0, 16])}),
    "a nest of brackets": (9000).to_bytes(8, "little") + b"[" * 9000,
}


@pytest.mark.parametrize("what", BAD_STATES)
def test_a_strange_state_is_refused_naming_the_file(tmp_path: Path, what: str) -> None:
    path = tmp_path / "state.safetensors"
    path.write_bytes(BAD_STATES[what])
    with pytest.raises(ClearanceRefused, match=r"state\.safetensors"):
        load_state(path)


def test_an_absent_state_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlateUnreadable, match="absent"):
        load_state(tmp_path / "absent")


def test_a_state_comes_back_to_the_bit_and_arrays_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    arrays = {"a": np.random.default_rng(0).random((2, 3), np.float32), "b": np.arange(5, dtype=np.int64)}
    save_state(path, State(arrays=arrays, facts={"step": 3}))
    found = load_state(path, expect={"a": (2, 3), "b": (5,)})
    assert found.facts == {"step": 3} and all(np.array_equal(found.arrays[n], a) for n, a in arrays.items())
    for wrong in ({"a": (2, 3)}, {"a": (3, 2), "b": (5,)}, {"a": (2, 3), "b": (5,), "c": (1,)}):
        with pytest.raises(ClearanceRefused, match="network"):
            load_state(path, expect=wrong)


def test_a_sound_state_whose_header_is_as_long_as_a_pickle_begins_is_read(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    for padding in range(256):
        data = crafted({"a" * (padding + 1): array([4], [0, 16])})
        if data[0] == 0x80:
            path.write_bytes(data)
            assert len(load_state(path).arrays) == 1
            return
    raise AssertionError("no header of that length was made")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    folder = tmp_path_factory.mktemp("exported")
    training = Training.begin(request_of(), SETTINGS, folder, propagation=Told(request_of()))
    training.step(4)
    digest = export_model(training, folder / "shot.onnx", name="sh020 learned")
    return (folder / "shot.onnx").read_bytes(), digest


@pytest.fixture
def exported(whole: tuple[bytes, str], tmp_path: Path) -> tuple[Path, str]:
    (tmp_path / "shot.onnx").write_bytes(whole[0])
    return tmp_path / "shot.onnx", whole[1]


def test_the_exported_model_says_what_the_network_says_and_who_it_is(exported: tuple[Path, str]) -> None:
    path, digest = exported  # the agreement with the network is checked by export itself, to a thousandth of a stop
    shot = open_shot(path, sha256=digest)
    assert (shot.size, shot.face, shot.moves) == (32, False, False)
    facts = register_facts(path, sha256=digest, framework="pytorch 2")
    assert (facts.name, facts.steps, facts.seed, facts.base, facts.per_shot) == ("sh020 learned", 4, 0, None, True)
    assert facts.weights_sha256 == digest and [frame for frame, _ in facts.dataset] == [1002, 1005, 1008]


def test_a_file_that_says_something_else_than_the_network_is_not_left(
    begin: Callable[..., Training], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_model, "AGREEMENT_STOPS", -1.0)
    with pytest.raises(StageError, match="differs from the network"):
        export_model(begin(), tmp_path / "shot.onnx", name="x")
    assert not (tmp_path / "shot.onnx").exists()


def spoiled(path: Path, spoil: Callable[[onnx.ModelProto], object]) -> str:
    proto = onnx.load(str(path))
    spoil(proto)
    path.write_bytes(proto.SerializeToString())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def says(key: str, value: str) -> Callable[[onnx.ModelProto], None]:
    def spoil(proto: onnx.ModelProto) -> None:
        next(entry for entry in proto.metadata_props if entry.key == key).value = value

    return spoil


def outside(proto: onnx.ModelProto) -> None:
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/passwd")


def huge(proto: onnx.ModelProto) -> None:
    proto.graph.initializer[0].dims[0] = 1 << 40


SPOILS = {
    "another canvas": says("size", "64"),
    "an impossible region": says("region", "[9, 9, 2, 2]"),
    "a region that is code": says("region", "__import__('os')"),
    "keyframes without hashes": says("keyframes", '[[1001, "x"]]'),
    "another schema": says("schema", "setpiece.learned/9"),
    "data in another file": outside,
    "a huge tensor": huge,
    "an operator of its own": lambda proto: proto.graph.node.add(op_type="Evil", domain="evil.org", output=["z"]),
    "control flow": lambda proto: proto.graph.node.add(op_type="If", input=["light"], output=["z"]),
    "one output less": lambda proto: proto.graph.output.pop(),
}


@pytest.mark.parametrize("what", SPOILS)
def test_a_spoiled_model_is_refused_naming_the_file(exported: tuple[Path, str], what: str) -> None:
    path, _ = exported
    digest = spoiled(path, SPOILS[what])
    with pytest.raises(ClearanceRefused, match=r"shot\.onnx"):
        open_shot(path, sha256=digest)


def test_a_model_of_another_hash_a_pickle_and_half_a_model_are_refused(exported: tuple[Path, str]) -> None:
    path, digest = exported
    whole = path.read_bytes()
    with pytest.raises(ClearanceRefused, match="SHA-256"):
        open_shot(path, sha256="0" * 64)
    for data in (pickle.dumps({"a": 1}), whole[: len(whole) // 2]):
        path.write_bytes(data)
        with pytest.raises(ClearanceRefused, match=r"shot\.onnx"):
            open_shot(path, sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(PlateUnreadable):
        open_shot(path.with_name("none.onnx"), sha256=digest)
