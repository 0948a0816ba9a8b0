"""Unit tests of the room share the contract suite's small stage."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "contract"))
