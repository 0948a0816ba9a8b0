"""Clips: one denoising over the whole span, the network seeing it window by window."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np

from setpiece.core.errors import StageError
from setpiece.generate.engines.diffusers.controls import Clip, Shown, vace
from setpiece.generate.engines.diffusers.families import Family
from setpiece.generate.engines.diffusers.load import libraries, quiet, seeded
from setpiece.generate.engines.diffusers.transform import Look, seen
from setpiece.generate.engines.diffusers.windows import Blend, latent_frames, plan_windows, windowed
from setpiece.generate.finish import FinishRequest

Tell = Callable[[int], None]  # step done; raises where the permit does not hold any longer


def blend_of(family: Family, frames: int, *, window: int, overlap: int, references: int = 0, step: int = 1) -> Blend:
    """The windows of a clip of ``frames`` (``temporal * k + 1``), in latent frames; ``window`` and ``overlap`` in frames.

    ``step``: latent frames that the network takes at once (CogVideoX 1.5: 2).
    """
    length = latent_frames(frames, family.temporal)
    length += -length % step
    inside = max(1, latent_frames(window, family.temporal))
    return Blend(
        windows=plan_windows(length, inside, min(-(-overlap // family.temporal), inside - 1), step=step),
        length=length,
        extra=references,
    )


def make_clip(pipeline: Any, family: Family, shown: Shown, request: FinishRequest, *, steps: int, guidance: float,
              look: Look, blend: Blend, tell: Tell) -> Clip:  # fmt: skip
    """The model's clip (t, h, w, 3), display-referred 0..1, of the asked-for frames and size.

    Raises :class:`StageError` where the model gave NaN.
    """
    torch, _, _ = libraries()
    told = _CALLS[family.name](pipeline, shown, request, look)
    width, height = shown.filled

    def after(_: object, step: int, __: object, values: dict[str, Any]) -> dict[str, Any]:
        tell(step)
        return values

    with torch.no_grad(), quiet(), seeded(pipeline, request.seed) as dice, ExitStack() as stack:
        for name in ("transformer", "transformer_2"):
            network = getattr(pipeline, name, None)
            if network is not None:
                stack.enter_context(windowed(network, blend, layout=family.layout, time_axis=family.time_axis))
        made = pipeline(
            prompt=request.prompt, negative_prompt=request.negative, width=width, height=height,
            num_inference_steps=steps, guidance_scale=guidance, generator=dice,
            output_type="pt", callback_on_step_end=after, **told,
        ).frames[0]  # fmt: skip
    clip = made.float().cpu().numpy().transpose(0, 2, 3, 1)
    if len(clip) < len(shown.frames) or clip.shape[1:3] != (height, width):
        raise StageError(f"{family.title} gave a clip of {clip.shape}", remedy="report this: it is a fault of the program")
    clip = clip[: len(shown.frames), : shown.size[1], : shown.size[0]]
    if not np.isfinite(clip).all():
        raise StageError(f"{family.title} gave NaN", remedy="use bf16 or fp32 instead of fp16, or another seed")
    return np.ascontiguousarray(clip, np.float32)


def tensor(clip: np.ndarray) -> Any:
    """(t, h, w, 3) or (t, h, w) → (1, t, 3, h, w) float32, as the library's video processors take it."""
    torch, _, _ = libraries()
    colours = clip if clip.ndim == 4 else np.repeat(clip[..., None], 3, axis=3)
    return torch.from_numpy(np.ascontiguousarray(colours.transpose(0, 3, 1, 2), np.float32))[None]


def _wan(pipeline: Any, shown: Shown, request: FinishRequest, look: Look) -> dict[str, Any]:
    """Mask 1 is generated; locked frames stand in the video with mask 0."""
    video, mask = vace(shown)
    return {
        "video": tensor(video),
        "mask": tensor(mask),
        "reference_images": _pictures(request, look) or None,
        "conditioning_scale": next(iter(shown.weights.values()), 1.0),
        "num_frames": len(shown.plate),
    }


def _pictures(request: FinishRequest, look: Look) -> list[Any]:
    """References as 8-bit pictures: the library takes nothing else for them, and none of their pixels reach the take."""
    from PIL import Image

    return [Image.fromarray(np.rint(seen(look.to_model(picture)) * 255).astype(np.uint8)) for picture in request.references]


def _ltx(pipeline: Any, shown: Shown, request: FinishRequest, look: Look) -> dict[str, Any]:
    """Locked frames as conditions, those at the head of the clip together; the plate's latents where strength is below 1."""
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    head = 0
    while head in shown.locked:
        head += 1
    head = (head - 1) // 8 * 8 + 1 if head else 0
    clip = tensor(shown.plate)
    conditions = [LTXVideoCondition(video=clip[:, :head], frame_index=0)] if head else []
    conditions += [LTXVideoCondition(image=clip[0, at][None], frame_index=at) for at in sorted(shown.locked) if at >= head]
    told: dict[str, Any] = {
        "conditions": conditions or None,
        "frame_rate": float(request.frames.rate),
        "num_frames": len(shown.plate),
        "denoise_strength": request.strength,
    }
    if pipeline.vae.config.timestep_conditioning:
        told |= {"decode_timestep": 0.05, "decode_noise_scale": 0.025}  # as the maker's own example
    if request.strength < 1.0:
        told["latents"] = _ltx_latents(pipeline, clip)
    return told


def _ltx_latents(pipeline: Any, clip: Any) -> Any:
    """The plate in the model's own latents, normalised as the pipeline wants them."""
    torch, _, _ = libraries()
    vae = pipeline.vae
    with torch.no_grad():
        video = (clip.permute(0, 2, 1, 3, 4) * 2 - 1).to(pipeline._execution_device, vae.dtype)
        latents = vae.encode(video).latent_dist.mode()
        return pipeline._normalize_latents(latents, vae.latents_mean, vae.latents_std).float()


def _cog_image(pipeline: Any, shown: Shown, request: FinishRequest, look: Look) -> dict[str, Any]:
    """The first frame, locked or the plate's, is what it starts from."""
    return {"image": tensor(shown.plate[:1])[0], "num_frames": len(shown.plate)}


def _cog_control(pipeline: Any, shown: Shown, request: FinishRequest, look: Look) -> dict[str, Any]:
    return {"control_video": tensor(next(iter(shown.controls.values())))}


_CALLS: dict[str, Callable[[Any, Shown, FinishRequest, Look], dict[str, Any]]] = {
    "wan-vace": _wan, "ltx-video": _ltx, "cogvideox-image": _cog_image, "cogvideox-control": _cog_control,
}  # fmt: skip
