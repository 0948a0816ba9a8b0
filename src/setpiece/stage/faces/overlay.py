"""A track drawn over its plate, for a review's contact sheet. For eyes only; nothing is measured on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from setpiece.core.arrays import Display, Rgb
from setpiece.core.face_chart import regions, triangles
from setpiece.core.faces import FaceTrack
from setpiece.media.colour import view

_COLOURS = ((90, 255, 140), (255, 180, 60), (90, 180, 255), (255, 110, 200))


def overlay(picture: Rgb, tracks: Sequence[FaceTrack], frame: int) -> Display:
    """The plate (h, w, 3, scene-linear ACEScg) as display codes with each face's mesh, outline, name, confidence and pose."""
    import cv2

    shown = view(picture[..., :3], view="plain").copy()
    for number, track in enumerate(tracks):
        if not track.seen(frame):
            continue
        colour = _COLOURS[number % len(_COLOURS)]
        points = track.at(frame)[:, :2]
        at = np.round((points - 0.5) * 16).astype(np.int32)
        mesh = shown.copy()
        cv2.polylines(mesh, [at[corner] for corner in triangles()], True, colour, 1, cv2.LINE_AA, 4)
        shown = cv2.addWeighted(mesh, 0.3, shown, 0.7, 0)
        outlines = [at[list(regions[n])] for n in ("oval", "eye_right", "eye_left")]
        cv2.polylines(shown, outlines, True, colour, 1, cv2.LINE_AA, 4)
        k = frame - track.frames.first
        yaw, pitch, roll = track.pose_deg[k]
        label = f"{track.name} {track.confidence[k]:.2f}  yaw {yaw:+.0f} pitch {pitch:+.0f} roll {roll:+.0f}"
        corner = (max(4, int(points[:, 0].min())), max(14, int(points[:, 1].min()) - 8))
        cv2.putText(shown, label, corner, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(shown, label, corner, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
    return shown
