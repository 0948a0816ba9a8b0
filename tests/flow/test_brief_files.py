"""Pictures that a brief names count by what is in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fake_recipe import Command, FakeRecipe

from setpiece.media.images import write_png

SHOT = "--frames", "1001-1002", "--declare", "yes"


def painted(path: Path, rows: int) -> None:
    roto = np.zeros((72, 96, 3), np.uint8)
    roto[20 : 20 + rows, 30:60] = 255
    write_png(path, roto)


@pytest.mark.parametrize("option", ["--matte", "--holdout"])
def test_a_matte_painted_anew_under_the_same_name_makes_another_version(
    plate: Path, tmp_path: Path, setpiece: Command, recipe: FakeRecipe, option: str
) -> None:
    painted(tmp_path / "roto.png", 30)
    assert setpiece("shot", "new", "sh010", "--plate", plate, option, "roto.png", *SHOT) == 0
    assert setpiece("run", "sh010") == setpiece("run", "sh010") == 0
    assert recipe.frames_made == [1001, 1002]
    painted(tmp_path / "roto.png", 31)
    assert setpiece("run", "sh010") == 0
    assert recipe.frames_made == [1001, 1002] * 2
    assert sorted(path.name for path in (tmp_path / "sh010" / "takes").iterdir()) == ["v001", "v002"]


def test_a_matte_that_is_not_there_is_named(
    plate: Path, tmp_path: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    painted(tmp_path / "roto.png", 30)
    assert setpiece("shot", "new", "sh010", "--plate", plate, "--matte", "roto.png", *SHOT) == 0
    (tmp_path / "roto.png").unlink()
    capsys.readouterr()
    assert setpiece("run", "sh010") == 3
    assert "roto.png: cannot be read: No such file" in capsys.readouterr().err
    assert not (tmp_path / "sh010" / "takes").exists()
