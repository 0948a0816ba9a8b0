"""The head of a portrait as a thing in space: how deep each pixel lies, what covers what, what lies behind.

A layered head: the set with the head taken out of it; the head's skin, hair and neck as one sheet with depth; behind the
openings of that sheet the mouth and the eyes, which stay with the skull when lips and lids move. Positions inside this
module and :mod:`.warps` count from the centre of the first pixel (as OpenCV's), half a pixel less than the house's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from examples.performances.portraits import Portrait, eye_distance

from setpiece.core.arrays import Float32, Plane, Rgb, frozen

OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
        172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
INNER_TOP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_BOTTOM = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
EYES = (  # upper lash line, lower lash line, from the corner at the left of the picture
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)
CHEEKS = ((117, 118, 101, 36, 205, 50), (346, 347, 330, 266, 425, 280))
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What :mod:`.warps` and :mod:`.take` need of a portrait; all planes (h, w), px.

    ``depth`` px from the plane through the pivot, towards the camera is negative; ``carried`` 1 where the skull carries
    the skin, 0 at the root of the neck; ``matte`` the soft head; ``mouth`` and ``eyes`` the openings of the skin; ``jaw``
    and ``lids`` how far skin moves down with the jaw wholly open (px over the opening) and with the lids closed (px);
    ``set_behind`` (h, w, 3) the picture without the head; ``normal`` (h, w, 3) of the skin, smooth, camera towards -z;
    ``soft`` where the picture was enlarged much.
    """

    picture: Rgb
    landmarks: Float32[np.ndarray, "n 3"]
    iod: float
    pivot: tuple[float, float, float]
    depth: Plane
    carried: Plane
    matte: Plane
    skin: Plane
    mouth: Plane
    eyes: Plane
    jaw: Plane
    lids: Plane
    set_behind: Rgb
    inside: Rgb
    normal: Float32[np.ndarray, "h w 3"]
    soft: bool = False

    def __post_init__(self) -> None:
        for name in ("picture", "landmarks", "depth", "carried", "matte", "skin", "mouth", "eyes", "jaw", "lids",
                     "set_behind", "inside", "normal"):  # fmt: skip
            frozen(getattr(self, name))


def model_head(portrait: Portrait) -> Head:
    """Work out everything about the head of ``portrait`` that does not change over the take."""
    points = portrait.landmarks.copy()
    points[:, :2] -= 0.5
    shape, iod = portrait.head.shape, portrait.iod
    matte = soft_matte(portrait.picture, portrait.head, radius=max(2, round(0.045 * iod)))
    depth, pivot = _depth(points, portrait.head, iod)
    own = _own_colour(portrait.picture, matte)
    chin = points[152, 1]
    rows = np.arange(shape[0], dtype=np.float32)[:, None] * np.ones((1, shape[1]), np.float32)
    skin = skin_of(portrait.picture, points)
    if portrait.worn is not None:
        skin = skin * (1 - portrait.worn)
    return Head(
        picture=own,
        landmarks=points,
        iod=iod,
        pivot=pivot,
        depth=depth,
        carried=1 - smoothstep((rows - (chin - 0.12 * iod)) / (0.72 * iod)),
        matte=matte,
        skin=skin,
        mouth=np.minimum(_soft(filled([_between_lips(points)], shape), 0.006 * iod) * 1.5, 1),
        eyes=_soft(filled([points[list(top + low[::-1][1:-1]), :2] for top, low in EYES], shape), 0.008 * iod),
        jaw=_jaw(points, shape, iod),
        lids=_lids(points, shape, iod),
        set_behind=_set_behind(portrait.picture, matte, iod, above=float(points[[234, 454], 1].mean() + 0.1 * iod)),
        inside=_inside(own, points, iod),
        normal=_normal(depth, 0.10 * iod),
        soft=portrait.enlarged > 1.5,
    )


def skin_of(picture: Rgb, points: np.ndarray) -> Plane:
    """Where bare facial skin is, (h, w) 0..1: inside the face, off eyes, brows, lips, hair and glasses.

    ``points`` (478, 2 or more), px from the first pixel's centre.
    """
    iod = eye_distance(points)
    return _skin(points, picture.shape[:2], iod) * _skin_coloured(picture, points, iod)


def smoothstep(x: np.ndarray) -> np.ndarray:
    """0 below 0, 1 above 1, without a corner between."""
    x = np.clip(x, 0, 1)
    return (x * x * (3 - 2 * x)).astype(np.float32)


def _soft(plane: np.ndarray, sigma: float) -> Plane:
    import cv2

    return cv2.GaussianBlur(plane.astype(np.float32), (0, 0), max(sigma, 0.3))


def filled(polygons: list[np.ndarray], shape: tuple[int, ...]) -> Plane:
    """Polygons (n, 2) px, filled, 0..1, anti-aliased."""
    import cv2

    out = np.zeros(shape[:2], np.uint8)
    for polygon in polygons:
        cv2.fillPoly(out, [np.round(polygon * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return out.astype(np.float32) / 255


def soft_matte(picture: Rgb, drawn: Plane, *, radius: int) -> Plane:
    """The drawn outline, settled onto the edges of the picture by a guided filter (He, Sun and Tang, 2010)."""
    import cv2

    guide = np.cbrt(np.maximum(picture, 0)).mean(axis=2).astype(np.float32)
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, size, borderType=cv2.BORDER_REFLECT)

    of_guide, of_drawn = mean(guide), mean(drawn)
    slope = (mean(guide * drawn) - of_guide * of_drawn) / (mean(guide * guide) - of_guide**2 + 2e-4)
    offset = of_drawn - slope * of_guide
    fitted = mean(slope) * guide + mean(offset)
    near = cv2.GaussianBlur(drawn, (0, 0), radius * 0.6)
    # away from the line the drawing rules
    sure = smoothstep(np.abs(near - 0.5) * 2.6 - 0.25)
    out = sure * drawn + (1 - sure) * np.clip((fitted - 0.12) / 0.76, 0, 1)
    # printed and scanned pictures have a light line around things: just inside of it
    return np.clip(cv2.GaussianBlur(cv2.erode(out, np.ones((3, 3), np.uint8)), (0, 0), 0.8), 0, 1).astype(np.float32)


def _nearest(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every pixel the (x, y) of the nearest one where ``inside``."""
    from scipy.ndimage import distance_transform_edt

    _, (y, x) = distance_transform_edt(~inside, return_indices=True)
    return x.astype(np.float32), y.astype(np.float32)


def _own_colour(picture: Rgb, matte: Plane) -> Rgb:
    """The picture with the head's own colour carried outwards past its soft edge, so that the set never shows in it."""
    import cv2

    x, y = _nearest(matte > 0.93)
    carried = cv2.GaussianBlur(cv2.remap(picture, x, y, cv2.INTER_NEAREST), (0, 0), 1.2)
    keep = smoothstep((matte - 0.6) / 0.35)[..., None]
    return (keep * picture + (1 - keep) * carried).astype(np.float32)


def _set_behind(picture: Rgb, matte: Plane, iod: float, *, above: float) -> Rgb:
    """The picture with the head filled from around it: mirrored at its edge, so that texture stays texture.

    Above row ``above`` a wider rim goes with it: stray hair, that the matte leaves out, must not stay behind in the air.
    """
    import cv2

    height, width = matte.shape
    strays = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(9, round(0.34 * iod) | 1),) * 2)
    taken = cv2.dilate(matte, np.ones((7, 7), np.uint8))
    rows = max(0, min(height, round(above)))
    taken[:rows] = cv2.dilate(matte, strays)[:rows]
    free = taken < 0.02
    x, y = _nearest(free)
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    there_x, there_y = (cv2.GaussianBlur(2 * near - here, (0, 0), 2.0) for near, here in ((x, xx), (y, yy)))
    mirrored = cv2.remap(picture, np.clip(there_x, 0, width - 1), np.clip(there_y, 0, height - 1), cv2.INTER_LINEAR)
    # a mirrored point may lie on the head again: there the nearest colour serves
    on_head = cv2.remap(matte, np.clip(there_x, 0, width - 1), np.clip(there_y, 0, height - 1), cv2.INTER_LINEAR)[..., None]
    plain = cv2.GaussianBlur(cv2.remap(picture, x, y, cv2.INTER_NEAREST), (0, 0), 0.05 * iod)
    filled = mirrored * (1 - smoothstep(on_head * 3)) + plain * smoothstep(on_head * 3)
    filling = cv2.GaussianBlur(1 - free.astype(np.float32), (0, 0), 1.5)[..., None]
    return (picture * (1 - filling) + filled * filling).astype(np.float32)


def _depth(points: np.ndarray, drawn: Plane, iod: float) -> tuple[Plane, tuple[float, float, float]]:
    """Depth in px about the pivot: the face's own landmarks, falling back to the pivot's plane at the silhouette."""
    import cv2
    from scipy.interpolate import RBFInterpolator

    height, width = drawn.shape
    axis = float(points[[234, 454, 127, 356], 2].mean())
    pivot = (float(points[[234, 454], 0].mean()), float(points[[152, 172, 397], 1].mean()), axis)
    contour = max(cv2.findContours((drawn > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len)[:, 0]
    rim = contour[:: max(1, len(contour) // 60)].astype(np.float64)
    used = points[:468:2].astype(np.float64)
    step = 8
    gy, gx = np.mgrid[0 : height + step : step, 0 : width + step : step].astype(np.float64)
    fit = RBFInterpolator(
        np.vstack([used[:, :2], rim]), np.concatenate([used[:, 2] - axis, np.zeros(len(rim))]),
        kernel="thin_plate_spline", smoothing=0.5 * iod, neighbors=80,
    )  # fmt: skip
    coarse = fit(np.stack([gx.ravel(), gy.ravel()], axis=1)).reshape(gx.shape).astype(np.float32)
    full = cv2.warpAffine(coarse, np.array([[step, 0, 0], [0, step, 0]], np.float32), (width, height), flags=cv2.INTER_CUBIC)
    held = cv2.GaussianBlur(drawn, (0, 0), 0.10 * iod)
    return cv2.GaussianBlur(full * held, (0, 0), 0.04 * iod), pivot


def _normal(depth: Plane, sigma: float) -> Float32[np.ndarray, "h w 3"]:
    smooth = _soft(depth, sigma)
    across, down = np.gradient(smooth, axis=1), np.gradient(smooth, axis=0)
    normal = np.stack([across, down, -np.ones_like(across)], axis=2)
    return (normal / np.linalg.norm(normal, axis=2, keepdims=True)).astype(np.float32)


def _skin(points: np.ndarray, shape: tuple[int, ...], iod: float) -> Plane:
    """Where bare facial skin is: inside the oval, off eyes, brows, lips and nostrils; soft."""
    import cv2

    face = _soft(filled([points[list(OVAL), :2] * 0.93 + points[4, :2] * 0.07], shape), 0.10 * iod)
    holes = [cv2.convexHull(points[list(top + low), :2].astype(np.float32))[:, 0] for top, low in EYES]
    holes += [cv2.convexHull(points[list(brow), :2].astype(np.float32))[:, 0] for brow in BROWS] + [points[list(LIPS), :2]]
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(0.08 * iod) | 1),) * 2)
    return face * (1 - _soft(cv2.dilate(filled(holes, shape), kernel), 0.025 * iod))


def _skin_coloured(picture: Rgb, points: np.ndarray, iod: float) -> Plane:
    """1 where colour and light are those of the cheeks, 0 on hair, frames of glasses, nostrils; soft."""
    import cv2

    log = np.log2(np.maximum(cv2.GaussianBlur(picture, (0, 0), 0.02 * iod), 0) + 0.01)
    light, colour = log.mean(axis=2), np.stack([log[..., 0] - log[..., 1], log[..., 2] - log[..., 1]], axis=2)
    cheeks = filled([points[list(cheek), :2] for cheek in CHEEKS], picture.shape) > 0.5
    off = colour - np.median(colour[cheeks], axis=0)
    spread = np.maximum(colour[cheeks].std(axis=0) * 1.5, 0.12)
    unlike = (off**2 / spread**2).sum(axis=2) / 9
    dark = np.maximum(float(np.median(light[cheeks])) - light - 1.0, 0) / 0.7
    like = np.exp(-0.5 * np.maximum(unlike - 0.4, 0) - 1.2 * dark**2).astype(np.float32)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(0.09 * iod) | 1),) * 2)
    like = cv2.morphologyEx(like, cv2.MORPH_CLOSE, kernel)  # creases are narrower than hair
    return smoothstep((_soft(like, 0.025 * iod) - 0.35) / 0.45)


def _curve(points: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The height of a line of landmarks over each column; flat beyond its ends."""
    order = np.argsort(points[:, 0])
    return np.interp(columns, points[order, 0], points[order, 1])


def _between_lips(points: np.ndarray) -> np.ndarray:
    """The opening between the lips, at least a pixel and a half high where they are closed."""
    top, low = points[list(INNER_TOP), :2].copy(), points[list(INNER_BOTTOM), :2].copy()
    low[1:-1, 1] = np.maximum(low[1:-1, 1], _curve(top, low[1:-1, 0]) + 1.5)
    return np.concatenate([top, low[::-1][1:-1]])


def _jaw(points: np.ndarray, shape: tuple[int, ...], iod: float) -> Plane:
    """How skin goes down with the jaw: a step between the lips, a slope beside the mouth, fading down the neck."""
    rows, columns = np.arange(shape[0], dtype=np.float64)[:, None], np.arange(shape[1], dtype=np.float64)
    top, low = _curve(points[list(INNER_TOP), :2], columns), _curve(points[list(INNER_BOTTOM), :2], columns)
    low = np.maximum(low, top + 1.5)
    middle, half = (points[78, 0] + points[308, 0]) / 2, (points[308, 0] - points[78, 0]) / 2
    across = np.clip((columns - middle) / half, -1, 1)
    arch = (1 - across**2) ** 0.8
    lip_y = (top + low) / 2
    lips = np.clip((rows - top) / (low - top), 0, 1)
    cheeks = smoothstep((rows - (lip_y - 0.35 * iod)) / (0.75 * iod))
    aside = np.exp(-0.5 * ((columns - middle) / (0.75 * iod)) ** 2)
    neck = 1 - smoothstep((rows - points[152, 1] - 0.02 * iod) / (0.62 * iod))
    return ((arch * lips + (1 - arch) * cheeks * aside) * neck).astype(np.float32)


def _lids(points: np.ndarray, shape: tuple[int, ...], iod: float) -> Plane:
    """How far the skin about the eyes goes down when the lids close, px: the upper lid nearly all the way, the lower up."""
    rows, columns = np.arange(shape[0], dtype=np.float64)[:, None], np.arange(shape[1], dtype=np.float64)
    out = np.zeros(shape, np.float64)
    for (top, low), brow in zip(EYES, BROWS, strict=True):
        ends = points[top[0], 0], points[top[-1], 0]
        inside = np.clip((columns - ends[0]) / (ends[1] - ends[0]), 0, 1)
        upper, lower = _curve(points[list(top), :2], columns), _curve(points[list(low), :2], columns)
        gap = np.maximum(lower - upper, 0) * smoothstep(np.minimum(inside, 1 - inside) * 14)
        fold = upper - 0.62 * (upper - points[list(brow), 1].mean()) - 0.02 * iod
        down = np.clip((rows - fold) / np.maximum(upper - fold, 1), 0, 1) ** 1.5
        within = np.clip((rows - upper) / np.maximum(lower - upper, 1), 0, 1)
        below = 1 - smoothstep((rows - lower) / (0.18 * iod))
        out += gap * (0.80 * down * (1 - within) - 0.14 * within * below)
    return out.astype(np.float32)


def _inside(picture: Rgb, points: np.ndarray, iod: float) -> Rgb:
    """What lips and lids uncover: eyes and teeth as photographed, below the teeth the dark of the mouth."""
    import cv2

    height, width = picture.shape[:2]
    rows, columns = np.arange(height, dtype=np.float64)[:, None], np.arange(width, dtype=np.float64)
    low = _curve(points[list(INNER_BOTTOM), :2], columns)
    top = _curve(points[list(INNER_TOP), :2], columns)
    teeth = (low - top) > 0.05 * iod
    edge = np.where(teeth, low - 0.012 * iod, top - 0.02 * iod)
    middle = (points[78, 0] + points[308, 0]) / 2
    below = smoothstep((rows - edge) / (0.02 * iod))[..., None]
    depth = np.clip((rows - edge) / (0.22 * iod), 0, 1)
    tongue = smoothstep((depth - 0.45) * 2.5) * np.exp(-0.5 * ((columns - middle) / (0.16 * iod)) ** 2)
    dark = np.array([0.020, 0.0095, 0.0085]) + tongue[..., None] * np.array([0.055, 0.020, 0.018])
    mouth = (np.abs(columns - middle) < 0.6 * iod) & (rows > points[13, 1] - 0.2 * iod) & (rows < points[14, 1] + 0.7 * iod)
    here = cv2.GaussianBlur(mouth.astype(np.float32), (0, 0), 2)[..., None] * below
    return (picture * (1 - here) + dark * here).astype(np.float32)
