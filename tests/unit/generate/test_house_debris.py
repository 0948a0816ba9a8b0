"""The debris renderer: what it must never get wrong, on a wall of boxes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from small_stage import FIRST, FRAMES, NEAR, RATE, small_camera, small_pieces, small_scene

from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.stage import Motion
from setpiece.generate.engines.house.debris import DebrisFrame, render_debris
from setpiece.generate.engines.house.moments import settled_coat
from setpiece.generate.engines.house.rays import NOTHING, PieceMeshes, ambient_rays, film_rays
from setpiece.generate.engines.house.scene import AtRest, prepare, shape_of
from setpiece.generate.engines.house.shadows import BRIGHTEST, DARKEST
from setpiece.passes.checks import check_layers

LATE = FIRST + 12


@pytest.fixture(scope="module")
def at() -> AtRest:
    return prepare(small_scene(), samples=4, seed=11)


@pytest.fixture(scope="module")
def late(at: AtRest) -> DebrisFrame:
    return render_debris(at, LATE, shutter_deg=180, rate=float(RATE), dust=None)


def moved_by(shift: tuple[float, float, float]) -> Motion:
    """Every piece let go at once and carried along rigidly, without turning."""
    pieces = small_pieces()
    time = np.maximum(np.arange(FRAMES) - 3, 0)[:, None, None]
    position = (pieces.centre[None] + time * np.array(shift, np.float32)).astype(np.float32)
    rotation = np.zeros((FRAMES, len(pieces), 4), np.float32)
    rotation[..., 0] = 1
    return Motion(first=FIRST, position=position, rotation=rotation, release=np.full(len(pieces), FIRST + 3, np.int32))


def test_every_stroke_of_the_layers_passes_the_room_next_door() -> None:
    from small_stage import small_request

    from setpiece.generate.engines.house.engine import HouseEngine

    engine = HouseEngine()
    engine.prepare(small_request())
    for frame in (FIRST, FIRST + 4, LATE):
        check_layers(engine.render(frame))


def test_a_released_piece_that_has_not_moved_yet_keeps_its_picture() -> None:
    still = moved_by((0, 0, 0))
    scene = replace(small_scene(grit=False), motion=still)
    scene = replace(scene, plate=np.where(scene.matte[..., None] > 0, np.float32(0.3), scene.clean).astype(np.float32))
    frame = render_debris(prepare(scene, samples=8, seed=1), LATE, shutter_deg=180, rate=24.0, dust=None)
    solid = frame.debris[..., 3] > 0.999
    assert solid.sum() > 1500
    ratio = frame.debris[solid][:, :3] / 0.3
    assert abs(float(np.median(ratio)) - 1) < 0.06


def test_motion_vectors_point_where_the_piece_goes() -> None:
    scene = replace(small_scene(grit=False), motion=moved_by((0.05, 0, 0.02)))
    frame = render_debris(prepare(scene, samples=4, seed=1), LATE, shutter_deg=180, rate=24.0, dust=None)
    hit = np.isfinite(frame.depth)
    scale = small_camera().focal_px / frame.depth[hit]
    assert np.allclose(frame.forward[hit][:, 0], 0.05 * scale, rtol=0.05, atol=0.02)
    assert (frame.forward[hit][:, 1] < 0).all()
    assert np.allclose(frame.forward[hit], -frame.backward[hit], atol=0.03)


def test_rest_position_of_debris_lies_on_its_piece_at_rest(at: AtRest, late: DebrisFrame) -> None:
    pieces = at.scene.pieces
    rows, columns = np.nonzero(late.ids[..., 0] >= 0)
    rest = late.rest[rows, columns]
    near = np.full(len(rest), np.inf)
    for rank in range(late.ids.shape[-1]):
        piece = late.ids[rows, columns, rank]
        gap = np.linalg.norm(rest - pieces.centre[piece], axis=1) - at.radius_m[piece]
        near = np.minimum(near, np.where(piece >= 0, gap, np.inf))
    assert (near < 1e-3).mean() > 0.97  # stones may be nearer than any piece


def test_no_debris_shows_where_the_matte_trims_it() -> None:
    full = small_scene(grit=False)
    matte = full.matte.copy()
    matte[:, : matte.shape[1] // 2 - 8] = 0
    scene = replace(full, matte=matte, motion=moved_by((0, 0, 0.001)))
    frame = render_debris(prepare(scene, samples=4, seed=1), LATE, shutter_deg=180, rate=24.0, dust=None)
    outside = cv2.dilate(matte, np.ones((5, 5))) == 0
    assert not frame.debris[outside, 3].any()
    assert frame.debris[matte > 0, 3].mean() > 0.8


def test_the_shadow_layer_is_one_far_from_what_moves_and_bounded_everywhere(late: DebrisFrame) -> None:
    assert (late.shadow >= DARKEST - 1e-4).all() and (late.shadow <= BRIGHTEST + 1e-4).all()
    assert (late.shadow[:3] == 1).all()
    assert (late.shadow != 1).any()


def test_debris_darkens_the_ground_that_it_lies_on() -> None:
    scene = small_scene(grit=False)
    motion = moved_by((0, -0.12, 0))
    frame = render_debris(
        prepare(replace(scene, motion=motion), samples=4, seed=1), FIRST + 20, shutter_deg=0, rate=24.0, dust=None
    )
    point = np.array([[0.0, NEAR - 0.12 * 17 - 0.3, 0.0]], np.float32)
    film, _ = scene.camera.project(point)
    row, column = int(film[0, 1]), int(film[0, 0])
    assert frame.shadow[row, column].mean() < 0.95


def test_what_has_sunk_into_the_ground_is_hidden_by_it() -> None:
    scene = replace(small_scene(grit=False), motion=moved_by((0, 0, -0.6)))
    frame = render_debris(prepare(scene, samples=4, seed=1), FIRST + 20, shutter_deg=0, rate=24.0, dust=None)
    assert not frame.debris.any()


def test_dust_between_sun_and_scene_darkens_both_debris_and_ground(at: AtRest, late: DebrisFrame) -> None:
    murky = render_debris(
        at, LATE, shutter_deg=180, rate=float(RATE), dust=lambda points: np.full(len(points), 0.2, np.float32)
    )
    assert murky.debris[..., :3].sum() < 0.8 * late.debris[..., :3].sum()
    assert np.array_equal(murky.debris[..., 3], late.debris[..., 3])
    ground = at.ground.index[at.ground.weight == 1]
    rows, columns = ground // at.ground.grid[1] * 2, ground % at.ground.grid[1] * 2
    free = late.debris[rows, columns, 3] == 0
    assert (murky.shadow[rows, columns][free] <= late.shadow[rows, columns][free] + 1e-3).all()


def test_an_open_shutter_smears_what_falls_and_a_closed_one_does_not() -> None:
    scene = replace(small_scene(grit=False), motion=moved_by((0, 0, 1.0)))
    prepared = prepare(scene, samples=4, seed=2)
    soft = []
    for shutter in (0.0, 360.0):
        alpha = render_debris(prepared, FIRST + 5, shutter_deg=shutter, rate=24.0, dust=None).debris[..., 3]
        soft.append(((alpha > 0.02) & (alpha < 0.98)).sum())
    assert soft[1] > 1.4 * soft[0]


def test_stones_are_drawn_in_front_and_have_no_piece_id(at: AtRest, late: DebrisFrame) -> None:
    plain = render_debris(prepare(small_scene(grit=False), samples=4, seed=11), LATE, shutter_deg=180, rate=24.0, dust=None)
    more = late.debris[..., 3] - plain.debris[..., 3]
    assert more.max() > 0.5
    assert (late.ids[..., 0] >= -1).all()


def test_pieces_are_chipped_once_they_part_and_not_while_they_fall_together() -> None:
    together = moved_by((0, 0, 0.05))
    position = together.position.copy()
    position[4:, ::2, 1] -= 1.5
    covers = []
    for motion in (together, replace(together, position=position)):
        scene = replace(small_scene(grit=False), motion=motion, matte=np.ones((80, 120), np.float32))
        frame = render_debris(prepare(scene, samples=8, seed=3), LATE, shutter_deg=0, rate=24.0, dust=None)
        piece = frame.ids[..., 0] == 13
        covers.append((piece * frame.coverage[..., 0]).sum())
    assert covers[1] < 0.97 * covers[0]


def test_a_stage_that_the_camera_does_not_see_is_refused() -> None:
    scene = small_scene()
    away = replace(scene.pieces, vertices=scene.pieces.vertices - np.float32([0, 60, 0]))
    with pytest.raises(StageError, match="no piece of the stage is seen"):
        prepare(replace(scene, pieces=away), samples=1, seed=0)


def test_settled_dust_grows_once_a_piece_lies_still() -> None:
    motion = small_scene().motion
    early, later = settled_coat(motion, FIRST + 5, 24.0), settled_coat(motion, FIRST + 23, 24.0)
    falls = motion.release < FIRST + 100
    assert (later[falls] >= early[falls]).all() and later[falls].max() > early[falls].max()
    assert not later[~falls].any()


def test_planes_of_a_box_are_six_and_hold_it() -> None:
    shape = shape_of(small_scene())
    assert (np.diff(shape.plane_start) == 6).all()
    corners = shape.corners[shape.piece == 3].reshape(-1, 3)
    mine = slice(shape.plane_start[3], shape.plane_start[4])
    assert (corners @ shape.plane_normal[mine].T <= shape.plane_offset[mine] + 1e-4).all()


def test_a_posed_geometry_is_hit_where_its_pieces_are() -> None:
    pieces = small_pieces()
    still = np.zeros((len(pieces), 4), np.float32)
    still[:, 0] = 1
    shifted = (pieces.centre + np.float32([0, 3, 0])).astype(np.float32)
    geometry = PieceMeshes(pieces).pose(np.array([5]), shifted, still)
    origin = (shifted[5] - np.float32([0, 10, 0]))[None].astype(np.float32)
    limit = np.array([50.0], np.float32)
    triangle, distance = geometry.nearest(origin, np.array([[0, 1, 0]], np.float32), limit)
    assert pieces.triangle_piece[triangle[0]] == 5
    assert distance[0] == pytest.approx(10 - 0.25, abs=1e-4)
    assert limit[0] == 50.0
    assert NOTHING.nearest(origin, origin)[0][0] == -1


def test_ambient_rays_are_unit_and_above_their_surface() -> None:
    rng = np.random.default_rng(0)
    normals = rng.normal(size=(500, 3)).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    rays = ambient_rays(np.arange(500, dtype=np.int32), normals, 2, 9)
    assert np.allclose(np.linalg.norm(rays, axis=1), 1, atol=1e-4)
    assert (np.sum(rays * normals, axis=1) > -1e-4).all()
    assert np.mean(np.sum(rays * normals, axis=1)) == pytest.approx(2 / 3, abs=0.03)


def test_film_rays_agree_with_the_camera(at: AtRest) -> None:
    film = np.array([[3.2, 70.1], [60.0, 40.0], [119.5, 0.5]])
    assert np.allclose(film_rays(film, at.lens), at.scene.camera.rays(film), atol=1e-6)


@pytest.mark.parametrize("samples", [1, 3])
def test_a_camera_that_sees_no_ground_renders_all_the_same(samples: int) -> None:
    camera = Camera.looking(width=120, height=80, focal_px=110, height_m=1.7, pitch_deg=24.0)
    assert camera.horizon_y() > camera.height
    scene = replace(small_scene(grit=False), camera=camera, matte=np.ones((80, 120), np.float32))
    frame = render_debris(prepare(scene, samples=samples, seed=1), LATE, shutter_deg=180, rate=24.0, dust=None)
    assert np.isfinite(frame.shadow).all()
    assert (frame.background_m > 5).all()
    assert (frame.standing + frame.debris[..., 3] > 0.5).any()


def test_grit_that_has_not_been_born_and_grit_of_no_grains_draw_nothing() -> None:
    scene = small_scene()
    none = replace(
        scene.grit,
        position=scene.grit.position[:, :0].copy(),
        angle=scene.grit.angle[:, :0].copy(),
        axis=scene.grit.axis[:0].copy(),
        size_m=scene.grit.size_m[:0].copy(),
        material=scene.grit.material[:0].copy(),
        colour_from=scene.grit.colour_from[:0].copy(),
    )
    for grit in (scene.grit, none):
        frame = render_debris(
            prepare(replace(scene, grit=grit), samples=2, seed=1), FIRST + 1, shutter_deg=180, rate=24.0, dust=None
        )
        assert not frame.debris.any()
