"""Animate a portrait: ``python -m examples.performances portrait OUT --frames 60``.

``paint OUT --keys FOLDER --of portrait`` is the artist of that take: it paints every full-frame ``….NNNN.exr`` of FOLDER
and leaves the painted files in OUT under the same names. Seed, size and frames must be the take's.

Leaves ``OUT/plate/NAME.1001.exr …`` (half float, ACEScg), ``OUT/truth/…`` (what a perfect retouch would give) and
``OUT/truth.npz`` (landmarks, poses, keyframes: what really happened), for trying every step of a de-ageing against.
"""

from __future__ import annotations

import argparse
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
from examples.performances.head import model_head
from examples.performances.motion import performed
from examples.performances.paint import Retouch, paint_keyframe, painted
from examples.performances.portraits import astronaut, hopper
from examples.performances.shots import SHOTS, shot
from examples.performances.take import Take

from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError, SetpieceError
from setpiece.media.exr import write_exr
from setpiece.media.files import save_arrays
from setpiece.media.images import read_exr


def animate(
    name: str = "portrait", *, frames: int = 60, seed: int = 4, size: tuple[int, int] = (512, 512), years: float = -25.0
) -> Take:
    """The demo's performance: the astronaut (or ``hopper``), any frame to be had from it."""
    head, versions = painted(
        model_head((hopper if name == "hopper" else astronaut)(size)), Retouch(years=years, colour=0.45), seed
    )
    return Take(name=name, head=head, painted=versions, motion=performed(frames, seed, yaw=15.0), frames=frames, seed=seed)


def write_take(take: Take, out: Path, *, truth: bool = True) -> int:
    """Shoot every frame into ``out``; returns how many."""
    landmarks, poses = [], []
    for number in take.numbers:
        frame = take.frame(number)
        _write(out / "plate" / f"{take.name}.{number}.exr", frame.plate)
        if truth:
            _write(out / "truth" / f"{take.name}.{number}.exr", frame.truth)
        landmarks.append(frame.landmarks)
        poses.append(frame.pose_deg)
    save_arrays(
        out / "truth.npz", frames=np.array(take.numbers, np.int32), landmarks=np.array(landmarks, np.float32),
        pose_deg=np.array(poses, np.float32),
    )  # fmt: skip
    return take.frames


def _write(path: Path, pixels: Rgb) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    planes = {name: np.ascontiguousarray(pixels[..., i]) for i, name in enumerate("RGB")}
    write_exr(path, planes, attributes={"framesPerSecond": Fraction(24)})


def paint_folder(take: Take, keys: Path, out: Path) -> int:
    """Paint every keyframe EXR in ``keys`` (R, G, B; ``….NNNN.exr``, full frame) into ``out``; returns how many."""
    found = [(path, re.search(r"(\d+)\.exr$", path.name)) for path in sorted(keys.glob("*.exr"))]
    numbered = [(path, int(match[1])) for path, match in found if match is not None and int(match[1]) in take.numbers]
    if not numbered:
        raise BriefError("no keyframe of this take is there", file=keys, remedy="name files like key.1007.exr")
    for path, number in numbered:
        channels, _ = read_exr(path, only=("R", "G", "B"))
        picture = np.stack([channels[name] for name in "RGB"], axis=2).astype(np.float32)
        _write(out / path.name, paint_keyframe(take, number, picture))
    return len(numbered)


def taken(name: str, options: argparse.Namespace) -> Take:
    """The take called ``name``, as the command line asks for it."""
    width, _, height = options.size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise BriefError(f"'{options.size}' is not a size", remedy="write 512x512 or 1280x720")
    if name in SHOTS:
        return shot(name, seed=options.seed, size=int(width), frames=options.frames)
    if name in ("portrait", "hopper"):
        return animate(name, frames=options.frames, seed=options.seed, size=(int(width), int(height)))
    raise BriefError(f"there is no take '{name}'", remedy=f"take portrait, hopper or {', '.join(SHOTS)}")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m examples.performances", description=__doc__)
    parser.add_argument("name", help=f"portrait, hopper, a benchmark's shot ({', '.join(SHOTS)}), or paint")
    parser.add_argument("out", type=Path)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--size", default="512x512", help="for example 1280x720")
    parser.add_argument("--no-truth", action="store_true", help="plates only")
    parser.add_argument("--keys", type=Path, default=Path(), help="paint: the folder of keyframes")
    parser.add_argument("--of", default="portrait", help="paint: the take that they are of")
    options = parser.parse_args()
    try:
        if options.name == "paint":
            count = paint_folder(taken(options.of, options), options.keys, options.out)
        else:
            count = write_take(taken(options.name, options), options.out, truth=not options.no_truth)
    except SetpieceError as error:
        raise SystemExit(str(error)) from error
    print(f"{count} frames in {options.out}")


if __name__ == "__main__":
    main()
