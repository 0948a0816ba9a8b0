"""The plate that a brief names, and the declaration that it makes, as values for the other rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from setpiece.clearance.use import Declaration, PersonUse
from setpiece.core.errors import BriefError, PlateUnreadable
from setpiece.core.pictures import PlateInfo
from setpiece.core.timing import FrameRange, exact_rate
from setpiece.intake.brief import Brief
from setpiece.intake.finish_schema import FINISHERS
from setpiece.intake.plate import probe_plate
from setpiece.intake.schema import DeclarationSection
from setpiece.media.files import read_json, sha256_file
from setpiece.production.finishing import weights_used


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


def healed_note(plate_folder: Path) -> str:
    """What was wrong with the plate's pixels and was healed, in words; "" where nothing was."""
    healed: dict[str, int] = read_json(plate_folder / "healed.json")
    if not healed:
        return ""
    frames = "frame " + next(iter(healed)) if len(healed) == 1 else f"{len(healed)} frames, first {min(healed, key=int)}"
    return f"{sum(healed.values())} pixels of the plate were NaN or infinite and took their neighbours' colour ({frames})"


def files_of(brief: Brief) -> tuple[tuple[str, str], ...]:
    """(dotted name, SHA-256) of each file that a brief names beside the plate. Raises PlateUnreadable."""
    return tuple((name, sha256_file(brief.resolve(path))) for name, path in brief.document.files())


def person_of(brief: Brief, today: date) -> PersonUse | None:
    """The performer whose likeness a de-ageing shot changes, as its brief states the use; None for other shots.

    Nobody stated is somebody missing: the gates refuse it.
    """
    if brief.department != "deage":
        return None
    who, age = brief.deage.performer, brief.deage.age
    return PersonUse(
        performer=who.id or "",
        kind="reage",
        role=who.role,
        scene=who.scene,
        media=who.media,
        territories=who.territories,
        language=who.language,
        portrayed_age=who.portrayed_age,
        day=who.day or today,
        content=who.content,
        alteration=f"re-aged by {', '.join(f'{years:+g}' for _, years in age.stops)} years",
    )


def models_of(brief: Brief, engine: str, register: Callable[[], Mapping[str, str]]) -> tuple[str, ...]:
    """The weights, by hash, that ``engine`` would run for a brief; one that is not stated, or that ``register`` (name to
    hash) does not know, is "": the gate refuses it."""
    if engine in FINISHERS:
        return weights_used(brief, engine, register)
    if brief.department != "deage" or engine not in ("learned", "fran"):
        return ()
    stated = brief.deage.learn.weights_sha256 if engine == "learned" else brief.deage.fran.weights_sha256
    return (stated or "",)


def declaration_of(brief: Brief) -> Declaration | None:
    """What the brief declares, in the terms of the gates; None where it has no declaration."""
    return declared(brief.declaration)


def declared(section: DeclarationSection | None) -> Declaration | None:
    """A brief's declaration in the terms of the gates; None where it has none."""
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
