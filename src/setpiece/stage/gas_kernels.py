"""The arithmetic of the gas: staggered-grid kernels, every one deterministic whatever the thread count.

Face velocities ``u`` (nx+1, ny, nz), ``v`` (nx, ny+1, nz), ``w`` (nx, ny, nz+1) in m/s; positions in cells. Parallel
loops write disjoint slabs only, and nothing is summed across threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

Real = Any  # a float inside kernels: numba knows which

STILL = np.float32(0.008)  # cells a step: air that goes less far stays where it is
CALM = np.float32(0.012)  # m/s: where a step changes the air by less, its error is not worth a second look


@njit(cache=True, fastmath=True)
def trilinear(a: np.ndarray, x: Real, y: Real, z: Real) -> Real:
    """``a`` at index coordinates (x, y, z), clamped to the border."""
    nx, ny, nz = a.shape
    x = min(max(x, np.float32(0)), np.float32(nx - 1.001))
    y = min(max(y, np.float32(0)), np.float32(ny - 1.001))
    z = min(max(z, np.float32(0)), np.float32(nz - 1.001))
    i, j, k = int(x), int(y), int(z)
    fx, fy, fz = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    gz = np.float32(1) - fz
    c00 = a[i, j, k] * gz + a[i, j, k + 1] * fz
    c01 = a[i, j + 1, k] * gz + a[i, j + 1, k + 1] * fz
    c10 = a[i + 1, j, k] * gz + a[i + 1, j, k + 1] * fz
    c11 = a[i + 1, j + 1, k] * gz + a[i + 1, j + 1, k + 1] * fz
    c0 = c00 + (c01 - c00) * fy
    c1 = c10 + (c11 - c10) * fy
    return c0 + (c1 - c0) * fx


@njit(cache=True, fastmath=True)
def _at_face(u: np.ndarray, v: np.ndarray, w: np.ndarray, axis: int, i: int, j: int, k: int) -> tuple[Real, Real, Real]:
    """The whole velocity at face (i, j, k) of ``axis``."""
    nx, ny, nz = v.shape[0], u.shape[1], u.shape[2]
    q = np.float32(0.25)
    if axis == 0:
        a, b = max(i - 1, 0), min(i, nx - 1)
        return (
            u[i, j, k],
            q * (v[a, j, k] + v[a, j + 1, k] + v[b, j, k] + v[b, j + 1, k]),
            q * (w[a, j, k] + w[a, j, k + 1] + w[b, j, k] + w[b, j, k + 1]),
        )
    if axis == 1:
        a, b = max(j - 1, 0), min(j, ny - 1)
        return (
            q * (u[i, a, k] + u[i + 1, a, k] + u[i, b, k] + u[i + 1, b, k]),
            v[i, j, k],
            q * (w[i, a, k] + w[i, a, k + 1] + w[i, b, k] + w[i, b, k + 1]),
        )
    a, b = max(k - 1, 0), min(k, nz - 1)
    return (
        q * (u[i, j, a] + u[i + 1, j, a] + u[i, j, b] + u[i + 1, j, b]),
        q * (v[i, j, a] + v[i, j + 1, a] + v[i, j, b] + v[i, j + 1, b]),
        w[i, j, k],
    )


@njit(cache=True, parallel=True, fastmath=True)
def predict(u: np.ndarray, v: np.ndarray, w: np.ndarray, f: np.ndarray, axis: int, h: Real, out: np.ndarray) -> None:
    """First half of MacCormack: ``f`` (one velocity component) carried along the flow for ``h`` = dt / cell."""
    h = np.float32(h)
    for slab in prange(f.shape[0]):
        i: Any = np.int64(slab)
        for j in range(f.shape[1]):
            for k in range(f.shape[2]):
                a, b, c = _at_face(u, v, w, axis, i, j, k)
                if h * max(abs(a), abs(b), abs(c)) < STILL:
                    out[i, j, k] = f[i, j, k]
                    continue
                out[i, j, k] = trilinear(f, np.float32(i) - h * a, np.float32(j) - h * b, np.float32(k) - h * c)


@njit(cache=True, parallel=True, fastmath=True)
def correct(
    u: np.ndarray,
    v: np.ndarray,
    w: np.ndarray,
    f: np.ndarray,
    hat: np.ndarray,
    axis: int,
    h: Real,
    keep: Real,
    wind: Real,
    out: np.ndarray,
) -> None:
    """Second half of MacCormack (Selle et al. 2008), limited to the values it came from.

    Of what differs from ``wind``, the share ``keep`` remains.
    """
    h, keep, wind = np.float32(h), np.float32(keep), np.float32(wind)
    n0, n1, n2 = f.shape
    for slab in prange(n0):
        i: Any = np.int64(slab)
        for j in range(n1):
            for k in range(n2):
                if abs(f[i, j, k] - hat[i, j, k]) < CALM:
                    out[i, j, k] = wind + keep * (hat[i, j, k] - wind)
                    continue
                a, b, c = _at_face(u, v, w, axis, i, j, k)
                a, b, c = h * a, h * b, h * c
                back = trilinear(hat, np.float32(i) + a, np.float32(j) + b, np.float32(k) + c)
                value = hat[i, j, k] + np.float32(0.5) * (f[i, j, k] - back)
                x = int(min(max(np.float32(i) - a, np.float32(0)), np.float32(n0 - 1.001)))
                y = int(min(max(np.float32(j) - b, np.float32(0)), np.float32(n1 - 1.001)))
                z = int(min(max(np.float32(k) - c, np.float32(0)), np.float32(n2 - 1.001)))
                lo = min(f[x, y, z], f[x, y, z + 1], f[x, y + 1, z], f[x, y + 1, z + 1])
                hi = max(f[x, y, z], f[x, y, z + 1], f[x, y + 1, z], f[x, y + 1, z + 1])
                x += 1
                lo = min(lo, f[x, y, z], f[x, y, z + 1], f[x, y + 1, z], f[x, y + 1, z + 1])
                hi = max(hi, f[x, y, z], f[x, y, z + 1], f[x, y + 1, z], f[x, y + 1, z + 1])
                out[i, j, k] = wind + keep * (min(max(value, lo), hi) - wind)


@njit(cache=True, fastmath=True)
def _limited(upwind: Real, face: Real) -> Real:
    """Monotonised central slope (van Leer 1977): second order, no new extremes."""
    if upwind * face <= 0:
        return np.float32(0)
    sign = np.float32(1) if face > 0 else np.float32(-1)
    a, b = abs(upwind), abs(face)
    return sign * min(np.float32(2) * a, np.float32(2) * b, np.float32(0.5) * (a + b))


@njit(cache=True, fastmath=True)
def _flux(qq: Real, q0: Real, q1: Real, q2: Real, c: Real) -> Real:
    """Mass through the face between ``q0`` and ``q1`` at Courant number ``c``; ``qq`` before, ``q2`` after them."""
    if c >= 0:
        return c * (q0 + np.float32(0.5) * (np.float32(1) - c) * _limited(q0 - qq, q1 - q0))
    return c * (q1 - np.float32(0.5) * (np.float32(1) + c) * _limited(q2 - q1, q1 - q0))


@njit(cache=True, fastmath=True)
def _sweep_slab(q: np.ndarray, c: np.ndarray, s: Real) -> Real:
    """Carry ``q`` (n, m) along its first axis by face velocities ``c`` (n+1, m) * s; the sum that left at both ends."""
    n, m = q.shape
    flux = np.empty((n + 1, m), np.float32)
    zero = np.float32(0)
    for k in range(m):
        flux[0, k] = min(c[0, k] * s, zero) * q[0, k]
        flux[n, k] = max(c[n, k] * s, zero) * q[n - 1, k]
    for i in range(1, n):
        a, b = max(i - 2, 0), min(i + 1, n - 1)
        for k in range(m):
            flux[i, k] = _flux(q[a, k], q[i - 1, k], q[i, k], q[b, k], c[i, k] * s)
    for i in range(n):
        for k in range(m):
            q[i, k] = max(q[i, k] - (flux[i + 1, k] - flux[i, k]), zero)
    left = 0.0
    for k in range(m):
        left += flux[n, k] - flux[0, k]
    return left


@njit(cache=True, parallel=True, fastmath=True)
def sweep_x(q: np.ndarray, u: np.ndarray, s: Real, left: np.ndarray) -> None:
    """Conservative transport along x; ``left`` (ny,) what went out."""
    for slab in prange(q.shape[1]):
        j: Any = np.int64(slab)
        left[j] = _sweep_slab(q[:, j, :], u[:, j, :], np.float32(s))


@njit(cache=True, parallel=True, fastmath=True)
def sweep_y(q: np.ndarray, v: np.ndarray, s: Real, left: np.ndarray) -> None:
    """Conservative transport along y; ``left`` (nx,) what went out."""
    for slab in prange(q.shape[0]):
        i: Any = np.int64(slab)
        left[i] = _sweep_slab(q[i], v[i], np.float32(s))


@njit(cache=True, parallel=True, fastmath=True)
def sweep_z(q: np.ndarray, w: np.ndarray, s: Real, settle: Real, risen: np.ndarray, settled: np.ndarray) -> None:
    """Conservative transport along z with ``settle`` m/s added downwards; what rose out and what came to rest (nx,)."""
    n = q.shape[2]
    s, settle, zero = np.float32(s), np.float32(settle), np.float32(0)
    for slab in prange(q.shape[0]):
        i: Any = np.int64(slab)
        flux = np.empty(n + 1, np.float32)
        up, down = 0.0, 0.0
        for j in range(q.shape[1]):
            flux[0] = -settle * s * q[i, j, 0]
            flux[n] = max((w[i, j, n] - settle) * s, zero) * q[i, j, n - 1]
            for k in range(1, n):
                a, b = max(k - 2, 0), min(k + 1, n - 1)
                flux[k] = _flux(q[i, j, a], q[i, j, k - 1], q[i, j, k], q[i, j, b], (w[i, j, k] - settle) * s)
            for k in range(n):
                q[i, j, k] = max(q[i, j, k] - (flux[k + 1] - flux[k]), zero)
            up += flux[n]
            down -= flux[0]
        risen[i], settled[i] = up, down


@njit(cache=True, parallel=True, fastmath=True)
def divergence(u: np.ndarray, v: np.ndarray, w: np.ndarray, swell: np.ndarray, out: np.ndarray) -> None:
    """What flows out of every cell, less what ``swell`` wants to flow out, in m/s (times cell)."""
    nx, ny, nz = out.shape
    for slab in prange(nx):
        i: Any = np.int64(slab)
        for j in range(ny):
            for k in range(nz):
                out[i, j, k] = (
                    (u[i + 1, j, k] - u[i, j, k])
                    + (v[i, j + 1, k] - v[i, j, k])
                    + (w[i, j, k + 1] - w[i, j, k])
                    - swell[i, j, k]
                )


@njit(cache=True, parallel=True, fastmath=True)
def push_apart(u: np.ndarray, v: np.ndarray, w: np.ndarray, p: np.ndarray) -> None:
    """Subtract the gradient of ``p``: zero pressure at sides and top, no flow through the floor."""
    nx, ny, nz = p.shape
    two = np.float32(2)
    for slab in prange(nx):
        i: Any = np.int64(slab)
        for j in range(ny):
            for k in range(nz):
                here = p[i, j, k]
                u[i, j, k] -= here - p[i - 1, j, k] if i > 0 else two * here
                v[i, j, k] -= here - p[i, j - 1, k] if j > 0 else two * here
                w[i, j, k] = w[i, j, k] - (here - p[i, j, k - 1]) if k > 0 else np.float32(0)
                if j == ny - 1:
                    v[i, ny, k] += two * here
                if i == nx - 1:
                    u[nx, j, k] += two * here
            w[i, j, nz] += two * p[i, j, nz - 1]


@njit(cache=True, parallel=True, fastmath=True)
def spin(u: np.ndarray, v: np.ndarray, w: np.ndarray, out: np.ndarray) -> None:
    """Vorticity and its size (nx, ny, nz, 4) at cell centres, per cell length."""
    nx, ny, nz = out.shape[:3]
    q = np.float32(0.25)
    for slab in prange(nx):
        i: Any = np.int64(slab)
        a, b = max(i - 1, 0), min(i + 1, nx - 1)
        for j in range(ny):
            c, d = max(j - 1, 0), min(j + 1, ny - 1)
            for k in range(nz):
                e, f = max(k - 1, 0), min(k + 1, nz - 1)
                wy = q * (w[i, d, k] + w[i, d, k + 1] - w[i, c, k] - w[i, c, k + 1])
                vz = q * (v[i, j, f] + v[i, j + 1, f] - v[i, j, e] - v[i, j + 1, e])
                uz = q * (u[i, j, f] + u[i + 1, j, f] - u[i, j, e] - u[i + 1, j, e])
                wx = q * (w[b, j, k] + w[b, j, k + 1] - w[a, j, k] - w[a, j, k + 1])
                vx = q * (v[b, j, k] + v[b, j + 1, k] - v[a, j, k] - v[a, j + 1, k])
                uy = q * (u[i, d, k] + u[i + 1, d, k] - u[i, c, k] - u[i + 1, c, k])
                x, y, z = wy - vz, uz - wx, vx - uy
                out[i, j, k, 0], out[i, j, k, 1], out[i, j, k, 2] = x, y, z
                out[i, j, k, 3] = np.sqrt(x * x + y * y + z * z)


@njit(cache=True, parallel=True, fastmath=True)
def confinement(curl: np.ndarray, density: np.ndarray, gain: Real, least: Real, out: np.ndarray) -> None:
    """Vorticity confinement (Fedkiw et al. 2001) as a velocity change (nx, ny, nz, 3), only where there is dust."""
    nx, ny, nz = density.shape
    gain, least, half = np.float32(gain), np.float32(least), np.float32(0.5)
    for slab in prange(nx):
        i: Any = np.int64(slab)
        a, b = max(i - 1, 0), min(i + 1, nx - 1)
        for j in range(ny):
            c, d = max(j - 1, 0), min(j + 1, ny - 1)
            for k in range(nz):
                rho = density[i, j, k]
                if rho < least * np.float32(0.02):
                    out[i, j, k, 0] = out[i, j, k, 1] = out[i, j, k, 2] = np.float32(0)
                    continue
                e, f = max(k - 1, 0), min(k + 1, nz - 1)
                x = half * (curl[b, j, k, 3] - curl[a, j, k, 3])
                y = half * (curl[i, d, k, 3] - curl[i, c, k, 3])
                z = half * (curl[i, j, f, 3] - curl[i, j, e, 3])
                g = gain * min(rho / least, np.float32(1)) / (np.sqrt(x * x + y * y + z * z) + np.float32(1e-4))
                ox, oy, oz = curl[i, j, k, 0], curl[i, j, k, 1], curl[i, j, k, 2]
                out[i, j, k, 0] = g * (y * oz - z * oy)
                out[i, j, k, 1] = g * (z * ox - x * oz)
                out[i, j, k, 2] = g * (x * oy - y * ox)


@njit(cache=True, parallel=True, fastmath=True)
def push(u: np.ndarray, v: np.ndarray, w: np.ndarray, force: np.ndarray, density: np.ndarray, fall: Real, air: Real) -> None:
    """Add cell-centred velocity changes to inner faces, and the weight of the dust: ``fall`` = g dt."""
    nx, ny, nz = density.shape
    half, fall, air = np.float32(0.5), np.float32(fall), np.float32(air)
    for slab in prange(nx):
        i: Any = np.int64(slab)
        for j in range(ny):
            for k in range(nz):
                if i > 0:
                    u[i, j, k] += half * (force[i, j, k, 0] + force[i - 1, j, k, 0])
                if j > 0:
                    v[i, j, k] += half * (force[i, j, k, 1] + force[i, j - 1, k, 1])
                if k > 0:
                    rho = half * (density[i, j, k] + density[i, j, k - 1])
                    w[i, j, k] += half * (force[i, j, k, 2] + force[i, j, k - 1, 2]) - fall * rho / (rho + air)


@njit(cache=True, parallel=True, fastmath=True)
def drag(u: np.ndarray, v: np.ndarray, w: np.ndarray, mover: np.ndarray) -> None:
    """Pull inner faces towards what moves in the cells beside them; ``mover`` (nx, ny, nz, 4): weight * v, weight."""
    nx, ny, nz = mover.shape[:3]
    for slab in prange(nx):
        i: Any = np.int64(slab)
        for j in range(ny):
            for k in range(nz):
                n = mover[i, j, k, 3]
                if i > 0:
                    t = n + mover[i - 1, j, k, 3]
                    if t > 0:
                        goal = (mover[i, j, k, 0] + mover[i - 1, j, k, 0]) / t
                        u[i, j, k] += (goal - u[i, j, k]) * (np.float32(1) - np.exp(-t))
                if j > 0:
                    t = n + mover[i, j - 1, k, 3]
                    if t > 0:
                        goal = (mover[i, j, k, 1] + mover[i, j - 1, k, 1]) / t
                        v[i, j, k] += (goal - v[i, j, k]) * (np.float32(1) - np.exp(-t))
                if k > 0:
                    t = n + mover[i, j, k - 1, 3]
                    if t > 0:
                        goal = (mover[i, j, k, 2] + mover[i, j, k - 1, 2]) / t
                        w[i, j, k] += (goal - w[i, j, k]) * (np.float32(1) - np.exp(-t))


@njit(cache=True)
def add_puffs(centre: np.ndarray, radius: np.ndarray, amount: np.ndarray, channels: np.ndarray, out: np.ndarray) -> None:
    """Spread puffs over the cells they cover, in order: every puff gives exactly ``amount`` * its channels.

    ``centre`` (n, 3) and ``radius`` (n,) in cells, ``channels`` (n, c), ``out`` (nx, ny, nz, c). Puffs reaching over
    the border keep their whole mass inside; puffs wholly outside give nothing.
    """
    nx, ny, nz, nc = out.shape
    for p in range(len(centre)):
        r = max(radius[p], 0.87)
        lo0, hi0 = max(int(np.ceil(centre[p, 0] - r)), 0), min(int(np.floor(centre[p, 0] + r)), nx - 1)
        lo1, hi1 = max(int(np.ceil(centre[p, 1] - r)), 0), min(int(np.floor(centre[p, 1] + r)), ny - 1)
        lo2, hi2 = max(int(np.ceil(centre[p, 2] - r)), 0), min(int(np.floor(centre[p, 2] + r)), nz - 1)
        total = 0.0
        for again in range(2):
            for i in range(lo0, hi0 + 1):
                for j in range(lo1, hi1 + 1):
                    for k in range(lo2, hi2 + 1):
                        d = (i - centre[p, 0]) ** 2 + (j - centre[p, 1]) ** 2 + (k - centre[p, 2]) ** 2
                        weight = max(1 - d / (r * r), 0.0) ** 2
                        if again == 0:
                            total += weight
                        elif weight > 0:
                            for c in range(nc):
                                out[i, j, k, c] += amount[p] * weight / total * channels[p, c]
            if total <= 0:
                break


@njit(cache=True, parallel=True, fastmath=True)
def carry_detail(u: np.ndarray, v: np.ndarray, w: np.ndarray, shift: np.ndarray, dt: Real, cell: Real) -> np.ndarray:
    """Displacements (mx, my, mz, 3) in metres on the half grid, carried with the flow for ``dt`` s."""
    mx, my, mz = shift.shape[:3]
    out = np.empty_like(shift)
    q, dt = np.float32(0.25), np.float32(dt)
    h = np.float32(dt / (2 * cell))
    for slab in prange(mx):
        i: Any = np.int64(slab)
        for j in range(my):
            for k in range(mz):
                x, y, z = 2 * i, 2 * j, 2 * k
                a = q * (u[x + 1, y, z] + u[x + 1, y + 1, z] + u[x + 1, y, z + 1] + u[x + 1, y + 1, z + 1])
                b = q * (v[x, y + 1, z] + v[x + 1, y + 1, z] + v[x, y + 1, z + 1] + v[x + 1, y + 1, z + 1])
                c = q * (w[x, y, z + 1] + w[x + 1, y, z + 1] + w[x, y + 1, z + 1] + w[x + 1, y + 1, z + 1])
                px, py, pz = np.float32(i) - h * a, np.float32(j) - h * b, np.float32(k) - h * c
                out[i, j, k, 0] = trilinear(shift[..., 0], px, py, pz) - dt * a
                out[i, j, k, 1] = trilinear(shift[..., 1], px, py, pz) - dt * b
                out[i, j, k, 2] = trilinear(shift[..., 2], px, py, pz) - dt * c
    return out


@njit(cache=True, fastmath=True)
def relax_slices(line: np.ndarray, share: Real) -> None:
    """Move displacements (n, p, q, 3) towards their neighbours' mean along the first axis by ``share``, in place."""
    n, p, q, m = line.shape
    share, half = np.float32(share), np.float32(0.5)
    before = np.empty((p, q, m), np.float32)
    for a in range(p):
        for b in range(q):
            for c in range(m):
                before[a, b, c] = line[0, a, b, c]
    for i in range(n):
        after = min(i + 1, n - 1)
        for a in range(p):
            for b in range(q):
                for c in range(m):
                    here = line[i, a, b, c]
                    mean = half * (before[a, b, c] + line[after, a, b, c])
                    line[i, a, b, c] = here + share * (mean - here)
                    before[a, b, c] = here


def relax(shift: np.ndarray, share: Real) -> None:
    """Even out displacements (mx, my, mz, 3) in place; billows then travel with the flow instead of stretching."""
    share = min(share, 0.66)
    for order in ((0, 1, 2, 3), (1, 0, 2, 3), (2, 0, 1, 3)):
        relax_slices(shift.transpose(order), share)
