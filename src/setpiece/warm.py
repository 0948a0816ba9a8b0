"""Compile every kernel before the first shot needs it: ``python -m setpiece.warm``.

Compiled kernels are kept beside their sources, in ``__pycache__``. The compiler looks at a kernel's own file only, not
at the kernels that it calls in others, so whenever any source with kernels has changed all of them are thrown away
first. Then a wall of a few blocks is made, brought down and rendered through the public functions, which compiles what
a real shot runs. Quiet; a few seconds where nothing has changed. Writes into the package's ``__pycache__`` folders only;
where they are read-only it compiles for itself and leaves nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

import setpiece
from setpiece.core.camera import Camera
from setpiece.core.light import Light
from setpiece.core.progress import Silent
from setpiece.core.stage import Face, Gas, Material, Motion, Pieces
from setpiece.core.timing import FrameRange

STAMP = "kernels.sha256"
FIRST, FRAMES, RATE = 1, 14, Fraction(24)
_COLUMNS, _ROWS, _SIZE_M, _NEAR_M, _THICK_M = 6, 4, 1.5, 14.0, 0.5


def sources_sha256(package: Path) -> str:
    """Hash of the sources below ``package`` that hold kernels, of the compiler's version and of the interpreter's."""
    import numba

    digest = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for source in sorted(package.rglob("*.py")):
        text = source.read_bytes()
        if b"numba" in text:
            digest.update(str(source.relative_to(package)).encode())
            digest.update(hashlib.sha256(text).digest())
    return digest.hexdigest()


def drop_stale_kernels(package: Path) -> bool:
    """Delete compiled kernels below ``package`` unless they were made from its present sources; True where it did."""
    now = sources_sha256(package)
    stamp = package / "__pycache__" / STAMP
    with contextlib.suppress(OSError):
        if stamp.read_text(encoding="ascii") == now:
            return False
    for kernel in (*package.rglob("*.nbi"), *package.rglob("*.nbc")):
        with contextlib.suppress(OSError):
            kernel.unlink()
    with contextlib.suppress(OSError):
        stamp.parent.mkdir(exist_ok=True)
        aside = stamp.with_suffix(f".{os.getpid()}")
        aside.write_text(now, encoding="ascii")
        aside.replace(stamp)
    return True


def warm() -> None:
    """Compile all kernels, or find them compiled."""
    pieces = _wall()
    motion = _fall(pieces)
    gases = _gases(pieces, motion)
    _render(pieces, motion, gases)


def _wall() -> Pieces:
    """A wall of boxes, 9 x 6 m, that faces the camera, in every material."""
    corner = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float64)
    quads = {
        (0, 4, 5, 1): Face.PLATE, (2, 3, 7, 6): Face.INSIDE, (0, 1, 3, 2): Face.BROKEN,
        (4, 6, 7, 5): Face.BROKEN, (1, 5, 7, 3): Face.BROKEN, (0, 2, 6, 4): Face.OUTSIDE,
    }  # fmt: skip
    k = _COLUMNS * _ROWS
    low = np.array([[(n % _COLUMNS - _COLUMNS / 2) * _SIZE_M, _NEAR_M, n // _COLUMNS * _SIZE_M] for n in range(k)])
    vertices = (low[:, None] + corner * np.array([_SIZE_M, _THICK_M, _SIZE_M])).reshape(-1, 3).astype(np.float32)
    one = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])
    volume = np.full(k, _SIZE_M * _SIZE_M * _THICK_M, np.float32)
    return Pieces(
        vertices=vertices,
        triangles=(one[None] + 8 * np.arange(k)[:, None, None]).reshape(-1, 3).astype(np.int32),
        triangle_piece=np.repeat(np.arange(k), len(one)).astype(np.int32),
        triangle_face=np.tile(np.repeat([int(f) for f in quads.values()], 2), k).astype(np.int32),
        vertex_start=np.arange(0, 8 * k + 1, 8, dtype=np.int32),
        centre=vertices.reshape(k, 8, 3).mean(axis=1),
        mass_kg=1900 * volume,
        volume_m3=volume,
        material=(np.arange(k) % len(Material)).astype(np.int32),
        part=np.zeros(k, np.int32),
        visible=np.ones(k, np.int32),
    )


def _fall(pieces: Pieces) -> Motion:
    """The left half falls, turning, and lies; the right half stands."""
    k = len(pieces)
    falls = pieces.centre[:, 0] < 0
    time = np.maximum(np.arange(FRAMES) - 2, 0) / float(RATE)
    position = np.repeat(pieces.centre[None], FRAMES, axis=0).astype(np.float32)
    low = np.minimum(pieces.centre[:, 2], 0.5)
    position[..., 2] = np.where(falls, np.maximum(pieces.centre[:, 2] - 9.0 * (time**2)[:, None], low), position[..., 2])
    half = 0.7 * time[:, None] * falls
    rotation = np.zeros((FRAMES, k, 4), np.float32)
    rotation[..., 0], rotation[..., 1] = np.cos(half), np.sin(half)
    release = np.where(falls, FIRST + 2, 10_000_000).astype(np.int32)
    return Motion(first=FIRST, position=position, rotation=rotation, release=release)


def _gases(pieces: Pieces, motion: Motion) -> dict[int, Gas]:
    """The dust of the fall, on a coarse grid, through its own file as in a shot."""
    from setpiece.stage.dust_sources import dust_bursts
    from setpiece.stage.gas import gas_domain, load_gas, save_gas, simulate_gas

    last = FIRST + FRAMES - 1
    bursts = dust_bursts(pieces, motion, RATE, first=FIRST, last=last, amount=2.0, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gas.npz"
        gases: dict[int, Gas] = {}

        def keep(gas: Gas) -> None:
            save_gas(path, gas)
            gases[gas.frame] = load_gas(path)

        simulate_gas(gas_domain(pieces, ground_z_m=0.0, cells=20_000), bursts, (pieces, motion), RATE, seed=1,
                     on_frame=keep, progress=Silent())  # fmt: skip
    return gases


def _render(pieces: Pieces, motion: Motion, gases: dict[int, Gas]) -> None:
    """Grit and a few frames, with dust and without."""
    from setpiece.generate.contract import CollapseScene, Request
    from setpiece.generate.engines import make_engine
    from setpiece.production.clearing import rehearse
    from setpiece.stage.grit import scatter_grit

    last = FIRST + FRAMES - 1
    grit = scatter_grit(pieces, motion, RATE, first=FIRST, last=last, ground_z_m=0.0, seed=1, count=200)
    camera = Camera.looking(width=120, height=80, focal_px=114.0, height_m=1.7, pitch_deg=6.0)
    low, _ = camera.project(np.array([[-4.5, _NEAR_M, 0.0]], np.float32))
    high, _ = camera.project(np.array([[4.5, _NEAR_M, 6.0]], np.float32))
    matte = np.zeros((camera.height, camera.width), np.float32)
    matte[int(high[0, 1]) + 1 : int(low[0, 1]), int(low[0, 0]) + 1 : int(high[0, 0])] = 1
    plate = np.full((*matte.shape, 3), 0.3, np.float32)
    light = Light(azimuth_deg=150, elevation_deg=40, sun_rgb=(1.2, 1.1, 1.0), sky_rgb=(0.4, 0.5, 0.6))
    scene = CollapseScene(camera=camera, light=light, pieces=pieces, motion=motion, grit=grit, plate=plate, matte=matte,
                          clean=plate.copy())  # fmt: skip
    frames = FrameRange(first=FIRST, last=last, rate=RATE)
    engine = make_engine("house")
    with tempfile.TemporaryDirectory() as folder:
        permit = rehearse(Path(folder), lambda: datetime.now(UTC))
        for gas in (gases.get, None):
            engine.prepare(Request(scene=scene, frames=frames, samples=2, seed=1, gas=gas, permit=permit))
            for frame in (FIRST + 5, last):
                engine.render(frame)


def main() -> int:
    """Run from a shell; returns the exit code."""
    drop_stale_kernels(Path(setpiece.__file__).parent)
    warm()
    return 0


if __name__ == "__main__":
    sys.exit(main())
