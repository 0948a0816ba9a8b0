"""Film time: whole frames at an exact rate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from setpiece.core.errors import BriefError

_NTSC = {23: Fraction(24000, 1001), 29: Fraction(30000, 1001), 47: Fraction(48000, 1001), 59: Fraction(60000, 1001)}


def exact_rate(value: str | float | Fraction) -> Fraction:
    """The exact frame rate behind what people write.

    >>> exact_rate("23.976"), exact_rate(24), exact_rate("30000/1001")
    (Fraction(24000, 1001), Fraction(24, 1), Fraction(30000, 1001))
    """
    try:
        rate = Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise BriefError(f"'{value}' is not a frame rate", remedy="write 24, 25, 23.976 or 24000/1001") from error
    ntsc = _NTSC.get(int(rate))
    if ntsc is not None and abs(rate - ntsc) < Fraction(1, 100):
        rate = ntsc
    if not 1 <= rate <= 480:
        raise BriefError(f"frame rate {value} is out of range", remedy="state a rate between 1 and 480 frames a second")
    return rate


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRange:
    """Inclusive range of frames at an exact rate.

    >>> len(FrameRange(first=1001, last=1048, rate=Fraction(24)))
    48
    """

    first: int
    last: int
    rate: Fraction

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BriefError(
                f"frame range {self.first}-{self.last} ends before it begins", remedy=f"write {self.last}-{self.first}"
            )

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.first <= frame <= self.last

    def within(self, text: str) -> FrameRange:
        """The part of this range that ``text`` names: ``"1010"`` or ``"1010-1020"``. Errors name both ranges."""
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+))?\s*", text)
        if match is None:
            raise BriefError(f"'{text}' is not a frame range", remedy="write 1010-1020 or 1010")
        first = int(match[1])
        part = FrameRange(first=first, last=int(match[2] or first), rate=self.rate)
        if part.first not in self or part.last not in self:
            raise BriefError(
                f"frames {part.first}-{part.last} lie outside the shot ({self.first}-{self.last})",
                remedy=f"ask for frames between {self.first} and {self.last}, or widen 'frames' in the brief",
            )
        return part

    def seconds(self, frame: float) -> float:
        """Seconds from the first frame to ``frame`` (fractions are sub-frame time)."""
        return float((Fraction(frame) - self.first) / self.rate)


def runs_of(frames: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending frames as the runs without a gap that they make: (first, last) of each.

    >>> runs_of([1004, 1010, 1011, 1012])
    [(1004, 1004), (1010, 1012)]
    """
    runs: list[tuple[int, int]] = []
    for frame in frames:
        if runs and frame == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], frame)
        else:
            runs.append((frame, frame))
    return runs


def spans(frames: Sequence[int]) -> list[str]:
    """Ascending frames as the runs they make.

    >>> spans([1004, 1010, 1011, 1012])
    ['1004', '1010-1012']
    """
    return [str(first) if first == last else f"{first}-{last}" for first, last in runs_of(frames)]
