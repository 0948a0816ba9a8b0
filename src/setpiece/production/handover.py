"""What is shown and handed over of a take, whoever made it: movies, contact sheet, timeline, report, credentials.

Departments call these in the order of their own delivery and add what is theirs. All of it is made from the EXRs on disk
and can be made again; only a released take comes here.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import setpiece
from setpiece.clearance.gates import mark
from setpiece.core.arrays import Display, Rgb
from setpiece.core.clearance import Cleared, Evidence
from setpiece.core.pictures import PlateInfo
from setpiece.core.progress import Progress
from setpiece.deliver.burn_in import BurnIn, Slate
from setpiece.deliver.credentials import EMBEDDED, sign_delivery
from setpiece.deliver.frames import Provenance, read_comp
from setpiece.deliver.manifest import NAME, SEAL, SIDECAR
from setpiece.deliver.movie import ReviewMovies, comps_of, review_pictures, write_review
from setpiece.deliver.report import Figure, Output, Report, Section, Value, write_report
from setpiece.deliver.timeline import cut_with_handles, write_timeline
from setpiece.intake.brief import Brief, brief_sha256
from setpiece.intake.photograph_schema import StillDeliver
from setpiece.intake.plate import plate_files
from setpiece.media.certificates import SigningIdentity
from setpiece.media.colour import View, view, view16
from setpiece.media.credentials import Clearance
from setpiece.media.files import sha256_file
from setpiece.media.images import read_image
from setpiece.media.signing import Claim, Layer, Origin
from setpiece.production.ingest import plate_of
from setpiece.production.job import TakeResult
from setpiece.production.workspace import Workspace

Files = list[tuple[str, Path]]  # (role, path), in the order to be told
_HANDLES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every part of a handover needs."""

    take: TakeResult
    evidence: Evidence
    workspace: Workspace
    brief: Brief
    info: PlateInfo
    view: View
    provenance: Provenance

    @property
    def stem(self) -> str:
        """``sh010_comp_v001``."""
        return f"{self.take.shot}_comp_{self.take.version_name}"

    @property
    def viewer(self) -> Callable[[Rgb], Display]:
        """Display codes for stills, 8 bits."""
        return partial(view, view=self.view)

    @property
    def date(self) -> str:
        """Day of the release."""
        return self.evidence.decision.decided_at[:10]

    @property
    def comps(self) -> dict[int, Path]:
        """The comp of each frame."""
        return dict(zip(self.take.frames, self.take.comp, strict=True))

    @property
    def subtitle(self) -> str:
        """Show, frames, engine and day, in a line."""
        frames = self.take.frames
        return f"{self.brief.shot.show}   {frames.first}-{frames.last}   engine {self.take.engine}   {self.date}"


def desk_of(take: Cleared[TakeResult], workspace: Workspace, brief: Brief) -> Desk:
    """The desk of a released take."""
    info = plate_of(brief)
    shown: View = brief.deliver.view
    if shown == "auto":
        shown = "plain" if info.source_colour_space.startswith(("sRGB", "Rec.709", "Gamma", "Display")) else "aces"
    result = take.value
    return Desk(
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


def movies(desk: Desk, progress: Progress, *, lens: str = "") -> Files:
    """Review movies, as the brief asks; ``lens`` is for the slate."""
    wanted = desk.brief.deliver
    if isinstance(wanted, StillDeliver):
        return []  # a photograph does not move
    folder = desk.take.folder
    made = ReviewMovies(
        h264=folder / f"{desk.stem}_review.mp4" if wanted.h264 else None,
        prores4444=folder / f"{desk.stem}_review.mov" if wanted.prores4444 else None,
    )
    if not made.wanted():
        return []
    hero_path = desk.take.comp[len(desk.take.comp) // 2]
    hero = read_comp(hero_path)
    slate = Slate(
        show=desk.brief.shot.show,
        shot=desk.take.shot,
        version=desk.take.version_name,
        frames=desk.take.frames,
        size=(hero.shape[1], hero.shape[0]),
        lens=lens,
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
    write_review(made, pictures, rate=desk.take.frames.rate, count=len(desk.take.comp) + 24, progress=progress)
    return [(f"review movie ({codec})", path) for codec, path in made.wanted().items()]


def timeline(desk: Desk, size: tuple[int, int]) -> Path:
    """The cut as OTIO; ``size`` is the take's."""
    path = desk.take.folder / f"{desk.stem}.otio"
    write_timeline(path, cut_with_handles(desk.take.frames, handles=_HANDLES, folder="comp", size=size),
                   desk.provenance)  # fmt: skip
    return path


def report(desk: Desk, sheet: Path, files: Files, figures: Sequence[Figure], size: tuple[int, int]) -> Path:
    """The report; last, for it lists everything else."""
    path = desk.take.folder / f"{desk.stem}_report.html"
    hero = desk.viewer(read_comp(desk.take.comp[len(desk.take.comp) // 2]))
    outputs = tuple(
        Output(role=role, path=os.path.relpath(file, desk.take.folder), size=_bytes(file),
               sha256=sha256_file(file) if file.is_file() and file.suffix not in EMBEDDED else "")
        for role, file in files
    )  # fmt: skip
    told = Report(
        provenance=desk.provenance,
        frames=desk.take.frames,
        size=size,
        date=desk.date,
        plate=Path(desk.info.source).name,
        plate_sha256=desk.info.sha256,
        hero=hero,
        contact_sheet=picture(sheet),
        figures=tuple(figures),
        sections=_sections(desk.brief),
        timings_s=desk.take.timings_s,
        clearance=(desk.evidence,),
        warnings=desk.take.warnings,
        outputs=outputs,
        hashes=tuple((file.name, sha256) for file, sha256 in zip(desk.take.comp, desk.take.frame_sha256, strict=True)),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    )
    return write_report(path, told)


def signed(desk: Desk, layers: Sequence[Layer], shown: Clearance, identity: SigningIdentity, progress: Progress) -> Files:
    """Sign all that lies in the take's folder: the plate was opened, and ``layers`` say what was made and how."""
    progress.report("credentials", 0, 1)
    plate, folder = plate_files(desk.info)[0], desk.take.folder
    claim = Claim(
        title=desk.stem,
        software="Setpiece",
        version=setpiece.__version__,
        layers=tuple(layers),
        origins=(Origin(path=plate, title=Path(desk.info.source).name, opened=True),),
        clearance=shown,
    )
    sign_delivery(folder, claim, identity, shot=desk.take.shot, version=desk.take.version_name,
                  software=desk.provenance.software)  # fmt: skip
    progress.report("credentials", 1, 1, "development certificate" if identity.development else "")
    return [("manifest", folder / NAME), ("credential", folder / SIDECAR), ("seal", folder / SEAL)]


def picture(path: Path) -> Display:
    """A picture on disk as it was drawn."""
    pixels = read_image(path).pixels[..., :3]
    return (pixels * 255 + 0.5).astype("uint8")


def figures(stage: Path, known: Sequence[tuple[str, str, str]]) -> tuple[Figure, ...]:
    """The pictures that steps drew of themselves: (name under ``stage``, title, caption) of those that are there."""
    return tuple(
        Figure(title=title, caption=caption, pixels=picture(stage / name))
        for name, title, caption in known
        if (stage / name).is_file()
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
