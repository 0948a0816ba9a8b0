"""The core's side of Blender: writes a job, has the worker do it, reads the result. Never imports bpy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from setpiece.core.camera import Camera
from setpiece.core.errors import SetpieceError
from setpiece.core.light import Light
from setpiece.core.progress import Progress
from setpiece.core.stage import Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.media.files import atomic_path, load_arrays, write_json
from setpiece.media.worker import run_worker, worker_failed
from setpiece.stage.archive import save_camera, save_light, save_motion, save_pieces
from setpiece.stage.blender.job import SCHEMA, RigidJob, save_rigid

__all__ = ["run_worker", "simulate_rigid", "write_blend"]


def simulate_rigid(job: RigidJob, folder: Path, *, progress: Progress, timeout_s: float = 3600.0) -> Motion:
    """Let Bullet move the pieces of ``job``; ``folder`` keeps the job, the log and ``motion.npz``.

    The motion covers ``job.frames``; up to its first motion each piece has its rest pose to the bit.

    Raises :class:`WorkerFailed` or :class:`DependencyMissing`; a simulation that tears the world apart is a
    :class:`StageError` that names piece and frame.
    """
    with suppress(FileNotFoundError):
        (folder / "motion.npz").unlink()
    save_rigid(folder, job)
    run_worker("rigid", folder, progress=progress, timeout_s=timeout_s)
    try:
        arrays = load_arrays(folder / "motion.npz")
    except SetpieceError as error:
        raise worker_failed("the Blender worker left no whole result", folder) from error
    return Motion(
        first=job.frames.first,
        position=arrays["position"],
        rotation=arrays["rotation"],
        release=arrays["release"].astype(np.int32),
    )


def write_blend(
    path: Path,
    *,
    camera: Camera,
    pieces: Pieces,
    motion: Motion,
    frames: FrameRange,
    light: Light,
    plate_path: Path | None = None,
    part_names: Sequence[str] = (),
    folder: Path,
    progress: Progress,
    timeout_s: float = 1800.0,
) -> None:
    """Write the artist's ``.blend``: camera with the plate behind it, pieces by part with baked motion, sun and sky.

    ``folder`` keeps the job; the plate is referred to relative to ``path``. Raises :class:`StageError` where no motion
    is known for ``frames``, :class:`WorkerFailed`, :class:`DependencyMissing` or :class:`OutputFailed`.
    """
    motion.check(len(pieces), frames, file=path)
    made = folder / "stage.blend"
    with suppress(FileNotFoundError):
        made.unlink()
    save_pieces(folder / "pieces.npz", pieces, names=tuple(part_names))
    save_motion(folder / "motion.npz", motion)
    save_camera(folder / "camera.json", camera)
    save_light(folder / "light.json", light)
    plate = None if plate_path is None else str(plate_path.resolve())
    shown = None if plate_path is None else "//" + os.path.relpath(plate_path.resolve(), path.resolve().parent)
    job = {"frames": {"first": frames.first, "last": frames.last, "rate": frames.rate}, "plate": plate, "plate_shown": shown}
    write_json(folder / "job.json", {"schema": SCHEMA, "kind": "scene"} | job)
    run_worker("scene", folder, progress=progress, timeout_s=timeout_s)
    if not made.is_file():
        raise worker_failed("the Blender worker left no .blend", folder)
    with atomic_path(path) as temporary:
        shutil.copyfile(made, temporary)
    made.unlink()
