"""What a brief's ``finish`` section means: the engine, its weights by hash, its words, its references.

Place in the flow: read by the gates' gathering before anything is made, and by a department when it has its passes. Nothing is
loaded here: folders are checked and hashed. Hashing large weights takes minutes, so a folder whose files were not written to
since is not hashed twice in one process; the engine hashes again before it loads.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from setpiece.clearance.use import ToolUse
from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError
from setpiece.generate.finish import Finisher
from setpiece.intake.brief import Brief
from setpiece.intake.finish_schema import FINISHERS, FinishSection
from setpiece.media.colour import guess_space, to_acescg
from setpiece.media.images import read_header, read_image

if TYPE_CHECKING:
    from setpiece.generate.engines.comfyui.engine import ComfyEngine
    from setpiece.generate.engines.comfyui.workflow import Workflow
    from setpiece.generate.engines.diffusers.engine import DiffusersEngine
    from setpiece.generate.engines.diffusers.settings import Settings


def finish_of(brief: Brief, engine: str) -> FinishSection | None:
    """The section, where ``engine`` reads it; None where another engine makes the take."""
    if brief.department != "destruction" or engine not in FINISHERS:
        return None
    return brief.destruction.finish


def diffusers_engine(brief: Brief, section: FinishSection) -> DiffusersEngine:
    """Engine ``diffusers`` as the brief sets it up. Raises :class:`BriefError` for what is not stated."""
    from setpiece.generate.engines.diffusers.engine import DiffusersEngine

    return DiffusersEngine(_settings(brief, section))


def comfy_engine(brief: Brief, section: FinishSection, *, work: Path, register: Mapping[str, str]) -> ComfyEngine:
    """Engine ``comfyui`` as the brief sets it up; ``register`` maps names of weights to hashes on record, ``work`` keeps
    what was fetched. Raises :class:`BriefError` for what is not stated."""
    from setpiece.generate.engines.comfyui.engine import ComfyEngine

    return ComfyEngine(url=section.url, workflow=_workflow(brief, section), work=work, register=register)


def finisher_of(brief: Brief, engine: str, *, work: Path, register: Mapping[str, str]) -> Finisher:
    """The engine that a brief's finish runs on. Raises :class:`BriefError` for what is not stated."""
    section = finish_of(brief, engine)
    if section is None:
        raise BriefError(f"engine '{engine}' finishes nothing", file=brief.path, remedy=f"choose {' or '.join(FINISHERS)}")
    if engine == "diffusers":
        return diffusers_engine(brief, section)
    return comfy_engine(brief, section, work=work, register=register)


def weights_used(brief: Brief, engine: str, register: Callable[[], Mapping[str, str]]) -> tuple[str, ...]:
    """The weights that ``engine`` would run, by hash; "" for one that the register does not know by name: it refuses it.

    Raises :class:`StageError` for files that are no model, :class:`BriefError` for what is not stated.
    """
    section = finish_of(brief, engine)
    if section is None:
        return ()
    if engine == "diffusers":
        settings = _settings(brief, section)
        return _hashed(settings, _written(Path(settings.source), [lora.path for lora in settings.loras]))
    from setpiece.generate.engines.comfyui.weights import weights_of

    found = weights_of(_workflow(brief, section), prompts=(section.prompt or "", section.negative))
    known = register() if found else {}
    return tuple(dict.fromkeys(known.get(weights.name, "") for weights in found))


def tools_used(brief: Brief, engine: str) -> tuple[ToolUse, ...]:
    """Programs that see the shot beside our own: a ComfyUI server, external where it is not on this machine (D1)."""
    section = finish_of(brief, engine)
    if section is None or engine != "comfyui":
        return ()
    return (ToolUse(name=f"ComfyUI at {section.url}", external=not _is_here(section.url)),)


def words_of(brief: Brief, engine: str) -> str:
    """Everything that somebody wrote for the model, to be searched for names; "" where nothing was. What is made from the
    brief's own vocabulary names nobody."""
    section = finish_of(brief.stated(), engine)
    return "" if section is None else "\n".join(text for text in (section.prompt, section.negative) if text)


def references_of(brief: Brief, section: FinishSection) -> tuple[Rgb, ...]:
    """The reference pictures, scene-linear ACEScg (h, w, 3). Raises :class:`PlateUnreadable`."""
    found = []
    for name in section.references:
        path = brief.resolve(name)
        space, _ = guess_space(read_header(path), file=path)
        found.append(np.ascontiguousarray(to_acescg(read_image(path).rgb(file=path), space)))
    return tuple(found)


def _workflow(brief: Brief, section: FinishSection) -> Workflow:
    from setpiece.generate.engines.comfyui.workflow import read_workflow

    if section.workflow is None:
        raise _unstated(brief, "finish.workflow", "name your workflow, exported from ComfyUI in API format")
    return read_workflow(brief.resolve(section.workflow))


def _settings(brief: Brief, section: FinishSection) -> Settings:
    from setpiece.generate.engines.diffusers.settings import Lora, Settings

    if section.model is None:
        raise _unstated(brief, "finish.model", "name the model's folder")
    if section.family is None:
        raise _unstated(brief, "finish.family", "say which family of models it is")
    folder = brief.resolve(section.model)
    return Settings(
        source=folder if folder.exists() else section.model,
        family=section.family,
        precision=section.precision,
        offload=section.offload,
        quantise=section.quantise,
        tile_vae=section.tile_vae,
        window=section.window,
        overlap=section.overlap,
        loras=tuple(Lora(path=brief.resolve(path), weight=section.lora_weight) for path in section.loras),
    )


def _unstated(brief: Brief, name: str, remedy: str) -> BriefError:
    return BriefError(f"'{name}' is not stated, and engine '{brief.render.engine}' needs it", file=brief.path, remedy=remedy)


def _written(folder: Path, files: list[Path]) -> tuple[tuple[str, int, int, int], ...]:
    """Name, size, time of writing and place on the disk of every file."""
    inside = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    stats = [(str(path), path.stat()) for path in (*inside, *files) if path.is_file()]
    return tuple((name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in stats)


@lru_cache(maxsize=8)
def _hashed(settings: Settings, written: tuple[tuple[str, int, int, int], ...]) -> tuple[str, ...]:
    from setpiece.generate.engines.diffusers.engine import DiffusersEngine

    return DiffusersEngine(settings).models()


def _is_here(url: str) -> bool:
    """Whether a server is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
