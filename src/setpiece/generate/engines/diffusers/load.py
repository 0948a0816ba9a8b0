"""Puts a pipeline together from a checked folder: component by component, each class out of the table.

The library's own loading of whole pipelines is not used: it takes classes from the folder. Each network's tensors are
compared with what its configuration asks for, before and after loading: nothing is ever filled in at random.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from setpiece.core.errors import CapabilityMissing, DependencyMissing, StageError
from setpiece.generate.engines.diffusers.families import Family
from setpiece.generate.engines.diffusers.files import Component, ModelFiles, read_header
from setpiece.generate.engines.diffusers.settings import Precision, Settings

_PACKAGES = "pip install 'setpiece[diffusion]'"


def libraries() -> tuple[Any, Any, Any]:
    """(torch, diffusers, transformers). Raises :class:`DependencyMissing`."""
    try:
        import diffusers
        import torch
        import transformers
    except ImportError as error:
        raise DependencyMissing(f"engine 'diffusers' needs {error.name}", remedy=_PACKAGES) from error
    return torch, diffusers, transformers


def dtype_of(precision: Precision) -> Any:
    """The library's own value for a precision."""
    torch, _, _ = libraries()
    return {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[precision]


def device_of(settings: Settings) -> str:
    """Where it runs: as stated, else the first GPU, else the processor."""
    torch, _, _ = libraries()
    if settings.device is not None:
        return settings.device
    return "cuda" if torch.cuda.is_available() else "cpu"


def assemble(files: ModelFiles, settings: Settings, kinds: tuple[str, ...]) -> Any:
    """The pipeline of ``files``, on its device, ready to be called. ``kinds`` of control choose among several ControlNets.

    Raises :class:`StageError` for a network whose tensors do not fit, :class:`DependencyMissing` for a missing library.
    """
    torch, diffusers, _ = libraries()
    family = files.family
    chosen = _controlnets(files, kinds)
    with quiet(), _offline(), torch.random.fork_rng(devices=[]):  # building a network throws dice
        loaded = {
            name: _loaded(component, settings, family)
            for name, component in files.components.items()
            if not name.startswith("controlnet_")
        }
        nets = [_loaded(files.components[name], settings, family) for name in chosen]
        if nets:
            loaded["controlnet"] = nets[0] if len(nets) == 1 else nets
        cls = getattr(diffusers, family.pipeline)
        absent = {name: None for name in family.optional if name not in loaded and not name.startswith("controlnet_")}
        pipeline = cls(**absent, **loaded, **_taken(cls, files.settings))
        if getattr(pipeline, "watermark", None) is not None:
            pipeline.watermark = None  # no hidden change of pixels: delivery marks and signs what was made
        pipeline.set_progress_bar_config(disable=True)
        _low_rank(pipeline, settings)
        _references(pipeline, settings)
        _placed(pipeline, settings)
    return pipeline


def _controlnets(files: ModelFiles, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The folders of the ControlNets that ``kinds`` ask for, in their order. Raises CapabilityMissing for one not there."""
    if not any(name.startswith("controlnet_") for name in files.family.parts):
        return ()
    for kind in kinds:
        if f"controlnet_{kind}" not in files.components:
            raise CapabilityMissing(
                kind, engine="diffusers", remedy=f"put a ControlNet for {kind} under {files.folder}/controlnet_{kind}"
            )
    return tuple(f"controlnet_{kind}" for kind in kinds)


def _taken(cls: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of the index that the pipeline's constructor knows."""
    import inspect

    known = inspect.signature(cls.__init__).parameters
    return {name: value for name, value in settings.items() if name in known and not isinstance(value, list | dict)}


def _loaded(component: Component, settings: Settings, family: Family) -> Any:
    """One component, by the class that the table names."""
    torch, diffusers, transformers = libraries()
    library, name = component.part
    cls = getattr({"diffusers": diffusers, "transformers": transformers}[library], name, None)
    if cls is None:
        raise DependencyMissing(f"the installed {library} has no {name}", remedy=f"install the pinned release: {_PACKAGES}")
    local = {"local_files_only": True}
    try:
        if not component.tensors:
            return cls.from_pretrained(str(component.folder), **local)
        kind = dtype_of(settings.precision)
        if component.name == "vae" and family.wide_vae:
            kind = torch.float32
        if library == "diffusers":
            check_architecture(component, cls)
            extra = _quantised(component, settings, family)
            model, info = cls.from_pretrained(
                str(component.folder), torch_dtype=kind, use_safetensors=True, output_loading_info=True, **local, **extra
            )
        else:
            model, info = cls.from_pretrained(
                str(component.folder), dtype=kind, use_safetensors=True, trust_remote_code=False,
                output_loading_info=True, **local,
            )  # fmt: skip
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        told = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        raise StageError(f"cannot be loaded as {name}: {told}", file=component.folder, remedy="download it again") from error
    _complete(info, component)
    return model.eval()


def check_architecture(component: Component, cls: Any) -> None:
    """Compare the names and shapes in a component's files with what its configuration builds, without allocating it.

    Raises :class:`StageError` naming the first tensor that is missing, in excess or of another shape.
    """
    import torch

    if not component.config:
        raise StageError("has no config.json", file=component.folder, remedy="download the model again")
    try:
        with torch.device("meta"):
            wanted = {key: tuple(value.shape) for key, value in cls.from_config(dict(component.config)).state_dict().items()}
    except (TypeError, ValueError, RuntimeError, AttributeError, KeyError) as error:
        raise StageError(
            f"has a configuration that builds no {cls.__name__}: {error}", file=component.folder, remedy="download it again"
        ) from error
    held = {key: tensor.shape for key, tensor in component.tensors.items()}
    for key in sorted(wanted.keys() - held.keys()):
        raise _wrong(component, f"lacks '{key}'")
    spare = getattr(cls, "_keys_to_ignore_on_load_unexpected", None) or ()  # what the library knows to be left over
    for key in sorted(key for key in held.keys() - wanted.keys() if not any(re.search(known, key) for known in spare)):
        raise _wrong(component, f"holds '{key}', which this architecture does not have")
    for key in sorted(held.keys() & wanted.keys()):
        if held[key] != wanted[key]:
            raise _wrong(component, f"holds '{key}' as {held[key]} where {wanted[key]} is wanted")


def _complete(info: Mapping[str, Any], component: Component) -> None:
    """Refuse a network of which anything was left to chance."""
    for key, word in (("missing_keys", "lacks"), ("mismatched_keys", "holds another shape of"), ("error_msgs", "failed:")):
        for item in sorted(map(str, info.get(key) or ())):
            raise _wrong(component, f"{word} '{item}'")


def _wrong(component: Component, fault: str) -> StageError:
    return StageError(
        f"{fault}: these are not the weights of this {component.part[1]}", file=component.folder,
        remedy="put the weights and the configuration of one model together",
    )  # fmt: skip


def _quantised(component: Component, settings: Settings, family: Family) -> dict[str, Any]:
    """What the library wants to be told to quantise the network. Raises DependencyMissing without bitsandbytes."""
    if settings.quantise not in {"int8", "nf4"} or component.name != family.network:
        return {}
    from importlib.util import find_spec

    if find_spec("bitsandbytes") is None:
        raise DependencyMissing(
            f"quantise '{settings.quantise}' needs bitsandbytes, which is not installed",
            remedy="pip install bitsandbytes (it wants a GPU), or choose fp8 or offload",
        )
    _, diffusers, _ = libraries()
    how = {"load_in_8bit": True} if settings.quantise == "int8" else {
        "load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": dtype_of(settings.precision),
    }  # fmt: skip
    return {"quantization_config": diffusers.BitsAndBytesConfig(**how)}


def _low_rank(pipeline: Any, settings: Settings) -> None:
    """Load the LoRAs, each from a checked safetensors file, and set their weights."""
    if not settings.loras:
        return
    from importlib.util import find_spec

    if find_spec("peft") is None:
        raise DependencyMissing("a LoRA needs peft, which is not installed", remedy=_PACKAGES)
    from safetensors.torch import load_file

    names = []
    for number, lora in enumerate(settings.loras):
        read_header(lora.path)
        name = f"lora{number}"
        before = _adapters(pipeline)
        try:
            pipeline.load_lora_weights(load_file(str(lora.path)), adapter_name=name)
        except (ValueError, RuntimeError, KeyError, TypeError) as error:
            raise StageError(f"is no LoRA of this model: {error}", file=lora.path, remedy="use one made for it") from error
        if _adapters(pipeline) == before:
            raise StageError("changes nothing in this model", file=lora.path, remedy="use one made for this family")
        names.append(name)
    pipeline.set_adapters(names, [lora.weight for lora in settings.loras])


def _adapters(pipeline: Any) -> set[str]:
    return {name for names in pipeline.get_list_adapters().values() for name in names}


def _references(pipeline: Any, settings: Settings) -> None:
    """Let references in by an image adapter of safetensors."""
    if settings.ip_adapter is None:
        return
    if not hasattr(pipeline, "load_ip_adapter"):
        raise CapabilityMissing("ip_adapter", engine="diffusers")
    if getattr(pipeline, "image_encoder", None) is None or getattr(pipeline, "feature_extractor", None) is None:
        raise StageError(
            "lets references in, and the model has no image_encoder or feature_extractor", file=settings.ip_adapter,
            remedy="put the adapter's own image_encoder and feature_extractor into the model's folder and its index",
        )  # fmt: skip
    from safetensors.torch import load_file

    path = Path(settings.ip_adapter)
    read_header(path)
    state: dict[str, dict[str, Any]] = {"image_proj": {}, "ip_adapter": {}}
    for key, tensor in load_file(str(path)).items():
        head, _, rest = key.partition(".")
        if head not in state:
            raise StageError(f"holds '{key}', which no image adapter has", file=path, remedy="name an IP-Adapter's safetensors")
        state[head][rest] = tensor
    try:
        pipeline.load_ip_adapter(state, subfolder="", weight_name="", image_encoder_folder=None)
    except (ValueError, RuntimeError, KeyError, AttributeError) as error:
        raise StageError(f"is no image adapter of this model: {error}", file=path, remedy="use one made for it") from error


def _placed(pipeline: Any, settings: Settings) -> None:
    """Put it where it runs, as the settings ask."""
    device = device_of(settings)
    if settings.quantise == "fp8":
        torch, _, _ = libraries()
        network = getattr(pipeline, "transformer", None) or pipeline.unet
        network.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype_of(settings.precision))
    for wanted, method in ((settings.tile_vae, "enable_tiling"), (settings.slice_vae, "enable_slicing")):
        if wanted:
            if not hasattr(pipeline.vae, method):
                raise CapabilityMissing(method, engine="diffusers", remedy="this VAE cannot: take it out of the settings")
            getattr(pipeline.vae, method)()
    if settings.offload == "none":
        pipeline.to(device)
        return
    if device == "cpu":
        raise StageError("offload moves weights off a GPU, and there is none", remedy="set offload to none")
    if settings.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    else:
        pipeline.enable_sequential_cpu_offload(device=device)


@contextlib.contextmanager
def seeded(pipeline: Any, seed: int) -> Iterator[Any]:
    """A generator of ``seed``, and the library's own dice under the same seed while the block lasts: some pipelines draw
    from those (Qwen-Image's inpainting when it encodes the plate). The caller's dice are put back."""
    torch, _, _ = libraries()
    device = torch.device(pipeline._execution_device)
    devices = [device.index or 0] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield torch.Generator("cpu").manual_seed(seed)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The libraries' progress bars and advice are not for a user's terminal."""
    _, diffusers, transformers = libraries()
    logs = (diffusers.utils.logging, transformers.utils.logging)
    levels = [log.get_verbosity() for log in logs]
    bars = [log.is_progress_bar_enabled() for log in logs]
    for log in logs:
        log.set_verbosity_error()
        log.disable_progress_bar()
    try:
        yield
    finally:
        for log, level, bar in zip(logs, levels, bars, strict=True):
            log.set_verbosity(level)
            if bar:
                log.enable_progress_bar()


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """No call to the hub while loading, whatever a library takes into its head."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
