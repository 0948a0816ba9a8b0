#!/bin/sh
# Try engine `comfyui` against a running ComfyUI server with a workflow that needs no weights: load, invert, save.
#
#   tools/try_comfyui.sh http://127.0.0.1:8188
#
# Sends three frames of a chart made here (no shot, no person), two a job, and compares what comes back with what
# inverting them must give. Prints the server's version, warnings, progress and the largest difference in 8-bit codes.
set -eu
cd "$(dirname "$0")/.."
exec "${PYTHON:-python}" - "$1" docs/engines/comfyui-invert.json <<'PYTHON'
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from setpiece.core.errors import SetpieceError
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.comfyui.engine import ComfyEngine
from setpiece.generate.engines.comfyui.pictures import as_seen, to_display
from setpiece.generate.engines.comfyui.workflow import read_workflow
from setpiece.generate.finish import FinishRequest

WIDTH, HEIGHT = 320, 180


class OwnChart:
    """The permit of a chart that this script makes: there is nothing to clear."""

    def check(self):
        pass


class Told:
    def report(self, step, done, total, note=""):
        print(f"  {step} {done}/{total} {note}")


def chart(frame):
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    picture = np.stack([x, y, np.full_like(x, (frame % 7) / 7)], 2) ** 2
    picture[40:60, 40:60] = 6.0  # a highlight that eight bits cannot hold
    return picture.astype(np.float32)


def main():
    request = FinishRequest(
        plate=chart, matte=lambda frame: np.ones((HEIGHT, WIDTH), np.float32), frames=FrameRange(
            first=1001, last=1003, rate=Fraction(24)), size=(WIDTH, HEIGHT), controls=(), prompt="", permit=OwnChart(),
        seed=time.time_ns() % 2**32,  # another one each time: an equal request would be found in the server's history
    )
    with tempfile.TemporaryDirectory() as work:
        engine = ComfyEngine(url=sys.argv[1], workflow=read_workflow(Path(sys.argv[2])), work=Path(work))
        worst = 0.0
        for frame, picture in engine.finish(request, Told()):
            away = np.abs(to_display(picture) - (1 - as_seen(to_display(chart(frame)), "png8"))).max() * 255
            print(f"frame {frame}: within {away:.2f} codes of the inverted chart")
            worst = max(worst, away)
        print(engine.used)
    return 0 if worst <= 1.01 else 1


try:
    sys.exit(main())
except SetpieceError as error:
    sys.exit(f"{error}")
PYTHON
