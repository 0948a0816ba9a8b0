"""What a re-aged shot hands over: review movies, contact sheet with before and after, timeline, report, manifest."""

from __future__ import annotations

from dataclasses import replace

from setpiece.core.clearance import Cleared
from setpiece.core.progress import Progress
from setpiece.deliver.frames import read_comp
from setpiece.departments.deage.sheet import write_before_after
from setpiece.departments.deage.stage import plate_reader
from setpiece.intake.brief import load_brief
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Clearance
from setpiece.media.signing import Layer
from setpiece.production import handover as shared
from setpiece.production.handover import Files
from setpiece.production.ingest import models_of
from setpiece.production.job import Delivery, TakeResult
from setpiece.production.workspace import Workspace

# What each engine's pixels are (IPTC digital source types, last part).
LAYERS = {
    "makeup": Layer(
        name="digital make-up", source_type="algorithmicMedia", description="computed from the plate, nothing trained"
    ),
    "propagate": Layer(
        name="retouch",
        source_type="algorithmicMedia",
        description="an artist's painted keyframes, carried by motion, nothing trained",
    ),
    "learned": Layer(
        name="retouch",
        source_type="compositeWithTrainedAlgorithmicMedia",
        description="an artist's painted keyframes, learned on this shot alone, laid into the plate",
    ),
    "fran": Layer(
        name="re-ageing",
        source_type="compositeWithTrainedAlgorithmicMedia",
        description="by a model of the production's own, laid into the plate",
    ),
}


def deliver(
    take: Cleared[TakeResult], shown: Clearance, identity: SigningIdentity, workspace: Workspace, progress: Progress
) -> Delivery:
    """Make everything that the brief asks for beside the EXRs, then the report; sign it all, manifest last."""
    desk = shared.desk_of(take, workspace, load_brief(workspace.brief))
    folder = take.value.folder
    first = read_comp(take.value.comp[0])
    size = (first.shape[1], first.shape[0])
    files: Files = [("comp", folder / "comp")]
    files += shared.movies(desk, progress)
    sheet = folder / f"{desk.stem}_contact.png"
    title = f"{take.value.shot}  {take.value.version_name}"
    plate = plate_reader(workspace.stage / "plate")
    write_before_after(sheet, desk.comps, plate, title=title, subtitle=desk.subtitle, viewer=desk.viewer)
    files += [("contact sheet", sheet), ("timeline", shared.timeline(desk, size))]
    files.append(("report", shared.report(desk, sheet, files, (), size)))
    weights = models_of(desk.brief, take.value.engine, dict)
    model = next((item.name for item in shown.models if item.weights_sha256 in weights), "")
    layer = replace(LAYERS[take.value.engine], model=model)
    files += shared.signed(desk, (layer,), shown, identity, progress)
    return Delivery(files=tuple(files), warnings=take.value.warnings)
