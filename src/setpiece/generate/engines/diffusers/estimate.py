"""What a request would take of memory and time, from headers and configurations alone: nothing is loaded.

Memory is the largest of the stages (the text, denoising, the VAE): the weights that lie on the device then, by the headers
of their files, and the tensors alive beside them, by :mod:`measure`. Time comes from measurements only: where nobody
measured, None.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from setpiece.core.errors import StageError
from setpiece.generate.engines.diffusers.files import ModelFiles
from setpiece.generate.engines.diffusers.measure import step_bytes, vae_bytes
from setpiece.generate.engines.diffusers.settings import Settings
from setpiece.generate.finish import Estimate

_BYTES = {"bf16": 2, "fp16": 2, "fp32": 4}
_PACKED = {"fp8": 1.0, "int8": 1.05, "nf4": 0.56}  # bytes a parameter, scales included
_RESERVE = 1.08  # what an allocator rounds up and kernels take for themselves

Shape = tuple[int, int, int]  # width, height, frames as the model sees them
_H100 = "NVIDIA H100 80GB HBM3"
# Seconds a call of the network at bf16, by benchmarks/diffusion.py: (family, device's name, parameters of the network in units
# of 1e8, width, height, latent frames in a window). Families with ControlNets are left out: those were measured without.
MEASURED: Mapping[tuple[str, str, int, int, int, int], float] = {
    ("wan-vace", _H100, 22, 832, 480, 21): 0.974,
    ("wan-vace", _H100, 22, 1280, 720, 21): 3.805,
    ("wan-vace", _H100, 174, 832, 480, 21): 3.821,
    ("wan-vace", _H100, 174, 1280, 720, 21): 13.557,
    ("ltx-video", _H100, 19, 832, 480, 11): 0.118,
    ("ltx-video", _H100, 19, 1280, 736, 11): 0.346,
    ("cogvideox-control", _H100, 56, 832, 480, 21): 4.338,
    ("cogvideox-control", _H100, 56, 1280, 720, 21): 17.472,
}


def estimate(files: ModelFiles, settings: Settings, *, device: str, shape: Shape, inside: int, windows: int, steps: int,
             batch: int, calls: int = 1, kinds: tuple[str, ...] = ()) -> Estimate:  # fmt: skip
    """The estimate for one clip or still of ``shape``, of ``windows`` windows with ``inside`` latent frames each.

    ``batch`` 2 where guidance runs both halves at once, ``calls`` 2 where it runs them one after the other; ``kinds`` of
    control choose among several ControlNets.
    """
    width, height, frames = shape
    family = files.family
    held = weight_bytes(files, settings, kinds)
    nets = tuple(files.components[f"controlnet_{kind}"] for kind in kinds if f"controlnet_{kind}" in files.components)
    live = {
        family.network: step_bytes(
            family.name, (files.components[family.network], *nets), settings.precision, width=width, height=height,
            inside=inside, batch=batch,
        ),
        "vae": vae_bytes(
            family.name, files.components["vae"], "fp32" if family.wide_vae else settings.precision, width=width,
            height=height, frames=frames, tiled=settings.tile_vae,
        ),
    }  # fmt: skip
    clip = 4 * 3 * width * height * frames  # what is shown to the model stays where it works
    peak = max(_resident(files, held, name, settings) + live.get(name, 0) for name in held) + clip
    return Estimate(
        device=device,
        memory_bytes=int(peak * _RESERVE),
        available_bytes=available_bytes(device),
        seconds=_seconds(files, device, (width, height, inside), steps=steps * windows * calls),
    )


def weight_bytes(files: ModelFiles, settings: Settings, kinds: tuple[str, ...] = ()) -> dict[str, float]:
    """Bytes of each component's weights as they would lie in memory; of several ControlNets, those of ``kinds``."""
    made = {}
    for name, component in files.components.items():
        if name.startswith("controlnet_") and name.removeprefix("controlnet_") not in kinds:
            continue
        if component.parameters:
            made[name] = component.parameters * _each(files, name, settings)
    return made


def _each(files: ModelFiles, name: str, settings: Settings) -> float:
    """Bytes a parameter of one component."""
    if name == "vae" and files.family.wide_vae:
        return 4
    if name == files.family.network and settings.quantise != "none":
        return _PACKED[settings.quantise]
    return _BYTES[settings.precision]


def _resident(files: ModelFiles, held: Mapping[str, float], active: str, settings: Settings) -> float:
    """Bytes of weights on the device while ``active`` works."""
    if settings.offload == "none":
        return sum(held.values())
    if settings.offload == "model":
        controls = sum(value for name, value in held.items() if name.startswith("controlnet"))
        return held[active] + (controls if active == files.family.network else 0)
    widest = max(tensor.parameters for tensor in files.components[active].tensors.values())
    return 2 * widest * _each(files, active, settings)  # one layer works while the next is on its way


def _seconds(files: ModelFiles, device: str, shape: Shape, *, steps: int) -> float | None:
    """Seconds of the denoising by the table, ``steps`` being calls of the network; None where this size was never measured on
    this device."""
    size = round(files.components[files.family.network].parameters / 1e8)
    each = MEASURED.get((files.family.name, device_name(device), size, *shape))
    return None if each is None else each * steps


def device_name(device: str) -> str:
    """What the device calls itself."""
    if not device.startswith("cuda"):
        return device
    import torch

    return str(torch.cuda.get_device_name(torch.device(device))) if torch.cuda.is_available() else device


def available_bytes(device: str) -> int:
    """Free memory where it would run. Raises :class:`StageError` for a device that this machine does not have."""
    if device == "cpu":
        return _free_of_machine()
    import torch

    if not device.startswith("cuda") or not torch.cuda.is_available():
        raise StageError(f"there is no device '{device}' here", remedy="leave the device out, or name one that is")
    return int(torch.cuda.mem_get_info(torch.device(device))[0])


def _free_of_machine() -> int:
    """Memory that a new process can have, by the kernel's count; the physical memory where it does not say."""
    import os

    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check_memory(told: Estimate, settings: Settings, *, windowed: bool) -> None:
    """Raise :class:`StageError` with the remedies, best first, where the device has too little."""
    if told.memory_bytes <= told.available_bytes:
        return
    remedies = []
    if told.device != "cpu" and settings.offload != "sequential":
        remedies.append(f"offload: {'model' if settings.offload == 'none' else 'sequential'}")
    if settings.precision == "fp32":
        remedies.append("precision: bf16")
    if not settings.tile_vae:
        remedies.append("tile_vae: true")
    if settings.quantise == "none":
        remedies.append("quantise: fp8")
    if windowed:
        remedies.append("a shorter window")
    raise StageError(
        f"it would take {told.memory_bytes / 1e9:.1f} GB and {told.device} has {told.available_bytes / 1e9:.1f} GB free",
        remedy="try " + ", ".join([*remedies, "a smaller size"]),
    )
