"""The two faces that installed packages bring along, framed as plates.

scikit-image's astronaut (NASA, public domain) and matplotlib's Grace Hopper (US Navy, public domain). The outline of the
head is drawn by hand on the source picture, once; everything else is measured. Refuses to invent a face: a package
without its picture, or a picture without a face, is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb, frozen
from setpiece.core.errors import DependencyMissing, PlateUnreadable

Outline = tuple[tuple[int, int], ...]

# px of the source picture, clockwise from the crown; the last ones close the neck
ASTRONAUT_HEAD: Outline = (
    (228, 15), (243, 17), (260, 23), (278, 32), (288, 42), (295, 56), (299, 72), (301, 86), (299, 97), (293, 110), (283, 120),
    (275, 130), (270, 136), (266, 138), (264, 149), (258, 160), (254, 170), (253, 186), (253, 213), (189, 213), (187, 182),
    (186, 170), (184, 155), (182, 143), (181, 132), (174, 128), (170, 119), (166, 112), (159, 103), (155, 92), (153, 77),
    (154, 68), (160, 56), (172, 45), (186, 36), (192, 30), (205, 21), (218, 17),
)  # fmt: skip
HOPPER_HEAD: Outline = (
    (256, 23), (275, 25), (292, 34), (301, 41), (320, 44), (335, 52), (347, 65), (352, 80), (355, 86), (362, 86), (367, 98),
    (371, 125), (371, 150), (368, 180), (374, 186), (376, 195), (373, 212), (366, 235), (358, 262), (354, 285), (345, 303),
    (338, 307), (331, 305), (330, 322), (327, 335), (313, 353), (300, 380), (292, 402), (240, 402), (213, 372), (206, 340),
    (203, 318), (200, 308), (195, 298), (180, 291), (168, 283), (163, 272), (166, 265), (167, 255), (163, 235), (157, 215),
    (153, 200), (153, 190), (158, 185), (150, 170), (149, 150), (150, 130), (154, 108), (165, 95), (172, 88), (176, 82),
    (178, 72), (190, 55), (205, 44), (219, 40), (222, 33), (235, 25),
)  # fmt: skip
HOPPER_GLASSES: tuple[Outline, ...] = (  # px of the source picture: rims, bridge, temples
    ((176, 181), (200, 176), (225, 177), (248, 183), (262, 185), (277, 185), (300, 173), (325, 169), (356, 172)),
    ((185, 184), (190, 203), (199, 221), (213, 231), (232, 230), (245, 220), (253, 203), (258, 187)),
    ((274, 188), (278, 205), (288, 222), (303, 229), (319, 225), (331, 212), (338, 196), (345, 178)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """A still of one person: ``picture`` (h, w, 3) scene-linear ACEScg, ``landmarks`` (478, 3) px as in
    :mod:`setpiece.core.faces`, ``head`` (h, w) 0..1: hair, face and neck, hard-edged as drawn; ``enlarged`` times over
    its source."""

    name: str
    picture: Rgb
    landmarks: Float32[np.ndarray, "n 3"]
    head: Plane
    enlarged: float = 1.0
    worn: Plane | None = None  # glasses: (h, w) 0..1

    def __post_init__(self) -> None:
        for array in (self.picture, self.landmarks, self.head, self.worn):
            if array is not None:
                frozen(array)

    @property
    def iod(self) -> float:
        """Pupil to pupil, px: the yardstick of everything on a face."""
        return eye_distance(self.landmarks)


def eye_distance(landmarks: np.ndarray) -> float:
    """Distance between the middles of the eyes, px."""
    right, left = (landmarks[33] + landmarks[133]) / 2, (landmarks[263] + landmarks[362]) / 2
    return float(np.hypot(*(right - left)[:2]))


def astronaut(size: tuple[int, int] = (512, 512)) -> Portrait:
    """The astronaut, ``size`` (width, height): a close-up where it is square, a medium shot where it is wide."""
    try:
        from skimage.data import astronaut as picture
    except ImportError as error:
        raise DependencyMissing("scikit-image is not installed", remedy="pip install scikit-image") from error
    width, height = size
    scale = 2.3 * height / 512 if width <= height else 2.5 * width / 1280
    middle = (228.0, 119.0) if width <= height else (256.0, 148.0)
    return framed("astronaut", picture(), ASTRONAUT_HEAD, middle=middle, scale=scale, size=size)


def hopper(size: tuple[int, int] = (512, 512)) -> Portrait:
    """Rear admiral Grace Hopper, 78, with glasses and cap; ``size`` (width, height)."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise DependencyMissing("matplotlib is not installed", remedy="pip install matplotlib") from error
    from setpiece.media.images import read_image

    pixels = read_image(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg").pixels
    coded = np.asarray(np.round(pixels[..., :3] * (255 if pixels.dtype.kind == "f" else 1)), np.uint8)
    return framed("hopper", coded, HOPPER_HEAD, middle=(263.0, 244.0), scale=1.12 * size[1] / 512, size=size,
                  worn=HOPPER_GLASSES)  # fmt: skip


def framed(
    name: str, coded: np.ndarray, outline: Outline, *, middle: tuple[float, float], scale: float, size: tuple[int, int],
    worn: tuple[Outline, ...] = (),
) -> Portrait:  # fmt: skip
    """A picture of 8-bit sRGB codes, enlarged about ``middle`` (source px) to ``size``, in the light it was made of."""
    import cv2

    from setpiece.media.colour import to_acescg

    width, height = size
    matrix = np.array([[scale, 0, width / 2 - scale * middle[0]], [0, scale, height / 2 - scale * middle[1]]], np.float64)
    linear = to_acescg(coded.astype(np.float32) / 255, "sRGB - Texture")
    # enlarged in a perceptual scale: ringing at highlights stays small
    soft = cv2.warpAffine(np.cbrt(np.maximum(linear, 0)), matrix, size, flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
    picture = (np.maximum(soft, 0) ** 3).astype(np.float32)
    points = (np.array(outline, np.float64) + 0.5) @ matrix[:, :2].T + matrix[:, 2]
    head = np.zeros((height, width), np.uint8)
    cv2.fillPoly(head, [np.round(_smooth(points) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    glasses = np.zeros((height, width), np.uint8)
    for line in worn:
        at = (np.array(line, np.float64) + 0.5) @ matrix[:, :2].T + matrix[:, 2]
        cv2.polylines(glasses, [np.round(at * 16).astype(np.int32)], False, 255, max(1, round(7 * scale)), cv2.LINE_AA, 4)
    return Portrait(
        name=name,
        picture=picture,
        landmarks=find_landmarks(picture, name),
        head=head.astype(np.float32) / 255,
        enlarged=scale,
        worn=cv2.GaussianBlur(glasses.astype(np.float32) / 255, (0, 0), scale),
    )


def _smooth(points: np.ndarray) -> np.ndarray:
    """A closed outline, rounded once (Chaikin, 1974)."""
    following = np.roll(points, -1, axis=0)
    return np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1).reshape(-1, 2)


def find_landmarks(picture: Rgb, name: str) -> Float32[np.ndarray, "n 3"]:
    """The 478 points of the one face in ``picture``, px (z towards the scene)."""
    found = track_landmarks([picture], still=True)[0]
    if found is None:
        raise PlateUnreadable("no face was found in the portrait", file=name, remedy="take a portrait that shows one")
    return found


def track_landmarks(plates: list[Rgb], *, still: bool = False) -> list[Float32[np.ndarray, "n 3"] | None]:
    """The face in each of ``plates`` in turn, px, as a detector sees it; None where it sees none."""
    try:
        from mediapipe.python.solutions import face_mesh
    except ImportError as error:
        raise DependencyMissing("mediapipe is not installed", remedy="run tools/setup.sh") from error
    from setpiece.media.colour import view

    found: list[Float32[np.ndarray, "n 3"] | None] = []
    with face_mesh.FaceMesh(
        static_image_mode=still, max_num_faces=1, refine_landmarks=True, min_detection_confidence=0.3
    ) as finder:
        for plate in plates:
            height, width = plate.shape[:2]
            faces = finder.process(view(plate, view="plain")).multi_face_landmarks
            points = None if not faces else [(p.x * width, p.y * height, p.z * width) for p in faces[0].landmark]
            found.append(None if points is None else np.array(points, np.float32))
    return found
