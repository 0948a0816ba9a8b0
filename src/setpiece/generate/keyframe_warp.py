"""Geometry in a keyframe: where a painter moved the plate's pixels instead of colouring them.

A slimmer jaw is found as a smooth flow from the painted picture to its plate. It counts only where it explains the picture
better than colour alone does; everywhere else it is exactly zero, so that a colour retouch never becomes a warp.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Flow, Plane, Rgb, length_of

OFFSET = 0.02
FLOOR = -0.015
LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)
WORK_PX = 640  # the longer side of the picture that flow is sought in
LEAST_PX = 0.3  # edits smaller than this are colour
MOST = 0.05  # of the longer side: nothing is moved farther
SEED, BETTER = 0.25, 0.5  # share of the fine detail left unexplained at which a warp is proven, and at which it is dropped
SCALES = (0.08, 0.04, 0.02, 0.01)  # of the longer side: the warp is spread from what holds it, wide to narrow
ROUNDS = 3


def find_warp(plate: Rgb, painted: Rgb, alpha: Plane) -> Flow | None:
    """Where each painted pixel was fetched from, px relative to itself (h, w, 2); None where nothing was moved."""
    import cv2

    height, width = plate.shape[:2]
    if min(height, width) < 32:
        return None
    fold = min(1.0, WORK_PX / max(height, width))
    size = (max(16, round(width * fold)), max(16, round(height * fold)))
    before, after = (_detail(cv2.resize(p, size, interpolation=cv2.INTER_AREA)) for p in (plate, painted))
    inside = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    flow = np.zeros((size[1], size[0], 2), np.float32)
    for last in range(ROUNDS):
        found = _round(before, after, inside, flow, SCALES[: 2 + last])
        if found is None:
            return None
        flow = found
    flow *= cv2.GaussianBlur(inside, (0, 0), 1.0)[..., None]
    full = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR)
    full *= np.array([width / size[0], height / size[1]], np.float32)
    length = length_of(full[..., 0], full[..., 1])
    if float(length.max()) < LEAST_PX:
        return None
    full *= np.clip((length - 0.03) / 0.05, 0, 1)[..., None]
    return full.astype(np.float32)


def _detail(picture: Rgb) -> Plane:
    """Log luma in stops without its broad shading."""
    import cv2

    light = cv2.transform(np.maximum(picture, np.float32(FLOOR)), LUMA[None])
    light = np.log2(np.maximum(light, FLOOR) + np.float32(OFFSET))
    return light - cv2.GaussianBlur(light, (0, 0), light.shape[1] / 24)


def _round(before: Plane, after: Plane, inside: Plane, flow: Flow, scales: tuple[float, ...]) -> Flow | None:
    """The flow from ``after`` to ``before``, one round better: what explains the detail is kept and spread smoothly, and
    fades to nothing away from it. None where it explains nothing."""
    import cv2

    height, width = before.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    plain = np.stack([x, y], -1)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setVariationalRefinementIterations(8)
    fetched = cv2.remap(before, plain + flow, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    near, far = (cv2.convertScaleAbs(np.maximum(cv2.GaussianBlur(p, (0, 0), 0.8) * 100 + 128, 0)) for p in (after, fetched))
    more = search.calc(near, far, None)
    whole = cv2.remap(flow, plain + more, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) + more
    fetched = cv2.remap(before, plain + whole, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    share, left = _unexplained(before, after, fetched, inside)
    steady = _steady(whole, 0.02 * max(width, height))
    length = length_of(whole[..., 0], whole[..., 1])
    proven = (share < SEED) & (length > LEAST_PX) & (length < MOST * max(width, height)) & (inside > 0.5) & (steady > 0.5)
    if proven.sum() < 0.001 * height * width:
        return None
    texture = cv2.Sobel(after, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(after, cv2.CV_32F, 0, 1) ** 2
    hold = np.sqrt(cv2.GaussianBlur(texture, (0, 0), 2)) * np.clip((0.25 - left) / 0.15, 0, 1) * steady
    better = np.clip((BETTER - share) / (BETTER - SEED), 0, 1) * (length < MOST * max(width, height)) * inside
    hold *= np.where(length > 0.25, better, 1)
    return _spread(whole, hold, float(hold[proven].mean()) + 1e-6, [scale * max(width, height) for scale in scales])


def _spread(flow: Flow, hold: Plane, usual: float, sigmas: list[float]) -> Flow:
    """``flow`` where ``hold`` has it, spread smoothly between, fading to nothing far from it: each scale is the belief that
    the next narrower starts from."""
    import cv2

    belief = np.zeros_like(flow)
    for sigma in sigmas:
        top = cv2.GaussianBlur(flow * hold[..., None], (0, 0), sigma)
        belief = (top + 0.03 * usual * belief) / (cv2.GaussianBlur(hold, (0, 0), sigma) + 0.03 * usual)[..., None]
    return belief


def _steady(flow: Flow, sigma: float) -> Plane:
    """1 where ``flow`` moves its neighbourhood as one, 0 where it is torn: a mole painted out draws the skin around it
    over itself, and that is no geometry."""
    import cv2

    mean = cv2.GaussianBlur(flow, (0, 0), sigma)
    spread = np.sqrt(np.maximum((cv2.GaussianBlur(flow * flow, (0, 0), sigma) - mean * mean).sum(-1), 0))
    bound = 0.4 + 0.25 * length_of(mean[..., 0], mean[..., 1])
    return np.clip(2 - spread / bound, 0, 1).astype(np.float32)


def _unexplained(before: Plane, after: Plane, fetched: Plane, inside: Plane) -> tuple[Plane, Plane]:
    """What ``fetched`` leaves of the painted picture's fine detail: as a share of what the unmoved plate leaves, and of
    all the detail there is (h, w)."""
    import cv2

    sigma = max(2.0, 0.012 * max(before.shape))
    near = (inside > 0).astype(np.float32)
    detail = (after - before, after - fetched, after)
    unmoved, moved, whole = (cv2.GaussianBlur(np.square(_fine(p)) * near, (0, 0), sigma) + 0.01**2 for p in detail)
    return moved / unmoved, moved / whole


def _fine(plane: Plane) -> Plane:
    import cv2

    return plane - cv2.GaussianBlur(plane, (0, 0), plane.shape[1] / 40)
