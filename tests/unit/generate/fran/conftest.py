"""A small model for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from fran_toys import SMALL, weights

from setpiece.generate.engines.fran.shape import write_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Untrained weights that answer to everything."""
    path = tmp_path / "small.onnx"
    write_model(path, SMALL, weights(SMALL), ages=(18, 85), tile_px=128)
    return path
