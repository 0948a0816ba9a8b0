"""What is carried is steady from frame to frame, and nothing is painted on what stands before the face."""

from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

from setpiece.core.timing import FrameRange
from setpiece.generate.engines.propagate import Propagate
from setpiece.generate.engines.propagate.blend import mix
from setpiece.generate.engines.propagate.flow import bridged
from setpiece.generate.engines.propagate.hidden import hidden
from setpiece.generate.retouch import Keyframe, RetouchRequest
from setpiece.integrate.retouch import apply_delta

SIZE = 192
FRAMES = FrameRange(first=1001, last=1009, rate=Fraction(24))


class Allowed:
    def check(self) -> None:
        pass


def noise(seed: int, sigma: float, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    made = cv2.GaussianBlur(rng.standard_normal((SIZE, SIZE, channels)).astype(np.float32), (0, 0), sigma)
    return (made / made.std()).reshape(SIZE, SIZE, channels)


def skin(seed: int = 0) -> np.ndarray:
    """Light in stops: colour, blotches and pores."""
    return np.float32([-1.2, -1.8, -2.1]) + 0.25 * noise(seed, 12) + 0.12 * noise(seed + 1, 1.5)


def disc(x: float, y: float, radius: float, soft: float = 1.5) -> np.ndarray:
    across, down = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    return np.clip((radius - np.hypot(across - x, down - y)) / soft + 0.5, 0, 1).astype(np.float32)


def palm(x: float = 96, y: float = 96, radius: float = 34) -> tuple[np.ndarray, np.ndarray]:
    """A smooth thing of nearly the same colour, shaded; and its matte."""
    matte = disc(x, y, radius)
    light = np.float32([-1.5, -2.25, -2.3]) + 0.5 * disc(x - 12, y - 12, 30, 40)[..., None]
    return light.astype(np.float32), matte


def over(light: np.ndarray, thing: np.ndarray, matte: np.ndarray) -> np.ndarray:
    return light * (1 - matte[..., None]) + thing * matte[..., None]


WHOLE = np.ones((SIZE, SIZE), np.float32)


def test_a_hand_of_nearly_the_skins_colour_is_hidden_whole_and_the_skin_beside_it_is_not():
    thing, matte = palm()
    found = mix(over(skin(), thing, matte), [skin()], WHOLE)
    assert found.open[disc(96, 96, 30) == 1].max() < 0.2
    assert found.open[disc(96, 96, 44) == 0].min() > 0.9


def test_a_hand_is_found_from_two_keyframes_as_from_one():
    thing, matte = palm()
    found = mix(over(skin(), thing, matte), [skin(), skin() + 0.05 * noise(9, 8)], WHOLE)
    assert found.open[disc(96, 96, 30) == 1].max() < 0.2


@pytest.mark.parametrize("light", ["slope", "highlight", "exposure"])
def test_a_change_of_light_hides_nothing(light):
    across = np.linspace(-1, 1, SIZE, dtype=np.float32)[None, :, None] * np.ones((SIZE, 1, 1), np.float32)
    here = {
        "slope": skin() + 0.5 * across,
        "highlight": np.log2(np.exp2(skin()) + 0.10 * np.exp(-(((across * 96) / 26) ** 2))),
        "exposure": skin() + np.float32([0.9, 0.8, 0.7]),
    }[light]
    assert mix(here.astype(np.float32), [skin()], WHOLE).open.min() > 0.9


def test_a_small_crease_is_no_occluder():
    line = cv2.line(np.zeros((SIZE, SIZE), np.float32), (70, 90), (122, 100), 1.0, 1)
    crease = 0.8 * cv2.GaussianBlur(line, (0, 0), 0.8)[..., None]
    assert hidden(skin() - crease, skin(), WHOLE).max() < 0.05


def test_where_there_is_no_retouch_nothing_is_looked_for():
    thing, matte = palm()
    assert not hidden(over(skin(), thing, matte), skin(), np.zeros_like(WHOLE)).any()


def test_of_two_keyframes_that_explain_a_frame_alike_the_nearer_says_more():
    keys = [skin() + 0.02 * noise(20 + i, 1) for i in range(2)]
    near, far = mix(skin(), keys, WHOLE, [1, 30]).weights.mean((1, 2))
    assert near > far + 0.1
    assert abs(near + far - 1) < 1e-5


def test_flow_behind_an_occluder_is_that_of_the_skin_around_it():
    x, y = np.meshgrid(np.arange(SIZE, dtype=np.float32), np.arange(SIZE, dtype=np.float32))
    plain = np.stack([x, y], -1)
    torn = plain + (2.0, -1.0) + 6 * noise(3, 4, 2) * disc(96, 96, 30)[..., None]
    found = bridged(torn.astype(np.float32), plain, 1 - disc(96, 96, 40))
    inside = disc(96, 96, 24) == 1
    assert np.abs(found - plain - (2.0, -1.0))[inside].max() < 0.5
    assert np.allclose(found[:20], torn[:20], atol=1e-4)


def shift(frame: int) -> tuple[float, float]:
    n = frame - 1005
    return 0.63 * n, -0.37 * n


def pulled(picture: np.ndarray, px: float = 3.0) -> np.ndarray:
    """The picture with its middle drawn to the left: geometry."""
    x, y = np.meshgrid(np.arange(SIZE, dtype=np.float32), np.arange(SIZE, dtype=np.float32))
    fall = np.exp(-(((x - 96) / 30) ** 2) - ((y - 96) / 30) ** 2)
    return cv2.remap(picture, x + px * fall, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def grain(frame: int, picture: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(frame)
    return rng.standard_normal(picture.shape).astype(np.float32) * 0.02 * np.sqrt(picture)


STILL = np.exp2(skin(4) + 0.25 * noise(6, 2.0)).astype(np.float32)
MADE = pulled(STILL)


def shot(picture: np.ndarray, frame: int) -> np.ndarray:
    place = np.float32([[1, 0, shift(frame)[0]], [0, 1, shift(frame)[1]]])
    return cv2.warpAffine(picture, place, (SIZE, SIZE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def plate(frame: int) -> np.ndarray:
    clean = shot(STILL, frame)
    return clean + grain(frame, clean)


def truth(frame: int) -> np.ndarray:
    return shot(MADE, frame) + grain(frame, shot(STILL, frame))


@pytest.fixture(scope="module")
def moving() -> Propagate:
    engine = Propagate()
    keys = tuple(Keyframe(frame=f, plate=plate(f), painted=truth(f)) for f in (1001, 1009))
    engine.prepare(RetouchRequest(plate=plate, frames=FRAMES, size=(SIZE, SIZE), keyframes=keys, permit=Allowed()))
    return engine


def gain(frame: int, picture: np.ndarray) -> np.ndarray:
    (x, y), size = shift(frame), (SIZE, SIZE)
    stops = np.log2((picture + 0.02) / (plate(frame) + 0.02)).astype(np.float32)
    return cv2.warpAffine(stops, np.float32([[1, 0, -x], [0, 1, -y]]), size)[50:142, 50:142]


def test_geometry_carried_through_grain_is_as_steady_as_the_truth(moving):
    frames = (1003, 1004, 1005, 1006, 1007)
    made = [gain(f, apply_delta(plate(f), moving.delta(f))) for f in frames]
    true = [gain(f, truth(f)) for f in frames]
    flicker, own = (float(np.mean([np.abs(b - a).mean() for a, b in pairwise(g)])) for g in (made, true))
    assert 0.85 * own < flicker < 1.15 * own


def test_geometry_comes_with_its_warp(moving):
    found = moving.delta(1005)
    assert found.warp is not None
    left, top = found.box[:2]
    assert abs(found.warp[90 - top : 102 - top, 90 - left : 102 - left, 0].mean() - 3.0) < 0.5


def test_a_frame_leans_on_nothing_that_ran_before(moving):
    other = Propagate(threads=2)
    other.prepare(moving._request)
    for frame in (1007, 1003, 1006, 1005, 1004):
        first, second = other.delta(frame), moving.delta(frame)
        assert np.array_equal(first.gain_stops, second.gain_stops)
        assert np.array_equal(first.alpha, second.alpha)
        assert np.array_equal(first.warp, second.warp)


def test_lips_that_never_quite_agree_do_not_shut_the_gate():
    line = cv2.line(np.zeros((SIZE, SIZE), np.float32), (76, 94), (116, 98), 1.0, 1)
    found = mix((skin() - 0.9 * cv2.GaussianBlur(line, (0, 0), 0.7)[..., None]).astype(np.float32), [skin()], WHOLE)
    assert found.open.min() > 0.99
    assert found.confidence[line == 1].mean() < 0.5
