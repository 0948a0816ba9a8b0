"""What a finished comp is made of: the plate, its own layers, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from real_shot import FIRST, LAST, START, channels, comps, picture, setpiece

from setpiece.intake.plate import load_plate, probe_plate
from setpiece.integrate.comp import standing_share


@pytest.fixture(scope="module")
def ingested(real_plate: Path) -> np.ndarray:
    """The plate as intake gives it, in the files' half precision: (h, w, 3) float16."""
    info = probe_plate(real_plate)
    return np.asarray(load_plate(info, info.frames.first)[0].pixels[..., :3]).astype(np.float16)


def comp_bits(planes: dict[str, np.ndarray]) -> np.ndarray:
    return np.stack([planes[name] for name in "RGB"], -1).view(np.uint16)


def asked(planes: dict[str, np.ndarray]) -> np.ndarray:
    """Where a layer wants something: any debris, any dust, any shadow."""
    debris, dust = picture(planes, "debris", "RGBA"), picture(planes, "dust", "RGBA")
    return (debris != 0).any(-1) | (dust != 0).any(-1) | (picture(planes, "shadow") != 1).any(-1)


def layered(planes: dict[str, np.ndarray]) -> np.ndarray:
    """Where the delivered matte, shadow or dust says anything."""
    dust = picture(planes, "dust", "RGBA")
    return (planes["matte.A"] != 0) | (dust != 0).any(-1) | (picture(planes, "shadow") != 1).any(-1)


def test_outside_matte_shadow_and_dust_the_plate_is_untouched_to_the_bit(finished_shot: Path, ingested: np.ndarray) -> None:
    for path in comps(finished_shot).values():
        planes = channels(path)
        region = layered(planes)
        np.testing.assert_array_equal(comp_bits(planes)[~region], ingested.view(np.uint16)[~region])
    changed = (comp_bits(planes) != ingested.view(np.uint16)).any(-1)
    assert changed.sum() > 1500  # the building is coming down in the last frame
    assert (~region).mean() > 0.4


def test_the_delivered_matte_is_the_building_its_seam_and_debris_and_no_wider(finished_shot: Path) -> None:
    clean = picture(channels(finished_shot / "stage" / "plate" / "clean.exr"))
    plate = picture(channels(finished_shot / "stage" / "plate" / f"plate.{FIRST}.exr"))
    building = channels(finished_shot / "stage" / "plate" / "matte.exr")["matte.A"] > 0
    for path in comps(finished_shot).values():
        planes = channels(path)
        debris = (picture(planes, "debris", "RGBA") != 0).any(-1)
        wanted = building | (clean != plate).any(-1) | debris
        assert not ((planes["matte.A"] != 0) & ~wanted).any()
        assert (planes["matte.A"][debris] != 0).all()
        assert planes["matte.A"].max() <= 1


def test_standing_wall_that_no_layer_touches_is_the_plate_to_the_bit(finished_shot: Path, ingested: np.ndarray) -> None:
    for path in comps(finished_shot).values():
        planes = channels(path)
        wall = (planes["matte.A"] == 1) & (planes["standing.A"] == 1) & ~asked(planes)
        assert wall.sum() > 500
        np.testing.assert_array_equal(comp_bits(planes)[wall], ingested.view(np.uint16)[wall])


def test_before_the_release_every_pixel_is_the_plate_and_every_layer_is_empty(
    finished_shot: Path, ingested: np.ndarray
) -> None:
    for frame in range(FIRST, START):
        planes = channels(comps(finished_shot)[frame])
        np.testing.assert_array_equal(comp_bits(planes), ingested.view(np.uint16))
        assert not asked(planes).any()


def test_the_building_is_on_its_way_down_in_the_last_frame(finished_shot: Path) -> None:
    first, last = (channels(comps(finished_shot)[frame]) for frame in (FIRST, LAST))
    assert last["standing.A"].astype(np.float64).sum() < 0.8 * first["standing.A"].astype(np.float64).sum()
    assert (picture(last, "debris", "A") > 0.5).sum() > 500


def test_comp_follows_from_its_own_layers_where_no_grain_or_edge_treatment_acts(shot: Path) -> None:
    """(background * shadow), debris over, dust over; half floats carry 11 bits, so a thousandth of a value and 1e-4."""
    brief = shot / "brief.yaml"
    text = brief.read_text()
    assert "grain: true " in text
    assert "edge: 1.0 " in text
    brief.write_text(text.replace("grain: true ", "grain: false").replace("edge: 1.0 ", "edge: 0.0 "))
    done = setpiece("run", shot, "--frames", f"{LAST - 1}-{LAST}", "--workers", 1, cwd=shot.parent)
    assert done.returncode == 0, done.stderr
    plate = picture(channels(shot / "stage" / "plate" / f"plate.{FIRST}.exr"))
    clean = picture(channels(shot / "stage" / "plate" / "clean.exr"))
    matte = channels(shot / "stage" / "plate" / "matte.exr")["matte.A"]
    held = channels(shot / "stage" / "plate" / "holdout.exr")["matte.A"] > 0
    for path in comps(shot, "v002").values():
        planes = channels(path)
        debris, dust = picture(planes, "debris", "RGBA"), picture(planes, "dust", "RGBA")
        r = standing_share(matte, planes["standing.A"].astype(np.float32), debris[..., 3])[..., None]
        behind = (r * plate + (1 - r) * clean) * picture(planes, "shadow")
        under = debris[..., :3] + (1 - debris[..., 3:]) * behind
        expected = dust[..., :3] + (1 - dust[..., 3:]) * under
        miss = np.abs(picture(planes) - expected) - 1e-3 * np.abs(expected)
        assert miss[~held].max() <= 1e-4
        assert ((debris[..., 3] > 0.5) & ~held).sum() > 300
