"""The search for vanishing points behind a camera solve: tilt, lens bend, level families, focal length.

Exhaustive, coarse to fine, then robust least squares: no random samples, the same edges always give the same camera.
Angles in degrees, lengths in plate pixels. It refuses nothing; it answers None where the edges do not tell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from setpiece.core.camera import Camera
from setpiece.stage.line_segments import (
    Segments,
    deviation_deg,
    level_directions,
    level_support,
    level_weight,
    support,
    to_picture,
    zenith,
)

DEFAULT_FIELD_DEG = 60.0  # horizontal field of view when nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Tilt:
    """Pitch and roll where they are stated; None: to be found."""

    pitch_deg: float | None = None
    roll_deg: float | None = None


def unbend(segments: Segments, bend: float, centre: tuple[float, float], width: int, height: int) -> Segments:
    """The segments with one-term radial distortion undone: r' = r (1 + bend (r / half diagonal)^2), barrel positive."""
    if not bend or not len(segments):
        return segments
    half = math.hypot(width, height) / 2
    ends = segments.ends.astype(np.float64).reshape(-1, 2) - centre
    ends = ends * (1 + bend * (np.sum(ends**2, axis=1, keepdims=True) / half**2)) + centre
    return Segments(ends=ends.reshape(-1, 4).astype(np.float32))


def upright_weight(segments: Segments, width: int) -> np.ndarray:
    """Length, capped; nothing for edges that no believable camera sees as upright."""
    lean = np.degrees(
        np.arctan2(np.abs(segments.ends[:, 2] - segments.ends[:, 0]), np.abs(segments.ends[:, 3] - segments.ends[:, 1]))
    )
    return np.where(lean < 40.0, np.minimum(segments.length, 0.15 * width), 0.0)


def find_tilt(
    segments: Segments,
    focal: float,
    centre: tuple[float, float],
    width: int,
    height: int,
    stated: Tilt,
) -> tuple[float, float] | None:
    """Pitch and roll in degrees from the upright edges: an exhaustive search, coarse to fine (no random samples)."""
    if len(segments) < 5:
        return None
    weight = upright_weight(segments, width)
    pitch, roll, best = 0.0, 0.0, 0.0
    reach, step, tolerance = (50.0, 12.0), 1.0, 2.0
    for _ in range(3):
        p = pitch + np.arange(-reach[0], reach[0] + step / 2, step)
        r = roll + np.arange(-reach[1], reach[1] + step / 2, step)
        if stated.pitch_deg is not None:
            p = np.array([stated.pitch_deg])
        if stated.roll_deg is not None:
            r = np.array([stated.roll_deg])
        pp, rr = (a.ravel() for a in np.meshgrid(p, r, indexing="ij"))
        score = np.concatenate(
            [
                support(
                    segments,
                    to_picture(zenith(pp[i : i + 400], rr[i : i + 400]), focal_px=focal, centre_px=centre),
                    weight,
                    tolerance_deg=tolerance,
                )
                for i in range(0, len(pp), 400)
            ]
        )
        score *= np.exp(-0.5 * (rr / 6.0) ** 2)  # operators level their cameras
        k = int(np.argmax(score))
        pitch, roll, best = float(pp[k]), float(rr[k]), float(score[k])
        reach, step, tolerance = (1.5 * step, 1.5 * step), step / 5, max(0.5, tolerance / 2)
    return None if best < 0.15 * height else (pitch, roll)


def find_bend(segments: Segments, focal: float, centre: tuple[float, float], width: int, height: int, stated: Tilt) -> float:
    """Radial distortion under which upright and level edges agree best; 0 unless it explains clearly more."""
    bends = (0.0, 0.02, 0.04, 0.06, 0.08)
    scores = []
    for bend in bends:
        straight = unbend(segments, bend, centre, width, height)
        tilt = find_tilt(straight, focal, centre, width, height, stated)
        if tilt is None:
            return 0.0
        camera = Camera.looking(
            width=width,
            height=height,
            focal_px=focal,
            height_m=1,
            pitch_deg=tilt[0],
            roll_deg=tilt[1],
            centre_px=centre,
        )
        up = to_picture(zenith(*tilt), focal_px=focal, centre_px=centre)
        upright = float(support(straight, up, upright_weight(straight, width), tolerance_deg=0.7)[0])
        _, level = level_support(straight, camera, step_deg=1.0)
        half = len(level) // 2
        scores.append(upright + float((level[:half] + level[half:]).max()))
    best = int(np.argmax(scores))
    return bends[best] if scores[best] > 1.04 * scores[0] else 0.0


def refine_tilt(
    segments: Segments,
    focal: float,
    centre: tuple[float, float],
    width: int,
    height: int,
    stated: Tilt,
    pitch: float,
    roll: float,
) -> tuple[float, float]:
    """Pitch and roll by robust least squares over upright edges and the two strongest crossing level families."""
    if len(segments) < 10 or (stated.pitch_deg is not None and stated.roll_deg is not None):
        return pitch, roll
    upright = upright_weight(segments, width)

    def camera_at(p: float, r: float) -> Camera:
        return Camera.looking(width=width, height=height, focal_px=focal, height_m=1, pitch_deg=p, roll_deg=r, centre_px=centre)

    for tolerance in (1.5, 0.8):
        camera = camera_at(pitch, roll)
        azimuths = level_peaks(segments, camera)[:2]
        # Depth edges are few and tell the horizon best: each family counts as one witness, whatever its size.
        families: list[tuple[np.ndarray, int | None, float, float]] = [(upright, None, 1.0, tolerance)]
        level = level_weight(segments, camera)
        families += [(level, i, share, 2 * tolerance) for i, share in zip(range(len(azimuths)), (1.0, 0.5), strict=False)]
        members = []
        for weight, index, share, reach in families:
            direction = zenith(pitch, roll) if index is None else level_directions(camera.axes, azimuths[index])
            miss = deviation_deg(segments, to_picture(direction, focal_px=focal, centre_px=centre))[0]
            keep = np.flatnonzero((miss < reach) & (weight > 0))
            root = np.sqrt(share * weight[keep] / max(float(weight[keep].sum()), 1e-9))
            members.append((segments.only(keep), root, index))
        if len(members[0][0]) < 5:
            return pitch, roll

        def miss_of(x: np.ndarray, members: list = members) -> np.ndarray:
            axes = camera_at(x[0], x[1]).axes
            parts = []
            for part, root, index in members:
                direction = zenith(x[0], x[1]) if index is None else level_directions(axes, x[2 + index])
                parts.append(root * deviation_deg(part, to_picture(direction, focal_px=focal, centre_px=centre))[0])
            return np.concatenate(parts)

        x = least_squares(
            miss_of, np.array([pitch, roll, *azimuths]), loss="soft_l1", f_scale=0.03, diff_step=1e-5, x_scale=1.0
        ).x
        if abs(x[0] - pitch) > 4 or abs(x[1] - roll) > 3:
            return pitch, roll
        pitch, roll = round(float(x[0]), 4), round(float(x[1]), 4)  # finer than edges tell, coarser than rounding
    return pitch, roll


def level_peaks(segments: Segments, camera: Camera) -> list[float]:
    """Azimuths in degrees of the level families: the strongest crossing pair first, then other clear peaks."""
    azimuth, score = level_support(segments, camera)
    if score.max(initial=0.0) <= 0.1 * camera.width:
        return []
    half = len(score) // 2
    pair = score + np.roll(score, -half)  # a level direction and the one at right angles to it
    first = int(np.argmax(pair[:half]))
    # each of the pair may sit a little beside the right angle: facades are not always square
    reach = np.arange(-6, 7)
    peaks = []
    for centre in (first, first + half):
        near = (centre + reach) % len(score)
        peaks.append(int(near[np.argmax(score[near])]))
    peaks.sort(key=lambda i: -score[i])
    taken = [i for i in peaks if score[i] > min(0.05 * score.max(), 0.3 * camera.width)]
    for i in np.argsort(-score, kind="stable"):
        gap = np.minimum(np.abs(np.array(taken) - i), len(score) - np.abs(np.array(taken) - i))
        if score[i] < 0.4 * score.max() or len(taken) >= 4:
            break
        if gap.min() > 24:
            taken.append(int(i))
    return [float(azimuth[i]) for i in taken]


def find_focal(segments: Segments, width: int, centre: tuple[float, float]) -> float | None:
    """Focal length at which upright and level families stand square to one another, or None where nothing tells."""
    fields = np.arange(28.0, 100.0, 3.0)
    scores = np.zeros(len(fields))
    for k, field in enumerate(fields):
        focal = width / 2 / math.tan(math.radians(field / 2))
        tilt = find_tilt(segments, focal, centre, width, width, Tilt())
        if tilt is None:
            continue
        camera = Camera.looking(
            width=width, height=width, focal_px=focal, height_m=1, pitch_deg=tilt[0], roll_deg=tilt[1], centre_px=centre
        )
        _, score = level_support(segments, camera, step_deg=1.0)
        half = len(score) // 2
        weaker = np.minimum(score[:half], score[half:])  # both of a square pair must be there
        scores[k] = float(weaker.max())
    best = int(np.argmax(scores))
    if scores[best] < 0.3 * width or scores[best] < 1.15 * np.median(scores):
        return None
    return width / 2 / math.tan(math.radians(float(fields[best]) / 2))
