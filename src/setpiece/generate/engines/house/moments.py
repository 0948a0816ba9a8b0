"""Where the pieces are during one frame: who moved, who flies, what that touches in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numba as nb
import numpy as np

from setpiece.core.stage import Motion
from setpiece.generate.engines.house.rays import Geometry
from setpiece.generate.engines.house.scene import AtRest
from setpiece.generate.engines.house.shadows import Transmittance

STILL_M = 5e-4  # less than this between shutter open and close: it rests
CALM_M = 0.04  # a step a frame below this counts as come to rest (settled dust)
TILE = 8  # px: how finely debris is compared with the dust before it
COATED_M = 0.5  # a piece takes on its full film of dust within this way from where it stood
TURNED_RAD, GONE_M = 0.6, 8.0
LOOSE_M = 0.7  # edges are fully chipped once a piece is this far from its neighbours; before, cracks stay shut


@dataclass(frozen=True, slots=True)
class Moment:
    """The pieces at one moment of the shutter."""

    time: float
    position: np.ndarray
    rotation: np.ndarray
    flying: Geometry


@dataclass(frozen=True, slots=True)
class Moving:
    """What is the same for all samples of a frame: (k,) ``moved``, ``loose`` 0..1 chipped, ``coat`` 0..1 dusty."""

    moved: np.ndarray
    lying: np.ndarray  # (h*w) bool: pixels where moved pieces at rest may be seen
    fixed: Geometry
    moments: tuple[Moment, ...]
    loose: np.ndarray
    coat: np.ndarray
    turned: np.ndarray  # (k,) float32 0..1: how far a piece has turned or gone, so that its light is another
    dust: Transmittance | None
    hidden: np.ndarray  # (h*w) bool: all that is in these pixels lies behind dust that lets nothing through


def settled_coat(motion: Motion, frame: int, rate: float) -> np.ndarray:
    """(k,) 0..0.85: how much dust lies on level faces of each piece: a film after release, a coat once at rest."""
    step = np.abs(np.diff(motion.position, axis=0)).max(axis=2) > CALM_M
    last_step = np.where(step.any(axis=0), len(step) - np.argmax(step[::-1], axis=0), 0) + motion.first
    aloft = np.clip((frame - motion.release) / (0.5 * rate), 0, 1)
    lying = np.maximum(frame - np.maximum(last_step, motion.release), 0) / rate
    coat = 0.20 * aloft + 0.65 * (1 - np.exp(-lying / 0.8)) * (aloft > 0)
    away = np.linalg.norm(motion.at(frame)[0] - motion.position[0], axis=1) / COATED_M
    return np.asarray(coat * np.minimum(away, 1), np.float32)


def turned_of(motion: Motion, position: np.ndarray, rotation: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """(k,) float32: 0 for what stands, 1 for a piece that has turned by ``TURNED_RAD`` or gone ``GONE_M``."""
    angle = 2.0 * np.arccos(np.clip(np.abs(np.sum(rotation * motion.rotation[0], axis=1)), 0, 1))
    gone = np.linalg.norm(position - motion.position[0], axis=1)
    return np.asarray(np.where(moved, np.clip(np.maximum(angle / TURNED_RAD, gone / GONE_M), 1e-3, 1), 0), np.float32)


def moved_in(motion: Motion, frame: int, half: float) -> np.ndarray:
    """(k,) bool: pieces let go before the shutter, ``half`` a frame to either side, closes."""
    return np.asarray(motion.moved(frame + max(half, 1e-6)))


def gather_pieces(
    at: AtRest, frame: int, shutter_deg: float, rate: float, dust: Transmittance | None, curtain_m: np.ndarray | None
) -> Moving:
    """Pose the pieces for every sample of a frame: what stands still in one geometry, what flies in one a moment."""
    motion, meshes = at.scene.motion, at.meshes
    half = shutter_deg / 720.0
    moved = moved_in(motion, frame, half)
    start, start_turn = motion.at(frame - half)
    end, end_turn = motion.at(frame + half)
    still = np.abs(end - start).max(axis=1) + np.abs(np.abs(np.sum(end_turn * start_turn, axis=1)) - 1.0) < STILL_M
    position, rotation = motion.at(frame)
    flies = moved & ~still
    fixed = meshes.pose(np.nonzero(~flies)[0], position, rotation)
    moments = []
    for s in range(at.samples):
        time = frame + 2 * half * ((s + 0.5) / at.samples - 0.5)
        where, turned = motion.at(time)
        flying = meshes.pose(np.nonzero(flies)[0], where, turned)
        moments.append(
            Moment(time, np.where(flies[:, None], where, position), np.where(flies[:, None], turned, rotation), flying)
        )
    shift = position - at.scene.pieces.centre
    parted = np.median(np.linalg.norm(shift[:, None] - shift[at.neighbours], axis=2), axis=1)
    loose = np.clip(parted / LOOSE_M, 0, 1).astype(np.float32)
    lying = covered(boxes_of(at, position, np.nonzero(moved & still)[0]), at.lens.height, at.lens.width).ravel()
    coat = np.where(moved, settled_coat(motion, frame, rate), 0).astype(np.float32)
    hidden = behind_dust(at, (moments[0].position, position, moments[-1].position), curtain_m)
    return Moving(moved, lying, fixed, tuple(moments), loose, coat, turned_of(motion, position, rotation, moved), dust, hidden)


def behind_dust(at: AtRest, positions: tuple[np.ndarray, ...], curtain_m: np.ndarray | None) -> np.ndarray:
    """(h*w) bool: pixels where no piece comes nearer than the curtain of dust, and some pixel around them likewise."""
    lens = at.lens
    if curtain_m is None or not np.isfinite(curtain_m).any():
        return np.zeros(lens.height * lens.width, bool)
    nearest = np.full((-(-lens.height // TILE), -(-lens.width // TILE)), np.inf, np.float32)
    for position in positions:
        everyone = np.arange(len(position))
        near = ((position - lens.eye) @ lens.axes[2] - at.radius_m).astype(np.float32)
        inside = near > -2 * at.radius_m
        paint_nearest(boxes_of(at, position, everyone), near[inside], nearest)
    nearest = np.repeat(np.repeat(nearest, TILE, axis=0), TILE, axis=1)[: lens.height, : lens.width]
    hidden = np.isfinite(curtain_m) & (curtain_m < nearest)
    return np.asarray(cv2.erode(hidden.astype(np.uint8), np.ones((5, 5), np.uint8)).ravel() > 0)


@nb.njit(cache=True, nogil=True)
def paint_nearest(boxes, near, tiles):  # type: ignore[no-untyped-def]
    """Lower ``tiles`` (TILE px a side) to ``near`` (n,) wherever pixel ``boxes`` (n, 4) reach."""
    for n in range(len(boxes)):
        for row in range(boxes[n, 1] // TILE, min((boxes[n, 3] - 1) // TILE + 1, tiles.shape[0])):
            for column in range(boxes[n, 0] // TILE, min((boxes[n, 2] - 1) // TILE + 1, tiles.shape[1])):
                tiles[row, column] = min(tiles[row, column], near[n])


def boxes_of(at: AtRest, position: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Pixel boxes (n, 4) around chosen pieces at a pose."""
    lens = at.lens
    local = (position[chosen] - lens.eye) @ lens.axes.T
    depth = np.maximum(local[:, 2], 0.3)
    radius = lens.focal * at.radius_m[chosen] / depth + 1.5
    x = lens.centre[0] + lens.focal * local[:, 0] / depth
    y = lens.centre[1] - lens.focal * local[:, 1] / depth
    boxes = np.stack([x - radius, y - radius, x + radius, y + radius], axis=1)
    boxes = boxes[local[:, 2] > -at.radius_m[chosen]]
    limit = np.array([lens.width, lens.height, lens.width, lens.height])
    return np.clip(
        np.stack([np.floor(boxes[:, 0]), np.floor(boxes[:, 1]), np.ceil(boxes[:, 2]), np.ceil(boxes[:, 3])], axis=1), 0, limit
    ).astype(np.int64)


def covered(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """(h, w) bool: pixels inside any box."""
    edges = np.zeros((height + 1, width + 1), np.int32)
    boxes = np.clip(boxes, 0, [width, height, width, height])
    np.add.at(edges, (boxes[:, 1], boxes[:, 0]), 1)
    np.add.at(edges, (boxes[:, 3], boxes[:, 2]), 1)
    np.add.at(edges, (boxes[:, 1], boxes[:, 2]), -1)
    np.add.at(edges, (boxes[:, 3], boxes[:, 0]), -1)
    return np.asarray(np.cumsum(np.cumsum(edges, axis=0), axis=1)[:height, :width] > 0)


def pixels_of(at: AtRest, frame: Moving, stones: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Flat pixels whose picture may differ from the plate (n,), and which of them may show debris (n,) bool."""
    height, width = at.lens.height, at.lens.width
    moved = np.nonzero(frame.moved)[0]
    seen = np.zeros((height, width), bool)
    for moment in (frame.moments[0], frame.moments[-1]):
        seen |= covered(boxes_of(at, moment.position, moved), height, width)
    for boxes in stones:
        seen |= covered(boxes.astype(np.int64), height, width)
    gone = np.zeros(height * width, bool)
    for owner in at.owner:
        gone |= (owner >= 0) & frame.moved[owner]
    gone = gone.reshape(height, width)
    standing = np.nonzero(~frame.moved)[0]
    shows = seen | (gone & covered(boxes_of(at, at.scene.pieces.centre, standing), height, width))
    active = (cv2.dilate((seen | gone).astype(np.uint8), np.ones((3, 3), np.uint8)).ravel() > 0) & ~frame.hidden
    pixels = np.nonzero(active)[0].astype(np.int32)
    return pixels, shows.ravel()[pixels]
