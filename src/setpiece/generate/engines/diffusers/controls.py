"""Our passes in the layout, polarity and range of each family; sizes filled up by reflection and cut back.

All pictures are display-referred float32 arrays (t, h, w, 3) in 0..1, masks (t, h, w) with 1 where new pixels are
wanted. Nothing is rounded to 8 bit, save reference pictures where the library takes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.errors import CapabilityMissing, PlateUnreadable, StageError
from setpiece.generate.engines.diffusers.families import Family
from setpiece.generate.engines.diffusers.transform import Look, seen
from setpiece.generate.engines.diffusers.windows import padded_frames
from setpiece.generate.finish import Control, ControlKind, FinishRequest, Locked

Clip = Float32[np.ndarray, "t h w 3"]
Planes = Float32[np.ndarray, "t h w"]
_WHEEL = ((15, (1, 0, 0)), (6, (1, 1, 0)), (4, (0, 1, 0)), (11, (0, 1, 1)), (13, (0, 0, 1)), (6, (1, 0, 1)))
_GREY = 0.5  # what a model is shown where it shall paint and no pass tells it what


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything that a model is shown of a shot, of a size and a count of frames that it takes.

    ``frames`` are the frames asked for or locked, ascending without a gap; ``plate`` (t, h, w, 3), locked frames in their
    place; ``mask`` (t, h, w) 0 or 1; ``controls`` by kind; ``locked`` positions in ``frames``; ``size`` (width, height) as
    asked for, before filling up; ``mask_paints`` as the family's row.
    """

    frames: tuple[int, ...]
    plate: Clip
    mask: Planes
    controls: Mapping[ControlKind, Clip]
    weights: Mapping[ControlKind, float]
    locked: Mapping[int, Locked]
    size: tuple[int, int]
    mask_paints: bool = True

    @property
    def told_mask(self) -> Planes:
        """The mask in the polarity of the model's library."""
        return self.mask if self.mask_paints else 1 - self.mask

    @property
    def filled(self) -> tuple[int, int]:
        """(width, height) as the model sees it."""
        return self.plate.shape[2], self.plate.shape[1]


def check_layout(family: Family, request: FinishRequest) -> None:
    """Raise :class:`CapabilityMissing` for combinations that the family has no place for."""
    steering = [control.kind for control in request.controls if control.kind != "mask"]
    if family.one_control and len(steering) > 1:
        raise CapabilityMissing(
            f"{steering[0]} and {steering[1]} together", engine="diffusers", remedy=f"{family.title} takes one pass: choose it"
        )
    if family.needs_control and not steering:
        raise CapabilityMissing(
            "no control", engine="diffusers", remedy=f"{family.title} is steered by one of: {', '.join(family.controls)}"
        )
    for control in request.controls:
        if control.weight != 1.0 and (control.kind == "mask" or not family.weighted):
            raise CapabilityMissing(f"{control.kind} with weight {control.weight}", engine="diffusers")
    if request.locked:
        frames = span_of(request)
        later = [item.frame for item in request.locked if item.frame != frames[0]]
        if family.name == "cogvideox-image" and later:
            raise CapabilityMissing(
                f"locked frame {later[0]}", engine="diffusers",
                remedy="CogVideoX starts from one picture: lock the frame before the range only, or use wan-vace",
            )  # fmt: skip


def check_terms(family: Family, request: FinishRequest) -> None:
    """Raise for numbers that would leave a field without effect: nothing asked for is silently dropped."""
    guidance = family.guidance if request.guidance is None else request.guidance
    if request.negative and guidance <= 1.0:
        raise CapabilityMissing(
            f"negative at a guidance of {guidance}", engine="diffusers", remedy="raise the guidance above 1, or drop it"
        )
    if request.strength < 1.0 and int((request.steps or family.steps) * request.strength) < 1:
        raise StageError(
            f"a strength of {request.strength} leaves no step of denoising", remedy="raise the strength or the steps"
        )


def span_of(request: FinishRequest) -> tuple[int, ...]:
    """The frames asked for with the locked ones around them, without a gap.

    Raises :class:`StageError` naming the first frame between that nobody gave.
    """
    asked, locked = set(request.frames), {item.frame for item in request.locked}
    whole = range(min(asked | locked), max(asked | locked) + 1)
    for frame in whole:
        if frame not in asked and frame not in locked:
            raise StageError(
                "lies between the range and a locked frame, and is neither", frame=frame, remedy="lock the neighbours only"
            )
    return tuple(whole)


def shown_to(family: Family, request: FinishRequest, frames: tuple[int, ...], look: Look) -> Shown:
    """Gather and lay out everything for ``frames`` of ``request``. Raises :class:`PlateUnreadable` for a picture of another
    size or one that is not finite."""
    locked = {item.frame: item for item in request.locked}
    by_kind = {control.kind: control for control in request.controls}
    plate = np.stack([_plate(request, frame, locked, look) for frame in frames])
    mask = np.stack([_mask(request, frame, locked, by_kind.get("mask")) for frame in frames])
    controls: dict[ControlKind, Clip] = {}
    for kind, control in by_kind.items():
        if kind != "mask":
            pictures = [_control(request, control, frame, locked) for frame in frames]
            clip = np.stack([seen(picture) for picture in pictures])
            controls[kind] = flow_wheel(clip) if kind == "flow" else clip
    count = padded_frames(len(frames), family.temporal)

    def fit(clip: np.ndarray) -> np.ndarray:
        return held(fill(clip, family.multiple), count)

    return Shown(
        frames=frames,
        plate=fit(plate),
        mask=fit(mask),
        controls={kind: fit(clip) for kind, clip in controls.items()},
        weights={kind: by_kind[kind].weight for kind in controls},
        locked={frames.index(frame): item for frame, item in locked.items() if frame in frames},
        size=request.size,
        mask_paints=family.mask_paints,
    )


def fill(clip: np.ndarray, multiple: int) -> np.ndarray:
    """Width and height (axes 1 and 2) filled up to ``multiple`` on the right and at the bottom by reflection; undone by
    cutting ``[:, :h, :w]``."""
    below, right = -clip.shape[1] % multiple, -clip.shape[2] % multiple
    pads = [(0, 0), (0, below), (0, right), *[(0, 0)] * (clip.ndim - 3)]
    mode = "reflect" if min(clip.shape[1:3]) > 1 else "edge"
    return np.pad(clip, pads, mode=mode)  # type: ignore[call-overload]


def held(clip: np.ndarray, count: int) -> np.ndarray:
    """``clip`` filled up to ``count`` frames by holding the last."""
    return np.concatenate([clip, np.repeat(clip[-1:], count - len(clip), axis=0)]) if len(clip) < count else clip


def vace(shown: Shown) -> tuple[Clip, Planes]:
    """(video, mask) of Wan VACE: mask 1 means new pixels; there the video shows the pass (grey without one), elsewhere
    the plate. The library makes the kept and the changing video of the two."""
    steering = next(iter(shown.controls.values()), np.full_like(shown.plate, _GREY))
    paint = shown.mask[..., None] > 0.5
    return np.where(paint, steering, shown.plate).astype(np.float32), shown.told_mask


def flow_wheel(clip: Clip) -> Clip:
    """Our flow pictures (hue is direction with right red and down yellow-green, value is length) as the colour wheel that
    flow-steered models were trained on: still is white, saturation is length over the longest of the shot.

    The wheel's six arcs are those of Baker et al., "A Database and Evaluation Methodology for Optical Flow", 2007.
    """
    value = clip.max(axis=3)
    least = clip.min(axis=3)
    spread = np.where(value > least, value - least, 1.0)
    r, g, b = (clip[..., c] for c in range(3))
    hue = (
        np.where(value == r, (g - b) / spread % 6.0, np.where(value == g, (b - r) / spread + 2.0, (r - g) / spread + 4.0)) / 6.0
    )
    colour = _wheel_colour(hue)
    longest = float(value.max())
    saturation = (value / longest if longest > 0 else value)[..., None]
    return np.asarray(1.0 - saturation * (1.0 - colour), np.float32)


def _wheel_colour(turn: np.ndarray) -> np.ndarray:
    """The wheel's colour at ``turn`` 0..1 of a full turn, from red."""
    stops = np.cumsum([0, *(arc for arc, _ in _WHEEL)]) / sum(arc for arc, _ in _WHEEL)
    colours = np.array([*(colour for _, colour in _WHEEL), _WHEEL[0][1]], np.float64)
    return np.stack([np.interp(turn, stops, colours[:, c]) for c in range(3)], axis=-1)


def _plate(request: FinishRequest, frame: int, locked: Mapping[int, Locked], look: Look) -> Rgb:
    picture = locked[frame].picture if frame in locked else request.plate(frame)
    return seen(look.to_model(_fitting(picture, request, frame, "plate")))


def _mask(request: FinishRequest, frame: int, locked: Mapping[int, Locked], control: Control | None) -> Plane:
    """1 where new pixels are wanted: the mask pass where there is one, else the matte; nothing of a locked frame."""
    width, height = request.size
    if frame in locked:
        return np.zeros((height, width), np.float32)
    plane = request.matte(frame) if control is None else control.picture(frame).max(axis=2)
    return (_fitting(plane, request, frame, "matte") > 0.0 if control is None else plane > 0.5).astype(np.float32)


def _control(request: FinishRequest, control: Control, frame: int, locked: Mapping[int, Locked]) -> Rgb:
    if frame in locked and frame not in request.frames:  # no pass was made of it, and no model looks there
        return np.zeros((request.size[1], request.size[0], 3), np.float32)
    return _fitting(control.picture(frame), request, frame, control.kind)


def _fitting(picture: np.ndarray, request: FinishRequest, frame: int, name: str) -> np.ndarray:
    size = (picture.shape[1], picture.shape[0])
    if size != request.size:
        raise PlateUnreadable(
            f"the {name} is {size[0]}x{size[1]}, asked for is {request.size[0]}x{request.size[1]}", frame=frame,
            remedy="make all passes of one size",
        )  # fmt: skip
    if not np.isfinite(picture).all():
        raise PlateUnreadable(f"the {name} holds NaN or infinity", frame=frame, remedy="heal the plate or the pass")
    return picture
