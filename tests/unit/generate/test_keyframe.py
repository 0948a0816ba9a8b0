"""A keyframe's retouch is found as the artist made it, and a wrong keyframe is named."""

import cv2
import numpy as np
import pytest

from setpiece.core.arrays import length_of
from setpiece.core.errors import PlateUnreadable
from setpiece.generate.keyframe import check_keyframe, retouch_of
from setpiece.generate.retouch import Keyframe
from setpiece.integrate.retouch import apply_delta


def texture(seed: int = 0, size: tuple[int, int] = (180, 240)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = cv2.GaussianBlur(rng.standard_normal((*size, 3)).astype(np.float32), (0, 0), 8) * 18
    fine = cv2.GaussianBlur(rng.standard_normal((*size, 1)).astype(np.float32), (0, 0), 1.5)[:, :, None] * 1.6
    return (0.2 * np.exp2(np.clip(coarse * 0.35 + fine, -3, 3))).astype(np.float32)


def blob(size: tuple[int, int], centre: tuple[int, int], radius: float) -> np.ndarray:
    y, x = np.mgrid[: size[0], : size[1]]
    apart = np.hypot(x - centre[0], y - centre[1])
    return np.clip((radius - apart) / 6, 0, 1).astype(np.float32)


def key(plate: np.ndarray, painted: np.ndarray, matte: np.ndarray | None = None) -> Keyframe:
    return Keyframe(frame=1010, plate=plate.copy(), painted=painted.astype(np.float32), matte=matte)


def darker(plate: np.ndarray, stops: float = -1.0) -> np.ndarray:
    return (plate * np.exp2(stops * blob(plate.shape[:2], (120, 90), 40))[..., None]).astype(np.float32)


def slimmer(plate: np.ndarray, px: float = 5.0) -> np.ndarray:
    height, width = plate.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    fall = np.exp(-(((x - 120) / 35) ** 2) - ((y - 90) / 35) ** 2).astype(np.float32)
    return cv2.remap(plate, x + px * fall, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


@pytest.mark.parametrize("paint", [darker, slimmer], ids=["colour", "geometry"])
def test_the_retouch_laid_into_its_own_plate_is_the_painted_frame(paint):
    plate = texture()
    painted = paint(plate)
    found = retouch_of(key(plate, painted))
    comp = apply_delta(plate, found)
    left, top, right, bottom = found.box
    whole = np.zeros(plate.shape[:2], bool)
    whole[top:bottom, left:right] = found.alpha == 1
    assert whole.sum() > 1000
    assert np.abs(comp - painted)[whole].max() <= (np.abs(painted[whole]).max() * 2**-11)
    assert (np.abs(comp - painted)[whole] <= np.maximum(np.abs(painted[whole]), 0.02) * 2**-10).all()


def test_colour_alone_never_becomes_a_warp():
    plate = texture(3)
    assert retouch_of(key(plate, darker(plate, -1.5))).warp is None


def test_a_moved_cheek_is_found_as_a_warp_of_the_right_size_and_still_elsewhere():
    plate = texture()
    found = retouch_of(key(plate, slimmer(plate)), grain=(0.0, 0.0))
    assert found.warp is not None
    full = np.zeros((*plate.shape[:2], 2), np.float32)
    left, top, right, bottom = found.box
    full[top:bottom, left:right] = found.warp
    assert abs(full[80:100, 110:130, 0].mean() - 5.0 * 0.95) < 0.5
    assert abs(full[80:100, 110:130, 1]).mean() < 0.4
    assert np.abs(full[:20]).max() < 0.3
    alone = retouch_of(key(plate, slimmer(plate)), grain=(0.0, 0.0), geometry=False)
    assert np.abs(found.gain_stops).mean() < 0.5 * np.abs(alone.gain_stops).mean()


@pytest.mark.parametrize("codes", [255, 65535])
def test_what_a_file_rounds_is_not_taken_for_paint(codes):
    plate = texture(4)
    painted = darker(plate, -1.5)
    coded = np.round(np.clip(painted / 4, 0, 1) ** (1 / 2.4) * codes) / codes
    came_back = (coded**2.4 * 4).astype(np.float32)
    found = retouch_of(key(plate, came_back))
    alpha = np.zeros(plate.shape[:2], np.float32)
    left, top, right, bottom = found.box
    alpha[top:bottom, left:right] = found.alpha
    assert (alpha[blob(plate.shape[:2], (120, 90), 34) == 1] > 0.99).all()
    assert (alpha[blob(plate.shape[:2], (120, 90), 62) == 0] > 0).mean() < 0.02


def test_the_artists_matte_is_kept():
    plate = texture()
    matte = blob(plate.shape[:2], (100, 80), 30)
    found = retouch_of(key(plate, darker(plate), matte))
    left, top, right, bottom = found.box
    assert np.array_equal(found.alpha, matte[top:bottom, left:right])


def test_an_unpainted_frame_has_an_empty_retouch():
    plate = texture()
    assert not retouch_of(key(plate, plate)).alpha.any()


def test_another_size_is_refused_with_both_sizes():
    plate = texture()
    with pytest.raises(PlateUnreadable, match=r"120x90.*240x180"):
        retouch_of(key(plate, plate[::2, ::2].copy()))


def test_a_sound_keyframe_has_no_findings():
    plate = texture()
    assert check_keyframe(key(plate, darker(plate)), {1001: texture(7)}) == []
    assert check_keyframe(key(plate, slimmer(plate)), {1001: texture(7)}) == []


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda p: p[::2, ::2], "size"),
        (lambda p: np.roll(darker(p), (3, -5), (0, 1)), "shift"),
        (lambda p: 1.055 * np.maximum(darker(p), 0) ** (1 / 2.4) - 0.055, "colour"),
        (lambda p: darker(p) * np.float32([1.2, 1.2, 1.2]), "colour"),
        (lambda p: p, "nothing"),
    ],
    ids=["size", "shift", "sRGB", "gain", "unpainted"],
)
def test_what_is_wrong_with_a_keyframe_is_named_with_a_remedy(spoil, kind):
    plate = texture()
    findings = check_keyframe(key(plate, spoil(plate).copy()))
    assert [f.kind for f in findings] == [kind]
    assert findings[0].remedy


def test_a_keyframe_painted_on_another_frame_names_that_frame():
    plates = {1000 + n: np.roll(texture(2), (n * 2, n * 4), (0, 1)) for n in range(1, 7)}
    wrong = Keyframe(frame=1002, plate=plates[1002].copy(), painted=darker(plates[1005]))
    findings = check_keyframe(wrong, plates)
    assert [f.kind for f in findings] == ["frame"]
    assert "1005" in findings[0].message


def test_the_same_keyframe_gives_the_same_bits_wherever_it_lies_in_memory():
    plate = texture()
    painted = slimmer(plate)
    first = retouch_of(key(plate, painted))
    assert first.warp is not None
    for offset in range(4, 64, 12):
        room = np.empty(plate.nbytes + 64, np.uint8)
        moved = room[offset : offset + plate.nbytes].view(np.float32).reshape(plate.shape)
        moved[:] = plate
        again = retouch_of(key(moved, painted))
        assert np.array_equal(again.warp, first.warp)
        assert np.array_equal(again.gain_stops, first.gain_stops)


@pytest.mark.parametrize("width", [293, 300])
def test_a_length_has_the_same_bits_wherever_it_lies_in_memory(width):
    rng = np.random.default_rng(5)
    way = rng.standard_normal((91, width, 2)).astype(np.float32)
    first = length_of(way[..., 0], way[..., 1])
    assert np.allclose(first, np.hypot(way[..., 0], way[..., 1]), rtol=1e-6)
    for offset in range(4, 64, 4):
        room = np.empty(way.nbytes + 64, np.uint8)
        moved = room[offset : offset + way.nbytes].view(np.float32).reshape(way.shape)
        moved[:] = way
        assert np.array_equal(length_of(moved[..., 0], moved[..., 1]), first)
