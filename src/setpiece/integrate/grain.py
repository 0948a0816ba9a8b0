"""The plate's grain and sharpness, measured once and given to everything that is added to it.

Noise is what a plane does not explain in the calmest small blocks of the picture, as the law of a sensor over level; its
size is read from how fast neighbouring pixels forget each other, its colour from how the channels move together. It refuses
to invent: a plate without noise gets none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb, Rgba, frozen
from setpiece.core.pictures import Matte

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg luminance
BLOCK = 8
CALM = 20  # one block in so many counts at its level
BY_CHANCE = 1.16  # sigma over that of the calmest twentieth among blocks of nothing but noise


@dataclass(frozen=True, slots=True, kw_only=True)
class GrainModel:
    """Noise of a plate. ``level`` (k,) luminance, ascending; ``sigma`` (k, 3) standard deviation per channel there;
    ``mix`` (3, 3) lower-triangular: unit noise through it has the channels' correlation; ``size_px`` the sigma of the
    Gaussian that gives the noise its spatial correlation (0: each pixel for itself)."""

    level: Float32[np.ndarray, "k"]
    sigma: Float32[np.ndarray, "k 3"]
    mix: Float32[np.ndarray, "3 3"]
    size_px: float

    def __post_init__(self) -> None:
        for array in (self.level, self.sigma, self.mix):
            frozen(array)

    def sigma_at(self, luminance: Plane) -> Rgb:
        """Standard deviation per channel (h, w, 3) at each ``luminance``; held beyond the measured levels."""
        channels = [np.interp(luminance, self.level, self.sigma[:, c]) for c in range(3)]
        return np.stack(channels, -1).astype(np.float32)


def measure_grain(plate: Rgb) -> GrainModel:
    """Measure the grain of ``plate`` (ACEScg, (h, w, 3)).

    At each level the calmest twentieth of the blocks is taken; what they show is grain and whatever texture is left. Grain
    itself follows sigma^2 = read^2 + gain * level, and texture can only raise it: the model lies under four fifths of
    the levels. A plate too small to tell has none.
    """
    residual, level, spread = _blocks(plate)
    if len(level) < 30:
        return _none()
    luma_noise = np.sqrt((residual @ LUMA).var(axis=(1, 2)) * BLOCK * BLOCK / (BLOCK * BLOCK - 3))
    edges = np.unique(np.quantile(level, np.linspace(0, 1, 17)))
    levels, sigmas, calm_blocks = [], [], []
    for low, high in pairwise(edges):
        inside = np.flatnonzero((level >= low) & (level <= high) & (spread > 0))
        if len(inside) < 12:
            continue
        order = inside[np.argsort(luma_noise[inside], kind="stable")]
        calm = order[: max(8, len(order) // CALM)]
        # the calmest blocks are calm by chance too: their median lies a little low
        sigmas.append(np.sqrt(np.median((residual[calm] ** 2).sum((1, 2)), axis=0) / (BLOCK * BLOCK - 3)) * BY_CHANCE)
        levels.append(float(np.median(level[calm])))
        calm_blocks.append(calm)
    if not levels:
        return _none()
    at, found = np.array(levels), np.array(sigmas)
    knots = np.linspace(0.0, max(1.0, float(at.max())), 24)
    sigma = np.stack([_under(at, found[:, c] ** 2, knots) for c in range(3)], 1)
    near = np.interp(at, knots, sigma[:, 1])
    plain = [calm for calm, s, n in zip(calm_blocks, found[:, 1], near, strict=True) if s < 1.35 * n]
    calm = np.concatenate(plain or calm_blocks)
    size, missing = _grain_size(residual[calm] @ LUMA)
    return GrainModel(
        level=knots.astype(np.float32),
        sigma=(sigma * missing).astype(np.float32),
        mix=_mix(residual[calm]),
        size_px=size,
    )


def _under(level: np.ndarray, variance: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Sigma at ``knots`` of the law variance = read^2 + gain * level that lies under the measured (k,), all but a fifth
    of them (quantile regression, Koenker and Bassett 1978, over the two terms' ratio)."""
    share = 0.2
    logs = np.log(np.maximum(variance, 1e-16))
    best = (np.inf, 0.0, 0.0)
    for pivot in np.concatenate([[0.0], np.geomspace(0.003, 3.0, 30), [1e3]]):  # the level at which both terms are alike
        miss = logs - np.log(pivot + level + 1e-9)
        gain = float(np.quantile(miss, share))
        loss = float(np.where(miss > gain, share * (miss - gain), (1 - share) * (gain - miss)).sum())
        loss += 0.1 * len(logs) * (pivot > 0.06)  # sensors read that noisily only where the plate clearly shows it
        if loss < best[0]:
            best = (loss, gain, float(pivot))
    _, gain, pivot = best
    return np.sqrt(np.exp(gain) * (pivot + knots))


def _none() -> GrainModel:
    return GrainModel(
        level=np.zeros(1, np.float32), sigma=np.zeros((1, 3), np.float32), mix=np.eye(3, dtype=np.float32), size_px=0.0
    )


def _blocks(plate: Rgb) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Residuals from a plane (n, 8, 8, 3), mean luminance (n,) and total spread (n,) of blocks over the plate; blocks
    that touch black or come near the highest value are left out (clipping and the shoulder before it hide noise)."""
    height, width = plate.shape[0] // BLOCK * BLOCK, plate.shape[1] // BLOCK * BLOCK
    if height == 0 or width == 0:
        return np.zeros((0, BLOCK, BLOCK, 3)), np.zeros(0), np.zeros(0)
    cut = plate[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3).swapaxes(1, 2)
    blocks = cut.reshape(-1, BLOCK, BLOCK, 3)
    blocks = blocks[:: max(1, len(blocks) // 40000)].astype(np.float64)
    top = float(plate.max())
    whole = (blocks.max((1, 2, 3)) < 0.93 * top) & (blocks.min((1, 2, 3)) > 1e-5)
    blocks = blocks[whole]
    axis = np.arange(BLOCK) - (BLOCK - 1) / 2
    norm = float((axis**2).sum() * BLOCK)
    mean = blocks.mean((1, 2), keepdims=True)
    slope_x = (blocks * axis[None, None, :, None]).sum((1, 2), keepdims=True) / norm
    slope_y = (blocks * axis[None, :, None, None]).sum((1, 2), keepdims=True) / norm
    residual = blocks - mean - slope_x * axis[None, None, :, None] - slope_y * axis[None, :, None, None]
    return residual, (mean[:, 0, 0] @ LUMA), residual.std((1, 2, 3))


def _mix(residual: np.ndarray) -> np.ndarray:
    flat = residual.reshape(-1, 3)
    covariance = np.einsum("ni,nj->ij", flat, flat) / max(len(flat), 1)
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-18))
    correlation = covariance / np.outer(scale, scale) * 0.995
    np.fill_diagonal(correlation, 1.0)
    return np.linalg.cholesky(correlation).astype(np.float32)


def _grain_size(luma: np.ndarray) -> tuple[float, float]:
    """Gaussian sigma of the grain from how alike neighbours are, and the factor by which a plane taken out of a block
    makes its deviation too small. Both from the expected residual covariance of such grain in such a block."""
    power = float((luma**2).mean())
    if power <= 0:
        return 0.0, 1.0
    across = float((luma[:, :, 1:] * luma[:, :, :-1]).mean()) / power
    down = float((luma[:, 1:] * luma[:, :-1]).mean()) / power
    sizes = np.arange(0.0, 1.85, 0.05)
    alike, kept = (np.array(column) for column in zip(*[_expected(float(s)) for s in sizes], strict=True))
    size = float(np.interp((across + down) / 2, alike, sizes))
    whole = (BLOCK * BLOCK - 3) / (BLOCK * BLOCK)  # what is already allowed for
    size = 0.0 if size < 0.2 else size
    return size, float(np.sqrt(whole / np.interp(size, sizes, kept)))


def _expected(size: float) -> tuple[float, float]:
    """For grain of Gaussian ``size``: likeness of neighbours and share of variance left in a block without its plane."""
    if size > 0:
        kernel = cv2.getGaussianKernel(round(size * 8 + 1) | 1, size).ravel()
        shape = np.correlate(kernel, kernel, "full")
        shape = np.pad(shape / shape.max(), BLOCK)[len(shape) // 2 + BLOCK :]
    else:
        shape = np.eye(1, BLOCK + 1).ravel()
    lag = np.abs(np.arange(BLOCK)[:, None] - np.arange(BLOCK)[None, :])
    covariance = np.kron(shape[lag], shape[lag])
    yy, xx = np.mgrid[0:BLOCK, 0:BLOCK].reshape(2, -1) - (BLOCK - 1) / 2
    plane = np.linalg.qr(np.stack([np.ones(BLOCK * BLOCK), xx, yy], 1))[0]
    outside = np.eye(BLOCK * BLOCK) - plane @ plane.T
    left = outside @ covariance @ outside
    variance = float(np.trace(left)) / BLOCK**2
    pairs = left.reshape(BLOCK, BLOCK, BLOCK, BLOCK)
    near = np.mean([pairs[y, x, y, x + 1] for y in range(BLOCK) for x in range(BLOCK - 1)])
    return float(near) / variance, variance


def match_grain(rgb: Rgb, model: GrainModel, *, seed: int, frame: int, where: Plane) -> Rgb:
    """``rgb`` (h, w, 3) with the plate's grain at strength ``where`` (h, w), 0..1.

    The same ``seed`` and ``frame`` give the same grain to the bit; where ``where`` is 0 the pixel is untouched.
    """
    height, width = rgb.shape[:2]
    if not (where > 0).any() or float(model.sigma.max()) <= 0:
        return rgb
    rng = np.random.Generator(np.random.Philox(key=np.array([seed % 2**64, frame % 2**64], np.uint64)))
    noise = rng.standard_normal((height, width, 3), dtype=np.float32)
    if model.size_px > 0:
        noise = cv2.GaussianBlur(noise, (0, 0), model.size_px, borderType=cv2.BORDER_REFLECT)
        noise *= np.float32(1.0 / _blurred_deviation(model.size_px))
    noise = noise @ model.mix.T
    smooth = cv2.GaussianBlur(rgb @ LUMA, (0, 0), 1.5)  # grain follows the exposure, not the grain that is there
    grained = rgb + noise * model.sigma_at(smooth) * where[..., None]
    return np.where(where[..., None] > 0, grained, rgb).astype(np.float32)


def _blurred_deviation(sigma: float) -> float:
    """Standard deviation of unit white noise after OpenCV's Gaussian of ``sigma`` (float32 kernel size rule)."""
    size = round(sigma * 8 + 1) | 1
    kernel = cv2.getGaussianKernel(size, sigma)
    return float((kernel**2).sum())


def measure_sharpness(plate: Rgb, matte: Matte | None = None) -> float:
    """Edge spread of ``plate`` in pixels: the sigma of the Gaussian that lens, sensor and codec amount to.

    From the gradients of the strongest edges under two known blurs (after Elder and Zucker 1998); of these the
    middle one counts. With a ``matte`` only edges on and around the building count.
    0.5 for a plate without edges.
    """
    luma = (plate @ LUMA).astype(np.float32)
    top = float(np.percentile(luma, 99.5))
    luma = np.clip(luma, 0, max(top, 1e-6))
    fine, broad, wide = 0.8, 1.6, 3.2
    slopes = []
    for sigma in (fine, broad, wide):
        blurred = cv2.GaussianBlur(luma, (0, 0), sigma)
        dx = (np.roll(blurred, -1, 1) - np.roll(blurred, 1, 1)) / 2
        dy = (np.roll(blurred, -1, 0) - np.roll(blurred, 1, 0)) / 2
        slopes.append((np.hypot(dx, dy), np.abs(dx) > np.abs(dy)))
    strength, flat = slopes[0]
    ridge_x = (strength > np.roll(strength, 1, 1)) & (strength >= np.roll(strength, -1, 1)) & flat
    ridge_y = (strength > np.roll(strength, 1, 0)) & (strength >= np.roll(strength, -1, 0)) & ~flat
    edge = ridge_x | ridge_y
    edge[:4] = edge[-4:] = False
    edge[:, :4] = edge[:, -4:] = False
    if matte is not None:
        edge &= cv2.dilate(matte.fits((plate.shape[1], plate.shape[0])).coverage, np.ones((9, 9))) > 0.5
    if edge.sum() < 20 or float(strength[edge].max()) <= 1e-6:
        return 0.5
    # a thin line fades faster under blur than a step of any sharpness can: only steps tell
    edge &= slopes[1][0] < 1.97 * slopes[2][0]
    if edge.sum() < 20:
        return 0.5
    strong = edge & (strength >= np.percentile(strength[edge], 95))
    ratio = strength[strong] / np.maximum(slopes[1][0][strong], 1e-9)
    # ratio^2 = (s^2 + broad^2) / (s^2 + fine^2), plus the share that the central difference adds to both
    square = np.clip(ratio.astype(np.float64), 1.02, broad / fine - 1e-3) ** 2
    own = (broad**2 - square * fine**2) / (square - 1) - 1 / 3
    return float(np.clip(np.sqrt(max(float(np.median(own)), 0.0)), 0.0, 5.0))


def match_sharpness(rgba: Rgba, sigma_px: float) -> Rgba:
    """Premultiplied ``rgba`` (or rgb) softened to an edge spread of ``sigma_px``; below 0.2 px it is returned as is."""
    if sigma_px < 0.2:
        return rgba
    return cv2.GaussianBlur(rgba, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
