"""What a model's folder may hold: safetensors of the table's classes, whole, hashed; all else is refused by name."""

from __future__ import annotations

import json
import pickle
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import engine_of, request_of, save, sdxl

from setpiece.clearance.lineage import weights_sha256
from setpiece.core.errors import ClearanceRefused, DependencyMissing, SetpieceError, StageError
from setpiece.core.progress import Silent
from setpiece.generate.engines.diffusers.families import FAMILIES
from setpiece.generate.engines.diffusers.files import folder_of, inspect, read_header
from setpiece.generate.engines.diffusers.settings import Lora

Models = Callable[[str], Path]
WAN = "wan-vace"
WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture
def wan(model: Models, tmp_path: Path) -> Path:
    """A copy of the tiny model, to be spoiled."""
    return Path(shutil.copytree(model(WAN), tmp_path / "wan"))


def _refused(folder: Path, match: str) -> StageError:
    with pytest.raises(StageError, match=match) as caught:
        inspect(folder, FAMILIES[WAN])
    return caught.value


class _Bomb:
    """Whoever unpickles it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.mark,)


def _edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_the_hash_is_the_one_that_the_register_keeps(wan: Path) -> None:
    assert inspect(wan, FAMILIES[WAN]).sha256 == weights_sha256(wan)


def test_one_changed_bit_anywhere_changes_the_hash(wan: Path) -> None:
    before = inspect(wan, FAMILIES[WAN]).sha256
    data = bytearray((wan / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (wan / WEIGHTS).write_bytes(data)
    assert inspect(wan, FAMILIES[WAN]).sha256 != before


def test_weights_that_no_gate_ruled_on_are_refused(wan: Path) -> None:
    engine = engine_of(wan, WAN)
    with pytest.raises(ClearanceRefused, match="not among those that the gate ruled on"):
        engine.finish(request_of(engine, WAN, models=("0" * 64,)), Silent())


@pytest.mark.parametrize("name", ["transformer/diffusion_pytorch_model.bin", "vae/model.pt", "x.ckpt", "notes.pkl"])
def test_a_pickle_is_refused_by_name(wan: Path, name: str) -> None:
    (wan / name).write_bytes(b"harmless")
    assert _refused(wan, "pickle").file == wan / name


@pytest.mark.parametrize("how", ["plain", "zip"])
def test_a_pickle_under_another_name_is_refused_by_its_content_and_not_run(wan: Path, tmp_path: Path, how: str) -> None:
    mark = tmp_path / "ran"
    bomb = pickle.dumps(_Bomb(mark))
    pickle.loads(bomb)
    assert mark.exists()  # it works where it is let
    mark.unlink()
    if how == "zip":
        with zipfile.ZipFile(wan / WEIGHTS, "w") as archive:
            archive.writestr("archive/data.pkl", bomb)
    else:
        (wan / WEIGHTS).write_bytes(bomb)
    assert _refused(wan, "pickle").file == wan / WEIGHTS
    (wan / WEIGHTS).unlink()
    (wan / "vae" / "statistics.dat").write_bytes(bomb)
    assert _refused(wan, "pickle").file == wan / "vae" / "statistics.dat"
    assert not mark.exists()


@pytest.mark.parametrize("keep", [0, 5, 8, 100, -1])
def test_truncated_safetensors_are_refused_by_name(wan: Path, keep: int) -> None:
    whole = (wan / WEIGHTS).read_bytes()
    (wan / WEIGHTS).write_bytes(whole[:keep])
    assert _refused(wan, "truncated|damaged").file == wan / WEIGHTS


def _written(path: Path, header: dict[str, object], data: bytes) -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


@pytest.mark.parametrize(
    ("entry", "data"),
    [
        ({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}, b"1234"),  # shorter than its shape
        ({"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}, b"12345678"),  # a hole before it
        ({"dtype": "F31", "shape": [1], "data_offsets": [0, 4]}, b"1234"),
        ({"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}, b"1234"),
        ({"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, b"1234 and more"),
    ],
)
def test_a_header_that_does_not_fit_its_file_is_refused(tmp_path: Path, entry: dict[str, object], data: bytes) -> None:
    with pytest.raises(StageError, match=r"x.safetensors"):
        read_header(_written(tmp_path / "x.safetensors", {"t": entry}, data))


def test_a_header_whose_length_looks_like_a_pickle_is_read(tmp_path: Path) -> None:
    header: dict[str, object] = {"t": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "__metadata__": {"n": ""}}
    header["__metadata__"] = {"n": "x" * (0x0280 - len(json.dumps(header)))}
    path = _written(tmp_path / "x.safetensors", header, b"1234")
    assert path.read_bytes()[:2] == b"\x80\x02"
    assert read_header(path)["t"].parameters == 1


def test_weights_of_another_architecture_are_refused_by_tensor(wan: Path) -> None:
    engine = engine_of(wan, WAN)
    _edit(wan / "transformer" / "config.json", ffn_dim=64)
    with pytest.raises(StageError, match=r"transformer: holds 'blocks.0.ffn.net.0.proj.bias' as \(32,\) where \(64,\)"):
        list(engine.finish(request_of(engine, WAN), Silent()))


def test_a_tensor_in_excess_is_refused_but_for_those_that_the_library_knows_to_be_left_over(wan: Path) -> None:
    tensors = load_file(wan / WEIGHTS)
    save_file(tensors | {"blocks.0.attn2.norm_added_q.weight": torch.ones(2)}, wan / WEIGHTS, metadata={"format": "pt"})
    engine = engine_of(wan, WAN)
    assert len(list(engine.finish(request_of(engine, WAN, frames=1), Silent()))) == 1
    save_file(tensors | {"blocks.0.backdoor.weight": torch.ones(2)}, wan / WEIGHTS, metadata={"format": "pt"})
    engine = engine_of(wan, WAN)
    with pytest.raises(StageError, match=r"holds 'blocks.0.backdoor.weight'"):
        list(engine.finish(request_of(engine, WAN, frames=1), Silent()))


@pytest.mark.parametrize("part", ["transformer/diffusion_pytorch_model", "text_encoder/model"])
def test_a_missing_tensor_is_refused_never_filled_in_at_random(wan: Path, part: str) -> None:
    path = wan / f"{part}.safetensors"
    tensors = load_file(path)
    gone = sorted(key for key in tensors if key.endswith("weight"))[-1]
    save_file({key: value for key, value in tensors.items() if key != gone}, path, metadata={"format": "pt"})
    engine = engine_of(wan, WAN)
    with pytest.raises(StageError, match="lacks '"):
        list(engine.finish(request_of(engine, WAN), Silent()))


def test_code_in_a_folder_is_refused_and_not_run(wan: Path, tmp_path: Path) -> None:
    (wan / "pipeline.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert _refused(wan, "is code").file == wan / "pipeline.py"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("file", "changes", "match"),
    [
        ("model_index.json", {"_class_name": ["pipeline", "MyPipeline"]}, "code of its own"),
        ("model_index.json", {"_class_name": "LTXPipeline"}, "is published as LTXPipeline"),
        ("model_index.json", {"transformer": ["my_code", "WanVACETransformer3DModel"]}, "wants my_code"),
        ("model_index.json", {"transformer": ["diffusers", "os.system"]}, "wants diffusers.os.system"),
        ("model_index.json", {"scheduler": ["subprocess", "Popen"]}, "wants subprocess.Popen"),
        ("model_index.json", {"../../etc": ["diffusers", "AutoencoderKLWan"]}, "names a part"),
        ("model_index.json", {"custom_pipeline": "somebody/code"}, "asks for code"),
        ("model_index.json", {"vae": [None, None]}, "lacks vae"),
        ("text_encoder/config.json", {"auto_map": {"AutoModel": "modeling.Mine"}}, "asks for code"),
        ("tokenizer/tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["tok.Mine", None]}}, "asks for code"),
        ("text_encoder/config.json", {"_attn_implementation": "somebody/kernel"}, "asks for code"),
        ("transformer/config.json", {"nested": [{"trust_remote_code": True}]}, "asks for code"),
    ],
)
def test_an_index_that_asks_for_more_than_the_table_is_refused(
    wan: Path, file: str, changes: dict[str, object], match: str
) -> None:
    _edit(wan / file, **changes)
    assert _refused(wan, match).file is not None


def test_loading_and_running_ask_nobody_on_the_network(wan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("asked the network"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked for a name"))
    engine = engine_of(wan, WAN)
    assert len(list(engine.finish(request_of(engine, WAN, frames=1), Silent()))) == 1


def test_a_link_out_of_the_folder_is_refused(wan: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.safetensors"
    shutil.move(wan / WEIGHTS, outside)
    (wan / WEIGHTS).symlink_to(outside)
    assert _refused(wan, "leads out").file == wan / WEIGHTS


def test_the_links_of_the_hubs_own_cache_are_followed(wan: Path, tmp_path: Path) -> None:
    root = tmp_path / "models--studio--wan"
    snapshot = Path(shutil.copytree(wan, root / "snapshots" / "abc"))
    (root / "blobs").mkdir()
    shutil.move(snapshot / WEIGHTS, root / "blobs" / "123")
    (snapshot / WEIGHTS).symlink_to("../../../blobs/123")
    assert inspect(snapshot, FAMILIES[WAN]).sha256 == inspect(wan, FAMILIES[WAN]).sha256


def test_a_shard_outside_of_its_folder_is_refused(wan: Path) -> None:
    index = wan / "transformer" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "../vae/diffusion_pytorch_model.safetensors"}}))
    assert _refused(wan, "names a shard").file == index


def test_a_model_of_another_family_is_refused(model: Models) -> None:
    with pytest.raises(StageError, match="is published as LTXConditionPipeline"):
        inspect(model("ltx-video"), FAMILIES[WAN])


def test_a_hub_id_is_not_fetched_without_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked = {}

    def snapshot_download(name: str, **how: object) -> str:
        asked.update(how)
        raise FileNotFoundError(name)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    with pytest.raises(StageError, match=r"not on this machine.*allow the download"):
        folder_of("studio/wan", allow_download=False)
    assert asked["local_files_only"] is True and "*.py" in asked["ignore_patterns"]
    for trick in ("../wan", "/etc/passwd", "a/b/c", "..\\x/y"):
        with pytest.raises(StageError, match="no folder"):
            folder_of(trick, allow_download=True)


def test_a_low_rank_change_is_cleared_and_hashed_on_its_own_and_changes_the_picture(model: Models, tmp_path: Path) -> None:
    torch.manual_seed(0)
    lora = tmp_path / "look.safetensors"
    key = "transformer.blocks.0.attn1.to_q"
    save_file({f"{key}.lora_A.weight": torch.randn(2, 24), f"{key}.lora_B.weight": torch.randn(24, 2)}, lora)
    plain, changed = engine_of(model(WAN), WAN), engine_of(model(WAN), WAN, loras=(Lora(path=lora),))
    assert changed.models() == (*plain.models(), weights_sha256(lora))
    with pytest.raises(ClearanceRefused, match=r"look.safetensors"):
        changed.finish(request_of(changed, WAN, models=plain.models()), Silent())
    first = dict(plain.finish(request_of(plain, WAN, frames=1), Silent()))
    second = dict(changed.finish(request_of(changed, WAN, frames=1), Silent()))
    assert abs(first[1001] - second[1001]).max() > 1e-6
    assert changed.used is not None and changed.used.loras_sha256 == (weights_sha256(lora),)


def test_a_low_rank_change_of_another_model_or_in_a_pickle_is_refused(model: Models, tmp_path: Path) -> None:
    lora = tmp_path / "other.safetensors"
    save_file({"unet.nothing.lora_A.weight": torch.ones(2, 4), "unet.nothing.lora_B.weight": torch.ones(4, 2)}, lora)
    engine = engine_of(model(WAN), WAN, loras=(Lora(path=lora),))
    with pytest.raises(StageError, match=r"other.safetensors"):
        list(engine.finish(request_of(engine, WAN), Silent()))
    lora.write_bytes(pickle.dumps(_Bomb(tmp_path / "ran")))
    with pytest.raises(StageError, match="pickle"):
        engine.models()


def test_quantising_without_its_library_names_it(model: Models) -> None:
    engine = engine_of(model(WAN), WAN, quantise="nf4")
    with pytest.raises(DependencyMissing, match="bitsandbytes"):
        list(engine.finish(request_of(engine, WAN), Silent()))


def test_a_control_without_its_network_is_refused_by_name(tmp_path: Path) -> None:
    folder = save(tmp_path / "sdxl", "sdxl", sdxl(tmp_path / "words", kinds=("line",)))
    engine = engine_of(folder, "sdxl")
    with pytest.raises(SetpieceError, match=r"'depth'.*controlnet_depth"):
        list(engine.finish(request_of(engine, "sdxl"), Silent()))
