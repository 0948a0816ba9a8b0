"""What an engine gives back for one frame, before integration."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from setpiece.core.arrays import Float32, Flow, Ids, Int32, Plane, Rgb, Rgba, frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Engine output for one frame, all scene-linear ACEScg, float32, plate-sized.

    Recomposed with the standard operators: ``(background * shadow) over-ed by debris, over-ed by dust``.
    """

    frame: int
    debris: Rgba  # premultiplied; includes standing pieces only where they are no longer the plate's own pixels
    dust: Rgba  # premultiplied, already held out by depth against debris
    shadow: Rgb  # 0..1+ multiplier on background and standing building, 1: untouched
    standing: Plane  # 0..1: how much of the pixel shows building that still stands at rest, not multiplied by the matte
    depth: Plane  # metres along the viewing axis to debris, nearest sample; +inf where none
    normal: Rgb  # world, unit; 0 where none
    forward: Flow  # px this frame -> next frame
    backward: Flow  # px this frame -> previous frame
    rest: Rgb  # Pref: rest position in world metres of the nearest debris sample; 0 where none
    ids: Int32[np.ndarray, "h w s"]  # piece id per sample rank, -1 none
    coverage: Float32[np.ndarray, "h w s"]  # coverage of that id, descending

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name != "frame":
                frozen(getattr(self, field.name))

    @property
    def object_id(self) -> Ids:
        """The piece that covers most of each pixel, -1 where none."""
        return self.ids[..., 0]
