"""What a ray sees of a piece: plate, finished wall or raw break; chipped edges; settled dust; the light on it.

Pieces are convex, so the distance from a hit to the piece's other planes tells how near an edge it is, and the exit
through them how much material the ray crosses. Where it dives less deep than the local chip, the ray passes: outlines are
ragged. Where an edge is near but the body is thick, the normal bends over and the raw material shows.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from setpiece.generate.engines.house.film import bicubic, bilinear, film_of
from setpiece.generate.engines.house.materials import CHIP_LIMIT_M, STONE, bare, chip_m, finished, noise, relief, split_stone
from setpiece.generate.engines.house.rays import QUICK

NONE, DEBRIS, STANDING, AGAIN = 0, 1, 2, 3
PLATE, OUTSIDE, INSIDE, BROKEN = 0, 1, 2, 3
MATTE_EDGE = 0.5
DARKEST_RELIGHT, BRIGHTEST_RELIGHT = 0.0, 4.0
DOUBTFUL, SURE = 0.5, 0.85  # confidence of the light up to which the plate's own range binds it, and from which nothing does
DARKEST_BREAK, BRIGHTEST_BREAK = 0.38, 1.5  # light on broken stone over that on the wall it comes from, where it is in doubt
PLASTER_PALE = 0.40  # albedo of pale walls beside which the finish of rooms is taken as it is
DAYLIGHT_M = 3.5  # how far into a room daylight reaches before a third of it is left
SHUT = 0.6  # share of debris among 5 x 5 samples above which a passed chip is shut again


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def nearest_edge(k, x, y, z, nx, ny, nz, dx, dy, dz, plane_start, plane_normal, plane_offset):  # type: ignore[no-untyped-def]
    """(distance to the nearest other plane, that plane, length of the ray inside the piece) from a point on its face."""
    nearest, which, length = 1e9, -1, 1e9
    for p in range(plane_start[k], plane_start[k + 1]):
        a, b, c = plane_normal[p, 0], plane_normal[p, 1], plane_normal[p, 2]
        gap = max(plane_offset[p] - (a * x + b * y + c * z), 0.0)
        along = a * dx + b * dy + c * dz
        if along > 1e-5:
            length = min(length, gap / along)
        if a * nx + b * ny + c * nz < 0.97 and gap < nearest:
            nearest, which = gap, p
    return nearest, which, length


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def buried(k, x, y, z, dx, dy, dz, length, plane_start, plane_normal, plane_offset):  # type: ignore[no-untyped-def]
    """How deep below the piece's surface the ray dives at most on its way through (three points are looked at)."""
    deepest = 0.0
    for n in range(1, 4):
        t = 0.25 * n * length
        ax, ay, az = x + t * dx, y + t * dy, z + t * dz
        here = 1e9
        for p in range(plane_start[k], plane_start[k + 1]):
            gap = plane_offset[p] - (plane_normal[p, 0] * ax + plane_normal[p, 1] * ay + plane_normal[p, 2] * az)
            here = min(here, gap)
        deepest = max(deepest, here)
    return deepest


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def unturn(q, x, y, z):  # type: ignore[no-untyped-def]
    """The inverse rotation of a unit quaternion (w, x, y, z) on a vector."""
    w, a, b, c = q[0], -q[1], -q[2], -q[3]
    tx, ty, tz = 2 * (b * z - c * y), 2 * (c * x - a * z), 2 * (a * y - b * x)
    return x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def turn(q, x, y, z):  # type: ignore[no-untyped-def]
    """The rotation of a unit quaternion (w, x, y, z) on a vector."""
    w, a, b, c = q[0], q[1], q[2], q[3]
    tx, ty, tz = 2 * (b * z - c * y), 2 * (c * x - a * z), 2 * (a * y - b * x)
    return x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def judge(  # type: ignore[no-untyped-def]  # noqa: PLR0912, PLR0915
    todo,
    pixels,
    directions,
    start,
    triangle,
    distance,
    owner,
    rest_depth,
    moved,
    loose,
    position,
    rotation,
    centre,
    tri_normal,
    tri_piece,
    tri_face,
    plane_start,
    plane_normal,
    plane_offset,
    along,
    scale_m,
    material,
    lattice,
    matte,
    wall_depth,
    eye,
    axes,
    focal,
    lens_centre,
    width,
    floor,
    state,
    out_distance,
    out_piece,
    out_face,
    out_rest,
    out_normal,
    pierced,
):
    """Decide what each ray of ``todo`` sees. ``start`` (n,) is how far along it this hit was looked for,
    ``floor`` the height below which the ground hides everything.

    Writes ``state``: STANDING where the plate shows, DEBRIS with its surface, NONE for the background, AGAIN with
    ``start`` moved on where the ray passes a chip or what lies outside of the matte. The surface of the first chip that
    a ray passes is kept (``pierced``) for :func:`mend`.
    """  # fmt: skip
    for m in range(len(todo)):
        i = todo[m]
        pixel = pixels[i]
        o = owner[pixel]
        stands = o >= 0 and not moved[o]
        t = triangle[m]
        if t < 0:
            state[i] = STANDING if stands else NONE
            continue
        distance_now = start[i] + distance[m]
        k = tri_piece[t]
        if stands and (not moved[k] or distance_now > rest_depth[pixel]):
            state[i] = STANDING
            continue
        q = rotation[k]
        x = eye[0] + distance_now * directions[i, 0]
        y = eye[1] + distance_now * directions[i, 1]
        z = eye[2] + distance_now * directions[i, 2]
        if z < floor:
            state[i] = STANDING if stands else NONE  # the ground is in front of it
            continue
        rx, ry, rz = unturn(q, x - position[k, 0], y - position[k, 1], z - position[k, 2])
        rx, ry, rz = rx + centre[k, 0], ry + centre[k, 1], rz + centre[k, 2]
        dx, dy, dz = unturn(q, directions[i, 0], directions[i, 1], directions[i, 2])
        nx, ny, nz = tri_normal[t, 0], tri_normal[t, 1], tri_normal[t, 2]
        edge, which, length = nearest_edge(k, rx, ry, rz, nx, ny, nz, dx, dy, dz, plane_start, plane_normal, plane_offset)
        u, v = along[k, 0] * rx + along[k, 1] * ry, -along[k, 1] * rx + along[k, 0] * ry
        freedom = loose[k]
        chip = 0.0
        face = tri_face[t]
        if edge < CHIP_LIMIT_M or length < 2.0 * CHIP_LIMIT_M:
            chip = chip_m(lattice, material[k], scale_m[k], u, v, rz) * freedom
            if buried(k, rx, ry, rz, dx, dy, dz, length, plane_start, plane_normal, plane_offset) < chip:
                state[i], start[i] = AGAIN, distance_now + length + 2e-3
                if not pierced[i]:
                    pierced[i], out_distance[i], out_piece[i], out_face[i] = True, distance_now, k, BROKEN
                    out_rest[i, 0], out_rest[i, 1], out_rest[i, 2] = rx, ry, rz
                    out_normal[i, 0], out_normal[i, 1], out_normal[i, 2] = nx, ny, nz
                continue
        px, py, deep = film_of(rx, ry, rz, eye, axes, focal, lens_centre)
        cover = bilinear(matte, px, py)
        if cover < MATTE_EDGE:
            step, found = length / 6.0, False
            if length < 20.0:
                for n in range(1, 6):
                    ax, ay, az = rx + n * step * dx, ry + n * step * dy, rz + n * step * dz
                    qx, qy, _ = film_of(ax, ay, az, eye, axes, focal, lens_centre)
                    if bilinear(matte, qx, qy) >= MATTE_EDGE:
                        rx, ry, rz, distance_now = ax, ay, az, distance_now + n * step
                        nx, ny, nz = -dx, -dy, -dz
                        face, edge, found = BROKEN, 1e9, True
                        break
            if not found:
                state[i], start[i] = AGAIN, distance_now + min(length, 20.0) + 2e-3
                continue
        elif face == PLATE:
            h, w = matte.shape
            seen = wall_depth[min(max(int(py), 0), h - 1) * width + min(max(int(px), 0), w - 1)]
            ex, ey, ez = rx - eye[0], ry - eye[1], rz - eye[2]
            reach = math.sqrt(ex * ex + ey * ey + ez * ez)
            flat = abs(nx * ex + ny * ey + nz * ez) / reach
            if reach > seen + 0.35 + 2.0 * deep / focal / max(flat, 0.05):
                face = OUTSIDE  # hidden at rest: the plate doesn't show it
            elif not moved[k] and freedom > 0.3:
                face = BROKEN  # the ragged border of what still stands
        if edge < chip and which >= 0:
            bend = 1.0 - 0.6 * edge / chip
            nx += bend * plane_normal[which, 0]
            ny += bend * plane_normal[which, 1]
            nz += bend * plane_normal[which, 2]
            inverse = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-12)
            nx, ny, nz = nx * inverse, ny * inverse, nz * inverse
            if face != BROKEN and edge < (0.35 + 0.65 * freedom) * chip:
                face = BROKEN
        state[i], out_distance[i], out_piece[i], out_face[i] = DEBRIS, distance_now, k, face
        out_rest[i, 0], out_rest[i, 1], out_rest[i, 2] = rx, ry, rz
        out_normal[i, 0], out_normal[i, 1], out_normal[i, 2] = nx, ny, nz


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def mend(chosen, pixels, slot, state, before, width, height):  # type: ignore[no-untyped-def]
    """Shut pinholes: a sample that passed a chip amid debris sees that chip after all. ``before`` is a copy of
    ``state``. Outlines keep their raggedness, seams of a wall don't sparkle."""
    for m in range(len(chosen)):
        i = chosen[m]
        row, column = pixels[i] // width, pixels[i] % width
        around, full = 0, 0
        for y in range(max(row - 2, 0), min(row + 3, height)):
            for x in range(max(column - 2, 0), min(column + 3, width)):
                s = slot[y * width + x]
                around += 1
                if s >= 0 and before[s] == DEBRIS:
                    full += 1
        if full > SHUT * around:
            state[i] = DEBRIS


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def surface(  # type: ignore[no-untyped-def]  # noqa: PLR0912, PLR0915
    chosen,
    piece,
    face,
    rest,
    normal,
    distance,
    directions,
    rotation,
    along,
    material,
    coat,
    lattice,
    skin,
    palette,
    irradiance,
    dust_rgb,
    stone_rgb,
    plate_range,
    turned,
    wall_depth,
    width,
    trust,
    eye,
    axes,
    focal,
    lens_centre,
    albedo,
    world_normal,
    position,
    light_at_rest,
    bounds,
):
    """Albedo, bent world normal, world position and light at rest (0 where it doesn't apply) of debris samples; and the
    ``bounds`` (lowest, highest, exponent) of light now over light at rest.

    ``rest`` and ``normal`` are in rest space, per sample of the pixel list; outputs are per ``chosen``.
    """  # fmt: skip
    pale = 0.2722 * stone_rgb[0] + 0.6741 * stone_rgb[1] + 0.0537 * stone_rgb[2]
    plaster = min(max(pale / PLASTER_PALE, 0.45), 1.0)  # rooms are in the same measure of light as the walls
    sure = min(max((trust - DOUBTFUL) / (SURE - DOUBTFUL), 0.0), 1.0)
    for m in range(len(chosen)):
        i = chosen[m]
        k = piece[i]
        rx, ry, rz = rest[i, 0], rest[i, 1], rest[i, 2]
        nx, ny, nz = normal[i, 0], normal[i, 1], normal[i, 2]
        px, py, _ = film_of(rx, ry, rz, eye, axes, focal, lens_centre)
        h, w, _ = palette.shape
        sx, sy = min(max(int(px / 8.0), 0), w - 1), min(max(int(py / 8.0), 0), h - 1)
        local = palette[sy, sx]
        u, v = along[k, 0] * rx + along[k, 1] * ry, -along[k, 1] * rx + along[k, 0] * ry
        footprint = distance[i] / focal
        light_at_rest[m, 0] = light_at_rest[m, 1] = light_at_rest[m, 2] = 0.0
        bounds[m, 0] = plate_range[sy, sx, 0] + sure * (DARKEST_RELIGHT - plate_range[sy, sx, 0])
        bounds[m, 1] = plate_range[sy, sx, 1] + sure * (BRIGHTEST_RELIGHT - plate_range[sy, sx, 1])
        bounds[m, 2] = 1.0 - (1.0 - trust) * (1.0 - turned[k])
        if face[i] == PLATE:
            bicubic(skin, px, py, albedo[m])
            gh, gw, _ = irradiance.shape
            gx, gy = min(max(px * 0.5, 0.5), gw - 0.5), min(max(py * 0.5, 0.5), gh - 0.5)
            for c in range(3):
                light = max(bilinear(irradiance[:, :, c], gx, gy), 1e-4)
                light_at_rest[m, c] = light
                albedo[m, c] /= light
        else:
            level = 0.2722 * local[0] + 0.6741 * local[1] + 0.0537 * local[2]
            inverse = 1.0 / max(level, 1e-3)
            if face[i] == BROKEN and material[k] == STONE:
                r, g, b = split_stone(lattice, u, v, rz, footprint, stone_rgb, local)
                ax, ay, az = relief(lattice, material[k], rx, ry, rz)
                nx, ny, nz = nx + ax, ny + ay, nz + az
                if turned[k] > 0:
                    gh, gw, _ = irradiance.shape
                    gx, gy = min(max(px * 0.5, 0.5), gw - 0.5), min(max(py * 0.5, 0.5), gh - 0.5)
                    for c in range(3):
                        light_at_rest[m, c] = max(bilinear(irradiance[:, :, c], gx, gy), 1e-4)
                    bounds[m, 0] = DARKEST_BREAK * (1.0 - sure)
                    bounds[m, 1] = BRIGHTEST_BREAK + sure * (BRIGHTEST_RELIGHT - BRIGHTEST_BREAK)
                    bounds[m, 2] = 1.0
            elif face[i] == BROKEN:
                tint = (
                    0.5 + 0.5 * min(local[0] * inverse, 2.0),
                    0.5 + 0.5 * min(local[1] * inverse, 2.0),
                    0.5 + 0.5 * min(local[2] * inverse, 2.0),
                )
                r, g, b = bare(lattice, material[k], u, v, rz, footprint, tint)
                value = min(max(0.55 + 1.6 * level, 0.6), 1.35)
                r, g, b = r * value, g * value, b * value
                ax, ay, az = relief(lattice, material[k], rx, ry, rz)
                nx, ny, nz = nx + ax, ny + ay, nz + az
            elif face[i] == INSIDE:
                r, g, b = finished(lattice, material[k], u, v, rz, footprint)
                r, g, b = r * plaster, g * plaster, b * plaster
            else:
                rough = (
                    0.9
                    + 0.25 * noise(lattice, rx * 2.1, ry * 2.1, rz * 2.1)
                    + 0.15 * noise(lattice, rx * 11.0, ry * 11.0, rz * 11.0)
                )
                r, g, b = local[0] * rough, local[1] * rough, local[2] * rough
            if turned[k] == 0.0:  # a room that still stands: daylight comes in by the hole only
                ex, ey, ez = rx - eye[0], ry - eye[1], rz - eye[2]
                column, row = min(max(int(px), 0), width - 1), min(max(int(py), 0), len(wall_depth) // width - 1)
                inside = math.sqrt(ex * ex + ey * ey + ez * ez) - wall_depth[row * width + column]
                if inside > 0:
                    day = 0.10 + 0.90 * math.exp(-inside / DAYLIGHT_M)
                    r, g, b = r * day, g * day, b * day
            albedo[m, 0], albedo[m, 1], albedo[m, 2] = r, g, b
        gx, gy, gz = turn(rotation[k], nx, ny, nz)
        inverse = 1.0 / math.sqrt(gx * gx + gy * gy + gz * gz + 1e-12)
        gx, gy, gz = gx * inverse, gy * inverse, gz * inverse
        facing = gx * directions[i, 0] + gy * directions[i, 1] + gz * directions[i, 2]
        if facing > 0:  # relief must not turn a surface away from the eye
            gx -= 1.02 * facing * directions[i, 0]
            gy -= 1.02 * facing * directions[i, 1]
            gz -= 1.02 * facing * directions[i, 2]
            inverse = 1.0 / math.sqrt(gx * gx + gy * gy + gz * gz + 1e-12)
            gx, gy, gz = gx * inverse, gy * inverse, gz * inverse
        if coat[k] > 0:
            patch = 0.75 + 0.5 * noise(lattice, rx * 3.0 + 4.0, ry * 3.0, rz * 3.0)
            amount = coat[k] * patch * (0.34 + 0.66 * max(gz, 0.0))
            amount = min(max(amount, 0.0), 0.85)
            for c in range(3):
                albedo[m, c] += amount * (dust_rgb[c] - albedo[m, c])
        world_normal[m, 0], world_normal[m, 1], world_normal[m, 2] = gx, gy, gz
        for c in range(3):
            position[m, c] = eye[c] + distance[i] * directions[i, c]


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def lit(albedo, direct, ambient, light_at_rest, bounds, sun):  # type: ignore[no-untyped-def]
    """Colour (n, 3): albedo times light. Where the light at rest is known, light now over light at rest is kept within
    ``bounds`` (n, 3): lowest, highest, and the exponent that says how far the ratio is believed."""
    out = np.empty_like(albedo)
    light = np.empty(3)
    for i in range(len(albedo)):
        for c in range(3):
            light[c] = sun[c] * direct[i] + ambient[i, c]
        rest = 0.2722 * light_at_rest[i, 0] + 0.6741 * light_at_rest[i, 1] + 0.0537 * light_at_rest[i, 2]
        if rest > 0:
            now = max(0.2722 * light[0] + 0.6741 * light[1] + 0.0537 * light[2], 1e-6)
            level = min(max(now / rest, bounds[i, 0]), bounds[i, 1]) ** bounds[i, 2]
            for c in range(3):
                hue = max(light[c], 1e-6) * rest / (now * light_at_rest[i, c])
                light[c] = light_at_rest[i, c] * level * hue ** bounds[i, 2]
        for c in range(3):
            out[i, c] = albedo[i, c] * light[c]
    return out


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def calm(  # type: ignore[no-untyped-def]
    light, asked, through, normals, distance, slot, chosen_of, pixels, width, height, sky, ground
):
    """Ambient light (n, 3) averaged over samples nearby (5 x 5) that sent a ray and have like normal and distance.

    A sample with none of them takes what a surface that leans like it gets in the open, dimmed.
    """
    out = np.empty_like(light)
    for m in range(len(light)):
        row, column = pixels[m] // width, pixels[m] % width
        r, g, b, total = 0.0, 0.0, 0.0, 0.0
        odd = 0 if asked[m] else 1
        for dy in range(-2, 3):
            for dx in range(-2, 3):
                y, x = row + dy, column + dx
                if (dx + dy + odd) & 1 or y < 0 or x < 0 or y >= height or x >= width:
                    continue
                s = slot[y * width + x]
                if s < 0:
                    continue
                n = chosen_of[s]
                if n < 0 or abs(distance[n] - distance[m]) > 0.25:
                    continue
                alike = normals[n, 0] * normals[m, 0] + normals[n, 1] * normals[m, 1] + normals[n, 2] * normals[m, 2]
                if alike < 0.75:
                    continue
                r += light[n, 0]
                g += light[n, 1]
                b += light[n, 2]
                total += 1.0
        if total > 0:
            out[m, 0], out[m, 1], out[m, 2] = r / total, g / total, b / total
        else:
            up = 0.5 + 0.5 * normals[m, 2]
            murk = 0.7 * (0.35 + 0.65 * through[m])
            for c in range(3):
                out[m, c] = murk * (up * sky[c] + (1.0 - up) * ground[c])
    return out
