"""The boards of a set: views, plan, elevations, palette, quantities, its turn, its variations, and what others go on with.

Place in the flow: after the views of a take. Everything is made aside, named by hash at the second gate, and appears as
``takes/v001/boards/`` when it was released; every page says that it is temporary where it is, and carries its credential. What
was made is ``algorithmicMedia``: our own geometry and light, no model.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import setpiece
from setpiece.clearance.gates import mark
from setpiece.core.errors import BriefError, RecordDamaged
from setpiece.core.progress import Progress
from setpiece.core.scene import Scene
from setpiece.core.set_spec import Garment, Look
from setpiece.deliver.boards import Board, LookPicture, VariationPicture, ViewPicture, write_boards
from setpiece.deliver.credentials import sign_delivery
from setpiece.deliver.previs_usd import write_set_usd
from setpiece.deliver.quantities import Yardage, quantities, write_quantities
from setpiece.deliver.timeline import write_stills
from setpiece.departments.previs.sets import ENGINE, Clock, looks_shown, scene_of, show
from setpiece.departments.previs.turntable import turn
from setpiece.departments.previs.wardrobe import cloth_of
from setpiece.intake.previs_document import SetBrief, load_set
from setpiece.media.files import atomic_path, output_failed, read_json, sha256_file, sha256_value
from setpiece.media.images import read_image
from setpiece.media.signing import Claim, Layer
from setpiece.production.sets import AdmittedSet, ShownSet, admitted_set
from setpiece.production.workspace import Workspace

_ASSUMED = re.compile(r"^\s*(\w+):.*#\s*assumed,\s*([^|\n]*)", re.MULTILINE)
_LAYER = Layer(
    name="set",
    source_type="algorithmicMedia",
    description="a set built from a designer's specification by procedural geometry, rendered by path tracing; no model",
)
_SMALL, _SMALL_SAMPLES = (480, 270), 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is made: ``size`` and ``samples`` of views that are not there yet, frames of the turntable (0: none)."""

    size: tuple[int, int] = (960, 540)
    samples: int = 8
    turn_frames: int = 48


def present(folder: Path, progress: Progress, now: Clock, extent: Extent | None = None) -> tuple[Path, ...]:
    """Boards and hand-off of a set under ``takes/v001/boards/``, released and signed; the PDF first.

    Views of the document, and of its variations, that were not rendered yet are rendered first, each through the gate.
    Raises BriefError, ClearanceRefused, RecordDamaged, WorkerFailed.
    """
    wanted = extent or Extent()
    _rendered_first(folder, wanted, progress, now)
    workspace = Workspace.at(folder)
    brief = load_set(workspace.brief)
    with workspace.locked():
        version, facts = _newest(workspace, brief)
        take = workspace.takes / version
        views = _whole(take, facts["views"])
        aside, out = take / ".boards", take / "boards"
        shutil.rmtree(aside, ignore_errors=True)
        with admitted_set(workspace, brief, ENGINE, version, now) as admitted:
            made = tuple(_made(aside, workspace, brief, views, version, wanted, admitted, progress))
            files = tuple((path.name, sha256_file(path)) for path in (*views.values(), *made))
            _, clearance = admitted.released(ShownSet(name=brief.name, files=files))
            _into_place(aside, out)
            claim = Claim(
                title=f"{brief.name} {version}",
                software="Setpiece",
                version=setpiece.__version__,
                layers=(_LAYER,),
                clearance=clearance,
            )
            software, identity = f"Setpiece {setpiece.__version__}", admitted.desk.identity()
            sign_delivery(out, claim, identity, shot=brief.name, version=version, software=software)
    return tuple(out / path.relative_to(aside) for path in made)


def _rendered_first(folder: Path, wanted: Extent, progress: Progress, now: Clock) -> None:
    """Whatever the boards show and is not there yet."""
    workspace = Workspace.at(folder)
    brief = load_set(workspace.brief)
    try:
        _, facts = _newest(workspace, brief)
        missing = tuple(view.name for view in brief.spec.views if view.name not in facts["views"])
        size, samples = facts.get("size", list(wanted.size)), facts.get("samples", wanted.samples)
    except BriefError:
        missing, size, samples = tuple(view.name for view in brief.spec.views), list(wanted.size), wanted.samples
    if missing:
        everything = [view.name for view in brief.spec.views]  # what is rendered already is not rendered again
        show(folder, everything, (int(size[0]), int(size[1])), int(samples), progress, now)
    for below in variation_folders(folder):
        if _first_view(below) is None:
            variation = load_set(below / "brief.yaml")
            show(below, [view.name for view in variation.spec.views[:1]], _SMALL, _SMALL_SAMPLES, progress, now)


def variation_folders(folder: Path) -> tuple[Path, ...]:
    """The variations of a set, in order."""
    return tuple(sorted(path.parent for path in (folder / "variations").glob("*/brief.yaml")))


def _first_view(folder: Path) -> Path | None:
    """The picture of the first view of a variation, where it is of its document as it stands."""
    workspace = Workspace.at(folder)
    try:
        version, facts = _newest(workspace, load_set(workspace.brief))
    except BriefError:
        return None
    views = _whole(workspace.takes / version, facts["views"])
    return next(iter(views.values()), None)


def _made(
    out: Path,
    workspace: Workspace,
    brief: SetBrief,
    views: Mapping[str, Path],
    version: str,
    wanted: Extent,
    admitted: AdmittedSet,
    progress: Progress,
) -> Iterator[Path]:
    """Every file of the boards and the hand-off, the PDF first."""
    scene, _, notes = scene_of(brief.spec, workspace.stage / "looks", progress)
    by_name = {camera.name: camera for camera in scene.cameras}
    shown = tuple(
        ViewPicture(camera=by_name[view.name], picture=_picture(views[view.name]))
        for view in brief.spec.views
        if view.name in views
    )
    pictures = ((load_set(below / "brief.yaml"), _first_view(below)) for below in variation_folders(workspace.root))
    bought = cloth_of(brief.spec.looks)
    rows = quantities(brief.spec, scene, bought)
    looks: tuple[LookPicture, ...] = ()
    if brief.spec.looks:
        standing = looks_shown(workspace, brief, wanted.size, wanted.samples, int(version[1:]), admitted, progress)
        looks = tuple(
            LookPicture(look=look, picture=_picture(standing[look.name]), lines=_lines(look, bought))
            for look in brief.spec.looks
        )
    board = Board(
        spec=brief.spec,
        scene=scene,
        version=version,
        views=shown,
        variations=tuple(
            VariationPicture(theme=one.spec.theme or one.name, picture=_picture(path))
            for one, path in pictures
            if path is not None
        ),
        looks=looks,
        quantities=rows,
        show=brief.show,
        notes=(*assumed_of(brief), *notes),
        mark=mark(admitted.cleared.evidence),
    )
    stem = f"{brief.name}_{{}}_{version}"
    yield from write_boards(out, brief.name, board)
    listed = out / f"{stem.format('quantities')}.csv"
    write_quantities(listed, rows)
    yield listed
    yield from _handed_on(out, workspace, brief, scene, views, version, admitted, progress)
    if wanted.turn_frames:
        graded = next((path.with_suffix(".exr") for path in views.values() if path.with_suffix(".exr").is_file()), None)
        yield turn(
            workspace, brief, scene, out / f"{stem.format('turntable')}.mp4", like=graded, frames=wanted.turn_frames,
            size=_SMALL, samples=_SMALL_SAMPLES, admitted=admitted, progress=progress,
        )  # fmt: skip


def _lines(look: Look, bought: Sequence[Yardage]) -> tuple[str, ...]:
    """Each garment of a look, and what it takes."""
    own = [row for row in bought if row.look == look.name]
    return tuple(f"{_told(one)}; {row.length_m:.1f} m" for one, row in zip(look.garments, own, strict=True))


def _told(one: Garment) -> str:
    """A garment in a line: what, of which cloth, in which colours, and what else was said of it."""
    colours = one.colour if one.colour_2 is None else f"{one.colour} and {one.colour_2}"
    more = ", ".join(f"{name.removesuffix('_m').replace('_', ' ')} {value}" for name, value in one.values)
    return f"{one.kind.replace('_', ' ')}: {one.fabric}, {colours}" + (f" ({more})" if more else "")


def _handed_on(
    out: Path,
    workspace: Workspace,
    brief: SetBrief,
    scene: Scene,
    views: Mapping[str, Path],
    version: str,
    admitted: AdmittedSet,
    progress: Progress,
) -> Iterator[Path]:
    """What other programs go on with: views with passes as EXR, the set as USD in layers, .blend and glTF, boards as OTIO."""
    from setpiece.stage.blender.set_view import Artefacts, render_layers

    for picture in views.values():
        passes = picture.with_suffix(".exr")
        if passes.is_file():
            yield _copied(passes, out / passes.name)
    yield from write_set_usd(out / f"{brief.name}_set_{version}.usda", scene)
    admitted.permit.check()
    job = workspace.stage / "handoff"
    render_layers(scene, (), folder=job, progress=progress, artefacts=Artefacts(blend=True, gltf=True))
    for made in (job / "set.blend", job / "set.glb"):
        yield _copied(made, out / f"{brief.name}_set_{version}{made.suffix}")
    for name, picture in views.items():
        yield _copied(picture, out / f"{brief.name}_{name}_{version}{picture.suffix}")
    stills = tuple((name, f"{brief.name}_{name}_{version}{picture.suffix}") for name, picture in views.items())
    facts = {"show": brief.show, "shot": brief.name, "version": version, "seed": str(brief.spec.seed)}
    yield write_stills(out / f"{brief.name}_boards_{version}.otio", stills, facts)


def _copied(source: Path, target: Path) -> Path:
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
    return target


def _into_place(aside: Path, out: Path) -> None:
    """What was released appears at once, in place of what was there."""
    try:
        shutil.rmtree(out, ignore_errors=True)
        aside.rename(out)
    except OSError as error:
        raise output_failed(out, error) from error


def _picture(path: Path) -> np.ndarray:
    return (read_image(path).pixels[..., :3] * 255 + 0.5).astype("uint8")


def _whole(take: Path, views: Mapping[str, Mapping[str, str]]) -> dict[str, Path]:
    """The pictures of a take, each still the one that was made."""
    found = {name: take / entry["file"] for name, entry in views.items()}
    for name, path in found.items():
        if not path.is_file() or sha256_file(path) != views[name]["sha256"]:
            raise RecordDamaged("is not the picture that was made", file=path, remedy="show the set anew: setpiece previs view")
    return found


def assumed_of(brief: SetBrief) -> tuple[str, ...]:
    """What the document still marks as assumed, in words."""
    text = brief.path.read_text(encoding="utf-8-sig")
    return tuple(f"{name.replace('_', ' ')}: {' '.join(why.split())}" for name, why in _ASSUMED.findall(text))


def _newest(workspace: Workspace, brief: SetBrief) -> tuple[str, dict[str, Any]]:
    versions = workspace.versions()
    if not versions:
        raise BriefError("was not shown yet", file=brief.path, remedy=f"run: setpiece previs view {workspace.called}")
    version = f"v{versions[-1]:03d}"
    path = workspace.takes / version / "set.json"
    facts = read_json(path) if path.is_file() else {}
    if facts.get("spec_sha256") != sha256_value(brief.spec):
        raise BriefError(
            f"was changed since {version} was made",
            file=brief.path,
            remedy=f"show it anew: setpiece previs view {workspace.called}",
        )
    return version, facts
