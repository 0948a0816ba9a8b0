"""The plate's grain and sharpness, measured once and given to everything that is added to it.

Noise is the finest detail of the picture's calmest small blocks, level by level: texture lives mostly in coarser waves, so
blocks are chosen by those and measured by the others. Its size is read from how fast that finest detail fades, its
colour from how the channels move together. It refuses to invent: a plate without noise gets none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from scipy.fft import dctn

from setpiece.core.arrays import Float32, Plane, Rgb, Rgba, frozen
from setpiece.core.pictures import Matte

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg luminance
BLOCK = 8
CALM = 10  # one block in so many counts at its level
LEVELS = 16
SLOPE = 0.5  # noise grows with light as fast as its square root at most, and a tone curve loses it no faster
_ORDER = np.add.outer(np.arange(BLOCK), np.arange(BLOCK))  # of the waves in a block
COARSE = (_ORDER >= 1) & (_ORDER <= 4)
FINE = (_ORDER >= 5) & (_ORDER <= 7)
FINEST = _ORDER >= 8


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

    At each level the tenth of the blocks with the weakest coarse waves is taken (noise itself is not favoured by that: its
    waves are independent), and the strength of their fine waves counts (cosine transform, as Ponomarenko et al. 2007).
    Texture can only raise it, so the noise over level is the lower envelope of what the levels show (after Liu, Freeman,
    Szeliski and Kang 2006). A plate too small to tell has none.
    """
    residual, level, spread = _blocks(plate)
    if len(level) < 30:
        return _none()
    luma = _waves(residual @ LUMA)
    waves = [_waves(residual[..., c])[:, _ORDER >= 5].mean(1) for c in range(3)]
    rough, fine, finest = (luma[:, band].mean(1) for band in (COARSE, FINE, FINEST))
    edges = np.unique(np.quantile(level, np.linspace(0, 1, LEVELS + 1)))
    at, fading, found, calm_blocks = [], [], [], []
    for low, high in pairwise(edges):
        inside = np.flatnonzero((level >= low) & (level <= high) & (spread > 0))
        if len(inside) < 12:
            continue
        calm = inside[np.argsort(rough[inside], kind="stable")][: max(8, len(inside) // CALM)]
        at.append(float(np.median(level[calm])))
        fading.append(float(np.median(finest[calm]) / max(float(np.median(fine[calm])), 1e-18)))
        found.append([float(np.median(channel[calm])) for channel in waves])
        calm_blocks.append(calm)
    if not at:
        return _none()
    size, seen = _grain_size(np.array(fading))
    knots = np.geomspace(0.004, max(1.0, at[-1]), 32)
    deviation = np.sqrt(np.array(found) / seen)
    return GrainModel(
        level=knots.astype(np.float32),
        sigma=np.stack([_under(np.array(at), deviation[:, c], knots) for c in range(3)], 1).astype(np.float32),
        mix=_mix(residual[np.concatenate(calm_blocks)]),
        size_px=size,
    )


def _waves(blocks: np.ndarray) -> np.ndarray:
    """Energy (n, 8, 8) of each cosine wave in blocks (n, 8, 8)."""
    return np.asarray(dctn(blocks, axes=(1, 2), norm="ortho")) ** 2


def _under(level: np.ndarray, sigma: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Sigma at ``knots`` of the highest curve that lies under the measured (k,) and is nowhere steeper than ``SLOPE`` in
    logarithms; level beyond both ends. A level that falls out of line with both neighbours gives way to them."""
    padded = np.pad(sigma, 1, mode="edge")
    calm = np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
    within = np.log(np.clip(knots, level.min(), level.max()))
    steps = np.abs(within[:, None] - np.log(level)[None])
    return np.asarray(np.exp((np.log(np.maximum(calm, 1e-9))[None] + SLOPE * steps).min(axis=1)))


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


def _grain_size(fading: np.ndarray) -> tuple[float, float]:
    """Gaussian sigma of the grain from the energy of the finest waves over that of the fine ones at each level, (k,),
    and the mean energy of both for grain of that size and variance one. Texture is coarser than grain: the finer levels
    count."""
    sizes = np.arange(0.0, 1.25, 0.05)
    spectra = [_spectrum(float(size)) for size in sizes]
    expected = np.array([s[FINEST].mean() / s[FINE].mean() for s in spectra])
    size = float(np.interp(-np.quantile(fading, 0.7), -expected, sizes))
    size = 0.0 if size < 0.2 else size
    return size, float(_spectrum(size)[_ORDER >= 5].mean())


def _spectrum(size: float) -> np.ndarray:
    """Expected energy (8, 8) of each cosine wave in a block of unit-variance grain of Gaussian ``size``."""
    if size > 0:
        kernel = cv2.getGaussianKernel(round(size * 8 + 1) | 1, size).ravel()
        shape = np.correlate(kernel, kernel, "full")
        shape = np.pad(shape / shape.max(), BLOCK)[len(shape) // 2 + BLOCK :]
    else:
        shape = np.eye(1, BLOCK + 1).ravel()
    lag = np.abs(np.arange(BLOCK)[:, None] - np.arange(BLOCK)[None, :])
    basis = dctn(np.eye(BLOCK), axes=[0], norm="ortho")
    line = np.einsum("ui,ij,uj->u", basis, shape[lag], basis)
    return np.outer(line, line)


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
