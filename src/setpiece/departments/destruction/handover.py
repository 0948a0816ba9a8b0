"""What is shown and handed over: review movies, contact sheet, timeline, stage as USD and .blend, report, manifest.

Last part of the recipe; it takes only a released take. All of it is made from the EXRs on disk and can be made again.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import setpiece
from setpiece.clearance.gates import mark
from setpiece.core.arrays import Display, Rgb
from setpiece.core.camera import Camera
from setpiece.core.clearance import Cleared, Evidence
from setpiece.core.errors import StageError
from setpiece.core.pictures import PlateInfo
from setpiece.core.progress import Progress
from setpiece.deliver.burn_in import BurnIn, Slate
from setpiece.deliver.contact_sheet import write_contact_sheet
from setpiece.deliver.credentials import EMBEDDED, sign_delivery
from setpiece.deliver.frames import Provenance, read_comp
from setpiece.deliver.manifest import NAME, SEAL, SIDECAR
from setpiece.deliver.movie import ReviewMovies, comps_of, review_pictures, write_review
from setpiece.deliver.report import Figure, Output, Report, Section, Value, write_report
from setpiece.deliver.timeline import cut_with_handles, write_timeline
from setpiece.departments.destruction.build import StageFolder, load_stage
from setpiece.intake.brief import Brief, brief_sha256, load_brief
from setpiece.media.certificates import SigningIdentity
from setpiece.media.colour import View, view, view16
from setpiece.media.credentials import Clearance
from setpiece.media.files import read_json, sha256_file, write_json
from setpiece.media.images import read_image
from setpiece.media.signing import Claim, Layer, Origin
from setpiece.production.ingest import plate_of
from setpiece.production.job import Delivery, TakeResult
from setpiece.production.steps import RECORD
from setpiece.production.workspace import Workspace
from setpiece.stage.archive import load_camera, load_light, save_camera, save_light

STAGE_SCHEMA = "setpiece.take-stage/1"
STAGE_NOTE = "stage.json"  # in a take's folder: which steps it was made from
_HANDLES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What every part of the handover needs."""

    take: TakeResult
    evidence: Evidence
    workspace: Workspace
    brief: Brief
    info: PlateInfo
    view: View
    provenance: Provenance

    @property
    def stem(self) -> str:
        return f"{self.take.shot}_comp_{self.take.version_name}"

    @property
    def viewer(self) -> Callable[[Rgb], Display]:
        """Display codes for stills, 8 bits."""
        return partial(view, view=self.view)

    @property
    def date(self) -> str:
        return self.evidence.decision.decided_at[:10]

    @property
    def comps(self) -> dict[int, Path]:
        return dict(zip(self.take.frames, self.take.comp, strict=True))


def note_stage(folder: Path, stage: StageFolder) -> None:
    """Note in the folder of a take what it is made from: camera, light, and the keys of the steps behind it. The stage
    itself belongs to the shot, and the next take may be made from another one."""
    save_camera(folder / "camera.json", load_camera(stage.plate / "camera.json"))
    save_light(folder / "light.json", load_light(stage.plate / "light.json"))
    steps = {path.name: read_json(path / RECORD)["key"] for path in (stage.pieces, stage.motion)}
    write_json(folder / STAGE_NOTE, {"schema": STAGE_SCHEMA, "steps": steps})


def check_stage(folder: Path, stage: Path, *, called: str) -> None:
    """Raise StageError where the steps in ``stage`` are not those that the take in ``folder`` was made from.

    ``called`` is the shot as one would name it in a command.
    """
    for name, key in read_json(folder / STAGE_NOTE)["steps"].items():
        path = stage / name / RECORD
        if not path.is_file() or read_json(path)["key"] != key:
            raise StageError(
                f"the stage was made anew since {folder.name} ('{name}' is another): it would not fit its frames",
                file=stage / name,
                remedy=f"make this take's stage again: setpiece run {called}; or a new version, with --redo",
            )


def deliver(
    take: Cleared[TakeResult], shown: Clearance, identity: SigningIdentity, workspace: Workspace, progress: Progress
) -> Delivery:
    """Make everything that the brief asks for beside the EXRs, then the report; sign it all, manifest last."""
    brief = load_brief(workspace.brief)
    if brief.deliver.usd or brief.deliver.blend:
        check_stage(take.value.folder, workspace.stage, called=workspace.called)
    desk = _desk(take, workspace, brief)
    files: list[tuple[str, Path]] = [("comp", take.value.folder / "comp")]
    files += _movies(desk, progress)
    sheet = take.value.folder / f"{desk.stem}_contact.png"
    write_contact_sheet(sheet, desk.comps, title=f"{take.value.shot}  {take.value.version_name}",
                        subtitle=_subtitle(desk), viewer=desk.viewer)  # fmt: skip
    files.append(("contact sheet", sheet))
    files.append(("timeline", _timeline(desk)))
    files += _stage_files(desk, progress)
    files.append(("report", _report(desk, sheet, files)))
    progress.report("credentials", 0, 1)
    folder = take.value.folder
    sign_delivery(folder, _claim(desk, shown), identity, shot=take.value.shot, version=take.value.version_name,
                  software=desk.provenance.software)  # fmt: skip
    progress.report("credentials", 1, 1, "development certificate" if identity.development else "")
    files += [("manifest", folder / NAME), ("credential", folder / SIDECAR), ("seal", folder / SEAL)]
    return Delivery(files=tuple(files), warnings=take.value.warnings)


def _claim(desk: _Desk, shown: Clearance) -> Claim:
    """What every credential of the take says: the plate was opened, the rest simulated, with nothing trained."""
    simulated = (
        ("debris", "pieces of the building, simulated and lit by the plate's own light"),
        ("dust", "gas, simulated"),
        ("shadow", "shadows that debris and dust throw"),
        ("clean plate", "what stood behind the building, rebuilt from the plate's own pixels"),
    )
    plate = Path(desk.info.source)
    return Claim(
        title=desk.stem,
        software="Setpiece",
        version=setpiece.__version__,
        layers=tuple(Layer(name=name, source_type="algorithmicMedia", description=text) for name, text in simulated),
        origins=(Origin(path=plate, title=plate.name, opened=True),),
        clearance=shown,
    )


def _desk(take: Cleared[TakeResult], workspace: Workspace, brief: Brief) -> _Desk:
    info = plate_of(brief)
    shown: View = brief.deliver.view
    if shown == "auto":
        shown = "plain" if info.source_colour_space.startswith(("sRGB", "Rec.709", "Gamma", "Display")) else "aces"
    result = take.value
    return _Desk(
        take=result,
        evidence=take.evidence,
        workspace=workspace,
        brief=brief,
        info=info,
        view=shown,
        provenance=provenance_of(
            brief, version=result.version_name, engine=result.engine, rate=result.frames.rate, evidence=take.evidence
        ),
    )


def provenance_of(brief: Brief, *, version: str, engine: str, rate: Fraction, evidence: Evidence) -> Provenance:
    """What every file of a take says about its origin."""
    return Provenance(
        show=brief.shot.show,
        shot=brief.shot.name,
        version=version,
        engine=engine,
        seed=brief.seed,
        brief_sha256=brief_sha256(brief),
        clearance_sha256=evidence.entry_sha256,
        software=f"Setpiece {setpiece.__version__}",
        rate=rate,
        mark=mark(evidence),
    )


def _subtitle(desk: _Desk) -> str:
    frames = desk.take.frames
    return f"{desk.brief.shot.show}   {frames.first}-{frames.last}   engine {desk.take.engine}   {desk.date}"


def _movies(desk: _Desk, progress: Progress) -> list[tuple[str, Path]]:
    wanted = desk.brief.deliver
    folder = desk.take.folder
    movies = ReviewMovies(
        h264=folder / f"{desk.stem}_review.mp4" if wanted.h264 else None,
        prores4444=folder / f"{desk.stem}_review.mov" if wanted.prores4444 else None,
    )
    if not movies.wanted():
        return []
    hero_path = desk.take.comp[len(desk.take.comp) // 2]
    hero = read_comp(hero_path)
    focal = desk.brief.camera.focal_px
    slate = Slate(
        show=desk.brief.shot.show,
        shot=desk.take.shot,
        version=desk.take.version_name,
        frames=desk.take.frames,
        size=(hero.shape[1], hero.shape[0]),
        lens="" if focal is None else f"{36.0 * focal / desk.info.width:.0f} mm (35 mm equivalent)",
        engine=desk.take.engine,
        date=desk.date,
        view="ACES 1.0 SDR video" if desk.view == "aces" else "sRGB, as photographed",
        mark=desk.provenance.mark,
        notes="  ".join(text for text in (wanted.slate.artist, wanted.slate.vendor, wanted.slate.note) if text),
    )
    words = BurnIn(shot=desk.take.shot, version=desk.take.version_name, rate=desk.take.frames.rate, date=desk.date,
                   mark=desk.provenance.mark)  # fmt: skip
    pictures = review_pictures(comps_of(desk.comps, read_comp), slate=slate, words=words, hero=hero,
                               viewer=partial(view16, view=desk.view))  # fmt: skip
    write_review(movies, pictures, rate=desk.take.frames.rate, count=len(desk.take.comp) + 24, progress=progress)
    return [(f"review movie ({codec})", path) for codec, path in movies.wanted().items()]


def _timeline(desk: _Desk) -> Path:
    path = desk.take.folder / f"{desk.stem}.otio"
    width, height = _size(desk)
    write_timeline(path, cut_with_handles(desk.take.frames, handles=_HANDLES, folder="comp", size=(width, height)),
                   desk.provenance)  # fmt: skip
    return path


def _camera(desk: _Desk) -> Camera:
    """The camera that the take was made with, at the take's size."""
    return load_camera(desk.take.folder / "camera.json")


def _size(desk: _Desk) -> tuple[int, int]:
    camera = _camera(desk)
    return camera.width, camera.height


def _stage_files(desk: _Desk, progress: Progress) -> list[tuple[str, Path]]:
    """The stage as USD and as .blend."""
    stage, wanted = desk.workspace.stage, desk.brief.deliver
    if not (wanted.usd or wanted.blend):
        return []
    pieces, motion = load_stage(stage / "pieces", stage / "motion")
    names = tuple(read_json(stage / "pieces" / "pieces.json")["parts"])
    camera, light = _camera(desk), load_light(desk.take.folder / "light.json")
    files: list[tuple[str, Path]] = []
    stem = f"{desk.take.shot}_stage_{desk.take.version_name}"
    plate = stage / "plate" / "reference.exr"
    if wanted.usd:
        from setpiece.deliver.usd import write_usd

        progress.report("usd", 0, 1)
        path = desk.take.folder / f"{stem}.usdc"
        write_usd(path, camera=camera, pieces=pieces, motion=motion, frames=desk.take.frames, light=light,
                  plate_path=plate, part_names=names)  # fmt: skip
        progress.report("usd", 1, 1)
        files.append(("stage (USD)", path))
    if wanted.blend:
        from setpiece.stage.blender.client import write_blend

        path = desk.take.folder / f"{stem}.blend"
        write_blend(path, camera=camera, pieces=pieces, motion=motion, frames=desk.take.frames, light=light,
                    plate_path=plate, part_names=names, folder=desk.workspace.stage / "blend", progress=progress)  # fmt: skip
        files.append(("stage (Blender)", path))
    return files


def _report(desk: _Desk, sheet: Path, files: list[tuple[str, Path]]) -> Path:
    path = desk.take.folder / f"{desk.stem}_report.html"
    hero = desk.viewer(read_comp(desk.take.comp[len(desk.take.comp) // 2]))
    outputs = tuple(
        Output(role=role, path=os.path.relpath(file, desk.take.folder), size=_bytes(file),
               sha256=sha256_file(file) if file.is_file() and file.suffix not in EMBEDDED else "")
        for role, file in files
    )  # fmt: skip
    report = Report(
        provenance=desk.provenance,
        frames=desk.take.frames,
        size=_size(desk),
        date=desk.date,
        plate=Path(desk.info.source).name,
        plate_sha256=desk.info.sha256,
        hero=hero,
        contact_sheet=_picture(sheet),
        figures=_figures(desk.workspace),
        sections=_sections(desk.brief),
        timings_s=desk.take.timings_s,
        clearance=(desk.evidence,),
        warnings=desk.take.warnings,
        outputs=outputs,
        hashes=tuple((file.name, sha256) for file, sha256 in zip(desk.take.comp, desk.take.frame_sha256, strict=True)),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    )
    return write_report(path, report)


def _picture(path: Path) -> Display:
    pixels = read_image(path).pixels[..., :3]
    return (pixels * 255 + 0.5).astype("uint8")


def _figures(workspace: Workspace) -> tuple[Figure, ...]:
    """The pictures that the steps drew of themselves."""
    known = (
        ("camera/camera.png", "Camera", "Horizon, vanishing lines and the ground in metres, as solved."),
        ("matte/matte.png", "Matte", "What was taken for the building; the rest is dimmed."),
    )
    return tuple(
        Figure(title=title, caption=caption, pixels=_picture(workspace.stage / name))
        for name, title, caption in known
        if (workspace.stage / name).is_file()
    )


def _sections(brief: Brief) -> tuple[Section, ...]:
    """The brief, section by section, with what was stated and what was inferred."""
    notes = dict(brief.inferred)
    sections = []
    for title, values in brief.document.model_dump(mode="json", by_alias=True).items():
        if not isinstance(values, dict):
            continue
        rows = tuple(
            Value(name=name, value=_text(value), stated=f"{title}.{name}" not in notes,
                  note=notes.get(f"{title}.{name}", ""))
            for name, value in values.items()
            if value is not None
        )  # fmt: skip
        if rows:
            sections.append(Section(title=title.capitalize(), values=rows))
    return tuple(sections)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(item)}" for name, item in value.items() if item is not None)
    if isinstance(value, list):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.is_dir() else path.stat().st_size
