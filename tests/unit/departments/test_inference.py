"""What is found in a plate goes into the brief once, and is found there again."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "flow"))

from real_shot import BUILDING, street

from setpiece.core.progress import Silent
from setpiece.departments.destruction.solve import infer, reference_frame, solved
from setpiece.intake.brief import Brief, load_brief, new_brief
from setpiece.intake.plate import probe_plate
from setpiece.media.images import write_png
from setpiece.production.ingest import plate_of
from setpiece.production.workspace import Workspace


class Heard:
    """Progress that remembers which steps were made."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        if done == total and not note:
            self.made.append(step)


def clip(tmp_path: Path, frames: int) -> Brief:
    """The brief of a locked-off clip whose grain differs from frame to frame."""
    rng = np.random.default_rng(3)
    for frame in range(1001, 1001 + frames):
        noisy = street().astype(np.float64) + rng.normal(0, 3, street().shape)
        write_png(tmp_path / f"plate.{frame}.png", np.clip(noisy, 0, 255).astype(np.uint8))
    info = probe_plate(tmp_path / "plate.####.png")
    values = {"matte.box": list(map(float, BUILDING)), "plate.focal_px": 300.0}
    return new_brief(tmp_path / "sh010" / "brief.yaml", shot="sh010", plate=info, declaration={}, values=values)


@pytest.mark.parametrize("frames", [4, 9])
def test_a_clip_is_solved_from_one_frame_and_the_second_run_finds_everything_as_it_was(tmp_path: Path, frames: int) -> None:
    brief = clip(tmp_path, frames)
    workspace = Workspace.at(brief.path.parent)
    before = reference_frame(brief, plate_of(brief))
    first = infer(workspace, brief, plate_of(brief), Silent())
    text = brief.path.read_text()
    assert reference_frame(first, plate_of(first)) == before < 1001 + frames
    heard = Heard()
    infer(workspace, load_brief(brief.path), plate_of(first), heard)
    solved(workspace, load_brief(brief.path), plate_of(first), heard)
    assert heard.made == []
    assert brief.path.read_text() == text


def test_holdout_and_light_follow_the_whole_camera(tmp_path: Path) -> None:
    brief = clip(tmp_path, 2)
    workspace = Workspace.at(brief.path.parent)
    infer(workspace, brief, plate_of(brief), Silent())
    text = brief.path.read_text()
    # the eye stays where it is, the lens does not
    brief.path.write_text(text.replace("focal_px: 300.0", "focal_px: 420.0", 1))
    heard = Heard()
    infer(workspace, load_brief(brief.path), plate_of(brief), heard)
    assert {"camera", "light", "holdout"} <= set(heard.made)
