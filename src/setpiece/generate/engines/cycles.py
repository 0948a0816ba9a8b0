"""Engine ``cycles``: the same stage through Blender's Cycles, for final quality and as the reference of engine ``house``.

Path-traced colour, dust and shadows come from Cycles, in its own process behind files; what is geometry and not light
(depth, normals, motion, rest position, ids, what still stands) comes from the rays of engine ``house``, so that both engines
hand over the same data. Both also start from the same albedo of the plate. Minutes a frame where ``house`` takes seconds.
It does not draw grit, and says so.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from setpiece.core.arrays import Plane, Rgb, Rgba
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.layers import Layers
from setpiece.core.light import Light
from setpiece.core.progress import Progress, Silent
from setpiece.core.stage import Face, Gas, Motion, Pieces
from setpiece.generate.contract import DUST, SAMPLES, SEED, SHUTTER, Request, check_capabilities, check_frame
from setpiece.generate.engines.cycles_dust import dust_grid
from setpiece.generate.engines.house.debris import render_debris
from setpiece.generate.engines.house.dust import DustLook, light_gas
from setpiece.generate.engines.house.scene import AtRest, fill_from_nearest, prepare
from setpiece.media.exr import write_exr
from setpiece.media.files import save_arrays, write_json
from setpiece.media.images import read_exr
from setpiece.media.worker import run_worker

SCHEMA = "setpiece.blender-job/1"
_BROKEN_SLOT, _SLOTS = 3, 11  # plate, outside, inside, eight broken materials; again, trimmed by the matte
_STILL = 0.02  # shadows weaker than this are noise
_NOTHING = 1e-3
_LIGHTEST = 16.0
_OPAQUE = 0.02
_CLAY = 0.5
_PALEST = 1.2  # a plate may be lighter than its light explains; its hue stays
_SEEN = 0.9

Border = tuple[int, int, int, int]  # left, top, right, bottom, px: right and bottom are not part of it


@dataclass(frozen=True, slots=True, kw_only=True)
class CyclesLook:
    """What can be traded in Cycles.

    ``samples`` overrides the request's (a reference wants more than a request may ask for). ``denoise``: OIDN, fast.
    ``dust_albedo``: single-scattering albedo of dust, ACEScg: with ``dust_bounces`` turns of light it looks like the
    house's. ``dust_steps``: march the dust in steps, which leaves no noise in its alpha, instead of tracking it without bias.
    """

    samples: int | None = None
    denoise: bool = True
    dust_albedo: tuple[float, float, float] = (0.78, 0.75, 0.71)
    dust_bounces: int = 3
    dust_steps: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """The stage at rest: light (h, w, 3) on what the camera sees of the building, in plate units (albedo a shows a times
    it), and the ground's shadow multiplier (h, w, 3)."""

    light: Rgb
    shade: Rgb


class CyclesEngine:
    """Blender's Cycles; an :class:`setpiece.generate.contract.Engine`."""

    name = "cycles"

    def __init__(self, *, look: CyclesLook | None = None, folder: Path | None = None, progress: Progress | None = None) -> None:
        self._look = look or CyclesLook()
        self._progress = progress or Silent()
        self._temporary = None if folder is not None else tempfile.TemporaryDirectory(prefix="setpiece-cycles-")
        self._folder = folder if folder is not None else Path(self._temporary.name)  # type: ignore[union-attr]
        self._request: Request | None = None
        self._at: AtRest | None = None
        self._rest: _Rest | None = None

    def capabilities(self) -> frozenset[str]:
        """No grit, and its own dust look."""
        return frozenset({DUST, SAMPLES, SHUTTER, SEED})

    def prepare(self, request: Request) -> None:
        """Measure the shot at rest. What Cycles makes of it is rendered with the first frame that needs it."""
        check_capabilities(self, request)
        self._at = prepare(request.scene, samples=4, seed=request.seed)
        self._request, self._rest = request, None
        self._folder.mkdir(parents=True, exist_ok=True)

    def render(self, frame: int) -> Layers:
        """One frame. Raises :class:`WorkerFailed` or :class:`DependencyMissing` where Blender does not do its part."""
        request = check_frame(self._request, frame, engine=self.name)
        assert self._at is not None
        data = render_debris(self._at, frame, shutter_deg=request.shutter_deg, rate=float(request.frames.rate), dust=None)
        gas = None if request.gas is None else request.gas(frame)
        if gas is not None and not gas.density.any():
            gas = None
        size = data.depth.shape
        debris, dust = np.zeros((*size, 4), np.float32), np.zeros((*size, 4), np.float32)
        shadow, standing = np.ones((*size, 3), np.float32), data.standing
        if _moving(request, frame).any() or gas is not None:
            names = ("debris",) if gas is None else ("whole", "dust", "shadow")
            made = self.pictures(frame, names, gas=gas)
            if gas is None:
                debris = made["debris"]
            else:
                debris, dust = _behind(made["whole"], made["dust"]), made["dust"]
            ground = self._shadow(made["shadow"]) * self._dust_shade(gas)
            shadow = ground + standing[..., None] * (data.shadow - ground)
            standing = np.minimum(standing, 1 - debris[..., 3])
        return Layers(
            frame=frame,
            debris=debris,
            dust=dust,
            shadow=shadow,
            standing=standing,
            depth=data.depth,
            normal=data.normal,
            forward=data.forward,
            backward=data.backward,
            rest=data.rest,
            ids=data.ids,
            coverage=data.coverage,
        )

    def pictures(
        self, frame: int, renders: tuple[str, ...], *, gas: Gas | None, borders: tuple[Border, ...] = ()
    ) -> dict[str, np.ndarray]:
        """Renders by name (``debris``, ``shadow``, ``dust``, ``whole``), each (h, w, 4) premultiplied float32, and under
        ``shadow`` the ground's multiplier (h, w, 3) where one was made.

        ``borders`` [left, top, right, bottom], px: only these parts are rendered, the rest of each picture is 0.
        """
        request = check_frame(self._request, frame, engine=self.name)
        return self._render(request, frame, renders, gas, rest=self._at_rest(), borders=borders)

    def _render(
        self,
        request: Request,
        frame: int,
        renders: tuple[str, ...],
        gas: Gas | None,
        *,
        rest: _Rest | None,
        borders: tuple[Border, ...] = (),
    ) -> dict[str, np.ndarray]:
        """Run one job; ``rest`` None renders the stage at rest as grey clay."""
        folder = self._folder / (f"frame.{frame:04d}" if rest is not None else "rest")
        folder.mkdir(parents=True, exist_ok=True)
        self._write_job(folder, request, frame, renders, gas, rest, borders)
        try:
            run_worker("cycles", folder, progress=self._progress)
            return _read(folder, renders, borders)
        finally:
            if self._temporary is not None:
                for file in folder.iterdir():
                    if file.suffix != ".log":
                        file.unlink()

    def _at_rest(self) -> _Rest:
        """Light on the building and shadow on the ground before anything falls, by Cycles: the plate over this light is
        the albedo, so that a frame at rest is the plate again."""
        if self._rest is None:
            assert self._request is not None and self._at is not None
            made = self._render(self._request, self._request.frames.first, ("debris", "shadow"), None, rest=None)
            clay, shade = made["debris"], made["shadow"]
            seen = clay[..., 3] > _SEEN
            light = clay[..., :3] / np.maximum(clay[..., 3:], _SEEN) / _CLAY
            light = fill_from_nearest(light, seen, np.ones_like(seen)) if seen.any() else np.ones_like(light)
            floor = 0.1 * np.array(self._request.scene.light.sky_rgb, np.float32)
            light = np.maximum(cv2.GaussianBlur(light, (0, 0), 1.0), floor)
            self._rest = _Rest(light=light, shade=shade)
        return self._rest

    def _write_job(
        self, folder: Path, request: Request, frame: int, renders: tuple[str, ...], gas: Gas | None, rest: _Rest | None,
        borders: tuple[Border, ...],
    ) -> None:  # fmt: skip
        at, scene, look = self._at, request.scene, self._look
        assert at is not None
        moving = _moving(request, frame)
        arrays = _meshes(scene.pieces, scene.motion, frame, moving, rate=float(request.frames.rate),
                         overhang=_overhang(scene.pieces, scene.camera, scene.matte))  # fmt: skip
        dust: dict[str, object] = {}
        if gas is not None:
            house = DustLook()
            grid = dust_grid(gas, scene.light, look=house, seconds=request.frames.seconds(frame), seed=request.seed)
            arrays["density"] = grid.density
            dust = {"cell_m": grid.cell_m, "origin_m": grid.origin_m, "albedo_rgb": look.dust_albedo,
                    "extinction_m2_per_kg": house.extinction_m2_per_kg, "anisotropy": house.anisotropy}  # fmt: skip
        save_arrays(folder / "cycles.npz", **arrays)
        stands = (at.owner >= 0) & ~moving[np.maximum(at.owner, 0)]
        if rest is None:
            stands, albedo = np.zeros_like(stands), np.full_like(at.skin, _CLAY)
        else:
            albedo = at.skin / np.maximum(rest.light, 1e-4)
            albedo = albedo * np.minimum(1.0, _PALEST / np.maximum(albedo.max(axis=2, keepdims=True), 1e-6))
        _write_picture(folder / "albedo.exr", albedo)
        _write_picture(folder / "palette.exr", at.palette)
        _write_picture(folder / "matte.exr", np.repeat(at.matte[..., None], 3, axis=2))
        held = stands.mean(axis=0, dtype=np.float32).reshape(at.matte.shape)
        _write_picture(folder / "stands.exr", np.repeat(held[..., None], 3, axis=2))
        save_view(folder, scene.camera, scene.light)
        level = np.array(scene.light.sky_rgb) + np.array(scene.light.sun_rgb) * max(scene.light.direction[2], 0.0)
        write_json(
            folder / "job.json",
            {
                "schema": SCHEMA,
                "kind": "cycles",
                "renders": renders,
                "borders": borders,
                "rate": request.frames.rate,
                "samples": look.samples or request.samples,
                "seed": request.seed % 2**31,
                "denoise": look.denoise,
                "shutter_deg": request.shutter_deg,
                "ground_z_m": scene.ground_z_m,
                "ground_albedo": np.clip(at.lamps.ground / np.maximum(level, 1e-6), 0.02, 0.8).tolist(),
                "dust": dust,
                "dust_bounces": look.dust_bounces,
                "dust_steps": look.dust_steps,
            },
        )

    def _shadow(self, now: Rgb) -> Rgb:
        """Light on the ground now over light at rest; on the ground that the building hid, the light now."""
        assert self._at is not None
        hidden = (self._at.matte > 0)[..., None]
        ratio = np.where(hidden, now, now / np.maximum(self._at_rest().shade, 0.02))
        change = np.clip(ratio, 0.0, _LIGHTEST) - 1.0
        change = np.sign(change) * np.maximum(np.abs(change) - _STILL, 0.0) / (1.0 - _STILL)
        change = cv2.GaussianBlur(np.ascontiguousarray(change, np.float32), (0, 0), 1.0)
        return np.where(np.abs(change) < _NOTHING, 0.0, change).astype(np.float32) + np.float32(1.0)

    def _dust_shade(self, gas: Gas | None) -> Rgb:
        """What dust takes from the sun on the ground (h, w, 3): Cycles' shadow catcher does not see it."""
        assert self._request is not None
        scene = self._request.scene
        height, width = scene.camera.height, scene.camera.width
        shade = np.ones((height * width, 3), np.float32)
        if gas is None:
            return shade.reshape(height, width, 3)
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        points = scene.camera.on_ground(np.stack([x.ravel(), y.ravel()], axis=1), ground_z_m=scene.ground_z_m)
        ground = np.flatnonzero(np.isfinite(points).all(axis=1))
        through = light_gas(gas, scene.light, look=DustLook()).sun_transmittance(points[ground])
        sun = np.array(scene.light.sun_rgb) * max(scene.light.direction[2], 0.0)
        share = sun / np.maximum(sun + np.array(scene.light.sky_rgb), 1e-6)
        shade[ground] = 1 - share * (1 - through[:, None])
        return shade.reshape(height, width, 3)


def _moving(request: Request, frame: int) -> np.ndarray:
    """(k,) bool: pieces that have left their place by the end of the shutter."""
    return request.scene.motion.moved(frame + request.shutter_deg / 720.0)


def save_view(folder: Path, camera: Camera, light: Light) -> None:
    """Camera and light as the worker reads them."""
    write_json(
        folder / "camera.json",
        {
            "schema": "setpiece.camera/1",
            "width": camera.width,
            "height": camera.height,
            "focal_px": camera.focal_px,
            "centre_px": camera.centre_px,
            "position_m": camera.position_m,
            "axes": np.asarray(camera.axes, np.float64).tolist(),
            "notes": {},
        },
    )
    names = ("azimuth_deg", "elevation_deg", "sun_rgb", "sky_rgb", "sun_size_deg", "confidence")
    write_json(folder / "light.json", {"schema": "setpiece.light/1"} | {name: getattr(light, name) for name in names})


def _overhang(pieces: Pieces, camera: Camera, matte: Plane) -> np.ndarray:
    """(k,) bool: pieces of the facade of which a corner lies outside of the matte: the matte trims them."""
    pixels, depth = camera.project(pieces.vertices)
    x = np.clip(pixels[:, 0].astype(np.int64), 0, camera.width - 1)
    y = np.clip(pixels[:, 1].astype(np.int64), 0, camera.height - 1)
    near = cv2.erode(matte, np.ones((5, 5), np.uint8))
    outside = (near[y, x] <= 0.5) | (depth <= 0)
    over = np.zeros(len(pieces), bool)
    np.logical_or.at(over, pieces.vertex_piece, outside)
    return over


def _meshes(
    pieces: Pieces, motion: Motion, frame: int, moving: np.ndarray, *, rate: float, overhang: np.ndarray
) -> dict[str, np.ndarray]:
    """Posed vertices, rest positions, velocities (m/s), triangles and material slots of debris and of what stands."""
    piece = pieces.vertex_piece
    local = pieces.vertices - pieces.centre[piece]
    here = _posed(local, piece, motion, frame)
    before, after = _posed(local, piece, motion, frame - 0.25), _posed(local, piece, motion, frame + 0.25)
    velocity = (after - before) * np.float32(2.0 * rate)
    slot = np.where(
        pieces.triangle_face == Face.BROKEN, _BROKEN_SLOT + pieces.material[pieces.triangle_piece], pieces.triangle_face
    )
    slot = slot + _SLOTS * overhang[pieces.triangle_piece]
    arrays: dict[str, np.ndarray] = {}
    for name, wanted in (("debris", moving), ("standing", ~moving)):
        vertices, triangles = wanted[piece], wanted[pieces.triangle_piece]
        renumbered = np.cumsum(vertices, dtype=np.int64) - 1
        arrays[f"{name}_vertices"] = here[vertices] if name == "debris" else pieces.vertices[vertices]
        arrays[f"{name}_pref"] = pieces.vertices[vertices]
        arrays[f"{name}_triangles"] = renumbered[pieces.triangles[triangles]].astype(np.int32)
        arrays[f"{name}_slot"] = slot[triangles].astype(np.int32)
    arrays["debris_velocity"] = velocity[moving[piece]]
    return arrays


def _posed(local: np.ndarray, piece: np.ndarray, motion: Motion, frame: float) -> np.ndarray:
    """World vertices (v, 3) at a fractional frame."""
    position, rotation = motion.at(frame)
    w, axis = rotation[piece, :1], rotation[piece, 1:]
    turn = 2 * np.cross(axis, local)
    return (local + w * turn + np.cross(axis, turn) + position[piece]).astype(np.float32)


def _behind(whole: Rgba, dust: Rgba) -> Rgba:
    """The debris of a picture in which ``dust`` lies over it, so that dust over debris is that picture again.

    (Cycles does not shade what a volume surrounds when the camera may not see the volume, so the debris cannot be rendered
    alone.) Where the dust lets less than a fiftieth through there is nothing to be had, and nothing to be seen.
    """
    clear = 1 - dust[..., 3:]
    debris = np.where(clear > _OPAQUE, (whole - dust) / np.maximum(clear, _OPAQUE), 0)
    debris = np.maximum(debris, 0)
    alpha = np.minimum(debris[..., 3:], 1)
    return np.ascontiguousarray(np.concatenate([np.where(alpha > 0, debris[..., :3], 0), alpha], axis=2), np.float32)


def _write_picture(path: Path, rgb: np.ndarray) -> None:
    planes = {name: np.ascontiguousarray(rgb[..., c], np.float32) for c, name in enumerate("RGB")}
    write_exr(path, planes, float32=frozenset(planes), compression="none")


def _read(folder: Path, renders: tuple[str, ...], borders: tuple[Border, ...] = ()) -> dict[str, np.ndarray]:
    """The worker's pictures; channel names end in ``Combined.R`` and ``Shadow Catcher.R``."""
    made: dict[str, np.ndarray] = {}
    for name in renders:
        channels = _pieced(folder, name, borders) if borders else read_exr(folder / f"{name}.exr")[0]
        made[name] = _stacked(channels, "Combined.", "RGBA", folder / f"{name}.exr")
        if name != "dust":
            made["shadow"] = _stacked(channels, "Shadow Catcher.", "RGB", folder / f"{name}.exr")
    return made


def _pieced(folder: Path, name: str, borders: tuple[Border, ...]) -> dict[str, Plane]:
    """One picture of the parts that were rendered, 0 elsewhere."""
    whole: dict[str, Plane] = {}
    for index, (left, top, right, bottom) in enumerate(borders):
        channels, _ = read_exr(folder / f"{name}.{index}.exr")
        for channel, plane in channels.items():
            into = whole.setdefault(channel, np.zeros_like(plane))
            into[top:bottom, left:right] = plane[top:bottom, left:right]
    return whole


def _stacked(channels: dict[str, Plane], ending: str, letters: str, path: Path) -> Rgba:
    planes = []
    for letter in letters:
        found = [name for name in channels if name.endswith(ending + letter)]
        if not found:
            raise StageError(f"holds no channel '{ending}{letter}'", file=path, remedy="render the frame again")
        planes.append(channels[found[0]])
    stacked = np.stack(planes, axis=-1)
    if not np.isfinite(stacked).all():
        raise StageError("holds NaN or infinity", file=path, remedy="render the frame again with another seed")
    stacked = np.maximum(stacked, 0)
    if len(letters) == 4:
        stacked[..., 3] = np.minimum(stacked[..., 3], 1)
    return np.ascontiguousarray(stacked, np.float32)
