"""A small shot and small workflows for the tests of engine ``comfyui``."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from setpiece.core.errors import ClearanceRefused
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.comfyui.engine import ComfyEngine
from setpiece.generate.engines.comfyui.jobs import Waits
from setpiece.generate.engines.comfyui.workflow import parse_workflow
from setpiece.generate.finish import FinishRequest

WIDTH, HEIGHT = 22, 14
QUICK = Waits(job_s=5.0, queue_s=5.0, away_s=3.0, look_s=0.05)


class Allowed:
    """The permit of the tests; ``left`` checks pass."""

    def __init__(self, left=10**6):
        self.left = left

    def check(self):
        self.left -= 1
        if self.left < 0:
            raise ClearanceRefused("revoked", remedy="clear it again")


class Notes:
    """Remembers what was reported."""

    def __init__(self):
        self.notes = []

    def report(self, step, done, total, note=""):
        self.notes.append(note)

    def has(self, text):
        return any(text in note for note in self.notes)


def plate(frame):
    rng = np.random.default_rng(frame)
    picture = rng.uniform(0.02, 0.9, (HEIGHT, WIDTH, 3)).astype(np.float32)
    picture[2:5, 3:7] = 5.5
    return picture


def request(**more):
    asked = {
        "plate": plate, "matte": lambda frame: np.ones((HEIGHT, WIDTH), np.float32),
        "frames": FrameRange(first=1001, last=1003, rate=Fraction(24)), "size": (WIDTH, HEIGHT), "controls": (),
        "prompt": "", "permit": Allowed(),
    }  # fmt: skip
    return FinishRequest(**asked | more)


def node(kind, title="", **inputs):
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": title or kind}}


def invert():
    return {
        "1": node("LoadImage", "setpiece:plate", image="example.png"),
        "4": node("ImageInvert", image=["1", 0]),
        "5": node("SaveImage", "setpiece:output seedless", images=["4", 0], filename_prefix="x"),
    }


def keep(load="LoadImage", save="SaveImage", colour="display", **title):
    """A workflow that gives back what it got."""
    options = "".join(f" {key}={value}" for key, value in title.items())
    key = {"LoadImage": "image", "LoadEXR": "filepath", "LoadEXRFolder": "folder"}[load]
    return {
        "1": node(load, f"setpiece:plate colour={colour}{options}", **{key: "example.png"}),
        "5": node(save, f"setpiece:output seedless colour={colour}", images=["1", 0], filename_prefix="x"),
    }


def batch():
    return {
        "1": node("LoadImage", "setpiece:plate[0]", image="a.png"),
        "2": node("LoadImage", "setpiece:plate[1]", image="a.png"),
        "3": node("ImageBatch", image1=["1", 0], image2=["2", 0]),
        "5": node("SaveImage", "setpiece:output seedless", images=["3", 0], filename_prefix="x"),
    }


def tint(title="the sampler setpiece:seed setpiece:steps setpiece:guidance setpiece:strength"):
    return {
        "1": node("LoadImage", "setpiece:plate", image="example.png"),
        "4": node("Tint", f"{title} setpiece:prompt", image=["1", 0], text="", seed=0, steps=20, cfg=7.0, denoise=1.0),
        "5": node("SaveImage", "setpiece:output", images=["4", 0], filename_prefix="x"),
    }


def flow(graph):
    return parse_workflow(graph, file=Path("mine.json"))


def engine(fake, work, graph, **more):
    given = {"waits": QUICK, "timeout_s": 5.0} | more
    return ComfyEngine(url=fake.url, workflow=flow(graph), work=work, **given)


def finished(fake, work, graph, *, notes=None, asked=None, **more):
    made = engine(fake, work, graph, **more)
    return dict(made.finish(asked or request(), notes or Notes()))
