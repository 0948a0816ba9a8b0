"""Pairs to try the training with: faces drawn by arithmetic, nobody's, at two ages each.

    python examples/fran_training/drawn_pairs.py FOLDER [--count 24] [--size 256]

They teach nothing about people: lines deepen, hair greys, skin pales with the years, by rule. Enough to see a network
learn, stop, go on, and open in the engine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from setpiece.media.files import sha256_file, write_json
from setpiece.media.images import write_png

Codes = npt.NDArray[np.float64]


def face(rng: np.random.Generator, size: int) -> dict[str, Codes]:
    """What stays the same of a drawn face at every age: places, shapes, pores."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    x, y = x + rng.uniform(-0.04, 0.04), y + rng.uniform(-0.04, 0.04)
    wide, tall = rng.uniform(0.24, 0.3), rng.uniform(0.33, 0.39)
    inside = 1 / (1 + np.exp((np.hypot(x / wide, y / tall) - 1) * 30))
    hair = 1 / (1 + np.exp((np.hypot(x / (wide * 1.18), (y + 0.06) / (tall * 1.12)) - 1) * 40)) * (1 - inside)
    light = 0.75 + 0.35 * np.clip(x * rng.uniform(-1, 1) - y + 0.3, 0, 1)
    lines = np.zeros_like(x)
    for number in range(4):  # the forehead's
        height = -0.24 + 0.035 * number + 0.01 * np.cos(12 * x + rng.uniform(0, 6))
        lines += np.exp(-(((y - height) / 0.004) ** 2)) * np.exp(-((x / 0.13) ** 4))
    for side in (-1, 1):  # from the nose to the corners of the mouth
        fold = side * (0.05 + 0.35 * np.clip(y - 0.04, 0, 1))
        lines += 1.4 * np.exp(-(((x - fold) / 0.006) ** 2)) * np.exp(-(((y - 0.12) / 0.07) ** 4))
    dark = np.zeros_like(x)
    for side in (-1, 1):
        dark += np.exp(-(((x - side * 0.1) / 0.035) ** 2) - ((y + 0.06) / 0.016) ** 2)
        dark += 0.7 * np.exp(-(((x - side * 0.1) / 0.05) ** 2) - ((y + 0.115) / 0.01) ** 2)
    lips = np.exp(-((x / 0.07) ** 2) - ((y - 0.2) / 0.016) ** 2)
    pores = rng.normal(0, 0.012, (size, size))
    return {"inside": inside, "hair": hair, "light": light, "lines": lines, "dark": dark, "lips": lips, "pores": pores}


def shown(drawn: dict[str, Codes], skin: Codes, years: float) -> Codes:
    """The face at an age, display codes 0..1."""
    age = np.clip((years - 20) / 60, 0, 1)
    tone = skin * (1 - 0.06 * age) + np.array([0.01, 0.02, 0.02]) * age
    colour = tone * drawn["light"][..., None]
    colour = colour * (1 - (0.04 + 0.3 * age) * drawn["lines"][..., None])
    colour = colour + (drawn["pores"] * (1 + 0.4 * age))[..., None]
    colour = colour * (1 - 0.75 * drawn["dark"][..., None])
    colour = colour * (1 - drawn["lips"][..., None] * (np.array([0.05, 0.35, 0.3]) - 0.1 * age))
    strands = np.array([0.16, 0.11, 0.08]) * (1 - age) + np.array([0.55, 0.54, 0.53]) * age
    ground = np.array([0.2, 0.23, 0.27])
    picture = ground + drawn["hair"][..., None] * (strands + 3 * drawn["pores"][..., None] - ground)
    found: Codes = np.clip(picture + drawn["inside"][..., None] * (colour - picture), 0, 1)
    return found


def write(folder: Path, count: int, size: int, seed: int) -> Path:
    """Draw ``count`` pairs into ``folder`` and list them; returns the list."""
    rng = np.random.default_rng(seed)
    items: list[dict[str, object]] = []
    for number in range(count):
        drawn, skin = face(rng, size), np.array([0.8, 0.6, 0.5]) * rng.uniform(0.6, 1.1)
        item: dict[str, object] = {}
        for part in ("input", "target"):
            years = round(float(rng.uniform(20, 80)), 1)
            file = folder / f"face{number:04}_{part}.png"
            write_png(file, (shown(drawn, skin, years) * 65535 + 0.5).astype(np.uint16))
            age = "input_age" if part == "input" else "output_age"
            item |= {part: file.name, f"{part}_sha256": sha256_file(file), age: years}
        item |= {"owner": "this production", "licence": "own", "training_mining": "allowed"}
        items.append(item | {"people": [], "grants": {}, "depicts_nobody": True})
    path = folder / "pairs.json"
    top = {"schema": "setpiece.fran_pairs/1", "name": "drawn faces", "production": "this production", "licence": "own"}
    write_json(path, top | {"complete": True, "items": items})
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(write(asked.folder, asked.count, asked.size, asked.seed))


if __name__ == "__main__":
    main()
