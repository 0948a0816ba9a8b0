"""The stage of a collapse, step by step: clean plate, pieces, motion, grit, gas. Each step is made once and kept.

Second half of the recipe. Everything here is at the size of the take or in metres; nothing is drawn yet.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.pictures import Matte, PlateInfo
from setpiece.core.progress import Progress
from setpiece.core.stage import Material, Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.departments.destruction.solve import Solved, camera_key, digest
from setpiece.intake.brief import Brief
from setpiece.intake.plate import load_plate
from setpiece.integrate.clean_plate import clean_plate
from setpiece.media.files import sha256_file, write_json
from setpiece.media.images import resize, write_exr
from setpiece.production.job import ShotJob
from setpiece.production.steps import Steps
from setpiece.stage.archive import load_motion, load_pieces, save_camera, save_grit, save_light, save_motion, save_pieces
from setpiece.stage.blender.client import simulate_rigid
from setpiece.stage.blender.job import RigidJob
from setpiece.stage.collapse import Event, Script, direct
from setpiece.stage.dust_sources import dust_bursts
from setpiece.stage.fracture import fracture
from setpiece.stage.gas import gas_domain, save_gas, simulate_gas
from setpiece.stage.grit import scatter_grit
from setpiece.stage.proxy import BuildingPlan, build_proxy, footprint_on_ground
from setpiece.stage.support import SupportGraph, support_graph

_DIRECTIONS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "towards": (0.0, -1.0), "away": (0.0, 1.0)}
GRIT_COUNT = 12_000
WANDER_M = 0.5
QUIET_SHARE = 0.4  # of the cutting, per area, that walls outside of a region get
ROOMS_SHARE = 0.35  # of the depth behind the wall that a region takes with it


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFolder:
    """Where the finished steps of a stage lie."""

    plate: Path  # plate.FRAME.exr, clean.exr, matte.exr, holdout.exr, camera.json, light.json, healed.json
    pieces: Path  # pieces.npz, pieces.json
    motion: Path  # motion.npz
    grit: Path  # grit.npz
    gas: Path  # gas.FRAME.npz


def build_stage(job: ShotJob, info: PlateInfo, solved: Solved, steps: Steps, progress: Progress) -> StageFolder:
    """Make or find every step of the stage for a job whose brief is filled in."""
    brief = job.brief
    plate = _plates(job, info, solved, steps)
    pieces_folder = _pieces(brief, info, solved, steps)
    motion_folder = _motion(brief, solved, pieces_folder, steps, progress)
    grit = _grit(brief, pieces_folder, motion_folder, steps)
    gas = _gas(brief, pieces_folder, motion_folder, steps, progress)
    return StageFolder(plate=plate, pieces=pieces_folder, motion=motion_folder, grit=grit, gas=gas)


def _plates(job: ShotJob, info: PlateInfo, solved: Solved, steps: Steps) -> Path:
    """Plate frames, clean plate and mattes at the size of the take."""
    scale, brief_seed = job.scale, job.seed

    def make(folder: Path) -> None:
        camera = solved.camera if scale == 1.0 else solved.camera.scaled(scale)
        size = (camera.width, camera.height)
        healed: dict[str, int] = {}
        for frame in info.frames if not info.still else (info.frames.first,):
            picture, broken = load_plate(info, frame)
            healed |= {str(frame): broken} if broken else {}
            _write_rgb(folder / f"plate.{frame:04d}.exr", _fit(picture.pixels[..., :3], size))
        write_json(folder / "healed.json", healed)
        reference = _fit(solved.plate, size)
        matte, holdout = _fit_plane(solved.matte, size), _fit_plane(solved.holdout, size)
        _write_rgb(folder / "reference.exr", reference)
        clean = clean_plate(reference, Matte(coverage=matte), camera, holdout=Matte(coverage=holdout),
                            fallback=dark_interior(reference, matte), seed=brief_seed)  # fmt: skip
        _write_rgb(folder / "clean.exr", clean)
        write_exr(folder / "matte.exr", {"matte.A": matte}, attributes={}, float32=frozenset({"matte.A"}))
        write_exr(folder / "holdout.exr", {"matte.A": holdout}, attributes={}, float32=frozenset({"matte.A"}))
        save_camera(folder / "camera.json", camera)
        save_light(folder / "light.json", solved.light)

    inputs = {
        "plate": info.sha256,
        "frames": [info.frames.first, info.frames.last],
        "scale": scale,
        "seed": brief_seed,
        "camera": camera_key(solved.camera),
        "light": repr(solved.light),
        "matte": digest(solved.matte),
        "holdout": digest(solved.holdout),
    }
    sources = ("setpiece.integrate", "setpiece.media", "setpiece.intake.plate")
    return steps.once("plate", inputs, make, sources=sources)


def dark_interior(plate: Rgb, matte: Plane) -> Rgb:
    """What shows through a facade that fills the frame: unlit rooms, a tenth of the wall's own light, darker below."""
    inside = matte > 0.5
    wall = plate[inside].mean(axis=0) if inside.any() else plate.mean(axis=(0, 1))
    height, width = matte.shape
    fall = np.linspace(1.0, 0.35, height, dtype=np.float32)[:, None, None]
    soft = cv2.GaussianBlur(np.ascontiguousarray(plate), (0, 0), 0.04 * width)
    return (0.06 * fall * (0.5 * soft + 0.5 * wall.astype(np.float32))).astype(np.float32)


def plan_of(brief: Brief) -> BuildingPlan:
    """The building as the brief has it."""
    building, height = brief.building, brief.scale.building_height_m
    if building.storeys is None or building.depth_m is None or building.wall_thickness_m is None or height is None:
        raise StageError("the brief's building is incomplete", remedy="remove the edited lines to have them found again")
    materials = building.materials
    if materials.walls is None:
        raise StageError("the brief does not say what the walls are", remedy="remove the edited line to have it found again")
    return BuildingPlan(
        storeys=building.storeys,
        storey_m=max(2.2, (height - 1.0) / building.storeys),
        depth_m=building.depth_m,
        wall_m=building.wall_thickness_m,
        hollow=building.hollow,
        walls=Material[materials.walls.upper()],
        floors=Material[materials.floors.upper()],
        roof=Material[materials.roof.upper()],
    )


def _pieces(brief: Brief, info: PlateInfo, solved: Solved, steps: Steps) -> Path:
    """Proxy and fracture, at the plate's own size: the take's scale changes no crack."""
    plan = plan_of(brief)
    seed = brief.fracture.seed if brief.fracture.seed is not None else brief.seed

    def make(folder: Path) -> None:
        panels = build_proxy(solved.camera, solved.matte, solved.footprint_px, plan)
        impact = None
        if brief.collapse.point is not None:
            impact = np.array([_on_facade(brief.collapse.point, solved)])
        region = _region_mask(brief, solved)
        focus = None if region is None else _focus(region, solved.camera)
        pieces = fracture(panels, focus=focus, pieces=brief.fracture.pieces, seed=seed, impact_m=impact,
                          spread=0.47 * brief.fracture.grain_power,
                          smallest_m=brief.fracture.grain_min_m or 0.0)  # fmt: skip
        save_pieces(folder / "pieces.npz", pieces, names=tuple(panel.name for panel in panels))

    inputs = {
        "matte": digest(solved.matte),
        "camera": camera_key(solved.camera),
        "footprint": solved.footprint_px.tolist(),
        "plan": repr(plan),
        "fracture": brief.fracture.model_dump(),
        "point": brief.collapse.point,
        "region": (brief.collapse.region, QUIET_SHARE),
        "seed": seed,
    }
    return steps.once("pieces", inputs, make, sources=("setpiece.stage.proxy", "setpiece.stage.fracture",
                                                       "setpiece.stage.coursing"))  # fmt: skip


def _on_facade(point_px: tuple[float, float], solved: Solved) -> np.ndarray:
    """The world point of a pixel on the nearest facade plane."""
    foot = footprint_on_ground(solved.footprint_px, solved.camera)
    ray = solved.camera.rays(np.array([point_px]))[0].astype(np.float64)
    eye = np.asarray(solved.camera.position_m)
    best: tuple[float, np.ndarray] | None = None
    for a, b in itertools.pairwise(foot):
        along = (b - a)[:2] / np.linalg.norm((b - a)[:2])
        normal = np.array([-along[1], along[0], 0.0])
        reach = float(normal @ (a - eye) / max(abs(float(normal @ ray)), 1e-9) * np.sign(normal @ ray))
        at = eye + ray * reach
        u = float((at - a)[:2] @ along) / float(np.linalg.norm((b - a)[:2]))
        miss = max(0.0, -u, u - 1.0)
        if reach > 0 and (best is None or miss < best[0]):
            best = (miss, at)
    if best is None:
        raise StageError(f"point {point_px} does not look at the building", remedy="move collapse.point onto the facade")
    return best[1]


def event_of(brief: Brief, pieces: Pieces, solved: Solved) -> Event:
    """The artist's collapse in metres."""
    collapse = brief.collapse
    if collapse.start_frame is None:
        raise StageError("the brief has no start frame", remedy="remove the edit of collapse.start_frame, or state one")
    foot = footprint_on_ground(solved.footprint_px, solved.camera)
    along = (foot[-1] - foot[0])[:2] / np.linalg.norm((foot[-1] - foot[0])[:2])
    if collapse.side == "right":
        along = -along
    outward = np.array([along[1], -along[0]])
    if outward @ (foot[0] - np.asarray(solved.camera.position_m))[:2] > 0:
        outward = -outward
    towards = (float(outward[0]), float(outward[1]))
    direction = collapse.direction
    if isinstance(direction, str):
        towards = _DIRECTIONS[direction]
    elif direction is not None:
        angle = np.radians(float(direction))
        towards = (float(np.sin(angle)), float(np.cos(angle)))
    point = None if collapse.point is None else tuple(float(v) for v in _on_facade(collapse.point, solved))
    return Event(
        mode=collapse.mode,
        start_frame=collapse.start_frame + collapse.hold,
        speed=collapse.speed,
        charge=1.0 if collapse.charge is None else collapse.charge,
        towards=towards,
        point_m=point,  # type: ignore[arg-type]
        along=(float(along[0]), float(along[1])),
        region=_region(brief, pieces, solved),
    )


def _region_mask(brief: Brief, solved: Solved) -> Mask | None:
    """The region of the brief as a mask of the plate; None where the brief has none."""
    region = brief.collapse.region
    if region is None:
        return None
    if isinstance(region[0], tuple):
        polygon = np.array(region, np.float32)
    else:
        x0, y0, x1, y1 = (float(v) for v in region)  # type: ignore[arg-type]
        polygon = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    mask = np.zeros((solved.camera.height, solved.camera.width), np.uint8)
    cv2.fillPoly(mask, [np.round(polygon).astype(np.int32)], 1)
    return mask > 0


def _looks_at(mask: Mask, points: np.ndarray, camera: Camera) -> Mask:
    """Which world points (n, 3) project into ``mask``; what the frame cuts off counts as its nearest edge."""
    pixels, depth = camera.project(points)
    x = np.clip(pixels[:, 0].astype(int), 0, mask.shape[1] - 1)
    y = np.clip(pixels[:, 1].astype(int), 0, mask.shape[0] - 1)
    return np.asarray(mask[y, x] & (depth > 0))


def _wandering(points: np.ndarray) -> np.ndarray:
    """Offsets (n, 3) m by which the border of a region strays from the line that was drawn: no wall breaks straight."""
    x, z = points[:, 0], points[:, 2]
    aside = np.sin(1.1 * z + 0.3 * x) + 0.7 * np.sin(2.7 * z + 1.0)
    rise = np.sin(0.9 * x + 2.0 + 0.4 * z) + 0.7 * np.sin(2.3 * x)
    return WANDER_M * np.stack([aside, np.zeros_like(x), rise], axis=1)


def _focus(region: Mask, camera: Camera) -> Callable[[np.ndarray], np.ndarray]:
    """What will fall is cut finer than what only stands around it."""
    size = 2 * round(0.02 * camera.width) + 1
    near = cv2.dilate(region.astype(np.uint8), np.ones((size, size), np.uint8)) > 0

    def asks(points: np.ndarray) -> np.ndarray:
        return np.where(_looks_at(near, points, camera), 1.0, QUIET_SHARE)

    return asks


def _region(brief: Brief, pieces: Pieces, solved: Solved) -> Mask | None:
    """Which pieces may fall: those whose centre projects into the region of the brief, the front rooms included; what
    lies deeper stands, and is what the hole shows."""
    mask = _region_mask(brief, solved)
    if mask is None:
        return None
    foot = footprint_on_ground(solved.footprint_px, solved.camera)
    plan = plan_of(brief)
    deep = np.full(len(pieces), np.inf)
    for a, b in itertools.pairwise(foot):
        along = (b - a)[:2] / np.linalg.norm((b - a)[:2])
        inward = np.array([-along[1], along[0]])
        inward *= np.sign(inward @ (a - np.asarray(solved.camera.position_m))[:2]) or 1.0
        deep = np.minimum(deep, (pieces.centre[:, :2] - a[:2]) @ inward)
    return _looks_at(mask, pieces.centre + _wandering(pieces.centre), solved.camera) & (
        deep < plan.wall_m + ROOMS_SHARE * (plan.depth_m - plan.wall_m)
    )


def _motion(brief: Brief, solved: Solved, pieces_folder: Path, steps: Steps, progress: Progress) -> Path:
    """Support graph, script, Bullet."""
    pieces, _ = load_pieces(pieces_folder / "pieces.npz")
    frames = brief.frames

    def make(folder: Path) -> None:
        event = event_of(brief, pieces, solved)
        graph = support_graph(pieces, strength=brief.collapse.strength)
        script = direct(pieces, graph, event, frames, seed=brief.seed)
        save_motion(folder / "motion.npz", simulate_rigid(_rigid_job(pieces, script, frames, graph), folder / "bullet",
                                                          progress=progress))  # fmt: skip

    inputs = {
        "pieces": sha256_file(pieces_folder / "pieces.npz"),
        "collapse": brief.collapse.model_dump(),
        "region": (WANDER_M, ROOMS_SHARE),
        "frames": [frames.first, frames.last, str(frames.rate)],
        "footprint": solved.footprint_px.tolist(),
        "camera": camera_key(solved.camera),
        "seed": brief.seed,
    }
    return steps.once("motion", inputs, make, sources=("setpiece.stage.collapse", "setpiece.stage.support",
                                                       "setpiece.stage.lean", "setpiece.stage.knock",
                                                       "setpiece.stage.blender"))  # fmt: skip


def _rigid_job(pieces: Pieces, script: Script, frames: FrameRange, graph: SupportGraph) -> RigidJob:
    return RigidJob(pieces=pieces, frames=frames, release=script.release, track_piece=script.track_piece,
                    track_frame=script.track_frame, track_position=script.track_position,
                    track_rotation=script.track_rotation, support=graph, hold_m_s=script.hold_m_s)  # fmt: skip


def _grit(brief: Brief, pieces_folder: Path, motion_folder: Path, steps: Steps) -> Path:
    pieces, motion = load_stage(pieces_folder, motion_folder)
    frames = brief.frames

    def make(folder: Path) -> None:
        grit = scatter_grit(pieces, motion, frames.rate, first=frames.first, last=frames.last, ground_z_m=0.0,
                            seed=brief.seed, count=GRIT_COUNT)  # fmt: skip
        save_grit(folder / "grit.npz", grit)

    inputs = {"motion": sha256_file(motion_folder / "motion.npz"), "seed": brief.seed, "count": GRIT_COUNT}
    return steps.once("grit", inputs, make, sources=("setpiece.stage.grit",))


def _gas(brief: Brief, pieces_folder: Path, motion_folder: Path, steps: Steps, progress: Progress) -> Path:
    pieces, motion = load_stage(pieces_folder, motion_folder)
    frames, dust = brief.frames, brief.dust
    begins = max(int(motion.release.min()), frames.first)
    rolls_s = max(frames.last - begins, 0) / float(frames.rate)

    def make(folder: Path) -> None:
        bursts = dust_bursts(pieces, motion, frames.rate, first=frames.first, last=frames.last, amount=dust.amount,
                             seed=brief.seed)  # fmt: skip
        simulate_gas(
            gas_domain(pieces, ground_z_m=0.0, seconds=rolls_s), bursts, (pieces, motion), frames.rate, wind_m_s=dust.wind_m_s,
            settle_m_s=dust.settle_m_s, seed=brief.seed, progress=progress,
            on_frame=lambda gas: save_gas(folder / f"gas.{gas.frame:04d}.npz", gas),
        )  # fmt: skip

    inputs = {
        "motion": sha256_file(motion_folder / "motion.npz"),
        "dust": {"amount": dust.amount, "wind": dust.wind_m_s, "settle": dust.settle_m_s},
        "seed": brief.seed,
    }
    sources = ("setpiece.stage.gas", "setpiece.stage.gas_kernels", "setpiece.stage.dust_sources", "setpiece.stage.squeezed_air")
    return steps.once("gas", inputs, make, sources=sources)


def load_stage(pieces_folder: Path, motion_folder: Path) -> tuple[Pieces, Motion]:
    """Pieces and their motion, as the steps left them."""
    return load_pieces(pieces_folder / "pieces.npz")[0], load_motion(motion_folder / "motion.npz")


def _fit(pixels: np.ndarray, size: tuple[int, int]) -> Rgb:
    pixels = np.ascontiguousarray(pixels, np.float32)
    return pixels if (pixels.shape[1], pixels.shape[0]) == size else resize(pixels, size)


def _fit_plane(plane: Plane, size: tuple[int, int]) -> Plane:
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    return np.clip(resize(np.ascontiguousarray(plane[..., None]), size).reshape(size[1], size[0]), 0, 1)


def _write_rgb(path: Path, rgb: Rgb) -> None:
    write_exr(path, {name: np.ascontiguousarray(rgb[..., i]) for i, name in enumerate("RGB")}, attributes={})
