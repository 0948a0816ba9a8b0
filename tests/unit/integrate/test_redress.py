"""Walls and cloth taken apart and dressed anew: how far from the truth, and what must not change at all."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from setpiece.core.dressing import FABRICS, WALL_COVERS, Cover, Separation
from setpiece.core.errors import StageError
from setpiece.core.plate_grain import grain_of, part_grain
from setpiece.integrate.cloth import lustrous, separate_cloth
from setpiece.integrate.patterns import USUAL_REPEAT_M, albedo_at, swatch
from setpiece.integrate.redress import Laid, redressed, sampled
from setpiece.integrate.shading import assumed_albedo, light_colour, separate

H, W = 200, 300
OLD, NEW = (0.55, 0.50, 0.40), (0.10, 0.22, 0.25)
LUMA = np.array([0.272, 0.674, 0.054], np.float32)


def light(*, hard: bool = True) -> np.ndarray:
    """Window light that falls off, a warm pool, and a ``hard`` shadow."""
    y, x = np.mgrid[:H, :W].astype(np.float32)
    pool = np.exp(-(((x - 210) / 45) ** 2) - ((y - 70) / 45) ** 2)
    made = 0.9 * np.exp(-x / 260)[..., None] * np.array([0.9, 1.0, 1.15]) + pool[..., None] * np.array([0.8, 0.55, 0.25])
    if hard:
        made[:, 60:95] *= 0.55
    return made.astype(np.float32)


def coverage() -> np.ndarray:
    """A wall with a soft-edged thing before it, and picture around it."""
    made = np.zeros((H, W), np.float32)
    made[20:180, 20:280] = 1
    y, x = np.mgrid[:H, :W].astype(np.float32)
    made *= np.clip((np.hypot(x - 150, y - 120) - 30) / 2 + 0.5, 0, 1)
    return made


def picture(albedo: np.ndarray | tuple[float, float, float], share: np.ndarray) -> np.ndarray:
    """The wall in its light, mixed with a green thing at the thing's edge."""
    wall = np.asarray(albedo, np.float32) * light()
    return (share[..., None] * wall + (1 - share[..., None]) * np.array([0.04, 0.12, 0.05])).astype(np.float32)


def psnr(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    peak = float(other[where].max())
    return 10 * float(np.log10(peak**2 / np.mean((one[where] - other[where]) ** 2)))


def error(found: Separation, where: np.ndarray, truth: np.ndarray | None = None) -> float:
    """Mean error of the shading, over its mean."""
    truth = (light() if truth is None else truth)[where]
    return float(np.abs(found.shading[where] - truth).mean() / truth.mean())


def test_the_light_on_a_plain_wall_is_the_picture_of_it():
    share = coverage()
    found = separate(picture(OLD, share), share, OLD)
    assert error(found, share > 0.99) < 1e-4


def test_the_light_on_a_grainy_plain_wall_is_found_to_two_in_a_hundred():
    share = coverage()
    noise = np.random.default_rng(1).standard_normal((H, W, 3)).astype(np.float32)
    plate = picture(OLD, share) + 0.006 * noise
    clean, _ = part_grain(plate, grain_of(plate))
    assert error(separate(clean, share, OLD), share > 0.99) < 0.02


@pytest.mark.parametrize(
    ("kind", "hard", "most"),
    [("stripes", False, 0.065), ("check", False, 0.045), ("stripes", True, 0.085), ("check", True, 0.095)],
)
def test_the_light_on_a_papered_wall_is_told_from_its_pattern(kind, hard, most):
    """The error of the recovered shading, over its mean; the picture itself, taken for the light, is wrong by half."""
    lit = light(hard=hard)
    y, x = np.mgrid[:H, :W].astype(np.float32)
    cover = Cover(kind=kind, colours=(OLD, (0.25, 0.12, 0.12)), repeat_m=24.0)
    pattern = albedo_at(cover, x, y, np.ones_like(x))
    share = np.ones((H, W), np.float32)
    mean = tuple(float(v) for v in np.exp(np.log(pattern).mean((0, 1))))
    found = separate(pattern * lit, share, mean, texture_px=24)
    raw = Separation(albedo=pattern, shading=pattern * lit / np.float32(mean), surface=pattern)
    inner = np.zeros((H, W), bool)
    inner[12:-12, 12:-12] = True
    assert error(found, inner, lit) < most
    assert error(found, inner, lit) < 0.25 * error(raw, inner, lit)


def test_a_wall_painted_over_is_the_wall_that_was_painted_so():
    share = coverage()
    plate, truth = picture(OLD, share), picture(NEW, share)
    made = lay(plate, share, NEW)
    assert psnr(made, truth, share > 0.99) > 60
    assert psnr(made, truth, share > 0) > 38  # soft edges too: no rim of the old colour


def lay(plate: np.ndarray, share: np.ndarray, colour: tuple[float, float, float], **more: float) -> np.ndarray:
    grain = grain_of(plate) if more.pop("grainy", 0) else (0.0, 0.0)
    clean, _ = part_grain(plate, grain)
    albedo = np.broadcast_to(np.float32(colour), plate.shape).astype(np.float32)
    one = Laid(number=1, coverage=share, old=separate(clean, share, OLD), albedo=albedo, uv=np.zeros((H, W, 2), np.float32))
    return redressed(plate, (one,), grain=grain, **more).comp


def test_no_pixel_outside_of_the_matte_changes():
    share = coverage()
    plate = picture(OLD, share) + 0.004 * np.random.default_rng(3).standard_normal((H, W, 3)).astype(np.float32)
    made = lay(plate, share, NEW, grainy=1)
    assert (made[share == 0] == plate[share == 0]).all()
    assert (made[share > 0.99] != plate[share > 0.99]).any(-1).mean() > 0.99


def test_new_paint_has_the_grain_that_its_own_level_has():
    """Photon noise: a wall painted four times as dark has half the grain."""
    rng = np.random.default_rng(4)
    share = np.zeros((H, W), np.float32)
    share[:, :150] = 1
    flat = np.full((H, W, 3), 0.4, np.float32)
    plate = (flat + 0.02 * rng.standard_normal(flat.shape)).astype(np.float32)
    dark = (0.1 * np.ones_like(flat) + 0.01 * rng.standard_normal(flat.shape)).astype(np.float32)
    both = np.concatenate([plate, dark], 1)
    wide = np.concatenate([share, np.zeros_like(share)], 1)
    grain = grain_of(both)
    clean, _ = part_grain(both, grain)
    old = separate(clean, wide, (0.4, 0.4, 0.4))
    albedo = np.full(both.shape, 0.1, np.float32)
    one = Laid(number=1, coverage=wide, old=old, albedo=albedo, uv=np.zeros((*wide.shape, 2), np.float32))
    made = redressed(both, (one,), grain=grain).comp
    assert made[20:-20, 20:130].std() == pytest.approx(0.01, rel=0.3)


def test_a_hidden_wall_is_refused_with_a_remedy():
    with pytest.raises(StageError, match="nothing of it is seen"):
        separate(picture(OLD, coverage()), np.zeros((H, W), np.float32), OLD)


def test_the_assumed_colour_of_a_pale_wall_is_pale_and_of_its_hue():
    share = coverage()
    shown = picture(OLD, share)
    found = np.array(assumed_albedo(shown, share, light_colour(shown)))
    assert 0.1 <= found @ LUMA <= 0.8
    assert found[0] > found[2]


# -- patterns --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*WALL_COVERS, *FABRICS])
def test_every_pattern_is_an_albedo_and_the_same_each_time(kind):
    cover = Cover(kind=kind, colours=(OLD, NEW), repeat_m=USUAL_REPEAT_M[kind])
    one = swatch(cover, (64, 48), 0.004)
    assert one.shape == (48, 64, 3) and one.min() >= 0 and one.max() <= 0.98
    assert (one == swatch(cover, (64, 48), 0.004)).all()


@pytest.mark.parametrize(("kind", "metres"), [("stripes", 0.16), ("check", 0.24), ("tiles", 0.15), ("pinstripe", 0.018)])
def test_a_pattern_repeats_at_its_true_scale(kind, metres):
    """It is most like itself one repeat farther on."""
    step = metres / 40
    cover = Cover(kind=kind, colours=(OLD, NEW), repeat_m=metres)
    row = (swatch(cover, (1600, 3), step) @ LUMA)[1]
    fine = row - cv2.blur(row[:, None], (1, 31))[:, 0]
    alike = [float((fine[lag:] * fine[:-lag]).mean()) for lag in range(25, 61)]
    assert 25 + int(np.argmax(alike)) == pytest.approx(40, abs=1)


def test_a_pattern_far_away_turns_into_its_mean_instead_of_shimmering():
    cover = Cover(kind="check", colours=(OLD, NEW), repeat_m=0.1)
    y, x = np.mgrid[:20, :20].astype(np.float32) * 0.173
    uv = np.stack([x, y], -1)
    made = sampled(cover, uv, np.ones((20, 20), np.float32), sharpness_px=0.5)
    assert made.std(axis=(0, 1)).max() < 0.02
    assert made.mean((0, 1)) == pytest.approx(0.5 * (np.array(OLD) + NEW), abs=0.03)


def test_boards_differ_and_another_seed_lays_others():
    boards = Cover(kind="planks", colours=(OLD, NEW), repeat_m=0.14)
    one = swatch(boards, (200, 200), 0.01)
    other = swatch(Cover(kind="planks", colours=(OLD, NEW), repeat_m=0.14, seed=2), (200, 200), 0.01)
    assert np.abs(one - other).mean() > 0.005


# -- cloth -----------------------------------------------------------------------------------------------------------------


def _suit() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """An orange cloth with folds and sheen: (picture, shading, sheen, light)."""
    y, x = np.mgrid[:H, :W].astype(np.float32)
    shade = 0.35 + 0.3 * np.cos(x / 14 + 0.4 * np.sin(y / 20))
    sheen = 0.10 * np.clip(np.cos(x / 14 + 0.6), 0.8, 1) - 0.08
    lit = np.array([1.05, 1.0, 0.9], np.float32)
    lit /= float(lit @ LUMA)
    return (shade[..., None] * SUIT * lit + sheen[..., None] * lit).astype(np.float32), shade, sheen, lit


SUIT = np.array([0.50, 0.13, 0.03], np.float32)


def test_folds_and_sheen_of_a_dyed_cloth_are_told_apart():
    shown, shade, sheen, lit = _suit()
    found, mirrored = separate_cloth(shown, np.ones((H, W), np.float32), tuple(SUIT), tuple(lit))
    inner = np.s_[8:-8, 8:-8]
    level = (found.shading / lit)[..., 1]
    assert np.abs(level - shade)[inner].mean() / shade.mean() < 0.05
    assert np.abs((mirrored @ LUMA) - sheen)[inner].mean() < 0.012


def test_a_dyed_cloth_is_the_cloth_that_was_dyed_so():
    shown, shade, sheen, lit = _suit()
    navy = np.array([0.02, 0.04, 0.12], np.float32)
    truth = shade[..., None] * navy * lit + sheen[..., None] * lit
    share = np.ones((H, W), np.float32)
    found, mirrored = separate_cloth(shown, share, tuple(SUIT), tuple(lit))
    one = Laid(number=1, coverage=share, old=found, albedo=np.broadcast_to(navy, shown.shape).astype(np.float32),
               uv=np.zeros((H, W, 2), np.float32), sheen=mirrored)  # fmt: skip
    made = redressed(shown, (one,), grain=(0.0, 0.0)).comp
    assert psnr(made, truth, share > 0) > 24


def test_a_grey_cloth_is_all_shading():
    shown = np.broadcast_to(light().mean(-1, keepdims=True) * 0.3, (H, W, 3)).astype(np.float32)
    _, mirrored = separate_cloth(shown, np.ones((H, W), np.float32), (0.3, 0.3, 0.3), (1.0, 1.0, 1.0))
    assert not mirrored.any()


def test_satin_gathers_the_light_on_its_folds_and_tweed_spreads_it():
    shading = cv2.GaussianBlur(light(), (0, 0), 3)
    share = np.ones((H, W), np.float32)
    spread = {cloth: np.log(lustrous(shading, share, cloth) @ LUMA).std() for cloth in ("satin", "plain", "tweed")}
    assert spread["tweed"] < spread["plain"] < spread["satin"]
