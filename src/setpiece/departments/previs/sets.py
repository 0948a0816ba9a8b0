"""What the previs department does with a set: reads a text into a document, proposes variations, shows it through its cameras.

A document, its plan and its layout are paperwork, made at once. A picture is made only of what the gate admitted, its permit is
checked before each, and every one carries the mark, with ``set.json`` beside it saying what it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import setpiece
from setpiece.clearance.gates import mark
from setpiece.core.arrays import Display
from setpiece.core.errors import BriefError
from setpiece.core.progress import Progress
from setpiece.core.scene import Scene, SceneCamera
from setpiece.core.set_spec import SetSpec
from setpiece.deliver.lettering import Sheet
from setpiece.deliver.previs_passes import write_passes
from setpiece.departments.previs.plan import draw_plan
from setpiece.departments.previs.settle import settled
from setpiece.departments.previs.wardrobe import dressed, line_up, with_looks, worn, write_paper
from setpiece.departments.previs.words import vocabulary
from setpiece.intake.previs_document import SetBrief, load_set, write_set
from setpiece.intake.previs_endpoint import Endpoint, endpoint_of, read_by
from setpiece.intake.previs_reader import Reading, read
from setpiece.intake.previs_variations import vary
from setpiece.media.files import read_json, sha256_file, sha256_value, write_json
from setpiece.media.images import write_png
from setpiece.media.worker import Worker
from setpiece.production.sets import AdmittedSet, admitted_set, job_of
from setpiece.production.steps import code_sha256
from setpiece.production.workspace import Workspace
from setpiece.stage.sets.layout import Layout, lay_out
from setpiece.stage.sets.library import KINDS

ENGINE = "cycles"
SOURCES = ("setpiece.departments.previs.sets", "setpiece.stage.blender", "setpiece.stage.wardrobe")
SCHEMA = "setpiece.set/1"
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSet:
    """A set's new document: where it is, how the text was read (None: by a model of the user's), what found no place."""

    brief: SetBrief
    reading: Reading | None
    plan: Path
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Pictures of a set, by view, and sentences that the designer should hear."""

    version: str
    pictures: tuple[tuple[str, Path], ...]
    notes: tuple[str, ...]


def new_set(folder: Path, text: str, *, seed: int, show: str, declaration: Mapping[str, object]) -> NewSet:
    """Read ``text`` and write ``brief.yaml`` and the plan into ``folder``. Raises BriefError where nothing can be built."""
    path = folder / "brief.yaml"
    if path.exists():
        raise BriefError("there is a brief already", file=path, remedy="edit it, or give the set another name")
    name = folder.resolve().name
    title = re.sub(r"[_-]+", " ", name)
    reading: Reading | None = None
    model = endpoint_of(folder)
    if model is None:
        reading = read(text, vocabulary=vocabulary(), seed=seed, title=title)
        spec = reading.spec
    else:
        spec = _read_by_model(model, text, seed, title)
    assumed = () if reading is None else reading.assumed
    folder.mkdir(parents=True, exist_ok=True)
    brief = write_set(path, spec, name=name, show=show, text=text, declaration=declaration, assumed=assumed)
    plan, told = plan_of(folder, brief)
    return NewSet(brief=brief, reading=reading, plan=plan, left_out=told)


def _read_by_model(model: Endpoint, text: str, seed: int, title: str) -> SetSpec:
    if model.external:
        raise BriefError(
            f"{model.url} is not on this machine, and a text that leaves it needs a contract on record",
            remedy="run the model here (http://localhost…), or take [reader] out of previs.toml",
        )
    return read_by(model, text, kinds=tuple(KINDS), seed=seed, title=title)


def plan_of(folder: Path, brief: SetBrief) -> tuple[Path, tuple[str, ...]]:
    """Draw ``plan.png`` and ``plan.svg`` of a document; the first, and what found no place, in sentences."""
    layout, spec, seen, notes = _laid(brief.spec)
    for name in ("plan.svg", "plan.png"):
        draw_plan(folder / name, spec, layout, seen)
    return folder / "plan.png", (*sentences(layout), *notes)


@lru_cache(maxsize=4)
def _laid(spec: SetSpec) -> tuple[Layout, SetSpec, tuple[SceneCamera, ...], tuple[str, ...]]:
    """A specification's layout, itself as the layout settled it, its cameras, and what was turned, in sentences."""
    from setpiece.stage.sets.assembly import framed

    whole = with_looks(spec)
    layout = lay_out(whole)
    ready, notes = settled(whole, layout)
    return layout, ready, framed(ready, layout), notes


def sentences(layout: Layout) -> tuple[str, ...]:
    """What a layout left out, for a person.

    >>> sentences(Layout(spots=(), openings=()))
    ()
    """
    return tuple(
        f"left out: {f'{one.count} of ' if one.count > 1 else ''}{one.name.replace('_', ' ')}: {one.why}"
        for one in layout.left_out
    )


def write_variations(folder: Path, count: int) -> tuple[tuple[str, Path], ...]:
    """Documents of ``count`` variations under ``variations/``, each with its plan: (theme, folder). Nothing is written over."""
    brief = load_set(folder / "brief.yaml")
    declaration = {} if brief.declaration is None else brief.declaration.model_dump(mode="json", exclude_none=True)
    made = []
    for number, spec in enumerate(vary(brief.spec, count), 1):
        below = folder / "variations" / f"{number:02d}"
        path = below / "brief.yaml"
        if not path.exists():
            below.mkdir(parents=True, exist_ok=True)
            write_set(path, spec, name=f"{brief.name}_{number:02d}", show=brief.show, text=brief.text, declaration=declaration)
            plan_of(below, load_set(path))
        made.append((load_set(path).spec.theme or "", below))
    return tuple(made)


def scene_of(
    spec: SetSpec, kept: Path | None = None, progress: Progress | None = None
) -> tuple[Scene, Layout, tuple[str, ...]]:
    """The built scene of a specification, its looks standing in it, its layout, and what the designer should hear. ``kept`` is
    where draped looks are kept."""
    from setpiece.stage.sets.assembly import build

    layout, ready, seen, notes = _laid(spec)
    scene = build(ready, layout, seen)
    standing = [look for look in spec.looks if any(spot.name == look.name for spot in layout.spots)]
    if standing:
        scene = dressed(scene, standing, worn(standing, kept, progress))
    return scene, layout, (*sentences(layout), *notes)


def show(
    folder: Path,
    names: Sequence[str],
    size: tuple[int, int],
    samples: int,
    progress: Progress,
    now: Clock,
    worker: Worker | None = None,
) -> Shown:
    """Render views of a set, through the gate; all of them where none is named. Each lies as PNG, marked, and as EXR. A
    ``worker`` over :func:`views_folder` that is up is used and left up.

    Raises BriefError for a view that the document has not, ClearanceRefused, WorkerFailed.
    """
    workspace = Workspace.at(folder)
    brief = load_set(workspace.brief)
    wanted = _views(brief, names)
    with workspace.locked():
        version = _version(workspace, brief, size, samples)
        with admitted_set(workspace, brief, ENGINE, f"v{version:03d}", now) as admitted:
            return _rendered(workspace, brief, wanted, size, samples, version, admitted, progress, worker)


def show_looks(folder: Path, size: tuple[int, int], samples: int, progress: Progress, now: Clock) -> Shown:
    """Render the line-up of a set's looks and each look by itself, through the gate: PNG, marked.

    Raises BriefError where the document dresses nobody, and for what cannot be cut; ClearanceRefused, WorkerFailed.
    """
    workspace = Workspace.at(folder)
    brief = load_set(workspace.brief)
    if not brief.spec.looks:
        raise BriefError(
            "dresses nobody", file=brief.path,
            remedy="add looks: - {name: judge, size: men_50, garments: [{kind: jacket, fabric: wool, colour: '#22252e'}]}",
        )  # fmt: skip
    with workspace.locked():
        version = _version(workspace, brief, size, samples)
        with admitted_set(workspace, brief, ENGINE, f"v{version:03d}", now) as admitted:
            pictures = looks_shown(workspace, brief, size, samples, version, admitted, progress)
    return Shown(version=f"v{version:03d}", pictures=tuple(pictures.items()), notes=())


def write_patterns(folder: Path, progress: Progress) -> tuple[Path, ...]:
    """Patterns of a set's looks on paper under ``patterns/``: paperwork, made at once; the list of yardage first.

    Raises BriefError where the document dresses nobody, and for what cannot be cut.
    """
    workspace = Workspace.at(folder)
    brief = load_set(workspace.brief)
    if not brief.spec.looks:
        raise BriefError("dresses nobody", file=brief.path, remedy="add looks (docs/previs.md)")
    version = f"v{(workspace.versions() or (1,))[-1]:03d}"
    return write_paper(workspace.root / "patterns", brief.spec.looks, version, progress)


def looks_shown(
    workspace: Workspace,
    brief: SetBrief,
    size: tuple[int, int],
    samples: int,
    version: int,
    admitted: AdmittedSet,
    progress: Progress,
) -> dict[str, Path]:
    """Pictures of the line-up (``lineup``) and of each look by its name, in the take."""
    from setpiece.stage.blender.set_view import read_view

    admitted.permit.check()
    looks = brief.spec.looks
    scene = line_up(looks, worn(looks, workspace.stage / "looks", progress))
    cameras_of = {camera.name: camera for camera in scene.cameras}
    stamp, take = mark(admitted.cleared.evidence), workspace.take(version)
    tall = (max(16, round(size[1] * 2 / 3)), size[1])
    made: dict[str, Path] = {}
    for names, shape in ((("lineup",), size), (tuple(f"look_{look.name}" for look in looks), tall)):
        files = layers(
            workspace, brief.spec, lambda: scene, {name: ungraded(cameras_of[name]) for name in names},
            size=shape, samples=samples, admitted=admitted, progress=progress, passes=False,
        )  # fmt: skip
        for name, file in files.items():
            admitted.permit.check()
            view = read_view(file, scene, cameras_of[name], passes=False)
            path = take / f"{brief.name}_{name}_v{version:03d}.png"
            write_png(path, marked(view.display, f"{brief.name}  v{version:03d}  {name.removeprefix('look_')}", stamp))
            made[name.removeprefix("look_")] = path
    return made


def _views(brief: SetBrief, names: Sequence[str]) -> tuple[str, ...]:
    known = tuple(view.name for view in brief.spec.views)
    for name in names:
        if name not in known:
            raise BriefError(
                f"there is no view '{name}'", file=brief.path, remedy=f"views are {', '.join(known) or 'none: add one'}"
            )
    return tuple(names) or known


def _version(workspace: Workspace, brief: SetBrief, size: tuple[int, int], samples: int) -> int:
    """The take that was begun with this document and code, or the next: a version is never of two documents."""
    settings = sha256_value([job_of(brief, ENGINE).spec, size, samples])
    code = code_sha256(SOURCES)
    same = [one for one in workspace.begun_with(settings) if workspace.take_code(one) == code]
    version = same[0] if same else workspace.next_version()
    workspace.begin_take(version, {"settings_sha256": settings, "code_sha256": code})
    return version


def _rendered(
    workspace: Workspace,
    brief: SetBrief,
    names: Sequence[str],
    size: tuple[int, int],
    samples: int,
    version: int,
    admitted: AdmittedSet,
    progress: Progress,
    worker: Worker | None,
) -> Shown:
    from setpiece.stage.blender.set_view import read_view

    take = workspace.take(version)
    built = cache(lambda: scene_of(brief.spec, workspace.stage / "looks", progress))
    stamp = mark(admitted.cleared.evidence)
    pictures = dict(_shown_before(take))
    bare = {view.name: replace(view, exposure_stops=None, white_kelvin=None) for view in brief.spec.views}
    files = layers(
        workspace, brief.spec, lambda: built()[0], {name: bare[name] for name in names},
        size=size, samples=samples, admitted=admitted, progress=progress, worker=worker,
    )  # fmt: skip
    scene, _, notes = built()
    for name, file in files.items():
        admitted.permit.check()
        made = read_view(file, scene, next(camera for camera in scene.cameras if camera.name == name))
        stem = f"{brief.name}_{name}_v{version:03d}"
        if made.passes is not None:
            graded = {"setpiece:exposure_stops": made.exposure_stops, "setpiece:white_kelvin": made.white_kelvin}
            write_passes(take / f"{stem}.exr", made.picture, made.passes, notes=graded)
        write_png(take / f"{stem}.png", marked(made.display, f"{brief.name}  v{version:03d}  {name}", stamp))
        pictures[name] = take / f"{stem}.png"
    write_json(take / "set.json", _provenance(brief, admitted, version, size, samples, tuple(pictures.items()), notes))
    return Shown(version=f"v{version:03d}", pictures=tuple((name, pictures[name]) for name in names), notes=notes)


def _shown_before(take: Path) -> Mapping[str, Path]:
    """The pictures that a take has already, by view."""
    path = take / "set.json"
    rows = read_json(path)["views"] if path.is_file() else {}
    return {name: take / row["file"] for name, row in rows.items() if (take / row["file"]).is_file()}


def layers(
    workspace: Workspace,
    spec: SetSpec,
    scene: Callable[[], Scene],
    wanted: Mapping[str, object],
    *,
    size: tuple[int, int],
    samples: int,
    admitted: AdmittedSet,
    progress: Progress,
    passes: bool = True,
    worker: Worker | None = None,
) -> dict[str, Path]:
    """The rendered layers of cameras, by name, under ``stage/views/``: only what was not rendered of this very set is.

    ``wanted`` says of each camera what decides its picture; exposure and white do not: a change of grade develops the same
    layers anew. ``scene`` is asked for where something is missing, while Blender loads.
    """
    from setpiece.stage.blender.set_view import Shot, render_layers

    folder = views_folder(workspace)
    built = [replace(spec, views=(), scenes=(), theme=None, title=""), size, samples, passes, code_sha256(SOURCES)]
    stems = {name: sha256_value([*built, camera])[:20] for name, camera in wanted.items()}
    files = {name: folder / f"{stem}.layers.exr" for name, stem in stems.items()}
    missing = [name for name in wanted if not files[name].is_file()]
    if missing:
        admitted.permit.check()
        shots = [
            Shot(camera=name, width=size[0], height=size[1], samples=samples, passes=passes, stem=stems[name])
            for name in missing
        ]
        with nullcontext(worker) if worker is not None and worker.up else Worker(folder) as up:
            render_layers(scene(), shots, folder=folder, progress=progress, worker=up)
    return files


def views_folder(workspace: Workspace) -> Path:
    """Where rendered layers are kept."""
    return workspace.stage / "views"


def ungraded(camera: SceneCamera) -> SceneCamera:
    """A camera but for what is done to its picture afterwards."""
    return replace(camera, exposure_stops=None, white_kelvin=None, mood_stops=0.0)


def _provenance(
    brief: SetBrief,
    admitted: AdmittedSet,
    version: int,
    size: tuple[int, int],
    samples: int,
    pictures: Sequence[tuple[str, Path]],
    notes: Sequence[str],
) -> dict[str, object]:
    """What the pictures of a take were made from."""
    evidence = admitted.cleared.evidence
    return {
        "schema": SCHEMA,
        "set": brief.name,
        "show": brief.show,
        "version": f"v{version:03d}",
        "engine": ENGINE,
        "software": f"Setpiece {setpiece.__version__}",
        "code_sha256": code_sha256(SOURCES),
        "brief_sha256": sha256_file(brief.path),
        "spec_sha256": sha256_value(brief.spec),
        "seed": brief.spec.seed,
        "size": list(size),
        "samples": samples,
        "mark": mark(evidence),
        "admitted": {"sequence": evidence.sequence, "sha256": evidence.entry_sha256},
        "views": {name: {"file": path.name, "sha256": sha256_file(path)} for name, path in pictures},
        "notes": list(notes),
    }


def marked(picture: Display, words: str, stamp: str) -> Display:
    """A view with its name and the clearance's mark lettered in its lower margin; (h, w, 3) uint8."""
    sheet = Sheet(picture)
    height, width = picture.shape[:2]
    narrow = width < height  # both lines would not stand side by side
    size, margin = max(9, round((0.033 * width) if narrow else (0.022 * height))), round(0.02 * width)
    low = height - margin * 0.6
    at = (margin, low - 1.35 * size) if narrow else (width - margin, low)
    for shift, fill in ((1, (0, 0, 0, 170)), (0, (240, 240, 240, 235))):
        sheet.text((margin + shift, low + shift), words, size_px=size, fill=fill)
        sheet.text((at[0] + shift, at[1] + shift), stamp, size_px=size, fill=fill, anchor="left" if narrow else "right")
    return sheet.pixels
