"""A take: what the camera saw of a portrait in motion, and what the artist's version of it looks like, frame by frame.

Two canonical pictures (as it is, as it was painted) go through the same maps, light, shutter and grain. The camera is a
24 fps one with a shutter of 180 degrees; plates and truth are as a half-float EXR would hold them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from examples.performances.head import Head
from examples.performances.motion import Motion, Pose
from examples.performances.warps import Maps, bodily, maps_of, pixel_grid, points_at, sampled

from setpiece.core.arrays import Float32, Plane, Rgb

FIRST = 1001
Foreground = Callable[[float, tuple[int, int]], tuple[Rgb, Plane] | None]  # time -> its colour and matte


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """The portrait in two versions: ``plate`` as shot, ``truth`` as retouched, (h, w, 3); and the head's matte of each.

    ``crease_plate`` and ``crease_truth`` (h, w, 2) are stops (negative) that raised brows and a smile put on each.
    ``hand`` (h, w, 3) is the artist's paint alone, in stops over the plate. ``shine`` (n, 3): x, y px and strength of
    highlights that wander over the skin.
    """

    plate: Rgb
    truth: Rgb
    hand: Rgb | None = None
    matte_truth: Plane | None = None
    crease_plate: Float32[np.ndarray, "h w 2"] | None = None
    crease_truth: Float32[np.ndarray, "h w 2"] | None = None
    shine: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of a take. ``plate`` and ``truth`` (h, w, 3) ACEScg; ``landmarks`` (478, 3) px; ``maps`` of mid-shutter;
    ``covered`` (h, w) 0..1 by what stands in front."""

    number: int
    plate: Rgb
    truth: Rgb
    landmarks: Float32[np.ndarray, "n 3"]
    pose_deg: tuple[float, float, float]
    maps: Maps
    covered: Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A shot that can be had frame by frame, in any order: ``take.frame(1001)``."""

    name: str
    head: Head
    painted: Painted
    motion: Motion
    frames: int
    seed: int = 0
    shutter: float = 0.5  # of a frame
    grain: float = 1.0
    relight: bool = True
    foreground: Foreground | None = None
    keyframes: tuple[int, ...] = field(default=())

    @property
    def numbers(self) -> range:
        """Frame numbers, from 1001."""
        return range(FIRST, FIRST + self.frames)

    def frame(self, number: int) -> Frame:
        """Shoot one frame."""
        t = float(number - FIRST)
        middle = self.motion(t)
        plate, truth, covered, maps = self._exposed(t)
        grain = grain_of(plate, np.random.default_rng([self.seed, number])) * self.grain
        xy = points_at(self.head, middle) + 0.5
        depth = self.head.landmarks[:, 2:] * middle.scale
        return Frame(
            number=number,
            plate=_half(plate + grain),
            truth=_half(truth + grain),
            landmarks=np.concatenate([xy, depth], axis=1).astype(np.float32),
            pose_deg=(middle.yaw, middle.pitch, middle.roll),
            maps=maps,
            covered=covered,
        )

    def _exposed(self, t: float) -> tuple[Rgb, Rgb, Plane, Maps]:
        """The light of the whole shutter, as many instants as the motion needs."""
        ends = [points_at(self.head, self.motion(t + s * self.shutter / 2)) for s in (-1, 1)]
        travel = float(np.abs(ends[1] - ends[0]).max()) if self.shutter > 0 else 0.0
        count = int(np.clip(np.ceil(travel / 1.2), 1, 7))
        height, width = self.head.depth.shape
        if self.foreground is not None and self.shutter > 0 and self.foreground(t, (height, width)) is not None:
            count = max(count, 6)  # what crosses in front is faster than the face
        total: np.ndarray | None = None
        middle: Maps | None = None
        for index in range(count):
            at = t + self.shutter * ((index + 0.5) / count - 0.5)
            pose = self.motion(at)
            maps = maps_of(self.head, pose)
            instant = self._instant(pose, maps, at)
            total = instant if total is None else total + instant
            if index == count // 2:
                middle = maps
        if total is None or middle is None:
            raise AssertionError("a shutter has at least one instant")
        total = total / count
        return total[..., :3], total[..., 3:6], np.ascontiguousarray(total[..., 6]), middle

    def _instant(self, pose: Pose, maps: Maps, at: float) -> np.ndarray:
        """(h, w, 7): plate, truth and cover of an infinitely short shutter."""
        head, painted = self.head, self.painted
        plate, truth = (sampled(picture, maps.skin, cubic=True) for picture in (painted.plate, painted.truth))
        if painted.crease_plate is not None and painted.crease_truth is not None:
            amounts = np.array([max(0.0, pose.brow), max(0.0, pose.smile)], np.float32)
            plate = plate * np.exp2(sampled(painted.crease_plate, maps.skin) @ amounts)[..., None]
            truth = truth * np.exp2(sampled(painted.crease_truth, maps.skin) @ amounts)[..., None]
        if pose.blink > 0.02:  # a lid that comes down comes out of the brow's shadow
            lid = np.exp2(0.7 * pose.blink * np.clip(sampled(head.lids, maps.skin) / max(float(head.lids.max()), 1e-3), 0, 1))
            plate, truth = plate * lid[..., None], truth * lid[..., None]
        self._open(pose, maps, (plate, truth))
        light = self._light(pose, maps)
        plate, truth = plate * light, truth * light
        if painted.shine:
            shine = self._shine(pose, maps)
            plate, truth = plate + shine, truth + shine
        mattes = [head.matte, head.matte if painted.matte_truth is None else painted.matte_truth]
        behind = self._set(pose)
        plate, truth = (
            layer * a + behind * (1 - a)
            for layer, a in zip((plate, truth), (sampled(m, maps.skin)[..., None] for m in mattes), strict=True)
        )
        glow = self._room(pose)
        plate, truth = plate * glow, truth * glow
        covered = np.zeros(plate.shape[:2], np.float32)
        if self.foreground is not None and (found := self.foreground(at, plate.shape[:2])) is not None:
            colour, covered = found
            a = covered[..., None]
            plate, truth = plate * (1 - a) + colour * glow * a, truth * (1 - a) + colour * glow * a
        return np.concatenate([plate, truth, covered[..., None]], axis=2)

    def _open(self, pose: Pose, maps: Maps, layers: tuple[Rgb, Rgb]) -> None:
        """Lay mouth and eyes into ``layers``, behind the skin: they go with the skull, and the eyes look about."""
        head = self.head
        openings = sampled(np.maximum(head.mouth, head.eyes), maps.skin)
        rows, columns = np.flatnonzero(openings.max(axis=1) > 0.002), np.flatnonzero(openings.max(axis=0) > 0.002)
        if not len(rows):
            return
        part = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
        skull, at = maps.skull[part], maps.skull[part].copy()
        for index, corners in ((468, (33, 133)), (473, (362, 263))):
            x, y = head.landmarks[index, :2]
            wide = 0.5 * abs(float(head.landmarks[corners[0], 0] - head.landmarks[corners[1], 0]))
            away = ((skull[..., 0] - x) / wide) ** 2 + ((skull[..., 1] - y) / (0.5 * wide)) ** 2
            weight = np.exp(-0.9 * away**2) * (0.24 * wide)
            at[..., 0] -= weight * pose.gaze_x
            at[..., 1] -= weight * (0.4 * pose.gaze_y)
        within, a = sampled(head.inside, at, cubic=True), openings[part][..., None]
        for layer in layers:
            layer[part] += (within - layer[part]) * a

    def _light(self, pose: Pose, maps: Maps) -> np.ndarray:
        """How a head that turns under lamps that stay is lit, over how it was lit in the portrait: (h, w, 1)."""
        if not self.relight:
            return np.ones((1, 1, 1), np.float32)
        import cv2

        height, width = self.head.depth.shape
        small = cv2.resize(maps.skull, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
        normal = sampled(self.head.normal, small).reshape(-1, 3)
        carried = sampled(self.head.carried, small)
        turn = _rotation(pose)
        key = _rotation(Pose(yaw=pose.light_deg)) @ np.array([-0.45, -0.42, -0.79])
        lamps = np.stack([np.array([-0.45, -0.42, -0.79]), turn.T @ key], axis=1).astype(np.float32)
        before, after = (0.55 + 0.6 * np.maximum(normal @ lamps, 0)).reshape(*carried.shape, 2).transpose(2, 0, 1)
        gain = np.exp2(np.clip(np.log2(after / before), -0.6, 0.6) * carried)
        return cv2.resize(gain.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)[..., None]

    def _shine(self, pose: Pose, maps: Maps) -> np.ndarray:
        """Highlights that slide over the skin against the head's turn, (h, w, 1)."""
        import cv2

        height, width = self.head.depth.shape
        small = cv2.resize(maps.skin, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
        out = np.zeros(small.shape[:2], np.float32)
        slide_x, slide_y = 0.9 * self.head.iod * np.sin(np.deg2rad([pose.yaw, pose.pitch]))
        for x, y, strength in self.painted.shine:
            away = (small[..., 0] - (x + slide_x)) ** 2 + (small[..., 1] - (y + slide_y)) ** 2
            out += strength * np.exp(-away / (2 * (0.13 * self.head.iod) ** 2))
        out = cv2.resize(out, (width, height), interpolation=cv2.INTER_CUBIC)
        return (out * sampled(self.head.skin, maps.skin))[..., None]

    def _set(self, pose: Pose) -> np.ndarray:
        """The set behind: it moves with the camera, shoulders breathe and sway."""
        iod, at = self.head.iod, pixel_grid(self.head.depth.shape)
        at -= np.array([pose.drift_x * iod, pose.drift_y * iod], np.float32)
        body = bodily(self.head, at[..., 1])
        at[..., 0] -= body * np.float32(pose.sway_x * iod)
        at[..., 1] -= body * np.float32(pose.sway_y * iod)
        return sampled(self.head.set_behind, at, cubic=True)

    def _room(self, pose: Pose) -> np.ndarray:
        """Exposure, warmth and a slope of light over the picture, as gain (h, w, 3)."""
        height, width = self.head.depth.shape
        angle = np.deg2rad(pose.tilt_deg)
        across = (np.arange(width) - width / 2) * np.cos(angle) / (width / 2)
        down = (np.arange(height) - height / 2) * np.sin(angle) / (width / 2)
        # a sum of stops is a product of gains, and a slope is one of columns and rows
        gains = np.exp2(pose.exposure + pose.tilt * across)[None, :, None] * np.exp2(pose.tilt * down)[:, None, None]
        return (gains * np.exp2(pose.warmth * np.array([1.0, 0.0, -1.0]))).astype(np.float32)


def _rotation(pose: Pose) -> np.ndarray:
    """What turns a direction with the head, as :func:`.warps.turned` does."""
    yaw, pitch, roll = np.deg2rad([pose.yaw, pose.pitch, pose.roll])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


def grain_of(pixels: Rgb, rng: np.random.Generator) -> Rgb:
    """Grain as a scanned negative has it: shared and own parts a layer, growing with the root of the light."""
    import cv2

    noise = cv2.GaussianBlur(rng.standard_normal(pixels.shape).astype(np.float32), (0, 0), 0.6) * 1.9
    noise = 0.7 * noise + 0.5 * noise.mean(axis=2, keepdims=True)
    return noise * (0.012 * np.sqrt(np.maximum(pixels, 0)) + 0.001)


def _half(pixels: np.ndarray) -> Rgb:
    return pixels.astype(np.float16).astype(np.float32)
