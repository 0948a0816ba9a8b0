"""The plate that a brief names, and the declaration that it makes, as values for the other rooms."""

from __future__ import annotations

from dataclasses import replace

from setpiece.clearance.use import Declaration
from setpiece.core.errors import BriefError, PlateUnreadable
from setpiece.core.pictures import PlateInfo
from setpiece.core.timing import FrameRange, exact_rate
from setpiece.intake.brief import Brief
from setpiece.intake.plate import probe_plate
from setpiece.media.files import sha256_file


def plate_of(brief: Brief) -> PlateInfo:
    """The plate of a brief, over the frames of the shot, checked against the hash in the brief.

    Raises PlateUnreadable where it is absent, damaged or another plate than the brief was written for, BriefError
    where the shot asks for frames that the plate does not have.
    """
    stated, plate = brief.stated().plate, brief.plate
    info = probe_plate(
        brief.resolve(plate.path),
        first_frame=plate.first_frame,
        rate=None if stated.rate is None else exact_rate(stated.rate),
        colour_space=stated.colour_space,
        focal_px=stated.focal_px,
        focal_mm=stated.focal_mm_35,
    )
    if plate.sha256 is not None and plate.sha256 != info.sha256:
        raise PlateUnreadable(
            "is not the plate that the brief was written for (plate.sha256 differs)",
            file=info.source,
            remedy="put the right plate back, or set plate.sha256: auto and look at every inferred value again",
        )
    wanted = FrameRange(first=plate.first_frame, last=plate.last_frame, rate=info.frames.rate)
    if not info.still and (wanted.first not in info.frames or wanted.last not in info.frames):
        raise BriefError(
            f"the shot is {wanted.first}-{wanted.last} but the plate has {info.frames.first}-{info.frames.last}",
            file=brief.path,
            remedy="set plate.first_frame and plate.last_frame within the plate",
        )
    return replace(info, frames=wanted)


def files_of(brief: Brief) -> tuple[tuple[str, str], ...]:
    """(dotted name, SHA-256) of each picture that a brief names beside the plate. Raises PlateUnreadable."""
    named = (("matte.file", brief.matte.file), ("matte.holdout", brief.matte.holdout))
    return tuple((name, sha256_file(brief.resolve(path))) for name, path in named if path is not None)


def declaration_of(brief: Brief) -> Declaration | None:
    """What the brief declares, in the terms of the gates; None where it has no declaration."""
    section = brief.declaration
    if section is None:
        return None
    answers = section.principles.model_dump(exclude_none=True)
    return Declaration(
        purpose=section.purpose,
        final=section.final,
        prominence=section.prominence,
        requester=section.requester,
        answers=tuple(answers.items()),
        real_event=section.real_event,
        union_work_displaced=section.union_work_displaced,
        notes=section.notes,
    )
