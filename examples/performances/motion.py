"""How a person moves in front of a camera, as numbers over time.

A :class:`Pose` is one instant; a motion gives one for any frame, whole or not, so that a shutter can be sampled.
:func:`performed` is a take: looks held and changed, words spoken, blinks, breath, a little unrest in everything.
:func:`classic` turns evenly through everything there is, as a measuring shot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

Motion = Callable[[float], "Pose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """One instant. Angles as in :mod:`setpiece.core.faces`; lengths in distances between the eyes; amounts 0..1.

    ``smile`` and ``brow`` go -1..1. ``sway`` is the body's, ``drift`` the camera's. ``exposure`` and ``tilt`` (a slope of
    light over half the picture, along ``tilt_deg``) are stops, ``warmth`` stops of red over blue. ``light_deg`` turns the
    key light.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    jaw: float = 0.0
    smile: float = 0.0
    brow: float = 0.0
    blink: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    sway_x: float = 0.0
    sway_y: float = 0.0
    drift_x: float = 0.0
    drift_y: float = 0.0
    exposure: float = 0.0
    warmth: float = 0.0
    tilt: float = 0.0
    tilt_deg: float = 0.0
    light_deg: float = 0.0


def classic(frames: int, *, hard: bool = False) -> Motion:
    """A measuring shot: every angle, the mouth, brows, lids and the light go round once or more, evenly, without rest."""

    def at(t: float) -> Pose:
        u = t / max(frames - 1, 1) * 2 * np.pi
        return Pose(
            yaw=(18 if hard else 11) * np.sin(u + 0.3),
            pitch=5 * np.sin(2 * u + 1),
            roll=4 * np.sin(1.3 * u),
            x=0.15 * np.sin(u + 1),
            y=0.09 * np.sin(1.7 * u),
            scale=1 + 0.05 * np.sin(0.8 * u + 2),
            jaw=0.5 - 0.5 * np.cos(1.5 * u),
            smile=np.sin(1.1 * u + 0.5),
            brow=np.sin(1.9 * u),
            blink=max(0.0, np.sin(3 * u)) ** 6,
            exposure=0.35 * np.sin(1.2 * u),
            warmth=0.08 * np.sin(u),
            tilt=0.45 * np.sin(0.9 * u),
            tilt_deg=float(np.rad2deg(0.7 * u)),
        )

    return at


def performed(frames: int, seed: int, *, rate: float = 24.0, yaw: float = 12.0, hard: bool = False) -> Motion:
    """A take of ``frames``: the head holds a look, eases into the next, nods while it speaks; all of it from ``seed``."""
    from scipy.interpolate import CubicSpline

    rng = np.random.default_rng(seed)
    yaw = 18.0 if hard else yaw
    times = np.arange(-4, frames + 5, dtype=np.float64)
    seconds = times / rate
    turns = _looks(seconds, rng, (yaw, 4.5, 3.0))
    words = _words(seconds, rng)
    unrest = {name: _unrest(seconds, rng, low, high) for name, low, high in (
        ("yaw", 0.2, 1.6), ("pitch", 0.2, 1.8), ("roll", 0.2, 1.2), ("x", 0.1, 0.9), ("y", 0.1, 0.9), ("smile", 0.15, 0.8),
        ("brow", 0.3, 2.0), ("dx", 0.1, 1.4), ("dy", 0.1, 1.4), ("light", 0.08, 0.5), ("scale", 0.08, 0.5))}  # fmt: skip
    tracks = {
        "yaw": turns[0] + 0.8 * unrest["yaw"],
        "pitch": turns[1] + 0.9 * unrest["pitch"] - 2.2 * (words - 0.35 * (words > 0)),
        "roll": turns[2] + 0.7 * unrest["roll"] + 0.10 * turns[0],
        "x": 0.004 * turns[0] + 0.035 * unrest["x"],
        "y": 0.025 * unrest["y"],
        "scale": 1 + 0.010 * unrest["scale"] + 0.0015 * turns[1],
        "jaw": words,
        "smile": np.clip(0.45 * unrest["smile"] - 0.55 * words, -1, 1),
        "brow": np.clip(0.35 * unrest["brow"] + 0.9 * _pulses(seconds, rng, every=1.7, wide=0.22), -0.6, 1),
        "blink": _blinks(seconds, rng),
        "gaze_x": _gaze(seconds, rng, turns[0] / max(yaw, 1)),
        "gaze_y": 0.3 * _gaze(seconds, rng, np.zeros_like(seconds)),
        "sway_x": 0.0012 * turns[0] + 0.012 * unrest["x"],
        "sway_y": 0.016 * np.sin(2 * np.pi * seconds / 3.4),
        "drift_x": 0.012 * unrest["dx"],
        "drift_y": 0.010 * unrest["dy"],
        "exposure": (0.22 if hard else 0.05) * unrest["light"],
        "warmth": (0.08 if hard else 0.02) * unrest["light"],
        "tilt": (0.40 if hard else 0.06) * np.sin(2 * np.pi * seconds / 2.9 + 1),
        "tilt_deg": 40 * seconds,
        "light_deg": (14 if hard else 3) * unrest["light"],
    }
    splines = {name: CubicSpline(times, values) for name, values in tracks.items()}
    limits = {"jaw": (0.0, 1.0), "blink": (0.0, 1.0), "smile": (-1.0, 1.0), "brow": (-1.0, 1.0)}

    def at(t: float) -> Pose:
        values = {name: float(np.clip(spline(t), *limits.get(name, (-np.inf, np.inf)))) for name, spline in splines.items()}
        return Pose(**values)

    return at


def turning(motion: Motion, turn: Callable[[float], float]) -> Motion:
    """The same take with another yaw, in degrees over time: a profile turn, a double take."""

    def at(t: float) -> Pose:
        pose = motion(t)
        values = {field.name: getattr(pose, field.name) for field in fields(Pose)}
        return Pose(**(values | {"yaw": turn(t)}))

    return at


def _eased(t: np.ndarray) -> np.ndarray:
    """Minimum jerk from 0 to 1 (Flash and Hogan, 1985)."""
    t = np.clip(t, 0, 1)
    return t**3 * (10 - 15 * t + 6 * t * t)


def _looks(seconds: np.ndarray, rng: np.random.Generator, size: tuple[float, ...]) -> np.ndarray:
    """(3, n) yaw, pitch, roll: held for a moment, then eased to another look on another side."""
    out = np.zeros((3, len(seconds)))
    side = 1.0 if rng.random() < 0.5 else -1.0
    last = np.array([rng.uniform(0.5, 0.8) * side * size[0], *(rng.uniform(-0.5, 0.5) * s for s in size[1:])])
    out[:] = last[:, None]
    t = seconds[0] + rng.uniform(0.25, 0.5)
    while t < seconds[-1]:
        side = -side
        following = np.array([rng.uniform(0.6, 1.0) * side * size[0], *(rng.uniform(-0.9, 0.9) * s for s in size[1:])])
        took = rng.uniform(0.55, 0.85)
        for axis, late in enumerate((0.0, 0.06, 0.1)):
            out[axis] += (following[axis] - last[axis]) * _eased((seconds - t - late) / took)
        last, t = following, t + took + rng.uniform(0.25, 0.7)
    return out


def _words(seconds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How far the jaw is open, 0..1: syllables of uneven length and weight in phrases, with pauses."""
    out = np.zeros_like(seconds)
    t = seconds[0] + rng.uniform(0.2, 0.5)
    while t < seconds[-1]:
        for _ in range(int(rng.integers(3, 8))):
            long, weight = rng.uniform(0.15, 0.30), rng.uniform(0.25, 1.0) ** 1.4
            out = np.maximum(out, weight * np.exp(-0.5 * ((seconds - t) / (0.42 * long)) ** 2))
            t += long
        t += rng.uniform(0.3, 0.7)
    return out


def _blinks(seconds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lids, 0 open to 1 closed: down in about 80 ms, up in about 160."""
    out = np.zeros_like(seconds)
    t = seconds[0] + rng.uniform(0.5, 0.9)
    while t < seconds[-1]:
        since = seconds - t
        out = np.maximum(out, np.where(since < 0, _eased(1 + since / 0.10), 1 - _eased((since - 0.03) / 0.19)))
        t += rng.uniform(1.0, 2.4)
    return out


def _pulses(seconds: np.ndarray, rng: np.random.Generator, *, every: float, wide: float) -> np.ndarray:
    out = np.zeros_like(seconds)
    t = seconds[0] + rng.uniform(0.2, every)
    while t < seconds[-1]:
        out = np.maximum(out, rng.uniform(0.4, 1.0) * np.exp(-0.5 * ((seconds - t) / wide) ** 2))
        t += rng.uniform(0.6, 1.4) * every
    return out


def _gaze(seconds: np.ndarray, rng: np.random.Generator, turn: np.ndarray) -> np.ndarray:
    """The eyes against the head, -1..1: small jumps, held; they stay a little behind where the head turns."""
    out = np.zeros_like(seconds)
    t, here = seconds[0], 0.0
    while t < seconds[-1]:
        there = rng.uniform(-0.6, 0.6)
        out += (there - here) * _eased((seconds - t) / 0.05)
        here, t = there, t + rng.uniform(0.25, 0.9)
    return np.clip(out - 0.45 * turn, -1, 1)


def _unrest(seconds: np.ndarray, rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Noise between two frequencies (Hz), falling with frequency, of unit size."""
    count = 10
    frequency = np.exp(rng.uniform(np.log(low), np.log(high), count))
    size = frequency**-0.6
    waves = size[:, None] * np.sin(2 * np.pi * frequency[:, None] * seconds + rng.uniform(0, 2 * np.pi, count)[:, None])
    return waves.sum(axis=0) / np.sqrt(0.5 * (size**2).sum())
