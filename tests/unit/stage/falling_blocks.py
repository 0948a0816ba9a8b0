"""Plain cubes that fall: the smallest stage on which dust can be proven."""

from __future__ import annotations

import numpy as np

from setpiece.core.stage import Material, Motion, Pieces

_CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_TRIANGLES = np.array([t for a, b, c, d in _QUADS for t in ((a, b, c), (a, c, d))], np.int32)


def blocks(centre: np.ndarray, half_m: float = 0.5, material: Material = Material.MASONRY) -> Pieces:
    """Cubes of ``2 half_m`` at ``centre`` (k, 3)."""
    centre = np.asarray(centre, np.float32)
    k = len(centre)
    return Pieces(
        vertices=(centre[:, None] + _CUBE * np.float32(half_m)).reshape(-1, 3),
        triangles=(np.arange(k)[:, None, None] * 8 + _TRIANGLES).reshape(-1, 3).astype(np.int32),
        triangle_piece=np.repeat(np.arange(k, dtype=np.int32), 12),
        triangle_face=np.zeros(12 * k, np.int32),
        vertex_start=np.arange(k + 1, dtype=np.int32) * 8,
        centre=centre.copy(),
        mass_kg=np.full(k, 1800 * (2 * half_m) ** 3, np.float32),
        volume_m3=np.full(k, (2 * half_m) ** 3, np.float32),
        material=np.full(k, material, np.int32),
        part=np.zeros(k, np.int32),
        visible=np.ones(k, np.int32),
    )


def dropped(pieces: Pieces, *, frames: int = 48, release: int = 3, floor_m: float = 0.5) -> Motion:
    """Free fall from ``release`` until the pieces stop dead at ``floor_m``."""
    seconds = np.maximum(np.arange(frames) - release, 0) / 24
    position = np.repeat(pieces.centre[None], frames, axis=0).astype(np.float32)
    position[:, :, 2] = np.maximum(position[:, :, 2] - 4.905 * seconds[:, None] ** 2, floor_m)
    rotation = np.zeros((frames, len(pieces), 4), np.float32)
    rotation[..., 0] = 1
    return Motion(first=0, position=position, rotation=rotation, release=np.full(len(pieces), release, np.int32))
