"""The engine against a server that behaves as ComfyUI does, and as one that does not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from comfy_shot import HEIGHT, WIDTH, Allowed, Notes, batch, engine, finished, invert, keep, node, plate, request, tint
from fake_server import FakeComfy

from setpiece.core.errors import (
    CapabilityMissing,
    ClearanceRefused,
    DependencyMissing,
    OutputFailed,
    PlateUnreadable,
    StageError,
    WorkerFailed,
)
from setpiece.generate.engines.comfyui.client import Client, ServerAway, remote
from setpiece.generate.engines.comfyui.events import event_of
from setpiece.generate.engines.comfyui.jobs import Waits
from setpiece.generate.engines.comfyui.pictures import as_seen, to_display, to_scene
from setpiece.generate.finish import Control, Locked

REPOSITORY = Path(__file__).resolve().parents[4]


@pytest.fixture
def fake():
    with FakeComfy() as server:
        yield server


def soon(true, seconds=4.0):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came to this"
        time.sleep(0.002)


class Running:
    """A shot that is finished in a thread."""

    def __init__(self, fake, work, graph, **more):
        self.notes, self.made, self.error = Notes(), None, None
        self.thread = threading.Thread(target=self._run, args=(fake, work, graph), kwargs=more)
        self.thread.start()

    def _run(self, fake, work, graph, **more):
        try:
            self.made = finished(fake, work, graph, notes=self.notes, **more)
        except Exception as error:
            self.error = error

    def result(self):
        self.thread.join(20)
        assert not self.thread.is_alive()
        if self.error:
            raise self.error
        return self.made


# what must come out --------------------------------------------------------------------------------------------------


def test_load_invert_save_gives_the_inverted_plate_frame_by_frame(fake, tmp_path: Path) -> None:
    made = finished(fake, tmp_path, invert())
    assert list(made) == [1001, 1002, 1003]
    for frame, picture in made.items():
        inverted = 1 - as_seen(to_display(plate(frame)), "png8")
        assert np.abs(to_display(picture) - inverted).max() * 255 < 1.01  # the server cuts where it should round
        assert picture.dtype == np.float32
        assert not picture.flags.writeable


def test_what_the_server_left_alone_is_the_plate_with_its_highlights(fake, tmp_path: Path) -> None:
    for frame, picture in finished(fake, tmp_path, keep()).items():
        assert np.abs(picture - plate(frame)).max() < 0.02
        assert picture[3, 4].min() > 5.48


@pytest.mark.parametrize("colour", ["display", "linear"])
def test_float_pictures_go_and_come_unclamped_where_the_nodes_allow(fake, tmp_path: Path, colour: str) -> None:
    graph = keep(load="LoadEXR", save="SaveEXR", colour=colour, format="exr")
    for frame, picture in finished(fake, tmp_path, graph).items():
        assert np.allclose(picture, plate(frame), rtol=2e-3)
    sent = next(iter(fake.uploads.values()))
    assert sent[:4] == b"\x76\x2f\x31\x01"


def test_eight_bits_are_admitted_before_the_first_frame(fake, tmp_path: Path) -> None:
    notes = Notes()
    finished(fake, tmp_path, keep(), notes=notes)
    assert notes.has("plate goes to LoadImage at 8 bits") and notes.has("SaveImage at 8 bits")
    assert notes.has("nodes for float EXR: LoadEXR, LoadEXRFolder, SaveEXR")
    made = engine(fake, tmp_path / "b", keep(load="LoadEXR", save="SaveEXR", format="exr"))
    list(made.finish(request(), Notes()))
    assert not any("8 bits" in warning for warning in made.used.warnings)


@pytest.mark.parametrize("graph", [batch(), keep(load="LoadEXRFolder", save="SaveEXR", format="exr", frames=2)])
def test_a_last_window_is_filled_up_and_cut_back_never_resampled(fake, tmp_path: Path, graph: dict) -> None:
    made = finished(fake, tmp_path, graph)
    assert list(made) == [1001, 1002, 1003]
    assert len(fake.prompts) == 2
    for frame, picture in made.items():
        assert np.abs(picture - plate(frame)).max() < 0.02


def test_sizes_are_filled_to_the_models_step_and_cut_back(fake, tmp_path: Path) -> None:
    made = finished(fake, tmp_path, keep(multiple=16))
    assert {picture.shape for picture in made.values()} == {(HEIGHT, WIDTH, 3)}
    assert all(np.abs(picture - plate(frame)).max() < 0.02 for frame, picture in made.items())


def test_every_bound_value_arrives_and_what_is_not_stated_stays(fake, tmp_path: Path) -> None:
    asked = request(prompt="grey dust", seed=5, strength=0.5, guidance=3.5)
    made = finished(fake, tmp_path, tint(), asked=asked)
    sent = fake.prompts[0]["4"]["inputs"]
    assert (sent["text"], sent["seed"], sent["denoise"], sent["cfg"], sent["steps"]) == ("grey dust", 5, 0.5, 3.5, 20)
    expected = to_scene(as_seen(to_display(plate(1002)), "png8") * 0.5 + 5 / 255)
    assert np.abs(to_display(made[1002]) - to_display(expected)).max() * 255 < 1.01


def test_a_control_reaches_its_own_loader(fake, tmp_path: Path) -> None:
    graph = invert() | {"9": node("LoadImage", "setpiece:depth", image="a.png")}
    graph["4"] = node("Mix", image=["1", 0], other=["9", 0])
    depth = Control(kind="depth", picture=lambda frame: np.full((HEIGHT, WIDTH, 3), (frame - 1000) / 5, np.float32))
    made = finished(fake, tmp_path, graph, asked=request(controls=(depth,)))
    for frame, picture in made.items():
        seen = (as_seen(to_display(plate(frame)), "png8") + round((frame - 1000) * 51) / 255) / 2
        changed = np.abs(seen - as_seen(to_display(plate(frame)), "png8")).max(axis=2) > 6 / 255
        assert changed.mean() > 0.5
        assert np.abs(to_display(picture) - seen)[changed].max() * 255 < 1.01


def test_each_window_is_conditioned_on_the_frame_before_it_and_locked_frames_stay(fake, tmp_path: Path) -> None:
    graph = invert() | {"9": node("LoadImage", "setpiece:locked_before", image="a.png")}
    graph["4"] = node("Mix", image=["1", 0], other=["9", 0])
    before, inside = (np.full((HEIGHT, WIDTH, 3), value, np.float32) for value in (0.2, 0.3))
    asked = request(locked=(Locked(frame=1000, picture=before), Locked(frame=1002, picture=inside)))
    made = finished(fake, tmp_path, graph, asked=asked)
    assert np.array_equal(made[1002], inside)
    seen = (as_seen(to_display(plate(1003)), "png8") + as_seen(to_display(inside), "png8")) / 2
    changed = np.abs(seen - as_seen(to_display(plate(1003)), "png8")).max(axis=2) > 6 / 255
    assert np.abs(to_display(made[1003]) - seen)[changed].max() * 255 < 1.01


def test_the_take_can_say_what_made_it(fake, tmp_path: Path) -> None:
    made = engine(fake, tmp_path, tint())
    with pytest.raises(StageError):
        _ = made.used
    list(made.finish(request(seed=3), Notes()))
    used = made.used
    assert (used.server.version, used.server.free_bytes, used.api_version) == ("0.3.64", 6 << 30, "0.3.64")
    assert [tool.class_type for tool in used.tools] == ["Tint"]
    assert len(used.workflow_sha256) == 64


# gates ---------------------------------------------------------------------------------------------------------------


def sent(fake) -> list[str]:
    return [path for method, path in fake.asked if method == "POST"]


def test_without_a_permit_nothing_is_sent(fake, tmp_path: Path) -> None:
    with pytest.raises(ClearanceRefused):
        finished(fake, tmp_path, invert(), asked=request(permit=None))
    assert fake.asked == []


def test_a_permit_that_is_revoked_stops_before_the_next_frame(fake, tmp_path: Path) -> None:
    made = []
    permit = Allowed()
    frames = engine(fake, tmp_path, batch()).finish(request(permit=permit), Notes())
    made.append(next(frames)[0])
    permit.left = 0
    with pytest.raises(ClearanceRefused):
        made.append(next(frames)[0])
    assert made == [1001]
    assert len(fake.prompts) == 1


def test_weights_that_nobody_registered_are_refused_before_anything_is_sent(fake, tmp_path: Path) -> None:
    graph = invert() | {"7": node("CheckpointLoaderSimple", ckpt_name="a.safetensors")}
    with pytest.raises(ClearanceRefused, match=r"'a.safetensors'.*M1"):
        finished(fake, tmp_path, graph)
    assert fake.asked == []
    made = finished(
        fake, tmp_path, graph, asked=request(models=("ab" * 32,)), register={"a.safetensors": "ab" * 32}
    )  # fmt: skip
    assert len(made) == 3


def test_nodes_of_an_outside_service_are_refused_before_anything_is_sent(fake, tmp_path: Path) -> None:
    with pytest.raises(ClearanceRefused, match=r"CloudPainter.*outside service"):
        finished(fake, tmp_path, invert() | {"7": node("CloudPainter", image=["1", 0])})
    assert sent(fake) == []


def test_a_survey_tells_the_gate_what_would_be_used_and_sends_nothing(fake, tmp_path: Path) -> None:
    graph = tint() | {"7": node("CheckpointLoaderSimple", ckpt_name="a.safetensors")}
    told = engine(fake, tmp_path, graph).survey("embedding:soft")
    assert [w.name for w in told.weights] == ["a.safetensors", "soft"]
    assert [t.module for t in told.tools] == ["custom_nodes.ComfyUI-Example"]
    assert sent(fake) == []


def test_a_node_class_that_the_server_lacks_is_named_before_anything_is_sent(fake, tmp_path: Path) -> None:
    with pytest.raises(DependencyMissing, match="has no node 'Sharpen'"):
        finished(fake, tmp_path, invert() | {"7": node("Sharpen", image=["1", 0])})
    assert sent(fake) == []


def test_an_input_that_this_version_lacks_and_a_value_out_of_range_are_named(fake, tmp_path: Path) -> None:
    with pytest.raises(CapabilityMissing, match="takes 0 to 4294967295"):
        finished(fake, tmp_path, tint(), asked=request(seed=2**40))
    fake.nodes["Tint"]["input"]["required"].pop("cfg", None)
    try:
        with pytest.raises(CapabilityMissing, match=r"'guidance'.*has no input 'cfg'"):
            finished(fake, tmp_path, tint())
    finally:
        fake.nodes["Tint"]["input"]["required"]["cfg"] = ["FLOAT", {}]
    assert sent(fake) == []


# faults --------------------------------------------------------------------------------------------------------------


def test_a_refused_workflow_is_told_by_node_and_input(fake, tmp_path: Path) -> None:
    graph = invert()
    graph["8"] = node("ImageBatch", "my batch", image1=["1", 0])
    with pytest.raises(StageError, match=r"node 8 \(ImageBatch, 'my batch'\), input 'image2': Required input is missing"):
        finished(fake, tmp_path, graph)


def test_a_node_that_fails_is_told_by_node_and_reason_and_run_again_on_request(fake, tmp_path: Path) -> None:
    fake.faults.fail_node = "ImageInvert"
    with pytest.raises(WorkerFailed, match=r"node 4 \(ImageInvert\): RuntimeError: tensors do not fit"):
        finished(fake, tmp_path, invert())
    fake.faults.fail_node = ""
    assert len(finished(fake, tmp_path, invert())) == 3


def test_a_server_that_restarts_in_mid_job_costs_one_window_and_it_is_said(fake, tmp_path: Path) -> None:
    fake.faults.hold = True
    run = Running(fake, tmp_path, invert())
    soon(lambda: fake.running)
    fake.stop()
    time.sleep(0.1)
    fake.faults.hold = False
    fake.start()
    assert list(run.result()) == [1001, 1002, 1003]
    assert len(fake.prompts) == 4  # three windows, one of them twice
    assert run.notes.has("the server lost the job (was it restarted?): queued again")
    assert run.notes.has("the server is away: waiting")
    assert run.notes.notes.count("the server lost the job (was it restarted?): queued again") == 1


def test_a_job_that_is_lost_twice_is_an_error(fake, tmp_path: Path) -> None:
    fake.faults.hold = True
    run = Running(fake, tmp_path, invert())
    for count in (1, 2):
        soon(lambda count=count: fake.running and len(fake.prompts) == count)
        fake.stop()
        fake.start()
    with pytest.raises(WorkerFailed, match="lost the job twice"):
        run.result()
    assert len(fake.prompts) == 2


def test_a_lost_socket_is_opened_again_and_loses_nothing(fake, tmp_path: Path) -> None:
    fake.faults.hold = True
    run = Running(fake, tmp_path, invert())
    soon(lambda: fake.running and fake.opened)
    opened = fake.opened
    fake.hang_up()
    soon(lambda: fake.opened > opened)
    fake.faults.hold = False
    assert len(run.result()) == 3
    assert len(fake.prompts) == 3


def test_a_socket_that_never_holds_still_leaves_the_job_to_the_history(fake, tmp_path: Path) -> None:
    fake.faults.drop_sockets = 10**6
    assert len(finished(fake, tmp_path, invert())) == 3


def test_the_socket_says_when_to_look_and_nobody_waits_for_the_clock(fake, tmp_path: Path) -> None:
    fake.faults.hold = True
    run = Running(fake, tmp_path, invert(), waits=Waits(job_s=30, queue_s=30, away_s=3, look_s=20))
    soon(lambda: fake.opened and run.notes.has("node 4 1/4"))
    fake.faults.hold = False
    since = time.monotonic()
    run.result()
    assert time.monotonic() - since < 10


def test_progress_is_told_by_node(fake, tmp_path: Path) -> None:
    fake.faults.hold = True
    run = Running(fake, tmp_path, invert())
    soon(lambda: run.notes.has("node 4 1/4"))
    fake.faults.hold = False
    run.result()


def test_a_full_queue_is_waited_for_and_the_place_is_said(fake, tmp_path: Path) -> None:
    fake.faults.busy = 2
    other = node("SaveImage", images=["1", 0], filename_prefix="o")
    fake.uploads["o.png"] = b""
    fake.faults.hold = True
    for number in range(2):
        fake.pending.append([number, f"other-{number}", {"1": node("Void"), "5": other}, {"client_id": "other"}, []])
    fake.nodes["Void"] = {"input": {"required": {}}, "python_module": "nodes", "output_node": False}
    run = Running(fake, tmp_path, invert())
    soon(lambda: run.notes.has("place 3 in the queue") or run.notes.has("place 2 in the queue"))
    assert run.notes.has("the server is full: waiting")
    fake.faults.hold = False
    assert len(run.result()) == 3


def test_a_job_that_takes_too_long_is_cancelled_by_name(fake, tmp_path: Path) -> None:
    fake.faults.hold = True
    with pytest.raises(WorkerFailed, match=r"ran for more than 0 s .* was cancelled"):
        finished(fake, tmp_path, invert(), waits=Waits(job_s=0.2, queue_s=5, away_s=1, look_s=0.05))
    assert len(fake.interrupted) == 1


def test_cancelling_never_stops_somebody_elses_job(fake) -> None:
    fake.faults.hold = True
    fake.pending.append([0, "other", {}, {}, []])
    soon(lambda: fake.running)
    Client(fake.url).cancel("mine")
    assert ("POST", "/interrupt") not in fake.asked
    assert fake.interrupted == []


def test_an_interrupted_job_is_told_as_such(fake, tmp_path: Path) -> None:
    fake.faults.hold = True
    run = Running(fake, tmp_path, invert())
    soon(lambda: fake.running)
    fake.interrupted.append(fake.running[0][1])
    with pytest.raises(WorkerFailed, match="somebody interrupted"):
        run.result()


@pytest.mark.parametrize("own_ids", [False, True])
def test_a_killed_run_finds_its_job_again_and_queues_it_once(fake, tmp_path: Path, own_ids: bool) -> None:
    fake.faults.hold, fake.faults.own_ids = True, own_ids
    frames = engine(fake, tmp_path, invert())

    class Killed(BaseException):
        pass

    class Killer:
        def report(self, step, done, total, note=""):
            if note == "running":
                raise Killed

    with pytest.raises(Killed):
        list(frames.finish(request(), Killer()))
    assert len(list(tmp_path.glob("*/job.json"))) == 1
    fake.faults.hold = False
    notes = Notes()
    assert len(finished(fake, tmp_path, invert(), notes=notes)) == 3
    assert notes.has("found on the server")
    assert len(fake.prompts) == 3


@pytest.mark.parametrize("own_ids", [False, True])
def test_windows_that_were_fetched_are_not_made_again(fake, tmp_path: Path, own_ids: bool) -> None:
    fake.faults.own_ids = own_ids
    frames = engine(fake, tmp_path, invert()).finish(request(), Notes())
    first = next(frames)[1]
    frames.close()
    made = finished(fake, tmp_path, invert())
    assert len(fake.prompts) == 3
    assert np.array_equal(made[1001], first)
    assert len(finished(fake, tmp_path, invert())) == 3
    assert len(fake.prompts) == 3


def test_another_plate_prompt_or_seed_is_another_job(fake, tmp_path: Path) -> None:
    for count, asked in enumerate((request(), request(seed=1), request(plate=lambda f: plate(f) + np.float32(9)))):
        finished(fake, tmp_path, tint(), asked=asked)
        assert len(fake.prompts) == 3 * (count + 1)


@pytest.mark.parametrize("damage", ["*/00000.png", "*/window.json"])
def test_a_damaged_work_folder_is_made_anew(fake, tmp_path: Path, damage: str) -> None:
    made = finished(fake, tmp_path, invert())
    for file in tmp_path.glob(damage):
        file.write_bytes(file.read_bytes()[:60])
    again = finished(fake, tmp_path, invert())
    assert all(np.array_equal(made[frame], again[frame]) for frame in made)
    assert len(list(tmp_path.glob("*/*.png"))) == 3


def test_an_answer_that_was_refused_is_not_kept(fake, tmp_path: Path) -> None:
    fake.faults.garbage = True
    with pytest.raises(PlateUnreadable):
        finished(fake, tmp_path, invert())
    assert not list(tmp_path.glob("*/window.json"))
    fake.faults.garbage = False
    assert len(finished(fake, tmp_path, invert())) == 3


def test_ctrl_c_takes_our_job_off_the_server(fake, tmp_path: Path) -> None:
    fake.faults.hold = True

    class Stop:
        def report(self, step, done, total, note=""):
            if note == "running":
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(engine(fake, tmp_path, invert()).finish(request(), Stop()))
    assert len(fake.interrupted) == 1


def test_pictures_that_the_server_lost_are_made_again_once(fake, tmp_path: Path) -> None:
    fake.faults.lose_files = 1
    notes = Notes()
    assert len(finished(fake, tmp_path, invert(), notes=notes)) == 3
    assert notes.has("has the pictures no longer: queued again")
    assert len(fake.prompts) == 4
    # under a new name: a server that remembers its results would otherwise save nothing
    assert len({prompt["5"]["inputs"]["filename_prefix"] for prompt in fake.prompts}) == 4
    fake.faults.lose_files = 10
    with pytest.raises(WorkerFailed, match=r"frame 1001.*lost the pictures of a job twice"):
        finished(fake, tmp_path / "b", tint(), asked=request())


def test_a_picture_of_another_size_is_refused_with_its_frame(fake, tmp_path: Path) -> None:
    fake.faults.grow = 2
    with pytest.raises(PlateUnreadable, match=rf"frame 1001.*is {WIDTH + 2}x{HEIGHT} where {WIDTH}x{HEIGHT}"):
        finished(fake, tmp_path, invert())


def test_a_window_of_another_length_is_refused(fake, tmp_path: Path) -> None:
    fake.faults.extra_picture = True
    with pytest.raises(OutputFailed, match=r"node 5\) saved 2 pictures where 1"):
        finished(fake, tmp_path, invert())


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "a\\b.png", "C:evil.png", "a\x00.png", ""])
def test_file_names_that_are_more_than_a_name_are_refused(name: str) -> None:
    with pytest.raises(WorkerFailed, match="no plain file name"):
        remote({"filename": name, "subfolder": "", "type": "output"}, kinds=("output",))


@pytest.mark.parametrize("folder", ["..", "a/../b", "/abs", "a\\..\\b", 7])
def test_folders_that_leave_their_place_are_refused(folder: object) -> None:
    with pytest.raises(WorkerFailed, match="leaves its place"):
        remote({"filename": "a.png", "subfolder": folder, "type": "output"}, kinds=("output",))


@pytest.mark.parametrize("fault", [{"name": "../x.png"}, {"subfolder": "../.."}, {"kind": "input"}])
def test_a_malicious_answer_is_refused_and_nothing_is_fetched_by_it(fake, tmp_path: Path, fault: dict) -> None:
    for key, value in fault.items():
        setattr(fake.faults, key, value)
    with pytest.raises(WorkerFailed):
        finished(fake, tmp_path, invert())
    assert not any(path.startswith("/view") for _, path in fake.asked)


def test_an_answer_longer_than_any_picture_is_cut_off(fake, tmp_path: Path) -> None:
    fake.faults.huge = True
    with pytest.raises(PlateUnreadable, match=r"/view is longer than the \d+\.\d MB"):
        finished(fake, tmp_path, invert())


def test_an_answer_that_is_no_picture_is_refused(fake, tmp_path: Path) -> None:
    fake.faults.garbage = True
    with pytest.raises(PlateUnreadable, match="no PNG, EXR or TIFF"):
        finished(fake, tmp_path, invert())


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_answers_cut_off_in_the_middle_are_asked_for_again(fake, tmp_path: Path, cut: int) -> None:
    notes = Notes()
    frames = engine(fake, tmp_path, invert()).finish(request(), notes)
    next(frames)
    fake.faults.short = cut
    assert next(frames)[0] == 1002
    assert notes.has("the server is away: waiting")
    assert len(fake.prompts) == 2
    frames.close()


def test_a_server_that_drips_is_not_waited_for_without_end(fake) -> None:
    fake.faults.drip = 0.02
    since = time.monotonic()
    with pytest.raises(ServerAway, match="bytes in 1 s"):
        Client(fake.url, timeout_s=0.05).server()
    assert time.monotonic() - since < 3


def test_the_documented_command_passes_against_a_sound_server_and_fails_against_another(fake) -> None:
    environment = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(REPOSITORY / "src")}
    command = [str(REPOSITORY / "tools" / "try_comfyui.sh"), fake.url]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 0, told.stderr
    assert "frame 1003: within 1.0" in told.stdout or "frame 1003: within 0." in told.stdout
    fake.faults.fail_node = "ImageInvert"
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode != 0
    assert "tensors do not fit" in told.stderr


def test_a_slow_server_is_waited_for(fake, tmp_path: Path) -> None:
    fake.faults.latency = 0.03
    assert len(finished(fake, tmp_path, invert())) == 3


def test_a_redirect_to_another_host_is_refused_and_one_within_the_host_is_followed_in_bounds(fake, tmp_path: Path) -> None:
    fake.faults.redirect = "http://evil.example"
    with pytest.raises(WorkerFailed, match=r"sends us on to 'http://evil.example"):
        finished(fake, tmp_path, invert())
    fake.faults.redirect = fake.url
    with pytest.raises(WorkerFailed, match="redirects without end"):
        Client(fake.url).server()
    assert sent(fake) == []


@pytest.mark.parametrize(
    "url", ["ftp://host", "file:///etc/passwd", "host:8188", "http://", "http://user:word@host",
     "http://a b", "http://h:99999", "http://h/?x=1"]
)  # fmt: skip
def test_only_plain_http_addresses_are_taken(url: str) -> None:
    with pytest.raises(StageError, match="not the address"):
        Client(url)


def test_a_server_that_is_away_is_named_with_its_address(fake, tmp_path: Path) -> None:
    fake.stop()
    with pytest.raises(ServerAway, match=rf"{fake.url} does not answer"):
        finished(fake, tmp_path, invert())
    fake.start()


def test_an_output_on_a_node_that_saves_nothing_is_refused(fake, tmp_path: Path) -> None:
    graph = invert()
    graph["4"]["_meta"]["title"] = "setpiece:output seedless"
    graph["5"]["_meta"]["title"] = "Save"
    with pytest.raises(StageError, match="ImageInvert, which saves nothing"):
        finished(fake, tmp_path, graph)


# messages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "kind", "over"),
    [
        ('{"type": "execution_success", "data": {"prompt_id": "p"}}', "execution_success", True),
        ('{"type": "executing", "data": {"node": null, "prompt_id": "p"}}', "executing", True),
        ('{"type": "executing", "data": {"node": "4", "prompt_id": "p"}}', "executing", False),
        ('{"type": "execution_cached", "data": {"nodes": ["1"], "prompt_id": "p"}}', "execution_cached", False),
        ('{"type": "crystools.monitor", "data": {}}', "other", False),
        ('{"type": ["progress"], "data": {}}', "other", False),
        ("not json", "other", False),
        ("[1]", "other", False),
        (b"\0\0\0\1\0\0\0\2PNG", "preview", False),
        (b"\0\0\0\4\0\0\0\2{}", "preview", False),
        (b"", "other", False),
    ],
)
def test_messages_are_read_and_unknown_ones_end_nothing(message: str | bytes, kind: str, over: bool) -> None:
    event = event_of(message)
    assert (event.kind, event.over) == (kind, over)


def test_a_combined_progress_names_the_node_at_work() -> None:
    event = event_of(
        '{"type": "progress_state", "data": {"prompt_id": "p", "nodes": {"1": {"state": "finished", "value": 1, "max": 1},'
        ' "7": {"state": "running", "value": 3, "max": 20}}}}'
    )
    assert (event.node, event.done, event.total) == ("7", 3, 20)
