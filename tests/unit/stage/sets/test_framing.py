"""Cameras stand where they can: no thing in the lens, the subject in the frame, on a real sensor."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from plain_kinds import KINDS, specification

from setpiece.core.errors import BriefError, StageError
from setpiece.core.scene import SceneCamera
from setpiece.core.sensors import SENSORS, extracted_mm
from setpiece.core.set_spec import Furnishing, Opening, Relation, SetSpec, Side, View
from setpiece.stage.sets.framing import cameras, subject_point
from setpiece.stage.sets.layout import Layout, lay_out

CATEGORIES = {name: kind.category for name, kind in KINDS.items()}
R = Relation


def furnished(*views: View) -> SetSpec:
    lines = (
        Furnishing(name="low", kind="coffee_table", relation=R.CENTRE),
        Furnishing(name="sofa", kind="sofa", relation=R.BEHIND, target="low"),
        Furnishing(name="armchair", kind="armchair", relation=R.FACING, target="low"),
        Furnishing(name="cupboard", kind="cupboard", relation=R.AGAINST, target="north"),
        Furnishing(name="lamp", kind="lamp", relation=R.ON, target="low"),
        Furnishing(name="picture", kind="picture", count=3, relation=R.MOUNTED),
    )
    openings = (Opening(kind="window", wall=Side.NORTH, width_m=1.2, height_m=1.3, sill_m=0.9),
                Opening(kind="door", wall=Side.WEST, width_m=0.9, height_m=2.05))  # fmt: skip
    return replace(
        specification(2), width_m=6.4, depth_m=5.2, height_m=2.8, furnishings=lines, openings=openings, views=views, seed=4
    )


def taken(*views: View) -> tuple[SetSpec, Layout, tuple[SceneCamera, ...]]:
    spec = furnished(*views)
    layout = lay_out(spec, KINDS)
    return spec, layout, cameras(spec, layout, CATEGORIES)


def in_frame(camera: SceneCamera, point: tuple[float, float, float]) -> bool:
    eye, target = np.array(camera.position_m), np.array(camera.target_m)
    ahead = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(ahead, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    away = np.array(point) - eye
    depth = away @ ahead
    half = camera.sensor_mm[0] / 2 / camera.lens_mm, camera.sensor_mm[1] / 2 / camera.lens_mm
    return bool(depth > 0 and abs(away @ right) <= half[0] * depth and abs(away @ up) <= half[1] * depth)


@pytest.mark.parametrize("shot", ["full", "medium", "close", "insert"])
@pytest.mark.parametrize("on", ["low", "sofa", "armchair"])
def test_the_named_subject_is_in_the_frame(shot: str, on: str) -> None:
    _, layout, (camera,) = taken(View(name="v", shot=shot, lens_mm=35.0, on=on))
    assert in_frame(camera, subject_point(layout.named(on)[0]))


def test_a_wide_shows_the_window_the_door_or_both_and_most_of_what_stands() -> None:
    _, layout, (camera,) = taken(View(name="wide", shot="wide", lens_mm=21.0))
    shown = [in_frame(camera, subject_point(spot)) for spot in layout.spots]
    assert sum(shown) >= 0.7 * len(shown)


def test_no_camera_stands_in_a_thing_and_none_has_one_before_its_lens() -> None:
    spec, layout, found = taken(*(View(name=shot, shot=shot, lens_mm=lens, on=None if shot == "wide" else "sofa")
                                  for shot, lens in (("wide", 21.0), ("medium", 35.0), ("close", 50.0))))  # fmt: skip
    for camera in found:
        for spot in layout.spots:
            behind = spot.wall is not None and outside(spec, camera)
            level = spot.position_m[2] < camera.position_m[2] < spot.position_m[2] + spot.size_m[2]
            if level and not behind:
                assert math.dist(camera.position_m[:2], spot.position_m[:2]) > min(spot.size_m[:2]) / 2


def outside(spec: SetSpec, camera: SceneCamera) -> bool:
    return abs(camera.position_m[0]) > spec.width_m / 2 or abs(camera.position_m[1]) > spec.depth_m / 2


def test_a_longer_lens_stands_further_back_for_the_same_shot() -> None:
    away = []
    for lens in (27.0, 50.0, 75.0):
        _, layout, (camera,) = taken(View(name="v", shot="medium", lens_mm=lens, on="sofa"))
        away.append(math.dist(camera.position_m, subject_point(layout.named("sofa")[0])))
    assert away[0] < away[1] < away[2]


def test_what_is_pinned_stays_where_the_designer_put_it() -> None:
    _, _, (camera,) = taken(View(name="v", from_m=(2.0, -2.0, 1.6), to_m=(0.0, 1.0, 1.0), lens_mm=32.0, fstop=2.8))
    assert (camera.position_m, camera.target_m) == ((2.0, -2.0, 1.6), (0.0, 1.0, 1.0))
    assert camera.focus_m == pytest.approx(math.dist((2.0, -2.0, 1.6), (0.0, 1.0, 1.0)), abs=1e-3)


def test_a_plan_view_looks_down_on_the_whole_floor() -> None:
    spec, _, (camera,) = taken(View(name="plan", shot="plan", lens_mm=50.0))
    for x in (-1, 1):
        for y in (-1, 1):
            assert in_frame(camera, (x * spec.width_m / 2, y * spec.depth_m / 2, 0.0))


def test_a_view_of_what_does_not_stand_there_is_refused() -> None:
    with pytest.raises(StageError, match="piano"):
        taken(View(name="v", shot="close", on="piano"))


def test_an_unknown_sensor_is_refused_with_the_nearest() -> None:
    with pytest.raises(BriefError, match="alexa_35_og"):
        extracted_mm("alexa35_og")


@pytest.mark.parametrize("sensor", sorted(SENSORS))
def test_what_is_extracted_lies_on_the_sensor_and_has_the_pictures_aspect(sensor: str) -> None:
    width, height = extracted_mm(sensor)
    assert width <= SENSORS[sensor][0] + 1e-9 and height <= SENSORS[sensor][1] + 1e-9
    assert width / height == pytest.approx(16 / 9)


def test_the_same_set_is_framed_alike_each_time() -> None:
    view = View(name="v", shot="medium", lens_mm=35.0, on="sofa")
    assert taken(view)[2] == taken(view)[2]
