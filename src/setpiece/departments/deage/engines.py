"""Which engine retouches a shot, and what it is asked: the brief in the engines' own terms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from setpiece.core.arrays import Rgb
from setpiece.core.clearance import Permit
from setpiece.core.errors import BriefError
from setpiece.core.faces import FaceTrack
from setpiece.departments.deage.painted import read_painted
from setpiece.departments.deage.stage import plate_reader
from setpiece.generate.engines import make_retoucher
from setpiece.generate.retouch import Keyframe, Retoucher, RetouchRequest
from setpiece.intake.brief import Brief


def keyframes_of(brief: Brief, plate: Callable[[int], Rgb]) -> tuple[Keyframe, ...]:
    """The painted keyframes of a brief, as they were taken in; ``plate`` reads its frames. Raises PlateUnreadable."""
    return tuple(
        Keyframe(frame=frame, plate=plate(frame), painted=read_painted(brief.resolve(file), plate(frame)))
        for frame, file in sorted(brief.deage.keyframes.painted)
    )


def request_of(
    engine: str, brief: Brief, plate: Path, size: tuple[int, int], face: FaceTrack, permit: Permit
) -> RetouchRequest:
    """What ``engine`` is asked for the whole shot. Raises BriefError where the brief lacks what that engine needs."""
    read = plate_reader(plate)
    keys = keyframes_of(brief, read) if engine in ("propagate", "learned") else ()
    if engine in ("propagate", "learned") and not keys:
        raise BriefError(
            f"engine '{engine}' needs painted keyframes",
            file=brief.path,
            remedy="write them with 'setpiece deage keys', paint, and take them back with 'setpiece deage take-keys'",
        )
    return RetouchRequest(
        plate=read,
        frames=brief.frames,
        size=size,
        keyframes=keys,
        face=face,
        look=look_of(engine, brief),
        seed=brief.seed,
        permit=permit,
    )


def look_of(engine: str, brief: Brief) -> object | None:
    """The engine's own value for what the brief says; None where keyframes say it all."""
    if engine == "makeup":
        return _makeup(brief)
    if engine == "learned":
        return _learned(brief)
    return _fran(brief) if engine == "fran" else None


def retoucher(engine: str, request: RetouchRequest) -> Retoucher:
    """The engine, prepared."""
    made = make_retoucher(engine)
    made.prepare(request)
    return made


def _makeup(brief: Brief) -> object:
    from setpiece.generate.engines.makeup.look import MakeupGeometry, MakeupLook, MakeupRegions

    age = brief.deage.age
    return MakeupLook(
        years=age.stops,
        regions=MakeupRegions(**age.regions.model_dump()),
        geometry=MakeupGeometry(**age.geometry.model_dump()),
        pores=age.pores,
        tone=age.tone,
    )


def _learned(brief: Brief) -> object:
    from setpiece.generate.engines.learned.engine import LearnedLook

    learn = brief.deage.learn
    if learn.model is None or learn.weights_sha256 is None:
        raise BriefError("nothing was learned on this shot yet", file=brief.path, remedy="run: setpiece deage learn")
    return LearnedLook(model=brief.resolve(learn.model), sha256=learn.weights_sha256)


def _fran(brief: Brief) -> object:
    from setpiece.generate.engines.fran.look import AgeCurve, FranLook

    fran, age = brief.deage.fran, brief.deage.age
    if fran.model is None or fran.weights_sha256 is None or fran.input_age is None:
        raise BriefError(
            "engine 'fran' needs your own model: fran.model, fran.weights_sha256 and fran.input_age",
            file=brief.path,
            remedy="state them, and register the model: setpiece clear model",
        )
    years = age.stops
    at = fran.input_age
    output = at + years[0][1] if len(years) == 1 else AgeCurve(keys=tuple((frame, at + more) for frame, more in years))
    return FranLook(model=brief.resolve(fran.model), sha256=fran.weights_sha256, input_age=at, output_age=output)
