import cv2
import numpy as np

from setpiece.media.sky import find_sky


def clouded(width: int = 640, height: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """A blue sky with soft white clouds over a brick wall and a lawn; and where the sky is."""
    rng = np.random.default_rng(5)
    noise = sum(
        weight
        * cv2.resize(rng.normal(0, 1, (cells, 2 * cells)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        for cells, weight in ((4, 0.6), (9, 0.3), (20, 0.12))
    )
    cloud = np.clip(noise * 1.5, 0, 1)[..., None]
    picture = (np.array([0.15, 0.28, 0.5], np.float32) * (1 - cloud) + 0.6 * cloud).astype(np.float32)
    sky = np.ones((height, width), bool)
    for region, colour in (
        ((slice(250, None), slice(None)), (0.1, 0.14, 0.05)),
        ((slice(90, 330), slice(180, 450)), (0.25, 0.15, 0.1)),
    ):
        texture = 1 + 0.3 * rng.standard_normal((height, width, 1)).astype(np.float32)
        picture[region] = (np.float32(colour) * texture)[region]
        sky[region] = False
    return picture.clip(0.001), sky


def test_a_clouded_sky_is_found_and_nothing_else():
    picture, sky = clouded()
    found = find_sky(picture)
    assert (found & sky).sum() > 0.92 * sky.sum()
    assert (found & ~sky).sum() < 0.005 * sky.sum()


def test_what_is_not_usable_or_below_the_horizon_is_no_sky():
    picture, _ = clouded()
    usable = np.ones(picture.shape[:2], bool)
    usable[:, :100] = False
    found = find_sky(picture, usable=usable, horizon_y=60.0)
    assert found.any() and not found[:, :100].any() and not found[60:].any()


def test_a_larger_picture_has_the_same_sky():
    picture, sky = clouded()
    large = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
    found = cv2.resize(find_sky(large).astype(np.uint8), sky.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    assert (found & sky).sum() / (found | sky).sum() > 0.92


def test_a_wall_up_to_the_frame_is_no_sky():
    picture, _ = clouded()
    assert not find_sky(np.ascontiguousarray(picture[100:320, 190:440])).any()
