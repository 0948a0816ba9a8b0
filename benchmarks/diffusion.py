"""Engine ``diffusers`` at full size with random weights: memory against the estimate, and seconds a step.

``python -m benchmarks.diffusion memory`` needs no GPU: it writes what the estimate says of the library's own networks at
full size. ``python -m benchmarks.diffusion gpu`` builds them with random weights on the GPU, one after the other, runs
steps, decodings and encodings of each, and writes the peaks of memory beside the estimate, and the seconds, to
``benchmarks/results/diffusion.json`` and ``.md``. Nothing is downloaded: the shapes below are those that the makers publish.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import diffusers
import torch

from setpiece.generate.engines.diffusers.families import FAMILIES
from setpiece.generate.engines.diffusers.files import Component
from setpiece.generate.engines.diffusers.measure import CALLS, step_bytes, vae_bytes, vae_of
from setpiece.generate.engines.diffusers.windows import latent_frames

RESULTS = Path(__file__).parent / "results" / "diffusion.json"
SIZES = ((832, 480, 81), (1280, 720, 81))
STEPS = 3
NOWHERE = "no device"
WAN = {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30, "vace_layers": list(range(0, 30, 2))}
WAN_14B = {"num_attention_heads": 40, "ffn_dim": 13824, "num_layers": 40, "vace_layers": list(range(0, 40, 5))}
COG_5B = {"num_attention_heads": 48, "num_layers": 42, "in_channels": 32, "use_rotary_positional_embeddings": True}
SDXL = {
    "block_out_channels": [320, 640, 1280],
    "layers_per_block": 2,
    "cross_attention_dim": 2048,
    "attention_head_dim": [5, 10, 20],
    "transformer_layers_per_block": [1, 2, 10],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
    "use_linear_projection": True,
}
SDXL_VAE = {
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
    "sample_size": 1024,
}
# The default layout, in the sizes that its maker trained.
COG_VAE = {"sample_height": 480, "sample_width": 720}
# name → (family, configuration of the network, of the VAE, copies that guidance runs in one call)
MODELS: dict[str, tuple[str, dict[str, Any], dict[str, Any], int]] = {
    "wan-vace-1.3b": ("wan-vace", WAN, {}, 1),
    "wan-vace-14b": ("wan-vace", WAN_14B, {}, 1),
    "ltx-video-2b": ("ltx-video", {}, {}, 2),
    "cogvideox-5b": ("cogvideox-control", COG_5B, COG_VAE, 2),
    "sdxl": ("sdxl", SDXL, SDXL_VAE, 2),
    "qwen-image": ("qwen-image-control", {}, {}, 1),
}


def component(family: str, name: str, config: dict[str, Any]) -> Component:
    """A component of which only the configuration is known."""
    return Component(name=name, folder=Path(name), part=FAMILIES[family].parts[name][0], config=config, tensors={})


def fitted(family: str, size: tuple[int, int, int]) -> tuple[int, int, int]:
    """The size as the family takes it: filled up to its multiple; a still is one frame, a clip temporal * k + 1."""
    row = FAMILIES[family]
    width, height, frames = size
    side = row.multiple
    frames = frames + (1 - frames) % row.temporal if row.moving else 1
    return width + -width % side, height + -height % side, frames


def estimated(model: str, size: tuple[int, int, int]) -> dict[str, Any]:
    """What the estimate says of a model's step and decoding, in bytes beside the weights."""
    family, network, vae, batch = MODELS[model]
    row, (width, height, frames) = FAMILIES[family], fitted(family, size)
    inside = latent_frames(frames, row.temporal)
    precision = "fp32" if row.wide_vae else "bf16"
    start = time.perf_counter()
    step = step_bytes(
        family, (component(family, row.network, network),), "bf16", width=width, height=height, inside=inside, batch=batch
    )
    whole = vae_bytes(family, component(family, "vae", vae), precision, width=width, height=height, frames=frames, tiled=False)
    tiled = vae_bytes(family, component(family, "vae", vae), precision, width=width, height=height, frames=frames, tiled=True)
    return {
        "size": [width, height, frames], "step_bytes": step, "vae_bytes": whole, "vae_tiled_bytes": tiled,
        "estimate_s": round(time.perf_counter() - start, 2),
    }  # fmt: skip


def on_gpu(
    family: str, name: str, config: dict[str, Any], way: str, kind: torch.dtype, size: tuple[int, int, int, int]
) -> dict[str, Any]:
    """Build one network with random weights on the GPU and run it: its peak beside its weights, seconds a call."""
    cls = getattr(diffusers, FAMILIES[family].parts[name][0][1])
    key = family if way == "step" else vae_of(family)
    torch.set_default_dtype(kind)
    try:
        with torch.device("cuda"), torch.no_grad():
            network = cls.from_config(config).eval()
            torch.set_default_dtype(torch.float32)
            weights = torch.cuda.memory_allocated()
            seconds = []
            torch.cuda.reset_peak_memory_stats()
            for _ in range(STEPS):
                torch.cuda.synchronize()
                start = time.perf_counter()
                CALLS[way, key](torch, [network], kind, size)
                torch.cuda.synchronize()
                seconds.append(time.perf_counter() - start)
            return {
                "weights_bytes": weights, "peak_bytes": torch.cuda.max_memory_allocated() - weights,
                "seconds": round(statistics.median(seconds), 3),
            }  # fmt: skip
    finally:
        torch.set_default_dtype(torch.float32)
        del network
        gc.collect()
        torch.cuda.empty_cache()


def measured(model: str, size: tuple[int, int, int], told: dict[str, Any]) -> dict[str, Any]:
    """The same on the GPU, beside what was ``told``: a step, and the VAE both ways."""
    family, network, vae, batch = MODELS[model]
    row, (width, height, frames) = FAMILIES[family], fitted(family, size)
    wide = torch.float32 if row.wide_vae else torch.bfloat16
    inside = latent_frames(frames, row.temporal)
    found: dict[str, Any] = {"size": [width, height, frames]}
    for key, name, config, way, kind, shape in (
        ("step", row.network, network, "step", torch.bfloat16, (width, height, inside, batch)),
        ("decode", "vae", vae, "decode", wide, (width, height, frames, 1)),
        ("encode", "vae", vae, "encode", wide, (width, height, frames, 1)),
    ):
        try:
            found[key] = on_gpu(family, name, config, way, kind, shape)
        except torch.cuda.OutOfMemoryError:
            found[key] = {"out_of_memory": True}
    return found | ratios(found, told)


def ratios(found: dict[str, Any], told: dict[str, Any]) -> dict[str, float]:
    """What was measured over what was estimated, weights included: within 0.85..1.15 is the aim."""
    made = {}
    for key, ways in (("step", ("step",)), ("vae", ("decode", "encode"))):
        peaks = [found[way]["weights_bytes"] + found[way]["peak_bytes"] for way in ways if "peak_bytes" in found[way]]
        if len(peaks) == len(ways):
            made[f"{key}_ratio"] = round(max(peaks) / (found[ways[0]]["weights_bytes"] + told[f"{key}_bytes"]), 3)
    return made


def table(kept: dict[str, Any]) -> str:
    """Measured beside estimated, one line a model and size."""
    lines = ["| device | model, size | step: s; peak GB; over the estimate | VAE: decode, encode s; peak GB; the same |",
             "|---|---|---|---|"]  # fmt: skip
    for device, rows in kept.items():
        for name, row in rows.items() if device != NOWHERE else ():
            cells = []
            for key, ways in (("step", ("step",)), ("vae", ("decode", "encode"))):
                seconds = ", ".join(str(row[way].get("seconds", "out of memory")) for way in ways)
                peaks = [row[way]["weights_bytes"] + row[way]["peak_bytes"] for way in ways if "peak_bytes" in row[way]]
                cells.append(f"{seconds}; {max(peaks, default=0) / 1e9:.1f}; {row.get(f'{key}_ratio', '-')}")
            lines.append(f"| {device} | {name} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines) + "\n"


def main(way: str) -> None:
    """Run every model at every size, and write the results after each: a killed run keeps what it has."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    device = torch.cuda.get_device_name() if way == "gpu" else NOWHERE
    for model in MODELS:
        for size in SIZES:
            key = f"{model} {size[0]}x{size[1]}x{size[2]}"
            if way == "gpu":
                row = measured(model, size, kept.get(NOWHERE, {}).get(key) or estimated(model, size))
            else:
                row = estimated(model, size)
                for device_rows in (rows for name, rows in kept.items() if name != NOWHERE and key in rows):
                    device_rows[key] |= ratios(device_rows[key], row)  # an estimate that was mended, beside what was measured
            kept.setdefault(device, {})[key] = row
            print(key, row, flush=True)
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
            RESULTS.with_suffix(".md").write_text(table(kept))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "memory")
