"""The families of models that engine ``diffusers`` runs: one row each, and nothing outside of this table is ever loaded.

A row says which class of the library runs the family, which classes its parts may be, what it honours, and how it wants
its pictures. What a row does not list is refused by name. Rows were written from the installed library's own source
(diffusers 0.42): sizes in pixels, times in frames.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from setpiece.core.errors import CapabilityMissing
from setpiece.generate.finish import (
    GUIDANCE,
    LOCKED,
    NEGATIVE,
    REFERENCES,
    SEED,
    STEPS,
    STRENGTH,
    ControlKind,
)

Layout = Literal["frames", "packed", "none"]  # how latents lie in time: (b, c, t, h, w) or (b, t, c, h, w); tokens; a still
Part = tuple[str, str]  # (library, class)
_ALWAYS = frozenset({SEED, STEPS, GUIDANCE, NEGATIVE})
_T5: tuple[Part, ...] = (("transformers", "T5EncoderModel"),)
_T5_TOKENS: tuple[Part, ...] = (
    ("transformers", "T5Tokenizer"),
    ("transformers", "T5TokenizerFast"),
    ("transformers", "PreTrainedTokenizerFast"),
    ("transformers", "TokenizersBackend"),
)
_CLIP_TOKENS: tuple[Part, ...] = (("transformers", "CLIPTokenizer"), ("transformers", "CLIPTokenizerFast"))
_FLOW_EULER: tuple[Part, ...] = (("diffusers", "FlowMatchEulerDiscreteScheduler"),)
_SDXL_SCHEDULERS: tuple[Part, ...] = tuple(
    ("diffusers", name)
    for name in (
        "EulerDiscreteScheduler",
        "DDIMScheduler",
        "DPMSolverMultistepScheduler",
        "UniPCMultistepScheduler",
        "EulerAncestralDiscreteScheduler",
    )
)
_COG_SCHEDULERS: tuple[Part, ...] = (
    ("diffusers", "CogVideoXDDIMScheduler"),
    ("diffusers", "CogVideoXDPMScheduler"),
    ("diffusers", "DDIMScheduler"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One row: how a family of models is loaded, what it honours, and in which shape it wants its pictures.

    ``published``: the pipelines as which makers publish such folders. ``parts``: the classes that each component may be.
    ``controls``: the kinds of pass that can steer it, ``one_control`` where only one of them at a time (mask not counted),
    ``weighted`` where the library takes a weight. ``mask_paints`` is what the library means by 1 in a mask: True, new
    pixels; ``paints_in_mask``: the model sees matte or mask at all.
    ``temporal``: a clip has ``temporal * k + 1`` frames; ``multiple``: width and height divide by it. ``window``: frames in
    a window by default (the length that the maker trained on), ``time_axis`` of its latents. ``steps``, ``guidance``: the
    library's own defaults. ``wide_vae``: the VAE may stay float32 beside a half-precision transformer.
    """

    name: str
    title: str
    moving: bool
    pipeline: str
    published: tuple[str, ...]
    network: str
    parts: MappingProxyType[str, tuple[Part, ...]]
    optional: frozenset[str] = frozenset()
    controls: tuple[ControlKind, ...] = ()
    needs_control: bool = False
    one_control: bool = True
    weighted: bool = False
    fields: frozenset[str] = field(default=_ALWAYS)
    paints_in_mask: bool = False
    mask_paints: bool = True
    temporal: int = 1
    multiple: int = 8
    window: int = 1
    overlap: int = 0
    layout: Layout = "none"
    time_axis: int = 2
    steps: int = 50
    guidance: float = 5.0
    wide_vae: bool = False
    references_8bit: bool = False

    @property
    def capabilities(self) -> frozenset[str]:
        """Kinds of control and request fields that it honours."""
        return self.fields | frozenset(self.controls)


def _parts(**parts: tuple[Part, ...]) -> MappingProxyType[str, tuple[Part, ...]]:
    return MappingProxyType(parts)


def _one(name: str, library: str = "diffusers") -> tuple[Part, ...]:
    return ((library, name),)


_WAN = Family(
    name="wan-vace",
    title="Wan VACE (1.3B, 14B)",
    moving=True,
    pipeline="WanVACEPipeline",
    published=("WanVACEPipeline",),
    network="transformer",
    parts=_parts(
        tokenizer=_T5_TOKENS,
        text_encoder=_one("UMT5EncoderModel", "transformers"),
        vae=_one("AutoencoderKLWan"),
        scheduler=(*_FLOW_EULER, *_one("UniPCMultistepScheduler")),
        transformer=_one("WanVACETransformer3DModel"),
        transformer_2=_one("WanVACETransformer3DModel"),
    ),
    optional=frozenset({"transformer_2"}),
    controls=("depth", "flow", "grey", "line", "mask"),
    weighted=True,
    fields=_ALWAYS | {LOCKED, REFERENCES},
    paints_in_mask=True,
    temporal=4,
    multiple=16,
    window=81,
    overlap=17,
    layout="frames",
    time_axis=2,
    guidance=5.0,
    wide_vae=True,
    references_8bit=True,
)
_LTX = Family(
    name="ltx-video",
    title="LTX-Video",
    moving=True,
    pipeline="LTXConditionPipeline",
    published=("LTXConditionPipeline", "LTXPipeline", "LTXImageToVideoPipeline"),
    network="transformer",
    parts=_parts(
        tokenizer=_T5_TOKENS,
        text_encoder=_T5,
        vae=_one("AutoencoderKLLTXVideo"),
        scheduler=_FLOW_EULER,
        transformer=_one("LTXVideoTransformer3DModel"),
    ),
    fields=_ALWAYS | {LOCKED, STRENGTH},
    temporal=8,
    multiple=32,
    window=121,
    overlap=33,
    layout="packed",
    guidance=3.0,
)
_COG_PARTS = {
    "tokenizer": _T5_TOKENS,
    "text_encoder": _T5,
    "vae": _one("AutoencoderKLCogVideoX"),
    "scheduler": _COG_SCHEDULERS,
    "transformer": _one("CogVideoXTransformer3DModel"),
}
_COG_IMAGE = Family(
    name="cogvideox-image",
    title="CogVideoX image-to-video",
    moving=True,
    pipeline="CogVideoXImageToVideoPipeline",
    published=("CogVideoXImageToVideoPipeline",),
    network="transformer",
    parts=_parts(**_COG_PARTS),
    fields=_ALWAYS | {LOCKED},
    temporal=4,
    multiple=16,
    window=49,
    overlap=13,
    layout="frames",
    time_axis=1,
    guidance=6.0,
)
_COG_CONTROL = Family(
    name="cogvideox-control",
    title="CogVideoX-Fun control",
    moving=True,
    pipeline="CogVideoXFunControlPipeline",
    published=("CogVideoXFunControlPipeline",),
    network="transformer",
    parts=_parts(**_COG_PARTS),
    controls=("depth", "line", "normal", "grey"),
    needs_control=True,
    fields=_ALWAYS,
    temporal=4,
    multiple=16,
    window=49,
    overlap=13,
    layout="frames",
    time_axis=1,
    guidance=6.0,
)
_SDXL = Family(
    name="sdxl",
    title="Stable Diffusion XL with ControlNet, inpainting",
    moving=False,
    pipeline="StableDiffusionXLControlNetInpaintPipeline",
    published=tuple(f"StableDiffusionXL{kind}Pipeline" for kind in ("", "Inpaint", "ControlNet", "ControlNetInpaint")),
    network="unet",
    parts=_parts(
        vae=_one("AutoencoderKL"),
        text_encoder=_one("CLIPTextModel", "transformers"),
        text_encoder_2=_one("CLIPTextModelWithProjection", "transformers"),
        tokenizer=_CLIP_TOKENS,
        tokenizer_2=_CLIP_TOKENS,
        unet=_one("UNet2DConditionModel"),
        scheduler=_SDXL_SCHEDULERS,
        image_encoder=_one("CLIPVisionModelWithProjection", "transformers"),
        feature_extractor=(
            ("transformers", "CLIPImageProcessor"),
            ("transformers", "CLIPImageProcessorPil"),
            ("transformers", "CLIPFeatureExtractor"),
        ),
        controlnet_depth=_one("ControlNetModel"),
        controlnet_normal=_one("ControlNetModel"),
        controlnet_line=_one("ControlNetModel"),
    ),
    optional=frozenset({"image_encoder", "feature_extractor", "controlnet_depth", "controlnet_normal", "controlnet_line"}),
    controls=("depth", "normal", "line", "mask"),
    needs_control=True,
    one_control=False,
    weighted=True,
    fields=_ALWAYS | {STRENGTH, REFERENCES},
    paints_in_mask=True,
    guidance=5.0,
)
_QWEN_PARTS = {
    "tokenizer": (("transformers", "Qwen2Tokenizer"), ("transformers", "Qwen2TokenizerFast")),
    "text_encoder": _one("Qwen2_5_VLForConditionalGeneration", "transformers"),
    "vae": _one("AutoencoderKLQwenImage"),
    "scheduler": _FLOW_EULER,
    "transformer": _one("QwenImageTransformer2DModel"),
    "controlnet": _one("QwenImageControlNetModel"),
}
_QWEN_PUBLISHED = ("QwenImagePipeline", "QwenImageControlNetPipeline", "QwenImageControlNetInpaintPipeline")
_QWEN_CONTROL = Family(
    name="qwen-image-control",
    title="Qwen-Image with ControlNet (depth, line, normal, grey)",
    weighted=True,
    moving=False,
    pipeline="QwenImageControlNetPipeline",
    published=_QWEN_PUBLISHED,
    network="transformer",
    parts=_parts(**_QWEN_PARTS),
    controls=("depth", "line", "normal", "grey"),
    needs_control=True,
    multiple=16,
    guidance=4.0,
)
_QWEN_INPAINT = Family(
    name="qwen-image-inpaint",
    title="Qwen-Image with ControlNet inpainting",
    moving=False,
    pipeline="QwenImageControlNetInpaintPipeline",
    published=_QWEN_PUBLISHED,
    network="transformer",
    parts=_parts(**_QWEN_PARTS),
    controls=("mask",),
    paints_in_mask=True,
    multiple=16,
    guidance=4.0,
)

FAMILIES: MappingProxyType[str, Family] = MappingProxyType(
    {row.name: row for row in (_WAN, _LTX, _COG_IMAGE, _COG_CONTROL, _SDXL, _QWEN_CONTROL, _QWEN_INPAINT)}
)


def family_of(name: str) -> Family:
    """The row called ``name``; an unknown one is refused with the names there are."""
    if name not in FAMILIES:
        raise CapabilityMissing(f"family {name}", engine="diffusers", remedy=f"choose one of: {', '.join(sorted(FAMILIES))}")
    return FAMILIES[name]
