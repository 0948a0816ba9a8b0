"""The contact sheet of a re-aged shot: twelve frames, each before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Display, Rgb
from setpiece.deliver.contact_sheet import draw_contact_sheet, spread_frames
from setpiece.deliver.frames import read_comp
from setpiece.media.images import write_png


def write_before_after(
    path: Path,
    frames: Mapping[int, Path],
    plate: Callable[[int], Rgb],
    *,
    title: str,
    subtitle: str,
    viewer: Callable[[Rgb], Display],
) -> Path:
    """Draw plate and comp of twelve of ``frames`` (frame number: EXR) side by side and write them as PNG. Each is read once.

    Raises PlateUnreadable for a frame that cannot be read, OutputFailed for the disk.
    """
    cells = [
        (frame, np.concatenate([viewer(np.array(plate(frame))), viewer(read_comp(frames[frame]))], axis=1))
        for frame in spread_frames(sorted(frames))
    ]
    write_png(path, draw_contact_sheet(cells, {}, title=title, subtitle=f"before | after   {subtitle}", layers_of=0))
    return path
