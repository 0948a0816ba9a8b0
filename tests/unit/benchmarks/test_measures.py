"""What the benchmarks measure with: crops lie apart where something was made, and every CPU second falls to one step."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from reference_crops import FULL, spread_crops
from whole_shot import STEPS, StepClock


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_crops_lie_inside_apart_and_where_something_was_made(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    made = np.zeros((90, 160), bool)
    left, top = rng.integers(0, 120), rng.integers(0, 60)
    made[top : top + rng.integers(1, 60), left : left + rng.integers(1, 90)] = True
    crops = spread_crops(made, count=count, size=(24, 14))
    assert len(crops) == len(set(crops)) <= count
    covered = np.zeros_like(made, np.int32)
    for x0, y0, x1, y1 in crops:
        assert (x1 - x0, y1 - y0) == (24, 14)
        assert covered[y0:y1, x0:x1].shape == (14, 24)
        covered[y0:y1, x0:x1] += 1
        assert made[y0:y1, x0:x1].mean() >= FULL
    assert covered.max() <= 1


def test_few_crops_reach_across_the_picture() -> None:
    crops = spread_crops(np.ones((90, 160), bool), count=4, size=(20, 15))
    assert {(x < 80, y < 45) for x, y, _, _ in crops} == {(True, True), (True, False), (False, True), (False, False)}


def test_nothing_made_has_no_crop() -> None:
    assert spread_crops(np.zeros((90, 160), bool), count=4, size=(20, 15)) == ()


def test_each_step_is_charged_until_the_next_begins_and_its_workers_with_it() -> None:
    times = iter([0.0, 1.0, 4.0, 9.0, 11.0])
    clock = StepClock(cpu_s=lambda: next(times))
    for step, done in (("matte", 0), ("matte", 1), ("motion", 0), ("bullet", 3), ("motion", 1), ("frames", 0), ("frames", 8)):
        clock.report(step, done, 8)
    clock.close()
    assert {name: spent for name, spent in clock.spent.items() if spent} == {"matte": 3.0, "motion": 5.0, "frames": 2.0}
    assert set(clock.spent) == set(STEPS)


@pytest.mark.parametrize("power", [0.5, 1.0, 1.7])
def test_the_fitted_power_is_found(power: float) -> None:
    from scaling import exponent

    sizes = [12.0, 24.0, 48.0, 96.0]
    assert exponent(sizes, [3 * n**power for n in sizes]) == pytest.approx(power)
