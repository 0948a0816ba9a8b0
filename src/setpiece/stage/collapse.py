"""The director of a collapse: from a mode and a few numbers to the frame at which each piece is let go.

An event (charges, a blast, a front that walks along the wall, a hinge) takes pieces out; whatever then has no load path to
the ground follows, a moment later and not all at once: sections of wall a few metres wide go together. Bullet does the
rest. Every number here is in the brief. Refuses: regions that contain no piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from setpiece.core.arrays import Float32, Int32, frozen
from setpiece.core.errors import StageError
from setpiece.core.stage import Pieces
from setpiece.core.timing import FrameRange
from setpiece.stage.lean import set_off, thrown
from setpiece.stage.support import SupportGraph, boxes

Mode = Literal["pancake", "topple", "blast", "progressive", "partial"]
NEVER = 1_000_000
GRAVITY_M_S2 = 9.81
_LONGEST_LAG_S = 0.15  # longer, and what has lost its support is seen to hang in the air
_OUTSIDE = 3.0  # how much better than elsewhere pieces hold outside of the artist's region
_NO_SUPPORT_FRAMES = 2  # what has no load path at all waits no longer than this
_UNDER_M = 0.6  # of sideways reach to what counts as under a piece
_TOE_SHARE = 0.08  # how far ahead of itself, in heights, a piece finds the line it turns about
_CLEAR_M = 0.1  # of air under it that a piece needs to fall or turn in its run-up
_RUN_UP = 3  # poses of kinematic motion, the first at rest, that hand a piece its initial velocity
_RUN_UP_FRAMES = 1.2  # frames of travel at that velocity by the last of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What the artist asks for.

    ``towards``, ``along``: level unit vectors, the way things fall and the way the failure walks. ``region`` (k,): the pieces
    that the event takes (None: all); what they carried follows them. ``charge``: size of a blast.
    """

    mode: Mode
    start_frame: int
    speed: float = 1.0
    charge: float = 1.0
    towards: tuple[float, float] = (0.0, -1.0)
    point_m: tuple[float, float, float] | None = None
    along: tuple[float, float] = (1.0, 0.0)
    region: np.ndarray | None = None
    section_m: float = 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """When and how each piece starts.

    ``release`` (k,): frame at which Bullet takes over, NEVER for pieces that stand. ``hold_m_s`` (k,): how hard debris must
    hit a standing piece to break it out. ``track_piece`` (m,), ``track_frame``
    (m,), ``track_position`` (m, 3), ``track_rotation`` (m, 4): kinematic poses before release, sorted by piece, then
    frame; pieces without a track rest until release. ``section`` (k,): which section of wall a piece belongs to.
    """

    release: Int32[np.ndarray, "k"]
    hold_m_s: Float32[np.ndarray, "k"]
    section: Int32[np.ndarray, "k"]
    track_piece: Int32[np.ndarray, "m"]
    track_frame: Int32[np.ndarray, "m"]
    track_position: Float32[np.ndarray, "m 3"]
    track_rotation: Float32[np.ndarray, "m 4"]

    def __post_init__(self) -> None:
        for name in ("release", "hold_m_s", "section", "track_piece", "track_frame", "track_position", "track_rotation"):
            frozen(getattr(self, name))

    @property
    def first_motion(self) -> np.ndarray:
        """(k,) the first frame at which a piece leaves its rest pose."""
        first = self.release.copy()
        np.minimum.at(first, self.track_piece, self.track_frame)
        return first


def direct(pieces: Pieces, graph: SupportGraph, event: Event, frames: FrameRange, *, seed: int) -> Script:
    """Turn an event into release frames and kinematic starts. Deterministic in ``seed``."""
    rng = np.random.default_rng([seed, 77])
    sections = _sections(pieces, event.section_m, rng)
    lag = _section_lag(pieces, sections, rng)
    allowed = np.ones(len(pieces), bool) if event.region is None else np.asarray(event.region, bool)
    if not allowed.any():
        raise StageError("the region of the collapse contains no piece", remedy="move collapse.region onto the building")
    seconds = _event_seconds(pieces, event, sections, lag, rng)
    seconds[~allowed] = np.inf
    rate = float(frames.rate)
    struck = np.where(np.isfinite(seconds), event.start_frame + np.round(seconds * rate / event.speed), NEVER)
    struck = struck.astype(np.int64)
    release = _follow(graph, struck, event, frames, lag, rng, allowed)
    if event.mode == "topple":
        tracks = _hinge(pieces, event, release, frames, lag, rng)
    else:
        tracks = _kicks(pieces, event, release, sections, frames.rate, rng)
    hold = np.where(allowed, graph.hold_m_s, _OUTSIDE * graph.hold_m_s).astype(np.float32)
    return Script(release=tracks[0].astype(np.int32), hold_m_s=hold, section=sections.astype(np.int32), track_piece=tracks[1],
                  track_frame=tracks[2], track_position=tracks[3], track_rotation=tracks[4])  # fmt: skip


def _sections(pieces: Pieces, size_m: float, rng: np.random.Generator) -> np.ndarray:
    """Sections of building that move together: nearest of random seeds, about ``size_m`` apart."""
    low, high = pieces.centre.min(axis=0), pieces.centre.max(axis=0)
    span = np.maximum(high - low, size_m)
    count = max(4, int(np.prod(np.maximum(span / size_m, 1.0))))
    seeds = rng.uniform(low, high, (min(count, 4000), 3))
    return np.asarray(cKDTree(seeds).query(pieces.centre)[1])


def _section_lag(pieces: Pieces, sections: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Seconds by which each piece hesitates: mostly its section's, a little its own."""
    by_section = np.minimum(rng.gamma(1.6, 0.06, sections.max() + 1), _LONGEST_LAG_S)
    return by_section[sections] + np.minimum(rng.gamma(1.2, 0.018, len(pieces)), 0.5 * _LONGEST_LAG_S)


def _event_seconds(pieces: Pieces, event: Event, sections: np.ndarray, lag: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Seconds after the start at which the event itself takes each piece out; inf: never by the event."""
    centre = pieces.centre.astype(np.float64)
    allowed = slice(None) if event.region is None else np.flatnonzero(event.region)
    along = centre[:, :2] @ np.asarray(event.along)
    low, high = along[allowed].min(), along[allowed].max()
    base = boxes(pieces)[0][allowed, 2].min()
    height = centre[:, 2] - base
    tall = max(float(height[allowed].max()), 1.0)
    foot = (height < max(0.17 * tall, 1.2)) | (boxes(pieces)[0][:, 2] - base < 0.5)
    jitter = rng.gamma(1.5, 0.03, len(pieces)) + 0.5 * lag
    if event.mode == "pancake":
        off_centre = np.abs(along - 0.5 * (low + high)) / max(high - low, 1.0)
        charge = 0.7 * off_centre + 0.35 * np.floor(height / (0.34 * tall))
        charged = foot | (np.abs(height / tall - 0.36) < 0.05) | (np.abs(height / tall - 0.68) < 0.04)
        return np.where(charged, charge + jitter, np.inf)
    if event.mode == "progressive":
        return np.where(foot, 1.8 * (along - low) / max(high - low, 1.0) + jitter, np.inf)
    if event.mode == "blast":
        distance = np.linalg.norm(centre - _blast_point(pieces, event), axis=1)
        radius = max(1.5, 0.24 * tall) * np.sqrt(event.charge) + rng.normal(0, 0.35, len(pieces))
        return np.where(distance < radius, distance / 60.0, np.inf)
    if event.mode == "partial":
        return np.where(height < 0.25 * tall, jitter, jitter + 0.25 + 0.45 * height / tall)
    return np.full(len(pieces), np.inf)  # topple: the hinge decides


def _blast_point(pieces: Pieces, event: Event) -> np.ndarray:
    """(3,) where the charge stands; one that nobody placed: the middle of the ground floor, just inside the wall."""
    if event.point_m is not None:
        return np.asarray(event.point_m, np.float64)
    centre = pieces.centre.astype(np.float64)
    along = centre[:, :2] @ np.asarray(event.along)
    inside = along if event.region is None else along[np.asarray(event.region, bool)]
    middle = np.asarray(centre[pieces.visible > 0].mean(axis=0))
    middle[:2] += np.asarray(event.along) * (0.5 * (inside.min() + inside.max()) - middle[:2] @ np.asarray(event.along))
    middle[2] = centre[:, 2].min() + 0.15 * np.ptp(centre[:, 2])
    return middle


def _follow(
    graph: SupportGraph, struck: np.ndarray, event: Event, frames: FrameRange, lag: np.ndarray,
    rng: np.random.Generator, allowed: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Release frames: the struck pieces, then whatever loses its load path, after its own hesitation."""
    release = struck.copy()
    if event.mode == "topple":
        release[allowed] = event.start_frame
        return release
    delay = np.maximum(1, np.round(lag * float(frames.rate) / event.speed)).astype(np.int64)
    judged = np.zeros(len(release), bool)
    for frame in range(event.start_frame, frames.last + 1):
        while True:
            carries = (release > frame) & ~judged
            reach = graph.reach(carries)
            falling = carries & (reach > graph.limit_m)
            if not falling.any():
                break
            wait = np.where(np.isinf(reach), _with_what_carried(graph, judged, release - frame, delay), delay)
            judged |= falling
            release[falling] = np.minimum(release[falling], frame + wait[falling])
        standing = release > frame
        forsaken = standing & np.isinf(graph.reach(standing))
        release[forsaken] = np.minimum(release[forsaken], frame + _NO_SUPPORT_FRAMES)
    return release


def _with_what_carried(graph: SupportGraph, judged: np.ndarray, left: np.ndarray, delay: np.ndarray) -> np.ndarray:
    """(k,) frames that pieces without any load path wait: as long as the last of what carried them is ``left`` (k,) there,
    and hardly longer on their own; so a tip goes with its tower, not some frames after it."""
    under = graph.cost_m < _UNDER_M
    under &= judged[graph.lower]
    longest = np.zeros(len(left), np.int64)
    np.maximum.at(longest, graph.upper[under], left[graph.lower[under]])
    return np.where(longest > 0, longest, np.minimum(delay, _NO_SUPPORT_FRAMES))


def _kicks(
    pieces: Pieces, event: Event, release: np.ndarray, sections: np.ndarray, rate: Fraction, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Small initial velocities and spins: walls lean out, floors pull in, a blast throws; gravity pulls from the start."""
    velocity, spin = set_off(pieces, sections, release, NEVER, rng)
    if event.mode == "blast":
        velocity += thrown(pieces, _blast_point(pieces, event), np.array([*event.towards, 0.0]), event.charge)
    pace = event.speed if event.mode == "blast" else min(event.speed, 1.5)
    velocity, spin = velocity * pace, spin * pace
    # nothing is thrown through the ground that it stands on
    clearance = boxes(pieces)[0][:, 2] - boxes(pieces)[0][:, 2].min()
    spin *= (clearance > _CLEAR_M)[:, None]
    velocity[:, 2] = np.maximum(velocity[:, 2], -0.8 * clearance * float(rate) / _RUN_UP_FRAMES)
    moving = np.flatnonzero(release < NEVER)
    first = release[moving]  # the frame of the event is the last one at rest: nothing moves before its time
    steps = np.arange(_RUN_UP)
    seconds = np.array([0.0, 0.35, _RUN_UP_FRAMES]) / float(rate)  # of travel: ends at full speed
    position = pieces.centre[moving, None, :] + velocity[moving, None, :] * seconds[None, :, None]
    fall = 0.5 * GRAVITY_M_S2 * seconds**2 * (clearance[moving] > _CLEAR_M)[:, None]
    position = position - fall[..., None] * np.array([0.0, 0.0, 1.0])
    turn = Rotation.from_rotvec((spin[moving, None, :] * seconds[None, :, None]).reshape(-1, 3)).as_quat()
    piece = np.repeat(moving, _RUN_UP).astype(np.int32)
    frame = (first[:, None] + steps).ravel().astype(np.int32)
    when = release.copy()
    when[moving] += _RUN_UP - 1
    return when, piece, frame, position.reshape(-1, 3).astype(np.float32), turn[:, [3, 0, 1, 2]].astype(np.float32)


def _hinge(
    pieces: Pieces, event: Event, release: np.ndarray, frames: FrameRange, lag: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """What topples turns as a falling rod does, and breaks up as it turns.

    A slender body turns about its toe. A body wider than tall would be lifted off the ground that way; each part of it then
    turns about a line a little ahead of its own foot, so that the building leans over as a whole, storey over storey.
    """
    body = np.flatnonzero(release < NEVER)
    centre = pieces.centre[body].astype(np.float64)
    towards = np.array([*event.towards, 0.0])
    towards /= np.linalg.norm(towards)
    axis = np.cross([0.0, 0.0, 1.0], towards)
    tall = float(np.ptp(centre[:, 2])) + 0.5
    ahead = np.minimum((centre @ towards).max() - centre @ towards, _TOE_SHARE * tall)
    foot = centre + towards * ahead[:, None]
    foot[:, 2] = centre[:, 2].min()
    angle = _falling_rod(tall, float(frames.rate), len(frames) + 200, event.speed)
    relative = np.clip((centre[:, 2] - centre[:, 2].min()) / tall, 0, 1)
    breaks = np.radians(7.0 + 30.0 * relative * rng.uniform(0.75, 1.25, len(body)) + 60.0 * (lag[body] - lag.mean()))
    breaks = np.clip(breaks, np.radians(3.0), np.radians(48.0))
    steps = np.maximum(np.searchsorted(angle, breaks), _RUN_UP)
    when = release.copy()
    when[body] = event.start_frame + steps
    piece = np.repeat(body, steps + 1)
    step = np.concatenate([np.arange(s + 1) for s in steps])
    theta = angle[step]
    arm = np.repeat(centre - foot, steps + 1, axis=0)
    turned = _rotate(arm, axis, theta) + np.repeat(foot, steps + 1, axis=0)
    rotation = np.c_[np.cos(theta / 2), np.sin(theta / 2)[:, None] * axis]
    return (when, piece.astype(np.int32), (event.start_frame + step).astype(np.int32),
            turned.astype(np.float32), rotation.astype(np.float32))  # fmt: skip


def _falling_rod(tall_m: float, rate: float, count: int, speed: float) -> np.ndarray:
    """Angle per frame of a rod that topples from 1.2 degrees with a push: theta'' = 3 g sin(theta) / (2 h)."""
    theta, omega, step = np.radians(1.2), 0.10 * speed, 1.0 / 32
    angles = []
    for _ in range(count):
        angles.append(theta - np.radians(1.2))
        for _ in range(32):
            omega += 1.5 * GRAVITY_M_S2 / tall_m * np.sin(min(theta, np.pi / 2)) * step / rate * speed**2
            theta += omega * step / rate
        theta = min(theta, np.pi / 2)
    return np.maximum.accumulate(np.array(angles))


def _rotate(vectors: np.ndarray, axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Rodrigues' rotation of (n, 3) about one unit axis by (n,) radians."""
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return vectors * c + np.cross(axis, vectors) * s + axis * (vectors @ axis)[:, None] * (1 - c)
