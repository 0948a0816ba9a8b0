"""A built scene: meshes with named procedural materials, lamps, sky and cameras, everything in metres, z up.

What :mod:`setpiece.stage.sets` and :mod:`setpiece.stage.wardrobe` build, and what the Blender worker, USD, glTF and boards
read. The geometry is ours and needs no Blender. World: x east, y north, z up, the floor at z = 0. A thing's own frame: the
origin on the floor in the middle of its footprint, z up, its front towards -y, its back towards +y.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from setpiece.core.arrays import Float32, Int32, Points, frozen
from setpiece.core.errors import StageError


@dataclass(frozen=True, slots=True, kw_only=True)
class PolyMesh:
    """A polygon mesh. ``corners`` are vertex indices, face after face, ``face_start`` (f + 1,) where each face's begin;
    counter-clockwise from outside. ``uv`` (corners, 2) in metres of material, or (0, 2): box-projected where it is used.
    ``smooth``: normals vary over the faces. Raises :class:`StageError` where indices do not fit.
    """

    vertices: Points
    corners: Int32[np.ndarray, "c"]
    face_start: Int32[np.ndarray, "f1"]
    uv: Float32[np.ndarray, "u 2"] = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    smooth: bool = False

    def __post_init__(self) -> None:
        for name in ("vertices", "corners", "face_start", "uv"):
            frozen(getattr(self, name))
        fits = self.corners.size == 0 or (int(self.corners.min()) >= 0 and int(self.corners.max()) < len(self.vertices))
        if not fits or len(self.face_start) == 0 or int(self.face_start[-1]) != len(self.corners):
            raise StageError("a mesh's faces do not fit its vertices", remedy="report this: its builder is wrong")
        if len(self.uv) not in (0, len(self.corners)):
            raise StageError("a mesh has texture coordinates for some corners only", remedy="report this: its builder is wrong")

    @property
    def following(self) -> np.ndarray:
        """(c,) for each corner the place of its face's next one, all the way round."""
        after = np.arange(1, len(self.corners) + 1)
        after[np.asarray(self.face_start[1:]) - 1] = self.face_start[:-1]
        return after

    def area_normals(self, points: np.ndarray | None = None) -> np.ndarray:
        """Normals (f, 3) of all faces, twice their area long (Newell, 1972), float64.

        ``points`` (v, 3), where given, stand for the mesh's own vertices.
        """
        if len(self.face_start) < 2:
            return np.zeros((0, 3))
        at = np.asarray(self.vertices if points is None else points, np.float64)[self.corners]
        return np.asarray(np.add.reduceat(np.cross(at, at[self.following]), self.face_start[:-1], axis=0))


class MaterialKind(StrEnum):
    """The procedural materials that every renderer knows."""

    PLASTER = "plaster"
    PAINT = "paint"
    CONCRETE = "concrete"
    BRICK = "brick"
    STONE = "stone"
    MARBLE = "marble"
    TERRAZZO = "terrazzo"
    WALLPAPER = "wallpaper"
    WOOD = "wood"  # a solid piece, grain along its longest side
    PLANKS = "planks"
    PARQUET = "parquet"
    TILES = "tiles"
    LINOLEUM = "linoleum"
    CARPET = "carpet"
    RUG = "rug"
    METAL = "metal"
    ENAMEL = "enamel"
    CHROME = "chrome"
    RUST = "rust"
    GLASS = "glass"
    MIRROR = "mirror"
    PLASTIC = "plastic"
    RUBBER = "rubber"
    CERAMIC = "ceramic"
    PAPER = "paper"
    BOOK = "book"
    PICTURE = "picture"  # an invented picture, by seed
    POSTER = "poster"  # an invented poster, by seed
    SCREEN = "screen"  # a lit display
    LAMPSHADE = "lampshade"
    BULB = "bulb"  # a visible emitter; lamps do the lighting
    LEATHER = "leather"
    LINEN = "linen"
    COTTON = "cotton"
    WOOL = "wool"
    TWEED = "tweed"
    DENIM = "denim"
    SILK = "silk"
    VELVET = "velvet"
    FLORAL = "floral"
    PINSTRIPE = "pinstripe"
    PLAID = "plaid"
    SHEER = "sheer"
    LEAF = "leaf"
    BARK = "bark"
    SOIL = "soil"
    ASPHALT = "asphalt"
    COBBLES = "cobbles"
    SNOW = "snow"
    WATER = "water"
    ROPE = "rope"
    SKIN = "skin"  # the plain matt cover of a dress form


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneMaterial:
    """A material by kind and numbers. ``colour``, ``colour_2`` linear Rec.709 (sRGB primaries) 0..1; ``roughness`` 0..1,
    None as the kind; ``wear`` 0..1; ``scale_m`` the size of a tile, plank width or repeat, None as the kind; ``glow_nits`` the
    luminance of a lit surface, cd/m2; ``seed`` varies what is random in it."""

    kind: MaterialKind
    colour: tuple[float, float, float]
    colour_2: tuple[float, float, float] | None = None
    roughness: float | None = None
    wear: float = 0.3
    scale_m: float | None = None
    glow_nits: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One mesh of one material. ``bevel_m`` rounds its edges where it is rendered (0: as it is); ``casts_shadow`` False for
    shades and bulbs that a lamp inside shines through."""

    mesh: PolyMesh
    material: SceneMaterial
    bevel_m: float = 0.0
    casts_shadow: bool = True


class LampShape(StrEnum):
    """How a lamp gives light."""

    POINT = "point"
    SPOT = "spot"
    AREA = "area"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A light, in the frame of what carries it. ``lumens`` photometric, ``kelvin`` its colour; ``tint`` multiplies it
    (gels, neon). ``size_m`` radius of a point, (width, height) of an area; ``direction`` of spot and area; ``angle_deg`` a
    spot's full cone. ``group`` is its light group in the passes."""

    shape: LampShape
    position_m: tuple[float, float, float]
    lumens: float
    kelvin: float
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    size_m: tuple[float, float] = (0.05, 0.05)
    direction: tuple[float, float, float] = (0.0, 0.0, -1.0)
    angle_deg: float = 60.0
    group: str = "practicals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What a builder of furniture, architecture or wardrobe returns: parts in the thing's own frame.

    ``size_m`` is its box (width, depth, height), ``top_m`` the height of the surface on which others stand (None: none) and
    ``top_size_m`` that surface's (width, depth). ``seat`` marks what people sit on.
    """

    parts: tuple[Part, ...]
    lamps: tuple[Lamp, ...] = ()
    size_m: tuple[float, float, float]
    top_m: float | None = None
    top_size_m: tuple[float, float] = (0.0, 0.0)
    seat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A thing in the scene. ``layer`` is architecture, furniture, dressing, wardrobe or outside (USD's composition layers);
    ``category`` its segmentation class. ``turn_deg`` is counter-clockwise from above. ``wall`` names the wall of the room
    that it belongs to: a camera behind that wall sees through it (a wild wall)."""

    name: str
    category: str
    layer: str
    thing: Thing
    position_m: tuple[float, float, float]
    turn_deg: float = 0.0
    wall: str | None = None

    @property
    def matrix(self) -> Float32[np.ndarray, "4 4"]:
        """From the thing's own frame to the world (column vectors)."""
        turn = np.radians(self.turn_deg)
        made = np.eye(4, dtype=np.float32)
        made[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
        made[:3, 3] = self.position_m
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Sun and sky. Azimuth clockwise from north (+y), degrees; ``sun_lux`` on a surface that faces it, ``sky_lux`` on level
    open ground; ``turbidity`` 2 (clear) .. 10 (haze); ``cloud`` 0..1. A night sky has small numbers, never none."""

    sun_azimuth_deg: float
    sun_elevation_deg: float
    sun_lux: float
    sky_lux: float
    sun_kelvin: float = 5600.0
    turbidity: float = 3.0
    cloud: float = 0.0
    fog_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneCamera:
    """A camera on a real sensor. ``sensor_mm`` (width, height) of the extracted picture; ``exposure_stops`` None is metered
    (the middle of what it sees at 18 %) and held ``mood_stops`` from it, as a low key is; ``white_kelvin`` None is set by the
    mood's light."""

    name: str
    position_m: tuple[float, float, float]
    target_m: tuple[float, float, float]
    lens_mm: float
    sensor_mm: tuple[float, float]
    sensor: str
    fstop: float | None = None
    focus_m: float | None = None
    exposure_stops: float | None = None
    white_kelvin: float | None = None
    mood_stops: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All of it. ``room_m`` is (width, depth, height) of the clear space."""

    title: str
    placed: tuple[Placed, ...]
    lamps: tuple[Lamp, ...]  # beside those that things carry, in the world's frame: what mood adds
    sky: Sky
    cameras: tuple[SceneCamera, ...]
    room_m: tuple[float, float, float]
    exterior: bool = False
    seed: int = 1
