"""Memory is known before anything is loaded, by following the network itself without content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_models import engine_of, request_of

from setpiece.core.errors import StageError
from setpiece.core.progress import Silent
from setpiece.generate.engines.diffusers import engine as engine_module
from setpiece.generate.engines.diffusers import estimate as estimate_module
from setpiece.generate.engines.diffusers.estimate import check_memory, weight_bytes
from setpiece.generate.engines.diffusers.families import FAMILIES
from setpiece.generate.engines.diffusers.files import Component, inspect
from setpiece.generate.engines.diffusers.measure import CALLS, follower, step_bytes, vae_bytes
from setpiece.generate.engines.diffusers.settings import Settings
from setpiece.generate.finish import Estimate

Models = Callable[[str], Path]
WAN_1_3B = {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 4, "vace_layers": [0, 2]}  # its width, few layers


def _network(config: dict[str, object]) -> Component:
    row = FAMILIES["wan-vace"]
    return Component(name="transformer", folder=Path("wan"), part=row.parts["transformer"][0], config=config, tensors={})


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_what_is_followed_without_content_is_what_is_alive_with_it(model: Models, family: str) -> None:
    import diffusers

    files = inspect(model(family), FAMILIES[family])
    part = files.components[FAMILIES[family].network]
    size = (64, 32, 4, 1)
    network = getattr(diffusers, part.part[1]).from_config(dict(part.config)).eval()
    live = follower(torch)
    for tensor in [*network.parameters(), *network.buffers()]:
        live.ignore(tensor)
    with torch.no_grad(), live:
        CALLS["step", family](torch, [network], torch.float32, size)
    told = step_bytes(family, (part,), "fp32", width=64, height=32, inside=4, batch=1)
    assert told == pytest.approx(live.peak, rel=0.02)


def test_a_full_size_step_takes_what_its_tokens_say_and_half_the_time_half_of_it() -> None:
    inside = [step_bytes("wan-vace", (_network(WAN_1_3B),), "bf16", width=832, height=480, inside=t, batch=1) for t in (21, 11)]
    tokens, wide, feed = 21 * 30 * 52, 12 * 128, 8960
    hints = 2 * tokens * wide * 2  # every control block keeps what it says until its turn comes
    assert inside[0] > hints + tokens * feed * 2 * 2  # the feed-forward's way in and out
    assert inside[1] / inside[0] == pytest.approx(11 / 21, rel=0.02)


def test_the_weights_are_counted_from_the_headers_in_the_precision_asked_for(model: Models) -> None:
    files = inspect(model("wan-vace"), FAMILIES["wan-vace"])
    settings = Settings(source=files.folder, family="wan-vace", precision="bf16")
    held = weight_bytes(files, settings)
    assert held["transformer"] == 2 * files.components["transformer"].parameters
    assert held["vae"] == 4 * files.components["vae"].parameters  # stays at full precision
    assert weight_bytes(files, replace(settings, quantise="fp8"))["transformer"] == held["transformer"] / 2
    assert set(held) == {"transformer", "vae", "text_encoder"}


def test_the_tensors_in_the_headers_are_the_parameters_of_the_network(model: Models) -> None:
    import diffusers

    for family in FAMILIES:
        part = inspect(model(family), FAMILIES[family]).components[FAMILIES[family].network]
        network = getattr(diffusers, part.part[1]).from_config(dict(part.config))
        assert part.parameters == sum(value.numel() for value in network.state_dict().values())


def test_offload_takes_less(model: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate_module, "available_bytes", lambda device: 1)

    def asked(offload: str) -> int:
        engine = engine_of(model("wan-vace"), "wan-vace", device="cuda", offload=offload)
        return engine.estimate(request_of(engine, "wan-vace")).memory_bytes

    assert asked("sequential") < asked("model") < asked("none")


def test_tiles_take_less_of_a_large_picture(model: Models) -> None:
    vae = inspect(model("wan-vace"), FAMILIES["wan-vace"]).components["vae"]
    wide = replace(vae, config={**vae.config, "base_dim": 32})
    whole, tiled = (vae_bytes("wan-vace", wide, "fp32", width=960, height=960, frames=1, tiled=t) for t in (False, True))
    assert tiled < whole / 2


def test_guidance_in_one_call_takes_twice_as_much(model: Models) -> None:
    part = inspect(model("ltx-video"), FAMILIES["ltx-video"]).components["transformer"]
    one, two = (step_bytes("ltx-video", (part,), "bf16", width=640, height=384, inside=9, batch=n) for n in (1, 2))
    assert two == pytest.approx(2 * one, rel=0.05)


def test_a_clip_twice_as_long_grows_a_vae_that_decodes_it_whole(model: Models) -> None:
    vae = inspect(model("ltx-video"), FAMILIES["ltx-video"]).components["vae"]
    some, more = (vae_bytes("ltx-video", vae, "fp32", width=128, height=64, frames=n, tiled=False) for n in (41, 81))
    assert 1.6 < more / some < 2.2


def test_too_little_memory_is_refused_with_its_remedies_before_anything_is_loaded(
    model: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate_module, "available_bytes", lambda device: 1000)
    monkeypatch.setattr(engine_module, "assemble", lambda *_: pytest.fail("loaded"))
    engine = engine_of(model("wan-vace"), "wan-vace")
    with pytest.raises(StageError, match=r"cpu has 0.0 GB free; try precision: bf16, tile_vae: true.*a shorter window"):
        engine.finish(request_of(engine, "wan-vace"), Silent())
    told = Estimate(device="cuda", memory_bytes=9, available_bytes=8)
    settings = Settings(source="x/y", family="sdxl")
    with pytest.raises(StageError, match="try offload: model, tile_vae"):
        check_memory(told, settings, windowed=False)
    check_memory(replace(told, available_bytes=9), settings, windowed=False)


def test_time_is_not_guessed_where_nobody_measured(model: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(model("wan-vace"), "wan-vace")
    request = request_of(engine, "wan-vace", frames=5, steps=10)
    assert engine.estimate(request).seconds is None
    monkeypatch.setattr(estimate_module, "MEASURED", {("wan-vace", "cpu", 0, 48, 32, 2): 0.5})
    assert engine.estimate(request).seconds == 5.0


def test_a_device_that_is_not_here_is_refused(model: Models) -> None:
    engine = engine_of(model("wan-vace"), "wan-vace", device="abacus")
    with pytest.raises(StageError, match="no device 'abacus'"):
        engine.estimate(request_of(engine, "wan-vace"))
