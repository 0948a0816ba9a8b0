"""Mattes that people painted: read as coverage, checked for size and content before anything is built on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from setpiece.core.arrays import Plane
from setpiece.core.errors import MatteError
from setpiece.media.images import read_exr, read_image


def read_roto(path: Path, size: tuple[int, int], name: str, *, subject: str | None = None) -> Plane:
    """A roto picture as coverage (h, w), 0..1, of ``size`` (width, height). One that has a ``subject`` (the building) must
    hold some of the picture, and none may hold all of it.

    Alpha where there is one that is not solid, else the first channel, else what it is called in EXR. Raises
    PlateUnreadable, and MatteError where it is of another size, holds NaN, is empty or covers everything.
    """
    if path.suffix.lower() == ".exr":
        channels, _ = read_exr(path)
        plane = next((channels[c] for c in ("matte.A", "A", "Y", "R") if c in channels), next(iter(channels.values())))
    else:
        pixels = read_image(path).pixels
        solid = pixels.shape[2] != 4 or float(pixels[..., 3].min()) == 1.0
        plane = pixels[..., 0] if solid else pixels[..., 3]
    if not np.isfinite(plane).all():
        raise MatteError(f"the {name} holds NaN or infinity", file=path, remedy="export it again")
    coverage = np.clip(np.ascontiguousarray(plane, np.float32), 0, 1)
    if coverage.shape != (size[1], size[0]):
        raise MatteError(
            f"the {name} is {coverage.shape[1]}x{coverage.shape[0]} but the plate is {size[0]}x{size[1]}",
            file=path,
            remedy="export it at the plate's size, without overscan",
        )
    if coverage.min() > 0.5:
        raise MatteError(
            f"the {name} covers everything", file=path, remedy="paint white only what it stands for, the rest black"
        )
    if subject is not None and coverage.max() < 0.5:
        raise MatteError(
            f"the {name} is empty", file=path, remedy=f"paint the {subject} white, or state a box around it instead"
        )
    return coverage
