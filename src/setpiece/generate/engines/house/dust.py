"""The dust in the picture: lit by sun and sky, shadowing itself and everything else, in front of and behind debris.

Generation, engine ``house``: gas frames in, one premultiplied picture out. The grid's cloud is carved by billows that
travel with the flow, its light is carried through the volume slice by slice, and rays are marched at half size into
deep samples, from which every full-size pixel takes what lies before its own depth. Refuses nothing; it invents no
dust: what the carving opens, it only takes away or gathers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from setpiece.core.arrays import Float32, Plane, Points, Rgba, frozen
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.light import Light
from setpiece.core.stage import Gas, Motion, Pieces
from setpiece.generate.engines.house import dust_light, dust_march
from setpiece.generate.engines.house.dust_noise import LOBES, SIZE, billow_volume

PALE_RGB = (0.50, 0.478, 0.44)  # dust of plaster and pale stone
_SOLID_PER_M = 25.0  # optical depth of a metre of masonry: a wall is dark behind
_SKY_SOFTNESS = 0.2  # light from sky and ground arrives after many turns: it sees this share of the extinction
_DEEPEST = 0.12  # share of it that dense dust passes on however deep, scattered many times
_CAVITY = 0.66  # reflectance of one fold of dust to another: light goes on from fold to fold
_TOES = ((0.65, 2.8), (0.35, 1.6))  # share and reach, m, to which the lowest two layers are spread along the ground
_GROUND_RGB = np.array([0.30, 0.285, 0.26])  # albedo of ground and rubble, which light the cloud from below
_TURNS = 1.45  # dust around the cloud's shaded side passes light on to it


@dataclass(frozen=True, slots=True, kw_only=True)
class DustLook:
    """How the dust looks.

    ``albedo_rgb``: diffuse reflectance of a thick cloud in full light, ACEScg, 0..1; None is the building's own dust (where
    no building is known, ``PALE_RGB``). ``extinction_m2_per_kg``: shadow
    area of a kilogram. ``anisotropy``: 0 scatters evenly, 0.8 strongly forward. ``detail``: how deep the billows bite,
    0..1. ``edge_hardness``: 0 is mist, 1 is cauliflower. ``edge_kg_m3``: the density taken for the cloud's rim.
    ``lobe_cells``: size of the largest carved billows in gas cells.
    """

    albedo_rgb: tuple[float, float, float] | None = None
    extinction_m2_per_kg: float = 80.0
    anisotropy: float = 0.42
    detail: float = 0.72
    edge_hardness: float = 0.75
    edge_kg_m3: float = 0.03
    lobe_cells: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LitGas:
    """One frame of gas with the light in it.

    ``volume`` (nx, ny, nz, 4): density kg/m³, column mass of dust and pieces towards the sun kg/m², openness to sky and
    ground 0..1, density spread over a few cells, in whose slope the billows are carved. ``column`` (nx, ny, nz): column
    mass of dust alone, kg/m². ``shift`` (mx, my, mz, 6): texture displacement of both fields, m. ``peaks``: largest spread
    density of each block.
    """

    gas: Gas
    look: DustLook
    sun: tuple[float, float, float]
    volume: Float32[np.ndarray, "nx ny nz 4"]
    column: Float32[np.ndarray, "nx ny nz"]
    shift: Float32[np.ndarray, "mx my mz 6"]
    peaks: Float32[np.ndarray, "bx by bz"]
    empty: bool = field(default=False)

    def __post_init__(self) -> None:
        for array in (self.volume, self.column, self.shift, self.peaks):
            frozen(array)

    def sun_transmittance(self, points: Points) -> Float32[np.ndarray, "n"]:
        """Share of sunlight (n,), 0..1, that the dust lets through to world points (n, 3), inside the domain or not."""
        points = np.ascontiguousarray(points, np.float32)
        if self.empty or len(points) == 0:
            return np.ones(len(points), np.float32)
        place = np.array([*self.gas.origin_m, self.gas.cell_m], np.float32)
        sun = np.array(self.sun, np.float32)
        return np.asarray(dust_light.transmittance(self.column, points, place, sun, self.look.extinction_m2_per_kg))


def solid_share(gas: Gas, pieces: Pieces, motion: Motion) -> Float32[np.ndarray, "nx ny nz"]:
    """How much of each cell of ``gas`` the pieces fill in its frame, 0..1 and a little over."""
    share = pieces.volume_m3 / np.maximum(2 * np.diff(pieces.vertex_start), 1) / gas.cell_m**3
    out = np.zeros(gas.density.shape, np.float32)
    place = np.array([*gas.origin_m, gas.cell_m], np.float32)
    poses = [np.ascontiguousarray(pose, np.float32) for pose in motion.at(gas.frame)]
    dust_light.add_solids(pieces.vertices, pieces.vertex_piece, pieces.centre, *poses, share.astype(np.float32), place, out)
    return out


def light_gas(gas: Gas, light: Light, *, look: DustLook, solids: np.ndarray | None = None) -> LitGas:
    """Carry sun and sky through the gas. ``solids`` (nx, ny, nz) is the share of each cell that pieces fill: they shade it.

    Errors: :class:`StageError` where the gas is not finite.
    """
    peak = float(gas.density.max())
    if not np.isfinite(peak):
        raise StageError("the gas holds values that are not numbers", frame=gas.frame, remedy="simulate the gas again")
    density = np.empty(gas.density.shape, np.float32)
    dust_light.softened(gas.density, density)
    _creep(density, gas.cell_m)
    wide = _spread(density, times=5)
    peaks = np.zeros([-(-n // dust_light.BLOCK) for n in density.shape], np.float32)
    dust_light.block_peaks(wide, peaks)
    volume = np.zeros((*density.shape, 4), np.float32)
    volume[..., 0] = density
    volume[..., 2] = 1
    volume[..., 3] = wide
    column = np.zeros_like(density)
    if peak > 0:
        column = _column(density, light.direction, gas.cell_m)
        murk = density if solids is None else density + np.float32(_SOLID_PER_M / look.extinction_m2_per_kg) * solids
        volume[..., 1] = column if solids is None else _column(murk, light.direction, gas.cell_m)
        volume[..., 2] = _openness(murk, gas.cell_m, look, light)
    return LitGas(gas=gas, look=look, sun=light.direction, volume=volume, column=column, shift=_shifts(gas), peaks=peaks,
                  empty=peak <= 0)  # fmt: skip


def _spread(density: np.ndarray, *, times: int) -> np.ndarray:
    """``density`` (nx, ny, nz) softened again and again: its slope at the rim is what the billows are carved in."""
    here, there = density, np.empty_like(density)
    for n in range(times):
        dust_light.softened(here, there)
        here, there = there, np.empty_like(density) if n == 0 else here
    return here


def _creep(density: np.ndarray, cell_m: float) -> None:
    """Let the lowest cells (nx, ny, nz) run out thin ahead of the front, in place: dust meets the ground without a line."""
    import cv2

    for layer, (share, reach_m) in enumerate(_TOES):
        sheet = np.ascontiguousarray(density[:, :, layer])
        density[:, :, layer] += np.float32(share) * (cv2.GaussianBlur(sheet, (0, 0), reach_m / cell_m) - sheet)


def _column(density: np.ndarray, towards: tuple[float, float, float], cell_m: float) -> np.ndarray:
    """Mass per area between every cell and a far light in direction ``towards``, kg/m²."""
    axis = int(np.argmax(np.abs(towards)))
    others = [n for n in range(3) if n != axis]
    main = abs(towards[axis])
    order = (axis, others[0], others[1])
    view = density.transpose(order)
    out = np.empty_like(density)
    target = out.transpose(order)
    if towards[axis] > 0:
        view, target = view[::-1], target[::-1]
    dust_light.sweep_depth(view, towards[others[0]] / main, towards[others[1]] / main, cell_m / main, target)
    return out


def _openness(density: np.ndarray, cell_m: float, look: DustLook, light: Light) -> np.ndarray:
    """Share of the light of sky and ground that arrives, 0..1: straight up, four slanted directions, and from below.

    Folds that see little of the sky see each other, and pale dust passes on most of what it gets: a cavity of openness o
    and reflectance a is as bright as o / (1 - a (1 - o)) (Jimenez et al. 2016).
    """
    soft = np.float32(-_SKY_SOFTNESS * look.extinction_m2_per_kg)
    slant, height = np.cos(np.radians(35)), np.sin(np.radians(35))
    above = _column(density, (0.0, 0.0, 1.0), cell_m)
    total = np.float32(0.32) * np.exp(soft * above)
    for quarter in range(4):
        turn = np.radians(45 + 90 * quarter)
        towards = (float(slant * np.cos(turn)), float(slant * np.sin(turn)), float(height))
        total += np.float32(0.17) * np.exp(soft * _column(density, towards, cell_m))
    sky, ground = float(np.sum(light.sky_rgb)), float(np.sum(_bounce(light)))
    share = np.float32(ground / max(sky + ground, 1e-9))
    total += share * (np.exp(soft * (above[:, :, :1] - above)) - total)
    total *= np.float32(1 - _DEEPEST)
    total += np.float32(_DEEPEST)
    return np.asarray(total / (np.float32(1 - _CAVITY) + np.float32(_CAVITY) * total))


def _bounce(light: Light) -> np.ndarray:
    """Irradiance (3,) from the open ground, seen from above it."""
    level = np.array(light.sky_rgb) + np.array(light.sun_rgb) * max(light.direction[2], 0.0)
    return np.asarray(_GROUND_RGB * level)


def _shifts(gas: Gas) -> np.ndarray:
    """Texture displacements of both fields, interleaved; the fields may stand on the gas grid or on half of it."""
    shape = gas.detail_a.shape[:3]
    ratio = gas.density.shape[0] / shape[0]
    axes = [
        np.float32(o) + ((np.arange(n, dtype=np.float32) + np.float32(0.5)) * ratio - np.float32(0.5)) * gas.cell_m
        for o, n in zip(gas.origin_m, shape, strict=True)
    ]
    out = np.empty((*shape, 6), np.float32)
    for axis, positions in enumerate(axes):
        spread = [1, 1, 1]
        spread[axis] = len(positions)
        rest = positions.astype(np.float32).reshape(spread)
        out[..., axis] = gas.detail_a[..., axis] - rest
        out[..., 3 + axis] = gas.detail_b[..., axis] - rest
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class MarchedDust:
    """Dust seen from the camera, before anyone asks what stands in it.

    ``knots`` (h/2, w/2, n, 5): axial depth m, rgb and alpha gathered up to there. ``curtain_m`` (h, w): axial depth behind
    which nothing shows, +inf where the dust lets something through.
    """

    knots: Float32[np.ndarray, "hh hw n 5"]
    curtain_m: Plane

    def __post_init__(self) -> None:
        frozen(self.knots)
        frozen(self.curtain_m)

    def layer(self, *, depth_debris: Plane, coverage: Plane, depth_background: Plane, debris: Rgba | None = None) -> Rgba:
        """The dust layer, premultiplied ACEScg, (h, w, 4) float32, alpha 0..1.

        Depths are axial metres, +inf where nothing is. Alpha is that of the dust before the debris where ``coverage``
        (0..1) says debris, and before the background elsewhere. With ``debris`` (premultiplied) the layer is made to lie
        over it: at the rims of debris, where dust behind and debris share a pixel, its alpha is that of the dust behind,
        and it gives back the debris colour which that hides, so that no background shines through the seam.
        """
        out, behind = np.zeros((*coverage.shape, 4), np.float32), np.zeros(coverage.shape, np.float32)
        planes = [np.array(plane, np.float32) for plane in (depth_background, depth_debris, coverage)]
        dust_march.resolve(self.knots, *planes, out, behind)
        if debris is not None:
            dust_march.seal(out, behind, np.array(debris, np.float32))
        return frozen(out)


def render_dust(
    lit: LitGas,
    camera: Camera,
    light: Light,
    *,
    depth_debris: Plane,
    coverage: Plane,
    depth_background: Plane,
    look: DustLook,
    frame_seconds: float,
    seed: int,
) -> Rgba:
    """The dust layer (camera.height, camera.width, 4) in one go: :func:`march_dust`, then :meth:`MarchedDust.layer`.

    The picture of an empty gas is transparent.
    """
    wanted = np.where(coverage >= 1, depth_debris, depth_background)
    marched = march_dust(lit, camera, light, reach_m=wanted, look=look, frame_seconds=frame_seconds, seed=seed)
    if marched is None:
        return frozen(np.zeros((camera.height, camera.width, 4), np.float32))
    return marched.layer(depth_debris=depth_debris, coverage=coverage, depth_background=depth_background)


def march_dust(
    lit: LitGas, camera: Camera, light: Light, *, reach_m: Plane, look: DustLook, frame_seconds: float, seed: int
) -> MarchedDust | None:
    """March the camera's rays at half size through ``lit``; None where there is no dust at all.

    ``reach_m`` (h, w) is the farthest axial depth that anyone will ask for. ``frame_seconds`` lets the finest billows
    creep upwards. ``seed`` chooses the billows. Colours are in the light's plate units.
    """
    if lit.empty:
        return None
    half = camera.scaled(0.5)
    gas = lit.gas
    per_m = SIZE / LOBES / (look.lobe_cells * gas.cell_m)
    weight_a = 1 - abs(2 * gas.phase - 1)
    strength = float(np.hypot(weight_a, 1 - weight_a))
    numbers = [
        look.extinction_m2_per_kg,
        look.edge_kg_m3,
        look.detail,
        max(0.06, 0.6 * (1 - look.edge_hardness)),
        per_m,
        weight_a / strength,
        (1 - weight_a) / strength,
        0.15 * frame_seconds,
        look.anisotropy,
        0.54 * gas.cell_m,
    ]
    knots = np.zeros((half.height, half.width, dust_march.KNOTS, 5), np.float32)
    dust_march.march(
        lit.volume,
        lit.shift,
        lit.peaks,
        billow_volume(seed),
        np.array([*gas.origin_m, gas.cell_m], np.float32),
        np.array(camera.position_m, np.float32),
        np.array(camera.axes, np.float32),
        np.array([half.focal_px, *half.centre_px], np.float32),
        _reach(reach_m, (half.height, half.width)),
        np.array(light.direction, np.float32),
        _colours(look, light),
        np.array(numbers, np.float32),
        knots,
    )
    return MarchedDust(knots=knots, curtain_m=_curtain(knots, (camera.height, camera.width)))


def _curtain(knots: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Axial depth (h, w) behind which the dust hides everything, by all the half-size rays that a pixel will ask."""
    import cv2

    solid = np.where(knots[:, :, -1, 4] >= 1, knots[:, :, -1, 0], np.float32(1e30))
    solid = cv2.dilate(solid, np.ones((3, 3), np.uint8))
    solid[solid > 1e29] = np.inf
    h, w = solid.shape
    rows = np.minimum((np.arange(size[0]) + 0.5) * h / size[0], h - 1).astype(np.int64)
    cols = np.minimum((np.arange(size[1]) + 0.5) * w / size[1], w - 1).astype(np.int64)
    return np.ascontiguousarray(solid[np.ix_(rows, cols)])


def _colours(look: DustLook, light: Light) -> np.ndarray:
    """(4, 3): sunlight scattered once, twice and often, then the light all around; every turn adds to the dust's hue."""
    albedo, sun, sky = (np.array(rgb, np.float64) for rgb in (look.albedo_rgb or PALE_RGB, light.sun_rgb, light.sky_rgb))
    tint = albedo / albedo.max()
    around = _TURNS * albedo * tint**0.3 * (sky + 0.6 * _bounce(light))
    return np.array(np.stack([*(1.65 * albedo * tint**n * sun for n in (0.0, 0.3, 0.6)), around]) / np.pi, np.float32)


def _reach(wanted_m: Plane, size: tuple[int, int]) -> np.ndarray:
    """How far half-size rays must see: the farthest depth wanted by any pixel that will ask them."""
    import cv2

    wanted = np.minimum(np.nan_to_num(np.asarray(wanted_m, np.float32), nan=1e9, posinf=1e9), np.float32(1e9))
    spread = cv2.dilate(wanted, np.ones((7, 7), np.uint8))
    h, w = size
    rows = np.minimum(np.arange(h) * wanted.shape[0] // h + 1, wanted.shape[0] - 1)
    cols = np.minimum(np.arange(w) * wanted.shape[1] // w + 1, wanted.shape[1] - 1)
    return np.ascontiguousarray(spread[np.ix_(rows, cols)])
