"""Engine ``diffusers``: finishes a shot with a model of the user's own, on this machine.

Order: the request against the family's row, the permit, the folder's files and their hash against what the gate ruled
on, memory against what there is, and only then is anything loaded. Locked frames come back as they are, to the bit; all
others are the model's whole pictures, which :mod:`setpiece.integrate` lets in through the matte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Rgb
from setpiece.core.errors import SetpieceError, StageError
from setpiece.core.progress import Progress
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.diffusers.controls import Shown, check_layout, check_terms, shown_to, span_of
from setpiece.generate.engines.diffusers.estimate import check_memory, estimate
from setpiece.generate.engines.diffusers.families import Family, family_of
from setpiece.generate.engines.diffusers.files import ModelFiles, check_cleared, folder_of, inspect, read_header
from setpiece.generate.engines.diffusers.load import assemble, device_of, libraries
from setpiece.generate.engines.diffusers.settings import Settings
from setpiece.generate.engines.diffusers.still import make_still
from setpiece.generate.engines.diffusers.transform import recombined
from setpiece.generate.engines.diffusers.video import blend_of, make_clip
from setpiece.generate.engines.diffusers.windows import Blend, padded_frames
from setpiece.generate.finish import REFERENCES, Estimate, FinishRequest, check_finish, check_permit
from setpiece.media.files import sha256_file

NAME = "diffusers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What made the pictures, for the take's record: hashes of all weights, libraries, and every choice that was left to
    the engine. ``windows`` are latent frames."""

    family: str
    model_sha256: str
    loras_sha256: tuple[str, ...]
    ip_adapter_sha256: str | None
    libraries: tuple[tuple[str, str], ...]
    device: str
    precision: str
    quantise: str
    steps: int
    guidance: float
    seed: int
    frames_padded: int
    windows: tuple[tuple[int, int], ...]
    look: tuple[tuple[str, float], ...]
    warnings: tuple[str, ...]


class DiffusersEngine:
    """A :class:`setpiece.generate.finish.Finisher`. One value serves one shot in one process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._family = family_of(settings.family)
        self._files: ModelFiles | None = None
        self._pipeline: tuple[tuple[str, ...], Any] | None = None
        self.used: Used | None = None

    @property
    def name(self) -> str:
        """``diffusers``."""
        return NAME

    @property
    def moving(self) -> bool:
        """Whether the family sees the frames of a clip together."""
        return self._family.moving

    @property
    def worded(self) -> bool:
        """Every family takes a prompt."""
        return True

    def capabilities(self) -> frozenset[str]:
        """What the family honours; references at SDXL only with an image adapter."""
        able = self._family.capabilities
        if self._family.name == "sdxl" and self._settings.ip_adapter is None:
            able -= {REFERENCES}
        return able

    def models(self) -> tuple[str, ...]:
        """The hashes that a gate must rule on: of the model's folder, of each LoRA, of the image adapter."""
        extra = [lora.path for lora in self._settings.loras]
        extra += [self._settings.ip_adapter] if self._settings.ip_adapter is not None else []
        for path in extra:
            read_header(Path(path))
        return (self.files().sha256, *(sha256_file(Path(path)) for path in extra))

    def files(self) -> ModelFiles:
        """The model's folder, read and checked (once)."""
        if self._files is None:
            folder = folder_of(self._settings.source, allow_download=self._settings.allow_download)
            self._files = inspect(folder, self._family)
        return self._files

    def estimate(self, request: FinishRequest) -> Estimate:
        """What ``request`` would take; nothing is loaded."""
        blend = self._blend(request) if self._family.moving else None
        guided = request.guidance if request.guidance is not None else self._family.guidance
        together = self._family.name not in {"wan-vace", "qwen-image-control", "qwen-image-inpaint"}
        inside = 1 if blend is None else blend.extra + max(end - start for start, end in blend.windows)
        if self._family.layout == "packed":
            inside += len(request.locked)  # each locked frame brings tokens of its own
        return estimate(
            self.files(),
            self._settings,
            device=device_of(self._settings),
            shape=self._shape(request),
            inside=inside,
            windows=1 if blend is None else len(blend.windows),
            steps=request.steps or self._family.steps,
            batch=2 if together and guided > 1 else 1,
            calls=2 if not together and guided > 1 else 1,
            kinds=_steering(request),
        )

    def finish(self, request: FinishRequest, progress: Progress) -> Iterator[tuple[int, Rgb]]:
        """See :class:`setpiece.generate.finish.Finisher`. Everything that can be refused is refused at the call, before
        the first frame is asked for."""
        check_finish(self, request)
        check_layout(self._family, request)
        check_terms(self._family, request)
        self._check_cleared(request)
        check_memory(self.estimate(request), self._settings, windowed=self._family.moving)
        return self._clip(request, progress) if self._family.moving else self._stills(request, progress)

    def _check_cleared(self, request: FinishRequest) -> None:
        digests = self.models()
        extra = [*(lora.path for lora in self._settings.loras), self._settings.ip_adapter]
        for path, digest in zip([self.files().folder, *(p for p in extra if p is not None)], digests, strict=True):
            check_cleared(Path(path), digest, request.models)

    def _clip(self, request: FinishRequest, progress: Progress) -> Iterator[tuple[int, Rgb]]:
        frames = span_of(request)
        if len(request.locked) == len(frames):
            yield from self._given(request, frames)
            return
        pipeline = self._loaded(request, progress)
        shown = shown_to(self._family, request, frames, self._settings.look)
        steps, guidance = self._note(request, self._blend(request), len(shown.plate))

        def tell(step: int) -> None:
            check_permit(request)
            progress.report("denoise", step + 1, steps)

        check_permit(request)
        with _Translated(self._family):
            clip = make_clip(
                pipeline, self._family, shown, request, steps=steps, guidance=guidance, look=self._settings.look,
                blend=self._blend(request), tell=tell,
            )  # fmt: skip
        for at, frame in enumerate(frames):
            if frame in request.frames:
                check_permit(request)
                yield frame, self._finished(request, shown, at, clip[at])

    def _stills(self, request: FinishRequest, progress: Progress) -> Iterator[tuple[int, Rgb]]:
        pipeline = self._loaded(request, progress)
        steps, guidance = self._note(request, None, 1)
        for done, frame in enumerate(request.frames):
            check_permit(request)
            alone = FrameRange(first=frame, last=frame, rate=request.frames.rate)
            shown = shown_to(self._family, replace(request, frames=alone), (frame,), self._settings.look)
            with _Translated(self._family):
                made = make_still(
                    pipeline, self._family, shown, request, steps=steps, guidance=guidance, look=self._settings.look,
                    tell=lambda _step: check_permit(request),
                )  # fmt: skip
            progress.report("frames", done + 1, len(request.frames))
            check_permit(request)
            yield frame, self._finished(request, shown, 0, made)

    def _given(self, request: FinishRequest, frames: tuple[int, ...]) -> Iterator[tuple[int, Rgb]]:
        """All frames were locked: they come back, no model is loaded."""
        by_frame = {item.frame: item.picture for item in request.locked}
        for frame in frames:
            if frame in request.frames:
                check_permit(request)
                yield frame, by_frame[frame]

    def _finished(self, request: FinishRequest, shown: Shown, at: int, made: Rgb) -> Rgb:
        """A locked frame to the bit, or the model's picture in scene-linear light with the plate's highlights."""
        if at in shown.locked:
            return shown.locked[at].picture
        plate = np.asarray(request.plate(shown.frames[at]), np.float32)
        return recombined(made, plate, self._settings.look)

    def _loaded(self, request: FinishRequest, progress: Progress) -> Any:
        kinds = _steering(request)
        if self._pipeline is None or self._pipeline[0] != kinds:
            self._pipeline = None  # the old one goes before the new one comes
            progress.report("load", 0, 1, self._family.title)
            self._pipeline = (kinds, assemble(self.files(), self._settings, kinds))
            progress.report("load", 1, 1, self._family.title)
        return self._pipeline[1]

    def _shape(self, request: FinishRequest) -> tuple[int, int, int]:
        count = len(span_of(request)) if self._family.moving else 1
        width, height = (side + -side % self._family.multiple for side in request.size)
        return width, height, padded_frames(count, self._family.temporal)

    def _blend(self, request: FinishRequest) -> Blend:
        settings = self._settings
        config = self.files().components[self._family.network].config
        return blend_of(
            self._family,
            self._shape(request)[2],
            window=settings.window or self._family.window,
            overlap=self._family.overlap if settings.overlap is None else settings.overlap,
            references=len(request.references),
            step=int(config.get("patch_size_t") or 1) if self._family.name.startswith("cogvideox") else 1,
        )

    def _note(self, request: FinishRequest, blend: Blend | None, padded: int) -> tuple[int, float]:
        """Write down what is used; gives (steps, guidance)."""
        settings, digests = self._settings, self.models()
        steps = request.steps or self._family.steps
        guidance = self._family.guidance if request.guidance is None else request.guidance
        warnings = []
        if request.references and self._family.references_8bit:
            warnings.append("references went to the model at 8 bits a channel: the library takes nothing finer")
        device = device_of(settings)
        if device != "cpu":
            warnings.append("on a GPU the same seed gives the same picture, not always the same bits")
        look = settings.look
        self.used = Used(
            family=self._family.name,
            model_sha256=digests[0],
            loras_sha256=digests[1 : 1 + len(settings.loras)],
            ip_adapter_sha256=digests[-1] if settings.ip_adapter is not None else None,
            libraries=tuple((library.__name__, str(library.__version__)) for library in libraries()),
            device=device,
            precision=settings.precision,
            quantise=settings.quantise,
            steps=steps,
            guidance=guidance,
            seed=request.seed,
            frames_padded=padded,
            windows=() if blend is None else blend.windows,
            look=(("exposure_stops", look.exposure_stops), ("knee", look.knee), ("white", look.white)),
            warnings=tuple(warnings),
        )
        return steps, guidance


def _steering(request: FinishRequest) -> tuple[str, ...]:
    """The kinds of control that a network takes, in their order; the mask is not among them."""
    return tuple(control.kind for control in request.controls if control.kind != "mask")


class _Translated:
    """Foreign exceptions become ours; ours and the permit's go through."""

    def __init__(self, family: Family) -> None:
        self._family = family

    def __enter__(self) -> None:
        """Nothing is done before."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or isinstance(error, SetpieceError) or not isinstance(error, Exception):
            return
        if "out of memory" in str(error).lower():
            raise StageError(
                f"{self._family.title} ran out of memory", remedy="offload, tile the VAE, shorten the window or lower the size"
            ) from error
        told = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        raise StageError(
            f"{self._family.title} could not make it: {told}", remedy="check size, window and precision against the model's own"
        ) from error
