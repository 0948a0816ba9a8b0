"""Passes of a set on disk: readable back, classes united, nothing spoilt by half precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from setpiece.core.set_passes import SetPasses
from setpiece.deliver.cryptomatte import piece_hashes
from setpiece.deliver.previs_passes import united, write_passes
from setpiece.media.images import read_exr


def _passes() -> SetPasses:
    ids = np.full((6, 8, 4), -1, np.int32)
    ids[..., 0], ids[..., 1], ids[:, 4:, 2] = 0, 1, 2
    coverage = np.zeros((6, 8, 4), np.float32)
    coverage[..., 0], coverage[..., 1], coverage[:, 4:, 2] = 0.45, 0.35, 0.2
    rgb = np.random.default_rng(2).uniform(0, 1, (6, 8, 3)).astype(np.float32)
    depth = np.full((6, 8), 123.456, np.float32)
    depth[0] = np.inf
    return SetPasses(
        depth=depth, normal=rgb, position=rgb * 1000, albedo=rgb, ids=ids, coverage=coverage,
        lines=np.ascontiguousarray(rgb[..., 0]), light={"key light": rgb}, names=("chair 1", "table", "chair 2"),
        categories=("chair", "table", "chair"),
    )  # fmt: skip


def test_two_chairs_in_a_pixel_are_one_class_and_coverage_is_conserved() -> None:
    passes = _passes()
    made = united(passes, ("chair", "table"))
    assert made.coverage[0, 6].tolist() == pytest.approx([0.65, 0.35, 0, 0])
    assert made.ids[0, 6].tolist()[:2] == [0, 1]
    assert np.allclose(made.coverage.sum(axis=-1), passes.coverage.sum(axis=-1))


def test_every_pass_is_read_back_as_it_was(tmp_path: Path) -> None:
    passes = _passes()
    picture = np.full((6, 8, 3), 0.18, np.float32)
    assert write_passes(tmp_path / "v.exr", picture, passes, notes={"setpiece:white_kelvin": 3200.0}) == 0
    channels, notes = read_exr(tmp_path / "v.exr")
    assert notes["setpiece:white_kelvin"] == pytest.approx(3200.0)
    assert np.array_equal(channels["depth.Z"][1:], passes.depth[1:]) and (channels["depth.Z"][0] > 1e9).all()
    assert np.array_equal(channels["P.Y"], passes.position[..., 1])
    assert np.allclose(channels["light_key_light.G"], passes.light["key light"][..., 1], rtol=1e-3)
    assert channels["CryptoObject00.R"][0, 0] == piece_hashes(["chair 1"])[0]
    assert channels["CryptoCategory00.G"][0, 6] == pytest.approx(0.65)
