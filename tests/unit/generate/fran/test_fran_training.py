"""Training on pairs: lineage first, then a network that follows the map of ages; killed, it goes on to the same bits."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from fran_toys import sha256, toy_face, write_pairs

from setpiece.clearance import documents
from setpiece.core.errors import BriefError, ClearanceRefused, SetpieceError
from setpiece.generate.engines.fran.pairs import read_pairs
from setpiece.generate.engines.fran.shape import INPUT, OUTPUT, age_codes, open_net

torch = pytest.importorskip("torch")

from setpiece.generate.engines.fran.training import CHECKPOINT, Plan, train  # noqa: E402

PLAN = Plan(widths=(8, 12), steps=260, batch=4, crop_px=32, rate=8e-3, average=0.95, checkpoint_every=1000, mixed=0.5)
SHORT = replace(PLAN, steps=6, batch=1, checkpoint_every=2, judge=0.1, judge_width=4)


def example(name: str) -> ModuleType:
    """A script of examples/fran_training."""
    path = Path(__file__).parents[4] / "examples" / "fran_training" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"fran_example_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that has learned the toy's ageing."""
    folder = tmp_path_factory.mktemp("trained")
    return train(read_pairs(write_pairs(folder, 12)), folder / "run", PLAN)


def answered(model: Path, face: np.ndarray, age_in: float, age_out: float | np.ndarray) -> np.ndarray:
    """The network's difference of codes, (h, w, 3)."""
    ages = age_codes(np.stack([np.full(face.shape[:2], age_in), np.broadcast_to(age_out, face.shape[:2])], axis=-1))
    planes = np.concatenate([face, ages], axis=-1).transpose(2, 0, 1)[None].astype(np.float32)
    return open_net(model, sha256(model)).model.run({INPUT: planes})[OUTPUT][0].transpose(1, 2, 0)


def test_it_learns_the_toys_ageing_in_both_directions(trained: Path) -> None:
    face = 0.15 + 0.7 * toy_face(np.random.default_rng(77))
    for years in (-30.0, 25.0):
        found = answered(trained, face, 50, 50 + years)[8:-8, 8:-8].mean(axis=(0, 1))
        np.testing.assert_allclose(found, np.array([-0.003, 0, 0.0015]) * years, atol=0.02)


def test_the_age_that_is_there_already_changes_nothing_to_the_bit(trained: Path) -> None:
    face = 0.15 + 0.7 * toy_face(np.random.default_rng(78))
    assert not answered(trained, face, 50, 50).any()


def test_a_changed_map_changes_the_answer_where_and_only_where_it_changed(trained: Path) -> None:
    face = 0.15 + 0.7 * toy_face(np.random.default_rng(79))
    local = np.full(face.shape[:2], 30.0)
    local[:, :48] = 70.0
    even, split = answered(trained, face, 50, 30.0), answered(trained, face, 50, local)
    change = np.abs(split - even).mean(axis=-1).mean(axis=0)
    assert change[8:40].min() > 0.04  # there
    assert change[48 + 6 :].max() < 0.25 * change[8:40].mean()  # it dies within a few pixels of the border of the map
    assert change[48 + open_net(trained, sha256(trained)).shape.reach_px :].max() == 0  # beyond its reach it is none at all
    local[:, 48:] = 50.0
    assert not answered(trained, face, 50, local)[:, 48:].any()  # and where no other age is asked for, nothing changes


def test_a_killed_training_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    pairs = read_pairs(write_pairs(tmp_path, 3))
    whole = train(pairs, tmp_path / "whole", SHORT)

    class Killed(BaseException):
        pass

    def kill(step: int, *_: float) -> None:
        if step == 4:
            raise Killed

    with pytest.raises(Killed):
        train(pairs, tmp_path / "parts", SHORT, told=kill)
    resumed: list[int] = []
    parts = train(pairs, tmp_path / "parts", SHORT, told=lambda step, *_: resumed.append(step))
    assert resumed == [6]  # it did not begin anew
    assert parts.read_bytes() == whole.read_bytes()
    assert (tmp_path / "parts" / CHECKPOINT).read_bytes() == (tmp_path / "whole" / CHECKPOINT).read_bytes()


class Trap:
    """A pickle that would make a folder."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("trapped",)


def test_a_strange_checkpoint_is_refused_and_no_pickle_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pairs = read_pairs(write_pairs(tmp_path, 2))
    plan = replace(SHORT, steps=2)
    train(pairs, tmp_path / "run", plan)
    checkpoint = tmp_path / "run" / CHECKPOINT
    whole = checkpoint.read_bytes()
    for spoiled in (whole[:-5], whole[:40], b"", pickle.dumps(Trap()), whole[:8] + b"x" + whole[9:]):
        checkpoint.write_bytes(spoiled)
        with pytest.raises(SetpieceError) as refusal:
            train(pairs, tmp_path / "run", plan)
        assert refusal.value.file == checkpoint
    assert not (tmp_path / "trapped").exists()
    checkpoint.write_bytes(whole)
    with pytest.raises(SetpieceError, match="another plan"):
        train(pairs, tmp_path / "run", replace(plan, rate=1e-3))
    with pytest.raises(SetpieceError, match="other pairs"):
        train(replace(pairs, sha256="0" * 64), tmp_path / "run", plan)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"owner": ""}, "owner is empty"),
        ({"licence": None}, "licence is empty"),
        ({"training_mining": "constrained"}, "word on training is 'constrained'"),
        ({"training_mining": "notAllowed", "owner": "Somebody Else"}, "word on training is 'notAllowed'"),
        ({"depicts_nobody": False}, "names no people"),
        ({"people": ["jo"], "depicts_nobody": False}, "no consent grant of jo"),
        ({"people": ["jo"], "grants": {"jo": "g1"}}, "depicts nobody"),
        ({"input_age": -3}, "input_age is no age"),
        ({"target_sha256": "0" * 64}, "target is another picture"),
        ({"input": "../elsewhere.png"}, "outside of the manifest's folder"),
        ({"input": "gone.png"}, "input is not there"),
        ({"note": "trust me"}, "'note' is not known"),
    ],
)
def test_an_item_without_its_whole_lineage_is_refused_by_name(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    path = write_pairs(tmp_path, 2, **change)
    with pytest.raises(ClearanceRefused, match=reason) as refusal:
        read_pairs(path)
    assert "1 of 2 items" in str(refusal.value) and "item 0" in str(refusal.value)


def test_a_manifest_that_is_not_complete_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = write_pairs(tmp_path, 1)
    value = json.loads(path.read_text())
    path.write_text(json.dumps(value | {"complete": False}))
    with pytest.raises(ClearanceRefused, match="complete"):
        read_pairs(path)
    for wrong in ([], value | {"schema": "setpiece.other/1"}, value | {"items": []}, value | {"items": {}}):
        path.write_text(json.dumps(wrong))
        with pytest.raises(BriefError):
            read_pairs(path)


def test_a_trained_model_comes_with_the_records_that_the_register_reads(tmp_path: Path) -> None:
    people = {"people": ["jo"], "grants": {"jo": "g1"}, "depicts_nobody": False, "training_mining": "notAllowed"}
    weights = train(read_pairs(write_pairs(tmp_path, 2, **people)), tmp_path / "run", replace(SHORT, steps=1))
    dataset = documents.read(tmp_path / "run" / "dataset.json", kind="dataset")
    model = documents.read(tmp_path / "run" / "model.json", kind="model")
    assert model.weights_sha256 == sha256(weights)
    assert model.datasets == (dataset.id,) and dataset.complete is True and len(dataset.items) == 4
    assert model.about_performers == ("jo",) and model.production == "The Production"
    assert {item.people_cleared for item in dataset.items} == {("jo",), ()}


def test_the_example_draws_trains_and_says_what_to_register(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn, trainer = example("drawn_pairs"), example("train")
    manifest = drawn.write(tmp_path / "drawn", 2, 64, 0)
    few = ["--widths", "4,6", "--steps", "2", "--batch", "1", "--crop", "32"]
    assert trainer.main([str(manifest), str(tmp_path / "run"), *few]) == 0
    said = capsys.readouterr().out
    assert sha256(tmp_path / "run" / "fran.onnx") in said and "setpiece clear model" in said
    value = json.loads(manifest.read_text())
    del value["items"][1]["owner"]
    manifest.write_text(json.dumps(value))
    assert trainer.main([str(manifest), str(tmp_path / "run"), *few]) == ClearanceRefused.exit_code
    assert "item 1 (face0001_input.png): no owner" in capsys.readouterr().err
