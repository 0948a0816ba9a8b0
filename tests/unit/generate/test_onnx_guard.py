"""Strange model files are refused before anything in them runs, each with its reason."""

from __future__ import annotations

import hashlib
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from setpiece.core.errors import ClearanceRefused, PlateUnreadable, StageError
from setpiece.generate.onnx_guard import Model, open_model

SCHEMA = "setpiece.test/1"


def a_model(kernel: np.ndarray | None = None) -> onnx.ModelProto:
    """y = conv(x): 1x3xhxw, with its metadata."""
    kernel = np.full((3, 3, 1, 1), 0.5, np.float32) if kernel is None else kernel
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, "h", "w"]) for name in ("x", "y")]
    node = helper.make_node("Conv", ["x", "k"], ["y"])
    graph = helper.make_graph([node], "g", ports[:1], ports[1:], [numpy_helper.from_array(kernel, "k")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"schema": SCHEMA})
    return model


def opened(path: Path, data: bytes, **changes: object) -> Model:
    path.write_bytes(data)
    asked = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "inputs": {"x": (1, 3, "h", "w")},
        "outputs": {"y": (1, 3, "h", "w")},
        "schema": SCHEMA,
    }
    return open_model(path, **(asked | changes))


def test_a_sound_model_opens_and_runs_to_the_same_bits(tmp_path: Path) -> None:
    model = opened(tmp_path / "m.onnx", a_model().SerializeToString())
    picture = np.random.default_rng(0).random((1, 3, 5, 7), np.float32)
    first, second = (model.run({"x": picture})["y"] for _ in range(2))
    assert np.array_equal(first, second)
    np.testing.assert_allclose(first[0, 0], picture[0].sum(axis=0) * 0.5, rtol=1e-6)
    assert model.metadata["schema"] == SCHEMA and model.inputs == {"x": (1, 3, None, None)}


def external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")


def external_in_attribute(model: onnx.ModelProto) -> None:
    constant = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.zeros(3, np.float32), "c"))
    constant.attribute[0].t.external_data.add(key="location", value="weights.bin")
    model.graph.node.insert(0, constant)


def foreign_domain(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "com.evil"
    model.opset_import.append(helper.make_opsetid("com.evil", 1))


def foreign_node(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "com.microsoft"


def unknown_operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "Exec"


def own_function(model: onnx.ModelProto) -> None:
    model.functions.append(helper.make_function("", "Conv2", ["x"], ["y"], [], [helper.make_opsetid("", 17)]))


def branch(model: onnx.ModelProto) -> None:
    inner = helper.make_graph([], "inner", [], [])
    model.graph.node.append(helper.make_node("If", ["x"], ["z"], then_branch=inner, else_branch=inner))


def hidden_graph(model: onnx.ModelProto) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("body", helper.make_graph([], "inner", [], [])))


def randomness(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("RandomNormalLike", ["x"], ["z"]))


def absurd_claim(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[:] = [1 << 40, 3, 1, 1]


def negative_size(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[:] = [-3, -3, 1, 1]


def too_few_values(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].raw_data = b"\0" * 8


def not_finite(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.full((3, 3, 1, 1), np.nan, np.float32), "k"))


def text(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(helper.make_tensor("t", TensorProto.STRING, [1], [b"hello"]))


def memory_bomb(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.array([1 << 19, 1 << 19], np.int64), "big"))
    model.graph.node.append(helper.make_node("ConstantOfShape", ["big"], ["boom"]))


def other_schema(model: onnx.ModelProto) -> None:
    helper.set_model_props(model, {"schema": "setpiece.other/1"})


def no_schema(model: onnx.ModelProto) -> None:
    del model.metadata_props[:]


def schema_twice(model: onnx.ModelProto) -> None:
    model.metadata_props.add(key="schema", value=SCHEMA)


def other_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 4


def sizes_apart(model: onnx.ModelProto) -> None:
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_param = "elsewhere"


def another_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def open_weights(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("k", TensorProto.FLOAT, [3, 3, 1, 1]))


def double_precision(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE


def loose_end(model: onnx.ModelProto) -> None:
    model.graph.node[0].input[0] = "nowhere"


def old_operators(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 4


STRANGE: list[tuple[Callable[[onnx.ModelProto], None], str]] = [
    (external, "another file"),
    (external_in_attribute, "another file"),
    (foreign_domain, "outside of the standard"),
    (foreign_node, "not the standard's"),
    (unknown_operator, "not the standard's"),
    (own_function, "functions of its own"),
    (branch, "control flow"),
    (hidden_graph, "control flow"),
    (randomness, "randomness"),
    (absurd_claim, "absurd size"),
    (negative_size, "absurd size"),
    (too_few_values, "claims 9 values"),
    (not_finite, "not finite"),
    (text, "neither float32"),
    (memory_bomb, "absurd size"),
    (other_schema, "where 'setpiece.test/1' is due"),
    (no_schema, "says nothing"),
    (schema_twice, "twice"),
    (other_output, "does not fit"),
    (sizes_apart, "does not fit"),
    (another_input, "has inputs"),
    (open_weights, "has inputs"),
    (double_precision, "not float32"),
    (loose_end, "does not hold together"),
    (old_operators, "operator set 4"),
]


@pytest.mark.parametrize(("spoil", "reason"), STRANGE, ids=[spoil.__name__ for spoil, _ in STRANGE])
def test_a_strange_model_is_refused_with_its_reason(tmp_path: Path, spoil: Callable[..., None], reason: str) -> None:
    model = a_model()
    spoil(model)
    with pytest.raises(ClearanceRefused, match=reason) as refusal:
        opened(tmp_path / "m.onnx", model.SerializeToString())
    assert refusal.value.file == tmp_path / "m.onnx"


def test_every_truncation_of_a_model_is_refused(tmp_path: Path) -> None:
    data = a_model().SerializeToString()
    for length in range(0, len(data), 7):
        with pytest.raises(ClearanceRefused):
            opened(tmp_path / "m.onnx", data[:length])


def test_no_flipped_byte_brings_down_the_program(tmp_path: Path) -> None:
    data = bytearray(a_model().SerializeToString())
    rng = np.random.default_rng(3)
    for _ in range(150):
        spoiled = bytearray(data)
        for at in rng.integers(len(data), size=2):
            spoiled[at] = int(rng.integers(256))
        try:
            opened(tmp_path / "m.onnx", bytes(spoiled))
        except ClearanceRefused:
            continue


class Trap:
    """A pickle that would make a folder."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("trapped",)


def test_a_pickle_is_refused_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ClearanceRefused, match="a pickle"):
        opened(tmp_path / "m.onnx", pickle.dumps(Trap()))
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(Trap()))
    with pytest.raises(ClearanceRefused, match="an archive"):
        opened(tmp_path / "m.onnx", (tmp_path / "m.pt").read_bytes())
    assert not (tmp_path / "trapped").exists()


def test_another_file_than_was_stated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClearanceRefused, match="another file than was stated"):
        opened(tmp_path / "m.onnx", a_model().SerializeToString(), sha256="0" * 64)
    with pytest.raises(ClearanceRefused, match="is no SHA-256"):
        opened(tmp_path / "m.onnx", a_model().SerializeToString(), sha256="trust me")


def test_a_file_that_is_too_large_is_not_even_read_whole(tmp_path: Path) -> None:
    with pytest.raises(ClearanceRefused, match="is larger than"):
        opened(tmp_path / "m.onnx", a_model().SerializeToString(), max_bytes=64)


def test_an_absent_file_or_a_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.onnx", tmp_path):
        with pytest.raises(PlateUnreadable) as refusal:
            open_model(path, sha256="0" * 64, inputs={}, outputs={}, schema=SCHEMA)
        assert refusal.value.file == path


def test_what_is_fed_must_fit_and_what_comes_out_must_be_finite(tmp_path: Path) -> None:
    model = opened(tmp_path / "m.onnx", a_model(np.full((3, 3, 1, 1), 1e38, np.float32)).SerializeToString())
    with pytest.raises(StageError, match="takes x, not z"):
        model.run({"z": np.zeros((1, 3, 4, 4), np.float32)})
    with pytest.raises(StageError, match="the file states"):
        model.run({"x": np.zeros((1, 4, 4, 4), np.float32)})
    with pytest.raises(StageError, match="not finite"):
        model.run({"x": np.full((1, 3, 4, 4), 1e3, np.float32)})
