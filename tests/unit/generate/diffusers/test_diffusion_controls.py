"""Our passes in each family's layout: polarity, range, size, and what has no place is refused by name."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tiny_models import engine_of, request_of

from setpiece.core.errors import CapabilityMissing, PlateUnreadable, StageError
from setpiece.core.progress import Silent
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.diffusers.controls import check_layout, fill, flow_wheel, held, shown_to, span_of, vace
from setpiece.generate.engines.diffusers.families import FAMILIES
from setpiece.generate.engines.diffusers.transform import Look
from setpiece.generate.finish import Control, FinishRequest, Locked

WAN = FAMILIES["wan-vace"]
Models = Callable[[str], Path]


def _request(*, size: tuple[int, int] = (20, 12), frames: int = 3, **more: object) -> FinishRequest:
    width, height = size
    matte = np.zeros((height, width), np.float32)
    matte[4:8, 5:10] = 0.25  # a soft matte counts in full: integration fades the pixels
    told = {
        "plate": lambda frame: np.full((height, width, 3), 0.18, np.float32),
        "matte": lambda frame: matte,
        "frames": FrameRange(first=1001, last=1000 + frames, rate=Fraction(24)),
        "size": size,
        "controls": (Control(kind="depth", picture=lambda frame: np.full((height, width, 3), 0.75, np.float32)),),
        "prompt": "",
    }
    return FinishRequest(**(told | more))  # type: ignore[arg-type]


def test_vace_is_shown_the_pass_where_it_paints_and_the_plate_elsewhere_and_one_means_new() -> None:
    request = _request()
    shown = shown_to(WAN, request, span_of(request), Look())
    video, mask = vace(shown)
    assert mask[0, 5, 6] == 1 and mask[0, 0, 0] == 0
    assert video[0, 5, 6, 0] == pytest.approx(0.75)
    np.testing.assert_array_equal(video[0, 0, 0], shown.plate[0, 0, 0])


def test_a_library_whose_mask_means_keep_is_told_the_opposite() -> None:
    request = _request()
    shown = shown_to(replace(WAN, mask_paints=False), request, span_of(request), Look())
    video, told = vace(shown)
    np.testing.assert_array_equal(told, 1 - shown.mask)
    assert video[0, 5, 6, 0] == pytest.approx(0.75)


def test_vace_is_shown_middle_grey_where_no_pass_tells_it_what() -> None:
    request = _request(controls=())
    video, mask = vace(shown_to(WAN, request, span_of(request), Look()))
    assert (video[mask > 0.5] == 0.5).all()


def test_a_mask_pass_takes_the_place_of_the_matte() -> None:
    picture = np.zeros((12, 20, 3), np.float32)
    picture[:, :3] = 1
    request = _request(controls=(Control(kind="mask", picture=lambda frame: picture),))
    _, mask = vace(shown_to(WAN, request, span_of(request), Look()))
    assert mask[0, :12, :3].all() and not mask[0, :12, 3:17].any()


def test_a_locked_frame_stands_in_the_video_and_none_of_it_is_painted() -> None:
    lock = Locked(frame=1002, picture=np.full((12, 20, 3), 0.5, np.float32))
    request = _request(locked=(lock,))
    shown = shown_to(WAN, request, span_of(request), Look())
    video, mask = vace(shown)
    assert not mask[1].any() and mask[0].any()
    np.testing.assert_allclose(video[1, :12, :20], Look().to_model(lock.picture), atol=1e-6)


def test_time_and_size_are_filled_up_by_holding_and_reflecting() -> None:
    request = _request(frames=3)
    shown = shown_to(WAN, request, span_of(request), Look())
    assert shown.plate.shape == (5, 16, 32, 3) and shown.filled == (32, 16) and shown.size == (20, 12)
    np.testing.assert_array_equal(shown.plate[3], shown.plate[2])
    clip = np.arange(2 * 3 * 5, dtype=np.float32).reshape(2, 3, 5)
    filled = fill(clip, 4)
    np.testing.assert_array_equal(filled[:, :3, :5], clip)
    np.testing.assert_array_equal(filled[:, :3, 5:], clip[:, :, 3:0:-1])
    assert fill(np.ones((1, 1, 1)), 8).shape == (1, 8, 8) and held(clip, 2) is clip


def test_flow_becomes_the_wheel_that_models_know() -> None:
    def ours(angle_deg: float, length: float) -> tuple[float, float, float]:
        return colorsys.hsv_to_rgb((angle_deg / 360) % 1, 1.0, length)

    clip = np.array([[[ours(0, 0.5), ours(0, 0.0), ours(0, 0.25), ours(90, 0.5), ours(180, 0.5)]]], np.float32)
    right, still, half, down, left = flow_wheel(clip)[0, 0]
    np.testing.assert_allclose(right, [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(still, [1, 1, 1], atol=1e-6)  # stillness is white there, black with us
    np.testing.assert_allclose(half, [1, 0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(down, [1, 13.75 / 15, 0], atol=1e-6)
    assert left[0] == 0 and left[2] == 1 and left[1] > 0.5


def test_two_passes_at_once_are_refused_where_there_is_room_for_one() -> None:
    picture = np.zeros((12, 20, 3), np.float32)
    both = tuple(Control(kind=kind, picture=lambda frame: picture) for kind in ("depth", "flow"))
    with pytest.raises(CapabilityMissing, match="depth and flow together"):
        check_layout(WAN, _request(controls=both))


def test_a_weight_that_the_library_cannot_take_is_refused() -> None:
    control = Control(kind="depth", picture=lambda frame: np.zeros((12, 20, 3), np.float32), weight=0.5)
    check_layout(WAN, _request(controls=(control,)))
    with pytest.raises(CapabilityMissing, match="weight"):
        check_layout(FAMILIES["cogvideox-control"], _request(controls=(control,)))


def test_a_gap_between_range_and_lock_is_refused_by_its_frame() -> None:
    lock = Locked(frame=1006, picture=np.zeros((12, 20, 3), np.float32))
    with pytest.raises(StageError, match="frame 1004: lies between"):
        span_of(_request(frames=3, locked=(lock,)))


def test_pictures_of_another_size_or_with_nan_are_refused_by_frame() -> None:
    small = _request(plate=lambda frame: np.zeros((4, 4, 3), np.float32))
    with pytest.raises(PlateUnreadable, match="frame 1001: the plate is 4x4"):
        shown_to(WAN, small, span_of(small), Look())
    ill = _request(plate=lambda frame: np.full((12, 20, 3), np.nan, np.float32))
    with pytest.raises(PlateUnreadable, match=r"frame 1001.*NaN"):
        shown_to(WAN, ill, span_of(ill), Look())


FIELDS = {
    "references": {"references": (np.zeros((8, 8, 3), np.float32),)},
    "negative": {"negative": "dust"},
    "strength": {"strength": 0.5},
    "locked": {"locked": (Locked(frame=1000, picture=np.zeros((20, 36, 3), np.float32)),)},
}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_field_that_a_family_lacks_is_refused_by_name_before_anything_is_loaded(model: Models, family: str) -> None:
    engine = engine_of(model(family), family)
    for name in ("depth", "normal", "flow", "line", "grey", "mask", *FIELDS):
        if name in engine.capabilities():
            continue
        picture = np.zeros((20, 36, 3), np.float32)
        more = FIELDS.get(name) or {"controls": (Control(kind=name, picture=lambda frame, picture=picture: picture),)}  # type: ignore[arg-type]
        with pytest.raises(CapabilityMissing, match=f"'{name}'"):
            engine.finish(request_of(engine, family, **more), Silent())
    assert engine.used is None


def test_a_negative_prompt_without_guidance_is_refused_not_dropped(model: Models) -> None:
    engine = engine_of(model("wan-vace"), "wan-vace")
    with pytest.raises(CapabilityMissing, match="negative at a guidance"):
        engine.finish(request_of(engine, "wan-vace", negative="dust", guidance=1.0), Silent())


def test_a_strength_that_leaves_no_step_is_refused(model: Models) -> None:
    engine = engine_of(model("ltx-video"), "ltx-video")
    with pytest.raises(StageError, match="leaves no step"):
        engine.finish(request_of(engine, "ltx-video", strength=0.1), Silent())


def test_stills_are_told_in_the_range_and_polarity_that_their_pipeline_takes() -> None:
    from setpiece.generate.engines.diffusers import still

    picture = np.zeros((12, 20, 3), np.float32)
    picture[:6] = 1.0
    request = _request(frames=1, controls=(Control(kind="depth", picture=lambda frame: picture, weight=0.5),))
    told = {}
    for name in ("sdxl", "qwen-image-control", "qwen-image-inpaint"):
        shown = shown_to(FAMILIES[name], request, span_of(request), Look())
        told[name] = still._CALLS[name](None, shown, request, 4.0, Look())
    assert told["sdxl"]["control_image"][0, 0, :12, 0].tolist() == [1.0] * 6 + [0.0] * 6  # 0..1 there,
    assert told["qwen-image-control"]["control_image"][0, 0, :12, 0].tolist() == [1.0] * 6 + [-1.0] * 6  # -1..1 here
    grey = Look().to_model(np.full((1, 1, 3), 0.18, np.float32))[0, 0, 0]
    assert float(told["qwen-image-inpaint"]["control_image"][0, 0, 0, 0]) == pytest.approx(2 * grey - 1)
    assert float(told["sdxl"]["image"][0, 0, 0, 0]) == pytest.approx(grey)
    for mask in (told["sdxl"]["mask_image"], told["qwen-image-inpaint"]["control_mask"]):
        assert mask[0, 0, 5, 6] == 1 and mask[0, 0, 0, 0] == 0
    assert told["sdxl"]["controlnet_conditioning_scale"] == told["qwen-image-control"]["controlnet_conditioning_scale"] == 0.5
