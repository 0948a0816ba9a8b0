"""The shot as an editor's timeline: one clip over the EXR sequence, in OpenTimelineIO.

Place in the flow: after the last frame. The file names the sequence relative to itself, so the folder can be moved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from setpiece.core.errors import SetpieceError
from setpiece.core.timing import FrameRange
from setpiece.deliver.frames import Provenance
from setpiece.media.files import write_text

SCHEMA = "setpiece.timeline/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What stands on the timeline. ``available`` is what the EXRs hold, handles included; ``cut`` is what the editor
    sees; ``folder`` is where the EXRs lie, relative to the timeline file."""

    available: FrameRange
    cut: FrameRange
    folder: str
    size: tuple[int, int]

    def handles(self) -> tuple[int, int]:
        """Frames before and after the cut."""
        return self.cut.first - self.available.first, self.available.last - self.cut.last


def cut_with_handles(frames: FrameRange, *, handles: int, folder: str, size: tuple[int, int]) -> Cut:
    """The cut inside rendered ``frames`` with ``handles`` at either end, fewer where the shot is too short for them."""
    handles = max(0, min(handles, (len(frames) - 1) // 2))
    inner = FrameRange(first=frames.first + handles, last=frames.last - handles, rate=frames.rate)
    return Cut(available=frames, cut=inner, folder=folder, size=size)


def write_timeline(path: Path, cut: Cut, provenance: Provenance) -> Path:
    """Write ``path`` (.otio). Raises :class:`OutputFailed`."""
    import opentimelineio as otio

    rate = float(cut.available.rate)

    def span(frames: FrameRange) -> Any:
        time = otio.opentime
        return time.TimeRange(time.RationalTime(frames.first, rate), time.RationalTime(len(frames), rate))

    reference = otio.schema.ImageSequenceReference(
        target_url_base=cut.folder.rstrip("/") + "/",
        name_prefix=f"{provenance.shot}_comp_{provenance.version}.",
        name_suffix=".exr",
        start_frame=cut.available.first,
        frame_step=1,
        rate=rate,
        frame_zero_padding=4,
        missing_frame_policy=otio.schema.ImageSequenceReference.MissingFramePolicy.error,
        available_range=span(cut.available),
    )
    clip = otio.schema.Clip(
        name=f"{provenance.shot}_{provenance.version}",
        media_reference=reference,
        source_range=span(cut.cut),
        metadata={"setpiece": _metadata(cut, provenance)},
    )
    track = otio.schema.Track(name=provenance.shot, kind=otio.schema.TrackKind.Video, children=[clip])
    timeline = otio.schema.Timeline(
        name=f"{provenance.show} {provenance.shot}".strip(),
        global_start_time=otio.opentime.RationalTime(cut.cut.first, rate),
    )
    timeline.tracks.append(track)
    write_text(path, otio.adapters.write_to_string(timeline, "otio_json") + "\n")
    return path


def write_stills(path: Path, stills: Sequence[tuple[str, str]], facts: Mapping[str, str], *, seconds: float = 4.0) -> Path:
    """Write pictures (name, path relative to ``path``) as a timeline (.otio), one after the other, each ``seconds`` long at 24
    frames a second; ``facts`` stand in its metadata. Raises :class:`OutputFailed`."""
    import opentimelineio as otio

    span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(round(24 * seconds), 24))
    clips = [
        otio.schema.Clip(
            name=name,
            media_reference=otio.schema.ExternalReference(target_url=file, available_range=span),
            source_range=span,
        )
        for name, file in stills
    ]
    timeline = otio.schema.Timeline(name=" ".join(facts.get(key, "") for key in ("show", "shot", "version")).strip())
    timeline.metadata["setpiece"] = dict(facts)
    timeline.tracks.append(otio.schema.Track(name="boards", kind=otio.schema.TrackKind.Video, children=clips))
    write_text(path, otio.adapters.write_to_string(timeline, "otio_json") + "\n")
    return path


def _metadata(cut: Cut, provenance: Provenance) -> dict[str, Any]:
    before, after = cut.handles()
    return {
        "schema": SCHEMA,
        "show": provenance.show,
        "shot": provenance.shot,
        "version": provenance.version,
        "engine": provenance.engine,
        "seed": str(provenance.seed),
        "rate": str(cut.available.rate),  # exact, where the format has room for a float only
        "handles": [before, after],
        "size": list(cut.size),
        "colour_space": "ACEScg",
        "brief_sha256": provenance.brief_sha256,
        "clearance_sha256": provenance.clearance_sha256,
        "mark": provenance.mark,
        "software": provenance.software,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTimeline:
    """What a timeline of ours says: the cut, the file of every frame, and its origin."""

    cut: Cut
    files: Mapping[int, str]
    metadata: Mapping[str, Any]


def read_timeline(path: Path) -> ReadTimeline:
    """Read a timeline back. Raises :class:`SetpieceError` where it is absent, damaged or not one of ours."""
    import opentimelineio as otio

    try:
        text = path.read_text(encoding="utf-8")
        _check_shape(json.loads(text))
        timeline = otio.adapters.read_from_string(text, "otio_json")
        clip = timeline.find_clips()[0]
        reference, metadata = clip.media_reference, dict(clip.metadata["setpiece"])
        rate = Fraction(metadata["rate"])
        available, source = _frames(reference.available_range, rate), _frames(clip.source_range, rate)
        cut = Cut(
            available=available,
            cut=source,
            folder=reference.target_url_base.rstrip("/"),
            size=(int(metadata["size"][0]), int(metadata["size"][1])),
        )
        numbers = range(reference.number_of_images_in_sequence())
        files = {available.first + k: reference.target_url_for_image_number(k) for k in numbers}
    except OSError as error:
        raise SetpieceError(f"cannot be read: {error.strerror}", file=path, remedy="deliver the shot again") from error
    except (otio.exceptions.OTIOError, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise SetpieceError(
            f"is not a timeline of ours ({type(error).__name__})", file=path, remedy="deliver the shot again"
        ) from error
    return ReadTimeline(cut=cut, files=files, metadata=metadata)


def _check_shape(document: Any) -> None:
    """Timeline, tracks, track, clip: looked at before the library is let in, which does not survive their absence."""
    track = document["tracks"]["children"][0]
    clip = track["children"][0]
    parts = {"Timeline": document, "Stack": document["tracks"], "Track": track, "Clip": clip}
    for schema, part in parts.items():
        if not str(part["OTIO_SCHEMA"]).startswith(schema + "."):
            raise ValueError(f"no {schema}")


def _frames(span: Any, rate: Fraction) -> FrameRange:
    first = round(span.start_time.value)
    return FrameRange(first=first, last=first + round(span.duration.value) - 1, rate=rate)
