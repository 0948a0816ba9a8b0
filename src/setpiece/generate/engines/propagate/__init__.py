"""Engine ``propagate``: the artist's keyframes carried through a shot, without training."""

from __future__ import annotations

from setpiece.generate.engines.propagate.engine import Propagate as Propagate
