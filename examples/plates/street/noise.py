"""Deterministic noise on arrays: value noise, fractal sums, cell edges. No state, no global generator."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

Array = np.ndarray


@njit(cache=True)
def _hash(i: int, k: int, seed: int) -> float:
    h = (i * 0x9E3779B1 ^ (k * 0x85EBCA77 + seed * 2654435)) & 0xFFFFFFFF
    h ^= h >> 15
    h = (h * 0x2C1B3C6D) & 0xFFFFFFFF
    h ^= h >> 12
    h = (h * 0x297A2D39) & 0xFFFFFFFF
    h ^= h >> 15
    return (h >> 8) / 16777216.0


@njit(cache=True, parallel=True)
def _noise(x: Array, y: Array, seed: int, out: Array) -> None:
    for n in prange(x.size):
        ix, iy = math.floor(x[n]), math.floor(y[n])
        fx, fy = x[n] - ix, y[n] - iy
        fx, fy = fx**3 * (fx * (fx * 6 - 15) + 10), fy**3 * (fy * (fy * 6 - 15) + 10)
        i, k = int(ix), int(iy)
        a, b = _hash(i, k, seed), _hash(i + 1, k, seed)
        c, d = _hash(i, k + 1, seed), _hash(i + 1, k + 1, seed)
        out[n] = 2 * (a + (b - a) * fx + (c - a) * fy + (a - b - c + d) * fx * fy) - 1


@njit(cache=True, parallel=True)
def _edges(x: Array, y: Array, seed: int, out: Array) -> None:
    for n in prange(x.size):
        i, k = math.floor(x[n]), math.floor(y[n])
        first, second = 9.0, 9.0
        for di in range(-1, 2):
            for dk in range(-1, 2):
                px = i + di + _hash(i + di, k + dk, seed)
                py = k + dk + _hash(i + di, k + dk, seed + 7)
                d = math.hypot(px - x[n], py - y[n])
                second = min(second, max(first, d))
                first = min(first, d)
        out[n] = (second - first) / 2


def _pair(x: Array, y: Array) -> tuple[Array, Array, tuple[int, ...]]:
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    return np.ascontiguousarray(x).ravel(), np.ascontiguousarray(y).ravel(), x.shape


def hash01(ix: Array, iy: Array, seed: int) -> Array:
    """Uniform values in [0, 1) of integer lattice points; the same on every machine."""
    x, y, shape = _pair(ix, iy)
    out = np.empty(x.size)
    _hashes(x, y, seed, out)
    return out.reshape(shape)


@njit(cache=True)
def _hashes(x: Array, y: Array, seed: int, out: Array) -> None:
    for n in range(x.size):
        out[n] = _hash(int(x[n]), int(y[n]), seed)


def noise(x: Array, y: Array, seed: int) -> Array:
    """Value noise in [-1, 1], lattice 1."""
    x, y, shape = _pair(x, y)
    out = np.empty(x.size)
    _noise(x, y, seed, out)
    return out.reshape(shape)


def fbm(x: Array, y: Array, seed: int, *, octaves: int = 5, gain: float = 0.5) -> Array:
    """Fractal sum of value noise, about [-1, 1], first lattice 1."""
    total, amplitude, norm = 0.0, 1.0, 0.0
    c, s = 0.8, 0.6
    x, y = np.asarray(x, float), np.asarray(y, float)
    for octave in range(octaves):
        total = total + amplitude * noise(x, y, seed + 101 * octave)
        norm += amplitude
        amplitude *= gain
        x, y = 2.03 * (c * x - s * y) + 17.3, 2.03 * (s * x + c * y) - 5.1
    return total / norm * 1.6


def cell_edges(x: Array, y: Array, seed: int) -> Array:
    """Distance to the nearest border between jittered cells of size 1 (about; F2 - F1 halved)."""
    x, y, shape = _pair(x, y)
    out = np.empty(x.size)
    _edges(x, y, seed, out)
    return out.reshape(shape)


def step(x: Array, low: float, high: float) -> Array:
    """Smooth step from 0 at ``low`` to 1 at ``high`` (either may be the larger)."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
