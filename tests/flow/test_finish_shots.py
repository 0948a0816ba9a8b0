"""A small collapse finished by tiny diffusion models with random weights, from the brief to a signed take."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from real_shot import FIRST, LAST, bits, channels, comps, in_place, new_shot, picture, setpiece
from test_models_front import DATASET, LICENCE, OWN

if find_spec("transformers") is None or find_spec("accelerate") is None:
    pytest.skip("the extra 'diffusion' is not installed", allow_module_level=True)
sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "generate" / "diffusers"))

TOLD = ("proxy.R", "proxy.G", "proxy.B", "finish.A")


def production(folder: Path, family: str) -> Path:
    """A clearance folder with the production's own licence and dataset, and a tiny model of ``family`` beside it."""
    from tiny_models import build

    model = build(folder / "model", family)
    (folder / "own.toml").write_text(LICENCE)
    (folder / "frames.toml").write_text(DATASET)
    for words in (("init", "--production", "untitled"), ("licence", "own.toml"), ("dataset", "frames.toml")):
        done = setpiece("clear", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return model


def registered(folder: Path) -> None:
    done = setpiece("models", "add", "model", "--name", "tiny", *OWN, cwd=folder)
    assert done.returncode == 0, done.stderr


def stated(folder: Path, plate: Path, family: str, **more: object) -> Path:
    values = {
        "render__engine": "diffusers", "finish__model": "../model", "finish__family": family, "finish__precision": "fp32",
        "finish__steps": 2,
    }  # fmt: skip
    return new_shot(folder / "sh010", plate, **values, **more)


def checked(shot: Path, version: str = "v001") -> dict[int, dict[str, np.ndarray]]:
    """The frames of a take, once it is certain that nothing leaves the matte and that something is in it."""
    frames = {number: channels(path) for number, path in comps(shot, version).items()}
    assert sorted(frames) == list(range(FIRST, LAST + 1))
    changed = 0
    for planes in frames.values():
        assert set(TOLD) <= set(planes)
        made, proxy = picture(planes), picture(planes, "proxy")
        outside = planes["finish.A"] == 0
        assert np.array_equal(made[outside], proxy[outside])
        changed += int((made != proxy).any(-1).sum())
    assert changed > 1000
    return frames


def brief_with(shot: Path, **values: str) -> None:
    """The artist edits the section 'finish'."""
    path = shot / "brief.yaml"
    text = path.read_text()
    head, _, tail = text.partition("\nfinish:")
    for name, value in values.items():
        line = next(line for line in tail.splitlines() if line.strip().startswith(f"{name}:"))
        tail = tail.replace(line, f"  {name}: {value}", 1)
    path.write_text(f"{head}\nfinish:{tail}")


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory, real_plate: Path) -> Path:
    """A shot finished frame by frame (SDXL); refused before its model was on record."""
    folder = tmp_path_factory.mktemp("still")
    production(folder, "sdxl")
    shot = stated(folder, real_plate, "sdxl")
    early = in_place("run", shot)
    assert early.returncode != 0 and "M1" in early.stderr, early.stderr
    assert not (shot / "takes").exists()
    registered(folder)
    done = in_place("run", shot)
    assert done.returncode == 0, done.stderr
    return shot


def test_a_model_without_a_record_makes_no_frame_and_one_on_record_finishes_the_shot(still: Path) -> None:
    frames = checked(still)
    record = json.loads((still / "takes" / "v001" / "finish.json").read_text())
    assert record["prompt_is"] == "made" and "brick" in record["prompt"]
    assert record["used"]["family"] == "sdxl" and record["used"]["steps"] == 2
    assert record["models"] == [record["used"]["model_sha256"]]
    assert record["estimate"]["memory_bytes"] > 0
    assert sorted(map(int, record["drift"])) == sorted(frames)
    assert f'prompt: "{record["prompt"]}"' in (still / "brief.yaml").read_text()


def test_the_credential_says_that_a_trained_model_took_part_and_which(still: Path) -> None:
    take = still / "takes" / "v001"
    told = setpiece("verify", take, cwd=still)
    assert told.returncode == 0, told.stderr
    assert "compositeWithTrainedAlgorithmicMedia" in told.stdout and "tiny" in told.stdout


def test_a_lost_frame_comes_back_to_the_bit_and_no_other_is_touched(still: Path) -> None:
    before = {number: bits(path) for number, path in comps(still).items()}
    whole = {number: path.stat().st_mtime_ns for number, path in comps(still).items()}
    for path in (still / "takes" / "v001").rglob(f"*.{FIRST + 5}.exr"):
        path.unlink()
    done = in_place("run", still)
    assert done.returncode == 0, done.stderr
    assert {number: bits(path) for number, path in comps(still).items()} == before
    touched = [number for number, path in comps(still).items() if path.stat().st_mtime_ns != whole[number]]
    assert touched == [FIRST + 5]


def test_swapped_weights_are_refused_before_anything_is_loaded(still: Path) -> None:
    weights = next((still.parent / "model" / "unet").glob("*.safetensors"))
    data = weights.read_bytes()
    try:
        weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        done = in_place("run", still, "--redo")
        assert done.returncode != 0 and "M1" in done.stderr, done.stderr
        assert not (still / "takes" / "v002" / "finished").exists()
    finally:
        weights.write_bytes(data)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"controls": "[flow]"}, "flow"),
        ({"controls": "[depth]", "family": "ltx-video"}, "LTX"),
        ({"family": "sdxl", "prompt": '"a ruin in the style of Jane Doe"'}, "style"),
    ],
)
def test_what_cannot_be_honoured_or_names_somebody_is_refused_by_name(
    still: Path, tmp_path: Path, values: dict[str, str], says: str
) -> None:
    text = (still / "brief.yaml").read_text()
    try:
        brief_with(still, **values)
        done = in_place("run", still)
        assert done.returncode != 0 and says in done.stderr and "remedy" in done.stderr, done.stderr
    finally:
        (still / "brief.yaml").write_text(text)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, real_plate: Path) -> Path:
    """A shot finished as a clip (Wan VACE)."""
    folder = tmp_path_factory.mktemp("clip")
    production(folder, "wan-vace")
    registered(folder)
    shot = stated(folder, real_plate, "wan-vace")
    done = in_place("run", shot)
    assert done.returncode == 0, done.stderr
    return shot


def test_a_clip_comes_back_with_its_own_frames_whatever_the_model_pads(clip: Path) -> None:
    checked(clip)
    used = json.loads((clip / "takes" / "v001" / "finish.json").read_text())["used"]
    assert used["frames_padded"] % 4 == 1 and used["frames_padded"] >= LAST - FIRST + 1


def test_a_part_of_a_shot_is_another_clip_and_refused(clip: Path) -> None:
    done = in_place("run", clip, "--frames", f"{FIRST}-{FIRST + 2}", "--redo")
    assert done.returncode != 0 and "finish.redo" in done.stderr, done.stderr


def test_a_note_makes_its_frames_anew_and_keeps_all_others_to_the_bit(clip: Path) -> None:
    first, last = FIRST + 4, FIRST + 5
    brief_with(clip, redo=f"{first}-{last}", keep="1", seed="9", lock="2")
    done = in_place("run", clip)
    assert done.returncode == 0, done.stderr
    version = sorted(path.name for path in (clip / "takes").iterdir())[-1]
    old, new = ({number: channels(path) for number, path in comps(clip, v).items()} for v in ("v001", version))
    for number in old:
        same = all(np.array_equal(old[number][name], new[number][name]) for name in old[number])
        assert same == (number not in range(first, last + 1)), number
    outside = new[first]["finish.A"] == 0
    assert np.array_equal(picture(new[first])[outside], picture(new[first], "proxy")[outside])
    assert len(list((clip / "takes" / version / "proxy").glob("*.exr"))) == 2
