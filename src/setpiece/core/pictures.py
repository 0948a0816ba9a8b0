"""Pictures that know what their numbers mean."""

from __future__ import annotations

from dataclasses import dataclass

from setpiece.core.arrays import Pixels, Plane, Rgb, frozen
from setpiece.core.errors import MatteError, PlateUnreadable
from setpiece.core.timing import FrameRange

ACESCG = "ACEScg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Float32 pixels (h, w, c) with their colour space; read-only from construction."""

    pixels: Pixels
    colour_space: str = ACESCG

    def __post_init__(self) -> None:
        frozen(self.pixels)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matte:
    """Coverage in 0..1, one plane (h, w), aligned with its plate."""

    coverage: Plane

    def __post_init__(self) -> None:
        frozen(self.coverage)

    def fits(self, size: tuple[int, int], *, name: str = "matte") -> Matte:
        """This matte, or a :class:`MatteError` naming both sizes."""
        mine = (self.coverage.shape[1], self.coverage.shape[0])
        if mine != size:
            raise MatteError(
                f"{name} is {mine[0]}x{mine[1]} but the plate is {size[0]}x{size[1]}",
                remedy="export it at the plate's size, without overscan",
            )
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateInfo:
    """What intake learned about a plate: all of it is written into the brief, where it can be overridden.

    ``focal_px`` is None where the file does not tell. ``still`` plates hold one frame for the whole range.
    """

    source: str
    sha256: str
    width: int
    height: int
    frames: FrameRange
    still: bool
    source_colour_space: str
    colour_space_stated: bool
    bit_depth: str
    focal_px: float | None
    focal_source: str

    def check_size(self, pixels: Rgb, frame: int) -> None:
        """Raise :class:`PlateUnreadable` where a frame of the sequence differs in size from the first."""
        if pixels.shape[:2] != (self.height, self.width):
            raise PlateUnreadable(
                f"is {pixels.shape[1]}x{pixels.shape[0]}, the rest of the plate is {self.width}x{self.height}",
                file=self.source,
                frame=frame,
                remedy="re-export the sequence at one size",
            )
