"""A tiny SDXL with a depth ControlNet, trained in seconds on pictures whose colour is their depth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from tiny_models import save, sdxl

NEAR, FAR = np.array([0.9, 0.3, 0.1], np.float32), np.array([0.1, 0.5, 0.8], np.float32)
SIDE = 16


def colour_of(depth: Any) -> Any:
    """Display-referred colour (…, 3) of inverse depth (…)."""
    return depth[..., None] * NEAR + (1 - depth[..., None]) * FAR


def _depths(rng: np.random.Generator, count: int) -> np.ndarray:
    """Random depth pictures (n, side, side) of a ground and a box."""
    made = np.repeat(rng.uniform(0, 1, (count, 1, 1)), SIDE, axis=1).repeat(SIDE, axis=2)
    for picture in made:
        for _ in range(2):
            x, y = rng.integers(0, SIDE - 4, 2)
            w, h = rng.integers(4, SIDE, 2)
            picture[y : y + h, x : x + w] = rng.uniform(0, 1)
    return made.astype(np.float32)


def _tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))


def _train(parameters: Any, steps: int, rate: float, loss_of: Any) -> float:
    parameters = list(parameters)
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=rate, total_steps=steps)
    loss = torch.zeros(())
    for _ in range(steps):
        optimiser.zero_grad()
        loss = loss_of()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
    return float(loss.detach())


def train(folder: Path, *, vae_steps: int = 80, steps: int = 110, seed: int = 11) -> Path:
    """Train and save it as a model of family ``sdxl``; the same at every call with one thread."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    parts = sdxl(folder.parent / "words", kinds=("depth",))
    parts["vae"] = vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8), in_channels=3, out_channels=3, latent_channels=4, norm_num_groups=2, sample_size=SIDE,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, scaling_factor=1.0,
        mid_block_add_attention=False,
    )  # fmt: skip
    parts["scheduler"] = scheduler = diffusers.DDIMScheduler(
        beta_schedule="scaled_linear", clip_sample=False, prediction_type="sample", rescale_betas_zero_snr=False
    )

    def picture_loss() -> torch.Tensor:
        wanted = _tensor(colour_of(_depths(rng, 4))) * 2 - 1
        latents = vae.encode(wanted).latent_dist.mode()
        made = vae.decode(latents + 0.05 * torch.randn_like(latents)).sample
        return (made - wanted).abs().mean() + 1e-3 * latents.square().mean()

    _train(vae.parameters(), vae_steps, 1e-2, picture_loss)
    vae.requires_grad_(False)
    unet, net = parts["unet"], parts["controlnet_depth"]
    pipe = diffusers.StableDiffusionXLControlNetInpaintPipeline(
        **{name: part for name, part in parts.items() if not name.startswith("controlnet")}, controlnet=net
    )
    with torch.no_grad():
        words, _, pooled, _ = pipe.encode_prompt("a ruin", device="cpu", do_classifier_free_guidance=False)
    ids = torch.tensor([[SIDE, SIDE, 0, 0, SIDE, SIDE]], dtype=torch.float32)

    def noise_loss() -> torch.Tensor:
        depth = _depths(rng, 4)
        with torch.no_grad():
            latents = vae.encode(_tensor(colour_of(depth)) * 2 - 1).latent_dist.mode()
        control = _tensor(np.repeat(depth[..., None], 3, axis=3))
        times = torch.randint(0, 1000, (len(depth),))
        noisy = scheduler.add_noise(latents, torch.randn_like(latents), times)
        told = {"encoder_hidden_states": words.expand(len(depth), -1, -1),
                "added_cond_kwargs": {"text_embeds": pooled.expand(len(depth), -1),
                                      "time_ids": ids.expand(len(depth), -1)}}  # fmt: skip
        down, mid = net(noisy, times, controlnet_cond=control, return_dict=False, **told)
        made = unet(noisy, times, down_block_additional_residuals=down, mid_block_additional_residual=mid, **told).sample
        return (made - latents).square().mean()

    _train([*unet.parameters(), *net.parameters()], steps, 1e-2, noise_loss)
    return save(folder, "sdxl", parts)
