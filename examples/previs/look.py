"""A small room, looked at: a plain set for judging light, lens and materials. See :func:`room`.

Run: ``python examples/previs/look.py FOLDER [--size 480x270] [--samples 8] [--hour day|dusk|night] [--blend] [--gltf]``.
Writes the linear EXR, a PNG through the ACES rendering, line art and segmentation; says what was spent.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from materials import slab, sphere

from setpiece.core.progress import Silent
from setpiece.core.scene import Lamp, LampShape, MaterialKind, Part, Placed, Scene, SceneCamera, SceneMaterial, Sky, Thing
from setpiece.deliver.previs_passes import write_passes
from setpiece.media.images import write_png
from setpiece.stage.blender.set_view import Artefacts, Shot, render_views

SKIES = {
    "day": Sky(sun_azimuth_deg=25, sun_elevation_deg=32, sun_lux=70000, sky_lux=12000, sun_kelvin=5200, cloud=0.3),
    "dusk": Sky(sun_azimuth_deg=40, sun_elevation_deg=-3, sun_lux=0, sky_lux=60, cloud=0.3),
    "night": Sky(sun_azimuth_deg=40, sun_elevation_deg=-30, sun_lux=0, sky_lux=0.4, cloud=0.2),
}


def _of(kind: MaterialKind, colour: tuple[float, float, float], **more: object) -> SceneMaterial:
    return SceneMaterial(kind=kind, colour=colour, **more)  # type: ignore[arg-type]


def _thing(*parts: Part, size: tuple[float, float, float], lamps: tuple[Lamp, ...] = ()) -> Thing:
    return Thing(parts=parts, size_m=size, lamps=lamps)


def _box(
    size: tuple[float, float, float], at: tuple[float, float, float], material: SceneMaterial, bevel: float = 0.004
) -> Part:
    return Part(mesh=slab(size, at), material=material, bevel_m=bevel)


def _walls() -> list[Placed]:
    paper = _of(MaterialKind.WALLPAPER, (0.42, 0.38, 0.27), colour_2=(0.2, 0.22, 0.14), wear=0.4, seed=1)
    white = _of(MaterialKind.PAINT, (0.62, 0.58, 0.5), wear=0.5)
    ceiling = _of(MaterialKind.PLASTER, (0.7, 0.68, 0.63), wear=0.3)
    floor = _of(MaterialKind.PLANKS, (0.24, 0.12, 0.06), wear=0.5)
    glass = _of(MaterialKind.GLASS, (1.0, 1.0, 1.0), wear=0.2)
    north = _thing(
        _box((1.7, 0.2, 2.8), (-1.65, 2.1, 1.4), paper, 0), _box((1.7, 0.2, 2.8), (1.65, 2.1, 1.4), paper, 0),
        _box((1.6, 0.2, 0.8), (0, 2.1, 0.4), paper, 0), _box((1.6, 0.2, 0.5), (0, 2.1, 2.55), paper, 0),
        _box((5.0, 0.02, 0.14), (0, 1.99, 0.07), white), size=(5, 0.2, 2.8),
    )  # fmt: skip
    frame = _thing(
        *(_box((0.06, 0.08, 1.5), (x, 0, 0.75), white) for x in (-0.77, 0, 0.77)),
        *(_box((1.6, 0.08, 0.06), (0, 0, z), white) for z in (0.03, 0.75, 1.47)),
        _box((1.8, 0.2, 0.04), (0, -0.1, -0.02), white), _box((1.6, 0.006, 1.5), (0, 0, 0.75), glass, 0), size=(1.6, 0.12, 1.5),
    )  # fmt: skip
    sides = {
        "east": ((0.2, 4.0, 2.8), (2.6, 0, 1.4)), "west": ((0.2, 4.0, 2.8), (-2.6, 0, 1.4)),
        "south": ((5.0, 0.2, 2.8), (0, -2.1, 1.4)),
    }  # fmt: skip
    made = [Placed(name="north wall", category="wall", layer="architecture", thing=north, position_m=(0, 0, 0), wall="north")]
    made += [
        Placed(name=f"{side} wall", category="wall", layer="architecture", thing=_thing(_box(size, at, paper, 0), size=size),
               position_m=(0, 0, 0), wall=side)
        for side, (size, at) in sides.items()
    ]  # fmt: skip
    made.append(
        Placed(name="window", category="window", layer="architecture", thing=frame, position_m=(0, 2.1, 0.8), wall="north")
    )
    for name, material, z in (("floor", floor, -0.05), ("ceiling", ceiling, 2.85)):
        thing = _thing(_box((5.4, 4.4, 0.1), (0, 0, z), material, 0), size=(5, 4, 0.1))
        made.append(Placed(name=name, category=name, layer="architecture", thing=thing, position_m=(0, 0, 0), wall=name))
    return made


def room(hour: str = "dusk") -> Scene:
    """A room with a window, a table, a chair, a rug, a lamp and a picture."""
    oak = _of(MaterialKind.WOOD, (0.28, 0.13, 0.06), wear=0.4)
    legs = [_box((0.06, 0.06, 0.72), (x, y, 0.36), oak) for x in (-0.6, 0.6) for y in (-0.35, 0.35)]
    table = _thing(_box((1.4, 0.85, 0.04), (0, 0, 0.74), oak), *legs, size=(1.4, 0.85, 0.76))
    green = _of(MaterialKind.VELVET, (0.015, 0.1, 0.06))
    chair = _thing(
        _box((0.7, 0.65, 0.2), (0, 0, 0.34), green, 0.04), _box((0.7, 0.16, 0.6), (0, 0.3, 0.66), green, 0.05),
        *(_box((0.14, 0.6, 0.3), (x, -0.02, 0.5), green, 0.04) for x in (-0.38, 0.38)),
        *(_box((0.05, 0.05, 0.24), (x, y, 0.12), oak) for x in (-0.3, 0.3) for y in (-0.25, 0.25)), size=(0.9, 0.8, 0.96),
    )  # fmt: skip
    brass = _of(MaterialKind.METAL, (0.7, 0.48, 0.22))
    shade = _of(MaterialKind.LAMPSHADE, (0.8, 0.68, 0.45), glow_nits=450)
    lamp = _thing(
        _box((0.16, 0.16, 0.03), (0, 0, 0.015), brass), _box((0.02, 0.02, 0.3), (0, 0, 0.18), brass, 0.002),
        Part(mesh=sphere(0.14, (0, 0, 0.42)), material=shade, casts_shadow=False), size=(0.28, 0.28, 0.56),
        lamps=(Lamp(shape=LampShape.POINT, position_m=(0, 0, 0.42), lumens=650, kelvin=2700, size_m=(0.09, 0.09)),),
    )  # fmt: skip
    rug = _thing(
        _box((2.4, 1.7, 0.012), (0, 0, 0.006), _of(MaterialKind.RUG, (0.2, 0.03, 0.03), wear=0.4), 0), size=(2.4, 1.7, 0.012)
    )
    art = _thing(
        _box((0.7, 0.03, 0.55), (0, 0.0, 0.27), brass, 0.006),
        _box((0.62, 0.01, 0.47), (0, -0.015, 0.27), _of(MaterialKind.PICTURE, (0.3, 0.25, 0.2), seed=5), 0),
        size=(0.7, 0.04, 0.55),
    )  # fmt: skip
    where = (
        ("table", table, (0.1, 0.1, 0.012), 8.0, None), ("chair", chair, (-1.3, 0.7, 0.0), 40.0, None),
        ("chair 2", chair, (1.5, -0.4, 0.0), -70.0, None), ("lamp", lamp, (0.4, 0.2, 0.772), 0.0, None),
        ("rug", rug, (0.0, 0.0, 0.0), 0.0, None), ("picture", art, (-1.6, 1.97, 1.5), 0.0, "north"),
    )  # fmt: skip
    placed = _walls() + [
        Placed(name=name, category=name.split()[0], layer="furniture", thing=thing, position_m=at, turn_deg=turn, wall=wall)
        for name, thing, at, turn, wall in where
    ]
    wide = SceneCamera(
        name="wide",
        position_m=(2.1, -3.6, 1.5),
        target_m=(-0.15, 0.6, 0.95),
        lens_mm=24,
        sensor_mm=(28.0, 15.75),
        sensor="super 35",
    )
    return Scene(title="A room", placed=tuple(placed), lamps=(), sky=SKIES[hour], cameras=(wide,), room_m=(5.0, 4.0, 2.8))


def main() -> None:
    """Render the room."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--hour", choices=sorted(SKIES), default="dusk")
    parser.add_argument("--blend", action="store_true")
    parser.add_argument("--gltf", action="store_true")
    options = parser.parse_args()
    width, height = (int(value) for value in options.size.split("x"))
    shot = Shot(camera="wide", width=width, height=height, samples=options.samples)
    files = Artefacts(blend=options.blend, gltf=options.gltf)
    (view,) = render_views(room(options.hour), [shot], folder=options.folder, progress=Silent(), artefacts=files)
    print(f"exposure {view.exposure_stops:+.2f} stops, white {view.white_kelvin:.0f} K")
    if view.passes is not None:
        write_passes(options.folder / "passes.exr", view.picture, view.passes)
        write_png(options.folder / "lines.png", (255 * (1 - view.passes.lines) + 0.5).astype(np.uint8))
        tones = np.random.default_rng(3).integers(40, 255, (len(view.passes.names) + 1, 3)).astype(np.uint8)
        write_png(options.folder / "things.png", tones[view.passes.ids[..., 0]])


if __name__ == "__main__":
    main()
