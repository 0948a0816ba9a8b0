"""A real shot, small: a drawn street, about 120 pieces, ten frames, through the true department and Blender's Bullet."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from setpiece import cli
from setpiece.media.images import write_png

WIDTH, HEIGHT, HORIZON, FIRST, START, LAST = 320, 180, 118, 1001, 1003, 1008
BUILDING = (92, 34, 228, 140)  # left, top, right, bottom, px
STATED = (
    *("--box", ",".join(map(str, BUILDING)), "--storeys", "4", "--focal-px", "300", "--frames", f"{FIRST}-{LAST}"),
    *("--requester", "Ann Other", "--declare", "yes"),
)
VALUES = {
    "camera.horizon_y_px": HORIZON,
    "light.azimuth_deg": 120,
    "light.elevation_deg": 35,
    "fracture.pieces": 120,
    "collapse.start_frame": START,
    "collapse.speed": 4,
    "deliver.usd": "false",
    "deliver.blend": "false",
    "deliver.prores4444": "false",
}
NOTHING_LEFT = (".lock",)  # the only hidden name that belongs into a finished shot


def street() -> np.ndarray:
    """(180, 320, 3) uint8, sRGB: brick house with windows under a graded sky on rough ground, with a camera's noise."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    picture = np.array([90, 140, 225], np.float32) + (y / HEIGHT)[..., None] * np.array([60, 40, 0], np.float32)
    rough = cv2.GaussianBlur(rng.normal(0, 26, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.2)
    picture[HORIZON:] = np.array([120, 112, 100], np.float32) + rough[HORIZON:, :, None]
    left, top, right, bottom = BUILDING
    mortar = (y % 3 < 0.5) | (((y // 3) % 2 * 4 + x) % 8 < 0.5)
    brick = np.array([150, 88, 66], np.float32) * np.where(mortar, 1.18, 1.0)[..., None]
    brick += cv2.GaussianBlur(rng.normal(0, 18, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 0.8)[..., None]
    picture[top:bottom, left:right] = brick[top:bottom, left:right]
    for row in range(top + 9, bottom - 20, 25):
        for column in range(left + 9, right - 12, 18):
            picture[row : row + 15, column : column + 9] = (38, 44, 54)
            picture[row + 15 : row + 17, column - 1 : column + 10] = (196, 186, 170)
    picture[bottom : bottom + 4, left:right] *= 0.6
    picture += rng.normal(0, 2.0, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def called(*arguments: object) -> list[str]:
    """The command line as a user's shell would start it."""
    return [sys.executable, "-m", "setpiece.cli", *map(str, arguments)]


def setpiece(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program to its end in a process of its own."""
    return subprocess.run(called(*arguments), cwd=cwd, capture_output=True, text=True, check=False)


def without_privileges(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as somebody whom the permissions of files hold, also where the tests run as root."""
    drop = "-dac_override,-dac_read_search"
    prefix: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and there is no setpriv to give that up")
        prefix = ["setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}"]
    return subprocess.run([*prefix, *called(*arguments)], cwd=cwd, capture_output=True, text=True, check=False)


def in_place(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the program in this process, which saves a second of imports."""
    out, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
        code = cli.run([str(item) for item in arguments])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), told.getvalue())


def new_shot(folder: Path, plate: Path, **values: object) -> Path:
    """A brief for the small shot in ``folder``; keywords with ``__`` for dots state more values."""
    stated = VALUES | {name.replace("__", "."): value for name, value in values.items()}
    pairs = [word for name, value in stated.items() for word in ("--brief", f"{name}={value}")]
    done = setpiece("shot", "new", folder, "--plate", plate, *STATED, *pairs, cwd=plate.parent)
    assert done.returncode == 0, done.stderr
    return folder


def comps(shot: Path, version: str = "v001") -> dict[int, Path]:
    """The frames of a take by number."""
    return {int(path.name.split(".")[1]): path for path in sorted((shot / "takes" / version / "comp").glob("[!.]*.exr"))}


def channels(path: Path) -> dict[str, np.ndarray]:
    """Every channel of an EXR as it is stored, half or float."""
    with OpenEXR.File(str(path), separate_channels=True) as file:
        return {name: np.array(channel.pixels) for part in file.parts for name, channel in part.channels.items()}


def picture(planes: dict[str, np.ndarray], layer: str = "", names: str = "RGB") -> np.ndarray:
    """Channels of a layer as (h, w, n) float32."""
    prefix = f"{layer}." if layer else ""
    return np.stack([planes[prefix + name] for name in names], -1).astype(np.float32)


def bits(path: Path) -> dict[str, bytes]:
    """Every channel of an EXR to the bit."""
    return {name: plane.dtype.str.encode() + plane.tobytes() for name, plane in channels(path).items()}


def same_pictures(first: Path, second: Path, version: str = "v001") -> bool:
    """Whether two shots hold the same frames, all channels of each equal to the bit."""
    one, two = comps(first, version), comps(second, version)
    return one.keys() == two.keys() and all(bits(one[frame]) == bits(two[frame]) for frame in one)


def identities(shot: Path, version: str = "v001") -> dict[str, tuple[int, int]]:
    """Inode and time of every frame that stands there: the same only where nobody wrote it again."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in comps(shot, version).values()}


def rubbish(shot: Path) -> list[str]:
    """Whatever lies in a shot's folder aside of what belongs there."""
    names = (path for path in shot.rglob("*") if path.name.startswith(".") and path.name not in NOTHING_LEFT)
    return sorted(str(path.relative_to(shot)) for path in names)


@dataclass
class Started:
    """A run in a process group of its own, stopped where its progress says so."""

    process: subprocess.Popen[str]
    told: str = ""

    def until(self, line: str) -> bool:
        """Read its progress up to the first line that begins so; False where it ended before."""
        assert self.process.stderr is not None
        for told in self.process.stderr:
            self.told += told
            if told.startswith(line):
                return True
        return False

    def stop(self, number: signal.Signals) -> int:
        """Send a signal to the whole group; returns the exit code once every process of the run is gone."""
        os.killpg(self.process.pid, number)
        out, rest = self.process.communicate()
        self.told += out + rest
        while workers_of(self.process.pid):
            time.sleep(0.01)
        return self.process.returncode


def start(*arguments: object, cwd: Path) -> Started:
    """Start the program in a process group of its own."""
    return Started(
        subprocess.Popen(
            called(*arguments), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
    )


def workers_of(process: int) -> list[str]:
    """The command lines of living workers that were started by ``process``."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if str(process) in words and any(word.startswith("setpiece.") for word in words):
            found.append(" ".join(words))
    return found


@pytest.fixture(scope="session")
def real_plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plate") / "street.png"
    write_png(path, street())
    return path


@pytest.fixture(scope="session")
def finished_shot(tmp_path_factory: pytest.TempPathFactory, real_plate: Path) -> Path:
    """The small shot, run without interruption by one worker. Not to be changed: copy it."""
    shot = new_shot(tmp_path_factory.mktemp("finished") / "sh010", real_plate)
    done = setpiece("run", shot, "--workers", 1, cwd=shot.parent)
    assert done.returncode == 0, done.stderr
    return shot


@pytest.fixture
def shot(finished_shot: Path, tmp_path: Path) -> Path:
    """A copy of the finished shot, to go on with."""
    return Path(shutil.copytree(finished_shot, tmp_path / "sh010"))


@pytest.fixture
def staged_shot(shot: Path) -> Path:
    """A copy of the finished shot whose stage is there and whose take is not."""
    shutil.rmtree(shot / "takes")
    return shot
