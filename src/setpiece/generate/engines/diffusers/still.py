"""Stills: each frame on its own, from the same seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from setpiece.core.arrays import Rgb
from setpiece.core.errors import StageError
from setpiece.generate.engines.diffusers.controls import Shown
from setpiece.generate.engines.diffusers.families import Family
from setpiece.generate.engines.diffusers.load import libraries, quiet, seeded
from setpiece.generate.engines.diffusers.transform import Look, seen
from setpiece.generate.engines.diffusers.video import Tell
from setpiece.generate.finish import FinishRequest


def make_still(pipeline: Any, family: Family, shown: Shown, request: FinishRequest, *, steps: int, guidance: float,
               look: Look, tell: Tell) -> Rgb:  # fmt: skip
    """The model's picture (h, w, 3), display-referred 0..1, of the one frame in ``shown``, of the asked-for size.

    Raises :class:`StageError` where the model gave NaN.
    """
    torch, _, _ = libraries()
    told = _CALLS[family.name](pipeline, shown, request, guidance, look)
    width, height = shown.filled

    def after(_: object, step: int, __: object, values: dict[str, Any]) -> dict[str, Any]:
        tell(step)
        return values

    with torch.no_grad(), quiet(), seeded(pipeline, request.seed) as dice:
        made = pipeline(
            prompt=request.prompt, width=width, height=height, num_inference_steps=steps,
            generator=dice, output_type="pt", callback_on_step_end=after, **told,
        ).images[0]  # fmt: skip
    picture = made.float().cpu().numpy().transpose(1, 2, 0)
    if picture.shape[:2] != (height, width):
        raise StageError(f"{family.title} gave {picture.shape}", remedy="report this: it is a fault of the program")
    picture = picture[: shown.size[1], : shown.size[0]]
    if not np.isfinite(picture).all():
        raise StageError(f"{family.title} gave NaN", remedy="use bf16 or fp32 instead of fp16, or another seed")
    return np.ascontiguousarray(picture, np.float32)


def _tensor(picture: np.ndarray) -> Any:
    """(h, w, 3) or (h, w) → (1, c, h, w) float32."""
    torch, _, _ = libraries()
    planes = picture.transpose(2, 0, 1) if picture.ndim == 3 else picture[None]
    return torch.from_numpy(np.ascontiguousarray(planes, np.float32))[None]


def _sdxl(pipeline: Any, shown: Shown, request: FinishRequest, guidance: float, look: Look) -> dict[str, Any]:
    """Mask 1 is repainted; one control picture for each ControlNet, in the order in which they were loaded."""
    pictures = [_tensor(clip[0]) for clip in shown.controls.values()]
    scales = list(shown.weights.values())
    told: dict[str, Any] = {
        "image": _tensor(shown.plate[0]),
        "mask_image": _tensor(shown.told_mask[0]),
        "control_image": pictures if len(pictures) > 1 else pictures[0],
        "controlnet_conditioning_scale": scales if len(scales) > 1 else scales[0],
        "strength": request.strength,
        "guidance_scale": guidance,
        "negative_prompt": request.negative,
    }
    if request.references:
        told["ip_adapter_image"] = _clip_pictures(pipeline, request, look)
    return told


def _clip_pictures(pipeline: Any, request: FinishRequest, look: Look) -> list[Any]:
    """References as the image encoder wants them, in float: its own size, mean and deviation. One adapter takes all."""
    torch, _, _ = libraries()
    side = int(pipeline.image_encoder.config.image_size)
    kind = next(pipeline.image_encoder.parameters()).dtype
    wants = pipeline.feature_extractor
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (wants.image_mean, wants.image_std))
    made = []
    for picture in request.references:
        shown = _tensor(seen(look.to_model(picture)))
        scale = side / min(shown.shape[-2:])
        size = [max(side, round(length * scale)) for length in shown.shape[-2:]]
        shown = torch.nn.functional.interpolate(shown, size=size, mode="bicubic", antialias=True)
        top, left = (size[0] - side) // 2, (size[1] - side) // 2
        made.append(((shown[..., top : top + side, left : left + side] - mean) / deviation).to(kind))
    return [torch.cat(made)]


def _qwen_control(pipeline: Any, shown: Shown, request: FinishRequest, guidance: float, look: Look) -> dict[str, Any]:
    """Tensors go to this pipeline's VAE as they are, so they are brought to -1..1 here."""
    kind, clip = next(iter(shown.controls.items()))
    return {
        "control_image": _tensor(clip[0]) * 2 - 1,
        "controlnet_conditioning_scale": shown.weights[kind],
        "true_cfg_scale": guidance,
        "negative_prompt": (request.negative or " ") if guidance > 1 else None,
    }


def _qwen_inpaint(pipeline: Any, shown: Shown, request: FinishRequest, guidance: float, look: Look) -> dict[str, Any]:
    """Mask 1 is repainted: the library blackens the plate there itself."""
    return {
        "control_image": _tensor(shown.plate[0]) * 2 - 1,
        "control_mask": _tensor(shown.told_mask[0]),
        "controlnet_conditioning_scale": 1.0,
        "true_cfg_scale": guidance,
        "negative_prompt": (request.negative or " ") if guidance > 1 else None,
    }


_CALLS: dict[str, Callable[[Any, Shown, FinishRequest, float, Look], dict[str, Any]]] = {
    "sdxl": _sdxl, "qwen-image-control": _qwen_control, "qwen-image-inpaint": _qwen_inpaint,
}  # fmt: skip
