"""Digital make-up: a face made younger or older in scene-linear light, each frame for itself, without any training."""

from __future__ import annotations

from setpiece.generate.engines.makeup.engine import Makeup as Makeup
from setpiece.generate.engines.makeup.look import MakeupLook as MakeupLook
