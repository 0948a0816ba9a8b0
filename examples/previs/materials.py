"""Every material of a set on a board: a sphere and a slab each, under a lamp and a window's light.

Run: ``python examples/previs/materials.py FOLDER [KIND ...]``. Writes one PNG a dozen materials.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from setpiece.core.progress import Silent
from setpiece.core.scene import (
    Lamp,
    LampShape,
    MaterialKind,
    Part,
    Placed,
    PolyMesh,
    Scene,
    SceneCamera,
    SceneMaterial,
    Sky,
    Thing,
)
from setpiece.stage.blender.set_view import Shot, render_views

GREY = (0.55, 0.52, 0.48)
COLOURS = {
    "wood": (0.24, 0.11, 0.05), "planks": (0.27, 0.14, 0.07), "parquet": (0.3, 0.15, 0.07), "brick": (0.35, 0.11, 0.06),
    "metal": (0.72, 0.5, 0.24), "chrome": (0.8, 0.8, 0.82), "leather": (0.14, 0.05, 0.022), "denim": (0.03, 0.055, 0.14),
    "velvet": (0.012, 0.09, 0.05), "silk": (0.3, 0.02, 0.05), "tweed": (0.2, 0.15, 0.09), "wool": (0.06, 0.07, 0.1),
    "pinstripe": (0.02, 0.024, 0.035), "plaid": (0.02, 0.06, 0.04), "leaf": (0.06, 0.16, 0.03), "bark": (0.1, 0.07, 0.05),
    "soil": (0.07, 0.045, 0.03), "asphalt": (0.05, 0.05, 0.052), "snow": (0.85, 0.87, 0.9), "water": (0.03, 0.06, 0.07),
    "carpet": (0.13, 0.03, 0.035), "rug": (0.2, 0.03, 0.03), "rubber": (0.03, 0.03, 0.03), "enamel": (0.42, 0.6, 0.5),
    "plastic": (0.6, 0.1, 0.05), "book": (0.16, 0.05, 0.04), "rust": (0.1, 0.25, 0.2), "skin": (0.6, 0.52, 0.42),
    "lampshade": (0.8, 0.7, 0.5), "bulb": (1.0, 0.9, 0.7), "screen": (0.2, 0.9, 0.4), "floral": (0.75, 0.7, 0.58),
    "paint": (0.3, 0.42, 0.36), "linoleum": (0.25, 0.2, 0.14), "marble": (0.02, 0.022, 0.025), "cobbles": (0.16, 0.15, 0.14),
}  # fmt: skip
SECOND = {"tiles": (0.25, 0.05, 0.04), "wallpaper": (0.24, 0.28, 0.2), "marble": (0.5, 0.45, 0.35)}
GLOW = {"lampshade": 400.0, "bulb": 4000.0, "screen": 120.0}


def slab(size: tuple[float, float, float], at: tuple[float, float, float]) -> PolyMesh:
    """A box of ``size`` about ``at``."""
    corner = (
        np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], np.float32) * np.array(size, np.float32) / 2
    )
    faces = np.array([[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [1, 3, 7, 5], [3, 2, 6, 7], [2, 0, 4, 6]], np.int32)
    return PolyMesh(
        vertices=(corner + np.array(at, np.float32)).astype(np.float32),
        corners=faces.ravel(),
        face_start=np.arange(0, 25, 4, dtype=np.int32),
    )


def sphere(radius: float, at: tuple[float, float, float], rings: int = 24) -> PolyMesh:
    """A sphere with texture coordinates around it, metres."""
    turns = 2 * rings
    rise, turn = np.meshgrid(np.linspace(-np.pi / 2, np.pi / 2, rings + 1), np.linspace(0, 2 * np.pi, turns + 1), indexing="ij")
    points = np.stack([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)], axis=-1).reshape(-1, 3) * radius
    uv = np.stack([turn * radius, rise * radius], axis=-1).reshape(-1, 2)
    first = (np.arange(rings)[:, None] * (turns + 1) + np.arange(turns)[None]).ravel()
    quads = np.stack([first, first + 1, first + turns + 2, first + turns + 1], axis=1).astype(np.int32)
    return PolyMesh(
        vertices=(points + np.array(at)).astype(np.float32), corners=quads.ravel(),
        face_start=np.arange(0, 4 * len(quads) + 1, 4, dtype=np.int32), uv=uv[quads.ravel()].astype(np.float32), smooth=True,
    )  # fmt: skip


def board(kinds: list[MaterialKind]) -> Scene:
    """Twelve materials, four in a row."""
    placed = []
    for index, kind in enumerate(kinds):
        material = SceneMaterial(
            kind=kind, colour=COLOURS.get(kind.value, GREY), colour_2=SECOND.get(kind.value), wear=0.4,
            glow_nits=GLOW.get(kind.value, 0.0), seed=index,
        )  # fmt: skip
        thing = Thing(
            parts=(
                Part(mesh=slab((0.62, 0.05, 0.62), (0.0, 0.3, 0.31)), material=material, bevel_m=0.008),
                Part(mesh=sphere(0.17, (-0.1, 0.0, 0.17)), material=material),
                Part(mesh=slab((0.2, 0.2, 0.2), (0.2, -0.05, 0.1)), material=material, bevel_m=0.008),
            ),
            size_m=(0.7, 0.6, 0.7),
        )
        at = (0.78 * (index % 4 - 1.5), 0.0, 0.72 * (2 - index // 4))
        placed.append(Placed(name=f"{kind.value}", category=kind.value, layer="dressing", thing=thing, position_m=at))
        shelf = Thing(
            parts=(
                Part(
                    mesh=slab((0.8, 1.0, 0.02), (0, 0, -0.01)),
                    material=SceneMaterial(kind=MaterialKind.PLASTIC, colour=(0.2, 0.2, 0.2)),
                ),
            ),
            size_m=(0.8, 1, 0.02),
        )
        placed.append(Placed(name=f"shelf_{index}", category="shelf", layer="architecture", thing=shelf, position_m=at))
    lamps = (
        Lamp(shape=LampShape.AREA, position_m=(-2.6, -2.4, 2.4), lumens=9000, kelvin=5600, size_m=(1.0, 1.6),
             direction=(2.0, 2.0, -1.0), group="window"),
        Lamp(shape=LampShape.POINT, position_m=(1.6, -1.8, 2.6), lumens=2200, kelvin=3200, group="lamp"),
    )  # fmt: skip
    camera = SceneCamera(
        name="board", position_m=(0.0, -5.2, 1.35), target_m=(0.0, 0.0, 1.02), lens_mm=55.0, sensor_mm=(36.0, 24.0),
        sensor="full frame", white_kelvin=5000.0, exposure_stops=0.8,
    )  # fmt: skip
    sky = Sky(sun_azimuth_deg=0, sun_elevation_deg=-20, sun_lux=0, sky_lux=60, cloud=0.9)
    return Scene(title="materials", placed=tuple(placed), lamps=lamps, sky=sky, cameras=(camera,), room_m=(6, 6, 4))


def main() -> None:
    """Write the boards."""
    folder = Path(sys.argv[1])
    kinds = [MaterialKind(name) for name in sys.argv[2:]] or list(MaterialKind)
    for start in range(0, len(kinds), 12):
        shot = Shot(camera="board", width=1080, height=720, samples=8, passes=False)
        render_views(board(kinds[start : start + 12]), [shot], folder=folder / f"board_{start // 12}", progress=Silent())


if __name__ == "__main__":
    main()
