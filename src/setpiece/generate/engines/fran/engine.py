"""Engine ``fran``: a face re-aged by a network whose weights the production owns or licenses. None are part of Setpiece.

Place in the flow: after the face was tracked; makes one :class:`Delta` a frame. The network sees the face in a crop that
stands still with it, as codes of which each scene-linear value has one, with a map of ages in and a map of ages out; what
it answers becomes a gain that is applied to the plate itself, so grain and highlights stay the plate's.
Refuses: no permit, no face track, a file that is not the registered one, ages that the model was not trained for. What is
in front of the face (hands, microphones) it does not know: ``confidence`` and the comp's own mattes are for that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core import face_chart
from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.errors import BriefError, StageError
from setpiece.core.faces import FaceTrack
from setpiece.core.retouch import Box, Delta
from setpiece.generate.engines.fran.domain import decoded, encoded
from setpiece.generate.engines.fran.look import FranLook, age_maps, within
from setpiece.generate.engines.fran.shape import INPUT, OUTPUT, OpenedNet, age_codes, open_net
from setpiece.generate.engines.fran.tiles import run_tiled
from setpiece.generate.retouch import FACE, LOOK, RetouchRequest, check_cleared, check_retouch

NAME = "fran"
OFFSET = 0.02
_SMALLEST_PX = 256  # of a crop: a face that is smaller in the plate is enlarged for the network
_BLEND_PX = 16
_NO_CHANGE_YEARS = 1.0  # where fewer are asked for, the change fades, whatever the model: for none there is none
_HAIRLINE, _ROOM = 0.18, 0.14  # of the face's height: how far a forehead goes on above the outline, and room beyond
_BORDER = 0.04  # of the crop, in which the retouch ends whatever the outline says


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """A prepared shot."""

    look: FranLook
    face: FaceTrack
    net: OpenedNet
    crop_px: int


class FranEngine:
    """See the module. ``threads`` are those of one network run."""

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._request: RetouchRequest | None = None
        self._shot: _Shot | None = None

    @property
    def name(self) -> str:
        """``fran``."""
        return NAME

    def capabilities(self) -> frozenset[str]:
        """A face and a look; what an artist painted it cannot honour."""
        return frozenset({FACE, LOOK})

    def prepare(self, request: RetouchRequest) -> None:
        """Open the model and settle the crop's size for the whole shot.

        Raises CapabilityMissing, ClearanceRefused (no permit; a file that is not let in), BriefError (ages, regions),
        StageError (no face, no look), PlateUnreadable (no model file).
        """
        self._request = self._shot = None
        check_retouch(self, request)
        look, face = request.look, request.face
        if not isinstance(look, FranLook):
            raise StageError(f"engine '{NAME}' was given no ages", remedy="state model, sha256, input_age and output_age")
        if face is None:
            raise StageError(f"engine '{NAME}' re-ages a face and was given none", remedy="track the face first")
        net = open_net(look.model, look.sha256, threads=self._threads)
        for age in look.ages():
            if not net.ages[0] <= age <= net.ages[1]:
                raise BriefError(
                    f"the model was trained for ages {net.ages[0]:g} to {net.ages[1]:g}, not for {age:g}",
                    file=look.model,
                    remedy="state an age within, or use another model",
                )
        for part in look.regions:
            within(f"years of {part.region}", part.years, -80, 80)
            if part.region not in face_chart.regions:
                raise BriefError(
                    f"the face chart has no region '{part.region}'",
                    remedy=f"regions are {', '.join(sorted(face_chart.regions))}",
                )
        self._shot = _Shot(look=look, face=face, net=net, crop_px=crop_size(look, face, net.shape.stride))
        self._request = request

    def delta(self, frame: int) -> Delta | None:
        """The re-ageing of ``frame``; None where the face is not in it."""
        request = check_cleared(self._request, frame, engine=NAME)
        shot = self._shot
        assert shot is not None  # prepared together with the request
        if not shot.face.seen(frame):
            return None
        plate = request.plate(frame)
        if plate.shape != (request.size[1], request.size[0], 3):
            raise StageError(
                f"the plate is {plate.shape[1]} x {plate.shape[0]}, the shot {request.size[0]} x {request.size[1]}",
                frame=frame,
                remedy="give the plate that was tracked",
            )
        landmarks = shot.face.at(frame)
        crop = _crop(shot.look, landmarks, shot.crop_px)
        matrix = np.asarray(crop.matrix, np.float64)
        box = _box(matrix, crop.size, request.size)
        if box is None:
            return None
        uv = face_chart.uv_map(landmarks, crop)
        maps = age_maps(shot.look, frame, crop.to_crop(landmarks), uv, face_chart.regions, shot.net.ages)
        pixels = _fetched(plate, matrix, crop.size)
        gain = _gain(shot, pixels, maps)
        alpha = _placed(_outline(landmarks, crop, shot.look.reach), matrix, box)
        inside = _inside(matrix, crop.size, box)
        confidence = np.float32(shot.face.confidence[frame - shot.face.frames.first]) * _placed(_sure(pixels), matrix, box)
        return Delta(
            frame=frame,
            box=box,
            gain_stops=np.where(alpha[..., None] > 0, _placed(gain, matrix, box), 0).astype(np.float32),
            alpha=alpha,
            confidence=np.where(alpha > 0, confidence, 0).astype(np.float32),
            uv=np.where(inside[..., None], _placed(uv, matrix, box), np.nan).astype(np.float32),
            offset=OFFSET,
        )


def _crop(look: FranLook, landmarks: Float32[np.ndarray, "n 3"], size: int) -> face_chart.Crop:
    """The crop in which the head stands still, with room for as much of it as the look reaches."""
    room = (0.5 + _HAIRLINE) * look.reach - 0.5 + _ROOM
    return face_chart.crop_of(landmarks, size, max(face_chart.MARGIN, room))


def crop_size(look: FranLook, face: FaceTrack, stride: int) -> int:
    """Side of the crop in px, one for the whole shot: about the plate's own resolution where the face is largest."""
    if look.crop_px:
        wanted = float(look.crop_px)
    else:
        seen = [frame for frame in face.frames if face.seen(frame)]
        scales = [_crop(look, face.at(frame), 1024).scale for frame in seen[:: max(1, len(seen) // 64)]]
        wanted = 1024 / min(scales) if scales else _SMALLEST_PX
    return int(-(-min(max(wanted, _SMALLEST_PX if not look.crop_px else 64), look.max_crop_px) // stride) * stride)


def _gain(shot: _Shot, pixels: Rgb, maps: tuple[Plane, Plane]) -> Rgb:
    """Stops (s, s, 3) that turn the crop into the network's answer; 0 where no other age is asked for."""
    lift = np.float32(2.0**shot.look.exposure_stops)
    codes = encoded(pixels * lift)
    planes = np.concatenate([codes, *(age_codes(plane)[..., None] for plane in maps)], axis=-1)

    def network(part: Float32[np.ndarray, "c h w"]) -> Float32[np.ndarray, "c h w"]:
        return shot.net.model.run({INPUT: part[None]})[OUTPUT][0]

    shape = shot.net.shape
    tile = max(shot.net.tile_px, 2 * shape.reach_px + 4 * _BLEND_PX)
    found = run_tiled(
        network,
        np.ascontiguousarray(planes.transpose(2, 0, 1), np.float32),
        tile_px=tile,
        halo_px=shape.reach_px,
        blend_px=_BLEND_PX,
        stride=shape.stride,
    )
    # both by way of the codes: where the network says nothing, the gain is 0 to the bit
    before, after = (decoded(part) / lift + np.float32(OFFSET) for part in (codes, codes + found.transpose(1, 2, 0)))
    floor = np.float32(OFFSET / 16)
    stops = np.log2(np.maximum(after, floor) / np.maximum(before, floor))
    asked = np.clip(np.abs(maps[1] - maps[0]) / _NO_CHANGE_YEARS, 0, 1)
    return (stops * asked[..., None]).astype(np.float32)


def _outline(landmarks: Float32[np.ndarray, "n 3"], crop: face_chart.Crop, reach: float) -> Plane:
    """Where the retouch holds, in the crop: the face up to its hairline, scaled about its middle, 0 at the crop's border."""
    oval = landmarks[list(face_chart.regions["oval"])]
    middle = (oval.min(axis=0) + oval.max(axis=0)) / 2
    soft = face_chart.soft_mask(middle + (landmarks - middle) * np.float32(reach), crop, feather=0.05, forehead=_HAIRLINE)
    at = np.minimum(np.arange(crop.size) + 0.5, crop.size - np.arange(crop.size) - 0.5) / (_BORDER * crop.size) - 0.25
    border = np.clip(at, 0, 1).astype(np.float32)
    return (soft * np.minimum.outer(border, border)).astype(np.float32)


def _sure(pixels: Rgb) -> Plane:
    """How far the crop's pixels lie within what the network saw in training, 0..1: clipped lights and crushed blacks do not."""
    code = encoded(pixels).mean(axis=-1)
    return (np.clip((code - 0.01) / 0.05, 0, 1) * np.clip((1.35 - code) / 0.3, 0, 1)).astype(np.float32)


def _box(matrix: Float32[np.ndarray, "2 3"], size: int, plate: tuple[int, int]) -> Box | None:
    """The part of the plate that the crop covers, None where that is nothing."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float64)
    at = (corners - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    left, top = np.maximum(np.floor(at.min(axis=0)), 0).astype(int)
    right, bottom = np.minimum(np.ceil(at.max(axis=0)), plate).astype(int)
    return (int(left), int(top), int(right), int(bottom)) if right > left and bottom > top else None


def _centred(matrix: Float32[np.ndarray, "2 3"], shift: tuple[int, int]) -> Float32[np.ndarray, "2 3"]:
    """The matrix for a library whose pixels have their centres at whole numbers, from a plate that begins at ``shift``."""
    moved = matrix[:, :2] @ (np.array(shift) + 0.5) + matrix[:, 2] - 0.5
    return np.concatenate([matrix[:, :2], moved[:, None]], axis=1)


def _fetched(plate: Rgb, matrix: Float32[np.ndarray, "2 3"], size: int) -> Rgb:
    """The face's crop of the plate, (size, size, 3) linear; a crop that is smaller than the plate is not aliased."""
    import cv2

    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    source = np.asarray(plate, np.float32)
    if scale < 0.75:
        source = cv2.GaussianBlur(source, (0, 0), 0.45 * float(np.sqrt(scale**-2 - 1)), borderType=cv2.BORDER_REPLICATE)
    found = cv2.warpAffine(
        source, _centred(matrix, (0, 0)), (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.nan_to_num(found, nan=0.0, posinf=65504.0, neginf=0.0)


def _placed(plane: np.ndarray, matrix: Float32[np.ndarray, "2 3"], box: Box) -> np.ndarray:
    """A plane of the crop, (s, s) or (s, s, c), at the pixels of the box; 0 beyond the crop."""
    import cv2

    left, top, right, bottom = box
    return cv2.warpAffine(
        np.ascontiguousarray(plane, np.float32),
        _centred(matrix, (left, top)),
        (right - left, bottom - top),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )


def _inside(matrix: Float32[np.ndarray, "2 3"], size: int, box: Box) -> np.ndarray:
    """Which pixels of the box lie in the crop with their whole neighbourhood."""
    left, top, right, bottom = box
    x, y = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
    at = np.stack([x, y], axis=-1) @ matrix[:, :2].T + matrix[:, 2]
    return ((at >= 1) & (at <= size - 1)).all(axis=-1)
