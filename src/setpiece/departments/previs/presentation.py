"""The boards of a set: views, plan, elevations, palette, quantities, on paper and as pictures, released, marked and signed.

Place in the flow: after the views of a take. What leaves is named by hash at the second gate; every page says that it is
temporary where it is, and carries its credential. What was made is ``algorithmicMedia``: our own geometry and light, no model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import setpiece
from setpiece.clearance.gates import mark
from setpiece.core.errors import BriefError, RecordDamaged
from setpiece.core.progress import Progress
from setpiece.deliver.boards import Board, ViewPicture, write_boards
from setpiece.deliver.credentials import sign_delivery
from setpiece.deliver.quantities import quantities, write_quantities
from setpiece.departments.previs.sets import ENGINE, Clock, scene_of
from setpiece.intake.previs_document import SetBrief, load_set
from setpiece.media.files import read_json, sha256_file, sha256_value
from setpiece.media.images import read_image
from setpiece.media.signing import Claim, Layer
from setpiece.production.sets import ShownSet, admitted_set
from setpiece.production.workspace import Workspace

_ASSUMED = re.compile(r"^\s*(\w+):.*#\s*assumed,\s*([^|]*)", re.MULTILINE)


def present(folder: Path, progress: Progress, now: Clock) -> tuple[Path, ...]:
    """Boards of the newest take of a set, under ``takes/v001/boards/``, signed; the PDF first.

    Raises BriefError where nothing was shown yet, or the document was changed since; ClearanceRefused.
    """
    workspace = Workspace.at(folder)
    brief = load_set(workspace.brief)
    with workspace.locked():
        version, facts = _newest(workspace, brief)
        take = workspace.takes / version
        views = _whole(take, facts["views"])
        with admitted_set(workspace, brief, ENGINE, version, now) as admitted:
            files = tuple((path.name, sha256_file(path)) for path in views.values())
            released, clearance = admitted.released(ShownSet(name=brief.name, files=files))
            progress.report("boards", 0, 1)
            out = take / "boards"
            made = _write(out, brief, views, version, mark(released.evidence))
            claim = Claim(
                title=f"{brief.name} {version}",
                software="Setpiece",
                version=setpiece.__version__,
                layers=(_LAYER,),
                clearance=clearance,
            )
            software, identity = f"Setpiece {setpiece.__version__}", admitted.desk.identity()
            sign_delivery(out, claim, identity, shot=brief.name, version=version, software=software)
            progress.report("boards", 1, 1)
    return made


_LAYER = Layer(
    name="set",
    source_type="algorithmicMedia",
    description="a set built from a designer's specification by procedural geometry, rendered by path tracing; no model",
)


def _write(out: Path, brief: SetBrief, views: Mapping[str, Path], version: str, stamp: str) -> tuple[Path, ...]:
    """The boards' files, the PDF first."""
    scene, _, notes = scene_of(brief.spec)
    by_name = {camera.name: camera for camera in scene.cameras}
    shown = tuple(
        ViewPicture(
            camera=by_name[view.name], picture=(read_image(views[view.name]).pixels[..., :3] * 255 + 0.5).astype("uint8")
        )
        for view in brief.spec.views
        if view.name in views
    )
    rows = quantities(brief.spec, scene)
    board = Board(
        spec=brief.spec,
        scene=scene,
        version=version,
        views=shown,
        quantities=rows,
        show=brief.show,
        notes=(*assumed_of(brief), *notes),
        mark=stamp,
    )
    write_quantities(out / f"{brief.name}_quantities_{version}.csv", rows)
    return write_boards(out, brief.name, board)


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


def _newest(workspace: Workspace, brief: SetBrief) -> tuple[str, dict[str, dict[str, dict[str, str]]]]:
    versions = workspace.versions()
    if not versions:
        raise BriefError("was not shown yet", file=brief.path, remedy=f"run: setpiece previs view {workspace.called}")
    version = f"v{versions[-1]:03d}"
    facts = read_json(workspace.takes / version / "set.json")
    if facts.get("spec_sha256") != sha256_value(brief.spec):
        raise BriefError(
            f"was changed since {version} was made",
            file=brief.path,
            remedy=f"show it anew: setpiece previs view {workspace.called}",
        )
    return version, facts
