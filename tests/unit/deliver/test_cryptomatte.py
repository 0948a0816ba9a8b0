"""Ids agree with the published ones, and every name's matte comes back out of the planes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.core.errors import StageError
from setpiece.core.layers import Layers
from setpiece.deliver.cryptomatte import (
    GRIT,
    cryptomatte_attributes,
    cryptomatte_channels,
    decode_matte,
    float_bits,
    layer_key,
    murmur3_32,
    piece_hashes,
    piece_names,
)


@pytest.mark.parametrize(
    ("text", "seed", "published"),
    [
        (b"", 0, 0),
        (b"", 1, 0x514E28B7),
        (b"", 0xFFFFFFFF, 0x81F16F39),
        (b"test", 0, 0xBA6BD213),
        (b"Hello, world!", 0, 0xC0363E43),
        (b"The quick brown fox jumps over the lazy dog", 0, 0x2E4FF723),
        (b"aaaa", 0x9747B28C, 0x5A97808A),
        (b"aaa", 0x9747B28C, 0x283E0130),
        (b"aa", 0x9747B28C, 0x5D211726),
        (b"a", 0x9747B28C, 0x7FA09EA6),
    ],
)
def test_hash_gives_the_published_values(text: bytes, seed: int, published: int) -> None:
    assert murmur3_32(text, seed) == published


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("bunny", "13851a76"),
        ("default", "42c9679f"),
        ("bunny_porcelain_mat", "b24b26d4"),
        ("flowerA.flowerA_petal1.:2261", "00af91ae"),
        ("flowerA.flowerA_petal10.:2709", "ff67145b"),
    ],
)
def test_ids_agree_with_the_specification_and_its_sample_pictures(name: str, published: str) -> None:
    assert f"{float_bits(name):08x}" == published


def test_metadata_stand_under_the_published_key() -> None:
    assert layer_key("crypto_object") == "f834d0a"


@given(st.text(max_size=30))
def test_every_name_becomes_a_normal_finite_float(name: str) -> None:
    value = np.array([float_bits(name)], np.uint32).view(np.float32)[0]
    assert np.isfinite(value)
    assert abs(value) >= np.finfo(np.float32).tiny


def layers(ids: np.ndarray, coverage: np.ndarray) -> Layers:
    size = ids.shape[:2]
    zeros = {
        name: np.zeros((*size, n), np.float32)
        for name, n in {"debris": 4, "dust": 4, "shadow": 3, "normal": 3, "rest": 3, "forward": 2, "backward": 2}.items()
    }
    plane = np.ones(size, np.float32)
    return Layers(frame=1, standing=plane, depth=plane.copy(), ids=ids, coverage=coverage, **zeros)


NAMES = piece_names(np.array([0, 1, 1], np.int32), ("front", "roof"))


def test_pieces_are_named_for_their_part() -> None:
    assert NAMES == ("front_00000", "roof_00001", "roof_00002")
    with pytest.raises(StageError, match="part 5 has no name among 2"):
        piece_names(np.array([0, 5], np.int32), ("front", "roof"))


@given(st.integers(0, 2**31))
def test_matte_of_each_piece_comes_back_with_its_coverage(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = np.stack([rng.permutation([-1, 0, 1, 2])[:3] for _ in range(20)]).reshape(4, 5, 3).astype(np.int32)
    coverage = -np.sort(-rng.random((4, 5, 3)).astype(np.float32) / 3, axis=-1) * (ids >= 0)
    planes = cryptomatte_channels(layers(ids, coverage), piece_hashes(NAMES))
    for index, name in enumerate(NAMES):
        truth = np.where(ids == index, coverage, 0).sum(axis=-1)
        assert np.allclose(decode_matte(planes, name), truth)
    assert len(planes) == 11
    assert all(plane.dtype == np.float32 and plane.shape == (4, 5) for plane in planes.values())


def test_empty_pixels_hold_zero_and_grit_is_one_matte_in_descending_rank() -> None:
    ids = np.array([[[-1, -1, -1], [1, 4000, 5000], [4000, 4001, -1]]], np.int32)
    coverage = np.array([[[0, 0, 0], [0.4, 0.3, 0.2], [0.5, 0.5, 0]]], np.float32)
    planes = cryptomatte_channels(layers(ids, coverage), piece_hashes(NAMES))
    assert np.allclose(decode_matte(planes, GRIT), [[0.0, 0.5, 1.0]])
    assert np.allclose(decode_matte(planes, NAMES[1]), [[0.0, 0.4, 0.0]])
    assert np.allclose(planes["CryptoObject00.G"], [[0.0, 0.5, 1.0]])
    assert all(plane[0, 0] == 0 for plane in planes.values())


def test_header_names_every_piece_and_the_method() -> None:
    header = cryptomatte_attributes(NAMES)
    root = f"cryptomatte/{layer_key()}/"
    assert header[root + "name"] == "CryptoObject"
    assert header[root + "hash"] == "MurmurHash3_32"
    assert header[root + "conversion"] == "uint32_to_float32"
    manifest = json.loads(header[root + "manifest"])
    assert set(manifest) == {*NAMES, GRIT}
    assert all(len(value) == 8 for value in manifest.values())
    assert manifest[NAMES[2]] == f"{float_bits(NAMES[2]):08x}"
