"""Rays marched through the dust into deep samples, and the picture resolved from them.

Generation, engine ``house``. Kernels only; :mod:`setpiece.generate.engines.house.dust` says what they mean. Parallel
loops write disjoint rows, so the bits do not depend on the thread count.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange

from setpiece.generate.engines.house.dust_field import FINE, billow, carved, coordinates, haze, lobes, read_rim, read_volume
from setpiece.generate.engines.house.dust_light import BLOCK

Real = Any  # a float inside kernels: numba knows which

KNOTS = 14  # deep samples kept along each ray

_F0, _F1, _HALF = np.float32(0), np.float32(1), np.float32(0.5)


@njit(cache=True, parallel=True, fastmath=True)
def march(
    volume: np.ndarray,
    shift: np.ndarray,
    peaks: np.ndarray,
    noise: np.ndarray,
    place: np.ndarray,
    eye: np.ndarray,
    axes: np.ndarray,
    lens: np.ndarray,
    reach: np.ndarray,
    sun: np.ndarray,
    colour: np.ndarray,
    look: np.ndarray,
    knots: np.ndarray,
) -> None:
    """March every ray of a picture of ``reach``'s size and leave KNOTS deep samples (depth, r, g, b, alpha) of each.

    ``volume`` (nx, ny, nz, 4): density, column mass to the sun, sky openness, spread density. ``shift``
    (mx, my, mz, 6). ``place``: origin and cell in m. ``lens``: focal, centre x, centre y in px. ``reach`` (h, w):
    axial depth to march to, m. ``sun`` (3,) towards it. ``colour`` (4, 3): sun for three scattering orders, sky.
    ``look``: extinction, edge, detail, softness, noise voxels per metre, weight a, weight b, lift m, anisotropy,
    step m.
    """
    h, w = reach.shape
    for slab in prange(h):
        row: Any = np.int64(slab)
        for col in range(w):
            x = (np.float32(col) + _HALF - lens[1]) / lens[0]
            y = -(np.float32(row) + _HALF - lens[2]) / lens[0]
            dx = axes[2, 0] + x * axes[0, 0] + y * axes[1, 0]
            dy = axes[2, 1] + x * axes[0, 1] + y * axes[1, 1]
            dz = axes[2, 2] + x * axes[0, 2] + y * axes[1, 2]
            stretch = math.sqrt(dx * dx + dy * dy + dz * dz)
            # fixed in time, spread evenly over neighbours: interleaved gradient noise (Jimenez 2014)
            jitter = 52.9829189 * ((0.06711056 * col + 0.00583715 * row) % 1.0) % 1.0
            _ray(
                volume,
                shift,
                peaks,
                noise,
                place,
                eye,
                (np.float32(dx / stretch), np.float32(dy / stretch), np.float32(dz / stretch)),
                np.float32(stretch),
                np.float32(reach[row, col]),
                np.float32(jitter),
                np.float32(lens[0]),
                sun,
                colour,
                look,
                knots[row, col],
            )


@njit(cache=True, fastmath=True)
def _span(place: np.ndarray, shape: tuple[int, int, int], eye: np.ndarray, d: tuple[Real, Real, Real]) -> tuple[Real, Real]:
    """Where a ray enters and leaves the gas domain, in metres along it."""
    near, far = np.float32(0.05), np.float32(1e9)
    for axis in range(3):
        low = place[axis] - _HALF * place[3]
        high = low + np.float32(shape[axis]) * place[3]
        if abs(d[axis]) < np.float32(1e-7):
            if eye[axis] < low or eye[axis] > high:
                return np.float32(1), _F0
            continue
        a, b = (low - eye[axis]) / d[axis], (high - eye[axis]) / d[axis]
        near, far = max(near, min(a, b)), min(far, max(a, b))
    return near, far


@njit(cache=True, fastmath=True)
def _skip(peaks: np.ndarray, gx: Real, gy: Real, gz: Real, d: tuple[Real, Real, Real], cell: Real) -> Real:
    """Metres to the end of the empty block around grid point g; 0 where the block holds dust."""
    bx = min(max(int((gx + _HALF) / BLOCK), 0), peaks.shape[0] - 1)
    by = min(max(int((gy + _HALF) / BLOCK), 0), peaks.shape[1] - 1)
    bz = min(max(int((gz + _HALF) / BLOCK), 0), peaks.shape[2] - 1)
    if peaks[bx, by, bz] > np.float32(4e-4):
        return _F0
    best = np.float32(1e9)
    g, b = (gx + _HALF, gy + _HALF, gz + _HALF), (bx, by, bz)
    for axis in range(3):
        if d[axis] > np.float32(1e-6):
            best = min(best, (np.float32((b[axis] + 1) * BLOCK) - g[axis]) / d[axis])
        elif d[axis] < np.float32(-1e-6):
            best = min(best, (np.float32(b[axis] * BLOCK) - g[axis]) / d[axis])
    return max(best, _F0) * cell + np.float32(0.02) * cell


@njit(cache=True, fastmath=True)
def _bumps(noise: np.ndarray, tex: Any, look: np.ndarray, s: Real, near: Real) -> Real:
    """The billows' height at texture coordinates, 0..1: finer ones near the camera, where they can matter."""
    detail, soft, per_m, wa, wb = look[2], look[3], look[4], look[5], look[6]
    n = billow(noise, tex, wa, wb, per_m, _F0)
    fine = min(max(near, _F0), _F1)
    margin, slack = s - detail * (_F1 - n), np.float32(0.35) * fine * detail
    if margin > -slack and margin < soft + slack:
        n += np.float32(0.6) * fine * (billow(noise, tex, wa, wb, FINE * per_m, look[7]) - _HALF)
    return n


@njit(cache=True, fastmath=True)
def _shade(volume: np.ndarray, noise: np.ndarray, tex: Any, look: np.ndarray, g: Any, sun: np.ndarray, cell: Real) -> Real:
    """Mass per area of the billow that stands between here and the sun, kg/m²: the shadow in the creases."""
    total, near = _F0, _F0
    for tap in range(2):
        far = np.float32(0.9) if tap == 0 else np.float32(2.2)
        x, y, z = far * sun[0], far * sun[1], far * sun[2]
        there = read_rim(volume, g[0] + x, g[1] + y, g[2] + z)
        x, y, z = x * cell, y * cell, z * cell
        away = (tex[0] + x, tex[1] + y, tex[2] + z, tex[3] + x, tex[4] + y, tex[5] + z)
        n = billow(noise, away, look[5], look[6], look[4], _F0)
        soft = np.float32(2.5) * look[3]
        total += carved(there, there / (there + look[1]), n, look[1], look[2], soft) * (far - near) * cell
        near = far
    return total


@njit(cache=True, fastmath=True)
def _glow(local: Real, depth: Real, sky: Real, n: Real, phases: Any, colour: np.ndarray) -> tuple[Real, Real, Real]:
    """Radiance of dust at optical ``depth`` from the sun: three orders of scattering (Wrenninge 2013), and the sky.

    ``local``: optical depth of one cell of dust like this; thin dust is dark, as powder is. ``n``: crest or crease.
    """
    depth = np.float32(0.6) * depth
    powder = _F1 - np.float32(0.45) * math.exp(np.float32(-1.3) * local)
    f0 = np.float32(0.65) * phases[0] * math.exp(-depth) * powder
    f1 = np.float32(0.26) * phases[1] * math.exp(np.float32(-0.35) * depth) * powder
    f2 = np.float32(0.14) * phases[2] / (_F1 + np.float32(0.06) * depth)
    f3 = sky * (np.float32(0.32) + np.float32(1.02) * min(max(n, _F0), _F1)) * powder
    return (
        f0 * colour[0, 0] + f1 * colour[1, 0] + f2 * colour[2, 0] + f3 * colour[3, 0],
        f0 * colour[0, 1] + f1 * colour[1, 1] + f2 * colour[2, 1] + f3 * colour[3, 1],
        f0 * colour[0, 2] + f1 * colour[1, 2] + f2 * colour[2, 2] + f3 * colour[3, 2],
    )


@njit(cache=True, fastmath=True)
def _ray(  # noqa: PLR0912, PLR0915 - one loop, told in one place; what it calls is above
    volume: np.ndarray,
    shift: np.ndarray,
    peaks: np.ndarray,
    noise: np.ndarray,
    place: np.ndarray,
    eye: np.ndarray,
    d: tuple[Real, Real, Real],
    stretch: Real,
    reach: Real,
    jitter: Real,
    focal: Real,
    sun: np.ndarray,
    colour: np.ndarray,
    look: np.ndarray,
    knots: np.ndarray,
) -> None:
    cell = place[3]
    inverse = _F1 / cell
    ratio = np.float32(shift.shape[0]) / np.float32(volume.shape[0])
    ext, edge, detail, soft, g0, base = look[0], look[1], look[2], look[3], look[8], look[9]
    cosine = d[0] * sun[0] + d[1] * sun[1] + d[2] * sun[2]
    phases = (lobes(cosine, g0), lobes(cosine, _HALF * g0), lobes(cosine, np.float32(0.25) * g0))
    near, far = _span(place, (volume.shape[0], volume.shape[1], volume.shape[2]), eye, d)
    far = min(far, reach * stretch)
    t = near + jitter * base
    clear, red, green, blue = _F1, _F0, _F0, _F0
    used, marked, was_in = 0, _F0, False
    fineness, n, shade, wide, last = _F1, _HALF, _F0, _F0, base
    while t < far:
        px, py, pz = eye[0] + t * d[0], eye[1] + t * d[1], eye[2] + t * d[2]
        gx, gy, gz = (px - place[0]) * inverse, (py - place[1]) * inverse, (pz - place[2]) * inverse
        empty = _skip(peaks, gx, gy, gz, d, cell) if wide < np.float32(3e-4) else _F0
        if empty > 0:
            # land on the same lattice of steps, or neighbouring rays would lose their even spread
            t += math.ceil(empty / base) * base
            last = base
            if was_in and used < KNOTS - 2:
                _mark(knots, used, (t - base) / stretch, red, green, blue, _F1 - clear)
                used += 1
                marked = _F1 - clear
                was_in = False
            continue
        step = base * (fineness + np.float32(1.4) * (_F1 - clear))
        rho, column, sky, wide = read_volume(volume, gx, gy, gz)
        s = wide / (wide + edge)
        if wide > np.float32(3e-4):
            dense = haze(rho, s)
            if clear < np.float32(0.35):
                dense = max(carved(rho, s, n, edge, detail, soft), rho)
            elif s > np.float32(0.04):
                tex = coordinates(shift, ratio, gx, gy, gz, px, py, pz)
                n = _bumps(noise, tex, look, s, np.float32(1.6) - t / (focal * np.float32(0.45) * cell))
                dense = carved(rho, s, n, edge, detail, soft)
                if dense * ext * step > np.float32(0.25) and fineness > _HALF:
                    # a firm rim: go back and feel for it in short steps
                    t -= np.float32(0.85) * last
                    fineness, last = np.float32(0.25), _F0
                    continue
                if clear * dense * ext * step > np.float32(0.02):
                    shade = _shade(volume, noise, tex, look, (gx, gy, gz), sun, cell)
            thick = dense * ext * step
            if thick < np.float32(0.02):
                most = _F1 if thick > np.float32(0.003) else np.float32(1.5)
                fineness = min(fineness * np.float32(1.3), most)
            if thick > np.float32(1e-4):
                a = _F1 - math.exp(-thick)
                r, g, b = _glow(dense * ext * cell, ext * (np.float32(0.55) * column + shade), sky, n, phases, colour)
                red, green, blue = red + clear * a * r, green + clear * a * g, blue + clear * a * b
                if not was_in and used < KNOTS - 2:
                    _resume(knots, used, t / stretch)
                    used += 1
                    was_in = True
                clear *= _F1 - a
                if clear < np.float32(0.035):
                    scale = _F1 / (_F1 - clear)
                    red, green, blue, clear = red * scale, green * scale, blue * scale, _F0
                    break
                if (_F1 - clear) - marked > np.float32(0.1) and used < KNOTS - 1:
                    marked = _F1 - clear
                    _mark(knots, used, (t + step) / stretch, red, green, blue, marked)
                    used += 1
        t += step
        last = step
    for n_knot in range(used, KNOTS):
        _mark(knots, n_knot, min(t + base, max(far, t)) / stretch, red, green, blue, _F1 - clear)


@njit(cache=True, fastmath=True)
def _mark(knots: np.ndarray, n: int, depth: Real, red: Real, green: Real, blue: Real, alpha: Real) -> None:
    knots[n, 0], knots[n, 1], knots[n, 2], knots[n, 3], knots[n, 4] = depth, red, green, blue, alpha


@njit(cache=True, fastmath=True)
def _resume(knots: np.ndarray, n: int, depth: Real) -> None:
    """The dust begins again at ``depth``: nothing was added since the last knot."""
    knots[n, 0] = depth
    for c in range(1, 5):
        knots[n, c] = knots[n - 1, c] if n > 0 else _F0


@njit(cache=True, fastmath=True)
def _until(knots: np.ndarray, depth: Real, weight: Real, into: np.ndarray) -> None:
    """Add ``weight`` times what a ray gathered before ``depth``."""
    last = KNOTS - 1
    if depth >= knots[last, 0]:
        for c in range(4):
            into[c] += weight * knots[last, c + 1]
        return
    if depth <= knots[0, 0]:
        return
    n = 1
    while knots[n, 0] < depth:
        n += 1
    span = knots[n, 0] - knots[n - 1, 0]
    f = (depth - knots[n - 1, 0]) / max(span, np.float32(1e-6))
    for c in range(4):
        into[c] += weight * (knots[n - 1, c + 1] + f * (knots[n, c + 1] - knots[n - 1, c + 1]))


@njit(cache=True, parallel=True, fastmath=True)
def resolve(
    knots: np.ndarray, background: np.ndarray, debris: np.ndarray, coverage: np.ndarray, out: np.ndarray, behind: np.ndarray
) -> None:
    """Full-size picture from half-size deep samples: each pixel asks its neighbours for the dust before its own depth.

    ``behind`` (h, w) becomes the alpha of the dust before the background alone.

    The neighbours' samples reach behind every depth nearby, so no depth edge leaks; a tent of 1.35 half pixels spreads
    the jitter evenly.
    """
    h, w = out.shape[:2]
    hh, hw = knots.shape[:2]
    for slab in prange(h):
        row: Any = np.int64(slab)
        near, far = np.empty(4, np.float32), np.empty(4, np.float32)
        for col in range(w):
            x, y = (col + 0.5) * hw / w - 0.5, (row + 0.5) * hh / h - 0.5
            cx, cy = math.floor(x + 0.5), math.floor(y + 0.5)
            cover = coverage[row, col]
            for c in range(4):
                near[c] = far[c] = _F0
            some = False
            for j in range(cy - 1, cy + 2):
                for i in range(cx - 1, cx + 2):
                    some = some or knots[min(max(j, 0), hh - 1), min(max(i, 0), hw - 1), KNOTS - 1, 4] > _F0
            if not some:
                continue
            total = 0.0
            for j in range(cy - 1, cy + 2):
                wy = max(1.35 - abs(j - y), 0.0)
                for i in range(cx - 1, cx + 2):
                    weight = wy * max(1.35 - abs(i - x), 0.0)
                    if weight <= 0:
                        continue
                    total += weight
                    ray = knots[min(max(j, 0), hh - 1), min(max(i, 0), hw - 1)]
                    if cover < 1:
                        _until(ray, background[row, col], weight, far)
                    if cover > 0:
                        _until(ray, debris[row, col], weight, near)
            for c in range(4):
                value = ((_F1 - cover) * far[c] + cover * near[c]) / np.float32(total)
                out[row, col, c] = value
            out[row, col, 3] = min(max(out[row, col, 3], _F0), _F1)
            behind[row, col] = far[3] / np.float32(total)


@njit(cache=True, fastmath=True)
def seal(dust: np.ndarray, behind: np.ndarray, debris: np.ndarray) -> None:
    """Make ``dust`` right as a plain over on premultiplied ``debris`` in pixels that debris covers in part, in place.

    Exact would be: the background sees the dust behind, debris only the dust before it. One alpha can't say both, so it
    goes from the one to the other with coverage, and what it then takes from the debris is added back.
    """
    for row in range(dust.shape[0]):
        for col in range(dust.shape[1]):
            cover = debris[row, col, 3]
            if cover < np.float32(0.004) or cover > np.float32(0.996) or behind[row, col] <= 0:
                continue
            apart = (behind[row, col] - dust[row, col, 3]) / cover
            if apart <= 0:
                continue
            before = behind[row, col] - apart
            alpha = behind[row, col] - cover * cover * cover * cover * apart
            for c in range(3):
                dust[row, col, c] += (alpha - before) * debris[row, col, c]
            dust[row, col, 3] = min(alpha, _F1)
