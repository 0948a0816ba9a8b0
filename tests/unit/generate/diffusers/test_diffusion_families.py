"""Tiny pipelines of every family, end to end on the processor: shapes, counts, seeds, locks, windows, precision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import Held, cog, engine_of, request_of, save, sdxl

from setpiece.core.errors import CapabilityMissing, ClearanceRefused, StageError
from setpiece.core.progress import Silent
from setpiece.generate.engines.diffusers.families import FAMILIES
from setpiece.generate.finish import Control, FinishRequest, Locked

Models = Callable[[str], Path]
MOVING = sorted(name for name, row in FAMILIES.items() if row.moving)


def _made(engine: Any, request: FinishRequest) -> dict[int, np.ndarray]:
    return dict(engine.finish(request, Silent()))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_frame_asked_for_comes_back_at_its_size_and_the_same_seed_gives_the_same_bits(model: Models, family: str) -> None:
    engine = engine_of(model(family), family)
    request = request_of(engine, family, frames=2)
    torch.manual_seed(1)
    first = _made(engine, request)
    assert list(first) == [1001, 1002]
    for picture in first.values():
        assert picture.shape == (20, 36, 3) and picture.dtype == np.float32 and np.isfinite(picture).all()
    torch.manual_seed(2)  # nobody else's dice decide
    dice = torch.random.get_rng_state()
    again = _made(engine_of(model(family), family), request)
    assert (torch.random.get_rng_state() == dice).all()  # nor are they moved
    assert all((first[frame] == again[frame]).all() for frame in first)
    other = _made(engine, request_of(engine, family, frames=2, seed=4))
    assert any((first[frame] != other[frame]).any() for frame in first)
    assert engine.used is not None and engine.used.steps == 2 and engine.used.seed == 4


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_guidance_and_a_negative_prompt_reach_the_model(model: Models, family: str) -> None:
    engine = engine_of(model(family), family)
    plain = _made(engine, request_of(engine, family, frames=1, guidance=1.0))[1001]
    guided = _made(engine, request_of(engine, family, frames=1, guidance=9.0))[1001]
    shunned = _made(engine, request_of(engine, family, frames=1, guidance=9.0, negative="light light dust"))[1001]
    assert (plain != guided).any() and (guided != shunned).any()


@pytest.mark.parametrize("family", sorted(name for name, row in FAMILIES.items() if row.controls))
def test_every_control_that_a_family_promises_changes_its_picture(model: Models, family: str, tmp_path: Path) -> None:
    row, folder = FAMILIES[family], model(family)
    if family == "sdxl":
        torch.manual_seed(0)
        parts = sdxl(tmp_path / "words", kinds=("depth", "normal", "line"))
        for name, part in parts.items():  # new ControlNets begin as zeros, so that they change nothing
            if name.startswith("controlnet"):
                for value in part.parameters():
                    torch.nn.init.normal_(value, std=0.2)
        folder = save(tmp_path / "sdxl", family, parts)
    engine = engine_of(folder, family)
    for kind in row.controls:
        made = []
        for level in (0.0, 1.0):
            picture = np.full((20, 36, 3), level, np.float32)
            picture[:, 18:] = 1 - level
            if kind == "flow":
                picture[..., 1:] = 0.0
            controls = [Control(kind=kind, picture=lambda frame, picture=picture: picture)]
            if row.needs_control and kind == "mask":
                controls.append(Control(kind="depth", picture=lambda frame: np.zeros((20, 36, 3), np.float32)))
            made.append(_made(engine, request_of(engine, family, frames=1, controls=tuple(controls)))[1001])
        assert (made[0] != made[1]).any(), kind


@pytest.mark.parametrize("family", ["wan-vace", "ltx-video"])
def test_a_redone_range_gives_locked_frames_to_the_bit_and_is_conditioned_on_its_neighbours(model: Models, family: str) -> None:
    engine = engine_of(model(family), family)
    rng = np.random.default_rng(5)

    def locked(level: float) -> tuple[Locked, ...]:
        return tuple(
            Locked(frame=frame, picture=(rng.uniform(0, 1, (20, 36, 3)) * level).astype(np.float32))
            for frame in (1000, 1002, 1004)
        )

    dark, bright = locked(0.1), locked(30.0)
    made = [_made(engine, request_of(engine, family, frames=3, locked=locks)) for locks in (dark, bright)]
    for frames, locks in zip(made, (dark, bright), strict=True):
        assert list(frames) == [1001, 1002, 1003]
        assert (frames[1002] == locks[1].picture).all()
    assert (made[0][1001] != made[1][1001]).any() and (made[0][1003] != made[1][1003]).any()


def test_an_image_to_video_model_starts_from_the_frame_before_and_takes_no_other_lock(model: Models) -> None:
    family = "cogvideox-image"
    engine = engine_of(model(family), family)
    pictures = [np.full((20, 36, 3), level, np.float32) for level in (0.02, 0.7)]
    made = [
        _made(engine, request_of(engine, family, locked=(Locked(frame=1000, picture=picture),)))[1001] for picture in pictures
    ]
    assert (made[0] != made[1]).any()
    with pytest.raises(CapabilityMissing, match="locked frame 1004"):
        engine.finish(request_of(engine, family, locked=(Locked(frame=1004, picture=pictures[0]),)), Silent())


def test_a_range_of_nothing_but_locked_frames_loads_no_model(model: Models) -> None:
    engine = engine_of(model("wan-vace"), "wan-vace")
    locks = tuple(Locked(frame=frame, picture=np.full((20, 36, 3), 0.4, np.float32)) for frame in (1001, 1002))
    made = _made(engine, request_of(engine, "wan-vace", frames=2, locked=locks))
    assert all((made[lock.frame] == lock.picture).all() for lock in locks) and engine.used is None


@pytest.mark.parametrize("family", MOVING)
def test_a_long_shot_runs_in_windows_that_are_written_down_and_blend(model: Models, family: str) -> None:
    temporal = FAMILIES[family].temporal
    engine = engine_of(model(family), family, window=2 * temporal + 1, overlap=temporal)
    request = request_of(engine, family, frames=6 * temporal)
    made = _made(engine, request)
    assert len(made) == 6 * temporal and engine.used is not None
    assert engine.used.windows == ((0, 3), (2, 5), (4, 7)) and engine.used.frames_padded == 6 * temporal + 1
    again = _made(engine_of(model(family), family, window=2 * temporal + 1, overlap=temporal), request)
    assert all((made[frame] == again[frame]).all() for frame in made)
    whole = _made(engine_of(model(family), family), request)
    assert any((made[frame] != whole[frame]).any() for frame in made)


def test_windows_of_a_model_with_references_and_locks_run(model: Models) -> None:
    engine = engine_of(model("wan-vace"), "wan-vace", window=9, overlap=4)
    references = (np.full((30, 18, 3), 0.3, np.float32), np.full((10, 18, 3), 0.9, np.float32))
    lock = Locked(frame=1017, picture=np.full((20, 36, 3), 0.4, np.float32))
    plain = _made(engine, request_of(engine, "wan-vace", frames=16, locked=(lock,)))
    made = _made(engine, request_of(engine, "wan-vace", frames=16, locked=(lock,), references=references))
    assert len(made) == 16 and (made[1001] != plain[1001]).any()
    assert engine.used is not None and "8 bits" in engine.used.warnings[0]


def test_conditions_lie_in_the_windows_of_their_time(model: Models) -> None:
    engine = engine_of(model("ltx-video"), "ltx-video", window=17, overlap=8)
    made = []
    for level in (0.1, 0.9):
        lock = Locked(frame=1034, picture=np.full((20, 36, 3), level, np.float32))
        made.append(_made(engine, request_of(engine, "ltx-video", frames=33, locked=(lock,))))
    assert (made[0][1033] != made[1][1033]).any()


def test_a_model_that_takes_two_latent_frames_at_once_gives_every_frame(tmp_path: Path) -> None:
    torch.manual_seed(1)
    folder = save(tmp_path / "cog", "cogvideox-image", cog(patch_t=2))
    engine = engine_of(folder, "cogvideox-image", window=13, overlap=4)
    made = _made(engine, request_of(engine, "cogvideox-image", frames=21))
    assert len(made) == 21 and engine.used is not None and len(engine.used.windows) > 1


@pytest.mark.parametrize("family", ["ltx-video", "sdxl"])
def test_less_strength_keeps_nearer_to_the_plate(model: Models, family: str) -> None:
    engine = engine_of(model(family), family)
    whole = _made(engine, request_of(engine, family, frames=1, steps=8))[1001]
    part = _made(engine, request_of(engine, family, frames=1, steps=8, strength=0.25))[1001]
    assert (whole != part).any()


def test_a_clip_begins_from_the_plate_where_strength_is_below_one_and_from_noise_at_one(model: Models) -> None:
    engine = engine_of(model("ltx-video"), "ltx-video")

    def made(level: float, strength: float) -> np.ndarray:
        plate = np.full((20, 36, 3), level, np.float32)
        return _made(engine, request_of(engine, "ltx-video", frames=1, strength=strength, plate=lambda frame: plate))[1001]

    assert (made(0.1, 1.0) == made(0.4, 1.0)).all()
    assert (made(0.1, 0.5) != made(0.4, 0.5)).any()


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_half_precision_gives_nearly_the_picture_of_full_precision(model: Models, family: str) -> None:
    full, half = engine_of(model(family), family), engine_of(model(family), family, precision="bf16")
    a = _made(full, request_of(full, family, frames=1))[1001]
    b = _made(half, request_of(half, family, frames=1))[1001]
    assert (a != b).any() and np.median(np.abs(a - b)) < 0.1


@pytest.mark.parametrize("more", [{"tile_vae": True}, {"slice_vae": True}, {"quantise": "fp8"}])
def test_tiling_slicing_and_narrow_storage_run(model: Models, more: dict[str, Any]) -> None:
    engine = engine_of(model("wan-vace"), "wan-vace", **more)
    assert _made(engine, request_of(engine, "wan-vace", frames=1))[1001].shape == (20, 36, 3)


def test_offload_without_a_gpu_is_refused(model: Models) -> None:
    engine = engine_of(model("wan-vace"), "wan-vace", offload="model")
    with pytest.raises(StageError, match="offload"):
        _made(engine, request_of(engine, "wan-vace"))


def test_without_a_permit_nothing_is_loaded(model: Models) -> None:
    engine = engine_of(model("wan-vace"), "wan-vace")
    with pytest.raises(ClearanceRefused, match="no gate"):
        engine.finish(request_of(engine, "wan-vace", permit=None), Silent())


def test_a_permit_is_asked_at_every_step_and_frame_and_stops_the_work(model: Models) -> None:
    engine, permit = engine_of(model("wan-vace"), "wan-vace"), Held()
    _made(engine, request_of(engine, "wan-vace", frames=3, permit=permit))
    assert permit.asked >= 1 + 2 + 3
    with pytest.raises(ClearanceRefused, match="withdrawn"):
        _made(engine, request_of(engine, "wan-vace", permit=Held(until=2)))


def test_highlights_above_the_models_white_come_back_from_the_plate_where_it_left_them(model: Models) -> None:
    engine = engine_of(model("sdxl"), "sdxl")
    bright = np.full((16, 16, 3), 60.0, np.float32)
    request = request_of(engine, "sdxl", frames=1, size=(16, 16), plate=lambda frame: bright)
    from setpiece.generate.engines.diffusers.controls import shown_to

    shown = shown_to(FAMILIES["sdxl"], request, (1001,), engine._settings.look)
    assert shown.plate.max() == 1.0
    np.testing.assert_allclose(engine._finished(request, shown, 0, shown.plate[0]), bright, rtol=1e-4)


def test_references_enter_by_an_image_adapter_of_safetensors(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    torch.manual_seed(2)
    parts = sdxl(tmp_path / "words", references=True)
    folder = save(tmp_path / "sdxl", "sdxl", parts)
    state = {"image_proj.proj.weight": torch.randn(4 * 32, 16), "image_proj.proj.bias": torch.zeros(4 * 32),
             "image_proj.norm.weight": torch.ones(32), "image_proj.norm.bias": torch.zeros(32)}  # fmt: skip
    number = 1
    for name in parts["unet"].attn_processors:
        if name.endswith("attn2.processor"):
            block = parts["unet"].get_submodule(name.removesuffix(".processor"))
            for key in ("to_k_ip", "to_v_ip"):
                state[f"ip_adapter.{number}.{key}.weight"] = torch.randn(block.to_k.weight.shape)
            number += 2
    adapter = tmp_path / "adapter.safetensors"
    save_file(state, adapter)
    without = engine_of(folder, "sdxl")
    reference = np.zeros((24, 18, 3), np.float32)
    with pytest.raises(CapabilityMissing, match="references"):
        without.finish(request_of(without, "sdxl", references=(reference,)), Silent())
    blind = engine_of(save(tmp_path / "blind", "sdxl", sdxl(tmp_path / "words")), "sdxl", ip_adapter=adapter)
    with pytest.raises(StageError, match="image_encoder"):
        _made(blind, request_of(blind, "sdxl", references=(reference,)))
    engine = engine_of(folder, "sdxl", ip_adapter=adapter)
    made = [
        _made(engine, request_of(engine, "sdxl", frames=1, guidance=2.0, references=pictures))[1001]
        for pictures in ((reference,), (reference + np.float32(0.7),), (reference, reference + np.float32(0.7)))
    ]
    assert (made[0] != made[1]).any() and (made[1] != made[2]).any()
