"""Which weights a workflow loads, and which of its nodes are whose: what the gate must know before a byte is uploaded.

A file name counts as weights by its ending, or by the input that it stands in; a node that loads models and names none
is refused rather than believed. The hash of a name comes from the production's register: the server's disk is not ours
to read, so what is stated here is what the studio vouches for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from setpiece.core.errors import ClearanceRefused
from setpiece.generate.engines.comfyui.workflow import Workflow

_ENDING = re.compile(r"\.(safetensors|sft|ckpt|pt|pt2|pth|bin|gguf|onnx|engine|pkl|h5|tflite|torchscript)$", re.IGNORECASE)
_INPUT = re.compile(
    r"(model|repo|repo_id|hf_repo|hub_id|pretrained_model_name_or_path|(ckpt|checkpoint|unet|diffusion_model|vae|lora|clip|clip_vision|text_encoder|encoder|decoder|control_?net|style_model"
    r"|gligen|hypernetwork|upscale_model|audio_encoder|photomaker|embedding|model|motion_model|motion_module|adapter|t5|llm)"
    r"_?(name|path|file|id|repo|repo_id)?_?\d*)",
    re.IGNORECASE,
)
_LOADER = re.compile(
    r"((?<!un)load|download).*(model|checkpoint|ckpt|lora|vae|unet|clip|control_?net|diffusion|encoder|transformer|pipeline)"
    r"|(model|checkpoint|ckpt|lora|vae|unet|clip|control_?net|diffusion|encoder|gligen|hypernetwork).*(?<!un)load",
    re.IGNORECASE,
)
_EMBEDDING = re.compile(r"embedding:\s*([^\s,()]+)", re.IGNORECASE)  # ComfyUI loads these out of a prompt
_NOTHING = frozenset({"", "none", "auto", "default", "disabled"})
_CORE = ("nodes", "comfy_extras.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A file of weights that a workflow loads: its name there, and where it stands."""

    name: str
    node: str
    class_type: str
    input: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A node that is not ComfyUI's own: its class, and the module on the server that brings it (rule D1)."""

    class_type: str
    module: str


def weights_of(workflow: Workflow, *, prompts: tuple[str, ...] = ()) -> tuple[Weights, ...]:
    """Every file of weights that ``workflow`` loads, also by ``embedding:name`` in its texts or in ``prompts``.

    Raises :class:`ClearanceRefused` for a node that loads weights and does not say which.
    """
    found = []
    for node_id, node in workflow.graph.items():
        mine = _in_node(node_id, node["class_type"], node["inputs"])
        if not mine and _LOADER.search(node["class_type"]):
            raise ClearanceRefused(
                f"node {node_id} ({node['class_type']}) loads a model and does not say which",
                file=workflow.file, remedy="write the file's name into the node: nothing unnamed can be cleared (M1)",
            )  # fmt: skip
        found += mine
    for text in prompts:
        found += [Weights(name=n, node="", class_type="prompt", input="prompt") for n in _EMBEDDING.findall(text)]
    return tuple(sorted(set(found), key=lambda w: (w.name, w.node, w.input)))


def _in_node(node_id: str, class_type: str, inputs: Mapping[str, Any]) -> list[Weights]:
    found = []
    for key, value in inputs.items():
        linked = isinstance(value, list) and len(value) == 2 and isinstance(value[1], int) and isinstance(value[0], str)
        for text in () if linked else _texts(value):
            names = _EMBEDDING.findall(text)
            plain = text.strip()
            if _ENDING.search(plain) or (_INPUT.fullmatch(key) and plain.lower() not in _NOTHING):
                names = [plain, *names]
            found += [Weights(name=name, node=node_id, class_type=class_type, input=key) for name in names]
    return found


def _texts(value: object) -> list[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []


def check_weights(
    workflow: Workflow, weights: tuple[Weights, ...], *, register: Mapping[str, str], cleared: tuple[str, ...]
) -> dict[str, str]:
    """Name → hash of everything in ``weights``. Raises :class:`ClearanceRefused` (M1) for a name that ``register`` does
    not know, and for a hash that is not among those the gate ruled on (``cleared``)."""
    known = {}
    for item in weights:
        where = f"node {item.node} ({item.class_type}), input '{item.input}'" if item.node else "the prompt"
        digest = register.get(item.name)
        if digest is None:
            raise ClearanceRefused(
                f"{where} loads '{item.name}', which the brief does not name (M1)",
                file=workflow.file, remedy="register it with its hash, licence and lineage, and name it in the brief's models",
            )  # fmt: skip
        if digest not in cleared:
            raise ClearanceRefused(
                f"{where} loads '{item.name}' ({digest[:12]}…), which no gate ruled on (M1)",
                file=workflow.file, remedy="have it cleared: run the shot by the gates with this model in its brief",
            )  # fmt: skip
        known[item.name] = digest
    return known


def tools_of(workflow: Workflow, nodes: Mapping[str, Mapping[str, Any]]) -> tuple[Tool, ...]:
    """The nodes that are not ComfyUI's own, by what the server says of them (``nodes``: class → /object_info).

    Raises :class:`ClearanceRefused` for nodes that send pictures on to somebody else's service.
    """
    found = []
    for class_type in workflow.classes():
        told = nodes[class_type]
        module = str(told.get("python_module", "unknown"))[:200]
        if told.get("api_node") or module.startswith("comfy_api_nodes"):
            raise ClearanceRefused(
                f"node '{class_type}' sends the shot to an outside service (D1)",
                file=workflow.file, remedy="take it out of the workflow: terms are stated for this server, not for others",
            )  # fmt: skip
        if module != "nodes" and not module.startswith(_CORE[1]):
            found.append(Tool(class_type=class_type, module=module))
    return tuple(found)
