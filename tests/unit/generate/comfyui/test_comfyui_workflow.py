"""A workflow honours what its titles bind, and says what it does not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from comfy_shot import batch, flow, invert, keep, node, request, tint

from setpiece.core.errors import CapabilityMissing, ClearanceRefused, StageError
from setpiece.generate.engines.comfyui.weights import check_weights, tools_of, weights_of
from setpiece.generate.engines.comfyui.workflow import NAMES, check_request, read_workflow
from setpiece.generate.finish import CONTROLS, Control, Locked

DOCS = Path(__file__).resolve().parents[4] / "docs" / "engines"

DEPTH = Control(kind="depth", picture=lambda frame: np.zeros((14, 22, 3), np.float32))


def test_capabilities_are_exactly_what_the_titles_bind() -> None:
    assert flow(invert()).capabilities() == {"seed"}
    assert flow(tint()).capabilities() == {"seed", "steps", "guidance", "strength"}
    graph = invert() | {"9": node("LoadImage", "setpiece:depth", image="a.png")}
    assert flow(graph).capabilities() == {"seed", "depth"}


def test_numbered_loaders_state_how_many_frames_a_job_takes() -> None:
    assert flow(batch()).window == 2
    assert flow(invert()).window == 1
    assert flow(keep(load="LoadEXRFolder", format="exr", frames=16)).window == 16


def test_a_gap_in_the_numbers_is_refused() -> None:
    graph = batch()
    graph["2"]["_meta"]["title"] = "setpiece:plate[2]"
    with pytest.raises(StageError, match=r"number the loaders .* without a gap"):
        flow(graph)


@pytest.mark.parametrize(
    ("title", "near"),
    [
        ("setpiece:dept", "setpiece:depth"),
        ("setpiece:Promt", "setpiece:prompt"),
        ("setpiece:plate,", "setpiece:plate"),
        ("setpiece:plate fromat=png8", "format"),
        ("setpiece:plate format=png9", "format=png8"),
    ],
)
def test_an_unknown_title_is_refused_with_the_nearest(title: str, near: str) -> None:
    graph = invert()
    graph["1"]["_meta"]["title"] = title
    with pytest.raises(StageError) as told:
        flow(graph)
    assert f"did you mean '{near}'" in told.value.remedy


def test_a_workflow_as_the_editor_saves_it_is_refused_with_how_to_export(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"nodes": [{"id": 1, "type": "LoadImage"}], "links": []}))
    with pytest.raises(StageError, match=r"mine.json.*not in API format.*Export \(API\)"):
        read_workflow(file)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"1": {"inputs": {}}}', '{"1": 7}', "[" * 100_000])
def test_what_is_no_workflow_is_refused_with_its_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.json"
    file.write_text(text)
    with pytest.raises(StageError, match=r"mine\.json"):
        read_workflow(file)


def test_an_absent_workflow_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"none.json"):
        read_workflow(tmp_path / "none.json")


def test_a_bound_input_must_exist_and_be_written_in_its_node() -> None:
    graph = invert()
    graph["4"]["_meta"]["title"] = "setpiece:seed"
    with pytest.raises(StageError, match="has no input seed or noise_seed"):
        flow(graph)
    graph = tint()
    graph["4"]["inputs"]["seed"] = ["9", 0]
    with pytest.raises(StageError, match="gets its input 'seed' from another node"):
        flow(graph)


def test_eight_bit_loaders_and_unordered_folders_are_told_apart() -> None:
    with pytest.raises(StageError, match="reads 8 bits whatever it is given"):
        flow(keep(format="exr"))
    with pytest.raises(StageError, match="what it reads is not known"):
        flow(keep(load="LoadEXR"))
    graph = keep()
    graph["1"] = node("LoadImageSetFromFolderNode", "setpiece:plate", folder="x")
    with pytest.raises(StageError, match="no stated order"):
        flow(graph)


def test_passes_of_different_lengths_or_formats_are_refused() -> None:
    graph = batch() | {"9": node("LoadImage", "setpiece:depth", image="a.png")}
    with pytest.raises(StageError, match=r"different numbers of frames \(plate 2, depth 1\)"):
        flow(graph)
    graph = invert() | {"9": node("LoadEXR", "setpiece:plate format=exr", filepath="a.exr")}
    with pytest.raises(StageError, match="loads setpiece:plate in several formats"):
        flow(graph)


@pytest.mark.parametrize("outputs", [0, 2])
def test_there_is_exactly_one_output(outputs: int) -> None:
    graph = invert()
    graph["5"]["_meta"]["title"] = "Save" if outputs == 0 else "setpiece:output"
    graph["6"] = node("SaveImage", "setpiece:output" if outputs else "Save", images=["4", 0], filename_prefix="y")
    with pytest.raises(StageError, match=f"titles {outputs} nodes setpiece:output"):
        flow(graph)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("prompt", {"prompt": "dust"}),
        ("depth_weight", {"controls": (Control(kind="depth", picture=DEPTH.picture, weight=0.5),)}),
        ("locked_before", {"locked": (Locked(frame=1000, picture=np.zeros((14, 22, 3), np.float32)),)}),
    ],
)
def test_what_no_title_binds_is_named(name: str, asked: dict) -> None:
    graph = invert() | {"9": node("LoadImage", "setpiece:depth", image="a.png")}
    asked = {"controls": (DEPTH,)} | asked
    with pytest.raises(CapabilityMissing) as told:
        check_request(flow(graph), request(**asked))
    assert told.value.field == name


def test_a_bound_pass_that_is_not_given_is_named() -> None:
    graph = invert() | {"9": node("LoadImage", "setpiece:depth", image="a.png")}
    with pytest.raises(CapabilityMissing, match="depth"):
        check_request(flow(graph), request())


def test_a_seed_that_is_not_bound_is_found_wherever_it_stands() -> None:
    graph = tint() | {"7": node("Noise", noise_seed=7)}
    with pytest.raises(CapabilityMissing, match=r"one is not: node 7, 'noise_seed'"):
        check_request(flow(graph), request())


# weights ----------------------------------------------------------------------------------------------------------------


def test_every_way_to_name_weights_is_found() -> None:
    graph = invert() | {
        "10": node("CheckpointLoaderSimple", ckpt_name="a.safetensors"),
        "11": node("VAELoader", vae_name="taesd"),
        "12": node("DownloadAndLoadThing", model="somebody/thing"),
        "13": node("Nested", loras=[{"on": True, "lora": "b.GGUF"}]),
        "14": node("CLIPTextEncode", text="dust, (embedding:ugly:1.2)"),
        "15": node("PrimitiveString", value="sub/c.ckpt"),
    }
    names = {w.name for w in weights_of(flow(graph), prompts=("embedding:mine",))}
    assert names == {"a.safetensors", "taesd", "somebody/thing", "b.GGUF", "ugly:1.2", "sub/c.ckpt", "mine"}


def test_no_weights_are_found_where_there_are_none() -> None:
    assert weights_of(flow(invert())) == ()
    assert weights_of(flow(tint())) == ()


def test_a_loader_that_does_not_say_what_it_loads_is_refused() -> None:
    with pytest.raises(ClearanceRefused, match=r"mine\.json.*node 7 \(MagicModelLoader\).*does not say which"):
        weights_of(flow(invert() | {"7": node("MagicModelLoader", quality="best")}))


def test_weights_need_a_hash_and_the_hash_a_gate() -> None:
    workflow = flow(invert() | {"10": node("CheckpointLoaderSimple", ckpt_name="a.safetensors")})
    found = weights_of(workflow)
    with pytest.raises(ClearanceRefused, match=r"'a.safetensors', which the brief does not name \(M1\)"):
        check_weights(workflow, found, register={}, cleared=("ab" * 32,))
    with pytest.raises(ClearanceRefused, match=r"which no gate ruled on \(M1\)"):
        check_weights(workflow, found, register={"a.safetensors": "cd" * 32}, cleared=("ab" * 32,))
    known = check_weights(workflow, found, register={"a.safetensors": "cd" * 32}, cleared=("cd" * 32,))
    assert known == {"a.safetensors": "cd" * 32}


def test_custom_nodes_are_listed_as_tools_and_outside_services_refused() -> None:
    told = {"LoadImage": {"python_module": "nodes"}, "ImageInvert": {"python_module": "custom_nodes.X"}}
    told["SaveImage"] = {"python_module": "comfy_extras.nodes_images"}
    assert [(t.class_type, t.module) for t in tools_of(flow(invert()), told)] == [("ImageInvert", "custom_nodes.X")]
    for outside in ({"python_module": "comfy_api_nodes.nodes_x"}, {"python_module": "custom_nodes.X", "api_node": True}):
        with pytest.raises(ClearanceRefused, match="outside service"):
            tools_of(flow(invert()), told | {"ImageInvert": outside})


def test_the_manual_names_every_binding_and_option_and_its_workflow_is_one() -> None:
    manual = (DOCS / "comfyui.md").read_text(encoding="utf-8")
    words = set(re.findall(r"`(?:setpiece:)?([a-z_]+)", manual))
    assert set(NAMES) - {f"{kind}_weight" for kind in CONTROLS if kind != "depth"} <= words
    assert {"input", "format", "colour", "frames", "multiple", "seedless"} <= words
    assert read_workflow(DOCS / "comfyui-invert.json").window == 2
