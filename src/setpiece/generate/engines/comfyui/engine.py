"""Engine ``comfyui``: finishes a shot on a running ComfyUI server, by the user's own workflow.

Before a byte leaves: the permit, the request against the workflow's titles, its weights against the register (M1), its
nodes against the server and the rule of outside services (D1). Then window by window: upload, queue, wait, fetch. A
window that was fetched stays in the work folder, so that the same request goes on where it stopped.

Windows follow each other without overlap; the last one is filled up by repeating its last frame and cut back. Where a
workflow binds ``setpiece:locked_before``, the frame before a window (locked, or just finished) is what it is given.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Rgb, frozen
from setpiece.core.errors import CapabilityMissing, PlateUnreadable, StageError, WorkerFailed
from setpiece.core.progress import Progress
from setpiece.generate.engines.comfyui.client import API_VERSION, Client, Remote, Server
from setpiece.generate.engines.comfyui.events import Ear
from setpiece.generate.engines.comfyui.jobs import ATTEMPTS, Clock, Tell, Waits, answered, run_job
from setpiece.generate.engines.comfyui.kept import JOB, keep, kept
from setpiece.generate.engines.comfyui.pictures import decode, encode, restored, seen_linear, to_display
from setpiece.generate.engines.comfyui.weights import Tool, Weights, check_weights, tools_of, weights_of
from setpiece.generate.engines.comfyui.workflow import SHOT_PICTURES, Binding, Workflow, check_request
from setpiece.generate.finish import CONTROLS, Control, FinishRequest, check_finish, check_permit
from setpiece.media.files import sha256_value

KEY = "setpiece.comfyui-window/1"
_EXR = re.compile(r"EXR|Exr|\bexr|_exr")  # not RegexReplace


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a gate must know before anything is sent: the server, the weights that the workflow loads (M1), the nodes
    that are not ComfyUI's own (tools, D1)."""

    server: Server
    weights: tuple[Weights, ...]
    tools: tuple[Tool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What made the pictures, for the take: server, workflow, weights by name and hash, nodes that are not ComfyUI's
    own (tools, rule D1), and what a user should know of the bits that were lost on the way."""

    url: str
    server: Server
    workflow_sha256: str
    weights: tuple[tuple[str, str], ...]
    tools: tuple[Tool, ...]
    warnings: tuple[str, ...]
    api_version: str = API_VERSION


class ComfyEngine:
    """A :class:`setpiece.generate.finish.Finisher`. ``register`` maps the names of weights, as the workflow writes them, to
    the hashes in the production's register; ``work`` is the folder for what was fetched and for the state of jobs."""

    name = "comfyui"

    def __init__(
        self, *, url: str, workflow: Workflow, work: Path, register: Mapping[str, str] | None = None,
        waits: Waits | None = None, clock: Clock | None = None, timeout_s: float = 30.0,
    ) -> None:  # fmt: skip
        self._client = Client(url, timeout_s=timeout_s)
        self._workflow = workflow
        self._work = Path(work)
        self._register = dict(register or {})
        self._waits = waits or Waits()
        self._clock = clock or Clock()
        self._timeout_s = timeout_s
        self._used: Used | None = None

    @property
    def moving(self) -> bool:
        """Whether the workflow sees several frames together."""
        return self._workflow.window > 1

    @property
    def worded(self) -> bool:
        """Whether a node of the workflow is bound to the prompt."""
        return bool(self._workflow.bound("prompt"))

    def capabilities(self) -> frozenset[str]:
        """What the workflow's titles bind."""
        return self._workflow.capabilities()

    def server(self) -> Server:
        """The server's version, device and memory. Raises :class:`WorkerFailed` where none answers."""
        return self._client.server()

    def survey(self, *prompts: str) -> Survey:
        """What would be used, asked of workflow and server; ``prompts`` may name embeddings. Nothing is sent.

        Raises :class:`ClearanceRefused` for weights without a name and for nodes of outside services,
        :class:`DependencyMissing` for nodes that the server lacks.
        """
        weights = weights_of(self._workflow, prompts=prompts)
        return Survey(server=self._client.server(), weights=weights, tools=tools_of(self._workflow, self._nodes()))

    def _nodes(self) -> dict[str, Mapping[str, Any]]:
        return {name: self._client.node(name) for name in self._workflow.classes()}

    @property
    def used(self) -> Used:
        """What made the pictures. Raises :class:`StageError` before :meth:`finish` has checked anything."""
        if self._used is None:
            raise StageError("engine 'comfyui' has finished nothing yet", remedy="ask after the first frame")
        return self._used

    def finish(self, request: FinishRequest, progress: Progress) -> Iterator[tuple[int, Rgb]]:
        """(frame, picture) ascending, ACEScg, unbounded, of the request's size.

        Raises :class:`CapabilityMissing`, :class:`ClearanceRefused`, :class:`DependencyMissing` before anything is
        uploaded; :class:`WorkerFailed`, :class:`PlateUnreadable`, :class:`OutputFailed` later.
        """
        nodes = self._admit(request)
        client_id = sha256_value([self._workflow.sha256, str(self._work.absolute())])[:32]
        ear = Ear(self._client.url, client_id, timeout_s=min(self._timeout_s, 10.0))
        ear.open()  # before anything is queued, so that nothing is missed
        for warning in self.used.warnings:
            progress.report(self.name, 0, len(request.frames), warning)
        locked = {lock.frame: lock.picture for lock in request.locked}
        last: Rgb | None = None
        try:
            for first in range(request.frames.first, request.frames.last + 1, self._workflow.window):
                check_permit(request)
                shot = _Window(self._workflow, request, nodes, first, last)
                pictures = self._window(shot, ear, client_id, progress)
                for frame, picture in zip(shot.frames, pictures, strict=False):
                    check_permit(request)
                    last = locked.get(frame, picture)
                    yield frame, frozen(last)
                progress.report(self.name, shot.frames[-1] - request.frames.first + 1, len(request.frames))
        finally:
            ear.close()

    def _admit(self, request: FinishRequest) -> dict[str, Mapping[str, Any]]:
        """Everything that can be refused, before anything is sent but questions about node classes."""
        check_finish(self, request)
        check_request(self._workflow, request)
        weights = weights_of(self._workflow, prompts=(request.prompt, request.negative))
        known = check_weights(self._workflow, weights, register=self._register, cleared=request.models)
        server = self._client.server()
        nodes = self._nodes()
        tools = tools_of(self._workflow, nodes)
        for binding in self._workflow.bindings:
            _check_input(binding, nodes[binding.class_type], request)
        self._used = Used(
            url=self._client.url, server=server, workflow_sha256=self._workflow.sha256, tools=tools,
            weights=tuple(sorted(known.items())), warnings=_warnings(self._workflow, self._client),
        )  # fmt: skip
        return nodes

    def _window(self, shot: _Window, ear: Ear, client_id: str, progress: Progress) -> Iterator[Rgb]:
        """The pictures of one window: of the answers that were kept, else of new ones."""
        uploads = shot.uploads()
        key = shot.key(uploads)
        files = kept(self._work / key[:32]) or self._made(shot, uploads, key, ear, client_id, progress)
        for at, file in enumerate(files):
            yield self._picture(file.read_bytes(), shot, at, file.name)

    def _made(
        self, shot: _Window, uploads: Mapping[tuple[str, int], bytes], key: str, ear: Ear, client_id: str, progress: Progress
    ) -> tuple[Path, ...]:
        """Have a window made, look at every answer, and keep them."""
        first, total = shot.frames[0] - shot.request.frames.first, len(shot.request.frames)

        def tell(note: str, done: int, of: int) -> None:
            progress.report(self.name, first, total, f"{note} {done}/{of}" if of else note)

        for least in range(1, ATTEMPTS + 1):
            files, attempt = self._job(shot, uploads, key, ear, client_id, tell, least)
            answers: dict[str, bytes] = {}
            for at, file in enumerate(files[: len(shot.frames)]):
                data = answered(partial(self._fetched, file, shot), self._waits, self._clock, tell)
                if data is None:
                    break
                self._picture(data, shot, at, file.filename)
                answers[f"{at:05d}{_ending(data)}"] = data
            if len(answers) == len(shot.frames):
                return keep(self._work / key[:32], answers)
            if attempt >= ATTEMPTS:
                break
            tell("the server has the pictures no longer: queued again", 0, 0)
        raise WorkerFailed(
            "the ComfyUI server lost the pictures of a job twice", frame=shot.frames[0],
            remedy="keep its output folder until the shot is done, and run the same command again",
        )  # fmt: skip

    def _job(
        self,
        shot: _Window,
        uploads: Mapping[tuple[str, int], bytes],
        key: str,
        ear: Ear,
        client_id: str,
        tell: Tell,
        least: int,
    ) -> tuple[tuple[Remote, ...], int]:
        """Queue a window and wait for it; the files it left on the server, and the attempt that made them."""

        def prompt(attempt: int) -> Mapping[str, Any]:
            check_permit(shot.request)
            return shot.prompt(self._sent(uploads, key), f"setpiece/{key[:16]}-{attempt}/frame")

        return run_job(
            self._client, ear, prompt, key=key, output=self._workflow.output.node, count=self._workflow.window,
            client_id=client_id, file=self._work / key[:32] / JOB, waits=self._waits, clock=self._clock, tell=tell,
            check=lambda: check_permit(shot.request), least=least,
        )  # fmt: skip

    def _sent(self, uploads: Mapping[tuple[str, int], bytes], key: str) -> dict[tuple[str, int], Remote]:
        """Upload every picture into a folder of this window alone, numbered."""
        return {
            (name, at): self._client.upload(f"{at:05d}{_ending(data)}", data, subfolder=f"setpiece/{key[:16]}/{name}")
            for (name, at), data in uploads.items()
        }

    def _fetched(self, file: Remote, shot: _Window) -> bytes | None:
        """The bytes of one answer, no more than a picture of the shot's size in floats can have."""
        width, height = shot.request.size
        return self._client.fetch(file, limit=4 * 4 * (width + 256) * (height + 256) + (4 << 20))

    def _picture(self, data: bytes, shot: _Window, at: int, name: str) -> Rgb:
        """One answer as ACEScg, what the way out lost of the plate given back; ``name`` is for errors."""
        request, workflow, frame = shot.request, self._workflow, shot.frames[at]
        answer, bits = decode(data, size=request.size, multiple=workflow.multiple, name=name, frame=frame)
        if workflow.output.colour == "linear":
            if not bits.endswith("f"):
                raise PlateUnreadable(
                    f"'{name}' is said to be linear but holds {bits}-bit integers", frame=frame,
                    remedy="save EXR, or leave colour=linear out of the title of setpiece:output",
                )  # fmt: skip
            answer = to_display(answer)
        plate = workflow.bound("plate")[0]
        return restored(answer, request.plate(frame), sent=plate.format, colour=plate.colour)


class _Window:
    """The frames of one job and what they are made of. ``frames`` are those that are kept."""

    def __init__(
        self, workflow: Workflow, request: FinishRequest, nodes: Mapping[str, Mapping[str, Any]], first: int, before: Rgb | None
    ) -> None:
        self.workflow, self.request, self._nodes, self._before = workflow, request, nodes, before
        last = min(first + workflow.window - 1, request.frames.last)
        self.frames = tuple(range(first, last + 1))
        filling = workflow.window - len(self.frames)
        self.asked = self.frames + (last,) * filling

    def uploads(self) -> dict[tuple[str, int], bytes]:
        """(name, number) → file, for every picture that the workflow binds."""
        out: dict[tuple[str, int], bytes] = {}
        done: dict[tuple[str, int], bytes] = {}
        for name in SHOT_PICTURES:
            for binding in self.workflow.bound(name)[:1]:
                picture = _source(name, self.request)
                for at, frame in enumerate(self.asked):
                    if (name, frame) not in done:
                        done[name, frame] = _coded(binding, picture(frame), name, frame, self.request, self.workflow.multiple)
                    out[name, at] = done[name, frame]
        stills = {"reference": list(self.request.references)}
        before = [lock.picture for lock in self.request.locked if lock.frame < self.request.frames.first]
        stills["locked_before"] = [self._before] if self._before is not None else before
        stills["locked_after"] = [lock.picture for lock in self.request.locked if lock.frame > self.request.frames.last]
        for name, pictures in stills.items():
            for binding, (at, still) in zip(self.workflow.bound(name), enumerate(pictures), strict=False):
                multiple = 1 if name == "reference" else self.workflow.multiple
                out[name, at] = encode(seen_linear(binding.colour, still), binding.format, multiple=multiple)
        return out

    def values(self) -> dict[str, object]:
        """What every bound value is set to; None leaves the workflow's own."""
        request, multiple = self.request, self.workflow.multiple
        width, height = (side + -side % multiple for side in request.size)
        return {
            "prompt": request.prompt, "negative": request.negative, "seed": request.seed, "steps": request.steps,
            "strength": request.strength, "guidance": request.guidance, "width": width, "height": height,
            "frames": self.workflow.window, **{f"{c.kind}_weight": c.weight for c in request.controls},
        }  # fmt: skip

    def key(self, uploads: Mapping[tuple[str, int], bytes]) -> str:
        """The hash of everything that the job's pictures follow from; plates too, whose highlights come back."""
        sent = [[name, at, hashlib.sha256(data).hexdigest()] for (name, at), data in sorted(uploads.items())]
        plates = [hashlib.sha256(np.ascontiguousarray(self.request.plate(f)).tobytes()).hexdigest() for f in self.frames]
        return sha256_value([KEY, self.workflow.sha256, self.values(), sent, plates, list(self.request.models)])

    def prompt(self, files: Mapping[tuple[str, int], Remote], prefix: str) -> dict[str, Any]:
        """The workflow as it is queued: bound inputs set, the output under a name of its own."""
        graph: dict[str, Any] = copy.deepcopy({node_id: dict(node) for node_id, node in self.workflow.graph.items()})
        values = self.values()
        for binding in self.workflow.bindings:
            inputs = graph[binding.node]["inputs"]
            if binding.name in values:
                if values[binding.name] is not None:
                    inputs[binding.input] = values[binding.name]
            elif binding.name != "output":
                mine = self.workflow.bound(binding.name).index(binding) if binding.name == "reference" else binding.index or 0
                file = files[binding.name, mine]
                inputs[binding.input] = file.subfolder if binding.frames > 1 else file.value
        output = self.workflow.output
        if "filename_prefix" in _inputs(self._nodes[output.class_type]):
            graph[output.node]["inputs"]["filename_prefix"] = prefix
        return graph


def _source(name: str, request: FinishRequest) -> Callable[[int], Any]:
    """Where a pass comes from."""
    if name == "plate":
        return request.plate
    if name == "matte":
        return request.matte
    control: Control = next(control for control in request.controls if control.kind == name)
    return control.picture


def _coded(binding: Binding, picture: Any, name: str, frame: int, request: FinishRequest, multiple: int) -> bytes:
    """A pass of one frame as the file that its loader reads. Passes but the plate are display-referred already."""
    if picture.shape[:2] != (request.size[1], request.size[0]):
        raise PlateUnreadable(
            f"the {name} is {picture.shape[1]}x{picture.shape[0]} where {request.size[0]}x{request.size[1]} is finished",
            frame=frame, remedy="make every pass of the plate's size",
        )  # fmt: skip
    pixels = seen_linear(binding.colour, picture) if name == "plate" else picture
    return encode(np.asarray(pixels, np.float32), binding.format, multiple=multiple)


def _inputs(node: Mapping[str, Any]) -> dict[str, Any]:
    """Every input of a node class, by name, as /object_info tells it."""
    told = node.get("input")
    groups = [told.get(group) for group in ("required", "optional")] if isinstance(told, Mapping) else []
    return {name: spec for group in groups if isinstance(group, Mapping) for name, spec in group.items()}


def _check_input(binding: Binding, node: Mapping[str, Any], request: FinishRequest) -> None:
    """The bound input exists on this server, and the request's number fits it; the output node saves."""
    if binding.name == "output":
        if node.get("output_node") is not True:
            raise StageError(
                f"setpiece:output stands on a {binding.class_type}, which saves nothing",
                remedy="title the node that saves the pictures, SaveImage for one",
            )
        return
    inputs = _inputs(node)
    if binding.input not in inputs:
        raise CapabilityMissing(
            binding.name, engine="comfyui",
            remedy=f"the server's {binding.class_type} has no input '{binding.input}' (another version?): title one it has",
        )  # fmt: skip
    asked = {"seed": request.seed, "steps": request.steps, "strength": request.strength, "guidance": request.guidance}
    spec, value = inputs[binding.input], asked.get(binding.name)
    limits = spec[1] if isinstance(spec, list) and len(spec) > 1 and isinstance(spec[1], Mapping) else {}
    low, high = limits.get("min"), limits.get("max")
    if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        raise CapabilityMissing(
            binding.name,
            engine="comfyui",
            remedy=f"{binding.class_type} takes {low} to {high}, not {value}: state one of these",
        )


def _warnings(workflow: Workflow, client: Client) -> tuple[str, ...]:
    """What a user should know of the bits: honest, once."""
    found, short = [], False
    for name in ("plate", *CONTROLS):
        for binding in workflow.bound(name)[:1]:
            if binding.format == "exr":
                continue
            bits, short = 8 if binding.format == "png8" else 16, True
            lost = "; highlights above 1 are kept from the plate where the answer left it alone" if name == "plate" else ""
            found.append(f"{name} goes to {binding.class_type} at {bits} bits, 0..1{lost}")
    if workflow.output.class_type in ("SaveImage", "PreviewImage"):
        short = True
        found.append(f"pictures come from {workflow.output.class_type} at 8 bits: new highlights end at 1")
    if short:
        able = sorted(name for name in client.classes() if _EXR.search(name))
        found.append(f"this server's nodes for float EXR: {', '.join(able)[:400] or 'none'}")
    if not workflow.bound("matte") and not workflow.bound("mask"):
        found.append("the workflow binds no matte: the whole frame is made, and the matte decides what is put into the plate")
    return tuple(found)


def _ending(data: bytes) -> str:
    return {b"\x76\x2f\x31\x01": ".exr", b"\x89PNG": ".png"}.get(data[:4], ".tif")
