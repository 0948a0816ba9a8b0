"""The gas keeps account of every gram, rolls along the ground, and does not depend on who computes it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numba
import numpy as np
import pytest
from falling_blocks import blocks, dropped

from setpiece.core.errors import StageError
from setpiece.core.progress import Silent
from setpiece.core.stage import Gas
from setpiece.media.files import save_arrays
from setpiece.stage import gas_kernels
from setpiece.stage.dust_sources import DustBurst
from setpiece.stage.gas import (
    DETAIL_PERIOD_S,
    DustMass,
    GasDomain,
    _Air,
    gas_domain,
    load_gas,
    save_gas,
    simulate_gas,
)

RATE = Fraction(24)
DOMAIN = GasDomain(origin_m=(-7.75, -7.75, 0.25), cell_m=0.5, shape=(32, 32, 20))


def burst(
    frame: int, *, kg: float = 2.0, height_m: float = 4.0, count: int = 6, wind: tuple[float, float, float] = (0, 0, 0)
) -> DustBurst:
    rng = np.random.default_rng(frame)
    place = rng.normal(size=(count, 3)) * [1.0, 1.0, 0.5] + [0, 0, height_m]
    return DustBurst(
        frame=frame,
        position=place.astype(np.float32),
        velocity=np.full((count, 3), wind, np.float32),
        mass_kg=np.full(count, kg / count, np.float32),
        radius_m=np.full(count, 1.0, np.float32),
        air_m3=np.zeros(count, np.float32),
    )


def silence(frame: int) -> DustBurst:
    return DustBurst(
        frame=frame,
        position=np.zeros((0, 3), np.float32),
        velocity=np.zeros((0, 3), np.float32),
        mass_kg=np.zeros(0, np.float32),
        radius_m=np.zeros(0, np.float32),
        air_m3=np.zeros(0, np.float32),
    )


def run(
    bursts: list[DustBurst], *, wind: tuple[float, float, float] = (0, 0, 0), settle: float = 0.1, seed: int = 1
) -> tuple[list[Gas], DustMass]:
    frames: list[Gas] = []
    mass = simulate_gas(
        DOMAIN,
        bursts,
        None,
        RATE,
        wind_m_s=wind,
        settle_m_s=settle,
        seed=seed,
        on_frame=frames.append,
        progress=Silent(),
    )
    return frames, mass


def middle(gas: Gas) -> np.ndarray:
    """Centre of the dust's mass, m."""
    cells = np.indices(gas.density.shape).reshape(3, -1)
    weight = gas.density.ravel().astype(np.float64)
    return np.array(gas.origin_m) + gas.cell_m * (cells @ weight) / weight.sum()


def puffed(frames: int, wind: tuple[float, float, float] = (0, 0, 0)) -> list[DustBurst]:
    return [burst(f, wind=wind) if f < 4 else silence(f) for f in range(frames)]


def test_every_gram_emitted_is_in_the_air_on_the_ground_or_gone() -> None:
    wind = (4.0, 0.0, 0.0)
    dust = [burst(f, height_m=1.0, wind=wind) if f < 4 else silence(f) for f in range(40)]
    _, mass = run(dust, wind=wind, settle=0.5)
    assert mass.emitted_kg == pytest.approx(8.0, rel=1e-5)
    assert mass.settled_kg > 0.01
    assert mass.left_kg > 0.5
    assert mass.airborne_kg + mass.settled_kg + mass.left_kg == pytest.approx(mass.emitted_kg, rel=1e-4)


def test_dust_born_outside_the_domain_is_counted_as_left() -> None:
    outside = burst(0)
    far = DustBurst(
        frame=0,
        position=outside.position + np.float32(1000),
        velocity=outside.velocity,
        mass_kg=outside.mass_kg,
        radius_m=outside.radius_m,
        air_m3=outside.air_m3,
    )
    frames, mass = run([far])
    assert float(frames[0].density.max()) == 0
    assert mass.left_kg == pytest.approx(mass.emitted_kg)


def test_density_is_never_negative_and_always_finite() -> None:
    frames, _ = run(puffed(12), wind=(8.0, 3.0, 0))
    assert all(np.isfinite(g.density).all() and g.density.min() >= 0 for g in frames)


def test_heavy_dust_sinks_and_spreads_along_the_ground() -> None:
    frames, _ = run([burst(f, kg=6, height_m=3) if f < 4 else silence(f) for f in range(40)], settle=0.0)
    early, late = frames[4], frames[-1]
    assert middle(late)[2] < middle(early)[2] - 0.5
    near_floor = [(g.density[:, :, :3] > 1e-3).any(axis=2).sum() for g in (early, late)]
    assert near_floor[1] > 2 * near_floor[0]


def test_squeezed_air_drives_the_front_and_weighs_nothing() -> None:
    jet = [burst(f, kg=0.02, height_m=1.0, wind=(8.0, 0, 0)) if f < 6 else silence(f) for f in range(14)]
    blown = [replace(b, air_m3=np.full(len(b), 2.0 if len(b) else 0.0, np.float32)) for b in jet]
    (still, dusty), (pushed, airy) = run(jet), run(blown)
    assert middle(pushed[-1])[0] > middle(still[-1])[0] + 0.5
    assert airy.emitted_kg == dusty.emitted_kg
    assert airy.airborne_kg + airy.settled_kg + airy.left_kg == pytest.approx(airy.emitted_kg, rel=1e-4)


def test_wind_carries_the_cloud_downwind() -> None:
    frames, _ = run(puffed(16, (2.0, 0, 0)), wind=(2.0, 0, 0))
    travelled = middle(frames[15])[0] - middle(frames[4])[0]
    assert travelled == pytest.approx(2.0 * 11 / 24, rel=0.35)


def test_nothing_flows_through_the_floor_and_the_pressure_removes_all_divergence() -> None:
    air = _Air(DOMAIN, (0, 0, 0), 5)
    rng = np.random.default_rng(1)
    for face in air.velocity:
        face += rng.normal(size=face.shape).astype(np.float32)
    still = np.zeros(DOMAIN.shape, np.float32)
    air._project(still)
    left = np.empty_like(still)
    gas_kernels.divergence(*air.velocity, still, left)
    assert np.abs(left).max() < 1e-4
    assert np.abs(air.velocity[2][:, :, 0]).max() == 0


def test_same_seed_same_bits_whatever_the_thread_count() -> None:
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one, _ = run(puffed(8))
        numba.set_num_threads(before)
        many, _ = run(puffed(8))
    finally:
        numba.set_num_threads(before)
    assert one[-1].density.tobytes() == many[-1].density.tobytes()
    assert one[-1].detail_a.tobytes() == many[-1].detail_a.tobytes()


def test_another_seed_makes_another_cloud() -> None:
    assert not np.array_equal(run(puffed(8), seed=1)[0][-1].density, run(puffed(8), seed=2)[0][-1].density)


def test_falling_pieces_drag_the_air_down_with_them() -> None:
    pieces = blocks(np.array([[0, 0, 7.5], [1, 0, 7.5], [0, 1, 7.5], [1, 1, 7.5]]))
    dust = [burst(f, kg=0.05, height_m=5) if f < 2 else silence(f) for f in range(22)]
    frames: list[Gas] = []
    simulate_gas(DOMAIN, dust, (pieces, dropped(pieces, release=0)), RATE, seed=1, on_frame=frames.append, progress=Silent())
    alone, _ = run(dust, settle=0.12)
    assert middle(frames[-1])[2] < middle(alone[-1])[2] - 0.1


def test_texture_coordinates_start_at_rest_travel_and_are_laid_afresh_unseen() -> None:
    frames, _ = run(puffed(40), wind=(3.0, 0, 0))
    x = DOMAIN.origin_m[0] + DOMAIN.cell_m * (np.arange(16) * 2 + 0.5)
    drift_a = [float(np.median(g.detail_a[..., 0] - x[:, None, None])) for g in frames]
    drift_b = [float(np.median(g.detail_b[..., 0] - x[:, None, None])) for g in frames]
    per_frame = 3.0 / 24
    assert drift_a[0] == pytest.approx(-per_frame, abs=0.03)
    assert min(drift_a) > -3.0 * DETAIL_PERIOD_S - 0.3
    for name, drift in (("a", drift_a), ("b", drift_b)):
        jumps = [n for n in range(1, 40) if drift[n] > drift[n - 1] + per_frame]
        assert jumps
        for n in jumps:  # a jump is seen only as far as the field's weight goes
            weight_a = 1 - abs(2 * frames[n].phase - 1)
            assert (weight_a if name == "a" else 1 - weight_a) < 0.12


def test_saved_gas_comes_back_to_half_precision(tmp_path: Path) -> None:
    gas = run(puffed(6))[0][-1]
    save_gas(tmp_path / "gas.0006.npz", gas)
    back = load_gas(tmp_path / "gas.0006.npz")
    assert (back.frame, back.origin_m, back.cell_m, back.phase) == (gas.frame, gas.origin_m, gas.cell_m, gas.phase)
    np.testing.assert_allclose(back.density, gas.density, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(back.detail_a, gas.detail_a, atol=5e-3)
    np.testing.assert_allclose(back.detail_b, gas.detail_b, atol=5e-3)


def test_a_file_that_is_not_gas_is_refused_by_name(tmp_path: Path) -> None:
    save_arrays(tmp_path / "other.npz", schema=np.array("setpiece.pieces/1"))
    with pytest.raises(StageError, match=r"other\.npz: is not a gas frame"):
        load_gas(tmp_path / "other.npz")


@pytest.mark.parametrize("cells", [20_000, 100_000, 700_000])
def test_domain_holds_the_building_with_room_to_roll(cells: int) -> None:
    pieces = blocks(np.array([[x, 40, z] for x in (-15, 15) for z in (0.5, 11.5)]))
    domain = gas_domain(pieces, ground_z_m=0.0, cells=cells)
    low = np.array(domain.origin_m) - domain.cell_m / 2
    high = low + domain.cell_m * np.array(domain.shape)
    assert np.prod(domain.shape) == pytest.approx(cells, rel=0.15)
    assert all(n % 2 == 0 for n in domain.shape)
    assert low[2] == pytest.approx(0.0, abs=1e-6)
    assert low[0] < -15 - 12
    assert high[0] > 15 + 12
    assert low[1] < 40 - 12 * 1.2
    assert high[2] > 12 * 1.3


def test_a_longer_shot_gets_more_ground_for_the_front_to_roll_over() -> None:
    pieces = blocks(np.array([[x, 40, z] for x in (-15, 15) for z in (0.5, 11.5)]))
    short, long, endless = (gas_domain(pieces, ground_z_m=0.0, seconds=s) for s in (1.0, 6.0, 600.0))
    assert long.origin_m[1] < short.origin_m[1] - 5
    assert long.origin_m[0] < short.origin_m[0] - 5
    assert endless.origin_m[1] == pytest.approx(40 - 3 * 12, abs=2.5)


def test_a_stage_without_pieces_has_no_domain() -> None:
    with pytest.raises(StageError, match="no pieces"):
        gas_domain(blocks(np.zeros((0, 3))), ground_z_m=0.0)
    with pytest.raises(StageError, match="too few"):
        gas_domain(blocks(np.zeros((1, 3))), ground_z_m=0.0, cells=10)
