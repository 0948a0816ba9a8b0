"""A tiny collapse: a wall of boxes on a small plate, some of which fall; enough for every layer to hold something."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from setpiece.core.camera import Camera
from setpiece.core.light import Light
from setpiece.core.stage import Face, Grit, Material, Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.generate.contract import CollapseScene, Request

FIRST, FRAMES, RATE = 1001, 24, Fraction(24)
COLUMNS, ROWS, SIZE, NEAR, THICK = 6, 4, 1.5, 14.0, 0.5


class Granted:
    """A permit that holds; only tests have one."""

    def check(self) -> None:
        """Nothing to refuse."""


def small_camera(width: int = 120, height: int = 80) -> Camera:
    return Camera.looking(width=width, height=height, focal_px=0.95 * width, height_m=1.7, pitch_deg=6.0)


def small_pieces() -> Pieces:
    """A wall of boxes, 9 x 6 m, its front at y = ``NEAR``."""
    corner = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    quads = {
        (0, 4, 5, 1): Face.PLATE, (2, 3, 7, 6): Face.INSIDE, (0, 1, 3, 2): Face.BROKEN,
        (4, 6, 7, 5): Face.BROKEN, (1, 5, 7, 3): Face.BROKEN, (0, 2, 6, 4): Face.BROKEN,
    }  # fmt: skip
    vertices, triangles, owner, faces = [], [], [], []
    for i in range(COLUMNS):
        for j in range(ROWS):
            low = np.array([(i - COLUMNS / 2) * SIZE, NEAR, j * SIZE])
            base, piece = 8 * len(vertices), len(vertices)
            vertices.append(low + corner * np.array([SIZE, THICK, SIZE]))
            for (a, b, c, d), face in quads.items():
                triangles += [(base + a, base + b, base + c), (base + a, base + c, base + d)]
                owner += [piece, piece]
                faces += [face, face]
    k = len(vertices)
    stacked = np.concatenate(vertices).astype(np.float32)
    volume = np.full(k, SIZE * SIZE * THICK, np.float32)
    return Pieces(
        vertices=stacked,
        triangles=np.array(triangles, np.int32),
        triangle_piece=np.array(owner, np.int32),
        triangle_face=np.array(faces, np.int32),
        vertex_start=np.arange(0, 8 * k + 1, 8, dtype=np.int32),
        centre=stacked.reshape(k, 8, 3).mean(axis=1),
        mass_kg=1900 * volume,
        volume_m3=volume,
        material=np.full(k, Material.MASONRY, np.int32),
        part=np.zeros(k, np.int32),
        visible=np.ones(k, np.int32),
    )


def small_motion(pieces: Pieces) -> Motion:
    """The left half falls from frame ``FIRST`` + 3 on, turning; the right half stands."""
    k = len(pieces)
    falls = pieces.centre[:, 0] < 0
    release = np.where(falls, FIRST + 3, 10_000_000).astype(np.int32)
    time = np.maximum(np.arange(FRAMES) - 3, 0) / float(RATE)
    position = np.repeat(pieces.centre[None], FRAMES, axis=0).copy()
    drop = (4.9 * time**2)[:, None]
    height = np.maximum(pieces.centre[:, 2] - drop, np.minimum(pieces.centre[:, 2], 0.5))
    position[..., 2] = np.where(falls, height, pieces.centre[:, 2]).astype(np.float32)
    position[..., 1] -= np.where(falls, 0.8 * time[:, None], 0).astype(np.float32)
    half = 0.7 * time[:, None] * np.where(falls, 1.0 + 0.1 * np.arange(k), 0.0)
    rotation = np.zeros((FRAMES, k, 4), np.float32)
    rotation[..., 0], rotation[..., 1] = np.cos(half), np.sin(half)
    return Motion(first=FIRST, position=position.astype(np.float32), rotation=rotation, release=release)


def small_grit(count: int = 40) -> Grit:
    """Stones that hang in front of the wall from frame ``FIRST`` + 4 on."""
    rng = np.random.default_rng(5)
    position = np.full((FRAMES, count, 3), np.nan, np.float32)
    position[4:] = rng.uniform([-4, 11, 0.2], [4, 13, 4], (count, 3))
    return Grit(
        first=FIRST,
        position=position,
        angle=np.zeros((FRAMES, count), np.float32),
        axis=np.tile(np.array([0, 0, 1], np.float32), (count, 1)),
        size_m=np.full((count, 3), 0.12, np.float32),
        material=np.zeros(count, np.int32),
        colour_from=np.tile(np.array([0, NEAR, 3], np.float32), (count, 1)),
    )


def small_scene(*, grit: bool = True) -> CollapseScene:
    camera, pieces = small_camera(), small_pieces()
    rng = np.random.default_rng(2)
    low, _ = camera.project(np.array([[-4.5, NEAR, 0.0]], np.float32))
    high, _ = camera.project(np.array([[4.5, NEAR, 6.0]], np.float32))
    matte = np.zeros((camera.height, camera.width), np.float32)
    matte[int(high[0, 1]) + 1 : int(low[0, 1]), int(low[0, 0]) + 1 : int(high[0, 0])] = 1
    clean = np.full((*matte.shape, 3), (0.35, 0.5, 0.8), np.float32)
    clean[int(camera.horizon_y()) :] = (0.25, 0.24, 0.2)
    wall = (0.2 + 0.1 * rng.random((*matte.shape, 3))).astype(np.float32)
    plate = np.where(matte[..., None] > 0, wall, clean).astype(np.float32)
    return CollapseScene(
        camera=camera,
        light=Light(azimuth_deg=150, elevation_deg=40, sun_rgb=(1.2, 1.1, 1.0), sky_rgb=(0.4, 0.5, 0.6)),
        pieces=pieces,
        motion=small_motion(pieces),
        grit=small_grit() if grit else None,
        plate=plate,
        matte=matte,
        clean=clean,
    )


def small_request(*, grit: bool = True, samples: int = 4) -> Request:
    frames = FrameRange(first=FIRST, last=FIRST + FRAMES - 1, rate=RATE)
    return Request(scene=small_scene(grit=grit), frames=frames, samples=samples, seed=11, permit=Granted())
