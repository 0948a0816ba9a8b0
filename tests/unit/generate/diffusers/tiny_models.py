"""Tiny pipelines of every family, built from configuration with random weights and saved as makers publish theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers

from setpiece.core.timing import FrameRange
from setpiece.generate.engines.diffusers.engine import DiffusersEngine
from setpiece.generate.engines.diffusers.settings import Settings
from setpiece.generate.finish import Control, FinishRequest

WORDS = ("<pad>", "</s>", "<unk>", "▁", "a", "ruin", "dust", "light")


class Held:
    """A permit that counts how often it was asked, and can be withdrawn."""

    def __init__(self, *, until: int = 10**9) -> None:
        self.asked, self.until = 0, until

    def check(self) -> None:
        from setpiece.core.errors import ClearanceRefused

        self.asked += 1
        if self.asked > self.until:
            raise ClearanceRefused("the consent was withdrawn", remedy="ask again")


def _words() -> Any:
    """A tokenizer of eight words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    inner = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")


def _t5() -> Any:
    return transformers.T5EncoderModel(transformers.T5Config(
        vocab_size=len(WORDS), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, pad_token_id=0,
    ))  # fmt: skip


def wan() -> dict[str, Any]:
    vae = diffusers.AutoencoderKLWan(base_dim=4, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
                                     temperal_downsample=[False, True, True])  # fmt: skip
    text = transformers.UMT5EncoderModel(transformers.UMT5Config(
        vocab_size=len(WORDS), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, pad_token_id=0,
    ))  # fmt: skip
    network = diffusers.WanVACETransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=16, out_channels=16, text_dim=16,
        freq_dim=32, ffn_dim=32, num_layers=2, cross_attn_norm=True, qk_norm="rms_norm_across_heads", vace_layers=[0],
        vace_in_channels=96,
    )  # fmt: skip
    scheduler = diffusers.UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)
    return {"vae": vae, "text_encoder": text, "tokenizer": _words(), "transformer": network, "scheduler": scheduler}


def ltx() -> dict[str, Any]:
    vae = diffusers.AutoencoderKLLTXVideo(
        in_channels=3, out_channels=3, latent_channels=8, block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8), layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, True, False), decoder_spatio_temporal_scaling=(True, True, True, False),
        decoder_inject_noise=(False,) * 5, patch_size=4, patch_size_t=1, encoder_causal=True, decoder_causal=False,
    )  # fmt: skip
    network = diffusers.LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, patch_size=1, patch_size_t=1, num_attention_heads=2, attention_head_dim=12,
        cross_attention_dim=24, num_layers=1, caption_channels=16,
    )  # fmt: skip
    return {"vae": vae, "text_encoder": _t5(), "tokenizer": _words(), "transformer": network,
            "scheduler": diffusers.FlowMatchEulerDiscreteScheduler()}  # fmt: skip


def cog(*, patch_t: int | None = None) -> dict[str, Any]:
    vae = diffusers.AutoencoderKLCogVideoX(
        in_channels=3, out_channels=3, latent_channels=4, block_out_channels=(8, 8, 8, 8), layers_per_block=1,
        norm_num_groups=2, temporal_compression_ratio=4,
        down_block_types=("CogVideoXDownBlock3D",) * 4, up_block_types=("CogVideoXUpBlock3D",) * 4,
    )  # fmt: skip
    network = diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=8, out_channels=4, time_embed_dim=8, text_embed_dim=16,
        num_layers=1, sample_width=8, sample_height=8, sample_frames=9, patch_size=2, patch_size_t=patch_t,
        temporal_compression_ratio=4, max_text_seq_length=16, use_rotary_positional_embeddings=True,
    )  # fmt: skip
    return {"vae": vae, "text_encoder": _t5(), "tokenizer": _words(), "transformer": network,
            "scheduler": diffusers.CogVideoXDDIMScheduler()}  # fmt: skip


def _bytes_vocabulary(folder: Path) -> tuple[Path, Path]:
    """Vocabulary and merges of a byte-pair tokenizer that merges nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = sorted({*map(chr, range(33, 127)), *map(chr, range(161, 173)), *map(chr, range(174, 256)),
                      *map(chr, range(256, 324))})  # fmt: skip
    words = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({word: at for at, word in enumerate(words)}))
    merges.write_text("#version: 0.2\n")
    return vocabulary, merges


def sdxl(folder: Path, *, kinds: tuple[str, ...] = ("depth",), references: bool = False) -> dict[str, Any]:
    vocabulary, merges = _bytes_vocabulary(folder)
    count = len(json.loads(vocabulary.read_text()))
    blocks = {"block_out_channels": (8, 16), "layers_per_block": 1, "cross_attention_dim": 32, "norm_num_groups": 4,
              "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "attention_head_dim": (2, 4),
              "transformer_layers_per_block": 1, "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
              "projection_class_embeddings_input_dim": 6 * 8 + 16, "use_linear_projection": True}  # fmt: skip
    unet = diffusers.UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **blocks
    )
    nets = {f"controlnet_{kind}": diffusers.ControlNetModel(
        in_channels=4, conditioning_embedding_out_channels=(4, 8), **blocks) for kind in kinds}  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8), in_channels=3, out_channels=3, latent_channels=4, norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, sample_size=16,
    )  # fmt: skip
    words = transformers.CLIPTextConfig(
        bos_token_id=count - 2, eos_token_id=count - 1, hidden_size=16, intermediate_size=24, num_attention_heads=2,
        num_hidden_layers=2, vocab_size=count, projection_dim=16, pad_token_id=count - 1,
    )  # fmt: skip
    tokens = transformers.CLIPTokenizer(str(vocabulary), str(merges), model_max_length=20)
    parts = {"vae": vae, "unet": unet, "text_encoder": transformers.CLIPTextModel(words),
             "text_encoder_2": transformers.CLIPTextModelWithProjection(words), "tokenizer": tokens, "tokenizer_2": tokens,
             "scheduler": diffusers.DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False), **nets}  # fmt: skip
    if references:
        parts["image_encoder"] = transformers.CLIPVisionModelWithProjection(transformers.CLIPVisionConfig(
            hidden_size=16, projection_dim=16, num_hidden_layers=1, num_attention_heads=2, image_size=16, patch_size=4,
            intermediate_size=24))  # fmt: skip
        parts["feature_extractor"] = transformers.CLIPImageProcessor(
            crop_size={"height": 16, "width": 16}, size={"shortest_edge": 16}
        )
    return parts


def qwen(folder: Path, *, inpaint: bool = False) -> dict[str, Any]:
    vocabulary, merges = _bytes_vocabulary(folder)
    count = len(json.loads(vocabulary.read_text())) + 4
    text = transformers.Qwen2_5_VLForConditionalGeneration(transformers.Qwen2_5_VLConfig(
        text_config={"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
                     "num_key_value_heads": 2, "vocab_size": count, "max_position_embeddings": 2048,
                     "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
                     "rope_theta": 1e6},
        vision_config={"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16},
        hidden_size=16, vocab_size=count, vision_end_token_id=1, vision_start_token_id=0, vision_token_id=2,
    ))  # fmt: skip
    vae = diffusers.AutoencoderKLQwenImage(base_dim=8, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
        temperal_downsample=[False, True, True], latents_mean=[0.0] * 4, latents_std=[1.0] * 4)  # fmt: skip
    shape = {"patch_size": 2, "in_channels": 16, "out_channels": 4, "num_layers": 1, "attention_head_dim": 16,
             "num_attention_heads": 2, "joint_attention_dim": 16, "axes_dims_rope": (8, 4, 4)}  # fmt: skip
    network = diffusers.QwenImageTransformer2DModel(**shape)
    net = diffusers.QwenImageControlNetModel(**shape, extra_condition_channels=4 if inpaint else 0)
    for value in net.parameters():  # a new ControlNet begins with zeros, so that it changes nothing
        torch.nn.init.normal_(value, std=0.2)
    tokens = transformers.Qwen2Tokenizer(str(vocabulary), str(merges), unk_token="<|endoftext|>", pad_token="<|endoftext|>")
    return {"vae": vae, "text_encoder": text, "tokenizer": tokens, "transformer": network, "controlnet": net,
            "scheduler": diffusers.FlowMatchEulerDiscreteScheduler()}  # fmt: skip


PIPELINES = {"wan-vace": "WanVACEPipeline", "ltx-video": "LTXConditionPipeline",
             "cogvideox-image": "CogVideoXImageToVideoPipeline", "cogvideox-control": "CogVideoXFunControlPipeline",
             "sdxl": "StableDiffusionXLControlNetInpaintPipeline", "qwen-image-control": "QwenImageControlNetPipeline",
             "qwen-image-inpaint": "QwenImageControlNetInpaintPipeline"}  # fmt: skip


def save(folder: Path, family: str, parts: dict[str, Any]) -> Path:
    """Write components and index as ``save_pretrained`` of a pipeline does."""
    index: dict[str, Any] = {"_class_name": PIPELINES[family], "_diffusers_version": diffusers.__version__}
    for name, part in parts.items():
        part.save_pretrained(str(folder / name))
        library = type(part).__module__.split(".")[0]
        index[name] = [library, type(part).__name__]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def build(folder: Path, family: str) -> Path:
    """A tiny model of ``family`` in ``folder``, the same at every call."""
    torch.manual_seed(7)
    words = folder.parent / f"{folder.name}.words"
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "wan-vace": wan, "ltx-video": ltx, "cogvideox-image": cog, "cogvideox-control": cog,
        "sdxl": lambda: sdxl(words), "qwen-image-control": lambda: qwen(words),
        "qwen-image-inpaint": lambda: qwen(words, inpaint=True),
    }  # fmt: skip
    return save(folder, family, makers[family]())


def engine_of(folder: Path, family: str, **more: Any) -> DiffusersEngine:
    return DiffusersEngine(Settings(source=folder, family=family, **({"precision": "fp32", "device": "cpu"} | more)))


CONTROL = {"wan-vace": "depth", "ltx-video": None, "cogvideox-image": None, "cogvideox-control": "depth", "sdxl": "depth",
           "qwen-image-control": "depth", "qwen-image-inpaint": None}  # fmt: skip


def request_of(
    engine: DiffusersEngine, family: str, *, frames: int = 3, size: tuple[int, int] = (36, 20), **more: Any
) -> FinishRequest:
    """A small shot whose plate is a ramp with a highlight and whose matte is the middle."""
    width, height = size
    ramp = np.linspace(0.05, 0.8, width, dtype=np.float32)[None, :, None].repeat(height, 0).repeat(3, 2)
    ramp = np.ascontiguousarray(ramp)
    ramp[:2, :2] = 40.0
    matte = np.zeros((height, width), np.float32)
    matte[height // 4 : -height // 4, width // 4 : -width // 4] = 1.0
    kind = CONTROL[family]
    depth = np.linspace(0, 1, height, dtype=np.float32)[:, None, None].repeat(width, 1).repeat(3, 2)
    told = {
        "plate": lambda frame: ramp * np.float32(1 + 0.01 * (frame - 1001)),
        "matte": lambda frame: matte,
        "frames": FrameRange(first=1001, last=1000 + frames, rate=Fraction(24)),
        "size": size,
        "controls": (Control(kind=kind, picture=lambda frame: depth),) if kind else (),
        "prompt": "a ruin dust",
        "steps": 2,
        "guidance": 1.0,
        "models": engine.models(),
        "permit": Held(),
        "seed": 3,
    }
    return FinishRequest(**(told | more))
