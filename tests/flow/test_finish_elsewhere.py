"""One word of a brief changes who finishes a shot: a workflow on a fake ComfyUI server, or a tiny model of any family, from
the stage that engine ``house`` has drawn to a signed take."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_shot import FIRST, LAST, bits, channels, comps, in_place, new_shot, picture, rubbish, setpiece, start
from test_finish_shots import brief_with, checked, production
from test_models_front import OWN

UNIT = Path(__file__).parents[1] / "unit" / "generate"
sys.path += [str(UNIT / "diffusers"), str(UNIT / "comfyui")]
OTHERS = ("ltx-video", "cogvideox-image", "cogvideox-control", "qwen-image-control", "qwen-image-inpaint")


@pytest.fixture
def server() -> Iterator[Any]:
    pytest.importorskip("websockets")
    from fake_server import FakeComfy

    with FakeComfy() as running:
        yield running


def by_workflow(shot: Path, server: Any, graph: dict[str, Any], **more: str) -> None:
    """The artist changes the engine of a brief, and names a workflow."""
    (shot / "flow.json").write_text(json.dumps(graph))
    brief_with(shot, workflow="flow.json", url=server.url, controls="[]", **more)
    path = shot / "brief.yaml"
    text = path.read_text()
    assert text.count("engine: house") == 1
    path.write_text(text.replace("engine: house", "engine: comfyui"))


def numbered(folder: Path) -> dict[int, Path]:
    """The EXR files of a folder by their frame."""
    return {int(path.name.split(".")[1]): path for path in folder.glob("[!.]*.exr")}


def layers(path: Path) -> tuple[np.ndarray, np.ndarray, Mapping[str, np.ndarray]]:
    """The comp of a frame, that of its proxy, and all of its channels."""
    planes = channels(path)
    return picture(planes), picture(planes, "proxy"), planes


class HeldFrom(list[Any]):
    """What was queued at a server, which holds the ``number``-th job and all later ones until it is told to go on."""

    def __init__(self, server: Any, number: int) -> None:
        self.server, self.number, self.reached = server, number, threading.Event()

    def append(self, item: Any) -> None:
        super().append(item)
        if len(self) == self.number:
            self.server.faults.hold = True
            self.reached.set()


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished_and_a_workflow_that_changes_nothing_ends_in_the_houses_frames_to_the_bit(
    shot: Path, server: Any
) -> None:
    from comfy_shot import keep

    by_workflow(shot, server, keep())
    server.prompts = queued = HeldFrom(server, 4)
    running = start("run", shot, cwd=shot.parent)
    assert queued.reached.wait(120)
    assert running.stop(signal.SIGINT) == 130, running.told
    assert "run the same command again" in running.told and "Traceback" not in running.told
    assert rubbish(shot) == []
    take = shot / "takes" / "v002"
    before = {frame: path.stat().st_mtime_ns for frame, path in numbered(take / "finished").items()}
    assert sorted(before) == list(range(FIRST, FIRST + len(before))) and not comps(shot, "v002")
    assert 3 <= len(before) <= LAST - FIRST  # frames before the collapse are one picture, hence one job

    server.faults.hold = False
    done = in_place("run", shot)
    assert done.returncode == 0, done.stderr
    pictures, house, finished, proxies = (
        numbered(take / "finished"), comps(shot), comps(shot, "v002"), numbered(take / "proxy"),
    )  # fmt: skip
    assert all(pictures[frame].stat().st_mtime_ns == written for frame, written in before.items())
    assert house.keys() == proxies.keys() == finished.keys() == pictures.keys()
    for frame, path in house.items():
        assert bits(path) == bits(proxies[frame])
        made, proxy, _ = layers(finished[frame])
        assert np.array_equal(made, proxy) and np.array_equal(made, picture(channels(path)))
    told = setpiece("verify", take, cwd=shot)
    assert told.returncode == 0, told.stderr
    assert json.loads((take / "finish.json").read_text())["engine"] == "comfyui"


@pytest.mark.slow
def test_of_a_workflow_that_inverts_all_only_what_the_matte_lets_in_is_seen(shot: Path, server: Any) -> None:
    from comfy_shot import invert

    by_workflow(shot, server, invert())
    done = in_place("run", shot)
    assert done.returncode == 0, done.stderr
    checked(shot, "v002")


def test_a_server_that_is_not_there_and_a_pass_that_no_title_binds_are_told_with_a_remedy(shot: Path, server: Any) -> None:
    from comfy_shot import keep

    by_workflow(shot, server, keep())
    text = (shot / "brief.yaml").read_text()
    for values, says in (({"controls": "[depth]"}, "depth"), ({"url": "http://127.0.0.1:9"}, "127.0.0.1:9")):
        (shot / "brief.yaml").write_text(text)
        brief_with(shot, **values)
        done = in_place("run", shot)
        assert done.returncode != 0 and says in done.stderr and "remedy" in done.stderr, done.stderr
        assert not comps(shot, "v002")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, real_plate: Path) -> Path:
    """A shot beside a tiny model of every family that the quick tests leave out, all on record."""
    if find_spec("transformers") is None or find_spec("accelerate") is None:
        pytest.skip("the extra 'diffusion' is not installed")
    from tiny_models import build

    folder = tmp_path_factory.mktemp("models")
    production(folder, "wan-vace")
    for family in OTHERS:
        build(folder / family, family)
        done = setpiece("models", "add", family, "--name", f"tiny {family}", *OWN, cwd=folder)
        assert done.returncode == 0, done.stderr
    values = {"render__engine": "diffusers", "finish__precision": "fp32", "finish__steps": 2}
    return new_shot(folder / "sh010", real_plate, **values)


@pytest.mark.slow
@pytest.mark.parametrize("family", OTHERS)
def test_every_family_takes_the_same_stage_to_a_signed_take(models: Path, family: str) -> None:
    from setpiece.generate.engines.diffusers.families import FAMILIES

    control = "[depth]" if "depth" in FAMILIES[family].controls else "[]"
    brief_with(models, model=f"../{family}", family=family, controls=control)
    done = in_place("run", models, "--redo")
    assert done.returncode == 0, done.stderr
    version = sorted(path.name for path in (models / "takes").iterdir())[-1]
    checked(models, version)
    used = json.loads((models / "takes" / version / "finish.json").read_text())["used"]
    assert used["family"] == family
    told = setpiece("verify", models / "takes" / version, cwd=models)
    assert told.returncode == 0 and f"tiny {family}" in told.stdout, told.stderr
