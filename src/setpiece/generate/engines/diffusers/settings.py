"""How an engine ``diffusers`` is set up: which model, in which precision, on what, in which windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from setpiece.core.errors import StageError
from setpiece.generate.engines.diffusers.transform import Look

Precision = Literal["bf16", "fp16", "fp32"]
Offload = Literal["none", "model", "sequential"]
Quantise = Literal["none", "fp8", "int8", "nf4"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """A low-rank change of the network's weights: a safetensors file, and how strongly it counts. Its file's hash must be
    among those that the gate ruled on: it has a lineage of its own."""

    path: Path
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``source``: a folder, or a hub id in the local cache (downloaded only with ``allow_download``). ``family``: a row of
    the table. ``device`` None: the first GPU, else the processor.

    ``offload``: weights wait in the machine's memory, a component ("model") or a layer ("sequential") at a time.
    ``tile_vae``, ``slice_vae``: the VAE works in tiles of a picture, or one picture after the other. ``quantise``: the
    network's weights, "fp8" stored so and widened layer by layer, "int8" and "nf4" by bitsandbytes. ``window``,
    ``overlap``: frames, None for the family's. ``ip_adapter``: safetensors that let references in (SDXL).
    """

    source: str | Path
    family: str
    precision: Precision = "bf16"
    device: str | None = None
    offload: Offload = "none"
    tile_vae: bool = False
    slice_vae: bool = False
    quantise: Quantise = "none"
    window: int | None = None
    overlap: int | None = None
    loras: tuple[Lora, ...] = ()
    ip_adapter: Path | None = None
    look: Look = field(default_factory=Look)
    allow_download: bool = False

    def __post_init__(self) -> None:
        for value, known, name in (
            (self.precision, get_args(Precision), "precision"),
            (self.offload, get_args(Offload), "offload"),
            (self.quantise, get_args(Quantise), "quantise"),
        ):
            if value not in known:
                raise StageError(f"there is no {name} '{value}'", remedy=f"choose one of: {', '.join(known)}")
