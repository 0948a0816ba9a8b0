"""The pictures of README and tutorials, made by the program: ``python examples/gallery.py SHOT`` on the demo's shot folder.

With ``--modes FOLDER`` the five modes are run small on the same plate first; what is there already is kept. With ``--ageing``
SHOT is the demo's re-aged shot: its retouch is shown by itself, for no face is kept in this repository.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from setpiece.deliver.contact_sheet import layer_pictures
from setpiece.deliver.frames import read_channels, read_comp
from setpiece.media.colour import view
from setpiece.media.images import read_image
from setpiece.wiring import DEMO_PLATE

OUT = Path(__file__).parent.parent / "docs" / "pictures"
GAP = 6
MODES = {
    "pancake": ["--mode", "pancake"],
    "topple": ["--mode", "topple", "--direction", "right", "--brief", "collapse.speed=1.6"],
    "blast": ["--mode", "blast", "--point", "960,600", "--brief", "collapse.charge=2"],
    "progressive": ["--mode", "progressive", "--side", "right"],
    "partial": ["--mode", "partial", "--region", "300,150,700,850"],
}


def shown(pixels: np.ndarray) -> np.ndarray:
    """Scene-linear ACEScg as a person sees it."""
    return view(np.ascontiguousarray(pixels), view="plain")


def row(pictures: list[np.ndarray], height: int) -> np.ndarray:
    """Pictures side by side at one height, with a thin gap."""
    fitted = [
        np.asarray(Image.fromarray(p).resize((round(p.shape[1] * height / p.shape[0]), height), Image.Resampling.LANCZOS))
        for p in pictures
    ]
    gap = np.full((height, GAP, 3), 255, np.uint8)
    return np.hstack([part for picture in fitted for part in (picture, gap)][:-1])


def stack(rows: list[np.ndarray]) -> np.ndarray:
    """Rows above one another, cut to the narrowest."""
    width = min(r.shape[1] for r in rows)
    gap = np.full((GAP, width, 3), 255, np.uint8)
    return np.vstack([part for r in rows for part in (r[:, :width], gap)][:-1])


def save(name: str, pixels: np.ndarray) -> None:
    """Write one picture of the gallery."""
    OUT.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(OUT / name, quality=88, optimize=True)
    print(OUT / name, pixels.shape)


def frame_of(shot: Path, frame: int) -> Path:
    """The file of a frame of the newest take of a shot."""
    take = sorted((shot / "takes").glob("v*"))[-1]
    return next((take / "comp").glob(f"*.{frame:04d}.exr"))


def comp(shot: Path, frame: int) -> np.ndarray:
    """A finished frame of the newest take of a shot."""
    return shown(read_comp(frame_of(shot, frame)))


def modes(folder: Path) -> np.ndarray:
    """Each mode as a row of four moments."""
    rows = []
    for name, options in MODES.items():
        shot = folder / name
        if not shot.exists():
            small = ["--brief", "deliver.usd=false", "--brief", "deliver.blend=false", "--brief", "deliver.prores4444=false"]
            common = ["--plate", str(DEMO_PLATE), "--height", "15.8", "--frames", "1001-1064", "--declare", "yes"]
            base = [sys.executable, "-m", "setpiece.cli"]
            subprocess.run(
                [*base, "shot", "new", str(shot), *common, *options, *small, "--brief", "dust.amount=0.5"], check=True
            )
            subprocess.run([*base, "run", str(shot), "--scale", "0.25"], check=True)
        rows.append(row([comp(shot, frame) for frame in (1016, 1030, 1044, 1062)], 200))
    return stack(rows)


def retouch(shot: Path, frame: int) -> dict[str, np.ndarray]:
    """The layers of a re-aged frame, to look at: the gain on grey (white: a stop and a fifth more), warp (6 px of the plate to
    full colour), matte, the face's own chart and confidence."""
    channels = read_channels(frame_of(shot, frame))
    matte = channels["matte.A"][..., None]
    nothing = np.zeros_like(channels["uv.u"])
    chart = np.dstack([channels["uv.u"], channels["uv.v"], nothing])
    planes = {
        "delta": 0.5 + np.dstack([channels[f"delta.{c}"] for c in "RGB"]) * matte / 2.4,
        "warp": 0.5 + np.dstack([channels["warp.u"], channels["warp.v"], nothing]) / 12,
        "matte": np.repeat(matte, 3, 2),
        "uv": np.where(np.isfinite(chart), chart, 0) * matte,
        "confidence": np.repeat(channels["confidence.Y"][..., None], 3, 2),
    }
    rows, columns = (np.flatnonzero(np.abs(planes["delta"] - 0.5).max(2).max(axis) > 0.05) for axis in (1, 0))
    held = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return {name: (np.clip(plane[held], 0, 1) * 255 + 0.5).astype(np.uint8) for name, plane in planes.items()}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shot", type=Path)
    parser.add_argument("--modes", type=Path)
    parser.add_argument("--ageing", action="store_true", help="SHOT is a re-aged one")
    chosen = parser.parse_args()
    shot = chosen.shot
    if chosen.ageing:
        save("ageing-layers.jpg", row(list(retouch(shot, 1031).values()), 300))
        save("ageing-delta.jpg", row([retouch(shot, frame)["delta"] for frame in (1004, 1014, 1024, 1034, 1043)], 300))
        return
    save("strip.jpg", stack([row([comp(shot, f) for f in (1001, 1036)], 360), row([comp(shot, f) for f in (1048, 1060)], 360)]))
    solve = [read_image(shot / "stage" / name).pixels[..., :3] for name in ("camera/camera.png", "matte/matte.png")]
    save("solve.jpg", row([(p * 255 + 0.5).astype(np.uint8) for p in solve], 360))
    layers = layer_pictures(read_channels(frame_of(shot, 1046)), lambda rgb: view(rgb, view="plain"))
    pictures = list(layers.values())
    save("layers.jpg", stack([row(pictures[:3], 240), row(pictures[3:6], 240)]))
    if chosen.modes:
        save("modes.jpg", modes(chosen.modes))


if __name__ == "__main__":
    main()
