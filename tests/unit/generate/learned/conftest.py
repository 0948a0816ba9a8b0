"""The engine's tests share a tiny shot."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
sys.path.insert(0, str(Path(__file__).resolve().parent))

from learned_shot import begin as begin
