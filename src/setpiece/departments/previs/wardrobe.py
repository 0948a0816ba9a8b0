"""The looks of a set: draped once and kept, stood in the room like furniture, shown side by side in even light.

Place in the flow: between a set's specification and its scene. What a look is made from decides its key; one that was draped
already is read back, so that a change of lamp or lens drapes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.errors import SetpieceError
from setpiece.core.progress import Progress
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
from setpiece.core.set_spec import Furnishing, Look, SetSpec
from setpiece.deliver.quantities import Yardage
from setpiece.media.files import load_arrays, read_json, save_arrays, sha256_value, write_json
from setpiece.production.steps import code_sha256
from setpiece.stage.sets import mesh as m

STANDS_M = (1.0, 0.6)
"""Room that a form with its arms takes on the floor, metres."""
_SOURCES = ("setpiece.stage.wardrobe",)
_APART_M = 1.05
_GREY = SceneMaterial(kind=MaterialKind.PLASTER, colour=(0.36, 0.36, 0.355), wear=0.0)


def with_looks(spec: SetSpec) -> SetSpec:
    """The specification with a place for each look, like furniture: pinned where its designer pinned it."""
    known = {line.name for line in spec.furnishings}
    stands = tuple(
        Furnishing(
            name=look.name,
            kind="dress_form",
            at_m=look.at_m,
            turn_deg=look.turn_deg,
            size_m=(*STANDS_M, 1.75),
        )
        for look in spec.looks
        if look.name not in known
    )
    return replace(spec, furnishings=(*spec.furnishings, *stands))


def dressed(scene: Scene, looks: Sequence[Look], things: dict[str, Thing]) -> Scene:
    """A scene whose bare stands wear their looks."""
    names = {look.name for look in looks}
    placed = tuple(
        replace(one, thing=things[one.name], layer="wardrobe", category="look") if one.name in names else one
        for one in scene.placed
    )
    return replace(scene, placed=placed)


def worn(looks: Sequence[Look], kept: Path | None, progress: Progress | None = None) -> dict[str, Thing]:
    """Every look as a thing, by name; ``kept`` is where draped ones are kept (None: nowhere).

    Raises BriefError for what cannot be cut, StageError for what does not hang.
    """
    from setpiece.stage.wardrobe.looks import wear

    code = code_sha256(_SOURCES)
    made: dict[str, Thing] = {}
    for number, look in enumerate(looks):
        if progress is not None:
            progress.report("wardrobe", number, len(looks), look.name)
        key = sha256_value([replace(look, name="", at_m=None, turn_deg=None), code])[:20]
        thing = None if kept is None else _read(kept / key)
        if thing is None:
            thing = wear(look).thing
            if kept is not None:
                _keep(kept / key, thing)
        made[look.name] = thing
    if progress is not None and looks:
        progress.report("wardrobe", len(looks), len(looks))
    return made


def _keep(folder: Path, thing: Thing) -> None:
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    rows = []
    for number, part in enumerate(thing.parts):
        for name in ("vertices", "corners", "face_start", "uv"):
            arrays[f"{number}_{name}"] = getattr(part.mesh, name)
        rows.append({"smooth": part.mesh.smooth, "material": asdict(part.material), "bevel_m": part.bevel_m})
    folder.mkdir(parents=True, exist_ok=True)
    save_arrays(folder / "look.npz", **arrays)
    write_json(folder / "look.json", {"schema": "setpiece.look/1", "parts": rows, "size_m": thing.size_m})


def _read(folder: Path) -> Thing | None:
    """A look that was kept; None where none was, or where it was not kept whole: it is draped anew then."""
    if not (folder / "look.json").is_file():
        return None
    try:
        document, arrays = read_json(folder / "look.json"), load_arrays(folder / "look.npz")
        parts = []
        for number, row in enumerate(document["parts"]):
            look = dict(row["material"])
            look["kind"] = MaterialKind(look["kind"])
            for name in ("colour", "colour_2"):
                look[name] = None if look[name] is None else tuple(look[name])
            found = {name: arrays[f"{number}_{name}"] for name in ("vertices", "corners", "face_start", "uv")}
            shape = PolyMesh(smooth=bool(row["smooth"]), **found)
            parts.append(Part(mesh=shape, material=SceneMaterial(**look), bevel_m=float(row["bevel_m"])))
        width, depth, height = document["size_m"]
    except (SetpieceError, KeyError, TypeError, ValueError):
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return Thing(parts=tuple(parts), size_m=(width, depth, height))


# -- on paper ---------------------------------------------------------------------------------------------------------------


def cloth_of(looks: Sequence[Look]) -> tuple[Yardage, ...]:
    """What every garment takes of its cloth, waste included. Raises BriefError for what cannot be cut."""
    from setpiece.deliver.patterns import yardage
    from setpiece.stage.wardrobe.cloths import ONE_WAY
    from setpiece.stage.wardrobe.looks import cut

    return tuple(
        yardage(look.name, pattern, cloth, one_way=cloth.name in ONE_WAY) for look in looks for pattern, cloth in cut(look)
    )


def write_paper(folder: Path, looks: Sequence[Look], version: str, progress: Progress) -> tuple[Path, ...]:
    """Every garment's pattern at true size, SVG and DXF, its marker, and ``yardage.csv``, in ``folder``; the list first."""
    from setpiece.deliver.patterns import write_patterns
    from setpiece.deliver.quantities import write_yardage
    from setpiece.stage.wardrobe.cloths import ONE_WAY
    from setpiece.stage.wardrobe.looks import cut

    made: list[Path] = []
    rows: list[Yardage] = []
    everything = [(look, number, *pair) for look in looks for number, pair in enumerate(cut(look), start=1)]
    for done, (look, number, pattern, cloth) in enumerate(everything):
        progress.report("patterns", done, len(everything), f"{look.name}: {pattern.kind}")
        stem = f"{look.name}_{number}_{pattern.kind}"
        files = write_patterns(folder, stem, look.name, pattern, cloth, version=version, one_way=cloth.name in ONE_WAY)
        made += [files.svg, files.dxf, files.marker_png]
        rows.append(files.yardage)
    progress.report("patterns", len(everything), len(everything))
    write_yardage(folder / "yardage.csv", tuple(rows))
    return (folder / "yardage.csv", *made)


# -- the line-up -----------------------------------------------------------------------------------------------------------


def line_up(looks: Sequence[Look], things: dict[str, Thing]) -> Scene:
    """All looks side by side before a grey ground, key and fill of a fitting photograph; a camera on the row (``lineup``), and
    one on each look (``look_<name>``)."""
    count = len(looks)
    xs = [(number - (count - 1) / 2) * _APART_M for number in range(count)]
    placed = [
        Placed(
            name=look.name, category="look", layer="wardrobe", thing=things[look.name], position_m=(x, 0.0, 0.0), turn_deg=-16.0
        )
        for look, x in zip(looks, xs, strict=True)
    ]
    wide = count * _APART_M + 8.0
    for name, size, at in (("floor", (wide, 10.0, 0.1), (0.0, 0.0, -0.1)), ("ground", (wide, 0.1, 6.0), (0.0, 2.6, 0.0))):
        part = Part(mesh=m.box(size), material=_GREY)
        placed.append(
            Placed(
                name=name, category="floor", layer="architecture", thing=Thing(parts=(part,), size_m=size), position_m=at
            )
        )  # fmt: skip
    reach = 0.5 * count * _APART_M
    lamps = (
        _soft((-reach - 2.2, -3.6, 3.0), (0.55, 0.75, -0.42), 2.0, 5200.0 + 2600.0 * count, 5000.0),
        _soft((reach + 2.4, -3.0, 2.2), (-0.7, 0.65, -0.22), 2.4, 1500.0 + 800.0 * count, 5600.0),
        _soft((0.4 * reach, 2.2, 3.4), (-0.1, -0.75, -0.7), 1.4, 1800.0 + 700.0 * count, 4800.0),
    )
    sensor = (27.99, 15.74)
    away = max(6.2, (count * _APART_M + 0.5) * 50.0 / sensor[0])
    cameras = [_camera("lineup", 0.0, away, sensor)]
    cameras += [_camera(f"look_{look.name}", x, 4.1, (15.74, 23.6)) for look, x in zip(looks, xs, strict=True)]
    dark = Sky(sun_azimuth_deg=0.0, sun_elevation_deg=-40.0, sun_lux=0.0, sky_lux=0.001)
    return Scene(
        title="line-up",
        placed=tuple(placed),
        lamps=lamps,
        sky=dark,
        cameras=tuple(cameras),
        room_m=(wide, 10.0, 6.0),
        exterior=True,
    )


def _soft(at: tuple[float, float, float], way: tuple[float, float, float], size: float, lumens: float, kelvin: float) -> Lamp:
    return Lamp(
        shape=LampShape.AREA, position_m=at, lumens=lumens, kelvin=kelvin, size_m=(size, size), direction=way, group="mood"
    )


def _camera(name: str, x: float, away: float, sensor: tuple[float, float]) -> SceneCamera:
    return SceneCamera(
        name=name,
        position_m=(x, -away, 1.15),
        target_m=(x, 0.0, 0.86),
        lens_mm=50.0,
        sensor_mm=sensor,
        sensor="line-up",
        exposure_stops=None,
        white_kelvin=5200.0,
        mood_stops=0.35,
    )
