import numpy as np
import pytest

from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.pictures import Matte
from setpiece.integrate.backdrop import far_edge, quilt
from setpiece.integrate.clean_plate import clean_plate
from setpiece.integrate.sky_fill import borrow_grain, continue_sky, fill_smoothly

WIDTH, HEIGHT = 480, 320
CAMERA = Camera.looking(width=WIDTH, height=HEIGHT, focal_px=420, height_m=1.7, pitch_deg=8)
NOISE = 0.006


def sky_at(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    v, u = y / HEIGHT, x / WIDTH
    return np.stack([0.25 + 0.3 * v + 0.1 * u, 0.4 + 0.25 * v + 0.05 * u, 0.7 + 0.1 * v], -1).astype(np.float32)


def scene(*, trees: bool = False) -> tuple[np.ndarray, Matte, np.ndarray]:
    """Plate, matte of a box-shaped building, and the sky as it would be without."""
    yy, xx = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    rng = np.random.default_rng(5)
    truth = sky_at(yy, xx)
    plate = truth.copy()
    horizon = CAMERA.horizon_y()
    plate[yy > horizon + 4] = (0.4, 0.37, 0.33)
    if trees:
        leaves = rng.uniform(0.02, 0.12, (HEIGHT, WIDTH, 1)) * np.array([0.8, 1.2, 0.4])
        grove = (yy > horizon - 60) & (yy <= horizon + 8) & (xx > 380)
        plate[grove] = leaves[grove]
    plate += rng.normal(0, NOISE, plate.shape).astype(np.float32)
    coverage = ((xx > 110) & (xx < 380) & (yy > 60) & (yy < horizon + 14)).astype(np.float32)
    plate[coverage > 0] = (0.2, 0.12, 0.08)
    return plate.astype(np.float32), Matte(coverage=coverage), truth


@pytest.fixture(scope="module")
def cleaned():
    plate, matte, truth = scene()
    return plate, matte, truth, clean_plate(plate, matte, CAMERA)


def test_outside_the_widened_matte_the_plate_is_untouched_to_the_bit(cleaned):
    plate, matte, _, clean = cleaned
    far = np.ones((HEIGHT, WIDTH), bool)
    ys, xs = np.nonzero(matte.coverage)
    far[ys.min() - 6 : ys.max() + 20, xs.min() - 6 : xs.max() + 7] = False
    assert np.array_equal(clean[far], plate[far])


def test_the_sky_goes_on_where_the_building_stood(cleaned):
    _, matte, truth, clean = cleaned
    yy = np.arange(HEIGHT)[:, None]
    inside = (matte.coverage > 0) & (yy < CAMERA.horizon_y() - 40)
    assert np.abs(clean[inside].mean(0) - truth[inside].mean(0)).max() < 0.01
    assert np.abs(clean[inside] - truth[inside]).mean() < 3 * NOISE


def test_the_new_sky_has_the_grain_of_the_old(cleaned):
    _, matte, truth, clean = cleaned
    patch = (slice(80, 160), slice(150, 340))
    assert (matte.coverage[patch] > 0).all()
    detail = clean[patch] - truth[patch]
    detail = detail[:, 1:] - detail[:, :-1]
    assert detail.std() == pytest.approx(NOISE * np.sqrt(2), rel=0.25)


def test_no_colour_of_the_building_is_left(cleaned):
    _, matte, _, clean = cleaned
    inside = clean[matte.coverage > 0]
    assert (np.abs(inside - np.array([0.2, 0.12, 0.08])).max(1) < 0.02).mean() < 0.001


def test_trees_beside_the_building_grow_on_behind_it():
    plate, matte, _ = scene(trees=True)
    clean = clean_plate(plate, matte, CAMERA)
    row = int(CAMERA.horizon_y()) - 4
    behind = clean[row, 130:360]
    sky = sky_at(np.array(float(row)), np.array(240.0))
    assert (behind.mean(1) < 0.85 * sky.mean()).mean() > 0.6


def test_without_trees_none_are_invented(cleaned):
    _, _, truth, clean = cleaned
    row = int(CAMERA.horizon_y()) - 6
    assert np.abs(clean[row, 130:360] - truth[row, 130:360]).mean() < 0.03


def test_another_seed_changes_the_grain_and_the_same_seed_does_not(cleaned):
    plate, matte, _, clean = cleaned
    assert np.array_equal(clean_plate(plate, matte, CAMERA), clean)
    assert not np.array_equal(clean_plate(plate, matte, CAMERA, seed=9), clean)


def test_what_stands_in_front_is_kept():
    plate, matte, _ = scene()
    held = np.zeros((HEIGHT, WIDTH), np.float32)
    held[200:250, 200:212] = 1
    clean = clean_plate(plate, matte, CAMERA, holdout=Matte(coverage=held))
    assert np.array_equal(clean[held > 0], plate[held > 0])


def test_a_plate_without_sky_wants_to_be_told_what_is_behind():
    plate = np.random.default_rng(1).uniform(0.05, 0.2, (120, 160, 3)).astype(np.float32)
    camera = Camera.looking(width=160, height=120, focal_px=150, height_m=1.7)
    coverage = np.ones((120, 160), np.float32)
    coverage[100:] = 0
    with pytest.raises(StageError, match="no sky"):
        clean_plate(plate, Matte(coverage=coverage), camera)
    dark = np.full_like(plate, 0.01)
    clean = clean_plate(plate, Matte(coverage=coverage), camera, fallback=dark)
    assert (clean[:95] == 0.01).all()
    assert np.array_equal(clean[110:], plate[110:])


def test_the_buildings_own_shadow_on_the_ground_goes_with_it():
    plate, matte, _ = scene()
    bottom = int(np.flatnonzero(matte.coverage.any(1))[-1]) + 1
    plate = plate.copy()
    plate[bottom : bottom + 6, 111:380] *= 0.25
    clean = clean_plate(plate, matte, CAMERA)
    strip = clean[bottom : bottom + 6, 140:350]
    assert strip.mean() == pytest.approx(clean[bottom + 12 : bottom + 30, 140:350].mean(), rel=0.15)


def test_wide_shade_belongs_to_somebody_else_and_stays():
    plate, matte, _ = scene()
    bottom = int(np.flatnonzero(matte.coverage.any(1))[-1]) + 1
    plate = plate.copy()
    plate[bottom : bottom + 60] *= 0.25
    clean = clean_plate(plate, matte, CAMERA)
    far = slice(bottom + 20, bottom + 60)
    assert np.array_equal(clean[far], plate[far])


def test_the_sky_meets_what_is_around_the_silhouette_although_the_mask_missed_it():
    """A cloud bank beside the building that the sky's mask left out: no step may stand where the wall ended."""
    yy, xx = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    plate = sky_at(yy, xx)
    plate[:, :130] *= 1.25
    hole = (xx > 120) & (xx < 360) & (yy > 60) & (yy < 220)
    known = ~hole & (yy < 240) & ~((xx < 130) & (yy > 80))
    made = continue_sky(plate, known, hole, 1)
    step = made[90:210, 124].mean() / plate[90:210, 116].mean()
    assert step == pytest.approx(1.0, abs=0.04)


def test_specks_of_plate_left_by_a_ragged_matte_go_with_the_building():
    plate, matte, _ = scene()
    ragged = matte.coverage.copy()
    ragged[117:126, 197:206] = 0
    clean = clean_plate(plate, Matte(coverage=ragged), CAMERA)
    assert np.abs(clean[120:123, 200:203] - np.array([0.2, 0.12, 0.08])).max(-1).min() > 0.05


def test_an_empty_matte_leaves_the_plate_alone():
    plate, _, _ = scene()
    assert np.array_equal(clean_plate(plate, Matte(coverage=np.zeros((HEIGHT, WIDTH), np.float32)), CAMERA), plate)


def test_a_smooth_fill_keeps_what_is_known_and_a_plane_stays_a_plane():
    yy, xx = np.mgrid[0:80, 0:100].astype(np.float32)
    plane = np.stack([xx, yy, xx + yy], -1) / 100
    known = np.ones((80, 100), bool)
    known[30:50, 35:60] = False
    filled = fill_smoothly(np.where(known[..., None], plane, 0), known)
    assert np.array_equal(filled[known], plane[known])
    assert np.abs(filled - plane).max() < 0.04


def test_borrowed_grain_has_no_mean():
    plate, matte, _ = scene()
    calm = (matte.coverage == 0) & (np.arange(HEIGHT)[:, None] < 55)
    assert np.abs(borrow_grain(plate, calm, 1).mean()) < 0.001


def test_a_quilt_keeps_mean_and_contrast_of_its_source():
    rng = np.random.default_rng(2)
    source = (0.2 + 0.05 * rng.standard_normal((90, 90, 3))).astype(np.float32)
    made = quilt(source, np.ones((90, 90), bool), (120, 140), patch=16, seed=3)
    assert made is not None and made.shape == (120, 140, 3)
    assert made.mean() == pytest.approx(source.mean(), rel=0.03)
    assert made.std() == pytest.approx(source.std(), rel=0.25)


def test_a_quilt_of_nothing_is_none():
    assert quilt(np.zeros((50, 50, 3), np.float32), np.zeros((50, 50), bool), (10, 10), patch=8, seed=0) is None


def test_the_ground_ends_between_foot_and_horizon():
    edge = far_edge(CAMERA, np.full(WIDTH, CAMERA.horizon_y() + 20), WIDTH)
    assert ((edge > CAMERA.horizon_y()) & (edge < CAMERA.horizon_y() + 20)).all()


def test_a_tip_that_the_matte_forgot_goes_and_a_bird_far_off_stays():
    plate, matte, truth = scene()
    tip, bird = (slice(52, 55), slice(200, 203)), (slice(5, 8), slice(20, 23))  # the tip is 5 px above the wall
    for spot in (tip, bird):
        plate[spot] = (0.05, 0.05, 0.05)
    clean = clean_plate(plate, matte, CAMERA)
    assert np.abs(clean[tip] - truth[tip]).mean() < 4 * NOISE
    assert np.array_equal(clean[bird], plate[bird])
