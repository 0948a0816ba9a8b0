"""The section ``finish`` of a brief: how a diffusion engine finishes what the stage authored.

Read by engines ``diffusers`` (a model on this machine) and ``comfyui`` (the user's own workflow on a running server); other
engines leave it alone. Units and ranges are those of :mod:`setpiece.generate.finish`.
"""

from __future__ import annotations

import re
from typing import Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from setpiece.core.timing import FrameRange, exact_rate
from setpiece.intake.section import Section

FinishEngine = Literal["diffusers", "comfyui"]
FINISHERS: tuple[str, ...] = get_args(FinishEngine)
ControlName = Literal["depth", "normal", "flow", "line", "grey"]
FamilyName = Literal[
    "wan-vace", "ltx-video", "cogvideox-image", "cogvideox-control", "sdxl", "qwen-image-control", "qwen-image-inpaint"
]
_FRAMES = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?")


class FinishSection(Section):
    """How a diffusion engine finishes the shot. Its pixels enter through the matte alone."""

    model: str | None = Field(default=None, description="diffusers: the model's folder, or owner/name in the hub's cache")
    family: FamilyName | None = Field(default=None, description=f"diffusers: {' | '.join(get_args(FamilyName))}")
    workflow: str | None = Field(default=None, description="comfyui: your workflow, exported in API format")
    url: str = Field(default="http://127.0.0.1:8188", description="comfyui: where the server runs", max_length=400)
    controls: list[ControlName] = Field(default=["depth"], description="passes that steer it: depth, normal, flow, line, grey")
    prompt: str | None = Field(default=None, description="the words; auto makes them from this brief", max_length=4000)
    negative: str = Field(default="", description="what it should not show", max_length=4000)
    strength: float = Field(default=1.0, description="how far it may leave the proxy, 1 starts from noise", ge=0, le=1)
    steps: int | None = Field(default=None, description="steps of denoising; auto is the model's own", ge=1, le=1000)
    guidance: float | None = Field(default=None, description="how closely it follows the words; auto is the model's own", ge=0)
    references: list[str] = Field(default_factory=list, description="pictures of a look, relative to this brief")
    loras: list[str] = Field(default_factory=list, description="diffusers: low-rank changes, safetensors files")
    lora_weight: float = Field(default=1.0, description="how strongly each of them counts", ge=-4, le=4)
    precision: Literal["bf16", "fp16", "fp32"] = Field(default="bf16", description="diffusers: bf16 | fp16 | fp32")
    offload: Literal["none", "model", "sequential"] = Field(
        default="none", description="diffusers: none | model | sequential: weights wait in the machine's memory"
    )
    quantise: Literal["none", "fp8", "int8", "nf4"] = Field(default="none", description="diffusers: none | fp8 | int8 | nf4")
    tile_vae: bool = Field(default=False, description="diffusers: pictures are coded in tiles, for less memory")
    window: int | None = Field(
        default=None, description="diffusers: frames that it sees at once; auto is the model's own", ge=1
    )
    overlap: int | None = Field(default=None, description="diffusers: frames by which windows overlap", ge=0)
    seed: int | None = Field(default=None, description="another seed for the model; auto is the shot's", ge=0, lt=2**31)
    redo: str | None = Field(default=None, description="a note: only these frames are made anew, for example 1010-1020")
    keep: int | None = Field(default=None, description="with redo: the take that other frames are kept from, by number", ge=1)
    lock: int = Field(default=4, description="with redo: neighbours on each side that the frames are held to", ge=0, le=64)

    @field_validator("redo")
    @classmethod
    def _is_a_range(cls, value: str | None) -> str | None:
        if value is not None:
            redone_in(value, "24")
        return value

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.redo is None) != (self.keep is None):
            raise ValueError("finish.redo and finish.keep go together\nstate the frames and the take, or neither")
        return self

    def redone(self, rate: str = "24") -> FrameRange | None:
        """The frames that a note asks for anew; None without one."""
        return None if self.redo is None else redone_in(self.redo, rate)

    def files(self) -> tuple[tuple[str, str], ...]:
        """(dotted name, path) of every picture and workflow that decides pixels; weights have hashes of their own."""
        named = [("finish.workflow", self.workflow)] if self.workflow is not None else []
        return (*named, *((f"finish.references.{k}", path) for k, path in enumerate(self.references)))


def redone_in(text: str, rate: str) -> FrameRange:
    """``1010-1020`` as a range. Raises ``ValueError``."""
    found = _FRAMES.fullmatch(text.strip())
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise ValueError(f"'{text}' is no range of frames\nwrite it as 1010-1020, or 1010")
    return FrameRange(first=int(found[1]), last=int(found[2] or found[1]), rate=exact_rate(rate))
