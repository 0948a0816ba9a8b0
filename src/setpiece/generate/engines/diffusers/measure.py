"""How much memory a network's own tensors take at a size, found by running it on tensors that have a shape and no content.

The library's own code runs, built from the model's own configuration, and every storage that comes and goes is followed.
Nothing is allocated and nothing computed: a second or a few, for models of any size. A convolution is counted with its
input and output a second time, because a GPU's kernels lay both out anew while they work: so counted, peaks of six models'
steps and VAEs on an H100 were met within 1 % (``benchmarks/diffusion.py``). What other kernels take for themselves is left
to the estimate's reserve.
"""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from setpiece.core.errors import StageError
from setpiece.generate.engines.diffusers.files import Component
from setpiece.generate.engines.diffusers.load import libraries
from setpiece.generate.engines.diffusers.settings import Precision

# Frames that a VAE is followed over: its batches and caches are full by the first, what comes beyond grows evenly.
_FOLLOWED, _FOLLOWED_IN_BATCHES = (9, 17), (17, 25)
_WORDS = {"wan-vace": 512, "ltx-video": 256, "cogvideox-image": 226, "cogvideox-control": 226, "sdxl": 77,
          "qwen-image-control": 512, "qwen-image-inpaint": 512}  # fmt: skip


def step_bytes(family: str, parts: tuple[Component, ...], precision: Precision, *, width: int, height: int, inside: int,
               batch: int) -> int:  # fmt: skip
    """Bytes alive beside the weights in one step of the network ``parts[0]``, with its ControlNets behind it.

    ``width``, ``height`` in px as the model sees them; ``inside`` latent frames in a window; ``batch`` 2 with guidance in one
    call. Raises :class:`StageError` for a configuration that its class does not take.
    """
    return _followed(family, tuple(map(_key, parts)), precision, "step", (width, height, inside, batch), tiled=False)


def vae_bytes(family: str, part: Component, precision: Precision, *, width: int, height: int, frames: int, tiled: bool) -> int:
    """Bytes alive beside the weights while the VAE decodes or encodes ``frames``, whichever takes more. In tiles, one and a
    half tiles are followed."""
    some, more = _FOLLOWED_IN_BATCHES if family.startswith("cogvideox") else _FOLLOWED
    peaks = []
    for way in ("decode", "encode"):
        short, long = (
            _followed(family, (_key(part),), precision, way, (width, height, min(frames, count), 1), tiled=tiled)
            for count in (some, more)
        )
        peaks.append(long + max(0, frames - more) / (more - some) * (long - short))
    return int(max(peaks)) + (2 * 3 * 4 * width * height * frames if tiled else 0)  # tiles are put together elsewhere


def _key(part: Component) -> tuple[str, str, str]:
    """What a network is built from, as a value."""
    return part.part[1], json.dumps(dict(part.config), sort_keys=True), str(part.folder)


@lru_cache(maxsize=64)
def _followed(family: str, parts: tuple[tuple[str, str, str], ...], precision: Precision, way: str,
              size: tuple[int, int, int, int], *, tiled: bool) -> int:  # fmt: skip
    """Build without content, run once, give the peak."""
    torch, diffusers, _ = libraries()
    from torch._subclasses.fake_tensor import FakeTensorMode

    kind = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[precision]
    before = torch.get_default_dtype()
    try:
        with FakeTensorMode(), torch.no_grad():
            torch.set_default_dtype(kind)
            networks = [getattr(diffusers, name).from_config(json.loads(config)).eval() for name, config, _ in parts]
            torch.set_default_dtype(before)
            if tiled:
                networks[0].enable_tiling()
                size = _few_tiles(networks[0], size)
            live = follower(torch)
            for network in networks:
                for tensor in [*network.parameters(), *network.buffers()]:
                    live.ignore(tensor)
            gc.collect()
            with live:
                CALLS[way, family if way == "step" else vae_of(family)](torch, networks, kind, size)
            return int(live.peak)
    except (TypeError, ValueError, RuntimeError, AttributeError, KeyError, IndexError) as error:
        told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise StageError(
            f"its network does not run at {size[0]}x{size[1]}: {told}", file=parts[0][2],
            remedy="check the configuration, and size and window against what the model takes",
        ) from error  # fmt: skip
    finally:
        torch.set_default_dtype(before)


def _few_tiles(vae: Any, size: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The size of a picture that takes two tiles a side, or ``size`` where that is smaller."""
    tile = int(getattr(vae, "tile_sample_min_width", None) or getattr(vae, "tile_sample_min_size", None) or max(size[:2]))
    side = -(-3 * tile // 2 // 64) * 64
    return min(size[0], side), min(size[1], side), *size[2:]


def follower(torch: Any) -> Any:
    """A mode that follows storages while it is entered: ``peak`` is the most bytes alive at once, ``ignore`` leaves a
    tensor out. Made in a function, so that this module imports no torch."""
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Live(TorchDispatchMode):  # type: ignore[no-untyped-call, unused-ignore]
        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call, unused-ignore]
            self.now = self.peak = 0
            self.known: dict[int, int] = {}

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            made = func(*args, **(kwargs or {}))
            for leaf in tree_leaves(made):
                if isinstance(leaf, torch.Tensor):
                    self.note(leaf.untyped_storage())
            if func is torch.ops.aten.convolution.default:
                self.peak = max(self.peak, self.now + _bytes(args[0]) + _bytes(made))
            return made

        def ignore(self, tensor: Any) -> None:
            self.known[tensor.untyped_storage()._cdata] = 0

        def note(self, storage: Any) -> None:
            key = storage._cdata
            if key not in self.known:
                self.known[key] = storage.nbytes()
                self.now += self.known[key]
                self.peak = max(self.peak, self.now)
                weakref.finalize(storage, self.gone, key)

        def gone(self, key: int) -> None:
            self.now -= self.known.pop(key, 0)

    return Live()


def _bytes(tensor: Any) -> int:
    return int(tensor.numel() * tensor.element_size())


def _wan(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    network, config = networks[0], networks[0].config
    width, height, t, batch = size
    shape = (batch, config.in_channels, t, height // 8, width // 8)
    network(
        hidden_states=torch.empty(shape, dtype=kind), timestep=torch.ones(batch),
        encoder_hidden_states=torch.empty(batch, _WORDS["wan-vace"], config.text_dim, dtype=kind),
        control_hidden_states=torch.empty(batch, config.vace_in_channels, *shape[2:], dtype=kind),
        control_hidden_states_scale=torch.ones(len(config.vace_layers), dtype=kind), return_dict=False,
    )  # fmt: skip


def _ltx(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    network, config = networks[0], networks[0].config
    width, height, t, batch = size
    count, words = t * (height // 32) * (width // 32), _WORDS["ltx-video"]
    network(
        hidden_states=torch.empty(batch, count, config.in_channels, dtype=kind), timestep=torch.ones(batch, 1),
        encoder_hidden_states=torch.empty(batch, words, config.caption_channels, dtype=kind),
        encoder_attention_mask=torch.ones(batch, words), video_coords=torch.ones(batch, 3, count), return_dict=False,
    )  # fmt: skip


def _cog(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    network, config = networks[0], networks[0].config
    width, height, t, batch = size
    t += -t % (config.patch_size_t or 1)
    h, w = height // 8, width // 8
    rows = t // (config.patch_size_t or 1) * (h // config.patch_size) * (w // config.patch_size)
    rotary = torch.empty(rows, config.attention_head_dim)
    network(
        hidden_states=torch.empty(batch, t, config.in_channels, h, w, dtype=kind), timestep=torch.ones(batch),
        encoder_hidden_states=torch.empty(batch, config.max_text_seq_length, config.text_embed_dim, dtype=kind),
        ofs=torch.ones(1) if config.ofs_embed_dim else None,
        image_rotary_emb=(rotary, rotary) if config.use_rotary_positional_embeddings else None, return_dict=False,
    )  # fmt: skip


def _sdxl(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    unet, config = networks[0], networks[0].config
    width, height, _, batch = size
    pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
    words = torch.empty(batch, _WORDS["sdxl"], config.cross_attention_dim, dtype=kind)
    added = {"text_embeds": torch.empty(batch, pooled, dtype=kind), "time_ids": torch.empty(batch, 6, dtype=kind)}
    latents = torch.empty(batch, 4, height // 8, width // 8, dtype=kind)
    held = []
    for net in networks[1:]:
        scale = 2 ** (len(net.config.conditioning_embedding_out_channels) - 1)
        picture = torch.empty(batch, 3, height // 8 * scale, width // 8 * scale, dtype=kind)
        held.append(net(latents, torch.ones(()), words, picture, added_cond_kwargs=added, return_dict=False))
    down = [sum(parts[1:], parts[0]) for parts in zip(*(item[0] for item in held), strict=True)] if held else None
    latents = torch.empty(batch, config.in_channels, height // 8, width // 8, dtype=kind)
    unet(latents, torch.ones(()), words, added_cond_kwargs=added, down_block_additional_residuals=down,
         mid_block_additional_residual=held[0][1] if held else None, return_dict=False)  # fmt: skip


def _qwen(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    network, config = networks[0], networks[0].config
    width, height, _, batch = size
    h, w = height // 16, width // 16
    words = _WORDS["qwen-image-control"]
    network(
        hidden_states=torch.empty(batch, h * w, config.in_channels, dtype=kind), timestep=torch.ones(batch),
        encoder_hidden_states=torch.empty(batch, words, config.joint_attention_dim, dtype=kind),
        encoder_hidden_states_mask=torch.ones(batch, words, dtype=torch.bool), img_shapes=[[(1, h, w)]] * batch,
        return_dict=False,
    )  # fmt: skip


def vae_of(family: str) -> str:
    """Which row of :data:`CALLS` decodes a family's latents."""
    return "still" if family == "sdxl" else "ltx-video" if family == "ltx-video" else "clip"


def _decode_clip(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    vae = networks[0]
    width, height, frames, _ = size
    channels = vae.config.get("z_dim") or vae.config.get("latent_channels")
    vae.decode(torch.empty(1, channels, (frames - 1) // 4 + 1, height // 8, width // 8, dtype=kind))


def _decode_ltx(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    vae = networks[0]
    width, height, frames, _ = size
    told = torch.ones(1, dtype=kind) if vae.config.timestep_conditioning else None
    latents = torch.empty(1, vae.config.latent_channels, (frames - 1) // 8 + 1, height // 32, width // 32, dtype=kind)
    vae.decode(latents, told)


def _decode_still(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    vae = networks[0]
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    vae.decode(torch.empty(1, vae.config.latent_channels, size[1] // scale, size[0] // scale, dtype=kind))


def _encode_clip(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    networks[0].encode(torch.empty(1, 3, size[2], size[1], size[0], dtype=kind))


def _encode_still(torch: Any, networks: list[Any], kind: Any, size: tuple[int, int, int, int]) -> None:
    networks[0].encode(torch.empty(1, 3, size[1], size[0], dtype=kind))


CALLS: dict[tuple[str, str], Callable[[Any, list[Any], Any, tuple[int, int, int, int]], None]] = {
    ("step", "wan-vace"): _wan, ("step", "ltx-video"): _ltx, ("step", "cogvideox-image"): _cog,
    ("step", "cogvideox-control"): _cog, ("step", "sdxl"): _sdxl, ("step", "qwen-image-control"): _qwen,
    ("step", "qwen-image-inpaint"): _qwen, ("decode", "clip"): _decode_clip, ("decode", "ltx-video"): _decode_ltx,
    ("decode", "still"): _decode_still, ("encode", "clip"): _encode_clip, ("encode", "ltx-video"): _encode_clip,
    ("encode", "still"): _encode_still,
}  # fmt: skip
