"""A retouch is laid in where it holds and nowhere else, and the grain stays the plate's."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.core.plate_grain import CLIP, RADIUS_PX, REACH_PX, part_grain
from setpiece.core.retouch import Delta
from setpiece.integrate.retouch import apply_delta, layers

BOX = (30, 20, 110, 90)


def plate(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((120, 160, 3)) * 3).astype(np.float32)  # below black and far above white


def delta(gain: float = -1.0, *, warp: float | None = None, grain: tuple[float, float] | None = (0.0, 0.0)) -> Delta:
    width, height = BOX[2] - BOX[0], BOX[3] - BOX[1]
    y, x = np.mgrid[:height, :width]
    alpha = np.clip((30 - np.hypot(x - width / 2, y - height / 2)) / 8, 0, 1).astype(np.float32)
    return Delta(
        frame=1001,
        box=BOX,
        gain_stops=np.full((height, width, 3), gain, np.float32),
        alpha=alpha,
        confidence=np.ones_like(alpha),
        warp=None if warp is None else np.full((height, width, 2), warp, np.float32),
        uv=np.full((height, width, 2), np.nan, np.float32),
        grain=grain,
    )


def full(alpha: np.ndarray) -> np.ndarray:
    whole = np.zeros((120, 160), np.float32)
    whole[BOX[1] : BOX[3], BOX[0] : BOX[2]] = alpha
    return whole


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("warp", [None, 2.3])
@pytest.mark.parametrize("grain", [None, (0.0, 0.0), (1e-3, 1e-2)])
def test_outside_of_the_matte_every_bit_is_the_plates(seed, warp, grain):
    shot = plate(seed)
    retouch = delta(warp=warp, grain=grain)
    comp = apply_delta(shot, retouch)
    outside = full(retouch.alpha) == 0
    assert comp[outside].tobytes() == shot[outside].tobytes()
    assert np.isfinite(comp).all()
    assert (comp[full(retouch.alpha) == 1] != shot[full(retouch.alpha) == 1]).any()


def test_strength_nought_is_the_plate_to_the_bit_and_half_is_half_in_stops():
    shot = np.abs(plate()) + 0.1
    assert apply_delta(shot, delta(), strength=0.0).tobytes() == shot.tobytes()
    inside = full(delta().alpha) == 1
    half = apply_delta(shot, delta(-1.0), strength=0.5)[inside]
    assert np.allclose(half, apply_delta(shot, delta(-0.5))[inside], rtol=1e-5)


def test_a_gain_of_one_stop_doubles_light_beside_the_offset():
    shot = np.full((120, 160, 3), 0.4, np.float32)
    comp = apply_delta(shot, delta(1.0))
    assert np.allclose(comp[55, 70], 2 * (0.4 + 0.02) - 0.02, atol=1e-6)


def grainy(level: float = 0.3, slope: float = 2e-4, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.standard_normal((120, 160, 3)).astype(np.float32), (0, 0), 0.5)
    return (level + noise / noise.std() * np.sqrt(slope * level)).astype(np.float32)


@pytest.mark.parametrize("grain", [None, (0.0, 2e-4)], ids=["measured", "known"])
@pytest.mark.parametrize("gain", [-0.6, 0.6])
def test_a_gain_leaves_the_grain_at_the_plates_level(grain, gain):
    shot = grainy()
    retouch = delta(gain, grain=grain)
    inside = full(retouch.alpha) == 1
    comp = apply_delta(shot, retouch)
    assert abs(comp[inside].std() / shot[inside].std() - 1) < 0.10


def test_a_warp_leaves_the_grain_at_the_plates_level():
    shot = grainy()
    retouch = delta(0.0, warp=0.5, grain=(0.0, 2e-4))
    inside = full(retouch.alpha) == 1
    assert abs(apply_delta(shot, retouch)[inside].std() / shot[inside].std() - 1) < 0.10
    smeared = apply_delta(shot, delta(0.0, warp=0.5))
    assert smeared[inside].std() < 0.9 * shot[inside].std()


def test_as_much_of_the_plates_grain_is_put_back_as_is_asked_for():
    shot = grainy()
    retouch = delta(0.0, grain=(0.0, 2e-4))
    inside, outside = full(retouch.alpha) == 1, full(retouch.alpha) == 0
    left = {share: apply_delta(shot, retouch, grain=share) for share in (0.0, 0.5, 1.0)}
    assert left[1.0].tobytes() == apply_delta(shot, retouch).tobytes()
    noise = [float((picture - cv2.GaussianBlur(shot, (0, 0), 4))[inside].std()) for picture in left.values()]
    assert noise[0] < 0.4 * noise[2]
    assert np.allclose(left[0.5], (left[0.0] + left[1.0]) / 2, atol=1e-6)
    assert all(picture[outside].tobytes() == shot[outside].tobytes() for picture in left.values())


def test_parted_grain_and_picture_add_up_to_the_plate_and_no_grain_is_stronger_than_it_can_be():
    shot = np.abs(plate())
    picture, grain = part_grain(shot, (1e-4, 1e-3))
    assert np.allclose(picture + grain, shot, atol=1e-5)
    level = np.maximum(cv2.GaussianBlur(shot, (0, 0), RADIUS_PX, borderType=cv2.BORDER_REFLECT), 0)
    assert (np.abs(grain) <= CLIP * np.sqrt(1e-4 + 1e-3 * level) * 1.0001).all()
    assert np.abs(grain).max() > 0.01


def test_an_edge_is_no_grain_and_moves_with_the_picture():
    shot = grainy(0.01)
    shot[:, 80:] = grainy(0.8)[:, 80:]
    grain = part_grain(shot, (0.0, 2e-4))[1]
    dark, bright = np.s_[:, 76:79], np.s_[:, 81:84]
    assert np.abs(grain[dark]).mean() < 3 * np.sqrt(2e-4 * 0.01)
    assert np.abs(grain[bright]).mean() < 3 * np.sqrt(2e-4 * 0.8)
    comp = apply_delta(shot, delta(0.0, warp=2.0, grain=(0.0, 2e-4)))
    assert comp[30:80, 70:76].min() > -0.02


def test_beside_an_edge_that_stays_grain_is_not_graded_and_beside_one_that_moves_it_goes_along():
    edge = np.full((120, 160, 3), 0.2, np.float32)
    edge[:, 80:] = 0.8
    shot = cv2.GaussianBlur(edge, (0, 0), 1.0) + grainy(0.2) - np.float32(0.2)
    rows, beside = slice(35, 75), slice(73, 76)
    spread = {}
    for name, warp in (("plate", None), ("still", 0.0), ("moved", 1.0)):
        retouch = replace(delta(1.0, warp=warp, grain=(0.0, 2e-4)), alpha=np.ones((70, 80), np.float32))
        picture = (shot if name == "plate" else apply_delta(shot, retouch))[rows, beside]
        spread[name] = float((picture - picture.mean(0)).std())
    assert spread["still"] < 1.3 * spread["plate"]
    assert spread["moved"] > 1.7 * spread["plate"]


def test_grain_does_not_depend_on_what_is_further_than_its_reach():
    shot, at = plate(), (slice(30, 70), slice(50, 90))
    around = tuple(slice(s.start - REACH_PX, s.stop + REACH_PX) for s in at)
    within = (slice(REACH_PX, -REACH_PX),) * 2
    whole, part = part_grain(shot, (1e-4, 1e-3))[1][at], part_grain(shot[around], (1e-4, 1e-3))[1][within]
    assert np.allclose(whole, part, atol=1e-6)


def test_layers_are_full_frame_and_finite_and_nothing_outside():
    retouch = delta(warp=1.0)
    planes = layers(retouch, (160, 120))
    assert {name: plane.shape for name, plane in planes.items()} == {
        "delta": (120, 160, 3), "matte": (120, 160, 1), "uv": (120, 160, 2), "warp": (120, 160, 2), "confidence": (120, 160, 1),
    }  # fmt: skip
    outside = full(retouch.alpha) == 0
    for plane in planes.values():
        assert np.isfinite(plane).all()
        assert not plane[outside].any()


def test_a_retouch_of_another_plate_is_refused():
    with pytest.raises(StageError, match="does not fit"):
        apply_delta(plate()[:80], delta())
