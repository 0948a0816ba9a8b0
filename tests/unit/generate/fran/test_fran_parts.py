"""Codes and back, ages pixel by pixel, tiles without a seam: what the engine is made of."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from fran_toys import SMALL, sha256, weights

from setpiece.core.errors import BriefError, ClearanceRefused
from setpiece.generate.engines.fran.domain import decoded, encoded
from setpiece.generate.engines.fran.look import AgeCurve, FranLook, RegionAge, age_maps, soft_region
from setpiece.generate.engines.fran.shape import INPUT, OUTPUT, NetShape, open_net, write_model
from setpiece.generate.engines.fran.tiles import run_tiled, spans
from setpiece.media.colour import view


def a_look(**changes: object) -> FranLook:
    asked: dict[str, object] = {"model": Path("m.onnx"), "sha256": "0" * 64, "input_age": 50.0, "output_age": 30.0}
    return FranLook(**(asked | changes))


def test_every_scene_linear_value_has_its_code_and_comes_back() -> None:
    rng = np.random.default_rng(0)
    scene = np.concatenate([rng.normal(0, 3, (500, 3)), rng.lognormal(-2, 3, (500, 3)), np.zeros((1, 3))]).astype(np.float32)
    largest = np.abs(scene).max(axis=-1, keepdims=True)
    assert (np.abs(decoded(encoded(scene)) - scene) <= 1e-5 * largest + 1e-6).all()
    codes = rng.uniform(-1, 2, (500, 3)).astype(np.float32)
    np.testing.assert_allclose(encoded(decoded(codes)), codes, atol=3e-5)


def test_codes_of_a_displayable_picture_are_its_srgb() -> None:
    scene = decoded(np.random.default_rng(1).random((20, 20, 3)).astype(np.float32))
    assert np.abs(encoded(scene) * 255 - view(scene, view="plain")).max() < 0.51


def test_codes_rise_without_end_and_without_a_corner() -> None:
    grey = np.repeat(np.geomspace(1e-4, 64, 4000)[:, None], 3, axis=1)
    code = encoded(grey.astype(np.float32))[:, 1].astype(np.float64)
    assert (np.diff(code) > 0).all()
    linear = np.linspace(0.98, 1.02, 401)
    slope = np.diff(encoded(np.repeat(linear[:, None], 3, axis=1).astype(np.float32))[::20, 1])
    assert np.abs(np.diff(slope)).max() < 0.03 * slope.mean()


def test_an_age_curve_is_straight_between_keys_and_held_outside() -> None:
    curve = AgeCurve(keys=((1010, 60.0), (1020, 40.0)))
    assert [curve.at(frame) for frame in (1001, 1010, 1015, 1020, 1100)] == [60, 60, 50, 40, 40]
    for keys in ((), ((1010, 60.0), (1010, 50.0)), ((1020, 60.0), (1010, 50.0))):
        with pytest.raises(BriefError):
            AgeCurve(keys=keys)


@pytest.mark.parametrize("change", [{"reach": 5.0}, {"exposure_stops": 20.0}, {"crop_px": 10}, {"max_crop_px": 1}])
def test_a_look_out_of_range_is_refused_by_name(change: dict[str, object]) -> None:
    with pytest.raises(BriefError, match=next(iter(change))):
        a_look(**change)


def test_ages_change_by_region_and_by_chart_and_stay_within_what_was_trained() -> None:
    size = 64
    points = np.array([[8, 8], [24, 8], [24, 24], [8, 24]], np.float32)
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    uv = np.stack([x, y], axis=-1).astype(np.float32)
    chart = np.zeros((32, 32), np.float32)
    chart[24:, 24:] = -5
    look = a_look(regions=(RegionAge(region="brow", years=60.0),), chart_years=chart)
    before, after = age_maps(look, 1001, points, uv, {"brow": range(4)}, (18, 85))
    assert (before == 50).all()
    assert after[16, 16] == 85  # 90 was asked for
    assert after[40, 20] == 30  # elsewhere nothing
    assert after[60, 60] == 25
    uv[50:] = np.nan
    assert age_maps(look, 1001, points, uv, {"brow": range(4)}, (18, 85))[1][60, 60] == 30  # beyond the chart nothing
    with pytest.raises(BriefError, match=r"no region 'brow'.*regions are cheek"):
        age_maps(look, 1001, points, uv, {"cheek": range(4)}, (18, 85))


def test_a_soft_region_lies_where_its_points_are_at_half_a_pixel() -> None:
    mask = soft_region(np.array([[10.5, 12.5], [30.5, 12.5], [30.5, 40.5], [10.5, 40.5]], np.float32), 64, feather_px=2)
    y, x = np.mgrid[:64, :64] + 0.5
    middle = (mask * x).sum() / mask.sum(), (mask * y).sum() / mask.sum()
    np.testing.assert_allclose(middle, (20.5, 26.5), atol=0.06)


@pytest.mark.parametrize(
    ("length", "tile", "halo", "stride"), [(640, 256, 40, 8), (258, 100, 20, 2), (64, 64, 8, 4), (200, 96, 32, 16)]
)
def test_tiles_cover_everything_and_start_on_the_stride(length: int, tile: int, halo: int, stride: int) -> None:
    found = spans(length, tile, halo, stride)
    assert found[0][0] == 0 and found[-1][1] == length
    assert all(start % stride == 0 for start, _ in found)
    for (_, end), (start, _) in pairwise(found):
        assert end - start >= 2 * halo


@pytest.mark.parametrize("widths", [(8, 12), (6, 8, 10, 12)])
def test_tiles_join_as_if_the_picture_had_been_taken_whole(tmp_path: Path, widths: tuple[int, ...]) -> None:
    shape = NetShape(widths=widths)
    path = tmp_path / "m.onnx"
    write_model(path, shape, weights(shape), ages=(18, 85))
    net = open_net(path, sha256(path))
    rng = np.random.default_rng(2)
    planes = rng.random((5, 28 * shape.stride * 2, 36 * shape.stride * 2), np.float32)

    def network(part: np.ndarray) -> np.ndarray:
        return net.model.run({INPUT: part[None]})[OUTPUT][0]

    whole = network(planes)
    tile = 2 * shape.reach_px + 4 * 16
    tiled = run_tiled(network, planes, tile_px=tile, halo_px=shape.reach_px, blend_px=16, stride=shape.stride)
    assert tile < min(planes.shape[1:]) and np.abs(whole).mean() > 0.001
    assert np.abs(tiled - whole).max() < 1e-5
    before = planes[:3].transpose(1, 2, 0)
    stops = [np.log2(np.maximum(decoded(before + d.transpose(1, 2, 0)) + 0.02, 0.001)) for d in (whole, tiled)]
    assert np.abs(stops[0] - stops[1]).max() < 1e-3


def test_a_networks_reach_is_true(tmp_path: Path) -> None:
    shape = NetShape(widths=(6, 8, 10))
    path = tmp_path / "m.onnx"
    write_model(path, shape, weights(shape), ages=(18, 85))
    net = open_net(path, sha256(path))
    planes = np.random.default_rng(4).random((1, 5, 32, 160), np.float32)
    changed = planes.copy()
    changed[:, :, :, :80] += 1
    moved = np.abs(net.model.run({INPUT: changed})[OUTPUT] - net.model.run({INPUT: planes})[OUTPUT]).max(axis=(0, 1, 2))
    assert moved[80 + shape.reach_px :].max() == 0 and moved[80 + shape.reach_px // 3] > 0


def test_what_is_trained_is_what_is_run(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from setpiece.generate.engines.fran.net import Net, weights_of

    net = Net(SMALL, seed=3)
    with torch.no_grad():
        net.layers["head"].weight.normal_(std=0.1, generator=torch.Generator().manual_seed(1))
    path = tmp_path / "m.onnx"
    write_model(path, SMALL, weights_of(net), ages=(18, 85))
    planes = np.random.default_rng(5).random((1, 5, 20, 24), np.float32)
    found = open_net(path, sha256(path)).model.run({INPUT: planes})[OUTPUT]
    np.testing.assert_allclose(found, net(torch.from_numpy(planes)).detach().numpy(), atol=2e-6)


def test_a_model_that_does_not_say_what_it_is_is_refused(tmp_path: Path) -> None:
    import onnx

    path = tmp_path / "m.onnx"
    write_model(path, SMALL, weights(SMALL), ages=(18, 85))
    for key, value in (("widths", "a,b"), ("tile_px", "7"), ("youngest", "nan"), ("oldest", "5"), ("widths", None)):
        model = onnx.load_model_from_string(path.read_bytes())
        props = {entry.key: entry.value for entry in model.metadata_props if entry.key != key}
        onnx.helper.set_model_props(model, props | ({} if value is None else {key: value}))
        spoiled = tmp_path / "spoiled.onnx"
        spoiled.write_bytes(model.SerializeToString())
        with pytest.raises(ClearanceRefused):
            open_net(spoiled, sha256(spoiled))
