"""From scene-linear radiance to the photograph: air, lens, sensor, the camera's own picture processing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

Array = np.ndarray


def through_air(picture: Array, distance_m: Array, glow: Array, *, reach_m: float = 1900.0) -> Array:
    """Haze: what stands ``distance_m`` away fades toward the horizon's glow."""
    clear = np.exp(-distance_m / reach_m)[..., None]
    return picture * clear + glow * (1 - clear)


def through_lens(picture: Array, *, vignette_stops: float = 0.38, blur_px: float = 0.52, fringe: float = 0.00032) -> Array:
    """Flare, softness that grows to the corners, lateral colour, falling-off light."""
    h, w = picture.shape[:2]
    bright = np.minimum(picture, 12.0).astype(np.float32)
    wide = cv2.GaussianBlur(cv2.resize(bright, (w // 4, h // 4), interpolation=cv2.INTER_AREA), (0, 0), w / 90)
    near = cv2.GaussianBlur(bright, (0, 0), w / 380)
    wide = cv2.resize(wide, (w, h), interpolation=cv2.INTER_LINEAR)
    picture = bright * 0.965 + near * 0.017 + wide * 0.018
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    cx, cy = (w - 1) / 2, (h - 1) / 2
    radius2 = (((x - cx) ** 2 + (y - cy) ** 2) / (cx**2 + cy**2)).astype(np.float32)
    channels = []
    for channel, stretch in zip(range(3), (fringe, 0.0, -fringe * 0.8), strict=True):
        scale = 1 - stretch * (0.4 + 0.6 * radius2)
        plane = np.ascontiguousarray(picture[..., channel])
        channels.append(
            cv2.remap(plane, cx + (x - cx) * scale, cy + (y - cy) * scale, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        )
    picture = np.stack(channels, -1)
    sharp, soft = cv2.GaussianBlur(picture, (0, 0), blur_px), cv2.GaussianBlur(picture, (0, 0), blur_px * 2.0)
    corner = (0.55 * radius2**1.5)[..., None]
    picture = np.maximum(sharp * (1 - corner) + soft * corner, 0)
    return picture * 2.0 ** (-vignette_stops * radius2[..., None] ** 1.2)


def on_sensor(picture: Array, rng: np.random.Generator, *, noise: float = 0.0105) -> Array:
    """Photon and read noise, correlated over a pixel as demosaicing leaves it."""
    h, w, _ = picture.shape
    fine = cv2.GaussianBlur(rng.normal(0, 1, (h, w, 3)).astype(np.float32), (0, 0), 0.55)
    coarse = cv2.resize(rng.normal(0, 1, (h // 3 + 1, w // 3 + 1, 3)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    luma = fine.mean(axis=-1, keepdims=True)
    grain = 1.9 * luma + 0.55 * fine + 0.22 * coarse
    sigma = noise * np.sqrt(np.maximum(picture, 0) * 0.22 + 0.0012)
    return np.maximum(picture + grain * sigma, 0)


def developed(picture: Array, *, exposure: float, saturation: float = 1.10) -> Array:
    """The camera's tone curve and colour: display-referred sRGB, 0..1."""
    x = picture * exposure
    luma = x @ np.array([0.2126, 0.7152, 0.0722])
    x = np.maximum(luma[..., None] + (x - luma[..., None]) * saturation, 0)
    a = 1.18  # shoulder: a soft knee into white, as in-camera curves have
    x = np.where(x < 0.42, x, 0.42 + (a - 0.42) * (1 - np.exp(-(x - 0.42) / (a - 0.42) * 0.82)) * 0.80)
    x = np.clip(x, 0, 1)
    coded = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    contrast = coded + 0.085 * np.sin((coded - 0.48) * 2 * np.pi) * coded * (1 - coded) * 2.2
    contrast = np.clip(contrast - 0.010, 0, 1)
    soft = cv2.GaussianBlur(contrast.astype(np.float32), (0, 0), 0.9)
    return np.clip(contrast + 0.38 * (contrast - soft), 0, 1)


def write_jpeg(display: Array, path: Path, *, focal_35mm: float, rng: np.random.Generator, quality: int = 93) -> None:
    """Dithered 8-bit JPEG with the camera's EXIF."""
    coded = np.clip(display * 255 + rng.uniform(-0.5, 0.5, display.shape) + 0.5, 0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 1  # orientation
    exif[0x010E] = "Setpiece demo plate: a factory street, computed"
    details = exif.get_ifd(0x8769)
    details[0x829A] = (1, 250)
    details[0x829D] = (8, 1)
    details[0x8827] = 200
    details[0x920A] = (round(focal_35mm * 10), 10)
    details[0xA405] = round(focal_35mm)
    details[0xA001] = 1
    Image.fromarray(coded).save(path, quality=quality, subsampling=0 if quality > 94 else "4:2:0", exif=exif, optimize=True)
