"""From samples to pixels: filtered colour and coverage, identities, and what the nearest sample knows."""

from __future__ import annotations

import numba as nb
import numpy as np

from setpiece.generate.engines.house.film import film_of
from setpiece.generate.engines.house.rays import QUICK, hash01
from setpiece.generate.engines.house.shade import DEBRIS, STANDING, turn

FILTER = 0.42  # px: standard deviation of the reconstruction filter, over 3 x 3 pixels
STEP_PX, MOST_STEPS = 0.7, 5  # a drifting sample is laid down this often along its path
RANKS = 3


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def splat(pixels, film, state, colour, drift, sample, seed, width, height, inside, total):  # type: ignore[no-untyped-def]
    """Add one sample of each pixel to ``total`` (h*w, 6): colour, debris, standing, weight.

    ``drift`` (n, 2) is how far, in pixels, a sample moves during its share of the shutter; it is smeared along that
    path, so that few moments of the shutter give an unbroken streak. Only pixels ``inside`` are written.
    """
    k = -0.5 / (FILTER * FILTER)
    across, down = np.empty(3, np.float64), np.empty(3, np.float64)
    for i in range(len(pixels)):
        length = np.sqrt(drift[i, 0] * drift[i, 0] + drift[i, 1] * drift[i, 1])
        steps = min(int(length / STEP_PX) + 1, MOST_STEPS)
        start = hash01(pixels[i], sample, 6, seed) if length > 0 else 0.5
        share = 1.0 / steps
        for step in range(steps):
            along = (step + start) * share - 0.5
            x, y = film[i, 0] + along * drift[i, 0], film[i, 1] + along * drift[i, 1]
            column, row = int(np.floor(x)), int(np.floor(y))
            for a in range(3):
                dx, dy = column + a - 0.5 - x, row + a - 0.5 - y
                across[a], down[a] = np.exp(k * dx * dx), share * np.exp(k * dy * dy)
            for r in range(max(row - 1, 0), min(row + 2, height)):
                for c in range(max(column - 1, 0), min(column + 2, width)):
                    p = r * width + c
                    weight = np.float32(across[c - column + 1] * down[r - row + 1])
                    if not inside[p] or weight < 0.001:
                        continue
                    total[p, 5] += weight
                    if state[i] == DEBRIS:
                        total[p, 0] += weight * colour[i, 0]
                        total[p, 1] += weight * colour[i, 1]
                        total[p, 2] += weight * colour[i, 2]
                        total[p, 3] += weight
                    elif state[i] == STANDING:
                        total[p, 4] += weight


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def finish(pixels, total, rgba, standing):  # type: ignore[no-untyped-def]
    """Divide by the weights: premultiplied ``rgba`` (h*w, 4) and ``standing`` (h*w) of ``pixels``."""
    for i in range(len(pixels)):
        p = pixels[i]
        weight = total[p, 5]
        if weight <= 0:
            continue
        for c in range(4):
            rgba[p, c] = total[p, c] / weight
        standing[p] = total[p, 4] / weight


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def rank(pixels, ids, out_ids, out_coverage):  # type: ignore[no-untyped-def]
    """The ``RANKS`` pieces that cover most of each pixel: ``ids`` (samples, n), -1 none; ties go to the lower id."""
    count = len(ids)
    for i in range(len(pixels)):
        p = pixels[i]
        for slot in range(RANKS):
            best, most = -1, 0
            for a in range(count):
                piece = ids[a, i]
                if piece < 0:
                    continue
                taken = False
                for before in range(slot):
                    taken = taken or out_ids[p, before] == piece
                if taken:
                    continue
                covers = 0
                for b in range(count):
                    covers += ids[b, i] == piece
                if covers > most or (covers == most and piece < best):
                    best, most = piece, covers
            if best < 0:
                break
            out_ids[p, slot] = best
            out_coverage[p, slot] = most / count


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def place(rest, k, centre, position, rotation):  # type: ignore[no-untyped-def]
    """World position of a rest point of piece ``k``."""
    x, y, z = turn(rotation[k], rest[0] - centre[k, 0], rest[1] - centre[k, 1], rest[2] - centre[k, 2])
    return x + position[k, 0], y + position[k, 1], z + position[k, 2]


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def travel(chosen, piece, rest, centre, pose_a, turn_a, pose_b, turn_b, eye, axes, focal, lens_centre, scale, out):  # type: ignore[no-untyped-def]
    """Pixels (n, 2) that the rest points of ``chosen`` samples move from pose a to pose b, times ``scale``."""
    for m in range(len(chosen)):
        i = chosen[m]
        k = piece[i]
        if k < 0:
            continue
        ax, ay, az = place(rest[i], k, centre, pose_a, turn_a)
        bx, by, bz = place(rest[i], k, centre, pose_b, turn_b)
        x0, y0, _ = film_of(ax, ay, az, eye, axes, focal, lens_centre)
        x1, y1, _ = film_of(bx, by, bz, eye, axes, focal, lens_centre)
        out[i, 0], out[i, 1] = scale * (x1 - x0), scale * (y1 - y0)
